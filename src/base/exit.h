/* Exit codes of both programs, by sysexits where it has a number; documented in README, never
 * changed. */
#ifndef BASE_EXIT_H
#define BASE_EXIT_H

#include "base/status.h"

enum base_exit {
    BASE_EXIT_OK = 0,
    BASE_EXIT_FAILED = 1, /* failed at run time, no better number */
    BASE_EXIT_PARTIAL =
        2, /* done, but some items were rejected (within --max-errors) or some ids failed */
    BASE_EXIT_INVALID = 3, /* measured, but the generator was the limit: says nothing */
    BASE_EXIT_NOT_FOUND = 4,
    BASE_EXIT_USAGE = 64,         /* wrong option or argument */
    BASE_EXIT_BAD_DATA = 65,      /* the input is wrong: a record, an id, a request */
    BASE_EXIT_NO_INPUT = 66,      /* an input file cannot be opened */
    BASE_EXIT_UNAVAILABLE = 69,   /* no answer from the daemon in time */
    BASE_EXIT_CANT_CREATE = 73,   /* an output cannot be made: directory, disk full */
    BASE_EXIT_IO = 74,            /* read or write error, damaged store */
    BASE_EXIT_RETRY = 75,         /* a limit is reached for now: in use, queue full */
    BASE_EXIT_NO_PERMISSION = 77, /* a key, its role or the owner of a file does not do */
    BASE_EXIT_CONFIG = 78,        /* configuration or state of the data directory does not fit */
    BASE_EXIT_INTERRUPTED = 130,
};

static inline int base_exit_of(enum base_code code)
{
    switch (code) {
    case BASE_OK:
        return BASE_EXIT_OK;
    case BASE_NOT_FOUND:
        return BASE_EXIT_NOT_FOUND;
    case BASE_INVALID_ARGUMENT:
    case BASE_OUT_OF_RANGE:
        return BASE_EXIT_BAD_DATA;
    case BASE_UNAVAILABLE:
    case BASE_DEADLINE_EXCEEDED:
        return BASE_EXIT_UNAVAILABLE;
    case BASE_RESOURCE_EXHAUSTED:
    case BASE_ABORTED:
        return BASE_EXIT_RETRY;
    case BASE_UNAUTHENTICATED:
    case BASE_PERMISSION_DENIED:
        return BASE_EXIT_NO_PERMISSION;
    case BASE_FAILED_PRECONDITION:
        return BASE_EXIT_CONFIG;
    case BASE_DATA_LOSS:
        return BASE_EXIT_IO;
    case BASE_CANCELLED:
        return BASE_EXIT_INTERRUPTED;
    default:
        return BASE_EXIT_FAILED;
    }
}

#endif
