/* Canonical bytes and keys of records: pinned layout, there and back, and bytes that encoding never
 * made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "model/record.h"

static struct base_arena arena;

#define TEXT(literal) BASE_SLICE(literal)

static struct model_id id(const char *text)
{
    struct model_id result;
    assert_int_equal(model_id_parse(base_slice_text(text), &arena, &result, NULL), BASE_OK);
    return result;
}

static struct model_date date(const char *text)
{
    struct model_date result;
    assert_int_equal(model_date_parse(base_slice_text(text), &result, NULL), BASE_OK);
    return result;
}

static struct base_slice encode(struct model_record *record)
{
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    struct base_error error = {0};
    if (model_record_finish(record, &arena, &error) != BASE_OK) {
        fail_msg("refused: %s", error.text);
    }
    model_record_encode(record, &buffer);
    assert_false(buffer.failed);
    struct base_slice bytes = base_arena_copy(&arena, base_buffer_slice(&buffer));
    base_buffer_fini(&buffer);
    return bytes;
}

static const struct model_id *list_of(const char *a, const char *b)
{
    struct model_id *ids = base_arena_array(&arena, 2, sizeof *ids);
    ids[0] = id(a);
    ids[1] = id(b);
    return ids;
}

/* A record with every part that its type has. */
static struct model_record full_paper(void)
{
    static const struct model_affiliation places[] = {
        {TEXT("apple-ml"), TEXT("")},
        {TEXT("cmu"), TEXT("05x2bcf33")},
        {TEXT(""), TEXT("05ppvf150")},
    };
    static const struct model_reported_year years[] = {{2023, {false, 0}, {true, 3}},
                                                       {2024, {false, 0}, {false, 0}}};
    static const struct model_reported reported[] = {
        {.source = TEXT("openalex"),
         .as_of = {739448, MODEL_DAY},
         .citation_basis = MODEL_BASIS_CITATIONS,
         .citation_count = {true, 1200},
         .years = years,
         .year_count = 2},
        {.source = TEXT("page"), .ai_score = {true, 35}, .novelty = {true, 0.42}},
    };
    struct model_authorship *authors = base_arena_array(&arena, 3, sizeof *authors);
    authors[0] = (struct model_authorship){.id = id("openalex:A1"),
                                           .ids = list_of("orcid:0000-0002-1825-0097", "local:x"),
                                           .id_count = 2,
                                           .name = TEXT("Ethan Li"),
                                           .position = 1,
                                           .corresponding = true,
                                           .affiliations = places,
                                           .affiliation_count = 3};
    authors[1] = (struct model_authorship){.name = TEXT("No Id"), .position = 2};
    authors[2] = (struct model_authorship){.id = id("local:max-lam"), .position = 0};
    return (struct model_record){
        .type = MODEL_RECORD_PAPER,
        .id = id("openalex:W1"),
        .source = TEXT("somebody"),
        .updated = UINT64_C(63000000000000000),
        .ids = list_of("doi:10.1/a", "pmid:1"),
        .id_count = 2,
        .reported = reported,
        .reported_count = 2,
        .paper = {.title = TEXT("Apple Intelligence Foundation Language Models"),
                  .abstract = TEXT("We\nintroduce \xe2\x80\xa6"),
                  .date = date("2025-07"),
                  .field = {TEXT("arxiv/cs.LG"), TEXT("LG")},
                  .kind = MODEL_KIND_PREPRINT,
                  .venue = TEXT("arXiv"),
                  .refereed = MODEL_FALSE,
                  .retracted = MODEL_TRUE,
                  .authors = authors,
                  .author_count = 3,
                  .authors_truncated = true,
                  .affiliations = places,
                  .affiliation_count = 3,
                  .references = list_of("openalex:W3", "openalex:W2"),
                  .reference_count = 2}};
}

