/* Finishing of records: two spellings of one record become the same bytes, and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "model/record.h"

static struct base_arena arena;

#define TEXT(literal) BASE_SLICE(literal)

static struct model_id id(const char *text)
{
    struct model_id result;
    assert_int_equal(model_id_parse(base_slice_text(text), &arena, &result, NULL), BASE_OK);
    return result;
}

static struct model_record author(void)
{
    return (struct model_record){.type = MODEL_RECORD_AUTHOR,
                                 .id = id("local:max-lam"),
                                 .author = {.name = TEXT("Max Lam")}};
}

static struct model_record paper(void)
{
    return (struct model_record){.type = MODEL_RECORD_PAPER,
                                 .id = id("doi:10.1/a"),
                                 .paper = {.title = TEXT("A title"), .date = MODEL_UNDATED}};
}

static void takes(struct model_record *record)
{
    struct base_error error = {0};
    if (model_record_finish(record, &arena, &error) != BASE_OK) {
        fail_msg("refused: %s", error.text);
    }
}

static void refuses(struct model_record record, const char *why)
{
    struct base_error error = {0};
    enum base_code code = model_record_finish(&record, &arena, &error);
    assert_int_equal(code, BASE_INVALID_ARGUMENT);
    if (strstr(error.text, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", error.text, why);
    }
}

/* Finished, the two have the same bytes. */
static void same(struct model_record a, struct model_record b)
{
    struct base_buffer left = BASE_BUFFER_EMPTY;
    struct base_buffer right = BASE_BUFFER_EMPTY;
    takes(&a);
    takes(&b);
    model_record_encode(&a, &left);
    model_record_encode(&b, &right);
    assert_true(base_slice_equal(base_buffer_slice(&left), base_buffer_slice(&right)));
    base_buffer_fini(&left);
    base_buffer_fini(&right);
}

static void source_defaults_to_the_scheme(void **state)
{
    (void)state;
    struct model_record record = author();
    takes(&record);
    assert_true(base_slice_equal(record.source, TEXT("local")));
    struct model_record named = author();
    named.source = TEXT("local");
    same(record, named);
    named.source = TEXT("a page");
    takes(&named);
    assert_true(base_slice_equal(named.source, TEXT("a page")));
}

static void ids_are_sorted_each_once(void **state)
{
    (void)state;
    struct model_id given[] = {id("pmid:2"), id("arxiv:2104.12345"), id("doi:10.1/a"), id("pmid:2"),
                               id("doi:10.1/b")};
    struct model_record record = paper();
    record.ids = given;
    record.id_count = 5;
    takes(&record);
    assert_int_equal(record.id_count, 3);
    struct model_id wanted[] = {id("doi:10.1/b"), id("arxiv:2104.12345"), id("pmid:2")};
    for (size_t i = 0; i < 3; i++) {
        assert_true(model_id_equal(&record.ids[i], &wanted[i]));
    }
    /* The caller's list is not touched, and a list in order is not copied. */
    assert_int_equal(given[0].scheme, MODEL_PMID);
    const struct model_id *before = record.ids;
    takes(&record);
    assert_ptr_equal(record.ids, before);

    record = paper();
    record.ids = &given[2];
    record.id_count = 1;
    same(record, paper());
}

static void lists_are_sorted_each_once(void **state)
{
    (void)state;
    struct base_slice one[] = {TEXT("M. Lam"), TEXT(""), TEXT("Lam, Max"), TEXT("M. Lam")};
    struct base_slice other[] = {TEXT("Lam, Max"), TEXT("M. Lam")};
    struct model_affiliation places[] = {{TEXT("cmu"), {NULL, 0}},
                                         {{NULL, 0}, {NULL, 0}},
                                         {TEXT("apple-ml"), {NULL, 0}},
                                         {TEXT("cmu"), TEXT("05ppvf150")},
                                         {TEXT("cmu"), {NULL, 0}}};
    struct model_affiliation sorted[] = {
        {TEXT("apple-ml"), {NULL, 0}}, {TEXT("cmu"), {NULL, 0}}, {TEXT("cmu"), TEXT("05ppvf150")}};
    struct model_record a = author();
    struct model_record b = author();
    a.author.aliases = one;
    a.author.alias_count = 4;
    a.author.affiliations = places;
    a.author.affiliation_count = 5;
    b.author.aliases = other;
    b.author.alias_count = 2;
    b.author.affiliations = sorted;
    b.author.affiliation_count = 3;
    same(a, b);

    /* Lists of empty items are no lists. */
    struct base_slice empty[] = {TEXT(""), TEXT("")};
    a = author();
    a.author.aliases = empty;
    a.author.alias_count = 2;
    a.author.affiliations = &places[1];
    a.author.affiliation_count = 1;
    same(a, author());
}

