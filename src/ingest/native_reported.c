#include <stdlib.h>

#include "ingest/native_parts.h"

static enum base_code read_basis(struct ingest_line *line, const struct native_member *member,
                                 struct json_value value, void *into)
{
    struct base_slice text;
    enum base_code code = ingest_want_string(line, member->name, value, &text);
    if (code != BASE_OK) {
        return code;
    }
    struct model_reported *reported = into;
    if (base_slice_equal(text, BASE_SLICE("citations"))) {
        reported->citation_basis = MODEL_BASIS_CITATIONS;
    } else if (base_slice_equal(text, BASE_SLICE("citing_papers"))) {
        reported->citation_basis = MODEL_BASIS_CITING_PAPERS;
    } else {
        return ingest_reject(line, value, INGEST_VALUE,
                             "%s must be \"citations\" or \"citing_papers\"", member->name);
    }
    return BASE_OK;
}

static enum base_code read_year(struct ingest_line *line, const struct native_member *member,
                                struct json_value value, void *into)
{
    uint64_t year;
    if (!json_u64(value, &year)) {
        return ingest_want_type(line, member->name, value, JSON_INTEGER);
    }
    if (year < LIMIT_YEAR_FIRST || year > LIMIT_YEAR_LAST) {
        return ingest_reject(line, value, INGEST_DATE, "%s %llu is out of range", member->name,
                             (unsigned long long)year);
    }
    ((struct model_reported_year *)into)->year = (uint16_t)year;
    return BASE_OK;
}

static int compare_years(const void *a, const void *b)
{
    const struct model_reported_year *one = a;
    const struct model_reported_year *other = b;
    return (int)one->year - (int)other->year;
}

static enum base_code read_years(struct ingest_line *line, const struct native_member *member,
                                 struct json_value value, void *into)
{
    static const struct native_member members[] = {
        {"year", read_year, 0, true},
        {"paper_count", native_count, offsetof(struct model_reported_year, paper_count), false},
        {"citation_count", native_count, offsetof(struct model_reported_year, citation_count),
         false},
        {NULL, NULL, 0, false},
    };
    struct model_reported *reported = into;
    void *array = NULL;
    size_t count = 0;
    enum base_code code = native_array(line, member->name, value, LIMIT_REPORTED_YEARS,
                                       sizeof(struct model_reported_year), &array, &count);
    struct model_reported_year *to = array;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (code == BASE_OK && json_next(&iterator, &element)) {
        code = native_read_object(line, member->name, members, element, to++);
    }
    if (code != BASE_OK) {
        return code;
    }
    to = array;
    qsort(to, count, sizeof *to, compare_years);
    for (size_t i = 1; i < count; i++) {
        if (to[i].year == to[i - 1].year) {
            return ingest_reject(line, value, INGEST_VALUE, "%s has the year %u twice",
                                 member->name, (unsigned)to[i].year);
        }
    }
    reported->years = to;
    reported->year_count = count;
    return BASE_OK;
}

enum base_code native_reported(struct ingest_line *line, const char *name, struct json_value value,
                               const struct model_reported **reported, size_t *count)
{
    static const struct native_member members[] = {
        {"source", native_text, offsetof(struct model_reported, source), false},
        {"as_of", native_date, offsetof(struct model_reported, as_of), false},
        {"citation_basis", read_basis, 0, false},
        {"paper_count", native_count, offsetof(struct model_reported, paper_count), false},
        {"citation_count", native_count, offsetof(struct model_reported, citation_count), false},
        {"h_index", native_count, offsetof(struct model_reported, h_index), false},
        {"i10_index", native_count, offsetof(struct model_reported, i10_index), false},
        {"novelty", native_score, offsetof(struct model_reported, novelty), false},
        {"ai_score", native_score, offsetof(struct model_reported, ai_score), false},
        {"counts_by_year", read_years, 0, false},
        {NULL, NULL, 0, false},
    };
    void *array = NULL;
    enum base_code code = native_array(line, name, value, LIMIT_REPORTED,
                                       sizeof(struct model_reported), &array, count);
    struct model_reported *to = array;
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    while (code == BASE_OK && json_next(&iterator, &element)) {
        to->as_of = MODEL_UNDATED;
        code = native_read_object(line, name, members, element, to++);
    }
    if (code == BASE_OK) {
        *reported = array;
    }
    return code;
}
