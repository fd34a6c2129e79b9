#include "cli/command.h"

#include "base/exit.h"
#include "cli/report.h"
#include "json/json.h"

static int run(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    if (context->options->json) {
        struct json_writer writer;
        json_writer_init(&writer, &out, 0);
        json_begin_object(&writer);
        json_write_key(&writer, "version");
        json_write_text(&writer, HIRSCH_VERSION);
        json_write_key(&writer, "library");
        json_write_text(&writer, hirsch_version());
        json_end_object(&writer);
        base_buffer_append_byte(&out, '\n');
    } else {
        base_buffer_append_format(&out, "hirsch %s, libhirsch %s\n", HIRSCH_VERSION,
                                  hirsch_version());
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

const struct cli_command cli_command_version = {
    .name = "version",
    .arguments = "",
    .summary = "version of this program and of its library",
    .help = "Asks no daemon.\n"
            "\n"
            "Examples:\n"
            "  hirsch version\n"
            "  hirsch version --json\n",
    .options = "json version",
    .least = 0,
    .most = 0,
    .needs_client = false,
    .run = run,
};
