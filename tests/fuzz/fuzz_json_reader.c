/* The fast reader and the slow walk must agree on every text, and what was read must survive being
 * written. */
#include <stdint.h>
#include <stdlib.h>

#include "base/utf8.h"
#include "json/json.h"

static void copy_value(struct json_writer *writer, struct json_value value)
{
    struct base_slice text;
    uint64_t natural = 0;
    int64_t integer = 0;
    double number = 0;
    bool truth = false;
    struct json_value element;
    struct json_iterator iterator = json_iterate(value);
    switch (json_type(value)) {
    case JSON_OBJECT:
        json_begin_object(writer);
        while (json_next_member(&iterator, &text, &element)) {
            BASE_ASSERT(base_utf8_valid(text));
            json_write_key_slice(writer, text);
            copy_value(writer, element);
        }
        json_end_object(writer);
        break;
    case JSON_ARRAY:
        json_begin_array(writer);
        while (json_next(&iterator, &element)) {
            copy_value(writer, element);
        }
        json_end_array(writer);
        break;
    case JSON_STRING:
        BASE_ASSERT(json_string(value, &text) && base_utf8_valid(text));
        json_write_string(writer, text);
        break;
    case JSON_INTEGER:
        if (json_u64(value, &natural)) {
            json_write_u64(writer, natural);
        } else {
            BASE_ASSERT(json_i64(value, &integer));
            json_write_i64(writer, integer);
        }
        break;
    case JSON_DOUBLE:
        BASE_ASSERT(json_double(value, &number));
        json_write_double(writer, number);
        break;
    case JSON_BOOL:
        BASE_ASSERT(json_bool(value, &truth));
        json_write_bool(writer, truth);
        break;
    case JSON_NULL:
        json_write_null(writer);
        break;
    }
}

static void write_again(struct json_reader *reader, struct base_slice text, unsigned indent,
                        struct base_buffer *buffer)
{
    struct json_value value;
    struct json_writer writer;
    enum base_code code = json_parse(reader, text, false, &value, NULL, NULL);
    BASE_ASSERT(code == BASE_OK);
    json_writer_init(&writer, buffer, indent);
    copy_value(&writer, value);
    BASE_ASSERT(!buffer->failed && writer.depth == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct json_reader *reader;
    if (reader == NULL) {
        reader = json_reader_new();
        BASE_ASSERT(reader != NULL);
    }
    struct base_slice text = base_slice(data, size);
    struct json_fault fault = {0};
    struct json_fault slow = {0};
    struct json_value value;
    bool good = json_parse(reader, text, false, &value, &fault, NULL) == BASE_OK;
    BASE_ASSERT(good == json_check(text, &slow));
    if (good) {
        struct json_fault place;
        json_locate(text, value, &place);
        BASE_ASSERT(place.offset < size && place.line >= 1 && place.column >= 1);
        struct base_buffer once = BASE_BUFFER_EMPTY;
        struct base_buffer pretty = BASE_BUFFER_EMPTY;
        struct base_buffer again = BASE_BUFFER_EMPTY;
        write_again(reader, text, 0, &once);
        write_again(reader, base_buffer_slice(&once), 2, &pretty);
        write_again(reader, base_buffer_slice(&pretty), 0, &again);
        BASE_ASSERT(base_slice_equal(base_buffer_slice(&once), base_buffer_slice(&again)));
        base_buffer_fini(&once);
        base_buffer_fini(&pretty);
        base_buffer_fini(&again);
    } else {
        BASE_ASSERT(fault.offset <= size && fault.line >= 1 && fault.text[0] != '\0');
    }
    return 0;
}
