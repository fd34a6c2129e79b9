#include "client/lookup.h"

static uint32_t id_of(uint64_t number)
{
    return (uint32_t)number | UINT32_C(0x80000000);
}

static struct client_call **bucket(struct hirsch_client *client, uint32_t id)
{
    return &client->buckets[id % CLIENT_BUCKETS];
}

/* Ids and tickets come from one counter: an id is a number's lower half with the top bit set. */
static uint64_t take_number(struct hirsch_client *client, struct client_call *call)
{
    uint64_t number;
    /* An id that is still in use after 2^31 others is passed over; 0 is no ticket. */
    do {
        number = ++client->next_ticket;
    } while (number == 0 || client_lookup_id(client, id_of(number)) != NULL);
    call->id = id_of(number);
    struct client_call **chain = bucket(client, call->id);
    call->next_in_bucket = *chain;
    *chain = call;
    return number;
}

static void remove_id(struct hirsch_client *client, struct client_call *call)
{
    struct client_call **chain = bucket(client, call->id);
    while (*chain != call) {
        chain = &(*chain)->next_in_bucket;
    }
    *chain = call->next_in_bucket;
}

void client_lookup_enter(struct hirsch_client *client, struct client_call *call)
{
    call->ticket = take_number(client, call);
    client_link_init(&call->moved);
}

void client_lookup_move(struct hirsch_client *client, struct client_call *call)
{
    remove_id(client, call);
    (void)take_number(client, call);
    client_link_remove(&call->moved);
    client_link_append(&client->moved, &call->moved);
}

void client_lookup_leave(struct hirsch_client *client, struct client_call *call)
{
    remove_id(client, call);
    client_link_remove(&call->moved);
}

struct client_call *client_lookup_id(struct hirsch_client *client, uint32_t id)
{
    struct client_call *call = *bucket(client, id);
    while (call != NULL && call->id != id) {
        call = call->next_in_bucket;
    }
    return call;
}

struct client_call *client_lookup_ticket(struct hirsch_client *client, uint64_t ticket)
{
    struct client_call *call = client_lookup_id(client, id_of(ticket));
    if (call != NULL && call->ticket == ticket) {
        return call;
    }
    /* Few calls are beyond their first request. */
    for (struct client_link *link = client->moved.next; link != &client->moved; link = link->next) {
        call = CLIENT_OF(link, struct client_call, moved);
        if (call->ticket == ticket) {
            return call;
        }
    }
    return NULL;
}
