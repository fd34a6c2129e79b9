#include "net/loop.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "net/sp_connection.h"
#include "net/sp_output.h"
#include "net/sp_turn.h"

enum {
    SWEEP_MOST_MS = 1000,
    SWEEP_LEAST_MS = 10,
    SWEEP_DRAIN_MS = 25,
    /* The greatest requests that a loop receives side by side, however many loops there are. */
    LEAST_RECEIVED = 4,
};

void net_shared_connection_gone(struct net_shared *shared)
{
    atomic_fetch_sub_explicit(&shared->open, 1, memory_order_relaxed);
    if (atomic_load(&shared->files_ran_out)) {
        uv_async_send(shared->acceptor_wake);
    }
}

/* A quarter of the shortest timeout, so that none is overrun by more than that. */
static uint64_t sweep_period(const struct net_loop *loop)
{
    const struct net_options *options = &loop->shared->options;
    const uint32_t timeouts[] = {options->greeting_timeout_ms, options->idle_timeout_ms,
                                 options->stall_timeout_ms};
    uint64_t period = loop->draining ? SWEEP_DRAIN_MS : SWEEP_MOST_MS;
    for (size_t i = 0; i < sizeof timeouts / sizeof timeouts[0]; i++) {
        if (timeouts[i] != 0 && timeouts[i] / 4 < period) {
            period = timeouts[i] / 4;
        }
    }
    return period < SWEEP_LEAST_MS ? SWEEP_LEAST_MS : period;
}

static void on_sweep(uv_timer_t *timer)
{
    struct net_loop *loop = timer->data;
    uint64_t now_ms = uv_now(&loop->uv);
    struct net_sp_connection *next;
    for (struct net_sp_connection *one = loop->connections; one != NULL; one = next) {
        next = one->next;
        net_sp_connection_sweep(one, now_ms);
    }
}

static void start_sweep(struct net_loop *loop)
{
    uint64_t period = sweep_period(loop);
    uv_timer_start(&loop->sweep, on_sweep, period, period);
}

static void close_handles(struct net_loop *loop)
{
    if (loop->ending) {
        return;
    }
    loop->ending = true;
    pthread_mutex_lock(&loop->mutex);
    loop->ended = true;
    pthread_mutex_unlock(&loop->mutex);
    net_mailbox_close(loop->mailbox);
    loop->mailbox = NULL;
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_close((uv_handle_t *)&loop->before_poll, NULL);
    uv_close((uv_handle_t *)&loop->after_poll, NULL);
    uv_close((uv_handle_t *)&loop->runner, NULL);
    uv_close((uv_handle_t *)&loop->sweep, NULL);
    uv_close((uv_handle_t *)&loop->deadline, NULL);
}

static void end_if_drained(struct net_loop *loop)
{
    if (loop->draining && loop->connections == NULL) {
        close_handles(loop);
    }
}

void net_loop_add(struct net_loop *loop, struct net_sp_connection *connection)
{
    connection->previous = NULL;
    connection->next = loop->connections;
    if (connection->next != NULL) {
        connection->next->previous = connection;
    } else {
        start_sweep(loop);
    }
    loop->connections = connection;
}

static void leave_runnable(struct net_loop *loop, struct net_sp_connection *connection)
{
    struct net_sp_connection *before = connection->previous_runnable;
    struct net_sp_connection *behind = connection->next_runnable;
    *(before != NULL ? &before->next_runnable : &loop->runnable_first) = behind;
    *(behind != NULL ? &behind->previous_runnable : &loop->runnable_last) = before;
    connection->runnable = false;
    loop->runnable_count--;
}

void net_loop_remove(struct net_loop *loop, struct net_sp_connection *connection)
{
    if (connection->previous != NULL) {
        connection->previous->next = connection->next;
    } else {
        loop->connections = connection->next;
    }
    if (connection->next != NULL) {
        connection->next->previous = connection->previous;
    }
    if (connection->runnable) {
        leave_runnable(loop, connection);
    }
    if (loop->connections == NULL && !loop->ending) {
        uv_timer_stop(&loop->sweep);
        end_if_drained(loop);
    }
}

static void on_run(uv_idle_t *idle)
{
    struct net_loop *loop = idle->data;
    /* Those that ask for another turn meanwhile stand behind those of this round, and are reached
     * in it only where one of these has closed. */
    for (size_t left = loop->runnable_count; left > 0 && loop->runnable_first != NULL; left--) {
        struct net_sp_connection *one = loop->runnable_first;
        leave_runnable(loop, one);
        net_sp_turn_run(one);
    }
    if (loop->runnable_first == NULL && !loop->ending) {
        uv_idle_stop(idle);
    }
}

