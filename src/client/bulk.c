#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "client/record.h"
#include "client/records.h"

enum {
    IN_FLIGHT_MOST = 64,
    PREFIX_MOST = 64,
    KEY_ROOM = PREFIX_MOST + 2 * 21 + 1, /* a '-' and a number, twice */
    WAIT_MS = 50,                        /* a callback may run in another thread that polls */
    REST_FIRST_MS = 100,
    REST_MOST_MS = 5000,
    DEFAULT_IN_FLIGHT = 4,
    DEFAULT_BYTES = 1024 * 1024,
    DEFAULT_TIMEOUT_MS = 30000,
    DEFAULT_RETRIES = 8,
};

_Static_assert((int)KEY_ROOM - 1 <= (int)CLIENT_KEY_MOST, "a key has room for both numbers");

enum slot_state {
    SLOT_FREE,
    SLOT_FILLING, /* takes records */
    SLOT_FLYING,  /* sent, its callback has not run */
    SLOT_RESTING, /* refused: to be sent again */
    SLOT_DONE,    /* result or error is set */
};

/* One request: puts or deletes. The states FLYING to DONE are guarded by the bulk's mutex, the rest
 * belongs to the one thread. */
struct slot {
    struct hirsch_bulk *bulk;
    enum slot_state state;
    const struct client_method *method;
    struct client_part part; /* records, or keys of records; sealed when it is sent */
    uint64_t *numbers;       /* owned: settings.records of them */
    hirsch_ticket ticket;
    uint32_t retries;
    uint64_t rest_until_ns;
    const struct hirsch_write_result *result; /* owned */
    hirsch_error *error;                      /* owned */
};

struct hirsch_bulk {
    hirsch_client *client; /* borrowed */
    struct hirsch_bulk_options settings;
    char prefix[PREFIX_MOST + 1];
    struct hirsch_bulk_totals totals;
    hirsch_error *failed; /* owned: of the first request that failed as a whole */
    pthread_mutex_t mutex;
    struct client_room room;
    struct client_packed one; /* the record or key that is being added */
    size_t slot_count;        /* in_flight and the one that fills */
    size_t oldest;            /* whose outcomes are told next */
    size_t filling;
    struct slot slots[];
};

static enum base_code read_options(const struct hirsch_bulk_options *asked,
                                   struct hirsch_bulk_options *filled,
                                   struct client_failure *failure)
{
    static const struct hirsch_bulk_options defaults = HIRSCH_BULK_OPTIONS_INIT;
    *filled = defaults;
    enum base_code code = asked == NULL ? BASE_OK
                                        : client_read_request(asked, "hirsch_bulk_options", filled,
                                                              sizeof *filled, failure);
    if (code != BASE_OK) {
        return code;
    }
    filled->in_flight = filled->in_flight == 0 ? DEFAULT_IN_FLIGHT : filled->in_flight;
    filled->records = filled->records == 0 ? HIRSCH_MAX_BATCH : filled->records;
    filled->bytes = filled->bytes == 0 ? DEFAULT_BYTES : filled->bytes;
    filled->timeout_ms = filled->timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : filled->timeout_ms;
    filled->retries = filled->retries == 0 ? DEFAULT_RETRIES : filled->retries;
    if (filled->in_flight > IN_FLIGHT_MOST || filled->records > HIRSCH_MAX_BATCH ||
        filled->bytes > HIRSCH_MAX_PUT_BYTES || filled->timeout_ms > HIRSCH_MAX_TIMEOUT_MS) {
        return base_fail(&failure->error, BASE_INVALID_ARGUMENT,
                         "hirsch_bulk_options: at most %d requests in flight, %d records and %d "
                         "bytes in one of them, and %d ms",
                         IN_FLIGHT_MOST, HIRSCH_MAX_BATCH, HIRSCH_MAX_PUT_BYTES,
                         HIRSCH_MAX_TIMEOUT_MS);
    }
    return filled->key_prefix == NULL
               ? BASE_OK
               : client_check_key(filled->key_prefix, PREFIX_MOST, &failure->error);
}

