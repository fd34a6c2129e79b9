#include "service/list.h"

#include "service/resource.h"
#include "service/token.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/view.h"
#include "wire/write.h"

/* Kept free behind the papers: total_size and a token, with their tags and lengths. */
enum { TAIL = 8 + 4 + SERVICE_TOKEN_MOST };

struct page {
    struct rpc_call *call;
    struct service_session *session;
    struct model_id author_id;
    uint32_t author;
    bool with_abstract;
    size_t size;                   /* papers at most */
    struct store_authored *papers; /* size + 1 of them, to see whether more follow */
    size_t count;
};

static enum base_code fail_token(struct rpc_call *call)
{
    call->detail_reason = "PAGE_TOKEN_FOREIGN";
    call->detail_field = "page_token";
    return BASE_INVALID_ARGUMENT;
}

/* Behind which paper the page begins. A paper that is gone leaves its day: the papers of that day
 * come again rather than being skipped. */
static enum base_code find_place(struct page *page, const char *token, struct store_authored *after,
                                 struct base_error *error)
{
    struct rpc_call *call = page->call;
    struct service_place place;
    enum base_code code = service_token_read(SERVICE_LIST_AUTHOR_PAPERS, &page->author_id,
                                             base_slice_text(token), call->arena, &place, error);
    if (code != BASE_OK) {
        return code == BASE_INVALID_ARGUMENT ? fail_token(call) : code;
    }
    struct model_id id;
    code = model_id_parse(place.paper, call->arena, &id, error);
    if (code != BASE_OK) {
        return code == BASE_INVALID_ARGUMENT ? fail_token(call) : code;
    }
    struct store_ref ref = {0};
    code = store_find(page->session->reader, MODEL_PAPER, &id, &ref, error);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    *after = (struct store_authored){
        .day = place.day,
        .paper = code == BASE_OK ? ref.number : 0,
    };
    return BASE_OK;
}

static enum base_code read_page(struct page *page, const char *token, struct base_error *error)
{
    struct store_authored after;
    bool first = token[0] == '\0';
    if (!first) {
        enum base_code code = find_place(page, token, &after, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    page->papers = base_arena_array(page->call->arena, page->size + 1, sizeof page->papers[0]);
    if (page->papers == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a page of %zu papers",
                         page->size);
    }
    return store_read_author_papers(page->session->reader, page->author, first ? NULL : &after,
                                    page->papers, page->size + 1, &page->count, error);
}

/* Appends papers until the page or the reply is full; the token names the last one when more
 * follow. */
static enum base_code put_papers(struct page *page, struct base_buffer *payload,
                                 struct base_buffer *token, struct base_error *error)
{
    struct rpc_call *call = page->call;
    size_t start = payload->size;
    struct service_place last = {MODEL_NO_DAY, {NULL, 0}};
    size_t shown = 0;
    for (; shown < page->count && shown < page->size; shown++) {
        size_t before = payload->size;
        struct store_paper paper;
        enum base_code code =
            store_read_paper(page->session->reader, page->papers[shown].paper, &paper, error);
        if (code == BASE_OK) {
            code = service_put_read_paper(call, page->session, WIRE_LIST_RESPONSE_PAPERS, &paper,
                                          page->with_abstract, payload, error);
        }
        if (code != BASE_OK) {
            return code;
        }
        if (payload->failed || payload->size - start + TAIL > call->max_payload) {
            if (payload->failed || shown == 0) {
                return rpc_fail_reply_limit(call, error);
            }
            payload->size = before;
            break;
        }
        last = (struct service_place){page->papers[shown].day, wire_view_id(paper.view)};
    }
    if (shown < page->count) {
        if (last.paper.size == 0 || last.paper.size > MODEL_ID_TEXT) {
            return base_fail(error, BASE_DATA_LOSS,
                             "the stored view of paper number %u has no id; run hirschd verify",
                             page->papers[shown - 1].paper);
        }
        service_token_write(SERVICE_LIST_AUTHOR_PAPERS, &page->author_id, &last, token);
    }
    return BASE_OK;
}

static size_t page_size_of(uint32_t asked)
{
    if (asked == 0) {
        return LIMIT_PAGE_DEFAULT;
    }
    return asked > LIMIT_PAGE_MOST ? LIMIT_PAGE_MOST : asked;
}

enum base_code service_list_author_papers(struct rpc_call *call, const void *message,
                                          struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__ListAuthorPapersRequest *request = message;
    struct page page = {.call = call, .size = page_size_of(request->page_size)};
    enum base_code code = service_begin(call, &page.session, error);
    if (code == BASE_OK) {
        code = service_wants_abstract(call, (int)request->view, false, &page.with_abstract, error);
    }
    if (code == BASE_OK) {
        code = service_find(call, page.session, MODEL_AUTHOR, "id", request->id, &page.author_id,
                            &page.author, error);
    }
    struct store_author author;
    if (code == BASE_OK) {
        code = store_read_author(page.session->reader, page.author, &author, error);
    }
    if (code == BASE_OK) {
        code = read_page(&page, request->page_token, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct base_buffer token = BASE_BUFFER_EMPTY;
    code = put_papers(&page, payload, &token, error);
    if (code == BASE_OK) {
        wire_put_bytes(payload, WIRE_LIST_RESPONSE_NEXT_PAGE_TOKEN, base_buffer_slice(&token));
        wire_put_uint(payload, WIRE_LIST_RESPONSE_TOTAL_SIZE, author.paper_count);
        payload->failed = payload->failed || token.failed;
    }
    base_buffer_fini(&token);
    return code;
}
