/* What the options and arguments of `hirsch metrics` ask for, as messages. */
#ifndef CLI_METRICS_REQUEST_H
#define CLI_METRICS_REQUEST_H

#include "base/arena.h"
#include "cli/options.h"
#include "hirsch/client.h"
#include "wire/messages.h"

struct cli_scope_request {
    Hirsch__V1__MetricScope message;
    Hirsch__V1__YearRange years;
    char *fields[1];
};

/* False, after saying why: --years is no range. Borrows from the options. */
bool cli_scope_request(const struct cli_options *options, struct cli_scope_request *scope);

struct cli_set_request {
    Hirsch__V1__SetTerm **terms;
    size_t count;
};

/* Parses the expression and asks the server what its ids name. An exit code, after saying why it is
 * not 0: usage, an id that is none or names nothing. Everything lives in the arena. */
int cli_set_request(hirsch_client *client, const char *text, struct base_arena *arena,
                    struct cli_set_request *set);

#endif
