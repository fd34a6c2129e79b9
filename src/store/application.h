/* Inside of an application: what its steps hand to each other. They follow those of a derivation
 * (derivation.h), each for the few rows that a change reaches. */
#ifndef STORE_APPLICATION_H
#define STORE_APPLICATION_H

#include <stdatomic.h>

#include "base/arena.h"
#include "base/compress.h"
#include "engine/recount.h"
#include "model/identity.h"
#include "store/apply.h"
#include "store/intern.h"
#include "store/list.h"
#include "store/meta.h"
#include "store/scratch.h"
#include "store/suppress.h"
#include "store/tie.h"
#include "store/value.h"

/* A source record that changes. */
struct apply_change {
    struct base_slice key;
    struct base_slice before; /* as the transaction found it; data NULL: it was not there */
    struct base_slice after;  /* data NULL: it will not be there */
    uint32_t number;          /* of its entity, as the row says; 0: none yet */
    uint32_t turn;            /* of `after`: suppress lines up to this one were looked at */
};

struct apply_entity;

/* One id of an author or a paper that the group has to do with. Lives in the arena. */
struct apply_node {
    struct base_slice key; /* of xid */
    struct store_xid before;
    uint32_t named;               /* how often merged views and lines name it now */
    bool dirty;                   /* what it resolves to is decided anew */
    bool line_end;                /* of a citation line that may name it */
    bool touched;                 /* its ties or its citation lines changed */
    uint8_t facts;                /* enum model_node_fact; dirty nodes */
    const struct store_tie *ties; /* of dirty nodes */
    struct apply_node **others;   /* the other end of each */
    size_t tie_count;
    uint32_t rank;               /* place among the dirty nodes in the order of ids */
    struct apply_node *own;      /* the own id of what it resolves to; NULL: nothing */
    uint32_t number;             /* of that */
    struct apply_entity *entity; /* for own ids */
    uint32_t members;            /* for own ids: how many resolve to it */
    /* Paper records in its tree, and before among those of its number; of primary ids. */
    uint32_t group_now;
    uint32_t group_before;
};

/* Which record stands under a primary id. */
struct apply_record {
    struct base_slice key; /* of source */
    struct base_slice bytes;
};

/* An author or a paper whose identity is known in this group. */
struct apply_entity {
    enum model_entity kind;
    uint32_t number;
    struct apply_node *own;
    struct apply_node **nodes; /* that resolve to it, in the order of ids */
    size_t node_count;
    struct apply_node **open; /* claimed by its ids without being joined, in the order of ids */
    size_t open_count;
    bool changed;       /* its records, its ids or what they say of it */
    bool authors_named; /* papers: an author of theirs shows another own id */
};

/* What a paper cites. */
struct apply_cite {
    uint32_t cited;
    struct model_date date; /* of a citation line, MODEL_UNDATED without one */
};

struct apply_authorship {
    uint32_t author;
    uint16_t position;
    uint16_t shown; /* place in the view's list; of papers that change */
};

/* A paper before and after the group: all of whose row may change. */
struct apply_paper {
    uint32_t number;
    struct apply_entity *entity; /* NULL: it is gone */
    struct model_view view;
    struct store_paper_head before;
    struct store_paper_head now; /* counters are filled by the recount */
    bool existed;
    struct model_id id_before;
    struct model_field field_before;
    struct store_years years_before;
    struct base_slice title_before;
    const struct apply_authorship *authors_before;
    size_t authors_before_count;
    const struct apply_authorship *authors;
    size_t author_count;
    const uint32_t *cites_before;
    size_t cites_before_count;
    const struct apply_cite *cites;
    size_t cite_count;
    bool authors_named; /* one of its authors came to be, or ceased to be, known by name only */
};

/* A table of things by their number. */
struct apply_index {
    struct store_intern numbers; /* key: u32 */
    struct store_array items;    /* pointers into the arena */
};

struct apply_pair {
    uint32_t owner; /* cited paper, author, or kind of entity */
    uint32_t item;  /* citing paper, paper, or number */
};

