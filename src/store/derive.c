#include "store/derivation.h"

#include <pthread.h>

static const size_t arrays[] = {
    offsetof(struct derivation, slot_role),       offsetof(struct derivation, author_seen),
    offsetof(struct derivation, slot_first),      offsetof(struct derivation, slot_node),
    offsetof(struct derivation, node_bytes),      offsetof(struct derivation, node_first),
    offsetof(struct derivation, node_facts),      offsetof(struct derivation, node_flags),
    offsetof(struct derivation, node_named),      offsetof(struct derivation, source_counts),
    offsetof(struct derivation, claims),          offsetof(struct derivation, joins),
    offsetof(struct derivation, node_entity),     offsetof(struct derivation, node_number),
    offsetof(struct derivation, authors.own),     offsetof(struct derivation, authors.record_first),
    offsetof(struct derivation, authors.records), offsetof(struct derivation, authors.node_first),
    offsetof(struct derivation, authors.nodes),   offsetof(struct derivation, authors.open),
    offsetof(struct derivation, papers.own),      offsetof(struct derivation, papers.record_first),
    offsetof(struct derivation, papers.records),  offsetof(struct derivation, papers.node_first),
    offsetof(struct derivation, papers.nodes),    offsetof(struct derivation, papers.open),
    offsetof(struct derivation, paper_facts),     offsetof(struct derivation, days),
    offsetof(struct derivation, paper_views),     offsetof(struct derivation, view_first),
    offsetof(struct derivation, titles),          offsetof(struct derivation, title_first),
    offsetof(struct derivation, paper_authors),   offsetof(struct derivation, authors_first),
    offsetof(struct derivation, known_authors),   offsetof(struct derivation, known_first),
    offsetof(struct derivation, cites),           offsetof(struct derivation, cites_first),
    offsetof(struct derivation, lines),           offsetof(struct derivation, bare),
    offsetof(struct derivation, bare_bytes),      offsetof(struct derivation, citers),
    offsetof(struct derivation, citers_first),    offsetof(struct derivation, authored),
    offsetof(struct derivation, authored_first),
};

static struct store_array *array_at(struct derivation *derivation, size_t index)
{
    return (struct store_array *)((char *)derivation + arrays[index]);
}

bool derive_is_newer(const struct derivation *derivation, uint32_t a, uint32_t b)
{
    const struct derive_paper *facts = derivation->paper_facts.data;
    const uint32_t *own = derivation->papers.own.data;
    uint32_t a_day = facts[a].day == MODEL_NO_DAY ? 0 : facts[a].day + 1;
    uint32_t b_day = facts[b].day == MODEL_NO_DAY ? 0 : facts[b].day + 1;
    return a_day != b_day ? a_day > b_day : own[a] < own[b];
}

enum base_code derive_out_of_memory(struct derivation *derivation)
{
    return base_fail(derivation->error, BASE_RESOURCE_EXHAUSTED, "out of memory");
}

bool derive_is_stopped(const struct derivation *derivation)
{
    const volatile int *stop = derivation->options->stop;
    return stop != NULL && __atomic_load_n(stop, __ATOMIC_RELAXED) != 0;
}

size_t store_first_of_type(const struct store_record *records, size_t count, unsigned type)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uint8_t)records[middle].key.data[0] < type) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum base_code derive_check_stop(const struct derivation *derivation)
{
    return derive_is_stopped(derivation)
               ? base_fail(derivation->error, BASE_CANCELLED, "stopped by a signal")
               : BASE_OK;
}

void derive_together(void *(*run)(void *item), void *items, size_t item_size, size_t count)
{
    enum { THREADS_MOST = 64 };
    pthread_t threads[THREADS_MOST];
    bool started[THREADS_MOST] = {false};
    for (size_t i = 1; i < count && i < THREADS_MOST; i++) {
        started[i] = pthread_create(&threads[i], NULL, run, (char *)items + i * item_size) == 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (i >= THREADS_MOST || !started[i]) {
            run((char *)items + i * item_size);
        }
    }
    for (size_t i = 1; i < count && i < THREADS_MOST; i++) {
        if (started[i]) {
            pthread_join(threads[i], NULL);
        }
    }
}

struct base_slice derive_node_key(const struct derivation *derivation, uint32_t node)
{
    const uint64_t *first = derivation->node_first.data;
    return base_slice((const char *)derivation->node_bytes.data + first[node],
                      (size_t)(first[node + 1] - first[node]));
}

struct model_id derive_node_id(const struct derivation *derivation, uint32_t node)
{
    struct base_slice key = derive_node_key(derivation, node);
    return (struct model_id){(enum model_scheme)(uint8_t)key.data[1],
                             base_slice(key.data + 2, key.size - 2)};
}

enum base_code derive_decode(struct derivation *derivation, const struct derive_kind *kind,
                             uint32_t number, const struct model_record ***records,
                             const uint32_t **indices, size_t *count)
{
    const uint32_t *first = kind->record_first.data;
    size_t found = first[number + 1] - first[number];
    const uint32_t *places = (const uint32_t *)kind->records.data + first[number];
    struct model_record *decoded = base_arena_array(&derivation->arena, found, sizeof *decoded);
    const struct model_record **pointers =
        base_arena_array(&derivation->arena, found, sizeof *pointers);
    if (found > 0 && (decoded == NULL || pointers == NULL)) {
        return derive_out_of_memory(derivation);
    }
    for (size_t i = 0; i < found; i++) {
        enum base_code code =
            model_record_decode(derivation->records[places[i]].bytes, &derivation->arena,
                                &decoded[i], derivation->error);
        if (code != BASE_OK) {
            return code;
        }
        pointers[i] = &decoded[i];
    }
    *records = pointers;
    *indices = places;
    *count = found;
    return BASE_OK;
}

