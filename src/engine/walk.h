/* A walk over the citations of one paper, which says what they come to in each stretch of one year
 * and one row of a timeline. Private to the engine. */
#ifndef ENGINE_WALK_H
#define ENGINE_WALK_H

#include "engine/days.h"
#include "engine/select.h"

/* What the citations of a paper have come to, up to one of them. Two counts share a word, one in
 * either half, and a sum of shares has its whole part by itself: so all of it stays in registers.
 */
struct engine_sums {
    uint64_t citations; /* above them those by refereed papers */
    uint64_t tori_part;
    uint64_t citing; /* papers that were not among the citing ones before; above them citations by
                        papers that no source calls refereed or not */
    uint64_t tori_whole;
};

/* Citations lie in the order of their citing papers' days, so that those of one year and one row,
 * a stretch, stand together. */
struct engine_mark {
    struct engine_sums sums; /* up to its end */
    uint32_t day;            /* of its last citing paper */
    uint32_t year;           /* of them all; 0: they have no day */
};

/* A citation that does not come on its citing paper's own day, for finding out in which row that
 * paper cites the set first. */
struct engine_stray {
    uint32_t paper;
    uint32_t row;
};

/* Citations that nothing has to be asked of: they come on the citing paper's own day, count under
 * every rule, and no report has anything to say of them but whether the citing paper is refereed.
 * Nearly all are. */
struct engine_plain {
    uint32_t until; /* the citing paper's day is before it */
    uint32_t late;  /* from this day on the period of a coarse date may hold the scope's day */
    uint16_t mask;  /* of these flags it has `flags` */
    uint16_t flags;
};

/* What the walks over all papers of a set have in common. */
struct engine_walks {
    struct engine_work *work; /* citing_bits has the citing papers so far */
    const struct engine_edges *edges;
    struct engine_rule *rule; /* its report is counted into */
    const struct engine_days *days;
    struct engine_plain plain;
    struct engine_mark *marks;
    struct engine_stray *strays; /* only where there are rows */
    size_t stray_count;
    uint64_t self_citation_count;
};

/* All of it borrowed. Empties citing_bits. */
enum base_code engine_walks_begin(struct engine_work *work, const struct engine_edges *edges,
                                  struct engine_rule *rule, const struct engine_days *days,
                                  struct engine_walks *walks, struct base_error *error);

/* Leaves marks[0], where nothing has come yet, and behind it one mark a stretch, until the next
 * call; *count: how many stretches. */
enum base_code engine_walk(struct engine_walks *walks, const struct engine_kept *paper,
                           const struct engine_citer *citers, size_t citer_count, size_t *count,
                           struct base_error *error);

static inline uint32_t engine_sums_low(uint64_t counts)
{
    return (uint32_t)counts;
}

static inline uint32_t engine_sums_high(uint64_t counts)
{
    return (uint32_t)(counts >> 32);
}

static inline engine_fixed engine_sums_tori(const struct engine_sums *sums)
{
    return (engine_fixed)sums->tori_whole << 64 | sums->tori_part;
}

#endif
