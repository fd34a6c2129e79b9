#include "fit.h"

#include <math.h>
#include <stdlib.h>

enum { LONGEST = 100000 };

/* How often each value was seen, and what follows from that. */
struct spread {
    uint64_t *seen; /* LONGEST values, greater ones count as the last */
    uint64_t count;
    uint64_t sum;
    uint64_t most;
};

static void add(struct spread *spread, uint64_t value)
{
    spread->seen[value < LONGEST ? value : LONGEST - 1]++;
    spread->count++;
    spread->sum += value;
    spread->most = value > spread->most ? value : spread->most;
}

static uint64_t value_at(const struct spread *spread, double share)
{
    uint64_t wanted = (uint64_t)(share * (double)spread->count);
    uint64_t before = 0;
    for (uint64_t value = 0; value < LONGEST; value++) {
        before += spread->seen[value];
        if (before > wanted) {
            return value;
        }
    }
    return spread->most;
}

/* B. M. Hill, "A simple general approach to inference about the tail of a distribution", 1975: the
 * exponent of the density, from the greatest 5 %. */
static double tail_exponent(const struct spread *spread)
{
    double least = (double)value_at(spread, 0.95);
    double sum = 0;
    double count = 0;
    for (uint64_t value = (uint64_t)least + 1; value < LONGEST; value++) {
        sum += (double)spread->seen[value] * log((double)value / least);
        count += (double)spread->seen[value];
    }
    return count > 0 && least > 0 ? 1 + count / sum : 0;
}

/* ACL Anthology Network: 18,041 papers of 1965 to 2011 with authors by name, 94,931 citations.
 * OpenAlex: 5,841 works of eight systematic reviews with their whole reference lists. Recomputed by
 * tests/support/real_shape.py. Values beside the mean are quotients of it, since the mean is an
 * option. */
static const struct real {
    const char *name;
    double aan;
    double openalex;
} real[] = {
    {"references, median / mean", 0.79, 0.82},
    {"references, p90 / mean", 2.22, 1.87},
    {"references, p99 / mean", 4.13, 4.07},
    {"authors a paper, mean", 2.52, 5.40},
    {"authors a paper, p90", 4, 10},
    {"authors a paper, p99", 8, 19},
    {"papers an author, mean", 3.26, NAN},
    {"papers an author, p90 / mean", 2.15, NAN},
    {"papers an author, p99 / mean", 9.2, NAN},
    {"citations of the cited, p50 / mean", 0.361, NAN},
    {"citations of the cited, p90 / mean", 2.17, NAN},
    {"citations of the cited, p99 / mean", 9.63, NAN},
    {"citations, exponent of the tail", 2.55, 2.71},
    {"papers that are cited, share", 0.62, NAN},
    {"self-citations, share", 0.154, 0.084},
    {"growth a year", 0.105, NAN},
};

enum { MEASURES = sizeof real / sizeof real[0] };

struct counts {
    struct spread references;
    struct spread teams;
    struct spread output;
    struct spread cited;
    uint32_t *citations; /* of papers */
    uint32_t *papers;    /* of authors */
    uint64_t self;
    uint64_t inside;
    uint64_t outside;
};

static bool shares_author(const uint32_t *mine, uint32_t mine_count, const uint32_t *theirs,
                          uint32_t their_count)
{
    for (uint32_t i = 0; i < mine_count; i++) {
        for (uint32_t k = 0; k < their_count; k++) {
            if (mine[i] == theirs[k]) {
                return true;
            }
        }
    }
    return false;
}

