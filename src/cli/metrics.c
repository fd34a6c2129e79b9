#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "base/parse.h"
#include "cli/expression.h"
#include "cli/metrics_chart.h"
#include "cli/metrics_explained.h"
#include "cli/metrics_page.h"
#include "cli/metrics_request.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"

enum { SETS_MOST = 8, GROUPS_MOST = 8 };

/* One expression with its answer; everything in the arena. */
struct asked {
    const char *text;
    struct cli_set_request set;
    Hirsch__V1__SetMetrics *metrics;
    ProtobufCMessage *timeline; /* with --days: the answer, whose rows metrics shares */
};

static int ask_metrics(const struct cli_context *context, struct base_arena *arena,
                       const struct cli_scope_request *scope, const Hirsch__V1__MetricGroup *groups,
                       size_t group_count, struct asked *asked)
{
    Hirsch__V1__ComputeMetricsRequest request = HIRSCH__V1__COMPUTE_METRICS_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    request.n_set = asked->set.count;
    request.set = asked->set.terms;
    request.scope = (Hirsch__V1__MetricScope *)(uintptr_t)&scope->message;
    request.n_groups = group_count;
    request.groups = (Hirsch__V1__MetricGroup *)(uintptr_t)groups;
    if (cli_raw_call(context->client, CLIENT_COMPUTE_METRICS, &request.base,
                     &hirsch__v1__compute_metrics_response__descriptor, arena, &response,
                     &error) != HIRSCH_OK) {
        return cli_report(error, NULL);
    }
    asked->metrics = ((Hirsch__V1__ComputeMetricsResponse *)(void *)response)->metrics;
    if (asked->metrics == NULL) {
        cli_complain("the server left the numbers out");
        return BASE_EXIT_FAILED;
    }
    return BASE_EXIT_OK;
}

/* The days of --days as the server takes them; what is no day is the server's to say. */
static size_t split_days(const char *text, struct base_arena *arena, char ***days)
{
    size_t count = 1;
    for (const char *at = text; *at != '\0'; at++) {
        count += *at == ',';
    }
    char **list = base_arena_array(arena, count, sizeof *list);
    for (size_t i = 0; list != NULL && i < count; i++) {
        size_t size = strcspn(text, ",");
        struct base_slice day = base_arena_copy(arena, base_slice(text, size));
        if (day.data == NULL) {
            return 0;
        }
        list[i] = cli_text(day.data);
        text += size + (text[size] == ',');
    }
    *days = list;
    return list == NULL ? 0 : count;
}

/* A timeline in place of the set's numbers. */
static int ask_days(const struct cli_context *context, struct base_arena *arena,
                    const struct cli_scope_request *scope, struct asked *asked)
{
    Hirsch__V1__GetTimelineRequest request = HIRSCH__V1__GET_TIMELINE_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    request.n_set = asked->set.count;
    request.set = asked->set.terms;
    request.scope = (Hirsch__V1__MetricScope *)(uintptr_t)&scope->message;
    request.n_days = split_days(context->options->days, arena, &request.days);
    asked->metrics = base_arena_alloc(arena, sizeof *asked->metrics);
    if (request.n_days == 0 || asked->metrics == NULL) {
        cli_complain("memory is out");
        return BASE_EXIT_FAILED;
    }
    if (cli_raw_call(context->client, CLIENT_GET_TIMELINE, &request.base,
                     &hirsch__v1__get_timeline_response__descriptor, arena, &response,
                     &error) != HIRSCH_OK) {
        return cli_report(error, NULL);
    }
    const Hirsch__V1__GetTimelineResponse *answer = (const void *)response;
    hirsch__v1__set_metrics__init(asked->metrics);
    asked->timeline = response;
    asked->metrics->timeline = answer->timeline;
    asked->metrics->n_timeline = answer->n_timeline;
    asked->metrics->scope = answer->scope;
    return BASE_EXIT_OK;
}

