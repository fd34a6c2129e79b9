#include "server/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "server/option_file.h"
#include "server/option_value.h"

enum { OPTIONS_MOST = 96, ENVIRONMENT_NAME = 64 };

enum origin { ORIGIN_NONE, ORIGIN_DEFAULT, ORIGIN_FILE, ORIGIN_ENVIRONMENT, ORIGIN_FLAG };

/* What one option was set to, by the source with the highest rank so far. */
struct setting {
    enum origin origin;
    size_t count; /* texts; more than one for lists only */
    const char *texts[SERVER_LISTEN_MOST];
    unsigned line; /* in the file */
};

struct server_options {
    struct base_arena arena;
    struct setting settings[OPTIONS_MOST];
    const char *config; /* --config FILE */
    bool help;
    bool version;
    int word_count;
    char **words;
};

static void environment_name(const struct server_option *option, char name[ENVIRONMENT_NAME])
{
    if (option->variable != NULL) {
        snprintf(name, ENVIRONMENT_NAME, "%s", option->variable);
        return;
    }
    size_t size = (size_t)snprintf(name, ENVIRONMENT_NAME, "HIRSCH_%s", option->name);
    for (size_t i = 0; i < size && i < ENVIRONMENT_NAME; i++) {
        if (name[i] == '-') {
            name[i] = '_';
        } else if (name[i] >= 'a' && name[i] <= 'z') {
            name[i] = (char)(name[i] - 'a' + 'A');
        }
    }
}

static const struct server_option *find(struct base_slice name)
{
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        if (base_slice_equal(name, base_slice_text(one->name))) {
            return one;
        }
    }
    return NULL;
}

static const char *nearest(const char *typed)
{
    const char *names[OPTIONS_MOST + 4] = {"config", "help", "version"};
    size_t count = 3;
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        BASE_ASSERT(count < OPTIONS_MOST + 3);
        names[count++] = one->name;
    }
    return base_suggest(typed, names);
}

static enum base_code unknown(enum base_code code, const char *before, struct base_slice name,
                              struct base_error *error)
{
    char typed[ENVIRONMENT_NAME];
    snprintf(typed, sizeof typed, "%.*s", BASE_PRINT(name));
    const char *best = nearest(typed);
    if (best == NULL) {
        return base_fail(error, code, "there is no option %s%s; see hirschd help options", before,
                         typed);
    }
    return base_fail(error, code, "there is no option %s%s; did you mean %s%s?", before, typed,
                     before, best);
}

/* A source of a higher rank replaces what stands there; within one source a list grows and the
 * last of the others wins. */
static enum base_code set(struct server_options *options, const struct server_option *option,
                          enum origin origin, unsigned line, struct base_slice text,
                          struct base_error *error)
{
    struct setting *setting = &options->settings[option - server_option_table];
    if (setting->origin > origin) {
        return BASE_OK;
    }
    if (setting->origin < origin || option->kind != SERVER_LIST) {
        setting->count = 0;
    }
    if (setting->count == SERVER_LISTEN_MOST) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s is given more than %d times",
                         option->name, SERVER_LISTEN_MOST);
    }
    struct base_slice copy = base_arena_copy(&options->arena, text);
    if (copy.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out");
    }
    setting->origin = origin;
    setting->line = line;
    setting->texts[setting->count++] = copy.data;
    return BASE_OK;
}

/* --name, --name=value, --name value. Moves *at over a value that is an argument of its own. */
static enum base_code take_flag(struct server_options *options, int count, char *const *arguments,
                                int *at, struct base_error *error)
{
    const char *text = arguments[*at] + 2;
    const char *equals = strchr(text, '=');
    struct base_slice name =
        equals == NULL ? base_slice_text(text) : base_slice(text, (size_t)(equals - text));
    if (equals == NULL && base_slice_equal(name, BASE_SLICE("help"))) {
        options->help = true;
        return BASE_OK;
    }
    if (equals == NULL && base_slice_equal(name, BASE_SLICE("version"))) {
        options->version = true;
        return BASE_OK;
    }
    bool config = base_slice_equal(name, BASE_SLICE("config"));
    const struct server_option *option = find(name);
    if (option == NULL && !config) {
        return unknown(BASE_INVALID_ARGUMENT, "--", name, error);
    }
    const char *value = equals == NULL ? NULL : equals + 1;
    if (value == NULL && !config && option->kind == SERVER_FLAG) {
        value = "true";
    }
    if (value == NULL) {
        if (*at + 1 == count) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "--%.*s needs a value: --%.*s %s",
                             BASE_PRINT(name), BASE_PRINT(name), config ? "FILE" : option->value);
        }
        value = arguments[++*at];
    }
    if (config) {
        options->config = value;
        return BASE_OK;
    }
    return set(options, option, ORIGIN_FLAG, 0, base_slice_text(value), error);
}

