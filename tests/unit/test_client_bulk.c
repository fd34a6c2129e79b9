/* Bulk writes of libhirsch against a small server: how they are split, outcomes in order, and what
 * ends them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/record_server.h"

enum { BULK_MOST = 20000 };

/* Outcomes as they are told. */
struct told {
    uint64_t next;
    uint64_t step;
    size_t failed;
    enum hirsch_code last;
};

static void on_item(void *context, uint64_t number, const struct hirsch_write_item *item)
{
    struct told *told = context;
    assert_int_equal(number, told->next);
    told->next += told->step;
    told->failed += item->code != HIRSCH_OK;
    told->last = item->code;
}

static hirsch_bulk *open_bulk(struct hirsch_bulk_options *options, struct told *told)
{
    hirsch_bulk *bulk = NULL;
    *told = (struct told){.next = 10, .step = 3};
    options->on_item = on_item;
    options->context = told;
    assert_int_equal(hirsch_bulk_open(client, options, &bulk, NULL), HIRSCH_OK);
    return bulk;
}

static enum hirsch_code put_one(hirsch_bulk *bulk, uint64_t i, const char *title,
                                hirsch_error **error)
{
    struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
    struct hirsch_record record = {HIRSCH_RECORD_PAPER, &paper};
    paper.id = "local:x";
    paper.title = title;
    return hirsch_bulk_put(bulk, 10 + 3 * i, &record, error);
}

static void bulk_tells_in_order(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.in_flight = 6;
    options.records = 7;
    options.key_prefix = "run";
    hirsch_bulk *bulk = open_bulk(&options, &told);
    for (uint64_t i = 0; i < BULK_MOST; i++) {
        assert_int_equal(put_one(bulk, i, i % 100 == 99 ? "bad" : "good", NULL), HIRSCH_OK);
    }
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.next, 10 + 3 * BULK_MOST);
    assert_int_equal(told.failed, BULK_MOST / 100);
    struct hirsch_bulk_totals totals;
    hirsch_bulk_totals(bulk, &totals);
    assert_int_equal(totals.records, BULK_MOST);
    assert_int_equal(totals.failed, BULK_MOST / 100);
    assert_int_equal(totals.stored, BULK_MOST - BULK_MOST / 100);
    int requests = atomic_load(&server.requests);
    assert_int_equal(requests, (BULK_MOST + 6) / 7);
    assert_int_equal(totals.sequence, requests);
    assert_string_equal(server.keys[0], "run-10-28");
    assert_int_equal(server.counts[0], 7);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    hirsch_bulk_close(bulk);
}

static void bulk_splits_by_bytes(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.bytes = 1000;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    static char title[3001];
    memset(title, 't', 300);
    for (uint64_t i = 0; i < 9; i++) {
        assert_int_equal(put_one(bulk, i, title, NULL), HIRSCH_OK);
    }
    memset(title, 't', 3000); /* travels alone */
    assert_int_equal(put_one(bulk, 9, title, NULL), HIRSCH_OK);
    assert_int_equal(put_one(bulk, 10, "small", NULL), HIRSCH_OK);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(atomic_load(&server.requests), 5);
    assert_int_equal(told.next, 10 + 3 * 11);
    hirsch_bulk_close(bulk);
}

