/* Saying things: errors on stderr, results on stdout, both checked. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include "base/buffer.h"
#include "hirsch/status.h"

/* "hirsch: text" on stderr, control characters taken out. */
void cli_complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Says why a call failed, frees the error and returns the exit code for it. subject: the id, or
 * NULL. error is NULL when stderr has been told already. */
int cli_report(hirsch_error *error, const char *subject);

/* Writes the buffer to stdout and empties it. False, after saying so, when it cannot be written. */
bool cli_print(struct base_buffer *buffer);

/* Puts what the screen is together: width, colour, character set. */
struct cli_options;
struct cli_screen;
void cli_screen_look(const struct cli_options *options, struct cli_screen *screen);

#endif
