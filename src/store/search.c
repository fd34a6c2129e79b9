/* Searching `names` and `titles`: who holds all words of a query, most cited first. */
#include <stdlib.h>

#include "base/limits.h"
#include "store/reader.h"
#include "store/table.h"

/* Best first. */
enum { BUCKETS = STORE_BUCKETS, BEST_BUCKET = 255 - (BUCKETS - 1), ROWS_FIRST = 64 };

/* A chunk of numbers, unread. */
struct row {
    struct base_slice key;
    struct base_slice value;
};

/* The rows that match one word of the query, best bucket first. */
struct word {
    struct row *rows;
    size_t count;
    size_t room;
    uint64_t numbers;           /* in the rows; more than in the store when rows were cut */
    size_t bucket[BUCKETS + 1]; /* where each begins in rows */
};

struct store_search {
    enum store_table table;
    struct base_arena *arena;
    struct word *words; /* the rarest first */
    size_t word_count;
    int next;    /* bucket */
    size_t left; /* candidates that may still be looked at */
    bool truncated;
    uint32_t *found; /* numbers of one bucket */
    size_t found_room;
};

static enum base_code out_of_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                     "the query needs more memory than one request "
                     "may take; ask for longer words");
}

static unsigned bucket_of(const struct row *row)
{
    return (uint8_t)row->key.data[row->key.size - 5];
}

static enum base_code add_row(struct store_search *search, struct word *word, struct row row,
                              struct base_error *error)
{
    unsigned bucket = row.key.size < STORE_WORD_TAIL + 4 ? 0 : bucket_of(&row);
    if (bucket < BEST_BUCKET || row.value.size < STORE_CHECKSUM) {
        return base_fail(error, BASE_DATA_LOSS, "table %s: a row is malformed; run hirschd verify",
                         store_table_name(search->table));
    }
    if (word->count == word->room) {
        size_t room = word->room == 0 ? ROWS_FIRST : 2 * word->room;
        struct row *rows = base_arena_alloc(search->arena, room * sizeof *rows);
        if (rows == NULL) {
            return out_of_memory(error);
        }
        if (word->count > 0) {
            memcpy(rows, word->rows, word->count * sizeof *rows);
        }
        word->rows = rows;
        word->room = room;
    }
    word->rows[word->count++] = row;
    word->numbers += (row.value.size - STORE_CHECKSUM) / 4;
    return BASE_OK;
}

/* Counting sort by bucket; inside of one the order of keys stays. */
static enum base_code order_rows(struct store_search *search, struct word *word,
                                 struct base_error *error)
{
    struct row *ordered = base_arena_alloc(search->arena, word->count * sizeof *ordered);
    if (ordered == NULL) {
        return out_of_memory(error);
    }
    for (size_t i = 0; i < word->count; i++) {
        word->bucket[bucket_of(&word->rows[i]) - BEST_BUCKET + 1]++;
    }
    size_t place[BUCKETS];
    for (size_t i = 0; i < BUCKETS; i++) {
        word->bucket[i + 1] += word->bucket[i];
        place[i] = word->bucket[i];
    }
    for (size_t i = 0; i < word->count; i++) {
        ordered[place[bucket_of(&word->rows[i]) - BEST_BUCKET]++] = word->rows[i];
    }
    word->rows = ordered;
    return BASE_OK;
}

/* What rows of a word begin with: the word, and for a short one the mark of its own list. */
static size_t prefix_of(struct base_slice text, char prefix[LIMIT_TOKEN + 1])
{
    BASE_ASSERT(text.size > 0 && text.size <= LIMIT_TOKEN);
    memcpy(prefix, text.data, text.size);
    size_t characters = 0;
    for (size_t at = 0; at < text.size; at = store_word_step(text, at)) {
        characters++;
    }
    if (characters > LIMIT_WORD_BEGINNING) {
        return text.size;
    }
    prefix[text.size] = (char)STORE_WORD_BEGINNING;
    return text.size + 1;
}

