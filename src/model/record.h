/* Source records: what one source said, and their canonical bytes. */
#ifndef MODEL_RECORD_H
#define MODEL_RECORD_H

#include "model/date.h"
#include "model/id.h"
#include "model/kind.h"

/* The numbers are on disk and order the `source` table: what must be known first sorts first. */
enum model_record_type {
    MODEL_RECORD_SUPPRESS = 1,
    MODEL_RECORD_MERGE = 2,
    MODEL_RECORD_AUTHOR = 3,
    MODEL_RECORD_PAPER = 4,
    MODEL_RECORD_CITATION = 5,
};

enum model_tristate { MODEL_UNKNOWN = 0, MODEL_FALSE = 1, MODEL_TRUE = 2 };

struct model_affiliation {
    struct base_slice name; /* may be empty when ror is not */
    struct base_slice ror;  /* nine characters or empty */
};

struct model_authorship {
    struct model_id id;         /* MODEL_NO_SCHEME: the source gave none */
    const struct model_id *ids; /* other ids the source gives this author (ORCID) */
    size_t id_count;
    struct base_slice name; /* as written; may be empty when there is an id */
    uint16_t position;      /* from 1; 0: place unknown */
    bool corresponding;
    const struct model_affiliation *affiliations;
    size_t affiliation_count;
};

/* A number that may be absent. */
struct model_count {
    bool known;
    uint32_t value;
};

struct model_score {
    bool known;
    double value; /* finite */
};

struct model_reported_year {
    uint16_t year;
    struct model_count paper_count;
    struct model_count citation_count;
};

enum model_citation_basis {
    MODEL_BASIS_UNSPECIFIED = 0,
    MODEL_BASIS_CITATIONS = 1,
    MODEL_BASIS_CITING_PAPERS = 2,
};

/* Numbers that a source reported; kept as they came. */
struct model_reported {
    struct base_slice source;
    struct model_date as_of;
    enum model_citation_basis citation_basis;
    struct model_count paper_count;
    struct model_count citation_count;
    struct model_count h_index;
    struct model_count i10_index;
    struct model_score novelty;              /* 0 to 1 */
    struct model_score ai_score;             /* 0 to 100 */
    const struct model_reported_year *years; /* ascending, each year once */
    size_t year_count;
};

struct model_author_record {
    struct base_slice name;
    const struct base_slice *aliases;
    size_t alias_count;
    const struct model_affiliation *affiliations;
    size_t affiliation_count;
    struct model_field field;
};

struct model_paper_record {
    struct base_slice title;
    struct base_slice abstract;
    struct model_date date;
    struct model_field field;
    enum model_kind kind;
    struct base_slice venue;
    enum model_tristate refereed;
    enum model_tristate retracted;
    const struct model_authorship *authors; /* at most LIMIT_AUTHORS */
    size_t author_count;
    bool authors_truncated;
    const struct model_affiliation *affiliations;
    size_t affiliation_count;
    const struct model_id *references; /* as written */
    size_t reference_count;
};

/* All slices and arrays are borrowed from the arena that the record was made in. */
struct model_record {
    enum model_record_type type;
    /* AUTHOR, PAPER: primary id. CITATION: citing. MERGE: from. SUPPRESS: the id. */
    struct model_id id;
    /* CITATION: cited. MERGE: into. */
    struct model_id other;
    /* MERGE, SUPPRESS: which kind of thing is meant when the id could name both; 0: whatever the
     * ids fit. */
    uint8_t entity;
    /* AUTHOR, PAPER: who says so; never empty, default the primary id's scheme. */
    struct base_slice source;
    /* 0 when nobody said. Not for MERGE and SUPPRESS. */
    model_time updated;
    /* AUTHOR, PAPER: other ids, without the primary one, sorted, each once. */
    const struct model_id *ids;
    size_t id_count;
    const struct model_reported *reported;
    size_t reported_count;
    union {
        struct model_author_record author;
        struct model_paper_record paper;
        struct model_date citation_date;
    };
};

enum { MODEL_RECORD_KEY = 500 };

/* Brings a filled-in record into canonical form and checks it, so that two spellings of one record
 * have the same bytes: ids, aliases, affiliations and reported sorted and each once, empty ones
 * left out; source defaulted, that of a reported block to the record's; authors over LIMIT_AUTHORS
 * dropped with authors_truncated set; an authorship with other ids only is known by the first of
 * them; the entity of MERGE and SUPPRESS filled in where only one is possible; fields that the type
 * does not have cleared. Positions stay: the reader of a format fills in the place in the list.
 * References stay as written, repeats and self-loops included: they are dropped and counted when
 * edges are made; the same author twice stays too. Arrays that change are replaced by copies in the
 * arena; those that are canonical already are not copied. Text is well-formed UTF-8 (the readers of
 * JSON and of the wire see to it). INVALID_ARGUMENT: an id that does not fit the record's type, a
 * `name:` id other than what MERGE takes from or SUPPRESS names, an authorship without id and name,
 * limits (a source has at most LIMIT_ID_VALUE bytes), text with control characters other than tab
 * and newline in an abstract, a score or reported year out of range or given twice, paper_count,
 * h_index or i10_index reported of a paper. */
enum base_code model_record_finish(struct model_record *record, struct base_arena *arena,
                                   struct base_error *error);

/* Canonical bytes: type, updated (8 bytes big-endian), then everything else in a fixed order. Of
 * two records with one key the one with the greater bytes wins. record must be finished. Appends;
 * check buffer->failed. */
void model_record_encode(const struct model_record *record, struct base_buffer *buffer);

/* The reverse; the record borrows from bytes and from the arena. DATA_LOSS for bytes that encode
 * never made. */
enum base_code model_record_decode(struct base_slice bytes, struct base_arena *arena,
                                   struct model_record *record, struct base_error *error);

/* Appends the record's key in the `source` table: type, then the id's key; for CITATION and MERGE
 * both ids (length of the first in two bytes before it); a key over MODEL_RECORD_KEY bytes ends in
 * a 128-bit hash of the rest. SUPPRESS and MERGE end in the entity byte. */
void model_record_append_key(const struct model_record *record, struct base_buffer *buffer);

#endif
