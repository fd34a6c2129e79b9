#include "cli/command.h"

#include "base/exit.h"
#include "cli/author_page.h"
#include "cli/batch.h"
#include "cli/ids.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"

enum { PAGE_PAPERS = 10 };

static void put_author(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    static const Hirsch__V1__Author empty = HIRSCH__V1__AUTHOR__INIT;
    const Hirsch__V1__Author *author =
        ((const Hirsch__V1__GetAuthorResponse *)(const void *)response)->author;
    (void)state;
    cli_put_json(out, author == NULL ? &empty.base : &author->base);
}

/* `author ID --json`: the resource itself. */
static int print_json(const struct cli_context *context, const char *id)
{
    static const struct cli_showing showing = {
        CLIENT_GET_AUTHOR, &hirsch__v1__get_author_response__descriptor, put_author, NULL};
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = cli_text(id);
    return cli_raw_show_one(context->client, &showing, &request.base, id);
}

/* The page: the author, then the newest papers with their summaries. */
static int print_page(const struct cli_context *context, const char *id)
{
    const struct hirsch_author *author = NULL;
    const struct hirsch_paper_page *papers = NULL;
    hirsch_error *error = NULL;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    int exit_code = BASE_EXIT_OK;
    struct hirsch_list_author_papers request = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    request.id = id;
    request.page_size = PAGE_PAPERS;
    request.view = HIRSCH_PAPER_VIEW_FULL;
    if (hirsch_get_author(context->client, id, NULL, &author, &error) != HIRSCH_OK ||
        hirsch_list_author_papers(context->client, &request, NULL, &papers, &error) != HIRSCH_OK) {
        exit_code = cli_report(error, id);
        goto free_all;
    }
    cli_author_head(&out, author, &context->screen);
    cli_author_papers(&out, author->id, papers->papers, papers->count, papers->total_size,
                      &context->screen);
    exit_code = cli_print(&out) ? BASE_EXIT_OK : BASE_EXIT_IO;

free_all:
    hirsch_free(papers);
    hirsch_free(author);
    base_buffer_fini(&out);
    return exit_code;
}

static void put_authors(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    const struct cli_items *items = state;
    const Hirsch__V1__BatchGetAuthorsResponse *answer = (const void *)response;
    for (size_t i = 0; i < answer->n_results; i++) {
        const Hirsch__V1__AuthorResult *result = answer->results[i];
        if (result->result_case == HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR) {
            cli_put_json(out, &result->author->base);
        } else if (result->result_case == HIRSCH__V1__AUTHOR_RESULT__RESULT_ERROR) {
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
    const struct cli_showing showing = {CLIENT_BATCH_GET_AUTHORS,
                                        &hirsch__v1__batch_get_authors_response__descriptor,
                                        put_authors, &items};
    Hirsch__V1__BatchGetAuthorsRequest request = HIRSCH__V1__BATCH_GET_AUTHORS_REQUEST__INIT;
    request.n_ids = count;
    request.ids = (char **)(uintptr_t)ids;
    return cli_raw_show(items.context->client, &showing, &request.base, stop, error);
}

static enum hirsch_code ask_rows(void *state, const char *const *ids, size_t count,
                                 struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    const struct cli_context *context = state;
    const struct hirsch_author_batch *batch = NULL;
    enum hirsch_code code =
        hirsch_batch_get_authors(context->client, ids, count, NULL, &batch, error);
    if (code != HIRSCH_OK) {
        return code;
    }
    struct base_buffer out = BASE_BUFFER_EMPTY;
    for (size_t i = 0; i < batch->count; i++) {
        const struct hirsch_author_item *item = &batch->items[i];
        if (item->author != NULL) {
            cli_author_row(&out, item->author, &context->screen);
        } else {
            cli_item_failed(tally, item->id, item->code, item->message);
        }
    }
    *stop = !cli_print(&out);
    base_buffer_fini(&out);
    hirsch_free(batch);
    return HIRSCH_OK;
}

static int print_many(const struct cli_context *context, const struct cli_ids *ids)
{
    const struct cli_batch batch = {
        .ask = context->options->json ? ask_json : ask_rows,
        .state = (void *)(uintptr_t)context,
        .chunk = HIRSCH_MAX_BATCH,
    };
    if (!context->options->json) {
        struct base_buffer out = BASE_BUFFER_EMPTY;
        cli_author_row_heading(&out, &context->screen);
        bool printed = cli_print(&out);
        base_buffer_fini(&out);
        if (!printed) {
            return BASE_EXIT_IO;
        }
    }
    return cli_batch_run(&batch, ids->values, ids->count);
}

static int print_ids(const struct cli_context *context, const struct cli_ids *ids)
{
    if (ids->count > 1) {
        return print_many(context, ids);
    }
    return context->options->json ? print_json(context, ids->values[0])
                                  : print_page(context, ids->values[0]);
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    return cli_ids_run(context, count, arguments, print_ids);
}

const struct cli_command cli_command_author = {
    .name = "author",
    .arguments = "ID...",
    .summary = "who an author is, with computed and reported numbers and the newest papers",
    .help = "One ID shows the author's page. Several IDs show a row each; `-` reads IDs from "
            "stdin, one\n"
            "a line. With --json the authors in the order given, one object a line; what fails is "
            "said\n"
            "on stderr.\n"
            "\n"
            "Examples:\n"
            "  hirsch author orcid:0000-0001-6187-6610\n"
            "  hirsch author openalex:A5023888391 --json\n"
            "  cut -f1 team.tsv | hirsch author - --json > team.jsonl\n",
    .options = "server timeout json",
    .takes = "one or more ids, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
