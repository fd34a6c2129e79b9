#include "engine/recount.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"

/* Years that a date may name lie below this; the calendar's module keeps them so. */
enum { YEAR_END = 2256 };

struct engine_counter {
    uint32_t stamp;   /* of the present author */
    uint32_t *own;    /* paper -> stamp of the author who lists it; borrowed */
    uint32_t *citing; /* paper -> stamp of the author whose set it cites; likewise */
    uint32_t paper_end;
    uint32_t *counts;
    struct engine_run *runs;
    size_t room;
    unsigned low; /* years[low..high] may be other than zero */
    unsigned high;
    struct engine_year years[YEAR_END];
};

struct engine_counter *engine_counter_new(uint32_t paper_end, uint32_t *marks)
{
    struct engine_counter *counter = calloc(1, sizeof *counter);
    if (counter == NULL) {
        return NULL;
    }
    counter->own = marks;
    counter->citing = marks == NULL ? NULL : marks + engine_counter_marks(paper_end) / 2;
    counter->paper_end = paper_end;
    counter->low = YEAR_END;
    return counter;
}

void engine_counter_free(struct engine_counter *counter)
{
    if (counter != NULL) {
        free(counter->counts);
        free(counter->runs);
        free(counter);
    }
}

static void series_clear(struct engine_counter *counter)
{
    if (counter->low <= counter->high) {
        memset(counter->years + counter->low, 0,
               (counter->high - counter->low + 1) * sizeof counter->years[0]);
    }
    counter->low = YEAR_END;
    counter->high = 0;
}

static struct engine_year *series_year(struct engine_counter *counter, unsigned year)
{
    if (year >= YEAR_END) {
        year = YEAR_END - 1;
    }
    counter->low = year < counter->low ? year : counter->low;
    counter->high = year > counter->high ? year : counter->high;
    return &counter->years[year];
}

static struct engine_series series_result(const struct engine_counter *counter)
{
    if (counter->low > counter->high) {
        return (struct engine_series){0, 0, NULL};
    }
    return (struct engine_series){counter->low, counter->high - counter->low + 1,
                                  counter->years + counter->low};
}

static bool counts_reserve(struct engine_counter *counter, size_t count)
{
    if (count <= counter->room) {
        return true;
    }
    size_t room = count + count / 2 + 16;
    uint32_t *counts = realloc(counter->counts, room * sizeof *counts);
    if (counts == NULL) {
        return false;
    }
    counter->counts = counts;
    struct engine_run *runs = realloc(counter->runs, room * sizeof *runs);
    if (runs == NULL) {
        return false;
    }
    counter->runs = runs;
    counter->room = room;
    return true;
}

/* A new stamp forgets all marks at once; when stamps run out the marks are cleared in earnest. */
static uint32_t next_stamp(struct engine_counter *counter)
{
    if (++counter->stamp == 0) {
        memset(counter->own, 0, ((size_t)counter->paper_end + 1) * sizeof *counter->own);
        memset(counter->citing, 0, ((size_t)counter->paper_end + 1) * sizeof *counter->citing);
        counter->stamp = 1;
    }
    return counter->stamp;
}

static uint32_t saturated(uint64_t value)
{
    return value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

static void count_citers(struct engine_counter *counter, const struct engine_citer *citers,
                         size_t count, bool self_rule, engine_year_of year_of,
                         struct engine_author_numbers *sum)
{
    for (size_t i = 0; i < count; i++) {
        uint32_t citing = citers[i].paper;
        if (counter->citing[citing] != counter->stamp) {
            counter->citing[citing] = counter->stamp;
            sum->citing_paper_count++;
        }
        if (self_rule && counter->own[citing] == counter->stamp) {
            sum->self_citation_count++;
        }
        if (citers[i].day != ENGINE_NO_DAY) {
            series_year(counter, year_of(citers[i].day))->citation_count++;
        }
    }
}

bool engine_recount_author(struct engine_counter *counter, const struct engine_graph *graph,
                           uint32_t author, bool self_rule, engine_year_of year_of,
                           struct engine_author_numbers *numbers)
{
    const struct engine_authored *papers;
    size_t paper_count;
    BASE_ASSERT(counter->own != NULL);
    graph->papers(graph->context, author, &papers, &paper_count);
    if (!counts_reserve(counter, paper_count)) {
        return false;
    }
    struct engine_author_numbers sum = {0};
    uint32_t stamp = next_stamp(counter);
    series_clear(counter);
    for (size_t i = 0; i < paper_count; i++) {
        counter->own[papers[i].paper] = stamp;
        if (papers[i].day == ENGINE_NO_DAY) {
            continue;
        }
        unsigned year = year_of(papers[i].day);
        series_year(counter, year)->paper_count++;
        sum.first_year = sum.first_year == 0 || year < sum.first_year ? year : sum.first_year;
        sum.last_year = year > sum.last_year ? year : sum.last_year;
    }
    for (size_t i = 0; i < paper_count; i++) {
        const struct engine_citer *citers;
        size_t citer_count;
        graph->citers(graph->context, papers[i].paper, &citers, &citer_count);
        counter->counts[i] = saturated(citer_count);
        count_citers(counter, citers, citer_count, self_rule, year_of, &sum);
    }
    sum.run_count = engine_runs_of_counts(counter->counts, paper_count, counter->runs);
    sum.runs = counter->runs;
    engine_indicators(counter->runs, sum.run_count, &sum.indicators);
    sum.citation_count = saturated(sum.indicators.citation_count);
    sum.series = series_result(counter);
    *numbers = sum;
    return true;
}

void engine_recount_paper(struct engine_counter *counter, const struct engine_citer *citers,
                          size_t count, uint32_t day, engine_year_of year_of,
                          struct engine_paper_numbers *numbers)
{
    struct engine_paper_numbers sum = {.citation_count = saturated(count)};
    series_clear(counter);
    for (size_t i = 0; i < count; i++) {
        if ((citers[i].flags & ENGINE_EDGE_SHARES_AUTHOR) != 0) {
            sum.self_citation_count++;
        }
        if (citers[i].day != ENGINE_NO_DAY) {
            series_year(counter, year_of(citers[i].day))->citation_count++;
        }
    }
    if (counter->low <= counter->high && day != ENGINE_NO_DAY) {
        /* The history begins with publication, zeros included. */
        unsigned year = year_of(day);
        if (year < counter->low) {
            series_year(counter, year);
        }
    }
    sum.series = series_result(counter);
    *numbers = sum;
}
