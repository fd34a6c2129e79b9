/* Any bytes, cut in any way, give the same events as the same bytes in one piece. Input: a byte
 * of flags, a byte that seeds the cuts, the stream. */
#include <stdlib.h>

#include "base/hash.h"
#include "base/limits.h"
#include "base/status.h"
#include "net/sp_frame.h"

enum { LIMIT = 300 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct trace {
    uint64_t hash;
    size_t events;
    enum net_sp_event last;
};

static void note(struct trace *trace, enum net_sp_event event, struct base_slice backtrace,
                 struct base_slice body)
{
    const uint64_t numbers[] = {trace->hash, (uint64_t)event, backtrace.size, body.size};
    const struct base_slice parts[] = {base_slice(numbers, sizeof numbers), backtrace, body};
    trace->hash = base_hash64_parts(parts, 3);
    trace->events++;
}

/* Feeds one piece, copied to memory of exactly its size so that a read beyond it is seen. */
static void feed(struct net_sp_frame *frame, const uint8_t *piece, size_t size, struct trace *trace)
{
    char *copy = malloc(size == 0 ? 1 : size);
    BASE_ASSERT(copy != NULL);
    if (size > 0) {
        memcpy(copy, piece, size);
    }
    struct base_slice input = base_slice(copy, size);
    for (;;) {
        struct base_slice backtrace = {NULL, 0};
        struct base_slice body = {NULL, 0};
        size_t before = input.size;
        enum net_sp_event event = net_sp_frame_next(frame, &input, &backtrace, &body);
        trace->last = event;
        if (event == NET_SP_MORE) {
            BASE_ASSERT(input.size == 0);
            break;
        }
        if (event >= NET_SP_BAD_GREETING) {
            break;
        }
        BASE_ASSERT(input.size < before);
        if (event == NET_SP_REQUEST) {
            BASE_ASSERT(backtrace.size >= 4 && backtrace.size % 4 == 0);
            BASE_ASSERT(backtrace.size / 4 <= LIMIT_SP_HOPS);
            BASE_ASSERT(backtrace.size + body.size <= LIMIT);
        }
        note(trace, event, backtrace, body);
    }
    free(copy);
}

/* step 0: in one piece; else pieces of pseudo-random sizes up to step. */
static struct trace run(bool ipc, const uint8_t *data, size_t size, size_t step, uint32_t seed)
{
    struct trace trace = {0};
    struct net_sp_frame frame;
    net_sp_frame_init(&frame, ipc, LIMIT);
    size_t at = 0;
    do {
        size_t piece = size - at;
        if (step != 0) {
            seed = seed * 1664525u + 1013904223u;
            size_t wanted = (seed >> 8) % (step + 1);
            wanted = step == 1 ? 1 : wanted;
            piece = wanted < piece ? wanted : piece;
        }
        feed(&frame, data + at, piece, &trace);
        at += piece;
    } while (at < size);
    net_sp_frame_fini(&frame);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) {
        return 0;
    }
    bool ipc = (data[0] & 1) != 0;
    struct trace whole = run(ipc, data + 2, size - 2, 0, 0);
    static const size_t steps[] = {1, 2, 7, 64, 1500};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct trace cut = run(ipc, data + 2, size - 2, steps[i], data[1]);
        BASE_ASSERT(cut.hash == whole.hash && cut.events == whole.events && cut.last == whole.last);
    }
    return 0;
}
