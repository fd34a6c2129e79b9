/* What went wrong: gRPC's canonical codes and one sentence that grows a prefix on its way up. */
#ifndef BASE_STATUS_H
#define BASE_STATUS_H

#include <stdarg.h>
#include <stddef.h>

/* number, NAME: one row a code; enum and names come from here. The numbers are gRPC's. */
#define BASE_CODES(X)                                                                              \
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

enum base_code {
#define BASE_CODE_MEMBER(number, name) BASE_##name = number,
    BASE_CODES(BASE_CODE_MEMBER)
#undef BASE_CODE_MEMBER
};

/* "NOT_FOUND"; "UNKNOWN" for a number that is no code. Static storage. */
const char *base_code_name(enum base_code code);

enum { BASE_ERROR_TEXT = 768 };

/* Lives in the caller's memory, usually on its stack. Text is UTF-8, NUL-terminated, cut when too
 * long. */
struct base_error {
    enum base_code code;
    char text[BASE_ERROR_TEXT];
};

/* Fills error (which may be NULL) and returns code, so that a function can end in
 * `return base_fail(error, BASE_NOT_FOUND, "…")`. code is never BASE_OK. */
enum base_code base_fail(struct base_error *error, enum base_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Tells compilers so, who else take it that a caller might go on with results that are not there.
 */
static inline enum base_code base_never_ok(enum base_code code)
{
    if (code == BASE_OK) {
        __builtin_unreachable();
    }
    return code;
}
#define base_fail(...) base_never_ok(base_fail(__VA_ARGS__))

/* What a system call that failed with this errno means: PERMISSION_DENIED, RESOURCE_EXHAUSTED
 * (room, memory, descriptors, processes), DATA_LOSS for a device that cannot read or write, else
 * FAILED_PRECONDITION. Whether something absent is NOT_FOUND is for the caller to say. */
enum base_code base_code_of_errno(int number);

/* Puts "prefix: " before the text: "import works.jsonl: line 71: …". error may be NULL. */
void base_error_prefix(struct base_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* For our own mistakes only, in every build: bytes from a peer, a file or a user never reach it. */
#define BASE_ASSERT(condition)                                                                     \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            base_assert_failed(#condition, __FILE__, __LINE__);                                    \
        }                                                                                          \
    } while (0)

_Noreturn void base_assert_failed(const char *condition, const char *file, int line);

#endif