static int explain(const struct cli_context *context, struct base_arena *arena,
                   const struct cli_scope_request *scope, const struct asked *asked)
{
    static const char *const names[] = {"", "h", "g", "i10", "cd", "fwci", "percentile"};
    Hirsch__V1__ExplainMetricRequest request = HIRSCH__V1__EXPLAIN_METRIC_REQUEST__INIT;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    const struct cli_options *options = context->options;
    request.n_set = asked->set.count;
    request.set = asked->set.terms;
    request.scope = (Hirsch__V1__MetricScope *)(uintptr_t)&scope->message;
    request.limit = options->has_limit ? (uint32_t)options->limit : 0;
    for (int i = 1; i < 7; i++) {
        request.metric = strcmp(names[i], options->explain) == 0 ? (Hirsch__V1__ExplainedMetric)i
                                                                 : request.metric;
    }
    if (cli_raw_call(context->client, CLIENT_EXPLAIN_METRIC, &request.base,
                     &hirsch__v1__explain_metric_response__descriptor, arena, &response,
                     &error) != HIRSCH_OK) {
        return cli_report(error, NULL);
    }
    const Hirsch__V1__ExplainMetricResponse *answer = (const void *)response;
    if (options->json) {
        cli_put_json(&out, response);
    } else if (answer->set != NULL) {
        cli_explanation_page(&out, options->explain, answer->set, &context->screen);
    } else if (answer->paper != NULL) {
        cli_indicator_page(&out, options->explain, answer->paper, &context->screen);
    }
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

/* BASIC, CITATIONS and INDICATORS unless --groups says otherwise. */
static bool read_groups(const struct cli_options *options, Hirsch__V1__MetricGroup *groups,
                        size_t *count)
{
    static const char *const names[] = {"",           "basic",    "citations", "indicators",
                                        "histograms", "timeline", "buckets"};
    const char *at = options->groups != NULL ? options->groups : "basic,citations,indicators";
    *count = 0;
    while (*at != '\0') {
        size_t size = strcspn(at, ",");
        int found = 0;
        for (int i = 1; i < 7; i++) {
            bool same = strlen(names[i]) == size && strncasecmp(names[i], at, size) == 0;
            found = same ? i : found;
        }
        if (found == 0 || *count + 1 >= GROUPS_MOST) {
            cli_complain("--groups: '%.*s' is no group; they are basic, citations, indicators, "
                         "histograms, timeline, buckets, separated by commas",
                         (int)size, at);
            return false;
        }
        groups[(*count)++] = (Hirsch__V1__MetricGroup)found;
        at += size;
        at += *at == ',' ? 1 : 0;
    }
    if (options->timeline) {
        groups[(*count)++] = HIRSCH__V1__METRIC_GROUP__METRIC_GROUP_TIMELINE;
    }
    return true;
}

/* Above each of several timelines. */
static void put_name(struct base_buffer *out, const char *name, bool first,
                     const struct cli_screen *screen)
{
    base_buffer_append_text(out, first ? "" : "\n");
    cli_style(out, CLI_BOLD, screen);
    cli_put_cut(out, name, screen->width, screen);
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
}

static void print_answers(const struct cli_context *context, const struct asked *asked,
                          size_t count, struct base_buffer *out)
{
    const struct cli_options *options = context->options;
    const Hirsch__V1__SetMetrics *metrics[SETS_MOST];
    const char *names[SETS_MOST];
    for (size_t i = 0; i < count; i++) {
        metrics[i] = asked[i].metrics;
        names[i] = asked[i].text;
        if (options->json) {
            cli_put_json(out, options->days != NULL ? asked[i].timeline : &metrics[i]->base);
        } else if (options->timeline && !options->csv) {
            if (count > 1) {
                put_name(out, names[i], i == 0, &context->screen);
            }
            cli_metrics_timeline(out, metrics[i], &context->screen);
        } else if (options->days != NULL && !options->csv) {
            cli_metrics_days(out, metrics[i], &context->screen);
        }
    }
    if (options->csv) {
        cli_metrics_csv(out, metrics, names, count);
    } else if (!options->json && !options->timeline && options->days == NULL) {
        cli_metrics_table(out, metrics, names, count, &context->screen);
    }
}

static int answer(const struct cli_context *context, struct base_arena *arena, struct asked *asked,
                  size_t count)
{
    struct cli_scope_request scope;
    Hirsch__V1__MetricGroup groups[GROUPS_MOST];
    size_t group_count;
    if (!cli_scope_request(context->options, &scope) ||
        !read_groups(context->options, groups, &group_count)) {
        return BASE_EXIT_USAGE;
    }
    for (size_t i = 0; i < count; i++) {
        int exit_code = cli_set_request(context->client, asked[i].text, arena, &asked[i].set);
        if (exit_code != BASE_EXIT_OK) {
            return exit_code;
        }
    }
    if (context->options->explain != NULL) {
        return explain(context, arena, &scope, &asked[0]);
    }
    for (size_t i = 0; i < count; i++) {
        int exit_code = context->options->days != NULL
                            ? ask_days(context, arena, &scope, &asked[i])
                            : ask_metrics(context, arena, &scope, groups, group_count, &asked[i]);
        if (exit_code != BASE_EXIT_OK) {
            return exit_code;
        }
    }
    struct base_buffer out = BASE_BUFFER_EMPTY;
    print_answers(context, asked, count, &out);
    bool printed = cli_print(&out);
    base_buffer_fini(&out);
    return printed ? BASE_EXIT_OK : BASE_EXIT_IO;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    struct asked asked[SETS_MOST] = {{.text = NULL}};
    struct base_buffer joined = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    size_t sets = 1;
    if (context->options->csv && !context->options->timeline && context->options->days == NULL) {
        cli_complain("--csv needs --timeline or --days; other numbers come as --json");
        return BASE_EXIT_USAGE;
    }
    if (context->options->compare && (count < 2 || count > SETS_MOST)) {
        cli_complain("--compare takes 2 to %d expressions, each in quotes", SETS_MOST);
        return BASE_EXIT_USAGE;
    }
    base_arena_init(&arena, 0);
    for (int i = 0; i < count; i++) {
        base_buffer_append_format(&joined, "%s%s", i > 0 ? " " : "", arguments[i]);
        if (context->options->compare) {
            asked[i].text = arguments[i];
            sets = (size_t)count;
        }
    }
    base_buffer_append_byte(&joined, '\0');
    if (!context->options->compare) {
        asked[0].text = joined.data;
    }
    int exit_code = joined.failed ? BASE_EXIT_FAILED : answer(context, &arena, asked, sets);
    base_buffer_fini(&joined);
    base_arena_fini(&arena);
    return exit_code;
}

const struct cli_command cli_command_metrics = {
    .name = "metrics",
    .arguments = "EXPRESSION",
    .summary = "every number of an author, a paper or any set of papers",
    .help =
        "An expression is an id, or ids joined by + (in either), & (in both) and - (in the first\n"
        "and not in the second), with blanks around the signs and parentheses; & binds tighter.\n"
        "Beside ids: field:cs.LG, year:2010-2015, kind:article. All numbers obey one scope, which\n"
        "the options set; README says what they mean.\n"
        "\n"
        "Examples:\n"
        "  hirsch metrics openalex:A5023888391 --as-of 2020-12-31\n"
        "  hirsch metrics 'orcid:0000-0001-6187-6610 & year:2015-' --self-citations own --json\n"
        "  hirsch metrics openalex:A5023888391 --timeline\n"
        "  hirsch metrics openalex:A5023888391 --days 2010-06-30,2015-06-30 --csv\n"
        "  hirsch metrics openalex:A5023888391 --explain h\n"
        "  hirsch metrics --compare openalex:A1 'openalex:A2 - openalex:A1'\n",
    .options = "server timeout json csv as-of self-citations counting position years field groups "
               "explain timeline days compare limit",
    .takes = "an expression: one id, or ids joined by + & -",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
