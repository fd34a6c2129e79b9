/* Rows through a thread: their order, long ones, several threads that put whole tables, and what
 * comes back when the sink fails or nobody wants the rows any more. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "store/pipe.h"

enum { ROWS = 40000, LANES = 3, LONG_ROW = 3 * 1024 * 1024 };

/* What arrived. Called by one thread at a time. */
struct seen {
    uint32_t next[STORE_TABLE_END]; /* number of the row that must come next */
    uint64_t bytes;
    uint32_t lists;
    uint32_t fail_at; /* that many rows are taken; 0: all */
    uint32_t rows;
    int ended; /* 0 not, 1 well, 2 not well */
    bool in_order;
    bool begun;
    bool begins_badly;
    pthread_mutex_t lock; /* of told, for whoever waits for the end */
    pthread_cond_t tell;
    bool told;
};

static enum base_code take(struct seen *seen, enum store_table table, struct base_slice key,
                           struct base_slice bytes, struct base_error *error)
{
    uint32_t number = base_get_be32(key.data);
    seen->in_order = seen->in_order && number == seen->next[table];
    seen->next[table] = number + 1;
    seen->bytes += bytes.size;
    for (size_t i = 0; i < bytes.size; i += 997) {
        seen->in_order = seen->in_order && (uint8_t)bytes.data[i] == (uint8_t)number;
    }
    if (++seen->rows == seen->fail_at) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "the disk is full");
    }
    return BASE_OK;
}

static enum base_code take_row(void *context, enum store_table table, struct base_slice key,
                               struct base_slice bytes, struct base_error *error)
{
    return take(context, table, key, bytes, error);
}

static enum base_code take_list(void *context, enum store_table table, struct base_slice owner,
                                struct base_slice entries, struct base_error *error)
{
    ((struct seen *)context)->lists++;
    return take(context, table, owner, entries, error);
}

static enum base_code begin(void *context, struct base_error *error)
{
    struct seen *seen = context;
    assert_int_equal(seen->rows, 0);
    assert_false(seen->begun);
    seen->begun = true;
    return seen->begins_badly ? base_fail(error, BASE_DATA_LOSS, "the begin went wrong") : BASE_OK;
}

static enum base_code end(void *context, bool well, struct base_error *error)
{
    struct seen *seen = context;
    assert_int_equal(seen->ended, 0);
    seen->ended = well ? 1 : 2;
    return well && seen->fail_at == UINT32_MAX
               ? base_fail(error, BASE_DATA_LOSS, "the end went wrong")
               : BASE_OK;
}

static struct store_pipe *open_pipe(struct seen *seen, bool threaded)
{
    const struct store_pipe_work work = {
        .sink = {.context = seen, .row = take_row, .list = take_list}, .begin = begin, .end = end};
    struct store_pipe *pipe = NULL;
    struct base_error error;
    seen->in_order = true;
    assert_int_equal(store_pipe_open(&work, threaded, &pipe, &error), BASE_OK);
    return pipe;
}

static size_t size_of(uint32_t number)
{
    return number == ROWS / 2 ? LONG_ROW : number % 700;
}

static enum base_code put_number(const struct store_sink *sink, enum store_table table,
                                 uint32_t number, char *bytes, struct base_error *error)
{
    uint8_t key[4];
    base_put_be32(key, number);
    memset(bytes, (int)(uint8_t)number, size_of(number));
    return (number % 3 == 0 ? sink->list : sink->row)(sink->context, table,
                                                      base_slice(key, sizeof key),
                                                      base_slice(bytes, size_of(number)), error);
}

struct producer {
    struct store_sink sink;
    enum store_table table;
    enum base_code code;
};

static void *produce(void *context)
{
    struct producer *producer = context;
    char *bytes = malloc(LONG_ROW);
    for (uint32_t i = 0; i < ROWS && producer->code == BASE_OK; i++) {
        producer->code = put_number(&producer->sink, producer->table, i, bytes, NULL);
    }
    free(bytes);
    return NULL;
}

static void rows_come_in_order(bool threaded)
{
    struct seen seen = {.rows = 0};
    struct base_error error;
    struct store_pipe *pipe = open_pipe(&seen, threaded);
    struct producer producer = {store_pipe_sink(pipe), STORE_PAPER, BASE_OK};
    produce(&producer);
    assert_int_equal(producer.code, BASE_OK);
    assert_int_equal(store_pipe_close(pipe, true, &error), BASE_OK);
    assert_true(seen.in_order);
    assert_int_equal(seen.next[STORE_PAPER], ROWS);
    assert_int_equal(seen.lists, (ROWS + 2) / 3);
    assert_int_equal(seen.ended, 1);
}

static void in_order_on_a_thread(void **state)
{
    (void)state;
    rows_come_in_order(true);
}

static void in_order_without_one(void **state)
{
    (void)state;
    rows_come_in_order(false);
}

