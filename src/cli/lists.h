/* Lists that come in pages: fetched one after the other and printed as a table, CSV or JSON lines.
 */
#ifndef CLI_LISTS_H
#define CLI_LISTS_H

#include "cli/command.h"
#include "cli/sheet.h"

struct cli_list {
    const char *method;
    const ProtobufCMessageDescriptor *response; /* one repeated message, next_page_token */
    const struct cli_sheet *sheet;
    const char *nothing; /* said instead of an empty table: "no paper cites it" */
};

/* request: everything but page_size and page_token, which its type must have and which are written
 * here. subject: for error messages. most: so many items, CLI_LIST_ALL for all. Returns an exit
 * code; an empty list is BASE_EXIT_OK. */
int cli_list_run(const struct cli_context *context, const struct cli_list *list,
                 ProtobufCMessage *request, const char *subject, uint64_t most);

#define CLI_LIST_ALL UINT64_MAX

/* What follows the table. Pure. total: of the whole list, 0 when nobody knows; more: there is a
 * page behind the last one. */
void cli_list_footer(struct base_buffer *out, uint64_t shown, uint64_t total, bool more,
                     const struct cli_screen *screen);

#endif
