/* A store in memory behind the functions of store/store.h, for tests of what stands above it.
 * Include it in one source file of an executable; the real store is then not linked. */
#ifndef SUPPORT_STORE_DOUBLE_H
#define SUPPORT_STORE_DOUBLE_H

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "model/fold.h"
#include "store/cohorts.h"
#include "store/graph.h"
#include "store/recall.h"
#include "store/store.h"
#include "store/write.h"
#include "wire/fields.h"
#include "wire/read.h"
#include "wire/view.h"

enum { DOUBLE_AUTHORS = 256, DOUBLE_PAPERS = 2048, DOUBLE_YEARS = 64 };
enum { DOUBLE_PACKED = 2 * BASE_VARINT_MAX * DOUBLE_YEARS };

struct double_years {
    unsigned first_year;
    uint32_t count;
    struct store_year years[DOUBLE_YEARS];
};

struct double_author {
    char id[MODEL_ID_TEXT];
    struct store_author author;
    struct double_years years;
    char packed[DOUBLE_PACKED]; /* years as the store has them; made when read */
    struct base_buffer view;
    bool damaged;
};

struct double_paper {
    char id[MODEL_ID_TEXT];
    struct store_paper paper;
    struct double_years years;
    char packed[DOUBLE_PACKED]; /* years as the store has them; made when read */
    struct base_buffer view;
    char *abstract; /* owned, NULL: none */
    uint32_t authors[DOUBLE_AUTHORS];
    size_t author_count;
    bool gone; /* not found any more, but still listed */
    bool damaged;
};

struct store {
    struct store_info info;
    struct double_author authors[DOUBLE_AUTHORS];
    size_t author_count;
    struct double_paper papers[DOUBLE_PAPERS];
    size_t paper_count;
    struct store_authored listed[DOUBLE_PAPERS]; /* of author 1, in order */
    size_t listed_count;
    struct store_citation citations[DOUBLE_PAPERS]; /* of paper 1, in order */
    size_t citation_count;
    uint32_t references[DOUBLE_PAPERS]; /* of paper 1, ascending */
    size_t reference_count;
    struct store_source sources[STORE_SOURCES_MOST];
    size_t source_count;
    const char *suppressed;     /* an id, NULL: none */
    uint32_t recalled;          /* number of the author that every key recalls; 0: none */
    uint32_t sent_for;          /* rows ahead of their requests */
    bool truncated;             /* what searches say */
    _Atomic uint64_t committed; /* what store_committed says */
    bool no_readers;
    unsigned readers;
    unsigned rests;
    unsigned info_reads;
};

struct store_reader {
    struct store *store;
};

/* A writer that stores nothing: tells each item what it is told, and answers in submit unless it is
 * told to keep the request. */
struct store_writes {
    struct store *store;
    enum base_code refuse; /* submit fails with this */
    enum base_code fail;   /* done comes with this */
    bool keep;             /* done is the test's to call, by double_answer */
    struct store_write *kept;
    enum store_outcome outcome; /* of items without a code */
    uint64_t step;              /* how much a request adds to the sequence */
    size_t items;               /* of all requests */
    uint8_t hash[16];           /* of the last request */
};

/* Ends a request as the writer does when its group is on disk. */
static inline void double_answer(struct store_writes *writes, struct store_write *write)
{
    struct base_buffer answer = BASE_BUFFER_EMPTY;
    struct base_error error = {0};
    if (writes->fail != BASE_OK) {
        base_fail(&error, writes->fail, "the double fails");
        write->done(write, writes->fail, &error, (struct base_slice){NULL, 0});
        return;
    }
    for (size_t i = 0; i < write->count; i++) {
        if (write->items[i].code == BASE_OK) {
            write->items[i].outcome = writes->outcome;
        }
    }
    writes->store->info.sequence += writes->step;
    struct store_write_result result = {.sequence = writes->store->info.sequence};
    memcpy(result.epoch, writes->store->info.epoch, STORE_EPOCH);
    atomic_store(&writes->store->committed, result.sequence);
    write->pack(write, &result, &answer);
    if (answer.failed) {
        base_fail(&error, BASE_RESOURCE_EXHAUSTED, "memory is out");
        write->done(write, BASE_RESOURCE_EXHAUSTED, &error, (struct base_slice){NULL, 0});
    } else {
        write->done(write, BASE_OK, NULL, base_buffer_slice(&answer));
    }
    base_buffer_fini(&answer);
}

