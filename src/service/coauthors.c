#include "service/coauthors.h"

#include <stdlib.h>

#include "service/page.h"
#include "service/session.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/view.h"
#include "wire/write.h"

struct coauthor {
    uint32_t number;
    uint32_t papers;
    uint32_t first_day;   /* of joint papers; MODEL_NO_DAY: none has a date */
    uint32_t last_day;    /* 0 then */
    struct base_slice id; /* borrowed from the snapshot */
    struct base_slice name;
    bool name_only;
};

/* Open addressing: slots hold places in items + 1. */
struct coauthors {
    struct coauthor *items;
    size_t count;
    size_t most;
    uint32_t *slots;
    uint32_t mask;
    uint32_t skipped; /* papers with too many authors */
};

static enum base_code no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the coauthors");
}

static enum base_code fail_rows(const char *id, struct base_error *error)
{
    return base_fail(
        error, BASE_RESOURCE_EXHAUSTED,
        "%s has more than %d papers and coauthors together, which is too many to count "
        "for one call; list the papers instead",
        id, LIMIT_COAUTHOR_ROWS);
}

static enum base_code make_room(struct coauthors *coauthors, size_t papers,
                                struct base_arena *arena, struct base_error *error)
{
    size_t most = LIMIT_COAUTHOR_ROWS - papers;
    size_t listed = papers * (LIMIT_COAUTHOR_AUTHORS - 1);
    coauthors->most = listed < most ? listed : most;
    size_t slots = 8;
    while (slots < 2 * coauthors->most) {
        slots *= 2;
    }
    coauthors->mask = (uint32_t)slots - 1;
    coauthors->slots = base_arena_array(arena, slots, sizeof *coauthors->slots);
    coauthors->items = base_arena_alloc(arena, (coauthors->most + 1) * sizeof *coauthors->items);
    return coauthors->slots == NULL || coauthors->items == NULL ? no_memory(error) : BASE_OK;
}

/* NULL when there are too many. */
static struct coauthor *coauthor_of(struct coauthors *coauthors, uint32_t number)
{
    uint32_t at = (number * UINT32_C(2654435769)) & coauthors->mask;
    while (coauthors->slots[at] != 0) {
        struct coauthor *found = &coauthors->items[coauthors->slots[at] - 1];
        if (found->number == number) {
            return found;
        }
        at = (at + 1) & coauthors->mask;
    }
    if (coauthors->count == coauthors->most) {
        return NULL;
    }
    struct coauthor *made = &coauthors->items[coauthors->count++];
    *made = (struct coauthor){.number = number, .first_day = MODEL_NO_DAY};
    coauthors->slots[at] = (uint32_t)coauthors->count;
    return made;
}

static enum base_code count_paper(struct coauthors *coauthors, struct store_reader *reader,
                                  uint32_t author, const struct store_authored *paper,
                                  const char *id, struct base_error *error)
{
    uint32_t authors[LIMIT_COAUTHOR_AUTHORS];
    size_t count;
    if (paper->author_count > LIMIT_COAUTHOR_AUTHORS) {
        coauthors->skipped++;
        return BASE_OK;
    }
    enum base_code code = store_read_paper_authors(reader, paper->paper, authors,
                                                   LIMIT_COAUTHOR_AUTHORS, &count, error);
    if (code != BASE_OK) {
        return code;
    }
    for (size_t i = 0; i < count && i < LIMIT_COAUTHOR_AUTHORS; i++) {
        if (authors[i] == author) {
            continue;
        }
        struct coauthor *coauthor = coauthor_of(coauthors, authors[i]);
        if (coauthor == NULL) {
            return fail_rows(id, error);
        }
        coauthor->papers++;
        if (paper->day != MODEL_NO_DAY) {
            coauthor->first_day =
                paper->day < coauthor->first_day ? paper->day : coauthor->first_day;
            coauthor->last_day = paper->day > coauthor->last_day ? paper->day : coauthor->last_day;
        }
    }
    return BASE_OK;
}

static int coauthor_order(const void *left, const void *right)
{
    const struct coauthor *a = left;
    const struct coauthor *b = right;
    if (a->papers != b->papers) {
        return a->papers > b->papers ? -1 : 1;
    }
    return service_id_order(a->id, b->id);
}

