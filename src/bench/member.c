#include "bench/member.h"

#include <math.h>

bool bench_member_find(struct json_value value, const char *path, struct json_value *found)
{
    for (const char *at = path; at != NULL;) {
        size_t size = strcspn(at, ".");
        if (!json_find(value, base_slice(at, size), &value)) {
            return false;
        }
        at = at[size] == '.' ? at + size + 1 : NULL;
    }
    *found = value;
    return true;
}

double bench_member_number(struct json_value value, const char *path)
{
    struct json_value found;
    double number = NAN;
    return bench_member_find(value, path, &found) && json_double(found, &number) ? number : NAN;
}

bool bench_member_text(struct json_value value, const char *path, struct base_slice *text)
{
    struct json_value found;
    return bench_member_find(value, path, &found) && json_string(found, text);
}
