#include "client/core.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/attempt.h"
#include "client/lookup.h"
#include "client/series.h"
#include "client/watch.h"
#include "wire/fields.h"
#include "wire/write.h"

enum {
    /* How often calls under way are looked at: libnanomsg tells nobody that a connection broke. */
    LOOK_MS = 20,
    EVENTS = 2 * CLIENT_SLOTS + 1,
    /* Answers taken from one endpoint before the others have their turn. */
    TAKE_MOST = 256,
    WAKE = UINT16_MAX, /* the event of wake_fd; others are 2 * slot, and 1 more for sending */
};

static const uint64_t NEVER = UINT64_MAX;

enum base_code client_core_init(struct hirsch_client *client, struct base_error *error)
{
    pthread_mutex_init(&client->lock, NULL);
    client_link_init(&client->active);
    client_link_init(&client->finished);
    client_link_init(&client->waiters);
    client_link_init(&client->moved);
    for (size_t i = 0; i < CLIENT_SLOTS; i++) {
        client_link_init(&client->slots[i].queue);
    }
    client->watch = (struct client_watch){-1, -1, -1, NEVER, false};
    client->sweep_ns = NEVER;
    client->tokens = CLIENT_TOKENS;
    client->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    client->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = WAKE};
    if (client->epoll_fd < 0 || client->wake_fd < 0 ||
        epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, client->wake_fd, &event) != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "no descriptors left in this process for another client; close clients "
                         "that are no longer needed, or raise the limit of open files");
    }
    return BASE_OK;
}

enum base_code client_core_watch(struct hirsch_client *client, size_t slot,
                                 struct base_error *error)
{
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)slot * 2};
    int fd = client_endpoint_receive_fd(client->slots[slot].endpoint);
    if (epoll_ctl(client->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "%s: the socket cannot be watched",
                         client_endpoint_url(client->slots[slot].endpoint));
    }
    return BASE_OK;
}

static void close_fd(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

void client_core_fini(struct hirsch_client *client)
{
    client_watch_fini(client);
    close_fd(client->epoll_fd);
    close_fd(client->wake_fd);
    pthread_mutex_destroy(&client->lock);
}

void client_waiter_init(struct client_waiter *waiter, bool polls)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&waiter->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    client_link_init(&waiter->link);
    waiter->polls = polls;
}

void client_waiter_fini(struct client_waiter *waiter)
{
    pthread_cond_destroy(&waiter->wake);
}

void client_log(const struct hirsch_client *client, enum hirsch_log_level level, const char *format,
                ...)
{
    if (client->settings.log == NULL) {
        return;
    }
    char text[BASE_ERROR_TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    client->settings.log(client->settings.log_context, level, text);
}

void client_lock(struct hirsch_client *client)
{
    pthread_mutex_lock(&client->lock);
}

void client_unlock(struct hirsch_client *client)
{
    client_watch_update(client);
    if (!client->driving && !client_link_empty(&client->waiters)) {
        pthread_cond_signal(&CLIENT_OF(client->waiters.next, struct client_waiter, link)->wake);
    }
    pthread_mutex_unlock(&client->lock);
}

/* Ends the wait of the thread that drives. */
static void wake_driver(struct hirsch_client *client)
{
    if (client->driving) {
        uint64_t one = 1;
        while (write(client->wake_fd, &one, sizeof one) < 0 && errno == EINTR) {
            /* Fails otherwise only when it is readable already. */
        }
    }
}

void client_core_due(struct hirsch_client *client, uint64_t due_ns)
{
    if (due_ns < client->sweep_ns) {
        client->sweep_ns = due_ns;
        if (due_ns < client->driven_ns) {
            wake_driver(client);
        }
    }
}

/* The first attempt of a request. */
static void begin(struct hirsch_client *client, struct client_call *call, uint64_t now)
{
    client_attempt_begin(client, call, now);
    if (call->state != CLIENT_FINISHED) {
        uint64_t look = now + (uint64_t)LOOK_MS * 1000000;
        uint64_t due = client_attempt_due(call);
        client_core_due(client, due < look ? due : look);
    }
}

enum base_code client_core_start(struct hirsch_client *client, struct client_call *call,
                                 struct base_error *error)
{
    if (client->closing) {
        return base_fail(error, BASE_FAILED_PRECONDITION, "the client is being closed");
    }
    if (client->call_count >= HIRSCH_MAX_CALLS) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "%zu calls of this client are under way, and no more are taken; take "
                         "answers with hirsch_poll() first",
                         client->call_count);
    }
    client_lookup_enter(client, call);
    client_link_append(&client->active, &call->active);
    client_link_init(&call->place);
    client->call_count++;
    client->async_count += call->waiter == NULL ? 1 : 0;
    uint64_t now = base_clock_monotonic_ns();
    call->until_ns = now + (uint64_t)call->timeout_ms * 1000000;
    begin(client, call, now);
    return BASE_OK;
}

