#include "base/status.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *base_code_name(enum base_code code)
{
    switch (code) {
#define BASE_CODE_NAME(number, name)                                                               \
    case BASE_##name:                                                                              \
        return #name;
        BASE_CODES(BASE_CODE_NAME)
#undef BASE_CODE_NAME
    }
    return "UNKNOWN";
}

enum base_code base_code_of_errno(int number)
{
    switch (number) {
    case EACCES:
    case EPERM:
        return BASE_PERMISSION_DENIED;
    case EAGAIN:
    case EDQUOT:
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case ENOSPC:
        return BASE_RESOURCE_EXHAUSTED;
    case EIO:
        return BASE_DATA_LOSS;
    default:
        return BASE_FAILED_PRECONDITION;
    }
}

enum base_code(base_fail)(struct base_error *error, enum base_code code, const char *format, ...)
{
    BASE_ASSERT(code != BASE_OK);
    if (error != NULL) {
        va_list arguments;
        va_start(arguments, format);
        error->code = code;
        vsnprintf(error->text, sizeof error->text, format, arguments);
        va_end(arguments);
    }
    return code;
}

void base_error_prefix(struct base_error *error, const char *format, ...)
{
    if (error == NULL) {
        return;
    }
    char joined[BASE_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(joined, sizeof joined, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof joined - 3) {
        return;
    }
    size_t used = (size_t)length;
    joined[used++] = ':';
    joined[used++] = ' ';
    size_t text = strnlen(error->text, sizeof error->text - 1);
    size_t room = sizeof joined - 1 - used;
    memcpy(joined + used, error->text, text < room ? text : room);
    used += text < room ? text : room;
    joined[used] = '\0';
    memcpy(error->text, joined, used + 1);
}

_Noreturn void base_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "hirsch: assertion failed: %s (%s:%d); this is a bug, please report it\n",
            condition, file, line);
    abort();
}
