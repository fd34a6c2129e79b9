#include "cli/options.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/parse.h"
#include "base/suggest.h"
#include "cli/bench_options.h"
#include "hirsch/metrics.h"

enum { WAIT_MOST_S = 86400, NAME_MOST = 32, COUNT_MOST = 10000, PARALLEL_MOST = 64 };

static bool set_server(struct cli_options *options, const char *value)
{
    options->server = value;
    return value[0] != '\0';
}

static bool set_timeout(struct cli_options *options, const char *value)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), HIRSCH_MAX_TIMEOUT_MS, &number) || number == 0) {
        return false;
    }
    options->timeout_ms = (uint32_t)number;
    return true;
}

static bool set_key_file(struct cli_options *options, const char *value)
{
    options->key_file = value;
    return value[0] != '\0';
}

static bool set_colour(struct cli_options *options, const char *value)
{
    static const char *const names[] = {"auto", "always", "never"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(value, names[i]) == 0) {
            options->colour = (enum cli_colour)i;
            return true;
        }
    }
    return false;
}

static bool set_json(struct cli_options *options, const char *value)
{
    (void)value;
    options->json = true;
    return true;
}

static bool set_csv(struct cli_options *options, const char *value)
{
    (void)value;
    options->csv = true;
    return true;
}

static bool set_papers(struct cli_options *options, const char *value)
{
    (void)value;
    options->papers = true;
    return true;
}

static bool set_stubs(struct cli_options *options, const char *value)
{
    (void)value;
    options->stubs = true;
    return true;
}

static bool set_field(struct cli_options *options, const char *value)
{
    options->field = value;
    return value[0] != '\0';
}

static bool set_year(struct cli_options *options, const char *value)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), LIMIT_YEAR_LAST, &number) ||
        number < LIMIT_YEAR_FIRST) {
        return false;
    }
    options->year = (uint32_t)number;
    return true;
}

static bool set_count(struct cli_options *options, const char *value)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), COUNT_MOST, &number) || number == 0) {
        return false;
    }
    options->count = (uint32_t)number;
    options->has_count = true;
    return true;
}

static bool set_seed(struct cli_options *options, const char *value)
{
    return base_parse_u64(base_slice_text(value), UINT64_MAX, &options->seed);
}

static bool set_help(struct cli_options *options, const char *value)
{
    (void)value;
    options->help = true;
    return true;
}

static bool set_version(struct cli_options *options, const char *value)
{
    (void)value;
    options->version = true;
    return true;
}

static bool set_limit(struct cli_options *options, const char *value)
{
    options->has_limit = true;
    return base_parse_u64(base_slice_text(value), UINT32_MAX, &options->limit);
}

static bool set_wait(struct cli_options *options, const char *value)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), WAIT_MOST_S, &number)) {
        return false;
    }
    options->has_wait = true;
    options->wait_s = (uint32_t)number;
    return true;
}

static bool set_quiet(struct cli_options *options, const char *value)
{
    (void)value;
    options->quiet = true;
    return true;
}

static bool set_resume(struct cli_options *options, const char *value)
{
    options->resume = value;
    return value[0] != '\0';
}

static bool set_parallel(struct cli_options *options, const char *value)
{
    uint64_t number;
    if (!base_parse_u64(base_slice_text(value), PARALLEL_MOST, &number) || number == 0) {
        return false;
    }
    options->parallel = (uint32_t)number;
    return true;
}

