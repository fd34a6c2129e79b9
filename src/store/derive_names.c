/* Part of step 5: the search index of names. Emits `names`. */
#include "model/fold.h"
#include "store/derivation.h"
#include "store/runs.h"

static enum base_code index_name(struct derivation *derivation, struct store_runs *names,
                                 uint32_t number, uint8_t bucket, struct base_slice name)
{
    struct base_slice folded = model_fold(name, &derivation->arena);
    if (folded.data == NULL) {
        return derive_out_of_memory(derivation);
    }
    struct base_slice token;
    while (model_fold_token(&folded, &token)) {
        uint8_t tail[6] = {0, (uint8_t)(255 - bucket)};
        base_put_be32(tail + 2, number);
        base_buffer_clear(&derivation->key);
        base_buffer_append_slice(&derivation->key, token);
        base_buffer_append(&derivation->key, tail, sizeof tail);
        if (derivation->key.failed) {
            return derive_out_of_memory(derivation);
        }
        enum base_code code = store_runs_add(names, base_buffer_slice(&derivation->key),
                                             base_slice(NULL, 0), derivation->error);
        if (code != BASE_OK) {
            return code;
        }
    }
    return BASE_OK;
}

enum base_code derive_index_names(struct derivation *derivation, struct store_runs *names,
                                  uint32_t number, uint32_t citations,
                                  const struct model_view *view)
{
    uint8_t bucket = store_name_bucket(citations);
    enum base_code code = index_name(derivation, names, number, bucket, view->author.name);
    for (size_t i = 0; code == BASE_OK && i < view->author.alias_count; i++) {
        code = index_name(derivation, names, number, bucket, view->author.aliases[i]);
    }
    return code;
}

/* Keys are token, 0, bucket, author: equal up to the author is one list. */
enum base_code derive_emit_names(struct derivation *derivation, struct store_runs *names)
{
    struct store_merge *merge;
    enum base_code code = store_runs_finish(names, derivation->error);
    if (code == BASE_OK) {
        code = store_merge_new(&names, 1, NULL, 0, &merge, derivation->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct base_buffer *list = &derivation->value;
    struct base_slice owner = {NULL, 0};
    base_buffer_clear(list);
    struct base_slice key;
    struct base_slice value;
    bool more = true;
    while (code == BASE_OK && more) {
        more = store_merge_next(merge, &key, &value);
        struct base_slice next = more ? base_slice(key.data, key.size - 4) : base_slice(NULL, 0);
        if (owner.data != NULL && (!more || !base_slice_equal(next, owner))) {
            code = list->failed
                       ? derive_out_of_memory(derivation)
                       : derivation->sink->list(derivation->sink->context, STORE_NAMES, owner,
                                                base_buffer_slice(list), derivation->error);
            base_buffer_clear(list);
        }
        if (!more) {
            break;
        }
        uint8_t author[4];
        base_put_le32(author, base_get_be32(key.data + key.size - 4));
        /* A word that stands twice in the names of one author comes twice. */
        if (list->size == 0 || memcmp(list->data + list->size - 4, author, 4) != 0) {
            base_buffer_append(list, author, sizeof author);
        }
        owner = next;
    }
    store_merge_free(merge);
    return code;
}
