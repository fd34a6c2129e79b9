/* Writes of libhirsch that are too large for one request, against a small server: how they are
 * split, sent again and cancelled, and what is said when one of their requests fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "client/part.h"
#include "support/record_server.h"

enum { ITEMS = 2500, PARTS = 3 };

/* Papers that the tests put. */
static struct hirsch_paper_record papers[ITEMS];
static struct hirsch_record records[ITEMS];

static void make_papers(const char *title)
{
    for (size_t i = 0; i < ITEMS; i++) {
        papers[i] = (struct hirsch_paper_record)HIRSCH_PAPER_RECORD_INIT;
        papers[i].id = "local:x";
        papers[i].title = title;
        records[i] = (struct hirsch_record){HIRSCH_RECORD_PAPER, &papers[i]};
    }
}

/* One whole write, waited for or asynchronous. */
struct write {
    bool asynchronous;
    struct hirsch_call_options call;
    hirsch_ticket ticket;
    bool ended;
    enum hirsch_code code;
    const struct hirsch_write_result *result;
    hirsch_error *error;
};

static void done(const struct hirsch_completion *completion)
{
    struct write *write = completion->context;
    assert_false(write->ended);
    assert_true(completion->ticket == write->ticket);
    write->ended = true;
    write->code = completion->code;
    write->result = completion->result;
    write->error = completion->error;
}

static struct write new_write(bool asynchronous)
{
    return (struct write){.asynchronous = asynchronous, .call = HIRSCH_CALL_OPTIONS_INIT};
}

static void start_put(struct write *write, size_t count, const char *key)
{
    write->call.done = done;
    write->call.context = write;
    write->call.ticket = &write->ticket;
    assert_int_equal(
        hirsch_put_records(client, records, count, key, &write->call, NULL, &write->error),
        HIRSCH_OK);
}

static void put(struct write *write, size_t count, const char *key)
{
    if (!write->asynchronous) {
        write->code = hirsch_put_records(client, records, count, key, &write->call, &write->result,
                                         &write->error);
        return;
    }
    start_put(write, count, key);
    while (!write->ended) {
        hirsch_poll(client, 1000);
    }
}

static void end_write(struct write *write)
{
    hirsch_free(write->result);
    hirsch_free(write->error);
}

static void expect_all_stored(const struct write *write, size_t count)
{
    assert_int_equal(write->code, HIRSCH_OK);
    assert_int_equal(write->result->count, count);
    for (size_t i = 0; i < count; i++) {
        bool bad = strcmp(papers[i].title, "bad") == 0;
        assert_int_equal(write->result->items[i].outcome,
                         bad ? HIRSCH_RECORD_FAILED : HIRSCH_RECORD_STORED);
        assert_string_equal(write->result->items[i].message, bad ? "title: it is bad" : "");
    }
    assert_string_equal(write->result->epoch, "00112233445566778899aabbccddeeff");
}

static void expect_items(const struct hirsch_write_result *result, size_t first, size_t last,
                         enum hirsch_record_outcome outcome, enum hirsch_code code)
{
    for (size_t i = first; i <= last; i++) {
        assert_int_equal(result->items[i].outcome, outcome);
        assert_int_equal(result->items[i].code, code);
        assert_int_equal(result->items[i].message[0] == '\0', code == HIRSCH_OK);
    }
}

static void is_split_by_count(bool asynchronous)
{
    struct write write = new_write(asynchronous);
    make_papers("good");
    papers[999].title = papers[1000].title = papers[ITEMS - 1].title = "bad";
    put(&write, ITEMS, "key");
    expect_all_stored(&write, ITEMS);
    assert_int_equal(write.result->sequence, PARTS);
    assert_int_equal(atomic_load(&server.requests), PARTS);
    assert_int_equal(server.counts[0], HIRSCH_MAX_BATCH);
    assert_int_equal(server.counts[1], HIRSCH_MAX_BATCH);
    assert_int_equal(server.counts[2], ITEMS - 2 * HIRSCH_MAX_BATCH);
    assert_string_equal(server.keys[0], "key");
    assert_int_equal(strlen(server.keys[1]), 32);
    assert_string_not_equal(server.keys[1], server.keys[2]);
    end_write(&write);
}

