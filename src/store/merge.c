#include "store/merge.h"

#include <stdlib.h>

#include "store/run.h"
#include "store/sort.h"

/* Keys lie in memory as they came; while one is compared the cache fetches those that follow. */
enum { AHEAD = 8 };

/* One input of a merge and its present key. */
struct input {
    struct run_head head;
    struct base_slice key;
    struct base_slice value;
    const struct run *run;
    size_t index;  /* of the next entry */
    size_t end;    /* of the entries wanted */
    size_t offset; /* of the next entry in a file */
    struct store_stream stream;
};

struct store_merge {
    struct input *inputs;
    struct input **heap; /* least key first */
    size_t count;
};

static bool input_next(struct input *input)
{
    if (input->run == NULL) {
        if (!input->stream.next(input->stream.context, &input->key, &input->value)) {
            return false;
        }
        input->head = run_head_of(input->key);
        return true;
    }
    if (input->index == input->end) {
        return false;
    }
    const char *at;
    if (input->run->entries != NULL) {
        const struct run_entry *entry = &input->run->entries[input->index];
        at = entry->at;
        input->head = entry->head;
        if (input->index + AHEAD < input->end) {
            __builtin_prefetch(entry[AHEAD].at);
        }
    } else {
        at = input->run->map + input->offset;
        input->head = run_head_of(run_entry_key(at));
        input->offset += run_entry_size(at);
    }
    input->index++;
    input->key = run_entry_key(at);
    input->value = run_entry_value(at);
    return true;
}

static bool input_less(const struct input *a, const struct input *b)
{
    return run_heads_go_on(&a->head, &b->head) ? base_slice_compare(a->key, b->key) < 0
                                               : run_head_less(&a->head, &b->head);
}

/* Is the entry's key before the given one, whose head is given too? */
static bool comes_before(const struct run_head *entry_head, const char *at,
                         const struct run_head *head, struct base_slice key)
{
    return run_heads_go_on(entry_head, head) ? base_slice_compare(run_entry_key(at), key) < 0
                                             : run_head_less(entry_head, head);
}

static bool is_before(const char *at, const struct run_head *head, struct base_slice key)
{
    struct run_head entry_head = run_head_of(run_entry_key(at));
    return comes_before(&entry_head, at, head, key);
}

static void sift_down(struct store_merge *merge, size_t root)
{
    struct input *held = merge->heap[root];
    for (size_t child; (child = 2 * root + 1) < merge->count; root = child) {
        if (child + 1 < merge->count && input_less(merge->heap[child + 1], merge->heap[child])) {
            child++;
        }
        if (!input_less(merge->heap[child], held)) {
            break;
        }
        merge->heap[root] = merge->heap[child];
    }
    merge->heap[root] = held;
}

/* The first entry of the run whose key is not before the given one; its place in a file too. */
static size_t seek_entry(const struct run *run, struct base_slice key, size_t *offset)
{
    struct run_head head = run_head_of(key);
    size_t low = 0;
    size_t high = run->entries != NULL ? run->count : run_index_count(run->count);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool before = run->entries != NULL ? comes_before(&run->entries[middle].head,
                                                          run->entries[middle].at, &head, key)
                                           : is_before(run->map + run->index[middle], &head, key);
        low = before ? middle + 1 : low;
        high = before ? high : middle;
    }
    if (run->entries != NULL) {
        return low;
    }
    /* All before that place in the index, and perhaps more behind the one in front of it. */
    size_t at = low == 0 ? 0 : (low - 1) * RUN_INDEX_EVERY;
    *offset = low == 0 ? 0 : (size_t)run->index[low - 1];
    while (at < run->count && is_before(run->map + *offset, &head, key)) {
        *offset += run_entry_size(run->map + *offset);
        at++;
    }
    return at;
}

static void open_input(struct input *input, const struct run *run, struct base_slice from,
                       struct base_slice to)
{
    size_t offset = 0;
    input->run = run;
    input->index = from.data == NULL ? 0 : seek_entry(run, from, &input->offset);
    input->end = to.data == NULL ? run->count : seek_entry(run, to, &offset);
}

static size_t count_runs(struct store_runs *const *runs, size_t count)
{
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        size_t found;
        store_runs_list(runs[i], &found);
        total += found;
    }
    return total;
}

