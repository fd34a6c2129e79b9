#include "server/export_metrics.h"

#include <stdio.h>
#include <string.h>

#include "engine/measure.h"
#include "server/output.h"
#include "service/metrics.h"
#include "service/paper_metrics.h"
#include "service/service.h"
#include "wire/json.h"
#include "wire/view.h"

enum { WRITE_AT = 1024 * 1024 };

struct nightly {
    const struct server_settings *settings;
    struct service_session *session;
    struct base_arena arena;
    struct server_output output;
    struct base_buffer text;
    bool csv;
};

static enum base_code flush(struct nightly *nightly, size_t least, struct base_error *error)
{
    if (nightly->text.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (nightly->text.size < least) {
        return BASE_OK;
    }
    enum base_code code =
        server_output_write(&nightly->output, base_buffer_slice(&nightly->text), error);
    base_buffer_clear(&nightly->text);
    return code;
}

static const void *member(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}

/* RFC 4180. */
static void put_text(struct base_buffer *out, const char *text)
{
    if (strpbrk(text, "\",\r\n") == NULL) {
        base_buffer_append_text(out, text);
        return;
    }
    base_buffer_append_byte(out, '"');
    for (; *text != '\0'; text++) {
        base_buffer_append_text(out, *text == '"' ? "\"" : "");
        base_buffer_append_byte(out, (uint8_t)*text);
    }
    base_buffer_append_byte(out, '"');
}

static void put_enum(struct base_buffer *out, const ProtobufCEnumDescriptor *type, int value)
{
    const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value(type, value);
    base_buffer_append_text(out, found == NULL ? "" : found->name);
}

static void put_cell(struct base_buffer *out, const ProtobufCMessage *message,
                     const ProtobufCFieldDescriptor *field)
{
    const void *chosen = (const char *)message + field->quantifier_offset;
    if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
        *(const uint32_t *)chosen != field->id) {
        return;
    }
    const void *value = member(message, field);
    switch (field->type) {
    case PROTOBUF_C_TYPE_STRING:
        put_text(out, *(char *const *)value);
        break;
    case PROTOBUF_C_TYPE_DOUBLE:
        base_buffer_append_format(out, "%.17g", *(const double *)value);
        break;
    case PROTOBUF_C_TYPE_UINT64:
        base_buffer_append_format(out, "%llu", *(const unsigned long long *)value);
        break;
    case PROTOBUF_C_TYPE_BOOL:
        base_buffer_append_text(out, *(const protobuf_c_boolean *)value ? "true" : "false");
        break;
    case PROTOBUF_C_TYPE_ENUM:
        put_enum(out, field->descriptor, *(const int *)value);
        break;
    default:
        base_buffer_append_format(out, "%u", *(const uint32_t *)value);
        break;
    }
}

/* A column for each field that is one value, a group of columns for each part that is one message;
 * lists stay out. The scope has columns of its own, and years filter nothing here. */
static bool is_column(const ProtobufCFieldDescriptor *field)
{
    static const char *const others[] = {"id", "scope", "switches", "years"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(field->name, others[i]) == 0) {
            return false;
        }
    }
    return field->label != PROTOBUF_C_LABEL_REPEATED;
}

static void put_headings(struct base_buffer *out, const ProtobufCMessageDescriptor *type,
                         const char *part)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (is_column(field) && field->type == PROTOBUF_C_TYPE_MESSAGE) {
            put_headings(out, field->descriptor, field->name);
        } else if (is_column(field)) {
            base_buffer_append_format(out, ",%s%s%s", part, part[0] != '\0' ? "_" : "",
                                      field->name);
        }
    }
}

