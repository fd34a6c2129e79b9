/* Inside of a derivation: what its steps hand to each other. */
#ifndef STORE_DERIVATION_H
#define STORE_DERIVATION_H

#include "base/arena.h"
#include "engine/graph.h"
#include "model/identity.h"
#include "store/derive.h"
#include "store/intern.h"
#include "store/scratch.h"
#include "store/tie.h"

/* Facts of a paper that edges and author lists repeat. */
struct derive_paper {
    uint32_t day;
    uint32_t field;        /* number in `fields` + 1; 0: none */
    uint16_t author_count; /* distinct listed authors, at least 1, saturated */
    uint8_t precision;
    uint8_t flags; /* enum store_paper_flag */
};

/* The newest paper of an author without records, and where the name on it lies. */
struct derive_bare {
    uint64_t offset; /* in `bare_bytes` */
    uint32_t size;   /* 0: none yet */
    uint32_t paper;
};

/* What a record says of an id that it writes. */
enum derive_role {
    DERIVE_NOTHING = 0, /* the slot of an author without id and name */
    DERIVE_PRIMARY = 1,
    DERIVE_NAMED = 2, /* an author of a paper, a reference, an end of a citation */
    DERIVE_CLAIM = 3,
    DERIVE_LINE = 4, /* an end of a merge line */
};

/* A citation line: resolved, with the line's own date. */
struct derive_line {
    uint32_t citing;
    uint32_t cited;
    struct model_date date;
};

/* An id that several claim without being joined by it: listed on each of their entities. */
struct derive_open {
    uint32_t number; /* of the claimant's entity */
    uint32_t node;   /* of the claimed id */
};

/* Entities of one kind. Numbers run from 1 to end - 1; some may be unused. */
struct derive_kind {
    enum model_entity entity;
    uint32_t end;
    struct store_array own; /* u32 a number: node of its own id, MODEL_NO_NODE when unused */
    struct store_array record_first; /* u32 a number and one more: into records */
    struct store_array records;      /* u32: indices of source records, by number */
    struct store_array node_first;   /* u32 a number and one more: into nodes */
    struct store_array nodes;        /* u32: nodes that resolve there, ascending */
    struct store_array open;         /* struct derive_open, by number */
};

struct derivation {
    const struct store_record *records;
    size_t record_count;
    const struct store_derive_options *options;
    const struct store_sink *sink;
    struct store_derive_report *report;
    struct base_error *error;

    struct base_arena arena; /* one entity at a time */
    struct base_buffer key;
    struct base_buffer value;
    struct store_scratch scratch;

    /* Step 1, ids: every id a record writes is a slot; equal ids are one node. Slots of a record
     * lie together, in the order of derive_slots. */
    struct store_array slot_first; /* u64 a record */
    struct store_array slot_node;  /* u32 a slot */
    struct store_array slot_role;  /* u8 a slot: enum derive_role */
    struct store_array node_bytes; /* keys of xid one behind the other, in order */
    struct store_array node_first; /* u64 a node and one more */
    struct store_array node_facts; /* u8 a node: enum model_node_fact */
    struct store_array node_flags; /* u8 a node: enum store_xid_flag */
    struct store_array node_named; /* u32 a node: how often merged views and lines name it */
    uint32_t node_count;
    uint32_t author_node_end; /* nodes of authors lie before those of papers */
    struct store_array
        claims; /* struct derive_claim while slots have no nodes, then struct model_claim */
    struct store_array joins; /* likewise slots, then struct model_join */
    struct store_intern sources;
    struct store_array source_counts; /* struct store_source a source */

    /* Step 2, entities. */
    struct store_array node_entity; /* u32 a node: node of the entity's own id */
    struct store_array node_number; /* u32 a node: number of the entity, 0: none */
    struct derive_aside *id_tables; /* closed when all steps are done */
    struct derive_kind authors;
    struct derive_kind papers;

    /* Step 3, papers. */
    struct store_array author_seen; /* u32 an author: the paper that listed it last */
    struct store_array paper_facts; /* struct derive_paper a number */
    struct store_array days;        /* u32 a paper with a date */
    struct store_array paper_views; /* packed views one behind the other */
    struct store_array view_first;  /* u64 a number and one more */
    struct store_array titles;      /* one behind the other */
    struct store_array title_first; /* u64 a number and one more */
    struct store_array
        paper_authors; /* u32 author, u32 position: distinct, in the order of the list */
    struct store_array authors_first; /* u64 a number and one more */
    struct store_array known_authors; /* u32 ascending, without `name:` authors */
    struct store_array known_first;   /* u64 a number and one more */
    struct store_array cites;         /* u32 ascending */
    struct store_array cites_first;   /* u64 a number and one more */
    struct store_array lines;         /* struct derive_line by (citing, cited, date) */
    struct store_array bare;          /* struct derive_bare an author */
    struct store_array bare_bytes;
    struct store_intern fields; /* "id\0name" */

    /* Step 4, edges. */
    struct store_array citers;        /* struct engine_citer, by cited, then (day, citing) */
    struct store_array citers_first;  /* u64 a number and one more */
    struct derive_words *title_words; /* closed when all steps are done */
    struct derive_aside *edge_tables; /* likewise */

    /* Step 5, authors. */
    struct store_array authored;       /* struct engine_authored, by author, newest first */
    struct store_array authored_first; /* u64 a number and one more */
};

/* The steps, in order; each fills its part and emits what is ready. */
enum base_code derive_ids(struct derivation *derivation);
enum base_code derive_entities(struct derivation *derivation);
enum base_code derive_papers(struct derivation *derivation);
enum base_code derive_edges(struct derivation *derivation);
enum base_code derive_authors(struct derivation *derivation);

