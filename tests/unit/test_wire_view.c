/* Packed views against the generated code, and the field numbers against the schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/fields.h"
#include "wire/messages.h"
#include "wire/metrics.h"
#include "wire/unpack.h"
#include "wire/view.h"
#include "wire/write.h"

#define ID(s, text)                                                                                \
    {                                                                                              \
        MODEL_##s, BASE_SLICE(text)                                                                \
    }

static void test_field_numbers(void **state)
{
    (void)state;
#define CHECK(package, message, field, number, text)                                               \
    {                                                                                              \
        const ProtobufCFieldDescriptor *known =                                                    \
            protobuf_c_message_descriptor_get_field(&package##__##message##__descriptor, number);  \
        assert_non_null(known);                                                                    \
        assert_string_equal(known->name, text);                                                    \
    }
    WIRE_FIELDS(CHECK)
#undef CHECK
}

/* Unpacks, and packs again with the generated code: the bytes must be the same, field order and
 * all. */
static void *unpack_same(const ProtobufCMessageDescriptor *type, const struct base_buffer *buffer,
                         struct base_arena *arena)
{
    ProtobufCMessage *message = NULL;
    struct base_error error = {0};
    if (buffer->failed || wire_unpack(type, base_buffer_slice(buffer), &wire_reply_limits, arena,
                                      &message, &error) != BASE_OK) {
        fail_msg("%s", error.text);
    }
    struct base_buffer again = BASE_BUFFER_EMPTY;
    wire_pack(message, &again);
    assert_true(base_slice_equal(base_buffer_slice(&again), base_buffer_slice(buffer)));
    base_buffer_fini(&again);
    return message;
}

static const struct model_reported_year reported_years[] = {
    {.year = 2023, .paper_count = {true, 0}},
    {.year = 2024, .citation_count = {true, 3}},
};

static const struct model_issue issues[] = {
    {"H_INDEX_ABOVE_PAPERS", BASE_SLICE("h-index 27 needs at least 27 papers, 3 are given")},
};

static const struct model_reported_view reported[] = {
    {
        .reported =
            {
                .source = BASE_SLICE("first page"),
                .paper_count = {true, 3},
                .citation_count = {true, 477},
                .h_index = {true, 27},
                .i10_index = {true, 0},
                .novelty = {true, 0.42},
                .ai_score = {true, 0.0},
                .citation_basis = MODEL_BASIS_CITING_PAPERS,
                .years = reported_years,
                .year_count = 2,
            },
        .issues = issues,
        .issue_count = 1,
    },
    {.reported = {.source = BASE_SLICE("other"), .as_of = MODEL_UNDATED}},
};