static void a_put_is_split_by_count(void **state)
{
    (void)state;
    is_split_by_count(false);
}

static void so_is_an_asynchronous_one(void **state)
{
    (void)state;
    is_split_by_count(true);
}

/* What fits stays one request. */
static void a_full_request_is_not_split(void **state)
{
    (void)state;
    struct write write = new_write(false);
    make_papers("good");
    put(&write, HIRSCH_MAX_BATCH, "key");
    expect_all_stored(&write, HIRSCH_MAX_BATCH);
    assert_int_equal(atomic_load(&server.requests), 1);
    end_write(&write);
    write = new_write(false);
    put(&write, HIRSCH_MAX_BATCH + 1, NULL);
    expect_all_stored(&write, HIRSCH_MAX_BATCH + 1);
    assert_int_equal(atomic_load(&server.requests), 3);
    assert_int_equal(server.counts[2], 1);
    end_write(&write);
}

/* Requests are as full as they get, and never over what a server takes. */
static void is_split_by_bytes(bool asynchronous)
{
    enum { TEXT_BYTES = 1024 * 1024, EACH = 7, MANY = 24 };
    struct write write = new_write(asynchronous);
    char *text = calloc(1, TEXT_BYTES + 1);
    assert_non_null(text);
    memset(text, 'x', TEXT_BYTES);
    make_papers("good");
    for (size_t i = 0; i < MANY; i++) {
        papers[i].abstract_text = text;
    }
    put(&write, MANY, NULL);
    expect_all_stored(&write, MANY);
    assert_int_equal(atomic_load(&server.requests), (MANY + EACH - 1) / EACH);
    for (int i = 0; i < atomic_load(&server.requests); i++) {
        assert_int_equal(server.counts[i], i < MANY / EACH ? EACH : MANY % EACH);
        assert_true(server.sizes[i] <= HIRSCH_MAX_PUT_BYTES + CLIENT_KEY_MOST);
    }
    end_write(&write);
    free(text);
}

static void a_put_is_split_by_bytes(void **state)
{
    (void)state;
    is_split_by_bytes(false);
    atomic_store(&server.requests, 0);
    is_split_by_bytes(true);
}

/* A server takes no more protobuf fields in one request either. */
static void a_put_is_split_by_fields(void **state)
{
    (void)state;
    enum { EACH = 50000, MANY = 20 };
    struct write write = new_write(false);
    const char **references = calloc(EACH, sizeof *references);
    assert_non_null(references);
    for (size_t i = 0; i < EACH; i++) {
        references[i] = "s2:1";
    }
    make_papers("good");
    for (size_t i = 0; i < MANY; i++) {
        papers[i].reference_count = EACH;
        papers[i].references = references;
    }
    put(&write, MANY, NULL);
    expect_all_stored(&write, MANY);
    assert_int_equal(atomic_load(&server.requests), 3);
    assert_int_equal(server.counts[0], (LIMIT_PUT_FIELDS - 1) / (EACH + 4));
    end_write(&write);
    free(references);
}

