/* What verification takes for a right answer, and that it sees each kind of a wrong one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "bench/verify.h"
#include "wire/messages.h"

static struct base_arena arena;
static struct base_error error;

/* The message as an answer to so many keys; missing of them name nothing. */
static bool right(const char *method, const struct base_slice *keys, size_t count, size_t missing,
                  const ProtobufCMessage *message)
{
    const struct bench_ask ask = {
        .method = bench_method_find(method), .keys = keys, .key_count = count, .page_size = 2};
    uint8_t *bytes = malloc(protobuf_c_message_get_packed_size(message) + 1);
    assert_non_null(ask.method);
    assert_non_null(bytes);
    size_t size = protobuf_c_message_pack(message, bytes);
    base_arena_reset(&arena);
    enum base_code code =
        bench_ask_verify(&ask, base_slice((const char *)bytes, size), missing, &arena, &error);
    assert_true(code == BASE_OK || code == BASE_DATA_LOSS);
    free(bytes);
    return code == BASE_OK;
}

static void one_author(void **state)
{
    (void)state;
    char *ids[] = {(char *)"orcid:0000-0001-6187-6610"};
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    Hirsch__V1__GetAuthorResponse response = HIRSCH__V1__GET_AUTHOR_RESPONSE__INIT;
    author.id = (char *)"local:a1";
    author.ids = ids;
    author.n_ids = 1;
    const struct base_slice good[] = {
        BASE_SLICE("local:a1"), BASE_SLICE("orcid:0000-0001-6187-6610"),
        BASE_SLICE("https://orcid.org/0000-0001-6187-6610"), BASE_SLICE("LOCAL:a1")};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        response.author = &author;
        assert_true(right("GetAuthor", &good[i], 1, 0, &response.base));
        response.author = NULL;
        assert_false(right("GetAuthor", &good[i], 1, 0, &response.base));
    }
    response.author = &author;
    const struct base_slice other[] = {BASE_SLICE("local:a2"), BASE_SLICE("no id at all")};
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++) {
        assert_false(right("GetAuthor", &other[i], 1, 0, &response.base));
        assert_non_null(strstr(error.text, "the answer speaks of 'local:a1'"));
    }
}

static void a_batch(void **state)
{
    (void)state;
    const struct base_slice keys[] = {BASE_SLICE("local:a1"), BASE_SLICE("local:a2"),
                                      BASE_SLICE("local:a2")};
    Hirsch__V1__Author author = HIRSCH__V1__AUTHOR__INIT;
    Hirsch__V1__AuthorResult one[] = {HIRSCH__V1__AUTHOR_RESULT__INIT,
                                      HIRSCH__V1__AUTHOR_RESULT__INIT,
                                      HIRSCH__V1__AUTHOR_RESULT__INIT};
    Hirsch__V1__AuthorResult *results[] = {&one[0], &one[1], &one[2]};
    Hirsch__V1__BatchGetAuthorsResponse response = HIRSCH__V1__BATCH_GET_AUTHORS_RESPONSE__INIT;
    for (size_t i = 0; i < 3; i++) {
        one[i].id = (char *)(i == 0 ? "local:a1" : "local:a2");
        one[i].result_case = HIRSCH__V1__AUTHOR_RESULT__RESULT_AUTHOR;
        one[i].author = &author;
    }
    response.results = results;
    response.n_results = 3;
    assert_true(right("BatchGetAuthors", keys, 3, 0, &response.base));
    assert_false(right("BatchGetAuthors", keys, 3, 1, &response.base)); /* one should be missing */
    assert_false(right("BatchGetAuthors", keys, 2, 0, &response.base)); /* one too many */
    response.n_results = 2;
    assert_false(right("BatchGetAuthors", keys, 3, 0, &response.base));
    response.n_results = 3;
    results[0] = &one[1];
    results[1] = &one[0];
    assert_false(right("BatchGetAuthors", keys, 3, 0, &response.base));
}