static bool set_kind(struct cli_options *options, const char *value)
{
    static const char *const kinds[] = {"author", "paper", "citation", "merge", "suppress"};
    options->kind = value;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(value, kinds[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* The place of value among names, from 1; 0 when it is none. */
static int place_of(const char *value, const char *const *names)
{
    for (int i = 0; names[i] != NULL; i++) {
        if (strcmp(value, names[i]) == 0) {
            return i + 1;
        }
    }
    return 0;
}

static bool set_as_of(struct cli_options *options, const char *value)
{
    options->as_of = value;
    return value[0] != '\0';
}

static bool set_self_citations(struct cli_options *options, const char *value)
{
    static const char *const names[] = {"include", "own", "coauthor", "set", NULL};
    options->self_citations = place_of(value, names);
    return options->self_citations != 0;
}

/* Rules that need to know whose papers, or which, are meant. */
static bool is_of_sets(int self_citations)
{
    return self_citations == HIRSCH_SELF_CITATIONS_EXCLUDE_OWN ||
           self_citations == HIRSCH_SELF_CITATIONS_EXCLUDE_SET;
}

static bool set_counting(struct cli_options *options, const char *value)
{
    static const char *const names[] = {"full", "fractional", NULL};
    options->counting = place_of(value, names);
    return options->counting != 0;
}

static bool set_position(struct cli_options *options, const char *value)
{
    static const char *const names[] = {"any", "first", "last", "first-or-last", "single", NULL};
    options->position = place_of(value, names);
    return options->position != 0;
}

static bool set_years(struct cli_options *options, const char *value)
{
    options->years = value;
    return value[0] != '\0';
}

static bool set_groups(struct cli_options *options, const char *value)
{
    options->groups = value;
    return value[0] != '\0';
}

static bool set_explain(struct cli_options *options, const char *value)
{
    static const char *const names[] = {"h", "g", "i10", "cd", "fwci", "percentile", NULL};
    options->explain = value;
    return place_of(value, names) != 0;
}

static bool set_timeline(struct cli_options *options, const char *value)
{
    (void)value;
    options->timeline = true;
    return true;
}

static bool set_days(struct cli_options *options, const char *value)
{
    options->days = value;
    return value[0] != '\0';
}

static bool set_compare(struct cli_options *options, const char *value)
{
    (void)value;
    options->compare = true;
    return true;
}

static bool set_metrics(struct cli_options *options, const char *value)
{
    (void)value;
    options->metrics = true;
    return true;
}

static const struct cli_option table[] = {
    {"server", 's', "URL", "HIRSCH_SERVER",
     "daemon to ask, to read several separated by commas;\ndefault " HIRSCH_DEFAULT_ENDPOINT,
     "tcp://HOST:PORT or ipc://PATH", set_server},
    {"timeout", 0, "MS", "HIRSCH_TIMEOUT",
     "time limit of one request in milliseconds; default 2000", "a number from 1 to 3600000",
     set_timeout},
    {"key-file", 0, "FILE", "HIRSCH_KEY_FILE",
     "file with the key to show; else the environment\nvariable HIRSCH_KEY holds the key itself",
     "the name of a file", set_key_file},
    {"json", 0, NULL, NULL, "machine-readable: one object, or one a line", NULL, set_json},
    {"csv", 0, NULL, NULL, "comma-separated values (RFC 4180) with a header row", NULL, set_csv},
    {"limit", 0, "N", NULL, "at most N results", "a number", set_limit},
    {"papers", 0, NULL, NULL, "search the titles of papers, not the names of authors", NULL,
     set_papers},
    {"field", 0, "FIELD", NULL, "only this field: cs.LG, arxiv/cs.LG, openalex/1804", "a field",
     set_field},
    {"year", 0, "YEAR", NULL, "only papers of this year", "a year from 1400 to 2200", set_year},
    {"count", 0, "N", NULL, "so many ids; default 10", "a number from 1 to 10000", set_count},
    {"seed", 0, "S", NULL, "another seed, other ids; default 0", "a number", set_seed},
    {"stubs", 0, NULL, NULL, "cited ids without a record too", NULL, set_stubs},
    {"kind", 0, "KIND", NULL, "author, paper, citation, merge or suppress: what is deleted",
     "author, paper, citation, merge or suppress", set_kind},
    {"parallel", 0, "N", NULL, "requests under way at once; default 8", "a number from 1 to 64",
     set_parallel},
    {"resume", 0, "FILE", NULL,
     "keep in FILE how far it came, and go on from there;\nremoved when all is done", "a file name",
     set_resume},
    {"as-of", 0, "DAY", NULL, "what was known on that day; without: everything stored",
     "a day like 2020-12-31", set_as_of},
    {"self-citations", 0, "RULE", NULL, "include, or leave out by own, coauthor or set",
     "include, own, coauthor or set", set_self_citations},
    {"counting", 0, "RULE", NULL, "full, or fractional: divided by the number of authors",
     "full or fractional", set_counting},
    {"position", 0, "PLACE", NULL, "only papers on which the author stands at that place",
     "any, first, last, first-or-last or single", set_position},
    {"years", 0, "RANGE", NULL, "only papers of these years: 2010-2015, 2010-, -2015",
     "a range of years", set_years},
    {"groups", 0, "LIST", NULL,
     "basic, citations, indicators, histograms, timeline,\nbuckets, separated by commas",
     "a list of groups", set_groups},
    {"explain", 0, "NUMBER", NULL, "what h, g, i10, cd, fwci or percentile is made of",
     "h, g, i10, cd, fwci or percentile", set_explain},
    {"timeline", 0, NULL, NULL, "year by year, as charts, --csv or --json", NULL, set_timeline},
    {"days", 0, "DAYS", NULL,
     "the numbers on each of these days, ascending and\nseparated by commas, as a table, --csv or "
     "--json",
     "days like 2010-12-31,2020-12-31", set_days},
    {"compare", 0, NULL, NULL, "several expressions side by side", NULL, set_compare},
    {"metrics", 0, NULL, NULL, "the computed numbers of a paper", NULL, set_metrics},
    {"quiet", 0, NULL, NULL, "no progress, only errors and the result", NULL, set_quiet},
    {"wait", 0, "SECONDS", NULL, "ask again until the daemon serves or the time is up",
     "a number from 0 to 86400", set_wait},
    {"color", 0, "WHEN", "HIRSCH_COLOR",
     "auto, always or never; default auto: on a terminal,\nunless NO_COLOR is set or TERM is dumb",
     "auto, always or never", set_colour},
    {"help", 'h', NULL, NULL, "this text", NULL, set_help},
    {"version", 0, NULL, NULL, "what the command version says", NULL, set_version},
};

enum {
    COMMON = sizeof table / sizeof table[0],
    OPTIONS = COMMON + CLI_BENCH_OPTIONS,
};

_Static_assert(OPTIONS <= 64, "a bit of cli_options.given each");

/* Those of `hirsch bench` have a table of their own. */
static const struct cli_option *row(size_t i)
{
    return i < COMMON ? &table[i] : &cli_bench_option_table[i - COMMON];
}

static const char always[] = "server timeout key-file color help";

static bool in_list(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at += length) {
        bool starts = at == names || at[-1] == ' ';
        if (starts && (at[length] == '\0' || at[length] == ' ')) {
            return true;
        }
    }
    return false;
}

/* Every command has color and help, and whoever asks a server may need a key. */
static bool in_help(const char *names, const char *name)
{
    return in_list(names, name) || strcmp(name, "help") == 0 || strcmp(name, "color") == 0 ||
           (strcmp(name, "key-file") == 0 && in_list(names, "server"));
}

void cli_options_help(struct base_buffer *out, const char *names)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const struct cli_option *option = row(i);
        if (names == NULL && i >= COMMON) {
            break; /* hirsch bench --help has them */
        }
        if (names != NULL && !in_help(names, option->name)) {
            continue;
        }
        char left[64];
        snprintf(left, sizeof left, "%c%c%s--%s%s%s", option->letter != 0 ? '-' : ' ',
                 option->letter != 0 ? option->letter : ' ', option->letter != 0 ? ", " : "  ",
                 option->name, option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        const char *line = option->text;
        int length = (int)strcspn(line, "\n");
        base_buffer_append_format(out, "  %-22s %.*s", left, length, line);
        for (line += length; *line == '\n'; line += length) {
            line++;
            length = (int)strcspn(line, "\n");
            base_buffer_append_format(out, "\n  %-22s %.*s", "", length, line);
        }
        if (option->variable != NULL) {
            base_buffer_append_format(out, " [%s]", option->variable);
        }
        base_buffer_append_byte(out, '\n');
    }
}

static enum base_code unknown_option(const char *given, struct base_error *error)
{
    const char *names[OPTIONS + 1] = {NULL};
    for (size_t i = 0; i < OPTIONS; i++) {
        names[i] = row(i)->name;
    }
    char name[NAME_MOST] = "";
    const char *start = given + strspn(given, "-");
    snprintf(name, sizeof name, "%.*s", (int)strcspn(start, "="), start);
    const char *meant = base_suggest(name, names);
    if (meant != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "unknown option '%.64s'; did you mean --%s?",
                         given, meant);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "unknown option '%.64s'; hirsch --help lists all", given);
}

