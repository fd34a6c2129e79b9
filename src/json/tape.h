/* Between the C++ file that sees simdjson and the C of this module: text in, tape out. */
#ifndef JSON_TAPE_H
#define JSON_TAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum json_tape_code { JSON_TAPE_OK, JSON_TAPE_REFUSED, JSON_TAPE_NO_MEMORY };

struct json_parser;

/* Texts of at most so many bytes, containers at most so deep. NULL when memory is out. */
struct json_parser *json_parser_new(size_t size_most, size_t depth_most);
void json_parser_free(struct json_parser *parser);

/* words and strings live until the next parse; message is static and says why a text was refused.
 * No exception comes out. */
enum json_tape_code json_parser_run(struct json_parser *parser, const char *text, size_t size,
                                    bool padded, const uint64_t **words, const char **strings,
                                    const char **message);

/* What simdjson wants to read behind a text. */
size_t json_parser_padding(void);

#ifdef __cplusplus
}
#endif

#endif