static struct model_record full_author(void)
{
    static const struct base_slice aliases[] = {TEXT("Lam, M."), TEXT("M. Lam")};
    static const struct model_affiliation places[] = {{TEXT("cmu"), TEXT("")}};
    static const struct model_reported_year years[] = {{2024, {true, 1}, {true, 400}}};
    static const struct model_reported reported[] = {{.source = TEXT("page"),
                                                      .as_of = {MODEL_NO_DAY, MODEL_NO_DATE},
                                                      .citation_basis = MODEL_BASIS_CITING_PAPERS,
                                                      .paper_count = {true, 3},
                                                      .citation_count = {true, 477},
                                                      .h_index = {true, 27},
                                                      .i10_index = {true, 0},
                                                      .novelty = {true, 0.42},
                                                      .ai_score = {true, 35},
                                                      .years = years,
                                                      .year_count = 1}};
    return (struct model_record){.type = MODEL_RECORD_AUTHOR,
                                 .id = id("local:max-lam"),
                                 .source = TEXT("page"),
                                 .updated = MODEL_TIME_MAX,
                                 .ids = list_of("orcid:0000-0002-1825-0097", "s2:1"),
                                 .id_count = 2,
                                 .reported = reported,
                                 .reported_count = 1,
                                 .author = {.name = TEXT("Max Lam"),
                                            .aliases = aliases,
                                            .alias_count = 2,
                                            .affiliations = places,
                                            .affiliation_count = 1,
                                            .field = {TEXT("arxiv/cs.LG"), TEXT("LG")}}};
}

enum { EXAMPLES = 8 };

static struct model_record example(int which)
{
    switch (which) {
    case 0:
        return full_paper();
    case 1:
        return full_author();
    case 2:
        return (struct model_record){.type = MODEL_RECORD_PAPER, .id = id("doi:10.1/a")};
    case 3:
        return (struct model_record){.type = MODEL_RECORD_AUTHOR, .id = id("openalex:A1")};
    case 4:
        return (struct model_record){.type = MODEL_RECORD_CITATION,
                                     .id = id("doi:10.1/a"),
                                     .other = id("pmid:1"),
                                     .updated = 1,
                                     .citation_date = date("2001-02")};
    case 5:
        return (struct model_record){
            .type = MODEL_RECORD_CITATION, .id = id("doi:10.1/a"), .other = id("pmid:1")};
    case 6:
        return (struct model_record){
            .type = MODEL_RECORD_MERGE, .id = id("name:max lam"), .other = id("local:max-lam")};
    default:
        return (struct model_record){.type = MODEL_RECORD_SUPPRESS, .id = id("local:x")};
    }
}

static void pinned(struct model_record record, struct base_slice wanted)
{
    struct base_slice bytes = encode(&record);
    if (!base_slice_equal(bytes, wanted)) {
        for (size_t i = 0; i < bytes.size; i++) {
            print_message("%02x%s", (uint8_t)bytes.data[i], i % 16 == 15 ? "\n" : " ");
        }
        fail_msg("these bytes are on disk: they must not change");
    }
}

/* The layout is on disk: a change here needs another format number of the store. */
static void pinned_layout(void **state)
{
    (void)state;
    pinned(example(2), TEXT("\x04\0\0\0\0\0\0\0\0"
                            "\x00"
                            "\x02\x06"
                            "10.1/a"));
    pinned(example(3), TEXT("\x03\0\0\0\0\0\0\0\0"
                            "\x00"
                            "\x05\x02"
                            "A1"));
    pinned(example(4), TEXT("\x05\0\0\0\0\0\0\0\x01"
                            "\x02\x06"
                            "10.1/a"
                            "\x04\x01"
                            "1"
                            "\xd2\xac\xb2\x01")); /* 4 * 730,516 + 2 */
    pinned(example(5), TEXT("\x05\0\0\0\0\0\0\0\0"
                            "\x02\x06"
                            "10.1/a"
                            "\x04\x01"
                            "1"
                            "\x00"));
    pinned(example(6), TEXT("\x02\0\0\0\0\0\0\0\0"
                            "\x01"
                            "\x0e\x07"
                            "max lam"
                            "\x0c\x07"
                            "max-lam"));
    pinned(example(7), TEXT("\x01\0\0\0\0\0\0\0\0"
                            "\x00"
                            "\x0c\x01"
                            "x"));
    pinned(example(1), TEXT("\x03\x04\x61\x04\x0b\xcb\x9f\x1f\xff"
                            "\x7f"
                            "\x0c\x07"
                            "max-lam"
                            "\x04"
                            "page"
                            "\x02"
                            "\x01\x13"
                            "0000-0002-1825-0097"
                            "\x06\x01"
                            "1"
                            "\x07"
                            "Max Lam"
                            "\x02"
                            "\x07"
                            "Lam, M."
                            "\x06"
                            "M. Lam"
                            "\x01"
                            "\x01\x03"
                            "cmu"
                            "\x0b"
                            "arxiv/cs.LG"
                            "\x02"
                            "LG"
                            "\x01"
                            "\x04"
                            "page"
                            "\xfe\x05"
                            "\x03"
                            "\xdd\x03"
                            "\x1b"
                            "\x00"
                            "\xe1\x7a\x14\xae\x47\xe1\xda\x3f"
                            "\0\0\0\0\0\x80\x41\x40"
                            "\x01"
                            "\xa3\x3f"
                            "\x01"
                            "\x90\x03"));
}

