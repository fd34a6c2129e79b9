#include "ingest/source.h"

#include <errno.h>
#include <fcntl.h>
#include <isa-l/igzip_lib.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/compress.h"

enum { INPUT_SIZE = 256 * 1024, WAIT_MS = 200 };

enum source_kind { SOURCE_PLAIN, SOURCE_GZIP, SOURCE_ZSTD };

struct ingest_source {
    int fd;
    enum source_kind kind;
    bool regular;             /* a file: reading does not wait */
    const volatile int *stop; /* borrowed, may be NULL */
    bool ended;               /* the file has no more bytes */
    bool inside;              /* in the middle of a gzip member or a zstd frame */
    uint64_t taken;
    struct base_slice rest;                 /* of input, not used yet */
    struct inflate_state *inflate;          /* owned; SOURCE_GZIP */
    struct base_decompressor *decompressor; /* owned; SOURCE_ZSTD */
    char input[INPUT_SIZE];
};

static const struct base_slice gzip_magic = {"\x1f\x8b", 2};
static const struct base_slice zstd_magic = {"\x28\xb5\x2f\xfd", 4};

/* Pipes and terminals may stay silent for long, named ones without anybody who writes to them: then
 * the stop flag is looked at now and then. */
static enum base_code wait_for_input(struct ingest_source *source, struct base_error *error)
{
    struct pollfd wanted = {.fd = source->fd, .events = POLLIN};
    while (!source->regular) {
        if (source->stop != NULL && __atomic_load_n(source->stop, __ATOMIC_RELAXED) != 0) {
            return base_fail(error, BASE_CANCELLED, "interrupted");
        }
        if (poll(&wanted, 1, WAIT_MS) > 0) {
            break;
        }
    }
    return BASE_OK;
}

/* Reads more input behind what is left of it; sets ended at the end of the file. */
static enum base_code refill(struct ingest_source *source, struct base_error *error)
{
    if (source->rest.size > 0 && source->rest.data != source->input) {
        memmove(source->input, source->rest.data, source->rest.size);
    }
    source->rest.data = source->input;
    size_t used = source->rest.size;
    ssize_t size;
    do {
        enum base_code code = wait_for_input(source, error);
        if (code != BASE_OK) {
            return code;
        }
        size = read(source->fd, source->input + used, sizeof source->input - used);
    } while (size < 0 && (errno == EINTR || (errno == EAGAIN && !source->regular)));
    if (size < 0) {
        return base_fail(error, BASE_UNAVAILABLE, "cannot be read: %s", strerror(errno));
    }
    source->rest.size += (size_t)size;
    source->taken += (uint64_t)size;
    source->ended = size == 0;
    return BASE_OK;
}

/* A skippable frame may come first, as parallel compressors write them:
 * https://datatracker.ietf.org/doc/html/rfc8878#section-3.1.2 */
static bool is_zstd(struct base_slice text)
{
    return base_slice_starts(text, zstd_magic) ||
           (text.size >= 4 && ((uint8_t)text.data[0] & 0xf0) == 0x50 &&
            memcmp(text.data + 1, "\x2a\x4d\x18", 3) == 0);
}

