#include "model/identity.h"

/* A root is its own parent, and the smaller root wins, so that the outcome does not depend on the
 * order of unions. */
static uint32_t find(uint32_t *parent, uint32_t node)
{
    while (parent[node] != node) {
        parent[node] = parent[parent[node]];
        node = parent[node];
    }
    return node;
}

static void join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = find(parent, a);
    b = find(parent, b);
    if (a < b) {
        parent[b] = a;
    } else {
        parent[a] = b;
    }
}

static size_t group_end(const struct model_claim *claims, size_t count, size_t from)
{
    size_t end = from + 1;
    while (end < count && claims[end].claimed == claims[from].claimed) {
        end++;
    }
    return end;
}

/* Claims of one id lie sorted by (source, claimant): two neighbours of one source with different
 * claimants tell. */
static bool is_disputed(const struct model_claim *group, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (group[i].source == group[i - 1].source && group[i].claimant != group[i - 1].claimant) {
            return true;
        }
    }
    return false;
}

static bool has_one_claimant(const struct model_claim *group, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (group[i].claimant != group[0].claimant) {
            return false;
        }
    }
    return true;
}

static bool is_open(const uint8_t *facts, uint32_t node)
{
    return (facts[node] & MODEL_NODE_OPEN) != 0 && (facts[node] & MODEL_NODE_RECORD) == 0;
}

static void mark_open(uint8_t *facts, const struct model_claim *claims, size_t count)
{
    for (size_t from = 0, end; from < count; from = end) {
        end = group_end(claims, count, from);
        const struct model_claim *group = claims + from;
        if (is_disputed(group, end - from)) {
            facts[group->claimed] |= MODEL_NODE_DISPUTED | MODEL_NODE_OPEN;
        } else if ((facts[group->claimed] & (MODEL_NODE_RECORD | MODEL_NODE_JOINS)) == 0 &&
                   !has_one_claimant(group, end - from)) {
            facts[group->claimed] |= MODEL_NODE_OPEN;
        }
    }
}

/* Unions by claims. A disputed id joins nobody; an open id that itself claims another one speaks
 * for whatever it resolves to, so it waits for the second round. */
static bool join_claims(const uint8_t *facts, uint32_t *parent, const struct model_claim *claims,
                        size_t count, const uint32_t *resolved)
{
    bool deferred = false;
    for (size_t i = 0; i < count; i++) {
        if ((facts[claims[i].claimed] & MODEL_NODE_OPEN) != 0) {
            continue;
        }
        if (!is_open(facts, claims[i].claimant)) {
            join(parent, claims[i].claimed, claims[i].claimant);
        } else if (resolved == NULL) {
            deferred = true;
        } else if (resolved[claims[i].claimant] != MODEL_NO_NODE) {
            join(parent, claims[i].claimed, resolved[claims[i].claimant]);
        }
    }
    return deferred;
}

static bool join_lines(const uint8_t *facts, uint32_t *parent, const struct model_join *joins,
                       size_t count, const uint32_t *resolved)
{
    bool deferred = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t from = joins[i].from;
        uint32_t into = joins[i].into;
        if (is_open(facts, from) || is_open(facts, into)) {
            if (resolved == NULL) {
                deferred = true;
                continue;
            }
            from = is_open(facts, from) ? resolved[from] : from;
            into = is_open(facts, into) ? resolved[into] : into;
        }
        if (from != MODEL_NO_NODE && into != MODEL_NO_NODE) {
            join(parent, from, into);
        }
    }
    return deferred;
}

/* entity[] of every node from the forest: the own id of its tree. A tree's root is its smallest
 * node, so going upwards the first record, or else the first name, that a tree meets is the one
 * that sorts first. */
static void elect(const uint8_t *facts, uint32_t node_count, uint32_t *parent, uint32_t *entity)
{
    for (uint32_t node = 0; node < node_count; node++) {
        entity[node] = MODEL_NO_NODE;
    }
    for (uint32_t node = 0; node < node_count; node++) {
        uint32_t *own = &entity[find(parent, node)];
        bool record = (facts[node] & MODEL_NODE_RECORD) != 0;
        bool named = (facts[node] & MODEL_NODE_NAMED) != 0 && !is_open(facts, node);
        if ((record && (*own == MODEL_NO_NODE || (facts[*own] & MODEL_NODE_RECORD) == 0)) ||
            (named && *own == MODEL_NO_NODE)) {
            *own = node;
        }
    }
    for (uint32_t node = node_count; node-- > 0;) {
        entity[node] = entity[find(parent, node)];
    }
}

/* Nodes without record that several claim: the claimants' entity whose own id sorts first. One that
 * only open ids claim stands for itself. */
static void resolve_open(const uint8_t *facts, uint32_t *entity, const struct model_claim *claims,
                         size_t count)
{
    for (size_t from = 0, end; from < count; from = end) {
        end = group_end(claims, count, from);
        uint32_t claimed = claims[from].claimed;
        if (!is_open(facts, claimed)) {
            continue;
        }
        uint32_t first = MODEL_NO_NODE;
        for (size_t i = from; i < end; i++) {
            uint32_t own =
                is_open(facts, claims[i].claimant) ? MODEL_NO_NODE : entity[claims[i].claimant];
            first = own < first ? own : first;
        }
        entity[claimed] = first == MODEL_NO_NODE ? claimed : first;
    }
}

void model_identity(uint8_t *facts, uint32_t node_count, const struct model_claim *claims,
                    size_t claim_count, const struct model_join *joins, size_t join_count,
                    uint32_t *parent, uint32_t *entity)
{
    for (uint32_t node = 0; node < node_count; node++) {
        parent[node] = node;
    }
    mark_open(facts, claims, claim_count);
    bool deferred = join_claims(facts, parent, claims, claim_count, NULL);
    deferred |= join_lines(facts, parent, joins, join_count, NULL);
    elect(facts, node_count, parent, entity);
    resolve_open(facts, entity, claims, claim_count);
    if (deferred) {
        /* What an open id resolves to is known only now. */
        join_claims(facts, parent, claims, claim_count, entity);
        join_lines(facts, parent, joins, join_count, entity);
        elect(facts, node_count, parent, entity);
        resolve_open(facts, entity, claims, claim_count);
    }
}
