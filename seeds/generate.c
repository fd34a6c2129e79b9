/* generate: writes a made corpus of any size in the native format. */
#include <errno.h>
#include <getopt.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/parse.h"
#include "fit.h"
#include "text.h"

enum {
    PART = 1024, /* lines made at a time */
    THREADS_MOST = 64,
    PARTS_AHEAD = 4, /* of each thread, beside the one that is written */
};

static const char usage[] =
    "usage: generate [OPTION...] > corpus.jsonl\n"
    "Writes authors and papers that nobody is and nobody wrote, in the native format, for tests "
    "and\n"
    "measurements. The same options give the same bytes. Every record says \"source\":\"made\".\n"
    "\n"
    "  --authors N       default 1000\n"
    "  --papers N        default: two for each author\n"
    "  --references X    mean length of a reference list; default 12\n"
    "  --affiliations N  mean number of an author's affiliations; default 2\n"
    "  --abstracts       with abstracts of 80 words\n"
    "  --seed N          default 1\n"
    "  --output FILE     default: standard output\n"
    "  --threads N       default: one a core\n"
    "  --fit             writes no corpus: measures it and prints its shape beside real ones\n";

struct options {
    uint64_t authors;
    uint64_t papers;
    double references;
    uint64_t seed;
    uint64_t threads;
    const char *output;
    bool fit;
    struct text_options text;
};

struct part {
    struct base_buffer text;
    uint64_t number;
    bool made;
};

/* Threads take the next part whose place in the ring is free; the main thread writes in order. */
struct work {
    const struct shape *shape;
    const struct text_options *options;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    struct part *ring;
    size_t ring_size;
    uint64_t parts;
    uint64_t next;    /* to be made */
    uint64_t written; /* parts */
    bool stop;
};

static void make_part(const struct work *work, uint64_t number, struct base_buffer *out)
{
    const struct shape *shape = work->shape;
    uint64_t lines = (uint64_t)shape->authors + shape->papers;
    uint64_t end = (number + 1) * PART < lines ? (number + 1) * PART : lines;
    base_buffer_clear(out);
    for (uint64_t line = number * PART; line < end; line++) {
        if (line < shape->authors) {
            text_author(shape, work->options, (uint32_t)line, out);
        } else {
            text_paper(shape, work->options, (uint32_t)(line - shape->authors), out);
        }
    }
}

static void *make_parts(void *argument)
{
    struct work *work = argument;
    pthread_mutex_lock(&work->mutex);
    for (;;) {
        while (!work->stop && work->next < work->parts &&
               work->next >= work->written + work->ring_size) {
            pthread_cond_wait(&work->changed, &work->mutex);
        }
        if (work->stop || work->next >= work->parts) {
            break;
        }
        uint64_t number = work->next++;
        struct part *part = &work->ring[number % work->ring_size];
        pthread_mutex_unlock(&work->mutex);
        make_part(work, number, &part->text);
        pthread_mutex_lock(&work->mutex);
        part->made = true;
        pthread_cond_broadcast(&work->changed);
    }
    pthread_mutex_unlock(&work->mutex);
    return NULL;
}

static bool write_parts(struct work *work, FILE *out)
{
    bool written = true;
    pthread_mutex_lock(&work->mutex);
    while (written && work->written < work->parts) {
        struct part *part = &work->ring[work->written % work->ring_size];
        while (!part->made) {
            pthread_cond_wait(&work->changed, &work->mutex);
        }
        pthread_mutex_unlock(&work->mutex);
        written = !part->text.failed &&
                  fwrite(part->text.data, 1, part->text.size, out) == part->text.size;
        pthread_mutex_lock(&work->mutex);
        part->made = false;
        work->written++;
        pthread_cond_broadcast(&work->changed);
    }
    work->stop = true;
    pthread_cond_broadcast(&work->changed);
    pthread_mutex_unlock(&work->mutex);
    return written;
}

static bool write_corpus(const struct shape *shape, const struct options *options, FILE *out)
{
    struct work work = {.shape = shape, .options = &options->text};
    pthread_t threads[THREADS_MOST];
    size_t started = 0;
    bool written = false;
    work.parts = ((uint64_t)shape->authors + shape->papers + PART - 1) / PART;
    work.ring_size = options->threads * (PARTS_AHEAD + 1);
    work.ring = calloc(work.ring_size, sizeof *work.ring);
    pthread_mutex_init(&work.mutex, NULL);
    pthread_cond_init(&work.changed, NULL);
    while (work.ring != NULL && started < options->threads &&
           pthread_create(&threads[started], NULL, make_parts, &work) == 0) {
        started++;
    }
    if (started > 0) {
        written = write_parts(&work, out);
    } else {
        errno = ENOMEM;
    }
    int number = errno;
    for (size_t i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
    }
    for (size_t i = 0; work.ring != NULL && i < work.ring_size; i++) {
        base_buffer_fini(&work.ring[i].text);
    }
    free(work.ring);
    pthread_mutex_destroy(&work.mutex);
    pthread_cond_destroy(&work.changed);
    errno = number;
    return written;
}

