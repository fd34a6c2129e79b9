#include "bench/workload.h"

#include <stdio.h>
#include <string.h>

#include "base/parse.h"
#include "base/suggest.h"
#include "bench/quantity.h"

enum { WORD = 128 };

static void make_label(struct bench_operation *operation)
{
    const char *name = bench_method_short_name(operation->method);
    if (operation->method->shape == BENCH_BATCH || operation->method->shape == BENCH_PUT) {
        snprintf(operation->label, sizeof operation->label, "%s x %u", name, operation->batch);
    } else if (operation->pages > 1) {
        snprintf(operation->label, sizeof operation->label, "%s, %u pages", name, operation->pages);
    } else {
        snprintf(operation->label, sizeof operation->label, "%s", name);
    }
}

void bench_workload_default(struct bench_workload *workload)
{
    *workload = (struct bench_workload){.count = 1};
    workload->operations[0] = (struct bench_operation){
        .method = bench_method_find("GetAuthor"), .weight = 1, .batch = 1, .pages = 1};
    make_label(&workload->operations[0]);
}

static bool set_number(const char *value, unsigned most, unsigned *number)
{
    uint64_t parsed;
    if (!base_parse_u64(base_slice_text(value), most, &parsed) || parsed == 0) {
        return false;
    }
    *number = (unsigned)parsed;
    return true;
}

static bool set_batch(struct bench_operation *operation, const char *value)
{
    enum bench_shape shape = operation->method->shape;
    return (shape == BENCH_BATCH || shape == BENCH_PUT) &&
           set_number(value, BENCH_BATCH_MOST, &operation->batch);
}

static bool set_view(struct bench_operation *operation, const char *value)
{
    static const char *const views[] = {"basic", "full", "compact"};
    for (unsigned i = 0; i < 3 && operation->method->view != 0; i++) {
        if (strcmp(value, views[i]) == 0) {
            operation->view = i + 1;
            return i < 2 || operation->method->key != BENCH_KEY_AUTHOR ||
                   operation->method->shape == BENCH_LIST;
        }
    }
    return false;
}

static bool set_pages(struct bench_operation *operation, const char *value)
{
    return operation->method->page_token != 0 &&
           set_number(value, BENCH_PAGES_MOST, &operation->pages);
}

static bool set_page_size(struct bench_operation *operation, const char *value)
{
    return operation->method->page_size != 0 && set_number(value, 1000, &operation->page_size);
}

static bool set_miss(struct bench_operation *operation, const char *value)
{
    return (operation->method->shape == BENCH_ONE || operation->method->shape == BENCH_BATCH) &&
           bench_parse_share(value, &operation->miss);
}

static bool set_references(struct bench_operation *operation, const char *value)
{
    uint64_t number;
    if (operation->method->shape != BENCH_PUT ||
        !base_parse_u64(base_slice_text(value), 1000, &number)) {
        return false;
    }
    operation->references = (unsigned)number;
    return true;
}

static bool set_authors(struct bench_operation *operation, const char *value)
{
    return operation->method->shape == BENCH_PUT && set_number(value, 1000, &operation->authors);
}

static bool set_keys(struct bench_operation *operation, const char *value)
{
    operation->has_keys = true;
    return operation->method->key != BENCH_KEY_NONE &&
           bench_spread_parse(value, &operation->keys, NULL) == BASE_OK;
}

static bool set_label(struct bench_operation *operation, const char *value)
{
    snprintf(operation->label, sizeof operation->label, "%s", value);
    return value[0] != '\0' && strlen(value) < sizeof operation->label;
}

static const struct {
    const char *name;
    const char *expected;
    bool (*set)(struct bench_operation *operation, const char *value);
} settings[] = {
    {"batch", "1 to 1000, of a method that takes several ids or records", set_batch},
    {"references", "0 to 1000, of PutRecords", set_references},
    {"authors", "1 to 1000, of PutRecords", set_authors},
    {"view", "basic, full or compact, of a method with views", set_view},
    {"pages", "1 to 1000, of a list", set_pages},
    {"page-size", "1 to 1000, of a list", set_page_size},
    {"miss", "a share as 1%, of a method that takes ids one by one or in a batch", set_miss},
    {"keys", "uniform, zipf:THETA, latest:THETA or hotspot:KEYS/REQUESTS, of a method with keys",
     set_keys},
    {"label", "1 to 63 bytes", set_label},
};

enum { SETTINGS = sizeof settings / sizeof settings[0] };

