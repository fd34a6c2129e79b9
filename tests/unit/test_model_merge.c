/* The merged view of an entity and what is said of reported numbers: design section 4, rule by
 * rule. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "model/merge.h"

static struct base_arena arena;

#define TEXT(literal) BASE_SLICE(literal)

static struct model_id id(const char *text)
{
    struct model_id result;
    assert_int_equal(model_id_parse(base_slice_text(text), &arena, &result, NULL), BASE_OK);
    return result;
}

static struct model_record paper(const char *name, model_time updated)
{
    return (struct model_record){.type = MODEL_RECORD_PAPER,
                                 .id = id(name),
                                 .updated = updated,
                                 .paper = {.date = MODEL_UNDATED}};
}

static struct model_record author(const char *name, model_time updated)
{
    return (struct model_record){.type = MODEL_RECORD_AUTHOR, .id = id(name), .updated = updated};
}

static bool is(struct base_slice slice, const char *text)
{
    return base_slice_equal(slice, base_slice_text(text));
}

enum { MOST = 4 };

static void same_view(const struct model_view *a, const struct model_view *b)
{
    assert_int_equal(a->entity, b->entity);
    assert_true(model_id_equal(&a->id, &b->id));
    assert_int_equal(a->reported_count, b->reported_count);
    for (size_t i = 0; i < a->reported_count; i++) {
        assert_true(
            base_slice_equal(a->reported[i].reported.source, b->reported[i].reported.source));
        assert_int_equal(a->reported[i].issue_count, b->reported[i].issue_count);
    }
    if (a->entity == MODEL_AUTHOR) {
        assert_true(base_slice_equal(a->author.name, b->author.name));
        assert_true(base_slice_equal(a->author.field.id, b->author.field.id));
        assert_int_equal(a->author.alias_count, b->author.alias_count);
        for (size_t i = 0; i < a->author.alias_count; i++) {
            assert_true(base_slice_equal(a->author.aliases[i], b->author.aliases[i]));
        }
        assert_int_equal(a->author.affiliation_count, b->author.affiliation_count);
        return;
    }
    assert_true(base_slice_equal(a->paper.title, b->paper.title));
    assert_true(base_slice_equal(a->paper.abstract, b->paper.abstract));
    assert_true(base_slice_equal(a->paper.venue, b->paper.venue));
    assert_int_equal(a->paper.date.day, b->paper.date.day);
    assert_int_equal(a->paper.kind, b->paper.kind);
    assert_ptr_equal(a->paper.authors, b->paper.authors);
    assert_int_equal(a->paper.authors_truncated, b->paper.authors_truncated);
    assert_ptr_equal(a->paper.references, b->paper.references);
    assert_int_equal(a->paper.affiliation_count, b->paper.affiliation_count);
}

static void try_orders(const struct model_record **order, size_t fixed, size_t count,
                       struct model_view *view, size_t *tried)
{
    if (fixed == count) {
        struct model_view next;
        struct base_error error = {0};
        assert_int_equal(model_merge(order, count, &arena, &next, &error), BASE_OK);
        if ((*tried)++ > 0) {
            same_view(view, &next);
        }
        *view = next;
        return;
    }
    for (size_t i = fixed; i < count; i++) {
        const struct model_record *swap = order[fixed];
        order[fixed] = order[i];
        order[i] = swap;
        try_orders(order, fixed + 1, count, view, tried);
        swap = order[fixed];
        order[fixed] = order[i];
        order[i] = swap;
    }
}

/* Merges the records in every order; the views must not differ. Gives the last one. */
static struct model_view merged(struct model_record *records, size_t count)
{
    const struct model_record *order[MOST];
    struct model_view view;
    size_t tried = 0;
    assert_true(count <= MOST);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(model_record_finish(&records[i], &arena, NULL), BASE_OK);
        order[i] = &records[i];
    }
    try_orders(order, 0, count, &view, &tried);
    return view;
}

