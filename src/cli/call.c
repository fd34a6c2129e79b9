#include "cli/command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/limits.h"
#include "cli/methods.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "wire/json_read.h"

enum { BLOCK = 64 * 1024 };

/* All of stdin; JSON takes more room than the message, so that the server's limit is not ours. */
static enum base_code read_input(FILE *input, struct base_buffer *text, struct base_error *error)
{
    size_t size = 0;
    do {
        char *to = base_buffer_reserve(text, BLOCK);
        if (to == NULL) {
            return base_fail(error, BASE_INTERNAL, "memory is out");
        }
        size = fread(to, 1, BLOCK, input);
        text->size += size;
    } while (size > 0 && text->size <= LIMIT_LINE);
    if (ferror(input)) {
        return base_fail(error, BASE_DATA_LOSS, "stdin: cannot be read: %s", strerror(errno));
    }
    if (text->size > LIMIT_LINE) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "stdin: a request of more than %d bytes",
                         LIMIT_LINE);
    }
    return BASE_OK;
}

/* The message's bytes. */
static enum base_code read_request(const struct cli_method *method, const char *argument,
                                   struct base_buffer *bytes, struct base_error *error)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct json_reader *reader = json_reader_new();
    bool from_input = strcmp(argument, "-") == 0;
    enum base_code code = BASE_OK;
    if (reader == NULL) {
        code = base_fail(error, BASE_INTERNAL, "memory is out");
    } else if (from_input) {
        code = read_input(stdin, &text, error);
    }
    if (code == BASE_OK) {
        struct base_slice json = from_input ? base_buffer_slice(&text) : base_slice_text(argument);
        code = wire_json_read(reader, method->request, json, bytes, error);
        if (code != BASE_OK) {
            base_error_prefix(error, "%s", from_input ? "stdin" : "request");
        }
    }
    json_reader_free(reader);
    base_buffer_fini(&text);
    return code;
}

static int ask(const struct cli_context *context, const struct cli_method *method,
               struct base_slice request)
{
    struct base_arena arena;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    int exit_code;
    base_arena_init(&arena, 0);
    if (cli_raw_call_bytes(context->client, method->name, method->writes, request, method->response,
                           &arena, &response, &error) != HIRSCH_OK) {
        exit_code = cli_report(error, cli_method_short_name(method));
    } else {
        cli_put_json(&out, response);
        exit_code = cli_print(&out) ? BASE_EXIT_OK : BASE_EXIT_IO;
    }
    base_buffer_fini(&out);
    base_arena_fini(&arena);
    return exit_code;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    const struct cli_method *method = NULL;
    struct base_buffer request = BASE_BUFFER_EMPTY;
    struct base_error error;
    int exit_code;
    if (cli_method_find(arguments[0], &method, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        return BASE_EXIT_USAGE;
    }
    enum base_code code = read_request(method, count > 1 ? arguments[1] : "{}", &request, &error);
    if (code == BASE_OK) {
        exit_code = ask(context, method, base_buffer_slice(&request));
    } else {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(code);
    }
    base_buffer_fini(&request);
    return exit_code;
}

const struct cli_command cli_command_call = {
    .name = "call",
    .arguments = "METHOD [JSON]",
    .summary = "any method with a request in JSON; prints the response message",
    .help = "Sends one request and prints the response message as proto3 JSON. METHOD is\n"
            "Service/Method, with or without its package; JSON is the request in proto3 JSON, {}\n"
            "when it is left out, `-` to read it from stdin. An unknown field is an error.\n"
            "\n"
            "Methods:\n"
            "  AuthorService/   GetAuthor BatchGetAuthors ListAuthorPapers ListCoauthors\n"
            "                   SearchAuthors\n"
            "  PaperService/    GetPaper BatchGetPapers ListCitations ListReferences SearchPapers\n"
            "  MetricsService/  ComputeMetrics GetTimeline ExplainMetric GetPaperMetrics\n"
            "                   BatchGetPaperMetrics\n"
            "  DatasetService/  GetDataset SampleIds ResolveIds RefreshCohorts\n"
            "  RecordService/   PutRecords DeleteRecords\n"
            "  Health/          Check\n"
            "\n"
            "Examples:\n"
            "  hirsch call AuthorService/GetAuthor '{\"id\":\"orcid:0000-0001-6187-6610\"}'\n"
            "  hirsch call DatasetService/GetDataset\n"
            "  hirsch call hirsch.v1.PaperService/SearchPapers - < request.json\n",
    .options = "server timeout json",
    .takes = "a method and a request in JSON",
    .least = 1,
    .most = 2,
    .needs_client = true,
    .run = run,
};
