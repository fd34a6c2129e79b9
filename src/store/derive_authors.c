/* Step 5: the papers of an author, the counters, the merged views and the search index of names.
 * Emits `author_papers`, `author` and `names`. */
#include "engine/recount.h"
#include "store/derivation.h"
#include "store/sort.h"
#include "store/value.h"

static inline bool authored_less(const struct engine_authored *a, const struct engine_authored *b)
{
    uint32_t a_day = store_day_complement(a->day);
    uint32_t b_day = store_day_complement(b->day);
    return a_day != b_day ? a_day < b_day : a->paper < b->paper;
}

STORE_SORT_DEFINE(sort_authored, struct engine_authored, authored_less)

struct author_pass {
    struct derivation *derivation;
    struct engine_counter *counter;
    struct derive_words *names;
    struct store_array uses; /* of derive_mode_field */
    struct base_buffer packed;
};

/* Last: the greatest place of a complete list of two or more (metrics, section 1). */
static uint32_t last_position(const struct derive_paper *facts, const uint32_t *entries,
                              size_t count)
{
    if ((facts->flags & STORE_PAPER_TRUNCATED) != 0 || count < 2) {
        return 0;
    }
    uint32_t last = 0;
    for (size_t i = 0; i < count; i++) {
        last = entries[2 * i + 1] > last ? entries[2 * i + 1] : last;
    }
    return last;
}