void net_loop_run_soon(struct net_loop *loop, struct net_sp_connection *connection)
{
    if (connection->runnable) {
        return;
    }
    connection->runnable = true;
    connection->next_runnable = NULL;
    connection->previous_runnable = loop->runnable_last;
    if (loop->runnable_last != NULL) {
        loop->runnable_last->next_runnable = connection;
    } else {
        loop->runnable_first = connection;
        uv_idle_start(&loop->runner, on_run);
    }
    loop->runnable_last = connection;
    loop->runnable_count++;
}

void net_loop_make_room(struct net_loop *loop)
{
    while (loop->receiving > loop->receiving_most) {
        struct net_sp_connection *oldest = NULL;
        for (struct net_sp_connection *one = loop->connections; one != NULL; one = one->next) {
            if (one->receiving > 0 && (oldest == NULL || one->began_ns < oldest->began_ns)) {
                oldest = one;
            }
        }
        BASE_ASSERT(oldest != NULL);
        net_sp_connection_fail(oldest, &loop->counters.crowded_out);
    }
}

static void on_before_poll(uv_prepare_t *prepare)
{
    struct net_loop *loop = prepare->data;
    if (loop->session_used) {
        loop->session_used = false;
        net_shed_round(&loop->shed, base_clock_monotonic_ns(), loop->taken, loop->left);
        loop->taken = 0;
        loop->shared->handler.session_rest(loop->session);
    }
}

static void on_after_poll(uv_check_t *check)
{
    net_intake_answer(check->data);
}

void net_loop_ahead(struct net_loop *loop, const struct base_slice *requests, unsigned count)
{
    loop->session_used = true;
    loop->shared->handler.ahead(loop->session, requests, count);
}

static void cut_all(struct net_loop *loop)
{
    while (loop->connections != NULL) {
        net_sp_connection_close(loop->connections);
    }
    end_if_drained(loop);
}

static void on_deadline(uv_timer_t *timer)
{
    cut_all(timer->data);
}

static void begin_drain(struct net_loop *loop, uint32_t timeout_ms)
{
    loop->draining = true;
    uv_timer_start(&loop->deadline, on_deadline, timeout_ms, 0);
    for (struct net_sp_connection *one = loop->connections; one != NULL; one = one->next) {
        net_loop_run_soon(loop, one);
    }
    if (loop->connections != NULL) {
        start_sweep(loop);
    }
    end_if_drained(loop);
}

/* Replies that came from other threads: first all are put behind what waits on their connections,
 * then each connection sends in one go. */
static void deliver_replies(struct net_loop *loop)
{
    struct net_sp_connection *touched = NULL;
    struct net_held *held = net_mailbox_take(loop->mailbox);
    while (held != NULL) {
        struct net_held *next = held->next_replied;
        if (held->connection == NULL) {
            net_counter_add(&loop->counters.late_replies_dropped, 1);
        } else if (net_sp_output_deliver(held->connection, held)) {
            held->connection->next_touched = touched;
            touched = held->connection;
        }
        net_held_free(held);
        held = next;
    }
    while (touched != NULL) {
        struct net_sp_connection *next = touched->next_touched;
        net_sp_output_flush(touched);
        touched = next;
    }
}

static void on_wake(uv_async_t *async)
{
    struct net_loop *loop = async->data;
    pthread_mutex_lock(&loop->mutex);
    struct net_sp_connection *dealt = loop->dealt;
    bool drain = loop->drain_ordered;
    bool stop = loop->stop_ordered;
    uint32_t timeout_ms = loop->drain_timeout_ms;
    loop->dealt = NULL;
    pthread_mutex_unlock(&loop->mutex);

    while (dealt != NULL) {
        struct net_sp_connection *next = dealt->next;
        net_sp_connection_open(dealt, loop);
        dealt = next;
    }
    if (loop->ending) {
        return;
    }
    deliver_replies(loop);
    if (stop) {
        loop->draining = true;
        cut_all(loop);
    } else if (drain && !loop->draining) {
        begin_drain(loop, timeout_ms);
    }
}

static void run(void *argument)
{
    struct net_loop *loop = argument;
    struct net_shared *shared = loop->shared;
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    if (atomic_fetch_sub(&shared->loops_running, 1) == 1) {
        const uint64_t one = 1;
        ssize_t written = write(shared->finished_fd, &one, sizeof one);
        (void)written;
    }
}

static uint64_t receiving_most(const struct net_options *options)
{
    uint64_t share = options->max_receiving / options->loops;
    uint64_t least = LEAST_RECEIVED * (uint64_t)options->max_request;
    return options->max_receiving == 0 ? UINT64_MAX : share > least ? share : least;
}

