/* What the load tester knows of each method: how a request is made. */
#ifndef BENCH_METHOD_H
#define BENCH_METHOD_H

#include "base/buffer.h"
#include "base/status.h"

struct ProtobufCMessageDescriptor;
struct ProtobufCMessage;

enum bench_key_kind {
    BENCH_KEY_NONE,
    BENCH_KEY_AUTHOR, /* ids of authors */
    BENCH_KEY_PAPER,  /* ids of papers */
    BENCH_KEY_NAME,   /* words of authors' names */
    BENCH_KEY_TITLE,  /* words of titles */
    BENCH_KEY_KINDS,
};

enum bench_shape {
    BENCH_ONE,   /* one id, one resource */
    BENCH_BATCH, /* several ids, a result each */
    BENCH_LIST,  /* one id or query, a page of items */
    BENCH_SET,   /* one author, whose papers are the set that is counted */
    BENCH_PLAIN, /* no key */
    BENCH_PUT,   /* records that are made up; the keys are what they cite */
};

struct bench_method {
    const char *name; /* "hirsch.v1.AuthorService/GetAuthor" */
    enum bench_shape shape;
    enum bench_key_kind key;
    /* Field numbers of the request, 0: it has none. The key is field 1, of a SET inside of it. */
    unsigned view;
    unsigned page_size;
    unsigned page_token;
    const struct ProtobufCMessageDescriptor *response;
};

/* By full or short name: "GetAuthor", "AuthorService/GetAuthor". NULL: not among them. */
const struct bench_method *bench_method_find(const char *name);
/* The name behind the slash. */
const char *bench_method_short_name(const struct bench_method *method);
/* The short name that a mistyped one was probably meant to be, or NULL. */
const char *bench_method_suggest(const char *name);
/* Names separated by blanks, for messages. */
void bench_method_names(struct base_buffer *out);

/* What one request asks. keys live during the call. */
struct bench_ask {
    const struct bench_method *method;
    const struct base_slice *keys;
    size_t key_count;
    unsigned view;
    uint32_t page_size;
    struct base_slice page_token; /* empty: the first page */
    /* PUT: papers, each with key_count / record_count of the keys as references and so many
     * authors. number makes their ids. */
    size_t record_count;
    unsigned author_count;
    uint64_t number;
};

/* Appends the request message. */
void bench_ask_write(const struct bench_ask *ask, struct base_buffer *out);

/* next_page_token of a list's answer, borrowed; empty when it is the last page. */
struct base_slice bench_method_next_page(const struct bench_method *method,
                                         struct base_slice payload);

#endif
