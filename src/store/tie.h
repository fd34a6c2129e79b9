/* What ties one id to others: rows of table `ties`. */
#ifndef STORE_TIE_H
#define STORE_TIE_H

#include "base/buffer.h"

/* A claim and a merge line stand in the rows of both of their ids. */
enum store_tie_role {
    STORE_TIE_CLAIMED = 1, /* the other id, a record's or an author's on papers, claims this one */
    STORE_TIE_CLAIMS = 2,  /* this one claims the other */
    STORE_TIE_LINE = 3,    /* a merge line names both */
};

/* Slices are borrowed from the row. */
struct store_tie {
    enum store_tie_role role;
    uint32_t count;           /* how often it is said */
    struct base_slice other;  /* key of the other id, without its entity kind: it is the same */
    struct base_slice source; /* who says so; empty for lines */
};

/* Rows hold their ties in this order, each once: role, other id, source. */
int store_tie_compare(const struct store_tie *a, const struct store_tie *b);

/* Appends a tie to a row; check buffer->failed. */
void store_append_tie(struct base_buffer *row, const struct store_tie *tie);

/* Takes a tie off the front of a row; false when the bytes are none. */
bool store_take_tie(struct base_slice *rest, struct store_tie *tie);

#endif
