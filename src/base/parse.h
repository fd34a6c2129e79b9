/* Strict parsing of numbers and sizes from text: the whole text or nothing. */
#ifndef BASE_PARSE_H
#define BASE_PARSE_H

#include "base/bytes.h"

/* Decimal digits only, no sign, no blanks; false, with *value untouched, on anything else or above
 * maximum. */
bool base_parse_u64(struct base_slice text, uint64_t maximum, uint64_t *value);

/* "64MiB", "512KiB", "2GiB", "1TiB" or bytes: a number and an optional unit. */
bool base_parse_size(struct base_slice text, uint64_t *bytes);

#endif