static enum base_code take_arguments(struct server_options *options, int count,
                                     char *const *arguments, struct base_error *error)
{
    bool only_words = false;
    for (int i = 0; i < count; i++) {
        char *argument = arguments[i];
        if (only_words || argument[0] != '-' || argument[1] == '\0') {
            options->words[options->word_count++] = argument;
        } else if (strcmp(argument, "--") == 0) {
            only_words = true;
        } else if (strcmp(argument, "-h") == 0) {
            options->help = true;
        } else if (argument[1] != '-') {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "there is no option %s; options are written out, see hirschd help "
                             "options",
                             argument);
        } else {
            enum base_code code = take_flag(options, count, arguments, &i, error);
            if (code != BASE_OK) {
                return code;
            }
        }
    }
    return BASE_OK;
}

enum base_code server_options_parse(int count, char *const *arguments,
                                    struct server_options **options, struct base_error *error)
{
    struct server_options *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out");
    }
    base_arena_init(&made->arena, 0);
    enum base_code code = BASE_OK;
    made->words = calloc((size_t)count + 1, sizeof *made->words);
    if (made->words == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "memory is out");
        goto free_options;
    }
    code = take_arguments(made, count, arguments, error);
    if (code != BASE_OK) {
        goto free_options;
    }
    *options = made;
    return BASE_OK;
free_options:
    server_options_free(made);
    return code;
}

void server_options_free(struct server_options *options)
{
    if (options == NULL) {
        return;
    }
    base_arena_fini(&options->arena);
    free(options->words);
    free(options);
}

int server_options_words(const struct server_options *options, char ***words)
{
    *words = options->words;
    return options->word_count;
}

bool server_options_wants_help(const struct server_options *options)
{
    return options->help;
}

bool server_options_wants_version(const struct server_options *options)
{
    return options->version;
}

bool server_options_among(const char *names, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = names; *at != '\0';) {
        size_t word = strcspn(at, " ");
        if (word == size && memcmp(at, name, size) == 0) {
            return true;
        }
        at += word;
        at += strspn(at, " ");
    }
    return false;
}

/* Lists stand in one line: words separated by blanks or commas. */
static enum base_code set_words(struct server_options *options, const struct server_option *option,
                                enum origin origin, unsigned line, struct base_slice text,
                                struct base_error *error)
{
    if (option->kind != SERVER_LIST) {
        return set(options, option, origin, line, text, error);
    }
    enum base_code code = BASE_OK;
    size_t at = 0;
    while (at < text.size && code == BASE_OK) {
        size_t end = at;
        while (end < text.size && text.data[end] != ' ' && text.data[end] != ',') {
            end++;
        }
        if (end > at) {
            code = set(options, option, origin, line, base_slice(text.data + at, end - at), error);
        }
        at = end + 1;
    }
    return code;
}

static enum base_code take_pair(void *state, unsigned line, struct base_slice key,
                                struct base_slice value, struct base_error *error)
{
    const struct server_option *option = find(key);
    if (option == NULL) {
        return unknown(BASE_FAILED_PRECONDITION, "", key, error);
    }
    return set_words(state, option, ORIGIN_FILE, line, value, error);
}

static enum base_code take_environment(struct server_options *options,
                                       server_environment environment, struct base_error *error)
{
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        char name[ENVIRONMENT_NAME];
        environment_name(one, name);
        const char *value = environment(name);
        if (value != NULL && value[0] != '\0') {
            enum base_code code =
                set_words(options, one, ORIGIN_ENVIRONMENT, 0, base_slice_text(value), error);
            if (code != BASE_OK) {
                base_error_prefix(error, "%s", name);
                return code;
            }
        }
    }
    return BASE_OK;
}

/* "--loops", "HIRSCH_LOOPS", "hirschd.conf:3: loops" */
static void name_origin(const struct server_options *options, const struct server_option *option,
                        char *to, size_t room)
{
    const struct setting *setting = &options->settings[option - server_option_table];
    char name[ENVIRONMENT_NAME];
    switch (setting->origin) {
    case ORIGIN_FLAG:
        snprintf(to, room, "--%s", option->name);
        break;
    case ORIGIN_ENVIRONMENT:
        environment_name(option, name);
        snprintf(to, room, "%s", name);
        break;
    case ORIGIN_FILE:
        snprintf(to, room, "%s:%u", options->config, setting->line);
        break;
    case ORIGIN_DEFAULT:
        snprintf(to, room, "default");
        break;
    case ORIGIN_NONE:
        snprintf(to, room, "not set");
        break;
    }
}

