/* Part of step 5: authors whose papers earned or lost citations, and who gained or lost papers
 * without any. Their numbers are adjusted by that; a recount would read every list of every paper
 * of theirs. */
#include <limits.h>

#include "engine/adjust.h"
#include "store/application.h"
#include "store/numbers.h"

/* Of a paper: so many citations in a year more. */
struct year_shift {
    unsigned year;
    uint32_t more; /* modulo 2^32 */
};

struct apply_shift {
    struct engine_shift citations;
    const struct year_shift *years;
    size_t year_count;
};

enum base_code apply_note_shift(struct apply *apply, uint32_t number, uint32_t citations,
                                const struct store_years *years_before,
                                const struct engine_paper_numbers *now)
{
    struct apply_shift *shift = base_arena_zalloc(&apply->arena, sizeof *shift);
    struct year_shift *years =
        base_arena_array(&apply->arena, years_before->count + now->series.count, sizeof *years);
    if (shift == NULL || years == NULL) {
        return apply_out_of_memory(apply);
    }
    struct store_years left = *years_before;
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
    shift->citations = (struct engine_shift){citations, now->citation_count};
    shift->years = years;
    return apply_index_put(apply, &apply->shifts, number, shift);
}

/* One changed paper and what it cites, as it was or as it is. */
struct citing_pass {
    uint32_t citing;
    bool before;
    uint32_t *authors; /* of the citing paper, ascending */
    size_t author_count;
};

static enum base_code begin_citing(struct apply *apply, const struct apply_paper *paper,
                                   bool before, struct citing_pass *pass)
{
    const struct apply_authorship *authors = before ? paper->authors_before : paper->authors;
    size_t count = before ? paper->authors_before_count : paper->author_count;
    base_arena_reset(&apply->deciding);
    *pass = (struct citing_pass){
        .citing = paper->number,
        .before = before,
        .authors = base_arena_array(&apply->deciding, count, sizeof(uint32_t)),
        .author_count = count,
    };
    if (pass->authors == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < count; i++) {
        pass->authors[i] = authors[i].author;
    }
    store_sort_numbers(pass->authors, count);
    return BASE_OK;
}

/* Authors of the cited paper as it was, or is, each with the citing paper; an author of both cites
 * himself. */
static enum base_code add_cited(struct apply *apply, const struct citing_pass *pass, uint32_t cited)
{
    const struct apply_paper *changed = apply_index_find(&apply->papers, cited);
    const struct apply_authorship *authors;
    size_t count;
    enum base_code code = BASE_OK;
    base_arena_reset(&apply->work);
    if (changed != NULL && pass->before) {
        authors = changed->authors_before;
        count = changed->authors_before_count;
    } else {
        code = apply_authors_of(apply, cited, &apply->work, &authors, &count);
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        uint32_t author = authors[i].author;
        code = apply_add_pair(apply, pass->before ? &apply->citing_before : &apply->citing_now,
                              author, pass->citing);
        if (code == BASE_OK && store_has_number(pass->authors, pass->author_count, author)) {
            code = apply_add_pair(apply, &apply->selves, author, pass->before ? UINT32_MAX : 1);
        }
    }
    return code;
}

enum base_code apply_collect_citing(struct apply *apply)
{
    enum base_code code = BASE_OK;
    size_t count = apply->papers.items.size / sizeof(struct apply_paper *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_paper *paper = ((struct apply_paper **)apply->papers.items.data)[i];
        struct citing_pass pass;
        code = begin_citing(apply, paper, true, &pass);
        for (size_t k = 0; code == BASE_OK && k < paper->cites_before_count; k++) {
            code = add_cited(apply, &pass, paper->cites_before[k]);
        }
        if (code == BASE_OK) {
            code = begin_citing(apply, paper, false, &pass);
        }
        for (size_t k = 0; code == BASE_OK && k < paper->cite_count; k++) {
            code = add_cited(apply, &pass, paper->cites[k].cited);
        }
    }
    apply_sort_pairs(&apply->citing_before);
    apply_sort_pairs(&apply->citing_now);
    apply_sort_pairs(&apply->shifted);
    apply_order_pairs(&apply->selves);
    return code;
}

