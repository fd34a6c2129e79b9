/* Worked examples of design section 4: which ids name one thing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "model/identity.h"

#define RECORD MODEL_NODE_RECORD
#define NAMED MODEL_NODE_NAMED
#define JOINS MODEL_NODE_JOINS
#define NONE MODEL_NO_NODE

enum { NODES_MOST = 8 };

/* Nodes in order of ids; expected[i] is the own id of what node i resolves to. */
struct example {
    const char *what;
    uint32_t node_count;
    uint8_t facts[NODES_MOST];
    struct model_claim claims[NODES_MOST];
    size_t claim_count;
    struct model_join joins[NODES_MOST];
    size_t join_count;
    uint32_t expected[NODES_MOST];
    uint32_t disputed; /* bit a node */
};

static const struct example examples[] = {
    {.what = "one record, its id and its other id",
     .node_count = 2,
     .facts = {JOINS, RECORD},
     .claims = {{0, 1, 0}},
     .claim_count = 1,
     .expected = {1, 1}},
    {.what = "(a) the primary id of one is among the ids of the other",
     .node_count = 2,
     .facts = {RECORD | JOINS, RECORD},
     .claims = {{0, 1, 0}},
     .claim_count = 1,
     .expected = {0, 0}},
    {.what = "(b) two sources claim one undisputed doi",
     .node_count = 3,
     .facts = {JOINS, RECORD, RECORD},
     .claims = {{0, 1, 0}, {0, 2, 1}},
     .claim_count = 2,
     .expected = {1, 1, 1}},
    {.what = "two sources claim one mag id: no join, resolves to the first",
     .node_count = 3,
     .facts = {RECORD, RECORD, 0},
     .claims = {{2, 0, 0}, {2, 1, 1}},
     .claim_count = 2,
     .expected = {0, 1, 0}},
    {.what = "two records of one source claim one pmid: disputed, joins nobody",
     .node_count = 3,
     .facts = {JOINS, RECORD, RECORD},
     .claims = {{0, 1, 0}, {0, 2, 0}},
     .claim_count = 2,
     .expected = {1, 1, 2},
     .disputed = 1 << 0},
    {.what = "a dispute splits what a third source had joined",
     .node_count = 4,
     .facts = {JOINS, RECORD, RECORD, RECORD},
     .claims = {{0, 1, 0}, {0, 2, 0}, {0, 3, 1}},
     .claim_count = 3,
     .expected = {1, 1, 2, 3},
     .disputed = 1 << 0},
    {.what = "a disputed id with a record of its own resolves to that record",
     .node_count = 3,
     .facts = {RECORD, RECORD, RECORD | JOINS},
     .claims = {{2, 0, 0}, {2, 1, 0}},
     .claim_count = 2,
     .expected = {0, 1, 2},
     .disputed = 1 << 2},
    {.what = "(c) a merge line, closed transitively with a claim",
     .node_count = 4,
     .facts = {JOINS, RECORD, RECORD, RECORD},
     .claims = {{0, 2, 0}, {0, 3, 1}},
     .claim_count = 2,
     .joins = {{3, 1}},
     .join_count = 1,
     .expected = {1, 1, 1, 1}},
    {.what = "a merge line that names a disputed id speaks for what it resolves to",
     .node_count = 4,
     .facts = {JOINS, RECORD, RECORD, RECORD},
     .claims = {{0, 1, 0}, {0, 2, 0}},
     .claim_count = 2,
     .joins = {{0, 3}},
     .join_count = 1,
     .expected = {1, 1, 2, 1},
     .disputed = 1 << 0},
    {.what = "an id that only a merge line names follows it",
     .node_count = 2,
     .facts = {RECORD, 0},
     .joins = {{1, 0}},
     .join_count = 1,
     .expected = {0, 0}},
    {.what = "a merge line between ids that nothing names leaves nothing",
     .node_count = 2,
     .facts = {0, 0},
     .joins = {{1, 0}},
     .join_count = 1,
     .expected = {NONE, NONE}},
    {.what = "an author known from papers with an orcid: own id is the name on the paper",
     .node_count = 2,
     .facts = {JOINS, NAMED},
     .claims = {{0, 1, 0}},
     .claim_count = 1,
     .expected = {1, 1}},
    {.what = "a record goes before a name on a paper that sorts first",
     .node_count = 2,
     .facts = {NAMED | JOINS, RECORD},
     .claims = {{0, 1, 0}},
     .claim_count = 1,
     .expected = {1, 1}},
    {.what = "a disputed author id on a paper resolves to the first claimant",
     .node_count = 3,
     .facts = {NAMED | JOINS, RECORD, RECORD},
     .claims = {{0, 1, 0}, {0, 2, 0}},
     .claim_count = 2,
     .expected = {1, 1, 2},
     .disputed = 1 << 0},
    {.what = "an open id that claims another speaks for its entity",
     .node_count = 4,
     .facts = {JOINS, RECORD, RECORD, NAMED},
     .claims = {{0, 3, 2}, {3, 1, 0}, {3, 2, 1}},
     .claim_count = 3,
     .expected = {1, 1, 2, 1}},
    {.what = "a stub stands for itself",
     .node_count = 2,
     .facts = {RECORD, NAMED},
     .expected = {0, 1}},
};

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++) {
        const struct example *example = &examples[i];
        uint8_t facts[NODES_MOST];
        uint32_t parent[NODES_MOST];
        uint32_t entity[NODES_MOST];
        memcpy(facts, example->facts, sizeof facts);
        model_identity(facts, example->node_count, example->claims, example->claim_count,
                       example->joins, example->join_count, parent, entity);
        for (uint32_t node = 0; node < example->node_count; node++) {
            if (entity[node] != example->expected[node]) {
                fail_msg("%s: node %u resolves to %u, not %u", example->what, node, entity[node],
                         example->expected[node]);
            }
            if (((facts[node] & MODEL_NODE_DISPUTED) != 0) !=
                ((example->disputed >> node & 1) != 0)) {
                fail_msg("%s: node %u disputed or not", example->what, node);
            }
        }
    }
}

/* The outcome is a function of the set: joins in every order give the same entities. */
static void test_order_of_joins(void **state)
{
    (void)state;
    static const struct model_join lines[3] = {{3, 1}, {5, 3}, {4, 5}};
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                     {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (int o = 0; o < 6; o++) {
        struct model_join joins[3];
        for (int i = 0; i < 3; i++) {
            joins[i] = lines[orders[o][i]];
        }
        uint8_t facts[6] = {RECORD, RECORD, RECORD, RECORD, RECORD, RECORD};
        uint32_t parent[6];
        uint32_t entity[6];
        model_identity(facts, 6, NULL, 0, joins, 3, parent, entity);
        const uint32_t expected[6] = {0, 1, 2, 1, 1, 1};
        assert_memory_equal(entity, expected, sizeof expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_order_of_joins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
