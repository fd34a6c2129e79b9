/* Ids: one row for each rule of design section 4, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "model/id.h"

static struct base_arena arena;

static const char *parse(const char *text)
{
    static char shown[MODEL_ID_TEXT];
    struct model_id id = {MODEL_NO_SCHEME, {"untouched", 9}};
    struct base_error error = {0};
    enum base_code code = model_id_parse(base_slice_text(text), &arena, &id, &error);
    if (code != BASE_OK) {
        assert_int_equal(code, BASE_INVALID_ARGUMENT);
        assert_int_equal(error.code, code);
        assert_true(error.text[0] != '\0');
        assert_string_equal(id.value.data, "untouched");
        return NULL;
    }
    size_t size = model_id_text(&id, shown);
    assert_int_equal(size, strlen(shown));
    return shown;
}

static const struct {
    const char *text;
    const char *normal; /* NULL: refused */
} rows[] = {
    /* doi: URL prefix removed, percent-decoded, ASCII lower case. */
    {"doi:10.1000/182", "doi:10.1000/182"},
    {"DOI:10.1103/PhysRevLett.77.3865", "doi:10.1103/physrevlett.77.3865"},
    {"https://doi.org/10.1000/ABC", "doi:10.1000/abc"},
    {"http://dx.doi.org/10.1000/ABC", "doi:10.1000/abc"},
    {"HTTPS://DOI.ORG/10.1000/ABC", "doi:10.1000/abc"},
    {"doi.org/10.1000/abc", "doi:10.1000/abc"},
    {"doi:https://doi.org/10.1000/abc", "doi:10.1000/abc"},
    {"doi:doi:10.1000/abc", "doi:10.1000/abc"},
    {"doi: 10.1000/abc ", "doi:10.1000/abc"},
    {"  doi:10.1000/abc\n", "doi:10.1000/abc"},
    {"https://doi.org/10.1002/%28SICI%291097-4571%281999%2950%3A1%3C3%3A%3AAID-ASI2%3E3.0.CO%3B2-W",
     "doi:10.1002/(sici)1097-4571(1999)50:1<3::aid-asi2>3.0.co;2-w"},
    {"doi:10.1000/a%2fb", "doi:10.1000/a/b"},
    {"doi:10.1000/a%2541", "doi:10.1000/aa"},
    {"doi:10.1000/100%", "doi:10.1000/100%"},
    {"doi:10.1000/%zz", "doi:10.1000/%zz"},
    {"doi:10.1000/a%20", "doi:10.1000/a"},
    {"doi:10.1000/a?b#c", "doi:10.1000/a?b#c"},
    {"doi:10.1000/\xc3\x84", "doi:10.1000/\xc3\x84"},
    {"doi:10.1000/%C3%84", "doi:10.1000/\xc3\x84"},
    {"doi:10.1000/%C3", NULL},
    {"doi:10.1000/a%00b", NULL},
    {"doi:10.1000/a%0Ab", NULL},
    {"doi:10.1000/", NULL},
    {"doi:10.1000", NULL},
    {"doi:10./x", NULL},
    {"doi:11.1000/x", NULL},
    {"doi:", NULL},
    {"https://doi.org/", NULL},
    /* 10.48550/arxiv.X becomes arxiv:X, when X is one. */
    {"doi:10.48550/arXiv.2104.12345", "arxiv:2104.12345"},
    {"https://doi.org/10.48550/ARXIV.2104.12345v2", "arxiv:2104.12345"},
    {"doi:10.48550/arxiv.hep-th/9901001", "arxiv:hep-th/9901001"},
    {"doi:10.48550/arxiv.something", "doi:10.48550/arxiv.something"},
    /* arxiv: without version, old ids keep their archive. */
    {"arxiv:2104.12345v3", "arxiv:2104.12345"},
    {"arXiv:0704.0001", "arxiv:0704.0001"},
    {"arxiv:arXiv:2104.12345", "arxiv:2104.12345"},
    {"arxiv:hep-th/9901001v2", "arxiv:hep-th/9901001"},
    {"arxiv:cs.LG/0102003", "arxiv:cs/0102003"},
    {"arxiv:math.GT/0309136v1", "arxiv:math/0309136"},
    {"arxiv:Hep-Th/9901001", "arxiv:hep-th/9901001"},
    {"https://arxiv.org/abs/2104.12345v3", "arxiv:2104.12345"},
    {"http://arxiv.org/pdf/2104.12345v3.pdf", "arxiv:2104.12345"},
    {"https://arxiv.org/abs/hep-th/9901001", "arxiv:hep-th/9901001"},
    {"https://arxiv.org/abs/2104.12345?context=cs", "arxiv:2104.12345"},
    {"arxiv:2113.12345", NULL},
    {"arxiv:2104.123", NULL},
    {"arxiv:2104.123456", NULL},
    {"arxiv:2104-12345", NULL},
    {"arxiv:2104.12345v", NULL},
    {"arxiv:v3", NULL},
    {"arxiv:9901001", NULL},
    {"arxiv:hep-th9901001", NULL},
    {"arxiv:-/9901001", NULL},
    {"arxiv:cs./0102003", NULL},
    {"arxiv:cs.LG", NULL},
    /* pmid and mag: digits without leading zeros. */
    {"pmid:0012345", "pmid:12345"},
    {"PMID:12345", "pmid:12345"},
    {"https://pubmed.ncbi.nlm.nih.gov/12345/", "pmid:12345"},
    {"https://www.ncbi.nlm.nih.gov/pubmed/12345", "pmid:12345"},
    {"pmid:0", NULL},
    {"pmid:12a", NULL},
    {"pmid:-1", NULL},
    {"pmid:1234567890123456789", NULL},
    {"mag:02001771035", "mag:2001771035"},
    {"mag:x", NULL},
    /* pmcid: PMC and digits. */
    {"pmcid:5815332", "pmcid:PMC5815332"},
    {"pmcid:pmc5815332", "pmcid:PMC5815332"},
    {"https://www.ncbi.nlm.nih.gov/pmc/articles/PMC5815332/", "pmcid:PMC5815332"},
    {"https://www.ncbi.nlm.nih.gov/pmc/articles/5815332", "pmcid:PMC5815332"},
    {"pmcid:PMC", NULL},
    /* orcid: with hyphens, check digit verified. */
    {"orcid:0000-0002-1825-0097", "orcid:0000-0002-1825-0097"},
    {"orcid:0000000218250097", "orcid:0000-0002-1825-0097"},
    {"orcid:0000-0002-1694-233X", "orcid:0000-0002-1694-233X"},
    {"orcid:0000-0002-1694-233x", "orcid:0000-0002-1694-233X"},
    {"orcid:0000-0002-18-5-0097", NULL},
    {"https://orcid.org/0000-0002-1694-233X", "orcid:0000-0002-1694-233X"},
    {"http://orcid.org/0000-0002-1694-233x/", "orcid:0000-0002-1694-233X"},
    {"orcid:0000-0002-1825-0098", NULL},
    {"orcid:0000-0002-1694-2330", NULL},
    {"orcid:000-00002-1825-0097", NULL},
    {"orcid:X000-0002-1825-0097", NULL},
    {"orcid:0000-0002-1825-00970", NULL},
    /* openalex: W and A. */
    {"openalex:W2741809807", "openalex:W2741809807"},
    {"openalex:a5023888391", "openalex:A5023888391"},
    {"https://openalex.org/W2741809807", "openalex:W2741809807"},
    {"https://openalex.org/works/w2741809807", "openalex:W2741809807"},
    {"https://api.openalex.org/authors/A5023888391?select=id", "openalex:A5023888391"},
    {"openalex:W007", "openalex:W7"},
    {"openalex:I97018004", NULL},
    {"openalex:W", NULL},
    {"openalex:2741809807", NULL},
    {"https://openalex.org/C41008148", NULL},
    /* s2: decimal, or 40 lower-case hex. */
    {"s2:0012345", "s2:12345"},
    {"s2:649DEF34F8BE52C8B66281AF98AE884C09AEF38B", "s2:649def34f8be52c8b66281af98ae884c09aef38b"},
    {"s2:1234567890123456789012345678901234567890", "s2:1234567890123456789012345678901234567890"},
    {"s2:649def34f8be52c8b66281af98ae884c09aef38g", NULL},
    {"s2:649def", NULL},
    /* ror: nine characters. */
    {"https://ror.org/05ppvf150", "ror:05ppvf150"},
    {"ror:05PPVF150", "ror:05ppvf150"},
    {"ror:15ppvf150", NULL},
    {"ror:05ppvl150", NULL},
    {"ror:05ppvf15a", NULL},
    {"ror:05ppvf1500", NULL},
    /* acl, dblp, bibcode, local: case-sensitive as given. */
    {"acl:P18-1001", "acl:P18-1001"},
    {"ACL:2020.acl-main.1", "acl:2020.acl-main.1"},
    {"dblp:conf/nips/VaswaniSPUJGKP17", "dblp:conf/nips/VaswaniSPUJGKP17"},
    {"bibcode:2014A&A...561A..75F", "bibcode:2014A&A...561A..75F"},
    {"local:Max Lam ", "local:Max Lam"},
    {"local:a:b", "local:a:b"},
    {"local:", NULL},
    {"local: \t", NULL},
    {"local:a\tb", NULL},
    {"local:abcdefgh!~", "local:abcdefgh!~"},
    {"local:abcd efgh", "local:abcd efgh"},
    {"local:abcdefg\x7f", NULL},
    {"local:abcdefghi\x1f", NULL},
    {"local:abcdefg\xc3\xa4", "local:abcdefg\xc3\xa4"},
    {"local:abcdefgh\xff", NULL},
    {"local:a\x7f", NULL},
    {"local:\xff", NULL},
    /* name: folded. */
    {"name:  Max   LAM ", "name:max lam"},
    {"name:\xc3\x81"
     "d\xc3\xa1m",
     "name:adam"},
    {"name:\xcc\x81", NULL},
    /* No scheme. */
    {"", NULL},
    {"   ", NULL},
    {":", NULL},
    {"10.1000/182", NULL},
    {"W2741809807", NULL},
    {"isbn:123", NULL},
    {"http://example.org/x", NULL},
};

