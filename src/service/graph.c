#include "service/graph.h"

#include <stdlib.h>

#include "model/kind.h"
#include "wire/fields.h"
#include "wire/read.h"

/* Kept over a question's end; larger ones are rare. */
enum { KEPT = 1024 * 1024 };

static enum base_code read_citers(void *context, uint32_t paper, const struct engine_citer **list,
                                  size_t *count, struct base_error *error)
{
    struct service_graph *graph = context;
    enum base_code code = store_read_citers(graph->reader, paper, &graph->citers, error);
    if (code == BASE_OK) {
        *list = (const struct engine_citer *)(const void *)graph->citers.data;
        *count = graph->citers.size / sizeof **list;
    }
    return code;
}

static enum base_code read_references(void *context, uint32_t paper, const uint32_t **list,
                                      size_t *count, struct base_error *error)
{
    struct service_graph *graph = context;
    enum base_code code = store_read_cited(graph->reader, paper, &graph->cited, error);
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