/* Everybody, in order. */
static enum base_code collect(struct coauthors *coauthors, struct service_session *session,
                              struct base_arena *arena, uint32_t author, const char *id,
                              struct base_error *error)
{
    struct store_author found;
    enum base_code code = store_read_author(session->reader, author, &found, error);
    if (code != BASE_OK) {
        return code;
    }
    if (found.paper_count >= LIMIT_COAUTHOR_ROWS) {
        return fail_rows(id, error);
    }
    size_t count = found.paper_count;
    struct store_authored *papers = base_arena_alloc(arena, (count + 1) * sizeof *papers);
    if (papers == NULL) {
        return no_memory(error);
    }
    code = make_room(coauthors, count, arena, error);
    if (code == BASE_OK) {
        code =
            store_read_author_papers(session->reader, author, NULL, papers, count, &count, error);
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = count_paper(coauthors, session->reader, author, &papers[i], id, error);
    }
    for (size_t i = 0; code == BASE_OK && i < coauthors->count; i++) {
        struct coauthor *coauthor = &coauthors->items[i];
        code = store_read_author(session->reader, coauthor->number, &found, error);
        if (code == BASE_OK) {
            coauthor->id = wire_view_id(found.view);
            coauthor->name = wire_find_bytes(found.view, WIRE_AUTHOR_DISPLAY_NAME);
            coauthor->name_only = found.name_only;
        }
    }
    if (code == BASE_OK && coauthors->count > 0) {
        qsort(coauthors->items, coauthors->count, sizeof *coauthors->items, coauthor_order);
    }
    return code;
}

static void put_coauthor(const struct coauthor *coauthor, struct base_buffer *payload)
{
    struct wire_mark mark =
        wire_begin(payload, WIRE_LIST_COAUTHORS_RESPONSE_COAUTHORS, coauthor->name.size + 40);
    wire_put_bytes(payload, WIRE_COAUTHOR_ID, coauthor->id);
    wire_put_bytes(payload, WIRE_COAUTHOR_DISPLAY_NAME, coauthor->name);
    wire_put_uint(payload, WIRE_COAUTHOR_JOINT_PAPER_COUNT, coauthor->papers);
    if (coauthor->first_day != MODEL_NO_DAY) {
        wire_put_uint_present(payload, WIRE_COAUTHOR_FIRST_YEAR,
                              model_day_year(coauthor->first_day));
        wire_put_uint_present(payload, WIRE_COAUTHOR_LAST_YEAR, model_day_year(coauthor->last_day));
    }
    wire_put_uint(payload, WIRE_COAUTHOR_NAME_ONLY, coauthor->name_only);
    wire_end(payload, mark);
}

static enum base_code put_page(struct service_page *page, const struct coauthors *coauthors,
                               const char *token, struct base_buffer *payload,
                               struct base_error *error)
{
    size_t from = 0;
    if (token[0] != '\0') {
        struct service_place place;
        struct model_id id;
        enum base_code code = service_page_begin(page, token, &place, &id, error);
        if (code != BASE_OK) {
            return code;
        }
        struct coauthor last = {.papers = place.first, .id = place.id};
        while (from < coauthors->count && coauthor_order(&coauthors->items[from], &last) <= 0) {
            from++;
        }
    }
    bool full = false;
    enum base_code code = BASE_OK;
    size_t left = coauthors->count - from;
    for (size_t i = 0; code == BASE_OK && !full && i < left && i < page->size; i++) {
        const struct coauthor *coauthor = &coauthors->items[from + i];
        struct service_place place = {coauthor->papers, 0, coauthor->id};
        size_t before = payload->size;
        put_coauthor(coauthor, payload);
        code = service_page_add(page, payload, before, &place, &full, error);
    }
    if (code == BASE_OK) {
        service_page_end(page, page->shown < left, payload);
    }
    return code;
}

enum base_code service_list_coauthors(struct rpc_call *call, const void *message,
                                      struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__ListCoauthorsRequest *request = message;
    struct service_session *session;
    struct service_page page;
    struct coauthors coauthors = {0};
    struct model_id id;
    char list[MODEL_ID_TEXT];
    uint32_t author;
    enum base_code code = service_begin(call, &session, error);
    if (code == BASE_OK) {
        code = service_find(call, session, MODEL_AUTHOR, "id", request->id, &id, &author, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    size_t size = model_id_text(&id, list);
    service_page_init(&page, call, SERVICE_LIST_COAUTHORS, base_slice(list, size),
                      request->page_size, payload);
    code = collect(&coauthors, session, call->arena, author, list, error);
    if (code == BASE_OK) {
        code = put_page(&page, &coauthors, request->page_token, payload, error);
    }
    if (code == BASE_OK) {
        wire_put_uint(payload, WIRE_LIST_COAUTHORS_RESPONSE_TOTAL_SIZE, coauthors.count);
        wire_put_uint(payload, WIRE_LIST_COAUTHORS_RESPONSE_SKIPPED_PAPERS, coauthors.skipped);
    }
    return code;
}