/* A client that knows of a lower limit keeps to it. */
static void servers_may_take_less(void **state)
{
    (void)state;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    struct write write = new_write(false);
    hirsch_error *error = NULL;
    options.endpoints = server.url;
    options.timeout_ms = 60000;
    options.max_request_bytes = 64 * 1024;
    hirsch_client *other = client;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    static char text[30001];
    memset(text, 'x', sizeof text - 1);
    make_papers("good");
    for (size_t i = 0; i < 10; i++) {
        papers[i].abstract_text = text;
    }
    put(&write, 10, NULL);
    expect_all_stored(&write, 10);
    assert_int_equal(atomic_load(&server.requests), 10);
    end_write(&write);
    static char large[40001];
    memset(large, 'x', sizeof large - 1);
    papers[5].abstract_text = large;
    assert_int_equal(hirsch_put_records(client, records, 10, NULL, NULL, &write.result, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_non_null(strstr(error->text, "records[5]"));
    assert_int_equal(atomic_load(&server.requests), 10);
    hirsch_free(error);
    hirsch_close(client);
    client = other;
}

/* Nothing is sent when one of the records is wrong, wherever it stands. */
static void a_wrong_record_is_named_first(void **state)
{
    (void)state;
    hirsch_error *error = NULL;
    const struct hirsch_write_result *result = NULL;
    char *large = calloc(1, HIRSCH_MAX_PUT_BYTES + 1);
    assert_non_null(large);
    memset(large, 'x', HIRSCH_MAX_PUT_BYTES);
    make_papers("good");
    papers[2400].abstract_text = large;
    assert_int_equal(hirsch_put_records(client, records, ITEMS, NULL, NULL, &result, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_memory_equal(error->text, "records[2400]: ", 15);
    assert_null(error->partial);
    hirsch_free(error);
    free(large);
    records[1200].type = (enum hirsch_record_type)77;
    assert_int_equal(hirsch_put_records(client, records, ITEMS, NULL, NULL, &result, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_memory_equal(error->text, "records[1200]: ", 15);
    hirsch_free(error);
    assert_null(result);
    assert_int_equal(atomic_load(&server.requests), 0);
}

static void a_delete_is_split(void **state)
{
    (void)state;
    static struct hirsch_record_key keys[ITEMS];
    const struct hirsch_write_result *result = NULL;
    hirsch_error *error = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        keys[i] = (struct hirsch_record_key){.type = HIRSCH_RECORD_PAPER,
                                             .id = i == 1700 ? "local:absent" : "local:x"};
    }
    assert_int_equal(hirsch_delete_records(client, keys, ITEMS, "key", NULL, &result, &error),
                     HIRSCH_OK);
    assert_int_equal(result->count, ITEMS);
    for (size_t i = 0; i < ITEMS; i++) {
        assert_int_equal(result->items[i].outcome,
                         i == 1700 ? HIRSCH_RECORD_ABSENT : HIRSCH_RECORD_DELETED);
    }
    assert_int_equal(result->sequence, PARTS);
    assert_int_equal(atomic_load(&server.requests), PARTS);
    hirsch_free(result);
    keys[2].type = (enum hirsch_record_type)77;
    assert_int_equal(hirsch_delete_records(client, keys, ITEMS, "key", NULL, &result, &error),
                     HIRSCH_INVALID_ARGUMENT);
    assert_memory_equal(error->text, "keys[2]: ", 9);
    hirsch_free(error);
}

/* A request that is refused for the moment is sent again with its key, and the rest follows. */
static void each_request_has_its_attempts(void **state)
{
    (void)state;
    struct write write = new_write(false);
    make_papers("good");
    server.how = BASE_UNAVAILABLE;
    atomic_store(&server.spared, 1);
    atomic_store(&server.busy, 2);
    put(&write, ITEMS, "key");
    expect_all_stored(&write, ITEMS);
    assert_int_equal(atomic_load(&server.requests), PARTS + 2);
    assert_string_equal(server.keys[1], server.keys[2]);
    assert_string_equal(server.keys[1], server.keys[3]);
    assert_int_equal(atomic_load(&server.applied), ITEMS);
    end_write(&write);
}

static void goes_on_after_a_lost_answer(bool asynchronous)
{
    struct write write = new_write(asynchronous);
    make_papers("good");
    atomic_store(&server.lost, 1);
    write.call.timeout_ms = 5000; /* enough for the first request on any machine */
    put(&write, ITEMS, "key");
    assert_int_equal(write.code, HIRSCH_DEADLINE_EXCEEDED);
    assert_null(write.result);
    assert_memory_equal(write.error->text, "items 1000 to 1999 of 2500: ", 28);
    assert_true(write.error->retriable);
    assert_int_equal(write.error->attempts, 1);
    const struct hirsch_write_result *partial = write.error->partial;
    assert_non_null(partial);
    assert_int_equal(partial->count, ITEMS);
    expect_items(partial, 0, 999, HIRSCH_RECORD_STORED, HIRSCH_OK);
    expect_items(partial, 1000, 1999, HIRSCH_RECORD_OUTCOME_UNSPECIFIED, HIRSCH_DEADLINE_EXCEEDED);
    expect_items(partial, 2000, 2499, HIRSCH_RECORD_NOT_SENT, HIRSCH_DEADLINE_EXCEEDED);
    assert_int_equal(partial->sequence, 1);
    assert_string_equal(partial->epoch, "00112233445566778899aabbccddeeff");
    end_write(&write);
    assert_int_equal(atomic_load(&server.requests), 2);

    write = new_write(asynchronous);
    put(&write, ITEMS, "key");
    expect_all_stored(&write, ITEMS);
    assert_int_equal(atomic_load(&server.requests), 2 + PARTS);
    assert_string_equal(server.keys[0], server.keys[2]);
    assert_string_equal(server.keys[1], server.keys[3]);
    assert_int_equal(atomic_load(&server.applied), ITEMS);
    assert_int_equal(write.result->sequence, 2 + PARTS);
    end_write(&write);
}

static void the_same_call_goes_on(void **state)
{
    (void)state;
    goes_on_after_a_lost_answer(false);
}

static void the_same_asynchronous_call_goes_on(void **state)
{
    (void)state;
    goes_on_after_a_lost_answer(true);
}

static void fails_in_the_middle(bool asynchronous)
{
    struct write write = new_write(asynchronous);
    make_papers("good");
    papers[10].title = "bad";
    server.how = BASE_FAILED_PRECONDITION;
    atomic_store(&server.spared, 2);
    atomic_store(&server.busy, 1);
    put(&write, ITEMS, NULL);
    assert_int_equal(write.code, HIRSCH_FAILED_PRECONDITION);
    assert_string_equal(write.error->text, "items 2000 to 2499 of 2500: not now");
    assert_false(write.error->retriable);
    const struct hirsch_write_result *partial = write.error->partial;
    expect_items(partial, 0, 9, HIRSCH_RECORD_STORED, HIRSCH_OK);
    expect_items(partial, 10, 10, HIRSCH_RECORD_FAILED, HIRSCH_INVALID_ARGUMENT);
    expect_items(partial, 11, 1999, HIRSCH_RECORD_STORED, HIRSCH_OK);
    expect_items(partial, 2000, 2499, HIRSCH_RECORD_OUTCOME_UNSPECIFIED,
                 HIRSCH_FAILED_PRECONDITION);
    assert_string_equal(partial->items[2000].message, write.error->text);
    assert_int_equal(partial->sequence, 2);
    end_write(&write);
}

static void what_was_done_is_said(void **state)
{
    (void)state;
    fails_in_the_middle(false);
    atomic_store(&server.requests, 0);
    memset(server.done, 0, sizeof server.done);
    fails_in_the_middle(true);
}

/* The first request fails: the rest is not sent. Without an error object nothing is kept. */
static void nothing_follows_a_failure(void **state)
{
    (void)state;
    struct write write = new_write(false);
    make_papers("good");
    server.how = BASE_FAILED_PRECONDITION;
    atomic_store(&server.busy, 2);
    put(&write, ITEMS, NULL);
    assert_int_equal(write.code, HIRSCH_FAILED_PRECONDITION);
    expect_items(write.error->partial, 0, 999, HIRSCH_RECORD_OUTCOME_UNSPECIFIED,
                 HIRSCH_FAILED_PRECONDITION);
    expect_items(write.error->partial, 1000, 2499, HIRSCH_RECORD_NOT_SENT,
                 HIRSCH_FAILED_PRECONDITION);
    assert_int_equal(write.error->partial->sequence, 0);
    assert_string_equal(write.error->partial->epoch, "");
    assert_int_equal(atomic_load(&server.requests), 1);
    end_write(&write);
    assert_int_equal(hirsch_put_records(client, records, ITEMS, NULL, NULL, &write.result, NULL),
                     HIRSCH_FAILED_PRECONDITION);
    assert_int_equal(atomic_load(&server.requests), 2);
}

/* An answer that is none makes its items unknown, and the call fail. */
static void a_false_answer_is_a_failure(void **state)
{
    (void)state;
    static struct hirsch_record_key keys[ITEMS];
    const struct hirsch_write_result *result = NULL;
    hirsch_error *error = NULL;
    for (size_t i = 0; i < ITEMS; i++) {
        keys[i] = (struct hirsch_record_key){.type = HIRSCH_RECORD_PAPER, .id = "local:x"};
    }
    server.miscounts = true;
    assert_int_equal(hirsch_delete_records(client, keys, 1001, NULL, NULL, &result, &error),
                     HIRSCH_INTERNAL);
    assert_memory_equal(error->text, "items 0 to 999 of 1001: ", 24);
    expect_items(error->partial, 0, 999, HIRSCH_RECORD_OUTCOME_UNSPECIFIED, HIRSCH_INTERNAL);
    expect_items(error->partial, 1000, 1000, HIRSCH_RECORD_DELETED, HIRSCH_OK);
    hirsch_free(error);
}

/* Waits, without sleeping, until the server holds a request back. */
static void wait_until_held(void)
{
    while (sem_trywait(&server.reached) != 0) {
        hirsch_poll(client, 1);
    }
}

/* The ticket is that of the whole call, whichever of its requests is under way. */
static void a_call_is_cancelled_in_the_middle(void **state)
{
    (void)state;
    struct write write = new_write(true);
    make_papers("good");
    atomic_store(&server.held, 1);
    start_put(&write, ITEMS, "key");
    wait_until_held();
    assert_int_equal(hirsch_cancel(client, write.ticket + 1), HIRSCH_NOT_FOUND);
    assert_int_equal(hirsch_cancel(client, write.ticket), HIRSCH_OK);
    assert_int_equal(hirsch_cancel(client, write.ticket), HIRSCH_NOT_FOUND);
    assert_int_equal(hirsch_poll(client, 0), 1);
    assert_true(write.ended);
    assert_int_equal(write.code, HIRSCH_CANCELLED);
    expect_items(write.error->partial, 0, 999, HIRSCH_RECORD_STORED, HIRSCH_OK);
    expect_items(write.error->partial, 1000, 1999, HIRSCH_RECORD_OUTCOME_UNSPECIFIED,
                 HIRSCH_CANCELLED);
    expect_items(write.error->partial, 2000, 2499, HIRSCH_RECORD_NOT_SENT, HIRSCH_CANCELLED);
    end_write(&write);
    /* The late answer finds nobody, and another call is not disturbed. */
    sem_post(&server.go_on);
    write = new_write(false);
    put(&write, 5, NULL);
    expect_all_stored(&write, 5);
    end_write(&write);
}

/* A poll that finds one request answered and the next one under way has nothing to hand out. */
static void a_call_is_counted_once(void **state)
{
    (void)state;
    struct write write = new_write(true);
    make_papers("good");
    start_put(&write, ITEMS, NULL);
    size_t ran = 0;
    while (!write.ended) {
        ran += hirsch_poll(client, 1000);
    }
    assert_int_equal(ran, 1);
    assert_int_equal(hirsch_poll(client, 1000), 0);
    expect_all_stored(&write, ITEMS);
    end_write(&write);
}

static void a_client_is_closed_in_the_middle(void **state)
{
    (void)state;
    struct write write = new_write(true);
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    hirsch_client *other = client;
    options.endpoints = server.url;
    options.timeout_ms = 60000;
    assert_int_equal(hirsch_open(&options, &client, NULL), HIRSCH_OK);
    make_papers("good");
    atomic_store(&server.held, 2);
    start_put(&write, ITEMS, NULL);
    wait_until_held();
    hirsch_close(client);
    client = other;
    assert_true(write.ended);
    assert_int_equal(write.code, HIRSCH_CANCELLED);
    expect_items(write.error->partial, 0, 1999, HIRSCH_RECORD_STORED, HIRSCH_OK);
    end_write(&write);
    sem_post(&server.go_on);
}

/* Other threads' writes travel beside a series. */
static void *delete_often(void *unused)
{
    for (int i = 0; i < 20; i++) {
        hirsch_error *error = NULL;
        struct hirsch_record_key key = {.type = HIRSCH_RECORD_PAPER, .id = "local:x"};
        const struct hirsch_write_result *result = NULL;
        if (hirsch_delete_records(client, &key, 1, NULL, NULL, &result, &error) != HIRSCH_OK) {
            fprintf(stderr, "%s\n", error->text);
            abort();
        }
        hirsch_free(result);
    }
    return unused;
}

static void threads_write_side_by_side(void **state)
{
    (void)state;
    enum { THREADS = 3 };
    pthread_t threads[THREADS];
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, delete_often, NULL), 0);
    }
    make_papers("good");
    for (int i = 0; i < 20; i++) {
        struct write write = new_write(i % 2 == 1);
        put(&write, ITEMS, NULL);
        expect_all_stored(&write, ITEMS);
        end_write(&write);
    }
    for (size_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    assert_int_equal(atomic_load(&server.requests), THREADS * 20 + 20 * PARTS);
}

/* Keys have their length whatever the caller's, differ by number, and start with the caller's. */
static void keys_are_derived(void **state)
{
    (void)state;
    char key[CLIENT_KEY_MOST + 1];
    char first[CLIENT_KEY_MOST + 1];
    char second[CLIENT_KEY_MOST + 1];
    memset(key, '~', CLIENT_KEY_MOST);
    key[CLIENT_KEY_MOST] = '\0';
    client_derive_key(key, 0, first);
    assert_string_equal(first, key);
    client_derive_key(key, 1, first);
    client_derive_key(key, 2, second);
    assert_string_not_equal(first, second);
    assert_int_equal(client_check_key(first, CLIENT_KEY_MOST, NULL), BASE_OK);
    client_derive_key("other", 1, second);
    assert_string_not_equal(first, second);
    /* Stays as it is: a call that is sent again by a later version finds what the earlier did. */
    client_derive_key("key", 1, first);
    assert_string_equal(first, "bf3477ed7538bb2a8213944e8484f3d2");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)
    const struct CMUnitTest tests[] = {
        TEST(a_put_is_split_by_count),
        TEST(so_is_an_asynchronous_one),
        TEST(a_full_request_is_not_split),
        TEST(a_put_is_split_by_bytes),
        TEST(a_put_is_split_by_fields),
        TEST(servers_may_take_less),
        TEST(a_wrong_record_is_named_first),
        TEST(a_delete_is_split),
        TEST(each_request_has_its_attempts),
        TEST(the_same_call_goes_on),
        TEST(the_same_asynchronous_call_goes_on),
        TEST(what_was_done_is_said),
        TEST(nothing_follows_a_failure),
        TEST(a_false_answer_is_a_failure),
        TEST(a_call_is_cancelled_in_the_middle),
        TEST(a_call_is_counted_once),
        TEST(a_client_is_closed_in_the_middle),
        TEST(threads_write_side_by_side),
        cmocka_unit_test(keys_are_derived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
