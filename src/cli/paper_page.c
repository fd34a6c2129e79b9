#include "cli/paper_page.h"

#include <stdlib.h>

#include "cli/parts.h"

enum {
    INDENT = 2,
    FIRST_AUTHORS = 3,
    PAGE_AUTHORS = 30,
    TAGS = 6,
    SUMMARY_LINES = 3,
    PAGE_IDS = 12,
    FIELD_LEAST = 8,
};

const char *cli_kind_name(enum hirsch_paper_kind kind)
{
    static const char *const names[] = {
        [HIRSCH_PAPER_KIND_UNSPECIFIED] = "",
        [HIRSCH_PAPER_KIND_ARTICLE] = "article",
        [HIRSCH_PAPER_KIND_PREPRINT] = "preprint",
        [HIRSCH_PAPER_KIND_CONFERENCE_PAPER] = "conference paper",
        [HIRSCH_PAPER_KIND_REVIEW] = "review",
        [HIRSCH_PAPER_KIND_BOOK] = "book",
        [HIRSCH_PAPER_KIND_BOOK_CHAPTER] = "book chapter",
        [HIRSCH_PAPER_KIND_DISSERTATION] = "dissertation",
        [HIRSCH_PAPER_KIND_REPORT] = "report",
        [HIRSCH_PAPER_KIND_DATASET] = "dataset",
        [HIRSCH_PAPER_KIND_SOFTWARE] = "software",
        [HIRSCH_PAPER_KIND_EDITORIAL] = "editorial",
        [HIRSCH_PAPER_KIND_LETTER] = "letter",
        [HIRSCH_PAPER_KIND_ERRATUM] = "erratum",
        [HIRSCH_PAPER_KIND_OTHER] = "other",
    };
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "";
}

static void put_count(struct base_buffer *out, uint64_t count, const char *one, const char *many)
{
    cli_put_number(out, count);
    base_buffer_append_byte(out, ' ');
    base_buffer_append_text(out, count == 1 ? one : many);
}

void cli_papers_heading(struct base_buffer *out, uint64_t total, const struct cli_screen *screen)
{
    cli_style(out, CLI_BOLD, screen);
    put_count(out, total, "paper", "papers");
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_text(out, total > 1 ? ", newest first\n" : "\n");
}

/* What calls for attention about the paper, or NULL. */
static const char *warning(const struct hirsch_paper *paper)
{
    if (paper->retracted == HIRSCH_KNOWN_TRUE) {
        return "retracted";
    }
    return paper->stub ? "cited only, no record" : NULL;
}

/* Field, date, citations: "LG · Jul 17, 2025 · 12 citations". The field is cut so that the rest
 * fits. */
static void put_tags(struct base_buffer *out, const struct hirsch_paper *paper, size_t indent,
                     const struct cli_screen *screen)
{
    const char *field = paper->primary_field.display_name[0] != '\0'
                            ? paper->primary_field.display_name
                            : paper->primary_field.id;
    const char *warned = warning(paper);
    struct base_buffer rest = BASE_BUFFER_EMPTY;
    cli_put_date(&rest, paper->publication_date, "no date");
    base_buffer_append_text(&rest, cli_dot(screen));
    put_count(&rest, paper->metrics.citation_count, "citation", "citations");
    cli_put_blanks(out, indent);
    if (field[0] != '\0') {
        size_t used = indent + 3 + cli_columns(base_buffer_slice(&rest)) +
                      (warned != NULL ? 3 + strlen(warned) : 0);
        size_t room = screen->width > used + FIELD_LEAST ? screen->width - used : FIELD_LEAST;
        cli_style(out, CLI_TAG, screen);
        cli_put_cut(out, field, room, screen);
        cli_style(out, CLI_PLAIN, screen);
        base_buffer_append_text(out, cli_dot(screen));
    }
    base_buffer_append_slice(out, base_buffer_slice(&rest));
    out->failed = out->failed || rest.failed;
    base_buffer_fini(&rest);
    if (warned != NULL) {
        base_buffer_append_text(out, cli_dot(screen));
        cli_style(out, CLI_ALARM, screen);
        base_buffer_append_text(out, warned);
        cli_style(out, CLI_PLAIN, screen);
    }
    base_buffer_append_byte(out, '\n');
}