/* An author and a paper that changes, and that listed it before or lists it now. */
struct apply_listing {
    uint32_t author;
    bool was;
    bool is;
    const struct apply_paper *paper;
};

struct apply {
    const struct store_env *env;
    struct store_packer packer;
    struct base_error *error;
    MDB_txn *txn;
    uint32_t today;
    uint64_t sequence; /* of the group, while it is finished */

    struct store_scratch memory;
    struct base_arena arena;    /* of the group */
    struct base_arena work;     /* of one step's present thing */
    struct base_arena deciding; /* of apply_settle */
    struct base_buffer key;
    struct base_buffer value;
    struct store_meta meta;

    /* Step 1, records. */
    struct store_suppress suppress;
    bool suppress_known;
    uint32_t turn;             /* suppress lines that came in the group */
    struct store_array sweeps; /* struct model_id: what they name, until it is swept out */
    struct store_intern change_keys;
    struct store_array changes; /* struct apply_change, in the order of change_keys */

    /* Step 2, identity. */
    struct store_intern node_keys;
    struct store_array nodes;    /* struct apply_node *, in the order of node_keys */
    struct store_array dirty;    /* struct apply_node * */
    size_t settled;              /* of dirty: what they resolve to is decided */
    struct store_array entities; /* struct apply_entity * */
    struct apply_index writers;  /* struct apply_entity: authors among them */
    struct store_array lines;    /* citation lines that are looked at */
    struct store_array moved;    /* struct apply_pair: kind, old number whose ids moved or that
                                  * shows another own id */
    struct store_array gone;     /* struct apply_pair: kind, number that nothing has any more */
    uint32_t last[3];            /* greatest number given, by enum model_entity */
    uint32_t seen;               /* that of papers, in groups committed since a refresh began */
    const atomic_bool *refreshing;

    /* Step 3, papers. */
    struct apply_index papers;       /* struct apply_paper */
    struct store_array line_changes; /* struct apply_pair: citing paper, place in changes of a
                                      * citation line that is there now */

    /* Step 4, edges. */
    struct store_array pairs;       /* struct apply_pair: edges to be looked at */
    struct store_array recounts;    /* u32: papers whose counters may change */
    struct engine_counter *counter; /* of papers */
    struct base_compressor *compressor;
    struct base_decompressor *decompressor;

    /* Step 5, authors. */
    struct store_array authored; /* struct apply_pair: lists to be looked at */
    struct store_array listings; /* struct apply_listing: the same, looked at */
    struct store_array authors;  /* u32: whose counters may change */
    struct store_array viewed;   /* u32: whose views may change too */
    struct apply_index shifts;   /* struct apply_shift: of papers whose citations changed */
    struct store_array shifted;  /* struct apply_pair: authors and papers of theirs that are the
                                  * same but for their citations */
    /* struct apply_pair: authors, and changed papers that cited, and cite, papers of theirs */
    struct store_array citing_before;
    struct store_array citing_now;
    /* struct apply_pair: authors, and 1 for each citation more among papers of theirs, -1 for each
     * less, modulo 2^32 */
    struct store_array selves;
    struct base_arena lists; /* of a recount */
    uint32_t *marks;         /* of counted authors; NULL: the group has counted none */
    size_t marks_size;
    struct engine_counter *authors_counter;
    struct apply_index citers; /* struct base_slice: lists that were read */

    struct store_intern word_lists; /* lists of the index: table u8, owner */
    struct store_array words;       /* struct word: what goes into them, or out */
};

/* The steps, in order. */
enum base_code apply_sweep(struct apply *apply);
enum base_code apply_ties(struct apply *apply);
enum base_code apply_identity(struct apply *apply);
enum base_code apply_papers(struct apply *apply);
enum base_code apply_edges(struct apply *apply);
enum base_code apply_authors(struct apply *apply);
enum base_code apply_words(struct apply *apply);
enum base_code apply_sources(struct apply *apply);
enum base_code apply_meta(struct apply *apply);

enum base_code apply_out_of_memory(struct apply *apply);

