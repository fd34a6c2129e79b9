#include "history.h"

#include <stdio.h>
#include <stdlib.h>

#include "ingest/native.h"

/* Few ids, so that records claim, cite, merge and delete each other. */
enum { PAPERS = 14, AUTHORS = 10, WORDS = 8 };

static const struct {
    enum model_scheme scheme;
    const char *value;
} paper_ids[PAPERS] = {
    {MODEL_DOI, "10.5555/a"},    {MODEL_DOI, "10.5555/b"},    {MODEL_DOI, "10.5555/c"},
    {MODEL_ARXIV, "1801.00001"}, {MODEL_ARXIV, "1801.00002"}, {MODEL_PMID, "11"},
    {MODEL_PMID, "12"},          {MODEL_OPENALEX, "W1"},      {MODEL_OPENALEX, "W2"},
    {MODEL_OPENALEX, "W3"},      {MODEL_OPENALEX, "W4"},      {MODEL_LOCAL, "p"},
    {MODEL_LOCAL, "q"},          {MODEL_LOCAL, "both"},
};

static const struct {
    enum model_scheme scheme;
    const char *value;
} author_ids[AUTHORS] = {
    {MODEL_ORCID, "0000-0002-1825-0097"},
    {MODEL_ORCID, "0000-0001-5109-3700"},
    {MODEL_OPENALEX, "A1"},
    {MODEL_OPENALEX, "A2"},
    {MODEL_OPENALEX, "A3"},
    {MODEL_S2, "77"},
    {MODEL_LOCAL, "x"},
    {MODEL_LOCAL, "y"},
    {MODEL_LOCAL, "both"},
    {MODEL_DBLP, "l/Last"},
};

static const char *const words[WORDS] = {"Graphs", "in",       "Practice", "Über",
                                         "Trees",  "Learning", "a",        "Zürich"};
static const char *const names[] = {"Ada Example", "Ada Éxample", "B. Other", "Cy", "D. E. Third"};
static const char *const sources[] = {"one", "two", "three"};
static const char *const fields[] = {"arxiv/cs.LG", "arxiv/math.CO", "openalex/1702"};

struct maker {
    uint64_t state;
    struct history *history;
    size_t papers; /* of the ids above, so many are in play */
    size_t authors;
};

/* splitmix64 */
static uint64_t next(struct maker *maker)
{
    uint64_t z = maker->state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

static size_t below(struct maker *maker, size_t limit)
{
    return (size_t)(next(maker) % limit);
}

static bool chance(struct maker *maker, unsigned percent)
{
    return below(maker, 100) < percent;
}

static struct model_id paper_id(struct maker *maker)
{
    size_t i = below(maker, maker->papers);
    return (struct model_id){paper_ids[i].scheme, base_slice_text(paper_ids[i].value)};
}

static struct model_id author_id(struct maker *maker)
{
    size_t i = below(maker, maker->authors);
    return (struct model_id){author_ids[i].scheme, base_slice_text(author_ids[i].value)};
}

static struct base_slice name(struct maker *maker)
{
    return base_slice_text(names[below(maker, sizeof names / sizeof names[0])]);
}

static const struct model_id *ids(struct maker *maker, struct base_arena *arena, size_t most,
                                  struct model_id (*make)(struct maker *), size_t *count)
{
    *count = below(maker, most + 1);
    struct model_id *made = base_arena_array(arena, *count, sizeof *made);
    for (size_t i = 0; i < *count; i++) {
        made[i] = make(maker);
    }
    return made;
}

static model_time updated(struct maker *maker)
{
    const model_time second = 1000000;
    return chance(maker, 20) ? 0 : UINT64_C(63800000000) * second + below(maker, 4) * second;
}

static struct model_date date(struct maker *maker)
{
    unsigned year = 2000 + (unsigned)below(maker, 4);
    switch (below(maker, 5)) {
    case 0:
        return MODEL_UNDATED;
    case 1:
        return (struct model_date){model_day_of(year, 1, 1), MODEL_YEAR};
    case 2:
        return (struct model_date){model_day_of(year, 3, 1), MODEL_MONTH};
    case 3: /* not yet */
        return (struct model_date){model_day_of(2100, 1, 1 + (unsigned)below(maker, 3)), MODEL_DAY};
    default:
        return (struct model_date){model_day_of(year, 3, 1 + (unsigned)below(maker, 3)), MODEL_DAY};
    }
}

static void reported(struct maker *maker, struct base_arena *arena, struct model_record *record)
{
    if (chance(maker, 80)) {
        return;
    }
    struct model_reported *made = base_arena_array(arena, 1, sizeof *made);
    made->as_of = date(maker);
    made->citation_count = (struct model_count){true, (uint32_t)below(maker, 50)};
    record->reported = made;
    record->reported_count = 1;
}

static struct model_field field(struct maker *maker)
{
    struct model_field made = {0};
    if (chance(maker, 60)) {
        made.id = base_slice_text(fields[below(maker, 3)]);
        made.name = BASE_SLICE("Field");
    }
    return made;
}

static struct base_slice title(struct maker *maker, struct base_arena *arena)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%s %s %s", words[below(maker, WORDS)],
                        words[below(maker, WORDS)], words[below(maker, WORDS)]);
    return base_arena_copy(arena, base_slice(text, (size_t)size));
}

