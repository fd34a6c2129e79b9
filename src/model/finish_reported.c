#include <math.h>

#include "model/finish.h"

static enum base_code finish_score(struct model_finish *finish, const char *what,
                                   struct model_score *score, double maximum)
{
    if (!score->known) {
        score->value = 0.0;
        return BASE_OK;
    }
    if (!isfinite(score->value) || score->value < 0.0 || score->value > maximum) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT, "%s is not between 0 and %g", what,
                         maximum);
    }
    if (score->value == 0.0) {
        score->value = 0.0; /* not -0.0, which has other bytes */
    }
    return BASE_OK;
}

static enum base_code finish_years(struct model_finish *finish, struct model_reported *reported,
                                   enum model_entity entity)
{
    enum base_code code =
        model_finish_limit(finish, "reported years", reported->year_count, LIMIT_REPORTED_YEARS);
    if (code != BASE_OK) {
        return code;
    }
    for (size_t i = 0; i < reported->year_count; i++) {
        const struct model_reported_year *year = &reported->years[i];
        if (year->year < LIMIT_YEAR_FIRST || year->year > LIMIT_YEAR_LAST) {
            return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                             "year %u is out of range %d to %d", year->year, LIMIT_YEAR_FIRST,
                             LIMIT_YEAR_LAST);
        }
        if (entity == MODEL_PAPER && year->paper_count.known) {
            return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                             "a paper cannot have a reported paper_count");
        }
    }
    const void *items = reported->years;
    code = model_finish_order(finish, &items, &reported->year_count, sizeof *reported->years,
                              model_order_year);
    reported->years = items;
    for (size_t i = 1; code == BASE_OK && i < reported->year_count; i++) {
        if (reported->years[i].year == reported->years[i - 1].year) {
            code =
                base_fail(finish->error, BASE_INVALID_ARGUMENT,
                          "year %u stands twice with different numbers", reported->years[i].year);
        }
    }
    return code;
}

static enum base_code finish_block(struct model_finish *finish, struct model_reported *reported,
                                   const struct model_record *record)
{
    enum model_entity entity = record->type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    if (reported->source.size == 0) {
        reported->source = record->source;
    }
    model_finish_date(&reported->as_of);
    if ((unsigned)reported->citation_basis > MODEL_BASIS_CITING_PAPERS) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT, "there is no such citation_basis");
    }
    if (entity == MODEL_PAPER &&
        (reported->paper_count.known || reported->h_index.known || reported->i10_index.known)) {
        return base_fail(finish->error, BASE_INVALID_ARGUMENT,
                         "a paper cannot have a reported paper_count, h_index or i10_index");
    }
    enum base_code code = model_finish_text(finish, "source", reported->source, LIMIT_ID_VALUE);
    if (code == BASE_OK) {
        code = finish_score(finish, "novelty", &reported->novelty, 1.0);
    }
    if (code == BASE_OK) {
        code = finish_score(finish, "ai_score", &reported->ai_score, 100.0);
    }
    return code != BASE_OK ? code : finish_years(finish, reported, entity);
}

enum base_code model_finish_reported(struct model_finish *finish, struct model_record *record)
{
    enum base_code code =
        model_finish_limit(finish, "reported blocks", record->reported_count, LIMIT_REPORTED);
    if (code != BASE_OK) {
        return code;
    }
    if (record->reported_count == 0) {
        record->reported = NULL;
        return BASE_OK;
    }
    struct model_reported *blocks =
        base_arena_array(finish->arena, record->reported_count, sizeof *blocks);
    if (blocks == NULL) {
        return model_finish_memory(finish);
    }
    memcpy(blocks, record->reported, record->reported_count * sizeof *blocks);
    for (size_t i = 0; i < record->reported_count; i++) {
        code = finish_block(finish, &blocks[i], record);
        if (code != BASE_OK) {
            base_error_prefix(finish->error, "reported block %zu", i + 1);
            return code;
        }
    }
    record->reported_count =
        model_order_sort(blocks, record->reported_count, sizeof *blocks, model_order_reported);
    record->reported = blocks;
    return BASE_OK;
}