static void there_and_back(void **state)
{
    (void)state;
    for (int i = 0; i < EXAMPLES; i++) {
        struct model_record record = example(i);
        struct base_slice bytes = encode(&record);
        struct model_record back;
        struct base_error error = {0};
        if (model_record_decode(bytes, &arena, &back, &error) != BASE_OK) {
            fail_msg("example %d: %s", i, error.text);
        }
        assert_true(base_slice_equal(encode(&back), bytes));
    }
    /* What the bytes of the fullest record say, part by part. */
    struct model_record record = full_paper();
    struct model_record back;
    assert_int_equal(model_record_decode(encode(&record), &arena, &back, NULL), BASE_OK);
    assert_true(back.updated == UINT64_C(63000000000000000));
    assert_true(base_slice_equal(back.source, TEXT("somebody")));
    assert_int_equal(back.id_count, 2);
    assert_int_equal(back.paper.date.precision, MODEL_MONTH);
    assert_int_equal(back.paper.kind, MODEL_KIND_PREPRINT);
    assert_int_equal(back.paper.refereed, MODEL_FALSE);
    assert_int_equal(back.paper.retracted, MODEL_TRUE);
    assert_true(back.paper.authors_truncated);
    assert_int_equal(back.paper.author_count, 3);
    assert_true(back.paper.authors[0].corresponding);
    assert_int_equal(back.paper.authors[0].position, 1);
    assert_int_equal(back.paper.authors[1].id.scheme, MODEL_NO_SCHEME);
    assert_int_equal(back.paper.authors[1].position, 2);
    assert_int_equal(back.paper.authors[2].position, 0);
    assert_true(base_slice_equal(back.paper.affiliations[0].ror, TEXT("05ppvf150")));
    assert_true(base_slice_equal(back.paper.references[0].value, TEXT("W3")));
    assert_int_equal(back.reported_count, 2);
    assert_int_equal(back.reported[0].citation_count.value, 1200);
    assert_int_equal(back.reported[0].year_count, 2);
    assert_int_equal(back.reported[0].years[0].year, 2023);
    assert_int_equal(back.reported[0].years[0].citation_count.value, 3);
    assert_false(back.reported[0].years[1].citation_count.known);
    assert_false(back.reported[1].citation_count.known);
    assert_true(back.reported[1].novelty.value == 0.42);
}

static void greater_bytes_for_a_later_update(void **state)
{
    (void)state;
    struct model_record early = full_paper();
    struct model_record late = example(2);
    late.updated = early.updated + 1;
    assert_true(base_slice_compare(encode(&early), encode(&late)) < 0);
}

