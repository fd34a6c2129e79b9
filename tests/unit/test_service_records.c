/* Writes over a writer that stores nothing: what is asked of it, what is answered, and what is
 * refused before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static const char put_method[] = "hirsch.v1.RecordService/PutRecords";
static const char delete_method[] = "hirsch.v1.RecordService/DeleteRecords";

enum { RECORDS_MOST = LIMIT_BATCH + 1 };

/* A put of papers. */
struct put {
    Hirsch__V1__PutRecordsRequest request;
    Hirsch__V1__Record *list[RECORDS_MOST];
    Hirsch__V1__Record records[RECORDS_MOST];
    Hirsch__V1__PaperRecord papers[RECORDS_MOST];
};

static struct put *put_of(struct fixture *fixture, size_t count)
{
    struct put *put = base_arena_zalloc(&fixture->arena, sizeof *put);
    assert_non_null(put);
    hirsch__v1__put_records_request__init(&put->request);
    for (size_t i = 0; i < count; i++) {
        hirsch__v1__record__init(&put->records[i]);
        hirsch__v1__paper_record__init(&put->papers[i]);
        put->papers[i].id = text("local:p");
        put->records[i].record_case = HIRSCH__V1__RECORD__RECORD_PAPER;
        put->records[i].paper = &put->papers[i];
        put->list[i] = &put->records[i];
    }
    put->request.records = put->list;
    put->request.n_records = count;
    return put;
}

static const Hirsch__V1__PutRecordsResponse *ask_put(struct fixture *fixture, struct put *put)
{
    return ask(fixture, put_method, &put->request.base,
               &hirsch__v1__put_records_response__descriptor);
}

static void each_record_has_its_result(void **state)
{
    struct fixture *fixture = *state;
    struct put *put = put_of(fixture, 3);
    put->papers[1].date = text("2025-13");
    fixture->writes.step = 1;
    const Hirsch__V1__PutRecordsResponse *response = ask_put(fixture, put);
    assert_int_equal(fixture->response.code, BASE_OK);
    assert_int_equal(response->n_results, 3);
    assert_int_equal(response->sequence, 42);
    assert_string_equal(response->epoch, "ab010000000000000000000000000000");
    assert_int_equal(response->results[0]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED);
    assert_null(response->results[0]->error);
    assert_int_equal(response->results[1]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED);
    assert_int_equal(response->results[1]->error->code, BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(response->results[1]->error->message, "date: "));
    assert_int_equal(response->results[2]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_STORED);
}

/* What the writer is given: finished records, the time of receipt, the key. */
static void the_writer_is_told_everything(void **state)
{
    struct fixture *fixture = *state;
    struct put *put = put_of(fixture, 1);
    put->request.idempotency_key = text("a-key");
    fixture->writes.refuse = BASE_RESOURCE_EXHAUSTED;
    ask_put(fixture, put);
    expect_failure(fixture, BASE_RESOURCE_EXHAUSTED, "the double refuses", NULL);
    fixture->writes.refuse = BASE_OK;
    uint8_t hash[16];
    ask_put(fixture, put);
    memcpy(hash, fixture->writes.hash, sizeof hash);
    ask_put(fixture, put);
    assert_memory_equal(hash, fixture->writes.hash, sizeof hash);
    put->papers[0].title = text("another");
    ask_put(fixture, put);
    assert_memory_not_equal(hash, fixture->writes.hash, sizeof hash);
    assert_int_equal(fixture->writes.items, 3);
}

static void a_failure_of_the_writer_comes_back(void **state)
{
    struct fixture *fixture = *state;
    struct put *put = put_of(fixture, 1);
    fixture->writes.fail = BASE_DEADLINE_EXCEEDED;
    ask_put(fixture, put);
    expect_failure(fixture, BASE_DEADLINE_EXCEEDED, "the double fails", NULL);
    fixture->writes.fail = BASE_INVALID_ARGUMENT;
    put->request.idempotency_key = text("a-key");
    ask_put(fixture, put);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "the double fails", "IDEMPOTENCY_KEY_REUSED");
}

static void bad_requests_are_refused(void **state)
{
    struct fixture *fixture = *state;
    ask_put(fixture, put_of(fixture, 0));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "records: 0 entries", "BATCH_SIZE");
    ask_put(fixture, put_of(fixture, LIMIT_BATCH + 1));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "records: 1001 entries", "BATCH_SIZE");
    ask_put(fixture, put_of(fixture, LIMIT_BATCH));
    assert_int_equal(fixture->response.code, BASE_OK);
    static char long_key[LIMIT_IDEMPOTENCY_KEY + 2];
    memset(long_key, 'k', LIMIT_IDEMPOTENCY_KEY + 1);
    char *const keys[] = {text("a b"), text("\xc3\xa9"), text("a\x7f"), long_key};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        struct put *put = put_of(fixture, 1);
        put->request.idempotency_key = keys[i];
        ask_put(fixture, put);
        expect_failure(fixture, BASE_INVALID_ARGUMENT, "idempotency_key",
                       "IDEMPOTENCY_KEY_INVALID");
    }
    assert_int_equal(fixture->writes.items, LIMIT_BATCH);
}

