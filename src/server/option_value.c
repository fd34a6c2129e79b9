#include "server/option_value.h"

#include <string.h>

#include "base/parse.h"

/* A number and a unit: 500ms, 10s, 5m, 1h; 0 needs none. */
static bool parse_time(const char *text, uint64_t *ms)
{
    static const struct {
        const char *unit;
        uint64_t factor;
    } units[] = {{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 3600 * 1000}};
    size_t digits = strspn(text, "0123456789");
    uint64_t number;
    if (!base_parse_u64(base_slice(text, digits), UINT32_MAX, &number)) {
        return false;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text + digits, units[i].unit) == 0) {
            *ms = number * units[i].factor;
            return true;
        }
    }
    *ms = 0;
    return number == 0 && text[digits] == '\0';
}

static bool parse_mode(const char *text, uint64_t *mode)
{
    size_t digits = strspn(text, "01234567");
    if (digits == 0 || digits > 4 || text[digits] != '\0') {
        return false;
    }
    *mode = 0;
    for (size_t i = 0; i < digits; i++) {
        *mode = *mode * 8 + (uint64_t)(text[i] - '0');
    }
    return true;
}

static bool among(const char *choices, const char *text)
{
    size_t size = strlen(text);
    for (const char *at = choices; size > 0; at++) {
        size_t word = strcspn(at, "|");
        if (word == size && memcmp(at, text, size) == 0) {
            return true;
        }
        at += word;
        if (*at == '\0') {
            break;
        }
    }
    return false;
}

static enum base_code bad(const struct server_option *option, const char *text,
                          struct base_error *error)
{
    unsigned long long least = option->minimum;
    unsigned long long most = option->maximum;
    switch (option->kind) {
    case SERVER_CHOICE:
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s: \"%s\" is none of %s", option->name,
                         text, option->value);
    case SERVER_FLAG:
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s: \"%s\" is neither true nor false",
                         option->name, text);
    case SERVER_SIZE:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: \"%s\" is not a size from %llu to %llu bytes, like 64MiB",
                         option->name, text, least, most);
    case SERVER_TIME:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: \"%s\" is not a time from %llums to %llums, like 500ms, 10s or 5m",
                         option->name, text, least, most);
    case SERVER_MODE:
        return base_fail(
            error, BASE_INVALID_ARGUMENT,
            "%s: \"%s\" is not a mode from %03llo to %03llo in octal digits, like 0660",
            option->name, text, least, most);
    default:
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: \"%s\" is not a whole number from %llu to %llu", option->name, text,
                         least, most);
    }
}

enum base_code server_option_store(const struct server_option *option, const char *text,
                                   size_t index, struct server_settings *settings,
                                   struct base_error *error)
{
    void *to = (char *)settings + option->offset;
    uint64_t number = 0;
    bool good = true;
    switch (option->kind) {
    case SERVER_TEXT:
        if (text[0] == '\0') {
            return base_fail(error, BASE_INVALID_ARGUMENT, "%s: the value is empty; it names a %s",
                             option->name, option->value);
        }
        *(const char **)to = text;
        return BASE_OK;
    case SERVER_CHOICE:
        if (!among(option->value, text)) {
            return bad(option, text, error);
        }
        *(const char **)to = text;
        return BASE_OK;
    case SERVER_LIST:
        ((const char **)to)[index] = text;
        settings->listen_count = index + 1;
        return BASE_OK;
    case SERVER_FLAG:
        *(bool *)to = strcmp(text, "true") == 0;
        return *(bool *)to || strcmp(text, "false") == 0 ? BASE_OK : bad(option, text, error);
    case SERVER_COUNT:
    case SERVER_NUMBER:
        good = base_parse_u64(base_slice_text(text), UINT64_MAX, &number);
        break;
    case SERVER_SIZE:
        good = base_parse_size(base_slice_text(text), &number);
        break;
    case SERVER_TIME:
        good = parse_time(text, &number);
        break;
    case SERVER_MODE:
        good = parse_mode(text, &number);
        break;
    }
    if (!good || number < option->minimum || number > option->maximum) {
        return bad(option, text, error);
    }
    if (option->kind == SERVER_COUNT || option->kind == SERVER_TIME ||
        option->kind == SERVER_MODE) {
        *(unsigned *)to = (unsigned)number;
    } else {
        *(uint64_t *)to = number;
    }
    return BASE_OK;
}
