#include "cli/put_input.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "ingest/source.h"

enum { BLOCK = 64 * 1024 };

enum base_code cli_put_input_init(struct cli_put_input *input, char *const *paths, size_t count,
                                  const volatile int *stop, struct base_error *error)
{
    *input = (struct cli_put_input){.paths = paths, .count = count, .stop = stop, .ended = true};
    base_buffer_init(&input->text);
    input->before = calloc(count, sizeof *input->before);
    return input->before != NULL ? BASE_OK : base_fail(error, BASE_INTERNAL, "memory is out");
}

void cli_put_input_fini(struct cli_put_input *input)
{
    ingest_source_close(input->source);
    base_buffer_fini(&input->text);
    free(input->before);
}

static const char *shown(const char *path)
{
    return strcmp(path, "-") == 0 ? "stdin" : path;
}

static enum base_code open_next(struct cli_put_input *input, struct base_error *error)
{
    const char *path = input->paths[input->opened];
    ingest_source_close(input->source);
    input->source = NULL;
    base_buffer_clear(&input->text);
    input->start = 0;
    enum base_code code = ingest_source_open(path, input->stop, &input->source, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "%s", shown(path));
        return code;
    }
    input->before[input->opened++] = input->number;
    input->ended = false;
    return BASE_OK;
}

/* Reads some more behind what is there. */
static enum base_code fill(struct cli_put_input *input, struct base_error *error)
{
    struct base_buffer *text = &input->text;
    if (input->start > 0) {
        memmove(text->data, text->data + input->start, text->size - input->start);
        text->size -= input->start;
        input->start = 0;
    }
    const char *path = shown(input->paths[input->opened - 1]);
    if (text->size > LIMIT_LINE) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "%s: line %llu has more than %d bytes", path,
                         (unsigned long long)(input->number - input->before[input->opened - 1] + 1),
                         LIMIT_LINE);
    }
    size_t size = 0;
    char *to = base_buffer_reserve(text, BLOCK);
    if (to == NULL) {
        return base_fail(error, BASE_INTERNAL, "memory is out");
    }
    enum base_code code = ingest_source_read(input->source, to, BLOCK, &size, error);
    if (code != BASE_OK) {
        base_error_prefix(error, "%s", path);
        return code;
    }
    text->size += size;
    input->ended = size == 0;
    return BASE_OK;
}

enum base_code cli_put_input_next(struct cli_put_input *input, struct base_slice *line, bool *more,
                                  struct base_error *error)
{
    size_t looked = input->start;
    for (;;) {
        const struct base_buffer *text = &input->text;
        const char *newline =
            looked < text->size ? memchr(text->data + looked, '\n', text->size - looked) : NULL;
        size_t left = text->size - input->start;
        if (newline != NULL || (input->ended && left > 0)) {
            const char *begin = text->data + input->start;
            size_t size = newline != NULL ? (size_t)(newline - begin) : left;
            *line = base_slice(begin, size);
            input->start += newline != NULL ? size + 1 : size;
            input->number++;
            *more = true;
            return BASE_OK;
        }
        looked = left; /* as counted from the start, where fill moves it */
        enum base_code code = BASE_OK;
        if (!input->ended) {
            code = fill(input, error);
        } else if (input->opened < input->count) {
            code = open_next(input, error);
        } else {
            *more = false;
            return BASE_OK;
        }
        if (code != BASE_OK) {
            return code;
        }
    }
}

const char *cli_put_input_place(const struct cli_put_input *input, uint64_t number, uint64_t *line)
{
    size_t at = 0;
    while (at + 1 < input->opened && input->before[at + 1] < number) {
        at++;
    }
    *line = number - input->before[at];
    return shown(input->paths[at]);
}
