#include "store/recall.h"

#include <sys/mman.h>

#include "base/hash.h"
#include "store/reader.h"
#include "store/value.h"

/* 4 MiB a reader that uses it; a set is a line of the cache. */
enum {
    SETS = 65536,
    WAYS = 4,
    TAG_BITS = 12,
    SIZE_BITS = 20,
    PLACE_BITS = 48, /* of addresses in user space */
    LINE = 64,
    HUGE = 2 * 1024 * 1024,
};

#define SIZE_ALL (sizeof(struct store_recalled) * SETS * WAYS)

struct store_recalled {
    uint64_t place; /* address of the row; above it the epoch in which it holds, 0: empty */
    uint64_t facts; /* number, size of the row with its checksum, tag: from the top */
};

_Static_assert(sizeof(struct store_recalled) * WAYS == LINE, "a set is a line of the cache");

void store_recall_fini(struct store_recall *recall)
{
    if (recall->rows != NULL) {
        munmap(recall->rows, SIZE_ALL);
        recall->rows = NULL;
    }
}

void store_recall_snapshot(struct store_recall *recall, size_t snapshot)
{
    if (recall->snapshot == snapshot) {
        return;
    }
    recall->snapshot = snapshot;
    recall->epoch++;
    if (recall->epoch == 0) {
        /* Rows of the epochs that come again are forgotten before. */
        recall->epoch = 1;
        if (recall->rows != NULL) {
            memset(recall->rows, 0, SIZE_ALL);
        }
    }
}

static struct store_recalled *set_of(const struct store_recall *recall, uint64_t key)
{
    return &recall->rows[key % SETS * WAYS];
}

uint64_t store_recall_key(const struct store_reader *reader, enum model_entity entity,
                          struct base_slice text)
{
    uint64_t key = base_hash64_seed(text, (uint64_t)entity);
    if (reader->recall.rows != NULL) {
        __builtin_prefetch(set_of(&reader->recall, key));
    }
    return key;
}

static uint64_t tag_of(const struct store_recalled *recalled)
{
    return recalled->facts & ((1U << TAG_BITS) - 1);
}

static const struct store_recalled *find(const struct store_recall *recall, uint64_t key)
{
    if (recall->rows == NULL) {
        return NULL;
    }
    const struct store_recalled *set = set_of(recall, key);
    uint64_t tag = key >> (64 - TAG_BITS);
    for (size_t way = 0; way < WAYS; way++) {
        if (set[way].place >> PLACE_BITS == recall->epoch && tag_of(&set[way]) == tag) {
            return &set[way];
        }
    }
    return NULL;
}

static struct base_slice row_of(const struct store_recalled *recalled)
{
    uintptr_t address = (uintptr_t)(recalled->place & ((UINT64_C(1) << PLACE_BITS) - 1));
    size_t size = recalled->facts >> TAG_BITS & ((1U << SIZE_BITS) - 1);
    return base_slice((const char *)address, size);
}

void store_recall_ahead(struct store_reader *reader, uint64_t key)
{
    struct base_error error;
    if (reader->resting && store_reader_wake(reader, &error) != BASE_OK) {
        return;
    }
    const struct store_recalled *recalled = find(&reader->recall, key);
    if (recalled != NULL) {
        store_ahead(row_of(recalled));
    }
}

/* The row without its checksum, which fits. */
static bool recall_row(struct store_reader *reader, uint64_t key, enum store_table table,
                       uint32_t *number, struct base_slice *bytes)
{
    struct base_error error;
    uint8_t row_key[4];
    if (reader->resting && store_reader_wake(reader, &error) != BASE_OK) {
        return false;
    }
    const struct store_recalled *recalled = find(&reader->recall, key);
    if (recalled == NULL) {
        return false;
    }
    store_ahead(row_of(recalled));
    *number = (uint32_t)(recalled->facts >> 32);
    base_put_be32(row_key, *number);
    return store_env_check(table, base_slice(row_key, sizeof row_key), row_of(recalled), bytes,
                           &error) == BASE_OK;
}

bool store_recall_author(struct store_reader *reader, uint64_t key, struct store_author *author)
{
    uint32_t number;
    struct base_slice bytes;
    if (!recall_row(reader, key, STORE_AUTHOR, &number, &bytes) ||
        !store_decode_author(bytes, author, NULL)) {
        return false;
    }
    author->number = number;
    return true;
}

bool store_recall_paper(struct store_reader *reader, uint64_t key, struct store_paper *paper)
{
    uint32_t number;
    struct base_slice bytes;
    if (!recall_row(reader, key, STORE_PAPER, &number, &bytes) ||
        !store_decode_paper(bytes, paper, NULL)) {
        return false;
    }
    paper->number = number;
    return true;
}

/* The place of the key before, else an empty one, else each in turn. */
static struct store_recalled *choose(struct store_recall *recall, uint64_t key)
{
    struct store_recalled *set = set_of(recall, key);
    struct store_recalled *chosen = &set[recall->turn++ % WAYS];
    for (size_t way = 0; way < WAYS; way++) {
        if (set[way].place >> PLACE_BITS != recall->epoch) {
            chosen = &set[way];
        } else if (tag_of(&set[way]) == key >> (64 - TAG_BITS)) {
            return &set[way];
        }
    }
    return chosen;
}

/* On huge pages where there are any: a place is a random one. */
static bool make_rows(struct store_recall *recall)
{
    char *memory = mmap(NULL, SIZE_ALL + HUGE, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        return false;
    }
    size_t before = -(uintptr_t)memory % HUGE;
    if (before > 0) {
        munmap(memory, before);
    }
    munmap(memory + before + SIZE_ALL, HUGE - before);
    recall->rows = (struct store_recalled *)(memory + before);
    madvise(recall->rows, SIZE_ALL, MADV_HUGEPAGE);
    return true;
}

static void remember(struct store_reader *reader, uint64_t key, uint32_t number,
                     struct base_slice row)
{
    struct store_recall *recall = &reader->recall;
    size_t size = row.size + STORE_CHECKSUM;
    uint64_t address = (uintptr_t)row.data;
    if (reader->resting || size >> SIZE_BITS != 0 || address >> PLACE_BITS != 0) {
        return;
    }
    if (recall->rows == NULL && !make_rows(recall)) {
        return; /* there are the searches */
    }
    struct store_recalled *chosen = choose(recall, key);
    chosen->place = (uint64_t)recall->epoch << PLACE_BITS | address;
    chosen->facts = (uint64_t)number << 32 | (uint64_t)size << TAG_BITS | key >> (64 - TAG_BITS);
}

void store_remember_author(struct store_reader *reader, uint64_t key,
                           const struct store_author *author)
{
    remember(reader, key, author->number, author->row);
}

void store_remember_paper(struct store_reader *reader, uint64_t key,
                          const struct store_paper *paper)
{
    remember(reader, key, paper->number, paper->row);
}
