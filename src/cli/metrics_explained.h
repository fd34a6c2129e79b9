/* What numbers are made of, as pages for the terminal; and the numbers of one paper. */
#ifndef CLI_METRICS_EXPLAINED_H
#define CLI_METRICS_EXPLAINED_H

#include "cli/text.h"
#include "wire/messages.h"

/* metric: h, g or i10. */
void cli_explanation_page(struct base_buffer *out, const char *metric,
                          const Hirsch__V1__SetExplanation *set, const struct cli_screen *screen);
void cli_indicators_page(struct base_buffer *out, const Hirsch__V1__PaperIndicators *paper,
                         const struct cli_screen *screen);
/* metric: cd, fwci or percentile; with the counts that it is made of. */
void cli_indicator_page(struct base_buffer *out, const char *metric,
                        const Hirsch__V1__PaperIndicators *paper, const struct cli_screen *screen);

#endif
