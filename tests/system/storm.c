/* Many threads that call one daemon through libhirsch without a pause, told from outside what to
 * wait for: storm ENDPOINTS THREADS TIMEOUT_MS IDS-FILE. Lines on standard input:
 *
 *     wait ok N        answers "done" when N more calls were answered, "late" after 240 s
 *     wait failed N    the same for calls that ended in an error
 *
 * At the end of the input it stops and prints one JSON object. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hirsch/client.h"

enum { IDS_MOST = 20000, THREADS_MOST = 64, WAIT_MOST_MS = 240000, BEAT_US = 5000 };

static struct {
    hirsch_client *client;
    uint32_t timeout_ms;
    char *ids[IDS_MOST];
    size_t id_count;
    atomic_bool stop;
    atomic_ulong ok;
    atomic_ulong failed;
    atomic_ulong wrong;   /* another author than asked for, or an error that makes no sense */
    atomic_ulong slowest; /* microseconds over all calls, while this process ran */
    char first_wrong[256];
    pthread_mutex_t mutex;
} storm = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static unsigned long now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned long)now.tv_sec * 1000000 + (unsigned long)now.tv_nsec / 1000;
}

/* A machine that has other things to do lets this process stand, and so does SIGSTOP: a thread that
 * only wakes up again and again measures for how long. */
static struct {
    pthread_mutex_t mutex;
    unsigned long lag_us; /* how much later than wanted it woke, in all */
    unsigned long due_us; /* when it wants to wake next */
} pulse = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static unsigned long lag_us(unsigned long at_us)
{
    pthread_mutex_lock(&pulse.mutex);
    unsigned long lag = pulse.lag_us + (at_us > pulse.due_us ? at_us - pulse.due_us : 0);
    pthread_mutex_unlock(&pulse.mutex);
    return lag;
}

static void *beat(void *unused)
{
    const struct timespec moment = {0, BEAT_US * 1000};
    while (!atomic_load(&storm.stop)) {
        nanosleep(&moment, NULL);
        pthread_mutex_lock(&pulse.mutex);
        unsigned long woken_us = now_us();
        pulse.lag_us += woken_us > pulse.due_us ? woken_us - pulse.due_us : 0;
        pulse.due_us = woken_us + BEAT_US;
        pthread_mutex_unlock(&pulse.mutex);
    }
    return unused;
}

static void note_wrong(const char *asked, const char *answered)
{
    atomic_fetch_add(&storm.wrong, 1);
    pthread_mutex_lock(&storm.mutex);
    if (storm.first_wrong[0] == '\0') {
        snprintf(storm.first_wrong, sizeof storm.first_wrong, "%s: %s", asked, answered);
    }
    pthread_mutex_unlock(&storm.mutex);
}

static void one_call(const char *id)
{
    const struct hirsch_author *author = NULL;
    hirsch_error *error = NULL;
    unsigned long begin = now_us();
    unsigned long stood = lag_us(begin);
    enum hirsch_code code = hirsch_get_author(storm.client, id, NULL, &author, &error);
    unsigned long end = now_us();
    stood = lag_us(end) - stood;
    unsigned long took = end - begin > stood ? end - begin - stood : 0;
    unsigned long slowest = atomic_load(&storm.slowest);
    while (took > slowest && !atomic_compare_exchange_weak(&storm.slowest, &slowest, took)) {
    }
    if (code == HIRSCH_OK) {
        if (strcmp(author->id, id) != 0) {
            note_wrong(id, author->id);
        }
        atomic_fetch_add(&storm.ok, 1);
    } else {
        if (code != HIRSCH_UNAVAILABLE && code != HIRSCH_DEADLINE_EXCEEDED) {
            note_wrong(id, error->text);
        }
        atomic_fetch_add(&storm.failed, 1);
    }
    hirsch_free(author);
    hirsch_free(error);
}

static void *run(void *context)
{
    size_t at = *(size_t *)context * 7919;
    while (!atomic_load(&storm.stop)) {
        one_call(storm.ids[at++ % storm.id_count]);
    }
    return NULL;
}

static int read_ids(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[512];
    if (file == NULL) {
        return -1;
    }
    while (storm.id_count < IDS_MOST && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        storm.ids[storm.id_count++] = strdup(line);
    }
    fclose(file);
    return storm.id_count > 0 ? 0 : -1;
}

/* A wait for an event with a deadline. */
static const char *wait_for(atomic_ulong *counter, unsigned long more)
{
    unsigned long target = atomic_load(counter) + more;
    unsigned long end = now_us() + WAIT_MOST_MS * 1000UL;
    const struct timespec moment = {0, 1000000};
    while (atomic_load(counter) < target) {
        if (now_us() > end) {
            return "late";
        }
        nanosleep(&moment, NULL);
    }
    return "done";
}

static void obey(void)
{
    char line[128];
    char kind[16];
    unsigned long more;
    while (fgets(line, sizeof line, stdin) != NULL) {
        if (sscanf(line, "wait %15s %lu", kind, &more) != 2) {
            printf("unknown\n");
        } else {
            printf("%s\n", wait_for(strcmp(kind, "ok") == 0 ? &storm.ok : &storm.failed, more));
        }
        fflush(stdout);
    }
}

int main(int argc, char **argv)
{
    if (argc != 5 || read_ids(argv[4]) != 0) {
        fprintf(stderr, "usage: storm ENDPOINTS THREADS TIMEOUT_MS IDS-FILE\n");
        return 64;
    }
    size_t threads = strtoul(argv[2], NULL, 10);
    threads = threads < THREADS_MOST ? threads : THREADS_MOST;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = argv[1];
    options.timeout_ms = (uint32_t)strtoul(argv[3], NULL, 10);
    hirsch_error *error = NULL;
    if (hirsch_open(&options, &storm.client, &error) != HIRSCH_OK) {
        fprintf(stderr, "%s\n", error->text);
        return 1;
    }
    pthread_t pulse_handle;
    pulse.due_us = now_us() + BEAT_US;
    if (pthread_create(&pulse_handle, NULL, beat, NULL) != 0) {
        return 1;
    }
    pthread_t handles[THREADS_MOST];
    size_t numbers[THREADS_MOST];
    for (size_t i = 0; i < threads; i++) {
        numbers[i] = i;
        if (pthread_create(&handles[i], NULL, run, &numbers[i]) != 0) {
            return 1;
        }
    }
    obey();
    atomic_store(&storm.stop, true);
    for (size_t i = 0; i < threads; i++) {
        pthread_join(handles[i], NULL);
    }
    pthread_join(pulse_handle, NULL);
    hirsch_close(storm.client);
    printf("{\"ok\":%lu,\"failed\":%lu,\"wrong\":%lu,\"slowestUs\":%lu,\"firstWrong\":\"%s\"}\n",
           atomic_load(&storm.ok), atomic_load(&storm.failed), atomic_load(&storm.wrong),
           atomic_load(&storm.slowest), storm.first_wrong);
    for (size_t i = 0; i < storm.id_count; i++) {
        free(storm.ids[i]);
    }
    return 0;
}
