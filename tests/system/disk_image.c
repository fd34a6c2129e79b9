#include "disk_image.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/record_writes.h"

enum { OBJECTS = 256, CHANGES = 1024, PENDING = 65536, NAME = 256 };

/* Not yet known to be on disk: bytes at an offset, or a new size. */
struct pending {
    const char *bytes; /* NULL: truncation to offset */
    uint64_t offset;
    uint64_t size;
};

/* A name that comes (object >= 0) or goes. */
struct change {
    char name[NAME];
    char from[NAME]; /* renamed; "" otherwise */
    int object;
};

/* A file or a folder. */
struct object {
    bool is_folder;
    char *bytes; /* of a file: what is on disk */
    uint64_t size;
    uint64_t capacity;
    struct pending *pending;
    size_t pending_count;
    struct change *changes; /* of a folder, in order */
    size_t change_count;
    size_t synced; /* so many of them are on disk */
};

struct disk {
    char *trace;
    size_t trace_size;
    size_t at; /* of the next event */
    size_t done;
    size_t count;
    uint64_t mark;
    char last[NAME + 64];
    struct object objects[OBJECTS]; /* 0 is the folder itself */
    int object_count;
};

static _Noreturn void die(const char *what)
{
    fprintf(stderr, "disk image: %s\n", what);
    exit(2);
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) {
        die("out of memory");
    }
    return memory;
}

static int add_object(struct disk *disk, bool is_folder)
{
    if (disk->object_count == OBJECTS) {
        die("too many files");
    }
    struct object *object = &disk->objects[disk->object_count];
    object->is_folder = is_folder;
    if (is_folder) {
        object->changes = room(CHANGES, sizeof *object->changes);
    } else {
        object->pending = room(PENDING, sizeof *object->pending);
    }
    return disk->object_count++;
}

static struct record_event event_at(const struct disk *disk, size_t at, size_t *next)
{
    struct record_event event;
    if (at + sizeof event > disk->trace_size) {
        die("the record is cut");
    }
    memcpy(&event, disk->trace + at, sizeof event);
    bool with_bytes =
        event.kind == RECORD_WRITE || event.kind == RECORD_RENAME || event.kind == RECORD_MARK;
    *next = at + sizeof event + event.path_size + (with_bytes ? event.size : 0);
    if (*next > disk->trace_size || event.path_size >= NAME) {
        die("the record is cut");
    }
    return event;
}

struct disk *disk_load(const char *path)
{
    struct disk *disk = room(1, sizeof *disk);
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &info) != 0) {
        die("the record cannot be opened");
    }
    disk->trace_size = (size_t)info.st_size;
    disk->trace = room(1, disk->trace_size + 1);
    for (size_t got = 0; got < disk->trace_size;) {
        ssize_t size = read(file, disk->trace + got, disk->trace_size - got);
        if (size <= 0) {
            die("the record cannot be read");
        }
        got += (size_t)size;
    }
    close(file);
    for (size_t at = 0; at < disk->trace_size; disk->count++) {
        event_at(disk, at, &at);
    }
    add_object(disk, true);
    return disk;
}

void disk_free(struct disk *disk)
{
    for (int i = 0; i < disk->object_count; i++) {
        free(disk->objects[i].bytes);
        free(disk->objects[i].pending);
        free(disk->objects[i].changes);
    }
    free(disk->trace);
    free(disk);
}

size_t disk_events(const struct disk *disk)
{
    return disk->count;
}

uint64_t disk_mark(const struct disk *disk)
{
    return disk->mark;
}

const char *disk_last(const struct disk *disk)
{
    return disk->last;
}

/* What a folder holds under the name after its first `changes` changes; -1: nothing. */
static int look_up(const struct object *folder, size_t changes, const char *name)
{
    int found = -1;
    for (size_t i = 0; i < changes; i++) {
        const struct change *change = &folder->changes[i];
        if (strcmp(change->name, name) == 0) {
            found = change->object;
        } else if (strcmp(change->from, name) == 0) {
            found = -1;
        }
    }
    return found;
}

/* The folder that a path leads to, and its last part. */
static struct object *resolve(struct disk *disk, const char *path, const char **last)
{
    int at = 0;
    for (;;) {
        struct object *folder = &disk->objects[at];
        const char *slash = strchr(path, '/');
        if (slash == NULL) {
            *last = path;
            return folder;
        }
        char name[NAME];
        snprintf(name, sizeof name, "%.*s", (int)(slash - path), path);
        at = look_up(folder, folder->change_count, name);
        if (at < 0 || !disk->objects[at].is_folder) {
            die("a path leads nowhere");
        }
        path = slash + 1;
    }
}

