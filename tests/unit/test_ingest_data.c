/* Real records, read from $HIRSCH_DATA or ../shared/data; without them the tests are skipped. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "support/ingest_collect.h"

enum { SKIPPED = 77, PATH_MOST = 4096, IDS_MOST = 200000 };

static const char *data_folder;

static void data_path(const char *name, char path[PATH_MOST])
{
    snprintf(path, PATH_MOST, "%s/%s", data_folder, name);
}

/* What the eight files hold; the numbers below were counted with a JSON parser of another make. */
struct facts {
    pthread_mutex_t lock;
    uint64_t references;
    uint64_t nameless;    /* authorships without an id */
    uint64_t self_citing; /* works among their own references */
    uint64_t truncated;
    uint64_t hundred; /* works with exactly 100 authors */
    uint64_t titles;
    uint64_t abstracts;
    size_t id_count;
    uint64_t ids[IDS_MOST];
};

static void count_paper(struct facts *facts, const struct model_record *record)
{
    const struct model_paper_record *paper = &record->paper;
    facts->references += paper->reference_count;
    facts->truncated += paper->authors_truncated;
    facts->hundred += paper->author_count == 100;
    facts->titles += paper->title.size > 0;
    facts->abstracts += paper->abstract.size > 0;
    for (size_t i = 0; i < paper->reference_count; i++) {
        facts->self_citing += model_id_equal(&paper->references[i], &record->id);
    }
    for (size_t i = 0; i < paper->author_count; i++) {
        const struct model_id *id = &paper->authors[i].id;
        if (id->scheme == MODEL_NO_SCHEME) {
            facts->nameless++;
        } else if (facts->id_count < IDS_MOST) {
            facts->ids[facts->id_count++] = strtoull(id->value.data + 1, NULL, 10);
        }
    }
}

static enum base_code count_record(void *sink, unsigned worker, const struct model_record *record,
                                   struct base_error *error)
{
    struct facts *facts = sink;
    (void)worker;
    (void)error;
    pthread_mutex_lock(&facts->lock);
    if (record->type == MODEL_RECORD_PAPER) {
        count_paper(facts, record);
    }
    pthread_mutex_unlock(&facts->lock);
    return BASE_OK;
}

static int compare_numbers(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a;
    uint64_t other = *(const uint64_t *)b;
    return one < other ? -1 : one > other;
}

static void synergy_works_have_the_known_counts(void **state)
{
    (void)state;
    static struct facts facts;
    char path[PATH_MOST];
    data_path("openalex-synergy-v1", path);
    const char *paths[] = {path};
    struct ingest_job job = {
        .format = ingest_format_named("openalex"),
        .paths = paths,
        .path_count = 1,
        .threads = 2,
        .on_record = count_record,
        .sink = &facts,
    };
    struct ingest_report report;
    struct base_error error;
    pthread_mutex_init(&facts.lock, NULL);
    assert_int_equal(ingest_run(&job, &report, &error), BASE_OK);
    qsort(facts.ids, facts.id_count, sizeof facts.ids[0], compare_numbers);
    size_t distinct = 0;
    for (size_t i = 0; i < facts.id_count; i++) {
        distinct += i == 0 || facts.ids[i] != facts.ids[i - 1];
    }
    assert_int_equal(report.totals.lines, 5842);
    assert_int_equal(report.records_by_type[MODEL_RECORD_PAPER], 5842);
    assert_int_equal(report.totals.rejected, 0);
    assert_int_equal(report.ids_dropped, 29);
    assert_int_equal(facts.references, 202781);
    assert_int_equal(distinct, 25823);
    assert_int_equal(facts.titles, 5842 - 12);
    assert_int_equal(facts.abstracts, 5842 - 274);
    assert_true(facts.nameless > 0);
    assert_true(facts.self_citing > 0);
    assert_int_equal(facts.truncated, facts.hundred);
    assert_true(facts.hundred > 0);
}

