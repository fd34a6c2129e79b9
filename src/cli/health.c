#include "cli/command.h"

#include <poll.h>

#include "base/clock.h"
#include "base/exit.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"

enum { AGAIN_MS = 50 };

/* One question to a client of its own: a probe must not wait for another client's reconnecting. */
static enum hirsch_code ask(const struct cli_options *options, uint32_t timeout_ms,
                            struct base_arena *arena, ProtobufCMessage **response,
                            hirsch_error **error)
{
    struct hirsch_options opening = HIRSCH_OPTIONS_INIT;
    opening.endpoints = options->server;
    opening.timeout_ms = timeout_ms;
    opening.fail_fast = true;
    hirsch_client *client = NULL;
    enum hirsch_code code = hirsch_open(&opening, &client, error);
    if (code != HIRSCH_OK) {
        return code;
    }
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    code =
        cli_raw_call(client, CLIENT_HEALTH_CHECK, &request.base,
                     &grpc__health__v1__health_check_response__descriptor, arena, response, error);
    hirsch_close(client);
    return code;
}

static bool serves(const ProtobufCMessage *response)
{
    const Grpc__Health__V1__HealthCheckResponse *answer = (const void *)response;
    return answer->status == GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
}

static uint32_t least(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

static int print_answer(const struct cli_options *options, const ProtobufCMessage *response)
{
    struct base_buffer out = BASE_BUFFER_EMPTY;
    if (options->json) {
        cli_put_json(&out, response);
    } else {
        base_buffer_append_text(&out, serves(response) ? "serving\n" : "not serving\n");
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    if (!printed) {
        return BASE_EXIT_IO;
    }
    return serves(response) ? BASE_EXIT_OK : BASE_EXIT_UNAVAILABLE;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    (void)count;
    (void)arguments;
    const struct cli_options *options = context->options;
    uint64_t timeout_ms =
        options->timeout_ms != 0 ? options->timeout_ms : HIRSCH_DEFAULT_TIMEOUT_MS;
    uint64_t until_ns = base_clock_monotonic_ns() + (uint64_t)options->wait_s * 1000000000;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    int exit_code;
    for (;;) {
        ProtobufCMessage *response = NULL;
        hirsch_error *error = NULL;
        uint64_t now = base_clock_monotonic_ns();
        uint64_t left_ms = until_ns > now ? (until_ns - now) / 1000000 : 0;
        uint32_t limit_ms =
            options->has_wait && left_ms > 0 ? least(timeout_ms, left_ms) : (uint32_t)timeout_ms;
        enum hirsch_code code = ask(options, limit_ms, &arena, &response, &error);
        /* What is wrong with the question stays wrong. */
        bool final = code == HIRSCH_OK ? serves(response) : code == HIRSCH_INVALID_ARGUMENT;
        now = base_clock_monotonic_ns();
        if (final || now >= until_ns) {
            exit_code =
                code == HIRSCH_OK ? print_answer(options, response) : cli_report(error, NULL);
            if (code == HIRSCH_INVALID_ARGUMENT) {
                exit_code = BASE_EXIT_USAGE; /* the address: the question itself is always right */
            }
            break;
        }
        hirsch_free(error);
        base_arena_reset(&arena);
        (void)poll(NULL, 0, (int)least(AGAIN_MS, (until_ns - now) / 1000000 + 1));
    }
    base_arena_fini(&arena);
    return exit_code;
}

const struct cli_command cli_command_health = {
    .name = "health",
    .arguments = "",
    .summary = "does the daemon serve? exit code 0 or 69",
    .help =
        "Exit code 0 as soon as the daemon serves, 69 when it does not or cannot be reached. With\n"
        "--wait it is asked again until it serves or the time is up.\n"
        "\n"
        "Examples:\n"
        "  hirsch health\n"
        "  hirsch health --wait 30 && hirsch author local:max-lam\n",
    .options = "server timeout json wait",
    .least = 0,
    .most = 0,
    .needs_client = false,
    .run = run,
};
