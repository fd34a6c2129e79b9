/* The OpenAlex line parser: no line may bring it down, and every record it gives is one of the
 * native format. */
#include <stdint.h>
#include <stdlib.h>

#include "ingest/native.h"
#include "ingest/openalex.h"
#include "json/json.h"

enum { ARENA_MOST = 64 * 1024 * 1024 };

static enum base_code emit(void *sink, const struct model_record *record, struct base_error *error)
{
    (void)error;
    ingest_native_write(record, sink);
    return BASE_OK;
}

static void read_back(struct ingest_context *context, struct base_slice lines)
{
    struct base_buffer again = BASE_BUFFER_EMPTY;
    struct ingest_fault fault = {.file = ""};
    struct base_slice rest = lines;
    while (rest.size > 0) {
        const char *end = memchr(rest.data, '\n', rest.size);
        BASE_ASSERT(end != NULL);
        struct base_slice line = base_slice(rest.data, (size_t)(end - rest.data));
        base_arena_reset(context->arena);
        enum base_code code = ingest_native.parse_line(context, line, emit, &again, &fault, NULL);
        BASE_ASSERT(code == BASE_OK);
        rest = base_slice(end + 1, rest.size - line.size - 1);
    }
    BASE_ASSERT(base_slice_equal(lines, base_buffer_slice(&again)));
    base_buffer_fini(&again);
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
    struct base_buffer lines = BASE_BUFFER_EMPTY;
    enum base_code code =
        ingest_openalex.parse_line(&context, base_slice(data, size), emit, &lines, &fault, &error);
    if (code == BASE_OK) {
        read_back(&context, base_buffer_slice(&lines));
    } else if (code == BASE_INVALID_ARGUMENT) {
        BASE_ASSERT(fault.line >= 1 && fault.column >= 1 && fault.text[0] != '\0');
        BASE_ASSERT(lines.size == 0);
    }
    base_buffer_fini(&lines);
    base_arena_fini(&arena);
    return 0;
}