size_t apply_listings_of(const struct apply *apply, uint32_t author,
                         const struct apply_listing **first)
{
    const struct apply_listing *listings = apply->listings.data;
    size_t low = 0;
    size_t count = apply->listings.size / sizeof *listings;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (listings[middle].author < author) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    size_t end = low;
    while (end < count && listings[end].author == author) {
        end++;
    }
    *first = listings + low;
    return end - low;
}

bool apply_adjusts(const struct apply *apply, uint32_t author)
{
    const struct apply_listing *listings;
    size_t count = apply_listings_of(apply, author, &listings);
    for (size_t i = 0; i < count; i++) {
        const struct apply_paper *paper = listings[i].paper;
        if (listings[i].was != listings[i].is &&
            (paper->before.citation_count > 0 || paper->now.citation_count > 0)) {
            return false;
        }
    }
    return true;
}

/* What changed of one author. */
struct adjustment {
    struct apply *apply;
    const struct store_author *stored;
    const struct apply_pair *pairs; /* shifted */
    size_t pair_count;
    const struct apply_listing *listings;
    size_t listing_count;
};

static enum base_code damaged(struct apply *apply, uint32_t number)
{
    return base_fail(apply->error, BASE_DATA_LOSS,
                     "table author, row %u: the histogram is not that of its papers; run hirschd "
                     "verify",
                     number);
}

static const struct apply_shift *shift_of(const struct adjustment *adjustment, uint32_t paper)
{
    return apply_index_find(&adjustment->apply->shifts, paper);
}

/* Papers that were there and are there, the i-th of them; NULL: it came or went. */
static const struct apply_shift *stayed(const struct adjustment *adjustment, size_t i)
{
    if (i < adjustment->pair_count) {
        return shift_of(adjustment, adjustment->pairs[i].item);
    }
    const struct apply_listing *listing = &adjustment->listings[i - adjustment->pair_count];
    return listing->was && listing->is ? shift_of(adjustment, listing->paper->number) : NULL;
}

static bool move_papers(const struct adjustment *adjustment, struct engine_run *runs, size_t *used)
{
    for (size_t i = 0; i < adjustment->pair_count + adjustment->listing_count; i++) {
        const struct apply_shift *shift = stayed(adjustment, i);
        if (shift != NULL && !engine_shift_runs(runs, used, shift->citations)) {
            return false;
        }
    }
    for (size_t i = 0; i < adjustment->listing_count; i++) {
        const struct apply_listing *listing = &adjustment->listings[i];
        if (listing->was && !listing->is &&
            !engine_take_paper(runs, used, listing->paper->before.citation_count)) {
            return false;
        }
        if (listing->is && !listing->was) {
            engine_add_paper(runs, used, listing->paper->now.citation_count);
        }
    }
    return true;
}

static enum base_code shift_runs(const struct adjustment *adjustment, struct base_slice packed,
                                 struct engine_author_numbers *numbers)
{
    struct apply *apply = adjustment->apply;
    uint32_t number = adjustment->stored->number;
    /* A run takes two bytes or more. */
    size_t most = packed.size / 2 + adjustment->pair_count + adjustment->listing_count + 1;
    struct engine_run *runs = base_arena_array(&apply->work, most, sizeof *runs);
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
    if (!move_papers(adjustment, runs, &used)) {
        return damaged(apply, number);
    }
    numbers->runs = runs;
    numbers->run_count = used;
    engine_indicators(runs, used, &numbers->indicators);
    uint64_t citations = numbers->indicators.citation_count;
    numbers->citation_count = citations > UINT32_MAX ? UINT32_MAX : (uint32_t)citations;
    return BASE_OK;
}

/* Years that something may have happened in. */
struct span {
    unsigned low;
    unsigned high;
};

static void widen(struct span *span, unsigned year)
{
    span->low = year < span->low ? year : span->low;
    span->high = year > span->high ? year : span->high;
}

