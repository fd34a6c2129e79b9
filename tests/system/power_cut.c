/* Power cuts: a history is run with every write and sync of its store recorded; then folders are
 * made as a disk may hold them at any moment of it. Each opens, verifies, and holds what was
 * acknowledged before, and nothing that was never sent. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parse.h"
#include "disk_image.h"
#include "history_run.h"
#include "store/lock.h"
#include "support/record_writes.h"

enum { IMAGES_A_TRACE = 125, CHILD_S = 60 };

/* --- the history that is recorded: a bulk load, writes, another bulk load, writes --- */

static int marks = -1;

static void mark(uint64_t sequence)
{
    char text[32];
    int size = snprintf(text, sizeof text, "%llu\n", (unsigned long long)sequence);
    if (write(marks, text, (size_t)size) != size) {
        history_die("cannot mark", NULL);
    }
}

static void run_all(struct history_run *run)
{
    const struct history *history = run->history;
    size_t half = history->loaded + (history->count - history->loaded) / 2;
    history_run_load(run);
    history_run_open(run);
    history_run_write(run, history->loaded, half);
    history_run_close(run);
    history_run_load(run);
    history_run_open(run);
    history_run_write(run, half, history->count);
    history_run_close(run);
}

static int record(const char *folder, uint64_t seed)
{
    char path[256];
    struct history history;
    struct history_run run = {
        .folder = folder, .history = &history, .rows = history_rows_new(), .acknowledged = mark};
    struct store_lock *lock;
    struct base_error error;
    /* Makes the folder, as the programs do. */
    if (store_lock_take(folder, "test", &lock, &error) != BASE_OK) {
        history_die("lock", &error);
    }
    snprintf(path, sizeof path, "%s/marks", folder);
    marks = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (marks < 0) {
        history_die("cannot open the file of marks", NULL);
    }
    history_make(&history, seed);
    run_all(&run);
    history_fini(&history);
    history_rows_free(run.rows);
    close(marks);
    store_lock_release(lock);
    return 0;
}

/* --- images --- */

/* Over the second bulk load too. */
static bool is_repeated(const struct history *history, size_t index)
{
    unsigned key = history->requests[index].key;
    for (size_t i = history->loaded; key != 0 && i < index; i++) {
        if (history->requests[i].key == key) {
            return true;
        }
    }
    return false;
}

static void apply_request(struct history_run *run, const struct history_request *request)
{
    bool changed = false;
    for (size_t i = 0; i < request->count; i++) {
        enum store_outcome outcome = history_rows_apply(run->rows, &request->items[i]);
        changed |= outcome == STORE_OUTCOME_STORED || outcome == STORE_OUTCOME_DELETED;
    }
    run->sequence += changed ? 1 : 0;
}

static void apply_load(struct history_run *run)
{
    for (size_t i = 0; i < run->history->loaded; i++) {
        const struct history_request *request = &run->history->requests[i];
        for (size_t j = 0; j < request->count; j++) {
            history_rows_apply(run->rows, &request->items[j]);
        }
    }
    run->sequence++;
}

/* The rows as they stood at that sequence. */
static void replay(struct history_run *run, uint64_t sequence)
{
    const struct history *history = run->history;
    size_t half = history->loaded + (history->count - history->loaded) / 2;
    apply_load(run);
    for (size_t i = history->loaded; i <= history->count && run->sequence < sequence; i++) {
        if (i == half) {
            apply_load(run);
        }
        if (run->sequence < sequence && i < history->count && !is_repeated(history, i)) {
            apply_request(run, &history->requests[i]);
        }
    }
}

