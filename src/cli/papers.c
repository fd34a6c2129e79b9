#include "cli/command.h"

#include "base/exit.h"
#include "cli/paper_page.h"
#include "cli/lists.h"
#include "cli/report.h"
#include "cli/sheets.h"
#include "client/methods.h"

enum { PAGE_TEXT = 100 };

/* How many to ask for next, 0 when the limit is reached. */
static uint32_t next_size(const struct cli_options *options, uint64_t shown)
{
    if (!options->has_limit) {
        return PAGE_TEXT;
    }
    uint64_t left = options->limit > shown ? options->limit - shown : 0;
    return left < PAGE_TEXT ? (uint32_t)left : PAGE_TEXT;
}

static const struct cli_list papers = {
    .method = CLIENT_LIST_AUTHOR_PAPERS,
    .response = &hirsch__v1__list_author_papers_response__descriptor,
    .sheet = &cli_sheet_papers,
    .nothing = "no papers",
};

/* JSON or CSV. */
static int print_list(const struct cli_context *context, char *id)
{
    const struct cli_options *options = context->options;
    Hirsch__V1__ListAuthorPapersRequest request = HIRSCH__V1__LIST_AUTHOR_PAPERS_REQUEST__INIT;
    request.id = id;
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_BASIC;
    return cli_list_run(context, &papers, &request.base, id,
                        options->has_limit ? options->limit : CLI_LIST_ALL);
}

static bool print_blocks(const struct cli_context *context, const struct hirsch_paper_page *page,
                         bool first)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    if (first) {
        cli_papers_heading(&out, page->total_size, &context->screen);
    }
    for (size_t i = 0; i < page->count; i++) {
        base_buffer_append_byte(&out, '\n');
        cli_paper_block(&out, &page->papers[i], &context->screen);
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed;
}

static int print_text(const struct cli_context *context, const char *id)
{
    struct hirsch_list_author_papers request = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    const struct hirsch_paper_page *page = NULL;
    uint64_t shown = 0;
    int exit_code = BASE_EXIT_OK;
    request.id = id;
    request.view = HIRSCH_PAPER_VIEW_BASIC;
    do {
        const struct hirsch_paper_page *next = NULL;
        hirsch_error *error = NULL;
        request.page_size = next_size(context->options, shown);
        if (request.page_size == 0) {
            break;
        }
        request.page_token = page == NULL ? NULL : page->next_page_token;
        if (hirsch_list_author_papers(context->client, &request, NULL, &next, &error) !=
            HIRSCH_OK) {
            exit_code = cli_report(error, id);
            break;
        }
        bool printed = print_blocks(context, next, page == NULL);
        shown += next->count;
        hirsch_free(page);
        page = next;
        exit_code = printed ? BASE_EXIT_OK : BASE_EXIT_IO;
    } while (exit_code == BASE_EXIT_OK && page->next_page_token[0] != '\0');
    hirsch_free(page);
    return exit_code;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    return context->options->json || context->options->csv ? print_list(context, arguments[0])
                                                           : print_text(context, arguments[0]);
}

const struct cli_command cli_command_papers = {
    .name = "papers",
    .arguments = "ID",
    .summary = "an author's papers, newest first",
    .help = "All papers of the author, those without a date last. With --json one paper a line.\n"
            "\n"
            "Examples:\n"
            "  hirsch papers orcid:0000-0001-6187-6610\n"
            "  hirsch papers openalex:A5023888391 --limit 20\n"
            "  hirsch papers openalex:A5023888391 --json | wc -l\n"
            "  hirsch papers openalex:A5023888391 --csv > papers.csv\n",
    .options = "server timeout json csv limit",
    .takes = "one id",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run,
};
