/* Measures the shape of a made corpus and sets it beside that of real ones. */
#ifndef SEEDS_FIT_H
#define SEEDS_FIT_H

#include <stdio.h>

#include "shape.h"

/* Walks the whole corpus; four bytes a paper and an author. False: memory is out. */
bool fit_print(const struct shape *shape, FILE *out);

#endif
