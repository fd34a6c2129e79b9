#include "cli/metrics_page.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { LABEL = 28, VALUE = 22 };

/* A number of a message: what is shown, and the field that holds it. */
struct line {
    const char *label;
    const char *field;
    const char *reason; /* field that says why it is undefined; NULL: the field's own */
};

static const struct line set_lines[] = {
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

static const struct line paper_lines[] = {
    {"citations", "citation_count", NULL},
    {"references", "reference_count", NULL},
    {"self-citations", "self_citation_count", NULL},
    {"velocity, last year", "velocity", NULL},
    {"percentile", "percentile", NULL},
    {"fwci", "fwci", NULL},
    {"fwci, 95 % from", "fwci_lower", "fwci_undefined"},
    {"fwci, 95 % to", "fwci_upper", "fwci_undefined"},
    {"cd", "cd", NULL},
    {"mcd", "mcd", "cd_undefined"},
    {"di1", "di1", NULL},
    {"di5", "di5", NULL},
    {"di nok", "di_nok", NULL},
    {"dep", "dep", NULL},
    {"sleeping beauty", "sleeping_beauty", NULL},
    {"awakening year", "awakening_year", "sleeping_beauty_undefined"},
};

enum {
    SET_LINES = sizeof set_lines / sizeof set_lines[0],
    PAPER_LINES = sizeof paper_lines / sizeof paper_lines[0],
};

static const void *member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessage *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

static bool is_there(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *chosen = (const char *)message + field->quantifier_offset;
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
           *(const uint32_t *)chosen == field->id;
}

static void put_double(struct base_buffer *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15) {
        base_buffer_append_text(out, value < 0 ? "-" : "");
        cli_put_number(out, (uint64_t)fabs(value));
    } else {
        base_buffer_append_format(out, fabs(value) < 100 ? "%.3f" : "%.1f", value);
    }
}

/* Why a number is not there; "" when it was not asked for. */
static const char *reason_of(const ProtobufCMessage *message, const struct line *line)
{
    char name[64];
    snprintf(name, sizeof name, "%s_undefined", line->field);
    const ProtobufCFieldDescriptor *field =
        field_of(message, line->reason != NULL ? line->reason : name);
    return field == NULL ? "" : *(char *const *)member(message, field);
}

/* Appends what stands in a column; false: the number was not asked for. */
static bool put_value(struct base_buffer *out, const ProtobufCMessage *message,
                      const struct line *line)
{
    const ProtobufCFieldDescriptor *field = field_of(message, line->field);
    if (is_there(message, field)) {
        if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
            put_double(out, *(const double *)member(message, field));
        } else if (strstr(line->field, "year") != NULL) {
            base_buffer_append_format(out, "%u", *(const uint32_t *)member(message, field));
        } else {
            cli_put_number(out, *(const uint32_t *)member(message, field));
        }
        return true;
    }
    const char *reason = reason_of(message, line);
    base_buffer_append_text(out, reason);
    return reason[0] != '\0';
}

static void put_right(struct base_buffer *out, const struct base_buffer *text, size_t width)
{
    size_t columns = cli_columns(base_buffer_slice(text));
    if (columns < width) {
        cli_put_blanks(out, width - columns);
    }
    base_buffer_append_slice(out, base_buffer_slice(text));
}

static void put_line(struct base_buffer *out, const struct line *line,
                     const ProtobufCMessage *const *messages, size_t count,
                     const struct cli_screen *screen)
{
    struct base_buffer row = BASE_BUFFER_EMPTY;
    struct base_buffer value = BASE_BUFFER_EMPTY;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        base_buffer_clear(&value);
        any = put_value(&value, messages[i], line) || any;
        put_right(&row, &value, VALUE);
    }
    if (any) {
        size_t used = cli_put_cut(out, line->label, LABEL - 1, screen);
        cli_put_blanks(out, LABEL - used);
        base_buffer_append_slice(out, base_buffer_slice(&row));
        base_buffer_append_byte(out, '\n');
    }
    base_buffer_fini(&value);
    base_buffer_fini(&row);
}