static void several_threads_put_tables(void **state)
{
    (void)state;
    static const enum store_table tables[LANES] = {STORE_PAPER, STORE_TITLES, STORE_NAMES};
    struct seen seen = {.rows = 0};
    struct base_error error;
    struct store_pipe *pipe = open_pipe(&seen, true);
    struct store_sink first = store_pipe_sink(pipe);
    struct producer producers[LANES];
    pthread_t threads[LANES];
    for (size_t i = 0; i < LANES; i++) {
        producers[i] = (struct producer){.table = tables[i]};
        assert_int_equal(first.fork(first.context, &producers[i].sink, &error), BASE_OK);
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    for (size_t i = 0; i < LANES; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(producers[i].code, BASE_OK);
        assert_int_equal(producers[i].sink.join(producers[i].sink.context, &error), BASE_OK);
    }
    assert_int_equal(store_pipe_close(pipe, true, &error), BASE_OK);
    assert_true(seen.in_order);
    for (size_t i = 0; i < LANES; i++) {
        assert_int_equal(seen.next[tables[i]], ROWS);
    }
}

/* The end comes while whoever put the rows does something else: here it waits for it. */
static enum base_code tell_end(void *context, bool well, struct base_error *error)
{
    struct seen *seen = context;
    enum base_code code = end(seen, well, error);
    assert_int_equal(pthread_mutex_lock(&seen->lock), 0);
    seen->told = true;
    pthread_cond_signal(&seen->tell);
    assert_int_equal(pthread_mutex_unlock(&seen->lock), 0);
    return code;
}

static void the_end_need_not_wait_for_the_close(void **state)
{
    (void)state;
    struct seen seen = {
        .in_order = true, .lock = PTHREAD_MUTEX_INITIALIZER, .tell = PTHREAD_COND_INITIALIZER};
    const struct store_pipe_work work = {
        .sink = {.context = &seen, .row = take_row, .list = take_list}, .end = tell_end};
    struct store_pipe *pipe = NULL;
    struct base_error error;
    assert_int_equal(store_pipe_open(&work, true, &pipe, &error), BASE_OK);
    struct producer producer = {store_pipe_sink(pipe), STORE_PAPER, BASE_OK};
    produce(&producer);
    store_pipe_end(pipe);
    pthread_mutex_lock(&seen.lock);
    while (!seen.told) {
        pthread_cond_wait(&seen.tell, &seen.lock);
    }
    pthread_mutex_unlock(&seen.lock);
    assert_int_equal(seen.next[STORE_PAPER], ROWS);
    assert_int_equal(seen.ended, 1);
    assert_int_equal(store_pipe_close(pipe, true, &error), BASE_OK);
}

/* Where there is no thread, the close does all of it. */
static void an_end_without_a_thread_waits_for_the_close(void **state)
{
    (void)state;
    struct seen seen = {.rows = 0};
    struct base_error error;
    struct store_pipe *pipe = open_pipe(&seen, false);
    store_pipe_end(pipe);
    assert_int_equal(seen.ended, 0);
    assert_int_equal(store_pipe_close(pipe, true, &error), BASE_OK);
    assert_int_equal(seen.ended, 1);
}

static void what_the_sink_says_comes_back(void **state)
{
    (void)state;
    struct seen seen = {.fail_at = 1000};
    struct base_error error = {.text = ""};
    struct store_pipe *pipe = open_pipe(&seen, true);
    struct producer producer = {store_pipe_sink(pipe), STORE_PAPER, BASE_OK};
    produce(&producer);
    assert_int_equal(producer.code, BASE_RESOURCE_EXHAUSTED);
    assert_int_equal(store_pipe_close(pipe, true, &error), BASE_RESOURCE_EXHAUSTED);
    assert_string_equal(error.text, "the disk is full");
    assert_int_equal(seen.rows, 1000);
    assert_int_equal(seen.ended, 2);
}

static void what_the_end_says_comes_back(void **state)
{
    (void)state;
    for (int threaded = 0; threaded < 2; threaded++) {
        struct seen seen = {.fail_at = UINT32_MAX};
        struct base_error error = {.text = ""};
        struct store_pipe *pipe = open_pipe(&seen, threaded == 1);
        assert_int_equal(store_pipe_close(pipe, true, &error), BASE_DATA_LOSS);
        assert_string_equal(error.text, "the end went wrong");
    }
}

static void what_the_begin_says_comes_back(void **state)
{
    (void)state;
    for (int threaded = 0; threaded < 2; threaded++) {
        struct seen seen = {.begins_badly = true};
        struct base_error error = {.text = ""};
        struct store_pipe *pipe = open_pipe(&seen, threaded == 1);
        assert_int_equal(store_pipe_close(pipe, true, &error), BASE_DATA_LOSS);
        assert_string_equal(error.text, "the begin went wrong");
        assert_true(seen.begun);
        assert_int_equal(seen.ended, 2);
        assert_int_equal(seen.rows, 0);
    }
}

static void unwanted_rows_end_not_well(void **state)
{
    (void)state;
    for (int threaded = 0; threaded < 2; threaded++) {
        struct seen seen = {.rows = 0};
        struct store_pipe *pipe = open_pipe(&seen, threaded == 1);
        struct producer producer = {store_pipe_sink(pipe), STORE_PAPER, BASE_OK};
        produce(&producer);
        assert_int_equal(store_pipe_close(pipe, false, NULL), BASE_OK);
        assert_int_equal(seen.ended, 2);
        assert_true(seen.in_order);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order_on_a_thread),
        cmocka_unit_test(in_order_without_one),
        cmocka_unit_test(several_threads_put_tables),
        cmocka_unit_test(the_end_need_not_wait_for_the_close),
        cmocka_unit_test(an_end_without_a_thread_waits_for_the_close),
        cmocka_unit_test(what_the_sink_says_comes_back),
        cmocka_unit_test(what_the_end_says_comes_back),
        cmocka_unit_test(what_the_begin_says_comes_back),
        cmocka_unit_test(unwanted_rows_end_not_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
