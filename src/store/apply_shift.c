/* Part of step 5: authors whose papers only earned or lost citations. Their numbers are adjusted by
 * that; a recount would read every list of every paper of theirs. */
#include <limits.h>

#include "engine/adjust.h"
#include "store/application.h"

/* Of a paper that is the same but for its citations: so many in a year more. */
struct year_shift {
    unsigned year;
    uint32_t more; /* modulo 2^32 */
};

struct apply_shift {
    struct engine_shift citations;
    const struct year_shift *years;
    size_t year_count;
};

enum base_code apply_note_shift(struct apply *apply, uint32_t number,
                                const struct store_paper *before,
                                const struct engine_paper_numbers *now)
{
    struct apply_shift *shift = base_arena_zalloc(&apply->arena, sizeof *shift);
    struct year_shift *years =
        base_arena_array(&apply->arena, before->years.count + now->series.count, sizeof *years);
    if (shift == NULL || years == NULL) {
        return apply_out_of_memory(apply);
    }
    struct store_years left = before->years;
    struct store_year counts;
    unsigned year;
    while (store_years_next(&left, &year, &counts)) {
        if (counts.citation_count != 0) {
            years[shift->year_count++] = (struct year_shift){year, 0U - counts.citation_count};
        }
    }
    for (size_t i = 0; i < now->series.count; i++) {
        if (now->series.years[i].citation_count != 0) {
            years[shift->year_count++] = (struct year_shift){now->series.first_year + (unsigned)i,
                                                             now->series.years[i].citation_count};
        }
    }
    shift->citations = (struct engine_shift){before->citation_count, now->citation_count};
    shift->years = years;
    return apply_index_put(apply, &apply->shifts, number, shift);
}

/* Authors of papers that are cited and did not change, each with the citing paper. */
static enum base_code add_cited(struct apply *apply, struct store_array *pairs, uint32_t citing,
                                uint32_t cited)
{
    const struct apply_authorship *authors;
    size_t count;
    if (apply_index_find(&apply->papers, cited) != NULL) {
        return BASE_OK;
    }
    base_arena_reset(&apply->work);
    enum base_code code = apply_authors_of(apply, cited, &apply->work, &authors, &count);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = apply_add_pair(apply, pairs, authors[i].author, citing);
    }
    return code;
}

enum base_code apply_collect_citing(struct apply *apply)
{
    enum base_code code = BASE_OK;
    size_t count = apply->papers.items.size / sizeof(struct apply_paper *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_paper *paper = ((struct apply_paper **)apply->papers.items.data)[i];
        for (size_t k = 0; code == BASE_OK && k < paper->cites_before_count; k++) {
            code = add_cited(apply, &apply->citing_before, paper->number, paper->cites_before[k]);
        }
        for (size_t k = 0; code == BASE_OK && k < paper->cite_count; k++) {
            code = add_cited(apply, &apply->citing_now, paper->number, paper->cites[k].cited);
        }
    }
    apply_sort_pairs(&apply->citing_before);
    apply_sort_pairs(&apply->citing_now);
    apply_sort_pairs(&apply->shifted);
    return code;
}

/* The pairs of one owner. */
static size_t pairs_of(const struct store_array *pairs, uint32_t owner,
                       const struct apply_pair **first)
{
    const struct apply_pair *items = pairs->data;
    size_t count = pairs->size / sizeof *items;
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (items[middle].owner < owner) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t end = low;
    while (end < count && items[end].owner == owner) {
        end++;
    }
    *first = items + low;
    return end - low;
}

static enum base_code damaged(struct apply *apply, uint32_t number)
{
    return base_fail(apply->error, BASE_DATA_LOSS,
                     "table author, row %u: the histogram is not that of its papers; run hirschd "
                     "verify",
                     number);
}

