/* Papers, authors and citations in memory, given to the engine as a store would: for tests and
 * benches of the engine. Include it in one source file of an executable. Out of memory aborts. */
#ifndef SUPPORT_ENGINE_MEMORY_H
#define SUPPORT_ENGINE_MEMORY_H

#include <stdlib.h>
#include <string.h>

#include "engine/set.h"
#include "model/date.h"

struct memory_authorship {
    uint32_t author;
    uint16_t position;
};

struct memory_paper {
    bool exists; /* has a record: not a stub */
    struct model_date date;
    unsigned refereed; /* 0: unknown, 1: no, 2: yes */
    bool retracted;
    bool truncated;
    uint8_t kind;
    uint32_t field;
    struct memory_authorship *authors; /* owned; distinct */
    size_t author_count;
};

struct memory_edge {
    uint32_t citing;
    uint32_t cited;
    struct model_date date; /* of the citation itself */
};

struct memory_graph {
    uint32_t paper_end;
    uint32_t author_end;
    struct memory_paper *papers;
    bool *name_only; /* by author */
    struct memory_edge *edges;
    size_t edge_count;
    size_t edge_room;
    /* Made by memory_finish. */
    uint64_t *cites_first;
    uint32_t *cites;
    uint64_t *citers_first;
    struct engine_citer *citers;
    uint64_t *authored_first;
    struct engine_authored *authored;
};

static inline void *memory_need(void *memory)
{
    if (memory == NULL) {
        abort();
    }
    return memory;
}

static inline void memory_init(struct memory_graph *graph, uint32_t paper_end, uint32_t author_end)
{
    *graph = (struct memory_graph){.paper_end = paper_end, .author_end = author_end};
    graph->papers = memory_need(calloc(paper_end, sizeof *graph->papers));
    graph->name_only = memory_need(calloc(author_end + 1U, sizeof *graph->name_only));
    for (uint32_t i = 0; i < paper_end; i++) {
        graph->papers[i].date = MODEL_UNDATED;
    }
}

static inline void memory_fini(struct memory_graph *graph)
{
    for (uint32_t i = 0; i < graph->paper_end; i++) {
        free(graph->papers[i].authors);
    }
    free(graph->papers);
    free(graph->name_only);
    free(graph->edges);
    free(graph->cites_first);
    free(graph->cites);
    free(graph->citers_first);
    free(graph->citers);
    free(graph->authored_first);
    free(graph->authored);
}

/* Self-loops are dropped here, repeated edges when the graph is finished. */
static inline void memory_cite(struct memory_graph *graph, uint32_t citing, uint32_t cited,
                               struct model_date date)
{
    if (citing == cited) {
        return;
    }
    if (graph->edge_count == graph->edge_room) {
        graph->edge_room = graph->edge_room * 2 + 64;
        graph->edges = memory_need(realloc(graph->edges, graph->edge_room * sizeof *graph->edges));
    }
    graph->edges[graph->edge_count++] = (struct memory_edge){citing, cited, date};
}

/* By citing, cited; of several dates for one edge the earliest first, none last. */
static inline int memory_edge_order(const void *left, const void *right)
{
    const struct memory_edge *a = left;
    const struct memory_edge *b = right;
    if (a->citing != b->citing) {
        return a->citing < b->citing ? -1 : 1;
    }
    if (a->cited != b->cited) {
        return a->cited < b->cited ? -1 : 1;
    }
    if (a->date.day != b->date.day) {
        return a->date.day < b->date.day ? -1 : 1;
    }
    return (int)a->date.precision - (int)b->date.precision;
}

static inline bool memory_share_author(const struct memory_graph *graph, uint32_t a, uint32_t b)
{
    const struct memory_paper *left = &graph->papers[a];
    const struct memory_paper *right = &graph->papers[b];
    for (size_t i = 0; i < left->author_count; i++) {
        for (size_t k = 0; k < right->author_count; k++) {
            if (left->authors[i].author == right->authors[k].author &&
                !graph->name_only[left->authors[i].author]) {
                return true;
            }
        }
    }
    return false;
}

