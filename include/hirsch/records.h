/* Writing through libhirsch: records of authors, papers and citations put and deleted.
 *
 *     struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
 *     struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
 *     paper.id = "doi:10.5555/graph.7";
 *     paper.title = "Graphs in Practice";
 *     if (hirsch_put_records(client, &record, 1, NULL, NULL, &result, &error) == HIRSCH_OK &&
 *         result->items[0].code != HIRSCH_OK) {
 *         report(result->items[0].message);
 *     }
 *     hirsch_free(result);
 *
 * A record is what one source said under one primary id; putting it again replaces it whole when
 * its `updated` is greater. Any order of arrival gives the same store.
 *
 * Writes go to the client's writer (struct hirsch_options), and so do their retries. Each carries
 * an idempotency key, so that one that is sent again is not done twice; the library makes one when
 * the caller gives none. An answer means that the change is on disk; reads that begin later see it.
 *
 * In the structs below a text of NULL is an absent one, as is "". Nothing is kept after the call.
 */
#ifndef HIRSCH_RECORDS_H
#define HIRSCH_RECORDS_H

#include "hirsch/client.h"

#ifdef __cplusplus
extern "C" {
#endif

enum hirsch_record_type {
    /* As a key: the author record and the paper record of an id, whatever there is. */
    HIRSCH_RECORD_UNSPECIFIED = 0,
    HIRSCH_RECORD_AUTHOR = 1,
    HIRSCH_RECORD_PAPER = 2,
    HIRSCH_RECORD_CITATION = 3,
    HIRSCH_RECORD_MERGE = 4,
    HIRSCH_RECORD_SUPPRESS = 5,
    /* The bytes of a hirsch.v1.Record message, for programs with protobuf classes of their own. */
    HIRSCH_RECORD_PACKED = 6,
};

struct hirsch_author_record {
    size_t size;    /* sizeof(struct hirsch_author_record) */
    const char *id; /* primary id, `scheme:value` */
    size_t id_count;
    const char *const *ids; /* other ids of the author; at most 64 */
    const char *name;
    size_t alias_count;
    const char *const *aliases; /* at most 256 */
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations; /* at most 256; each has a name or a ror */
    struct hirsch_field
        field;          /* id `scheme/code` or a bare arXiv category; display_name optional */
    const char *source; /* who says so; absent: the scheme of the primary id */
    /* When the source said so: `YYYY-MM-DD` or `YYYY-MM-DDThh:mm:ss[.ffffff][Z]`. Absent: the time
     * of receipt. */
    const char *updated;
    size_t reported_count;
    const struct hirsch_reported_metrics *reported; /* at most 64; `issues` are not sent */
};

#define HIRSCH_AUTHOR_RECORD_INIT                                                                  \
    {                                                                                              \
        sizeof(struct hirsch_author_record), NULL, 0, NULL, NULL, 0, NULL, 0, NULL, {NULL, NULL},  \
            NULL, NULL, 0, NULL                                                                    \
    }

/* An author of a paper; has an id or a name. */
struct hirsch_authorship_record {
    const char *id;
    size_t id_count;
    const char *const *ids;
    const char *name;  /* as written on the paper */
    bool has_position; /* false: the place in the list */
    uint32_t position; /* from 1; 0: known to be an author, place unknown; at most 65,535 */
    bool corresponding;
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations;
};

struct hirsch_paper_record {
    size_t size; /* sizeof(struct hirsch_paper_record) */
    const char *id;
    size_t id_count;
    const char *const *ids;
    const char *title;
    const char *abstract_text;
    const char *date; /* `YYYY`, `YYYY-MM` or `YYYY-MM-DD` */
    struct hirsch_field field;
    enum hirsch_paper_kind kind;
    const char *venue;
    enum hirsch_known refereed;
    enum hirsch_known retracted;
    size_t author_count;
    const struct hirsch_authorship_record *authors; /* 5,000 are kept */
    bool authors_truncated;                         /* the list ends in "et al." */
    size_t affiliation_count;
    const struct hirsch_affiliation *affiliations; /* tags of the paper, tied to no one author */
    size_t reference_count;
    const char *const *references; /* ids of cited papers; at most 100,000 */
    const char *source;
    const char *updated;
    size_t reported_count;
    const struct hirsch_reported_metrics *reported; /* without paper_count, h_index, i10_index */
};

#define HIRSCH_PAPER_RECORD_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_paper_record), NULL, 0, NULL, NULL, NULL, NULL, {NULL, NULL},         \
            HIRSCH_PAPER_KIND_UNSPECIFIED, NULL, HIRSCH_NOT_KNOWN, HIRSCH_NOT_KNOWN, 0, NULL,      \
            false, 0, NULL, 0, NULL, NULL, NULL, 0, NULL                                           \
    }