static enum base_code shift_runs(struct apply *apply, uint32_t number, struct base_slice packed,
                                 const struct apply_pair *pairs, size_t count,
                                 struct engine_author_numbers *numbers)
{
    /* A run takes two bytes or more. */
    struct engine_run *runs =
        base_arena_array(&apply->work, packed.size / 2 + count + 1, sizeof *runs);
    size_t used = 0;
    if (runs == NULL) {
        return apply_out_of_memory(apply);
    }
    while (packed.size > 0) {
        uint64_t citations;
        uint64_t papers;
        if (!base_take_varint(&packed, &citations) || !base_take_varint(&packed, &papers)) {
            return damaged(apply, number);
        }
        runs[used++] = (struct engine_run){(uint32_t)citations, (uint32_t)papers};
    }
    for (size_t i = 0; i < count; i++) {
        const struct apply_shift *shift = apply_index_find(&apply->shifts, pairs[i].item);
        if (shift != NULL && !engine_shift_runs(runs, &used, shift->citations)) {
            return damaged(apply, number);
        }
    }
    numbers->runs = runs;
    numbers->run_count = used;
    engine_indicators(runs, used, &numbers->indicators);
    uint64_t citations = numbers->indicators.citation_count;
    numbers->citation_count = citations > UINT32_MAX ? UINT32_MAX : (uint32_t)citations;
    return BASE_OK;
}

static enum base_code shift_years(struct apply *apply, const struct store_years *stored,
                                  const struct apply_pair *pairs, size_t count,
                                  struct engine_author_numbers *numbers)
{
    unsigned low = stored->count == 0 ? UINT_MAX : stored->first_year;
    unsigned high = stored->count == 0 ? 0 : stored->first_year + stored->count - 1;
    for (size_t i = 0; i < count; i++) {
        const struct apply_shift *shift = apply_index_find(&apply->shifts, pairs[i].item);
        for (size_t k = 0; shift != NULL && k < shift->year_count; k++) {
            low = shift->years[k].year < low ? shift->years[k].year : low;
            high = shift->years[k].year > high ? shift->years[k].year : high;
        }
    }
    numbers->series = (struct engine_series){0, 0, NULL};
    if (low > high) {
        return BASE_OK;
    }
    size_t size = high - low + 1;
    struct engine_year *years = base_arena_array(&apply->work, size, sizeof *years);
    if (years == NULL) {
        return apply_out_of_memory(apply);
    }
    struct store_years left = *stored;
    struct store_year counts;
    unsigned year;
    while (store_years_next(&left, &year, &counts)) {
        years[year - low] = (struct engine_year){counts.paper_count, counts.citation_count};
    }
    for (size_t i = 0; i < count; i++) {
        const struct apply_shift *shift = apply_index_find(&apply->shifts, pairs[i].item);
        for (size_t k = 0; shift != NULL && k < shift->year_count; k++) {
            years[shift->years[k].year - low].citation_count += shift->years[k].more;
        }
    }
    /* A series begins and ends with something. */
    size_t from = 0;
    while (from < size && years[from].paper_count == 0 && years[from].citation_count == 0) {
        from++;
    }
    while (size > from && years[size - 1].paper_count == 0 && years[size - 1].citation_count == 0) {
        size--;
    }
    if (size > from) {
        numbers->series = (struct engine_series){low + (unsigned)from, size - from, years + from};
    }
    return BASE_OK;
}

enum base_code apply_adjust(struct apply *apply, const struct store_author *stored,
                            struct base_slice runs, struct engine_author_numbers *numbers)
{
    const struct apply_pair *pairs;
    const struct apply_pair *citing;
    size_t count = pairs_of(&apply->shifted, stored->number, &pairs);
    size_t now = pairs_of(&apply->citing_now, stored->number, &citing);
    size_t before = pairs_of(&apply->citing_before, stored->number, &citing);
    *numbers = (struct engine_author_numbers){
        .citing_paper_count = stored->citing_paper_count + (uint32_t)now - (uint32_t)before,
        .self_citation_count = stored->self_citation_count,
        .first_year = stored->first_year,
        .last_year = stored->last_year,
    };
    enum base_code code = shift_runs(apply, stored->number, runs, pairs, count, numbers);
    return code == BASE_OK ? shift_years(apply, &stored->years, pairs, count, numbers) : code;
}
