/* Citations, references, coauthors, searches, the dataset: over a store in memory. */
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

/* Paper 0 is cited by all others, two a day, the last five undated, and cites every third. */
static void add_papers(struct store *store, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        snprintf(id, sizeof id, "doi:10.1/%u", i);
        double_add_paper(store, id, "Title", NULL);
        if (i > 0) {
            uint32_t day = i + 5 < count ? 700000 + i / 2 : MODEL_NO_DAY;
            store->citations[store->citation_count++] =
                (struct store_citation){day, i + 1, i % 4 == 0};
        }
        if (i > 0 && i % 3 == 0) {
            store->references[store->reference_count++] = i + 1;
        }
    }
    store->papers[0].paper.citation_count = (uint32_t)store->citation_count;
    store->papers[0].paper.reference_count = (uint32_t)store->reference_count;
}

static void test_citations(void **state)
{
    struct fixture *fixture = *state;
    add_papers(&fixture->store, 60);
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
    add_papers(&fixture->store, 60);
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
    add_papers(store, 100);
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

static void test_views(void **state)
{
    struct fixture *fixture = *state;
    struct double_author *author = double_add_author(&fixture->store, "local:a", "A");
    author->years = (struct double_years){2020, 1, {{1, 2}}};
    author->author.citation_count = 2;
    /* reported{source: "s"} */
    base_buffer_append(&author->view, "\x42\x03\x0a\x01s", 5);
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = text("local:a");
    struct base_buffer plain = BASE_BUFFER_EMPTY;
    for (int view = 0; view <= 2; view++) {
        request.view = (Hirsch__V1__AuthorView)view;
        const Hirsch__V1__GetAuthorResponse *response =
            ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
                &hirsch__v1__get_author_response__descriptor);
        size_t more = view == 1 ? 0 : 1;
        assert_int_equal(response->author->n_reported, more);
        assert_int_equal(response->author->metrics->n_counts_by_year, more);
        assert_int_equal(response->author->metrics->citation_count, 2);
        assert_string_equal(response->author->display_name, "A");
        if (view == 0) {
            base_buffer_append_slice(&plain, fixture->response.payload);
        }
    }
    /* A request with nothing but an id is read on another way, to the same answer. */
    assert_true(base_slice_equal(base_buffer_slice(&plain), fixture->response.payload));
    base_buffer_fini(&plain);
    request.view = (Hirsch__V1__AuthorView)3;
    ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
        &hirsch__v1__get_author_response__descriptor);
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field view: 3 is no view", "VIEW_INVALID");

    struct double_paper *paper = double_add_paper(&fixture->store, "doi:10.1/x", "T", "Abstract.");
    paper->years = (struct double_years){2020, 1, {{0, 2}}};
    /* reported{source: "s"} */
    base_buffer_append(&paper->view, "\x62\x03\x0a\x01s", 5);
    Hirsch__V1__GetPaperRequest asked = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    asked.id = text("doi:10.1/x");
    for (int view = 0; view <= 3; view++) {
        asked.view = (Hirsch__V1__PaperView)view;
        const Hirsch__V1__GetPaperResponse *response =
            ask(fixture, "hirsch.v1.PaperService/GetPaper", &asked.base,
                &hirsch__v1__get_paper_response__descriptor);
        size_t more = view == 3 ? 0 : 1;
        assert_int_equal(response->paper->n_reported, more);
        assert_int_equal(response->paper->metrics->n_counts_by_year, more);
        assert_string_equal(response->paper->abstract, view == 0 || view == 2 ? "Abstract." : "");
    }
}

static const char *author_id(struct fixture *fixture, const char *id)
{
    Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
    request.id = text(id);
    const Hirsch__V1__GetAuthorResponse *response =
        ask(fixture, "hirsch.v1.AuthorService/GetAuthor", &request.base,
            &hirsch__v1__get_author_response__descriptor);
    return response == NULL ? NULL : response->author->id;
}

/* A row that is remembered under the key of another id is not its answer. */
static void test_recalled(void **state)
{
    struct fixture *fixture = *state;
    double_add_author(&fixture->store, "local:a", "A");
    double_add_author(&fixture->store, "local:b", "B");
    for (uint32_t recalled = 0; recalled <= 2; recalled++) {
        fixture->store.recalled = recalled;
        assert_string_equal(author_id(fixture, "local:a"), "local:a");
        assert_string_equal(author_id(fixture, "local:b"), "local:b");
        assert_null(author_id(fixture, "local:"));
        expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
        assert_null(author_id(fixture, ""));
        expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
        assert_null(author_id(fixture, "local:aa"));
        expect_failure(fixture, BASE_NOT_FOUND, "local:aa", NULL);
    }
    /* The damaged row is not remembered: asking again says so again. */
    fixture->store.authors[0].damaged = true;
    fixture->store.recalled = 1;
    assert_null(author_id(fixture, "local:a"));
    expect_failure(fixture, BASE_DATA_LOSS, "author 1 is damaged", NULL);
}