/* Puts and deletes never share a request; what became of each is told and counted. */
static void bulk_deletes(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 100;
    options.key_prefix = "run";
    hirsch_bulk *bulk = open_bulk(&options, &told);
    for (uint64_t i = 0; i < 1000; i++) {
        struct hirsch_record_key key = {.type = HIRSCH_RECORD_PAPER,
                                        .id = i % 10 == 0 ? "local:absent" : "local:x"};
        if (i == 550) {
            assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
        } else {
            assert_int_equal(hirsch_bulk_delete(bulk, 10 + 3 * i, &key, NULL), HIRSCH_OK);
        }
    }
    struct hirsch_record_key wrong = {.type = HIRSCH_RECORD_PACKED, .id = "local:x"};
    assert_int_equal(hirsch_bulk_delete(bulk, 5000, &wrong, NULL), HIRSCH_INVALID_ARGUMENT);
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.next, 10 + 3 * 1000);
    struct hirsch_bulk_totals totals;
    hirsch_bulk_totals(bulk, &totals);
    assert_int_equal(totals.records, 1000);
    assert_int_equal(totals.stored, 1);
    assert_int_equal(totals.absent, 99);
    assert_int_equal(totals.deleted, 900);
    assert_int_equal(totals.sequence, 12);
    assert_int_equal(atomic_load(&server.requests), 12);
    assert_string_equal(server.keys[5], "run-1510-1657");
    assert_int_equal(server.counts[5], 50);
    assert_int_equal(server.counts[6], 1);
    assert_int_equal(server.counts[7], 100);
    hirsch_bulk_close(bulk);
}

/* The first run was flushed in the middle of a request, as by an interruption. What falls into the
 * same requests again is not done again, and what was cut short does not stop the second run. */
static void bulk_cut_elsewhere_goes_on(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 7;
    options.key_prefix = "run";
    for (uint64_t run = 0; run < 2; run++) {
        hirsch_bulk *bulk = open_bulk(&options, &told);
        for (uint64_t i = 0; i < (run == 0 ? 10 : 21); i++) {
            assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
        }
        assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
        hirsch_bulk_close(bulk);
    }
    assert_int_equal(atomic_load(&server.requests), 2 + 3);
    assert_string_equal(server.keys[1], "run-31-37");
    assert_string_equal(server.keys[3], "run-31-49");
    assert_int_equal(atomic_load(&server.applied), 10 + 14);
}

/* A full queue is waited out, with the same keys. */
static void bulk_waits_out_a_busy_server(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 1;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    server.how = BASE_RESOURCE_EXHAUSTED;
    atomic_store(&server.busy, 4);
    for (uint64_t i = 0; i < 8; i++) {
        assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
    }
    assert_int_equal(hirsch_bulk_flush(bulk, NULL), HIRSCH_OK);
    assert_int_equal(told.failed, 0);
    assert_int_equal(told.next, 10 + 3 * 8);
    assert_int_equal(atomic_load(&server.requests), 12);
    hirsch_bulk_close(bulk);
}

/* What fails as a whole ends it: everything is told, nothing more is taken. */
static void bulk_ends_with_a_failure(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    hirsch_error *error = NULL;
    options.records = 2;
    hirsch_bulk *bulk = open_bulk(&options, &told);
    server.how = BASE_FAILED_PRECONDITION;
    atomic_store(&server.busy, 1000000);
    uint64_t taken = 0;
    while (put_one(bulk, taken, "good", &error) == HIRSCH_OK) {
        taken++;
        assert_true(taken < 1000);
    }
    assert_int_equal(error->code, HIRSCH_FAILED_PRECONDITION);
    hirsch_free(error);
    assert_int_equal(hirsch_bulk_flush(bulk, &error), HIRSCH_FAILED_PRECONDITION);
    assert_string_equal(error->text, "not now");
    hirsch_free(error);
    assert_int_equal(told.next, 10 + 3 * taken);
    assert_int_equal(told.failed, taken);
    hirsch_bulk_close(bulk);
}

static void bulk_may_be_left(void **state)
{
    (void)state;
    struct told told;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.records = 3;
    for (int round = 0; round < 20; round++) {
        hirsch_bulk *bulk = open_bulk(&options, &told);
        for (uint64_t i = 0; i < 10; i++) {
            assert_int_equal(put_one(bulk, i, "good", NULL), HIRSCH_OK);
        }
        hirsch_bulk_close(bulk);
    }
    hirsch_bulk_close(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(bulk_tells_in_order),
        TEST(bulk_splits_by_bytes),
        TEST(bulk_deletes),
        TEST(bulk_cut_elsewhere_goes_on),
        TEST(bulk_waits_out_a_busy_server),
        TEST(bulk_ends_with_a_failure),
        TEST(bulk_may_be_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
