#include "store/winners.h"

void store_winners_init(struct store_winners *winners, struct store_scratch *scratch)
{
    store_array_init(&winners->records, scratch);
    base_arena_init(&winners->redacted, 0);
    winners->superseded = 0;
    winners->suppressed = 0;
}

void store_winners_fini(struct store_winners *winners)
{
    store_array_fini(&winners->records);
    base_arena_fini(&winners->redacted);
}

struct collect {
    struct store_winners *winners;
    struct store_suppress suppress;
    struct base_arena arena;
    struct base_buffer buffer;
    struct base_error *error;
};

/* Takes suppressed ids out of *bytes; data is NULL when nothing may stay. */
static enum base_code redact(struct collect *collect, struct base_slice *bytes)
{
    struct model_record record;
    bool keep;
    bool changed;
    base_arena_reset(&collect->arena);
    enum base_code code = model_record_decode(*bytes, &collect->arena, &record, collect->error);
    if (code == BASE_OK) {
        code = store_suppress_redact(&collect->suppress, &record, &collect->arena, &keep, &changed,
                                     collect->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    if (!keep) {
        *bytes = base_slice(NULL, 0);
        return BASE_OK;
    }
    if (changed) {
        base_buffer_clear(&collect->buffer);
        model_record_encode(&record, &collect->buffer);
        struct base_slice copy =
            collect->buffer.failed
                ? base_slice(NULL, 0)
                : base_arena_copy(&collect->winners->redacted, base_buffer_slice(&collect->buffer));
        if (copy.data == NULL) {
            return base_fail(collect->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        }
        *bytes = copy;
    }
    return BASE_OK;
}

/* Suppress records sort before all others, so they are known when the others come. */
static enum base_code note_suppress(struct collect *collect, struct base_slice bytes)
{
    struct model_record record;
    base_arena_reset(&collect->arena);
    enum base_code code = model_record_decode(bytes, &collect->arena, &record, collect->error);
    return code != BASE_OK ? code : store_suppress_add(&collect->suppress, &record, collect->error);
}

static enum base_code add_winner(struct collect *collect, const struct store_record *winner)
{
    if (winner->bytes.data == NULL) {
        return BASE_OK;
    }
    struct store_record *to =
        store_array_extend(&collect->winners->records, sizeof *to, collect->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = *winner;
    return winner->key.data[0] == MODEL_RECORD_SUPPRESS ? note_suppress(collect, winner->bytes)
                                                        : BASE_OK;
}

static enum base_code collect_all(struct collect *collect, struct store_merge *merge)
{
    struct store_record best = {{NULL, 0}, {NULL, 0}};
    struct base_slice key;
    struct base_slice bytes;
    enum base_code code = BASE_OK;
    while (code == BASE_OK && store_merge_next(merge, &key, &bytes)) {
        bool same = best.key.data != NULL && base_slice_equal(key, best.key);
        if (!same && best.key.data != NULL) {
            code = add_winner(collect, &best);
        }
        if (code == BASE_OK && collect->suppress.ids.count > 0 &&
            key.data[0] != MODEL_RECORD_SUPPRESS) {
            code = redact(collect, &bytes);
        }
        if (code != BASE_OK) {
            break;
        }
        if (!same) {
            best = (struct store_record){key, bytes};
            continue;
        }
        /* (updated, canonical bytes) decides; updated stands at the front of the bytes. */
        collect->winners->superseded++;
        if (bytes.data != NULL &&
            (best.bytes.data == NULL || base_slice_compare(bytes, best.bytes) > 0)) {
            best.bytes = bytes;
        }
    }
    if (code == BASE_OK && best.key.data != NULL) {
        code = add_winner(collect, &best);
    }
    return code;
}

enum base_code store_winners_collect(struct store_winners *winners, struct store_merge *merge,
                                     struct store_scratch *scratch, struct base_error *error)
{
    struct collect collect = {.winners = winners, .error = error};
    store_suppress_init(&collect.suppress, scratch);
    base_arena_init(&collect.arena, 0);
    base_buffer_init(&collect.buffer);
    enum base_code code = collect_all(&collect, merge);
    winners->suppressed = collect.suppress.left_out;
    base_buffer_fini(&collect.buffer);
    base_arena_fini(&collect.arena);
    store_suppress_fini(&collect.suppress);
    return code;
}
