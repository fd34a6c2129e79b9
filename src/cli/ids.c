#include "cli/ids.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/exit.h"
#include "cli/report.h"

static enum base_code add(struct cli_ids *ids, struct base_slice id, struct base_error *error)
{
    const char *copy = base_arena_copy(&ids->arena, id).data;
    if (ids->count == ids->capacity) {
        size_t capacity = ids->capacity == 0 ? 64 : ids->capacity * 2;
        const char **values = realloc(ids->values, capacity * sizeof *values);
        if (values != NULL) {
            ids->values = values;
            ids->capacity = capacity;
        }
    }
    if (copy == NULL || ids->count == ids->capacity) {
        return base_fail(error, BASE_INTERNAL, "memory is out after %zu ids", ids->count);
    }
    ids->values[ids->count++] = copy;
    return BASE_OK;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

static struct base_slice trim(struct base_slice line)
{
    while (line.size > 0 && is_blank(line.data[line.size - 1])) {
        line.size--;
    }
    while (line.size > 0 && is_blank(line.data[0])) {
        line = base_slice(line.data + 1, line.size - 1);
    }
    return line;
}

static enum base_code read_lines(struct cli_ids *ids, FILE *input, struct base_error *error)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    enum base_code code = BASE_OK;
    for (size_t number = 1; code == BASE_OK && (size = getline(&line, &capacity, input)) >= 0;
         number++) {
        struct base_slice id = trim(base_slice(line, (size_t)size));
        if (id.size > 0 && memchr(id.data, '\0', id.size) != NULL) {
            code = base_fail(error, BASE_INVALID_ARGUMENT, "stdin: line %zu holds a NUL", number);
        } else if (id.size > 0) {
            code = add(ids, id, error);
        }
    }
    if (code == BASE_OK && ferror(input)) {
        code = base_fail(error, BASE_DATA_LOSS, "stdin: cannot be read: %s", strerror(errno));
    }
    free(line);
    return code;
}

enum base_code cli_ids_read(struct cli_ids *ids, int count, char **arguments, FILE *input,
                            struct base_error *error)
{
    *ids = (struct cli_ids){.values = NULL};
    base_arena_init(&ids->arena, 0);
    for (int i = 0; i < count; i++) {
        enum base_code code = strcmp(arguments[i], "-") == 0
                                  ? read_lines(ids, input, error)
                                  : add(ids, base_slice_text(arguments[i]), error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

void cli_ids_fini(struct cli_ids *ids)
{
    free(ids->values);
    base_arena_fini(&ids->arena);
    *ids = (struct cli_ids){.values = NULL};
}

int cli_ids_run(const struct cli_context *context, int count, char **arguments,
                int (*run)(const struct cli_context *context, const struct cli_ids *ids))
{
    struct cli_ids ids;
    struct base_error error;
    int exit_code = BASE_EXIT_OK;
    enum base_code code = cli_ids_read(&ids, count, arguments, stdin, &error);
    if (code != BASE_OK) {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(code);
    } else if (ids.count > 0) {
        exit_code = run(context, &ids);
    }
    cli_ids_fini(&ids);
    return exit_code;
}
