#include "store/abstracts.h"

#include <stdlib.h>

#include "base/arena.h"
#include "model/codec.h"
#include "store/pipe.h"

enum {
    /* Below so many papers a dictionary takes more than it saves, or nearly. */
    PAPERS_LEAST = 2000,
    /* Abstracts are taken evenly from all papers, at most so many and so many bytes; of papers
     * without one, the next few are looked at. */
    SAMPLES = 400,
    SAMPLES_LEAST = 100,
    LOOKS = 8,
    SAMPLE_BYTES = 1024 * 1024,
    /* Twice that saves 2 % more, and every program that opens the store holds it. */
    DICTIONARY_MOST = 64 * 1024,
    LEVEL = 3,
};

struct store_abstracts {
    const struct store_record *records;
    size_t count;
    struct store_sink onward; /* of the thread that puts rows */
    struct store_pipe *pipe;
    struct store_sink plain; /* into the pipe */
    /* The rest is the pipe's thread's. */
    struct store_sink sink;
    bool forked; /* sink is this thread's own */
    struct base_compressor *compressor;
    struct base_buffer compressed;
    struct base_dictionary *dictionary; /* NULL: none */
};

struct samples {
    struct base_arena arena;
    struct base_buffer texts;
    size_t sizes[SAMPLES];
    size_t count;
};

static enum base_code add_sample(struct samples *samples, const struct store_record *record,
                                 bool *added, struct base_error *error)
{
    struct model_record decoded;
    base_arena_reset(&samples->arena);
    enum base_code code = model_record_decode(record->bytes, &samples->arena, &decoded, error);
    if (code != BASE_OK) {
        return code;
    }
    struct base_slice abstract = decoded.paper.abstract;
    *added = abstract.size > 0 && abstract.size <= SAMPLE_BYTES - samples->texts.size;
    if (*added) {
        base_buffer_append_slice(&samples->texts, abstract);
        samples->sizes[samples->count++] = abstract.size;
    }
    return samples->texts.failed ? base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory")
                                 : BASE_OK;
}

static enum base_code collect(struct samples *samples, const struct store_record *papers,
                              size_t count, struct base_error *error)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < SAMPLES; i++) {
        size_t from = count / SAMPLES * i;
        bool added = false;
        for (size_t k = 0; code == BASE_OK && !added && k < LOOKS && k < count / SAMPLES; k++) {
            code = add_sample(samples, &papers[from + k], &added, error);
        }
    }
    return code;
}

static enum base_code train(const struct store_record *records, size_t count,
                            struct base_dictionary **dictionary, struct base_error *error)
{
    size_t from = store_first_of_type(records, count, MODEL_RECORD_PAPER);
    size_t papers = store_first_of_type(records, count, MODEL_RECORD_PAPER + 1) - from;
    *dictionary = NULL;
    if (papers < PAPERS_LEAST) {
        return BASE_OK;
    }
    struct samples samples = {.count = 0};
    struct base_buffer bytes = BASE_BUFFER_EMPTY;
    base_arena_init(&samples.arena, 0);
    base_buffer_init(&samples.texts);
    enum base_code code = collect(&samples, records + from, papers, error);
    if (code == BASE_OK && samples.count >= SAMPLES_LEAST) {
        code = base_dictionary_train(samples.texts.data, samples.sizes, samples.count,
                                     DICTIONARY_MOST, &bytes, error);
        if (code == BASE_OK) {
            *dictionary = base_dictionary_new(base_buffer_slice(&bytes));
        } else if (code == BASE_FAILED_PRECONDITION) {
            code = BASE_OK;
        }
    }
    base_buffer_fini(&bytes);
    base_buffer_fini(&samples.texts);
    base_arena_fini(&samples.arena);
    return code;
}

static enum base_code begin(void *context, struct base_error *error)
{
    struct store_abstracts *abstracts = context;
    enum base_code code =
        train(abstracts->records, abstracts->count, &abstracts->dictionary, error);
    if (code == BASE_OK && abstracts->dictionary != NULL &&
        !base_compressor_use(abstracts->compressor, abstracts->dictionary)) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    return code;
}

