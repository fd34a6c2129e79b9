#include "cli/author_page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/paper_page.h"
#include "cli/parts.h"

enum {
    FACTS = 12,
    COLUMN = 14, /* of a reported or computed number, right-aligned */
    /* Columns of sources that fit beside the labels; the others are named below the table. */
    SOURCES_MOST = 6,
};

/* The parts of an author that a cell of the table may show. */
struct source {
    const struct hirsch_author *author;
    const struct hirsch_reported_metrics *reported; /* NULL: the computed column */
};

typedef bool cell_writer(struct base_buffer *cell, const struct source *source,
                         const struct cli_screen *screen);

static bool put_if(struct base_buffer *cell, bool has, uint32_t number)
{
    if (has) {
        cli_put_number(cell, number);
    }
    return has;
}

#define NUMBER_CELL(name, reported_has, reported_number, computed_number)                          \
    static bool name(struct base_buffer *cell, const struct source *source,                        \
                     const struct cli_screen *screen)                                              \
    {                                                                                              \
        (void)screen;                                                                              \
        const struct hirsch_reported_metrics *r = source->reported;                                \
        const struct hirsch_author_metrics *c = &source->author->metrics;                          \
        return r == NULL ? put_if(cell, true, (computed_number))                                   \
                         : put_if(cell, (reported_has), (reported_number));                        \
    }

NUMBER_CELL(cell_papers, r->has_paper_count, r->paper_count, c->paper_count)
NUMBER_CELL(cell_citations, r->has_citation_count, r->citation_count, c->citation_count)
NUMBER_CELL(cell_h, r->has_h_index, r->h_index, c->h_index)
NUMBER_CELL(cell_g, false, 0, c->g_index)
NUMBER_CELL(cell_i10, r->has_i10_index, r->i10_index, c->i10_index)
NUMBER_CELL(cell_i100, false, 0, c->i100_index)
NUMBER_CELL(cell_citing, false, 0, c->citing_paper_count)
NUMBER_CELL(cell_self, false, 0, c->self_citation_count)

static bool cell_m(struct base_buffer *cell, const struct source *source,
                   const struct cli_screen *screen)
{
    (void)screen;
    const struct hirsch_author_metrics *metrics = &source->author->metrics;
    bool has = source->reported == NULL && metrics->has_m_quotient && isfinite(metrics->m_quotient);
    if (has) {
        base_buffer_append_format(cell, "%.2f", metrics->m_quotient);
    }
    return has;
}

static bool cell_years(struct base_buffer *cell, const struct source *source,
                       const struct cli_screen *screen)
{
    const struct hirsch_author_metrics *metrics = &source->author->metrics;
    if (source->reported != NULL || !metrics->has_years) {
        return false;
    }
    base_buffer_append_format(cell, "%u", metrics->first_year);
    if (metrics->last_year != metrics->first_year) {
        base_buffer_append_format(cell, "%s%u", screen->unicode ? "\xe2\x80\x93" : "-",
                                  metrics->last_year);
    }
    return true;
}

/* One digit behind the point where it is not 0. */
static bool put_short(struct base_buffer *cell, bool has, double number, const char *unit)
{
    if (!has || !isfinite(number)) {
        return false;
    }
    double tenths = round(number * 10);
    bool whole = fmod(tenths, 10) == 0;
    base_buffer_append_format(cell, "%.*f%s", whole ? 0 : 1, tenths / 10, unit);
    return true;
}

static bool cell_novelty(struct base_buffer *cell, const struct source *source,
                         const struct cli_screen *screen)
{
    (void)screen;
    const struct hirsch_reported_metrics *reported = source->reported;
    return reported != NULL &&
           put_short(cell, reported->has_novelty, reported->novelty * 100, " %");
}

static bool cell_ai_score(struct base_buffer *cell, const struct source *source,
                          const struct cli_screen *screen)
{
    (void)screen;
    const struct hirsch_reported_metrics *reported = source->reported;
    return reported != NULL && put_short(cell, reported->has_ai_score, reported->ai_score, "");
}

static const struct row {
    const char *label;
    cell_writer *write;
} rows[] = {
    {"papers", cell_papers},      {"citations", cell_citations},  {"h-index", cell_h},
    {"g-index", cell_g},          {"i10-index", cell_i10},        {"i100-index", cell_i100},
    {"m-quotient", cell_m},       {"citing papers", cell_citing}, {"self-citations", cell_self},
    {"active years", cell_years}, {"novelty", cell_novelty},      {"AI score", cell_ai_score},
};

