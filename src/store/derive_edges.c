/* Step 4: who cites a paper, with the facts that the scope switches need, and the search index of
 * titles. Emits `cites`, `cited_by`, `paper` and `titles`. */
#include "engine/recount.h"
#include "store/derivation.h"
#include "store/sort.h"
#include "store/value.h"

static inline bool citer_less(const struct engine_citer *a, const struct engine_citer *b)
{
    return a->day != b->day ? a->day < b->day : a->paper < b->paper;
}

STORE_SORT_DEFINE(sort_citers, struct engine_citer, citer_less)

static bool share_author(const uint32_t *a, size_t a_count, const uint32_t *b, size_t b_count)
{
    for (size_t i = 0, k = 0; i < a_count && k < b_count;) {
        if (a[i] == b[k]) {
            return true;
        }
        if (a[i] < b[k]) {
            i++;
        } else {
            k++;
        }
    }
    return false;
}

static bool papers_share_author(const struct derivation *derivation, uint32_t a, uint32_t b)
{
    const uint64_t *first = derivation->known_first.data;
    const uint32_t *known = derivation->known_authors.data;
    return share_author(known + first[a], (size_t)(first[a + 1] - first[a]), known + first[b],
                        (size_t)(first[b + 1] - first[b]));
}

/* line_date counts only while the citing paper has none. */
static struct engine_citer edge_of(const struct derivation *derivation, uint32_t citing,
                                   uint32_t cited, struct model_date line_date)
{
    const struct derive_paper *facts = derivation->paper_facts.data;
    const uint64_t *cites_first = derivation->cites_first.data;
    const struct model_date date = {facts[citing].day, facts[citing].precision};
    struct engine_citer edge =
        store_edge(citing, date, facts[citing].flags,
                   (size_t)(cites_first[citing + 1] - cites_first[citing]), line_date);
    bool truncated = ((facts[citing].flags | facts[cited].flags) & STORE_PAPER_TRUNCATED) != 0;
    store_edge_set_shared(&edge, papers_share_author(derivation, citing, cited), truncated);
    return edge;
}