static enum base_code compress(void *context, enum store_table table, struct base_slice key,
                               struct base_slice bytes, struct base_error *error)
{
    struct store_abstracts *abstracts = context;
    base_buffer_clear(&abstracts->compressed);
    enum base_code code =
        base_compress(abstracts->compressor, bytes, &abstracts->compressed, error);
    return code != BASE_OK ? code
                           : abstracts->sink.row(abstracts->sink.context, table, key,
                                                 base_buffer_slice(&abstracts->compressed), error);
}

static enum base_code end(void *context, bool well, struct base_error *error)
{
    struct store_abstracts *abstracts = context;
    return abstracts->forked ? abstracts->sink.join(abstracts->sink.context, well ? error : NULL)
                             : BASE_OK;
}

static void free_abstracts(struct store_abstracts *abstracts)
{
    base_compressor_free(abstracts->compressor);
    base_buffer_fini(&abstracts->compressed);
    base_dictionary_free(abstracts->dictionary);
    free(abstracts);
}

enum base_code store_abstracts_open(const struct store_record *records, size_t count,
                                    const struct store_sink *sink, bool threaded,
                                    struct store_abstracts **abstracts, struct base_error *error)
{
    struct store_abstracts *made = calloc(1, sizeof *made);
    if (made != NULL) {
        *made = (struct store_abstracts){
            .records = records, .count = count, .onward = *sink, .sink = *sink};
        made->compressor = base_compressor_new(LEVEL);
    }
    if (made == NULL || made->compressor == NULL) {
        free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    enum base_code code = BASE_OK;
    threaded = threaded && sink->fork != NULL;
    if (threaded) {
        code = sink->fork(sink->context, &made->sink, error);
        made->forked = code == BASE_OK;
    }
    if (code == BASE_OK) {
        const struct store_pipe_work work = {
            .sink = {.context = made, .row = compress}, .begin = begin, .end = end};
        code = store_pipe_open(&work, threaded, &made->pipe, error);
        if (code != BASE_OK && made->forked) {
            made->sink.join(made->sink.context, NULL);
        }
    }
    if (code != BASE_OK) {
        free_abstracts(made);
        return code;
    }
    made->plain = store_pipe_sink(made->pipe);
    *abstracts = made;
    return BASE_OK;
}

static enum base_code put_row(void *context, enum store_table table, struct base_slice key,
                              struct base_slice bytes, struct base_error *error)
{
    struct store_abstracts *abstracts = context;
    const struct store_sink *to = table == STORE_ABSTRACT ? &abstracts->plain : &abstracts->onward;
    return to->row(to->context, table, key, bytes, error);
}

static enum base_code put_list(void *context, enum store_table table, struct base_slice owner,
                               struct base_slice entries, struct base_error *error)
{
    const struct store_abstracts *abstracts = context;
    return abstracts->onward.list(abstracts->onward.context, table, owner, entries, error);
}

/* Whoever forks puts other tables than `abstract`. */
static enum base_code fork_onward(void *context, struct store_sink *forked,
                                  struct base_error *error)
{
    const struct store_abstracts *abstracts = context;
    return abstracts->onward.fork(abstracts->onward.context, forked, error);
}

struct store_sink store_abstracts_sink(struct store_abstracts *abstracts)
{
    struct store_sink sink = {.context = abstracts, .row = put_row, .list = put_list};
    if (abstracts->onward.fork != NULL) {
        sink.fork = fork_onward;
        sink.join = abstracts->onward.join;
    }
    return sink;
}

enum base_code store_abstracts_close(struct store_abstracts *abstracts, bool well,
                                     struct base_dictionary **dictionary, struct base_error *error)
{
    enum base_code code = store_pipe_close(abstracts->pipe, well, error);
    *dictionary = NULL;
    if (code == BASE_OK) {
        *dictionary = abstracts->dictionary;
        abstracts->dictionary = NULL;
    }
    free_abstracts(abstracts);
    return code;
}
