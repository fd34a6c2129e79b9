/* Everything the store holds beside the source records, derived from them: identity, merged views,
 * lists, counters, names. One derivation serves the build, which writes what comes out, and verify,
 * which compares it with what is stored. */
#ifndef STORE_DERIVE_H
#define STORE_DERIVE_H

#include "model/merge.h"
#include "store/table.h"

/* One source record; of each key only the winner. Borrowed. */
struct store_record {
    struct base_slice key;   /* of table source */
    struct base_slice bytes; /* canonical */
};

/* What a packed view says that the store needs again. Slices are borrowed from the view, arrays
 * from the arena. */
struct store_unpacked {
    const struct base_slice *ids; /* `scheme:value`, the own one first */
    size_t id_count;
    const struct base_slice *texts; /* author: the name, then other names; paper: the title */
    size_t text_count;
    struct model_field field;                     /* id.size 0: none */
    enum model_kind kind;                         /* of a paper */
    const struct model_affiliation *affiliations; /* of an author */
    size_t affiliation_count;
};

/* How views become bytes and what bytes say: given by whoever knows the wire format. */
struct store_packer {
    void (*author)(const struct model_view *view, struct base_buffer *buffer);
    void (*paper)(const struct model_view *view, struct base_buffer *buffer);
    /* RESOURCE_EXHAUSTED: the arena is full. Bytes that are no view give what can be read. */
    enum base_code (*unpack)(enum model_entity entity, struct base_slice view,
                             struct base_arena *arena, struct store_unpacked *unpacked,
                             struct base_error *error);
};

/* Takes what is derived, each table in the order of its keys. */
struct store_sink {
    void *context;
    /* bytes are borrowed for the call. ABSTRACT comes as plain text. */
    enum base_code (*row)(void *context, enum store_table table, struct base_slice key,
                          struct base_slice bytes, struct base_error *error);
    /* A whole list: packed entries in order, at least one. */
    enum base_code (*list)(void *context, enum store_table table, struct base_slice owner,
                           struct base_slice entries, struct base_error *error);
    /* One more sink, for whole tables that another thread puts at the same time; after the last of
     * them join is called with its context. NULL, both: rows may come from one thread only. */
    enum base_code (*fork)(void *context, struct store_sink *forked, struct base_error *error);
    enum base_code (*join)(void *forked, struct base_error *error);
};

/* Numbers of papers and authors that are given already: key of xid -> number, 0 when it has none.
 * NULL function: numbers are made, entities with records first, in the order of own ids. */
struct store_numbering {
    void *context;
    uint32_t (*number)(void *context, struct base_slice xid_key);
};

struct store_derive_options {
    const char *directory; /* for work files */
    size_t memory;         /* bytes of work memory before files are used */
    uint32_t today;        /* day; newer papers do not move the coverage end */
    uint64_t sequence;     /* noted in what is derived */
    unsigned threads;      /* that may work side by side; 0 counts as 1 */
    struct store_packer packer;
    struct store_numbering numbering;
    const volatile int *stop; /* may be NULL; set: CANCELLED */
};

/* Where the records of a type begin, by their keys; of the type after the last one: their end. */
size_t store_first_of_type(const struct store_record *records, size_t count, unsigned type);

struct store_derive_report {
    uint64_t sources; /* source records of all types */
    uint64_t papers;  /* entities with records */
    uint64_t stubs;
    uint64_t authors;
    uint64_t merged;   /* author and paper records beyond the first of their entity */
    uint64_t disputed; /* ids */
    uint64_t edges;
    uint64_t self_loops;   /* dropped */
    uint64_t repeats;      /* dropped */
    uint32_t coverage_end; /* newest date of a paper not after today; MODEL_NO_DAY without one */
};

/* records in the order of their keys. */
enum base_code store_derive(const struct store_record *records, size_t count,
                            const struct store_derive_options *options,
                            const struct store_sink *sink, struct store_derive_report *report,
                            struct base_error *error);

#endif