static struct object *find(struct disk *disk, const char *path)
{
    if (path[0] == '\0') {
        return &disk->objects[0];
    }
    const char *last;
    struct object *folder = resolve(disk, path, &last);
    int at = look_up(folder, folder->change_count, last);
    return at < 0 ? NULL : &disk->objects[at];
}

static void change_name(struct disk *disk, const char *path, const char *from, int object)
{
    const char *last;
    struct object *folder = resolve(disk, path, &last);
    if (folder->change_count == CHANGES) {
        die("too many changes of a folder");
    }
    struct change *change = &folder->changes[folder->change_count++];
    snprintf(change->name, sizeof change->name, "%s", last);
    snprintf(change->from, sizeof change->from, "%s", from);
    change->object = object;
}

static void rename_file(struct disk *disk, const char *path, const char *to)
{
    const char *last;
    const char *to_last;
    struct object *folder = resolve(disk, path, &last);
    if (resolve(disk, to, &to_last) != folder) {
        die("renaming from folder to folder is not known here");
    }
    change_name(disk, to, last, look_up(folder, folder->change_count, last));
}

static void set_size(char **bytes, uint64_t *size, uint64_t *capacity, uint64_t wanted)
{
    if (wanted > *capacity) {
        uint64_t more = wanted * 2;
        *bytes = realloc(*bytes, more);
        if (*bytes == NULL) {
            die("out of memory");
        }
        *capacity = more;
    }
    if (wanted > *size) {
        memset(*bytes + *size, 0, wanted - *size);
    }
    *size = wanted;
}

static void apply(char **bytes, uint64_t *size, uint64_t *capacity, const struct pending *write)
{
    if (write->bytes == NULL) {
        set_size(bytes, size, capacity, write->offset);
        return;
    }
    uint64_t end = write->offset + write->size;
    set_size(bytes, size, capacity, end > *size ? end : *size);
    memcpy(*bytes + write->offset, write->bytes, write->size);
}

/* Everything, or what lies within a range, is on disk now. */
static void sync_file(struct object *file, uint64_t from, uint64_t to)
{
    size_t kept = 0;
    for (size_t i = 0; i < file->pending_count; i++) {
        struct pending write = file->pending[i];
        bool within = to == UINT64_MAX || (write.bytes != NULL && write.offset >= from &&
                                           write.offset + write.size <= to);
        if (within) {
            apply(&file->bytes, &file->size, &file->capacity, &write);
        } else {
            file->pending[kept++] = write;
        }
    }
    file->pending_count = kept;
}

static void step(struct disk *disk)
{
    char path[NAME];
    char bytes[NAME];
    size_t next;
    struct record_event event = event_at(disk, disk->at, &next);
    const char *body = disk->trace + disk->at + sizeof event + event.path_size;
    snprintf(path, sizeof path, "%.*s", (int)event.path_size,
             disk->trace + disk->at + sizeof event);
    snprintf(disk->last, sizeof disk->last, "event %zu, kind %u, %s, %llu bytes at %llu",
             disk->done, event.kind, path, (unsigned long long)event.size,
             (unsigned long long)event.offset);
    struct object *object = event.kind == RECORD_MARK ? NULL : find(disk, path);
    switch ((enum record_kind)event.kind) {
    case RECORD_CREATE:
    case RECORD_MKDIR:
        change_name(disk, path, "", add_object(disk, event.kind == RECORD_MKDIR));
        break;
    case RECORD_UNLINK:
        change_name(disk, path, "", -1);
        break;
    case RECORD_RENAME:
        snprintf(bytes, sizeof bytes, "%.*s", (int)event.size, body);
        rename_file(disk, path, bytes);
        break;
    case RECORD_WRITE:
    case RECORD_TRUNCATE:
        if (object == NULL || object->is_folder || object->pending_count == PENDING) {
            die("a write without a file");
        }
        object->pending[object->pending_count++] =
            (struct pending){event.kind == RECORD_WRITE ? body : NULL, event.offset, event.size};
        break;
    case RECORD_SYNC:
        if (object != NULL && object->is_folder) {
            object->synced = object->change_count;
        } else if (object != NULL) {
            sync_file(object, 0, UINT64_MAX);
        }
        break;
    case RECORD_SYNC_RANGE:
        if (object != NULL) {
            sync_file(object, event.offset, event.offset + event.size);
        }
        break;
    case RECORD_MARK:
        snprintf(bytes, sizeof bytes, "%.*s", event.size < 32 ? (int)event.size : 32, body);
        uint64_t mark = strtoull(bytes, NULL, 10);
        disk->mark = mark > disk->mark ? mark : disk->mark;
        break;
    default:
        die("an event that is not known");
    }
    disk->at = next;
    disk->done++;
}

