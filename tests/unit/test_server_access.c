/* The access line of a call. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/access_line.h"

static void expect(const struct rpc_event *event, const char *peer, bool times, const char *wanted)
{
    char line[1024];
    struct base_log_pair pairs[SERVER_ACCESS_PAIRS];
    size_t count = server_access_pairs(event, peer, times, pairs);
    base_log_line(BASE_LOG_LOGFMT, "T", BASE_LOG_WARN, "m", pairs, count, line, sizeof line);
    assert_string_equal(line, wanted);
}

static void test_refused(void **state)
{
    struct rpc_event event = {
        .method = BASE_SLICE("hirsch.v1.RecordService/PutRecords"),
        .code = BASE_PERMISSION_DENIED,
        .text = "the key may not write",
        .reason = "KEY_ROLE",
        .key = "0123456789ab",
        .request_id = BASE_SLICE("r 17"),
        .waited_ns = 5000,
        .worked_ns = 7000,
    };
    (void)state;
    expect(&event, "127.0.0.1:40000", false,
           "time=T level=warn msg=m method=hirsch.v1.RecordService/PutRecords "
           "code=PERMISSION_DENIED reason=KEY_ROLE key=0123456789ab peer=127.0.0.1:40000 "
           "request_id=\"r 17\"\n");
    /* No key, no reason, nothing that came along. */
    event.reason = NULL;
    event.key = "";
    event.request_id = base_slice(NULL, 0);
    event.code = BASE_UNAUTHENTICATED;
    expect(&event, "ipc", false,
           "time=T level=warn msg=m method=hirsch.v1.RecordService/PutRecords "
           "code=UNAUTHENTICATED peer=ipc\n");
}

static void test_slow(void **state)
{
    struct rpc_event event = {
        .method = BASE_SLICE("x\nlevel=error"),
        .code = BASE_OK,
        .key = "",
        .traceparent = BASE_SLICE("00-ab-cd-01"),
        .waited_ns = 1500000,
        .worked_ns = 2500999,
    };
    (void)state;
    expect(&event, NULL, true,
           "time=T level=warn msg=m method=\"x?level=error\" code=OK traceparent=00-ab-cd-01 "
           "waited_us=1500 worked_us=2500\n");
    event.later = true;
    expect(&event, NULL, true,
           "time=T level=warn msg=m method=\"x?level=error\" code=OK traceparent=00-ab-cd-01 "
           "waited_us=1500 later_us=2500\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_slow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
