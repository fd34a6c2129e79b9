/* Searches for authors and papers over a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static const Hirsch__V1__SearchAuthorsResponse *search(struct fixture *fixture, const char *query,
                                                       const char *field, uint32_t size,
                                                       const char *token)
{
    Hirsch__V1__SearchAuthorsRequest request = HIRSCH__V1__SEARCH_AUTHORS_REQUEST__INIT;
    request.query = text(query);
    request.field = text(field);
    request.page_size = size;
    request.page_token = text(token);
    return ask(fixture, "hirsch.v1.AuthorService/SearchAuthors", &request.base,
               &hirsch__v1__search_authors_response__descriptor);
}

static void expect_hits(struct fixture *fixture, const char *query, const char *ids)
{
    for (uint32_t size = 1; size < 5; size++) {
        char found[1024] = "";
        const char *token = "";
        do {
            const Hirsch__V1__SearchAuthorsResponse *page = search(fixture, query, "", size, token);
            if (page == NULL) {
                fail_msg("%s: %.*s", query, BASE_PRINT(fixture->response.message));
            }
            for (size_t i = 0; i < page->n_authors; i++) {
                strcat(strcat(found, " "), page->authors[i]->id + 6);
            }
            token = page->next_page_token;
        } while (token[0] != '\0');
        assert_string_equal(found, ids);
    }
}

static void add_known(struct store *store, const char *id, const char *name, uint32_t citations,
                      uint32_t papers)
{
    struct double_author *author = double_add_author(store, id, name);
    author->author.citation_count = citations;
    author->author.paper_count = papers;
}

static void test_search_authors(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    add_known(store, "local:1", "José Müller-García", 10, 3);
    add_known(store, "local:2", "Jose Miller", 12, 1);
    add_known(store, "local:3", "J. Mueller", 0, 9);
    add_known(store, "local:4", "Müller, José", 10, 4);
    add_known(store, "local:6", "王小明", 7, 1);
    add_known(store, "local:5", "王小红", 7, 1);
    add_known(store, "local:7", "محمد علي", 1, 1);
    expect_hits(fixture, "jose muller", " 4 1");
    expect_hits(fixture, "GARCÍA  j", " 1");
    expect_hits(fixture, "müller josé garcia", " 1");
    expect_hits(fixture, "m", " 2 4 1 3");
    expect_hits(fixture, "j m", " 2 4 1 3");
    expect_hits(fixture, "王小", " 5 6");
    expect_hits(fixture, "محمد", " 7");
    expect_hits(fixture, "mullerx", "");
    const Hirsch__V1__SearchAuthorsResponse *page = search(fixture, "miller", "", 0, "");
    assert_string_equal(page->authors[0]->display_name, "Jose Miller");
    assert_int_equal(page->authors[0]->citation_count, 12);
    assert_int_equal(page->authors[0]->paper_count, 1);
    assert_false(page->truncated);
    store->truncated = true;
    assert_true(search(fixture, "miller", "", 0, "")->truncated);
    assert_int_equal(search(fixture, "m", "cs.LG", 0, "")->n_authors, 0);
    const char *token = search(fixture, "m", "", 1, "")->next_page_token;
    assert_true(token[0] != '\0');
    /* Another spelling of the same query is the same list. */
    assert_int_equal(search(fixture, " M. ", "", 1, token)->n_authors, 1);
    token = search(fixture, "m", "", 1, "")->next_page_token;
    search(fixture, "j m", "", 1, token);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "another list", "PAGE_TOKEN_FOREIGN");
    token = search(fixture, "m", "", 1, "")->next_page_token;
    search(fixture, "m", "cs.LG", 1, token);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "another list", "PAGE_TOKEN_FOREIGN");
}

static void test_bad_queries(void **state)
{
    struct fixture *fixture = *state;
    search(fixture, "", "", 0, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field query: 0 bytes", "QUERY_INVALID");
    search(fixture, " -., ", "", 0, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "no letter and no digit", "QUERY_INVALID");
    char query[LIMIT_QUERY + 2];
    memset(query, 'a', sizeof query);
    query[LIMIT_QUERY + 1] = '\0';
    search(fixture, query, "", 0, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "401 bytes", "QUERY_INVALID");
    query[LIMIT_QUERY] = '\0';
    assert_non_null(search(fixture, query, "", 0, ""));
    search(fixture, "a b c d e f g h i j k l m n o p q", "", 0, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "at most 16 words", "QUERY_INVALID");
    assert_non_null(search(fixture, "a b c d e f g h i j k l m n o p", "", 0, ""));
    search(fixture, "a", "no field", 0, "");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field field: ", "FIELD_INVALID");
    search(fixture, "a", "", 0, "AAAA");
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "damaged", "PAGE_TOKEN_FOREIGN");
}

static const Hirsch__V1__SearchPapersResponse *search_papers(struct fixture *fixture,
                                                             const char *query, uint32_t year)
{
    Hirsch__V1__SearchPapersRequest request = HIRSCH__V1__SEARCH_PAPERS_REQUEST__INIT;
    request.query = text(query);
    request.year = year;
    return ask(fixture, "hirsch.v1.PaperService/SearchPapers", &request.base,
               &hirsch__v1__search_papers_response__descriptor);
}

static void test_search_papers(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    double_add_paper(store, "doi:10.1/b", "On Deep Learning", NULL);
    double_add_paper(store, "doi:10.1/a", "Learning deeply", NULL)->paper.date =
        (struct model_date){model_day_of(2020, 1, 1), MODEL_YEAR};
    double_add_paper(store, "doi:10.1/c", "Deep learners", NULL)->paper.citation_count = 3;
    const Hirsch__V1__SearchPapersResponse *page = search_papers(fixture, "LEARN deep", 0);
    assert_int_equal(page->n_papers, 3);
    assert_string_equal(page->papers[0]->id, "doi:10.1/c");
    assert_string_equal(page->papers[1]->id, "doi:10.1/a");
    assert_string_equal(page->papers[2]->id, "doi:10.1/b");
    page = search_papers(fixture, "learn", 2020);
    assert_int_equal(page->n_papers, 1);
    assert_string_equal(page->papers[0]->id, "doi:10.1/a");
    search_papers(fixture, "learn", 20255);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field year: 20255", "YEAR_INVALID");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_search_authors),
        TEST(test_bad_queries),
        TEST(test_search_papers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
