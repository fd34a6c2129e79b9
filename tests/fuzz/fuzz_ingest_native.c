/* The native line parser: no line may bring it down, and what it accepts is written and read back
 * as the same bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "ingest/native.h"
#include "json/json.h"

enum { ARENA_MOST = 64 * 1024 * 1024 };

static enum base_code emit(void *sink, const struct model_record *record, struct base_error *error)
{
    (void)error;
    ingest_native_write(record, sink);
    return BASE_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_reader *reader;
    if (reader == NULL) {
        reader = json_reader_new();
    }
    struct base_arena arena;
    base_arena_init(&arena, ARENA_MOST);
    struct ingest_context context = {.arena = &arena, .json = reader};
    struct ingest_fault fault = {.file = ""};
    struct base_error error;
    struct base_buffer once = BASE_BUFFER_EMPTY;
    struct base_buffer again = BASE_BUFFER_EMPTY;
    enum base_code code =
        ingest_native.parse_line(&context, base_slice(data, size), emit, &once, &fault, &error);
    if (code == BASE_OK) {
        base_arena_reset(&arena);
        code = ingest_native.parse_line(&context, base_buffer_slice(&once), emit, &again, &fault,
                                        &error);
        BASE_ASSERT(code == BASE_OK);
        BASE_ASSERT(base_slice_equal(base_buffer_slice(&once), base_buffer_slice(&again)));
    } else if (code == BASE_INVALID_ARGUMENT) {
        BASE_ASSERT(fault.line >= 1 && fault.column >= 1 && fault.text[0] != '\0');
        BASE_ASSERT(once.size == 0);
    }
    base_buffer_fini(&once);
    base_buffer_fini(&again);
    base_arena_fini(&arena);
    return 0;
}
