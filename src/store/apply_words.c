/* The search index: words of names and titles that come, go or move to another bucket of citation
 * counts. Writes `names` and `titles`. */
#include "store/application.h"

#include "model/fold.h"
#include "store/sort.h"

/* A number that goes into, or out of, one list of the index. */
struct word {
    uint32_t list; /* in word_lists */
    uint32_t number;
    bool removed;
};

static inline bool word_less(const struct word *a, const struct word *b)
{
    return a->number != b->number ? a->number < b->number : a->removed < b->removed;
}

STORE_SORT_DEFINE(sort_words, struct word, word_less)

/* One list, and where its words begin. */
struct word_list {
    struct base_slice key;
    uint32_t list;
    size_t from;
};

static inline bool list_less(const struct word_list *a, const struct word_list *b)
{
    return base_slice_compare(a->key, b->key) < 0;
}

STORE_SORT_DEFINE(sort_lists, struct word_list, list_less)

/* Where words of one text go. */
struct word_pass {
    struct apply *apply;
    enum store_table table;
    uint32_t number;
    uint8_t bucket; /* as in keys: 255 - that of the citations */
    bool removed;
};

static enum base_code note_owner(const struct word_pass *pass, struct base_slice word,
                                 enum store_word kind)
{
    struct apply *apply = pass->apply;
    struct word *to = store_array_extend(&apply->words, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = (struct word){0, pass->number, pass->removed};
    base_buffer_clear(&apply->key);
    base_buffer_append_byte(&apply->key, (uint8_t)pass->table);
    base_buffer_append_slice(&apply->key, word);
    base_buffer_append_byte(&apply->key, (uint8_t)kind);
    base_buffer_append_byte(&apply->key, pass->bucket);
    return apply->key.failed
               ? apply_out_of_memory(apply)
               : store_intern_number(&apply->word_lists, base_buffer_slice(&apply->key), &to->list,
                                     apply->error);
}

static enum base_code note_text(const struct word_pass *pass, struct base_slice text)
{
    struct apply *apply = pass->apply;
    base_arena_reset(&apply->deciding);
    struct base_slice folded = model_fold(text, &apply->deciding);
    struct base_slice word;
    enum base_code code = folded.data == NULL ? apply_out_of_memory(apply) : BASE_OK;
    while (code == BASE_OK && model_fold_token(&folded, &word)) {
        code = note_owner(pass, word, STORE_WORD_WHOLE);
        size_t size = 0;
        for (int i = 0; code == BASE_OK && i < LIMIT_WORD_BEGINNING && size < word.size; i++) {
            size = store_word_step(word, size);
            code = note_owner(pass, base_slice(word.data, size), STORE_WORD_BEGINNING);
        }
    }
    return code;
}

static bool same_texts(const struct base_slice *a, size_t a_count, const struct base_slice *b,
                       size_t b_count)
{
    if (a_count != b_count) {
        return false;
    }
    for (size_t i = 0; i < a_count; i++) {
        if (!base_slice_equal(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

enum base_code apply_note_words(struct apply *apply, enum store_table table, uint32_t number,
                                const struct base_slice *before, size_t before_count,
                                uint32_t citations_before, const struct base_slice *after,
                                size_t after_count, uint32_t citations)
{
    struct word_pass was = {apply, table, number,
                            (uint8_t)(255 - store_citation_bucket(table, citations_before)), true};
    struct word_pass is = {apply, table, number,
                           (uint8_t)(255 - store_citation_bucket(table, citations)), false};
    enum base_code code = BASE_OK;
    if (was.bucket == is.bucket && same_texts(before, before_count, after, after_count)) {
        return BASE_OK;
    }
    for (size_t i = 0; code == BASE_OK && i < before_count; i++) {
        code = note_text(&was, before[i]);
    }
    for (size_t i = 0; code == BASE_OK && i < after_count; i++) {
        code = note_text(&is, after[i]);
    }
    return code;
}

/* Words of one list. A word that stands twice in one text comes twice; one that came and went stays
 * as it was. */
static enum base_code change_list(struct apply *apply, struct base_slice key, struct word *words,
                                  size_t count)
{
    base_arena_reset(&apply->work);
    uint8_t *removed = base_arena_array(&apply->work, count, sizeof(uint32_t));
    uint8_t *added = base_arena_array(&apply->work, count, sizeof(uint32_t));
    if (removed == NULL || added == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t removed_count = 0;
    size_t added_count = 0;
    sort_words(words, count);
    for (size_t from = 0, end; from < count; from = end) {
        bool comes = false;
        bool goes = false;
        for (end = from; end < count && words[end].number == words[from].number; end++) {
            comes |= !words[end].removed;
            goes |= words[end].removed;
        }
        if (comes && !goes) {
            base_put_le32(added + 4 * added_count++, words[from].number);
        } else if (goes && !comes) {
            base_put_le32(removed + 4 * removed_count++, words[from].number);
        }
    }
    return store_list_edit(apply->env, apply->txn, (enum store_table)(uint8_t)key.data[0],
                           base_slice(key.data + 1, key.size - 1),
                           base_slice(removed, 4 * removed_count),
                           base_slice(added, 4 * added_count), apply->error);
}

/* Words of many texts go into few lists: only the lists are put in order by what they are called.
 */
static enum base_code deal_words(struct apply *apply, struct word_list *lists, struct word *dealt)
{
    const struct word *words = apply->words.data;
    size_t count = apply->words.size / sizeof *words;
    size_t list_count = apply->word_lists.count;
    size_t *places = base_arena_array(&apply->arena, list_count + 1, sizeof *places);
    if (places == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < count; i++) {
        places[words[i].list + 1]++;
    }
    for (uint32_t list = 0; list < list_count; list++) {
        places[list + 1] += places[list];
        lists[list] =
            (struct word_list){store_intern_text(&apply->word_lists, list), list, places[list]};
    }
    for (size_t i = 0; i < count; i++) {
        dealt[places[words[i].list]++] = words[i];
    }
    sort_lists(lists, list_count);
    return BASE_OK;
}

enum base_code apply_words(struct apply *apply)
{
    size_t count = apply->words.size / sizeof(struct word);
    size_t list_count = apply->word_lists.count;
    struct word *dealt = base_arena_array(&apply->arena, count, sizeof *dealt);
    struct word_list *lists = base_arena_array(&apply->arena, list_count, sizeof *lists);
    if (dealt == NULL || lists == NULL) {
        return apply_out_of_memory(apply);
    }
    enum base_code code = deal_words(apply, lists, dealt);
    for (size_t i = 0; code == BASE_OK && i < list_count; i++) {
        struct word *words = dealt + lists[i].from;
        size_t end = lists[i].from;
        while (end < count && dealt[end].list == lists[i].list) {
            end++;
        }
        code = change_list(apply, lists[i].key, words, end - lists[i].from);
    }
    return code;
}
