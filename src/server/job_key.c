/* hirschd key: makes, lists and revokes the keys of callers in DIR/keys. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/exit.h"
#include "base/parse.h"
#include "json/json.h"
#include "server/job.h"
#include "server/output.h"
#include "server/key_file.h"
#include "store/directory.h"

static const uint64_t US_A_SECOND = 1000000;

/* "90d", "12h", "30m": from now; "2027-01-31": to the end of that day; a time: to that moment. */
static enum base_code parse_expires(const char *text, model_time now, model_time *expires,
                                    struct base_error *error)
{
    static const struct {
        char unit;
        uint64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    if (text == NULL) {
        *expires = 0;
        return BASE_OK;
    }
    size_t digits = strspn(text, "0123456789");
    uint64_t number;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (text[digits] == units[i].unit && text[digits + 1] == '\0' &&
            base_parse_u64(base_slice(text, digits), 1000000000, &number) && number > 0) {
            *expires = now - now % US_A_SECOND + number * units[i].seconds * US_A_SECOND;
            if (*expires > MODEL_TIME_MAX) {
                break;
            }
            return BASE_OK;
        }
    }
    model_time time;
    if (model_time_parse(base_slice_text(text), &time, NULL) != BASE_OK) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "--expires: \"%s\" is neither a day like 2027-01-31 nor a time from now "
                         "like 90d or 12h",
                         text);
    }
    *expires = strlen(text) == strlen("2027-01-31") ? time + 86400 * US_A_SECOND : time;
    if (*expires <= now) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "--expires: %s is over", text);
    }
    return BASE_OK;
}

/* The keys that are there, or none. */
static enum base_code read_or_begin(const char *directory, struct rpc_keys **keys,
                                    struct base_error *error)
{
    enum base_code code = server_keys_read(directory, keys, error);
    return code == BASE_OK && *keys == NULL ? rpc_keys_new(keys, error) : code;
}

/* Where the key goes: to a file that only its owner reads. Opened before the key is made, for the
 * first key shuts everybody out who has none. */
static enum base_code open_output(const char *path, struct server_output *output,
                                  struct base_error *error)
{
    mode_t before = umask(S_IRWXG | S_IRWXO);
    enum base_code code = server_output_open(path, output, error);
    umask(before);
    return code;
}

/* The key alone, so that a script can put it where it belongs. */
static enum base_code hand_out(struct server_output *output, const char *token, const char *id,
                               struct base_error *error)
{
    struct base_error ignored;
    enum base_code code = server_output_write(output, base_slice_text(token), error);
    if (code == BASE_OK) {
        code = server_output_write(output, BASE_SLICE("\n"), error);
    }
    enum base_code closed =
        server_output_close(output, code == BASE_OK, code == BASE_OK ? error : &ignored);
    code = code == BASE_OK ? closed : code;
    if (code != BASE_OK) {
        base_error_prefix(error, "key %s was made, but not handed out; revoke it", id);
    }
    return code;
}

/* Adds the key to those of the directory. */
/* Is there one that its callers can use? */
static bool has_key(const struct rpc_keys *keys, model_time now, const char *name)
{
    for (size_t i = 0; i < rpc_keys_count(keys); i++) {
        const struct rpc_key *key = rpc_keys_at(keys, i);
        if (strcmp(key->name, name) == 0 && (key->expires == 0 || key->expires > now)) {
            return true;
        }
    }
    return false;
}

/* once: ALREADY_EXISTS when there is one of that name. */
static enum base_code add_key(const char *directory, model_time now, bool once, struct rpc_key *key,
                              char token[RPC_KEY_TOKEN + 1], struct base_error *error)
{
    int lock = server_keys_lock(directory, error);
    if (lock < 0) {
        return BASE_FAILED_PRECONDITION;
    }
    struct rpc_keys *keys = NULL;
    enum base_code code = read_or_begin(directory, &keys, error);
    if (code == BASE_OK && once && has_key(keys, now, key->name)) {
        code = base_fail(error, BASE_ALREADY_EXISTS, "there is a key %s already", key->name);
    }
    if (code == BASE_OK) {
        code = rpc_keys_add(keys, now, key, token, error);
    }
    if (code == BASE_OK) {
        code = server_keys_replace(directory, keys, error);
    }
    rpc_keys_free(keys);
    close(lock);
    return code;
}

