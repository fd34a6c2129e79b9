/* The store of one data directory: who may open it, and reading what it holds. The only module that
 * knows LMDB. */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/arena.h"
#include "base/status.h"
#include "model/date.h"
#include "model/id.h"

struct store;        /* an open data directory; shared by threads */
struct store_reader; /* one snapshot at a time; one thread at a time */

enum { STORE_EPOCH = 16 };

/* What the store says of itself. */
struct store_info {
    uint32_t format;              /* of the disk format */
    uint8_t epoch[STORE_EPOCH];   /* new on bulk load and restore */
    uint8_t dataset[STORE_EPOCH]; /* made once with the directory */
    uint64_t sequence;            /* of the last committed change */
    uint32_t coverage_end;        /* day; MODEL_NO_DAY without dated papers */
    uint64_t paper_count;         /* with records */
    uint64_t stub_count;          /* cited ids without a record */
    uint64_t author_count;
    uint64_t citation_count; /* edges */
    uint64_t source_count;   /* source records of all types */
    uint64_t merged_count;   /* source records beyond the first of their entity */
    uint64_t disputed_count; /* ids that two records of one source claim */
};

/* How much of the address space is in use. */
struct store_usage {
    uint64_t map_size; /* bytes */
    uint64_t map_used; /* bytes: last page minus free pages */
};

/* Opens for reading beside any writer. NOT_FOUND: the directory holds no store yet (the text names
 * the import command); FAILED_PRECONDITION: another format, a network file system. map_size in
 * bytes, 0 for the default. */
enum base_code store_open(const char *directory, uint64_t map_size, struct store **store,
                          struct base_error *error);
/* The same for the one who holds the directory's lock and will open the writer (write.h). */
enum base_code store_open_writable(const char *directory, uint64_t map_size, struct store **store,
                                   struct base_error *error);
/* Takes NULL. All readers are freed before, the writer is closed. */
void store_close(struct store *store);

/* Frees the snapshots of processes that died, so that old pages can be used again; programs that
 * run long call it every STORE_CHECK_MS. Any thread. */
void store_check_readers(struct store *store);
enum { STORE_CHECK_MS = 10000 };

/* Open snapshots of all processes. */
struct store_readers {
    uint64_t count;         /* slots in use, with a snapshot or without */
    uint64_t oldest_behind; /* transactions that the oldest open snapshot is behind the last one */
};
/* Any thread. */
void store_read_readers(struct store *store, struct store_readers *readers);

/* At most 256 readers a store; RESOURCE_EXHAUSTED beyond. */
enum base_code store_reader_new(struct store *store, struct store_reader **reader,
                                struct base_error *error);
void store_reader_free(struct store_reader *reader);

/* Lets go of the snapshot, so that old pages can be used again: before a loop polls. The next read
 * takes a new one. Every slice that came from this reader ends here. */
void store_reader_rest(struct store_reader *reader);

/* Read once a snapshot and kept. */
enum base_code store_read_info(struct store_reader *reader, struct store_info *info,
                               struct base_error *error);

/* Walks the free list. */
enum base_code store_read_usage(struct store_reader *reader, struct store_usage *usage,
                                struct base_error *error);

/* What an id resolves to. */
struct store_ref {
    uint32_t
        number;    /* of the paper or author, from 1; an internal name that a rebuild may change */
    bool disputed; /* claimed by two records of one source */
    bool merged;   /* not the entity's own id */
};

/* NOT_FOUND when no record, paper or citation names the id; text names it. */
enum base_code store_find(struct store_reader *reader, enum model_entity entity,
                          const struct model_id *id, struct store_ref *ref,
                          struct base_error *error);

/* Counts of one year. */
struct store_year {
    uint32_t paper_count; /* 0 for papers */
    uint32_t citation_count;
};

/* Years as they lie in the store: of each one its papers, when paired, and citations as varints. */
struct store_years {
    unsigned first_year; /* of the series; 0 when it is empty */
    uint32_t count;
    bool paired; /* authors: papers and citations of each year; papers: citations only */
    struct base_slice packed;
};

/* Takes the next year off the front; false at the end. *year runs upwards without gaps. */
bool store_years_next(struct store_years *years, unsigned *year, struct store_year *counts);

struct store_author {
    uint32_t number;
    uint32_t paper_count;
    uint32_t citation_count;
    uint32_t citing_paper_count;
    uint32_t self_citation_count;
    uint32_t h_index;
    uint32_t g_index;
    uint32_t i10_index;
    uint32_t i100_index;
    unsigned first_year; /* of its papers; 0: no paper has a date */
    unsigned last_year;
    bool name_only;
    uint64_t sequence; /* of the change that last touched it */
    struct store_years years;
    struct base_slice view; /* packed hirsch.v1.Author without metrics */
    struct base_slice row;  /* all of it as it lies in the store */
};

