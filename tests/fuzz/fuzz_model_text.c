/* Ids, dates, times, fields and names from any text: what is taken is written in a form that reads
 * as itself. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "model/date.h"
#include "model/fold.h"
#include "model/id.h"
#include "model/kind.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool condition)
{
    if (!condition) {
        abort();
    }
}

static void try_id(struct base_slice text, struct base_arena *arena)
{
    struct base_error error = {0};
    struct model_id id;
    struct model_id again;
    if (model_id_parse(text, arena, &id, &error) != BASE_OK) {
        must(base_utf8_valid(base_slice_text(error.text)) || error.text[BASE_ERROR_TEXT - 2] != 0);
        must(!base_utf8_has_control(base_slice_text(error.text)));
        return;
    }
    char written[MODEL_ID_TEXT];
    size_t length = model_id_text(&id, written);
    must(id.value.size >= 1 && id.value.size <= LIMIT_ID_VALUE);
    must(base_utf8_valid(id.value) && !base_utf8_has_control(id.value));
    must(model_id_parse(base_slice(written, length), arena, &again, &error) == BASE_OK);
    must(model_id_equal(&id, &again));
}

static void try_dates(struct base_slice text)
{
    struct base_error error;
    struct model_date date;
    model_time time;
    if (model_date_parse(text, &date, &error) == BASE_OK) {
        char written[MODEL_DATE_TEXT];
        must(base_slice_equal(base_slice(written, model_date_text(date, written)), text));
    }
    if (model_time_parse(text, &time, &error) == BASE_OK) {
        char written[MODEL_TIME_TEXT];
        model_time again;
        must(model_time_parse(base_slice(written, model_time_text(time, written)), &again, NULL) ==
             BASE_OK);
        must(time == again);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_arena arena;
    struct base_slice text = base_slice(data, size);
    base_arena_init(&arena, 0);
    try_id(text, &arena);
    try_dates(text);
    struct model_field field;
    struct model_field again;
    if (model_field_parse(text, (struct base_slice){NULL, 0}, &arena, &field, NULL) == BASE_OK) {
        must(model_field_parse(field.id, (struct base_slice){NULL, 0}, &arena, &again, NULL) ==
             BASE_OK);
        must(base_slice_equal(field.id, again.id) && base_slice_equal(field.name, again.name));
    }
    model_kind_of_source(text);
    struct base_slice once = model_fold(text, &arena);
    must(base_slice_equal(model_fold(once, &arena), once) && base_utf8_valid(once));
    struct base_slice token;
    while (model_fold_token(&once, &token)) {
        must(token.size >= 1 && token.size <= LIMIT_TOKEN);
    }
    base_arena_fini(&arena);
    return 0;
}
