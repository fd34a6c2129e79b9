#include "hirsch/client.h"

#include "client/exchange.h"
#include "client/methods.h"

static enum base_code convert_health(const ProtobufCMessage *response, size_t expected,
                                     void *result, struct client_failure *failure)
{
    (void)expected;
    (void)failure;
    const Grpc__Health__V1__HealthCheckResponse *answer = (const void *)response;
    *(enum hirsch_serving_status *)result = (enum hirsch_serving_status)answer->status;
    return BASE_OK;
}

enum hirsch_code hirsch_health_check(hirsch_client *client, const char *service,
                                     const struct hirsch_call_options *call,
                                     enum hirsch_serving_status *status, hirsch_error **error)
{
    static const struct client_method method = {
        CLIENT_HEALTH_CHECK, &grpc__health__v1__health_check_response__descriptor,
        sizeof(enum hirsch_serving_status), convert_health};
    Grpc__Health__V1__HealthCheckRequest request = GRPC__HEALTH__V1__HEALTH_CHECK_REQUEST__INIT;
    request.service = client_text(service);
    const enum hirsch_serving_status *made = NULL;
    enum hirsch_code code = client_ask(client, &method, &request.base, 0, call, &made, error);
    if (code == HIRSCH_OK && made != NULL) {
        *status = *made;
        hirsch_free(made);
    }
    return code;
}

enum hirsch_code hirsch_call(hirsch_client *client, const char *method, const void *request,
                             size_t request_size, const struct hirsch_call_options *call,
                             const struct hirsch_bytes **reply, hirsch_error **error)
{
    static const struct client_method any = {"", NULL, sizeof(struct hirsch_bytes), NULL};
    return client_ask_bytes(client, &any, method, base_slice(request, request_size), 0, call, reply,
                            error);
}
