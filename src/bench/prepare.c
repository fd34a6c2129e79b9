#include "bench/prepare.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/random.h"
#include "client/key.h"
#include "hirsch/client.h"

enum { CALL_MOST = 10000, WORDS_FROM = 200, IDS_FILE_MOST = 50000000 };

struct drawing {
    const struct bench_preparation *preparation;
    struct base_arena *arena;
    struct bench_plan *plan;
    hirsch_client *client;
    struct base_error *error;
};

static enum base_code no_memory(struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for keys");
}

static enum base_code pass_on(const char *what, hirsch_error *why, struct base_error *error)
{
    enum base_code code = (enum base_code)why->code;
    base_fail(error, code, "%s: %s", what, why->text);
    hirsch_free(why);
    return code;
}

static bool keep(struct base_arena *arena, struct base_slice text, struct base_slice *kept)
{
    char *copy = base_arena_alloc(arena, text.size + 1);
    if (copy == NULL) {
        return false;
    }
    memcpy(copy, text.data, text.size);
    copy[text.size] = '\0';
    *kept = base_slice(copy, text.size);
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return base_slice_compare(*(const struct base_slice *)a, *(const struct base_slice *)b);
}

/* Draws with several seeds overlap: each id is kept once, in an order of the seed's. */
static uint32_t drop_repeats(struct base_slice *values, uint32_t count, uint64_t seed)
{
    uint32_t kept = 0;
    qsort(values, count, sizeof *values, by_bytes);
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || !base_slice_equal(values[kept - 1], values[i])) {
            values[kept++] = values[i];
        }
    }
    for (uint32_t i = kept; i > 1; i--) {
        uint32_t other = bench_random_below(&seed, i);
        struct base_slice moved = values[i - 1];
        values[i - 1] = values[other];
        values[other] = moved;
    }
    return kept;
}

static enum base_code draw_ids(struct drawing *drawing, enum bench_key_kind kind)
{
    uint32_t wanted = drawing->preparation->sample;
    struct bench_key_list *list = &drawing->plan->lists[kind];
    struct base_slice *values = base_arena_alloc(drawing->arena, wanted * sizeof *values);
    enum base_code code = BASE_OK;
    uint32_t count = 0;
    if (values == NULL) {
        code = no_memory(drawing->error);
    }
    for (uint64_t round = 0; code == BASE_OK && count < wanted; round++) {
        struct hirsch_sample sample = HIRSCH_SAMPLE_INIT;
        const struct hirsch_id_list *ids = NULL;
        hirsch_error *why = NULL;
        sample.kind =
            kind == BENCH_KEY_PAPER ? HIRSCH_ENTITY_KIND_PAPER : HIRSCH_ENTITY_KIND_AUTHOR;
        sample.count = wanted - count < CALL_MOST ? wanted - count : CALL_MOST;
        sample.seed = drawing->preparation->seed + round;
        if (hirsch_sample_ids(drawing->client, &sample, NULL, &ids, &why) != HIRSCH_OK) {
            code = pass_on("drawing ids from the served records", why, drawing->error);
            break;
        }
        for (size_t i = 0; i < ids->count && count < wanted; i++) {
            if (!keep(drawing->arena, base_slice_text(ids->ids[i]), &values[count++])) {
                code = no_memory(drawing->error);
                break;
            }
        }
        bool all = ids->count < sample.count;
        hirsch_free(ids);
        if (all) {
            break;
        }
    }
    if (code == BASE_OK && count == 0) {
        code = base_fail(drawing->error, BASE_NOT_FOUND,
                         "the daemon serves no %s to ask for; import records first, or name ids "
                         "with --ids FILE",
                         kind == BENCH_KEY_PAPER ? "papers" : "authors");
    }
    if (code == BASE_OK) {
        count = drop_repeats(values, count, drawing->preparation->seed);
        *list = (struct bench_key_list){values, count};
    }
    return code;
}

/* The first words of texts that are served: what people search for. */
static bool keep_words(struct drawing *drawing, const char *text, size_t words,
                       struct base_slice *kept)
{
    size_t size = 0;
    for (size_t i = 0; i < words && text[size] != '\0'; i++) {
        size += strspn(text + size, " ");
        size += strcspn(text + size, " ");
    }
    return keep(drawing->arena, base_slice(text, size < 400 ? size : 0), kept);
}

static enum base_code draw_words(struct drawing *drawing, enum bench_key_kind kind,
                                 const struct bench_key_list *ids)
{
    bool titles = kind == BENCH_KEY_TITLE;
    const char *names[WORDS_FROM];
    struct base_slice *values = base_arena_alloc(drawing->arena, WORDS_FROM * sizeof *values);
    size_t asked = ids->count < WORDS_FROM ? ids->count : WORDS_FROM;
    const struct hirsch_author_batch *authors = NULL;
    const struct hirsch_paper_batch *papers = NULL;
    hirsch_error *why = NULL;
    uint32_t count = 0;
    if (values == NULL) {
        return no_memory(drawing->error);
    }
    for (size_t i = 0; i < asked; i++) {
        names[i] = ids->values[i].data;
    }
    enum hirsch_code called =
        titles ? hirsch_batch_get_papers(drawing->client, names, asked, HIRSCH_PAPER_VIEW_BASIC,
                                         NULL, &papers, &why)
               : hirsch_batch_get_authors(drawing->client, names, asked, NULL, &authors, &why);
    if (called != HIRSCH_OK) {
        return pass_on("reading names to search for", why, drawing->error);
    }
    for (size_t i = 0; i < asked; i++) {
        const char *text =
            titles ? (papers->items[i].paper != NULL ? papers->items[i].paper->title : "")
            : authors->items[i].author != NULL ? authors->items[i].author->display_name
                                               : "";
        if (keep_words(drawing, text, titles ? 3 : 4, &values[count]) && values[count].size > 0) {
            count++;
        }
    }
    hirsch_free(authors);
    hirsch_free(papers);
    drawing->plan->lists[kind] = (struct bench_key_list){values, count};
    return count > 0 ? BASE_OK
                     : base_fail(drawing->error, BASE_NOT_FOUND,
                                 "none of %zu served records has a %s to search for", asked,
                                 titles ? "title" : "name");
}

