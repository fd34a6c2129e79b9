#include "cli/metrics_chart.h"

#include <math.h>

#include "cli/metrics_line.h"

/* Columns that a chart leaves to the number behind it. */
enum { NUMBER = 14, BARS_LEAST = 20, BARS_MOST = 801, HEIGHT_MOST = 1000000 };

/* What one chart shows: a column of the newest rows. */
struct column {
    const struct cli_metric_line *line;
    const ProtobufCMessage *const *rows;
    size_t count;
};

static size_t bars_of(size_t rows, const struct cli_screen *screen)
{
    size_t room = screen->width > CLI_METRIC_LABEL + NUMBER + BARS_LEAST
                      ? screen->width - CLI_METRIC_LABEL - NUMBER
                      : BARS_LEAST;
    room = room < BARS_MOST ? room : BARS_MOST;
    return rows < room ? rows : room;
}

static double value_at(const struct column *column, size_t row)
{
    const ProtobufCMessage *message = column->rows[row];
    const ProtobufCFieldDescriptor *field = cli_field_of(message, column->line->field);
    if (!cli_has_value(message, field)) {
        return 0;
    }
    const void *value = cli_member(message, field);
    return field->type == PROTOBUF_C_TYPE_DOUBLE ? *(const double *)value
                                                 : (double)*(const uint32_t *)value;
}

/* Bars, each as high as its part of the greatest. */
static void put_chart(struct base_buffer *out, const struct column *column,
                      const struct cli_screen *screen)
{
    uint32_t heights[BARS_MOST] = {0};
    size_t bars = bars_of(column->count, screen);
    size_t from = column->count - bars;
    double most = 0;
    for (size_t i = 0; i < bars; i++) {
        double value = value_at(column, from + i);
        most = value > most ? value : most;
    }
    for (size_t i = 0; i < bars && most > 0; i++) {
        heights[i] = (uint32_t)ceil(value_at(column, from + i) / most * HEIGHT_MOST);
    }
    size_t used = cli_put_cut(out, column->line->label, CLI_METRIC_LABEL - 1, screen);
    cli_put_blanks(out, CLI_METRIC_LABEL - used);
    cli_put_bars(out, heights, bars, screen);
    base_buffer_append_byte(out, ' ');
}

/* Years that the charts show: a narrow screen has no room for all. */
static void put_years(struct base_buffer *out, unsigned last, size_t count,
                      const struct cli_screen *screen)
{
    size_t bars = bars_of(count, screen);
    base_buffer_append_format(out, "%zu to %u, one column a year\n", last - bars + 1, last);
}

void cli_metrics_charts(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                        const struct cli_screen *screen)
{
    static const struct cli_metric_line lines[] = {
        {"papers of the year", "papers_added", NULL},
        {"citations of the year", "citations_added", NULL},
        {"h-index", "h_index", NULL},
        {"g-index", "g_index", NULL},
        {"i10", "i10_index", NULL},
        {"tori", "tori", NULL},
    };
    const Hirsch__V1__TimelineRow *last = metrics->timeline[metrics->n_timeline - 1];
    put_years(out, last->year, metrics->n_timeline, screen);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct column column = {&lines[i], (const ProtobufCMessage *const *)metrics->timeline,
                                      metrics->n_timeline};
        put_chart(out, &column, screen);
        cli_put_value(out, &last->base, &lines[i]);
        base_buffer_append_byte(out, '\n');
    }
}

void cli_metrics_timeline(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                          const struct cli_screen *screen)
{
    if (metrics->n_timeline == 0) {
        base_buffer_append_text(out, "no paper of the set has a date up to that day\n");
        return;
    }
    cli_metrics_charts(out, metrics, screen);
    cli_put_scope(out, metrics->scope, screen);
}

void cli_metrics_histograms(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                            const struct cli_screen *screen)
{
    static const struct cli_metric_line lines[] = {
        {"refereed papers", "refereed_papers", NULL},
        {"other papers", "other_papers", NULL},
        {"refereed cite refereed", "citations_refereed_to_refereed", NULL},
        {"refereed cite other", "citations_refereed_to_other", NULL},
        {"other cite refereed", "citations_other_to_refereed", NULL},
        {"other cite other", "citations_other_to_other", NULL},
    };
    const Hirsch__V1__SetHistograms *histograms = metrics->histograms;
    if (histograms == NULL || histograms->n_years == 0) {
        return;
    }
    base_buffer_append_text(out, "\npapers and citations, in all behind them; ");
    put_years(out, histograms->years[histograms->n_years - 1]->year, histograms->n_years, screen);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const struct column column = {&lines[i], (const ProtobufCMessage *const *)histograms->years,
                                      histograms->n_years};
        double sum = 0;
        for (size_t k = 0; k < column.count; k++) {
            sum += value_at(&column, k);
        }
        put_chart(out, &column, screen);
        cli_put_metric(out, sum);
        base_buffer_append_byte(out, '\n');
    }
}
