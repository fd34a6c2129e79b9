#include "service/page.h"

#include "wire/fields.h"
#include "wire/write.h"

/* Kept free behind the items: a token, total_size and one number more, with tags and lengths. */
enum { TAIL = 16 + 4 + SERVICE_TOKEN_MOST };

void service_page_init(struct service_page *page, struct rpc_call *call, const char *method,
                       struct base_slice list, uint32_t asked, const struct base_buffer *payload)
{
    *page = (struct service_page){
        .call = call, .method = method, .list = list, .size = asked, .start = payload->size};
    if (asked == 0) {
        page->size = LIMIT_PAGE_DEFAULT;
    } else if (asked > LIMIT_PAGE_MOST) {
        page->size = LIMIT_PAGE_MOST;
    }
}

enum base_code service_page_begin(struct service_page *page, const char *token,
                                  struct service_place *place, struct model_id *id,
                                  struct base_error *error)
{
    struct rpc_call *call = page->call;
    enum base_code code = service_token_read(page->method, page->list, base_slice_text(token),
                                             call->arena, place, error);
    if (code == BASE_OK) {
        code = model_id_parse(place->id, call->arena, id, error);
    }
    if (code == BASE_INVALID_ARGUMENT) {
        call->detail_reason = "PAGE_TOKEN_FOREIGN";
        call->detail_field = "page_token";
    }
    return code;
}

enum base_code service_page_add(struct service_page *page, struct base_buffer *payload,
                                size_t before, const struct service_place *place, bool *full,
                                struct base_error *error)
{
    *full = false;
    if (payload->failed || payload->size - page->start + TAIL > page->call->max_payload) {
        if (payload->failed || page->shown == 0) {
            return rpc_fail_reply_limit(page->call, error);
        }
        payload->size = before;
        *full = true;
        return BASE_OK;
    }
    if (place->id.size == 0 || place->id.size > MODEL_ID_TEXT) {
        return base_fail(error, BASE_DATA_LOSS,
                         "a stored view in this list has no id; run hirschd verify");
    }
    page->last = *place;
    page->shown++;
    return BASE_OK;
}

void service_page_end(struct service_page *page, bool more, struct base_buffer *payload)
{
    if (!more || page->shown == 0) {
        return;
    }
    struct base_buffer token = BASE_BUFFER_EMPTY;
    service_token_write(page->method, page->list, &page->last, &token);
    wire_put_bytes(payload, WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN, base_buffer_slice(&token));
    payload->failed = payload->failed || token.failed;
    base_buffer_fini(&token);
}

static int scheme_of(struct base_slice id)
{
    for (int scheme = MODEL_NO_SCHEME + 1; scheme < MODEL_SCHEME_END; scheme++) {
        struct base_slice name = base_slice_text(model_scheme_name((enum model_scheme)scheme));
        if (id.size > name.size && id.data[name.size] == ':' && base_slice_starts(id, name)) {
            return scheme;
        }
    }
    return MODEL_SCHEME_END;
}

int service_id_order(struct base_slice a, struct base_slice b)
{
    int a_scheme = scheme_of(a);
    int b_scheme = scheme_of(b);
    return a_scheme != b_scheme ? a_scheme - b_scheme : base_slice_compare(a, b);
}
