#include "client/key.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { KEY_MOST = 4096 };

static const char scheme[] = "Bearer ";

static struct base_slice trim(struct base_slice text)
{
    while (text.size > 0 && memchr(" \t\r\n", text.data[0], 4) != NULL) {
        text = base_slice(text.data + 1, text.size - 1);
    }
    while (text.size > 0 && memchr(" \t\r\n", text.data[text.size - 1], 4) != NULL) {
        text.size--;
    }
    return text;
}

static enum base_code keep(struct base_slice key, const char *where, struct base_arena *arena,
                           const char **authorization, struct base_error *error)
{
    key = trim(key);
    bool good = key.size > 0 && key.size <= KEY_MOST;
    for (size_t i = 0; i < key.size && good; i++) {
        good = key.data[i] > ' ' && key.data[i] < 0x7f;
    }
    if (!good) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: holds no key: one word of ASCII, at most %d bytes, as hirschd key "
                         "create prints it",
                         where, KEY_MOST);
    }
    size_t head = sizeof scheme - 1;
    char *text = base_arena_alloc(arena, head + key.size + 1);
    if (text == NULL) {
        return base_fail(error, BASE_INTERNAL, "memory is out");
    }
    memcpy(text, scheme, head);
    memcpy(text + head, key.data, key.size);
    text[head + key.size] = '\0';
    *authorization = text;
    return BASE_OK;
}

static enum base_code from_file(const char *path, struct base_arena *arena,
                                const char **authorization, struct base_error *error)
{
    char text[KEY_MOST + 64];
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "key file %s: cannot be opened: %s", path,
                         strerror(errno));
    }
    size_t size = fread(text, 1, sizeof text, file);
    bool failed = ferror(file) != 0;
    fclose(file);
    if (failed) {
        return base_fail(error, BASE_INVALID_ARGUMENT, "key file %s: cannot be read", path);
    }
    char where[256];
    snprintf(where, sizeof where, "key file %s", path);
    return keep(base_slice(text, size), where, arena, authorization, error);
}

enum base_code client_key_read(const struct hirsch_options *options, const char *environment,
                               struct base_arena *arena, const char **authorization,
                               struct base_error *error)
{
    const char *key = NULL;
    const char *path = NULL;
    /* A caller that was compiled with an older header has a shorter struct. */
    if (options != NULL &&
        options->size >= offsetof(struct hirsch_options, key_file) + sizeof options->key_file) {
        key = options->key;
        path = options->key_file;
    }
    *authorization = NULL;
    if (key != NULL) {
        return keep(base_slice_text(key), "key", arena, authorization, error);
    }
    if (path != NULL) {
        return from_file(path, arena, authorization, error);
    }
    if (environment != NULL && environment[0] != '\0') {
        return keep(base_slice_text(environment), "HIRSCH_KEY", arena, authorization, error);
    }
    return BASE_OK;
}
