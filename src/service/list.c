#include "service/list.h"

#include "service/page.h"
#include "service/resource.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/view.h"
#include "wire/write.h"

/* A paper with its sort key. */
struct item {
    uint32_t day; /* 0 in lists that have no days */
    uint32_t paper;
    bool shares_author;
};

/* How the lists differ. */
struct kind {
    const char *method;
    enum model_entity owner;
    /* Fills at most room items behind `after` (NULL: from the first). */
    enum base_code (*read)(struct store_reader *reader, uint32_t owner, const struct item *after,
                           struct item *items, size_t room, struct base_arena *arena, size_t *count,
                           struct base_error *error);
    bool wrapped; /* each paper stands in a Citation */
};

/* What the requests have in common. */
struct asked {
    const char *id;
    uint32_t page_size;
    const char *page_token;
    int view;
};

static enum base_code no_memory(size_t room, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a page of %zu papers", room);
}

static enum base_code read_author_papers(struct store_reader *reader, uint32_t owner,
                                         const struct item *after, struct item *items, size_t room,
                                         struct base_arena *arena, size_t *count,
                                         struct base_error *error)
{
    struct store_authored *papers = base_arena_alloc(arena, room * sizeof *papers);
    if (papers == NULL) {
        return no_memory(room, error);
    }
    struct store_authored last = {0};
    if (after != NULL) {
        last = (struct store_authored){.day = after->day, .paper = after->paper};
    }
    enum base_code code = store_read_author_papers(reader, owner, after == NULL ? NULL : &last,
                                                   papers, room, count, error);
    for (size_t i = 0; code == BASE_OK && i < *count; i++) {
        items[i] = (struct item){papers[i].day, papers[i].paper, false};
    }
    return code;
}

static enum base_code read_citations(struct store_reader *reader, uint32_t owner,
                                     const struct item *after, struct item *items, size_t room,
                                     struct base_arena *arena, size_t *count,
                                     struct base_error *error)
{
    struct store_citation *citations = base_arena_alloc(arena, room * sizeof *citations);
    if (citations == NULL) {
        return no_memory(room, error);
    }
    struct store_citation last = {0};
    if (after != NULL) {
        last = (struct store_citation){.day = after->day, .paper = after->paper};
    }
    enum base_code code = store_read_citations(reader, owner, after == NULL ? NULL : &last,
                                               citations, room, count, error);
    for (size_t i = 0; code == BASE_OK && i < *count; i++) {
        items[i] = (struct item){citations[i].day, citations[i].paper, citations[i].shares_author};
    }
    return code;
}

static enum base_code read_references(struct store_reader *reader, uint32_t owner,
                                      const struct item *after, struct item *items, size_t room,
                                      struct base_arena *arena, size_t *count,
                                      struct base_error *error)
{
    uint32_t *papers = base_arena_alloc(arena, room * sizeof *papers);
    if (papers == NULL) {
        return no_memory(room, error);
    }
    enum base_code code = store_read_references(reader, owner, after == NULL ? 0 : after->paper,
                                                papers, room, count, error);
    for (size_t i = 0; code == BASE_OK && i < *count; i++) {
        items[i] = (struct item){0, papers[i], false};
    }
    return code;
}

/* Behind which paper the page begins. One that is gone leaves its day: the papers of that day come
 * again rather than being skipped. */