static void normal_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *normal = parse(rows[i].text);
        if (rows[i].normal == NULL) {
            if (normal != NULL) {
                fail_msg("\"%s\" was taken as \"%s\"", rows[i].text, normal);
            }
            continue;
        }
        if (normal == NULL) {
            fail_msg("\"%s\" was refused", rows[i].text);
        }
        assert_string_equal(normal, rows[i].normal);
        /* What was written is read as itself. */
        assert_string_equal(parse(rows[i].normal), rows[i].normal);
    }
}

static void long_values(void **state)
{
    (void)state;
    char text[2000];
    memcpy(text, "local:", 6);
    memset(text + 6, 'x', sizeof text - 6);
    text[6 + LIMIT_ID_VALUE] = '\0';
    assert_non_null(parse(text));
    text[6 + LIMIT_ID_VALUE] = 'x';
    text[6 + LIMIT_ID_VALUE + 1] = '\0';
    assert_null(parse(text));
    text[6 + LIMIT_ID_VALUE + 1] = 'x';
    text[sizeof text - 1] = '\0';
    assert_null(parse(text));

    /* 400 bytes that came as 1,188 bytes of %XX. */
    size_t used = (size_t)snprintf(text, sizeof text, "doi:10.1/");
    for (int i = 0; i < LIMIT_ID_VALUE - 5; i++) {
        memcpy(text + used, "%61", 4);
        used += 3;
    }
    const char *normal = parse(text);
    assert_non_null(normal);
    assert_int_equal(strlen(normal), 4 + LIMIT_ID_VALUE);
    memcpy(text + used, "%61", 4);
    assert_null(parse(text));
}

