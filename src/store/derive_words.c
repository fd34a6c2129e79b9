/* Part of steps 4 and 5: the search index of titles and names. Emits `titles` and `names`. */
#include <stdlib.h>

#include "model/fold.h"
#include "store/derivation.h"
#include "store/numbers.h"
#include "store/pipe.h"
#include "store/merge.h"

/* Texts go through the pipe as rows: number and citations are the key. */
enum { TEXT_KEY = 8 };

struct derive_words {
    enum store_table table;
    struct store_sink sink; /* where the table goes */
    bool forked;            /* sink is this thread's own */
    struct store_pipe *pipe;
    struct store_sink texts; /* into the pipe */
    /* The rest is the pipe's thread's. */
    struct store_scratch scratch;
    struct store_runs *runs;
    struct base_arena arena;
    struct base_buffer key;
    struct base_buffer value;
};

static enum base_code out_of_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
}

static enum base_code index_text(void *context, enum store_table table, struct base_slice key,
                                 struct base_slice text, struct base_error *error)
{
    struct derive_words *words = context;
    base_arena_reset(&words->arena);
    struct base_slice folded = model_fold(text, &words->arena);
    if (folded.data == NULL) {
        return out_of_memory(error);
    }
    uint8_t tail[STORE_WORD_TAIL + 4] = {
        STORE_WORD_WHOLE,
        (uint8_t)(255 - store_citation_bucket(table, base_get_be32(key.data + 4)))};
    memcpy(tail + STORE_WORD_TAIL, key.data, 4);
    enum base_code code = BASE_OK;
    struct base_slice token;
    while (code == BASE_OK && model_fold_token(&folded, &token)) {
        base_buffer_clear(&words->key);
        base_buffer_append_slice(&words->key, token);
        base_buffer_append(&words->key, tail, sizeof tail);
        code = words->key.failed ? out_of_memory(error)
                                 : store_runs_add(words->runs, base_buffer_slice(&words->key),
                                                  base_slice(NULL, 0), error);
    }
    return code;
}

/* Best first. */
enum { BUCKETS = STORE_BUCKETS, BEST_BUCKET = 255 - (BUCKETS - 1) };

/* Whose words begin so: gathered while words with that beginning come by. */
struct beginning {
    struct base_slice text;              /* size 0: none is open */
    struct store_array numbers[BUCKETS]; /* u32 */
};

struct emission {
    struct derive_words *words;
    struct base_error *error;
    struct base_slice owner;                           /* of the list that is put together */
    struct beginning beginnings[LIMIT_WORD_BEGINNING]; /* of one character, of two, … */
};

static enum base_code emit_list(struct emission *emission)
{
    struct derive_words *words = emission->words;
    struct base_buffer *list = &words->value;
    if (list->failed) {
        return out_of_memory(emission->error);
    }
    enum base_code code = BASE_OK;
    if (list->size > 0) {
        code = words->sink.list(words->sink.context, words->table, emission->owner,
                                base_buffer_slice(list), emission->error);
    }
    base_buffer_clear(list);
    return code;
}

static enum base_code emit_beginning(struct emission *emission, struct beginning *beginning)
{
    struct derive_words *words = emission->words;
    uint8_t tail[STORE_WORD_TAIL] = {STORE_WORD_BEGINNING, 0};
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < BUCKETS; i++) {
        uint32_t *numbers = beginning->numbers[i].data;
        size_t count = beginning->numbers[i].size / sizeof *numbers;
        if (count == 0) {
            continue;
        }
        store_sort_numbers(numbers, count);
        size_t kept = 1;
        for (size_t k = 1; k < count; k++) {
            if (numbers[k] != numbers[kept - 1]) {
                numbers[kept++] = numbers[k];
            }
        }
        beginning->numbers[i].size = 0;
        tail[1] = (uint8_t)(BEST_BUCKET + i);
        base_buffer_clear(&words->key);
        base_buffer_append_slice(&words->key, beginning->text);
        base_buffer_append(&words->key, tail, sizeof tail);
        code = words->key.failed
                   ? out_of_memory(emission->error)
                   : words->sink.list(words->sink.context, words->table,
                                      base_buffer_slice(&words->key),
                                      base_slice(numbers, kept * sizeof *numbers), emission->error);
    }
    beginning->text = base_slice(NULL, 0);
    return code;
}

/* Ends the beginnings that the word does not share, longest first: so do their keys lie. */
static enum base_code turn_to(struct emission *emission, struct base_slice word)
{
    struct base_slice texts[LIMIT_WORD_BEGINNING] = {{NULL, 0}};
    size_t size = 0;
    for (size_t i = 0; i < LIMIT_WORD_BEGINNING && size < word.size; i++) {
        size = store_word_step(word, size);
        texts[i] = base_slice(word.data, size);
    }
    enum base_code code = BASE_OK;
    for (size_t i = LIMIT_WORD_BEGINNING; code == BASE_OK && i-- > 0;) {
        struct beginning *beginning = &emission->beginnings[i];
        if (beginning->text.size > 0 && !base_slice_equal(beginning->text, texts[i])) {
            code = emit_beginning(emission, beginning);
        }
        beginning->text = texts[i];
    }
    return code;
}

