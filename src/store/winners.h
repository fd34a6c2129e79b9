/* Of all source records, old and new, the one that counts for each key. */
#ifndef STORE_WINNERS_H
#define STORE_WINNERS_H

#include "store/derive.h"
#include "store/merge.h"
#include "store/suppress.h"

struct store_winners {
    struct store_array records; /* struct store_record, in the order of keys */
    struct base_arena redacted; /* bytes of records that suppress lines changed */
    uint64_t superseded;
    uint64_t suppressed;
};

void store_winners_init(struct store_winners *winners, struct store_scratch *scratch);
void store_winners_fini(struct store_winners *winners);

/* Slices live as long as the inputs and the winners. */
enum base_code store_winners_collect(struct store_winners *winners, struct store_merge *merge,
                                     struct store_scratch *scratch, struct base_error *error);

#endif