static enum base_code set_value(const struct cli_option *option, const char *value,
                                const char *where, struct cli_options *options,
                                struct base_error *error)
{
    if (option->set(options, value)) {
        return BASE_OK;
    }
    return base_fail(error, BASE_INVALID_ARGUMENT, "%s: '%.64s' is not %s", where, value,
                     option->expected);
}

/* argv[*at] is an option; *at moves on when it takes the next word as its value. */
static enum base_code take_option(int argc, char **argv, int *at, struct cli_options *options,
                                  struct base_error *error)
{
    const char *word = argv[*at];
    bool is_long = word[1] == '-';
    const struct cli_option *found = NULL;
    const char *value = NULL;
    size_t place = 0;
    for (size_t i = 0; i < OPTIONS && found == NULL; i++) {
        const struct cli_option *option = row(i);
        size_t length = strlen(option->name);
        if (is_long && strncmp(word + 2, option->name, length) == 0 &&
            (word[2 + length] == '\0' || word[2 + length] == '=')) {
            found = option;
            place = i;
            value = word[2 + length] == '=' ? word + 3 + length : NULL;
        } else if (!is_long && option->letter != 0 && word[1] == option->letter) {
            found = option;
            place = i;
            value = word[2] != '\0' ? word + 2 : NULL;
        }
    }
    if (found == NULL || (found->argument == NULL && value != NULL && !is_long)) {
        return unknown_option(word, error);
    }
    char where[NAME_MOST];
    snprintf(where, sizeof where, "--%s", found->name);
    options->given |= UINT64_C(1) << place;
    if (found->argument == NULL) {
        return value == NULL ? set_value(found, "", where, options, error)
                             : base_fail(error, BASE_INVALID_ARGUMENT, "%s takes no value", where);
    }
    if (value == NULL) {
        if (*at + 1 >= argc) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "%s needs a value: %s", where,
                             found->expected);
        }
        value = argv[++*at];
    }
    return set_value(found, value, where, options, error);
}

