/* A record that travels as a message is the record that stood on the line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "ingest/native.h"
#include "json/json.h"
#include "wire/messages.h"
#include "wire/record.h"
#include "wire/unpack.h"

struct travel {
    struct base_arena arena; /* of what comes back */
    unsigned count;
};

static enum base_code there_and_back(void *sink, const struct model_record *record,
                                     struct base_error *error)
{
    struct travel *travel = sink;
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    struct base_buffer before = BASE_BUFFER_EMPTY;
    struct base_buffer after = BASE_BUFFER_EMPTY;
    ProtobufCMessage *message = NULL;
    struct model_record back;
    wire_record_write(record, &bytes);
    enum base_code code = wire_unpack(&hirsch__v1__record__descriptor, base_buffer_slice(&bytes),
                                      &wire_put_limits, &travel->arena, &message, error);
    if (code == BASE_OK) {
        code = wire_record_read((const void *)message, 0, &travel->arena, &back, error);
    }
    if (code == BASE_OK) {
        model_record_encode(record, &before);
        model_record_encode(&back, &after);
        assert_int_equal(before.size, after.size);
        assert_memory_equal(before.data, after.data, before.size);
    }
    base_buffer_fini(&bytes);
    base_buffer_fini(&before);
    base_buffer_fini(&after);
    base_arena_reset(&travel->arena);
    travel->count++;
    return code;
}

static unsigned travel_lines(const char *path)
{
    char line[65536];
    char full[512];
    struct travel travel = {.count = 0};
    struct base_arena arena;
    struct ingest_context context = {.arena = &arena};
    base_arena_init(&travel.arena, 0);
    base_arena_init(&arena, 0);
    context.json = json_reader_new();
    assert_non_null(context.json);
    snprintf(full, sizeof full, "%s/%s", HIRSCH_TESTS, path);
    FILE *file = fopen(full, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        struct ingest_fault fault = {0};
        struct base_error error = {0};
        struct base_slice text = base_slice(line, strcspn(line, "\n"));
        enum base_code code =
            ingest_native.parse_line(&context, text, there_and_back, &travel, &fault, &error);
        /* Lines that are wrong on purpose have a fault; what was emitted must come back. */
        if (code != BASE_OK && fault.text[0] == '\0') {
            fail_msg("%s: %s", line, error.text);
        }
        base_arena_reset(&arena);
    }
    fclose(file);
    json_reader_free(context.json);
    base_arena_fini(&arena);
    base_arena_fini(&travel.arena);
    return travel.count;
}

static void every_golden_record(void **state)
{
    (void)state;
    assert_true(travel_lines("golden/hirsch-records/input.jsonl") >= 10);
    assert_true(travel_lines("golden/hirsch-layout/input.jsonl") >= 1);
    travel_lines("golden/hirsch-faults/input.jsonl");
    assert_true(travel_lines("../seeds/max-lam.jsonl") >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_golden_record)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