static bool take_number(const char *name, const char *text, uint64_t least, uint64_t most,
                        uint64_t *value)
{
    if (base_parse_u64(base_slice_text(text), most, value) && *value >= least) {
        return true;
    }
    fprintf(stderr, "generate: --%s: '%s' is not a number from %llu to %llu\n", name, text,
            (unsigned long long)least, (unsigned long long)most);
    return false;
}

static bool take_option(int option, const char *name, const char *text, struct options *options)
{
    uint64_t number;
    char *end;
    switch (option) {
    case 'a':
        return take_number(name, text, 1, UINT32_MAX - 1, &options->authors);
    case 'p':
        return take_number(name, text, 1, UINT32_MAX - 1, &options->papers);
    case 's':
        return take_number(name, text, 0, UINT64_MAX, &options->seed);
    case 't':
        return take_number(name, text, 1, THREADS_MOST, &options->threads);
    case 'f':
        if (!take_number(name, text, 0, 6, &number)) {
            return false;
        }
        options->text.affiliations = (uint32_t)number;
        return true;
    case 'r':
        options->references = strtod(text, &end);
        if (end == text || *end != '\0' || !(options->references > 0) ||
            options->references > 500) {
            fprintf(stderr, "generate: --references: '%s' is not a number above 0 and up to 500\n",
                    text);
            return false;
        }
        return true;
    case 'b':
        options->text.abstracts = true;
        return true;
    case 'F':
        options->fit = true;
        return true;
    case 'o':
        options->output = text;
        return true;
    default:
        return false;
    }
}

static int run(const struct options *options)
{
    static struct shape shape;
    FILE *out = stdout;
    if (options->output != NULL && (out = fopen(options->output, "wb")) == NULL) {
        fprintf(stderr, "generate: %s: %s\n", options->output, strerror(errno));
        return BASE_EXIT_CANT_CREATE;
    }
    shape_init(&shape, options->seed, (uint32_t)options->papers, (uint32_t)options->authors,
               options->references);
    bool done = options->fit ? fit_print(&shape, out) : write_corpus(&shape, options, out);
    if (fflush(out) != 0 || ferror(out)) {
        done = false;
    }
    if (!done) {
        fprintf(stderr, "generate: cannot write: %s\n", strerror(errno));
    }
    if (out != stdout && fclose(out) != 0) {
        done = false;
    }
    return done ? BASE_EXIT_OK : BASE_EXIT_IO;
}

int main(int argc, char **argv)
{
    static const struct option names[] = {{"authors", required_argument, NULL, 'a'},
                                          {"papers", required_argument, NULL, 'p'},
                                          {"references", required_argument, NULL, 'r'},
                                          {"affiliations", required_argument, NULL, 'f'},
                                          {"abstracts", no_argument, NULL, 'b'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"output", required_argument, NULL, 'o'},
                                          {"threads", required_argument, NULL, 't'},
                                          {"fit", no_argument, NULL, 'F'},
                                          {"help", no_argument, NULL, 'h'},
                                          {NULL, 0, NULL, 0}};
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct options options = {.authors = 1000, .references = 12, .seed = 1};
    options.threads = cores < 1 ? 1 : cores > THREADS_MOST ? THREADS_MOST : (uint64_t)cores;
    options.text.affiliations = 2;
    int option;
    int at = 0;
    while ((option = getopt_long(argc, argv, "", names, &at)) != -1) {
        if (option == 'h') {
            fputs(usage, stdout);
            return BASE_EXIT_OK;
        }
        if (option == '?' || !take_option(option, names[at].name, optarg, &options)) {
            fputs(usage, stderr);
            return BASE_EXIT_USAGE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "generate: '%s': there are no arguments beside options\n", argv[optind]);
        fputs(usage, stderr);
        return BASE_EXIT_USAGE;
    }
    if (options.papers == 0) {
        options.papers = options.authors * 2 < UINT32_MAX ? options.authors * 2 : UINT32_MAX - 1;
    }
    return run(&options);
}