enum hirsch_code hirsch_bulk_open(hirsch_client *client, const struct hirsch_bulk_options *options,
                                  hirsch_bulk **bulk, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    struct hirsch_bulk_options settings;
    if (read_options(options, &settings, &failure) != BASE_OK) {
        return client_refuse(client, error, &failure);
    }
    size_t count = settings.in_flight + 1;
    struct hirsch_bulk *made = calloc(1, sizeof *made + count * sizeof made->slots[0]);
    if (made == NULL) {
        client_memory_out(&failure);
        return client_refuse(client, error, &failure);
    }
    made->client = client;
    made->settings = settings;
    pthread_mutex_init(&made->mutex, NULL);
    made->one = CLIENT_PACKED_EMPTY;
    made->room = client_room_of(client, settings.records, settings.bytes);
    if (settings.key_prefix != NULL) {
        snprintf(made->prefix, sizeof made->prefix, "%s", settings.key_prefix);
    } else {
        client_random_key(made->prefix);
    }
    for (; made->slot_count < count; made->slot_count++) {
        struct slot *slot = &made->slots[made->slot_count];
        slot->bulk = made;
        slot->numbers = calloc(settings.records, sizeof *slot->numbers);
        if (slot->numbers == NULL) {
            hirsch_bulk_close(made);
            client_memory_out(&failure);
            return client_refuse(client, error, &failure);
        }
    }
    made->slots[0].state = SLOT_FILLING;
    *bulk = made;
    return HIRSCH_OK;
}

/* With the mutex held. How an attempt ended; error is the slot's from here on. */
static void attempt_over(struct slot *slot, const struct hirsch_write_result *result,
                         hirsch_error *error)
{
    hirsch_free(slot->error);
    slot->error = error;
    slot->result = result;
    slot->state = SLOT_DONE;
    if (error != NULL && error->retriable && slot->retries < slot->bulk->settings.retries) {
        uint64_t rest_ms = REST_FIRST_MS;
        for (uint32_t i = 0; i < slot->retries && rest_ms < REST_MOST_MS; i++) {
            rest_ms *= 2;
        }
        rest_ms = rest_ms < REST_MOST_MS ? rest_ms : REST_MOST_MS;
        slot->retries++;
        slot->rest_until_ns = base_clock_monotonic_ns() + rest_ms * 1000000;
        slot->state = SLOT_RESTING;
    }
}

static void on_done(const struct hirsch_completion *completion)
{
    struct slot *slot = completion->context;
    pthread_mutex_lock(&slot->bulk->mutex);
    attempt_over(slot, completion->result, completion->error);
    pthread_mutex_unlock(&slot->bulk->mutex);
}

static void start(struct slot *slot)
{
    struct hirsch_bulk *bulk = slot->bulk;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    hirsch_error *error = NULL;
    call.timeout_ms = bulk->settings.timeout_ms;
    call.done = on_done;
    call.context = slot;
    call.ticket = &slot->ticket;
    pthread_mutex_lock(&bulk->mutex);
    slot->state = SLOT_FLYING;
    pthread_mutex_unlock(&bulk->mutex);
    if (client_write(bulk->client, slot->method, &slot->part, &call, NULL, &error) != HIRSCH_OK) {
        pthread_mutex_lock(&bulk->mutex);
        attempt_over(slot, NULL, error);
        pthread_mutex_unlock(&bulk->mutex);
    }
}

static void count_item(struct hirsch_bulk_totals *totals, const struct hirsch_write_item *item)
{
    totals->records++;
    totals->stored += item->outcome == HIRSCH_RECORD_STORED;
    totals->unchanged += item->outcome == HIRSCH_RECORD_UNCHANGED;
    totals->older += item->outcome == HIRSCH_RECORD_OLDER;
    totals->suppressed += item->outcome == HIRSCH_RECORD_SUPPRESSED;
    totals->deleted += item->outcome == HIRSCH_RECORD_DELETED;
    totals->absent += item->outcome == HIRSCH_RECORD_ABSENT;
    totals->failed += item->code != HIRSCH_OK;
}

