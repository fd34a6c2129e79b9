#include "cli/command.h"

#include "base/exit.h"
#include "cli/batch.h"
#include "cli/ids.h"
#include "cli/metrics_explained.h"
#include "cli/metrics_request.h"
#include "cli/paper_page.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"

/* Abstracts make answers long: fewer a call than of authors. */
enum { CHUNK = 250 };

static void put_paper(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    static const Hirsch__V1__Paper empty = HIRSCH__V1__PAPER__INIT;
    const Hirsch__V1__Paper *paper =
        ((const Hirsch__V1__GetPaperResponse *)(const void *)response)->paper;
    (void)state;
    cli_put_json(out, paper == NULL ? &empty.base : &paper->base);
}

static int print_json(const struct cli_context *context, const char *id)
{
    static const struct cli_showing showing = {
        CLIENT_GET_PAPER, &hirsch__v1__get_paper_response__descriptor, put_paper, NULL};
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = cli_text(id);
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL;
    return cli_raw_show_one(context->client, &showing, &request.base, id);
}

static int print_page(const struct cli_context *context, const char *id)
{
    const struct hirsch_paper *paper = NULL;
    hirsch_error *error = NULL;
    if (hirsch_get_paper(context->client, id, HIRSCH_PAPER_VIEW_FULL, NULL, &paper, &error) !=
        HIRSCH_OK) {
        return cli_report(error, id);
    }
    struct base_buffer out = BASE_BUFFER_EMPTY;
    cli_paper_page(&out, paper, &context->screen);
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    hirsch_free(paper);
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

static void put_papers(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    const struct cli_items *items = state;
    const Hirsch__V1__BatchGetPapersResponse *answer = (const void *)response;
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__PaperResult *result = answer->results[i];
        if (result->result_case == HIRSCH__V1__PAPER_RESULT__RESULT_PAPER) {
            cli_put_json(out, &result->paper->base);
        } else if (result->result_case == HIRSCH__V1__PAPER_RESULT__RESULT_ERROR) {
            cli_item_failed(items->tally, result->id, (enum hirsch_code)result->error->code,
                            result->error->message);
        } else {
            cli_item_failed(items->tally, result->id, HIRSCH_INTERNAL, "the server left it out");
        }
    }
}

static enum hirsch_code ask_json(void *state, const char *const *ids, size_t count,
                                 struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    struct cli_items items = {.context = state, .tally = tally};
    const struct cli_showing showing = {CLIENT_BATCH_GET_PAPERS,
                                        &hirsch__v1__batch_get_papers_response__descriptor,
                                        put_papers, &items};
    Hirsch__V1__BatchGetPapersRequest request = HIRSCH__V1__BATCH_GET_PAPERS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_FULL;
    return cli_raw_show(items.context->client, &showing, &request.base, stop, error);
}

static enum hirsch_code ask_blocks(void *state, const char *const *ids, size_t count,
                                   struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    const struct cli_context *context = state;
    const struct hirsch_paper_batch *batch = NULL;
    enum hirsch_code code = hirsch_batch_get_papers(context->client, ids, count,
                                                    HIRSCH_PAPER_VIEW_BASIC, NULL, &batch, error);
    if (code != HIRSCH_OK) {
        return code;
    }
    struct base_buffer out = BASE_BUFFER_EMPTY;
    for (size_t i = 0; i < batch->count; i++) {
        const struct hirsch_paper_item *item = &batch->items[i];
        if (item->paper != NULL) {
            cli_paper_block(&out, item->paper, &context->screen);
            base_buffer_append_byte(&out, '\n');
        } else {
            cli_item_failed(tally, item->id, item->code, item->message);
        }
    }
    *stop = !cli_print(&out);
    base_buffer_fini(&out);
    hirsch_free(batch);
    return HIRSCH_OK;
}

static void put_metrics(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    const struct cli_items *items = state;
    const Hirsch__V1__BatchGetPaperMetricsResponse *answer = (const void *)response;
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__PaperMetricsResult *result = answer->results[i];
        if (result->result_case == HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_ERROR) {
            cli_item_failed(items->tally, result->id, (enum hirsch_code)result->error->code,
                            result->error->message);
        } else if (result->result_case != HIRSCH__V1__PAPER_METRICS_RESULT__RESULT_METRICS) {
            cli_item_failed(items->tally, result->id, HIRSCH_INTERNAL, "the server left it out");
        } else if (items->context->options->json) {
            cli_put_json(out, &result->metrics->base);
        } else {
            cli_indicators_page(out, result->metrics, &items->context->screen);
        }
    }
}

/* What all calls of one run of --metrics share. */
struct scoped {
    const struct cli_context *context;
    struct cli_scope_request scope;
};

static enum hirsch_code ask_metrics(void *state, const char *const *ids, size_t count,
                                    struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    struct scoped *scoped = state;
    struct cli_items items = {.context = scoped->context, .tally = tally};
    const struct cli_showing showing = {CLIENT_BATCH_GET_PAPER_METRICS,
                                        &hirsch__v1__batch_get_paper_metrics_response__descriptor,
                                        put_metrics, &items};
    Hirsch__V1__BatchGetPaperMetricsRequest request =
        HIRSCH__V1__BATCH_GET_PAPER_METRICS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    request.scope = &scoped->scope.message;
    return cli_raw_show(items.context->client, &showing, &request.base, stop, error);
}

static int print_metrics(const struct cli_context *context, const struct cli_ids *ids)
{
    struct scoped scoped = {.context = context};
    if (!cli_scope_request(context->options, &scoped.scope)) {
        return BASE_EXIT_USAGE;
    }
    const struct cli_batch batch = {.ask = ask_metrics, .state = &scoped, .chunk = CHUNK};
    return cli_batch_run(&batch, ids->values, ids->count);
}

static int print_ids(const struct cli_context *context, const struct cli_ids *ids)
{
    const bool json = context->options->json;
    if (context->options->metrics) {
        return print_metrics(context, ids);
    }
    if (ids->count == 1) {
        return json ? print_json(context, ids->values[0]) : print_page(context, ids->values[0]);
    }
    const struct cli_batch batch = {
        .ask = json ? ask_json : ask_blocks,
        .state = (void *)(uintptr_t)context,
        .chunk = json ? CHUNK : HIRSCH_MAX_BATCH,
    };
    return cli_batch_run(&batch, ids->values, ids->count);
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    return cli_ids_run(context, count, arguments, print_ids);
}

const struct cli_command cli_command_paper = {
    .name = "paper",
    .arguments = "ID...",
    .summary = "what a paper is and what it has earned, with its abstract",
    .help =
        "One ID shows the paper's page. Several IDs show a block each; `-` reads IDs from stdin,\n"
        "one a line. With --json the papers in the order given, one object a line; what fails is\n"
        "said on stderr. --metrics shows the computed numbers instead: disruption, percentile,\n"
        "fwci and more; with it --as-of and --self-citations (include, coauthor) set the scope.\n"
        "\n"
        "Examples:\n"
        "  hirsch paper doi:10.7717/peerj.4375\n"
        "  hirsch paper arxiv:1706.03762 openalex:W2741809807\n"
        "  hirsch paper doi:10.7717/peerj.4375 --metrics\n"
        "  hirsch paper - --metrics --as-of 2020-12-31 --self-citations coauthor < ids.txt\n"
        "  hirsch paper - --json < ids.txt\n",
    .options = "server timeout json metrics as-of self-citations",
    .takes = "one or more ids, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
