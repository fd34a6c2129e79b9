#include "bench/driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/schedule.h"

enum {
    /* An id on the wire: the place of the request, and above it a round that changes with every
     * request of the place, so that a late answer is not taken for the next one. */
    PLACE_BITS = 20,
    ROUND_MASK = (1 << (31 - PLACE_BITS)) - 1,
    /* Requests sent on one reading of the clock. */
    CLOCK_EVERY = 16,
    SECOND_NS = 1000000000,
};

_Static_assert(BENCH_IN_FLIGHT_MOST == 1 << PLACE_BITS, "a place each");

#define NONE UINT32_MAX

struct place {
    uint64_t intended_ns;
    uint64_t sent_ns;
    uint64_t free_ns; /* since when nothing is under way here */
    struct bench_question question;
    uint32_t next; /* of its connection's free ones, or of those under way by age */
    uint32_t previous;
    uint16_t round;
    bool busy;
};

struct link {
    uint32_t free; /* its free places */
    bool ready;
    bool queued;
};

struct bench_driver {
    const struct bench_plan *plan;
    struct bench_outside outside;
    struct bench_tally *tally;
    struct bench_asker asker;
    struct bench_schedule schedule;
    struct place *places; /* place i belongs to connection i % connections */
    uint32_t place_count;
    struct link *links; /* connections */
    /* Ring of connections that are ready and have free places: requests go round them. */
    unsigned *queue;
    unsigned queue_start;
    unsigned queue_size;
    uint32_t oldest;
    uint32_t newest;
    uint32_t in_flight;
    uint64_t start_ns;
    uint64_t count_from_ns;
    uint64_t end_ns;
    uint64_t last_ns;      /* ended early: when what is still under way is given up */
    uint64_t due_ns;       /* open loop: of the next request */
    uint64_t unblocked_ns; /* when a place became free for a request that waited for one */
    bool blocked;
    bool started;
    bool exhausted; /* the schedule has nothing left before the end */
};

enum base_code bench_driver_new(const struct bench_plan *plan, const struct bench_outside *outside,
                                struct bench_tally *tally, struct bench_driver **driver,
                                struct base_error *error)
{
    uint64_t places = (uint64_t)plan->connections * plan->depth;
    if (places == 0 || places > BENCH_IN_FLIGHT_MOST) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "%u connections x %u under way: a process holds 1 to %d requests; more "
                         "--processes hold more",
                         plan->connections, plan->depth, BENCH_IN_FLIGHT_MOST);
    }
    struct bench_driver *made = calloc(1, sizeof *made);
    if (made == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a run");
    }
    made->plan = plan;
    made->outside = *outside;
    made->tally = tally;
    made->place_count = (uint32_t)places;
    made->places = calloc(places, sizeof *made->places);
    made->links = calloc(plan->connections, sizeof *made->links);
    made->queue = calloc(plan->connections, sizeof *made->queue);
    enum base_code code = bench_asker_init(&made->asker, plan, error);
    if (code == BASE_OK && (made->places == NULL || made->links == NULL || made->queue == NULL)) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for %llu requests under way",
                         (unsigned long long)places);
    }
    if (code != BASE_OK) {
        bench_driver_free(made);
        return code;
    }
    made->oldest = made->newest = NONE;
    for (unsigned i = 0; i < plan->connections; i++) {
        made->links[i].free = NONE;
    }
    for (uint32_t i = made->place_count; i-- > 0;) {
        made->places[i].next = made->links[i % plan->connections].free;
        made->links[i % plan->connections].free = i;
    }
    *driver = made;
    return BASE_OK;
}

void bench_driver_free(struct bench_driver *driver)
{
    if (driver == NULL) {
        return;
    }
    bench_asker_fini(&driver->asker);
    free(driver->places);
    free(driver->links);
    free(driver->queue);
    free(driver);
}

static unsigned connection_of(const struct bench_driver *driver, uint32_t place)
{
    return place % driver->plan->connections;
}

