#include "server/follow.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "server/job.h"
#include "store/directory.h"

enum {
    /* How often to look without a watch: the kernel gives out a limited number of them. */
    LOOK_MS = 500,
    /* And with one, in case an event was lost. */
    LOOK_WATCHED_MS = 10000,
};

struct server_follow {
    const char *directory;
    char generation[STORE_PATH]; /* that is watched; "" when there is none */
    int watch;                   /* -1: there is none */
};

/* A commit ends with a write to the generation's file; a switch with a new CURRENT, which the watch
 * on the directory sees from before CURRENT is read here. */
static void watch(struct server_follow *follow)
{
    char file[STORE_PATH];
    if (follow->watch >= 0) {
        close(follow->watch);
    }
    follow->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    bool watched =
        follow->watch >= 0 && inotify_add_watch(follow->watch, follow->directory, IN_MOVED_TO) >= 0;
    if (store_directory_current(follow->directory, follow->generation, NULL) != BASE_OK) {
        follow->generation[0] = '\0';
    }
    watched = watched && follow->generation[0] != '\0' &&
              store_directory_path(follow->generation, "data.mdb", file, NULL) == BASE_OK &&
              inotify_add_watch(follow->watch, file, IN_MODIFY) >= 0;
    if (!watched && follow->watch >= 0) {
        close(follow->watch);
        follow->watch = -1;
    }
}

enum base_code server_follow_new(const char *directory, struct server_follow **follow,
                                 struct base_error *error)
{
    struct server_follow *made = malloc(sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    *made = (struct server_follow){.directory = directory, .watch = -1};
    watch(made);
    *follow = made;
    return BASE_OK;
}

void server_follow_free(struct server_follow *follow)
{
    if (follow != NULL) {
        if (follow->watch >= 0) {
            close(follow->watch);
        }
        free(follow);
    }
}

/* What the events say does not matter: that there were any does. */
static void drain(int watch)
{
    char events[4096];
    while (read(watch, events, sizeof events) > 0) {
    }
}

enum server_event server_follow_wait(struct server_follow *follow)
{
    char generation[STORE_PATH];
    struct pollfd waits[2] = {{.fd = STDOUT_FILENO}, {.fd = follow->watch, .events = POLLIN}};
    int look_ms = follow->watch >= 0 ? LOOK_WATCHED_MS : LOOK_MS;
    struct timespec look = {look_ms / 1000, look_ms % 1000 * 1000000L};
    sigset_t stops;
    sigset_t before;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    /* Between the look at the flag and the wait no signal may be lost. */
    pthread_sigmask(SIG_BLOCK, &stops, &before);
    if (!server_stop_requested) {
        ppoll(waits, 2, &look, &before);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (server_stop_requested) {
        return SERVER_STOPPED;
    }
    if ((waits[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0) {
        return SERVER_NO_READER;
    }
    if (follow->watch >= 0) {
        drain(follow->watch);
    }
    if (store_directory_current(follow->directory, generation, NULL) != BASE_OK ||
        strcmp(generation, follow->generation) == 0) {
        return SERVER_CHANGED;
    }
    watch(follow);
    return SERVER_REPLACED;
}
