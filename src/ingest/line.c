#include "ingest/line.h"

#include <stdarg.h>
#include <stdio.h>

/* Names from the input stand in sentences that go to terminals and logs. */
static void defuse(char *text)
{
    for (; *text != '\0'; text++) {
        if ((uint8_t)*text < 0x20 || *text == 0x7f) {
            *text = '?';
        }
    }
}

enum base_code ingest_reject(struct ingest_line *line, struct json_value at,
                             enum ingest_reason reason, const char *format, ...)
{
    struct json_fault place;
    json_locate(line->text, at, &place);
    line->fault->line = place.line;
    line->fault->column = place.column;
    line->fault->reason = reason;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->fault->text, sizeof line->fault->text, format, arguments);
    va_end(arguments);
    defuse(line->fault->text);
    return base_fail(line->error, BASE_INVALID_ARGUMENT, "%s", line->fault->text);
}

enum base_code ingest_no_memory(struct ingest_line *line)
{
    return base_fail(line->error, BASE_RESOURCE_EXHAUSTED,
                     "out of memory for the records of one line of %zu bytes", line->text.size);
}

enum base_code ingest_read_json(struct ingest_line *line, struct json_value *value)
{
    static const enum ingest_reason reasons[] = {
        [JSON_FAULT_SYNTAX] = INGEST_JSON,
        [JSON_FAULT_ENCODING] = INGEST_ENCODING,
        [JSON_FAULT_LIMIT] = INGEST_LIMIT,
    };
    struct json_fault fault = {0};
    enum base_code code = json_parse(line->context->json, line->text, line->context->padded, value,
                                     &fault, line->error);
    if (code == BASE_INVALID_ARGUMENT) {
        line->fault->line = fault.line;
        line->fault->column = fault.column;
        line->fault->reason = reasons[fault.kind];
        snprintf(line->fault->text, sizeof line->fault->text, "%s", fault.text);
    }
    return code;
}

enum base_code ingest_want_type(struct ingest_line *line, const char *name, struct json_value value,
                                enum json_type type)
{
    if (json_type(value) == type) {
        return BASE_OK;
    }
    return ingest_reject(line, value, INGEST_FIELD_TYPE, "%s must be %s, not %s", name,
                         json_type_name(type), json_type_name(json_type(value)));
}

enum base_code ingest_want_string(struct ingest_line *line, const char *name,
                                  struct json_value value, struct base_slice *text)
{
    return json_string(value, text) ? BASE_OK : ingest_want_type(line, name, value, JSON_STRING);
}

enum base_code ingest_want_bool(struct ingest_line *line, const char *name, struct json_value value,
                                bool *truth)
{
    return json_bool(value, truth) ? BASE_OK : ingest_want_type(line, name, value, JSON_BOOL);
}

enum base_code ingest_want_count(struct ingest_line *line, const char *name,
                                 struct json_value value, struct model_count *count)
{
    uint64_t number;
    if (json_u64(value, &number) && number <= UINT32_MAX) {
        *count = (struct model_count){true, (uint32_t)number};
        return BASE_OK;
    }
    if (json_type(value) == JSON_INTEGER) {
        return ingest_reject(line, value, INGEST_VALUE, "%s must be from 0 to %u", name,
                             UINT32_MAX);
    }
    return ingest_want_type(line, name, value, JSON_INTEGER);
}

bool ingest_is_good(struct ingest_line *line, enum base_code code)
{
    line->no_memory = line->no_memory || code == BASE_RESOURCE_EXHAUSTED;
    return code == BASE_OK;
}

enum base_code ingest_finish(struct ingest_line *line, struct json_value at,
                             struct model_record *record)
{
    struct base_error error;
    if (line->no_memory) {
        return ingest_no_memory(line);
    }
    enum base_code code = model_record_finish(record, line->context->arena, &error);
    if (code == BASE_INVALID_ARGUMENT) {
        return ingest_reject(line, at, INGEST_VALUE, "%s", error.text);
    }
    if (code != BASE_OK && line->error != NULL) {
        *line->error = error;
    }
    return code;
}

void ingest_accept(struct ingest_line *line)
{
    struct ingest_tally *total = &line->context->tally;
    total->skipped_entities += line->tally.skipped_entities;
    total->ids_dropped += line->tally.ids_dropped;
    total->authors_dropped += line->tally.authors_dropped;
    total->texts_cut += line->tally.texts_cut;
}