/* Tells the outcomes of a request that is done, and frees its slot. */
static void report(struct hirsch_bulk *bulk, struct slot *slot)
{
    const struct hirsch_write_result *result = slot->result;
    struct hirsch_write_item whole = {HIRSCH_RECORD_OUTCOME_UNSPECIFIED, HIRSCH_OK, ""};
    if (result == NULL) {
        hirsch_error *why = slot->error != NULL ? slot->error : bulk->failed;
        whole.outcome =
            slot->error != NULL ? HIRSCH_RECORD_OUTCOME_UNSPECIFIED : HIRSCH_RECORD_NOT_SENT;
        whole.code = why->code;
        whole.message = why->text;
    } else if (result->sequence >= bulk->totals.sequence) {
        bulk->totals.sequence = result->sequence;
        snprintf(bulk->totals.epoch, sizeof bulk->totals.epoch, "%s", result->epoch);
    }
    for (size_t i = 0; i < slot->part.count; i++) {
        const struct hirsch_write_item *item = result == NULL ? &whole : &result->items[i];
        count_item(&bulk->totals, item);
        if (bulk->settings.on_item != NULL) {
            bulk->settings.on_item(bulk->settings.context, slot->numbers[i], item);
        }
    }
    if (slot->error != NULL && result == NULL && bulk->failed == NULL) {
        bulk->failed = slot->error;
        slot->error = NULL;
    }
    hirsch_free(slot->error);
    hirsch_free(slot->result);
    client_part_clear(&slot->part);
    slot->error = NULL;
    slot->result = NULL;
    slot->retries = 0;
    slot->state = SLOT_FREE;
}

static enum slot_state state_of(struct slot *slot)
{
    pthread_mutex_lock(&slot->bulk->mutex);
    enum slot_state state = slot->state;
    pthread_mutex_unlock(&slot->bulk->mutex);
    return state;
}

/* Tells what is done, in order, and sends again what has rested. After a failure nothing is sent
 * any more. Returns how long to wait for the next one at most, in ms; *flying: something is under
 * way. */
static int move_on(struct hirsch_bulk *bulk, bool *flying)
{
    while (state_of(&bulk->slots[bulk->oldest]) == SLOT_DONE) {
        report(bulk, &bulk->slots[bulk->oldest]);
        bulk->oldest = (bulk->oldest + 1) % bulk->slot_count;
    }
    uint64_t now = base_clock_monotonic_ns();
    int wait_ms = WAIT_MS;
    *flying = false;
    for (size_t i = 0; i < bulk->slot_count; i++) {
        struct slot *slot = &bulk->slots[i];
        enum slot_state state = state_of(slot);
        if (state == SLOT_RESTING && (bulk->failed != NULL || now >= slot->rest_until_ns)) {
            if (bulk->failed != NULL) {
                slot->state = SLOT_DONE; /* with the error that it has */
                wait_ms = 0;
                continue;
            }
            start(slot);
            state = state_of(slot);
        }
        *flying = *flying || state == SLOT_FLYING;
    }
    return wait_ms;
}

static void wait_for_answers(struct hirsch_bulk *bulk)
{
    bool flying;
    int wait_ms = move_on(bulk, &flying);
    if (flying) {
        hirsch_poll(bulk->client, wait_ms);
    } else if (bulk->oldest != bulk->filling) {
        poll(NULL, 0, state_of(&bulk->slots[bulk->oldest]) == SLOT_DONE ? 0 : wait_ms);
    }
}

static enum hirsch_code tell_failure(struct hirsch_bulk *bulk, hirsch_error **error)
{
    struct client_failure failure = {.endpoint = bulk->failed->endpoint,
                                     .attempts = bulk->failed->attempts};
    base_fail(&failure.error, (enum base_code)bulk->failed->code, "%s", bulk->failed->text);
    return client_refuse(bulk->client, error, &failure);
}

/* Sends what fills, and waits for a slot to fill next. */
static void send_filling(struct hirsch_bulk *bulk)
{
    struct slot *slot = &bulk->slots[bulk->filling];
    char key[KEY_ROOM];
    struct client_failure failure = CLIENT_FAILURE_NONE;
    /* Both ends, since a run before may have been flushed before this request was full. */
    snprintf(key, sizeof key, "%s-%llu-%llu", bulk->prefix, (unsigned long long)slot->numbers[0],
             (unsigned long long)slot->numbers[slot->part.count - 1]);
    if (client_part_seal(&slot->part, key, &failure.error) == BASE_OK) {
        start(slot);
    } else {
        (void)client_refuse(bulk->client, &slot->error, &failure);
        slot->state = SLOT_DONE;
    }
    bulk->filling = (bulk->filling + 1) % bulk->slot_count;
    struct slot *next = &bulk->slots[bulk->filling];
    while (state_of(next) != SLOT_FREE) {
        wait_for_answers(bulk);
    }
    next->state = SLOT_FILLING;
    /* Takes answers that are there, so that callbacks do not pile up. */
    hirsch_poll(bulk->client, 0);
    bool flying;
    move_on(bulk, &flying);
}

