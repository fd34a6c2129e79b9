/* The citation graph of a snapshot, as the engine asks for it. */
#ifndef SERVICE_GRAPH_H
#define SERVICE_GRAPH_H

#include "engine/set.h"
#include "store/graph.h"

/* Work memory of metrics over one reader: one thread at a time, used for one question after the
 * other. */
struct service_graph {
    struct store_reader *reader; /* borrowed */
    struct engine_work *work;    /* owned */
    struct engine_edges edges;   /* over the reader's snapshot; see service_graph_begin */
    struct base_buffer citers;
    struct base_buffer cited;
    bool keeps;                /* citations that were read stay in kept until the question's end */
    struct base_buffer kept;   /* struct engine_citer */
    struct base_buffer places; /* where those of each paper lie, ascending by paper */
    size_t next;               /* of the place that is likely asked for next */
};

/* NULL when memory is out. */
struct service_graph *service_graph_new(struct store_reader *reader);
/* Takes NULL. */
void service_graph_free(struct service_graph *graph);

/* Before each question: the snapshot may have changed. stop as for engine_work_new, which polls it;
 * a computation that it ends fails with CANCELLED. */
enum base_code service_graph_begin(struct service_graph *graph, bool (*stop)(void *context),
                                   void *context, struct base_error *error);
/* For questions that go over their set more than once: up to the question's end citations are kept
 * from the first reading on, of papers that are first asked for in ascending order; what would be
 * too much is read again. */
void service_graph_keep(struct service_graph *graph);
/* After it: gives back memory that a usual question does not need. */
void service_graph_end(struct service_graph *graph);

/* What cohorts and filters ask of a paper, from its view. */
struct service_class {
    struct base_slice field; /* `scheme/code`, borrowed from the view; size 0: none */
    uint8_t kind;            /* enum model_kind */
};
struct service_class service_paper_class(const struct store_paper *paper);

/* The facts of a paper as a member of a set; no author is named by it. field and kind stay 0. */
struct engine_paper service_graph_paper(const struct store_paper *paper);

#endif
