/* Bytes that decode as a record are the bytes that encoding makes of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "model/merge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct base_arena arena;
    struct base_error error;
    struct model_record record;
    struct base_slice bytes = base_slice(data, size);
    base_arena_init(&arena, (size_t)64 * 1024 * 1024);
    if (model_record_decode(bytes, &arena, &record, &error) == BASE_OK) {
        struct base_buffer again = BASE_BUFFER_EMPTY;
        model_record_encode(&record, &again);
        if (!base_slice_equal(base_buffer_slice(&again), bytes)) {
            abort();
        }
        base_buffer_clear(&again);
        model_record_append_key(&record, &again);
        if (again.size > MODEL_RECORD_KEY) {
            abort();
        }
        if (record.type == MODEL_RECORD_AUTHOR || record.type == MODEL_RECORD_PAPER) {
            const struct model_record *twice[] = {&record, &record};
            struct model_view view;
            if (model_merge(twice, 2, &arena, &view, &error) == BASE_OK &&
                !model_id_equal(&view.id, &record.id)) {
                abort();
            }
        }
        base_buffer_fini(&again);
    }
    base_arena_fini(&arena);
    return 0;
}