/* message NULL: as many empty cells. */
static void put_cells(struct base_buffer *out, const ProtobufCMessageDescriptor *type,
                      const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < type->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &type->fields[i];
        if (is_column(field) && field->type == PROTOBUF_C_TYPE_MESSAGE) {
            put_cells(out, field->descriptor,
                      message == NULL ? NULL : *(ProtobufCMessage *const *)member(message, field));
        } else if (is_column(field)) {
            base_buffer_append_byte(out, ',');
            if (message != NULL) {
                put_cell(out, message, field);
            }
        }
    }
}

/* Papers by their citations, which authors have and papers have not. */
static void put_buckets(struct base_buffer *out, const ProtobufCMessage *message)
{
    if (message->descriptor != &hirsch__v1__set_metrics__descriptor) {
        return;
    }
    const Hirsch__V1__SetMetrics *metrics = (const void *)message;
    for (size_t i = 0; i < metrics->n_buckets; i++) {
        base_buffer_append_format(out, ",%u", metrics->buckets[i]->paper_count);
    }
}

/* Stands there without a row too. bucket_10: papers with 10 citations or more. */
static void put_csv_heading(struct base_buffer *out, bool papers)
{
    base_buffer_append_text(out, "id");
    put_headings(out,
                 papers ? &hirsch__v1__paper_indicators__descriptor
                        : &hirsch__v1__set_metrics__descriptor,
                 "");
    for (size_t i = 0; !papers && i < ENGINE_BUCKET_COUNT; i++) {
        base_buffer_append_format(out, ",bucket_%u", engine_bucket_least[i]);
    }
    put_headings(out, &hirsch__v1__metric_scope__descriptor, "");
    base_buffer_append_text(out, ",scope_notes");
    put_headings(out, &hirsch__v1__used_scope__descriptor, "");
    base_buffer_append_text(out, "\r\n");
}

static void put_csv(struct nightly *nightly, const char *id, const ProtobufCMessage *message,
                    const Hirsch__V1__UsedScope *scope)
{
    struct base_buffer *out = &nightly->text;
    put_text(out, id);
    put_cells(out, message->descriptor, message);
    put_buckets(out, message);
    put_cells(out, &hirsch__v1__metric_scope__descriptor, &scope->switches->base);
    base_buffer_append_byte(out, ',');
    for (size_t i = 0; i < scope->n_notes; i++) {
        base_buffer_append_format(out, "%s%s", i > 0 ? " " : "", scope->notes[i]->code);
    }
    put_cells(out, &hirsch__v1__used_scope__descriptor, &scope->base);
    base_buffer_append_text(out, "\r\n");
}

