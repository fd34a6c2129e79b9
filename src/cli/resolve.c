#include "cli/command.h"

#include "base/exit.h"
#include "cli/batch.h"
#include "cli/ids.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "cli/sheets.h"
#include "client/methods.h"

static void put_result(struct base_buffer *out, const struct cli_context *context,
                       const Hirsch__V1__ResolvedId *result)
{
    if (context->options->json) {
        cli_put_json(out, &result->base);
    } else if (context->options->csv) {
        cli_sheet_csv_row(out, &cli_sheet_resolved, &result->base);
    } else {
        cli_sheet_row(out, &cli_sheet_resolved, &result->base, &context->screen);
    }
}

/* Only what is no id at all, every one of them, is wrong input; else nothing was found. */
static void note_failure(struct cli_tally *tally, const Hirsch__V1__ResolvedId *result)
{
    if (result->error_code != 0) {
        cli_item_failed(tally, result->id, (enum hirsch_code)result->error_code,
                        result->error_message);
    } else if (result->resolved_id[0] == '\0') {
        cli_item_failed(tally, result->id, HIRSCH_NOT_FOUND,
                        result->suppressed ? "suppressed: it is never stored"
                                           : "no author and no paper has it");
        tally->first = HIRSCH_NOT_FOUND;
    }
}

static void put_results(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    const struct cli_items *items = state;
    const Hirsch__V1__ResolveIdsResponse *answer = (const void *)response;
    for (size_t i = 0; i < answer->n_results; i++) {
        put_result(out, items->context, answer->results[i]);
        note_failure(items->tally, answer->results[i]);
    }
}

static enum hirsch_code ask(void *state, const char *const *ids, size_t count,
                            struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    struct cli_items items = {.context = state, .tally = tally};
    const struct cli_showing showing = {CLIENT_RESOLVE_IDS,
                                        &hirsch__v1__resolve_ids_response__descriptor, put_results,
                                        &items};
    Hirsch__V1__ResolveIdsRequest request = HIRSCH__V1__RESOLVE_IDS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    return cli_raw_show(items.context->client, &showing, &request.base, stop, error);
}

static int print_all(const struct cli_context *context, const struct cli_ids *ids)
{
    const struct cli_batch batch = {
        .ask = ask, .state = (void *)(uintptr_t)context, .chunk = HIRSCH_MAX_BATCH};
    struct base_buffer out = BASE_BUFFER_EMPTY;
    if (context->options->csv) {
        cli_sheet_csv_heading(&out, &cli_sheet_resolved);
    } else if (!context->options->json) {
        cli_sheet_heading(&out, &cli_sheet_resolved, &context->screen);
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed ? cli_batch_run(&batch, ids->values, ids->count) : BASE_EXIT_IO;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    return cli_ids_run(context, count, arguments, print_all);
}

const struct cli_command cli_command_resolve = {
    .name = "resolve",
    .arguments = "ID...",
    .summary = "what ids name, and whether they are merged, disputed or suppressed",
    .help = "A row for each id: what it names and the own id of that. `-` reads ids from stdin,\n"
            "one a line. An id that names an author and a paper has two rows, the author first.\n"
            "Remarks: merged (not the own id of what it names), disputed (two records of one\n"
            "source claim it), suppressed (never stored), stub (cited, without a record). Exit\n"
            "code 2 when some ids name nothing, 4 when none does, 65 when all are no ids.\n"
            "\n"
            "Examples:\n"
            "  hirsch resolve pmid:29456894 doi:10.7717/PeerJ.4375\n"
            "  cut -f1 works.tsv | hirsch resolve - --json > resolved.jsonl\n",
    .options = "server timeout json csv",
    .takes = "one or more ids, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
