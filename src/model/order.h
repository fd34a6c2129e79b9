/* Orders of the parts of records, and runs of them brought into order with each part once. */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H

#include <stdbool.h>
#include <stddef.h>

/* Negative, zero or positive; zero only when the two have the same canonical bytes. */
typedef int (*model_order)(const void *a, const void *b);

int model_order_id(const void *a, const void *b);          /* struct model_id */
int model_order_text(const void *a, const void *b);        /* struct base_slice */
int model_order_affiliation(const void *a, const void *b); /* struct model_affiliation: name, ror */
int model_order_year(const void *a, const void *b);        /* struct model_reported_year */
/* struct model_reported: newest as_of first, undated last, then source, then the numbers. */
int model_order_reported(const void *a, const void *b);

/* Is each item greater than the one before it? */
bool model_order_holds(const void *items, size_t count, size_t size, model_order order);

/* Sorts the items, keeps each once and returns how many are left. */
size_t model_order_sort(void *items, size_t count, size_t size, model_order order);

#endif