/* An edge beside those that papers' references make. */
struct hirsch_citation_record {
    size_t size;        /* sizeof(struct hirsch_citation_record) */
    const char *citing; /* ids of papers */
    const char *cited;
    const char *date; /* counts while the citing id has none of its own */
    const char *updated;
};

#define HIRSCH_CITATION_RECORD_INIT                                                                \
    {                                                                                              \
        sizeof(struct hirsch_citation_record), NULL, NULL, NULL, NULL                              \
    }

/* Two ids name the same author, or the same paper. */
struct hirsch_merge_record {
    size_t size; /* sizeof(struct hirsch_merge_record) */
    const char *from;
    const char *into;
    enum hirsch_entity_kind entity; /* needed where the ids could name both */
};

#define HIRSCH_MERGE_RECORD_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_merge_record), NULL, NULL, HIRSCH_ENTITY_KIND_UNSPECIFIED             \
    }

/* An id that is never to be stored. */
struct hirsch_suppress_record {
    size_t size; /* sizeof(struct hirsch_suppress_record) */
    const char *id;
    enum hirsch_entity_kind entity;
};

#define HIRSCH_SUPPRESS_RECORD_INIT                                                                \
    {                                                                                              \
        sizeof(struct hirsch_suppress_record), NULL, HIRSCH_ENTITY_KIND_UNSPECIFIED                \
    }

/* record points to the struct of the type: struct hirsch_paper_record and so on, struct
 * hirsch_bytes for PACKED. */
struct hirsch_record {
    enum hirsch_record_type type;
    const void *record;
};

/* What a record is found under. CITATION: id is the citing and other the cited paper. MERGE: id is
 * `from`, other is `into`. */
struct hirsch_record_key {
    enum hirsch_record_type type;
    const char *id; /* UNSPECIFIED, AUTHOR, PAPER: the primary id */
    const char *other;
    enum hirsch_entity_kind entity; /* MERGE, SUPPRESS: as in the record */
};

enum hirsch_record_outcome {
    /* Its request failed as a whole: code and message say why, and whether it was done is not known
     * where the code leaves that open. In bulk and in hirsch_error.partial only. */
    HIRSCH_RECORD_OUTCOME_UNSPECIFIED = 0,
    HIRSCH_RECORD_FAILED = 1,     /* code and message say why */
    HIRSCH_RECORD_STORED = 2,     /* new, or in the place of an older one */
    HIRSCH_RECORD_UNCHANGED = 3,  /* the same is there already */
    HIRSCH_RECORD_OLDER = 4,      /* what is there is newer, and stays */
    HIRSCH_RECORD_SUPPRESSED = 5, /* a suppress record names its id */
    HIRSCH_RECORD_DELETED = 6,
    HIRSCH_RECORD_ABSENT = 7, /* to be deleted, and not there */
    /* Surely not done: its request was not sent, since one before it failed, with that code and
     * message. The library's own; in bulk and in hirsch_error.partial only. */
    HIRSCH_RECORD_NOT_SENT = 64,
};