static enum base_code read_environment(cli_getenv *environment, struct cli_options *options,
                                       struct base_error *error)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        const char *value = row(i)->variable == NULL ? NULL : environment(row(i)->variable);
        if (value != NULL && value[0] != '\0') {
            enum base_code code = set_value(row(i), value, row(i)->variable, options, error);
            if (code != BASE_OK) {
                return code;
            }
        }
    }
    return BASE_OK;
}

enum base_code cli_options_parse(int argc, char **argv, cli_getenv *environment,
                                 struct cli_options *options, struct cli_arguments *arguments,
                                 struct base_error *error)
{
    struct cli_options made = {0};
    struct cli_arguments found = {NULL, 0, argv};
    bool ended = false;
    enum base_code code = read_environment(environment, &made, error);
    for (int i = 1; i < argc && code == BASE_OK; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && argv[i][0] == '-' && argv[i][1] != '\0') {
            code = take_option(argc, argv, &i, &made, error);
        } else if (found.command == NULL) {
            found.command = argv[i];
        } else {
            found.values[found.count++] = argv[i];
        }
    }
    if (code != BASE_OK) {
        return code;
    }
    *options = made;
    *arguments = found;
    return BASE_OK;
}

enum base_code cli_options_check(const struct cli_options *options, const char *command,
                                 const char *names, struct base_error *error)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if ((options->given >> i & 1) != 0 && !in_list(always, row(i)->name) &&
            !in_list(names, row(i)->name)) {
            return base_fail(error, BASE_INVALID_ARGUMENT,
                             "--%s does not go with '%s'; hirsch %s --help lists its options",
                             row(i)->name, command, command);
        }
    }
    const bool of_a_paper = in_list(names, "metrics");
    const char *reason =
        options->json && options->csv            ? "--csv does not go with --json"
        : options->papers && options->field      ? "--field does not go with --papers"
        : options->year != 0 && !options->papers ? "--year goes with --papers only"
        : options->days && options->as_of        ? "--as-of does not go with --days"
        : options->days && options->explain      ? "--explain does not go with --days"
        : options->days && options->groups       ? "--groups does not go with --days"
        : options->days && options->compare      ? "--compare does not go with --days"
        : options->days && options->timeline
            ? "--timeline is year by year; leave it out with --days"
        : options->explain && options->compare  ? "--compare does not go with --explain"
        : options->explain && options->timeline ? "--timeline does not go with --explain"
        : options->explain && options->groups   ? "--groups does not go with --explain"
        : options->has_limit && !options->explain && in_list(names, "explain")
            ? "--limit goes with --explain only"
        : options->as_of && of_a_paper && !options->metrics ? "--as-of goes with --metrics only"
        : options->self_citations != 0 && of_a_paper && !options->metrics
            ? "--self-citations goes with --metrics only"
        : of_a_paper && is_of_sets(options->self_citations)
            ? "--self-citations of a paper is include or coauthor; own and set are for sets"
            : NULL;
    return reason == NULL ? BASE_OK : base_fail(error, BASE_INVALID_ARGUMENT, "%s", reason);
}