enum base_code store_writes_submit(struct store_writes *writes, struct store_write *write,
                                   struct base_error *error)
{
    if (writes->refuse != BASE_OK) {
        return base_fail(error, writes->refuse, "the double refuses");
    }
    writes->items += write->count;
    memcpy(writes->hash, write->hash, sizeof writes->hash);
    if (writes->keep) {
        writes->kept = write;
    } else {
        double_answer(writes, write);
    }
    return BASE_OK;
}

uint64_t store_committed(const struct store *store)
{
    return atomic_load(&store->committed);
}

static inline struct model_id double_id(const char *text, struct base_arena *arena)
{
    struct model_id id;
    struct base_error error;
    if (model_id_parse(base_slice_text(text), arena, &id, &error) != BASE_OK) {
        fprintf(stderr, "%s\n", error.text);
        abort();
    }
    return id;
}

static inline struct double_author *double_add_author(struct store *store, const char *id,
                                                      const char *name)
{
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct double_author *author = &store->authors[store->author_count++];
    snprintf(author->id, sizeof author->id, "%s", id);
    struct model_view view = {
        .entity = MODEL_AUTHOR,
        .id = double_id(id, &arena),
        .author = {.name = base_slice_text(name)},
    };
    wire_pack_author_view(&view, &author->view);
    author->author.number = (uint32_t)store->author_count;
    base_arena_fini(&arena);
    return author;
}

static inline struct double_paper *double_add_paper(struct store *store, const char *id,
                                                    const char *title, const char *abstract)
{
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct double_paper *paper = &store->papers[store->paper_count++];
    snprintf(paper->id, sizeof paper->id, "%s", id);
    struct model_view view = {
        .entity = MODEL_PAPER,
        .id = double_id(id, &arena),
        .paper = {.title = base_slice_text(title), .date = MODEL_UNDATED},
    };
    wire_pack_paper_view(&view, &paper->view);
    paper->paper.number = (uint32_t)store->paper_count;
    paper->paper.date = MODEL_UNDATED;
    paper->abstract = abstract == NULL ? NULL : strdup(abstract);
    paper->paper.has_abstract = abstract != NULL;
    base_arena_fini(&arena);
    return paper;
}

/* Paper 0 is cited by all others, two a day, the last five undated, and cites every third. */
static inline void double_add_papers(struct store *store, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof id, "doi:10.1/%u", i);
        double_add_paper(store, id, "Title", NULL);
        if (i > 0) {
            uint32_t day = i + 5 < count ? 700000 + i / 2 : MODEL_NO_DAY;
            store->citations[store->citation_count++] =
                (struct store_citation){day, i + 1, i % 4 == 0};
        }
        if (i > 0 && i % 3 == 0) {
            store->references[store->reference_count++] = i + 1;
        }
    }
    store->papers[0].paper.citation_count = (uint32_t)store->citation_count;
    store->papers[0].paper.reference_count = (uint32_t)store->reference_count;
}

static inline void double_fini(struct store *store)
{
    for (size_t i = 0; i < store->author_count; i++) {
        base_buffer_fini(&store->authors[i].view);
    }
    for (size_t i = 0; i < store->paper_count; i++) {
        base_buffer_fini(&store->papers[i].view);
        free(store->papers[i].abstract);
    }
}

static inline struct store_years double_series(const struct double_years *years, bool paired,
                                               char packed[DOUBLE_PACKED])
{
    size_t size = 0;
    for (uint32_t i = 0; i < years->count; i++) {
        if (paired) {
            size += base_put_varint(packed + size, years->years[i].paper_count);
        }
        size += base_put_varint(packed + size, years->years[i].citation_count);
    }
    return (struct store_years){
        .first_year = years->count == 0 ? 0 : years->first_year,
        .count = years->count,
        .paired = paired,
        .packed = base_slice(packed, size),
    };
}

enum base_code store_reader_new(struct store *store, struct store_reader **reader,
                                struct base_error *error)
{
    if (store->no_readers) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no reader is free");
    }
    struct store_reader *made = malloc(sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a reader");
    }
    made->store = store;
    store->readers++;
    *reader = made;
    return BASE_OK;
}

void store_reader_free(struct store_reader *reader)
{
    reader->store->readers--;
    free(reader);
}

