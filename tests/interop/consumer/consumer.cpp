// The installed library from C++: the same, asynchronously.
#include <hirsch/client.h>

#include <cstdio>

static void done(const hirsch_completion *completion)
{
    *static_cast<hirsch_code *>(completion->context) = completion->code;
    hirsch_free(completion->result);
    hirsch_free(completion->error);
}

int main()
{
    hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = "tcp://127.0.0.1:1";
    options.timeout_ms = 100;
    hirsch_client *client = nullptr;
    hirsch_code code = HIRSCH_OK;
    hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.done = done;
    call.context = &code;
    if (hirsch_open(&options, &client, nullptr) != HIRSCH_OK ||
        hirsch_get_author(client, "local:a", &call, nullptr, nullptr) != HIRSCH_OK ||
        hirsch_poll(client, -1) != 1 || code != HIRSCH_UNAVAILABLE) {
        return 1;
    }
    std::printf("%s %s\n", hirsch_version(), hirsch_code_name(code));
    hirsch_close(client);
    return 0;
}
