#include "service/search.h"

#include <stdlib.h>

#include "model/fold.h"
#include "model/kind.h"
#include "service/page.h"
#include "service/resource.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/read.h"
#include "wire/view.h"
#include "wire/write.h"

/* What is asked, and by whom. */
struct query {
    struct rpc_call *call;
    struct service_session *session;
    enum model_entity entity;
    struct base_slice words[LIMIT_QUERY_WORDS];
    size_t count;
    struct base_slice field;  /* authors: of this field only; size 0: of all */
    uint32_t year;            /* papers: of this year only; 0: of all */
    struct base_buffer list;  /* all of it in one text, for page tokens */
    struct service_view view; /* of papers */
};

/* What was found, with its sort key. */
struct hit {
    uint32_t number;
    struct service_place place; /* citations, papers, id */
};

struct hits {
    struct hit *items; /* LIMIT_CANDIDATES of them */
    size_t count;
};

static enum base_code fail_field(struct rpc_call *call, const char *reason, const char *field,
                                 struct base_error *error)
{
    call->detail_reason = reason;
    call->detail_field = field;
    base_error_prefix(error, "field %s", field);
    return BASE_INVALID_ARGUMENT;
}

/* Folded words; the text of the list begins with them. */
static enum base_code take_words(struct query *query, const char *text, struct base_error *error)
{
    struct base_slice whole = base_slice_text(text);
    if (whole.size == 0 || whole.size > LIMIT_QUERY) {
        base_fail(error, BASE_INVALID_ARGUMENT, "%zu bytes were given; a query takes 1 to %d",
                  whole.size, LIMIT_QUERY);
        return fail_field(query->call, "QUERY_INVALID", "query", error);
    }
    struct base_slice folded = model_fold(whole, query->call->arena);
    if (folded.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the query");
    }
    struct base_slice word;
    while (model_fold_token(&folded, &word)) {
        if (query->count == LIMIT_QUERY_WORDS) {
            base_fail(error, BASE_INVALID_ARGUMENT, "a query takes at most %d words",
                      LIMIT_QUERY_WORDS);
            return fail_field(query->call, "QUERY_INVALID", "query", error);
        }
        query->words[query->count++] = word;
        base_buffer_append_slice(&query->list, word);
        base_buffer_append_byte(&query->list, '\n');
    }
    if (query->count == 0) {
        base_fail(error, BASE_INVALID_ARGUMENT, "it holds no letter and no digit");
        return fail_field(query->call, "QUERY_INVALID", "query", error);
    }
    return BASE_OK;
}

/* Citations, then papers, then id. */
static int place_order(const struct service_place *a, const struct service_place *b)
{
    if (a->first != b->first) {
        return a->first > b->first ? -1 : 1;
    }
    if (a->second != b->second) {
        return a->second > b->second ? -1 : 1;
    }
    return service_id_order(a->id, b->id);
}

static int hit_order(const void *left, const void *right)
{
    return place_order(&((const struct hit *)left)->place, &((const struct hit *)right)->place);
}

/* Reads a candidate; *wanted: the filter lets it through. */
static enum base_code read_hit(const struct query *query, uint32_t number, struct hit *hit,
                               bool *wanted, struct base_error *error)
{
    struct store_reader *reader = query->session->reader;
    struct store_author author;
    struct store_paper paper;
    enum base_code code;
    if (query->entity == MODEL_AUTHOR) {
        code = store_read_author(reader, number, &author, error);
        if (code != BASE_OK) {
            return code;
        }
        *wanted = query->field.size == 0 ||
                  base_slice_equal(
                      query->field,
                      wire_find_bytes(wire_find_bytes(author.view, WIRE_AUTHOR_PRIMARY_FIELD),
                                      WIRE_FIELD_ID));
        *hit = (struct hit){number,
                            {author.citation_count, author.paper_count, wire_view_id(author.view)}};
        return BASE_OK;
    }
    code = store_read_paper(reader, number, &paper, error);
    if (code != BASE_OK) {
        return code;
    }
    *wanted = query->year == 0 || (paper.date.precision != MODEL_NO_DATE &&
                                   model_day_year(paper.date.day) == query->year);
    *hit = (struct hit){number, {paper.citation_count, 0, wire_view_id(paper.view)}};
    return BASE_OK;
}

