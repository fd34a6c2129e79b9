/* What hangs on a paper or an author: citations, references, coauthors. Over a store in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support/service_ask.h"

static const Hirsch__V1__ListCitationsResponse *citations(struct fixture *fixture, const char *id,
                                                          uint32_t size, const char *token)
{
    Hirsch__V1__ListCitationsRequest request = HIRSCH__V1__LIST_CITATIONS_REQUEST__INIT;
    request.id = text(id);
    request.page_size = size;
    request.page_token = text(token);
    return ask(fixture, "hirsch.v1.PaperService/ListCitations", &request.base,
               &hirsch__v1__list_citations_response__descriptor);
}

static const Hirsch__V1__ListReferencesResponse *references(struct fixture *fixture, uint32_t size,
                                                            const char *token)
{
    Hirsch__V1__ListReferencesRequest request = HIRSCH__V1__LIST_REFERENCES_REQUEST__INIT;
    request.id = text("doi:10.1/0");
    request.page_size = size;
    request.page_token = text(token);
    return ask(fixture, "hirsch.v1.PaperService/ListReferences", &request.base,
               &hirsch__v1__list_references_response__descriptor);
}

static void test_citations(void **state)
{
    struct fixture *fixture = *state;
    double_add_papers(&fixture->store, 60);
    for (uint32_t size = 1; size <= 60; size += 6) {
        const char *token = "";
        uint32_t shown = 0;
        do {
            const Hirsch__V1__ListCitationsResponse *page =
                citations(fixture, "doi:10.1/0", size, token);
            assert_non_null(page);
            assert_int_equal(page->total_size, 59);
            for (size_t i = 0; i < page->n_citations; i++) {
                char id[32];
                snprintf(id, sizeof id, "doi:10.1/%u", ++shown);
                assert_string_equal(page->citations[i]->paper->id, id);
                assert_int_equal(page->citations[i]->shares_author, shown % 4 == 0);
                assert_non_null(page->citations[i]->paper->metrics);
            }
            token = page->next_page_token;
        } while (token[0] != '\0');
        assert_int_equal(shown, 59);
    }
    assert_int_equal(citations(fixture, "doi:10.1/1", 0, "")->n_citations, 0);
    citations(fixture, "doi:10.1/none", 0, "");
    expect_failure(fixture, BASE_NOT_FOUND, "doi:10.1/none", NULL);
}

static void test_references(void **state)
{
    struct fixture *fixture = *state;
    double_add_papers(&fixture->store, 60);
    const char *token = "";
    uint32_t shown = 0;
    do {
        const Hirsch__V1__ListReferencesResponse *page = references(fixture, 4, token);
        assert_non_null(page);
        assert_int_equal(page->total_size, 19);
        for (size_t i = 0; i < page->n_papers; i++) {
            char id[32];
            snprintf(id, sizeof id, "doi:10.1/%u", 3 * ++shown);
            assert_string_equal(page->papers[i]->id, id);
        }
        token = page->next_page_token;
    } while (token[0] != '\0');
    assert_int_equal(shown, 19);
    /* The token of one list is none of another, nor of another paper's. */
    token = references(fixture, 4, "")->next_page_token;
    citations(fixture, "doi:10.1/0", 4, token);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "another list", "PAGE_TOKEN_FOREIGN");
    token = citations(fixture, "doi:10.1/0", 4, "")->next_page_token;
    citations(fixture, "doi:10.1/1", 4, token);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "another list", "PAGE_TOKEN_FOREIGN");
    /* Its last paper is gone: the day again, or the list again. */
    const Hirsch__V1__ListCitationsResponse *page = citations(fixture, "doi:10.1/0", 4, "");
    assert_string_equal(page->citations[3]->paper->id, "doi:10.1/4");
    fixture->store.papers[4].gone = true;
    page = citations(fixture, "doi:10.1/0", 4, page->next_page_token);
    assert_string_equal(page->citations[0]->paper->id, "doi:10.1/4");
}

static const Hirsch__V1__ListCoauthorsResponse *coauthors(struct fixture *fixture, uint32_t size,
                                                          const char *token)
{
    Hirsch__V1__ListCoauthorsRequest request = HIRSCH__V1__LIST_COAUTHORS_REQUEST__INIT;
    request.id = text("local:a");
    request.page_size = size;
    request.page_token = text(token);
    return ask(fixture, "hirsch.v1.AuthorService/ListCoauthors", &request.base,
               &hirsch__v1__list_coauthors_response__descriptor);
}

static void add_joint(struct store *store, const char *id, uint32_t day, const uint32_t *authors,
                      size_t count)
{
    struct double_paper *paper = double_add_paper(store, id, "Joint", NULL);
    memcpy(paper->authors, authors, count * sizeof *authors);
    paper->author_count = count;
    store->listed[store->listed_count++] = (struct store_authored){
        .day = day, .paper = (uint32_t)store->paper_count, .author_count = (uint16_t)count};
    store->authors[0].author.paper_count++;
}

static void test_coauthors(void **state)
{
    struct fixture *fixture = *state;
    struct store *store = &fixture->store;
    double_add_author(store, "local:a", "A");
    double_add_author(store, "local:c", "C");
    double_add_author(store, "local:b", "B");
    double_add_author(store, "openalex:A9", "Nine");
    double_add_author(store, "name:d e", "D. E.")->author.name_only = true;
    uint32_t many[101];
    for (uint32_t i = 0; i < 101; i++) {
        many[i] = i + 1;
    }
    add_joint(store, "doi:10.1/1", model_day_of(2020, 3, 1), (uint32_t[]){1, 2, 3}, 3);
    add_joint(store, "doi:10.1/2", model_day_of(2010, 3, 1), (uint32_t[]){5, 4, 1}, 3);
    add_joint(store, "doi:10.1/3", MODEL_NO_DAY, (uint32_t[]){1, 5}, 2);
    add_joint(store, "doi:10.1/4", MODEL_NO_DAY, many, 101);
    static const char *const order[] = {"name:d e", "openalex:A9", "local:b", "local:c"};
    for (uint32_t size = 1; size <= 5; size++) {
        const char *token = "";
        size_t shown = 0;
        do {
            const Hirsch__V1__ListCoauthorsResponse *page = coauthors(fixture, size, token);
            assert_non_null(page);
            assert_int_equal(page->total_size, 4);
            assert_int_equal(page->skipped_papers, 1);
            for (size_t i = 0; i < page->n_coauthors; i++) {
                assert_string_equal(page->coauthors[i]->id, order[shown++]);
            }
            token = page->next_page_token;
        } while (token[0] != '\0');
        assert_int_equal(shown, 4);
    }
    const Hirsch__V1__ListCoauthorsResponse *all = coauthors(fixture, 0, "");
    assert_int_equal(all->coauthors[0]->joint_paper_count, 2);
    assert_int_equal(all->coauthors[0]->first_year, 2010);
    assert_int_equal(all->coauthors[0]->last_year, 2010);
    assert_true(all->coauthors[0]->name_only);
    assert_int_equal(all->coauthors[3]->joint_paper_count, 1);
    assert_int_equal(all->coauthors[3]->first_year, 2020);
    assert_string_equal(all->coauthors[3]->display_name, "C");
    store->authors[0].author.paper_count = LIMIT_COAUTHOR_ROWS;
    coauthors(fixture, 0, "");
    expect_failure(fixture, BASE_RESOURCE_EXHAUSTED, "local:a has more than 10000 papers", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_citations),
        TEST(test_references),
        TEST(test_coauthors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