/* What became of one record. */
struct hirsch_write_item {
    enum hirsch_record_outcome outcome;
    enum hirsch_code code; /* HIRSCH_OK unless the outcome is FAILED, UNSPECIFIED or NOT_SENT */
    const char *message;   /* names the field and what is wrong with it; "" on HIRSCH_OK */
};

struct hirsch_write_result {
    size_t count;                          /* that of the request */
    const struct hirsch_write_item *items; /* in the order of the request */
    /* Of the change, of several the greatest: metadata `hirsch-min-sequence` of later reads. 0
     * while no request was answered. */
    uint64_t sequence;
    const char *epoch; /* belongs to the sequence: `hirsch-epoch` of later reads */
};

/* The most bytes that the records of one request may take, packed, where the servers take requests
 * of 8 MiB; else hirsch_options.max_request_bytes less 32 KiB. */
#define HIRSCH_MAX_PUT_BYTES (8 * 1024 * 1024 - 32 * 1024)

/* Puts any number of records, at least 1. Records that are wrong fail alone, said per item.
 *
 * What one request takes travels as one, and is one transaction: HIRSCH_MAX_BATCH records,
 * HIRSCH_MAX_PUT_BYTES of them and 399,999 protobuf fields in them. What is more is split, in the
 * order given, each request as full as it gets: the same records are split in the same way by the
 * same version of the library with the same max_request_bytes. The requests are sent one after the
 * other, each when the one before is answered. So each of them is done whole or not at all, in
 * order, but not all of them together: others may read and write in between. The result is one, its
 * items in the order given. All of it is packed in memory first; a record that no request takes is
 * INVALID_ARGUMENT, with its index in the text, and nothing is sent.
 *
 * The time limit is that of the whole call, and hirsch_cancel() ends the whole call; attempts are
 * counted for each request. (More at once, with several requests under way, and never all in
 * memory: hirsch_bulk_open().)
 *
 * When one of several requests fails, so does the call, with its code, and those behind it are not
 * sent. The error's `partial` then has all items: those of requests that were answered with their
 * outcomes, those of the one that failed UNSPECIFIED, those behind it NOT_SENT; sequence and epoch
 * are those of the last answer. It is NULL when nothing was sent, and for a call of one request.
 *
 * idempotency_key: 1 to 128 printable ASCII characters without blanks. Within 24 hours the same key
 * with the same records gives the same answer, and nothing is done twice: of several requests, the
 * first has this key and each other one a key made of it and of its number, so the same call again
 * goes on where the one before ended. NULL: one is made, and kept over the retries of this call.
 *
 * Further codes: INVALID_ARGUMENT: the key came with other records. RESOURCE_EXHAUSTED: as many
 * writes wait as the server takes, or its disk is nearly full; that request was not done.
 * FAILED_PRECONDITION: the server only reads. After DEADLINE_EXCEEDED, UNAVAILABLE, CANCELLED and
 * INTERNAL the request that failed may have been done: put again with the same key. */
HIRSCH_API enum hirsch_code
hirsch_put_records(hirsch_client *client, const struct hirsch_record *records, size_t count,
                   const char *idempotency_key, const struct hirsch_call_options *call,
                   const struct hirsch_write_result **result, hirsch_error **error);

/* Deletes any number of records, at least 1; all else as hirsch_put_records(). A paper that is
 * still cited stays as a stub. */
HIRSCH_API enum hirsch_code
hirsch_delete_records(hirsch_client *client, const struct hirsch_record_key *keys, size_t count,
                      const char *idempotency_key, const struct hirsch_call_options *call,
                      const struct hirsch_write_result **result, hirsch_error **error);

/* A stream of puts and deletes: split into requests as hirsch_put_records() does, several under way
 * at once, outcomes in the order in which the records were given. Used by one thread at a time;
 * that thread is inside hirsch_poll() of the client while it waits. A request that is sent again
 * may be overtaken by later ones: flush between a put and a delete of one record. */
