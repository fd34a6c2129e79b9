#include "net/held.h"

#include <stdlib.h>

#include "net/sp_connection.h"

struct net_mailbox *net_mailbox_new(uv_async_t *wake)
{
    struct net_mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (mailbox != NULL) {
        atomic_init(&mailbox->references, 1);
        pthread_mutex_init(&mailbox->mutex, NULL);
        mailbox->wake = wake;
    }
    return mailbox;
}

static void release_mailbox(struct net_mailbox *mailbox)
{
    if (atomic_fetch_sub_explicit(&mailbox->references, 1, memory_order_acq_rel) == 1) {
        pthread_mutex_destroy(&mailbox->mutex);
        free(mailbox);
    }
}

/* One that no connection's list holds. */
static void free_alone(struct net_held *held)
{
    base_buffer_fini(&held->reply);
    release_mailbox(held->mailbox);
    free(held);
}

void net_mailbox_close(struct net_mailbox *mailbox)
{
    if (mailbox == NULL) {
        return;
    }
    pthread_mutex_lock(&mailbox->mutex);
    struct net_held *held = mailbox->first;
    mailbox->wake = NULL;
    mailbox->first = NULL;
    mailbox->last = NULL;
    pthread_mutex_unlock(&mailbox->mutex);
    while (held != NULL) {
        struct net_held *next = held->next_replied;
        BASE_ASSERT(held->connection == NULL);
        free_alone(held);
        held = next;
    }
    release_mailbox(mailbox);
}

struct net_held *net_mailbox_take(struct net_mailbox *mailbox)
{
    pthread_mutex_lock(&mailbox->mutex);
    struct net_held *first = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = NULL;
    pthread_mutex_unlock(&mailbox->mutex);
    return first;
}

struct net_held *net_request_hold(struct net_request *request)
{
    struct net_sp_connection *connection = request->connection;
    struct net_held *held = calloc(1, sizeof *held);
    if (held == NULL) {
        return NULL;
    }
    BASE_ASSERT(request->backtrace.size <= NET_BACKTRACE_MOST);
    held->mailbox = connection->loop->mailbox;
    atomic_fetch_add_explicit(&held->mailbox->references, 1, memory_order_relaxed);
    atomic_init(&held->gone, false);
    base_buffer_init(&held->reply);
    held->backtrace_size = (uint8_t)request->backtrace.size;
    memcpy(held->backtrace, request->backtrace.data, request->backtrace.size);
    held->connection = connection;
    held->next = connection->held;
    if (held->next != NULL) {
        held->next->previous = held;
    }
    connection->held = held;
    connection->held_count++;
    return held;
}

static void leave_connection(struct net_held *held)
{
    struct net_sp_connection *connection = held->connection;
    if (connection == NULL) {
        return;
    }
    *(held->previous != NULL ? &held->previous->next : &connection->held) = held->next;
    if (held->next != NULL) {
        held->next->previous = held->previous;
    }
    held->connection = NULL;
    connection->held_count--;
}

void net_held_free(struct net_held *held)
{
    leave_connection(held);
    free_alone(held);
}

void net_held_release(struct net_held *held)
{
    net_held_free(held);
}

void net_held_abandon_all(struct net_sp_connection *connection)
{
    while (connection->held != NULL) {
        struct net_held *held = connection->held;
        leave_connection(held);
        atomic_store_explicit(&held->gone, true, memory_order_relaxed);
    }
}

bool net_held_gone(const struct net_held *held)
{
    return atomic_load_explicit(&held->gone, memory_order_relaxed);
}

void net_held_answer(struct net_held *held, struct base_buffer *reply)
{
    struct net_mailbox *mailbox = held->mailbox;
    held->reply = *reply;
    base_buffer_init(reply);
    held->next_replied = NULL;
    pthread_mutex_lock(&mailbox->mutex);
    bool taken = mailbox->wake != NULL;
    if (taken) {
        if (mailbox->first == NULL) {
            uv_async_send(mailbox->wake);
        }
        *(mailbox->first != NULL ? &mailbox->last->next_replied : &mailbox->first) = held;
        mailbox->last = held;
    }
    pthread_mutex_unlock(&mailbox->mutex);
    if (!taken) {
        /* The loop has ended and let go of it. */
        free_alone(held);
    }
}