/* Does the record stay as it was? */
bool apply_is_same(const struct apply_change *change);

/* Reads the suppress lines unless they are known. */
enum base_code apply_know_suppressed(struct apply *apply);

/* The record under a key as it stands now, changes included; data NULL: there is none. */
enum base_code apply_find_record(struct apply *apply, struct base_slice key,
                                 struct base_slice *bytes);
/* The same before the group. */
enum base_code apply_find_record_before(struct apply *apply, struct base_slice key,
                                        struct base_slice *bytes);
/* NULL when it does not change. */
struct apply_change *apply_change_of(struct apply *apply, struct base_slice key);

/* The node of an id; entity and id key make the key of xid. */
enum base_code apply_node(struct apply *apply, enum model_entity entity, struct base_slice id_key,
                          struct apply_node **node);
enum base_code apply_node_of_id(struct apply *apply, enum model_entity entity,
                                const struct model_id *id, struct apply_node **node);
struct model_id apply_node_id(const struct apply_node *node);
enum model_entity apply_node_kind(const struct apply_node *node);
/* Key in `source` of a record with that primary id. */
struct base_slice apply_record_key(const struct apply_node *node, char key[1 + MODEL_ID_KEY]);
bool apply_has_record(struct apply *apply, const struct apply_node *node);
/* A row of `ties`, in the arena. */
enum base_code apply_read_ties(struct apply *apply, struct base_slice key, struct base_arena *arena,
                               struct store_tie **ties, size_t *count);

/* What it resolves to is to be decided, now that its ties, its record or its names changed. */
enum base_code apply_mark(struct apply *apply, struct apply_node *node);

/* Marked nodes. */
size_t apply_dirty_count(const struct apply *apply);
struct apply_node *apply_dirty_at(const struct apply *apply, size_t i);
/* Does the record under it change? */
bool apply_is_changed(struct apply *apply, const struct apply_node *node);

/* Parts of apply_identity, which see to it that every node's `named` is right: what the lists of
 * papers that came together, fell apart or changed no longer name, and now name; citation lines
 * that change, or whose ends may have come to be one paper or two; then ids that are named for the
 * first time, or no more, are marked. */
enum base_code apply_name_papers(struct apply *apply);
enum base_code apply_collect_lines(struct apply *apply);
void apply_name_lines(struct apply *apply);
enum base_code apply_mark_named(struct apply *apply);

/* Parts of apply_settle, from a place in `dirty` on: marks what marked nodes are tied to; decides
 * what they resolve to (own); makes entities of those whose number is known. */
enum base_code apply_follow(struct apply *apply, size_t from);
enum base_code apply_decide(struct apply *apply, size_t from);
enum base_code apply_gather(struct apply *apply, size_t from);

/* Decides for all marked nodes that are not settled, and what they are tied to; numbers are
 * given by apply_identity, others keep theirs. */
enum base_code apply_settle(struct apply *apply);

/* The entity of a number that did not change, with all its ids. */
enum base_code apply_known_entity(struct apply *apply, enum model_entity kind, uint32_t number,
                                  struct apply_entity **entity);

/* What an id resolves to now: 0 when nothing. *own: the own id's node, or NULL when it is not
 * asked for. */
enum base_code apply_resolve(struct apply *apply, enum model_entity entity,
                             const struct model_id *id, uint32_t *number, struct model_id *own);

/* Records of an entity as they stand now, or of a paper before the group, decoded into the arena.
 */
enum base_code apply_records(struct apply *apply, const struct apply_entity *entity,
                             struct base_arena *arena, const struct model_record ***records,
                             size_t *count);

/* Calls visit for the citation lines of a citing id as the transaction found them. */
enum base_code apply_each_line(struct apply *apply, const struct apply_node *citing,
                               enum base_code (*visit)(struct apply *apply, struct base_slice key,
                                                       struct base_slice bytes, void *context),
                               void *context);

/* ids and disputed of a view, and its own id. */
enum base_code apply_view_ids(struct apply *apply, const struct apply_entity *entity,
                              struct base_arena *arena, struct model_view *view);

