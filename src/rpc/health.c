#include "rpc/health.h"

#include "base/utf8.h"
#include "rpc/server.h"
#include "wire/messages.h"
#include "wire/unpack.h"

static enum base_code check(struct rpc_call *call, const void *message, struct base_buffer *payload,
                            struct base_error *error)
{
    const Grpc__Health__V1__HealthCheckRequest *request = message;
    struct base_slice service = base_slice_text(request->service);
    if (service.size > 0 && !rpc_methods_has_service(call->server->methods, service)) {
        call->detail_field = "service";
        struct base_slice shown = base_utf8_cut(service, LIMIT_METHOD);
        if (base_utf8_has_control(shown)) {
            shown = BASE_SLICE("of that name");
        }
        return base_fail(error, BASE_NOT_FOUND, "there is no service %.*s here", BASE_PRINT(shown));
    }
    bool draining = atomic_load_explicit(&call->server->draining, memory_order_relaxed) ||
                    atomic_load_explicit(&call->server->unready, memory_order_relaxed);
    Grpc__Health__V1__HealthCheckResponse response = GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__INIT;
    response.status = draining
                          ? GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__NOT_SERVING
                          : GRPC__HEALTH__V1__HEALTH_CHECK_RESPONSE__SERVING_STATUS__SERVING;
    wire_pack(&response.base, payload);
    return BASE_OK;
}

const struct rpc_method rpc_health_methods[] = {
    {
        .name = "grpc.health.v1.Health/Check",
        .request = &grpc__health__v1__health_check_request__descriptor,
        .handle = check,
        .idempotent = true,
        .role = RPC_ANYONE,
    },
    {.name = NULL},
};