/* Damaged bytes are refused, or they are the bytes of another record: never anything between. */
static void every_damage(void **state)
{
    (void)state;
    struct base_arena work;
    base_arena_init(&work, 0);
    struct base_buffer again = BASE_BUFFER_EMPTY;
    for (int i = 0; i < EXAMPLES; i++) {
        struct model_record record = example(i);
        struct base_slice bytes = encode(&record);
        struct model_record back;
        struct base_error error;
        for (size_t size = 0; size < bytes.size; size++) {
            /* A copy of its own, so that a sanitizer sees a read behind its end. */
            struct base_slice cut = base_arena_copy(&work, base_slice(bytes.data, size));
            assert_int_equal(model_record_decode(cut, &work, &back, &error), BASE_DATA_LOSS);
        }
        char *copy = base_arena_alloc(&arena, bytes.size + 1);
        for (size_t at = 0; at < bytes.size; at++) {
            for (int byte = 0; byte < 256; byte++) {
                memcpy(copy, bytes.data, bytes.size);
                copy[at] = (char)byte;
                if (model_record_decode(base_slice(copy, bytes.size), &work, &back, &error) ==
                    BASE_OK) {
                    base_buffer_clear(&again);
                    model_record_encode(&back, &again);
                    if (!base_slice_equal(base_buffer_slice(&again),
                                          base_slice(copy, bytes.size))) {
                        fail_msg("example %d, byte %zu as %d", i, at, byte);
                    }
                }
                base_arena_reset(&work);
            }
        }
        memcpy(copy, bytes.data, bytes.size);
        copy[bytes.size] = 0;
        struct base_slice longer = base_slice(copy, bytes.size + 1);
        assert_int_equal(model_record_decode(longer, &work, &back, &error), BASE_DATA_LOSS);
    }
    base_buffer_fini(&again);
    base_arena_fini(&work);
}

