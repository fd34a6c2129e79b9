/* Line plots as inline SVG: axes with round numbers, linear or logarithmic. Pure. */
#ifndef BENCH_PLOT_H
#define BENCH_PLOT_H

#include "base/buffer.h"

struct bench_axis {
    const char *label;
    double low;
    double high;
    bool logarithmic; /* low and high are above 0 */
    bool duration;    /* values are nanoseconds */
    bool nines;       /* values are -log10(1 - share): 0 is p0, 2 is p99 */
};

struct bench_plot {
    struct base_buffer *out; /* borrowed */
    struct bench_axis x;
    struct bench_axis y;
    unsigned lines; /* so far, for the legend */
};

/* Axes are widened to round numbers. */
void bench_plot_begin(struct bench_plot *plot, struct base_buffer *out, const char *title,
                      const struct bench_axis *x, const struct bench_axis *y);
/* style: a class of the page's style sheet, "a" to "d". Points that are no numbers break the line.
 */
void bench_plot_line(struct bench_plot *plot, const char *name, const char *style, const double *x,
                     const double *y, size_t count);
/* A shaded stretch of the x axis: the warm-up. */
void bench_plot_shade(struct bench_plot *plot, double from, double to);
void bench_plot_end(struct bench_plot *plot);

#endif
