#include "cli/raw.h"

#include "base/exit.h"
#include "cli/report.h"
#include "wire/json.h"
#include "wire/unpack.h"

enum hirsch_code cli_raw_call_bytes(hirsch_client *client, const char *method, bool writes,
                                    struct base_slice request,
                                    const ProtobufCMessageDescriptor *type,
                                    struct base_arena *arena, ProtobufCMessage **response,
                                    hirsch_error **error)
{
    const struct hirsch_bytes *reply = NULL;
    struct base_error why;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.to_writer = writes;
    call.send_once = writes;
    *error = NULL;
    enum hirsch_code code =
        hirsch_call(client, method, request.data, request.size, &call, &reply, error);
    if (code != HIRSCH_OK) {
        return code;
    }
    if (wire_unpack(type, base_slice(reply->data, reply->size), &wire_reply_limits, arena, response,
                    &why) != BASE_OK) {
        cli_complain("%s: the answer is not what the schema says: %s", method, why.text);
        code = HIRSCH_INTERNAL;
    }
    hirsch_free(reply);
    return code;
}

enum hirsch_code cli_raw_call(hirsch_client *client, const char *method,
                              const ProtobufCMessage *request,
                              const ProtobufCMessageDescriptor *type, struct base_arena *arena,
                              ProtobufCMessage **response, hirsch_error **error)
{
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    enum hirsch_code code = HIRSCH_INTERNAL;
    *error = NULL;
    wire_pack(request, &packed);
    if (packed.failed) {
        cli_complain("memory is out");
    } else {
        code = cli_raw_call_bytes(client, method, false, base_buffer_slice(&packed), type, arena,
                                  response, error);
    }
    base_buffer_fini(&packed);
    return code;
}

enum hirsch_code cli_raw_show(hirsch_client *client, const struct cli_showing *showing,
                              const ProtobufCMessage *request, bool *stop, hirsch_error **error)
{
    struct base_arena arena;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    ProtobufCMessage *response = NULL;
    base_arena_init(&arena, 0);
    enum hirsch_code code = cli_raw_call(client, showing->method, request, showing->response,
                                         &arena, &response, error);
    if (code == HIRSCH_OK) {
        showing->put(showing->state, &out, response);
        *stop = !cli_print(&out);
    }
    base_buffer_fini(&out);
    base_arena_fini(&arena);
    return code;
}

int cli_raw_show_one(hirsch_client *client, const struct cli_showing *showing,
                     const ProtobufCMessage *request, const char *subject)
{
    bool stop = false;
    hirsch_error *error = NULL;
    if (cli_raw_show(client, showing, request, &stop, &error) != HIRSCH_OK) {
        return cli_report(error, subject);
    }
    return stop ? BASE_EXIT_IO : BASE_EXIT_OK;
}

void cli_put_json(struct base_buffer *out, const ProtobufCMessage *message)
{
    struct json_writer writer;
    json_writer_init(&writer, out, 0);
    wire_json_write(message, &writer);
    base_buffer_append_byte(out, '\n');
}
