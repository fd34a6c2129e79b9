/* Lists as tables, byte for byte, and as CSV; the methods that `call` knows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "cli/lists.h"
#include "cli/methods.h"
#include "cli/sheets.h"
#include "support/pages.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define TEXT(literal) ((char *)(uintptr_t)(literal))

/* Filled once by set_up; the generated structs take no designated constant. */
static Hirsch__V1__Field field;
static Hirsch__V1__Affiliation affiliations[2];
static Hirsch__V1__Affiliation *affiliation_list[2] = {&affiliations[0], &affiliations[1]};
static Hirsch__V1__AuthorHit hits[3];
static Hirsch__V1__Authorship authorships[4];
static Hirsch__V1__Authorship *authorship_list[4];
static Hirsch__V1__PaperMetrics metrics;
static Hirsch__V1__Paper papers[3];
static Hirsch__V1__Citation citations[3];
static Hirsch__V1__Coauthor coauthors[2];
static Hirsch__V1__ResolvedId resolved[5];

static void fill_hits(void)
{
    hirsch__v1__field__init(&field);
    field.id = TEXT("openalex/1804");
    field.display_name = TEXT("Statistics, Probability and Uncertainty");
    for (size_t i = 0; i < COUNT(affiliations); i++) {
        hirsch__v1__affiliation__init(&affiliations[i]);
    }
    affiliations[0].name = TEXT("OurResearch \"OA\", Vancouver");
    affiliations[1].name = TEXT("Universit\xc3\xa9 de Montr\xc3\xa9"
                                "al");
    for (size_t i = 0; i < COUNT(hits); i++) {
        hirsch__v1__author_hit__init(&hits[i]);
    }
    hits[0].id = TEXT("openalex:A5023888391");
    hits[0].display_name = TEXT("Jason Priem");
    hits[0].primary_field = &field;
    hits[0].n_affiliations = 2;
    hits[0].affiliations = affiliation_list;
    hits[0].paper_count = 11;
    hits[0].citation_count = 1234567;
    hits[0].h_index = 9;
    hits[1].id = TEXT("local:max-lam");
    hits[1].display_name =
        TEXT("Maximilian Alexander\x1b[31m Lam of a Long and Winding Name, the Elder");
    hits[2].id = TEXT("name:\xe6\x9d\x8e\xe6\x98\x8e");
    hits[2].name_only = true;
}

static void fill_papers(void)
{
    static const char *const names[] = {"Heather Piwowar", "Jason Priem",
                                        "Vincent Larivi\xc3\xa8re", "Juan Pablo Alperin"};
    for (size_t i = 0; i < COUNT(authorships); i++) {
        hirsch__v1__authorship__init(&authorships[i]);
        authorships[i].name = TEXT(names[i]);
        authorships[i].position = (uint32_t)i + 1;
        authorship_list[i] = &authorships[i];
    }
    hirsch__v1__paper_metrics__init(&metrics);
    metrics.citation_count = 1167;
    metrics.reference_count = 47;
    for (size_t i = 0; i < COUNT(papers); i++) {
        hirsch__v1__paper__init(&papers[i]);
        hirsch__v1__citation__init(&citations[i]);
    }
    papers[0].id = TEXT("doi:10.7717/peerj.4375");
    papers[0].title =
        TEXT("The state of OA:\n\ta \"large-scale\" analysis, "
             "\xe5\xbc\x80\xe6\x94\xbe\xe8\x8e\xb7\xe5\x8f\x96\xe7\x9a\x84\xe7\x8e\xb0");
    papers[0].publication_date = TEXT("2018-02-13");
    papers[0].venue = TEXT("PeerJ");
    papers[0].kind = HIRSCH__V1__PAPER_KIND__PAPER_KIND_ARTICLE;
    papers[0].primary_field = &field;
    papers[0].n_authors = COUNT(authorship_list);
    papers[0].authors = authorship_list;
    papers[0].metrics = &metrics;
    papers[1].id = TEXT("openalex:W2");
    papers[1].publication_date = TEXT("2017");
    papers[1].n_authors = 1;
    papers[1].authors = authorship_list;
    papers[1].authors_truncated = true;
    papers[2].id = TEXT("doi:10.1/cited");
    papers[2].stub = true;
    citations[0].paper = &papers[0];
    citations[0].shares_author = true;
    citations[1].paper = &papers[1];
}

static void fill_others(void)
{
    for (size_t i = 0; i < COUNT(coauthors); i++) {
        hirsch__v1__coauthor__init(&coauthors[i]);
    }
    coauthors[0].id = TEXT("openalex:A5048491430");
    coauthors[0].display_name = TEXT("Heather Piwowar");
    coauthors[0].joint_paper_count = 1042;
    coauthors[0].first_year_presence_case = HIRSCH__V1__COAUTHOR__FIRST_YEAR_PRESENCE_FIRST_YEAR;
    coauthors[0].first_year = 2010;
    coauthors[0].last_year_presence_case = HIRSCH__V1__COAUTHOR__LAST_YEAR_PRESENCE_LAST_YEAR;
    coauthors[0].last_year = 2019;
    coauthors[1].id = TEXT("name:a, b");
    coauthors[1].joint_paper_count = 1;
    coauthors[1].name_only = true;
    for (size_t i = 0; i < COUNT(resolved); i++) {
        hirsch__v1__resolved_id__init(&resolved[i]);
    }
    resolved[0].id = TEXT("pmid:29456894");
    resolved[0].resolved_id = TEXT("doi:10.7717/peerj.4375");
    resolved[0].kind = HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER;
    resolved[0].merged = true;
    resolved[0].disputed = true;
    resolved[1].id = TEXT("local:max-lam");
    resolved[1].resolved_id = TEXT("local:max-lam");
    resolved[1].kind = HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR;
    resolved[2].id = TEXT("orcid:0000-0001-6187-6610");
    resolved[2].suppressed = true;
    resolved[3].id = TEXT("nonsense");
    resolved[3].error_code = 3;
    resolved[4].id = TEXT("doi:10.1/cited");
    resolved[4].resolved_id = TEXT("doi:10.1/cited");
    resolved[4].kind = HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER;
    resolved[4].stub = true;
}