/* Behind the others, so that requests go round all connections. */
static void enqueue(struct bench_driver *driver, unsigned connection)
{
    struct link *link = &driver->links[connection];
    if (link->ready && !link->queued && link->free != NONE) {
        unsigned end = (driver->queue_start + driver->queue_size) % driver->plan->connections;
        driver->queue[end] = connection;
        driver->queue_size++;
        link->queued = true;
    }
}

static void release(struct bench_driver *driver, uint32_t place)
{
    unsigned connection = connection_of(driver, place);
    driver->places[place].next = driver->links[connection].free;
    driver->links[connection].free = place;
    enqueue(driver, connection);
}

/* A free place of a connection that is ready; NONE when all are taken. */
static uint32_t take_free(struct bench_driver *driver)
{
    while (driver->queue_size > 0) {
        unsigned connection = driver->queue[driver->queue_start];
        struct link *link = &driver->links[connection];
        driver->queue_start = (driver->queue_start + 1) % driver->plan->connections;
        driver->queue_size--;
        link->queued = false;
        if (link->ready && link->free != NONE) {
            uint32_t place = link->free;
            link->free = driver->places[place].next;
            enqueue(driver, connection);
            return place;
        }
    }
    return NONE;
}

static struct bench_second *second_of(struct bench_driver *driver, uint64_t now_ns)
{
    uint64_t second = now_ns < driver->start_ns ? 0 : (now_ns - driver->start_ns) / SECOND_NS;
    uint32_t last = driver->tally->second_count - 1;
    return &driver->tally->seconds[second < last ? second : last];
}

static bool counted(const struct bench_driver *driver, uint64_t intended_ns)
{
    return intended_ns >= driver->count_from_ns;
}

static void note(struct bench_driver *driver, const char *text)
{
    if (driver->tally->reason[0] == '\0') {
        size_t size = strnlen(text, sizeof driver->tally->reason - 1);
        memcpy(driver->tally->reason, text, size);
        driver->tally->reason[size] = '\0';
    }
}

static void record(struct bench_driver *driver, const struct place *place, uint64_t now_ns)
{
    struct bench_second *second = second_of(driver, now_ns);
    uint64_t intended_ns = now_ns - place->intended_ns;
    uint64_t actual_ns = now_ns - place->sent_ns;
    bench_coarse_record(&second->intended, intended_ns);
    bench_coarse_record(&second->actual, actual_ns);
    if (counted(driver, place->intended_ns)) {
        bench_histogram_record(&driver->tally->intended, intended_ns);
        bench_histogram_record(&driver->tally->actual, actual_ns);
        bench_histogram_record(&driver->tally->operations[place->question.operation].intended,
                               intended_ns);
    }
}

static void count_failed(struct bench_driver *driver, const struct place *place, uint64_t *count,
                         uint64_t now_ns)
{
    second_of(driver, now_ns)->failed++;
    if (counted(driver, place->intended_ns)) {
        ++*count;
        driver->tally->operations[place->question.operation].failed++;
    }
}

/* Out of the list of those under way; its answer is a stray from now on. */
static void finish(struct bench_driver *driver, uint32_t index, uint64_t now_ns)
{
    struct place *place = &driver->places[index];
    if (place->previous == NONE) {
        driver->oldest = place->next;
    } else {
        driver->places[place->previous].next = place->next;
    }
    if (place->next == NONE) {
        driver->newest = place->previous;
    } else {
        driver->places[place->next].previous = place->previous;
    }
    place->busy = false;
    place->round = (uint16_t)((place->round + 1) & ROUND_MASK);
    place->free_ns = now_ns;
    driver->in_flight--;
    if (driver->blocked) {
        driver->blocked = false;
        driver->unblocked_ns = now_ns;
    }
}