static void announce(struct fixture *fixture, const char *const *ids, size_t count)
{
    enum { MOST = 100 };
    struct base_buffer envelopes[MOST];
    struct base_slice requests[MOST];
    assert_true(count <= MOST);
    for (size_t i = 0; i < count; i++) {
        Hirsch__V1__GetAuthorRequest request = HIRSCH__V1__GET_AUTHOR_REQUEST__INIT;
        struct base_buffer payload = BASE_BUFFER_EMPTY;
        request.id = text(ids[i]);
        wire_pack(&request.base, &payload);
        base_buffer_init(&envelopes[i]);
        wire_request_write(&envelopes[i], BASE_SLICE("hirsch.v1.AuthorService/GetAuthor"), 0, NULL,
                           0, base_buffer_slice(&payload));
        requests[i] = base_buffer_slice(&envelopes[i]);
        base_buffer_fini(&payload);
    }
    rpc_session_ahead(fixture->session, requests, count);
    for (size_t i = 0; i < count; i++) {
        base_buffer_fini(&envelopes[i]);
    }
}

/* Ids that were announced, in whatever spelling, mean what they mean unannounced; wrong ones are
 * told when they come. */
static void test_announced(void **state)
{
    struct fixture *fixture = *state;
    const char *const ids[] = {
        "local:a",    "LOCAL:a", "local:b", "", "local:", "local:aa", "https://openalex.org/A7",
        "doi:10.1/1", "local:b"};
    double_add_author(&fixture->store, "local:a", "A");
    double_add_author(&fixture->store, "local:b", "B");
    double_add_author(&fixture->store, "openalex:A7", "C");
    announce(fixture, ids, sizeof ids / sizeof ids[0]);
    assert_int_equal(fixture->store.sent_for, 6);
    assert_string_equal(author_id(fixture, "local:b"), "local:b");
    assert_string_equal(author_id(fixture, "local:a"), "local:a");
    assert_string_equal(author_id(fixture, "LOCAL:a"), "local:a");
    assert_string_equal(author_id(fixture, "https://openalex.org/A7"), "openalex:A7");
    assert_null(author_id(fixture, ""));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "field id: ", "ID_INVALID");
    assert_null(author_id(fixture, "doi:10.1/1"));
    expect_failure(fixture, BASE_INVALID_ARGUMENT, "cannot name an author", "ID_INVALID");
    assert_null(author_id(fixture, "local:aa"));
    expect_failure(fixture, BASE_NOT_FOUND, "local:aa", NULL);
    /* As a paper the same text is another id. */
    Hirsch__V1__GetPaperRequest request = HIRSCH__V1__GET_PAPER_REQUEST__INIT;
    request.id = text("local:a");
    ask(fixture, "hirsch.v1.PaperService/GetPaper", &request.base,
        &hirsch__v1__get_paper_response__descriptor);
    expect_failure(fixture, BASE_NOT_FOUND, "local:a", NULL);
}

/* More than are remembered, and ids too long for that, are only answered without. */
static void test_much_announced(void **state)
{
    struct fixture *fixture = *state;
    enum { COUNT = 99 };
    static char texts[COUNT][80];
    const char *ids[COUNT];
    for (int i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "local:%0*d", i % 3 == 0 ? 60 : 8, i);
        double_add_author(&fixture->store, texts[i], "A");
        ids[i] = texts[i];
    }
    announce(fixture, ids, COUNT);
    assert_int_equal(fixture->store.sent_for, 64);
    for (int i = 0; i < COUNT; i++) {
        assert_string_equal(author_id(fixture, texts[i]), texts[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_citations),      TEST(test_references),  TEST(test_coauthors),
        TEST(test_search_authors), TEST(test_bad_queries), TEST(test_search_papers),
        TEST(test_dataset),        TEST(test_sample),      TEST(test_resolve),
        TEST(test_views),          TEST(test_recalled),    TEST(test_announced),
        TEST(test_much_announced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
