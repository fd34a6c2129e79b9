/* What went wrong, as code and as an object: gRPC's canonical codes, and who, why and what to do
 * next. */
#ifndef HIRSCH_STATUS_H
#define HIRSCH_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HIRSCH_API __attribute__((visibility("default")))
#else
#define HIRSCH_API
#endif

/* number, NAME: one row a code. The numbers are gRPC's and never change. */
#define HIRSCH_CODES(X)                                                                            \
    X(0, OK)                                                                                       \
    X(1, CANCELLED)                                                                                \
    X(2, UNKNOWN)                                                                                  \
    X(3, INVALID_ARGUMENT)                                                                         \
    X(4, DEADLINE_EXCEEDED)                                                                        \
    X(5, NOT_FOUND)                                                                                \
    X(6, ALREADY_EXISTS)                                                                           \
    X(7, PERMISSION_DENIED)                                                                        \
    X(8, RESOURCE_EXHAUSTED)                                                                       \
    X(9, FAILED_PRECONDITION)                                                                      \
    X(10, ABORTED)                                                                                 \
    X(11, OUT_OF_RANGE)                                                                            \
    X(12, UNIMPLEMENTED)                                                                           \
    X(13, INTERNAL)                                                                                \
    X(14, UNAVAILABLE)                                                                             \
    X(15, DATA_LOSS)                                                                               \
    X(16, UNAUTHENTICATED)

enum hirsch_code {
#define HIRSCH_CODE_MEMBER(number, name) HIRSCH_##name = number,
    HIRSCH_CODES(HIRSCH_CODE_MEMBER)
#undef HIRSCH_CODE_MEMBER
};

/* "NOT_FOUND"; "UNKNOWN" for a number that is no code. Static storage. */
HIRSCH_API const char *hirsch_code_name(enum hirsch_code code);

struct hirsch_write_result;

/* A failed call. Owned by the caller, given back with hirsch_free(); holds nothing of the client.
 * Texts are UTF-8, end with NUL, are never NULL, and may repeat what the server said: take control
 * characters out before you show them on a terminal. */
typedef struct hirsch_error {
    enum hirsch_code code; /* never HIRSCH_OK */
    const char *text;      /* one sentence: what, where, why, what to do next */
    /* The same call may succeed later without any change: UNAVAILABLE, RESOURCE_EXHAUSTED of a full
     * queue, ABORTED, DEADLINE_EXCEEDED. */
    bool retriable;
    const char *endpoint; /* the one that was asked last, as it was given; "" when none was asked */
    uint32_t attempts;    /* how often the request was sent; 0 when no endpoint could be reached */
    /* Of a write of several requests (hirsch/records.h) that failed after something was sent: what
     * became of each item. Lives as long as the error. Else NULL. */
    const struct hirsch_write_result *partial;
} hirsch_error;

#ifdef __cplusplus
}
#endif

#endif