static void bytes_that_encoding_never_makes(void **state)
{
    (void)state;
#define AUTHOR "\x03\0\0\0\0\0\0\0\0"
#define PAPER "\x04\0\0\0\0\0\0\0\0"
#define LOCAL "\x0c\x01x"
    static const struct {
        const char *what;
        struct base_slice bytes;
    } rows[] = {
        {"type 0", TEXT("\0\0\0\0\0\0\0\0\0")},
        {"type 6", TEXT("\x06\0\0\0\0\0\0\0\0")},
        {"a number longer than it need be", TEXT(AUTHOR "\x80\0" LOCAL)},
        {"an unknown flag", TEXT(AUTHOR "\x80\x01" LOCAL)},
        {"an empty name", TEXT(AUTHOR "\x04" LOCAL "\0")},
        {"no ids though announced", TEXT(AUTHOR "\x02" LOCAL "\0")},
        {"ids out of order", TEXT(AUTHOR "\x02" LOCAL "\x02"
                                         "\x0c\x01z"
                                         "\x0c\x01y")},
        {"an id twice", TEXT(AUTHOR "\x02" LOCAL "\x02"
                                    "\x0c\x01z"
                                    "\x0c\x01z")},
        {"the own id among the others", TEXT(AUTHOR "\x02" LOCAL "\x01" LOCAL)},
        {"more ids than bytes", TEXT(AUTHOR "\x02" LOCAL "\x30"
                                            "\x0c\x01z")},
        {"an empty id", TEXT(AUTHOR "\0"
                                    "\x0c\0")},
        {"a scheme that does not exist", TEXT(AUTHOR "\0"
                                                     "\x0f\x01x")},
        {"a paper's id on an author", TEXT(AUTHOR "\0"
                                                  "\x04\x01"
                                                  "1")},
        {"a name as id", TEXT(AUTHOR "\0"
                                     "\x0e\x01x")},
        {"the default source", TEXT(AUTHOR "\x01" LOCAL "\x05local")},
        {"aliases out of order", TEXT(AUTHOR "\x08" LOCAL "\x02\x01z\x01y")},
        {"an affiliation without anything", TEXT(AUTHOR "\x10" LOCAL "\x01\0")},
        {"a ror that is cut", TEXT(AUTHOR "\x10" LOCAL "\x01\x02"
                                          "05ppvf15")},
        {"an empty field", TEXT(AUTHOR "\x20" LOCAL "\0\0")},
        {"a block without source", TEXT(AUTHOR "\x40" LOCAL "\x01\0\0")},
        {"a basis that does not exist", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x80\x06")},
        {"an empty as_of", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x01\0")},
        {"a count over 32 bits", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x02\x80\x80\x80\x80\x10")},
        {"novelty -0.0", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x20\0\0\0\0\0\0\0\x80")},
        {"novelty 2", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x20\0\0\0\0\0\0\0\x40")},
        {"novelty not a number", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x20\0\0\0\0\0\0\xf8\x7f")},
        {"a year twice", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x80\x01\x02\xa0\x3f\0")},
        {"the year 1399", TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x80\x01\x01\xdc\x2b")},
        {"blocks out of order", TEXT(AUTHOR "\x40" LOCAL "\x02\x01t\0\x01s\0")},
        {"an author's numbers on a paper", TEXT(PAPER "\x80\x20" LOCAL "\x01\x01s\x02\x01")},
        {"kind 0", TEXT(PAPER "\x40" LOCAL "\0")},
        {"kind 15", TEXT(PAPER "\x40" LOCAL "\x0f")},
        {"refereed 3", TEXT(PAPER "\x80\xc0\x01" LOCAL)},
        {"retracted 3", TEXT(PAPER "\x80\x80\x06" LOCAL)},
        {"a date of no precision", TEXT(PAPER "\x10" LOCAL "\xf4\xab\xb4\x01")},
        {"a year that begins in summer", TEXT(PAPER "\x10" LOCAL "\xed\xab\xb4\x01")},
        {"an author with a given position that is its place",
         TEXT(PAPER "\x80\x02" LOCAL "\x01\x0c\x01n\x01")},
        {"an author without anything", TEXT(PAPER "\x80\x02" LOCAL "\x01\x20")},
        {"an author with other ids only",
         TEXT(PAPER "\x80\x02" LOCAL "\x01\x06\x01" LOCAL "\x01n")},
        {"a position over 16 bits", TEXT(PAPER "\x80\x02" LOCAL "\x01\x0c\x01n\x80\x80\x04")},
        {"a reference to an author", TEXT(PAPER "\x80\x10" LOCAL "\x01\x05\x02"
                                                "A1")},
        {"suppress with a time", TEXT("\x01\0\0\0\0\0\0\0\x01\0" LOCAL)},
        {"suppress of an entity that does not exist", TEXT("\x01\0\0\0\0\0\0\0\0\x03" LOCAL)},
        {"suppress that leaves open what is clear", TEXT("\x01\0\0\0\0\0\0\0\0\0"
                                                         "\x04\x01"
                                                         "1")},
        {"merge into itself", TEXT("\x02\0\0\0\0\0\0\0\0\0" LOCAL LOCAL)},
        {"merge into a name", TEXT("\x02\0\0\0\0\0\0\0\0\x01" LOCAL "\x0e\x01x")},
        {"a time after 9999", TEXT("\x04\xff\0\0\0\0\0\0\0\0" LOCAL)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct model_record record = {.source = TEXT("untouched")};
        struct base_error error = {0};
        if (model_record_decode(rows[i].bytes, &arena, &record, &error) != BASE_DATA_LOSS) {
            fail_msg("%s: taken", rows[i].what);
        }
        assert_int_equal(error.code, BASE_DATA_LOSS);
        assert_string_equal(record.source.data, "untouched");
    }
    /* The rows above differ in one thing each from these. */
    static const struct base_slice right[] = {
        TEXT(AUTHOR "\0" LOCAL),
        TEXT(AUTHOR "\x02" LOCAL "\x02"
                    "\x0c\x01y"
                    "\x0c\x01z"),
        TEXT(AUTHOR "\x01" LOCAL "\x05lokal"),
        TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x80\x04"),
        TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x80\x01\x02\xa0\x3f\x04"),
        TEXT(AUTHOR "\x40" LOCAL "\x01\x01s\x20\0\0\0\0\0\0\0\0"),
        TEXT(AUTHOR "\x40" LOCAL "\x02\x01s\0\x01t\0"),
        TEXT(PAPER "\x80\x20" LOCAL "\x01\x01s\x04\x01"),
        TEXT(PAPER "\x80\x80\x01" LOCAL),
        TEXT(PAPER "\x10" LOCAL "\xf7\xab\xb4\x01"),
        TEXT(PAPER "\x80\x02" LOCAL "\x01\x0c\x01n\x02"),
        TEXT(PAPER "\x80\x02" LOCAL "\x01\x04\x01n"),
        TEXT("\x01\0\0\0\0\0\0\0\0\x02"
             "\x04\x01"
             "1"),
    };
    for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
        struct model_record record;
        struct base_error error = {0};
        if (model_record_decode(right[i], &arena, &record, &error) != BASE_OK) {
            fail_msg("row %zu: %s", i, error.text);
        }
        assert_true(base_slice_equal(encode(&record), right[i]));
    }
}

static void memory_runs_out(void **state)
{
    (void)state;
    struct model_record record = full_paper();
    struct base_slice bytes = encode(&record);
    enum base_code code = BASE_RESOURCE_EXHAUSTED;
    size_t limit = 1;
    for (; code != BASE_OK; limit += 8) {
        struct base_arena full;
        base_arena_init(&full, limit);
        struct model_record back;
        code = model_record_decode(bytes, &full, &back, NULL);
        base_arena_fini(&full);
        assert_true(code == BASE_OK || code == BASE_RESOURCE_EXHAUSTED);
    }
    assert_true(limit > 100);
}

static struct base_slice key_of(struct model_record *record)
{
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&buffer, "before");
    model_record_append_key(record, &buffer);
    struct base_slice key = base_arena_copy(&arena, base_slice(buffer.data + 6, buffer.size - 6));
    base_buffer_fini(&buffer);
    return key;
}

static void keys(void **state)
{
    (void)state;
    static const struct base_slice wanted[] = {
        [2] = TEXT("\x04\x02"
                   "10.1/a"),
        [3] = TEXT("\x03\x05"
                   "A1"),
        [4] = TEXT("\x05\0\x07\x02"
                   "10.1/a"
                   "\x04"
                   "1"),
        [6] = TEXT("\x02\0\x08\x0e"
                   "max lam"
                   "\x0c"
                   "max-lam"
                   "\x01"),
        [7] = TEXT("\x01\x0c"
                   "x"
                   "\0"),
    };
    for (int i = 2; i < EXAMPLES; i++) {
        if (wanted[i].size > 0) {
            struct model_record record = example(i);
            encode(&record);
            assert_true(base_slice_equal(key_of(&record), wanted[i]));
        }
    }
}

static void long_keys_end_in_a_hash(void **state)
{
    (void)state;
    char *text = base_arena_alloc(&arena, LIMIT_ID_VALUE);
    memset(text, 'x', LIMIT_ID_VALUE);
    struct model_record record = {.type = MODEL_RECORD_CITATION,
                                  .id = {MODEL_LOCAL, base_slice(text, LIMIT_ID_VALUE)},
                                  .other = {MODEL_LOCAL, base_slice(text, 95)}};
    struct base_slice exact = key_of(&record); /* 1 + 2 + 401 + 96 */
    assert_int_equal(exact.size, MODEL_RECORD_KEY);
    assert_int_equal(exact.data[MODEL_RECORD_KEY - 1], 'x');

    record.other.value.size = 96;
    struct base_slice hashed = key_of(&record);
    assert_int_equal(hashed.size, MODEL_RECORD_KEY);
    assert_memory_equal(hashed.data, exact.data, MODEL_RECORD_KEY - 16);
    char rest[17];
    memset(rest, 'x', sizeof rest);
    struct base_hash128 hash = base_hash128(base_slice(rest, sizeof rest));
    assert_true(base_get_be64(hashed.data + MODEL_RECORD_KEY - 16) == hash.high);
    assert_true(base_get_be64(hashed.data + MODEL_RECORD_KEY - 8) == hash.low);

    record.other.value.size = LIMIT_ID_VALUE;
    struct base_slice longest = key_of(&record);
    assert_int_equal(longest.size, MODEL_RECORD_KEY);
    assert_false(base_slice_equal(longest, hashed));

    record.type = MODEL_RECORD_MERGE;
    record.entity = MODEL_PAPER;
    struct base_slice merge = key_of(&record);
    assert_int_equal(merge.size, MODEL_RECORD_KEY);
    assert_int_equal(merge.data[MODEL_RECORD_KEY - 1], MODEL_PAPER);
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
        cmocka_unit_test(pinned_layout),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(greater_bytes_for_a_later_update),
        cmocka_unit_test(every_damage),
        cmocka_unit_test(bytes_that_encoding_never_makes),
        cmocka_unit_test(memory_runs_out),
        cmocka_unit_test(keys),
        cmocka_unit_test(long_keys_end_in_a_hash),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