static void put_right(struct base_buffer *out, struct base_slice text)
{
    size_t columns = cli_columns(text);
    cli_put_blanks(out, columns < COLUMN ? COLUMN - columns : 1);
    base_buffer_append_slice(out, text);
}

/* Nothing when no source says anything for this row. */
static void put_row(struct base_buffer *out, const struct row *row, const struct source *sources,
                    size_t count, const struct cli_screen *screen)
{
    struct base_buffer line = BASE_BUFFER_EMPTY;
    struct base_buffer cell = BASE_BUFFER_EMPTY;
    bool any = false;
    base_buffer_append_text(&line, row->label);
    cli_put_blanks(&line, CLI_LABEL - strlen(row->label));
    for (size_t i = 0; i < count; i++) {
        base_buffer_clear(&cell);
        if (row->write(&cell, &sources[i], screen)) {
            any = true;
            put_right(&line, base_buffer_slice(&cell));
        } else {
            cli_style(&line, CLI_DIM, screen);
            put_right(&line, screen->unicode ? BASE_SLICE("\xe2\x80\x93") : BASE_SLICE("-"));
            cli_style(&line, CLI_PLAIN, screen);
        }
    }
    if (any) {
        base_buffer_append_byte(&line, '\n');
        base_buffer_append_slice(out, base_buffer_slice(&line));
    }
    out->failed = out->failed || line.failed || cell.failed;
    base_buffer_fini(&line);
    base_buffer_fini(&cell);
}

static void put_table_heading(struct base_buffer *out, size_t count, size_t reported_count,
                              const struct cli_screen *screen)
{
    char title[32];
    cli_style(out, CLI_DIM, screen);
    cli_put_blanks(out, CLI_LABEL);
    put_right(out, BASE_SLICE("computed"));
    for (size_t i = 1; i < count; i++) {
        if (reported_count == 1) {
            put_right(out, BASE_SLICE("reported"));
        } else {
            int length = snprintf(title, sizeof title, "reported [%zu]", i);
            put_right(out, base_slice(title, (size_t)length));
        }
    }
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
}

static void put_numbers(struct base_buffer *out, const struct hirsch_author *author,
                        const struct cli_screen *screen)
{
    struct source sources[1 + SOURCES_MOST] = {{author, NULL}};
    size_t fitting = (screen->width - CLI_LABEL) / COLUMN;
    size_t count = 1;
    while (count < fitting && count <= SOURCES_MOST && count <= author->reported_count) {
        sources[count] = (struct source){author, &author->reported[count - 1]};
        count++;
    }
    base_buffer_append_byte(out, '\n');
    put_table_heading(out, count, author->reported_count, screen);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        put_row(out, &rows[i], sources, count, screen);
    }
    for (size_t i = 0; i + 1 < count; i++) {
        base_buffer_append_byte(out, '\n');
        cli_put_reporter(out, &author->reported[i], author->reported_count == 1 ? 0 : i + 1,
                         screen);
    }
    if (author->reported_count + 1 > count) {
        size_t more = author->reported_count + 1 - count;
        base_buffer_append_format(out, "\n%zu more source%s: --json shows all of them\n", more,
                                  more == 1 ? "" : "s");
    }
}

static void put_years(struct base_buffer *out, const struct hirsch_author *author,
                      const struct cli_screen *screen)
{
    size_t count = author->metrics.counts_by_year_count;
    struct cli_year *years = calloc(count + 1, sizeof *years);
    if (years == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct hirsch_author_year *year = &author->metrics.counts_by_year[i];
        years[i] = (struct cli_year){year->year, year->citation_count};
    }
    cli_put_years(out, years, count, screen);
    free(years);
}

static const char *field_text(const struct hirsch_field *field)
{
    return field->display_name[0] != '\0' ? field->display_name : field->id;
}

