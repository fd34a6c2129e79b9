/* Every n-th allocation of a write of several requests fails once: the caller gets a result, or an
 * error that says what is known, nothing leaks, and the same call again completes the write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/failing_memory.h"
#include "support/record_server.h"

/* Each is a request of its own: the client takes the servers for modest ones. */
enum { ITEMS = 3, TEXT_BYTES = 30000, REQUEST_BYTES = 64 * 1024, ALLOCATIONS_MOST = 10000 };

struct ending {
    bool ended;
    enum hirsch_code code;
    const struct hirsch_write_result *result;
    hirsch_error *error;
};

static void done(const struct hirsch_completion *completion)
{
    struct ending *ending = completion->context;
    *ending = (struct ending){true, completion->code, completion->result, completion->error};
}

static struct ending put(const struct hirsch_record *records, const char *key, bool asynchronous)
{
    struct ending ending = {false, HIRSCH_OK, NULL, NULL};
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    if (!asynchronous) {
        ending.code =
            hirsch_put_records(client, records, ITEMS, key, &call, &ending.result, &ending.error);
        return ending;
    }
    call.done = done;
    call.context = &ending;
    enum hirsch_code code =
        hirsch_put_records(client, records, ITEMS, key, &call, NULL, &ending.error);
    if (code != HIRSCH_OK) {
        ending.code = code;
        return ending;
    }
    while (!ending.ended) {
        hirsch_poll(client, 1000);
    }
    return ending;
}

static void expect_known(const struct hirsch_write_result *result, bool whole)
{
    assert_int_equal(result->count, ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        const struct hirsch_write_item *item = &result->items[i];
        assert_true(item->outcome == HIRSCH_RECORD_STORED ||
                    (!whole && (item->outcome == HIRSCH_RECORD_OUTCOME_UNSPECIFIED ||
                                item->outcome == HIRSCH_RECORD_NOT_SENT)));
        assert_int_equal(item->code == HIRSCH_OK, item->outcome == HIRSCH_RECORD_STORED);
    }
}

static void end(struct ending *ending)
{
    hirsch_free(ending->result);
    hirsch_free(ending->error);
}

static void fails_well(bool asynchronous)
{
    static struct hirsch_paper_record papers[ITEMS];
    static struct hirsch_record records[ITEMS];
    static char text[TEXT_BYTES + 1];
    memset(text, 'x', TEXT_BYTES);
    for (size_t i = 0; i < ITEMS; i++) {
        papers[i] = (struct hirsch_paper_record)HIRSCH_PAPER_RECORD_INIT;
        papers[i].id = "local:x";
        papers[i].abstract_text = text;
        records[i] = (struct hirsch_record){HIRSCH_RECORD_PAPER, &papers[i]};
    }
    unsigned long before = failures;
    for (long n = 0; n < ALLOCATIONS_MOST; n++) {
        char key[32];
        snprintf(key, sizeof key, "%c-%ld", asynchronous ? 'a' : 's', n);
        unsigned long seen = failures;
        until_failure = n;
        struct ending ending = put(records, key, asynchronous);
        bool failed = failures > seen;
        until_failure = -1;
        if (ending.code == HIRSCH_OK) {
            expect_known(ending.result, true);
        } else {
            assert_int_equal(ending.code, HIRSCH_INTERNAL);
            assert_null(ending.result);
            if (ending.error->partial != NULL) {
                expect_known(ending.error->partial, false);
            }
        }
        end(&ending);
        ending = put(records, key, asynchronous);
        assert_int_equal(ending.code, HIRSCH_OK);
        expect_known(ending.result, true);
        end(&ending);
        if (!failed) {
            assert_int_equal(server.counts[atomic_load(&server.requests) - 1], 1);
            assert_true(failures - before > 20);
            return;
        }
    }
    fail();
}

static int start_modest(void **state)
{
    if (start(state) != 0) {
        return 1;
    }
    hirsch_close(client);
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = server.url;
    options.timeout_ms = 60000;
    options.max_request_bytes = REQUEST_BYTES;
    return hirsch_open(&options, &client, NULL) == HIRSCH_OK ? 0 : 1;
}

static void a_waiting_write_fails_well(void **state)
{
    (void)state;
    fails_well(false);
}

static void an_asynchronous_write_fails_well(void **state)
{
    (void)state;
    fails_well(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_waiting_write_fails_well, start_modest, stop),
        cmocka_unit_test_setup_teardown(an_asynchronous_write_fails_well, start_modest, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
