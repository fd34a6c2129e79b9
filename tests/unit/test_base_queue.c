#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>

#include "base/queue.h"

enum { ITEMS = 10000 };

static int numbers[ITEMS];

static void order_and_room(void **state)
{
    (void)state;
    struct base_queue *queue = base_queue_new(2);
    void *item = NULL;
    assert_false(base_queue_try_pop(queue, &item));
    assert_true(base_queue_try_push(queue, &numbers[0]));
    assert_true(base_queue_push(queue, &numbers[1]));
    assert_false(base_queue_try_push(queue, &numbers[2]));
    assert_true(base_queue_pop(queue, &item));
    assert_ptr_equal(item, &numbers[0]);
    assert_true(base_queue_try_push(queue, &numbers[2]));
    assert_true(base_queue_try_pop(queue, &item));
    assert_ptr_equal(item, &numbers[1]);
    base_queue_free(queue);
    base_queue_free(NULL);
}

static void closing_lets_the_rest_out(void **state)
{
    (void)state;
    struct base_queue *queue = base_queue_new(2);
    void *item = NULL;
    assert_true(base_queue_push(queue, &numbers[0]));
    base_queue_close(queue);
    assert_false(base_queue_push(queue, &numbers[1]));
    assert_true(base_queue_pop(queue, &item));
    assert_ptr_equal(item, &numbers[0]);
    assert_false(base_queue_pop(queue, &item));
    base_queue_free(queue);
}

static void *count_items(void *argument)
{
    struct base_queue *queue = argument;
    void *item = NULL;
    uintptr_t count = 0;
    while (base_queue_pop(queue, &item)) {
        *(int *)item += 1;
        count++;
    }
    return (void *)count;
}

static void threads_get_each_item_once(void **state)
{
    (void)state;
    struct base_queue *queue = base_queue_new(3);
    pthread_t threads[3];
    for (int i = 0; i < 3; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count_items, queue), 0);
    }
    for (int i = 0; i < ITEMS; i++) {
        numbers[i] = 0;
        assert_true(base_queue_push(queue, &numbers[i]));
    }
    base_queue_close(queue);
    uintptr_t total = 0;
    for (int i = 0; i < 3; i++) {
        void *count = NULL;
        pthread_join(threads[i], &count);
        total += (uintptr_t)count;
    }
    assert_int_equal(total, ITEMS);
    for (int i = 0; i < ITEMS; i++) {
        assert_int_equal(numbers[i], 1);
    }
    base_queue_free(queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(order_and_room),
        cmocka_unit_test(closing_lets_the_rest_out),
        cmocka_unit_test(threads_get_each_item_once),
    };
    return cmocka_run_group_tests_name("base queue", tests, NULL, NULL);
}
