#include "base/standard.h"

#include <fcntl.h>
#include <unistd.h>

bool base_standard_take(void)
{
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
        if (fcntl(number, F_GETFD) >= 0) {
            continue;
        }
        /* The wrong way round, so that nobody's output vanishes and no input is taken for an empty
         * one. The lowest free number is the one that is missing. */
        if (open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number) {
            return false;
        }
    }
    return true;
}