/* Sends the question of a place, which is not under way. */
static void send_question(struct bench_driver *driver, uint32_t index, struct base_slice payload,
                          uint64_t intended_ns, uint64_t now_ns)
{
    struct place *place = &driver->places[index];
    struct bench_tally *tally = driver->tally;
    place->intended_ns = intended_ns;
    place->sent_ns = now_ns;
    place->busy = true;
    place->next = NONE;
    place->previous = driver->newest;
    if (driver->newest == NONE) {
        driver->oldest = index;
    } else {
        driver->places[driver->newest].next = index;
    }
    driver->newest = index;
    driver->in_flight++;
    if (driver->in_flight > tally->in_flight_most) {
        tally->in_flight_most = driver->in_flight;
    }
    tally->counts.scheduled += counted(driver, intended_ns);
    const char *method = bench_asker_operation(&driver->asker, &place->question)->method->name;
    uint32_t id = (uint32_t)place->round << PLACE_BITS | index;
    if (driver->outside.send(driver->outside.state, connection_of(driver, index), id, method,
                             payload)) {
        second_of(driver, now_ns)->sent++;
        tally->counts.sent += counted(driver, intended_ns);
    } else if (place->busy) {
        note(driver, "a request could not be handed to its connection");
        finish(driver, index, now_ns);
        count_failed(driver, place, &tally->counts.lost, now_ns);
        release(driver, index);
    }
}

static void send_next(struct bench_driver *driver, uint32_t index, uint64_t intended_ns,
                      uint64_t now_ns)
{
    struct place *place = &driver->places[index];
    struct base_slice payload = {NULL, 0};
    /* Without memory an empty request goes out, which the server refuses and the run counts. */
    if (!bench_asker_next(&driver->asker, &place->question, &payload)) {
        note(driver, "memory for a request is out");
        payload = base_slice(NULL, 0);
    }
    send_question(driver, index, payload, intended_ns, now_ns);
}

void bench_driver_begin(struct bench_driver *driver, uint64_t start_ns)
{
    const struct bench_plan *plan = driver->plan;
    driver->start_ns = start_ns;
    driver->count_from_ns = start_ns + plan->warmup_ns;
    driver->end_ns = driver->count_from_ns + plan->duration_ns;
    driver->last_ns = UINT64_MAX;
    driver->started = true;
    driver->unblocked_ns = start_ns;
    for (uint32_t i = 0; i < driver->place_count; i++) {
        driver->places[i].free_ns = start_ns;
    }
    if (!plan->closed) {
        bench_schedule_init(&driver->schedule, plan->arrivals, plan->rate, plan->seed);
        driver->due_ns = start_ns + bench_schedule_next(&driver->schedule);
        driver->exhausted = driver->due_ns >= driver->end_ns;
    }
}

void bench_driver_end(struct bench_driver *driver, uint64_t now_ns)
{
    if (now_ns < driver->end_ns) {
        driver->end_ns = now_ns;
        driver->last_ns = now_ns + BENCH_PATIENCE_NS;
    }
    driver->exhausted = driver->exhausted || driver->due_ns >= driver->end_ns;
}

void bench_driver_ready(struct bench_driver *driver, unsigned connection)
{
    uint64_t now_ns = driver->outside.now(driver->outside.state);
    driver->links[connection].ready = true;
    for (uint32_t i = driver->links[connection].free; i != NONE; i = driver->places[i].next) {
        driver->places[i].free_ns = now_ns;
    }
    enqueue(driver, connection);
    if (driver->blocked) {
        driver->blocked = false;
        driver->unblocked_ns = now_ns;
    }
}

void bench_driver_lost(struct bench_driver *driver, unsigned connection, const char *why)
{
    uint64_t now_ns = driver->outside.now(driver->outside.state);
    driver->links[connection].ready = false;
    if (driver->started && !bench_driver_done(driver)) {
        driver->tally->reconnects++;
        note(driver, why);
    }
    for (uint32_t i = connection; i < driver->place_count; i += driver->plan->connections) {
        struct place *place = &driver->places[i];
        if (place->busy) {
            finish(driver, i, now_ns);
            count_failed(driver, place, &driver->tally->counts.lost, now_ns);
            release(driver, i);
        }
    }
}