/* Things by number. */
void *apply_index_find(const struct apply_index *index, uint32_t number);
enum base_code apply_index_put(struct apply *apply, struct apply_index *index, uint32_t number,
                               void *item);

/* Reads and writes of rows with a number as key. data NULL when there is none. */
enum base_code apply_read_row(struct apply *apply, enum store_table table, uint32_t number,
                              struct base_slice *row);
enum base_code apply_write_row(struct apply *apply, enum store_table table, uint32_t number,
                               struct base_slice row);
enum base_code apply_drop(struct apply *apply, enum store_table table, struct base_slice key);
enum base_code apply_drop_row(struct apply *apply, enum store_table table, uint32_t number);
/* A whole list into memory of the arena. */
enum base_code apply_read_list(struct apply *apply, enum store_table table, uint32_t owner,
                               struct base_arena *arena, struct base_slice *entries);

enum base_code apply_edit_list(struct apply *apply, enum store_table table, uint32_t owner,
                               struct base_slice removed, struct base_slice added);

/* What a packed view says. */
enum base_code apply_unpack(struct apply *apply, enum model_entity entity, struct base_slice view,
                            struct base_arena *arena, struct store_unpacked *unpacked);

/* Authors of a paper as they are listed now; those that are read go into the arena. */
enum base_code apply_authors_of(struct apply *apply, uint32_t number, struct base_arena *arena,
                                const struct apply_authorship **authors, size_t *count);

/* The merged view of a paper, changed in this group or not. */
enum base_code apply_paper_view(struct apply *apply, uint32_t number, struct base_arena *arena,
                                struct model_view *view);

/* Notes what becomes of the citations of a paper; citations and years: before. */
enum base_code apply_note_shift(struct apply *apply, uint32_t number, uint32_t citations,
                                const struct store_years *years,
                                const struct engine_paper_numbers *now);
/* Which changed papers cite those of an author. */
enum base_code apply_collect_citing(struct apply *apply);
/* The listings of an author. */
size_t apply_listings_of(const struct apply *apply, uint32_t author,
                         const struct apply_listing **first);
/* Can the numbers be adjusted? Not when papers with citations came or went: who cites them may cite
 * others of the author's, too. */
bool apply_adjusts(const struct apply *apply, uint32_t author);
/* The numbers of an author that is known by name only, or not, as before; what they point to lies
 * in the arena of work. runs: packed, as the row has them. */
enum base_code apply_adjust(struct apply *apply, const struct store_author *stored,
                            struct base_slice runs, struct engine_author_numbers *numbers);

/* Does the view of an author, as it was, say what it would say now? False where only the papers
 * that did not change could tell. */
enum base_code apply_author_view_stays(struct apply *apply, uint32_t author,
                                       const struct store_unpacked *before, bool *stays);
/* The merged view of an author; the list of its papers as it is now. In the arena of work. */
enum base_code apply_author_view(struct apply *apply, uint32_t author,
                                 const struct engine_authored *papers, size_t paper_count,
                                 struct model_view *view);

/* The words of texts at one place of the search index come or go. */
enum base_code apply_note_words(struct apply *apply, enum store_table table, uint32_t number,
                                const struct base_slice *before, size_t before_count,
                                uint32_t citations_before, const struct base_slice *after,
                                size_t after_count, uint32_t citations);

void apply_order_pairs(struct store_array *pairs);
/* Sorts pairs and keeps each once. */
void apply_sort_pairs(struct store_array *pairs);
/* The pairs of one owner, of those in order. */
size_t apply_pairs_of(const struct store_array *pairs, uint32_t owner,
                      const struct apply_pair **first);
bool apply_has_pair(const struct store_array *pairs, uint32_t owner, uint32_t item);
/* Sorts numbers and keeps each once. */
void apply_sort_once(struct store_array *numbers);

enum base_code apply_add_number(struct apply *apply, struct store_array *numbers, uint32_t number);
enum base_code apply_add_pair(struct apply *apply, struct store_array *pairs, uint32_t owner,
                              uint32_t item);

#endif