struct store_paper {
    uint32_t number;
    struct model_date date;
    uint32_t citation_count;
    uint32_t reference_count;
    uint32_t self_citation_count;
    uint16_t author_count; /* distinct listed authors, saturated */
    bool stub;
    bool has_abstract;
    bool refereed; /* false also when no source says */
    bool referee_known;
    bool retracted;
    bool authors_truncated;
    uint64_t sequence; /* of the change that last touched it */
    struct store_years years;
    struct base_slice view; /* packed hirsch.v1.Paper without metrics and abstract */
    struct base_slice row;  /* all of it as it lies in the store */
};

/* Slices point into the snapshot, until store_reader_rest. NOT_FOUND: no such number. DATA_LOSS:
 * the value does not match its checksum; the text names table and key, and tells to run verify. */
enum base_code store_read_author(struct store_reader *reader, uint32_t number,
                                 struct store_author *author, struct base_error *error);
enum base_code store_read_paper(struct store_reader *reader, uint32_t number,
                                struct store_paper *paper, struct base_error *error);
/* Into the arena; size 0 when the paper has none. */
enum base_code store_read_abstract(struct store_reader *reader, uint32_t number,
                                   struct base_arena *arena, struct base_slice *abstract,
                                   struct base_error *error);

/* One paper of an author. */
struct store_authored {
    uint32_t day; /* MODEL_NO_DAY: undated, last */
    uint32_t paper;
    uint16_t position;     /* 0: place unknown */
    uint16_t author_count; /* distinct listed authors of the paper, saturated */
    uint16_t flags;
};

/* Fills at most room papers of the author, newest first, ties by paper number, those behind `after`
 * (NULL: from the first). *count < room tells the end. */
enum base_code store_read_author_papers(struct store_reader *reader, uint32_t author,
                                        const struct store_authored *after,
                                        struct store_authored *papers, size_t room, size_t *count,
                                        struct base_error *error);

/* One citation of a paper. */
struct store_citation {
    uint32_t day;   /* of the citing paper, or of the citation; MODEL_NO_DAY: undated, last */
    uint32_t paper; /* the citing one */
    bool shares_author;
};

/* Fills at most room citations of the paper, oldest first, ties by paper number, those behind
 * `after` (NULL: from the first). *count < room tells the end. */
enum base_code store_read_citations(struct store_reader *reader, uint32_t paper,
                                    const struct store_citation *after,
                                    struct store_citation *citations, size_t room, size_t *count,
                                    struct base_error *error);

/* Fills at most room papers that the paper cites, by number, those above `after` (0: from the
 * first). *count < room tells the end. */
enum base_code store_read_references(struct store_reader *reader, uint32_t paper, uint32_t after,
                                     uint32_t *papers, size_t room, size_t *count,
                                     struct base_error *error);

/* Fills at most room distinct authors of the paper, in the order of the list; *count is how many
 * there are. */
enum base_code store_read_paper_authors(struct store_reader *reader, uint32_t paper,
                                        uint32_t *authors, size_t room, size_t *count,
                                        struct base_error *error);

/* The greatest number of an author or a paper; 0 without any. Below it numbers may be unused. */
enum base_code store_read_last(struct store_reader *reader, enum model_entity entity,
                               uint32_t *last, struct base_error *error);

/* Does a suppress line name the id? */
enum base_code store_find_suppressed(struct store_reader *reader, enum model_entity entity,
                                     const struct model_id *id, bool *suppressed,
                                     struct base_error *error);

/* Author and paper records of one source. */
struct store_source {
    struct base_slice name;
    uint64_t authors;
    uint64_t papers;
};

enum { STORE_SOURCES_MOST = 100 };

/* Counted when the store was built; the source with most records first, ties by name. Names point
 * into the snapshot. */
enum base_code store_read_sources(struct store_reader *reader,
                                  struct store_source sources[STORE_SOURCES_MOST], size_t *count,
                                  struct base_error *error);

/* A search for the authors whose names, or the papers whose titles, hold every word: as a whole or
 * as the beginning of one. */
struct store_search;

/* words: 1 to LIMIT_QUERY_WORDS, as model_fold_token gives them. The search lives in the arena and
 * in the snapshot. It looks at LIMIT_CANDIDATES of those with the rarest word: by buckets of
 * citation counts, best first, then by number. RESOURCE_EXHAUSTED: the arena is full. */
enum base_code store_search_new(struct store_reader *reader, enum model_entity entity,
                                const struct base_slice *words, size_t count,
                                struct base_arena *arena, struct store_search **search,
                                struct base_error *error);

/* There may be more than was or will be looked at. */
bool store_search_truncated(const struct store_search *search);

/* Those whose citation counts lie between two neighbouring powers of 4, of
 * papers of 8. */
struct store_bucket {
    uint32_t citations_least;
    const uint32_t *numbers; /* ascending; until the next one is asked for */
    size_t count;            /* 0: the search is at its end */
};

/* The next bucket that holds any, most cited first. */
enum base_code store_search_next(struct store_search *search, struct store_bucket *bucket,
                                 struct base_error *error);

#endif