static void reported_blocks_have_one_order(void **state)
{
    (void)state;
    struct model_reported_year up[] = {{2023, {true, 1}, {true, 2}}, {2024, {false, 9}, {true, 3}}};
    struct model_reported_year down[] = {up[1], up[0], up[1]};
    down[0].paper_count.value = 0;
    struct model_reported old = {
        .source = TEXT("b"), .as_of = {model_day_of(2024, 1, 1), MODEL_DAY}, .h_index = {true, 3}};
    struct model_reported undated = {.source = TEXT("a"), .novelty = {true, -0.0}};
    struct model_reported fresh = {
        .as_of = {model_day_of(2025, 1, 1), MODEL_YEAR}, .years = up, .year_count = 2};
    struct model_reported first[] = {undated, old, fresh, old};
    undated.novelty.value = 0.0;
    undated.ai_score.value = 5; /* not known: counts for nothing */
    fresh.years = down;
    fresh.year_count = 3;
    fresh.source = TEXT("page");
    struct model_reported second[] = {old, fresh, undated};
    struct model_record a = author();
    struct model_record b = author();
    a.source = TEXT("page");
    b.source = TEXT("page");
    a.reported = first;
    a.reported_count = 4;
    b.reported = second;
    b.reported_count = 3;
    same(a, b);
    takes(&a);
    assert_int_equal(a.reported_count, 3);
    assert_int_equal(a.reported[0].as_of.precision, MODEL_YEAR);
    assert_true(base_slice_equal(a.reported[0].source, TEXT("page")));
    assert_true(base_slice_equal(a.reported[1].source, TEXT("b")));
    assert_true(base_slice_equal(a.reported[2].source, TEXT("a")));
    assert_int_equal(a.reported[2].as_of.day, MODEL_NO_DAY);
}

static void wrong_reported_blocks(void **state)
{
    (void)state;
    struct model_reported block = {.source = TEXT("x")};
    struct model_record record = author();
    record.reported = &block;
    record.reported_count = 1;
    takes(&record);
    static const double wrong[] = {-0.001, 1.001, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        record.reported = &block;
        block.novelty = (struct model_score){true, wrong[i]};
        refuses(record, "reported block 1: novelty is not between 0 and 1");
        block.novelty = (struct model_score){false, wrong[i]};
        takes(&record);
        record.reported = &block;
        block.ai_score = (struct model_score){true, wrong[i] * 100};
        refuses(record, "ai_score is not between 0 and 100");
        block.ai_score.known = false;
    }
    struct model_reported_year years[] = {{2024, {true, 1}, {true, 2}},
                                          {2024, {true, 1}, {true, 3}}};
    block.years = years;
    block.year_count = 2;
    refuses(record, "year 2024 stands twice");
    block.year_count = 1;
    takes(&record);
    record.reported = &block;
    years[0].year = 1399;
    refuses(record, "year 1399 is out of range");
    years[0].year = 2201;
    refuses(record, "year 2201 is out of range");
    block.year_count = LIMIT_REPORTED_YEARS + 1;
    refuses(record, "reported years");
    block.year_count = 0;
    block.citation_basis = (enum model_citation_basis)3;
    refuses(record, "citation_basis");
    block.citation_basis = MODEL_BASIS_CITING_PAPERS;
    block.source = TEXT("a\nb");
    refuses(record, "source holds control characters");
    record.reported_count = LIMIT_REPORTED + 1;
    refuses(record, "65 reported blocks");

    /* A paper has no papers and no h-index. */
    struct model_record work = paper();
    struct model_reported of_paper = {.source = TEXT("x"), .citation_count = {true, 1}};
    work.reported = &of_paper;
    work.reported_count = 1;
    takes(&work);
    work.reported = &of_paper;
    of_paper.h_index.known = true;
    refuses(work, "a paper cannot have");
    of_paper.h_index.known = false;
    years[0] = (struct model_reported_year){2024, {true, 1}, {false, 0}};
    of_paper.years = years;
    of_paper.year_count = 1;
    refuses(work, "a paper cannot have");
}

