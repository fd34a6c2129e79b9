/* What a session knows of requests that come soon: their ids, parsed, and rows that are on their
 * way into the cache. A request that nobody announced is answered all the same. */
#ifndef SERVICE_AHEAD_H
#define SERVICE_AHEAD_H

#include "model/id.h"

struct service_session;
struct store_reader;

enum {
    /* A power of two, well above what is announced at once. */
    SERVICE_AHEAD = 64,
    /* Longer ids are parsed when they come. */
    SERVICE_AHEAD_TEXT = 46,
};

/* An id that was given as that text. */
struct service_expected {
    uint64_t key; /* of store_recall_key */
    enum model_entity entity;
    enum model_scheme scheme;
    uint8_t text_size;
    uint8_t value_size;
    char text[SERVICE_AHEAD_TEXT];
    char value[SERVICE_AHEAD_TEXT];
};

struct service_ahead {
    struct service_expected ids[SERVICE_AHEAD];
    uint8_t announced[SERVICE_AHEAD]; /* indices of those whose rows are not sent for yet */
    unsigned count;
};

/* For struct rpc_method: a request that is nothing but an id comes soon. */
void service_expect_author(void *session, struct base_slice payload, struct base_arena *arena);
void service_expect_paper(void *session, struct base_slice payload, struct base_arena *arena);
/* For struct rpc_service: sends for the rows of all that was announced. */
void service_session_fetch(void *session);

/* The id that this text gives and its key, if it was announced. id is borrowed from the session
 * until it hears of other requests. */
bool service_expected(const struct service_session *session, enum model_entity entity,
                      struct base_slice text, struct model_id *id, uint64_t *key);

#endif