static void resolved_ids(void **state)
{
    (void)state;
    const struct base_slice keys[] = {BASE_SLICE("s2:1"), BASE_SLICE("s2:2"), BASE_SLICE("s2:1")};
    static const struct {
        const char *id;
        Hirsch__V1__EntityKind kind;
    } given[] = {{"s2:1", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR},
                 {"s2:1", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER},
                 {"s2:2", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_UNSPECIFIED},
                 {"s2:1", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR},
                 {"s2:1", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER},
                 {"s2:1", HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER}};
    Hirsch__V1__ResolvedId one[6];
    Hirsch__V1__ResolvedId *results[6];
    Hirsch__V1__ResolveIdsResponse response = HIRSCH__V1__RESOLVE_IDS_RESPONSE__INIT;
    for (size_t i = 0; i < 6; i++) {
        one[i] = (Hirsch__V1__ResolvedId)HIRSCH__V1__RESOLVED_ID__INIT;
        one[i].id = (char *)given[i].id;
        one[i].kind = given[i].kind;
        results[i] = &one[i];
    }
    response.results = results;
    for (size_t count = 0; count <= 6; count++) {
        response.n_results = count;
        assert_int_equal(right("ResolveIds", keys, 3, 0, &response.base), count == 4 || count == 5);
    }
    results[2] = &one[0];
    response.n_results = 5;
    assert_false(right("ResolveIds", keys, 3, 0, &response.base));
}

static void metrics(void **state)
{
    (void)state;
    const struct base_slice key = BASE_SLICE("local:a1");
    char *unknown[] = {(char *)"local:a1"};
    Hirsch__V1__SetMetrics numbers = HIRSCH__V1__SET_METRICS__INIT;
    Hirsch__V1__ComputeMetricsResponse computed = HIRSCH__V1__COMPUTE_METRICS_RESPONSE__INIT;
    assert_false(right("ComputeMetrics", &key, 1, 0, &computed.base));
    computed.metrics = &numbers;
    assert_true(right("ComputeMetrics", &key, 1, 0, &computed.base));
    numbers.unknown_ids = unknown;
    numbers.n_unknown_ids = 1;
    assert_false(right("ComputeMetrics", &key, 1, 0, &computed.base));
    Hirsch__V1__GetTimelineResponse timeline = HIRSCH__V1__GET_TIMELINE_RESPONSE__INIT;
    assert_true(right("GetTimeline", &key, 1, 0, &timeline.base));
    timeline.unknown_ids = unknown;
    timeline.n_unknown_ids = 1;
    assert_false(right("GetTimeline", &key, 1, 0, &timeline.base));
    Hirsch__V1__PaperIndicators paper = HIRSCH__V1__PAPER_INDICATORS__INIT;
    Hirsch__V1__GetPaperMetricsResponse one = HIRSCH__V1__GET_PAPER_METRICS_RESPONSE__INIT;
    assert_false(right("GetPaperMetrics", &key, 1, 0, &one.base));
    one.metrics = &paper;
    assert_false(right("GetPaperMetrics", &key, 1, 0, &one.base));
    paper.id = (char *)"local:p1";
    assert_true(right("GetPaperMetrics", &key, 1, 0, &one.base));
}

static void pages_and_rubbish(void **state)
{
    (void)state;
    const struct base_slice key = BASE_SLICE("local:a1");
    Hirsch__V1__Paper paper = HIRSCH__V1__PAPER__INIT;
    Hirsch__V1__Paper *papers[] = {&paper, &paper, &paper};
    Hirsch__V1__ListAuthorPapersResponse page = HIRSCH__V1__LIST_AUTHOR_PAPERS_RESPONSE__INIT;
    page.papers = papers;
    page.n_papers = 2;
    assert_true(right("ListAuthorPapers", &key, 1, 0, &page.base));
    page.n_papers = 3;
    assert_false(right("ListAuthorPapers", &key, 1, 0, &page.base));
    const struct bench_ask ask = {
        .method = bench_method_find("GetAuthor"), .keys = &key, .key_count = 1};
    assert_int_not_equal(bench_ask_verify(&ask, BASE_SLICE("\x0a\xff\xff"), 0, &arena, &error),
                         BASE_OK);
}

/* set: [SetTerm{author: "local:a1"}] */
static void a_set_is_one_author(void **state)
{
    (void)state;
    const struct base_slice key = BASE_SLICE("local:a1");
    const struct bench_ask ask = {
        .method = bench_method_find("ComputeMetrics"), .keys = &key, .key_count = 1};
    struct base_buffer out = BASE_BUFFER_EMPTY;
    bench_ask_write(&ask, &out);
    assert_true(base_slice_equal(base_buffer_slice(&out), BASE_SLICE("\x0a\x0a\x0a\x08local:a1")));
    base_buffer_fini(&out);
}

static int setup(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_author),        cmocka_unit_test(a_batch),
        cmocka_unit_test(resolved_ids),      cmocka_unit_test(metrics),
        cmocka_unit_test(pages_and_rubbish), cmocka_unit_test(a_set_is_one_author),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
