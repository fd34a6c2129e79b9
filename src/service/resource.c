#include "service/resource.h"

#include "engine/indicators.h"
#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/metrics.h"
#include "wire/write.h"

/* Guesses of packed sizes, so that lengths seldom have to grow: the numbers, and one year. */
enum { NUMBERS_SIZE = 40, YEAR_SIZE = 7 };

static void put_author_metrics(const struct store_author *author, uint32_t coverage_end,
                               struct base_buffer *buffer)
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
    struct store_years years = author->years;
    struct store_year counts;
    unsigned year;
    while (store_years_next(&years, &year, &counts)) {
        wire_put_author_year(buffer, year, counts.paper_count, counts.citation_count);
    }
    wire_end(buffer, mark);
}

enum base_code service_put_author(struct rpc_call *call, struct service_session *session,
                                  uint32_t number, uint32_t author, struct base_buffer *buffer,
                                  struct base_error *error)
{
    (void)call;
    const struct store_info *info;
    enum base_code code = service_info(session, &info, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_author read;
    code = store_read_author(session->reader, author, &read, error);
    if (code != BASE_OK) {
        return code;
    }
    size_t expected = read.view.size + NUMBERS_SIZE + (size_t)read.years.count * YEAR_SIZE;
    struct wire_mark mark = wire_begin(buffer, number, expected);
    base_buffer_append_slice(buffer, read.view);
    put_author_metrics(&read, info->coverage_end, buffer);
    wire_end(buffer, mark);
    return BASE_OK;
}

static void put_paper_metrics(const struct store_paper *paper, struct base_buffer *buffer)
{
    struct wire_paper_metrics metrics = {
        .citation_count = paper->citation_count,
        .reference_count = paper->reference_count,
        .self_citation_count = paper->self_citation_count,
    };
    struct wire_mark mark =
        wire_begin(buffer, WIRE_PAPER_METRICS, (size_t)paper->years.count * YEAR_SIZE);
    wire_put_paper_metrics(buffer, &metrics);
    struct store_years years = paper->years;
    struct store_year counts;
    unsigned year;
    while (store_years_next(&years, &year, &counts)) {
        wire_put_paper_year(buffer, year, counts.citation_count);
    }
    wire_end(buffer, mark);
}

enum base_code service_put_read_paper(struct rpc_call *call, struct service_session *session,
                                      uint32_t number, const struct store_paper *paper,
                                      bool with_abstract, struct base_buffer *buffer,
                                      struct base_error *error)
{
    struct base_slice abstract = {NULL, 0};
    if (with_abstract && paper->has_abstract) {
        enum base_code code =
            store_read_abstract(session->reader, paper->number, call->arena, &abstract, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    size_t expected =
        paper->view.size + abstract.size + NUMBERS_SIZE + (size_t)paper->years.count * YEAR_SIZE;
    struct wire_mark mark = wire_begin(buffer, number, expected);
    base_buffer_append_slice(buffer, paper->view);
    wire_put_bytes(buffer, WIRE_PAPER_ABSTRACT, abstract);
    put_paper_metrics(paper, buffer);
    wire_end(buffer, mark);
    return BASE_OK;
}

enum base_code service_put_paper(struct rpc_call *call, struct service_session *session,
                                 uint32_t number, uint32_t paper, bool with_abstract,
                                 struct base_buffer *buffer, struct base_error *error)
{
    struct store_paper read;
    enum base_code code = store_read_paper(session->reader, paper, &read, error);
    if (code != BASE_OK) {
        return code;
    }
    return service_put_read_paper(call, session, number, &read, with_abstract, buffer, error);
}

enum base_code service_wants_abstract(struct rpc_call *call, int view, bool fallback,
                                      bool *with_abstract, struct base_error *error)
{
    switch (view) {
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_UNSPECIFIED:
        *with_abstract = fallback;
        return BASE_OK;
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_BASIC:
        *with_abstract = false;
        return BASE_OK;
    case HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL:
        *with_abstract = true;
        return BASE_OK;
    default:
        call->detail_reason = "VIEW_INVALID";
        call->detail_field = "view";
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "field view: %d is no view; BASIC is 1, FULL is 2", view);
    }
}