static void authors_of_a_paper(void **state)
{
    (void)state;
    struct model_id orcid = id("orcid:0000-0002-1825-0097");
    struct model_id openalex = id("openalex:A1");
    struct model_id both[] = {openalex, orcid, openalex};
    struct model_affiliation places[] = {{TEXT("cmu"), {NULL, 0}}, {TEXT("apple"), {NULL, 0}}};
    struct model_authorship list[] = {
        {.name = TEXT("Plain Name"), .position = 1},
        {.id = openalex, .ids = both, .id_count = 3, .position = 2},
        {.ids = both, .id_count = 3, .position = 0, .affiliations = places, .affiliation_count = 2},
        {.name = TEXT("Plain Name"), .position = 4, .corresponding = true},
    };
    struct model_record record = paper();
    record.paper.authors = list;
    record.paper.author_count = 4;
    takes(&record);
    const struct model_authorship *authors = record.paper.authors;
    /* The same author twice stays twice in the record. */
    assert_int_equal(record.paper.author_count, 4);
    assert_int_equal(authors[1].id_count, 1);
    assert_true(model_id_equal(&authors[1].ids[0], &orcid));
    /* An author known by other ids only is known by the first of them. */
    assert_true(model_id_equal(&authors[2].id, &orcid));
    assert_int_equal(authors[2].id_count, 1);
    assert_true(model_id_equal(&authors[2].ids[0], &openalex));
    assert_int_equal(authors[2].position, 0);
    assert_true(base_slice_equal(authors[2].affiliations[0].name, TEXT("apple")));
    assert_int_equal(list[2].id.scheme, MODEL_NO_SCHEME);
    /* A list in canonical form is not copied. */
    takes(&record);
    assert_ptr_equal(record.paper.authors, authors);
}

static void wrong_authors_of_a_paper(void **state)
{
    (void)state;
    struct model_authorship one = {.position = 1};
    struct model_record record = paper();
    record.paper.authors = &one;
    record.paper.author_count = 1;
    refuses(record, "author 1: neither an id nor a name");
    one.name = TEXT("\xcc\x81 \xc2\xa0"); /* a mark and a blank */
    refuses(record, "neither an id nor a name");
    one.name = TEXT("\xe5\xbc\xa0");
    takes(&record);
    one.name = TEXT("a\nb");
    refuses(record, "author 1: name holds control characters");
    one.name = TEXT("");
    one.id = id("name:max lam");
    refuses(record, "the scheme name is reserved");
    one.id = id("doi:10.1/a");
    refuses(record, "id \"doi:10.1/a\" cannot name an author");
    one.id = id("local:x");
    struct model_id name = id("name:x");
    one.ids = &name;
    one.id_count = 1;
    refuses(record, "reserved");
    one.id_count = LIMIT_IDS + 1;
    refuses(record, "65 ids, at most 64");
    one.id_count = 0;
    struct model_affiliation place = {TEXT("x"), TEXT("short")};
    one.affiliations = &place;
    one.affiliation_count = 1;
    refuses(record, "ror");
}