void store_reader_rest(struct store_reader *reader)
{
    reader->store->rests++;
}

enum base_code store_read_info(struct store_reader *reader, struct store_info *info,
                               struct base_error *error)
{
    (void)error;
    reader->store->info_reads++;
    *info = reader->store->info;
    return BASE_OK;
}

enum base_code store_find(struct store_reader *reader, enum model_entity entity,
                          const struct model_id *id, struct store_ref *ref,
                          struct base_error *error)
{
    struct store *store = reader->store;
    char text[MODEL_ID_TEXT];
    model_id_text(id, text);
    size_t count = entity == MODEL_AUTHOR ? store->author_count : store->paper_count;
    for (size_t i = 0; i < count; i++) {
        const char *own = entity == MODEL_AUTHOR ? store->authors[i].id : store->papers[i].id;
        bool gone = entity == MODEL_PAPER && store->papers[i].gone;
        if (!gone && strcmp(own, text) == 0) {
            *ref = (struct store_ref){.number = (uint32_t)i + 1};
            return BASE_OK;
        }
    }
    return base_fail(error, BASE_NOT_FOUND, "there is no %s %s",
                     entity == MODEL_AUTHOR ? "author" : "paper", text);
}

enum base_code store_read_author(struct store_reader *reader, uint32_t number,
                                 struct store_author *author, struct base_error *error)
{
    struct double_author *found = &reader->store->authors[number - 1];
    if (found->damaged) {
        return base_fail(error, BASE_DATA_LOSS, "author %u is damaged", number);
    }
    *author = found->author;
    author->view = base_buffer_slice(&found->view);
    author->years = double_series(&found->years, true, found->packed);
    return BASE_OK;
}

enum base_code store_read_paper(struct store_reader *reader, uint32_t number,
                                struct store_paper *paper, struct base_error *error)
{
    struct double_paper *found = &reader->store->papers[number - 1];
    if (found->damaged) {
        return base_fail(error, BASE_DATA_LOSS, "paper %u is damaged", number);
    }
    *paper = found->paper;
    paper->view = base_buffer_slice(&found->view);
    paper->years = double_series(&found->years, false, found->packed);
    return BASE_OK;
}

/* Remembers nothing but what the test says. */
uint64_t store_recall_key(const struct store_reader *reader, enum model_entity entity,
                          struct base_slice text)
{
    (void)reader;
    return (uint64_t)entity + text.size;
}

void store_recall_ahead(struct store_reader *reader, uint64_t key)
{
    (void)key;
    reader->store->sent_for++;
}

bool store_recall_author(struct store_reader *reader, uint64_t key, struct store_author *author)
{
    (void)key;
    return reader->store->recalled != 0 &&
           store_read_author(reader, reader->store->recalled, author, NULL) == BASE_OK;
}

bool store_recall_paper(struct store_reader *reader, uint64_t key, struct store_paper *paper)
{
    (void)reader;
    (void)key;
    (void)paper;
    return false;
}

void store_remember_author(struct store_reader *reader, uint64_t key,
                           const struct store_author *author)
{
    (void)reader;
    (void)key;
    (void)author;
}

void store_remember_paper(struct store_reader *reader, uint64_t key,
                          const struct store_paper *paper)
{
    (void)reader;
    (void)key;
    (void)paper;
}

enum base_code store_read_abstract(struct store_reader *reader, uint32_t number,
                                   struct base_arena *arena, struct base_slice *abstract,
                                   struct base_error *error)
{
    struct double_paper *found = &reader->store->papers[number - 1];
    *abstract = base_arena_copy(arena, base_slice_text(found->abstract));
    return abstract->data != NULL ? BASE_OK
                                  : base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory");
}

enum base_code store_read_author_papers(struct store_reader *reader, uint32_t author,
                                        const struct store_authored *after,
                                        struct store_authored *papers, size_t room, size_t *count,
                                        struct base_error *error)
{
    (void)error;
    struct store *store = reader->store;
    size_t filled = 0;
    for (size_t i = 0; author == 1 && i < store->listed_count && filled < room; i++) {
        const struct store_authored *entry = &store->listed[i];
        /* Newest first: a smaller day stands behind; MODEL_NO_DAY is the last of all. */
        uint32_t rank = entry->day == MODEL_NO_DAY ? UINT32_MAX : MODEL_NO_DAY - 1 - entry->day;
        bool behind = true;
        if (after != NULL) {
            uint32_t from = after->day == MODEL_NO_DAY ? UINT32_MAX : MODEL_NO_DAY - 1 - after->day;
            behind = rank > from || (rank == from && entry->paper > after->paper);
        }
        if (behind) {
            papers[filled++] = *entry;
        }
    }
    *count = filled;
    return BASE_OK;
}

