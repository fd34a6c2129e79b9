/* Computed numbers of sets as tables for the terminal and for spreadsheets. */
#ifndef CLI_METRICS_PAGE_H
#define CLI_METRICS_PAGE_H

#include "cli/text.h"
#include "wire/messages.h"

/* One set with all that was asked for, or the numbers of several side by side; names stand above
 * the columns when there are several. */
void cli_metrics_table(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                       const char *const *names, size_t count, const struct cli_screen *screen);
/* A row for each day of the timeline. */
void cli_metrics_days(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                      const struct cli_screen *screen);
/* The same as one table for all sets, whose names are its first column when there are several. */
void cli_metrics_csv(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                     const char *const *names, size_t count);

#endif