bool client_core_next(struct hirsch_client *client, struct client_call *call, uint64_t now_ns)
{
    struct client_series *series = call->series;
    series->parts[series->at].reply = call->reply;
    series->parts[series->at].payload = call->payload;
    call->reply = (struct client_reply){NULL, {NULL, 0}};
    series->at++;
    if (series->at == series->count) {
        return false;
    }
    call->failure.attempts = 0;
    if (now_ns >= call->until_ns) {
        base_fail(&call->failure.error, BASE_DEADLINE_EXCEEDED,
                  "%s: the %u ms of the call were over before the rest could be sent",
                  call->failure.endpoint, call->timeout_ms);
        return false;
    }
    /* Under an id of its own: the late answer of an earlier attempt of the request before must not
     * be taken for this one's. */
    client_lookup_move(client, call);
    client_link_remove(&call->place);
    struct client_series_part *part = &series->parts[series->at];
    base_buffer_fini(&call->envelope);
    call->envelope = part->envelope;
    call->envelope_size = part->envelope.size;
    part->envelope = BASE_BUFFER_EMPTY;
    call->outcome = CLIENT_UNTRIED;
    call->asked = 0;
    call->rounds = 0;
    call->hint_ns = 0;
    begin(client, call, now_ns);
    return true;
}

static void tell_pollers(struct hirsch_client *client)
{
    for (struct client_link *link = client->waiters.next; link != &client->waiters;
         link = link->next) {
        struct client_waiter *waiter = CLIENT_OF(link, struct client_waiter, link);
        if (waiter->polls) {
            pthread_cond_signal(&waiter->wake);
        }
    }
}

void client_core_finish(struct hirsch_client *client, struct client_call *call)
{
    BASE_ASSERT(call->state != CLIENT_FINISHED);
    client_lookup_leave(client, call);
    client_link_remove(&call->active);
    client_link_remove(&call->place);
    call->state = CLIENT_FINISHED;
    if (client_link_empty(&client->active)) {
        client->sweep_ns = NEVER;
    }
    wake_driver(client);
    if (call->waiter != NULL) {
        client->call_count--;
        pthread_cond_signal(&call->waiter->wake);
        return;
    }
    client_link_append(&client->finished, &call->place);
    tell_pollers(client);
}

/* Only while something stands in the queue: an endpoint can be sent to nearly all the time. */
static void watch_send(struct hirsch_client *client, struct client_slot *slot)
{
    bool wanted = !client_link_empty(&slot->queue);
    if (wanted == slot->watches_send) {
        return;
    }
    struct epoll_event event = {.events = EPOLLIN,
                                .data.u32 = (uint32_t)(slot - client->slots) * 2 + 1};
    int fd = client_endpoint_send_fd(slot->endpoint);
    /* Where memory is out the next look sends what waits. */
    if (epoll_ctl(client->epoll_fd, wanted ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, fd, &event) == 0) {
        slot->watches_send = wanted;
    }
}

static enum client_sent send_call(struct client_slot *slot, struct client_call *call,
                                  uint64_t now_ns)
{
    uint64_t left = call->attempt_until_ns > now_ns ? call->attempt_until_ns - now_ns : 0;
    uint32_t left_ms = (uint32_t)(left / 1000000);
    call->envelope.size = call->envelope_size;
    /* 0 would ask for the server's default. */
    wire_put_uint(&call->envelope, WIRE_REQUEST_TIMEOUT_MS, left_ms == 0 ? 1 : left_ms);
    if (call->envelope.failed) {
        return CLIENT_SEND_NO_MEMORY;
    }
    call->breaks = client_endpoint_breaks(slot->endpoint);
    return client_endpoint_send(slot->endpoint, call->id, base_buffer_slice(&call->envelope));
}

