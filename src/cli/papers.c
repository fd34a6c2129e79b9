#include "cli/command.h"

#include "base/exit.h"
#include "cli/paper_page.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"

enum { PAGE_JSON = 1000, PAGE_TEXT = 100 };

/* How many to ask for next, 0 when the limit is reached. */
static uint32_t next_size(const struct cli_options *options, uint64_t shown, uint32_t page)
{
    if (!options->has_limit) {
        return page;
    }
    uint64_t left = options->limit > shown ? options->limit - shown : 0;
    return left < page ? (uint32_t)left : page;
}

/* One page as JSON lines. *token is replaced by that of the next page, in the arena, "" on the last
 * one. */
static int json_page(const struct cli_context *context, const char *id, uint32_t size,
                     struct base_arena *arena, const char **token, uint64_t *shown)
{
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    Hirsch__V1__ListAuthorPapersRequest request = HIRSCH__V1__LIST_AUTHOR_PAPERS_REQUEST__INIT;
    request.id = cli_text(id);
    request.page_size = size;
    request.page_token = cli_text(*token);
    request.view = HIRSCH__V1__PAPER_VIEW__PAPER_VIEW_BASIC;
    if (cli_raw_call(context->client, CLIENT_LIST_AUTHOR_PAPERS, &request.base,
                     &hirsch__v1__list_author_papers_response__descriptor, arena, &response,
                     &error) != HIRSCH_OK) {
        return cli_report(error, id);
    }
    const Hirsch__V1__ListAuthorPapersResponse *answer = (const void *)response;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    for (size_t i = 0; i < answer->n_papers; i++) {
        cli_put_json(&out, &answer->papers[i]->base);
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    *shown += answer->n_papers;
    *token = answer->next_page_token;
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

static int print_json(const struct cli_context *context, const char *id)
{
    /* Two arenas in turn: the token of one page is needed while the next one is fetched. */
    struct base_arena arenas[2];
    base_arena_init(&arenas[0], 0);
    base_arena_init(&arenas[1], 0);
    const char *token = "";
    uint64_t shown = 0;
    int exit_code = BASE_EXIT_OK;
    unsigned turn = 0;
    do {
        uint32_t size = next_size(context->options, shown, PAGE_JSON);
        if (size == 0) {
            break;
        }
        base_arena_reset(&arenas[turn]);
        exit_code = json_page(context, id, size, &arenas[turn], &token, &shown);
        turn ^= 1;
    } while (exit_code == BASE_EXIT_OK && token[0] != '\0');
    base_arena_fini(&arenas[0]);
    base_arena_fini(&arenas[1]);
    return exit_code;
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
        request.page_size = next_size(context->options, shown, PAGE_TEXT);
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
    return context->options->json ? print_json(context, arguments[0])
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
            "  hirsch papers openalex:A5023888391 --json | wc -l\n",
    .options = "server timeout json limit",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run,
};