static enum base_code note_beginnings(struct emission *emission, unsigned bucket, uint32_t number)
{
    BASE_ASSERT(bucket >= BEST_BUCKET && bucket < BEST_BUCKET + BUCKETS);
    for (size_t i = 0; i < LIMIT_WORD_BEGINNING; i++) {
        struct beginning *beginning = &emission->beginnings[i];
        if (beginning->text.size == 0) {
            break;
        }
        uint32_t *to = store_array_extend(&beginning->numbers[bucket - BEST_BUCKET], sizeof *to,
                                          emission->error);
        if (to == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        *to = number;
    }
    return BASE_OK;
}

/* Keys are word, tail, number: equal up to the number is one list. */
static enum base_code emit_row(struct emission *emission, struct base_slice key)
{
    struct base_buffer *list = &emission->words->value;
    struct base_slice owner = base_slice(key.data, key.size - 4);
    enum base_code code = BASE_OK;
    if (!base_slice_equal(owner, emission->owner)) {
        code = emit_list(emission);
        if (code == BASE_OK) {
            code = turn_to(emission, base_slice(owner.data, owner.size - STORE_WORD_TAIL));
        }
        emission->owner = owner;
    }
    uint8_t entry[4];
    uint32_t number = base_get_be32(key.data + owner.size);
    base_put_le32(entry, number);
    /* A word that stands twice in one title or in the names of one author comes twice. */
    if (code == BASE_OK &&
        (list->size == 0 || memcmp(list->data + list->size - 4, entry, 4) != 0)) {
        base_buffer_append(list, entry, sizeof entry);
        code = note_beginnings(emission, (uint8_t)owner.data[owner.size - 1], number);
    }
    return code;
}

static enum base_code emit_words(struct derive_words *words, struct base_error *error)
{
    struct store_merge *merge;
    enum base_code code = store_runs_finish(words->runs, error);
    if (code == BASE_OK) {
        code = store_merge_new(&words->runs, 1, NULL, 0, &merge, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct emission emission = {.words = words, .error = error};
    for (size_t i = 0; i < LIMIT_WORD_BEGINNING * BUCKETS; i++) {
        store_array_init(&emission.beginnings[i / BUCKETS].numbers[i % BUCKETS], &words->scratch);
    }
    base_buffer_clear(&words->value);
    struct base_slice key;
    struct base_slice value;
    while (code == BASE_OK && store_merge_next(merge, &key, &value)) {
        code = emit_row(&emission, key);
    }
    if (code == BASE_OK) {
        code = emit_list(&emission);
    }
    if (code == BASE_OK) {
        code = turn_to(&emission, base_slice(NULL, 0));
    }
    for (size_t i = 0; i < LIMIT_WORD_BEGINNING * BUCKETS; i++) {
        store_array_fini(&emission.beginnings[i / BUCKETS].numbers[i % BUCKETS]);
    }
    store_merge_free(merge);
    return code;
}

/* All texts have come. */
static enum base_code end(void *context, bool well, struct base_error *error)
{
    struct derive_words *words = context;
    enum base_code code = well ? emit_words(words, error) : BASE_OK;
    if (words->forked) {
        enum base_code joined =
            words->sink.join(words->sink.context, code == BASE_OK ? error : NULL);
        code = code == BASE_OK ? joined : code;
    }
    return code;
}

static void free_words(struct derive_words *words)
{
    store_runs_free(words->runs);
    base_arena_fini(&words->arena);
    base_buffer_fini(&words->key);
    base_buffer_fini(&words->value);
    free(words);
}

enum base_code derive_words_open(struct derivation *derivation, enum store_table table,
                                 struct derive_words **words)
{
    const struct store_derive_options *options = derivation->options;
    struct derive_words *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return derive_out_of_memory(derivation);
    }
    made->table = table;
    made->sink = *derivation->sink;
    made->scratch = (struct store_scratch){options->directory, options->memory / 16, 0};
    base_arena_init(&made->arena, 0);
    made->runs = store_runs_new(options->directory, options->memory / 8);
    enum base_code code = made->runs == NULL ? derive_out_of_memory(derivation) : BASE_OK;
    bool threaded = options->threads > 1 && derivation->sink->fork != NULL;
    if (code == BASE_OK && threaded) {
        code = derivation->sink->fork(derivation->sink->context, &made->sink, derivation->error);
        made->forked = code == BASE_OK;
    }
    if (code == BASE_OK) {
        const struct store_pipe_work work = {.sink = {.context = made, .row = index_text},
                                             .end = end};
        code = store_pipe_open(&work, threaded, &made->pipe, derivation->error);
    }
    if (code != BASE_OK) {
        if (made->forked) {
            made->sink.join(made->sink.context, NULL);
        }
        free_words(made);
        return code;
    }
    made->texts = store_pipe_sink(made->pipe);
    *words = made;
    return BASE_OK;
}

enum base_code derive_words_add(struct derive_words *words, uint32_t number, uint32_t citations,
                                struct base_slice text, struct base_error *error)
{
    uint8_t key[TEXT_KEY];
    base_put_be32(key, number);
    base_put_be32(key + 4, citations);
    return words->texts.row(words->texts.context, words->table, base_slice(key, sizeof key), text,
                            error);
}

void derive_words_end(struct derive_words *words)
{
    store_pipe_end(words->pipe);
}

enum base_code derive_words_close(struct derive_words *words, bool well, struct base_error *error)
{
    if (words == NULL) {
        return BASE_OK;
    }
    enum base_code code = store_pipe_close(words->pipe, well, error);
    free_words(words);
    return code;
}
