#include "bench/plot.h"

#include <math.h>
#include <stdio.h>

#include "bench/quantity.h"

enum { WIDTH = 760, HEIGHT = 280, LEFT = 74, RIGHT = 36, TOP = 40, BOTTOM = 46, TICKS_MOST = 12 };

static double scaled(const struct bench_axis *axis, double value)
{
    double share = axis->logarithmic ? log(value / axis->low) / log(axis->high / axis->low)
                                     : (value - axis->low) / (axis->high - axis->low);
    return share < 0 ? 0 : share > 1 ? 1 : share;
}

static double x_of(const struct bench_plot *plot, double value)
{
    return LEFT + scaled(&plot->x, value) * (WIDTH - LEFT - RIGHT);
}

static double y_of(const struct bench_plot *plot, double value)
{
    return HEIGHT - BOTTOM - scaled(&plot->y, value) * (HEIGHT - TOP - BOTTOM);
}

/* 1, 2 or 5 times a power of ten. */
static double round_step(double rough)
{
    double power = pow(10, floor(log10(rough)));
    double digit = rough / power;
    return power * (digit <= 1 ? 1 : digit <= 2 ? 2 : digit <= 5 ? 5 : 10);
}

static void widen(struct bench_axis *axis)
{
    if (axis->nines) {
        axis->high = ceil(axis->high);
        return;
    }
    if (axis->logarithmic) {
        axis->low = pow(10, floor(log10(axis->low)));
        axis->high = pow(10, ceil(log10(axis->high)));
        if (axis->high <= axis->low) {
            axis->high = axis->low * 10;
        }
        return;
    }
    if (axis->high <= axis->low) {
        axis->high = axis->low + 1;
    }
    double step = round_step((axis->high - axis->low) / 5);
    axis->low = floor(axis->low / step) * step;
    axis->high = ceil(axis->high / step) * step;
}

static void put_value(struct base_buffer *out, const struct bench_axis *axis, double value)
{
    if (axis->nines) {
        if (value == 0) {
            base_buffer_append_text(out, "p0");
        } else {
            base_buffer_append_format(out, "p%.*f", value < 2.5 ? 0 : (int)value - 2,
                                      100 * (1 - pow(10, -value)));
        }
    } else if (axis->duration) {
        const char *unit = value < 1e6 ? "us" : value < 1e9 ? "ms" : "s";
        base_buffer_append_format(out, "%g %s",
                                  value / (value < 1e6   ? 1e3
                                           : value < 1e9 ? 1e6
                                                         : 1e9),
                                  unit);
    } else if (value >= 1e6) {
        base_buffer_append_format(out, "%gM", value / 1e6);
    } else if (value >= 1e3) {
        base_buffer_append_format(out, "%gk", value / 1e3);
    } else {
        base_buffer_append_format(out, "%g", value);
    }
}

static void put_tick(struct bench_plot *plot, bool vertical, double value)
{
    struct base_buffer *out = plot->out;
    if (vertical) {
        double y = y_of(plot, value);
        base_buffer_append_format(out,
                                  "<path class=\"grid\" d=\"M%d %.1fH%d\"/>"
                                  "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">",
                                  LEFT, y, WIDTH - RIGHT, LEFT - 8, y + 4);
        put_value(out, &plot->y, value);
    } else {
        double x = x_of(plot, value);
        base_buffer_append_format(out,
                                  "<path class=\"grid\" d=\"M%.1f %dV%d\"/>"
                                  "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">",
                                  x, TOP, HEIGHT - BOTTOM, x, HEIGHT - BOTTOM + 17);
        put_value(out, &plot->x, value);
    }
    base_buffer_append_text(out, "</text>\n");
}

static void put_ticks(struct bench_plot *plot, bool vertical)
{
    const struct bench_axis *axis = vertical ? &plot->y : &plot->x;
    double step = axis->logarithmic ? 10
                  : axis->nines     ? 1
                                    : round_step((axis->high - axis->low) / 5);
    double value = axis->low;
    for (unsigned i = 0; i < TICKS_MOST && value <= axis->high * 1.0001; i++) {
        put_tick(plot, vertical, value);
        value = axis->logarithmic ? value * step : axis->low + (i + 1) * step;
    }
}

void bench_plot_begin(struct bench_plot *plot, struct base_buffer *out, const char *title,
                      const struct bench_axis *x, const struct bench_axis *y)
{
    *plot = (struct bench_plot){.out = out, .x = *x, .y = *y};
    widen(&plot->x);
    widen(&plot->y);
    base_buffer_append_format(out,
                              "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n"
                              "<text class=\"title\" x=\"%d\" y=\"16\">%s</text>\n",
                              WIDTH, HEIGHT, title, LEFT, title);
    put_ticks(plot, false);
    put_ticks(plot, true);
    base_buffer_append_format(out,
                              "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">%s</text>\n"
                              "<text x=\"14\" y=\"%d\" text-anchor=\"middle\" "
                              "transform=\"rotate(-90 14 %d)\">%s</text>\n",
                              (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, x->label,
                              (TOP + HEIGHT - BOTTOM) / 2, (TOP + HEIGHT - BOTTOM) / 2, y->label);
}

void bench_plot_shade(struct bench_plot *plot, double from, double to)
{
    if (to > from) {
        double left = x_of(plot, from);
        base_buffer_append_format(plot->out,
                                  "<rect class=\"warm\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" "
                                  "height=\"%d\"><title>warm-up, not counted</title></rect>\n",
                                  left, TOP, x_of(plot, to) - left, HEIGHT - TOP - BOTTOM);
    }
}

void bench_plot_line(struct bench_plot *plot, const char *name, const char *style, const double *x,
                     const double *y, size_t count)
{
    struct base_buffer *out = plot->out;
    bool drawn = false;
    base_buffer_append_format(out, "<path class=\"line %s\" d=\"", style);
    for (size_t i = 0; i < count; i++) {
        bool there = isfinite(x[i]) && isfinite(y[i]) && !(plot->y.logarithmic && y[i] <= 0);
        if (there) {
            base_buffer_append_format(out, "%s%.1f %.1f", drawn ? "L" : "M", x_of(plot, x[i]),
                                      y_of(plot, y[i]));
        }
        drawn = there;
    }
    base_buffer_append_text(out, "\"/>\n");
    for (size_t i = 0; count <= 40 && i < count; i++) {
        if (isfinite(y[i]) && !(plot->y.logarithmic && y[i] <= 0)) {
            base_buffer_append_format(out,
                                      "<circle class=\"dot %s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\">"
                                      "<title>%s: ",
                                      style, x_of(plot, x[i]), y_of(plot, y[i]), name);
            put_value(out, &plot->y, y[i]);
            base_buffer_append_text(out, " at ");
            put_value(out, &plot->x, x[i]);
            base_buffer_append_text(out, "</title></circle>\n");
        }
    }
    unsigned place = LEFT + plot->lines * 170;
    base_buffer_append_format(out,
                              "<path class=\"line %s\" d=\"M%u 29h18\"/>"
                              "<text x=\"%u\" y=\"33\">%s</text>\n",
                              style, place, place + 24, name);
    plot->lines++;
}

void bench_plot_end(struct bench_plot *plot)
{
    base_buffer_append_text(plot->out, "</svg>\n");
}
