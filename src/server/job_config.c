/* hirschd config: what the options are and where they came from, and whether what they name can be
 * used. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "net/listener.h"
#include "server/door.h"
#include "server/job.h"
#include "server/key_file.h"
#include "server/options.h"
#include "store/store.h"

/* How many things are wrong, and how bad the worst of them is. */
struct findings {
    unsigned faults;
    enum base_code worst;
};

static void fault(struct findings *findings, const char *option, enum base_code code,
                  const struct base_error *error)
{
    printf("wrong  %-10s %s\n", option, error->text);
    findings->faults++;
    findings->worst = findings->worst == BASE_OK ? code : findings->worst;
}

static void check_data(const struct server_settings *settings, struct findings *findings)
{
    struct base_error error;
    struct store *store = NULL;
    struct store_reader *reader = NULL;
    struct store_info info;
    enum base_code code = store_open(settings->data, settings->map_size, &store, &error);
    if (code == BASE_OK) {
        code = store_reader_new(store, &reader, &error);
    }
    if (code == BASE_OK) {
        code = store_read_info(reader, &info, &error);
    }
    if (code == BASE_OK) {
        printf("good   %-10s %s: %" PRIu64 " papers, %" PRIu64 " authors, sequence %" PRIu64 "\n",
               "data", settings->data, info.paper_count, info.author_count, info.sequence);
    } else {
        fault(findings, "data", code, &error);
    }
    store_reader_free(reader);
    store_close(store);
}

static bool check_keys(const struct server_settings *settings, struct findings *findings)
{
    struct base_error error;
    struct rpc_keys *keys = NULL;
    enum base_code code = server_keys_read(settings->data, &keys, &error);
    bool there = keys != NULL;
    if (code != BASE_OK) {
        fault(findings, "keys", code, &error);
    } else if (there) {
        printf("good   %-10s %s/keys: %zu keys\n", "keys", settings->data, rpc_keys_count(keys));
    } else {
        printf("good   %-10s none: callers on this machine need no key\n", "keys");
    }
    rpc_keys_free(keys);
    return there;
}

/* An address that is in use may be that of the daemon that runs: worth a word, but no fault. */
static void check_address(const char *option, const char *shown, const char *url,
                          const struct server_settings *settings, struct findings *findings)
{
    struct base_error error;
    struct net_listener listener = {.fd = -1};
    enum base_code code = net_listener_open(url, settings->ipc_mode, &listener, &error);
    if (code == BASE_OK) {
        net_listener_close(&listener);
        printf("good   %-10s %s\n", option, shown);
    } else if (strstr(error.text, "another program listens there") != NULL) {
        printf("in use %-10s %s: by a daemon that runs, or by another program\n", option, shown);
    } else {
        fault(findings, option, code, &error);
    }
}

static void check_doors(const struct server_settings *settings, bool has_keys,
                        struct findings *findings)
{
    struct base_error error;
    for (size_t i = 0; i < settings->listen_count; i++) {
        char url[NET_URL];
        enum base_code code = server_door_url(settings->listen[i], has_keys, url, &error);
        if (code == BASE_OK) {
            code = server_door_check(url, has_keys, settings->insecure, &error);
        }
        if (code != BASE_OK) {
            fault(findings, "listen", code, &error);
        } else {
            check_address("listen", url, url, settings, findings);
        }
    }
    if (strcmp(settings->http, "off") != 0) {
        char url[NET_URL];
        snprintf(url, sizeof url, "tcp://%s", settings->http);
        check_address("http", settings->http, url, settings, findings);
    }
}

static int check(const struct server_settings *settings)
{
    struct findings findings = {0, BASE_OK};
    check_data(settings, &findings);
    bool has_keys = check_keys(settings, &findings);
    check_doors(settings, has_keys, &findings);
    struct base_error error;
    enum base_code code = server_settings_check(settings, &error);
    if (code != BASE_OK) {
        fault(&findings, "timeouts", code, &error);
    }
    if (findings.faults == 0) {
        return BASE_EXIT_OK;
    }
    fprintf(stderr, "hirschd config check: %u of the things that the options name cannot be used\n",
            findings.faults);
    return findings.worst == BASE_DATA_LOSS ? BASE_EXIT_IO : BASE_EXIT_CONFIG;
}

static int run_config(const struct server_settings *settings, int argument_count, char **arguments)
{
    const char *verb = argument_count > 0 ? arguments[0] : "print";
    if (argument_count <= 1 && strcmp(verb, "print") == 0) {
        server_options_print(settings->options, stdout);
        return BASE_EXIT_OK;
    }
    if (argument_count == 1 && strcmp(verb, "check") == 0) {
        return check(settings);
    }
    fprintf(stderr, "hirschd config: say print or check; see hirschd config --help\n");
    return BASE_EXIT_USAGE;
}

const struct server_job server_job_config = {
    .name = "config",
    .arguments = "[print | check]",
    .summary = "Prints every option with its value and origin, or checks what the options name",
    .help =
        "print: a file that --config reads. Flags, HIRSCH_* variables and the file are taken as\n"
        "the other jobs take them, so this shows what they would run with.\n"
        "check: opens what the options name (data directory, keys, addresses) and says what\n"
        "cannot be used; exit code 78 then. Works beside a running daemon.\n"
        "\n"
        "Examples:\n"
        "  hirschd config print\n"
        "  hirschd config check --config /etc/hirsch/hirschd.conf --loops 2\n",
    .options = NULL,
    .takes_arguments = true,
    .run = run_config,
};
