#include "ingest/openalex_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/utf8.h"

void openalex_collect(struct json_value object, const struct base_slice *names, size_t count,
                      struct json_value *values)
{
    memset(values, 0, count * sizeof *values);
    struct json_iterator iterator = json_iterate(object);
    struct base_slice name;
    struct json_value value;
    while (json_next_member(&iterator, &name, &value)) {
        for (size_t i = 0; i < count; i++) {
            if (base_slice_equal(names[i], name)) {
                if (json_type(value) != JSON_NULL && values[i].tape == NULL) {
                    values[i] = value;
                }
                break;
            }
        }
    }
}

bool openalex_find(struct json_value object, struct base_slice key, struct json_value *value)
{
    struct json_value found;
    if (!json_find(object, key, &found) || json_type(found) == JSON_NULL) {
        return false;
    }
    *value = found;
    return true;
}

/* A letter, then digits of which the first is not 0: what nearly all look like, taken as it stands.
 */
static bool is_plain(struct base_slice text, char letter)
{
    if (text.size < 2 || text.size > 20 || text.data[0] != letter || text.data[1] == '0') {
        return false;
    }
    for (size_t i = 1; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return true;
}

bool openalex_id(struct ingest_line *line, char letter, struct base_slice text, struct model_id *id)
{
    static const struct base_slice prefix = {"https://openalex.org/", 21};
    struct base_slice bare = text;
    if (base_slice_starts(text, prefix)) {
        bare = base_slice(text.data + prefix.size, text.size - prefix.size);
    }
    if (is_plain(bare, letter)) {
        *id = (struct model_id){MODEL_OPENALEX, bare};
        return true;
    }
    struct model_id parsed;
    if (!ingest_is_good(
            line, model_id_normal(MODEL_OPENALEX, text, line->context->arena, &parsed, NULL)) ||
        parsed.value.size == 0 || parsed.value.data[0] != letter) {
        return false;
    }
    *id = parsed;
    return true;
}

bool openalex_other_id(struct ingest_line *line, enum model_scheme scheme, struct json_value value,
                       struct model_id *id)
{
    struct base_slice text;
    uint64_t number;
    if (json_u64(value, &number)) {
        char *digits = base_arena_alloc(line->context->arena, 20);
        if (digits == NULL) {
            line->no_memory = true;
            return false;
        }
        size_t at = 20;
        do {
            digits[--at] = (char)('0' + number % 10);
            number /= 10;
        } while (number != 0);
        text = base_slice(digits + at, 20 - at);
    } else if (!json_string(value, &text)) {
        line->tally.ids_dropped++;
        return false;
    }
    if (!ingest_is_good(line, model_id_normal(scheme, text, line->context->arena, id, NULL))) {
        line->tally.ids_dropped++;
        return false;
    }
    return true;
}

struct base_slice openalex_clean(struct ingest_line *line, struct base_slice text, bool lines)
{
    if (!base_utf8_has_control(text)) {
        return text;
    }
    char *copy = base_arena_alloc(line->context->arena, text.size);
    if (copy == NULL) {
        return (struct base_slice){NULL, 0};
    }
    for (size_t i = 0; i < text.size; i++) {
        unsigned char byte = (unsigned char)text.data[i];
        bool control = byte < 0x20 || byte == 0x7f;
        bool kept = lines && (byte == '\n' || byte == '\t');
        copy[i] = control && !kept ? ' ' : text.data[i];
    }
    return base_slice(copy, text.size);
}

enum base_code openalex_text(struct ingest_line *line, const char *name, struct json_value value,
                             struct base_slice *text)
{
    struct base_slice string;
    if (!openalex_has(value)) {
        return BASE_OK;
    }
    enum base_code code = ingest_want_string(line, name, value, &string);
    if (code != BASE_OK) {
        return code;
    }
    if (string.size > LIMIT_TEXT) {
        return ingest_reject(line, value, INGEST_LIMIT, "%s has %zu bytes, the limit is %d", name,
                             string.size, LIMIT_TEXT);
    }
    string = openalex_clean(line, string, false);
    if (string.data == NULL) {
        return ingest_no_memory(line);
    }
    *text = string;
    return BASE_OK;
}

/* Name and ROR; what is neither leaves *affiliation empty. */
static enum base_code read_institution(struct ingest_line *line, struct json_value institution,
                                       struct model_affiliation *affiliation)
{
    enum base_code code = BASE_OK;
    struct json_value value;
    struct base_slice text;
    struct model_id ror;
    if (openalex_find(institution, BASE_SLICE("display_name"), &value)) {
        code = openalex_text(line, "display_name", value, &affiliation->name);
    }
    if (code == BASE_OK && openalex_find(institution, BASE_SLICE("ror"), &value)) {
        if (json_string(value, &text) && text.size > 0 &&
            ingest_is_good(line,
                           model_id_normal(MODEL_ROR, text, line->context->arena, &ror, NULL))) {
            affiliation->ror = ror.value;
        } else {
            line->tally.ids_dropped++;
        }
    }
    return code;
}

enum base_code openalex_institutions(struct ingest_line *line, struct json_value value,
                                     const struct model_affiliation **affiliations, size_t *count)
{
    bool one = json_type(value) == JSON_OBJECT;
    size_t room = one ? 1 : json_count(value);
    if (room > LIMIT_AFFILIATIONS) {
        return ingest_reject(line, value, INGEST_LIMIT, "%zu institutions, the limit is %d", room,
                             LIMIT_AFFILIATIONS);
    }
    if (room == 0) {
        return BASE_OK;
    }
    struct model_affiliation *list = base_arena_array(line->context->arena, room, sizeof *list);
    if (list == NULL) {
        return ingest_no_memory(line);
    }
    size_t filled = 0;
    struct json_iterator iterator = json_iterate(value);
    struct json_value institution = value;
    while (one || json_next(&iterator, &institution)) {
        enum base_code code = read_institution(line, institution, &list[filled]);
        if (code != BASE_OK) {
            return code;
        }
        if (list[filled].name.size > 0 || list[filled].ror.size > 0) {
            filled++;
        }
        if (one) {
            break;
        }
    }
    *affiliations = list;
    *count = filled;
    return BASE_OK;
}

/* `openalex/` + letter + the digits that the id ends in. A field that cannot be made is left unset.
 */
static enum base_code make_field(struct ingest_line *line, const char *letter,
                                 struct json_value object, struct model_field *field)
{
    char code_text[64];
    struct json_value value;
    struct base_slice text = {NULL, 0};
    struct base_slice name = {NULL, 0};
    uint64_t number = 0;
    if (!openalex_find(object, BASE_SLICE("id"), &value)) {
        return BASE_OK;
    }
    if (json_string(value, &text)) {
        size_t start = text.size;
        while (start > 0 && text.data[start - 1] >= '0' && text.data[start - 1] <= '9') {
            start--;
        }
        text = base_slice(text.data + start, text.size - start);
        if (text.size == 0 || text.size > 20) {
            return BASE_OK;
        }
        snprintf(code_text, sizeof code_text, "openalex/%s%.*s", letter, BASE_PRINT(text));
    } else if (json_u64(value, &number)) {
        snprintf(code_text, sizeof code_text, "openalex/%s%llu", letter,
                 (unsigned long long)number);
    } else {
        return BASE_OK;
    }
    enum base_code code = BASE_OK;
    if (openalex_find(object, BASE_SLICE("display_name"), &value)) {
        code = openalex_text(line, "display_name", value, &name);
    }
    if (code != BASE_OK) {
        return code;
    }
    ingest_is_good(line, model_field_parse(base_slice_text(code_text), name, line->context->arena,
                                           field, NULL));
    return BASE_OK;
}

enum base_code openalex_topic_field(struct ingest_line *line, struct json_value topic,
                                    struct model_field *field)
{
    struct json_value subfield;
    if (!openalex_find(topic, BASE_SLICE("subfield"), &subfield)) {
        return BASE_OK;
    }
    return make_field(line, "", subfield, field);
}

/* Numbers come as numbers or, in 2023, as strings. Strings of the tape end in a NUL. */
static bool lenient_double(struct json_value value, double *number)
{
    struct base_slice text;
    if (json_double(value, number)) {
        return true;
    }
    if (!json_string(value, &text) || text.size == 0) {
        return false;
    }
    char *end = NULL;
    double parsed = strtod(text.data, &end);
    if (end != text.data + text.size || !isfinite(parsed)) {
        return false;
    }
    *number = parsed;
    return true;
}

enum base_code openalex_concept_field(struct ingest_line *line, struct json_value concepts,
                                      struct model_field *field)
{
    bool found = false;
    double best = 0;
    struct json_value chosen = concepts;
    struct json_iterator iterator = json_iterate(concepts);
    struct json_value concept;
    while (json_type(concepts) == JSON_ARRAY && json_next(&iterator, &concept)) {
        struct json_value value;
        double level = 0;
        double score = 0;
        if (!openalex_find(concept, BASE_SLICE("level"), &value) ||
            !lenient_double(value, &level) || level > 0 ||
            !openalex_find(concept, BASE_SLICE("score"), &value) ||
            !lenient_double(value, &score)) {
            continue;
        }
        if (!found || score > best) {
            found = true;
            best = score;
            chosen = concept;
        }
    }
    return found ? make_field(line, "C", chosen, field) : BASE_OK;
}

enum base_code openalex_updated(struct ingest_line *line, struct json_value updated_date,
                                struct json_value updated, model_time *time)
{
    struct json_value value = openalex_has(updated_date) ? updated_date : updated;
    struct base_slice text;
    struct base_error error;
    if (!openalex_has(value)) {
        *time = line->context->updated;
        return BASE_OK;
    }
    enum base_code code = ingest_want_string(line, "updated_date", value, &text);
    if (code != BASE_OK) {
        return code;
    }
    if (model_time_parse(text, time, &error) != BASE_OK) {
        return ingest_reject(line, value, INGEST_DATE, "%s", error.text);
    }
    return BASE_OK;
}

enum base_code openalex_count(struct ingest_line *line, const char *name, struct json_value value,
                              struct model_count *count)
{
    return openalex_has(value) ? ingest_want_count(line, name, value, count) : BASE_OK;
}

static int compare_years(const void *a, const void *b)
{
    const struct model_reported_year *one = a;
    const struct model_reported_year *other = b;
    return (int)one->year - (int)other->year;
}

/* Years that no date may have, and a year that was there before, are left out. */
static size_t keep_years(struct model_reported_year *years, size_t count)
{
    size_t kept = 0;
    qsort(years, count, sizeof *years, compare_years);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || years[kept - 1].year != years[i].year) {
            years[kept++] = years[i];
        }
    }
    return kept;
}

