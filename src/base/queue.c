#include "base/queue.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/status.h"

struct base_queue {
    pthread_mutex_t lock;
    pthread_cond_t filled;
    pthread_cond_t emptied;
    bool closed;
    size_t first;
    size_t count;
    size_t capacity;
    void *items[];
};

struct base_queue *base_queue_new(size_t capacity)
{
    BASE_ASSERT(capacity >= 1);
    size_t size;
    if (__builtin_mul_overflow(capacity, sizeof(void *), &size) ||
        __builtin_add_overflow(size, sizeof(struct base_queue), &size)) {
        return NULL;
    }
    struct base_queue *queue = calloc(1, size);
    if (queue == NULL) {
        return NULL;
    }
    queue->capacity = capacity;
    pthread_mutex_init(&queue->lock, NULL);
    pthread_cond_init(&queue->filled, NULL);
    pthread_cond_init(&queue->emptied, NULL);
    return queue;
}

void base_queue_free(struct base_queue *queue)
{
    if (queue == NULL) {
        return;
    }
    pthread_cond_destroy(&queue->emptied);
    pthread_cond_destroy(&queue->filled);
    pthread_mutex_destroy(&queue->lock);
    free(queue);
}

static bool push(struct base_queue *queue, void *item, bool wait)
{
    pthread_mutex_lock(&queue->lock);
    while (wait && !queue->closed && queue->count == queue->capacity) {
        pthread_cond_wait(&queue->emptied, &queue->lock);
    }
    bool room = !queue->closed && queue->count < queue->capacity;
    if (room) {
        queue->items[(queue->first + queue->count) % queue->capacity] = item;
        queue->count++;
        pthread_cond_signal(&queue->filled);
    }
    pthread_mutex_unlock(&queue->lock);
    return room;
}

static bool pop(struct base_queue *queue, void **item, bool wait)
{
    pthread_mutex_lock(&queue->lock);
    while (wait && !queue->closed && queue->count == 0) {
        pthread_cond_wait(&queue->filled, &queue->lock);
    }
    bool found = queue->count > 0;
    if (found) {
        *item = queue->items[queue->first];
        queue->first = (queue->first + 1) % queue->capacity;
        queue->count--;
        pthread_cond_signal(&queue->emptied);
    }
    pthread_mutex_unlock(&queue->lock);
    return found;
}

bool base_queue_push(struct base_queue *queue, void *item)
{
    return push(queue, item, true);
}

bool base_queue_try_push(struct base_queue *queue, void *item)
{
    return push(queue, item, false);
}

bool base_queue_pop(struct base_queue *queue, void **item)
{
    return pop(queue, item, true);
}

bool base_queue_try_pop(struct base_queue *queue, void **item)
{
    return pop(queue, item, false);
}

void base_queue_close(struct base_queue *queue)
{
    pthread_mutex_lock(&queue->lock);
    queue->closed = true;
    pthread_cond_broadcast(&queue->filled);
    pthread_cond_broadcast(&queue->emptied);
    pthread_mutex_unlock(&queue->lock);
}
