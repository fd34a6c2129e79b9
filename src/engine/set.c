#include "engine/set.h"

#include <stdlib.h>
#include <string.h>

struct engine_paper engine_paper_of_authored(const struct engine_authored *authored, unsigned named)
{
    BASE_ASSERT(named < 64);
    unsigned flags = 0;
    flags |= (authored->flags & ENGINE_AUTHORED_COARSE_DATE) != 0 ? ENGINE_PAPER_COARSE_DATE : 0;
    flags |= (authored->flags & ENGINE_AUTHORED_YEAR_DATE) != 0 ? ENGINE_PAPER_YEAR_DATE : 0;
    flags |= (authored->flags & ENGINE_AUTHORED_REFEREED) != 0 ? ENGINE_PAPER_REFEREED : 0;
    flags |=
        (authored->flags & ENGINE_AUTHORED_REFEREE_KNOWN) != 0 ? ENGINE_PAPER_REFEREE_KNOWN : 0;
    flags |= (authored->flags & ENGINE_AUTHORED_RETRACTED) != 0 ? ENGINE_PAPER_RETRACTED : 0;
    flags |= (authored->flags & ENGINE_AUTHORED_TRUNCATED) != 0 ? ENGINE_PAPER_TRUNCATED : 0;
    bool is_cut = (authored->flags & ENGINE_AUTHORED_TRUNCATED) != 0;
    unsigned places = 0;
    if (authored->position == 0) {
        places |= ENGINE_PLACE_UNKNOWN;
    } else {
        places |= authored->position == 1 ? ENGINE_PLACE_FIRST : 0;
        places |= (authored->flags & ENGINE_AUTHORED_LAST) != 0 ? ENGINE_PLACE_LAST : 0;
        places |= authored->author_count == 1 && !is_cut ? ENGINE_PLACE_SINGLE : 0;
        places |= is_cut ? ENGINE_PLACE_CUT : 0;
    }
    return (struct engine_paper){
        .paper = authored->paper,
        .day = authored->day,
        .author_count = authored->author_count,
        .flags = (uint16_t)flags,
        .places = (uint8_t)places,
        .named = UINT64_C(1) << named,
    };
}

static int by_paper(const void *left, const void *right)
{
    uint32_t a = ((const struct engine_paper *)left)->paper;
    uint32_t b = ((const struct engine_paper *)right)->paper;
    return a < b ? -1 : a > b ? 1 : 0;
}

static bool is_folded(const struct engine_paper *papers, size_t count)
{
    size_t i = 1;
    while (i < count && papers[i - 1].paper < papers[i].paper) {
        i++;
    }
    return i >= count;
}

/* A paper and where it stands. */
struct key {
    uint32_t paper;
    uint32_t index;
};

/* By digits of the number, the lowest first; gives the one of both rooms that holds the result. */
static const struct key *sort_keys(struct key *from, struct key *to, size_t count, uint32_t most)
{
    enum { DIGIT = 11, DIGITS = 1 << DIGIT };
    for (unsigned shift = 0; shift < 32 && most >> shift != 0; shift += DIGIT) {
        size_t place[DIGITS + 1] = {0};
        for (size_t i = 0; i < count; i++) {
            place[(from[i].paper >> shift & (DIGITS - 1)) + 1]++;
        }
        for (size_t digit = 1; digit <= DIGITS; digit++) {
            place[digit] += place[digit - 1];
        }
        for (size_t i = 0; i < count; i++) {
            to[place[from[i].paper >> shift & (DIGITS - 1)]++] = from[i];
        }
        struct key *other = from;
        from = to;
        to = other;
    }
    return from;
}

/* False when there is no memory for it. */
static bool sort_by_digits(struct engine_paper *papers, size_t count)
{
    struct engine_paper *sorted = malloc(count * (sizeof *sorted + 2 * sizeof(struct key)));
    if (sorted == NULL) {
        return false;
    }
    struct key *keys = (struct key *)(sorted + count);
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++) {
        keys[i] = (struct key){papers[i].paper, (uint32_t)i};
        most = papers[i].paper > most ? papers[i].paper : most;
    }
    const struct key *order = sort_keys(keys, keys + count, count, most);
    for (size_t i = 0; i < count; i++) {
        sorted[i] = papers[order[i].index];
    }
    memcpy(papers, sorted, count * sizeof *papers);
    free(sorted);
    return true;
}

static void sort(struct engine_paper *papers, size_t count)
{
    enum { FEW = 256 };
    if (count <= FEW || count > UINT32_MAX || !sort_by_digits(papers, count)) {
        qsort(papers, count, sizeof *papers, by_paper);
    }
}

size_t engine_papers_fold(struct engine_paper *papers, size_t count)
{
    if (is_folded(papers, count)) {
        return count;
    }
    sort(papers, count);
    size_t used = 1;
    for (size_t i = 1; i < count; i++) {
        struct engine_paper *last = &papers[used - 1];
        if (papers[i].paper == last->paper) {
            last->places |= papers[i].places;
            last->named |= papers[i].named;
        } else {
            papers[used++] = papers[i];
        }
    }
    return used;
}

const struct engine_paper *engine_papers_find(const struct engine_paper *papers, size_t count,
                                              uint32_t paper)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (papers[middle].paper < paper) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < count && papers[low].paper == paper ? &papers[low] : NULL;
}
