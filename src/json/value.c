#include "json/json.h"

const char *json_type_name(enum json_type type)
{
    static const char *const names[] = {
        [JSON_NULL] = "null",
        [JSON_BOOL] = "true or false",
        [JSON_INTEGER] = "a whole number",
        [JSON_DOUBLE] = "a number",
        [JSON_STRING] = "a string",
        [JSON_ARRAY] = "an array",
        [JSON_OBJECT] = "an object",
    };
    return names[type];
}

bool json_i64(struct json_value value, int64_t *number)
{
    if (json_word(value) >> 56 != 'l') {
        return false;
    }
    memcpy(number, &value.tape->words[value.at + 1], sizeof *number);
    return true;
}

bool json_double(struct json_value value, double *number)
{
    const uint64_t *bits = &value.tape->words[value.at + 1];
    int64_t integer;
    switch (json_word(value) >> 56) {
    case 'd':
        memcpy(number, bits, sizeof *number);
        return true;
    case 'l':
        memcpy(&integer, bits, sizeof integer);
        *number = (double)integer;
        return true;
    case 'u':
        *number = (double)*bits;
        return true;
    default:
        return false;
    }
}

size_t json_count(struct json_value value)
{
    enum json_type type = json_type(value);
    if (type != JSON_ARRAY && type != JSON_OBJECT) {
        return 0;
    }
    /* The tape keeps the count in 24 bits and saturates. */
    size_t count = (size_t)(json_payload(value) >> 32);
    if (count < 0xffffff) {
        return count;
    }
    struct json_iterator iterator = json_iterate(value);
    struct json_value element;
    count = 0;
    while (json_next(&iterator, &element)) {
        count++;
    }
    return type == JSON_OBJECT ? count / 2 : count;
}

bool json_find(struct json_value object, struct base_slice key, struct json_value *value)
{
    if (json_type(object) != JSON_OBJECT) {
        return false;
    }
    struct json_iterator iterator = json_iterate(object);
    struct base_slice name;
    struct json_value member;
    while (json_next_member(&iterator, &name, &member)) {
        if (base_slice_equal(name, key)) {
            *value = member;
            return true;
        }
    }
    return false;
}