static struct span span_of(const struct adjustment *adjustment)
{
    const struct store_years *stored = &adjustment->stored->years;
    struct span span = {UINT_MAX, 0};
    if (stored->count > 0) {
        span = (struct span){stored->first_year, stored->first_year + stored->count - 1};
    }
    for (size_t i = 0; i < adjustment->pair_count + adjustment->listing_count; i++) {
        const struct apply_shift *shift = stayed(adjustment, i);
        for (size_t k = 0; shift != NULL && k < shift->year_count; k++) {
            widen(&span, shift->years[k].year);
        }
    }
    for (size_t i = 0; i < adjustment->listing_count; i++) {
        const struct apply_listing *listing = &adjustment->listings[i];
        if (listing->is && listing->paper->now.date.day != MODEL_NO_DAY) {
            widen(&span, model_day_year(listing->paper->now.date.day));
        }
    }
    return span;
}

static void add_paper(struct engine_year *years, struct span span, struct model_date date,
                      uint32_t more)
{
    if (date.day == MODEL_NO_DAY) {
        return;
    }
    unsigned year = model_day_year(date.day);
    if (year >= span.low && year <= span.high) {
        years[year - span.low].paper_count += more;
    }
}

static void fill_years(const struct adjustment *adjustment, struct engine_year *years,
                       struct span span)
{
    struct store_years left = adjustment->stored->years;
    struct store_year counts;
    unsigned year;
    while (store_years_next(&left, &year, &counts)) {
        years[year - span.low] = (struct engine_year){counts.paper_count, counts.citation_count};
    }
    for (size_t i = 0; i < adjustment->pair_count + adjustment->listing_count; i++) {
        const struct apply_shift *shift = stayed(adjustment, i);
        for (size_t k = 0; shift != NULL && k < shift->year_count; k++) {
            years[shift->years[k].year - span.low].citation_count += shift->years[k].more;
        }
    }
    for (size_t i = 0; i < adjustment->listing_count; i++) {
        const struct apply_listing *listing = &adjustment->listings[i];
        if (listing->was) {
            add_paper(years, span, listing->paper->before.date, UINT32_MAX);
        }
        if (listing->is) {
            add_paper(years, span, listing->paper->now.date, 1);
        }
    }
}

static enum base_code shift_years(const struct adjustment *adjustment,
                                  struct engine_author_numbers *numbers)
{
    struct span span = span_of(adjustment);
    numbers->series = (struct engine_series){0, 0, NULL};
    if (span.low > span.high) {
        return BASE_OK;
    }
    size_t size = span.high - span.low + 1;
    struct engine_year *years = base_arena_array(&adjustment->apply->work, size, sizeof *years);
    if (years == NULL) {
        return apply_out_of_memory(adjustment->apply);
    }
    fill_years(adjustment, years, span);
    for (unsigned i = 0; i < size; i++) {
        if (years[i].paper_count > 0) {
            numbers->first_year = numbers->first_year == 0 ? span.low + i : numbers->first_year;
            numbers->last_year = span.low + i;
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
        numbers->series =
            (struct engine_series){span.low + (unsigned)from, size - from, years + from};
    }
    return BASE_OK;
}

enum base_code apply_adjust(struct apply *apply, const struct store_author *stored,
                            struct base_slice runs, struct engine_author_numbers *numbers)
{
    struct adjustment adjustment = {.apply = apply, .stored = stored};
    const struct apply_pair *pairs;
    size_t now = apply_pairs_of(&apply->citing_now, stored->number, &pairs);
    size_t before = apply_pairs_of(&apply->citing_before, stored->number, &pairs);
    *numbers = (struct engine_author_numbers){
        .citing_paper_count = stored->citing_paper_count + (uint32_t)now - (uint32_t)before,
        .self_citation_count = stored->self_citation_count,
    };
    size_t selves = stored->name_only ? 0 : apply_pairs_of(&apply->selves, stored->number, &pairs);
    for (size_t i = 0; i < selves; i++) {
        numbers->self_citation_count += pairs[i].item;
    }
    adjustment.pair_count = apply_pairs_of(&apply->shifted, stored->number, &adjustment.pairs);
    adjustment.listing_count = apply_listings_of(apply, stored->number, &adjustment.listings);
    enum base_code code = shift_runs(&adjustment, runs, numbers);
    return code == BASE_OK ? shift_years(&adjustment, numbers) : code;
}