static void long_author_lists_are_cut(void **state)
{
    (void)state;
    size_t count = LIMIT_AUTHORS + 1;
    struct model_authorship *list = base_arena_array(&arena, count, sizeof *list);
    for (size_t i = 0; i < count; i++) {
        list[i] = (struct model_authorship){.name = TEXT("A"), .position = (uint16_t)(i + 1)};
    }
    struct model_record record = paper();
    record.paper.authors = list;
    record.paper.author_count = LIMIT_AUTHORS;
    takes(&record);
    assert_false(record.paper.authors_truncated);
    record.paper.author_count = count;
    takes(&record);
    assert_int_equal(record.paper.author_count, LIMIT_AUTHORS);
    assert_true(record.paper.authors_truncated);
}

static void references_stay_as_written(void **state)
{
    (void)state;
    struct model_id written[] = {id("pmid:9"), id("doi:10.1/a"), id("pmid:9"), id("doi:10.1/b")};
    struct model_record record = paper();
    record.paper.references = written;
    record.paper.reference_count = 4;
    takes(&record);
    assert_ptr_equal(record.paper.references, written);
    assert_int_equal(record.paper.reference_count, 4);
    written[2] = id("orcid:0000-0002-1825-0097");
    refuses(record, "reference 3: id \"orcid:0000-0002-1825-0097\" cannot name a paper");
    record.paper.reference_count = LIMIT_REFERENCES + 1;
    refuses(record, "100001 references");
}

static void texts(void **state)
{
    (void)state;
    char *text = base_arena_alloc(&arena, LIMIT_ABSTRACT + 1);
    memset(text, 'x', LIMIT_ABSTRACT + 1);
    struct model_record record = paper();
    record.paper.title = base_slice(text, LIMIT_TEXT);
    record.paper.abstract = base_slice(text, LIMIT_ABSTRACT);
    takes(&record);
    record.paper.abstract.size++;
    refuses(record, "abstract has 1048577 bytes, at most 1048576");
    record = paper();
    record.paper.title = base_slice(text, LIMIT_TEXT + 1);
    refuses(record, "title has");
    /* A control character is found wherever it stands. */
    for (size_t size = 1; size < 20; size++) {
        for (size_t at = 0; at < size; at++) {
            char line[20];
            for (int byte = 0; byte < 256; byte++) {
                memset(line, 'x', sizeof line);
                line[at] = (char)byte;
                bool control = byte < 0x20 || byte == 0x7f;
                record = paper();
                record.paper.title = base_slice(line, size);
                assert_int_equal(model_record_finish(&record, &arena, NULL),
                                 control ? BASE_INVALID_ARGUMENT : BASE_OK);
                record = paper();
                record.paper.abstract = base_slice(line, size);
                assert_int_equal(model_record_finish(&record, &arena, NULL),
                                 control && byte != '\n' && byte != '\t' ? BASE_INVALID_ARGUMENT
                                                                         : BASE_OK);
            }
        }
    }
    record = author();
    record.author.name = TEXT("a\x1b");
    refuses(record, "name holds control characters");
    record = author();
    record.author.field = (struct model_field){TEXT("arxiv/cs.LG"), TEXT("L\nG")};
    refuses(record, "field name");
}