static void a_server_that_only_reads_says_so(void **state)
{
    struct fixture *fixture = *state;
    fixture->state.writes = NULL;
    ask_put(fixture, put_of(fixture, 1));
    expect_failure(fixture, BASE_FAILED_PRECONDITION, "only reads", NULL);
}

/* The answer must fit before anything is done; sentences are cut to fit. */
static void the_answer_fits(void **state)
{
    struct fixture *fixture = *state;
    const struct wire_metadata least = {BASE_SLICE("hirsch-max-reply"), BASE_SLICE("4096")};
    fixture->metadata = &least;
    fixture->metadata_count = 1;
    ask_put(fixture, put_of(fixture, 100));
    expect_failure(fixture, BASE_RESOURCE_EXHAUSTED, "hirsch-max-reply", NULL);
    assert_int_equal(fixture->writes.items, 0);
    struct put *put = put_of(fixture, 40);
    for (size_t i = 0; i < 40; i++) {
        put->papers[i].date = text("this is no date, and it is told at some length why it is none, "
                                   "so that the sentence is longer than what fits");
    }
    const Hirsch__V1__PutRecordsResponse *response = ask_put(fixture, put);
    assert_int_equal(fixture->response.code, BASE_OK);
    assert_true(fixture->reply.size <= 4096);
    assert_int_equal(response->n_results, 40);
    assert_int_equal(response->results[39]->error->code, BASE_INVALID_ARGUMENT);
    assert_true(strlen(response->results[39]->error->message) >= 60);
}

static void keys_are_deleted(void **state)
{
    struct fixture *fixture = *state;
    Hirsch__V1__DeleteRecordsRequest request = HIRSCH__V1__DELETE_RECORDS_REQUEST__INIT;
    Hirsch__V1__RecordKey keys[3];
    Hirsch__V1__RecordKey *list[3];
    Hirsch__V1__EntityKey ids[3];
    static const char *const texts[] = {"local:x", "nonsense", "doi:10.1/x"};
    for (size_t i = 0; i < 3; i++) {
        hirsch__v1__record_key__init(&keys[i]);
        hirsch__v1__entity_key__init(&ids[i]);
        ids[i].id = text(texts[i]);
        keys[i].key_case = HIRSCH__V1__RECORD_KEY__KEY_ENTITY;
        keys[i].entity = &ids[i];
        list[i] = &keys[i];
    }
    request.keys = list;
    request.n_keys = 3;
    fixture->writes.outcome = STORE_OUTCOME_DELETED;
    const Hirsch__V1__DeleteRecordsResponse *response = ask(
        fixture, delete_method, &request.base, &hirsch__v1__delete_records_response__descriptor);
    assert_int_equal(fixture->response.code, BASE_OK);
    assert_int_equal(response->n_results, 3);
    /* The first could be an author and a paper. */
    assert_int_equal(fixture->writes.items, 4);
    assert_int_equal(response->results[0]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_DELETED);
    assert_int_equal(response->results[1]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_FAILED);
    assert_int_equal(response->results[2]->outcome,
                     HIRSCH__V1__RECORD_OUTCOME__RECORD_OUTCOME_DELETED);
    request.n_keys = 0;
    ask(fixture, delete_method, &request.base, &hirsch__v1__delete_records_response__descriptor);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "keys: 0 entries", "BATCH_SIZE");
}

/* A snapshot that is older than what was acknowledged is renewed before the next read, and only
 * then. */
static void reads_see_what_was_acknowledged(void **state)
{
    struct fixture *fixture = *state;
    Hirsch__V1__GetDatasetRequest request = HIRSCH__V1__GET_DATASET_REQUEST__INIT;
    static const char method[] = "hirsch.v1.DatasetService/GetDataset";
    ask(fixture, method, &request.base, &hirsch__v1__get_dataset_response__descriptor);
    unsigned rests = fixture->store.rests;
    ask(fixture, method, &request.base, &hirsch__v1__get_dataset_response__descriptor);
    assert_int_equal(fixture->store.rests, rests);
    fixture->store.info.sequence = 77;
    atomic_store(&fixture->store.committed, 77);
    const Hirsch__V1__GetDatasetResponse *response =
        ask(fixture, method, &request.base, &hirsch__v1__get_dataset_response__descriptor);
    assert_int_equal(response->dataset->sequence, 77);
    assert_int_equal(fixture->store.rests, rests + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_record_has_its_result),
        TEST(the_writer_is_told_everything),
        TEST(a_failure_of_the_writer_comes_back),
        TEST(bad_requests_are_refused),
        TEST(a_server_that_only_reads_says_so),
        TEST(the_answer_fits),
        TEST(keys_are_deleted),
        TEST(reads_see_what_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