void disk_advance(struct disk *disk, size_t cut)
{
    while (disk->done < cut && disk->done < disk->count) {
        step(disk);
    }
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15U;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9U;
    z = (z ^ z >> 27) * 0x94d049bb133111ebU;
    return z ^ z >> 31;
}

/* How what was not synced fares: in each image another mixture. */
struct fate {
    uint64_t *random;
    size_t unit;
    unsigned write_percent; /* writes of which anything is there */
    unsigned unit_percent;  /* and of those, units */
    bool in_order;          /* nothing behind the first write that is missing */
    bool grown;             /* the size is that after all writes, zeros where nothing came */
};

static bool chance(const struct fate *fate, unsigned percent)
{
    return next_random(fate->random) % 100 < percent;
}

/* The units of one write that are there. */
static void apply_torn(const struct fate *fate, char **bytes, uint64_t *size, uint64_t *capacity,
                       const struct pending *write)
{
    uint64_t end = write->offset + write->size;
    for (uint64_t from = write->offset; from < end;) {
        uint64_t to = from - from % fate->unit + fate->unit;
        to = to < end ? to : end;
        if (chance(fate, fate->unit_percent)) {
            struct pending part = {write->bytes + (from - write->offset), from, to - from};
            apply(bytes, size, capacity, &part);
        }
        from = to;
    }
}

static void write_file(const struct fate *fate, const struct object *file, const char *path)
{
    uint64_t size = file->size;
    uint64_t capacity = file->size + 1;
    char *bytes = room(1, capacity);
    if (file->size > 0) {
        memcpy(bytes, file->bytes, file->size);
    }
    uint64_t last = size;
    bool lost = false;
    for (size_t i = 0; i < file->pending_count; i++) {
        const struct pending *write = &file->pending[i];
        uint64_t end = write->offset + (write->bytes == NULL ? 0 : write->size);
        last = write->bytes == NULL || end > last ? end : last;
        if (!chance(fate, fate->write_percent)) {
            lost = true;
        }
        if (lost) {
            lost = fate->in_order;
            continue;
        }
        if (write->bytes == NULL) {
            apply(&bytes, &size, &capacity, write);
        } else {
            apply_torn(fate, &bytes, &size, &capacity, write);
        }
    }
    if (fate->grown && last > size) {
        set_size(&bytes, &size, &capacity, last);
    }
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (fd < 0 || write(fd, bytes, size) != (ssize_t)size) {
        die("an image cannot be written");
    }
    close(fd);
    free(bytes);
}

static void write_folder(const struct disk *disk, const struct fate *fate,
                         const struct object *folder, const char *path)
{
    size_t open_changes = folder->change_count - folder->synced;
    size_t changes = folder->synced + (size_t)(next_random(fate->random) % (open_changes + 1));
    if (mkdir(path, 0700) != 0) {
        die("an image cannot be made");
    }
    for (size_t i = 0; i < changes; i++) {
        const char *name = folder->changes[i].name;
        bool named_later = false;
        for (size_t j = i + 1; j < changes; j++) {
            named_later = named_later || strcmp(folder->changes[j].name, name) == 0;
        }
        int object = look_up(folder, changes, name);
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, name);
        if (named_later || object < 0) {
            continue;
        }
        if (disk->objects[object].is_folder) {
            write_folder(disk, fate, &disk->objects[object], below);
        } else {
            write_file(fate, &disk->objects[object], below);
        }
    }
}

void disk_make(const struct disk *disk, size_t unit, uint64_t seed, const char *folder)
{
    static const unsigned percents[] = {0, 20, 50, 80, 95, 100};
    uint64_t state = seed;
    struct fate fate = {.random = &state, .unit = unit};
    fate.write_percent = percents[next_random(&state) % 6];
    fate.unit_percent = percents[1 + next_random(&state) % 5];
    fate.in_order = next_random(&state) % 4 == 0;
    fate.grown = next_random(&state) % 2 == 0;
    write_folder(disk, &fate, &disk->objects[0], folder);
}
