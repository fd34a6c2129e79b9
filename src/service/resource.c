#include "service/resource.h"

#include "engine/indicators.h"
#include "store/recall.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/metrics.h"
#include "wire/read.h"
#include "wire/view.h"
#include "wire/write.h"

/* Guesses of packed sizes, so that lengths seldom have to grow: the numbers, and one year. */
enum { NUMBERS_SIZE = 40, YEAR_SIZE = 7 };

const struct service_view service_full = {.abstract = true, .years = true, .reported = true};
const struct service_view service_basic = {.years = true, .reported = true};
static const struct service_view compact = {false, false, false};

/* A packed view, with or without what was reported. */
static void put_view(struct base_slice packed, uint32_t reported, const struct service_view *view,
                     struct base_buffer *buffer)
{
    if (view->reported) {
        base_buffer_append_slice(buffer, packed);
        return;
    }
    struct wire_field field;
    struct base_slice rest = packed;
    while (rest.size > 0) {
        const char *start = rest.data;
        if (wire_take(&rest, &field) != NULL) {
            base_buffer_append_slice(buffer, rest);
            return;
        }
        if (field.number != reported) {
            base_buffer_append(buffer, start, (size_t)(rest.data - start));
        }
    }
}

static struct wire_years years_of(const struct store_years *years)
{
    return (struct wire_years){years->first_year, years->count, years->packed};
}

static void put_author_metrics(const struct store_author *author, uint32_t coverage_end,
                               const struct service_view *view, struct base_buffer *buffer)
{
    struct wire_author_metrics metrics = {
        .paper_count = author->paper_count,
        .citation_count = author->citation_count,
        .citing_paper_count = author->citing_paper_count,
        .h_index = author->h_index,
        .g_index = author->g_index,
        .i10_index = author->i10_index,
        .i100_index = author->i100_index,
        .self_citation_count = author->self_citation_count,
        .first_year = author->first_year,
        .last_year = author->last_year,
    };
    if (author->first_year != 0 && coverage_end != MODEL_NO_DAY) {
        metrics.has_m_quotient = true;
        metrics.m_quotient =
            engine_m_quotient(author->h_index, author->first_year, model_day_year(coverage_end));
    }
    struct wire_mark mark = wire_begin(buffer, WIRE_AUTHOR_METRICS,
                                       NUMBERS_SIZE + (size_t)author->years.count * YEAR_SIZE);
    wire_put_author_metrics(buffer, &metrics);
    if (view->years) {
        struct wire_years years = years_of(&author->years);
        wire_put_author_years(buffer, &years);
    }
    wire_end(buffer, mark);
}

/* What reads as an id of the row is that id in its normal form: it need not be parsed to know that
 * this is its row. */
static bool recall_author(struct service_session *session, struct base_slice text, uint64_t key,
                          struct store_author *author)
{
    return store_recall_author(session->reader, key, author) && wire_view_names(author->view, text);
}

static bool recall_paper(struct service_session *session, struct base_slice text, uint64_t key,
                         struct store_paper *paper)
{
    return store_recall_paper(session->reader, key, paper) && wire_view_names(paper->view, text);
}

/* An id that is not recalled as it was asked for. */
struct parsed {
    struct model_id id;
    struct base_slice text; /* its normal form, in space */
    uint64_t key;           /* of that */
    bool respelled;         /* it was asked for in another */
    char space[MODEL_ID_TEXT];
};

static enum base_code parse(struct rpc_call *call, const struct service_session *session,
                            enum model_entity entity, const struct service_asked *asked,
                            struct parsed *parsed, struct base_error *error)
{
    enum base_code code =
        service_parse_id(call, entity, asked->field, asked->text, &parsed->id, error);
    if (code != BASE_OK) {
        return code;
    }
    parsed->text = base_slice(parsed->space, model_id_text(&parsed->id, parsed->space));
    parsed->respelled = !base_slice_equal(parsed->text, asked->text);
    parsed->key =
        parsed->respelled ? store_recall_key(session->reader, entity, parsed->text) : asked->key;
    return BASE_OK;
}

enum base_code service_read_author(struct rpc_call *call, struct service_session *session,
                                   const struct service_asked *asked, struct store_author *author,
                                   struct base_error *error)
{
    struct parsed parsed;
    struct store_ref ref;
    if (recall_author(session, asked->text, asked->key, author)) {
        return BASE_OK;
    }
    enum base_code code = parse(call, session, MODEL_AUTHOR, asked, &parsed, error);
    if (code != BASE_OK) {
        return code;
    }
    if (parsed.respelled && recall_author(session, parsed.text, parsed.key, author)) {
        return BASE_OK;
    }
    code = store_find(session->reader, MODEL_AUTHOR, &parsed.id, &ref, error);
    if (code == BASE_OK) {
        code = store_read_author(session->reader, ref.number, author, error);
    }
    if (code == BASE_OK) {
        store_remember_author(session->reader, parsed.key, author);
    }
    return code;
}