enum base_code net_loop_init(struct net_loop *loop, struct net_shared *shared,
                             struct base_error *error)
{
    enum base_code code = BASE_OK;
    *loop = (struct net_loop){.shared = shared, .receiving_most = receiving_most(&shared->options)};
    base_buffer_init(&loop->output);
    net_shed_init(&loop->shed, (uint64_t)shared->options.max_wait_ms * 1000000,
                  (uint64_t)(uintptr_t)loop | 1);
    code = net_intake_init(&loop->intake, error);
    if (code != BASE_OK) {
        return code;
    }
    int failed = uv_loop_init(&loop->uv);
    if (failed != 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "a loop cannot be made: %s",
                         uv_strerror(failed));
        goto free_intake;
    }
    failed = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (failed != 0) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "a loop cannot be made: %s",
                         uv_strerror(failed));
        goto close_loop;
    }
    loop->mailbox = net_mailbox_new(&loop->wake);
    if (loop->mailbox == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "a loop cannot be made: memory is out");
        goto close_wake;
    }
    struct base_error reason = {.code = BASE_INTERNAL};
    loop->session = shared->handler.session_new(shared->handler.state, &reason);
    if (loop->session == NULL) {
        code = base_fail(error, reason.code, "%s", reason.text);
        goto close_mailbox;
    }
    /* These cannot fail. */
    uv_prepare_init(&loop->uv, &loop->before_poll);
    uv_idle_init(&loop->uv, &loop->runner);
    uv_timer_init(&loop->uv, &loop->sweep);
    uv_timer_init(&loop->uv, &loop->deadline);
    uv_prepare_start(&loop->before_poll, on_before_poll);
    uv_check_init(&loop->uv, &loop->after_poll);
    uv_check_start(&loop->after_poll, on_after_poll);
    loop->wake.data = loop;
    loop->before_poll.data = loop;
    loop->after_poll.data = loop;
    loop->runner.data = loop;
    loop->sweep.data = loop;
    loop->deadline.data = loop;
    pthread_mutex_init(&loop->mutex, NULL);
    loop->initialised = true;
    return BASE_OK;
close_mailbox:
    net_mailbox_close(loop->mailbox);
close_wake:
    uv_close((uv_handle_t *)&loop->wake, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
close_loop:
    uv_loop_close(&loop->uv);
free_intake:
    net_intake_fini(&loop->intake);
    return code;
}

enum base_code net_loop_start(struct net_loop *loop, struct base_error *error)
{
    atomic_fetch_add(&loop->shared->loops_running, 1);
    int failed = uv_thread_create(&loop->thread, run, loop);
    if (failed != 0) {
        atomic_fetch_sub(&loop->shared->loops_running, 1);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "a thread cannot be started: %s",
                         uv_strerror(failed));
    }
    loop->started = true;
    return BASE_OK;
}

void net_loop_join(struct net_loop *loop)
{
    if (loop->started) {
        uv_thread_join(&loop->thread);
        loop->started = false;
    }
}

void net_loop_fini(struct net_loop *loop)
{
    if (!loop->initialised) {
        return;
    }
    if (!loop->ending) {
        /* It never had a thread. */
        close_handles(loop);
        uv_run(&loop->uv, UV_RUN_DEFAULT);
    }
    int failed = uv_loop_close(&loop->uv);
    BASE_ASSERT(failed == 0);
    while (loop->dealt != NULL) {
        struct net_sp_connection *next = loop->dealt->next;
        net_sp_connection_free(loop->dealt);
        loop->dealt = next;
    }
    pthread_mutex_destroy(&loop->mutex);
    loop->shared->handler.session_free(loop->session);
    base_buffer_fini(&loop->output);
    net_intake_fini(&loop->intake);
    loop->initialised = false;
}

/* Called with the mutex held: a loop that has ended is past all orders. */
static void wake(struct net_loop *loop)
{
    if (!loop->ended) {
        uv_async_send(&loop->wake);
    }
}

void net_loop_deal(struct net_loop *loop, struct net_sp_connection *connection)
{
    pthread_mutex_lock(&loop->mutex);
    connection->next = loop->dealt;
    loop->dealt = connection;
    wake(loop);
    pthread_mutex_unlock(&loop->mutex);
}

void net_loop_order_drain(struct net_loop *loop, uint32_t timeout_ms)
{
    pthread_mutex_lock(&loop->mutex);
    loop->drain_ordered = true;
    loop->drain_timeout_ms = timeout_ms;
    wake(loop);
    pthread_mutex_unlock(&loop->mutex);
}

void net_loop_order_stop(struct net_loop *loop)
{
    pthread_mutex_lock(&loop->mutex);
    loop->stop_ordered = true;
    wake(loop);
    pthread_mutex_unlock(&loop->mutex);
}