static void each_field_from_the_first_record_that_has_it(void **state)
{
    (void)state;
    struct model_record records[] = {paper("openalex:W1", 30), paper("doi:10.1/a", 20),
                                     paper("pmid:1", 20)};
    records[0].paper.title = TEXT("newest title");
    records[0].paper.refereed = MODEL_FALSE;
    records[1].paper.title = TEXT("older title");
    records[1].paper.venue = TEXT("venue of the doi");
    records[1].paper.kind = MODEL_KIND_ARTICLE;
    records[1].paper.refereed = MODEL_TRUE;
    records[2].paper.venue = TEXT("venue of the pmid");
    records[2].paper.abstract = TEXT("abstract");
    records[2].paper.date = (struct model_date){model_day_of(2020, 1, 1), MODEL_YEAR};
    records[2].paper.field = (struct model_field){TEXT("arxiv/cs.LG"), TEXT("LG")};
    records[2].paper.retracted = MODEL_FALSE;
    struct model_view view = merged(records, 3);
    assert_int_equal(view.entity, MODEL_PAPER);
    assert_true(is(view.paper.title, "newest title"));
    /* Of two updated at once the primary id decides: doi before pmid. */
    assert_true(is(view.paper.venue, "venue of the doi"));
    assert_true(is(view.paper.abstract, "abstract"));
    assert_int_equal(view.paper.kind, MODEL_KIND_ARTICLE);
    assert_int_equal(view.paper.date.precision, MODEL_YEAR);
    assert_true(is(view.paper.field.name, "LG"));
    assert_int_equal(view.paper.refereed, MODEL_FALSE);
    assert_int_equal(view.paper.retracted, MODEL_FALSE);
    assert_int_equal(view.id_count, 0);
    assert_false(view.stub);
}

static void own_id_sorts_first_whatever_was_updated_last(void **state)
{
    (void)state;
    struct model_record records[] = {paper("local:z", 9), paper("openalex:W1", 8),
                                     paper("doi:10.1/b", 1), paper("doi:10.1/a", 1)};
    struct model_view view = merged(records, 4);
    struct model_id own = id("doi:10.1/a");
    assert_true(model_id_equal(&view.id, &own));
}

static void one_record_gives_itself(void **state)
{
    (void)state;
    struct model_record record = paper("local:z", 0);
    struct model_view view = merged(&record, 1);
    assert_int_equal(view.paper.date.day, MODEL_NO_DAY);
    assert_int_equal(view.paper.author_count, 0);
    assert_false(view.paper.authors_truncated);
    assert_int_equal(view.reported_count, 0);
}

static void a_complete_author_list_before_a_truncated_one(void **state)
{
    (void)state;
    struct model_authorship two[] = {{.name = TEXT("A"), .position = 1},
                                     {.name = TEXT("B"), .position = 2}};
    struct model_record records[] = {paper("openalex:W1", 30), paper("doi:10.1/a", 20),
                                     paper("pmid:1", 10), paper("local:x", 40)};
    records[0].paper.authors = two;
    records[0].paper.author_count = 1;
    records[0].paper.authors_truncated = true;
    records[1].paper.authors = two;
    records[1].paper.author_count = 2;
    records[2].paper.authors = two;
    records[2].paper.author_count = 1;
    struct model_view view = merged(records, 4);
    assert_int_equal(view.paper.author_count, 2);
    assert_false(view.paper.authors_truncated);

    /* All are truncated: the first that is not empty. */
    records[1].paper.authors_truncated = true;
    records[2].paper.authors_truncated = true;
    view = merged(records, 4);
    assert_int_equal(view.paper.author_count, 1);
    assert_ptr_equal(view.paper.authors, records[0].paper.authors);
    assert_true(view.paper.authors_truncated);

    /* Nobody lists one, but somebody knows of them. */
    for (size_t i = 0; i < 4; i++) {
        records[i].paper.author_count = 0;
    }
    records[0].paper.authors_truncated = false;
    records[1].paper.authors_truncated = false;
    view = merged(records, 4);
    assert_int_equal(view.paper.author_count, 0);
    assert_true(view.paper.authors_truncated);
}

static void references_come_whole_from_one_record(void **state)
{
    (void)state;
    struct model_id few[] = {id("pmid:3")};
    struct model_id many[] = {id("pmid:9"), id("pmid:8"), id("pmid:9")};
    struct model_record records[] = {paper("openalex:W1", 30), paper("doi:10.1/a", 20),
                                     paper("pmid:1", 10)};
    records[1].paper.references = few;
    records[1].paper.reference_count = 1;
    records[2].paper.references = many;
    records[2].paper.reference_count = 3;
    struct model_view view = merged(records, 3);
    assert_int_equal(view.paper.reference_count, 1);
    records[1].paper.reference_count = 0;
    view = merged(records, 3);
    assert_ptr_equal(view.paper.references, many);
    assert_int_equal(view.paper.reference_count, 3);
}

