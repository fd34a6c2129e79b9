/* The three descriptors that a program is started with: input, output, error. */
#ifndef BASE_STANDARD_H
#define BASE_STANDARD_H

#include <stdbool.h>

/* Takes the numbers of those that the caller has closed, before anything else is opened: a file or
 * socket that got one of them would be written into by what is printed or logged. Reading and
 * writing fails there with EBADF, as on what is closed. False: there is no /dev/null to take. */
bool base_standard_take(void);

#endif