static void authors(struct maker *maker, struct base_arena *arena, struct model_paper_record *paper)
{
    size_t count = below(maker, 5);
    struct model_authorship *made = base_arena_array(arena, count, sizeof *made);
    for (size_t i = 0; i < count; i++) {
        made[i].position = chance(maker, 10) ? 0 : (uint16_t)(i + 1);
        made[i].name = name(maker);
        if (chance(maker, 75)) {
            made[i].id = author_id(maker);
        }
        if (made[i].id.scheme != MODEL_NO_SCHEME && chance(maker, 25)) {
            made[i].ids = ids(maker, arena, 1, author_id, &made[i].id_count);
        }
    }
    paper->authors = made;
    paper->author_count = count;
    paper->authors_truncated = chance(maker, 15);
}

static struct model_record paper(struct maker *maker, struct base_arena *arena)
{
    struct model_record record = {
        .type = MODEL_RECORD_PAPER, .id = paper_id(maker), .updated = updated(maker)};
    struct model_paper_record *made = &record.paper;
    if (chance(maker, 50)) {
        record.source = base_slice_text(sources[below(maker, 3)]);
    }
    if (chance(maker, 45)) {
        record.ids = ids(maker, arena, 2, paper_id, &record.id_count);
    }
    reported(maker, arena, &record);
    made->title = chance(maker, 90) ? title(maker, arena) : base_slice(NULL, 0);
    made->abstract = chance(maker, 30) ? title(maker, arena) : base_slice(NULL, 0);
    made->date = date(maker);
    made->field = field(maker);
    made->kind = (enum model_kind)below(maker, 4);
    made->refereed = (enum model_tristate)below(maker, 3);
    made->retracted = chance(maker, 10) ? MODEL_TRUE : MODEL_UNKNOWN;
    if (chance(maker, 85)) {
        authors(maker, arena, made);
    }
    made->references = ids(maker, arena, 6, paper_id, &made->reference_count);
    return record;
}

static struct model_record author(struct maker *maker, struct base_arena *arena)
{
    struct model_record record = {
        .type = MODEL_RECORD_AUTHOR, .id = author_id(maker), .updated = updated(maker)};
    if (chance(maker, 50)) {
        record.source = base_slice_text(sources[below(maker, 3)]);
    }
    if (chance(maker, 45)) {
        record.ids = ids(maker, arena, 2, author_id, &record.id_count);
    }
    reported(maker, arena, &record);
    record.author.name = chance(maker, 80) ? name(maker) : base_slice(NULL, 0);
    record.author.field = field(maker);
    return record;
}

/* The author without id of that name, as a merge or suppress line knows it. */
static struct model_id name_id(struct maker *maker, struct base_arena *arena)
{
    struct model_id id = {MODEL_NO_SCHEME, {NULL, 0}};
    BASE_ASSERT(model_id_of_name(name(maker), arena, &id));
    return id;
}

static struct model_record line(struct maker *maker, struct base_arena *arena)
{
    struct model_record record = {0};
    bool of_paper = chance(maker, 50);
    switch (below(maker, 5)) {
    case 0:
    case 1:
        record.type = MODEL_RECORD_CITATION;
        record.id = paper_id(maker);
        record.other = paper_id(maker);
        record.citation_date = date(maker);
        record.updated = updated(maker);
        break;
    case 2:
    case 3:
        record.type = MODEL_RECORD_MERGE;
        record.id = of_paper            ? paper_id(maker)
                    : chance(maker, 30) ? name_id(maker, arena)
                                        : author_id(maker);
        record.other = of_paper ? paper_id(maker) : author_id(maker);
        record.entity = of_paper ? MODEL_PAPER : MODEL_AUTHOR;
        break;
    default:
        record.type = MODEL_RECORD_SUPPRESS;
        record.id = of_paper            ? paper_id(maker)
                    : chance(maker, 20) ? name_id(maker, arena)
                                        : author_id(maker);
        record.entity = chance(maker, 80) ? (of_paper ? MODEL_PAPER : MODEL_AUTHOR) : 0;
        break;
    }
    return record;
}

