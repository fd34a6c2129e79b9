/* A bounded queue of pointers between threads. */
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

/* First in, first out; any number of threads on both sides. What the pointers point to stays the
 * caller's. */
struct base_queue;

/* NULL when memory is out. capacity at least 1. */
struct base_queue *base_queue_new(size_t capacity);

/* No thread may be inside; items left in it are forgotten. */
void base_queue_free(struct base_queue *queue);

/* Waits for room; false, and the item is not taken, when the queue is closed. */
bool base_queue_push(struct base_queue *queue, void *item);

/* The same without waiting: false when there is no room. */
bool base_queue_try_push(struct base_queue *queue, void *item);

/* Waits for an item; false, with *item untouched, when the queue is closed and empty. */
bool base_queue_pop(struct base_queue *queue, void **item);

/* The same without waiting: false when it is empty. */
bool base_queue_try_pop(struct base_queue *queue, void **item);

/* Nothing more comes in; what is inside can still be taken. Wakes everyone. */
void base_queue_close(struct base_queue *queue);

#endif