static size_t open_of_number(const struct derive_kind *kind, uint32_t number, size_t *from)
{
    const struct derive_open *open = kind->open.data;
    size_t count = kind->open.size / sizeof *open;
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (open[middle].number < number) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *from = low;
    size_t end = low;
    while (end < count && open[end].number == number) {
        end++;
    }
    return end - low;
}

enum base_code derive_view_ids(struct derivation *derivation, const struct derive_kind *kind,
                               uint32_t number, struct model_view *view)
{
    const uint32_t *first = kind->node_first.data;
    const uint32_t *nodes = (const uint32_t *)kind->nodes.data + first[number];
    size_t node_count = first[number + 1] - first[number];
    size_t open_from;
    size_t open_count = open_of_number(kind, number, &open_from);
    const struct derive_open *open = (const struct derive_open *)kind->open.data + open_from;
    const uint8_t *facts = derivation->node_facts.data;
    uint32_t own = ((const uint32_t *)kind->own.data)[number];

    if (node_count == 1 && open_count == 0 && nodes[0] == own &&
        (facts[own] & MODEL_NODE_DISPUTED) == 0) {
        /* Nearly all stubs. */
        struct model_id *only = base_arena_alloc(&derivation->arena, sizeof *only);
        if (only == NULL) {
            return derive_out_of_memory(derivation);
        }
        *only = derive_node_id(derivation, own);
        view->entity = kind->entity;
        view->id = *only;
        view->ids = only;
        view->id_count = 1;
        view->disputed = NULL;
        view->disputed_count = 0;
        return BASE_OK;
    }
    struct model_id *ids =
        base_arena_array(&derivation->arena, node_count + open_count, sizeof *ids);
    struct model_id *disputed =
        base_arena_array(&derivation->arena, node_count + open_count, sizeof *disputed);
    if (ids == NULL || disputed == NULL) {
        return derive_out_of_memory(derivation);
    }
    size_t used = 0;
    size_t disputed_used = 0;
    ids[used++] = derive_node_id(derivation, own);
    /* Both lists ascend; an id on both (an open id that resolves here) comes once. */
    size_t a = 0;
    size_t b = 0;
    while (a < node_count || b < open_count) {
        uint32_t node;
        if (b == open_count || (a < node_count && nodes[a] <= open[b].node)) {
            node = nodes[a++];
        } else {
            node = open[b].node;
        }
        while (b < open_count && open[b].node == node) {
            b++;
        }
        if ((facts[node] & MODEL_NODE_DISPUTED) != 0) {
            disputed[disputed_used++] = derive_node_id(derivation, node);
        }
        if (node != own) {
            ids[used++] = derive_node_id(derivation, node);
        }
    }
    view->entity = kind->entity;
    view->id = ids[0];
    view->ids = ids;
    view->id_count = used;
    view->disputed = disputed;
    view->disputed_count = disputed_used;
    return BASE_OK;
}

enum base_code store_derive(const struct store_record *records, size_t count,
                            const struct store_derive_options *options,
                            const struct store_sink *sink, struct store_derive_report *report,
                            struct base_error *error)
{
    static enum base_code (*const steps[])(struct derivation *) = {
        derive_ids, derive_entities, derive_papers, derive_edges, derive_authors,
    };
    struct store_derive_report counted = {.coverage_end = MODEL_NO_DAY, .sources = count};
    struct derivation derivation = {
        .records = records,
        .record_count = count,
        .options = options,
        .sink = sink,
        .report = &counted,
        .error = error,
        .scratch = {options->directory, options->memory, 0},
        .authors.entity = MODEL_AUTHOR,
        .papers.entity = MODEL_PAPER,
    };
    base_arena_init(&derivation.arena, 0);
    base_buffer_init(&derivation.key);
    base_buffer_init(&derivation.value);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        store_array_init(array_at(&derivation, i), &derivation.scratch);
    }
    store_intern_init(&derivation.sources, &derivation.scratch);
    store_intern_init(&derivation.fields, &derivation.scratch);

    enum base_code code = BASE_OK;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && code == BASE_OK; i++) {
        code = steps[i](&derivation);
    }
    enum base_code closed =
        derive_words_close(derivation.title_words, code == BASE_OK, code == BASE_OK ? error : NULL);
    code = code == BASE_OK ? closed : code;
    code = derive_aside_close(&derivation, derivation.id_tables, code);
    code = derive_aside_close(&derivation, derivation.edge_tables, code);
    if (code == BASE_OK) {
        *report = counted;
    }

    store_intern_fini(&derivation.fields);
    store_intern_fini(&derivation.sources);
    for (size_t i = 0; i < sizeof arrays / sizeof arrays[0]; i++) {
        store_array_fini(array_at(&derivation, i));
    }
    base_buffer_fini(&derivation.value);
    base_buffer_fini(&derivation.key);
    base_arena_fini(&derivation.arena);
    return code;
}
