#include "server/output.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum base_code server_output_open(const char *path, struct server_output *output,
                                  struct base_error *error)
{
    *output = (struct server_output){.file = stdout, .path = path};
    if (path == NULL) {
        return BASE_OK;
    }
    size_t size = strlen(path) + sizeof ".part";
    output->part = malloc(size);
    if (output->part == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    snprintf(output->part, size, "%s.part", path);
    output->file = fopen(output->part, "wbe");
    if (output->file == NULL) {
        enum base_code code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot make %s: %s",
                                        output->part, strerror(errno));
        free(output->part);
        return code;
    }
    return BASE_OK;
}

static enum base_code failed(const struct server_output *output, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot write %s: %s",
                     output->path == NULL ? "to standard output" : output->part, strerror(errno));
}

enum base_code server_output_write(struct server_output *output, struct base_slice bytes,
                                   struct base_error *error)
{
    if (bytes.size > 0 && fwrite(bytes.data, 1, bytes.size, output->file) != bytes.size) {
        return failed(output, error);
    }
    return BASE_OK;
}

enum base_code server_output_close(struct server_output *output, bool keep,
                                   struct base_error *error)
{
    enum base_code code = fflush(output->file) == 0 ? BASE_OK : failed(output, error);
    if (output->path == NULL) {
        return code;
    }
    if (keep && code == BASE_OK && fsync(fileno(output->file)) != 0) {
        code = failed(output, error);
    }
    if (fclose(output->file) != 0 && keep && code == BASE_OK) {
        code = failed(output, error);
    }
    if (keep && code == BASE_OK && rename(output->part, output->path) != 0) {
        code = failed(output, error);
    }
    if (!keep || code != BASE_OK) {
        unlink(output->part);
    }
    free(output->part);
    return code;
}
