/* Which ids name one thing: from claims and merge lines to entities, as a pure function of the set
 * of records. */
#ifndef MODEL_IDENTITY_H
#define MODEL_IDENTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Ids are numbered 0, 1, … in their order (entity kind, scheme, bytes): a node each. Of two nodes
 * of one entity kind the smaller one sorts first. */
enum model_node_fact {
    MODEL_NODE_RECORD = 1 << 0, /* the primary id of a source record */
    MODEL_NODE_NAMED = 1 << 1,  /* an author of a paper, a reference, an end of a citation */
    MODEL_NODE_JOINS =
        1 << 2, /* doi, arxiv, pmid, pmcid, orcid: shared by two sources it makes them one */
    MODEL_NODE_DISPUTED = 1 << 3, /* result: two records of one source claim it */
    MODEL_NODE_OPEN =
        1 << 4, /* result: claimed by several without joining them; disputed or of another scheme */
};

/* `claimant` (a primary id, or the id of an author on a paper) says that it is also `claimed`. */
struct model_claim {
    uint32_t claimed;
    uint32_t claimant;
    uint32_t source; /* number of the source's name */
};

/* A merge line. */
struct model_join {
    uint32_t from;
    uint32_t into;
};

#define MODEL_NO_NODE UINT32_C(0xFFFFFFFF)

/* claims are sorted by (claimed, source, claimant); joins in any order. facts has node_count
 * entries and receives DISPUTED and OPEN; parent is work memory of as many. entity[node] becomes
 * the node of the own id of the entity that the id resolves to, MODEL_NO_NODE when it resolves to
 * nothing (an id that only a merge line names).
 *
 * A claimed id joins its claimants and itself when exactly one claims it, when it is the primary id
 * of a record, or when it is of a joining scheme; unless two claimants of one source make it
 * disputed: then it joins nobody and, without a record of its own, resolves to the claimant's
 * entity whose own id sorts first. Own id: the first-sorting primary id of the entity's records,
 * else the first-sorting id by which papers name it. Merge lines join what their ids resolve to. */
void model_identity(uint8_t *facts, uint32_t node_count, const struct model_claim *claims,
                    size_t claim_count, const struct model_join *joins, size_t join_count,
                    uint32_t *parent, uint32_t *entity);

#endif
