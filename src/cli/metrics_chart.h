/* Years of a set as small charts for the terminal. */
#ifndef CLI_METRICS_CHART_H
#define CLI_METRICS_CHART_H

#include "cli/text.h"
#include "wire/messages.h"

/* The timeline with its scope. */
void cli_metrics_timeline(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                          const struct cli_screen *screen);
/* The charts alone. The timeline has rows. */
void cli_metrics_charts(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                        const struct cli_screen *screen);
/* Papers and citations a year; nothing when they were not asked for. */
void cli_metrics_histograms(struct base_buffer *out, const Hirsch__V1__SetMetrics *metrics,
                            const struct cli_screen *screen);

#endif
