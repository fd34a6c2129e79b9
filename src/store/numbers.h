/* Sorted lists of numbers. */
#ifndef STORE_NUMBERS_H
#define STORE_NUMBERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Upwards, in place. */
void store_sort_numbers(uint32_t *numbers, size_t count);

bool store_has_number(const uint32_t *sorted, size_t count, uint32_t wanted);

#endif
