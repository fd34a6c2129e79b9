#include "client/series.h"

#include <stdlib.h>
#include <string.h>

static enum base_code memory_out(struct base_error *error)
{
    return base_fail(error, BASE_INTERNAL, "memory is out");
}

struct client_series *client_series_new(void)
{
    return calloc(1, sizeof(struct client_series));
}

void client_series_free(struct client_series *series)
{
    if (series == NULL) {
        return;
    }
    for (size_t i = 0; i < series->count; i++) {
        struct client_series_part *part = &series->parts[i];
        client_part_fini(&part->part);
        base_buffer_fini(&part->envelope);
        client_reply_release(&part->reply);
        hirsch_free(part->result);
    }
    free(series->parts);
    free(series);
}

static struct client_series_part *append(struct client_series *series)
{
    if (series->count == series->capacity) {
        size_t more = series->capacity == 0 ? 1 : 2 * series->capacity;
        struct client_series_part *grown = reallocarray(series->parts, more, sizeof *grown);
        if (grown == NULL) {
            return NULL;
        }
        series->parts = grown;
        series->capacity = more;
    }
    struct client_series_part *part = &series->parts[series->count++];
    memset(part, 0, sizeof *part);
    return part;
}

enum base_code client_series_add(struct client_series *series, const struct client_room *room,
                                 const struct client_packed *record, struct base_error *error)
{
    enum base_code code = client_room_check(room, record, error);
    if (code != BASE_OK) {
        return code;
    }
    struct client_series_part *part = series->count == 0 ? NULL : &series->parts[series->count - 1];
    if (part == NULL || !client_part_takes(&part->part, room, record)) {
        part = append(series);
    }
    return part == NULL ? memory_out(error) : client_part_add(&part->part, record, error);
}

enum base_code client_series_seal(struct client_series *series, const char *key,
                                  struct base_error *error)
{
    char derived[CLIENT_KEY_MOST + 1];
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < series->count; i++) {
        client_derive_key(key, i, derived);
        code = client_part_seal(&series->parts[i].part, derived, error);
    }
    return code;
}

size_t client_series_before(const struct client_series *series, size_t at)
{
    size_t count = 0;
    for (size_t i = 0; i < at; i++) {
        count += series->parts[i].part.count;
    }
    return count;
}

/* Copies items whose messages live elsewhere. */
static bool copy_items(const struct hirsch_write_result *from, struct base_arena *arena,
                       struct hirsch_write_item *to)
{
    for (size_t i = 0; i < from->count; i++) {
        to[i] = from->items[i];
        if (to[i].code == HIRSCH_OK) {
            to[i].message = "";
            continue;
        }
        to[i].message = base_arena_copy(arena, base_slice_text(from->items[i].message)).data;
        if (to[i].message == NULL) {
            return false;
        }
    }
    return true;
}

/* The greatest sequence; of another epoch, the later one. */
static void take_sequence(struct hirsch_write_result *made, const struct hirsch_write_result *from)
{
    bool same_epoch = strcmp(made->epoch, from->epoch) == 0;
    if (!same_epoch || from->sequence > made->sequence) {
        made->sequence = from->sequence;
        made->epoch = from->epoch;
    }
}

enum base_code client_series_join(const struct client_series *series, size_t unsent,
                                  const struct base_error *why, struct hirsch_write_result *made,
                                  struct base_error *error)
{
    struct base_arena *arena = client_result_arena(made);
    size_t count = client_series_before(series, series->count);
    struct hirsch_write_item *items = base_arena_array(arena, count, sizeof *items);
    const char *text = base_arena_copy(arena, base_slice_text(why->text)).data;
    bool good = items != NULL && text != NULL;
    struct hirsch_write_item *next = items;
    made->epoch = "";
    for (size_t i = 0; good && i < series->count; i++) {
        const struct hirsch_write_result *result = series->parts[i].result;
        size_t here = series->parts[i].part.count;
        if (result != NULL) {
            good = copy_items(result, arena, next);
            take_sequence(made, result);
        }
        for (size_t k = 0; result == NULL && k < here; k++) {
            next[k] = (struct hirsch_write_item){i < unsent ? HIRSCH_RECORD_OUTCOME_UNSPECIFIED
                                                            : HIRSCH_RECORD_NOT_SENT,
                                                 (enum hirsch_code)why->code, text};
        }
        next += here;
    }
    made->epoch = good ? base_arena_copy(arena, base_slice_text(made->epoch)).data : NULL;
    if (made->epoch == NULL) {
        return memory_out(error);
    }
    made->count = count;
    made->items = items;
    return BASE_OK;
}
