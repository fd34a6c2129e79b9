#include "cli/command.h"

#include <string.h>

#include "base/exit.h"
#include "cli/raw.h"
#include "cli/report.h"

enum { COUNT_DEFAULT = 10 };

static void put_ids(void *state, struct base_buffer *out, const ProtobufCMessage *response)
{
    const Hirsch__V1__SampleIdsResponse *answer = (const void *)response;
    (void)state;
    for (size_t i = 0; i < answer->n_ids; i++) {
        base_buffer_append_text(out, answer->ids[i]);
        base_buffer_append_byte(out, '\n');
    }
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    const struct cli_options *options = context->options;
    bool papers = strcmp(arguments[0], "papers") == 0;
    if (!papers && strcmp(arguments[0], "authors") != 0) {
        cli_complain("sample takes 'authors' or 'papers', not '%.64s'", arguments[0]);
        return BASE_EXIT_USAGE;
    }
    static const struct cli_showing showing = {"hirsch.v1.DatasetService/SampleIds",
                                               &hirsch__v1__sample_ids_response__descriptor,
                                               put_ids, NULL};
    Hirsch__V1__SampleIdsRequest request = HIRSCH__V1__SAMPLE_IDS_REQUEST__INIT;
    request.kind = papers ? HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER
                          : HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR;
    request.count = options->has_count ? options->count : COUNT_DEFAULT;
    request.seed = options->seed;
    request.include_stubs = options->stubs;
    return cli_raw_show_one(context->client, &showing, &request.base, NULL);
}

const struct cli_command cli_command_sample = {
    .name = "sample",
    .arguments = "authors|papers",
    .summary = "some ids, drawn evenly, one a line",
    .help = "Ids drawn evenly from all authors or papers of the dataset, for load tests and spot\n"
            "checks. The same seed on the same dataset gives the same ids.\n"
            "\n"
            "Examples:\n"
            "  hirsch sample authors\n"
            "  hirsch sample papers --count 1000 --seed 7 > ids.txt\n"
            "  hirsch sample authors --count 100 | hirsch author - --json > authors.jsonl\n",
    .options = "server timeout count seed stubs",
    .takes = "'authors' or 'papers'",
    .least = 1,
    .most = 1,
    .needs_client = true,
    .run = run,
};