static enum base_code create(const struct server_settings *settings, const char *name,
                             struct base_error *error)
{
    char token[RPC_KEY_TOKEN + 1];
    struct server_output output;
    model_time now = model_time_of_unix(base_clock_unix_us());
    struct rpc_key key = {.rate = settings->key_rate, .in_flight = settings->key_in_flight};
    if (strlen(name) > LIMIT_KEY_NAME) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "the name of a key has at most %d bytes",
                         LIMIT_KEY_NAME);
    }
    if (settings->once && name[0] == '\0') {
        return base_fail(error, BASE_INVALID_ARGUMENT, "--once: the key needs a name");
    }
    snprintf(key.name, sizeof key.name, "%s", name);
    rpc_role_named(base_slice_text(settings->role), &key.role);
    enum base_code code = parse_expires(settings->expires, now, &key.expires, error);
    if (code == BASE_OK) {
        code = store_directory_prepare(settings->data, error);
    }
    if (code == BASE_OK) {
        code = open_output(settings->output, &output, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    code = add_key(settings->data, now, settings->once, &key, token, error);
    if (code != BASE_OK) {
        struct base_error ignored;
        server_output_close(&output, false, &ignored);
    }
    if (code == BASE_ALREADY_EXISTS && settings->once) {
        if (!settings->quiet) {
            fprintf(stderr, "nothing to do: %s\n", error->text);
        }
        return BASE_OK;
    }
    if (code != BASE_OK) {
        return code;
    }
    code = hand_out(&output, token, key.id, error);
    if (code == BASE_OK && !settings->quiet) {
        fprintf(stderr,
                "key %s, role %s: keep it now, it is stored nowhere; callers put it into "
                "HIRSCH_KEY or a file for --key-file\n",
                key.id, rpc_role_name(key.role));
    }
    return code;
}

static const char *time_or_never(model_time time, char text[MODEL_TIME_TEXT])
{
    if (time == 0) {
        return "never";
    }
    model_time_text(time, text);
    return text;
}

static enum base_code print_json(const struct rpc_key *key, struct base_error *error)
{
    char created[MODEL_TIME_TEXT];
    char expires[MODEL_TIME_TEXT];
    struct base_buffer line;
    struct json_writer json;
    base_buffer_init(&line);
    json_writer_init(&json, &line, 0);
    json_begin_object(&json);
    json_write_key(&json, "id");
    json_write_text(&json, key->id);
    json_write_key(&json, "role");
    json_write_text(&json, rpc_role_name(key->role));
    json_write_key(&json, "created");
    json_write_text(&json, time_or_never(key->created, created));
    json_write_key(&json, "expires");
    json_write_text(&json, key->expires == 0 ? "" : time_or_never(key->expires, expires));
    json_write_key(&json, "rate");
    json_write_u64(&json, key->rate);
    json_write_key(&json, "inFlight");
    json_write_u64(&json, key->in_flight);
    json_write_key(&json, "name");
    json_write_text(&json, key->name);
    json_end_object(&json);
    base_buffer_append_byte(&line, '\n');
    enum base_code code = BASE_OK;
    if (line.failed) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    } else if (fwrite(line.data, 1, line.size, stdout) != line.size) {
        code = server_output_failed(NULL, error);
    }
    base_buffer_fini(&line);
    return code;
}