static void check_image(const char *folder, const struct history *history, uint64_t acknowledged)
{
    struct history_run run = {.folder = folder, .history = history, .rows = history_rows_new()};
    struct store_info info;
    struct store_reader *reader;
    struct base_error error;
    struct store *store;
    enum base_code code = store_open(folder, 0, &store, &error);
    if (code == BASE_NOT_FOUND && acknowledged == 0) {
        return; /* the first bulk load was not finished */
    }
    if (code != BASE_OK || store_reader_new(store, &reader, &error) != BASE_OK ||
        store_read_info(reader, &info, &error) != BASE_OK) {
        history_die("open", &error);
    }
    store_reader_free(reader);
    store_close(store);
    if (info.sequence < acknowledged) {
        fprintf(stderr, "the store stands at %llu, %llu was acknowledged\n",
                (unsigned long long)info.sequence, (unsigned long long)acknowledged);
        exit(1);
    }
    history_run_verify(folder);
    replay(&run, info.sequence);
    history_run_open(&run);
    history_run_check(&run, &info);
    history_run_close(&run);
    history_rows_free(run.rows);
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

static bool finished_well(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool image_is_good(const struct disk *disk, const struct history *history, uint64_t seed,
                          const char *folder)
{
    char store[256];
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    disk_make(disk, seed % 2 == 0 ? 512 : 4096, seed, folder);
    snprintf(store, sizeof store, "%s/data", folder);
    if (access(store, F_OK) != 0) {
        return disk_mark(disk) == 0;
    }
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        alarm(CHILD_S);
        check_image(store, history, disk_mark(disk));
        exit(0);
    }
    return child > 0 && finished_well(child);
}

static bool run_recorded(const char *self, const char *recorder, const char *root,
                         const char *trace, uint64_t seed)
{
    char number[32];
    char data[256];
    snprintf(number, sizeof number, "%llu", (unsigned long long)seed);
    snprintf(data, sizeof data, "%s/data", root);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        setenv(RECORD_FILE, trace, 1);
        setenv(RECORD_ROOT, root, 1);
        setenv("LD_PRELOAD", recorder, 1);
        execl(self, self, "record", data, number, (char *)NULL);
        _exit(127);
    }
    return child > 0 && finished_well(child);
}

static int order(const void *a, const void *b)
{
    const size_t *left = a;
    const size_t *right = b;
    return (*left > *right) - (*left < *right);
}

static bool run_trace(const char *self, const char *recorder, const char *folder, uint64_t seed,
                      size_t images, size_t *events)
{
    char root[128];
    char trace[128];
    char image[128];
    size_t cuts[IMAGES_A_TRACE];
    struct history history;
    snprintf(root, sizeof root, "%s/root", folder);
    snprintf(trace, sizeof trace, "%s/trace", folder);
    snprintf(image, sizeof image, "%s/image", folder);
    nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    unlink(trace);
    if (mkdir(root, 0700) != 0 || !run_recorded(self, recorder, root, trace, seed)) {
        fprintf(stderr, "the history with seed %llu cannot be recorded\n",
                (unsigned long long)seed);
        return false;
    }
    struct disk *disk = disk_load(trace);
    history_make(&history, seed);
    *events += disk_events(disk);
    uint64_t state = seed;
    for (size_t i = 0; i < images; i++) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        cuts[i] = 1 + (size_t)(state >> 20) % disk_events(disk);
    }
    qsort(cuts, images, sizeof cuts[0], order);
    bool good = true;
    for (size_t i = 0; i < images && good; i++) {
        disk_advance(disk, cuts[i]);
        good = image_is_good(disk, &history, seed * 1000 + i, image);
        if (!good) {
            fprintf(stderr, "history %llu, image %zu, power cut at %s; acknowledged: %llu\n",
                    (unsigned long long)seed, i, disk_last(disk),
                    (unsigned long long)disk_mark(disk));
        }
    }
    history_fini(&history);
    disk_free(disk);
    return good;
}

static int usage(void)
{
    fprintf(stderr, "usage: power-cut RECORDER FOLDER IMAGES SEED\n");
    return 64;
}

int main(int argc, char **argv)
{
    uint64_t images = 0;
    uint64_t seed = 0;
    if (argc == 4 && strcmp(argv[1], "record") == 0) {
        return base_parse_u64(base_slice_text(argv[3]), UINT64_MAX, &seed) ? record(argv[2], seed)
                                                                           : usage();
    }
    if (argc != 5 || !base_parse_u64(base_slice_text(argv[3]), UINT64_MAX, &images) ||
        !base_parse_u64(base_slice_text(argv[4]), UINT32_MAX, &seed)) {
        return usage();
    }
    char folder[64];
    snprintf(folder, sizeof folder, "%.40s/power-cut-XXXXXX", argv[2]);
    if (mkdtemp(folder) == NULL) {
        history_die("cannot make a folder", NULL);
    }
    bool good = true;
    size_t events = 0;
    for (uint64_t made = 0; made < images && good; made += IMAGES_A_TRACE, seed++) {
        size_t now = images - made < IMAGES_A_TRACE ? (size_t)(images - made) : IMAGES_A_TRACE;
        good = run_trace("/proc/self/exe", argv[1], folder, seed, now, &events);
    }
    if (good) {
        printf("%llu images of %zu writes and syncs, up to seed %llu\n", (unsigned long long)images,
               events, (unsigned long long)seed - 1);
    }
    nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    return good ? 0 : 1;
}