static void count_error(struct bench_driver *driver, const struct place *place, uint32_t code,
                        struct base_slice message, uint64_t now_ns)
{
    char text[BENCH_REASON];
    snprintf(text, sizeof text, "%s: %.*s", base_code_name((enum base_code)code),
             (int)(message.size < 200 ? message.size : 200), message.data);
    note(driver, text);
    count_failed(driver, place, &driver->tally->counts.errors, now_ns);
    if (counted(driver, place->intended_ns)) {
        driver->tally->codes[code < BENCH_CODES ? code : BASE_UNKNOWN]++;
    }
}

static void count_right(struct bench_driver *driver, const struct place *place, bool missed,
                        uint64_t now_ns)
{
    const struct bench_operation *operation =
        bench_asker_operation(&driver->asker, &place->question);
    record(driver, place, now_ns);
    second_of(driver, now_ns)->answered++;
    if (counted(driver, place->intended_ns)) {
        driver->tally->counts.answered++;
        driver->tally->counts.items += operation->batch;
        driver->tally->counts.misses += missed;
        driver->tally->operations[place->question.operation].answered++;
    }
}

/* The next page of a walk goes out at once, on the same place. */
static bool follow(struct bench_driver *driver, uint32_t index, struct base_slice answer,
                   uint64_t now_ns)
{
    struct base_slice next;
    if (now_ns >= driver->end_ns ||
        !bench_asker_follow(&driver->asker, &driver->places[index].question, answer, &next)) {
        return false;
    }
    send_question(driver, index, next, now_ns, now_ns);
    return true;
}

void bench_driver_reply(struct bench_driver *driver, uint32_t id, uint32_t code,
                        struct base_slice payload, struct base_slice message, uint64_t now_ns)
{
    uint32_t index = id & ((1u << PLACE_BITS) - 1);
    struct place *place = &driver->places[index];
    struct base_error error;
    bool verified = false;
    if (index >= driver->place_count || !place->busy || place->round != id >> PLACE_BITS) {
        driver->tally->counts.strays++;
        return;
    }
    enum bench_verdict verdict =
        bench_asker_judge(&driver->asker, &place->question, code, payload, &verified, &error);
    finish(driver, index, now_ns);
    driver->tally->counts.verified += verified && counted(driver, place->intended_ns);
    switch (verdict) {
    case BENCH_ERROR:
        count_error(driver, place, code, message, now_ns);
        break;
    case BENCH_WRONG:
        note(driver, error.text);
        count_failed(driver, place, &driver->tally->counts.wrong, now_ns);
        break;
    default:
        count_right(driver, place, verdict == BENCH_MISSED, now_ns);
        if (follow(driver, index, payload, now_ns)) {
            return;
        }
        break;
    }
    release(driver, index);
}

static bool is_over(const struct bench_driver *driver, uint64_t since_ns, uint64_t now_ns)
{
    return now_ns - since_ns >= driver->plan->timeout_ns || now_ns >= driver->last_ns;
}

/* What waits longer than the time limit: the oldest first, as they were sent in order. */
static void give_up(struct bench_driver *driver, uint64_t now_ns)
{
    while (driver->oldest != NONE) {
        uint32_t index = driver->oldest;
        struct place *place = &driver->places[index];
        if (!is_over(driver, place->sent_ns, now_ns)) {
            return;
        }
        record(driver, place, now_ns);
        finish(driver, index, now_ns);
        note(driver, now_ns < driver->last_ns ? "a request was not answered within --timeout"
                                              : "the run was ended while requests were under way");
        count_failed(driver, place, &driver->tally->counts.timed_out, now_ns);
        release(driver, index);
    }
}

static void count_lag(struct bench_driver *driver, uint64_t intended_ns, uint64_t now_ns)
{
    uint64_t could_ns = intended_ns > driver->unblocked_ns ? intended_ns : driver->unblocked_ns;
    uint64_t lag_ns = now_ns > could_ns ? now_ns - could_ns : 0;
    if (counted(driver, intended_ns)) {
        bench_histogram_record(&driver->tally->lag, lag_ns);
        driver->tally->counts.late += lag_ns > driver->plan->max_lag_ns;
    }
}

