/* Sorting lists of numbers. */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#include <stddef.h>
#include <stdint.h>

/* Upwards, in place. */
void store_sort_numbers(uint32_t *numbers, size_t count);

#endif