static enum base_code find_rows(struct store_search *search, MDB_cursor *cursor,
                                struct base_slice text, struct word *word, struct base_error *error)
{
    char bytes[LIMIT_TOKEN + 1];
    struct base_slice prefix = base_slice(bytes, prefix_of(text, bytes));
    MDB_val key = store_val(prefix);
    MDB_val value;
    enum base_code status = BASE_OK;
    int code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == MDB_SUCCESS && base_slice_starts(store_slice(key), prefix)) {
        if (word->count == LIMIT_WORD_ROWS) {
            search->truncated = true;
            word->numbers = UINT64_MAX;
            break;
        }
        status = add_row(search, word, (struct row){store_slice(key), store_slice(value)}, error);
        if (status != BASE_OK) {
            return status;
        }
        code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    if (code != MDB_SUCCESS && code != MDB_NOTFOUND) {
        return store_env_fail(error, code, store_table_name(search->table));
    }
    return order_rows(search, word, error);
}

static enum base_code find_words(struct store_search *search, struct store_reader *reader,
                                 const struct base_slice *texts, struct base_error *error)
{
    MDB_cursor *cursor;
    int failed = mdb_cursor_open(reader->txn, reader->store->env.tables[search->table], &cursor);
    if (failed != MDB_SUCCESS) {
        return store_env_fail(error, failed, store_table_name(search->table));
    }
    enum base_code code = BASE_OK;
    size_t rarest = 0;
    for (size_t i = 0; code == BASE_OK && i < search->word_count; i++) {
        code = find_rows(search, cursor, texts[i], &search->words[i], error);
        rarest = search->words[i].numbers < search->words[rarest].numbers ? i : rarest;
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK) {
        struct word first = search->words[rarest];
        search->words[rarest] = search->words[0];
        search->words[0] = first;
        search->truncated = search->truncated || first.numbers > LIMIT_CANDIDATES;
    }
    return code;
}

enum base_code store_search_new(struct store_reader *reader, enum model_entity entity,
                                const struct base_slice *words, size_t count,
                                struct base_arena *arena, struct store_search **search,
                                struct base_error *error)
{
    BASE_ASSERT(count > 0 && count <= LIMIT_QUERY_WORDS);
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_search *made = base_arena_zalloc(arena, sizeof *made);
    struct word *made_words = base_arena_array(arena, count, sizeof *made_words);
    if (made == NULL || made_words == NULL) {
        return out_of_memory(error);
    }
    *made = (struct store_search){
        .table = entity == MODEL_AUTHOR ? STORE_NAMES : STORE_TITLES,
        .arena = arena,
        .words = made_words,
        .word_count = count,
        .left = LIMIT_CANDIDATES,
    };
    code = find_words(made, reader, words, error);
    if (code == BASE_OK) {
        *search = made;
    }
    return code;
}

bool store_search_truncated(const struct store_search *search)
{
    return search->truncated;
}

static int number_order(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left;
    uint32_t b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

/* Sorted, each once. */
static size_t unite(uint32_t *numbers, size_t count)
{
    qsort(numbers, count, sizeof *numbers, number_order);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || numbers[kept - 1] != numbers[i]) {
            numbers[kept++] = numbers[i];
        }
    }
    return kept;
}

static enum base_code make_room(struct store_search *search, size_t count, struct base_error *error)
{
    if (count > search->found_room) {
        uint32_t *found = base_arena_alloc(search->arena, count * sizeof *found);
        if (found == NULL) {
            return out_of_memory(error);
        }
        search->found = found;
        search->found_room = count;
    }
    return BASE_OK;
}

/* Of each list that goes into a bucket no more numbers are needed than may still be looked at. */
struct taken {
    struct base_slice list; /* owner of the rows */
    size_t numbers;
    size_t lists;
};

static bool take_row(const struct store_search *search, const struct row *row, struct taken *taken)
{
    struct base_slice owner = base_slice(row->key.data, row->key.size - 4);
    if (!base_slice_equal(owner, taken->list)) {
        *taken = (struct taken){owner, 0, taken->lists + 1};
    }
    bool wanted = taken->numbers < search->left;
    taken->numbers += (row->value.size - STORE_CHECKSUM) / 4;
    return wanted;
}

