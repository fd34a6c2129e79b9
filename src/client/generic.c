#include "hirsch/client.h"

#include "client/exchange.h"
#include "client/methods.h"

enum hirsch_code hirsch_health_check(hirsch_client *client, const char *service,
                                     const struct hirsch_call_options *call,
                                     enum hirsch_serving_status *status, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = client_text(service == NULL ? "" : service);
    ProtobufCMessage *response = NULL;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    enum base_code code = client_exchange(client, CLIENT_HEALTH_CHECK, &request.base, call,
                                          &grpc__health__v1__health_check_response__descriptor,
                                          &arena, &response, &failure);
    if (code == BASE_OK) {
        const Grpc__Health__V1__HealthCheckResponse *answer = (const void *)response;
        *status = (enum hirsch_serving_status)answer->status;
    }
    base_arena_fini(&arena);
    return code == BASE_OK ? HIRSCH_OK : client_fail(error, &failure);
}

enum hirsch_code hirsch_call(hirsch_client *client, const char *method, const void *request,
                             size_t request_size, const struct hirsch_call_options *call,
                             const struct hirsch_bytes **reply, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct client_reply raw = {NULL, {NULL, 0}};
    struct base_slice payload = {NULL, 0};
    struct hirsch_bytes *made = client_result_new(sizeof *made);
    enum base_code code = made == NULL
                              ? client_memory_out(&failure)
                              : client_call_run(client, method, base_slice(request, request_size),
                                                call, &raw, &payload, &failure);
    if (code == BASE_OK) {
        struct base_slice copy = base_arena_copy(client_result_arena(made), payload);
        client_reply_release(&raw);
        made->data = copy.data;
        made->size = copy.size;
        code = copy.data == NULL ? client_memory_out(&failure) : BASE_OK;
    }
    CLIENT_FINISH(code, made, reply, error, failure);
}