static enum base_code read_year(struct ingest_line *line, struct json_value entry,
                                struct model_reported_year *year, bool *usable)
{
    static const struct base_slice names[] = {
        {"year", 4}, {"works_count", 11}, {"cited_by_count", 14}};
    struct json_value values[3];
    uint64_t number = 0;
    openalex_collect(entry, names, 3, values);
    *usable = openalex_has(values[0]) && json_u64(values[0], &number) &&
              number >= LIMIT_YEAR_FIRST && number <= LIMIT_YEAR_LAST;
    if (!*usable) {
        return BASE_OK;
    }
    year->year = (uint16_t)number;
    enum base_code code = openalex_count(line, "works_count", values[1], &year->paper_count);
    if (code != BASE_OK) {
        return code;
    }
    return openalex_count(line, "cited_by_count", values[2], &year->citation_count);
}

enum base_code openalex_reported(struct ingest_line *line, struct json_value counts_by_year,
                                 model_time updated, struct model_reported *reported)
{
    reported->source = BASE_SLICE("openalex");
    reported->as_of = MODEL_UNDATED;
    if (updated != 0) {
        uint32_t day = model_time_day(updated);
        unsigned year = model_day_year(day);
        if (year >= LIMIT_YEAR_FIRST && year <= LIMIT_YEAR_LAST) {
            reported->as_of = (struct model_date){day, MODEL_DAY};
        }
    }
    if (!openalex_has(counts_by_year) || json_count(counts_by_year) == 0) {
        return BASE_OK;
    }
    size_t room = json_count(counts_by_year);
    if (room > LIMIT_REPORTED_YEARS) {
        return ingest_reject(line, counts_by_year, INGEST_LIMIT,
                             "counts_by_year has %zu entries, the limit is %d", room,
                             LIMIT_REPORTED_YEARS);
    }
    struct model_reported_year *years = base_arena_array(line->context->arena, room, sizeof *years);
    if (years == NULL) {
        return ingest_no_memory(line);
    }
    size_t count = 0;
    struct json_iterator iterator = json_iterate(counts_by_year);
    struct json_value entry;
    while (json_type(counts_by_year) == JSON_ARRAY && json_next(&iterator, &entry)) {
        bool usable = false;
        enum base_code code = read_year(line, entry, &years[count], &usable);
        if (code != BASE_OK) {
            return code;
        }
        count += usable;
    }
    reported->years = years;
    reported->year_count = keep_years(years, count);
    return BASE_OK;
}