/* Converting all records to the native format and reading that gives the same lines again. */
static void read_back(const struct collect *first)
{
    struct collect_line line;
    collect_line_init(&line);
    struct base_slice rest = base_buffer_slice(&first->records);
    while (rest.size > 0) {
        const char *end = memchr(rest.data, '\n', rest.size);
        assert_non_null(end);
        struct base_slice text = base_slice(rest.data, (size_t)(end - rest.data));
        collect_line_parse(&line, "hirsch", text);
        assert_int_equal(line.code, BASE_OK);
        assert_int_equal(line.out.size, text.size + 1);
        assert_memory_equal(line.out.data, text.data, text.size + 1);
        rest = base_slice(end + 1, rest.size - text.size - 1);
    }
    collect_line_fini(&line);
}

static void import_folder(struct collect *collect, const char *name, unsigned threads)
{
    char path[PATH_MOST];
    data_path(name, path);
    const char *paths[] = {path};
    collect_init(collect);
    assert_int_equal(collect_run(collect, "openalex", paths, 1, threads, 0), BASE_OK);
}

static void what_is_written_reads_back(void **state)
{
    static const char *const folders[] = {"openalex-synergy-v1", "openalex-snapshot-layout",
                                          "openalex-api-fixtures-2025"};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct collect one;
        struct collect other;
        import_folder(&one, folders[i], 1);
        import_folder(&other, folders[i], 3);
        assert_true(one.sum == other.sum);
        assert_int_equal(one.record_count, other.record_count);
        read_back(&one);
        collect_fini(&one);
        collect_fini(&other);
    }
}

static void the_snapshot_folder_is_walked(void **state)
{
    (void)state;
    struct collect collect;
    import_folder(&collect, "openalex-snapshot-layout", 2);
    assert_int_equal(collect.report.records_by_type[MODEL_RECORD_PAPER], 27);
    assert_int_equal(collect.report.records_by_type[MODEL_RECORD_AUTHOR], 1);
    assert_int_equal(collect.report.records_by_type[MODEL_RECORD_MERGE], 5);
    assert_int_equal(collect.report.skipped_entities, 0);
    assert_string_equal(collect_text(&collect.notices),
                        "notice: manifest: 104 of the 104 parts it names are not here\n"
                        "notice: manifest: 464 of the 465 parts it names are not here\n");
    collect_fini(&collect);
}

static void single_entities_of_the_newer_shape_are_read(void **state)
{
    (void)state;
    struct collect collect;
    import_folder(&collect, "openalex-api-fixtures-2025", 2);
    assert_int_equal(collect.record_count, 3);
    assert_int_equal(collect.report.skipped_entities, 6);
    const char *records = collect_text(&collect.records);
    assert_non_null(strstr(records, "\"ids\":[\"doi:10.7717/peerj.4375\",\"pmid:29456894\","
                                    "\"pmcid:PMC5815332\",\"mag:2741809807\"]"));
    assert_non_null(
        strstr(records, "\"abstract\":\"Despite growing interest in Open Access (OA) to"));
    assert_non_null(strstr(records, "\"field\":{\"id\":\"openalex/1804\",\"name\":\"Statistics, "
                                    "Probability and Uncertainty\"}"));
    assert_non_null(strstr(records, "\"name\":\"Deleted Author\""));
    collect_fini(&collect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(synergy_works_have_the_known_counts),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(the_snapshot_folder_is_walked),
        cmocka_unit_test(single_entities_of_the_newer_shape_are_read),
    };
    char path[PATH_MOST];
    data_folder = getenv("HIRSCH_DATA");
    if (data_folder == NULL) {
        data_folder = HIRSCH_DATA_DEFAULT;
    }
    data_path("openalex-synergy-v1", path);
    if (access(path, R_OK) != 0) {
        printf("skipped: no data\n");
        return SKIPPED;
    }
    return cmocka_run_group_tests_name("ingest data", tests, NULL, NULL);
}
