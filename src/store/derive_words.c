/* Part of steps 4 and 5: the search index of titles and names. Emits `titles` and `names`. */
#include "model/fold.h"
#include "store/derivation.h"
#include "store/numbers.h"
#include "store/runs.h"

enum base_code derive_index_text(struct derivation *derivation, struct store_runs *words,
                                 uint32_t number, uint32_t citations, struct base_slice text)
{
    struct base_slice folded = model_fold(text, &derivation->arena);
    if (folded.data == NULL) {
        return derive_out_of_memory(derivation);
    }
    uint8_t tail[STORE_WORD_TAIL + 4] = {STORE_WORD_WHOLE,
                                         (uint8_t)(255 - store_citation_bucket(citations))};
    base_put_be32(tail + STORE_WORD_TAIL, number);
    enum base_code code = BASE_OK;
    struct base_slice token;
    while (code == BASE_OK && model_fold_token(&folded, &token)) {
        base_buffer_clear(&derivation->key);
        base_buffer_append_slice(&derivation->key, token);
        base_buffer_append(&derivation->key, tail, sizeof tail);
        code = derivation->key.failed ? derive_out_of_memory(derivation)
                                      : store_runs_add(words, base_buffer_slice(&derivation->key),
                                                       base_slice(NULL, 0), derivation->error);
    }
    return code;
}

/* Buckets 0 to 32, best first. */
enum { BUCKETS = 33, BEST_BUCKET = 255 - (BUCKETS - 1) };

/* Whose words begin so: gathered while words with that beginning come by. */
struct beginning {
    struct base_slice text;              /* size 0: none is open */
    struct store_array numbers[BUCKETS]; /* u32 */
};

struct emission {
    struct derivation *derivation;
    enum store_table table;
    struct base_slice owner;                           /* of the list that is put together */
    struct beginning beginnings[LIMIT_WORD_BEGINNING]; /* of one character, of two, … */
};

static enum base_code emit_list(struct emission *emission)
{
    struct derivation *derivation = emission->derivation;
    struct base_buffer *list = &derivation->value;
    if (list->failed) {
        return derive_out_of_memory(derivation);
    }
    enum base_code code = BASE_OK;
    if (list->size > 0) {
        code = derivation->sink->list(derivation->sink->context, emission->table, emission->owner,
                                      base_buffer_slice(list), derivation->error);
    }
    base_buffer_clear(list);
    return code;
}

static enum base_code emit_beginning(struct emission *emission, struct beginning *beginning)
{
    struct derivation *derivation = emission->derivation;
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
        base_buffer_clear(&derivation->key);
        base_buffer_append_slice(&derivation->key, beginning->text);
        base_buffer_append(&derivation->key, tail, sizeof tail);
        code = derivation->key.failed
                   ? derive_out_of_memory(derivation)
                   : derivation->sink->list(derivation->sink->context, emission->table,
                                            base_buffer_slice(&derivation->key),
                                            base_slice(numbers, kept * sizeof *numbers),
                                            derivation->error);
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
                                          emission->derivation->error);
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
    struct base_buffer *list = &emission->derivation->value;
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

enum base_code derive_emit_words(struct derivation *derivation, struct store_runs *words,
                                 enum store_table table)
{
    struct store_merge *merge;
    enum base_code code = store_runs_finish(words, derivation->error);
    if (code == BASE_OK) {
        code = store_merge_new(&words, 1, NULL, 0, &merge, derivation->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct emission emission = {.derivation = derivation, .table = table};
    for (size_t i = 0; i < LIMIT_WORD_BEGINNING * BUCKETS; i++) {
        store_array_init(&emission.beginnings[i / BUCKETS].numbers[i % BUCKETS],
                         &derivation->scratch);
    }
    base_buffer_clear(&derivation->value);
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
