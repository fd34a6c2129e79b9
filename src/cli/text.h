/* Text of records on its way to a terminal: made harmless, measured, cut and wrapped. Pure. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include "base/buffer.h"

/* What the page is made for. */
struct cli_screen {
    unsigned width; /* columns, at least CLI_WIDTH_LEAST */
    bool colour;    /* escape sequences of our own are understood */
    bool unicode;   /* the locale is UTF-8; otherwise decoration is ASCII (names and titles stay as
                       they are) */
};

enum { CLI_WIDTH_LEAST = 48, CLI_WIDTH_DEFAULT = 80 };

/* Appends text in one line: runs of blanks, tabs and line breaks become one blank, blanks at both
 * ends go. Control characters (C0, DEL, C1) and bytes that are not UTF-8 become U+FFFD, and
 * characters that turn the direction of writing are left out, so that nothing in a record reaches
 * the terminal as a command. */
void cli_clean(struct base_slice text, struct base_buffer *out);

/* Columns of cleaned text. */
size_t cli_columns(struct base_slice clean);

/* The rest of the functions clean what they are given. */

/* Appends text, at most `columns` wide, the last of them an ellipsis when it is cut. Returns the
 * columns used. */
size_t cli_put_cut(struct base_buffer *out, const char *text, size_t columns,
                   const struct cli_screen *screen);

struct cli_wrap {
    size_t indent;     /* columns before each line */
    size_t first_used; /* columns that stand on the first line already, its indent included */
    size_t lines_most; /* 0: all; otherwise the last one ends in an ellipsis when there is more */
    const char *style; /* for the text of each line, or NULL */
};

/* Appends text broken at blanks to the screen's width, each line with its line break. A word longer
 * than a line is broken anywhere. Nothing at all for blank text, unless first_used asks for the
 * line to be ended. */
void cli_put_wrapped(struct base_buffer *out, struct base_slice text, const struct cli_wrap *wrap,
                     const struct cli_screen *screen);

void cli_put_blanks(struct base_buffer *out, size_t count);

/* Escape sequences, empty without colour. */
#define CLI_BOLD "\033[1m"
#define CLI_DIM "\033[2m"
#define CLI_TAG "\033[36m"
#define CLI_WARN "\033[33m"
#define CLI_ALARM "\033[31m"
#define CLI_PLAIN "\033[0m"

void cli_style(struct base_buffer *out, const char *style, const struct cli_screen *screen);

/* "12,345" */
void cli_put_number(struct base_buffer *out, uint64_t number);

/* "Jul 17, 2025", "Mar 2020", "2017"; `unknown` for "". Text that is no date is shown as it is. */
void cli_put_date(struct base_buffer *out, const char *date, const char *unknown);

/* One character a number, scaled to the greatest, zeros as blanks. */
void cli_put_bars(struct base_buffer *out, const uint32_t *numbers, size_t count,
                  const struct cli_screen *screen);

#endif
