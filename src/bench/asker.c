#include "bench/asker.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/random.h"
#include "bench/verify.h"

enum { MISSING = 40 };

enum base_code bench_asker_init(struct bench_asker *asker, const struct bench_plan *plan,
                                struct base_error *error)
{
    double sum = 0;
    uint64_t state = plan->seed;
    *asker = (struct bench_asker){.plan = plan};
    base_buffer_init(&asker->payload);
    base_arena_init(&asker->arena, 0);
    asker->state = bench_random(&state);
    asker->verify_state = bench_random(&state);
    asker->chosen = calloc(BENCH_KEYS_MOST, sizeof *asker->chosen);
    asker->missing = calloc(BENCH_BATCH_MOST, MISSING);
    if (asker->chosen == NULL || asker->missing == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for requests");
    }
    for (size_t i = 0; i < plan->workload.count; i++) {
        const struct bench_operation *operation = &plan->workload.operations[i];
        const struct bench_key_list *list = &plan->lists[operation->method->key];
        sum += operation->weight;
        asker->shares[i] = sum;
        if (operation->method->key != BENCH_KEY_NONE) {
            BASE_ASSERT(list->count > 0);
            bench_keys_init(&asker->keys[i], operation->has_keys ? &operation->keys : &plan->keys,
                            list->count);
        }
    }
    return BASE_OK;
}

void bench_asker_fini(struct bench_asker *asker)
{
    free(asker->chosen);
    free(asker->missing);
    base_buffer_fini(&asker->payload);
    base_arena_fini(&asker->arena);
}

const struct bench_operation *bench_asker_operation(const struct bench_asker *asker,
                                                    const struct bench_question *question)
{
    return &asker->plan->workload.operations[question->operation];
}

/* The question's keys, always the same ones. Returns how many of them name nothing. */
static size_t draw_keys(struct bench_asker *asker, const struct bench_question *question,
                        struct bench_ask *ask)
{
    const struct bench_operation *operation = bench_asker_operation(asker, question);
    const struct bench_key_list *list = &asker->plan->lists[operation->method->key];
    uint64_t state = question->seed;
    size_t missing = 0;
    *ask = (struct bench_ask){.method = operation->method,
                              .keys = asker->chosen,
                              .view = operation->view,
                              .page_size = operation->page_size};
    if (operation->method->key == BENCH_KEY_NONE) {
        return 0;
    }
    ask->key_count = operation->batch;
    if (operation->method->shape == BENCH_PUT) {
        ask->key_count = (size_t)operation->batch * operation->references;
        ask->record_count = operation->batch;
        ask->author_count = operation->authors;
        ask->number = bench_random(&state) ^ asker->plan->put_base;
    }
    for (size_t i = 0; i < ask->key_count; i++) {
        uint32_t key = bench_keys_next(&asker->keys[question->operation], &state);
        asker->chosen[i] = list->values[key];
        if (operation->miss > 0 && bench_random_unit(&state) < operation->miss) {
            char *text = asker->missing + i * MISSING;
            int length = snprintf(text, MISSING, "local:no-such-%016llx",
                                  (unsigned long long)bench_random(&state));
            asker->chosen[i] = base_slice(text, (size_t)length);
            missing++;
        }
    }
    return missing;
}

static bool write_ask(struct bench_asker *asker, const struct bench_ask *ask,
                      struct base_slice *payload)
{
    base_buffer_clear(&asker->payload);
    bench_ask_write(ask, &asker->payload);
    *payload = base_buffer_slice(&asker->payload);
    return !asker->payload.failed;
}

bool bench_asker_next(struct bench_asker *asker, struct bench_question *question,
                      struct base_slice *payload)
{
    const struct bench_workload *workload = &asker->plan->workload;
    struct bench_ask ask;
    uint16_t chosen = 0;
    if (workload->count > 1) {
        double at = bench_random_unit(&asker->state) * asker->shares[workload->count - 1];
        while (chosen + 1u < workload->count && at >= asker->shares[chosen]) {
            chosen++;
        }
    }
    *question = (struct bench_question){bench_random(&asker->state), chosen, 0};
    draw_keys(asker, question, &ask);
    return write_ask(asker, &ask, payload);
}

bool bench_asker_follow(struct bench_asker *asker, struct bench_question *question,
                        struct base_slice answer, struct base_slice *payload)
{
    const struct bench_operation *operation = bench_asker_operation(asker, question);
    struct bench_ask ask;
    if (question->page + 1u >= operation->pages) {
        return false;
    }
    struct base_slice token = bench_method_next_page(operation->method, answer);
    if (token.size == 0) {
        return false;
    }
    question->page++;
    draw_keys(asker, question, &ask);
    ask.page_token = token;
    return write_ask(asker, &ask, payload);
}

enum bench_verdict bench_asker_judge(struct bench_asker *asker,
                                     const struct bench_question *question, uint32_t code,
                                     struct base_slice answer, bool *verified,
                                     struct base_error *error)
{
    const struct bench_operation *operation = bench_asker_operation(asker, question);
    struct bench_ask ask;
    size_t missing = 0;
    *verified = false;
    if (code != BASE_OK) {
        bool hoped = code == BASE_NOT_FOUND && operation->miss > 0;
        return hoped && operation->method->shape == BENCH_ONE &&
                       draw_keys(asker, question, &ask) > 0
                   ? BENCH_MISSED
                   : BENCH_ERROR;
    }
    if (operation->miss > 0 && operation->method->shape == BENCH_ONE) {
        missing = draw_keys(asker, question, &ask);
        if (missing > 0) {
            base_fail(error, BASE_DATA_LOSS, "%s of %.*s: an id that names nothing was found",
                      operation->method->name, BASE_PRINT(ask.keys[0]));
            return BENCH_WRONG;
        }
    }
    if (asker->plan->verify == 0 ||
        bench_random_unit(&asker->verify_state) >= asker->plan->verify) {
        return BENCH_RIGHT;
    }
    *verified = true;
    missing = draw_keys(asker, question, &ask);
    base_arena_reset(&asker->arena);
    return bench_ask_verify(&ask, answer, missing, &asker->arena, error) == BASE_OK ? BENCH_RIGHT
                                                                                    : BENCH_WRONG;
}