/* Inside step 1, the value of a mention of an id: its slot, counted from the first of a part of the
 * records; above it what the record says of the id, and the part. */
enum { DERIVE_ROLE_SHIFT = 52, DERIVE_PART_SHIFT = 56 };

#define DERIVE_SLOT_MASK ((UINT64_C(1) << DERIVE_ROLE_SHIFT) - 1)
#define DERIVE_ROLE_MASK ((1U << (DERIVE_PART_SHIFT - DERIVE_ROLE_SHIFT)) - 1)

/* Inside step 1: mentions, sorted by keys of xid, of each part; base: the first slot of each;
 * slots: of all. Makes the nodes, and notes them in slot_node, which is there. */
struct store_runs;
enum base_code derive_nodes(struct derivation *derivation, struct store_runs *const *mentions,
                            size_t parts, uint64_t slots, const uint64_t *base);

/* Inside step 2: leaves NAMED only on nodes that merged views name, once node_entity is known, and
 * counts how often; node_number is zero before and after. */
enum base_code derive_named(struct derivation *derivation);

/* Inside step 2: what ties ids to each other, as claims and joins say. Emits `ties`. */
enum base_code derive_ties(struct derivation *derivation);

/* Inside step 3: counts the authors of a merged view, each once, at its first place, and shows them
 * under the own ids of their entities. slot is that of the first author in the record that the list
 * comes from. */
enum base_code derive_authorships(struct derivation *derivation, uint32_t number,
                                  struct model_view *view, uint64_t slot);

/* Inside step 5. The mode of the papers' fields (design, section 4); work is memory that is kept
 * between calls. Leaves *field alone when no paper has one. */
enum base_code derive_mode_field(struct derivation *derivation, struct store_array *work,
                                 const struct engine_authored *papers, size_t paper_count,
                                 struct model_field *field);

/* The search index, `titles` from step 4 and `names` from step 5 on, on a thread of its own where
 * that is possible. */
struct derive_words;
enum base_code derive_words_open(struct derivation *derivation, enum store_table table,
                                 struct derive_words **words);
/* Notes the words of a text of the numbered paper or author, and what they begin with. */
enum base_code derive_words_add(struct derive_words *words, uint32_t number, uint32_t citations,
                                struct base_slice text, struct base_error *error);
/* No more texts come: the table is put together while other work goes on. */
void derive_words_end(struct derive_words *words);
/* well: the table is emitted. Frees; words may be NULL. */
enum base_code derive_words_close(struct derive_words *words, bool well, struct base_error *error);

/* Slots of a decoded author or paper record: where its parts begin, from the record's first slot.
 * The primary id is slot 0, its other ids follow; then for each author of a paper the id and the
 * author's other ids; then the references. */
static inline uint64_t derive_claim_slot(size_t index)
{
    return 1 + index;
}

static inline uint64_t derive_authors_slot(const struct model_record *record)
{
    return 1 + record->id_count;
}

enum { DERIVE_NAME_TEXT = LIMIT_TEXT };

/* The id under which an author of a paper is known: its own, or `name:…`; scheme MODEL_NO_SCHEME
 * when nothing is left. */
bool derive_author_id(const struct model_authorship *authorship, struct base_arena *arena,
                      struct model_id *id);

/* Key of xid of a node. */
struct base_slice derive_node_key(const struct derivation *derivation, uint32_t node);
struct model_id derive_node_id(const struct derivation *derivation, uint32_t node);

/* Decodes the source records of a number into the arena. indices receives their places in records.
 */
enum base_code derive_decode(struct derivation *derivation, const struct derive_kind *kind,
                             uint32_t number, const struct model_record ***records,
                             const uint32_t **indices, size_t *count);

/* Fills ids and disputed of the view; number is the entity's. */
enum base_code derive_view_ids(struct derivation *derivation, const struct derive_kind *kind,
                               uint32_t number, struct model_view *view);

/* Is a newer than b? A paper without date is older than every dated one; among equals the one whose
 * own id sorts first is the newest. */
bool derive_is_newer(const struct derivation *derivation, uint32_t a, uint32_t b);

enum base_code derive_out_of_memory(struct derivation *derivation);

/* CANCELLED when the run is to stop. */
enum base_code derive_check_stop(const struct derivation *derivation);
bool derive_is_stopped(const struct derivation *derivation);

/* A copy of a derivation for a thread of its own. It shares what is only read from now on, and has
 * work memory, counts and an error of its own. */
struct derive_branch {
    struct derivation derivation; /* arrays that the thread makes take its scratch */
    struct store_derive_report report;
    struct base_error error;
};

void derive_branch_init(struct derive_branch *branch, const struct derivation *whole);
void derive_branch_fini(struct derive_branch *branch);
/* code: what the branch came to. Adds its counts to those of the whole, or passes its error on. */
enum base_code derive_branch_join(const struct derivation *whole,
                                  const struct derive_branch *branch, enum base_code code);

/* Whole tables that are put while the steps go on: emit gets a branch with a sink of its own. It
 * has run when this returns, and *aside is left alone, where there are no threads. */
struct derive_aside;
enum base_code derive_aside_open(struct derivation *derivation,
                                 enum base_code (*emit)(struct derivation *derivation),
                                 struct derive_aside **aside);
/* Waits and frees; aside may be NULL. code: what the rest has come to; what both have. */
enum base_code derive_aside_close(const struct derivation *derivation, struct derive_aside *aside,
                                  enum base_code code);

/* Calls run with each of the items, side by side as far as there are threads; returns when all are
 * done. */
void derive_together(void *(*run)(void *item), void *items, size_t item_size, size_t count);

#endif