static enum base_code count_citers(struct derivation *derivation)
{
    const uint32_t *cites = derivation->cites.data;
    size_t edges = derivation->cites.size / sizeof *cites;
    size_t end = derivation->papers.end;
    derivation->report->edges = edges;
    enum base_code code = store_array_resize(&derivation->citers_first,
                                             (end + 1) * sizeof(uint64_t), derivation->error);
    if (code == BASE_OK) {
        code = store_array_resize(&derivation->citers, edges * sizeof(struct engine_citer),
                                  derivation->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    uint64_t *first = derivation->citers_first.data;
    for (size_t i = 0; i < edges; i++) {
        first[cites[i] + 1]++;
    }
    for (size_t number = 1; number <= end; number++) {
        first[number] += first[number - 1];
    }
    return BASE_OK;
}

/* Of so many edges ahead the cache fetches what is known of the cited paper, and of half as many
 * where the edge goes: papers are cited in no order. */
enum { AHEAD = 16 };

static void fetch_ahead(const struct derivation *derivation, uint64_t edge, uint64_t end)
{
    const uint32_t *cites = derivation->cites.data;
    const uint64_t *place = derivation->citers_first.data;
    if (edge + AHEAD < end) {
        uint32_t cited = cites[edge + AHEAD];
        __builtin_prefetch(&place[cited], 1);
        __builtin_prefetch((const struct derive_paper *)derivation->paper_facts.data + cited);
        __builtin_prefetch((const uint64_t *)derivation->known_first.data + cited);
    }
    if (edge + AHEAD / 2 < end) {
        uint32_t cited = cites[edge + AHEAD / 2];
        const uint64_t *known_first = derivation->known_first.data;
        __builtin_prefetch((struct engine_citer *)derivation->citers.data + place[cited], 1);
        __builtin_prefetch((const uint32_t *)derivation->known_authors.data + known_first[cited]);
    }
}

/* Turns the lists of references round. Citation lines lie in the same order as the references of
 * the citing papers. */
static void deal_citers(struct derivation *derivation)
{
    const uint64_t *cites_first = derivation->cites_first.data;
    const uint32_t *cites = derivation->cites.data;
    const struct derive_line *lines = derivation->lines.data;
    size_t line_count = derivation->lines.size / sizeof *lines;
    uint64_t *place = derivation->citers_first.data;
    struct engine_citer *citers = derivation->citers.data;
    uint64_t edges = derivation->cites.size / sizeof *cites;
    size_t line = 0;
    for (uint32_t citing = 1; citing < derivation->papers.end; citing++) {
        for (uint64_t i = cites_first[citing]; i < cites_first[citing + 1]; i++) {
            while (line < line_count &&
                   (lines[line].citing < citing ||
                    (lines[line].citing == citing && lines[line].cited < cites[i]))) {
                line++;
            }
            fetch_ahead(derivation, i, edges);
            /* Of several lines for one edge the earliest date comes first. */
            struct model_date date = MODEL_UNDATED;
            if (line < line_count && lines[line].citing == citing &&
                lines[line].cited == cites[i]) {
                date = lines[line].date;
            }
            citers[place[cites[i]]++] = edge_of(derivation, citing, cites[i], date);
        }
    }
    for (size_t number = derivation->papers.end; number > 0; number--) {
        place[number] = place[number - 1];
    }
    place[0] = 0;
    for (uint32_t number = 1; number < derivation->papers.end; number++) {
        sort_citers(citers + place[number], (size_t)(place[number + 1] - place[number]));
    }
}

static enum base_code emit_list(struct derivation *derivation, enum store_table table,
                                uint32_t owner, const void *entries, size_t size)
{
    if (size == 0) {
        return BASE_OK;
    }
    uint8_t key[4];
    base_put_be32(key, owner);
    return derivation->sink->list(derivation->sink->context, table, base_slice(key, sizeof key),
                                  base_slice(entries, size), derivation->error);
}

static enum base_code emit_paper(struct derivation *derivation, struct engine_counter *counter,
                                 uint32_t number)
{
    const struct derive_paper *facts =
        (const struct derive_paper *)derivation->paper_facts.data + number;
    const uint64_t *first = derivation->citers_first.data;
    const uint64_t *cites_first = derivation->cites_first.data;
    const uint64_t *view_first = derivation->view_first.data;
    struct engine_paper_numbers numbers;
    engine_recount_paper(
        counter, (const struct engine_citer *)derivation->citers.data + first[number],
        (size_t)(first[number + 1] - first[number]), facts->day, model_day_year, &numbers);
    struct store_paper_head head = {
        .date = {facts->day, facts->precision},
        .flags = facts->flags,
        .author_count = facts->author_count,
        .citation_count = numbers.citation_count,
        .reference_count = (uint32_t)(cites_first[number + 1] - cites_first[number]),
        .self_citation_count = numbers.self_citation_count,
        .sequence = derivation->options->sequence,
    };
    base_buffer_clear(&derivation->value);
    store_encode_paper(&derivation->value, &head, &numbers.series,
                       base_slice((const char *)derivation->paper_views.data + view_first[number],
                                  (size_t)(view_first[number + 1] - view_first[number])));
    if (derivation->value.failed) {
        return derive_out_of_memory(derivation);
    }
    uint8_t key[4];
    base_put_be32(key, number);
    enum base_code code =
        derivation->sink->row(derivation->sink->context, STORE_PAPER, base_slice(key, sizeof key),
                              base_buffer_slice(&derivation->value), derivation->error);
    return code;
}

/* Words are sorted while what follows is derived: how often a paper is cited is known already. */
static enum base_code index_titles(struct derivation *derivation)
{
    const uint32_t *own = derivation->papers.own.data;
    const uint64_t *title_first = derivation->title_first.data;
    const uint64_t *citers_first = derivation->citers_first.data;
    enum base_code code = derive_words_open(derivation, STORE_TITLES, &derivation->title_words);
    for (uint32_t number = 1; code == BASE_OK && number < derivation->papers.end; number++) {
        size_t size = (size_t)(title_first[number + 1] - title_first[number]);
        uint64_t citations = citers_first[number + 1] - citers_first[number];
        if (size > 0 && own[number] != MODEL_NO_NODE) {
            code = derive_words_add(
                derivation->title_words, number,
                citations > UINT32_MAX ? UINT32_MAX : (uint32_t)citations,
                base_slice((const char *)derivation->titles.data + title_first[number], size),
                derivation->error);
        }
    }
    if (code == BASE_OK) {
        derive_words_end(derivation->title_words);
    }
    return code;
}

static enum base_code emit_number(struct derivation *derivation, struct engine_counter *counter,
                                  uint32_t number)
{
    const uint64_t *cites_first = derivation->cites_first.data;
    const uint64_t *citers_first = derivation->citers_first.data;
    const uint32_t *own = derivation->papers.own.data;
    enum base_code code = BASE_OK;
    if (own[number] != MODEL_NO_NODE) {
        code = emit_paper(derivation, counter, number);
    }
    if (code == BASE_OK) {
        code =
            emit_list(derivation, STORE_CITES, number,
                      (const uint32_t *)derivation->cites.data + cites_first[number],
                      (size_t)(cites_first[number + 1] - cites_first[number]) * sizeof(uint32_t));
    }
    return code != BASE_OK
               ? code
               : emit_list(
                     derivation, STORE_CITED_BY, number,
                     (const struct engine_citer *)derivation->citers.data + citers_first[number],
                     (size_t)(citers_first[number + 1] - citers_first[number]) * STORE_CITER_SIZE);
}

static enum base_code emit_edge_tables(struct derivation *derivation)
{
    enum { STOP_EVERY = 4096 };
    struct engine_counter *counter = engine_counter_new(derivation->papers.end, NULL);
    enum base_code code = counter == NULL ? derive_out_of_memory(derivation) : BASE_OK;
    for (uint32_t number = 1; code == BASE_OK && number < derivation->papers.end; number++) {
        code = number % STOP_EVERY == 0 ? derive_check_stop(derivation) : BASE_OK;
        if (code == BASE_OK) {
            code = emit_number(derivation, counter, number);
        }
    }
    engine_counter_free(counter);
    return code;
}

enum base_code derive_edges(struct derivation *derivation)
{
    _Static_assert(sizeof(struct engine_citer) == STORE_CITER_SIZE, "citers lie packed on disk");
    enum base_code code = count_citers(derivation);
    if (code != BASE_OK) {
        return code;
    }
    code = index_titles(derivation);
    if (code != BASE_OK) {
        return code;
    }
    deal_citers(derivation);
    return derive_aside_open(derivation, emit_edge_tables, &derivation->edge_tables);
}
