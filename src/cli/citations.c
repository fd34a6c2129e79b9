#include "cli/command.h"

#include "cli/lists.h"
#include "cli/raw.h"
#include "cli/sheets.h"

/* Both directions of an edge: they differ in their method and in what an item is. */
static const struct cli_list citations = {
    .method = "hirsch.v1.PaperService/ListCitations",
    .response = &hirsch__v1__list_citations_response__descriptor,
    .sheet = &cli_sheet_citations,
    .nothing = "no paper cites it",
};

static const struct cli_list references = {
    .method = "hirsch.v1.PaperService/ListReferences",
    .response = &hirsch__v1__list_references_response__descriptor,
    .sheet = &cli_sheet_papers,
    .nothing = "it cites no paper",
};

static uint64_t most_of(const struct cli_options *options)
{
    return options->has_limit ? options->limit : CLI_LIST_ALL;
}

static int run_citations(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    Hirsch__V1__ListCitationsRequest request = HIRSCH__V1__LIST_CITATIONS_REQUEST__INIT;
    request.id = arguments[0];
    return cli_list_run(context, &citations, &request.base, arguments[0],
                        most_of(context->options));
}

static int run_references(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    Hirsch__V1__ListReferencesRequest request = HIRSCH__V1__LIST_REFERENCES_REQUEST__INIT;
    request.id = arguments[0];
    return cli_list_run(context, &references, &request.base, arguments[0],
                        most_of(context->options));
}

const struct cli_command cli_command_citations = {
    .name = "citations",
    .arguments = "ID",
    .summary = "the papers that cite a paper, oldest first",
    .help = "All papers that cite it, those without a date last; `self` marks those that share an\n"
            "author with it. With --json one citation a line: the paper and sharesAuthor.\n"
            "\n"
            "Examples:\n"
            "  hirsch citations doi:10.7717/peerj.4375\n"
            "  hirsch citations openalex:W2741809807 --limit 50\n"
            "  hirsch citations doi:10.7717/peerj.4375 --json | jq -r .paper.id\n",
    .options = "server timeout json csv limit",
    .takes = "one id",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run_citations,
};

const struct cli_command cli_command_references = {
    .name = "references",
    .arguments = "ID",
    .summary = "the papers that a paper cites",
    .help = "All papers that it cites, with those that are known from citations only. With --json\n"
            "one paper a line.\n"
            "\n"
            "Examples:\n"
            "  hirsch references doi:10.7717/peerj.4375\n"
            "  hirsch references openalex:W2741809807 --csv > references.csv\n",
    .options = "server timeout json csv limit",
    .takes = "one id",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run_references,
};
