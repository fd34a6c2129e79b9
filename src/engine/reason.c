#include "engine/reason.h"

#include <stddef.h>

static const struct {
    const char *name;
    const char *text;
} reasons[] = {
#define ENGINE_REASON_ROW(number, name, text) [number] = {#name, text},
    ENGINE_REASONS(ENGINE_REASON_ROW)
#undef ENGINE_REASON_ROW
};

static bool is_reason(enum engine_reason reason)
{
    return (size_t)reason < sizeof reasons / sizeof reasons[0];
}

const char *engine_reason_name(enum engine_reason reason)
{
    return is_reason(reason) ? reasons[reason].name : "UNKNOWN";
}

const char *engine_reason_text(enum engine_reason reason)
{
    return is_reason(reason) ? reasons[reason].text : "";
}
