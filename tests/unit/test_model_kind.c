/* Kinds of papers and fields of research. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/kind.h"

static struct base_arena arena;

static void native_names(void **state)
{
    (void)state;
    for (int i = MODEL_KIND_UNSPECIFIED + 1; i < MODEL_KIND_END; i++) {
        enum model_kind kind = MODEL_KIND_UNSPECIFIED;
        const char *name = model_kind_name((enum model_kind)i);
        assert_true(model_kind_parse(base_slice_text(name), &kind));
        assert_int_equal(kind, i);
        /* Each native name is understood from a source too. */
        assert_int_equal(model_kind_of_source(base_slice_text(name)), i);
    }
    enum model_kind kind = MODEL_KIND_BOOK;
    assert_false(model_kind_parse(BASE_SLICE(""), &kind));
    assert_false(model_kind_parse(BASE_SLICE("Article"), &kind));
    assert_false(model_kind_parse(BASE_SLICE("journal-article"), &kind));
    assert_int_equal(kind, MODEL_KIND_BOOK);
    assert_string_equal(model_kind_name(MODEL_KIND_UNSPECIFIED), "");
    assert_string_equal(model_kind_name(MODEL_KIND_END), "");
    assert_string_equal(model_kind_name(MODEL_KIND_CONFERENCE_PAPER), "conference-paper");
}

static void words_of_sources(void **state)
{
    (void)state;
    static const struct {
        const char *type;
        enum model_kind kind;
    } rows[] = {
        {"", MODEL_KIND_UNSPECIFIED},
        {"journal-article", MODEL_KIND_ARTICLE},
        {"proceedings-article", MODEL_KIND_CONFERENCE_PAPER},
        {"posted-content", MODEL_KIND_PREPRINT},
        {"inproceedings", MODEL_KIND_CONFERENCE_PAPER},
        {"JournalArticle", MODEL_KIND_ARTICLE},
        {"book chapter", MODEL_KIND_BOOK_CHAPTER},
        {"book_section", MODEL_KIND_BOOK_CHAPTER},
        {"phdthesis", MODEL_KIND_DISSERTATION},
        {"paratext", MODEL_KIND_OTHER},
        {"peer-review", MODEL_KIND_OTHER},
        {"libguides", MODEL_KIND_OTHER},
        {"something nobody has seen before, at great length", MODEL_KIND_OTHER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(model_kind_of_source(base_slice_text(rows[i].type)), rows[i].kind);
    }
}

static void fields(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *name;
        const char *id; /* NULL: refused */
        const char *shown;
    } rows[] = {
        {"cs.LG", "", "arxiv/cs.LG", "LG"},
        {"arxiv/cs.LG", "", "arxiv/cs.LG", "LG"},
        {"arxiv/cs.LG", "Machine Learning", "arxiv/cs.LG", "Machine Learning"},
        {"hep-th", "", "arxiv/hep-th", "hep-th"},
        {"cond-mat.mes-hall", "", "arxiv/cond-mat.mes-hall", "mes-hall"},
        {"astro-ph.GA", "", "arxiv/astro-ph.GA", "GA"},
        {"openalex/1702", "", "openalex/1702", "1702"},
        {"openalex/1702", "Artificial Intelligence", "openalex/1702", "Artificial Intelligence"},
        {"msc2020/05C.10", "", "msc2020/05C.10", "05C.10"},
        {"a/b/c", "", "a/b/c", "b/c"},
        {"", "", NULL, NULL},
        {"/cs.LG", "", NULL, NULL},
        {"arxiv/", "", NULL, NULL},
        {"ArXiv/cs.LG", "", NULL, NULL},
        {"open alex/1702", "", NULL, NULL},
        {"openalex/17 02", "", NULL, NULL},
        {"openalex/17\t02", "", NULL, NULL},
        {"openalex/\xff", "", NULL, NULL},
        {"Machine Learning", "", NULL, NULL},
        {"cs.", "", NULL, NULL},
        {".LG", "", NULL, NULL},
        {"cs.LG.x", "", NULL, NULL},
        {"CS.LG", "", NULL, NULL},
        {"1702", "", NULL, NULL},
        {"cs.LG", "a\nb", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model_field field = {{"untouched", 9}, {NULL, 0}};
        struct base_error error = {0};
        enum base_code code = model_field_parse(
            base_slice_text(rows[i].text), base_slice_text(rows[i].name), &arena, &field, &error);
        if (rows[i].id == NULL) {
            if (code != BASE_INVALID_ARGUMENT) {
                fail_msg("\"%s\" was taken", rows[i].text);
            }
            assert_string_equal(field.id.data, "untouched");
            assert_int_equal(error.code, code);
            continue;
        }
        assert_int_equal(code, BASE_OK);
        assert_string_equal(field.id.data, rows[i].id);
        assert_string_equal(field.name.data, rows[i].shown);
    }
}

static void long_fields(void **state)
{
    (void)state;
    char text[102];
    memset(text, 'x', sizeof text);
    text[1] = '/';
    struct model_field field;
    struct base_slice none = {NULL, 0};
    assert_int_equal(model_field_parse(base_slice(text, 100), none, &arena, &field, NULL), BASE_OK);
    assert_int_equal(model_field_parse(base_slice(text, 101), none, &arena, &field, NULL),
                     BASE_INVALID_ARGUMENT);
    struct base_arena full;
    base_arena_init(&full, 4);
    assert_int_equal(model_field_parse(base_slice(text, 100), none, &full, &field, NULL),
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
        cmocka_unit_test(native_names),
        cmocka_unit_test(words_of_sources),
        cmocka_unit_test(fields),
        cmocka_unit_test(long_fields),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