typedef struct hirsch_bulk hirsch_bulk;

/* What became of record `number`. Runs inside the functions below, in the order of the records; of
 * them only hirsch_bulk_totals() may be called from it, whose sequence is that of this record's
 * change or a later one. The item lives during the call. */
typedef void hirsch_bulk_item(void *context, uint64_t number, const struct hirsch_write_item *item);

struct hirsch_bulk_options {
    size_t size;        /* sizeof(struct hirsch_bulk_options) */
    uint32_t in_flight; /* requests under way at once, at most 64; 0: 4 */
    uint32_t records;   /* in one request, at most HIRSCH_MAX_BATCH; 0: that */
    /* In one request, packed, at most HIRSCH_MAX_PUT_BYTES, and no more than the servers take; 0: 1
     * MiB. A greater record travels alone. */
    uint32_t bytes;
    /* Time limit of one request; 0: 30 s. */
    uint32_t timeout_ms;
    /* How often a request is sent again that the server refused as UNAVAILABLE or
     * RESOURCE_EXHAUSTED or that was not answered in time; with its key, after a pause that grows
     * from 0.1 s to 5 s. 0: 8 times. */
    uint32_t retries;
    /* Keys are this text and the numbers of the request's first and last record, each behind a '-':
     * who puts the same records again with the same numbers and prefix has nothing done twice of
     * what falls into the same requests; what a flush in between cut elsewhere is put again. At
     * most 64 bytes; NULL: a random one. */
    const char *key_prefix;
    hirsch_bulk_item *on_item; /* may be NULL */
    void *context;
};

#define HIRSCH_BULK_OPTIONS_INIT                                                                   \
    {                                                                                              \
        sizeof(struct hirsch_bulk_options), 0, 0, 0, 0, 0, NULL, NULL, NULL                        \
    }

/* options may be NULL. The client is borrowed until hirsch_bulk_close(). */
HIRSCH_API enum hirsch_code hirsch_bulk_open(hirsch_client *client,
                                             const struct hirsch_bulk_options *options,
                                             hirsch_bulk **bulk, hirsch_error **error);

/* Takes one more record; number is greater than that of the one before. Waits while as many
 * requests are under way as may be. A failure is that of an earlier request which failed as a
 * whole: nothing more is taken, what is under way can be flushed. INVALID_ARGUMENT, with the bulk
 * as it was: the record is over what a request takes, or not of a known type. */
HIRSCH_API enum hirsch_code hirsch_bulk_put(hirsch_bulk *bulk, uint64_t number,
                                            const struct hirsch_record *record,
                                            hirsch_error **error);

/* Deletes one more record; otherwise as hirsch_bulk_put(). */
HIRSCH_API enum hirsch_code hirsch_bulk_delete(hirsch_bulk *bulk, uint64_t number,
                                               const struct hirsch_record_key *key,
                                               hirsch_error **error);

/* Sends what is left and waits for all answers. The failure is that of the first request that
 * failed as a whole; each of its records is reported with it. */
HIRSCH_API enum hirsch_code hirsch_bulk_flush(hirsch_bulk *bulk, hirsch_error **error);

struct hirsch_bulk_totals {
    uint64_t records; /* answered */
    uint64_t stored;
    uint64_t unchanged;
    uint64_t older;
    uint64_t suppressed;
    uint64_t deleted;
    uint64_t absent;
    uint64_t failed;
    uint64_t sequence; /* greatest so far; 0: none */
    char epoch[33];    /* of that sequence */
};

HIRSCH_API void hirsch_bulk_totals(const hirsch_bulk *bulk, struct hirsch_bulk_totals *totals);

/* NULL is taken. Requests under way are cancelled: whether they were done is not known. */
HIRSCH_API void hirsch_bulk_close(hirsch_bulk *bulk);

#ifdef __cplusplus
}
#endif

#endif