/* A finished record as bytes; tries until the rules of records take one. */
static struct base_slice make_record(struct maker *maker, bool curation)
{
    struct base_arena arena;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    base_arena_init(&arena, 0);
    for (;;) {
        base_arena_reset(&arena);
        base_buffer_clear(&bytes);
        unsigned what = (unsigned)below(maker, 100);
        struct model_record record = what < 58                ? paper(maker, &arena)
                                     : what < 78 || !curation ? author(maker, &arena)
                                                              : line(maker, &arena);
        if (model_record_finish(&record, &arena, NULL) == BASE_OK) {
            model_record_encode(&record, &bytes);
            break;
        }
    }
    struct base_slice kept = base_arena_copy(&maker->history->arena, base_buffer_slice(&bytes));
    base_buffer_fini(&bytes);
    base_arena_fini(&arena);
    BASE_ASSERT(kept.data != NULL);
    return kept;
}

/* Something that was put before, most of the time. */
static struct base_slice pick_record(struct maker *maker)
{
    const struct history *history = maker->history;
    for (int tries = 0; tries < 20 && history->count > 0; tries++) {
        const struct history_request *from = &history->requests[below(maker, history->count)];
        if (from->count > 0) {
            return from->items[below(maker, from->count)].record;
        }
    }
    return make_record(maker, true);
}

static void make_request(struct maker *maker, bool loaded)
{
    struct history *history = maker->history;
    struct history_request *request = &history->requests[history->count];
    size_t count = 1 + (chance(maker, 50) ? 0 : below(maker, HISTORY_ITEMS));
    for (size_t i = 0; i < count; i++) {
        struct history_item *item = &request->items[i];
        bool again = chance(maker, 10);
        item->remove = !loaded && chance(maker, 25);
        item->record = item->remove || again ? pick_record(maker) : make_record(maker, !loaded);
    }
    request->count = count;
    request->is_chunk = !loaded && chance(maker, 10);
    request->waits = chance(maker, 40);
    if (!loaded && history->count > history->loaded && chance(maker, 8)) {
        /* Sent again, as by a client that heard no answer. */
        size_t first = history->loaded + below(maker, history->count - history->loaded);
        struct history_request *before = &history->requests[first];
        if (before->key == 0) {
            before->key = (unsigned)first + 1;
        }
        *request = *before;
    }
    history->count++;
}

void history_make(struct history *history, uint64_t seed)
{
    struct maker maker = {.state = seed, .history = history};
    *history = (struct history){0};
    base_arena_init(&history->arena, 0);
    maker.papers = 3 + below(&maker, PAPERS - 2);
    maker.authors = 2 + below(&maker, AUTHORS - 1);
    size_t loaded = chance(&maker, 50) ? 0 : below(&maker, 6);
    size_t count = 1 + below(&maker, HISTORY_REQUESTS - 7);
    for (size_t i = 0; i < loaded + count; i++) {
        make_request(&maker, i < loaded);
        if (i < loaded) {
            history->loaded = history->count;
        }
    }
}

void history_fini(struct history *history)
{
    base_arena_fini(&history->arena);
}

static void print_item(const struct history_item *item, struct base_buffer *text)
{
    struct base_arena arena;
    struct model_record record;
    base_arena_init(&arena, 0);
    base_buffer_append_text(text, item->remove ? "  delete " : "  put    ");
    if (model_record_decode(item->record, &arena, &record, NULL) == BASE_OK) {
        ingest_native_write(&record, text);
    }
    base_arena_fini(&arena);
}

void history_print(const struct history *history, struct base_buffer *text)
{
    for (size_t i = 0; i < history->count; i++) {
        const struct history_request *request = &history->requests[i];
        bool any = false;
        for (size_t j = 0; j < request->count; j++) {
            if (request->items[j].dropped) {
                continue;
            }
            if (!any) {
                base_buffer_append_format(text, "request %zu%s%s", i,
                                          i < history->loaded ? ", bulk load" : "",
                                          request->waits ? ", waits" : "");
                if (request->key != 0) {
                    base_buffer_append_format(text, ", key %u", request->key);
                }
                base_buffer_append_byte(text, '\n');
            }
            any = true;
            print_item(&request->items[j], text);
        }
    }
}
