/* Threads of a derivation: copies of it that share what is only read. */
#include <pthread.h>
#include <stdlib.h>

#include "store/derivation.h"

/* Of the work memory, for each branch. */
enum { SHARE = 8 };

void derive_branch_init(struct derive_branch *branch, const struct derivation *whole)
{
    *branch = (struct derive_branch){.derivation = *whole};
    struct derivation *derivation = &branch->derivation;
    derivation->scratch =
        (struct store_scratch){whole->scratch.directory, whole->scratch.limit / SHARE, 0};
    derivation->report = &branch->report;
    derivation->error = &branch->error;
    base_arena_init(&derivation->arena, 0);
    base_buffer_init(&derivation->key);
    base_buffer_init(&derivation->value);
}

void derive_branch_fini(struct derive_branch *branch)
{
    base_buffer_fini(&branch->derivation.value);
    base_buffer_fini(&branch->derivation.key);
    base_arena_fini(&branch->derivation.arena);
}

enum base_code derive_branch_join(const struct derivation *whole,
                                  const struct derive_branch *branch, enum base_code code)
{
    struct store_derive_report *sum = whole->report;
    const struct store_derive_report *more = &branch->report;
    if (code != BASE_OK) {
        if (whole->error != NULL) {
            *whole->error = branch->error;
        }
        return code;
    }
    sum->papers += more->papers;
    sum->stubs += more->stubs;
    sum->authors += more->authors;
    sum->merged += more->merged;
    sum->disputed += more->disputed;
    sum->edges += more->edges;
    sum->self_loops += more->self_loops;
    sum->repeats += more->repeats;
    return BASE_OK;
}

struct derive_aside {
    struct derive_branch branch;
    struct store_sink sink; /* the branch's own */
    enum base_code (*emit)(struct derivation *derivation);
    pthread_t thread;
    bool threaded;
    enum base_code code;
};

static void *run(void *context)
{
    struct derive_aside *aside = context;
    struct base_error *error = aside->branch.derivation.error;
    aside->code = aside->emit(&aside->branch.derivation);
    bool well = aside->code == BASE_OK;
    enum base_code joined = aside->sink.join(aside->sink.context, well ? error : NULL);
    aside->code = well ? joined : aside->code;
    return NULL;
}

enum base_code derive_aside_open(struct derivation *derivation,
                                 enum base_code (*emit)(struct derivation *derivation),
                                 struct derive_aside **aside)
{
    if (derivation->options->threads <= 1 || derivation->sink->fork == NULL) {
        return emit(derivation);
    }
    struct derive_aside *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return derive_out_of_memory(derivation);
    }
    enum base_code code =
        derivation->sink->fork(derivation->sink->context, &made->sink, derivation->error);
    if (code != BASE_OK) {
        free(made);
        return code;
    }
    derive_branch_init(&made->branch, derivation);
    made->branch.derivation.sink = &made->sink;
    made->emit = emit;
    made->threaded = pthread_create(&made->thread, NULL, run, made) == 0;
    if (!made->threaded) {
        run(made);
    }
    *aside = made;
    return BASE_OK;
}

enum base_code derive_aside_close(const struct derivation *derivation, struct derive_aside *aside,
                                  enum base_code code)
{
    if (aside == NULL) {
        return code;
    }
    if (aside->threaded) {
        pthread_join(aside->thread, NULL);
    }
    if (code == BASE_OK) {
        code = derive_branch_join(derivation, &aside->branch, aside->code);
    }
    derive_branch_fini(&aside->branch);
    free(aside);
    return code;
}