static enum base_code read_ids(struct drawing *drawing, struct bench_key_list *list)
{
    const char *path = drawing->preparation->ids_path;
    FILE *file = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;
    ssize_t size;
    size_t capacity = 0;
    uint32_t count = 0;
    struct base_slice *values = NULL;
    enum base_code code = BASE_OK;
    if (file == NULL) {
        return base_fail(drawing->error, BASE_INVALID_ARGUMENT, "%s: %s", path, strerror(errno));
    }
    while (code == BASE_OK && (size = getline(&line, &room, file)) >= 0) {
        struct base_slice text = base_slice(line, strcspn(line, "\r\n"));
        if (text.size == 0) {
            continue;
        }
        if (count == capacity) {
            capacity = capacity == 0 ? 1024 : capacity * 2;
            struct base_slice *grown =
                count < IDS_FILE_MOST ? realloc(values, capacity * sizeof *values) : NULL;
            if (grown == NULL) {
                code = no_memory(drawing->error);
                break;
            }
            values = grown;
        }
        if (!keep(drawing->arena, text, &values[count++])) {
            code = no_memory(drawing->error);
        }
    }
    if (code == BASE_OK && (ferror(file) || count == 0)) {
        code = base_fail(drawing->error, BASE_INVALID_ARGUMENT, "%s: no id could be read", path);
    }
    struct base_slice *kept =
        code == BASE_OK ? base_arena_alloc(drawing->arena, count * sizeof *kept) : NULL;
    if (kept != NULL) {
        memcpy(kept, values, count * sizeof *kept);
        *list = (struct bench_key_list){kept, count};
    } else if (code == BASE_OK) {
        code = no_memory(drawing->error);
    }
    free(values);
    free(line);
    fclose(file);
    return code;
}

static void read_dataset(hirsch_client *client, struct bench_dataset *dataset)
{
    const struct hirsch_dataset *found = NULL;
    if (hirsch_get_dataset(client, NULL, &found, NULL) != HIRSCH_OK) {
        return;
    }
    dataset->known = found->id[0] != '\0';
    snprintf(dataset->id, sizeof dataset->id, "%s", found->id);
    snprintf(dataset->epoch, sizeof dataset->epoch, "%s", found->epoch);
    dataset->sequence = found->sequence;
    dataset->papers = found->paper_count;
    dataset->authors = found->author_count;
    dataset->citations = found->citation_count;
    hirsch_free(found);
}

static enum base_code fill_list(struct drawing *drawing, enum bench_key_kind kind)
{
    if (kind == BENCH_KEY_NONE || drawing->plan->lists[kind].count > 0) {
        return BASE_OK;
    }
    if (drawing->preparation->ids_path != NULL) {
        return read_ids(drawing, &drawing->plan->lists[kind]);
    }
    if (kind == BENCH_KEY_AUTHOR || kind == BENCH_KEY_PAPER) {
        return draw_ids(drawing, kind);
    }
    enum bench_key_kind of = kind == BENCH_KEY_NAME ? BENCH_KEY_AUTHOR : BENCH_KEY_PAPER;
    enum base_code code = fill_list(drawing, of);
    return code == BASE_OK ? draw_words(drawing, kind, &drawing->plan->lists[of]) : code;
}

enum base_code bench_prepare(const struct bench_preparation *preparation, struct base_arena *arena,
                             struct bench_plan *plan, struct bench_dataset *dataset,
                             struct base_error *error)
{
    struct drawing drawing = {preparation, arena, plan, NULL, error};
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    hirsch_error *why = NULL;
    enum base_code code = BASE_OK;
    *dataset = (struct bench_dataset){.known = false};
    options.endpoints = preparation->urls;
    options.timeout_ms = preparation->timeout_ms;
    options.fail_fast = true;
    options.key_file = plan->key_file;
    code = client_key_read(&options, getenv("HIRSCH_KEY"), arena, &plan->authorization, error);
    if (code != BASE_OK) {
        return code;
    }
    if (hirsch_open(&options, &drawing.client, &why) != HIRSCH_OK) {
        return pass_on("opening a client", why, error);
    }
    for (size_t i = 0; i < plan->workload.count && code == BASE_OK; i++) {
        code = fill_list(&drawing, plan->workload.operations[i].method->key);
    }
    if (code == BASE_OK) {
        read_dataset(drawing.client, dataset);
        uint64_t state = dataset->sequence;
        plan->put_base = bench_random(&state);
    }
    hirsch_close(drawing.client);
    return code;
}
