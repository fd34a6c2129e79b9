#include "bench/conditions.h"

#include <math.h>

#include "bench/member.h"

/* One operation, much as a workload file has it. */
static void put_operation(struct json_value operation, struct base_buffer *out)
{
    static const struct {
        const char *member;
        const char *setting;
        double usual;
    } settings[] = {{"batch", "batch", 1},
                    {"references", "references", 0},
                    {"pages", "pages", 1},
                    {"pageSize", "page-size", 0},
                    {"miss", "miss", 0}};
    struct base_slice text = {NULL, 0};
    bench_member_text(operation, "label", &text);
    base_buffer_append_format(out, "%g %.*s", bench_member_number(operation, "weight"),
                              BASE_PRINT(text));
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        double value = bench_member_number(operation, settings[i].member);
        if (isfinite(value) && value != settings[i].usual) {
            base_buffer_append_format(out, " %s=%g", settings[i].setting, value);
        }
    }
    if (bench_member_text(operation, "view", &text) &&
        !base_slice_equal(text, BASE_SLICE("default"))) {
        base_buffer_append_format(out, " view=%.*s", BASE_PRINT(text));
    }
    if (bench_member_text(operation, "keys", &text)) {
        base_buffer_append_format(out, " keys=%.*s", BASE_PRINT(text));
    }
}

static void put_workload(struct json_value result, struct base_buffer *out)
{
    struct json_value operations;
    struct json_value operation;
    if (!bench_member_find(result, "options.workload", &operations)) {
        return;
    }
    struct json_iterator each = json_iterate(operations);
    for (bool more = false; json_next(&each, &operation); more = true) {
        base_buffer_append_text(out, more ? "; " : "");
        put_operation(operation, out);
    }
}

static void put_other_workload(struct json_value before, struct json_value after,
                               struct base_buffer *out)
{
    struct base_buffer old = BASE_BUFFER_EMPTY;
    struct base_buffer new = BASE_BUFFER_EMPTY;
    put_workload(before, &old);
    put_workload(after, &new);
    if (!base_slice_equal(base_buffer_slice(&old), base_buffer_slice(&new))) {
        base_buffer_append_format(out, "  differs: options.workload: %.*s | %.*s\n",
                                  BASE_PRINT(old), BASE_PRINT(new));
    }
    base_buffer_fini(&old);
    base_buffer_fini(&new);
}

void bench_conditions_put(struct json_value before, struct json_value after,
                          struct base_buffer *out)
{
    static const char *const texts[] = {"kind",
                                        "environment.hirsch",
                                        "environment.cpu",
                                        "environment.kernel",
                                        "options.server",
                                        "options.transport",
                                        "options.client",
                                        "options.loop",
                                        "options.idsFile",
                                        "options.arrivals",
                                        "dataset.id",
                                        "dataset.epoch"};
    static const char *const numbers[] = {"options.connections",     "options.depth",
                                          "options.processes",       "options.rate",
                                          "options.durationSeconds", "options.timeoutSeconds",
                                          "options.verifyShare",     "environment.cores"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct base_slice old = {NULL, 0};
        struct base_slice new = {NULL, 0};
        bench_member_text(before, texts[i], &old);
        bench_member_text(after, texts[i], &new);
        if (!base_slice_equal(old, new)) {
            base_buffer_append_format(out, "  differs: %s: %.*s, %.*s\n", texts[i], BASE_PRINT(old),
                                      BASE_PRINT(new));
        }
    }
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        double old = bench_member_number(before, numbers[i]);
        double new = bench_member_number(after, numbers[i]);
        if (old != new && (isfinite(old) || isfinite(new))) {
            base_buffer_append_format(out, "  differs: %s: %g, %g\n", numbers[i], old, new);
        }
    }
    put_other_workload(before, after, out);
}