static inline struct engine_citer memory_citer(const struct memory_graph *graph,
                                               const struct memory_edge *edge)
{
    const struct memory_paper *citing = &graph->papers[edge->citing];
    const struct memory_paper *cited = &graph->papers[edge->cited];
    struct model_date date = citing->date;
    unsigned flags = 0;
    if (date.precision == MODEL_NO_DATE && edge->date.precision != MODEL_NO_DATE) {
        date = edge->date;
        flags |= ENGINE_EDGE_LINE_DATE;
    }
    if (date.precision != MODEL_NO_DATE && date.precision != MODEL_DAY) {
        flags |= ENGINE_EDGE_COARSE_DATE;
        flags |= date.precision == MODEL_YEAR ? ENGINE_EDGE_YEAR_DATE : 0;
    }
    flags |= citing->refereed == 2 ? ENGINE_EDGE_REFEREED : 0;
    flags |= citing->refereed != 0 ? ENGINE_EDGE_REFEREE_KNOWN : 0;
    flags |= citing->retracted ? ENGINE_EDGE_RETRACTED : 0;
    flags |= citing->truncated || cited->truncated ? ENGINE_EDGE_AUTHORS_CUT : 0;
    flags |= memory_share_author(graph, edge->citing, edge->cited) ? ENGINE_EDGE_SHARES_AUTHOR : 0;
    uint64_t references = graph->cites_first[edge->citing + 1] - graph->cites_first[edge->citing];
    return (struct engine_citer){
        .day = date.day,
        .paper = edge->citing,
        .references = (uint16_t)(references < UINT16_MAX ? references : UINT16_MAX),
        .flags = (uint16_t)flags,
    };
}

static inline int memory_citer_order(const void *left, const void *right)
{
    const struct engine_citer *a = left;
    const struct engine_citer *b = right;
    if (a->day != b->day) {
        return a->day < b->day ? -1 : 1;
    }
    return a->paper < b->paper ? -1 : a->paper > b->paper;
}

static inline void memory_deal_edges(struct memory_graph *graph)
{
    if (graph->edge_count > 1) {
        qsort(graph->edges, graph->edge_count, sizeof *graph->edges, memory_edge_order);
    }
    size_t used = 0;
    for (size_t i = 0; i < graph->edge_count; i++) {
        const struct memory_edge *edge = &graph->edges[i];
        if (used == 0 || graph->edges[used - 1].citing != edge->citing ||
            graph->edges[used - 1].cited != edge->cited) {
            graph->edges[used++] = *edge;
        }
    }
    graph->edge_count = used;
    size_t slots = (size_t)graph->paper_end + 2;
    graph->cites_first = memory_need(calloc(slots, sizeof *graph->cites_first));
    graph->citers_first = memory_need(calloc(slots, sizeof *graph->citers_first));
    graph->cites = memory_need(malloc((used + 1) * sizeof *graph->cites));
    graph->citers = memory_need(malloc((used + 1) * sizeof *graph->citers));
    for (size_t i = 0; i < used; i++) {
        graph->cites_first[graph->edges[i].citing + 1]++;
        graph->citers_first[graph->edges[i].cited + 1]++;
        graph->cites[i] = graph->edges[i].cited;
    }
    for (size_t i = 1; i < slots; i++) {
        graph->cites_first[i] += graph->cites_first[i - 1];
        graph->citers_first[i] += graph->citers_first[i - 1];
    }
    uint64_t *place = memory_need(malloc(slots * sizeof *place));
    memcpy(place, graph->citers_first, slots * sizeof *place);
    for (size_t i = 0; i < used; i++) {
        graph->citers[place[graph->edges[i].cited]++] = memory_citer(graph, &graph->edges[i]);
    }
    free(place);
    for (uint32_t i = 0; i < graph->paper_end; i++) {
        size_t count = (size_t)(graph->citers_first[i + 1] - graph->citers_first[i]);
        if (count > 1) {
            qsort(graph->citers + graph->citers_first[i], count, sizeof *graph->citers,
                  memory_citer_order);
        }
    }
}

