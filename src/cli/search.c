#include "cli/command.h"

#include "base/exit.h"
#include "cli/lists.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "cli/sheets.h"

enum { LIMIT_DEFAULT = 20 };

static const struct cli_list authors = {
    .method = "hirsch.v1.AuthorService/SearchAuthors",
    .response = &hirsch__v1__search_authors_response__descriptor,
    .sheet = &cli_sheet_author_hits,
    .nothing = "no author by that name",
};

static const struct cli_list papers = {
    .method = "hirsch.v1.PaperService/SearchPapers",
    .response = &hirsch__v1__search_papers_response__descriptor,
    .sheet = &cli_sheet_papers,
    .nothing = "no paper with these words in its title",
};

static int ask(const struct cli_context *context, const char *query)
{
    const struct cli_options *options = context->options;
    uint64_t most = options->has_limit ? options->limit : LIMIT_DEFAULT;
    if (options->papers) {
        Hirsch__V1__SearchPapersRequest request = HIRSCH__V1__SEARCH_PAPERS_REQUEST__INIT;
        request.query = cli_text(query);
        request.year = options->year;
        return cli_list_run(context, &papers, &request.base, query, most);
    }
    Hirsch__V1__SearchAuthorsRequest request = HIRSCH__V1__SEARCH_AUTHORS_REQUEST__INIT;
    request.query = cli_text(query);
    request.field = cli_text(options->field == NULL ? "" : options->field);
    return cli_list_run(context, &authors, &request.base, query, most);
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    struct base_buffer query = BASE_BUFFER_EMPTY;
    int exit_code = BASE_EXIT_FAILED;
    for (int i = 0; i < count; i++) {
        base_buffer_append_text(&query, i == 0 ? "" : " ");
        base_buffer_append_text(&query, arguments[i]);
    }
    base_buffer_append_byte(&query, '\0');
    if (query.failed) {
        cli_complain("memory is out");
    } else {
        exit_code = ask(context, query.data);
    }
    base_buffer_fini(&query);
    return exit_code;
}

const struct cli_command cli_command_search = {
    .name = "search",
    .arguments = "WORDS...",
    .summary = "authors by name, or papers by words of their titles",
    .help = "Finds who has all these words in a name, each as a whole or as the beginning of a\n"
            "word, in any order; case and accents make no difference. The best known come first.\n"
            "--papers searches titles instead, the most cited first. 20 results unless --limit\n"
            "says otherwise; nothing found is no error.\n"
            "\n"
            "Examples:\n"
            "  hirsch search jason priem\n"
            "  hirsch search garcia --field cs.LG --limit 100\n"
            "  hirsch search --papers open access --year 2018\n"
            "  hirsch search piwowar --json | jq -r .id\n"
            "  hirsch search lam --csv > lam.csv\n",
    .options = "server timeout json csv limit papers field year",
    .takes = "one or more words",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
