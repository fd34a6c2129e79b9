/* From the source records of one entity to the one merged view that is served. */
#ifndef MODEL_MERGE_H
#define MODEL_MERGE_H

#include "model/record.h"

struct model_issue {
    const char *code; /* static */
    struct base_slice text;
};

/* A reported block with what speaks against it. */
struct model_reported_view {
    struct model_reported reported;
    const struct model_issue *issues;
    size_t issue_count;
};

/* The merged view of an author or a paper. All borrowed from the records and the arena. */
struct model_view {
    enum model_entity entity;
    struct model_id id;         /* own id; for an entity without records set by the caller */
    const struct model_id *ids; /* set by the caller, who knows what resolves here */
    size_t id_count;
    const struct model_id *disputed; /* set by the caller; a subset of ids */
    size_t disputed_count;
    const struct model_reported_view *reported; /* newest as_of first, then by bytes; each once */
    size_t reported_count;
    bool name_only; /* a `name:` author; set by the caller */
    bool stub;      /* a cited id without record; set by the caller */
    union {
        struct model_author_record author;
        struct model_paper_record paper; /* references: as written, of the record they come from */
    };
};

/* Order in which records are asked for a field: updated descending, then primary id ascending.
 * Sorts the pointers. */
void model_merge_order(const struct model_record **records, size_t count);

/* Each field from the first record, in that order, that has it; authors and references whole, a
 * complete author list before a truncated one; aliases, affiliations and reported united. records
 * are of one type and at least one; the result does not depend on their order. Fills id, reported
 * and the union of *view, clears the rest. RESOURCE_EXHAUSTED when the arena is full. */
enum base_code model_merge(const struct model_record *const *records, size_t count,
                           struct base_arena *arena, struct model_view *view,
                           struct base_error *error);

/* What speaks against a reported block of an author (metrics, section 1 and 2):
 * H_INDEX_ABOVE_PAPERS (h > papers), H_INDEX_ABOVE_CITATIONS (h*h > citations, unless the basis is
 * citing papers; then h > citations), I10_ABOVE_PAPERS, I10_ABOVE_CITATIONS (10*i10 > citations; of
 * citing papers ten are enough), YEARS_ABOVE_CITATIONS, YEARS_ABOVE_PAPERS (a sum over years above
 * the total). Only what the given fields allow. For a paper only YEARS_ABOVE_CITATIONS applies. */
enum base_code model_reported_check(const struct model_reported *reported, struct base_arena *arena,
                                    struct model_reported_view *view, struct base_error *error);

#endif