static void ids_fit_their_record(void **state)
{
    (void)state;
    struct model_record record = author();
    record.id = id("doi:10.1/a");
    refuses(record, "cannot name an author");
    record.id = id("openalex:W1");
    refuses(record, "cannot name an author");
    record.id = id("name:max lam");
    refuses(record, "reserved");
    record.id = (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
    refuses(record, "an id is missing");
    struct model_id other = id("pmid:1");
    record = author();
    record.ids = &other;
    record.id_count = 1;
    refuses(record, "cannot name an author");
    record = paper();
    record.id = id("openalex:A1");
    refuses(record, "cannot name a paper");
    record.id = id("ror:05ppvf150");
    refuses(record, "cannot name a paper");
    record = paper();
    record.updated = MODEL_TIME_MAX;
    takes(&record);
    record.updated++;
    refuses(record, "updated");
    record = paper();
    record.paper.kind = MODEL_KIND_END;
    refuses(record, "does not exist");
    record = paper();
    record.type = (enum model_record_type)9;
    refuses(record, "no such type");
}

static struct model_record merge(const char *from, const char *into, unsigned entity)
{
    return (struct model_record){.type = MODEL_RECORD_MERGE,
                                 .id = id(from),
                                 .other = id(into),
                                 .entity = (uint8_t)entity,
                                 .updated = 5};
}

static void curation(void **state)
{
    (void)state;
    /* What kind of thing is meant follows from the ids where they can say it. */
    struct model_record record = merge("openalex:A2", "openalex:A1", 0);
    takes(&record);
    assert_int_equal(record.entity, MODEL_AUTHOR);
    assert_true(record.updated == 0);
    record = merge("local:a", "doi:10.1/a", 0);
    takes(&record);
    assert_int_equal(record.entity, MODEL_PAPER);
    record = merge("local:a", "local:b", 0);
    takes(&record);
    assert_int_equal(record.entity, 0);
    record = merge("local:a", "local:b", MODEL_PAPER);
    takes(&record);
    assert_int_equal(record.entity, MODEL_PAPER);
    /* A name may be merged into an author, nothing into a name. */
    record = merge("name:max lam", "local:max-lam", 0);
    takes(&record);
    assert_int_equal(record.entity, MODEL_AUTHOR);
    refuses(merge("local:max-lam", "name:max lam", 0), "into a name");
    refuses(merge("openalex:A2", "openalex:W1", 0), "do not name one kind");
    refuses(merge("openalex:A2", "openalex:A1", MODEL_PAPER), "do not name one kind");
    refuses(merge("local:a", "local:b", 3), "do not name one kind");
    refuses(merge("local:a", "local:a", 0), "the same id");

    record = (struct model_record){.type = MODEL_RECORD_SUPPRESS, .id = id("name:max lam")};
    takes(&record);
    assert_int_equal(record.entity, MODEL_AUTHOR);
    record.id = id("ror:05ppvf150");
    refuses(record, "does not name what is meant");
    record.id.value.size = 0;
    refuses(record, "an id is missing");
}

static void citations(void **state)
{
    (void)state;
    struct model_record record = {
        .type = MODEL_RECORD_CITATION, .id = id("doi:10.1/a"), .other = id("doi:10.1/a")};
    takes(&record);
    assert_int_equal(record.citation_date.day, MODEL_NO_DAY);
    record.other = id("orcid:0000-0002-1825-0097");
    refuses(record, "cannot name a paper");
    record.other = (struct model_id){MODEL_NO_SCHEME, {NULL, 0}};
    refuses(record, "an id is missing");
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct model_id given[] = {id("pmid:2"), id("arxiv:2104.12345")};
    struct model_reported block = {.source = TEXT("x")};
    struct model_record record = paper();
    record.ids = given;
    record.id_count = 2;
    record.reported = &block;
    record.reported_count = 1;
    /* Every allocation fails once. */
    size_t limit = 1;
    for (;; limit++) {
        struct base_arena full;
        base_arena_init(&full, limit);
        struct model_record copy = record;
        enum base_code code = model_record_finish(&copy, &full, NULL);
        base_arena_fini(&full);
        if (code == BASE_OK) {
            break;
        }
        assert_int_equal(code, BASE_RESOURCE_EXHAUSTED);
    }
    assert_true(limit > sizeof given);
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
        cmocka_unit_test(source_defaults_to_the_scheme),
        cmocka_unit_test(ids_are_sorted_each_once),
        cmocka_unit_test(lists_are_sorted_each_once),
        cmocka_unit_test(reported_blocks_have_one_order),
        cmocka_unit_test(wrong_reported_blocks),
        cmocka_unit_test(authors_of_a_paper),
        cmocka_unit_test(wrong_authors_of_a_paper),
        cmocka_unit_test(long_author_lists_are_cut),
        cmocka_unit_test(references_stay_as_written),
        cmocka_unit_test(texts),
        cmocka_unit_test(ids_fit_their_record),
        cmocka_unit_test(curation),
        cmocka_unit_test(citations),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
