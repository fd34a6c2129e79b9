#include "service/ahead.h"

#include "service/session.h"
#include "store/recall.h"
#include "wire/fields.h"
#include "wire/read.h"

/* Ids that are asked for together mostly differ at their ends. */
static unsigned slot_of(struct base_slice text)
{
    uint32_t end = base_get_le32(text.data + text.size - sizeof end);
    return (end * 2654435769U) >> 26;
}

_Static_assert(SERVICE_AHEAD == 1 << (32 - 26), "a slot is the top bits of the product");

static bool fits(struct base_slice text)
{
    return text.size >= sizeof(uint32_t) && text.size <= SERVICE_AHEAD_TEXT;
}

static void expect(struct service_session *session, enum model_entity entity, uint32_t number,
                   struct base_slice payload, struct base_arena *arena)
{
    struct service_ahead *ahead = &session->ahead;
    struct base_slice text;
    struct model_id id;
    struct base_error ignored;
    if (ahead->count == SERVICE_AHEAD || !wire_only_string(payload, number, &text) || !fits(text) ||
        model_id_parse(text, arena, &id, &ignored) != BASE_OK ||
        id.value.size > SERVICE_AHEAD_TEXT || !model_id_fits(&id, entity)) {
        return;
    }
    unsigned slot = slot_of(text);
    struct service_expected *expected = &ahead->ids[slot];
    expected->key = store_recall_key(session->reader, entity, &id);
    expected->entity = entity;
    expected->scheme = id.scheme;
    expected->text_size = (uint8_t)text.size;
    expected->value_size = (uint8_t)id.value.size;
    memcpy(expected->text, text.data, text.size);
    memcpy(expected->value, id.value.data, id.value.size);
    ahead->announced[ahead->count++] = (uint8_t)slot;
}

void service_expect_author(void *session, struct base_slice payload, struct base_arena *arena)
{
    expect(session, MODEL_AUTHOR, WIRE_GET_AUTHOR_REQUEST_ID, payload, arena);
}

void service_expect_paper(void *session, struct base_slice payload, struct base_arena *arena)
{
    expect(session, MODEL_PAPER, WIRE_GET_PAPER_REQUEST_ID, payload, arena);
}

void service_session_fetch(void *opaque)
{
    struct service_session *session = opaque;
    struct service_ahead *ahead = &session->ahead;
    for (unsigned i = 0; i < ahead->count; i++) {
        store_recall_ahead(session->reader, ahead->ids[ahead->announced[i]].key);
    }
    ahead->count = 0;
}

bool service_expected(const struct service_session *session, enum model_entity entity,
                      struct base_slice text, struct model_id *id, uint64_t *key)
{
    if (!fits(text)) {
        return false;
    }
    const struct service_expected *expected = &session->ahead.ids[slot_of(text)];
    if (expected->entity != entity ||
        !base_slice_equal(base_slice(expected->text, expected->text_size), text)) {
        return false;
    }
    *id = (struct model_id){expected->scheme, base_slice(expected->value, expected->value_size)};
    *key = expected->key;
    return true;
}