/* The candidates of a bucket: the least numbers, as many as may still be looked at. */
static enum base_code gather(struct store_search *search, int bucket, size_t *count,
                             struct base_error *error)
{
    const struct word *word = &search->words[0];
    size_t most = 0;
    struct taken taken = {0};
    for (size_t i = word->bucket[bucket]; i < word->bucket[bucket + 1]; i++) {
        most += take_row(search, &word->rows[i], &taken) ? word->rows[i].value.size / 4 : 0;
    }
    enum base_code code = make_room(search, most, error);
    size_t found = 0;
    taken = (struct taken){0};
    for (size_t i = word->bucket[bucket]; code == BASE_OK && i < word->bucket[bucket + 1]; i++) {
        const struct row *row = &word->rows[i];
        struct base_slice chunk = {NULL, 0};
        if (take_row(search, row, &taken)) {
            code = store_env_check(search->table, row->key, row->value, &chunk, error);
        }
        for (size_t at = 0; code == BASE_OK && at + 4 <= chunk.size; at += 4) {
            search->found[found++] = base_get_le32(chunk.data + at);
        }
    }
    if (code != BASE_OK) {
        return code;
    }
    found = taken.lists > 1 ? unite(search->found, found) : found;
    *count = found < search->left ? found : search->left;
    search->left -= *count;
    return BASE_OK;
}

static size_t lower_bound(const uint32_t *numbers, size_t from, size_t count, uint32_t wanted)
{
    size_t high = count;
    while (from < high) {
        size_t middle = from + (high - from) / 2;
        if (numbers[middle] < wanted) {
            from = middle + 1;
        } else {
            high = middle;
        }
    }
    return from;
}

/* Marks the candidates that a chunk holds. One that lies between two of them is not even read. */
static enum base_code mark_chunk(const struct store_search *search, const struct row *row,
                                 size_t count, bool *marks, struct base_error *error)
{
    uint32_t first = base_get_be32(row->key.data + row->key.size - 4);
    size_t at = lower_bound(search->found, 0, count, first);
    size_t held = (row->value.size - STORE_CHECKSUM) / 4;
    if (at == count || held == 0 ||
        search->found[at] > base_get_le32(row->value.data + 4 * (held - 1))) {
        return BASE_OK;
    }
    struct base_slice chunk;
    enum base_code code = store_env_check(search->table, row->key, row->value, &chunk, error);
    for (size_t i = 0; code == BASE_OK && i < held && at < count; i++) {
        uint32_t number = base_get_le32(chunk.data + 4 * i);
        if (search->found[at] < number) {
            at = lower_bound(search->found, at, count, number);
        }
        if (at < count && search->found[at] == number) {
            marks[at++] = true;
        }
    }
    return code;
}

/* Keeps the candidates of a bucket that hold the word too. */
static enum base_code keep_common(struct store_search *search, const struct word *word, int bucket,
                                  size_t *count, struct base_error *error)
{
    bool *marks = base_arena_zalloc(search->arena, *count * sizeof *marks);
    if (marks == NULL) {
        return out_of_memory(error);
    }
    for (size_t i = word->bucket[bucket]; i < word->bucket[bucket + 1]; i++) {
        enum base_code code = mark_chunk(search, &word->rows[i], *count, marks, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++) {
        search->found[kept] = search->found[i];
        kept += marks[i] ? 1 : 0;
    }
    *count = kept;
    return BASE_OK;
}

enum base_code store_search_next(struct store_search *search, struct store_bucket *bucket,
                                 struct base_error *error)
{
    size_t count = 0;
    int at = search->next;
    for (; at < BUCKETS && count == 0 && search->left > 0; at++) {
        enum base_code code = gather(search, at, &count, error);
        for (size_t i = 1; code == BASE_OK && count > 0 && i < search->word_count; i++) {
            code = keep_common(search, &search->words[i], at, &count, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    search->next = at;
    /* None is left behind bucket 0. */
    *bucket = (struct store_bucket){
        .citations_least = store_bucket_least(search->table, (unsigned)(BUCKETS - at)),
        .numbers = search->found,
        .count = count,
    };
    return BASE_OK;
}