static enum base_code convert(struct server_options *options, const struct server_option *option,
                              struct server_settings *settings, struct base_error *error)
{
    const struct setting *setting = &options->settings[option - server_option_table];
    for (size_t i = 0; i < setting->count; i++) {
        enum base_code code = server_option_store(option, setting->texts[i], i, settings, error);
        if (code != BASE_OK) {
            char origin[512];
            name_origin(options, option, origin, sizeof origin);
            base_error_prefix(error, "%s", origin);
            return setting->origin == ORIGIN_FLAG ? code : BASE_FAILED_PRECONDITION;
        }
    }
    return BASE_OK;
}

static enum base_code check_allowed(const struct server_options *options, const char *job,
                                    const char *allowed, struct base_error *error)
{
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        if (allowed != NULL && options->settings[one - server_option_table].origin == ORIGIN_FLAG &&
            !server_options_among(allowed, one->name)) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "hirschd %s takes no --%s; see hirschd %s --help", job, one->name,
                             job);
        }
    }
    return BASE_OK;
}

enum base_code server_options_settle(struct server_options *options, const char *job,
                                     const char *allowed, server_environment environment,
                                     struct server_settings *settings, struct base_error *error)
{
    enum base_code code = check_allowed(options, job, allowed, error);
    if (code != BASE_OK) {
        return code;
    }
    for (size_t i = 0; i < OPTIONS_MOST; i++) {
        if (options->settings[i].origin != ORIGIN_FLAG) {
            options->settings[i] = (struct setting){.origin = ORIGIN_NONE};
        }
    }
    if (options->config == NULL) {
        const char *config = environment("HIRSCH_CONFIG");
        options->config = config == NULL || config[0] == '\0' ? NULL : config;
    }
    if (options->config != NULL) {
        code = server_option_file(options->config, take_pair, options, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    code = take_environment(options, environment, error);
    if (code != BASE_OK) {
        return BASE_FAILED_PRECONDITION;
    }
    *settings = (struct server_settings){.options = options};
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        if (one->default_text != NULL) {
            code = set(options, one, ORIGIN_DEFAULT, 0, base_slice_text(one->default_text), error);
        }
        if (code == BASE_OK) {
            code = convert(options, one, settings, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

enum base_code server_settings_check(const struct server_settings *settings,
                                     struct base_error *error)
{
    return settings->default_timeout_ms <= settings->max_timeout_ms
               ? BASE_OK
               : base_fail(error, BASE_FAILED_PRECONDITION,
                           "default-timeout (%u ms) is longer than max-timeout (%u ms)",
                           settings->default_timeout_ms, settings->max_timeout_ms);
}

void server_options_print(const struct server_options *options, FILE *to)
{
    if (options->config != NULL) {
        fprintf(to, "# file: %s\n", options->config);
    }
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        const struct setting *setting = &options->settings[one - server_option_table];
        char origin[512];
        name_origin(options, one, origin, sizeof origin);
        if (setting->count == 0) {
            fprintf(to, "# %s is not set\n", one->name);
        }
        for (size_t i = 0; i < setting->count; i++) {
            int used = fprintf(to, "%s = %s", one->name, setting->texts[i]);
            fprintf(to, "%*s # %s\n", used < 40 ? 40 - used : 0, "", origin);
        }
    }
}

void server_options_print_help(const char *allowed, FILE *to)
{
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        if (allowed != NULL && !server_options_among(allowed, one->name)) {
            continue;
        }
        int used = fprintf(to, "  --%s%s%s", one->name, one->value == NULL ? "" : " ",
                           one->value == NULL ? "" : one->value);
        fprintf(to, "%*s %s", used < 27 ? 27 - used : 0, "", one->help);
        if (one->default_text != NULL && one->kind != SERVER_FLAG) {
            fprintf(to, " [%s]", one->default_text);
        }
        fputc('\n', to);
    }
    fprintf(to, "  --config FILE             Reads options from a file, `name = value` a line\n"
                "  --help                    This text\n");
}

/* A bar would end a cell of the table. */
static void print_cell(const char *text, FILE *to)
{
    for (; *text != '\0'; text++) {
        if (*text == '|') {
            fputc('\\', to);
        }
        fputc(*text, to);
    }
}

void server_options_print_table(FILE *to)
{
    fputs("| flag | environment | default | meaning |\n|---|---|---|---|\n", to);
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        char name[ENVIRONMENT_NAME];
        environment_name(one, name);
        fprintf(to, "| `--%s", one->name);
        if (one->value != NULL) {
            fputc(' ', to);
            print_cell(one->value, to);
        }
        fprintf(to, "` | `%s` | ", name);
        fprintf(to, one->default_text == NULL ? "%s" : "`%s`",
                one->default_text == NULL ? "none" : one->default_text);
        fputs(" | ", to);
        print_cell(one->help, to);
        fputs(" |\n", to);
    }
}
