#include "ingest/openalex.h"

#include <stdio.h>

#include "ingest/openalex_parts.h"

/* Records of one line, kept until all of it has been accepted. */
struct batch {
    struct model_record *records;
    size_t count;
};

/* What kind of entity the id names: 'W', 'A', 'I', … or 0 when it is no OpenAlex id. Ids like
 * https://openalex.org/subfields/1804 name kinds by a word. */
static char entity_letter(struct base_slice text)
{
    static const struct base_slice prefixes[] = {BASE_SLICE("https://openalex.org/"),
                                                 BASE_SLICE("http://openalex.org/")};
    bool url = false;
    for (size_t i = 0; i < 2 && !url; i++) {
        if (base_slice_starts(text, prefixes[i])) {
            text = base_slice(text.data + prefixes[i].size, text.size - prefixes[i].size);
            url = true;
        }
    }
    if (text.size < 2) {
        return 0;
    }
    char letter = text.data[0];
    if (url && letter >= 'a' && letter <= 'z' && memchr(text.data, '/', text.size) != NULL) {
        return '/';
    }
    letter = (char)(letter >= 'a' && letter <= 'z' ? letter - 'a' + 'A' : letter);
    bool number = text.data[1] >= '0' && text.data[1] <= '9';
    return letter >= 'A' && letter <= 'Z' && number ? letter : 0;
}

static enum base_code read_entity(struct ingest_line *line, struct json_value entity,
                                  struct batch *batch)
{
    struct json_value value;
    struct base_slice text;
    struct model_id id;
    enum base_code code = ingest_want_type(line, "an entity", entity, JSON_OBJECT);
    if (code != BASE_OK) {
        line->fault->reason = INGEST_JSON;
        return code;
    }
    if (!openalex_find(entity, BASE_SLICE("id"), &value)) {
        return ingest_reject(line, entity, INGEST_MISSING_FIELD, "field \"id\" is missing");
    }
    code = ingest_want_string(line, "id", value, &text);
    if (code != BASE_OK) {
        return code;
    }
    char letter = entity_letter(text);
    if (letter != 0 && letter != 'W' && letter != 'A') {
        line->tally.skipped_entities++;
        return BASE_OK;
    }
    if (letter == 0 || !openalex_id(line, letter, text, &id)) {
        return ingest_reject(line, value, INGEST_ID, "\"%.*s\" is no OpenAlex id",
                             (int)(text.size < 80 ? text.size : 0), text.data);
    }
    struct model_record *record = &batch->records[batch->count];
    code = letter == 'W' ? openalex_work(line, entity, &id, record)
                         : openalex_author(line, entity, &id, record);
    batch->count += code == BASE_OK;
    return code;
}

/* One entity, an array of them, or an API list. */
static enum base_code read_document(struct ingest_line *line, struct json_value root,
                                    struct batch *batch)
{
    struct json_value list = root;
    struct json_value id;
    if (json_type(root) == JSON_OBJECT && !json_find(root, BASE_SLICE("id"), &id) &&
        json_find(root, BASE_SLICE("results"), &list)) {
        enum base_code code = ingest_want_type(line, "results", list, JSON_ARRAY);
        if (code != BASE_OK) {
            return code;
        }
    }
    bool many = json_type(list) == JSON_ARRAY;
    batch->records = base_arena_alloc(line->context->arena,
                                      (many ? json_count(list) : 1) * sizeof *batch->records);
    if (batch->records == NULL) {
        return ingest_no_memory(line);
    }
    if (!many) {
        return read_entity(line, root, batch);
    }
    struct json_iterator iterator = json_iterate(list);
    struct json_value entity;
    enum base_code code = BASE_OK;
    while (code == BASE_OK && json_next(&iterator, &entity)) {
        code = read_entity(line, entity, batch);
    }
    return code;
}

static struct base_slice take_cell(struct base_slice *row)
{
    const char *comma = row->size == 0 ? NULL : memchr(row->data, ',', row->size);
    size_t size = comma == NULL ? row->size : (size_t)(comma - row->data);
    struct base_slice cell = base_slice(row->data, size);
    size_t taken = comma == NULL ? size : size + 1;
    *row = base_slice(row->data + taken, row->size - taken);
    return cell;
}

static enum base_code reject_row(struct ingest_line *line, struct base_slice at, const char *text)
{
    line->fault->line = 1;
    line->fault->column = (size_t)(at.data - line->text.data) + 1;
    line->fault->reason = INGEST_ID;
    snprintf(line->fault->text, sizeof line->fault->text, "%.500s", text);
    return base_fail(line->error, BASE_INVALID_ARGUMENT, "%s", text);
}

/* A row of merged_ids: `2023-04-13,A3125154712,A4317838346`. */
static enum base_code read_row(struct ingest_line *line, struct batch *batch)
{
    struct base_slice row = line->text;
    take_cell(&row);
    struct base_slice from = take_cell(&row);
    struct base_slice into = take_cell(&row);
    char letter = entity_letter(from);
    if (letter != 0 && letter != 'W' && letter != 'A') {
        line->tally.skipped_entities++;
        return BASE_OK;
    }
    batch->records = base_arena_array(line->context->arena, 1, sizeof *batch->records);
    if (batch->records == NULL) {
        return ingest_no_memory(line);
    }
    struct model_record *record = &batch->records[0];
    record->type = MODEL_RECORD_MERGE;
    record->entity = letter == 'A' ? MODEL_AUTHOR : MODEL_PAPER;
    if (letter == 0 || !openalex_id(line, letter, from, &record->id)) {
        return reject_row(line, from, "the merged id is no OpenAlex id");
    }
    if (!openalex_id(line, letter, into, &record->other)) {
        return reject_row(line, into, "the id merged into is no OpenAlex id of the same kind");
    }
    struct base_error error;
    enum base_code code = model_record_finish(record, line->context->arena, &error);
    if (code == BASE_INVALID_ARGUMENT) {
        code = reject_row(line, from, error.text);
        line->fault->reason = INGEST_VALUE;
    } else if (code != BASE_OK && line->error != NULL) {
        *line->error = error;
    }
    batch->count = code == BASE_OK;
    return code;
}

static bool is_digits(struct base_slice text, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}

/* A date and a comma: no JSON starts like that. */
static bool is_row(struct base_slice text)
{
    return text.size > 11 && is_digits(text, 0, 4) && text.data[4] == '-' &&
           is_digits(text, 5, 7) && text.data[7] == '-' && is_digits(text, 8, 10) &&
           text.data[10] == ',';
}

static enum base_code parse_line(struct ingest_context *context, struct base_slice text,
                                 ingest_emit emit, void *sink, struct ingest_fault *fault,
                                 struct base_error *error)
{
    struct ingest_line line = {.context = context, .text = text, .fault = fault, .error = error};
    struct batch batch = {NULL, 0};
    struct json_value root;
    enum base_code code;
    if (is_row(text)) {
        code = read_row(&line, &batch);
    } else if (base_slice_equal(text, BASE_SLICE("merge_date,id,merge_into_id"))) {
        code = BASE_OK;
    } else {
        code = ingest_read_json(&line, &root);
        if (code == BASE_OK) {
            code = read_document(&line, root, &batch);
        }
    }
    if (code != BASE_OK) {
        return code;
    }
    ingest_accept(&line);
    for (size_t i = 0; i < batch.count; i++) {
        code = emit(sink, &batch.records[i], error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

const struct ingest_format ingest_openalex = {
    .name = "openalex",
    .help = "OpenAlex works and authors: API objects, snapshot lines, a snapshot folder",
    .snapshot = true,
    .parse_line = parse_line,
};