enum base_code service_read_paper(struct rpc_call *call, struct service_session *session,
                                  const struct service_asked *asked, struct store_paper *paper,
                                  struct base_error *error)
{
    struct parsed parsed;
    struct store_ref ref;
    if (recall_paper(session, asked->text, asked->key, paper)) {
        return BASE_OK;
    }
    enum base_code code = parse(call, session, MODEL_PAPER, asked, &parsed, error);
    if (code != BASE_OK) {
        return code;
    }
    if (parsed.respelled && recall_paper(session, parsed.text, parsed.key, paper)) {
        return BASE_OK;
    }
    code = store_find(session->reader, MODEL_PAPER, &parsed.id, &ref, error);
    if (code == BASE_OK) {
        code = store_read_paper(session->reader, ref.number, paper, error);
    }
    if (code == BASE_OK) {
        store_remember_paper(session->reader, parsed.key, paper);
    }
    return code;
}

enum base_code service_put_author(struct service_session *session, uint32_t number,
                                  const struct store_author *author,
                                  const struct service_view *view, struct base_buffer *buffer,
                                  struct base_error *error)
{
    const struct store_info *info;
    enum base_code code = service_info(session, &info, error);
    if (code != BASE_OK) {
        return code;
    }
    size_t expected = author->view.size + NUMBERS_SIZE + (size_t)author->years.count * YEAR_SIZE;
    struct wire_mark mark = wire_begin(buffer, number, expected);
    put_view(author->view, WIRE_AUTHOR_REPORTED, view, buffer);
    put_author_metrics(author, info->coverage_end, view, buffer);
    wire_end(buffer, mark);
    return BASE_OK;
}

static void put_paper_metrics(const struct store_paper *paper, const struct service_view *view,
                              struct base_buffer *buffer)
{
    struct wire_paper_metrics metrics = {
        .citation_count = paper->citation_count,
        .reference_count = paper->reference_count,
        .self_citation_count = paper->self_citation_count,
    };
    struct wire_mark mark =
        wire_begin(buffer, WIRE_PAPER_METRICS, (size_t)paper->years.count * YEAR_SIZE);
    wire_put_paper_metrics(buffer, &metrics);
    if (view->years) {
        struct wire_years years = years_of(&paper->years);
        wire_put_paper_years(buffer, &years);
    }
    wire_end(buffer, mark);
}

enum base_code service_put_read_paper(struct rpc_call *call, struct service_session *session,
                                      uint32_t number, const struct store_paper *paper,
                                      const struct service_view *view, struct base_buffer *buffer,
                                      struct base_error *error)
{
    struct base_slice abstract = {NULL, 0};
    if (view->abstract && paper->has_abstract) {
        enum base_code code =
            store_read_abstract(session->reader, paper->number, call->arena, &abstract, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    size_t expected =
        paper->view.size + abstract.size + NUMBERS_SIZE + (size_t)paper->years.count * YEAR_SIZE;
    struct wire_mark mark = wire_begin(buffer, number, expected);
    put_view(paper->view, WIRE_PAPER_REPORTED, view, buffer);
    wire_put_bytes(buffer, WIRE_PAPER_ABSTRACT, abstract);
    put_paper_metrics(paper, view, buffer);
    wire_end(buffer, mark);
    return BASE_OK;
}

enum base_code service_put_paper(struct rpc_call *call, struct service_session *session,
                                 uint32_t number, uint32_t paper, const struct service_view *view,
                                 struct base_buffer *buffer, struct base_error *error)
{
    struct store_paper read;
    enum base_code code = store_read_paper(session->reader, paper, &read, error);
    if (code != BASE_OK) {
        return code;
    }
    return service_put_read_paper(call, session, number, &read, view, buffer, error);
}

static enum base_code fail_view(struct rpc_call *call, int asked, const char *views,
                                struct base_error *error)
{
    call->detail_reason = "VIEW_INVALID";
    call->detail_field = "view";
    return base_fail(error, BASE_INVALID_ARGUMENT, "field view: %d is no view; %s", asked, views);
}

enum base_code service_author_view(struct rpc_call *call, int asked, struct service_view *view,
                                   struct base_error *error)
{
    switch (asked) {
    case HIRSCH__V1__AUTHOR_VIEW__AUTHOR_VIEW_UNSPECIFIED:
        return BASE_OK;
    case HIRSCH__V1__AUTHOR_VIEW__AUTHOR_VIEW_BASIC:
        *view = compact;
        return BASE_OK;
    case HIRSCH__V1__AUTHOR_VIEW__AUTHOR_VIEW_FULL:
        *view = service_full;
        return BASE_OK;
    default:
        return fail_view(call, asked, "BASIC is 1, FULL is 2", error);
    }
}

enum base_code service_paper_view(struct rpc_call *call, int asked, struct service_view *view,
                                  struct base_error *error)
{
    switch (asked) {
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_UNSPECIFIED:
        return BASE_OK;
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_BASIC:
        *view = service_basic;
        return BASE_OK;
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL:
        *view = service_full;
        return BASE_OK;
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_COMPACT:
        *view = compact;
        return BASE_OK;
    default:
        return fail_view(call, asked, "BASIC is 1, FULL is 2, COMPACT is 3", error);
    }
}