static void put_notes(struct base_buffer *out, const Hirsch__V1__UsedScope *scope,
                      const struct cli_screen *screen)
{
    if (scope == NULL) {
        return;
    }
    cli_style(out, CLI_DIM, screen);
    base_buffer_append_format(
        out, "\n%u of %u papers count%s%s, sequence %llu\n", scope->counted_papers, scope->set_size,
        scope->day[0] != '\0' ? ", day " : "", scope->day, (unsigned long long)scope->sequence);
    cli_style(out, CLI_PLAIN, screen);
    for (size_t i = 0; i < scope->n_notes; i++) {
        cli_style(out, CLI_WARN, screen);
        base_buffer_append_format(out, "%s", scope->notes[i]->code);
        cli_style(out, CLI_PLAIN, screen);
        if (scope->notes[i]->count > 0) {
            base_buffer_append_format(out, " (%u)", scope->notes[i]->count);
        }
        base_buffer_append_format(out, ": %s\n", scope->notes[i]->message);
    }
}

void cli_metrics_table(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                       const char *const *names, size_t count, const struct cli_screen *screen)
{
    if (count > 1) {
        cli_style(out, CLI_BOLD, screen);
        cli_put_blanks(out, LABEL);
        for (size_t i = 0; i < count; i++) {
            struct base_buffer name = BASE_BUFFER_EMPTY;
            cli_put_cut(&name, names[i], VALUE - 2, screen);
            put_right(out, &name, VALUE);
            base_buffer_fini(&name);
        }
        cli_style(out, CLI_PLAIN, screen);
        base_buffer_append_byte(out, '\n');
    }
    for (size_t i = 0; i < SET_LINES; i++) {
        put_line(out, &set_lines[i], (const ProtobufCMessage *const *)metrics, count, screen);
    }
    for (size_t i = 0; i < count; i++) {
        put_notes(out, metrics[i]->scope, screen);
    }
    for (size_t k = 0; count == 1 && k < metrics[0]->n_buckets; k++) {
        const Hirsch__V1__CitationBucket *bucket = metrics[0]->buckets[k];
        base_buffer_append_format(out, k == 0 ? "\npapers by citations\n" : "");
        base_buffer_append_format(out, "  %4u and more %10u\n", bucket->least, bucket->paper_count);
    }
}

/* A chart of one column of a timeline: its bars, and first and last value. */
static void put_chart(struct base_buffer *out, const char *label,
                      const Hirsch__V1__SetMetrics *metrics, const struct line *line,
                      const struct cli_screen *screen)
{
    enum { BARS = 801 };
    uint32_t heights[BARS];
    size_t room = screen->width > LABEL + 14 ? screen->width - LABEL - 14 : 20;
    size_t count = metrics->n_timeline < room ? metrics->n_timeline : room;
    size_t from = metrics->n_timeline - count;
    for (size_t i = 0; i < count && i < BARS; i++) {
        const ProtobufCMessage *row = &metrics->timeline[from + i]->base;
        const ProtobufCFieldDescriptor *field = field_of(row, line->field);
        double value = field->type == PROTOBUF_C_TYPE_DOUBLE
                           ? *(const double *)member(row, field)
                           : (double)*(const uint32_t *)member(row, field);
        heights[i] = is_there(row, field) ? (uint32_t)(value < 1 ? value * 1000 : value) : 0;
    }
    size_t used = cli_put_cut(out, label, LABEL - 1, screen);
    cli_put_blanks(out, LABEL - used);
    cli_put_bars(out, heights, count, screen);
    base_buffer_append_byte(out, ' ');
    put_value(out, &metrics->timeline[metrics->n_timeline - 1]->base, line);
    base_buffer_append_byte(out, '\n');
}

void cli_metrics_timeline(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                          const struct cli_screen *screen)
{
    static const struct line lines[] = {
        {"papers of the year", "papers_added", NULL},
        {"citations of the year", "citations_added", NULL},
        {"h-index", "h_index", NULL},
        {"g-index", "g_index", NULL},
        {"i10", "i10_index", NULL},
        {"tori", "tori", NULL},
    };
    if (metrics->n_timeline == 0) {
        base_buffer_append_text(out, "no paper of the set has a date up to that day\n");
        return;
    }
    base_buffer_append_format(out, "%u to %u, one column a year\n", metrics->timeline[0]->year,
                              metrics->timeline[metrics->n_timeline - 1]->year);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        put_chart(out, lines[i].label, metrics, &lines[i], screen);
    }
    put_notes(out, metrics->scope, screen);
}

void cli_metrics_days(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                      const struct cli_screen *screen)
{
    static const struct line columns[] = {
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
            if (is_there(row, field_of(row, columns[i].field))) {
                put_value(&value, row, &columns[i]);
            } else {
                base_buffer_append_text(&value, screen->unicode ? "\xe2\x80\x93" : "-");
            }
            put_right(out, &value, i < 2 ? WIDE : NARROW);
            base_buffer_fini(&value);
        }
        base_buffer_append_byte(out, '\n');
    }
    put_notes(out, metrics->scope, screen);
}