static void zero_bytes_are_refused(void **state)
{
    (void)state;
    struct model_id id;
    struct base_error error;
    assert_int_equal(model_id_parse(BASE_SLICE("pmid:1\0"), &arena, &id, &error),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(model_id_parse(BASE_SLICE("https://openalex.org/W1\0/"), &arena, &id, &error),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(model_id_parse(BASE_SLICE("local:a\0b"), &arena, &id, &error),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(model_id_parse((struct base_slice){NULL, 0}, &arena, &id, NULL),
                     BASE_INVALID_ARGUMENT);
}

static void errors_name_text_and_reason(void **state)
{
    (void)state;
    struct model_id id;
    struct base_error error;
    model_id_parse(BASE_SLICE("orcid:0000-0002-1825-0098"), &arena, &id, &error);
    assert_string_equal(error.text, "id \"orcid:0000-0002-1825-0098\" has a wrong check digit");
    model_id_parse(BASE_SLICE("isbn:1"), &arena, &id, &error);
    assert_non_null(strstr(error.text, "there is no scheme \"isbn\""));
    model_id_parse(BASE_SLICE("local:a\x1b[31m"), &arena, &id, &error);
    assert_null(strchr(error.text, 0x1b));
}

static void bare_values_of_a_known_scheme(void **state)
{
    (void)state;
    struct model_id id;
    struct base_error error;
    assert_int_equal(model_id_normal(MODEL_OPENALEX, BASE_SLICE("https://openalex.org/W42"), &arena,
                                     &id, &error),
                     BASE_OK);
    assert_int_equal(id.scheme, MODEL_OPENALEX);
    assert_true(base_slice_equal(id.value, BASE_SLICE("W42")));
    assert_int_equal(model_id_normal(MODEL_MAG, BASE_SLICE("42"), &arena, &id, &error), BASE_OK);
    assert_true(base_slice_equal(id.value, BASE_SLICE("42")));
    /* A DOI that names an arXiv paper is an arXiv id. */
    assert_int_equal(
        model_id_normal(MODEL_DOI, BASE_SLICE("10.48550/arXiv.1706.03762"), &arena, &id, &error),
        BASE_OK);
    assert_int_equal(id.scheme, MODEL_ARXIV);
    /* The URL of another scheme is no value of this one. */
    assert_int_equal(
        model_id_normal(MODEL_PMID, BASE_SLICE("https://doi.org/10.1/2"), &arena, &id, &error),
        BASE_INVALID_ARGUMENT);
}

static void names(void **state)
{
    (void)state;
    struct model_id id;
    assert_true(model_id_of_name(BASE_SLICE(" Jos\xc3\xa9  Garc\xc3\xad"
                                            "a-P\xc3\xa9rez "),
                                 &arena, &id));
    assert_int_equal(id.scheme, MODEL_NAME);
    assert_true(base_slice_equal(id.value, BASE_SLICE("jose garcia-perez")));
    assert_false(model_id_of_name(BASE_SLICE(" \t "), &arena, &id));
    assert_false(model_id_of_name(BASE_SLICE("\xcc\x81"), &arena, &id));

    /* Cut at a character: 133 of three bytes, 399 bytes in all. */
    char text[600];
    for (int i = 0; i < 200; i++) {
        memcpy(text + 3 * i, "\xe5\xae\x8b", 3);
    }
    assert_true(model_id_of_name(base_slice(text, sizeof text), &arena, &id));
    assert_int_equal(id.value.size, 399);
    /* A blank at the cut goes too. */
    memset(text, 'a', sizeof text);
    text[LIMIT_ID_VALUE - 1] = ' ';
    assert_true(model_id_of_name(base_slice(text, sizeof text), &arena, &id));
    assert_int_equal(id.value.size, LIMIT_ID_VALUE - 1);
}

static void kinds_of_things(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool author;
        bool paper;
    } fits[] = {
        {"orcid:0000-0002-1825-0097", true, false},
        {"doi:10.1/2", false, true},
        {"arxiv:2104.12345", false, true},
        {"pmid:1", false, true},
        {"pmcid:1", false, true},
        {"bibcode:x", false, true},
        {"openalex:W1", false, true},
        {"openalex:A1", true, false},
        {"s2:1", true, true},
        {"acl:x", true, true},
        {"dblp:x", true, true},
        {"mag:1", true, true},
        {"local:x", true, true},
        {"ror:05ppvf150", false, false},
        {"name:x", true, false},
    };
    for (size_t i = 0; i < sizeof fits / sizeof fits[0]; i++) {
        struct model_id id;
        assert_int_equal(model_id_parse(base_slice_text(fits[i].text), &arena, &id, NULL), BASE_OK);
        assert_int_equal(model_id_fits(&id, MODEL_AUTHOR), fits[i].author);
        assert_int_equal(model_id_fits(&id, MODEL_PAPER), fits[i].paper);
    }
}

static void order_and_keys(void **state)
{
    (void)state;
    /* Papers in the order of design section 4, then by bytes. */
    static const char *const ascending[] = {
        "orcid:0000-0002-1825-0097",
        "doi:10.1/a",
        "doi:10.1/a0",
        "doi:10.1/b",
        "arxiv:0704.0001",
        "pmid:12",
        "pmid:2",
        "openalex:A1",
        "openalex:W1",
        "s2:1",
        "acl:A",
        "acl:a",
        "dblp:a",
        "bibcode:a",
        "pmcid:1",
        "mag:1",
        "local:a",
        "ror:05ppvf150",
        "name:a",
    };
    struct base_buffer before = BASE_BUFFER_EMPTY;
    struct model_id last = {MODEL_NO_SCHEME, {NULL, 0}};
    for (size_t i = 0; i < sizeof ascending / sizeof ascending[0]; i++) {
        struct model_id id;
        assert_int_equal(model_id_parse(base_slice_text(ascending[i]), &arena, &id, NULL), BASE_OK);
        assert_true(model_id_compare(&last, &id) < 0);
        assert_true(model_id_compare(&id, &last) > 0);
        assert_int_equal(model_id_compare(&id, &id), 0);
        assert_false(model_id_equal(&last, &id));
        assert_true(model_id_equal(&id, &id));

        struct base_buffer key = BASE_BUFFER_EMPTY;
        model_id_append_key(&id, &key);
        assert_true(base_slice_compare(base_buffer_slice(&before), base_buffer_slice(&key)) < 0);
        struct model_id back;
        assert_true(model_id_from_key(base_buffer_slice(&key), &back));
        assert_true(model_id_equal(&id, &back));
        base_buffer_fini(&before);
        before = key;
        last = id;
    }
    base_buffer_fini(&before);

    struct model_id id;
    char key[MODEL_ID_KEY + 1];
    memset(key, 'x', sizeof key);
    key[0] = MODEL_LOCAL;
    assert_true(model_id_from_key(base_slice(key, MODEL_ID_KEY), &id));
    assert_false(model_id_from_key(base_slice(key, MODEL_ID_KEY + 1), &id));
    assert_false(model_id_from_key(base_slice(key, 1), &id));
    assert_false(model_id_from_key(base_slice(key, 0), &id));
    key[0] = MODEL_SCHEME_END;
    assert_false(model_id_from_key(base_slice(key, 2), &id));
    key[0] = MODEL_NO_SCHEME;
    assert_false(model_id_from_key(base_slice(key, 2), &id));
    assert_string_equal(model_scheme_name(MODEL_NO_SCHEME), "");
    assert_string_equal(model_scheme_name(MODEL_SCHEME_END), "");
    assert_string_equal(model_scheme_name(MODEL_PMCID), "pmcid");
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct base_arena full;
    base_arena_init(&full, 4);
    struct model_id id;
    struct base_error error;
    assert_int_equal(model_id_parse(BASE_SLICE("doi:10.1000/182"), &full, &id, &error),
                     BASE_RESOURCE_EXHAUSTED);
    base_arena_fini(&full);
}

static int set_up(void **state)
{
    (void)state;
    base_arena_init(&arena, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    base_arena_fini(&arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_forms),
        cmocka_unit_test(long_values),
        cmocka_unit_test(zero_bytes_are_refused),
        cmocka_unit_test(errors_name_text_and_reason),
        cmocka_unit_test(bare_values_of_a_known_scheme),
        cmocka_unit_test(names),
        cmocka_unit_test(kinds_of_things),
        cmocka_unit_test(order_and_keys),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