/* The request that is due now and is never sent: late, too, when there was a place for it. */
static void drop(struct bench_driver *driver, uint64_t now_ns)
{
    struct place never = {.intended_ns = driver->due_ns, .sent_ns = driver->due_ns};
    struct base_slice payload;
    bench_asker_next(&driver->asker, &never.question, &payload);
    driver->tally->counts.scheduled += counted(driver, never.intended_ns);
    if (!driver->blocked) {
        count_lag(driver, never.intended_ns, now_ns);
    }
    if (counted(driver, never.intended_ns)) {
        bench_histogram_record(&driver->tally->intended, now_ns - never.intended_ns);
    }
    bench_coarse_record(&second_of(driver, now_ns)->intended, now_ns - never.intended_ns);
    count_failed(driver, &never, &driver->tally->counts.dropped, now_ns);
}

static void send_due(struct bench_driver *driver, uint64_t now_ns)
{
    for (unsigned sent = 0; !driver->exhausted && driver->due_ns <= now_ns;) {
        if (is_over(driver, driver->due_ns, now_ns)) {
            drop(driver, now_ns);
        } else {
            uint32_t place = take_free(driver);
            if (place == NONE) {
                driver->blocked = true;
                return;
            }
            if (++sent % CLOCK_EVERY == 0) {
                now_ns = driver->outside.now(driver->outside.state);
            }
            count_lag(driver, driver->due_ns, now_ns);
            send_next(driver, place, driver->due_ns, now_ns);
        }
        driver->due_ns = driver->start_ns + bench_schedule_next(&driver->schedule);
        driver->exhausted = driver->due_ns >= driver->end_ns;
    }
}

static void send_closed(struct bench_driver *driver, uint64_t now_ns)
{
    uint32_t place;
    for (unsigned sent = 0; now_ns < driver->end_ns && (place = take_free(driver)) != NONE;) {
        uint64_t free_ns = driver->places[place].free_ns;
        if (++sent % CLOCK_EVERY == 0) {
            now_ns = driver->outside.now(driver->outside.state);
        }
        count_lag(driver, free_ns, now_ns);
        send_next(driver, place, free_ns, now_ns);
        if (sent >= driver->place_count) {
            return; /* sends that fail at once do not keep the loop here */
        }
    }
}

uint64_t bench_driver_turn(struct bench_driver *driver, uint64_t now_ns)
{
    if (!driver->started || now_ns < driver->start_ns) {
        return driver->started ? driver->start_ns : UINT64_MAX;
    }
    give_up(driver, now_ns);
    uint64_t wake_ns = UINT64_MAX;
    if (driver->plan->closed) {
        send_closed(driver, now_ns);
        wake_ns = now_ns < driver->end_ns ? driver->end_ns : UINT64_MAX;
    } else {
        send_due(driver, now_ns);
        if (!driver->exhausted) {
            wake_ns = driver->blocked ? driver->due_ns + driver->plan->timeout_ns : driver->due_ns;
        }
    }
    struct bench_second *second = second_of(driver, now_ns);
    if (driver->in_flight > second->in_flight) {
        second->in_flight = driver->in_flight;
    }
    if (driver->oldest != NONE) {
        uint64_t limit_ns = driver->places[driver->oldest].sent_ns + driver->plan->timeout_ns;
        wake_ns = limit_ns < wake_ns ? limit_ns : wake_ns;
    }
    return driver->last_ns > now_ns && driver->last_ns < wake_ns ? driver->last_ns : wake_ns;
}

bool bench_driver_done(const struct bench_driver *driver)
{
    bool over = driver->plan->closed ? driver->outside.now(driver->outside.state) >= driver->end_ns
                                     : driver->exhausted;
    return driver->started && over && driver->in_flight == 0;
}
