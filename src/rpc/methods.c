#include "rpc/methods.h"

#include <stdlib.h>

struct slot {
    struct base_slice name; /* data NULL: empty */
    const struct rpc_method *method;
};

/* Open addressing over a power of two at most half full. */
struct rpc_methods {
    const struct rpc_method *first;
    const struct rpc_method *second;
    size_t first_count;
    size_t second_count;
    size_t mask;
    struct slot slots[];
};

static size_t count_rows(const struct rpc_method *table)
{
    size_t count = 0;
    while (table[count].name != NULL) {
        count++;
    }
    return count;
}

/* Where to begin to look. Names differ in length or at their ends. */
static size_t place_of(const struct rpc_methods *methods, struct base_slice name)
{
    uint64_t end = 0;
    if (name.size >= sizeof end) {
        end = base_get_le64(name.data + name.size - sizeof end);
    }
    return (size_t)((end + name.size) * UINT64_C(0x9e3779b97f4a7c15) >> 32) & methods->mask;
}

static struct slot *slot_of(struct rpc_methods *methods, struct base_slice name)
{
    size_t at = place_of(methods, name);
    while (methods->slots[at].name.data != NULL &&
           !base_slice_equal(methods->slots[at].name, name)) {
        at = (at + 1) & methods->mask;
    }
    return &methods->slots[at];
}

static void add_rows(struct rpc_methods *methods, const struct rpc_method *table)
{
    for (; table->name != NULL; table++) {
        struct base_slice name = base_slice_text(table->name);
        struct slot *slot = slot_of(methods, name);
        BASE_ASSERT(slot->name.data == NULL);
        *slot = (struct slot){.name = name, .method = table};
    }
}

enum base_code rpc_methods_new(const struct rpc_method *first, const struct rpc_method *second,
                               struct rpc_methods **methods, struct base_error *error)
{
    size_t size = 8;
    while (size < 2 * (count_rows(first) + count_rows(second))) {
        size *= 2;
    }
    struct rpc_methods *made = calloc(1, sizeof *made + size * sizeof made->slots[0]);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for the table of methods");
    }
    made->mask = size - 1;
    made->first = first;
    made->second = second;
    made->first_count = count_rows(first);
    made->second_count = count_rows(second);
    add_rows(made, first);
    add_rows(made, second);
    *methods = made;
    return BASE_OK;
}

size_t rpc_methods_count(const struct rpc_methods *methods)
{
    return methods->first_count + methods->second_count;
}

size_t rpc_methods_index(const struct rpc_methods *methods, const struct rpc_method *method)
{
    if (method == NULL) {
        return rpc_methods_count(methods);
    }
    uintptr_t at = (uintptr_t)method;
    uintptr_t first = (uintptr_t)methods->first;
    if (at >= first && at < (uintptr_t)(methods->first + methods->first_count)) {
        return (at - first) / sizeof *method;
    }
    return methods->first_count + (at - (uintptr_t)methods->second) / sizeof *method;
}

const struct rpc_method *rpc_methods_at(const struct rpc_methods *methods, size_t index)
{
    if (index < methods->first_count) {
        return &methods->first[index];
    }
    index -= methods->first_count;
    return index < methods->second_count ? &methods->second[index] : NULL;
}

void rpc_methods_free(struct rpc_methods *methods)
{
    free(methods);
}

/* `package.Service/Method` of letters, digits, dots and underscores, with one slash inside; *slash
 * is its place. */
static bool is_method_name(struct base_slice name, size_t *slash)
{
    size_t slashes = 0;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (c == '/') {
            *slash = i;
            slashes++;
        } else if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_') {
            return false;
        }
    }
    return slashes == 1 && *slash > 0 && *slash + 1 < name.size;
}

static enum base_code fail_unknown(const struct rpc_methods *methods, struct base_slice name,
                                   struct base_error *error)
{
    if (name.size > LIMIT_METHOD) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the method's name takes %zu bytes, more than the %d allowed", name.size,
                         LIMIT_METHOD);
    }
    size_t slash = 0;
    if (!is_method_name(name, &slash)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "the method's name has not the form package.Service/Method");
    }
    struct base_slice service = base_slice(name.data, slash);
    if (!rpc_methods_has_service(methods, service)) {
        return base_fail(error, BASE_UNIMPLEMENTED, "there is no service %.*s here",
                         BASE_PRINT(service));
    }
    struct base_slice method = base_slice(name.data + slash + 1, name.size - slash - 1);
    return base_fail(error, BASE_UNIMPLEMENTED, "service %.*s has no method %.*s",
                     BASE_PRINT(service), BASE_PRINT(method));
}

enum base_code rpc_methods_find(const struct rpc_methods *methods, struct base_slice name,
                                const struct rpc_method **method, struct base_error *error)
{
    if (name.size <= LIMIT_METHOD) {
        size_t at = place_of(methods, name);
        for (; methods->slots[at].name.data != NULL; at = (at + 1) & methods->mask) {
            if (base_slice_equal(methods->slots[at].name, name)) {
                *method = methods->slots[at].method;
                return BASE_OK;
            }
        }
    }
    return fail_unknown(methods, name, error);
}

bool rpc_methods_has_service(const struct rpc_methods *methods, struct base_slice service)
{
    for (size_t i = 0; i <= methods->mask; i++) {
        struct base_slice name = methods->slots[i].name;
        if (name.data != NULL && name.size > service.size && name.data[service.size] == '/' &&
            base_slice_starts(name, service)) {
            return true;
        }
    }
    return false;
}
