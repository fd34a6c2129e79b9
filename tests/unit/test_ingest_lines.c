/* Single lines through both formats: what each trap of real data turns into. What whole records
 * look like is in tests/golden. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "support/ingest_collect.h"

static int set_up(void **state)
{
    struct collect_line *line = malloc(sizeof *line);
    assert_non_null(line);
    collect_line_init(line);
    *state = line;
    return 0;
}

static int tear_down(void **state)
{
    collect_line_fini(*state);
    free(*state);
    return 0;
}

static const char *parse(void **state, const char *format, const char *text)
{
    return collect_line_parse(*state, format, base_slice_text(text));
}

static void keys_come_in_any_order(void **state)
{
    const char *wanted =
        "{\"type\":\"paper\",\"id\":\"openalex:W1\",\"title\":\"T\",\"date\":\"2001\"}\n";
    assert_string_equal(
        parse(state, "openalex",
              "{\"title\":\"T\",\"publication_year\":2001,\"id\":\"https://openalex.org/W1\"}"),
        wanted);
    assert_string_equal(
        parse(state, "openalex",
              "{\"id\":\"https://openalex.org/W1\",\"publication_year\":2001,\"title\":\"T\"}"),
        wanted);
    assert_string_equal(parse(state, "hirsch",
                              "{\"title\":\"T\",\"id\":\"openalex:w1\",\"date\":"
                              "\"2001\",\"type\":\"paper\"}"),
                        wanted);
}

static void an_author_id_may_be_null(void **state)
{
    const char *out = parse(state, "openalex",
                            "{\"id\":\"W1\",\"authorships\":[{\"author\":{\"id\":null,"
                            "\"display_name\":\"A. B.\"}},{\"author\":{\"id\":null}}]}");
    assert_non_null(strstr(out, "\"authors\":[{\"name\":\"A. B.\"}]"));
    assert_int_equal(((struct collect_line *)*state)->context.tally.authors_dropped, 1);
}

static void a_work_may_cite_itself_and_the_future(void **state)
{
    const char *out = parse(state, "openalex",
                            "{\"id\":\"W5\",\"publication_year\":1990,\"referenced_works\":["
                            "\"https://openalex.org/W5\",\"https://openalex.org/W9\"]}");
    assert_non_null(strstr(out, "\"references\":[\"openalex:W5\",\"openalex:W9\"]"));
}

static void ids_are_numbers_or_strings(void **state)
{
    const char *number =
        strdup(parse(state, "openalex", "{\"id\":\"W5\",\"ids\":{\"mag\":77,\"pmid\":5}}"));
    const char *text =
        parse(state, "openalex", "{\"id\":\"W5\",\"ids\":{\"mag\":\"77\",\"pmid\":\"5\"}}");
    assert_string_equal(number, text);
    assert_non_null(strstr(text, "\"ids\":[\"pmid:5\",\"mag:77\"]"));
    free((void *)number);
}

/* A list of `count` authors, then what is to be said of the work. */
static const char *parse_authors(void **state, unsigned count, const char *more)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&text, "{\"id\":\"W1\",\"authorships\":[");
    for (unsigned i = 1; i <= count; i++) {
        base_buffer_append_format(&text, "%s{\"author\":{\"id\":\"https://openalex.org/A%u\"}}",
                                  i == 1 ? "" : ",", i);
    }
    base_buffer_append_format(&text, "]%s}", more);
    const char *out = collect_line_parse(*state, "openalex", base_buffer_slice(&text));
    base_buffer_fini(&text);
    return out;
}

static void a_hundred_authors_are_a_cut_list(void **state)
{
    assert_null(strstr(parse_authors(state, 99, ""), "authors_truncated"));
    assert_non_null(strstr(parse_authors(state, 100, ""), "\"authors_truncated\":true"));
    assert_null(strstr(parse_authors(state, 101, ""), "authors_truncated"));
    assert_non_null(strstr(parse_authors(state, 3, ",\"is_authors_truncated\":true"),
                           "\"authors_truncated\":true"));
}

static void only_so_many_authors_are_kept(void **state)
{
    const char *out = parse_authors(state, LIMIT_AUTHORS + 3, "");
    assert_non_null(strstr(out, "{\"id\":\"openalex:A5000\"}"));
    assert_null(strstr(out, "\"openalex:A5001\""));
    assert_non_null(strstr(out, "\"authors_truncated\":true"));
}

static void a_position_survives_a_dropped_author(void **state)
{
    const char *out = parse(state, "openalex",
                            "{\"id\":\"W1\",\"authorships\":[{\"author\":{}},"
                            "{\"author\":{\"id\":\"https://openalex.org/A2\"}}]}");
    assert_non_null(strstr(out, "[{\"id\":\"openalex:A2\",\"position\":2}]"));
}