static void test_author(void **state)
{
    (void)state;
    const struct model_id ids[] = {ID(ORCID, "0000-0001-6187-6610"), ID(LOCAL, "max-lam")};
    const struct base_slice aliases[] = {BASE_SLICE("M. Lam"), BASE_SLICE("Max Lam")};
    const struct model_affiliation affiliations[] = {
        {BASE_SLICE("University of Wherever"), BASE_SLICE("05a28rw58")},
        {BASE_SLICE("Nowhere"), {NULL, 0}},
    };
    struct model_reported_view dated[2];
    memcpy(dated, reported, sizeof dated);
    dated[0].reported.as_of = (struct model_date){model_day_of(2026, 1, 31), MODEL_DAY};
    struct model_view view = {
        .entity = MODEL_AUTHOR,
        .id = ids[1],
        .ids = ids,
        .id_count = 2,
        .disputed = ids,
        .disputed_count = 1,
        .reported = dated,
        .reported_count = 2,
        .author =
            {
                .name = BASE_SLICE("Max Lam"),
                .aliases = aliases,
                .alias_count = 2,
                .affiliations = affiliations,
                .affiliation_count = 2,
                .field = {BASE_SLICE("arxiv/cs.LG"), BASE_SLICE("LG")},
            },
    };
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    wire_pack_author_view(&view, &buffer);
    const Hirsch__V1__Author *author =
        unpack_same(&hirsch__v1__author__descriptor, &buffer, &arena);
    assert_string_equal(author->id, "local:max-lam");
    assert_true(
        base_slice_equal(wire_view_id(base_buffer_slice(&buffer)), BASE_SLICE("local:max-lam")));
    assert_int_equal(author->n_ids, 2);
    assert_string_equal(author->ids[0], "local:max-lam");
    assert_string_equal(author->ids[1], "orcid:0000-0001-6187-6610");
    assert_string_equal(author->display_name, "Max Lam");
    assert_int_equal(author->n_alternative_names, 1);
    assert_string_equal(author->alternative_names[0], "M. Lam");
    assert_string_equal(author->primary_field->id, "arxiv/cs.LG");
    assert_string_equal(author->primary_field->display_name, "LG");
    assert_int_equal(author->n_affiliations, 2);
    assert_string_equal(author->affiliations[0]->ror, "05a28rw58");
    assert_string_equal(author->affiliations[1]->ror, "");
    assert_null(author->metrics);
    assert_int_equal(author->n_disputed_ids, 1);
    assert_int_equal(author->name_only, 0);
    assert_int_equal(author->n_reported, 2);
    const Hirsch__V1__ReportedMetrics *first = author->reported[0];
    assert_string_equal(first->source, "first page");
    assert_string_equal(first->as_of, "2026-01-31");
    assert_int_equal(first->h_index, 27);
    assert_int_equal(first->i10_index_presence_case, 10);
    assert_int_equal(first->i10_index, 0);
    assert_true(first->novelty == 0.42);
    assert_int_equal(first->ai_score_presence_case, 7);
    assert_true(first->ai_score == 0.0);
    assert_int_equal(first->citation_basis, 2);
    assert_int_equal(first->n_counts_by_year, 2);
    assert_int_equal(first->counts_by_year[0]->year, 2023);
    assert_int_equal(first->counts_by_year[0]->paper_count_presence_case, 2);
    assert_int_equal(first->counts_by_year[0]->citation_count_presence_case, 0);
    assert_int_equal(first->counts_by_year[1]->citation_count, 3);
    assert_string_equal(first->issues[0]->code, "H_INDEX_ABOVE_PAPERS");
    assert_int_equal(author->reported[1]->h_index_presence_case, 0);
    assert_int_equal(author->reported[1]->paper_count_presence_case, 0);
    assert_string_equal(author->reported[1]->as_of, "");
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

static void test_name_author(void **state)
{
    (void)state;
    struct model_view view = {
        .entity = MODEL_AUTHOR,
        .id = ID(NAME, "max lam"),
        .name_only = true,
        .author = {.name = BASE_SLICE("Max Lam")},
    };
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    wire_pack_author_view(&view, &buffer);
    const Hirsch__V1__Author *author =
        unpack_same(&hirsch__v1__author__descriptor, &buffer, &arena);
    assert_int_equal(author->n_ids, 1);
    assert_string_equal(author->ids[0], "name:max lam");
    assert_int_equal(author->name_only, 1);
    assert_null(author->primary_field);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

enum { AUTHORS = 300 };

static void test_paper(void **state)
{
    (void)state;
    static char long_name[5000];
    memset(long_name, 'x', sizeof long_name);
    const struct model_affiliation affiliations[] = {
        {BASE_SLICE("A"), {NULL, 0}},
        {{long_name, sizeof long_name}, BASE_SLICE("05a28rw58")},
    };
    struct model_authorship authors[AUTHORS] = {0};
    for (size_t i = 0; i < AUTHORS; i++) {
        authors[i] = (struct model_authorship){
            .id = ID(OPENALEX, "A5023888391"),
            .name = {long_name, i},
            .position = (uint16_t)(i + 1),
            .corresponding = i == 1,
            .affiliations = affiliations,
            .affiliation_count = i == 7 ? 2 : 0,
        };
    }
    authors[3].id = (struct model_id){0};
    const struct model_id ids[] = {ID(DOI, "10.7717/peerj.4375"), ID(PMID, "29456894")};
    struct model_view view = {
        .entity = MODEL_PAPER,
        .id = ids[0],
        .ids = ids,
        .id_count = 2,
        .reported = reported,
        .reported_count = 0,
        .paper =
            {
                .title = BASE_SLICE("The state of OA"),
                .abstract = BASE_SLICE("left out"),
                .date = {model_day_of(2018, 2, 1), MODEL_MONTH},
                .field = {BASE_SLICE("openalex/1804"), {NULL, 0}},
                .kind = MODEL_KIND_ARTICLE,
                .venue = BASE_SLICE("PeerJ"),
                .refereed = MODEL_TRUE,
                .retracted = MODEL_FALSE,
                .authors = authors,
                .author_count = AUTHORS,
                .authors_truncated = true,
                .affiliations = affiliations,
                .affiliation_count = 1,
            },
    };
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    wire_pack_paper_view(&view, &buffer);
    const Hirsch__V1__Paper *paper = unpack_same(&hirsch__v1__paper__descriptor, &buffer, &arena);
    assert_string_equal(paper->id, "doi:10.7717/peerj.4375");
    assert_int_equal(paper->n_ids, 2);
    assert_string_equal(paper->ids[1], "pmid:29456894");
    assert_string_equal(paper->abstract, "");
    assert_string_equal(paper->publication_date, "2018-02");
    assert_string_equal(paper->primary_field->display_name, "");
    assert_int_equal(paper->kind, HIRSCH__V1__PAPER_KIND__PAPER_KIND_ARTICLE);
    assert_string_equal(paper->venue, "PeerJ");
    assert_int_equal(paper->n_authors, AUTHORS);
    for (size_t i = 0; i < AUTHORS; i++) {
        assert_int_equal(strlen(paper->authors[i]->name), i);
        assert_int_equal(paper->authors[i]->position, i + 1);
        assert_int_equal(paper->authors[i]->corresponding, i == 1);
        assert_string_equal(paper->authors[i]->id, i == 3 ? "" : "openalex:A5023888391");
    }
    assert_int_equal(paper->authors[7]->n_affiliations, 2);
    assert_int_equal(strlen(paper->authors[7]->affiliations[1]->name), sizeof long_name);
    assert_int_equal(paper->authors_truncated, 1);
    assert_int_equal(paper->n_affiliations, 1);
    assert_int_equal(paper->refereed_presence_case, 14);
    assert_int_equal(paper->refereed, 1);
    assert_int_equal(paper->retracted_presence_case, 15);
    assert_int_equal(paper->retracted, 0);
    assert_int_equal(paper->stub, 0);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

static void test_stub(void **state)
{
    (void)state;
    struct model_view view = {
        .entity = MODEL_PAPER,
        .id = ID(DOI, "10.1/x"),
        .stub = true,
        .paper = {.date = MODEL_UNDATED},
    };
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    wire_pack_paper_view(&view, &buffer);
    const Hirsch__V1__Paper *paper = unpack_same(&hirsch__v1__paper__descriptor, &buffer, &arena);
    assert_int_equal(paper->stub, 1);
    assert_int_equal(paper->n_ids, 1);
    assert_string_equal(paper->publication_date, "");
    assert_int_equal(paper->refereed_presence_case, 0);
    assert_int_equal(paper->retracted_presence_case, 0);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
}

static void pack_counts(struct base_buffer *packed, const uint32_t counts[][2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        base_buffer_append_varint(packed, counts[i][0]);
        base_buffer_append_varint(packed, counts[i][1]);
    }
}

/* Bytes that end early give the years that are whole. */
static void test_cut_years(void **state)
{
    (void)state;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct base_buffer whole = BASE_BUFFER_EMPTY;
    struct base_buffer cut = BASE_BUFFER_EMPTY;
    static const uint32_t counts[][2] = {{1, 300}, {2, 70000}, {3, 4}};
    size_t ends[4] = {0};
    for (size_t i = 0; i < 3; i++) {
        pack_counts(&packed, &counts[i], 1);
        ends[i + 1] = packed.size;
    }
    for (size_t size = 0; size <= packed.size; size++) {
        uint32_t years = 0;
        while (years < 3 && ends[years + 1] <= size) {
            years++;
        }
        base_buffer_clear(&whole);
        base_buffer_clear(&cut);
        wire_put_author_years(&whole,
                              &(struct wire_years){1990, years, base_buffer_slice(&packed)});
        wire_put_author_years(&cut, &(struct wire_years){1990, 3, base_slice(packed.data, size)});
        assert_int_equal(cut.size, whole.size);
        assert_true(cut.size == 0 || memcmp(cut.data, whole.data, cut.size) == 0);
    }
    base_buffer_fini(&packed);
    base_buffer_fini(&whole);
    base_buffer_fini(&cut);
}

/* Small and large counts side by side, in years of one, two and three bytes and where one follows
 * the other. */
static void test_years(void **state)
{
    (void)state;
    static const uint32_t values[] = {0, 1, 64, 127, 128, 20000};
    static const uint32_t firsts[] = {0, 1, 110, 128, 1920, 1999, 2030, 16370, 16384};
    enum { VALUES = sizeof values / sizeof values[0], YEARS = VALUES * VALUES };
    struct base_arena arena;
    base_arena_init(&arena, 0);
    for (size_t k = 0; k < sizeof firsts / sizeof firsts[0]; k++) {
        struct base_buffer packed = BASE_BUFFER_EMPTY;
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        uint32_t counts[YEARS][2];
        for (size_t i = 0; i < YEARS; i++) {
            counts[i][0] = values[i % VALUES];
            counts[i][1] = values[i / VALUES];
        }
        pack_counts(&packed, counts, YEARS);
        wire_put_author_years(&buffer,
                              &(struct wire_years){firsts[k], YEARS, base_buffer_slice(&packed)});
        const Hirsch__V1__AuthorMetrics *author =
            unpack_same(&hirsch__v1__author_metrics__descriptor, &buffer, &arena);
        assert_int_equal(author->n_counts_by_year, YEARS);
        for (uint32_t i = 0; i < YEARS; i++) {
            assert_int_equal(author->counts_by_year[i]->year, firsts[k] + i);
            assert_int_equal(author->counts_by_year[i]->paper_count, counts[i][0]);
            assert_int_equal(author->counts_by_year[i]->citation_count, counts[i][1]);
        }
        base_buffer_fini(&packed);
        base_buffer_fini(&buffer);
    }
    base_arena_fini(&arena);
}

static void test_metrics(void **state)
{
    (void)state;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_arena arena;
    base_arena_init(&arena, 0);
    struct wire_author_metrics numbers = {1, 2, 3, 4, 5, 6, 7, 8, true, 0.0, 1999, 2024};
    wire_put_author_metrics(&buffer, &numbers);
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    static const uint32_t counts[][2] = {
        {1, 0}, {0, UINT32_MAX}, {127, 128}, {16383, 16384}, {0, 0}};
    pack_counts(&packed, counts, 5);
    wire_put_author_years(&buffer, &(struct wire_years){1999, 5, base_buffer_slice(&packed)});
    const Hirsch__V1__AuthorMetrics *author =
        unpack_same(&hirsch__v1__author_metrics__descriptor, &buffer, &arena);
    assert_int_equal(author->paper_count, 1);
    assert_int_equal(author->citation_count, 2);
    assert_int_equal(author->citing_paper_count, 3);
    assert_int_equal(author->h_index, 4);
    assert_int_equal(author->g_index, 5);
    assert_int_equal(author->i10_index, 6);
    assert_int_equal(author->i100_index, 7);
    assert_int_equal(author->self_citation_count, 8);
    assert_int_equal(author->m_quotient_presence_case, 8);
    assert_int_equal(author->first_year, 1999);
    assert_int_equal(author->last_year, 2024);
    assert_int_equal(author->n_counts_by_year, 5);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(author->counts_by_year[i]->year, 1999 + i);
        assert_int_equal(author->counts_by_year[i]->paper_count, counts[i][0]);
        assert_int_equal(author->counts_by_year[i]->citation_count, counts[i][1]);
    }

    base_buffer_clear(&buffer);
    wire_put_author_years(&buffer, &(struct wire_years){0, 0, {NULL, 0}});
    assert_int_equal(buffer.size, 0);
    wire_put_author_metrics(&buffer, &(struct wire_author_metrics){0});
    assert_int_equal(buffer.size, 0);

    wire_put_paper_metrics(&buffer, &(struct wire_paper_metrics){9, 10, 11});
    wire_put_paper_years(&buffer, &(struct wire_years){2001, 1, BASE_SLICE("\x0c")});
    const Hirsch__V1__PaperMetrics *paper =
        unpack_same(&hirsch__v1__paper_metrics__descriptor, &buffer, &arena);
    assert_int_equal(paper->citation_count, 9);
    assert_int_equal(paper->reference_count, 10);
    assert_int_equal(paper->self_citation_count, 11);
    assert_int_equal(paper->counts_by_year[0]->year, 2001);
    assert_int_equal(paper->counts_by_year[0]->citation_count, 12);
    base_arena_fini(&arena);
    base_buffer_fini(&buffer);
    base_buffer_fini(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_field_numbers), cmocka_unit_test(test_author),
        cmocka_unit_test(test_name_author),   cmocka_unit_test(test_paper),
        cmocka_unit_test(test_stub),          cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_cut_years),     cmocka_unit_test(test_years),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