static void lists_are_united(void **state)
{
    (void)state;
    struct base_slice one[] = {TEXT("M. Lam"), TEXT("Max Lam")};
    struct base_slice two[] = {TEXT("Lam, Max"), TEXT("M. Lam")};
    struct model_affiliation here[] = {{TEXT("cmu"), TEXT("")}};
    struct model_affiliation there[] = {{TEXT("apple"), TEXT("")}, {TEXT("cmu"), TEXT("")}};
    struct model_record records[] = {author("local:a", 2), author("orcid:0000-0002-1825-0097", 1)};
    records[0].author.name = TEXT("Max Lam");
    records[0].author.aliases = one;
    records[0].author.alias_count = 2;
    records[0].author.affiliations = here;
    records[0].author.affiliation_count = 1;
    records[1].author.name = TEXT("Other");
    records[1].author.aliases = two;
    records[1].author.alias_count = 2;
    records[1].author.affiliations = there;
    records[1].author.affiliation_count = 2;
    struct model_view view = merged(records, 2);
    assert_int_equal(view.id.scheme, MODEL_ORCID);
    assert_true(is(view.author.name, "Max Lam"));
    assert_int_equal(view.author.alias_count, 2); /* the chosen name is no alias */
    assert_true(is(view.author.aliases[0], "Lam, Max"));
    assert_true(is(view.author.aliases[1], "M. Lam"));
    assert_int_equal(view.author.affiliation_count, 2);
    assert_true(is(view.author.affiliations[0].name, "apple"));
    assert_true(is(view.author.affiliations[1].name, "cmu"));

    /* An alias that is all there is. */
    struct base_slice only[] = {TEXT("Max Lam")};
    struct model_record alone = author("local:a", 2);
    alone.author.name = TEXT("Max Lam");
    alone.author.aliases = only;
    alone.author.alias_count = 1;
    view = merged(&alone, 1);
    assert_int_equal(view.author.alias_count, 0);
}

static void reported_newest_first(void **state)
{
    (void)state;
    struct model_reported a[] = {
        {.source = TEXT("undated"), .h_index = {true, 1}},
        {.source = TEXT("b"), .as_of = {model_day_of(2024, 1, 1), MODEL_DAY}}};
    struct model_reported b[] = {
        {.source = TEXT("b"), .as_of = {model_day_of(2024, 1, 1), MODEL_DAY}},
        {.source = TEXT("c"), .as_of = {model_day_of(2025, 1, 1), MODEL_DAY}},
        {.source = TEXT("a"), .as_of = {model_day_of(2024, 1, 1), MODEL_DAY}}};
    struct model_record records[] = {author("local:a", 2), author("local:b", 1)};
    records[0].reported = a;
    records[0].reported_count = 2;
    records[1].reported = b;
    records[1].reported_count = 3;
    struct model_view view = merged(records, 2);
    static const char *const wanted[] = {"c", "a", "b", "undated"};
    assert_int_equal(view.reported_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_true(is(view.reported[i].reported.source, wanted[i]));
    }
}

static struct model_reported_view checked(struct model_reported reported)
{
    struct model_reported_view view;
    assert_int_equal(model_reported_check(&reported, &arena, &view, NULL), BASE_OK);
    return view;
}

static void has_issue(const struct model_reported_view *view, size_t which, const char *code,
                      const char *text)
{
    assert_true(which < view->issue_count);
    assert_string_equal(view->issues[which].code, code);
    assert_string_equal(view->issues[which].text.data, text);
}

/* The page of design section 1. */
static void the_first_page(void **state)
{
    (void)state;
    struct model_reported_view view = checked((struct model_reported){
        .h_index = {true, 27}, .paper_count = {true, 3}, .citation_count = {true, 477}});
    assert_int_equal(view.issue_count, 2);
    has_issue(&view, 0, "H_INDEX_ABOVE_PAPERS",
              "h_index 27 needs at least 27 papers, but paper_count is 3");
    has_issue(&view, 1, "H_INDEX_ABOVE_CITATIONS",
              "h_index 27 needs at least 729 citations, but citation_count is 477");
    assert_int_equal(view.reported.h_index.value, 27);
}

