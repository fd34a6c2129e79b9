#include "wire/record_parts.h"

#include "base/utf8.h"
enum base_code wire_part_memory(struct wire_reading *reading)
{
    return base_fail(reading->error, BASE_RESOURCE_EXHAUSTED,
                     "the request takes too much memory; send fewer records at once");
}

enum base_code wire_part_refuse(struct wire_reading *reading, const char *field, const char *why)
{
    return base_fail(reading->error, BASE_INVALID_ARGUMENT, "%s: %s", field, why);
}

/* Puts the field, or one of its entries, before what is wrong with it. */
enum base_code wire_part_at(struct wire_reading *reading, enum base_code code, const char *field)
{
    if (code != BASE_OK) {
        base_error_prefix(reading->error, "%s", field);
    }
    return code;
}

static enum base_code at_entry(struct wire_reading *reading, enum base_code code, const char *field,
                               size_t i)
{
    if (code != BASE_OK) {
        base_error_prefix(reading->error, "%s[%zu]", field, i);
    }
    return code;
}

/* An entry's own fields stand behind a dot. */
enum base_code wire_part_inside(struct wire_reading *reading, enum base_code code,
                                const char *field, size_t i)
{
    if (code != BASE_OK) {
        struct base_error inner = *reading->error;
        base_fail(reading->error, code, "%s[%zu].%s", field, i, inner.text);
    }
    return code;
}

enum base_code wire_part_array(struct wire_reading *reading, const char *field, size_t count,
                               size_t most, size_t size, void *array)
{
    if (count > most) {
        return base_fail(reading->error, BASE_INVALID_ARGUMENT, "%s: %zu entries, the limit is %zu",
                         field, count, most);
    }
    void *made = count == 0 ? NULL : base_arena_array(reading->arena, count, size);
    if (count > 0 && made == NULL) {
        return wire_part_memory(reading);
    }
    memcpy(array, &made, sizeof made);
    return BASE_OK;
}

enum base_code wire_part_text(struct wire_reading *reading, const char *field, const char *text,
                              struct base_slice *slice)
{
    *slice = base_slice_text(text);
    if (slice->size > LIMIT_TEXT) {
        return base_fail(reading->error, BASE_INVALID_ARGUMENT, "%s: %zu bytes, the limit is %d",
                         field, slice->size, LIMIT_TEXT);
    }
    return base_utf8_has_control(*slice)
               ? wire_part_refuse(reading, field, "it has a control character in it")
               : BASE_OK;
}

enum base_code wire_part_id(struct wire_reading *reading, const char *field, const char *text,
                            struct model_id *id)
{
    if (text[0] == '\0') {
        return wire_part_refuse(reading, field, "it is missing; an id has the form scheme:value");
    }
    enum base_code code = model_id_parse(base_slice_text(text), reading->arena, id, reading->error);
    return wire_part_at(reading, code, field);
}

enum base_code wire_part_ids(struct wire_reading *reading, const char *field, char *const *texts,
                             size_t count, size_t most, const struct model_id **ids,
                             size_t *id_count)
{
    struct model_id *made;
    enum base_code code = wire_part_array(reading, field, count, most, sizeof *made, &made);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = model_id_parse(base_slice_text(texts[i]), reading->arena, &made[i], reading->error);
        code = at_entry(reading, code, field, i);
    }
    if (code == BASE_OK) {
        *ids = made;
        *id_count = count;
    }
    return code;
}

enum base_code wire_part_date(struct wire_reading *reading, const char *field, const char *text,
                              struct model_date *date)
{
    *date = MODEL_UNDATED;
    if (text[0] == '\0') {
        return BASE_OK;
    }
    return wire_part_at(reading, model_date_parse(base_slice_text(text), date, reading->error),
                        field);
}

/* *updated holds the time of receipt. */
enum base_code wire_part_updated(struct wire_reading *reading, const char *text,
                                 model_time *updated)
{
    if (text[0] == '\0') {
        return BASE_OK;
    }
    return wire_part_at(reading, model_time_parse(base_slice_text(text), updated, reading->error),
                        "updated");
}

enum base_code wire_part_field(struct wire_reading *reading, const Hirsch__V1__Field *message,
                               struct model_field *field)
{
    struct base_slice name;
    if (message == NULL) {
        return BASE_OK;
    }
    enum base_code code =
        wire_part_text(reading, "field.display_name", message->display_name, &name);
    if (code == BASE_OK) {
        code = wire_part_at(reading,
                            model_field_parse(base_slice_text(message->id), name, reading->arena,
                                              field, reading->error),
                            "field.id");
    }
    return code;
}

static enum base_code read_affiliation(struct wire_reading *reading,
                                       const Hirsch__V1__Affiliation *message,
                                       struct model_affiliation *affiliation)
{
    struct model_id ror;
    enum base_code code = wire_part_text(reading, "name", message->name, &affiliation->name);
    if (code == BASE_OK && message->ror[0] != '\0') {
        code = model_id_normal(MODEL_ROR, base_slice_text(message->ror), reading->arena, &ror,
                               reading->error);
        if (code == BASE_OK) {
            affiliation->ror = ror.value;
        }
        return wire_part_at(reading, code, "ror");
    }
    if (code == BASE_OK && affiliation->name.size == 0) {
        code = wire_part_refuse(reading, "name", "the entry has neither a name nor a ror");
    }
    return code;
}