/* Turns the author lists of papers round. */
static enum base_code deal_authored(struct derivation *derivation)
{
    const uint64_t *authors_first = derivation->authors_first.data;
    const uint32_t *entries = derivation->paper_authors.data;
    size_t count = derivation->paper_authors.size / (2 * sizeof *entries);
    size_t end = derivation->authors.end;
    enum base_code code = store_array_resize(&derivation->authored_first,
                                             (end + 1) * sizeof(uint64_t), derivation->error);
    if (code == BASE_OK) {
        code = store_array_resize(&derivation->authored, count * sizeof(struct engine_authored),
                                  derivation->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    uint64_t *place = derivation->authored_first.data;
    struct engine_authored *authored = derivation->authored.data;
    for (size_t i = 0; i < count; i++) {
        place[entries[2 * i] + 1]++;
    }
    for (size_t number = 1; number <= end; number++) {
        place[number] += place[number - 1];
    }
    const struct derive_paper *facts = derivation->paper_facts.data;
    for (uint32_t paper = 1; paper < derivation->papers.end; paper++) {
        const uint32_t *list = entries + 2 * authors_first[paper];
        size_t list_count = (size_t)(authors_first[paper + 1] - authors_first[paper]);
        uint32_t last = last_position(&facts[paper], list, list_count);
        for (size_t i = 0; i < list_count; i++) {
            uint32_t position = list[2 * i + 1];
            authored[place[list[2 * i]]++] = (struct engine_authored){
                .day = facts[paper].day,
                .paper = paper,
                .position = (uint16_t)position,
                .author_count = facts[paper].author_count,
                .flags = store_authored_flags(
                    (struct model_date){facts[paper].day, facts[paper].precision},
                    facts[paper].flags, last != 0 && position == last),
            };
        }
    }
    for (size_t number = end; number > 0; number--) {
        place[number] = place[number - 1];
    }
    place[0] = 0;
    for (uint32_t number = 1; number < end; number++) {
        sort_authored(authored + place[number], (size_t)(place[number + 1] - place[number]));
    }
    return BASE_OK;
}

static void graph_papers(void *context, uint32_t author, const struct engine_authored **list,
                         size_t *count)
{
    const struct derivation *derivation = context;
    const uint64_t *first = derivation->authored_first.data;
    *list = (const struct engine_authored *)derivation->authored.data + first[author];
    *count = (size_t)(first[author + 1] - first[author]);
}

static void graph_citers(void *context, uint32_t paper, const struct engine_citer **list,
                         size_t *count)
{
    const struct derivation *derivation = context;
    const uint64_t *first = derivation->citers_first.data;
    *list = (const struct engine_citer *)derivation->citers.data + first[paper];
    *count = (size_t)(first[paper + 1] - first[paper]);
}

static struct base_slice take_text(struct base_slice *from)
{
    uint64_t size = 0;
    struct base_slice text = {NULL, 0};
    bool taken = base_take_varint(from, &size) && base_take_bytes(from, (size_t)size, &text);
    BASE_ASSERT(taken);
    return text;
}

/* An author without records: as on the newest paper. */
static enum base_code bare_author(struct derivation *derivation, uint32_t number,
                                  struct model_author_record *author)
{
    const struct derive_bare *bare = (const struct derive_bare *)derivation->bare.data + number;
    struct base_slice rest =
        base_slice((const char *)derivation->bare_bytes.data + bare->offset, bare->size);
    *author = (struct model_author_record){0};
    if (bare->size == 0) {
        return BASE_OK;
    }
    author->name = take_text(&rest);
    uint64_t count = 0;
    bool taken = base_take_varint(&rest, &count);
    BASE_ASSERT(taken);
    struct model_affiliation *affiliations =
        base_arena_array(&derivation->arena, (size_t)count, sizeof *affiliations);
    if (affiliations == NULL) {
        return derive_out_of_memory(derivation);
    }
    for (size_t i = 0; i < count; i++) {
        affiliations[i].name = take_text(&rest);
        affiliations[i].ror = take_text(&rest);
    }
    author->affiliations = affiliations;
    author->affiliation_count = (size_t)count;
    return BASE_OK;
}

static enum base_code author_view(struct author_pass *pass, uint32_t number,
                                  struct model_view *view)
{
    struct derivation *derivation = pass->derivation;
    const struct model_record **records;
    const uint32_t *indices;
    size_t count;
    enum base_code code =
        derive_decode(derivation, &derivation->authors, number, &records, &indices, &count);
    if (code != BASE_OK) {
        return code;
    }
    *view = (struct model_view){.entity = MODEL_AUTHOR};
    code = count > 0 ? model_merge(records, count, &derivation->arena, view, derivation->error)
                     : bare_author(derivation, number, &view->author);
    if (code == BASE_OK) {
        code = derive_view_ids(derivation, &derivation->authors, number, view);
    }
    const struct engine_authored *papers;
    size_t paper_count;
    graph_papers(derivation, number, &papers, &paper_count);
    if (code == BASE_OK && view->author.field.id.size == 0) {
        code = derive_mode_field(derivation, &pass->uses, papers, paper_count, &view->author.field);
    }
    view->name_only = view->id.scheme == MODEL_NAME;
    return code;
}

static enum base_code emit_author(struct author_pass *pass, uint32_t number)
{
    struct derivation *derivation = pass->derivation;
    const struct engine_graph graph = {derivation, derivation->papers.end, graph_papers,
                                       graph_citers};
    struct model_view view;
    base_arena_reset(&derivation->arena);
    enum base_code code = author_view(pass, number, &view);
    if (code != BASE_OK) {
        return code;
    }
    base_buffer_clear(&pass->packed);
    derivation->options->packer.author(&view, &pass->packed);
    struct engine_author_numbers numbers;
    if (pass->packed.failed || !engine_recount_author(pass->counter, &graph, number,
                                                      !view.name_only, model_day_year, &numbers)) {
        return derive_out_of_memory(derivation);
    }
    struct store_author_head head = {
        .paper_count = numbers.indicators.paper_count,
        .citation_count = numbers.citation_count,
        .citing_paper_count = numbers.citing_paper_count,
        .self_citation_count = numbers.self_citation_count,
        .h_index = numbers.indicators.h_index,
        .g_index = numbers.indicators.g_index,
        .i10_index = numbers.indicators.i10_index,
        .i100_index = numbers.indicators.i100_index,
        .first_year = (uint16_t)numbers.first_year,
        .last_year = (uint16_t)numbers.last_year,
        .name_only = view.name_only,
        .sequence = derivation->options->sequence,
    };
    base_buffer_clear(&derivation->value);
    store_encode_author(&derivation->value, &head, &numbers.series, numbers.runs, numbers.run_count,
                        base_buffer_slice(&pass->packed));
    if (derivation->value.failed) {
        return derive_out_of_memory(derivation);
    }
    uint8_t key[4];
    base_put_be32(key, number);
    code =
        derivation->sink->row(derivation->sink->context, STORE_AUTHOR, base_slice(key, sizeof key),
                              base_buffer_slice(&derivation->value), derivation->error);
    if (code == BASE_OK) {
        derivation->report->authors++;
        code = derive_words_add(pass->names, number, head.citation_count, view.author.name,
                                derivation->error);
    }
    for (size_t i = 0; code == BASE_OK && i < view.author.alias_count; i++) {
        code = derive_words_add(pass->names, number, head.citation_count, view.author.aliases[i],
                                derivation->error);
    }
    return code;
}

static enum base_code emit_author_papers(struct derivation *derivation, uint32_t number)
{
    const struct engine_authored *papers;
    size_t count;
    graph_papers(derivation, number, &papers, &count);
    if (count == 0) {
        return BASE_OK;
    }
    struct base_buffer *value = &derivation->value;
    base_buffer_clear(value);
    uint8_t *to = (uint8_t *)base_buffer_reserve(value, count * STORE_AUTHORED_SIZE);
    if (to == NULL) {
        return derive_out_of_memory(derivation);
    }
    for (size_t i = 0; i < count; i++) {
        store_put_authored(to + i * STORE_AUTHORED_SIZE, &papers[i]);
    }
    value->size = count * STORE_AUTHORED_SIZE;
    uint8_t key[4];
    base_put_be32(key, number);
    return derivation->sink->list(derivation->sink->context, STORE_AUTHOR_PAPERS,
                                  base_slice(key, sizeof key), base_buffer_slice(value),
                                  derivation->error);
}

static enum base_code emit(struct author_pass *pass)
{
    enum { STOP_EVERY = 4096 };
    struct derivation *derivation = pass->derivation;
    const uint32_t *own = derivation->authors.own.data;
    for (uint32_t number = 1; number < derivation->authors.end; number++) {
        enum base_code code = number % STOP_EVERY == 0 ? derive_check_stop(derivation) : BASE_OK;
        if (code == BASE_OK && own[number] != MODEL_NO_NODE) {
            code = emit_author(pass, number);
        }
        if (code == BASE_OK) {
            code = emit_author_papers(derivation, number);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

enum base_code derive_authors(struct derivation *derivation)
{
    struct author_pass pass = {.derivation = derivation};
    struct store_array marks;
    store_array_init(&marks, &derivation->scratch);
    store_array_init(&pass.uses, &derivation->scratch);
    base_buffer_init(&pass.packed);
    enum base_code code = deal_authored(derivation);
    if (code == BASE_OK) {
        code = store_array_resize(&marks,
                                  engine_counter_marks(derivation->papers.end) * sizeof(uint32_t),
                                  derivation->error);
    }
    if (code == BASE_OK) {
        pass.counter = engine_counter_new(derivation->papers.end, marks.data);
        code = pass.counter == NULL ? derive_out_of_memory(derivation)
                                    : derive_words_open(derivation, STORE_NAMES, &pass.names);
    }
    if (code == BASE_OK) {
        code = emit(&pass);
    }
    enum base_code closed =
        derive_words_close(pass.names, code == BASE_OK, code == BASE_OK ? derivation->error : NULL);
    code = code == BASE_OK ? closed : code;
    engine_counter_free(pass.counter);
    base_buffer_fini(&pass.packed);
    store_array_fini(&pass.uses);
    store_array_fini(&marks);
    return code;
}
