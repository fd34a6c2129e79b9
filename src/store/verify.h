/* Is the store what its source records say? Every page, every checksum, every chunk, every row
 * against a fresh derivation. */
#ifndef STORE_VERIFY_H
#define STORE_VERIFY_H

#include "store/derive.h"

struct store_verify_options {
    const char *directory; /* data directory; work files go here too */
    size_t memory;         /* bytes of work memory before files are used */
    uint64_t map_size;     /* 0: the default */
    unsigned threads;      /* that may work side by side; 0 counts as 1 */
    struct store_packer packer;
    /* One sentence a fault. */
    void (*on_fault)(void *context, const char *text);
    void *context;
    const volatile int *stop; /* may be NULL */
};

struct store_verify_report {
    uint64_t faults;
    uint64_t pages; /* in use, checked */
    uint64_t rows;  /* checked */
    bool read;      /* false: pages are damaged, so no row was read */
    bool compared;  /* false: the source records are damaged, so there is nothing to compare with */
    struct store_derive_report derived;
};

/* Holds one snapshot for the whole run; beside a daemon. Rows are read only when all pages are
 * sound, since LMDB trusts them; a disk that fails can still end the process with a signal, so
 * programs run it in a child. OK with report->faults > 0 when it ran to its end and
 * found something. */
enum base_code store_verify(const struct store_verify_options *options,
                            struct store_verify_report *report, struct base_error *error);

#endif
