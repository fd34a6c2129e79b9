/* Cohorts: papers of one year, field and kind, and what their members have earned, as a refresh
 * found it. */
#ifndef STORE_COHORTS_H
#define STORE_COHORTS_H

#include "engine/cohort.h"
#include "store/store.h"

/* The rules under which they are computed. */
enum store_cohort_rule {
    STORE_COHORT_INCLUDE = 0,
    STORE_COHORT_EXCLUDE_COAUTHOR = 1,
    STORE_COHORT_RULES = 2,
};

/* Row "cohorts" of meta: the last refresh that came to its end. */
struct store_refreshed {
    uint64_t sequence; /* of the snapshot that was read */
    uint32_t day;      /* coverage_end of that snapshot: the day of all counts */
    uint32_t cohorts;
    uint32_t members;
    uint8_t round; /* first byte of its keys; the next refresh takes the other one */
};

/* NOT_FOUND: there was none since the store was loaded. */
enum base_code store_read_refreshed(struct store_reader *reader, struct store_refreshed *refreshed,
                                    struct base_error *error);

struct store_cohort {
    unsigned year;
    uint8_t kind;               /* enum model_kind */
    struct base_slice field;    /* borrowed from the snapshot */
    struct engine_cohort table; /* runs in the arena */
};

/* Of a paper its counts and its cohort, by one rule. NOT_FOUND without text: the paper was in no
 * cohort at that refresh. */
enum base_code store_read_member(struct store_reader *reader,
                                 const struct store_refreshed *refreshed, uint32_t paper,
                                 enum store_cohort_rule rule, struct base_arena *arena,
                                 struct engine_member *member, struct store_cohort *cohort,
                                 struct base_error *error);

/* For the refresh, in this module: what the rows look like. */

/* cohort_papers: STORE_MEMBER_BLOCK papers a row, packed: cohort u32 (0: none), then for each rule
 * citation_count u32 and window_citations u32. */
enum { STORE_MEMBER_BLOCK = 64, STORE_MEMBER_SIZE = 4 + 8 * STORE_COHORT_RULES };

struct store_member {
    uint32_t cohort;
    struct engine_member counts[STORE_COHORT_RULES];
};

void store_put_member(uint8_t *to, const struct store_member *member);
void store_get_member(const void *from, struct store_member *member);

void store_cohort_key(uint8_t key[5], uint8_t round, uint32_t number);

/* Appends the value of a cohort's row. */
void store_encode_cohort(struct base_buffer *buffer, unsigned year, uint8_t kind,
                         struct base_slice field,
                         const struct engine_cohort tables[STORE_COHORT_RULES]);

#define STORE_META_COHORTS "cohorts"
enum { STORE_REFRESHED_SIZE = 8 + 4 + 4 + 4 + 1 };
void store_put_refreshed(uint8_t to[STORE_REFRESHED_SIZE], const struct store_refreshed *refreshed);

#endif
