#include <string.h>

#include "server/options.h"

static bool same_texts(const char *const *before, size_t before_count, const char *const *now,
                       size_t now_count)
{
    if (before_count != now_count) {
        return false;
    }
    for (size_t i = 0; i < now_count; i++) {
        if (strcmp(before[i], now[i]) != 0) {
            return false;
        }
    }
    return true;
}

static bool same(const struct server_option *option, const struct server_settings *before,
                 const struct server_settings *now)
{
    const void *old = (const char *)before + option->offset;
    const void *new = (const char *)now + option->offset;
    switch (option->kind) {
    case SERVER_TEXT:
    case SERVER_CHOICE: {
        const char *old_text = *(const char *const *)old;
        const char *new_text = *(const char *const *)new;
        return old_text == new_text ||
               (old_text != NULL && new_text != NULL && strcmp(old_text, new_text) == 0);
    }
    case SERVER_LIST:
        return same_texts(old, before->listen_count, new, now->listen_count);
    case SERVER_FLAG:
        return *(const bool *)old == *(const bool *)new;
    case SERVER_COUNT:
    case SERVER_TIME:
    case SERVER_MODE:
        return *(const unsigned *)old == *(const unsigned *)new;
    case SERVER_NUMBER:
    case SERVER_SIZE:
        break;
    }
    return *(const uint64_t *)old == *(const uint64_t *)new;
}

void server_settings_compare(const struct server_settings *before,
                             const struct server_settings *now,
                             void (*tell)(void *state, const struct server_option *option),
                             void *state)
{
    for (const struct server_option *one = server_option_table; one->name != NULL; one++) {
        if (!same(one, before, now)) {
            tell(state, one);
        }
    }
}
