/* The methods of the schema with the types of their requests and answers, for `hirsch call`. */
#ifndef CLI_METHODS_H
#define CLI_METHODS_H

#include <stdbool.h>

#include "base/status.h"
#include "wire/messages.h"

struct cli_method {
    const char *name; /* "hirsch.v1.AuthorService/GetAuthor" */
    const ProtobufCMessageDescriptor *request;
    const ProtobufCMessageDescriptor *response;
    bool writes;
};

/* In the order of the schema; the last one has no name. */
extern const struct cli_method cli_methods[];

/* The name without its package: "AuthorService/GetAuthor". */
const char *cli_method_short_name(const struct cli_method *method);

/* By full or short name. INVALID_ARGUMENT with a suggestion when there is no such method. */
enum base_code cli_method_find(const char *name, const struct cli_method **method,
                               struct base_error *error);

#endif
