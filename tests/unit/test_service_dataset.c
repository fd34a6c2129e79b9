/* The dataset as a whole, sampled ids and what ids name, over a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static void test_dataset(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    store->info.paper_count = 7;
    store->info.disputed_count = 2;
    store->sources[0] = (struct store_source){BASE_SLICE("openalex"), 3, 9};
    store->source_count = 1;
    Hirsch__V1__GetDatasetRequest request = HIRSCH__V1__GET_DATASET_REQUEST__INIT;
    const Hirsch__V1__GetDatasetResponse *response =
        ask(fixture, "hirsch.v1.DatasetService/GetDataset", &request.base,
            &hirsch__v1__get_dataset_response__descriptor);
    const Hirsch__V1__Dataset *dataset = response->dataset;
    assert_string_equal(dataset->epoch, "ab010000000000000000000000000000");
    assert_string_equal(dataset->coverage_end, "2024-06-30");
    assert_int_equal(dataset->sequence, 41);
    assert_int_equal(dataset->paper_count, 7);
    assert_int_equal(dataset->disputed_id_count, 2);
    assert_int_equal(dataset->n_sources, 1);
    assert_string_equal(dataset->sources[0]->source, "openalex");
    assert_int_equal(dataset->sources[0]->author_records, 3);
    assert_int_equal(dataset->sources[0]->paper_records, 9);
}

static const Hirsch__V1__SampleIdsResponse *sample(struct fixture *fixture, int kind,
                                                   uint32_t count, uint64_t seed, bool stubs)
{
    Hirsch__V1__SampleIdsRequest request = HIRSCH__V1__SAMPLE_IDS_REQUEST__INIT;
    request.kind = (Hirsch__V1__EntityKind)kind;
    request.count = count;
    request.seed = seed;
    request.include_stubs = stubs;
    return ask(fixture, "hirsch.v1.DatasetService/SampleIds", &request.base,
               &hirsch__v1__sample_ids_response__descriptor);
}

static void test_sample(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    double_add_papers(store, 100);
    for (size_t i = 60; i < 100; i++) {
        store->papers[i].paper.stub = true;
    }
    store->info.paper_count = 60;
    store->info.stub_count = 40;
    const Hirsch__V1__SampleIdsResponse *drawn = sample(fixture, 2, 1000, 7, false);
    assert_int_equal(drawn->n_ids, 60);
    assert_int_equal(sample(fixture, 2, 1000, 7, true)->n_ids, 100);
    /* Each once. */
    bool seen[100] = {false};
    for (size_t i = 0; i < drawn->n_ids; i++) {
        int number = atoi(drawn->ids[i] + strlen("doi:10.1/"));
        assert_true(number < 60 && !seen[number]);
        seen[number] = true;
    }
    /* The same seed, the same ids; another seed, others. */
    const Hirsch__V1__SampleIdsResponse *again = sample(fixture, 2, 10, 7, false);
    const Hirsch__V1__SampleIdsResponse *other = sample(fixture, 2, 10, 8, false);
    size_t equal = 0;
    for (size_t i = 0; i < 10; i++) {
        assert_string_equal(again->ids[i], drawn->ids[i]);
        equal += strcmp(other->ids[i], again->ids[i]) == 0 ? 1 : 0;
    }
    assert_true(equal < 10);
    /* Evenly: every paper is drawn about as often as any other. */
    unsigned times[60] = {0};
    for (uint64_t seed = 0; seed < 6000; seed++) {
        drawn = sample(fixture, 2, 1, seed, false);
        times[atoi(drawn->ids[0] + strlen("doi:10.1/"))]++;
        base_arena_reset(&fixture->arena);
    }
    for (size_t i = 0; i < 60; i++) {
        assert_in_range(times[i], 55, 150);
    }
    assert_int_equal(sample(fixture, 1, 5, 0, false)->n_ids, 0);
    sample(fixture, 0, 5, 0, false);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field kind: 0", "KIND_INVALID");
    sample(fixture, 1, 0, 0, false);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field count: 0", "COUNT_INVALID");
    sample(fixture, 1, LIMIT_SAMPLE + 1, 0, false);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field count: 10001", "COUNT_INVALID");
}

static void test_resolve(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    double_add_author(store, "local:a", "A");
    double_add_paper(store, "local:a", "A paper", NULL);
    double_add_paper(store, "doi:10.1/x", "", NULL)->paper.stub = true;
    store->suppressed = "orcid:0000-0001-6187-6610";
    char *ids[] = {text("local:a"), text("https://doi.org/10.1/X"), text("nonsense"),
                   text("orcid:0000-0001-6187-6610"), text("local:none")};
    Hirsch__V1__ResolveIdsRequest request = HIRSCH__V1__RESOLVE_IDS_REQUEST__INIT;
    request.ids = ids;
    request.n_ids = sizeof ids / sizeof ids[0];
    const Hirsch__V1__ResolveIdsResponse *response =
        ask(fixture, "hirsch.v1.DatasetService/ResolveIds", &request.base,
            &hirsch__v1__resolve_ids_response__descriptor);
    assert_int_equal(response->n_results, 6);
    Hirsch__V1__ResolvedId **results = response->results;
    assert_int_equal(results[0]->kind, 1);
    assert_int_equal(results[1]->kind, 2);
    assert_string_equal(results[1]->resolved_id, "local:a");
    assert_string_equal(results[2]->id, "https://doi.org/10.1/X");
    assert_string_equal(results[2]->resolved_id, "doi:10.1/x");
    assert_true(results[2]->stub);
    assert_int_equal(results[3]->error_code, BASE_INVALID_ARGUMENT);
    assert_true(strlen(results[3]->error_message) > 10);
    assert_true(results[4]->suppressed);
    assert_int_equal(results[4]->kind, 0);
    assert_false(results[5]->suppressed);
    assert_string_equal(results[5]->resolved_id, "");
    request.n_ids = 0;
    ask(fixture, "hirsch.v1.DatasetService/ResolveIds", &request.base,
        &hirsch__v1__resolve_ids_response__descriptor);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "a batch holds 1 to 1000", "BATCH_SIZE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_dataset),
        TEST(test_sample),
        TEST(test_resolve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