enum base_code store_read_citations(struct store_reader *reader, uint32_t paper,
                                    const struct store_citation *after,
                                    struct store_citation *citations, size_t room, size_t *count,
                                    struct base_error *error)
{
    (void)error;
    struct store *store = reader->store;
    size_t filled = 0;
    for (size_t i = 0; paper == 1 && i < store->citation_count && filled < room; i++) {
        const struct store_citation *entry = &store->citations[i];
        if (after == NULL || entry->day > after->day ||
            (entry->day == after->day && entry->paper > after->paper)) {
            citations[filled++] = *entry;
        }
    }
    *count = filled;
    return BASE_OK;
}

enum base_code store_read_references(struct store_reader *reader, uint32_t paper, uint32_t after,
                                     uint32_t *papers, size_t room, size_t *count,
                                     struct base_error *error)
{
    (void)error;
    struct store *store = reader->store;
    size_t filled = 0;
    for (size_t i = 0; paper == 1 && i < store->reference_count && filled < room; i++) {
        if (store->references[i] > after) {
            papers[filled++] = store->references[i];
        }
    }
    *count = filled;
    return BASE_OK;
}

enum base_code store_read_paper_authors(struct store_reader *reader, uint32_t paper,
                                        uint32_t *authors, size_t room, size_t *count,
                                        struct base_error *error)
{
    (void)error;
    const struct double_paper *found = &reader->store->papers[paper - 1];
    for (size_t i = 0; i < found->author_count && i < room; i++) {
        authors[i] = found->authors[i];
    }
    *count = found->author_count;
    return BASE_OK;
}

enum base_code store_read_last(struct store_reader *reader, enum model_entity entity,
                               uint32_t *last, struct base_error *error)
{
    (void)error;
    *last = (uint32_t)(entity == MODEL_AUTHOR ? reader->store->author_count
                                              : reader->store->paper_count);
    return BASE_OK;
}

/* The whole lists that store_read_citations and store_read_references give in parts. */
enum base_code store_append_citers(struct store_reader *reader, uint32_t paper,
                                   struct base_buffer *citers, struct base_error *error)
{
    const struct store *store = reader->store;
    for (size_t i = 0; paper == 1 && i < store->citation_count; i++) {
        const struct engine_citer citer = {
            .day = store->citations[i].day,
            .paper = store->citations[i].paper,
            .flags = store->citations[i].shares_author ? ENGINE_EDGE_SHARES_AUTHOR : 0,
        };
        base_buffer_append(citers, &citer, sizeof citer);
    }
    return citers->failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out") : BASE_OK;
}

enum base_code store_read_citers(struct store_reader *reader, uint32_t paper,
                                 struct base_buffer *room, const struct engine_citer **citers,
                                 size_t *count, struct base_error *error)
{
    base_buffer_clear(room);
    enum base_code code = store_append_citers(reader, paper, room, error);
    *citers = room->size == 0 ? NULL : (const void *)room->data;
    *count = room->size / sizeof **citers;
    return code;
}

enum base_code store_append_cited(struct store_reader *reader, uint32_t paper,
                                  struct base_buffer *cited, struct base_error *error)
{
    const struct store *store = reader->store;
    if (paper == 1) {
        base_buffer_append(cited, store->references,
                           store->reference_count * sizeof store->references[0]);
    }
    return cited->failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out") : BASE_OK;
}

enum base_code store_scan_papers(struct store_reader *reader, uint32_t first,
                                 store_on_paper on_paper, void *context, struct base_error *error)
{
    enum base_code code = BASE_OK;
    for (uint32_t number = first; code == BASE_OK && number <= reader->store->paper_count;
         number++) {
        struct store_paper paper;
        code = store_read_paper(reader, number, &paper, error);
        code = code == BASE_OK          ? on_paper(context, &paper, error)
               : code == BASE_NOT_FOUND ? BASE_OK
                                        : code;
    }
    return code;
}

