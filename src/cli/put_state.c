#include "cli/put_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"

enum { PATH_ROOM = 4096 };

/* Standard input has neither size nor time: whoever resumes gives the same lines again. */
static uint64_t hash_inputs(char *const *inputs, size_t count)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < count; i++) {
        struct stat info;
        int64_t facts[3] = {0};
        if (strcmp(inputs[i], "-") != 0 && stat(inputs[i], &info) == 0) {
            facts[0] = info.st_size;
            facts[1] = info.st_mtim.tv_sec;
            facts[2] = info.st_mtim.tv_nsec;
        }
        hash = base_hash64_seed(base_slice_text(inputs[i]), hash);
        hash = base_hash64_seed(base_slice((const char *)facts, sizeof facts), hash);
    }
    return hash;
}

static enum base_code begin(struct cli_put_state *state, struct base_error *error)
{
    unsigned char bytes[CLI_PUT_RUN / 2];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes) {
        return base_fail(error, BASE_INTERNAL, "no random numbers: %s", strerror(errno));
    }
    for (size_t i = 0; i < sizeof bytes; i++) {
        snprintf(state->run + 2 * i, 3, "%02x", bytes[i]);
    }
    return cli_put_state_save(state, error);
}

enum base_code cli_put_state_open(struct cli_put_state *state, const char *path,
                                  char *const *inputs, size_t count, struct base_error *error)
{
    *state = (struct cli_put_state){.path = path, .files = hash_inputs(inputs, count)};
    FILE *file = fopen(path, "r");
    if (file == NULL && errno == ENOENT) {
        return begin(state, error);
    }
    if (file == NULL) {
        return base_fail(error, BASE_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    uint64_t files = 0;
    int end = 0;
    int got = fscanf(file, "hirsch put 1\nrun %32[0-9a-f]\nfiles %" SCNx64 "\nline %" SCNu64 "%n",
                     state->run, &files, &state->line, &end);
    fclose(file);
    if (got != 3 || end == 0 || strlen(state->run) != CLI_PUT_RUN) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: not a file that --resume has written; name another one", path);
    }
    if (files != state->files) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%s: belongs to other files, or they have changed since; name another one "
                         "to begin anew",
                         path);
    }
    return BASE_OK;
}

enum base_code cli_put_state_save(const struct cli_put_state *state, struct base_error *error)
{
    char fresh[PATH_ROOM];
    int length = snprintf(fresh, sizeof fresh, "%s.new", state->path);
    FILE *file = length < (int)sizeof fresh ? fopen(fresh, "w") : NULL;
    bool good =
        file != NULL && fprintf(file, "hirsch put 1\nrun %s\nfiles %" PRIx64 "\nline %" PRIu64 "\n",
                                state->run, state->files, state->line) > 0;
    if (file != NULL && fclose(file) != 0) {
        good = false;
    }
    if (!good || rename(fresh, state->path) != 0) {
        return base_fail(error, BASE_UNAVAILABLE, "%s: cannot be written: %s", state->path,
                         strerror(errno));
    }
    return BASE_OK;
}

void cli_put_state_remove(const struct cli_put_state *state)
{
    unlink(state->path);
}
