#include "cli/metrics_explained.h"

#include <stdio.h>
#include <string.h>

#include "cli/metrics_line.h"

static const struct cli_metric_line paper_lines[] = {
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

static void put_papers(struct base_buffer *out, const char *heading,
                       Hirsch__V1__ExplainedPaper *const *papers, size_t count, uint32_t more,
                       bool lacking, const struct cli_screen *screen)
{
    cli_style(out, CLI_BOLD, screen);
    base_buffer_append_format(out, "\n%s\n", heading);
    cli_style(out, CLI_PLAIN, screen);
    for (size_t i = 0; i < count; i++) {
        struct base_buffer number = BASE_BUFFER_EMPTY;
        cli_put_metric(&number, papers[i]->citation_count);
        if (lacking) {
            base_buffer_append_text(&number, "  lacks ");
            cli_put_metric(&number, papers[i]->missing);
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
    cli_put_metric(out, set->missing_citations);
    base_buffer_append_text(out, set->needs_paper ? ", and one more paper\n" : "\n");
    for (size_t i = 0; i < set->n_steps; i++) {
        base_buffer_append_text(out, i == 0 ? "\nfirst reached\n" : "");
        base_buffer_append_format(out, "  %6u  %s\n", set->steps[i]->value, set->steps[i]->day);
    }
}

static void put_id(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper)
{
    base_buffer_append_format(out, "%s%s\n\n", paper->id, paper->stub ? " (stub)" : "");
}

static void put_lines(struct base_buffer *out, const struct cli_metric_line *lines, size_t count,
                      const ProtobufCMessage *message, const struct cli_screen *screen)
{
    for (size_t i = 0; i < count; i++) {
        cli_put_line(out, &lines[i], &message, 1, screen);
    }
}

static void put_cohort(struct base_buffer *out, const Hirsch__V1__Cohort *cohort)
{
    if (cohort != NULL) {
        base_buffer_append_format(
            out, "\ncohort: %u papers of %u in %s, computed at sequence %llu\n", cohort->size,
            cohort->year, cohort->field, (unsigned long long)cohort->sequence);
    }
}

void cli_indicators_page(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper,
                         const struct cli_screen *screen)
{
    put_id(out, paper);
    put_lines(out, paper_lines, sizeof paper_lines / sizeof paper_lines[0], &paper->base, screen);
    put_cohort(out, paper->cohort);
    cli_put_scope(out, paper->scope, screen);
}

static void put_cd(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper,
                   const struct cli_screen *screen)
{
    static const struct cli_metric_line cd = {"cd", "cd", NULL};
    static const struct cli_metric_line counts[] = {
        {"papers that cite only it", "only_paper", NULL},
        {"it and references of it", "both", NULL},
        {"only references of it", "only_references", NULL},
        {"its references", "references", NULL},
    };
    put_lines(out, &cd, 1, &paper->base, screen);
    if (paper->cd_counts != NULL) {
        put_lines(out, counts, sizeof counts / sizeof counts[0], &paper->cd_counts->base, screen);
    }
    if (paper->cd_window_end[0] != '\0') {
        base_buffer_append_format(out, "window up to %s, %s\n", paper->cd_window_end,
                                  paper->cd_window_complete ? "complete" : "not over yet");
    }
}

void cli_indicator_page(struct base_buffer *out, const char *metric,
                        const Hirsch__V1__PaperIndicators *paper, const struct cli_screen *screen)
{
    static const struct cli_metric_line percentile = {"percentile", "percentile", NULL};
    static const struct cli_metric_line ranks[] = {
        {"its citations", "citation_count", NULL},
        {"papers with fewer", "below", NULL},
        {"others with as many", "equal", NULL},
    };
    static const struct cli_metric_line fwci[] = {
        {"fwci", "fwci", NULL},
        {"fwci, 95 % from", "fwci_lower", "fwci_undefined"},
        {"fwci, 95 % to", "fwci_upper", "fwci_undefined"},
    };
    static const struct cli_metric_line window[] = {
        {"citations, first 4 years", "window_citation_count", NULL},
        {"mean of the cohort", "mean", NULL},
        {"variance of the cohort", "variance", NULL},
    };
    const ProtobufCMessage *cohort = paper->cohort == NULL ? NULL : &paper->cohort->base;
    put_id(out, paper);
    if (strcmp(metric, "cd") == 0) {
        put_cd(out, paper, screen);
    } else if (strcmp(metric, "percentile") == 0) {
        put_lines(out, &percentile, 1, &paper->base, screen);
        put_lines(out, ranks, cohort == NULL ? 0 : sizeof ranks / sizeof ranks[0], cohort, screen);
        put_cohort(out, paper->cohort);
    } else {
        put_lines(out, fwci, sizeof fwci / sizeof fwci[0], &paper->base, screen);
        put_lines(out, window, cohort == NULL ? 0 : sizeof window / sizeof window[0], cohort,
                  screen);
        put_cohort(out, paper->cohort);
    }
    cli_put_scope(out, paper->scope, screen);
}
