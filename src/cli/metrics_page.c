#include "cli/metrics_page.h"

#include <stdio.h>

#include "cli/metrics_chart.h"
#include "cli/metrics_line.h"
#include "cli/sheet.h"

static const struct cli_metric_line set_lines[] = {
    {"papers", "paper_count", NULL},
    {"citations", "citation_count", NULL},
    {"citing papers", "citing_paper_count", NULL},
    {"self-citations", "self_citation_count", NULL},
    {"first year", "first_year", NULL},
    {"last year", "last_year", NULL},
    {"h-index", "h_index", NULL},
    {"g-index", "g_index", NULL},
    {"i10", "i10_index", NULL},
    {"i100", "i100_index", NULL},
    {"m-quotient", "m_quotient", NULL},
    {"tori", "tori", NULL},
    {"riq", "riq", NULL},
    {"h, last 5 years", "h_recent5", "recent5_undefined"},
    {"i10, last 5 years", "i10_recent5", "recent5_undefined"},
    {"citations, last 5 years", "citations_recent5", "recent5_undefined"},
    {"h5, published", "h5_published", NULL},
    {"h5 median", "h5_median", NULL},
    {"normalized papers", "normalized_paper_count", NULL},
    {"normalized citations", "normalized_citation_count", NULL},
    {"mean citations", "mean_citations", NULL},
    {"median citations", "median_citations", NULL},
    {"uncited share", "uncited_share", NULL},
    {"gini", "gini", NULL},
    {"citation half-life", "citation_half_life", NULL},
    {"s-index", "s_index", NULL},
};

enum { SET_LINES = sizeof set_lines / sizeof set_lines[0] };

static void put_buckets(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics)
{
    enum { RANGE = 12, PAPERS = 10 };
    for (size_t i = 0; i < metrics->n_buckets; i++) {
        const Hirsch__V1__CitationBucket *bucket = metrics->buckets[i];
        char range[32];
        if (bucket->most_presence_case == HIRSCH__V1__CITATION_BUCKET__MOST_PRESENCE__NOT_SET) {
            snprintf(range, sizeof range, "%u and more", bucket->least);
        } else if (bucket->least == bucket->most) {
            snprintf(range, sizeof range, "%u", bucket->least);
        } else {
            snprintf(range, sizeof range, "%u to %u", bucket->least, bucket->most);
        }
        base_buffer_append_text(out, i == 0 ? "\npapers by citations\n" : "");
        base_buffer_append_format(out, "  %*s %*u\n", RANGE, range, PAPERS, bucket->paper_count);
    }
}

void cli_metrics_table(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                       const char *const *names, size_t count, const struct cli_screen *screen)
{
    if (count > 1) {
        cli_style(out, CLI_BOLD, screen);
        cli_put_blanks(out, CLI_METRIC_LABEL);
        for (size_t i = 0; i < count; i++) {
            struct base_buffer name = BASE_BUFFER_EMPTY;
            cli_put_cut(&name, names[i], CLI_METRIC_VALUE - 2, screen);
            cli_put_right(out, &name, CLI_METRIC_VALUE);
            base_buffer_fini(&name);
        }
        cli_style(out, CLI_PLAIN, screen);
        base_buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < SET_LINES; i++) {
        cli_put_line(out, &set_lines[i], (const ProtobufCMessage *const *)metrics, count, screen);
    }
    if (count == 1) {
        put_buckets(out, metrics[0]);
        cli_metrics_histograms(out, metrics[0], screen);
        if (metrics[0]->n_timeline > 0) {
            base_buffer_append_byte(out, '\n');
            cli_metrics_charts(out, metrics[0], screen);
        }
    }
    for (size_t i = 0; i < count; i++) {
        cli_put_scope(out, metrics[i]->scope, screen);
    }
}

void cli_metrics_days(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                      const struct cli_screen *screen)
{
    static const struct cli_metric_line columns[] = {
        {"papers", "paper_count", NULL},
        {"citations", "citation_count", NULL},
        {"h", "h_index", NULL},
        {"g", "g_index", NULL},
        {"i10", "i10_index", NULL},
        {"i100", "i100_index", NULL},
        {"m", "m_quotient", NULL},
        {"tori", "tori", NULL},
        {"riq", "riq", NULL},
    };
    enum { COLUMNS = sizeof columns / sizeof columns[0], DAY = 10, WIDE = 11, NARROW = 8 };
    cli_style(out, CLI_BOLD, screen);
    base_buffer_append_format(out, "%-*s", DAY, "day");
    for (size_t i = 0; i < COLUMNS; i++) {
        base_buffer_append_format(out, "%*s", i < 2 ? WIDE : NARROW, columns[i].label);
    }
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
    for (size_t k = 0; k < metrics->n_timeline; k++) {
        base_buffer_append_format(out, "%-*s", DAY, metrics->timeline[k]->day);
        for (size_t i = 0; i < COLUMNS; i++) {
            struct base_buffer value = BASE_BUFFER_EMPTY;
            const ProtobufCMessage *row = &metrics->timeline[k]->base;
            if (cli_has_value(row, cli_field_of(row, columns[i].field))) {
                cli_put_value(&value, row, &columns[i]);
            } else {
                cli_put_absent(&value, screen);
            }
            cli_put_right(out, &value, i < 2 ? WIDE : NARROW);
            base_buffer_fini(&value);
        }
        base_buffer_append_byte(out, '\n');
    }
    cli_put_scope(out, metrics->scope, screen);
}

static const char *const csv_columns[] = {"paper_count", "citation_count", "citing_paper_count",
                                          "h_index",     "g_index",        "i10_index",
                                          "i100_index",  "m_quotient",     "tori",
                                          "riq",         "papers_added",   "citations_added"};
enum { CSV_COLUMNS = sizeof csv_columns / sizeof csv_columns[0] };

static void put_csv_row(struct base_buffer *out, const Hirsch__V1__TimelineRow *from)
{
    const ProtobufCMessage *row = &from->base;
    base_buffer_append_format(out, "%u,%s", from->year, from->day);
    for (size_t i = 0; i < CSV_COLUMNS; i++) {
        const ProtobufCFieldDescriptor *field = cli_field_of(row, csv_columns[i]);
        base_buffer_append_byte(out, ',');
        if (cli_has_value(row, field) && field->type == PROTOBUF_C_TYPE_DOUBLE) {
            base_buffer_append_format(out, "%.17g", *(const double *)cli_member(row, field));
        } else if (cli_has_value(row, field)) {
            base_buffer_append_format(out, "%u", *(const uint32_t *)cli_member(row, field));
        }
    }
    base_buffer_append_text(out, "\r\n");
}

void cli_metrics_csv(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                     const char *const *names, size_t count)
{
    base_buffer_append_text(out, count > 1 ? "expression,year,day" : "year,day");
    for (size_t i = 0; i < CSV_COLUMNS; i++) {
        base_buffer_append_format(out, ",%s", csv_columns[i]);
    }
    base_buffer_append_text(out, "\r\n");
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < metrics[i]->n_timeline; k++) {
            if (count > 1) {
                cli_sheet_csv_text(out, names[i]);
                base_buffer_append_byte(out, ',');
            }
            put_csv_row(out, metrics[i]->timeline[k]);
        }
    }
}
