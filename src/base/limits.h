/* Every limit of Hirsch, each with a sentence; README's table of limits says the same. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

#include <stddef.h>
#include <stdint.h>

enum {
    /* An id's value, in bytes; with the scheme it stays below LMDB's 511-byte key. */
    LIMIT_ID_VALUE = 400,
    /* Other names of one record or of one authorship; more is a bad record. */
    LIMIT_IDS = 64,
    /* Authors kept of one paper; the rest sets authors_truncated. */
    LIMIT_AUTHORS = 5000,
    /* References of one paper; more is a bad record. */
    LIMIT_REFERENCES = 100000,
    /* Affiliations of one author, one paper or one authorship. */
    LIMIT_AFFILIATIONS = 256,
    /* Aliases of one author. */
    LIMIT_ALIASES = 256,
    /* Reported blocks of one record, and years in one of them. */
    LIMIT_REPORTED = 64,
    LIMIT_REPORTED_YEARS = 512,
    /* Names, titles, venues and tags, in bytes; longer text is a bad record. */
    LIMIT_TEXT = 16 * 1024,
    /* An abstract, in bytes. */
    LIMIT_ABSTRACT = 1024 * 1024,
    /* A line of an import file, in bytes. */
    LIMIT_LINE = 64 * 1024 * 1024,
    /* A source record as canonical bytes. */
    LIMIT_RECORD = 32 * 1024 * 1024,
    /* A word of a name or a title in the search index, in bytes; longer ones are cut. */
    LIMIT_TOKEN = 64,
    /* Beginnings of words of up to so many characters have lists of their own in the search index;
     * longer ones are put together from the words that begin so. */
    LIMIT_WORD_BEGINNING = 3,

    /* A request on the wire, in bytes of one SP message. */
    LIMIT_REQUEST = 8 * 1024 * 1024,
    /* Memory of requests that are half received, on all connections: 32 of the greatest. */
    LIMIT_RECEIVING = 256 * 1024 * 1024,
    /* A reply when the caller did not say hirsch-max-reply: what libnanomsg takes by default. */
    LIMIT_REPLY = 1024 * 1024,
    /* The most that hirsch-max-reply may ask for. */
    LIMIT_REPLY_MOST = 16 * 1024 * 1024,
    /* The least that it may ask for: any error fits. */
    LIMIT_REPLY_LEAST = 4096,
    /* Words of the backtrace of an SP request, its id included; as NN_MAXTTL of nanomsg. */
    LIMIT_SP_HOPS = 8,
    /* Protobuf fields in one request, at all depths. */
    LIMIT_REQUEST_FIELDS = 100000,
    /* The same for a request that puts records. */
    LIMIT_PUT_FIELDS = 400000,
    /* An idempotency key, in bytes. */
    LIMIT_IDEMPOTENCY_KEY = 128,
    /* Metadata entries of one request. */
    LIMIT_METADATA = 32,
    /* A key and a value of metadata, and the name of a method, in bytes. */
    LIMIT_METADATA_KEY = 64,
    LIMIT_METADATA_VALUE = 8192,
    LIMIT_METHOD = 256,
    /* Keys of one data directory, and the name of one, in bytes. */
    LIMIT_KEYS = 1024,
    LIMIT_KEY_NAME = 64,
    /* Ids in one batch. */
    LIMIT_BATCH = 1000,
    /* A search query, in bytes and in words. */
    LIMIT_QUERY = 400,
    LIMIT_QUERY_WORDS = 16,
    /* Authors or papers with the rarest word of a query that a search looks at. */
    LIMIT_CANDIDATES = 10000,
    /* Rows of the search index that one word of a query may take. */
    LIMIT_WORD_ROWS = 10000,
    /* Ids in one sample, and rows that are read to find as many. */
    LIMIT_SAMPLE = 10000,
    LIMIT_SAMPLE_ROWS = 30000,
    /* An author's papers and coauthors together, for a list of coauthors. */
    LIMIT_COAUTHOR_ROWS = 10000,
    /* Authors of a paper whose pairs count as coauthors; papers with more are left out. */
    LIMIT_COAUTHOR_AUTHORS = 100,
    /* Items on one page of a list: default and most. */
    LIMIT_PAGE_DEFAULT = 100,
    LIMIT_PAGE_MOST = 1000,
    /* Terms of an expression that names a set of papers, operands and operators together. */
    LIMIT_TERMS = 64,
    /* Papers of a set, and of any part of its expression. */
    LIMIT_SET_PAPERS = 100000,
    /* Ids of papers in one term of such an expression. */
    LIMIT_SET_IDS = 10000,
    /* Papers and citations of a set that are counted on the event loop; more goes beside it. */
    LIMIT_LOOP_SET = 20000,
    /* Ids of papers in an expression that are looked up on the event loop; more go beside it. */
    LIMIT_LOOP_IDS = 1000,
    /* Calendar years of a window of citations. */
    LIMIT_WINDOW_YEARS = 800,
    /* Days of one timeline. */
    LIMIT_TIMELINE_DAYS = 1000,
    /* Members below which a cohort says nothing of its papers. */
    LIMIT_COHORT_LEAST = 30,

    /* Writes that wait for the writer, and the bytes of their requests; more are refused. */
    LIMIT_WRITE_QUEUE = 4096,
    LIMIT_WRITE_QUEUE_BYTES = 64 * 1024 * 1024,
    /* Records, authors and references after which a group of writes is committed; fewer when they
     * would make more pages dirty than the next one. */
    LIMIT_WRITE_GROUP = 8192,
    /* Pages of 4 KiB that one transaction should make dirty at most: they are memory until it is
     * committed, and LMDB keeps it. A single request may make more. */
    LIMIT_WRITE_PAGES = 24576,

    /* Threads that work off the event loops, each with a snapshot of its own. */
    LIMIT_WORKERS = 4,
    /* Calls that wait for one of them; more are refused. */
    LIMIT_WORK_WAITING = 64,

    /* Years that a date may name. */
    LIMIT_YEAR_FIRST = 1400,
    LIMIT_YEAR_LAST = 2200,
};

#endif