static void count_paper(const struct shape *shape, uint32_t paper, struct counts *counts)
{
    static struct shape_reference references[SHAPE_REFERENCES];
    uint32_t mine[SHAPE_AUTHORS];
    uint32_t theirs[SHAPE_AUTHORS];
    uint32_t team = shape_authors(shape, paper, mine);
    uint32_t count = shape_references(shape, paper, references);
    add(&counts->teams, team);
    if (count > 0) {
        add(&counts->references, count);
    }
    for (uint32_t i = 0; i < team; i++) {
        counts->papers[mine[i]]++;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (references[i].outside) {
            counts->outside++;
            continue;
        }
        uint32_t cited = (uint32_t)references[i].number;
        uint32_t others = shape_authors(shape, cited, theirs);
        counts->inside++;
        counts->citations[cited]++;
        counts->self += shares_author(mine, team, theirs, others);
    }
}

static double quotient(const struct spread *spread, double share)
{
    return (double)value_at(spread, share) * (double)spread->count / (double)spread->sum;
}

static double mean(const struct spread *spread)
{
    return spread->count == 0 ? 0 : (double)spread->sum / (double)spread->count;
}

/* Between the tenth of the papers and the end: the first years hold few. */
static double yearly_growth(const struct shape *shape)
{
    double first = shape_time(shape, shape->papers / 10);
    double last = shape_time(shape, shape->papers - 1);
    return log(10) / (last - first);
}

static void print_table(const struct shape *shape, const struct counts *counts, FILE *out)
{
    const double made[MEASURES] = {
        quotient(&counts->references, 0.5),
        quotient(&counts->references, 0.9),
        quotient(&counts->references, 0.99),
        mean(&counts->teams),
        (double)value_at(&counts->teams, 0.9),
        (double)value_at(&counts->teams, 0.99),
        mean(&counts->output),
        quotient(&counts->output, 0.9),
        quotient(&counts->output, 0.99),
        quotient(&counts->cited, 0.5),
        quotient(&counts->cited, 0.9),
        quotient(&counts->cited, 0.99),
        tail_exponent(&counts->cited),
        (double)counts->cited.count / shape->papers,
        (double)counts->self / (double)counts->inside,
        yearly_growth(shape),
    };
    fprintf(out,
            "%u papers, %u authors, %llu citations among them, %llu to works without a record\n",
            shape->papers, shape->authors, (unsigned long long)counts->inside,
            (unsigned long long)counts->outside);
    fprintf(out, "%-36s%10s%10s%10s\n", "", "made", "AAN", "OpenAlex");
    for (size_t i = 0; i < MEASURES; i++) {
        fprintf(out, "%-36s%10.3g%10.3g", real[i].name, made[i], real[i].aan);
        if (isnan(real[i].openalex)) {
            fprintf(out, "%10s\n", "-");
        } else {
            fprintf(out, "%10.3g\n", real[i].openalex);
        }
    }
}

bool fit_print(const struct shape *shape, FILE *out)
{
    struct counts counts = {.self = 0};
    struct spread *spreads[] = {&counts.references, &counts.teams, &counts.output, &counts.cited};
    bool whole = true;
    counts.citations = calloc(shape->papers, sizeof *counts.citations);
    counts.papers = calloc(shape->authors, sizeof *counts.papers);
    for (size_t i = 0; i < 4; i++) {
        spreads[i]->seen = calloc(LONGEST, sizeof *spreads[i]->seen);
        whole = whole && spreads[i]->seen != NULL;
    }
    whole = whole && counts.citations != NULL && counts.papers != NULL;
    for (uint32_t i = 0; whole && i < shape->papers; i++) {
        count_paper(shape, i, &counts);
    }
    for (uint32_t i = 0; whole && i < shape->papers; i++) {
        if (counts.citations[i] > 0) {
            add(&counts.cited, counts.citations[i]);
        }
    }
    for (uint32_t i = 0; whole && i < shape->authors; i++) {
        if (counts.papers[i] > 0) {
            add(&counts.output, counts.papers[i]);
        }
    }
    if (whole) {
        print_table(shape, &counts, out);
    }
    for (size_t i = 0; i < 4; i++) {
        free(spreads[i]->seen);
    }
    free(counts.citations);
    free(counts.papers);
    return whole;
}
