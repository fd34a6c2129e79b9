/* Pieces that pages of authors and of papers share. Pure. */
#ifndef CLI_PARTS_H
#define CLI_PARTS_H

#include "cli/text.h"
#include "hirsch/types.h"

/* Columns of the labels before facts and numbers. */
enum { CLI_LABEL = 17 };

/* " · " or " | " */
const char *cli_dot(const struct cli_screen *screen);

/* A label and its texts, separated by commas and wrapped behind the label; `most` of them and how
 * many more there are. Nothing when there are none. */
void cli_put_facts(struct base_buffer *out, const char *label, const char *const *texts,
                   size_t count, size_t most, const struct cli_screen *screen);
void cli_put_affiliations(struct base_buffer *out, const char *label,
                          const struct hirsch_affiliation *affiliations, size_t count, size_t most,
                          const struct cli_screen *screen);

/* "reported by SOURCE, DATE" with its number before it unless that is 0, and the issues below. */
void cli_put_reporter(struct base_buffer *out, const struct hirsch_reported_metrics *reported,
                      size_t number, const struct cli_screen *screen);

/* "reported, inconsistent with the listed papers" and why; nothing without issues. */
void cli_put_issues(struct base_buffer *out, const struct hirsch_reported_metrics *reported,
                    const struct cli_screen *screen);

struct cli_year {
    uint32_t year;
    uint32_t citation_count;
};

/* Citations a year as a row of bars between its first and last year; nothing without a citation. */
void cli_put_years(struct base_buffer *out, const struct cli_year *years, size_t count,
                   const struct cli_screen *screen);

#endif