/* The first `most` authors whose place is known, and "et al." when there are others. */
static void list_authors(struct base_buffer *list, const struct hirsch_paper *paper, size_t most)
{
    size_t shown = 0;
    for (size_t i = 0; i < paper->author_count && shown < most; i++) {
        if (paper->authors[i].position == 0) {
            continue;
        }
        base_buffer_append_text(list, shown == 0 ? "" : ", ");
        base_buffer_append_text(list, paper->authors[i].name);
        shown++;
    }
    if (shown < paper->author_count || paper->authors_truncated) {
        base_buffer_append_text(list, shown == 0 ? "authors not listed" : ", et al.");
    }
}

static bool same_name(const struct hirsch_affiliation *a, const struct hirsch_affiliation *b)
{
    return strcmp(a->name, b->name) == 0;
}

/* Tags of the paper itself; where it has none, the affiliations of its authors, each once. */
static void list_affiliations(struct base_buffer *list, const struct hirsch_paper *paper,
                              const char *separator)
{
    const struct hirsch_affiliation *tags[TAGS];
    size_t count = 0;
    size_t more = 0;
    for (size_t i = 0; i < paper->affiliation_count; i++) {
        if (count < TAGS) {
            tags[count++] = &paper->affiliations[i];
        } else {
            more++;
        }
    }
    for (size_t i = 0; i < paper->author_count && paper->affiliation_count == 0; i++) {
        for (size_t j = 0; j < paper->authors[i].affiliation_count && count < TAGS; j++) {
            const struct hirsch_affiliation *tag = &paper->authors[i].affiliations[j];
            size_t known = 0;
            while (known < count && !same_name(tags[known], tag)) {
                known++;
            }
            if (known == count) {
                tags[count++] = tag;
            }
        }
    }
    for (size_t i = 0; i < count; i++) {
        base_buffer_append_text(list, i == 0 ? "" : separator);
        base_buffer_append_text(list, tags[i]->name);
    }
    if (more > 0) {
        base_buffer_append_format(list, "%sand %zu more", separator, more);
    }
}

static void put_paragraph(struct base_buffer *out, struct base_buffer *text, const char *style,
                          size_t lines_most, const struct cli_screen *screen)
{
    const struct cli_wrap wrap = {.indent = INDENT, .lines_most = lines_most, .style = style};
    cli_put_wrapped(out, base_buffer_slice(text), &wrap, screen);
    out->failed = out->failed || text->failed;
    base_buffer_clear(text);
}

void cli_paper_block(struct base_buffer *out, const struct hirsch_paper *paper,
                     const struct cli_screen *screen)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    put_tags(out, paper, INDENT, screen);
    if (!paper->stub) {
        base_buffer_append_text(&text, paper->title[0] == '\0' ? "(no title)" : paper->title);
        put_paragraph(out, &text, CLI_BOLD, 0, screen);
        list_authors(&text, paper, FIRST_AUTHORS);
        put_paragraph(out, &text, NULL, 0, screen);
        list_affiliations(&text, paper, cli_dot(screen));
        put_paragraph(out, &text, CLI_TAG, 2, screen);
        base_buffer_append_text(&text, paper->abstract_text);
        put_paragraph(out, &text, NULL, SUMMARY_LINES, screen);
    }
    base_buffer_append_text(&text, paper->id);
    put_paragraph(out, &text, CLI_DIM, 0, screen);
    base_buffer_fini(&text);
}

static void put_page_years(struct base_buffer *out, const struct hirsch_paper *paper,
                           const struct cli_screen *screen)
{
    size_t count = paper->metrics.counts_by_year_count;
    struct cli_year *years = calloc(count + 1, sizeof *years);
    if (years == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct hirsch_paper_year *year = &paper->metrics.counts_by_year[i];
        years[i] = (struct cli_year){year->year, year->citation_count};
    }
    cli_put_years(out, years, count, screen);
    free(years);
}