static enum base_code list(const struct server_settings *settings, struct base_error *error)
{
    struct rpc_keys *keys = NULL;
    enum base_code code = server_keys_read(settings->data, &keys, error);
    if (code != BASE_OK) {
        return code;
    }
    size_t count = keys == NULL ? 0 : rpc_keys_count(keys);
    model_time now = model_time_of_unix(base_clock_unix_us());
    if (count > 0 && !settings->json) {
        printf("%-12s  %-6s  %-20s  %-20s  %s\n", "id", "role", "created", "expires", "name");
    }
    for (size_t i = 0; i < count && code == BASE_OK; i++) {
        const struct rpc_key *key = rpc_keys_at(keys, i);
        char created[MODEL_TIME_TEXT];
        char expires[MODEL_TIME_TEXT];
        if (settings->json) {
            code = print_json(key, error);
            continue;
        }
        printf("%-12s  %-6s  %-20s  %-20s  %s%s\n", key->id, rpc_role_name(key->role),
               time_or_never(key->created, created), time_or_never(key->expires, expires),
               key->name, key->expires != 0 && key->expires <= now ? "  (expired)" : "");
    }
    if (count == 0 && !settings->json) {
        printf("%s\n", keys == NULL
                           ? "no keys: every caller on this machine may read and write"
                           : "no keys, and callers need one: make it with hirschd key create");
    }
    rpc_keys_free(keys);
    return code;
}

static enum base_code take_back(const struct server_settings *settings, const char *which,
                                struct base_error *error)
{
    int lock = server_keys_lock(settings->data, error);
    if (lock < 0) {
        return BASE_FAILED_PRECONDITION;
    }
    struct rpc_keys *keys = NULL;
    struct rpc_key removed;
    enum base_code code = read_or_begin(settings->data, &keys, error);
    if (code == BASE_OK) {
        code = rpc_keys_remove(keys, base_slice_text(which), &removed, error);
    }
    if (code == BASE_OK) {
        code = server_keys_replace(settings->data, keys, error);
    }
    if (code == BASE_OK && !settings->quiet) {
        printf("revoked %s, role %s%s%s\n", removed.id, rpc_role_name(removed.role),
               removed.name[0] == '\0' ? "" : ", ", removed.name);
        if (rpc_keys_count(keys) == 0) {
            fprintf(stderr, "that was the last one: nobody may call now. To serve this machine "
                            "without keys remove the file keys in the data directory and restart "
                            "the daemon\n");
        }
    }
    rpc_keys_free(keys);
    close(lock);
    return code;
}

static int run_key(const struct server_settings *settings, int argument_count, char **arguments)
{
    struct base_error error;
    const char *verb = argument_count > 0 ? arguments[0] : "";
    enum base_code code;
    if (strcmp(verb, "create") == 0 && argument_count <= 2) {
        code = create(settings, argument_count == 2 ? arguments[1] : "", &error);
    } else if (strcmp(verb, "list") == 0 && argument_count == 1) {
        code = list(settings, &error);
    } else if (strcmp(verb, "revoke") == 0 && argument_count == 2) {
        code = take_back(settings, arguments[1], &error);
    } else {
        fprintf(stderr, "hirschd key: say create [NAME], list, or revoke ID; see hirschd key "
                        "--help\n");
        return BASE_EXIT_USAGE;
    }
    if (code == BASE_OK) {
        return BASE_EXIT_OK;
    }
    fprintf(stderr, "hirschd key: %s\n", error.text);
    return code == BASE_INVALID_ARGUMENT ? BASE_EXIT_USAGE : base_exit_of(code);
}

const struct server_job server_job_key = {
    .name = "key",
    .arguments = "create [NAME] | list | revoke ID",
    .summary = "Makes, lists and revokes the keys of callers",
    .help = "create prints a new key on standard output, once, or writes it to the --output FILE, "
            "which\n"
            "only its owner can read: only its hash is stored, in DIR/keys.\n"
            "A running daemon takes changes over within a second. As soon as the file is there\n"
            "every caller needs a key, and without it the daemon serves this machine only.\n"
            "Roles: reader reads, writer also puts and deletes records, admin does everything.\n"
            "--key-rate and --key-in-flight are this key's own limits; without: the daemon's.\n"
            "With --once nothing is made when a key of that name is there, as a script may wish.\n"
            "revoke takes the id that list shows, or a name that only one key has.\n"
            "\n"
            "Examples:\n"
            "  hirschd key create --data hirsch-data website --role reader --expires 365d > key\n"
            "  hirsch --key-file key author local:max-lam\n"
            "  hirschd key list --data hirsch-data\n"
            "  hirschd key revoke --data hirsch-data website\n",
    .options =
        "data role expires once output key-rate key-in-flight json quiet log-level log-format",
    .takes_arguments = true,
    .run = run_key,
};