static enum base_code start(struct ingest_source *source, struct base_error *error)
{
    while (!source->ended && source->rest.size < zstd_magic.size) {
        enum base_code code = refill(source, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    if (base_slice_starts(source->rest, gzip_magic)) {
        source->kind = SOURCE_GZIP;
        source->inflate = malloc(sizeof *source->inflate);
        if (source->inflate == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for gzip");
        }
        isal_inflate_init(source->inflate);
    } else if (is_zstd(source->rest)) {
        source->kind = SOURCE_ZSTD;
        source->decompressor = base_decompressor_new();
        if (source->decompressor == NULL) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for zstd");
        }
    }
    return BASE_OK;
}

enum base_code ingest_source_open(const char *path, const volatile int *stop,
                                  struct ingest_source **source, struct base_error *error)
{
    struct ingest_source *opened = malloc(sizeof *opened);
    if (opened == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for an input file");
    }
    memset(opened, 0, offsetof(struct ingest_source, input));
    bool standard = strcmp(path, "-") == 0;
    opened->fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    enum base_code code = BASE_OK;
    if (opened->fd < 0) {
        code = base_fail(error, BASE_NOT_FOUND, "cannot be opened: %s", strerror(errno));
    } else {
        struct stat info;
        opened->stop = stop;
        opened->regular = fstat(opened->fd, &info) == 0 && !S_ISFIFO(info.st_mode) &&
                          !S_ISCHR(info.st_mode) && !S_ISSOCK(info.st_mode);
        code = start(opened, error);
    }
    if (code != BASE_OK) {
        ingest_source_close(opened);
        return code;
    }
    *source = opened;
    return BASE_OK;
}

void ingest_source_close(struct ingest_source *source)
{
    if (source == NULL) {
        return;
    }
    if (source->fd > STDIN_FILENO) {
        close(source->fd);
    }
    free(source->inflate);
    base_decompressor_free(source->decompressor);
    free(source);
}

uint64_t ingest_source_taken(const struct ingest_source *source)
{
    return source->taken;
}

static enum base_code read_plain(struct ingest_source *source, char *to, size_t room, size_t *size)
{
    size_t given = source->rest.size < room ? source->rest.size : room;
    memcpy(to, source->rest.data, given);
    source->rest = base_slice(source->rest.data + given, source->rest.size - given);
    *size = given;
    return BASE_OK;
}

/* Behind a member: another one, or zeros as tapes leave them; gzip ignores those too. */
static enum base_code next_member(struct ingest_source *source, struct base_error *error)
{
    while (source->rest.size > 0 && source->rest.data[0] == '\0' && source->taken > 0) {
        source->rest = base_slice(source->rest.data + 1, source->rest.size - 1);
    }
    if (source->rest.size == 0) {
        return BASE_OK;
    }
    if (source->rest.data[0] != gzip_magic.data[0]) {
        return base_fail(error, BASE_DATA_LOSS, "something that is not gzip follows the gzip data");
    }
    isal_inflate_reset(source->inflate);
    source->inflate->crc_flag = ISAL_GZIP;
    source->inside = true;
    return BASE_OK;
}

static enum base_code read_gzip(struct ingest_source *source, char *to, size_t room, size_t *size,
                                struct base_error *error)
{
    if (!source->inside) {
        *size = 0;
        enum base_code code = next_member(source, error);
        if (code != BASE_OK || !source->inside) {
            return code;
        }
    }
    struct inflate_state *state = source->inflate;
    state->next_in = (uint8_t *)source->rest.data;
    state->avail_in = (uint32_t)source->rest.size;
    state->next_out = (uint8_t *)to;
    state->avail_out = room > UINT32_MAX ? UINT32_MAX : (uint32_t)room;
    uint32_t offered = state->avail_out;
    int result = isal_inflate(state);
    source->rest = base_slice((const char *)state->next_in, state->avail_in);
    *size = offered - state->avail_out;
    if (result < 0) {
        return base_fail(error, BASE_DATA_LOSS, "damaged gzip data: %s",
                         result == ISAL_INCORRECT_CHECKSUM ? "the checksum differs"
                         : result == ISAL_INVALID_WRAPPER  ? "the header is wrong"
                                                           : "not a deflate stream");
    }
    source->inside = state->block_state != ISAL_BLOCK_FINISH;
    return BASE_OK;
}

static enum base_code read_zstd(struct ingest_source *source, char *to, size_t room, size_t *size,
                                struct base_error *error)
{
    bool done = false;
    size_t before = source->rest.size;
    enum base_code code =
        base_decompress_some(source->decompressor, &source->rest, to, room, size, &done, error);
    if (code == BASE_OK && (source->rest.size < before || *size > 0)) {
        source->inside = !done;
    }
    return code;
}

enum base_code ingest_source_read(struct ingest_source *source, char *to, size_t room, size_t *size,
                                  struct base_error *error)
{
    for (;;) {
        enum base_code code = BASE_OK;
        size_t before = source->rest.size;
        size_t given = 0;
        switch (source->kind) {
        case SOURCE_PLAIN:
            code = read_plain(source, to, room, &given);
            break;
        case SOURCE_GZIP:
            code = read_gzip(source, to, room, &given, error);
            break;
        case SOURCE_ZSTD:
            code = read_zstd(source, to, room, &given, error);
            break;
        }
        if (code != BASE_OK || given > 0) {
            *size = code == BASE_OK ? given : 0;
            return code;
        }
        if (source->rest.size < before) {
            continue;
        }
        if (source->ended) {
            *size = 0;
            return source->inside
                       ? base_fail(error, BASE_DATA_LOSS, "the compressed data is cut off")
                       : BASE_OK;
        }
        code = refill(source, error);
        if (code != BASE_OK) {
            return code;
        }
    }
}