static enum base_code read_bucket(const struct query *query, const struct store_bucket *bucket,
                                  const struct service_place *after, struct hits *hits,
                                  struct base_error *error)
{
    for (size_t i = 0; i < bucket->count; i++) {
        struct hit hit;
        bool wanted;
        enum base_code code = read_hit(query, bucket->numbers[i], &hit, &wanted, error);
        if (code != BASE_OK) {
            return code;
        }
        if (wanted && (after == NULL || place_order(after, &hit.place) < 0)) {
            hits->items[hits->count++] = hit;
        }
    }
    return BASE_OK;
}

/* Buckets, best first, until they hold the page and one more: all behind are less known. */
static enum base_code find_hits(const struct query *query, struct store_search *search,
                                size_t wanted, const struct service_place *after, struct hits *hits,
                                struct base_error *error)
{
    hits->items = base_arena_alloc(query->call->arena, LIMIT_CANDIDATES * sizeof *hits->items);
    if (hits->items == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the candidates");
    }
    struct store_bucket bucket;
    do {
        enum base_code code = store_search_next(search, &bucket, error);
        if (code == BASE_OK && (after == NULL || bucket.citations_least <= after->first)) {
            code = read_bucket(query, &bucket, after, hits, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    } while (bucket.count > 0 && hits->count <= wanted);
    if (hits->count > 0) {
        qsort(hits->items, hits->count, sizeof *hits->items, hit_order);
    }
    return BASE_OK;
}

static void put_author_hit(const struct store_author *author, struct base_buffer *payload)
{
    struct wire_mark mark = wire_begin(payload, WIRE_SEARCH_AUTHORS_RESPONSE_AUTHORS, 100);
    struct base_slice rest = author->view;
    struct wire_field field;
    while (rest.size > 0 && wire_take(&rest, &field) == NULL) {
        switch (field.number) {
        case WIRE_AUTHOR_ID:
            wire_put_bytes(payload, WIRE_AUTHOR_HIT_ID, field.bytes);
            break;
        case WIRE_AUTHOR_DISPLAY_NAME:
            wire_put_bytes(payload, WIRE_AUTHOR_HIT_DISPLAY_NAME, field.bytes);
            break;
        case WIRE_AUTHOR_PRIMARY_FIELD:
            wire_put_bytes_present(payload, WIRE_AUTHOR_HIT_PRIMARY_FIELD, field.bytes);
            break;
        case WIRE_AUTHOR_AFFILIATIONS:
            wire_put_bytes_present(payload, WIRE_AUTHOR_HIT_AFFILIATIONS, field.bytes);
            break;
        default:
            break;
        }
    }
    wire_put_uint(payload, WIRE_AUTHOR_HIT_PAPER_COUNT, author->paper_count);
    wire_put_uint(payload, WIRE_AUTHOR_HIT_CITATION_COUNT, author->citation_count);
    wire_put_uint(payload, WIRE_AUTHOR_HIT_H_INDEX, author->h_index);
    wire_put_uint(payload, WIRE_AUTHOR_HIT_NAME_ONLY, author->name_only);
    wire_end(payload, mark);
}

static enum base_code put_hit(const struct query *query, uint32_t number,
                              struct base_buffer *payload, struct base_error *error)
{
    if (query->entity == MODEL_PAPER) {
        return service_put_paper(query->call, query->session, WIRE_SEARCH_PAPERS_RESPONSE_PAPERS,
                                 number, &query->view, payload, error);
    }
    struct store_author author;
    enum base_code code = store_read_author(query->session->reader, number, &author, error);
    if (code == BASE_OK) {
        put_author_hit(&author, payload);
    }
    return code;
}

static enum base_code answer(struct query *query, const char *method, uint32_t page_size,
                             const char *token, struct base_buffer *payload,
                             struct base_error *error)
{
    struct service_page page;
    struct service_place after;
    struct model_id id;
    struct store_search *search;
    struct hits hits = {NULL, 0};
    if (query->list.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the query");
    }
    service_page_init(&page, query->call, method, base_buffer_slice(&query->list), page_size,
                      payload);
    bool first = token[0] == '\0';
    enum base_code code = first ? BASE_OK : service_page_begin(&page, token, &after, &id, error);
    if (code == BASE_OK) {
        code = store_search_new(query->session->reader, query->entity, query->words, query->count,
                                query->call->arena, &search, error);
    }
    if (code == BASE_OK) {
        code = find_hits(query, search, page.size, first ? NULL : &after, &hits, error);
    }
    bool full = false;
    for (size_t i = 0; code == BASE_OK && !full && i < hits.count && i < page.size; i++) {
        size_t before = payload->size;
        code = put_hit(query, hits.items[i].number, payload, error);
        if (code == BASE_OK) {
            code = service_page_add(&page, payload, before, &hits.items[i].place, &full, error);
        }
    }
    if (code == BASE_OK) {
        service_page_end(&page, page.shown < hits.count, payload);
        wire_put_uint(payload, WIRE_SEARCH_AUTHORS_RESPONSE_TRUNCATED,
                      store_search_truncated(search));
    }
    return code;
}

static enum base_code take_field(struct query *query, const char *text, struct base_error *error)
{
    struct model_field field;
    if (text[0] == '\0') {
        return BASE_OK;
    }
    enum base_code code = model_field_parse(base_slice_text(text), base_slice(NULL, 0),
                                            query->call->arena, &field, error);
    if (code != BASE_OK) {
        return code == BASE_INVALID_ARGUMENT
                   ? fail_field(query->call, "FIELD_INVALID", "field", error)
                   : code;
    }
    query->field = field.id;
    base_buffer_append_slice(&query->list, field.id);
    return BASE_OK;
}

static enum base_code take_year(struct query *query, uint32_t year, struct base_error *error)
{
    if (year != 0 && (year < LIMIT_YEAR_FIRST || year > LIMIT_YEAR_LAST)) {
        base_fail(error, BASE_INVALID_ARGUMENT, "%u is no year; from %d to %d, or 0 for all", year,
                  LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
        return fail_field(query->call, "YEAR_INVALID", "year", error);
    }
    query->year = year;
    base_buffer_append_format(&query->list, "%u", year);
    return BASE_OK;
}

enum base_code service_search_authors(struct rpc_call *call, const void *message,
                                      struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__SearchAuthorsRequest *request = message;
    struct query query = {.call = call, .entity = MODEL_AUTHOR};
    enum base_code code = service_begin(call, &query.session, error);
    if (code == BASE_OK) {
        code = take_words(&query, request->query, error);
    }
    if (code == BASE_OK) {
        code = take_field(&query, request->field, error);
    }
    if (code == BASE_OK) {
        code = answer(&query, SERVICE_SEARCH_AUTHORS, request->page_size, request->page_token,
                      payload, error);
    }
    base_buffer_fini(&query.list);
    return code;
}

enum base_code service_search_papers(struct rpc_call *call, const void *message,
                                     struct base_buffer *payload, struct base_error *error)
{
    const Hirsch__V1__SearchPapersRequest *request = message;
    struct query query = {.call = call, .entity = MODEL_PAPER, .view = service_basic};
    enum base_code code = service_begin(call, &query.session, error);
    if (code == BASE_OK) {
        code = take_words(&query, request->query, error);
    }
    if (code == BASE_OK) {
        code = take_year(&query, request->year, error);
    }
    if (code == BASE_OK) {
        code = service_paper_view(call, (int)request->view, &query.view, error);
    }
    if (code == BASE_OK) {
        code = answer(&query, SERVICE_SEARCH_PAPERS, request->page_size, request->page_token,
                      payload, error);
    }
    base_buffer_fini(&query.list);
    return code;
}
