#include "cli/command.h"

#include "cli/lists.h"
#include "cli/raw.h"
#include "cli/sheets.h"

static const struct cli_list coauthors = {
    .method = "hirsch.v1.AuthorService/ListCoauthors",
    .response = &hirsch__v1__list_coauthors_response__descriptor,
    .sheet = &cli_sheet_coauthors,
    .nothing = "no coauthors",
};

static int run(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    const struct cli_options *options = context->options;
    Hirsch__V1__ListCoauthorsRequest request = HIRSCH__V1__LIST_COAUTHORS_REQUEST__INIT;
    request.id = arguments[0];
    return cli_list_run(context, &coauthors, &request.base, arguments[0],
                        options->has_limit ? options->limit : CLI_LIST_ALL);
}

const struct cli_command cli_command_coauthors = {
    .name = "coauthors",
    .arguments = "ID",
    .summary = "who wrote papers together with an author, most joint papers first",
    .help = "All coauthors with the number of joint papers and the years of the first and the\n"
            "last of them. Papers with more than 100 authors are left out, which is said on\n"
            "stderr.\n"
            "\n"
            "Examples:\n"
            "  hirsch coauthors orcid:0000-0001-6187-6610\n"
            "  hirsch coauthors local:max-lam --limit 10\n"
            "  hirsch coauthors openalex:A5023888391 --csv > coauthors.csv\n",
    .options = "server timeout json csv limit",
    .takes = "one id",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run,
};