static void long_lines_are_ordinary(void **state)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&text, "{\"id\":\"W1\",\"referenced_works\":[\"W0\"");
    for (unsigned i = 1; i <= 99999; i++) {
        base_buffer_append_format(&text, ",\"https://openalex.org/W%u\"", i);
    }
    base_buffer_append_text(&text, "]}");
    assert_true(text.size > 2000000);
    const char *out = collect_line_parse(*state, "openalex", base_buffer_slice(&text));
    assert_non_null(strstr(out, "\"openalex:W99999\"]"));
    text.size -= 2;
    base_buffer_append_text(&text, ",\"W100000\",\"W100001\"]}");
    out = collect_line_parse(*state, "openalex", base_buffer_slice(&text));
    assert_string_equal(
        out, "31 [over a limit] referenced_works has 100002 entries, the limit is 100000");
    base_buffer_fini(&text);
}

static void the_folder_date_is_a_default(void **state)
{
    struct collect_line *line = *state;
    assert_int_equal(model_time_parse(BASE_SLICE("2023-05-16"), &line->context.updated, NULL),
                     BASE_OK);
    assert_non_null(strstr(parse(state, "openalex", "{\"id\":\"W1\",\"cited_by_count\":2}"),
                           "\"updated\":\"2023-05-16T00:00:00Z\",\"reported\":[{\"source\":"
                           "\"openalex\",\"as_of\":\"2023-05-16\",\"citation_count\":2}]"));
    assert_non_null(
        strstr(parse(state, "openalex", "{\"id\":\"W1\",\"updated_date\":\"2023-05-01\"}"),
               "\"updated\":\"2023-05-01T00:00:00Z\""));
    assert_non_null(strstr(parse(state, "hirsch", "{\"type\":\"paper\",\"id\":\"local:1\"}"),
                           "\"updated\":\"2023-05-16T00:00:00Z\""));
    assert_null(
        strstr(parse(state, "hirsch", "{\"type\":\"suppress\",\"id\":\"doi:10.1/x\"}"), "updated"));
}

static void nothing_is_emitted_of_a_list_with_a_bad_entry(void **state)
{
    const char *out =
        parse(state, "openalex", "{\"results\":[{\"id\":\"W1\"},{\"id\":\"W2\",\"title\":1}]}");
    assert_string_equal(out,
                        "44 [field of the wrong type] title must be a string, not a whole number");
}

static void a_full_arena_ends_the_import(void **state)
{
    struct collect_line *line = *state;
    line->arena.limit = 64;
    parse(state, "openalex", "{\"id\":\"W1\",\"referenced_works\":[\"W2\",\"W3\",\"W4\",\"W5\"]}");
    assert_int_equal(line->code, BASE_RESOURCE_EXHAUSTED);
    parse(state, "hirsch",
          "{\"type\":\"paper\",\"id\":\"local:1\",\"references\":[\"doi:10.1/a\","
          "\"doi:10.1/b\",\"doi:10.1/c\"]}");
    assert_int_equal(line->code, BASE_RESOURCE_EXHAUSTED);
}

/* Each allocation fails once: no leak, no crash, and never a record that lacks something. */
static void each_allocation_may_fail(void **state)
{
    static const char *const texts[] = {
        "{\"id\":\"W1\",\"ids\":{\"doi\":\"https://doi.org/10.1/"
        "A\",\"mag\":12},\"title\":\"a\\tb\","
        "\"abstract_inverted_index\":{\"a\":[1],\"b\":[0]},\"authorships\":[{\"author\":{\"id\":"
        "null,"
        "\"display_name\":\"N\",\"orcid\":\"https://orcid.org/"
        "0000-0001-6187-6610\"},\"institutions\":"
        "[{\"display_name\":\"I\",\"ror\":\"https://ror.org/"
        "05ppvf150\"}]}],\"referenced_works\":[\"W3\"],"
        "\"counts_by_year\":[{\"year\":2020,\"cited_by_count\":1}],\"concepts\":[{\"id\":\"C1\","
        "\"level\":0,\"score\":1,\"display_name\":\"c\"}]}",
    };
    struct collect_line *line = *state;
    char *wanted = strdup(parse(state, "openalex", texts[0]));
    size_t enough = line->arena.used;
    for (size_t limit = 0; limit <= enough; limit++) {
        line->arena.limit = limit;
        const char *out = parse(state, "openalex", texts[0]);
        if (line->code == BASE_OK) {
            assert_string_equal(out, wanted);
        } else {
            assert_int_equal(line->code, BASE_RESOURCE_EXHAUSTED);
        }
    }
    assert_int_equal(line->code, BASE_OK);
    free(wanted);
}

#define WITH_LINE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WITH_LINE(keys_come_in_any_order),
        WITH_LINE(an_author_id_may_be_null),
        WITH_LINE(a_work_may_cite_itself_and_the_future),
        WITH_LINE(ids_are_numbers_or_strings),
        WITH_LINE(a_hundred_authors_are_a_cut_list),
        WITH_LINE(only_so_many_authors_are_kept),
        WITH_LINE(a_position_survives_a_dropped_author),
        WITH_LINE(long_lines_are_ordinary),
        WITH_LINE(the_folder_date_is_a_default),
        WITH_LINE(nothing_is_emitted_of_a_list_with_a_bad_entry),
        WITH_LINE(a_full_arena_ends_the_import),
        WITH_LINE(each_allocation_may_fail),
    };
    return cmocka_run_group_tests_name("ingest lines", tests, NULL, NULL);
}
