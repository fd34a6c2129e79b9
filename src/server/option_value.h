/* One option's text as a value in the settings. */
#ifndef SERVER_OPTION_VALUE_H
#define SERVER_OPTION_VALUE_H

#include "server/options.h"

/* index: which text of a list. INVALID_ARGUMENT says what is wrong with the text and what is
 * right. The text is borrowed by settings. */
enum base_code server_option_store(const struct server_option *option, const char *text,
                                   size_t index, struct server_settings *settings,
                                   struct base_error *error);

#endif