/* No refresh was ever. */
enum base_code store_read_refreshed(struct store_reader *reader, struct store_refreshed *refreshed,
                                    struct base_error *error)
{
    (void)reader;
    (void)refreshed;
    return base_fail(error, BASE_NOT_FOUND, "the double computes no cohorts");
}

enum base_code store_read_member(struct store_reader *reader,
                                 const struct store_refreshed *refreshed, uint32_t paper,
                                 enum store_cohort_rule rule, struct base_arena *arena,
                                 struct engine_member *member, struct store_cohort *cohort,
                                 struct base_error *error)
{
    (void)reader;
    (void)refreshed;
    (void)paper;
    (void)rule;
    (void)arena;
    (void)member;
    (void)cohort;
    return base_fail(error, BASE_NOT_FOUND, "the double computes no cohorts");
}

enum base_code store_find_suppressed(struct store_reader *reader, enum model_entity entity,
                                     const struct model_id *id, bool *suppressed,
                                     struct base_error *error)
{
    (void)error;
    (void)entity;
    char text[MODEL_ID_TEXT];
    model_id_text(id, text);
    *suppressed = reader->store->suppressed != NULL && strcmp(reader->store->suppressed, text) == 0;
    return BASE_OK;
}

enum base_code store_read_sources(struct store_reader *reader,
                                  struct store_source sources[STORE_SOURCES_MOST], size_t *count,
                                  struct base_error *error)
{
    (void)error;
    *count = reader->store->source_count;
    memcpy(sources, reader->store->sources, *count * sizeof *sources);
    return BASE_OK;
}

struct store_search {
    struct store *store;
    enum model_entity entity;
    const struct base_slice *words;
    size_t count;
    struct base_arena *arena;
    int digits; /* of the citation counts of the next bucket */
    bool out_of_memory;
};

enum base_code store_search_new(struct store_reader *reader, enum model_entity entity,
                                const struct base_slice *words, size_t count,
                                struct base_arena *arena, struct store_search **search,
                                struct base_error *error)
{
    struct store_search *made = base_arena_alloc(arena, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory");
    }
    *made = (struct store_search){reader->store, entity, words, count, arena, 32, false};
    *search = made;
    return BASE_OK;
}

bool store_search_truncated(const struct store_search *search)
{
    return search->store->truncated;
}

static inline bool double_holds(struct store_search *search, struct base_slice text)
{
    struct base_slice folded = model_fold(text, search->arena);
    search->out_of_memory = search->out_of_memory || folded.data == NULL;
    for (size_t i = 0; i < search->count; i++) {
        struct base_slice rest = folded;
        struct base_slice token;
        bool found = false;
        while (!found && model_fold_token(&rest, &token)) {
            found = base_slice_starts(token, search->words[i]);
        }
        if (!found) {
            return false;
        }
    }
    return true;
}

enum base_code store_search_next(struct store_search *search, struct store_bucket *bucket,
                                 struct base_error *error)
{
    const struct store *store = search->store;
    bool authors = search->entity == MODEL_AUTHOR;
    size_t count = authors ? store->author_count : store->paper_count;
    uint32_t *numbers = base_arena_alloc(search->arena, (count + 1) * sizeof *numbers);
    if (numbers == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory");
    }
    *bucket = (struct store_bucket){.numbers = numbers};
    for (; search->digits >= 0 && bucket->count == 0; search->digits--) {
        int digits = search->digits;
        bucket->citations_least = digits == 0 ? 0 : UINT32_C(1) << (digits - 1);
        for (size_t i = 0; i < count; i++) {
            uint32_t citations = authors ? store->authors[i].author.citation_count
                                         : store->papers[i].paper.citation_count;
            int has = citations == 0 ? 0 : 32 - __builtin_clz(citations);
            struct base_slice view =
                base_buffer_slice(authors ? &store->authors[i].view : &store->papers[i].view);
            uint32_t field = authors ? WIRE_AUTHOR_DISPLAY_NAME : WIRE_PAPER_TITLE;
            if (has == digits && double_holds(search, wire_find_bytes(view, field))) {
                numbers[bucket->count++] = (uint32_t)i + 1;
            }
        }
    }
    return search->out_of_memory
               ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the names")
               : BASE_OK;
}

#endif
