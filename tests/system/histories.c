/* Random histories of puts and deletes through the writer, each on a store of its own: in the end
 * the source records are those that are to stand, and everything else is what verify derives from
 * them. A history that fails is made smaller and printed. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/parse.h"
#include "history_run.h"

enum { CHILD_S = 60, SMALLER_TRIES = 600 };

static char folder[64];

static void compare_infos(const struct store_info *live, const struct store_info *fresh)
{
    const struct {
        const char *name;
        uint64_t live;
        uint64_t fresh;
    } counts[] = {
        {"coverage end", live->coverage_end, fresh->coverage_end},
        {"papers", live->paper_count, fresh->paper_count},
        {"stubs", live->stub_count, fresh->stub_count},
        {"authors", live->author_count, fresh->author_count},
        {"citations", live->citation_count, fresh->citation_count},
        {"source records", live->source_count, fresh->source_count},
        {"merged", live->merged_count, fresh->merged_count},
        {"disputed", live->disputed_count, fresh->disputed_count},
    };
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        if (counts[i].live != counts[i].fresh) {
            fprintf(stderr, "%s: %llu, a fresh store has %llu\n", counts[i].name,
                    (unsigned long long)counts[i].live, (unsigned long long)counts[i].fresh);
            exit(1);
        }
    }
}

static void run_history(const struct history *history)
{
    struct history_run run = {.folder = folder, .history = history, .rows = history_rows_new()};
    struct store_info live;
    struct store_info fresh;
    history_run_load(&run);
    history_run_open(&run);
    history_run_write(&run, history->loaded, history->count);
    history_run_check(&run, &live);
    history_run_close(&run);
    history_run_verify(folder);
    history_run_remove(folder);
    run.sequence = 0;
    history_run_build_rows(&run);
    history_run_open(&run);
    history_run_check(&run, &fresh);
    history_run_close(&run);
    compare_infos(&live, &fresh);
    history_run_remove(folder);
    history_rows_free(run.rows);
}

static bool passes(const struct history *history, bool quiet)
{
    history_run_remove(folder);
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        history_die("fork", NULL);
    }
    if (child == 0) {
        alarm(CHILD_S);
        if (quiet && freopen("/dev/null", "w", stderr) == NULL) {
            _exit(2);
        }
        run_history(history);
        exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (!quiet && WIFSIGNALED(status)) {
        fprintf(stderr, "ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* Leaves out item after item as long as it still fails. */
static void make_smaller(struct history *history)
{
    int tries = 0;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = history->count; i-- > 0;) {
            struct history_request *request = &history->requests[i];
            for (size_t j = 0; j < request->count && tries < SMALLER_TRIES; j++) {
                if (request->items[j].dropped) {
                    continue;
                }
                tries++;
                request->items[j].dropped = true;
                if (passes(history, true)) {
                    request->items[j].dropped = false;
                } else {
                    again = true;
                }
            }
        }
    }
}

static void print(const struct history *history)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    history_print(history, &text);
    printf("%.*s", (int)text.size, text.data);
    base_buffer_fini(&text);
}

int main(int argc, char **argv)
{
    uint64_t histories = 0;
    uint64_t seed = 0;
    if (argc != 4 || !base_parse_u64(base_slice_text(argv[2]), UINT64_MAX, &histories) ||
        !base_parse_u64(base_slice_text(argv[3]), UINT64_MAX, &seed)) {
        fprintf(stderr, "usage: histories FOLDER HISTORIES SEED\n");
        return 64;
    }
    snprintf(folder, sizeof folder, "%.40s/histories-XXXXXX", argv[1]);
    if (mkdtemp(folder) == NULL) {
        history_die("cannot make a folder", NULL);
    }
    int status = 0;
    uint64_t items = 0;
    for (uint64_t i = 0; i < histories && status == 0; i++) {
        struct history history;
        history_make(&history, seed + i);
        if (!passes(&history, false)) {
            printf("history with seed %llu failed; what is left of it when it is made smaller:\n",
                   (unsigned long long)(seed + i));
            make_smaller(&history);
            passes(&history, false);
            print(&history);
            status = 1;
        }
        for (size_t j = 0; j < history.count; j++) {
            items += history.requests[j].count;
        }
        history_fini(&history);
    }
    if (status == 0) {
        printf("%llu histories of %llu puts and deletes from seed %llu\n",
               (unsigned long long)histories, (unsigned long long)items, (unsigned long long)seed);
    }
    history_run_remove(folder);
    rmdir(folder);
    return status;
}