void cli_metrics_csv(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics)
{
    static const char *const columns[] = {"paper_count", "citation_count", "citing_paper_count",
                                          "h_index",     "g_index",        "i10_index",
                                          "i100_index",  "m_quotient",     "tori",
                                          "riq",         "papers_added",   "citations_added"};
    enum { COLUMNS = sizeof columns / sizeof columns[0] };
    base_buffer_append_text(out, "year,day");
    for (size_t i = 0; i < COLUMNS; i++) {
        base_buffer_append_format(out, ",%s", columns[i]);
    }
    base_buffer_append_text(out, "\r\n");
    for (size_t k = 0; k < metrics->n_timeline; k++) {
        const ProtobufCMessage *row = &metrics->timeline[k]->base;
        base_buffer_append_format(out, "%u,%s", metrics->timeline[k]->year,
                                  metrics->timeline[k]->day);
        for (size_t i = 0; i < COLUMNS; i++) {
            const ProtobufCFieldDescriptor *field = field_of(row, columns[i]);
            base_buffer_append_byte(out, ',');
            if (is_there(row, field) && field->type == PROTOBUF_C_TYPE_DOUBLE) {
                base_buffer_append_format(out, "%.17g", *(const double *)member(row, field));
            } else if (is_there(row, field)) {
                base_buffer_append_format(out, "%u", *(const uint32_t *)member(row, field));
            }
        }
        base_buffer_append_text(out, "\r\n");
    }
}

static void put_papers(struct base_buffer *out, const char *heading,
                       Hirsch__V1__ExplainedPaper *const *papers, size_t count, uint32_t more,
                       bool lacking, const struct cli_screen *screen)
{
    cli_style(out, CLI_BOLD, screen);
    base_buffer_append_format(out, "\n%s\n", heading);
    cli_style(out, CLI_PLAIN, screen);
    for (size_t i = 0; i < count; i++) {
        struct base_buffer number = BASE_BUFFER_EMPTY;
        put_double(&number, papers[i]->citation_count);
        if (lacking) {
            base_buffer_append_text(&number, "  lacks ");
            put_double(&number, papers[i]->missing);
        }
        size_t width = lacking ? 20 : 10;
        cli_put_blanks(out, number.size < width ? width - number.size : 1);
        base_buffer_append_slice(out, base_buffer_slice(&number));
        base_buffer_append_text(out, "  ");
        cli_put_cut(out, papers[i]->title[0] != '\0' ? papers[i]->title : papers[i]->id,
                    screen->width > width + 4 ? screen->width - width - 4 : 40, screen);
        base_buffer_append_byte(out, '\n');
        base_buffer_fini(&number);
    }
    if (more > 0) {
        base_buffer_append_format(out, "  and %u more\n", more);
    }
}

void cli_explanation_page(struct base_buffer *out, const char *metric,
                          const Hirsch__V1__SetExplanation *set, const struct cli_screen *screen)
{
    char heading[64];
    base_buffer_append_format(out, "%s = %u\n", metric, set->value);
    put_papers(out, "the papers that make it", set->witnesses, set->n_witnesses,
               set->more_witnesses, false, screen);
    snprintf(heading, sizeof heading, "for %u", set->value + 1);
    put_papers(out, heading, set->nearest, set->n_nearest, set->more_nearest, true, screen);
    base_buffer_append_text(out, "  citations that lack: ");
    put_double(out, set->missing_citations);
    base_buffer_append_text(out, set->needs_paper ? ", and one more paper\n" : "\n");
    for (size_t i = 0; i < set->n_steps; i++) {
        base_buffer_append_text(out, i == 0 ? "\nfirst reached\n" : "");
        base_buffer_append_format(out, "  %6u  %s\n", set->steps[i]->value, set->steps[i]->day);
    }
}

void cli_indicators_page(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper,
                         const struct cli_screen *screen)
{
    const ProtobufCMessage *const message = &paper->base;
    base_buffer_append_format(out, "%s%s\n\n", paper->id, paper->stub ? " (stub)" : "");
    for (size_t i = 0; i < PAPER_LINES; i++) {
        put_line(out, &paper_lines[i], &message, 1, screen);
    }
    if (paper->cohort != NULL) {
        base_buffer_append_format(out,
                                  "\ncohort: %u papers of %u in %s, computed at sequence %llu\n",
                                  paper->cohort->size, paper->cohort->year, paper->cohort->field,
                                  (unsigned long long)paper->cohort->sequence);
    }
    put_notes(out, paper->scope, screen);
}