/* Takes bulk->one, packed with code and failure, into the request that fills. */
static enum hirsch_code take(hirsch_bulk *bulk, const struct client_method *method, uint64_t number,
                             enum base_code code, struct client_failure *failure,
                             hirsch_error **error)
{
    if (code == BASE_OK) {
        code = client_room_check(&bulk->room, &bulk->one, &failure->error);
    }
    if (code != BASE_OK) {
        return client_refuse(bulk->client, error, failure);
    }
    struct slot *slot = &bulk->slots[bulk->filling];
    if (slot->part.count > 0 &&
        (slot->method != method || !client_part_takes(&slot->part, &bulk->room, &bulk->one))) {
        send_filling(bulk);
        if (bulk->failed != NULL) {
            return tell_failure(bulk, error);
        }
        slot = &bulk->slots[bulk->filling];
    }
    slot->method = method;
    if (client_part_add(&slot->part, &bulk->one, &failure->error) != BASE_OK) {
        return client_refuse(bulk->client, error, failure);
    }
    slot->numbers[slot->part.count - 1] = number;
    return HIRSCH_OK;
}

enum hirsch_code hirsch_bulk_put(hirsch_bulk *bulk, uint64_t number,
                                 const struct hirsch_record *record, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (bulk->failed != NULL) {
        return tell_failure(bulk, error);
    }
    enum base_code code = client_record_pack(record, &bulk->one, &failure.error);
    return take(bulk, &client_put_records, number, code, &failure, error);
}

enum hirsch_code hirsch_bulk_delete(hirsch_bulk *bulk, uint64_t number,
                                    const struct hirsch_record_key *key, hirsch_error **error)
{
    struct client_failure failure = CLIENT_FAILURE_NONE;
    if (bulk->failed != NULL) {
        return tell_failure(bulk, error);
    }
    enum base_code code = client_record_key_pack(key, &bulk->one, &failure.error);
    return take(bulk, &client_delete_records, number, code, &failure, error);
}

enum hirsch_code hirsch_bulk_flush(hirsch_bulk *bulk, hirsch_error **error)
{
    struct slot *slot = &bulk->slots[bulk->filling];
    if (slot->part.count > 0 && bulk->failed == NULL) {
        send_filling(bulk);
    }
    while (bulk->oldest != bulk->filling) {
        wait_for_answers(bulk);
    }
    slot = &bulk->slots[bulk->filling];
    if (slot->part.count > 0) {
        /* Was not sent, since one before it failed. */
        report(bulk, slot);
        slot->state = SLOT_FILLING;
    }
    return bulk->failed != NULL ? tell_failure(bulk, error) : HIRSCH_OK;
}

void hirsch_bulk_totals(const hirsch_bulk *bulk, struct hirsch_bulk_totals *totals)
{
    *totals = bulk->totals;
}

void hirsch_bulk_close(hirsch_bulk *bulk)
{
    if (bulk == NULL) {
        return;
    }
    for (size_t i = 0; i < bulk->slot_count; i++) {
        struct slot *slot = &bulk->slots[i];
        if (state_of(slot) == SLOT_FLYING) {
            hirsch_cancel(bulk->client, slot->ticket);
        }
        while (state_of(slot) == SLOT_FLYING) {
            hirsch_poll(bulk->client, WAIT_MS);
        }
        hirsch_free(slot->result);
        hirsch_free(slot->error);
        client_part_fini(&slot->part);
        free(slot->numbers);
    }
    hirsch_free(bulk->failed);
    client_packed_fini(&bulk->one);
    pthread_mutex_destroy(&bulk->mutex);
    free(bulk);
}