static enum base_code find_place(struct service_page *page, struct service_session *session,
                                 const char *token, struct item *after, struct base_error *error)
{
    struct service_place place;
    struct model_id id;
    enum base_code code = service_page_begin(page, token, &place, &id, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_ref ref = {0};
    code = store_find(session->reader, MODEL_PAPER, &id, &ref, error);
    if (code != BASE_OK && code != BASE_NOT_FOUND) {
        return code;
    }
    *after = (struct item){.day = place.first, .paper = code == BASE_OK ? ref.number : 0};
    return BASE_OK;
}

static enum base_code put_item(struct service_page *page, struct service_session *session,
                               const struct kind *kind, const struct item *item,
                               const struct service_view *view, struct base_buffer *payload,
                               bool *full, struct base_error *error)
{
    size_t before = payload->size;
    struct store_paper paper;
    enum base_code code = store_read_paper(session->reader, item->paper, &paper, error);
    if (code != BASE_OK) {
        return code;
    }
    if (kind->wrapped) {
        struct wire_mark mark =
            wire_begin(payload, WIRE_LIST_CITATIONS_RESPONSE_CITATIONS, paper.view.size + 100);
        code = service_put_read_paper(page->call, session, WIRE_CITATION_PAPER, &paper, view,
                                      payload, error);
        wire_put_uint(payload, WIRE_CITATION_SHARES_AUTHOR, item->shares_author);
        wire_end(payload, mark);
    } else {
        code = service_put_read_paper(page->call, session, WIRE_LIST_RESPONSE_PAPERS, &paper, view,
                                      payload, error);
    }
    struct service_place place = {item->day, 0, wire_view_id(paper.view)};
    return code == BASE_OK ? service_page_add(page, payload, before, &place, full, error) : code;
}

/* Appends papers until the page or the reply is full. */
static enum base_code put_page(struct service_page *page, struct service_session *session,
                               const struct kind *kind, uint32_t owner, const struct item *after,
                               const struct service_view *view, struct base_buffer *payload,
                               struct base_error *error)
{
    struct base_arena *arena = page->call->arena;
    /* One more, to see whether any follow. */
    size_t room = page->size + 1;
    struct item *items = base_arena_alloc(arena, room * sizeof *items);
    if (items == NULL) {
        return no_memory(page->size, error);
    }
    size_t count;
    enum base_code code =
        kind->read(session->reader, owner, after, items, room, arena, &count, error);
    bool full = false;
    for (size_t i = 0; code == BASE_OK && !full && i < count && i < page->size; i++) {
        code = put_item(page, session, kind, &items[i], view, payload, &full, error);
    }
    if (code == BASE_OK) {
        service_page_end(page, page->shown < count, payload);
    }
    return code;
}

/* Papers of an author, citations or references of a paper: on all pages. */
static enum base_code total_of(struct service_session *session, const struct kind *kind,
                               uint32_t owner, uint32_t *total, struct base_error *error)
{
    struct store_author author;
    struct store_paper paper;
    enum base_code code;
    if (kind->owner == MODEL_AUTHOR) {
        code = store_read_author(session->reader, owner, &author, error);
        *total = code == BASE_OK ? author.paper_count : 0;
    } else {
        code = store_read_paper(session->reader, owner, &paper, error);
        *total = code != BASE_OK ? 0 : kind->wrapped ? paper.citation_count : paper.reference_count;
    }
    return code;
}

static enum base_code answer(struct rpc_call *call, const struct kind *kind,
                             const struct asked *asked, struct base_buffer *payload,
                             struct base_error *error)
{
    struct service_session *session;
    struct service_view view = service_basic;
    struct service_page page;
    struct item after;
    struct model_id id;
    char list[MODEL_ID_TEXT];
    uint32_t owner;
    uint32_t total;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_paper_view(call, asked->view, &view, error);
    }
    if (code == BASE_OK) {
        code = service_find(call, session, kind->owner, "id", asked->id, &id, &owner, error);
    }
    if (code == BASE_OK) {
        code = total_of(session, kind, owner, &total, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    size_t size = model_id_text(&id, list);
    service_page_init(&page, call, kind->method, base_slice(list, size), asked->page_size, payload);
    bool first = asked->page_token[0] == '\0';
    if (!first) {
        code = find_place(&page, session, asked->page_token, &after, error);
    }
    if (code == BASE_OK) {
        code = put_page(&page, session, kind, owner, first ? NULL : &after, &view, payload, error);
    }
    if (code == BASE_OK) {
        wire_put_uint(payload, WIRE_LIST_RESPONSE_TOTAL_SIZE, total);
    }
    return code;
}

enum base_code service_list_author_papers(struct rpc_call *call, const void *message,
                                          struct base_buffer *payload, struct base_error *error)
{
    static const struct kind kind = {
        .method = SERVICE_LIST_AUTHOR_PAPERS, .owner = MODEL_AUTHOR, .read = read_author_papers};
    const Hirsch__V1__ListAuthorPapersRequest *request = message;
    const struct asked asked = {request->id, request->page_size, request->page_token,
                                (int)request->view};
    return answer(call, &kind, &asked, payload, error);
}

enum base_code service_list_citations(struct rpc_call *call, const void *message,
                                      struct base_buffer *payload, struct base_error *error)
{
    static const struct kind kind = {.method = SERVICE_LIST_CITATIONS,
                                     .owner = MODEL_PAPER,
                                     .read = read_citations,
                                     .wrapped = true};
    const Hirsch__V1__ListCitationsRequest *request = message;
    const struct asked asked = {request->id, request->page_size, request->page_token,
                                (int)request->view};
    return answer(call, &kind, &asked, payload, error);
}

enum base_code service_list_references(struct rpc_call *call, const void *message,
                                       struct base_buffer *payload, struct base_error *error)
{
    static const struct kind kind = {
        .method = SERVICE_LIST_REFERENCES, .owner = MODEL_PAPER, .read = read_references};
    const Hirsch__V1__ListReferencesRequest *request = message;
    const struct asked asked = {request->id, request->page_size, request->page_token,
                                (int)request->view};
    return answer(call, &kind, &asked, payload, error);
}