static inline struct engine_authored memory_entry(const struct memory_paper *paper, uint32_t number,
                                                  const struct memory_authorship *authorship)
{
    uint16_t last = 0;
    for (size_t i = 0; i < paper->author_count; i++) {
        last = paper->authors[i].position > last ? paper->authors[i].position : last;
    }
    unsigned flags = 0;
    if (paper->date.precision != MODEL_NO_DATE && paper->date.precision != MODEL_DAY) {
        flags |= ENGINE_AUTHORED_COARSE_DATE;
        flags |= paper->date.precision == MODEL_YEAR ? ENGINE_AUTHORED_YEAR_DATE : 0;
    }
    flags |= paper->refereed == 2 ? ENGINE_AUTHORED_REFEREED : 0;
    flags |= paper->refereed != 0 ? ENGINE_AUTHORED_REFEREE_KNOWN : 0;
    flags |= paper->retracted ? ENGINE_AUTHORED_RETRACTED : 0;
    flags |= paper->truncated ? ENGINE_AUTHORED_TRUNCATED : 0;
    flags |=
        !paper->truncated && paper->author_count >= 2 && last > 0 && authorship->position == last
            ? ENGINE_AUTHORED_LAST
            : 0;
    return (struct engine_authored){
        .day = paper->date.day,
        .paper = number,
        .position = authorship->position,
        .author_count =
            (uint16_t)(paper->author_count < UINT16_MAX ? paper->author_count : UINT16_MAX),
        .flags = (uint16_t)flags,
    };
}

static inline void memory_deal_authors(struct memory_graph *graph)
{
    size_t slots = (size_t)graph->author_end + 2;
    size_t all = 0;
    graph->authored_first = memory_need(calloc(slots, sizeof *graph->authored_first));
    for (uint32_t i = 0; i < graph->paper_end; i++) {
        for (size_t k = 0; k < graph->papers[i].author_count; k++) {
            graph->authored_first[graph->papers[i].authors[k].author + 1]++;
            all++;
        }
    }
    for (size_t i = 1; i < slots; i++) {
        graph->authored_first[i] += graph->authored_first[i - 1];
    }
    graph->authored = memory_need(malloc((all + 1) * sizeof *graph->authored));
    uint64_t *place = memory_need(malloc(slots * sizeof *place));
    memcpy(place, graph->authored_first, slots * sizeof *place);
    for (uint32_t i = 0; i < graph->paper_end; i++) {
        const struct memory_paper *paper = &graph->papers[i];
        for (size_t k = 0; k < paper->author_count; k++) {
            graph->authored[place[paper->authors[k].author]++] =
                memory_entry(paper, i, &paper->authors[k]);
        }
    }
    free(place);
}

/* No paper, author or citation is added afterwards. */
static inline void memory_finish(struct memory_graph *graph)
{
    memory_deal_edges(graph);
    memory_deal_authors(graph);
}

static inline enum base_code memory_citers(void *context, uint32_t paper,
                                           const struct engine_citer **list, size_t *count,
                                           struct base_error *error)
{
    const struct memory_graph *graph = context;
    (void)error;
    *list = graph->citers + graph->citers_first[paper];
    *count = (size_t)(graph->citers_first[paper + 1] - graph->citers_first[paper]);
    return BASE_OK;
}

static inline enum base_code memory_references(void *context, uint32_t paper, const uint32_t **list,
                                               size_t *count, struct base_error *error)
{
    const struct memory_graph *graph = context;
    (void)error;
    *list = graph->cites + graph->cites_first[paper];
    *count = (size_t)(graph->cites_first[paper + 1] - graph->cites_first[paper]);
    return BASE_OK;
}

static inline struct engine_edges memory_edges(struct memory_graph *graph)
{
    return (struct engine_edges){graph, graph->paper_end, memory_citers, memory_references};
}

/* In the order of paper numbers. */
static inline const struct engine_authored *memory_authored(const struct memory_graph *graph,
                                                            uint32_t author, size_t *count)
{
    *count = (size_t)(graph->authored_first[author + 1] - graph->authored_first[author]);
    return graph->authored + graph->authored_first[author];
}

/* Facts of a paper from its record, named authors left out. */
static inline struct engine_paper memory_facts(const struct memory_graph *graph, uint32_t number)
{
    const struct memory_paper *paper = &graph->papers[number];
    struct engine_authored entry = memory_entry(paper, number, &(struct memory_authorship){0, 0});
    struct engine_paper facts = engine_paper_of_authored(&entry, 0);
    facts.named = 0;
    facts.places = 0;
    facts.kind = paper->kind;
    facts.field = paper->field;
    return facts;
}

#endif
