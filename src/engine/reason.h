/* Numbers that may be undefined, and the reasons why. */
#ifndef ENGINE_REASON_H
#define ENGINE_REASON_H

#include <stdbool.h>

/* number, NAME, "what it means": one row a reason. The numbers are those on the wire. */
#define ENGINE_REASONS(X)                                                                          \
    X(0, DEFINED, "there is a value")                                                              \
    X(1, NO_PAPERS, "the set has no papers under this scope")                                      \
    X(2, NO_CITATIONS, "nothing is cited under this scope")                                        \
    X(3, NO_DATE, "the paper, or every paper of the set, has no date")                             \
    X(4, NO_DAY, "no day was asked for and the dataset has no dated paper to end it")              \
    X(5, NO_REFERENCES, "the paper cites nothing")                                                 \
    X(6, TOO_FEW_REFERENCES, "the paper cites fewer ids than the index asks to be shared")         \
    X(7, NO_CANDIDATES, "no later paper within the window cites it or one of its references")      \
    X(8, NO_CITERS, "no later paper within the window cites it")                                   \
    X(9, UNCITED, "no citation in a complete year since publication")                              \
    X(10, NO_COMPLETE_YEAR, "no calendar year since publication is over")                          \
    X(11, NO_COHORT, "the paper has no date, no field or no kind, and so no cohort")               \
    X(12, COHORT_TOO_SMALL, "the cohort has fewer than 30 members")                                \
    X(13, COHORT_UNCITED, "no member of the cohort is cited within the window")                    \
    X(14, COHORT_NOT_COMPUTED, "the cohort tables were not computed yet")                          \
    X(15, SCOPE_NOT_SUPPORTED,                                                                     \
      "cohort tables exist for today under INCLUDE and "                                           \
      "EXCLUDE_COAUTHOR only")                                                                     \
    X(16, TOO_FEW_PAPERS, "the set has fewer than two papers")

enum engine_reason {
#define ENGINE_REASON_MEMBER(number, name, text) ENGINE_REASON_##name = number,
    ENGINE_REASONS(ENGINE_REASON_MEMBER)
#undef ENGINE_REASON_MEMBER
        ENGINE_REASON_END,
};

/* "NO_REFERENCES", and the sentence; "UNKNOWN" and "" for a number that is no reason. Static
 * storage. */
const char *engine_reason_name(enum engine_reason reason);
const char *engine_reason_text(enum engine_reason reason);

/* value means something only when reason is ENGINE_REASON_DEFINED; else it is 0. */
struct engine_number {
    enum engine_reason reason;
    double value;
};

static inline struct engine_number engine_defined(double value)
{
    return (struct engine_number){ENGINE_REASON_DEFINED, value};
}

static inline struct engine_number engine_undefined(enum engine_reason reason)
{
    return (struct engine_number){reason, 0};
}

#endif
