#include "service/ahead.h"

#include "service/session.h"
#include "store/recall.h"
#include "wire/fields.h"
#include "wire/read.h"

static void expect(struct service_session *session, enum model_entity entity, uint32_t number,
                   struct base_slice payload)
{
    struct service_ahead *ahead = &session->ahead;
    struct base_slice text;
    if (ahead->count < SERVICE_AHEAD && wire_only_string(payload, number, &text)) {
        ahead->keys[ahead->count++] = store_recall_key(session->reader, entity, text);
    }
}

void service_expect_author(void *session, struct base_slice payload)
{
    expect(session, MODEL_AUTHOR, WIRE_GET_AUTHOR_REQUEST_ID, payload);
}

void service_expect_paper(void *session, struct base_slice payload)
{
    expect(session, MODEL_PAPER, WIRE_GET_PAPER_REQUEST_ID, payload);
}

void service_session_fetch(void *opaque)
{
    struct service_session *session = opaque;
    struct service_ahead *ahead = &session->ahead;
    for (unsigned i = 0; i < ahead->count; i++) {
        store_recall_ahead(session->reader, ahead->keys[i]);
    }
    ahead->count = 0;
}