void cli_author_head(struct base_buffer *out, const struct hirsch_author *author,
                     const struct cli_screen *screen)
{
    const char *name = author->display_name[0] != '\0' ? author->display_name : author->id;
    const char *field = field_text(&author->primary_field);
    struct base_buffer clean = BASE_BUFFER_EMPTY;
    cli_clean(base_slice_text(field), &clean);
    size_t field_columns = cli_columns(base_buffer_slice(&clean));
    base_buffer_fini(&clean);
    cli_style(out, CLI_BOLD, screen);
    size_t used = cli_put_cut(out, name, screen->width, screen);
    cli_style(out, CLI_PLAIN, screen);
    if (field_columns > 0) {
        /* Beside the name where it fits, else below. */
        base_buffer_append_text(out, used + 2 + field_columns <= screen->width ? "  " : "\n");
        cli_style(out, CLI_TAG, screen);
        cli_put_cut(out, field, screen->width, screen);
        cli_style(out, CLI_PLAIN, screen);
    }
    base_buffer_append_byte(out, '\n');
    if (author->name_only) {
        cli_style(out, CLI_WARN, screen);
        base_buffer_append_text(out, "papers by this name, not a known person\n");
        cli_style(out, CLI_PLAIN, screen);
    }
    cli_put_facts(out, "ids", author->ids, author->id_count, FACTS, screen);
    cli_put_facts(out, "disputed ids", author->disputed_ids, author->disputed_id_count, FACTS,
                  screen);
    cli_put_facts(out, "also known as", author->alternative_names, author->alternative_name_count,
                  FACTS, screen);
    cli_put_affiliations(out, "affiliations", author->affiliations, author->affiliation_count,
                         FACTS, screen);
    put_numbers(out, author, screen);
    put_years(out, author, screen);
}

void cli_author_papers(struct base_buffer *out, const char *author_id,
                       const struct hirsch_paper *papers, size_t count, uint64_t total,
                       const struct cli_screen *screen)
{
    base_buffer_append_byte(out, '\n');
    cli_papers_heading(out, total, screen);
    for (size_t i = 0; i < count; i++) {
        base_buffer_append_byte(out, '\n');
        cli_paper_block(out, &papers[i], screen);
    }
    if (total > count) {
        base_buffer_append_byte(out, '\n');
        cli_put_number(out, total - count);
        base_buffer_append_text(out, " more: hirsch papers ");
        cli_clean(base_slice_text(author_id), out);
        base_buffer_append_byte(out, '\n');
    }
}

enum { ROW_NUMBERS = 3 * 11, ROW_FIELD = 10 };

static void put_row_number(struct base_buffer *out, uint32_t number)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    cli_put_number(&text, number);
    cli_put_blanks(out, text.size < 11 ? 11 - text.size : 1);
    base_buffer_append_slice(out, base_buffer_slice(&text));
    out->failed = out->failed || text.failed;
    base_buffer_fini(&text);
}

void cli_author_row_heading(struct base_buffer *out, const struct cli_screen *screen)
{
    size_t name = screen->width > ROW_NUMBERS + 24 ? screen->width - ROW_NUMBERS : 24;
    cli_style(out, CLI_DIM, screen);
    base_buffer_append_text(out, "author");
    cli_put_blanks(out, name - 6);
    base_buffer_append_text(out, "     papers  citations    h-index");
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
}

void cli_author_row(struct base_buffer *out, const struct hirsch_author *author,
                    const struct cli_screen *screen)
{
    size_t name = screen->width > ROW_NUMBERS + 24 ? screen->width - ROW_NUMBERS : 24;
    const char *shown = author->display_name[0] != '\0' ? author->display_name : author->id;
    const char *field = field_text(&author->primary_field);
    size_t field_room = field[0] == '\0' ? 0 : ROW_FIELD + 2;
    size_t used = cli_put_cut(out, shown, name - field_room, screen);
    if (field_room > 0) {
        base_buffer_append_text(out, "  ");
        cli_style(out, CLI_TAG, screen);
        used += 2 + cli_put_cut(out, field, ROW_FIELD, screen);
        cli_style(out, CLI_PLAIN, screen);
    }
    cli_put_blanks(out, name - used);
    put_row_number(out, author->metrics.paper_count);
    put_row_number(out, author->metrics.citation_count);
    put_row_number(out, author->metrics.h_index);
    base_buffer_append_byte(out, '\n');
    cli_put_blanks(out, 2);
    cli_style(out, CLI_DIM, screen);
    cli_put_cut(out, author->id, screen->width - 2, screen);
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
}
