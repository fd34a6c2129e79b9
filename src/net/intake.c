#include "net/intake.h"

#include <stdlib.h>

#include "base/clock.h"
#include "net/sp_turn.h"

#define MEMORY ((size_t)2 * NET_INPUT)

enum base_code net_intake_init(struct net_intake *intake, struct base_error *error)
{
    *intake = (struct net_intake){.memory = malloc(MEMORY)};
    return intake->memory != NULL
               ? BASE_OK
               : base_fail(error, BASE_RESOURCE_EXHAUSTED, "a loop cannot be made: memory is out");
}

void net_intake_fini(struct net_intake *intake)
{
    free(intake->memory);
}

char *net_intake_room(struct net_intake *intake)
{
    return intake->memory + intake->used;
}

void net_intake_read(struct net_loop *loop, struct net_sp_connection *connection)
{
    struct net_intake *intake = &loop->intake;
    struct base_slice input;
    if (!net_sp_turn_read(connection, net_intake_room(intake), &input)) {
        return;
    }
    if (intake->count == 0) {
        intake->received_ns = base_clock_monotonic_ns();
    }
    connection->taken = true;
    intake->taken[intake->count++] = (struct net_taken){connection, input};
    intake->used += input.size;
    if (intake->count == NET_AHEAD || MEMORY - intake->used < NET_INPUT) {
        net_intake_answer(loop);
    }
}

/* Each connection has the same share of what the handler hears of ahead; seen: how many requests of
 * each that is. */
static void look_ahead(struct net_loop *loop, unsigned seen[NET_AHEAD])
{
    const struct net_intake *intake = &loop->intake;
    struct base_slice requests[NET_AHEAD];
    unsigned count = 0;
    for (unsigned i = 0; i < intake->count; i++) {
        const struct net_taken *taken = &intake->taken[i];
        seen[i] = 0;
        if (!taken->connection->closing) {
            seen[i] = net_sp_turn_peek(taken->connection, taken->input, requests + count,
                                       NET_AHEAD / intake->count);
            count += seen[i];
        }
    }
    if (count > 1) {
        net_loop_ahead(loop, requests, count);
    }
}

void net_intake_answer(struct net_loop *loop)
{
    struct net_intake *intake = &loop->intake;
    unsigned seen[NET_AHEAD];
    if (intake->count == 0) {
        return;
    }
    look_ahead(loop, seen);
    loop->now_ns = base_clock_monotonic_ns();
    for (unsigned i = 0; i < intake->count; i++) {
        const struct net_taken *taken = &intake->taken[i];
        taken->connection->taken = false;
        net_sp_turn_take(taken->connection, taken->input, intake->received_ns, seen[i]);
    }
    intake->count = 0;
    intake->used = 0;
}