void client_core_flush(struct hirsch_client *client, struct client_slot *slot)
{
    uint64_t now = base_clock_monotonic_ns();
    while (!client_link_empty(&slot->queue)) {
        struct client_call *call = CLIENT_OF(slot->queue.next, struct client_call, place);
        enum client_sent sent = send_call(slot, call, now);
        if (sent != CLIENT_SENT) {
            call->outcome = sent == CLIENT_SEND_NO_MEMORY ? CLIENT_NO_MEMORY : call->outcome;
            break;
        }
        client_link_remove(&call->place);
        call->state = CLIENT_WAITING;
        call->failure.attempts++;
    }
    watch_send(client, slot);
}

static void receive(struct hirsch_client *client, size_t at)
{
    struct client_slot *slot = &client->slots[at];
    uint64_t now = base_clock_monotonic_ns();
    uint32_t id = 0;
    struct client_reply reply;
    for (int i = 0; i < TAKE_MOST && client_endpoint_take(slot->endpoint, &id, &reply); i++) {
        struct client_call *call = id == 0 ? NULL : client_lookup_id(client, id);
        if (call == NULL) {
            client_reply_release(&reply); /* nobody waits for it any more */
        } else {
            client_attempt_answered(client, call, at, &reply, now);
        }
    }
}

/* Looks at every endpoint and every call. */
static void sweep(struct hirsch_client *client)
{
    uint64_t breaks[CLIENT_SLOTS] = {0};
    client->sweep_ns = NEVER;
    for (size_t i = 0; i < client->settings.slot_count; i++) {
        /* First the counter, then the socket once more: an answer that came before the break is
         * still taken. */
        breaks[i] = client_endpoint_breaks(client->slots[i].endpoint);
        receive(client, i);
        client_core_flush(client, &client->slots[i]);
    }
    uint64_t now = base_clock_monotonic_ns();
    uint64_t next = now + (uint64_t)LOOK_MS * 1000000;
    struct client_link *link = client->active.next;
    while (link != &client->active) {
        struct client_call *call = CLIENT_OF(link, struct client_call, active);
        link = link->next; /* looking finishes at most this call */
        client_attempt_look(client, call, breaks[call->slot], now);
        if (call->state != CLIENT_FINISHED) {
            uint64_t due = client_attempt_due(call);
            next = due < next ? due : next;
        }
    }
    if (!client_link_empty(&client->active)) {
        client_core_due(client, next);
    }
}

static int wait_ms(uint64_t until_ns)
{
    if (until_ns == NEVER) {
        return -1;
    }
    uint64_t now = base_clock_monotonic_ns();
    uint64_t left = until_ns > now ? (until_ns - now + 999999) / 1000000 : 0;
    return left < 60000 ? (int)left : 60000;
}

static void drive(struct hirsch_client *client, uint64_t until_ns)
{
    struct epoll_event events[EVENTS];
    client->driving = true;
    client->driven_ns = until_ns;
    client_watch_update(client);
    pthread_mutex_unlock(&client->lock);
    int count = epoll_wait(client->epoll_fd, events, EVENTS, wait_ms(until_ns));
    pthread_mutex_lock(&client->lock);
    client->driving = false;
    for (int i = 0; i < count; i++) {
        uint32_t what = events[i].data.u32;
        if (what == WAKE) {
            uint64_t times;
            (void)!read(client->wake_fd, &times, sizeof times);
        } else if (what % 2 == 0) {
            receive(client, what / 2);
        } else {
            client_core_flush(client, &client->slots[what / 2]);
        }
    }
}

static void follow(struct hirsch_client *client, struct client_waiter *waiter, uint64_t until_ns)
{
    client_link_append(&client->waiters, &waiter->link);
    if (until_ns == NEVER) {
        pthread_cond_wait(&waiter->wake, &client->lock);
    } else {
        struct timespec until = {.tv_sec = (time_t)(until_ns / 1000000000),
                                 .tv_nsec = (long)(until_ns % 1000000000)};
        pthread_cond_timedwait(&waiter->wake, &client->lock, &until);
    }
    client_link_remove(&waiter->link);
}

void client_core_step(struct hirsch_client *client, struct client_waiter *waiter, uint64_t until_ns)
{
    if (base_clock_monotonic_ns() >= client->sweep_ns) {
        sweep(client);
    } else if (client->driving) {
        follow(client, waiter, until_ns);
    } else {
        drive(client, until_ns < client->sweep_ns ? until_ns : client->sweep_ns);
    }
}
