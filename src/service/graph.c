#include "service/graph.h"

#include <stdlib.h>

#include "model/kind.h"
#include "wire/fields.h"
#include "wire/read.h"

enum {
    KEPT = 4 * 1024 * 1024,         /* over a question's end; larger ones are rare */
    KEPT_CITERS = 16 * 1024 * 1024, /* inside a question that keeps citations */
};

/* Where the citations of a paper lie among the kept ones, in bytes. */
struct place {
    uint32_t paper;
    uint32_t size;
    size_t start;
};

/* Papers are mostly asked for in the order of the time before; *is_new: it lies behind all of
 * them. NULL: not kept. */
static const struct place *find_place(struct service_graph *graph, uint32_t paper, bool *is_new)
{
    const struct place *places = (const void *)graph->places.data;
    size_t high = graph->places.size / sizeof *places;
    *is_new = high == 0 || paper > places[high - 1].paper;
    if (*is_new) {
        return NULL;
    }
    if (graph->next < high && places[graph->next].paper == paper) {
        return &places[graph->next++];
    }
    size_t low = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (places[middle].paper < paper) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    graph->next = low + 1;
    return places[low].paper == paper ? &places[low] : NULL;
}

/* Appends the citations of the paper to a buffer, and says where they lie in it. */
static enum base_code append_citers(struct service_graph *graph, uint32_t paper,
                                    struct base_buffer *buffer, struct place *place,
                                    struct base_error *error)
{
    size_t start = buffer->size;
    enum base_code code = store_append_citers(graph->reader, paper, buffer, error);
    if (code == BASE_OK) {
        *place = (struct place){paper, (uint32_t)(buffer->size - start), start};
    }
    return code;
}

static enum base_code read_citers(void *context, uint32_t paper, const struct engine_citer **list,
                                  size_t *count, struct base_error *error)
{
    struct service_graph *graph = context;
    bool is_new = false;
    const struct place *kept = graph->keeps ? find_place(graph, paper, &is_new) : NULL;
    if (kept == NULL && (!is_new || graph->kept.size >= KEPT_CITERS)) {
        return store_read_citers(graph->reader, paper, &graph->citers, list, count, error);
    }
    struct place place = {paper, 0, 0};
    enum base_code code = BASE_OK;
    if (kept != NULL) {
        place = *kept;
    } else {
        code = append_citers(graph, paper, &graph->kept, &place, error);
        base_buffer_append(&graph->places, &place, sizeof place);
        if (code == BASE_OK && graph->places.failed) {
            code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for citations");
        }
    }
    if (code == BASE_OK) {
        *count = place.size / sizeof **list;
        *list = *count == 0 ? NULL : (const void *)(graph->kept.data + place.start);
    }
    return code;
}

static enum base_code read_references(void *context, uint32_t paper, const uint32_t **list,
                                      size_t *count, struct base_error *error)
{
    struct service_graph *graph = context;
    base_buffer_clear(&graph->cited);
    enum base_code code = store_append_cited(graph->reader, paper, &graph->cited, error);
    if (code == BASE_OK) {
        *list = (const uint32_t *)(const void *)graph->cited.data;
        *count = graph->cited.size / sizeof **list;
    }
    return code;
}

struct service_graph *service_graph_new(struct store_reader *reader)
{
    struct service_graph *graph = calloc(1, sizeof *graph);
    if (graph == NULL) {
        return NULL;
    }
    graph->work = engine_work_new(NULL, NULL);
    if (graph->work == NULL) {
        free(graph);
        return NULL;
    }
    graph->reader = reader;
    graph->edges = (struct engine_edges){
        .context = graph, .citers = read_citers, .references = read_references};
    return graph;
}

void service_graph_free(struct service_graph *graph)
{
    if (graph != NULL) {
        engine_work_free(graph->work);
        base_buffer_fini(&graph->citers);
        base_buffer_fini(&graph->cited);
        base_buffer_fini(&graph->kept);
        base_buffer_fini(&graph->places);
        free(graph);
    }
}

enum base_code service_graph_begin(struct service_graph *graph, bool (*stop)(void *context),
                                   void *context, struct base_error *error)
{
    uint32_t last;
    enum base_code code = store_read_last(graph->reader, MODEL_PAPER, &last, error);
    if (code == BASE_OK) {
        graph->edges.paper_end = last + 1;
        engine_work_set_stop(graph->work, stop, context);
    }
    return code;
}

void service_graph_keep(struct service_graph *graph)
{
    graph->keeps = true;
}

static void trim(struct base_buffer *buffer)
{
    if (buffer->capacity > KEPT) {
        base_buffer_fini(buffer);
        base_buffer_init(buffer);
    }
}

void service_graph_end(struct service_graph *graph)
{
    engine_work_set_stop(graph->work, NULL, NULL);
    engine_work_trim(graph->work, KEPT);
    trim(&graph->citers);
    trim(&graph->cited);
    graph->keeps = false;
    graph->next = 0;
    base_buffer_clear(&graph->kept);
    base_buffer_clear(&graph->places);
    trim(&graph->kept);
    trim(&graph->places);
}

struct engine_paper service_graph_paper(const struct store_paper *paper)
{
    unsigned flags = 0;
    if (paper->date.precision != MODEL_NO_DATE && paper->date.precision != MODEL_DAY) {
        flags |= ENGINE_PAPER_COARSE_DATE;
        flags |= paper->date.precision == MODEL_YEAR ? ENGINE_PAPER_YEAR_DATE : 0;
    }
    flags |= paper->refereed ? ENGINE_PAPER_REFEREED : 0;
    flags |= paper->referee_known ? ENGINE_PAPER_REFEREE_KNOWN : 0;
    flags |= paper->retracted ? ENGINE_PAPER_RETRACTED : 0;
    flags |= paper->authors_truncated ? ENGINE_PAPER_TRUNCATED : 0;
    return (struct engine_paper){
        .paper = paper->number,
        .day = paper->date.day,
        .author_count = paper->author_count,
        .flags = (uint16_t)flags,
    };
}

struct service_class service_paper_class(const struct store_paper *paper)
{
    struct service_class found = {{NULL, 0}, MODEL_KIND_UNSPECIFIED};
    struct base_slice rest = paper->view;
    struct wire_field field;
    /* Fields of a view stand in the order of their numbers. */
    while (rest.size > 0 && wire_take(&rest, &field) == NULL && field.number <= WIRE_PAPER_KIND) {
        if (field.number == WIRE_PAPER_PRIMARY_FIELD && field.type == WIRE_BYTES) {
            found.field = wire_find_bytes(field.bytes, WIRE_FIELD_ID);
        } else if (field.number == WIRE_PAPER_KIND && field.value < MODEL_KIND_END) {
            found.kind = (uint8_t)field.value;
        }
    }
    return found;
}