static enum base_code unknown_setting(const char *word, bool has_value, struct base_error *error)
{
    const char *names[SETTINGS + 1] = {NULL};
    for (size_t i = 0; i < SETTINGS; i++) {
        names[i] = settings[i].name;
    }
    const char *meant = has_value ? base_suggest(word, names) : NULL;
    if (meant != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "'%.60s' is not a setting; did you mean %s=?", word, meant);
    }
    return base_fail(error, BASE_INVALID_ARGUMENT,
                     "'%.60s' is not a setting; there are batch, view, pages, page-size, miss, "
                     "references, authors, keys and label, each with =VALUE",
                     word);
}

static enum base_code take_setting(struct bench_operation *operation, char *word,
                                   struct base_error *error)
{
    char *equals = strchr(word, '=');
    if (equals != NULL) {
        *equals = '\0';
        for (size_t i = 0; i < SETTINGS; i++) {
            if (strcmp(word, settings[i].name) == 0) {
                return settings[i].set(operation, equals + 1)
                           ? BASE_OK
                           : base_fail(error, BASE_INVALID_ARGUMENT, "%s=%.60s is not %s", word,
                                       equals + 1, settings[i].expected);
            }
        }
    }
    return unknown_setting(word, equals != NULL, error);
}

static bool take_word(struct base_slice *line, char word[WORD])
{
    static const char blanks[] = " \t\r";
    while (line->size > 0 && strchr(blanks, line->data[0]) != NULL) {
        line->data++;
        line->size--;
    }
    size_t size = 0;
    while (size < line->size && strchr(blanks, line->data[size]) == NULL) {
        size++;
    }
    size_t kept = size < WORD - 1 ? size : WORD - 1;
    memcpy(word, line->data, kept);
    word[kept] = '\0';
    line->data += size;
    line->size -= size;
    return size > 0;
}

static enum base_code unknown_method(const char *word, struct base_error *error)
{
    const char *meant = bench_method_suggest(word);
    if (meant != NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "'%.60s' is not a method; did you mean %s?",
                         word, meant);
    }
    struct base_buffer names = BASE_BUFFER_EMPTY;
    bench_method_names(&names);
    base_fail(error, BASE_INVALID_ARGUMENT, "'%.60s' is not a method; there are %.*s", word,
              BASE_PRINT(names));
    base_buffer_fini(&names);
    return BASE_INVALID_ARGUMENT;
}

static enum base_code take_operation(struct base_slice line, struct bench_operation *operation,
                                     struct base_error *error)
{
    char word[WORD];
    *operation = (struct bench_operation){.batch = 1, .pages = 1, .authors = 1};
    take_word(&line, word);
    if (!bench_parse_number(word, &operation->weight) || operation->weight <= 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "'%.60s' is not a weight: a line is WEIGHT METHOD [name=value...]", word);
    }
    if (!take_word(&line, word)) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "no method behind the weight: a line is WEIGHT METHOD [name=value...]");
    }
    operation->method = bench_method_find(word);
    if (operation->method == NULL) {
        return unknown_method(word, error);
    }
    enum base_code code = BASE_OK;
    while (code == BASE_OK && take_word(&line, word)) {
        code = take_setting(operation, word, error);
    }
    if (code == BASE_OK && operation->batch * operation->references > BENCH_KEYS_MOST) {
        code = base_fail(error, BASE_INVALID_ARGUMENT, "batch x references is over %d",
                         BENCH_KEYS_MOST);
    }
    if (code == BASE_OK && operation->label[0] == '\0') {
        make_label(operation);
    }
    return code;
}

enum base_code bench_workload_parse(struct base_slice text, struct bench_workload *workload,
                                    struct base_error *error)
{
    struct bench_workload made = {.count = 0};
    for (size_t number = 1; text.size > 0; number++) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end == NULL ? text.size : (size_t)(end - text.data);
        struct base_slice line = base_slice(text.data, size);
        const char *comment = memchr(line.data, '#', line.size);
        text.data += end == NULL ? size : size + 1;
        text.size -= end == NULL ? size : size + 1;
        line.size = comment == NULL ? line.size : (size_t)(comment - line.data);
        char word[WORD];
        struct base_slice look = line;
        if (!take_word(&look, word)) {
            continue;
        }
        if (made.count == BENCH_OPERATIONS) {
            return base_fail(error, BASE_INVALID_ARGUMENT, "line %zu: more than %d operations",
                             number, BENCH_OPERATIONS);
        }
        enum base_code code = take_operation(line, &made.operations[made.count], error);
        if (code != BASE_OK) {
            base_error_prefix(error, "line %zu", number);
            return code;
        }
        made.count++;
    }
    if (made.count == 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "no operation; a line is WEIGHT METHOD [name=value...]");
    }
    *workload = made;
    return BASE_OK;
}
