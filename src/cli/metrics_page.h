/* Computed numbers as tables and charts for the terminal. */
#ifndef CLI_METRICS_PAGE_H
#define CLI_METRICS_PAGE_H

#include "cli/text.h"
#include "wire/messages.h"

/* One set, or several side by side; names stand above the columns when there are several. */
void cli_metrics_table(struct base_buffer *out, const Hirsch__V1__SetMetrics *const *metrics,
                       const char *const *names, size_t count, const struct cli_screen *screen);
void cli_metrics_timeline(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                          const struct cli_screen *screen);
/* A row for each day of the timeline. */
void cli_metrics_days(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                      const struct cli_screen *screen);
void cli_metrics_csv(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics);
void cli_explanation_page(struct base_buffer *out, const char *metric,
                          const Hirsch__V1__SetExplanation *set, const struct cli_screen *screen);
void cli_indicators_page(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper,
                         const struct cli_screen *screen);

#endif