/* One fact from text that a buffer holds, which is emptied. */
static void put_fact(struct base_buffer *out, const char *label, struct base_buffer *text,
                     const struct cli_screen *screen)
{
    base_buffer_append_byte(text, '\0');
    const char *const texts[] = {text->failed ? "" : text->data};
    cli_put_facts(out, label, texts, 1, 1, screen);
    out->failed = out->failed || text->failed;
    base_buffer_clear(text);
}

/* "831 citations by openalex, Aug 11, 2023", and what speaks against it. */
static void put_reported(struct base_buffer *out, const struct hirsch_reported_metrics *reported,
                         struct base_buffer *text, const struct cli_screen *screen)
{
    if (reported->has_citation_count) {
        put_count(text, reported->citation_count, "citation", "citations");
        base_buffer_append_byte(text, ' ');
    }
    base_buffer_append_text(text, "by ");
    base_buffer_append_text(text, reported->source);
    base_buffer_append_text(text, ", ");
    cli_put_date(text, reported->as_of, "date unknown");
    put_fact(out, "reported", text, screen);
    cli_put_issues(out, reported, screen);
}

static void put_page_facts(struct base_buffer *out, const struct hirsch_paper *paper,
                           const struct cli_screen *screen)
{
    const char *const venue[] = {paper->venue};
    const char *const kind[] = {cli_kind_name(paper->kind)};
    const char *const yes[] = {paper->refereed == HIRSCH_KNOWN_TRUE ? "yes" : "no"};
    cli_put_facts(out, "venue", venue, venue[0][0] != '\0', 1, screen);
    cli_put_facts(out, "kind", kind, kind[0][0] != '\0', 1, screen);
    cli_put_facts(out, "refereed", yes, paper->refereed != HIRSCH_NOT_KNOWN, 1, screen);
    cli_put_facts(out, "ids", paper->ids, paper->id_count, PAGE_IDS, screen);
    cli_put_facts(out, "disputed ids", paper->disputed_ids, paper->disputed_id_count, PAGE_IDS,
                  screen);
    struct base_buffer text = BASE_BUFFER_EMPTY;
    cli_put_number(&text, paper->metrics.citation_count);
    put_fact(out, "citations", &text, screen);
    cli_put_number(&text, paper->metrics.self_citation_count);
    put_fact(out, "self-citations", &text, screen);
    cli_put_number(&text, paper->metrics.reference_count);
    put_fact(out, "references", &text, screen);
    for (size_t i = 0; i < paper->reported_count; i++) {
        put_reported(out, &paper->reported[i], &text, screen);
    }
    base_buffer_fini(&text);
}

void cli_paper_page(struct base_buffer *out, const struct hirsch_paper *paper,
                    const struct cli_screen *screen)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    const struct cli_wrap plain = {.indent = 0};
    const struct cli_wrap bold = {.indent = 0, .style = CLI_BOLD};
    const struct cli_wrap tag = {.indent = 0, .style = CLI_TAG};
    put_tags(out, paper, 0, screen);
    const char *title = paper->title[0] != '\0' ? paper->title : paper->id;
    cli_put_wrapped(out, base_slice_text(title), &bold, screen);
    list_authors(&text, paper, PAGE_AUTHORS);
    cli_put_wrapped(out, base_buffer_slice(&text), &plain, screen);
    out->failed = out->failed || text.failed;
    base_buffer_clear(&text);
    list_affiliations(&text, paper, cli_dot(screen));
    cli_put_wrapped(out, base_buffer_slice(&text), &tag, screen);
    out->failed = out->failed || text.failed;
    base_buffer_fini(&text);
    base_buffer_append_byte(out, '\n');
    put_page_facts(out, paper, screen);
    put_page_years(out, paper, screen);
    if (paper->abstract_text[0] != '\0') {
        base_buffer_append_byte(out, '\n');
        cli_put_wrapped(out, base_slice_text(paper->abstract_text), &plain, screen);
    }
}
