/* Step 3: merged views of papers, who wrote them and what they cite. Emits `abstract`,
 * `paper_authors` and `days`. */
#include <pthread.h>

#include "store/derivation.h"
#include "store/numbers.h"
#include "store/sort.h"
#include "store/value.h"

static inline bool line_less(const struct derive_line *a, const struct derive_line *b)
{
    if (a->citing != b->citing) {
        return a->citing < b->citing;
    }
    if (a->cited != b->cited) {
        return a->cited < b->cited;
    }
    return a->date.day != b->date.day ? a->date.day < b->date.day
                                      : a->date.precision > b->date.precision;
}

STORE_SORT_DEFINE(sort_lines, struct derive_line, line_less)

/* Work memory of this step. */
struct paper_pass {
    struct derivation *derivation;
    struct store_array cited_seen; /* u32 a paper: number of the paper that cited it last */
    size_t line;                   /* next citation line */
};

/* Citation lines with both ends resolved, by citing paper. */
static enum base_code read_lines(struct derivation *derivation)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    const uint32_t *slot_node = derivation->slot_node.data;
    const uint32_t *entity = derivation->node_entity.data;
    const uint32_t *number = derivation->node_number.data;
    size_t at = derivation->record_count;
    while (at > 0 && derivation->records[at - 1].key.data[0] == MODEL_RECORD_CITATION) {
        at--;
    }
    for (; at < derivation->record_count; at++) {
        base_arena_reset(&derivation->arena);
        struct model_record record;
        enum base_code code = model_record_decode(derivation->records[at].bytes, &derivation->arena,
                                                  &record, derivation->error);
        if (code != BASE_OK) {
            return code;
        }
        uint32_t citing = slot_node[slot_first[at]];
        uint32_t cited = slot_node[slot_first[at] + 1];
        if (entity[citing] == entity[cited]) {
            derivation->report->self_loops++;
            continue;
        }
        struct derive_line *line =
            store_array_extend(&derivation->lines, sizeof *line, derivation->error);
        if (line == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *line = (struct derive_line){number[citing], number[cited], record.citation_date};
    }
    sort_lines(derivation->lines.data, derivation->lines.size / sizeof(struct derive_line));
    return BASE_OK;
}

static enum base_code add_citation(struct paper_pass *pass, uint32_t citing, uint32_t cited)
{
    struct derivation *derivation = pass->derivation;
    uint32_t *seen = pass->cited_seen.data;
    if (cited == 0) {
        /* Only when verify found an id without number; the missing edge shows as a difference. */
        return BASE_OK;
    }
    if (citing == cited) {
        derivation->report->self_loops++;
        return BASE_OK;
    }
    if (seen[cited] == citing) {
        derivation->report->repeats++;
        return BASE_OK;
    }
    seen[cited] = citing;
    uint32_t *to = store_array_extend(&derivation->cites, sizeof *to, derivation->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = cited;
    return BASE_OK;
}

/* Ids that the next slots name lie in no order: the cache fetches their numbers, and then what is
 * known of the papers. The slots behind a list are those of a record that is soon to come. */
static void fetch_ahead(const struct paper_pass *pass, uint64_t slot)
{
    enum { AHEAD = 16 };
    const struct derivation *derivation = pass->derivation;
    const uint32_t *slot_node = derivation->slot_node.data;
    const uint32_t *numbers = derivation->node_number.data;
    if (slot + AHEAD >= derivation->slot_node.size / sizeof *slot_node) {
        return;
    }
    if (slot_node[slot + AHEAD] != MODEL_NO_NODE) {
        __builtin_prefetch(&numbers[slot_node[slot + AHEAD]]);
    }
    uint32_t near = slot_node[slot + AHEAD / 2];
    if (near != MODEL_NO_NODE && near >= derivation->author_node_end) {
        __builtin_prefetch((const uint32_t *)pass->cited_seen.data + numbers[near], 1);
    }
}

/* What the paper cites: the references of the record they come from, whose slots begin at slot, and
 * its citation lines. */
static enum base_code add_citations(struct paper_pass *pass, uint32_t number, size_t references,
                                    uint64_t slot)
{
    struct derivation *derivation = pass->derivation;
    const uint32_t *slot_node = derivation->slot_node.data;
    const uint32_t *numbers = derivation->node_number.data;
    size_t from = derivation->cites.size / sizeof(uint32_t);
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < references; i++) {
        fetch_ahead(pass, slot + i);
        code = add_citation(pass, number, numbers[slot_node[slot + i]]);
    }
    const struct derive_line *lines = derivation->lines.data;
    size_t line_count = derivation->lines.size / sizeof *lines;
    while (pass->line < line_count && lines[pass->line].citing < number) {
        pass->line++;
    }
    while (code == BASE_OK && pass->line < line_count && lines[pass->line].citing == number) {
        code = add_citation(pass, number, lines[pass->line++].cited);
    }
    if (code == BASE_OK) {
        size_t end = derivation->cites.size / sizeof(uint32_t);
        store_sort_numbers((uint32_t *)derivation->cites.data + from, end - from);
        ((uint64_t *)derivation->cites_first.data)[number + 1] = end;
    }
    return code;
}