static enum base_code put(struct nightly *nightly, struct base_slice id,
                          const ProtobufCMessage *message, const Hirsch__V1__UsedScope *scope,
                          struct base_error *error)
{
    struct base_slice text = base_arena_copy(&nightly->arena, id);
    if (text.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (nightly->csv) {
        put_csv(nightly, text.data, message, scope);
    } else {
        struct json_writer writer;
        json_writer_init(&writer, &nightly->text, 0);
        json_begin_object(&writer);
        json_write_key(&writer, "id");
        json_write_text(&writer, text.data);
        json_write_key(&writer, "metrics");
        wire_json_write(message, &writer);
        json_end_object(&writer);
        base_buffer_append_byte(&nightly->text, '\n');
    }
    return flush(nightly, WRITE_AT, error);
}

/* A call of nobody's: without deadline, on this thread. */
static struct rpc_call call_of(struct nightly *nightly)
{
    return (struct rpc_call){
        .arena = &nightly->arena, .session = nightly->session, .deadline_ns = UINT64_MAX};
}

static enum base_code check_stop(struct base_error *error)
{
    return server_stop_requested
               ? base_fail(error, BASE_CANCELLED, "stopped by a signal; the output is not whole")
               : BASE_OK;
}

/* A set over its limit is told and left out; anything else ends the export. */
static enum base_code left_out(struct base_slice id, enum base_code code,
                               const struct rpc_call *call, const struct base_error *error)
{
    if (code == BASE_RESOURCE_EXHAUSTED && call->detail_reason != NULL) {
        fprintf(stderr, "hirschd: export: %.*s is left out: %s\n", BASE_PRINT(id), error->text);
        return BASE_OK;
    }
    return code;
}

static enum base_code on_author(void *context, const struct store_author *author,
                                struct base_error *error)
{
    struct nightly *nightly = context;
    enum {
        ONE_VALUE = ENGINE_GROUP_BASIC | ENGINE_GROUP_CITATIONS | ENGINE_GROUP_INDICATORS |
                    ENGINE_GROUP_BUCKETS,
        BY_YEAR = ENGINE_GROUP_HISTOGRAMS | ENGINE_GROUP_TIMELINE,
    };
    unsigned groups = ONE_VALUE | (nightly->csv ? 0 : BY_YEAR);
    enum base_code code = check_stop(error);
    if (code != BASE_OK || author->sequence <= nightly->settings->since) {
        return code;
    }
    base_arena_reset(&nightly->arena);
    struct rpc_call call = call_of(nightly);
    struct service_scope scope;
    struct service_set set;
    Hirsch__V1__SetMetrics *metrics = NULL;
    struct base_slice id = wire_view_id(author->view);
    code = service_scope_read(&call, nightly->session, NULL, &scope, error);
    if (code == BASE_OK) {
        code = service_set_of(&call, nightly->session, MODEL_AUTHOR, author->number, &set, error);
    }
    if (code == BASE_OK) {
        code =
            service_measure(&call, nightly->session, &set, NULL, &scope, groups, &metrics, error);
    }
    return code == BASE_OK ? put(nightly, id, &metrics->base, metrics->scope, error)
                           : left_out(id, code, &call, error);
}

static enum base_code on_paper(void *context, const struct store_paper *paper,
                               struct base_error *error)
{
    struct nightly *nightly = context;
    enum base_code code = check_stop(error);
    if (code != BASE_OK || paper->stub || paper->sequence <= nightly->settings->since) {
        return code;
    }
    base_arena_reset(&nightly->arena);
    struct rpc_call call = call_of(nightly);
    Hirsch__V1__PaperIndicators *indicators = NULL;
    code = service_paper_indicators(&call, nightly->session, paper->number, NULL, NULL, &indicators,
                                    error);
    return code == BASE_OK ? put(nightly, wire_view_id(paper->view), &indicators->base,
                                 indicators->scope, error)
                           : code;
}

static enum base_code scan(struct nightly *nightly, struct base_error *error)
{
    struct store_reader *reader = nightly->session->reader;
    bool papers = nightly->settings->papers;
    if (nightly->csv) {
        put_csv_heading(&nightly->text, papers);
    }
    enum base_code code = papers ? store_scan_papers(reader, 1, on_paper, nightly, error)
                                 : store_scan_authors(reader, 1, on_author, nightly, error);
    return code == BASE_OK ? flush(nightly, 0, error) : code;
}

enum base_code server_export_metrics(const struct server_settings *settings, struct store *store,
                                     struct base_error *error)
{
    struct nightly nightly = {.settings = settings, .csv = strcmp(settings->metrics, "csv") == 0};
    struct service_state state = {.store = store};
    if (settings->papers && settings->authors) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "--authors and --papers make two tables; export one after the other");
    }
    nightly.session = service_session_new(&state, error);
    if (nightly.session == NULL) {
        return error->code;
    }
    base_arena_init(&nightly.arena, 0);
    enum base_code code = server_output_open(settings->output, &nightly.output, error);
    if (code == BASE_OK) {
        code = scan(&nightly, error);
        struct base_error closing;
        enum base_code closed = server_output_close(&nightly.output, code == BASE_OK, &closing);
        if (code == BASE_OK && closed != BASE_OK) {
            code = closed;
            *error = closing;
        }
    }
    base_buffer_fini(&nightly.text);
    base_arena_fini(&nightly.arena);
    service_session_free(nightly.session);
    return code;
}