static int set_up(void **state)
{
    (void)state;
    fill_hits();
    fill_papers();
    fill_others();
    return 0;
}

static const struct {
    const char *name;
    const struct cli_sheet *sheet;
    const void *items;
    size_t size;
    size_t count;
} lists[] = {
    {"hits", &cli_sheet_author_hits, hits, sizeof hits[0], COUNT(hits)},
    {"list", &cli_sheet_papers, papers, sizeof papers[0], COUNT(papers)},
    {"citations", &cli_sheet_citations, citations, sizeof citations[0], COUNT(citations)},
    {"coauthors", &cli_sheet_coauthors, coauthors, sizeof coauthors[0], COUNT(coauthors)},
    {"resolved", &cli_sheet_resolved, resolved, sizeof resolved[0], COUNT(resolved)},
};

static const struct {
    const char *name;
    struct cli_screen screen;
} screens[] = {
    {"60", {60, false, true}},
    {"80", {80, false, true}},
    {"120_colour", {120, true, true}},
    {"80_ascii", {80, false, false}},
};

static const ProtobufCMessage *item_of(size_t list, size_t index)
{
    return (const void *)((const char *)lists[list].items + index * lists[list].size);
}

static void test_tables(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        for (size_t j = 0; j < COUNT(screens); j++) {
            struct base_buffer page = BASE_BUFFER_EMPTY;
            cli_sheet_heading(&page, lists[i].sheet, &screens[j].screen);
            for (size_t k = 0; k < lists[i].count; k++) {
                cli_sheet_row(&page, lists[i].sheet, item_of(i, k), &screens[j].screen);
            }
            cli_list_footer(&page, 3, 12345, true, &screens[j].screen);
            cli_list_footer(&page, 20, 0, true, &screens[j].screen);
            cli_list_footer(&page, 20, 20, false, &screens[j].screen);
            pages_compare(lists[i].name, screens[j].name, &page);
            base_buffer_fini(&page);
        }
    }
}

static void test_csv(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        struct base_buffer page = BASE_BUFFER_EMPTY;
        cli_sheet_csv_heading(&page, lists[i].sheet);
        for (size_t k = 0; k < lists[i].count; k++) {
            cli_sheet_csv_row(&page, lists[i].sheet, item_of(i, k));
        }
        pages_compare(lists[i].name, NULL, &page);
        base_buffer_fini(&page);
    }
}

static void test_no_line_is_wider_than_the_screen(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(lists); i++) {
        for (unsigned width = 60; width <= 130; width++) {
            const struct cli_screen screen = {width, false, true};
            struct base_buffer page = BASE_BUFFER_EMPTY;
            cli_sheet_heading(&page, lists[i].sheet, &screen);
            for (size_t k = 0; k < lists[i].count; k++) {
                cli_sheet_row(&page, lists[i].sheet, item_of(i, k), &screen);
            }
            size_t start = 0;
            for (size_t at = 0; at < page.size; at++) {
                unsigned char byte = (unsigned char)page.data[at];
                assert_true(byte == '\n' || (byte >= 0x20 && byte != 0x7f));
                if (byte == '\n') {
                    assert_true(cli_columns(base_slice(page.data + start, at - start)) <= width);
                    assert_false(at > start && page.data[at - 1] == ' ');
                    start = at + 1;
                }
            }
            base_buffer_fini(&page);
        }
    }
}

static void test_methods(void **state)
{
    (void)state;
    const struct cli_method *method = NULL;
    struct base_error error;
    for (size_t i = 0; cli_methods[i].name != NULL; i++) {
        assert_int_equal(cli_method_find(cli_methods[i].name, &method, &error), BASE_OK);
        assert_ptr_equal(method, &cli_methods[i]);
        assert_int_equal(cli_method_find(cli_method_short_name(method), &method, &error), BASE_OK);
        assert_ptr_equal(method, &cli_methods[i]);
        /* GetAuthor takes a GetAuthorRequest: a row that mixes two methods up is seen here. */
        const char *slash = strchr(method->name, '/');
        if (strcmp(slash, "/Check") != 0) {
            size_t size = strlen(slash + 1);
            assert_int_equal(strncmp(method->request->short_name, slash + 1, size), 0);
            assert_string_equal(method->request->short_name + size, "Request");
            assert_int_equal(strncmp(method->response->short_name, slash + 1, size), 0);
            assert_string_equal(method->response->short_name + size, "Response");
        }
    }
    static const char *const wrong[][2] = {
        {"AuthorService/GetAuthr", "did you mean 'AuthorService/GetAuthor'?"},
        {"GetAuthor", "did you mean 'AuthorService/GetAuthor'?"},
        {"hirsch.v1.PaperService/ListCitation", "'hirsch.v1.PaperService/ListCitations'?"},
        {"Health/Chek", "did you mean 'Health/Check'?"},
        {"Nonsense/Whatever", "hirsch call --help lists all"},
        {"", "hirsch call --help lists all"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_int_equal(cli_method_find(wrong[i][0], &method, &error), BASE_INVALID_ARGUMENT);
        if (strstr(error.text, wrong[i][1]) == NULL) {
            fail_msg("%s", error.text);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tables),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_no_line_is_wider_than_the_screen),
        cmocka_unit_test(test_methods),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
