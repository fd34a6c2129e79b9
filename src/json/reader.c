#include "json/json.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "json/tape.h"

struct json_reader {
    struct json_parser *parser; /* owned */
    struct json_tape tape;
};

struct json_reader *json_reader_new(void)
{
    BASE_ASSERT(json_parser_padding() <= JSON_PADDING);
    struct json_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL) {
        return NULL;
    }
    reader->parser = json_parser_new(LIMIT_LINE, JSON_DEPTH + 1);
    if (reader->parser == NULL) {
        free(reader);
        return NULL;
    }
    return reader;
}

void json_reader_free(struct json_reader *reader)
{
    if (reader != NULL) {
        json_parser_free(reader->parser);
        free(reader);
    }
}

static enum base_code refuse(struct base_slice text, const char *message, struct json_fault *fault,
                             struct base_error *error)
{
    struct json_fault own;
    if (fault == NULL) {
        fault = &own;
    }
    if (json_check(text, fault)) {
        /* The slow walk is meant to refuse whatever simdjson refuses; if it does not, at least
         * simdjson's word stands. */
        *fault = (struct json_fault){.kind = JSON_FAULT_SYNTAX, .line = 1, .column = 1};
        snprintf(fault->text, sizeof fault->text, "%s", message);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT, "line %zu: column %zu: %s", fault->line,
                     fault->column, fault->text);
}

enum base_code json_parse(struct json_reader *reader, struct base_slice text, bool padded,
                          struct json_value *value, struct json_fault *fault,
                          struct base_error *error)
{
    if (text.size > LIMIT_LINE) {
        struct json_fault own = {.kind = JSON_FAULT_LIMIT, .line = 1, .column = 1};
        snprintf(own.text, sizeof own.text, "%zu bytes are over the limit of %d", text.size,
                 LIMIT_LINE);
        if (fault != NULL) {
            *fault = own;
        }
        return base_fail(error, BASE_INVALID_ARGUMENT, "JSON: %s", own.text);
    }
    const char *message = NULL;
    switch (json_parser_run(reader->parser, text.data, text.size, padded, &reader->tape.words,
                            &reader->tape.strings, &message)) {
    case JSON_TAPE_OK:
        break;
    case JSON_TAPE_REFUSED:
        return refuse(text, message, fault, error);
    default:
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for %zu bytes of JSON",
                         text.size);
    }
    *value = (struct json_value){&reader->tape, 1};
    return BASE_OK;
}
