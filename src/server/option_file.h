/* Configuration files: `name = value` a line, `#` begins a comment at the start of a line or
 * behind a blank. */
#ifndef SERVER_OPTION_FILE_H
#define SERVER_OPTION_FILE_H

#include "base/bytes.h"
#include "base/status.h"

enum { SERVER_FILE_MOST = 1024 * 1024 };

/* One pair; key and value are borrowed for the call, without blanks around them. */
typedef enum base_code (*server_option_pair)(void *state, unsigned line, struct base_slice key,
                                             struct base_slice value, struct base_error *error);

/* Errors name the file and the line. FAILED_PRECONDITION: the file cannot be read or is wrong. */
enum base_code server_option_file(const char *path, server_option_pair pair, void *state,
                                  struct base_error *error);

/* The same from text; path is for errors. */
enum base_code server_option_file_text(const char *path, struct base_slice text,
                                       server_option_pair pair, void *state,
                                       struct base_error *error);

#endif