enum base_code wire_part_affiliations(struct wire_reading *reading,
                                      Hirsch__V1__Affiliation *const *messages, size_t count,
                                      const struct model_affiliation **affiliations,
                                      size_t *affiliation_count)
{
    struct model_affiliation *made;
    enum base_code code =
        wire_part_array(reading, "affiliations", count, LIMIT_AFFILIATIONS, sizeof *made, &made);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = wire_part_inside(reading, read_affiliation(reading, messages[i], &made[i]),
                                "affiliations", i);
    }
    if (code == BASE_OK) {
        *affiliations = made;
        *affiliation_count = count;
    }
    return code;
}

static enum base_code read_year(struct wire_reading *reading,
                                const Hirsch__V1__ReportedYear *message,
                                struct model_reported_year *year)
{
    if (message->year < LIMIT_YEAR_FIRST || message->year > LIMIT_YEAR_LAST) {
        return base_fail(reading->error, BASE_INVALID_ARGUMENT, "year: %u is out of range %d to %d",
                         message->year, LIMIT_YEAR_FIRST, LIMIT_YEAR_LAST);
    }
    year->year = (uint16_t)message->year;
    if (message->paper_count_presence_case ==
        HIRSCH__V1__REPORTED_YEAR__PAPER_COUNT_PRESENCE_PAPER_COUNT) {
        year->paper_count = (struct model_count){true, message->paper_count};
    }
    if (message->citation_count_presence_case ==
        HIRSCH__V1__REPORTED_YEAR__CITATION_COUNT_PRESENCE_CITATION_COUNT) {
        year->citation_count = (struct model_count){true, message->citation_count};
    }
    return BASE_OK;
}

#define COUNT(message, upper, lower)                                                               \
    ((struct model_count){(message)->lower##_presence_case ==                                      \
                              HIRSCH__V1__REPORTED_METRICS__##upper##_PRESENCE_##upper,            \
                          (message)->lower##_presence_case ==                                      \
                                  HIRSCH__V1__REPORTED_METRICS__##upper##_PRESENCE_##upper         \
                              ? (message)->lower                                                   \
                              : 0})
#define SCORE(message, upper, lower)                                                               \
    ((struct model_score){(message)->lower##_presence_case ==                                      \
                              HIRSCH__V1__REPORTED_METRICS__##upper##_PRESENCE_##upper,            \
                          (message)->lower##_presence_case ==                                      \
                                  HIRSCH__V1__REPORTED_METRICS__##upper##_PRESENCE_##upper         \
                              ? (message)->lower                                                   \
                              : 0})

static enum base_code read_block(struct wire_reading *reading,
                                 const Hirsch__V1__ReportedMetrics *message,
                                 struct model_reported *reported)
{
    *reported = (struct model_reported){
        .citation_basis = (enum model_citation_basis)message->citation_basis,
        .paper_count = COUNT(message, PAPER_COUNT, paper_count),
        .citation_count = COUNT(message, CITATION_COUNT, citation_count),
        .h_index = COUNT(message, H_INDEX, h_index),
        .i10_index = COUNT(message, I10_INDEX, i10_index),
        .novelty = SCORE(message, NOVELTY, novelty),
        .ai_score = SCORE(message, AI_SCORE, ai_score),
    };
    enum base_code code = wire_part_text(reading, "source", message->source, &reported->source);
    if (code == BASE_OK) {
        code = wire_part_date(reading, "as_of", message->as_of, &reported->as_of);
    }
    if (code == BASE_OK && ((int)message->citation_basis < MODEL_BASIS_UNSPECIFIED ||
                            (int)message->citation_basis > MODEL_BASIS_CITING_PAPERS)) {
        code = wire_part_refuse(reading, "citation_basis", "there is no such value");
    }
    struct model_reported_year *years = NULL;
    size_t count = message->n_counts_by_year;
    if (code == BASE_OK) {
        code = wire_part_array(reading, "counts_by_year", count, LIMIT_REPORTED_YEARS,
                               sizeof *years, &years);
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = wire_part_inside(reading, read_year(reading, message->counts_by_year[i], &years[i]),
                                "counts_by_year", i);
    }
    reported->years = years;
    reported->year_count = count;
    return code;
}

enum base_code wire_part_reported(struct wire_reading *reading,
                                  Hirsch__V1__ReportedMetrics *const *messages, size_t count,
                                  struct model_record *record)
{
    struct model_reported *made;
    enum base_code code =
        wire_part_array(reading, "reported", count, LIMIT_REPORTED, sizeof *made, &made);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = wire_part_inside(reading, read_block(reading, messages[i], &made[i]), "reported", i);
    }
    if (code == BASE_OK) {
        record->reported = made;
        record->reported_count = count;
    }
    return code;
}
