/* Small numbers for repeated texts: sources, fields. */
#ifndef STORE_INTERN_H
#define STORE_INTERN_H

#include "store/scratch.h"

struct store_intern {
    struct store_array bytes;   /* texts one behind the other */
    struct store_array offsets; /* u64 a number, and one behind the last */
    struct store_array slots;   /* u32 number + 1, open addressing */
    uint32_t count;
};

void store_intern_init(struct store_intern *intern, struct store_scratch *scratch);
void store_intern_fini(struct store_intern *intern);

/* Forgets all texts. */
void store_intern_clear(struct store_intern *intern);

/* The text's number, 0, 1, … in order of first sight; the same text has the same number. */
enum base_code store_intern_number(struct store_intern *intern, struct base_slice text,
                                   uint32_t *number, struct base_error *error);

/* False when the text is new. */
bool store_intern_find(const struct store_intern *intern, struct base_slice text, uint32_t *number);

bool store_intern_has(const struct store_intern *intern, struct base_slice text);

/* Borrowed until the next new text. */
struct base_slice store_intern_text(const struct store_intern *intern, uint32_t number);

#endif