static enum base_code new_merge(size_t inputs, struct store_merge **merge, struct base_error *error)
{
    struct store_merge *made = calloc(1, sizeof *made);
    if (made != NULL) {
        made->inputs = calloc(inputs + 1, sizeof *made->inputs);
        made->heap = calloc(inputs + 1, sizeof *made->heap);
    }
    if (made == NULL || made->inputs == NULL || made->heap == NULL) {
        store_merge_free(made);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory merging %zu runs", inputs);
    }
    *merge = made;
    return BASE_OK;
}

static void begin_merge(struct store_merge *merge, size_t inputs)
{
    for (size_t i = 0; i < inputs; i++) {
        if (input_next(&merge->inputs[i])) {
            merge->heap[merge->count++] = &merge->inputs[i];
        }
    }
    for (size_t i = merge->count / 2; i-- > 0;) {
        sift_down(merge, i);
    }
}

static size_t add_runs(struct store_merge *merge, struct store_runs *const *runs, size_t count,
                       struct base_slice from, struct base_slice to)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t found;
        const struct run *list = store_runs_list(runs[i], &found);
        for (size_t k = 0; k < found; k++) {
            open_input(&merge->inputs[used++], &list[k], from, to);
        }
    }
    return used;
}

enum base_code store_merge_new(struct store_runs *const *runs, size_t count,
                               const struct store_stream *streams, size_t stream_count,
                               struct store_merge **merge, struct base_error *error)
{
    const struct base_slice open = {NULL, 0};
    enum base_code code = new_merge(count_runs(runs, count) + stream_count, merge, error);
    if (code == BASE_OK) {
        size_t used = add_runs(*merge, runs, count, open, open);
        for (size_t i = 0; i < stream_count; i++) {
            (*merge)->inputs[used++].stream = streams[i];
        }
        begin_merge(*merge, used);
    }
    return code;
}

enum base_code store_merge_part(struct store_runs *const *runs, size_t count,
                                struct base_slice from, struct base_slice to,
                                struct store_merge **merge, struct base_error *error)
{
    enum base_code code = new_merge(count_runs(runs, count), merge, error);
    if (code == BASE_OK) {
        begin_merge(*merge, add_runs(*merge, runs, count, from, to));
    }
    return code;
}

static struct base_slice sample(const struct run *run, size_t index)
{
    return run_entry_key(run->entries != NULL ? run->entries[index].at
                                              : run->map + run->index[index / RUN_INDEX_EVERY]);
}

static inline bool key_less(const struct base_slice *a, const struct base_slice *b)
{
    return base_slice_compare(*a, *b) < 0;
}

STORE_SORT_DEFINE(sort_keys, struct base_slice, key_less)

enum base_code store_merge_cut(struct store_runs *const *runs, size_t count, size_t parts,
                               struct base_slice *cuts, struct base_error *error)
{
    enum { SAMPLES = 1024 };
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        size_t found;
        const struct run *list = store_runs_list(runs[i], &found);
        for (size_t k = 0; k < found; k++) {
            total += list[k].count;
        }
    }
    /* Each stands for as many entries as any other. */
    size_t step = total / SAMPLES + 1;
    struct base_slice *keys = calloc(total / step + count_runs(runs, count) + 1, sizeof *keys);
    if (keys == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t found;
        const struct run *list = store_runs_list(runs[i], &found);
        for (size_t k = 0; k < found; k++) {
            for (size_t at = 0; at < list[k].count; at += step) {
                keys[used++] = sample(&list[k], at);
            }
        }
    }
    sort_keys(keys, used);
    for (size_t i = 1; i < parts; i++) {
        cuts[i - 1] = used == 0 ? base_slice("", 0) : keys[used * i / parts];
    }
    free(keys);
    return BASE_OK;
}

void store_merge_free(struct store_merge *merge)
{
    if (merge != NULL) {
        free(merge->inputs);
        free(merge->heap);
        free(merge);
    }
}

bool store_merge_next(struct store_merge *merge, struct base_slice *key, struct base_slice *value)
{
    if (merge->count == 0) {
        return false;
    }
    struct input *first = merge->heap[0];
    *key = first->key;
    *value = first->value;
    if (!input_next(first)) {
        merge->heap[0] = merge->heap[--merge->count];
    }
    if (merge->count > 1) {
        sift_down(merge, 0);
    }
    return true;
}
