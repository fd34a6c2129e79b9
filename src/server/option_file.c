#include "server/option_file.h"

#include <errno.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/utf8.h"

static bool blank(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\r';
}

static struct base_slice trim(struct base_slice text)
{
    while (text.size > 0 && blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

static struct base_slice without_comment(struct base_slice line)
{
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == '#' && (i == 0 || blank(line.data[i - 1]))) {
            return base_slice(line.data, i);
        }
    }
    return line;
}

static enum base_code take_line(struct base_slice line, unsigned number, server_option_pair pair,
                                void *state, struct base_error *error)
{
    line = trim(without_comment(line));
    if (line.size == 0) {
        return BASE_OK;
    }
    if (base_utf8_has_control(line) || !base_utf8_valid(line)) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the line holds bytes that are no text (UTF-8)");
    }
    const char *equals = memchr(line.data, '=', line.size);
    struct base_slice key =
        equals == NULL ? line : trim(base_slice(line.data, (size_t)(equals - line.data)));
    if (equals == NULL || key.size == 0) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the line is not `name = value`: \"%.*s\"", BASE_PRINT(line));
    }
    struct base_slice value = base_slice(equals + 1, line.size - (size_t)(equals + 1 - line.data));
    return pair(state, number, key, trim(value), error);
}

enum base_code server_option_file_text(const char *path, struct base_slice text,
                                       server_option_pair pair, void *state,
                                       struct base_error *error)
{
    unsigned number = 1;
    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end == NULL ? text.size : (size_t)(end - text.data);
        enum base_code code = take_line(base_slice(text.data, size), number, pair, state, error);
        if (code != BASE_OK) {
            base_error_prefix(error, "%s:%u", path, number);
            return BASE_FAILED_PRECONDITION;
        }
        size_t taken = end == NULL ? size : size + 1;
        text.data += taken;
        text.size -= taken;
        number++;
    }
    return BASE_OK;
}

enum base_code server_option_file(const char *path, server_option_pair pair, void *state,
                                  struct base_error *error)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be opened: %s", path,
                         strerror(errno));
    }
    enum base_code code = BASE_OK;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    char piece[4096];
    size_t got;
    while ((got = fread(piece, 1, sizeof piece, file)) > 0 && text.size <= SERVER_FILE_MOST) {
        base_buffer_append(&text, piece, got);
    }
    if (ferror(file)) {
        code = base_fail(error, BASE_FAILED_PRECONDITION, "%s: cannot be read: %s", path,
                         strerror(errno));
    } else if (text.failed || text.size > SERVER_FILE_MOST) {
        code = base_fail(error, BASE_FAILED_PRECONDITION,
                         "%s: has more than %d bytes; is it a configuration file?", path,
                         SERVER_FILE_MOST);
    } else {
        code = server_option_file_text(path, base_buffer_slice(&text), pair, state, error);
    }
    base_buffer_fini(&text);
    fclose(file);
    return code;
}