static void issues_of_reported_numbers(void **state)
{
    (void)state;
    struct model_count none = {false, 0};
    struct model_reported_view view = checked((struct model_reported){
        .i10_index = {true, 5}, .paper_count = {true, 4}, .citation_count = {true, 49}});
    assert_int_equal(view.issue_count, 2);
    has_issue(&view, 0, "I10_ABOVE_PAPERS",
              "i10_index 5 needs at least 5 papers, but paper_count is 4");
    has_issue(&view, 1, "I10_ABOVE_CITATIONS",
              "i10_index 5 needs at least 50 citations, but citation_count is 49");

    /* Exactly enough is enough. */
    view = checked((struct model_reported){.h_index = {true, 3},
                                           .i10_index = {true, 2},
                                           .paper_count = {true, 3},
                                           .citation_count = {true, 20}});
    assert_int_equal(view.issue_count, 0);
    /* Only what the given fields allow. */
    view = checked((struct model_reported){.h_index = {true, 27}, .i10_index = {true, 9}});
    assert_int_equal(view.issue_count, 0);
    view = checked((struct model_reported){.paper_count = {true, 0}, .citation_count = {true, 0}});
    assert_int_equal(view.issue_count, 0);
    view = checked((struct model_reported){
        .h_index = {true, 0}, .i10_index = {true, 0}, .citation_count = {true, 0}});
    assert_int_equal(view.issue_count, 0);

    /* Nothing overflows. */
    view = checked((struct model_reported){.h_index = {true, UINT32_MAX},
                                           .i10_index = {true, UINT32_MAX},
                                           .paper_count = {true, 0},
                                           .citation_count = {true, UINT32_MAX}});
    assert_int_equal(view.issue_count, 4);
    has_issue(&view, 1, "H_INDEX_ABOVE_CITATIONS",
              "h_index 4294967295 needs at least 18446744065119617025 citations, but "
              "citation_count is 4294967295");

    struct model_reported_year years[] = {
        {2023, {true, 2}, {true, 30}}, {2024, none, none}, {2025, {true, 2}, {true, 1}}};
    struct model_reported counted = {
        .years = years, .year_count = 3, .paper_count = {true, 3}, .citation_count = {true, 30}};
    view = checked(counted);
    assert_int_equal(view.issue_count, 2);
    has_issue(&view, 0, "YEARS_ABOVE_CITATIONS",
              "the years add up to 31 citations, but citation_count is 30");
    has_issue(&view, 1, "YEARS_ABOVE_PAPERS", "the years add up to 4 papers, but paper_count is 3");
    counted.paper_count.value = 4;
    counted.citation_count.value = 31;
    view = checked(counted);
    assert_int_equal(view.issue_count, 0);
}

/* Three citing papers that cite all of three papers: h is 3 with 3 citing papers and 9
 * citations. */
static void distinct_citing_papers_are_fewer(void **state)
{
    (void)state;
    struct model_reported reported = {.citation_basis = MODEL_BASIS_CITING_PAPERS,
                                      .h_index = {true, 3},
                                      .i10_index = {true, 4},
                                      .citation_count = {true, 10}};
    struct model_reported_view view = checked(reported);
    assert_int_equal(view.issue_count, 0);
    reported.citation_count.value = 2;
    view = checked(reported);
    assert_int_equal(view.issue_count, 2);
    has_issue(&view, 0, "H_INDEX_ABOVE_CITATIONS",
              "h_index 3 needs at least 3 citations, but citation_count is 2");
    has_issue(&view, 1, "I10_ABOVE_CITATIONS",
              "i10_index 4 needs at least 10 citations, but citation_count is 2");
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct model_reported block = {
        .source = TEXT("x"), .h_index = {true, 27}, .paper_count = {true, 3}};
    struct base_slice one[] = {TEXT("A"), TEXT("Name")};
    struct model_record records[] = {author("local:a", 2), author("local:b", 1)};
    const struct model_record *order[] = {&records[0], &records[1]};
    for (size_t i = 0; i < 2; i++) {
        records[i].author.name = TEXT("Name");
        records[i].author.aliases = one;
        records[i].author.alias_count = 2;
        records[i].reported = &block;
        records[i].reported_count = 1;
        assert_int_equal(model_record_finish(&records[i], &arena, NULL), BASE_OK);
    }
    enum base_code code = BASE_RESOURCE_EXHAUSTED;
    size_t limit = 1;
    for (; code != BASE_OK; limit += 4) {
        struct base_arena full;
        struct model_view view = {.id_count = 7};
        base_arena_init(&full, limit);
        code = model_merge(order, 2, &full, &view, NULL);
        assert_true(code == BASE_OK || (code == BASE_RESOURCE_EXHAUSTED && view.id_count == 7));
        base_arena_fini(&full);
    }
    assert_true(limit > 100);
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
        cmocka_unit_test(each_field_from_the_first_record_that_has_it),
        cmocka_unit_test(own_id_sorts_first_whatever_was_updated_last),
        cmocka_unit_test(one_record_gives_itself),
        cmocka_unit_test(a_complete_author_list_before_a_truncated_one),
        cmocka_unit_test(references_come_whole_from_one_record),
        cmocka_unit_test(lists_are_united),
        cmocka_unit_test(reported_newest_first),
        cmocka_unit_test(the_first_page),
        cmocka_unit_test(issues_of_reported_numbers),
        cmocka_unit_test(distinct_citing_papers_are_fewer),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