static enum base_code number_field(struct derivation *derivation, const struct model_field *field,
                                   uint32_t *number)
{
    if (field->id.size == 0) {
        *number = 0;
        return BASE_OK;
    }
    struct base_buffer *value = &derivation->value;
    base_buffer_clear(value);
    base_buffer_append_slice(value, field->id);
    base_buffer_append_byte(value, 0);
    base_buffer_append_slice(value, field->name);
    if (value->failed) {
        return derive_out_of_memory(derivation);
    }
    enum base_code code = store_intern_number(&derivation->fields, base_buffer_slice(value), number,
                                              derivation->error);
    (*number)++;
    return code;
}

static enum base_code note_facts(struct derivation *derivation, uint32_t number,
                                 const struct model_view *view)
{
    const struct model_paper_record *paper = &view->paper;
    struct derive_paper *facts = (struct derive_paper *)derivation->paper_facts.data + number;
    unsigned flags = paper->abstract.size > 0 ? STORE_PAPER_ABSTRACT : 0;
    flags |= paper->refereed != MODEL_UNKNOWN ? STORE_PAPER_REFEREE_KNOWN : 0;
    flags |= paper->refereed == MODEL_TRUE ? STORE_PAPER_REFEREED : 0;
    flags |= paper->retracted == MODEL_TRUE ? STORE_PAPER_RETRACTED : 0;
    flags |= paper->authors_truncated ? STORE_PAPER_TRUNCATED : 0;
    facts->day = paper->date.precision == MODEL_NO_DATE ? MODEL_NO_DAY : paper->date.day;
    facts->precision = paper->date.precision;
    facts->flags = (uint8_t)flags;
    uint32_t *coverage = &derivation->report->coverage_end;
    if (facts->day != MODEL_NO_DAY) {
        uint32_t *day = store_array_extend(&derivation->days, sizeof *day, derivation->error);
        if (day == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *day = facts->day;
    }
    if (facts->day != MODEL_NO_DAY && facts->day <= derivation->options->today &&
        (*coverage == MODEL_NO_DAY || facts->day > *coverage)) {
        *coverage = facts->day;
    }
    return number_field(derivation, &paper->field, &facts->field);
}

static enum base_code pack_view(struct derivation *derivation, uint32_t number,
                                const struct model_view *view)
{
    struct base_buffer *value = &derivation->value;
    base_buffer_clear(value);
    derivation->options->packer.paper(view, value);
    if (value->failed) {
        return derive_out_of_memory(derivation);
    }
    char *to = store_array_extend(&derivation->paper_views, value->size, derivation->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    memcpy(to, value->data, value->size);
    ((uint64_t *)derivation->view_first.data)[number + 1] = derivation->paper_views.size;
    return BASE_OK;
}

static enum base_code keep_title(struct derivation *derivation, uint32_t number,
                                 struct base_slice title)
{
    if (title.size > 0) {
        char *to = store_array_extend(&derivation->titles, title.size, derivation->error);
        if (to == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        memcpy(to, title.data, title.size);
    }
    ((uint64_t *)derivation->title_first.data)[number + 1] = derivation->titles.size;
    return BASE_OK;
}

static enum base_code emit_abstract(struct derivation *derivation, uint32_t number,
                                    struct base_slice abstract)
{
    if (abstract.size == 0) {
        return BASE_OK;
    }
    uint8_t key[4];
    base_put_be32(key, number);
    return derivation->sink->row(derivation->sink->context, STORE_ABSTRACT,
                                 base_slice(key, sizeof key), abstract, derivation->error);
}

/* The slots of the record that a list of the merged view was taken from: lists are taken whole, by
 * pointer. */
static uint64_t slot_of_authors(const struct derivation *derivation, const struct model_view *view,
                                const struct model_record *const *records, const uint32_t *indices,
                                size_t count)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    for (size_t i = 0; i < count; i++) {
        if (records[i]->paper.authors == view->paper.authors) {
            return slot_first[indices[i]] + derive_authors_slot(records[i]);
        }
    }
    return 0;
}

static uint64_t slot_of_references(const struct derivation *derivation,
                                   const struct model_view *view,
                                   const struct model_record *const *records,
                                   const uint32_t *indices, size_t count)
{
    const uint64_t *slot_first = derivation->slot_first.data;
    for (size_t i = 0; i < count; i++) {
        if (records[i]->paper.references == view->paper.references) {
            /* They are the last slots of their record. */
            return slot_first[indices[i] + 1] - records[i]->paper.reference_count;
        }
    }
    return 0;
}

/* A cited id without record: nothing but ids, and what citation lines say. */
static enum base_code derive_stub(struct paper_pass *pass, uint32_t number)
{
    struct derivation *derivation = pass->derivation;
    struct model_view view = {.entity = MODEL_PAPER, .stub = true};
    base_arena_reset(&derivation->arena);
    enum base_code code = derive_view_ids(derivation, &derivation->papers, number, &view);
    if (code == BASE_OK) {
        ((struct derive_paper *)derivation->paper_facts.data)[number] = (struct derive_paper){
            .day = MODEL_NO_DAY, .author_count = 1, .flags = STORE_PAPER_STUB};
        code = add_citations(pass, number, 0, 0);
    }
    if (code == BASE_OK) {
        code = pack_view(derivation, number, &view);
    }
    derivation->report->stubs += code == BASE_OK;
    return code;
}

static enum base_code derive_paper(struct paper_pass *pass, uint32_t number)
{
    struct derivation *derivation = pass->derivation;
    const struct model_record **records;
    const uint32_t *indices;
    size_t count;
    base_arena_reset(&derivation->arena);
    enum base_code code =
        derive_decode(derivation, &derivation->papers, number, &records, &indices, &count);
    if (code != BASE_OK) {
        return code;
    }
    struct model_view view = {.entity = MODEL_PAPER};
    code = model_merge(records, count, &derivation->arena, &view, derivation->error);
    if (code == BASE_OK) {
        code = derive_view_ids(derivation, &derivation->papers, number, &view);
    }
    if (code == BASE_OK) {
        code = note_facts(derivation, number, &view);
    }
    if (code == BASE_OK && view.paper.author_count > 0) {
        code = derive_authorships(derivation, number, &view,
                                  slot_of_authors(derivation, &view, records, indices, count));
    }
    if (code != BASE_OK) {
        return code;
    }
    struct derive_paper *facts = (struct derive_paper *)derivation->paper_facts.data + number;
    size_t authors = view.paper.author_count;
    facts->author_count = (uint16_t)(authors == 0           ? 1
                                     : authors > UINT16_MAX ? UINT16_MAX
                                                            : authors);
    ((uint64_t *)derivation->authors_first.data)[number + 1] =
        derivation->paper_authors.size / (2 * sizeof(uint32_t));
    ((uint64_t *)derivation->known_first.data)[number + 1] =
        derivation->known_authors.size / sizeof(uint32_t);
    code = add_citations(pass, number, view.paper.reference_count,
                         slot_of_references(derivation, &view, records, indices, count));
    if (code == BASE_OK) {
        code = pack_view(derivation, number, &view);
    }
    if (code == BASE_OK) {
        code = keep_title(derivation, number, view.paper.title);
    }
    if (code == BASE_OK) {
        code = emit_abstract(derivation, number, view.paper.abstract);
    }
    derivation->report->papers += code == BASE_OK;
    return code;
}

static enum base_code reserve(struct paper_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    size_t papers = derivation->papers.end;
    size_t authors = derivation->authors.end;
    const struct {
        struct store_array *array;
        size_t size;
    } sizes[] = {
        {&derivation->paper_facts, papers * sizeof(struct derive_paper)},
        {&derivation->view_first, (papers + 1) * sizeof(uint64_t)},
        {&derivation->title_first, (papers + 1) * sizeof(uint64_t)},
        {&derivation->authors_first, (papers + 1) * sizeof(uint64_t)},
        {&derivation->known_first, (papers + 1) * sizeof(uint64_t)},
        {&derivation->cites_first, (papers + 1) * sizeof(uint64_t)},
        {&derivation->bare, authors * sizeof(struct derive_bare)},
        {&derivation->author_seen, authors * sizeof(uint32_t)},
        {&pass->cited_seen, papers * sizeof(uint32_t)},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        enum base_code code = store_array_resize(sizes[i].array, sizes[i].size, derivation->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

/* What comes next begins where the number's own begins: it has nothing there. */
static void leave_out(struct store_array *const *firsts, size_t count, uint32_t number)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t *first = firsts[i]->data;
        first[number + 1] = first[number];
    }
}

/* Stubs, and numbers that are not in use. */
static enum base_code derive_bare_number(struct paper_pass *pass, uint32_t number)
{
    struct derivation *derivation = pass->derivation;
    if (number != 0 && ((const uint32_t *)derivation->papers.own.data)[number] != MODEL_NO_NODE) {
        return derive_stub(pass, number);
    }
    ((struct derive_paper *)derivation->paper_facts.data)[number].day = MODEL_NO_DAY;
    ((uint64_t *)derivation->view_first.data)[number + 1] = derivation->paper_views.size;
    ((uint64_t *)derivation->cites_first.data)[number + 1] =
        derivation->cites.size / sizeof(uint32_t);
    return BASE_OK;
}

/* Numbers behind the last one with a record, on a thread of its own: what it makes lies apart until
 * both are done. */
struct stub_pass {
    struct derive_branch branch; /* shares the arrays by number too */
    struct paper_pass pass;
    uint32_t from;
    enum base_code code;
};

enum { LOOK_AT_STOP_EVERY = 4096 };

static void *derive_stubs(void *context)
{
    struct stub_pass *stubs = context;
    struct derivation *derivation = &stubs->branch.derivation;
    stubs->code =
        store_array_resize(&stubs->pass.cited_seen,
                           (size_t)derivation->papers.end * sizeof(uint32_t), derivation->error);
    for (uint32_t number = stubs->from; stubs->code == BASE_OK && number < derivation->papers.end;
         number++) {
        if (number % LOOK_AT_STOP_EVERY == 0) {
            stubs->code = derive_check_stop(derivation);
        }
        if (stubs->code == BASE_OK) {
            stubs->code = derive_bare_number(&stubs->pass, number);
        }
    }
    return NULL;
}

static void init_stubs(struct stub_pass *stubs, const struct derivation *whole, uint32_t from)
{
    *stubs = (struct stub_pass){.from = from};
    derive_branch_init(&stubs->branch, whole);
    struct derivation *derivation = &stubs->branch.derivation;
    store_array_init(&derivation->paper_views, &derivation->scratch);
    store_array_init(&derivation->cites, &derivation->scratch);
    store_array_init(&stubs->pass.cited_seen, &derivation->scratch);
    stubs->pass.derivation = derivation;
}

static void fini_stubs(struct stub_pass *stubs)
{
    struct derivation *derivation = &stubs->branch.derivation;
    store_array_fini(&stubs->pass.cited_seen);
    store_array_fini(&derivation->cites);
    store_array_fini(&derivation->paper_views);
    derive_branch_fini(&stubs->branch);
}

/* Behind what the numbers before them have. */
static enum base_code join_stubs(struct derivation *derivation, struct stub_pass *stubs)
{
    struct store_array *const firsts[] = {&derivation->title_first, &derivation->authors_first,
                                          &derivation->known_first};
    uint64_t *view_first = derivation->view_first.data;
    uint64_t *cites_first = derivation->cites_first.data;
    uint64_t views = derivation->paper_views.size;
    uint64_t cites = derivation->cites.size / sizeof(uint32_t);
    for (uint32_t number = stubs->from; number < derivation->papers.end; number++) {
        leave_out(firsts, sizeof firsts / sizeof firsts[0], number);
        view_first[number + 1] += views;
        cites_first[number + 1] += cites;
    }
    struct derivation *branch = &stubs->branch.derivation;
    enum base_code code =
        store_array_append(&derivation->paper_views, &branch->paper_views, derivation->error);
    return code == BASE_OK
               ? store_array_append(&derivation->cites, &branch->cites, derivation->error)
               : code;
}

static uint32_t behind_records(const struct derivation *derivation)
{
    const uint32_t *first = derivation->papers.record_first.data;
    uint32_t end = derivation->papers.end;
    while (end > 1 && first[end] == first[end - 1]) {
        end--;
    }
    return end;
}

/* How many papers each day has. */
static enum base_code emit_days(struct derivation *derivation)
{
    uint32_t *days = derivation->days.data;
    size_t count = derivation->days.size / sizeof *days;
    store_sort_numbers(days, count);
    enum base_code code = BASE_OK;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = from + 1;
        while (end < count && days[end] == days[from]) {
            end++;
        }
        uint8_t key[4];
        uint8_t value[4];
        base_put_be32(key, days[from]);
        base_put_le32(value, (uint32_t)(end - from));
        code = derivation->sink->row(derivation->sink->context, STORE_DAYS,
                                     base_slice(key, sizeof key), base_slice(value, sizeof value),
                                     derivation->error);
    }
    return code;
}

/* The numbers before `to`. */
static enum base_code derive_numbers(struct paper_pass *pass, uint32_t to)
{
    struct derivation *derivation = pass->derivation;
    struct store_array *const firsts[] = {&derivation->title_first, &derivation->authors_first,
                                          &derivation->known_first};
    const uint32_t *first = derivation->papers.record_first.data;
    enum base_code code = BASE_OK;
    for (uint32_t number = 0; code == BASE_OK && number < to; number++) {
        if (number % LOOK_AT_STOP_EVERY == 0) {
            code = derive_check_stop(derivation);
        }
        if (code == BASE_OK && first[number + 1] > first[number]) {
            code = derive_paper(pass, number);
        } else if (code == BASE_OK) {
            leave_out(firsts, sizeof firsts / sizeof firsts[0], number);
            code = derive_bare_number(pass, number);
        }
    }
    return code;
}

static enum base_code derive_all(struct paper_pass *pass)
{
    struct derivation *derivation = pass->derivation;
    struct stub_pass stubs;
    pthread_t thread;
    init_stubs(&stubs, derivation, behind_records(derivation));
    bool threaded = derivation->options->threads > 1 &&
                    pthread_create(&thread, NULL, derive_stubs, &stubs) == 0;
    enum base_code code = derive_numbers(pass, stubs.from);
    if (threaded) {
        pthread_join(thread, NULL);
    } else if (code == BASE_OK) {
        derive_stubs(&stubs);
    }
    if (code == BASE_OK) {
        code = derive_branch_join(derivation, &stubs.branch, stubs.code);
    }
    if (code == BASE_OK) {
        code = join_stubs(derivation, &stubs);
    }
    fini_stubs(&stubs);
    return code;
}

enum base_code derive_papers(struct derivation *derivation)
{
    struct paper_pass pass = {.derivation = derivation};
    store_array_init(&pass.cited_seen, &derivation->scratch);
    enum base_code code = read_lines(derivation);
    if (code == BASE_OK) {
        code = reserve(&pass);
    }
    if (code == BASE_OK) {
        code = derive_all(&pass);
    }
    store_array_fini(&pass.cited_seen);
    return code == BASE_OK ? emit_days(derivation) : code;
}
