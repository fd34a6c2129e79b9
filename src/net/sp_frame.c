#include "net/sp_frame.h"

#include "base/limits.h"

const char net_sp_greeting[NET_SP_GREETING] = {0, 'S', 'P', 0, 0, 0x31, 0, 0};
const char net_sp_greeting_client[NET_SP_GREETING] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};

enum {
    WORD = 4,
    LENGTH = 8,
    /* A connection between two messages keeps no more than this for the next one. */
    BODY_KEPT = 512,
};

void net_sp_frame_init(struct net_sp_frame *frame, bool ipc, size_t limit)
{
    *frame = (struct net_sp_frame){.limit = limit, .ipc = ipc, .failed = NET_SP_MORE};
    base_buffer_init(&frame->body);
}

void net_sp_frame_init_client(struct net_sp_frame *frame, bool ipc, size_t limit)
{
    net_sp_frame_init(frame, ipc, limit);
    frame->client = true;
}

void net_sp_frame_fini(struct net_sp_frame *frame)
{
    base_buffer_fini(&frame->body);
}

size_t net_sp_frame_memory(const struct net_sp_frame *frame)
{
    return frame->collecting ? frame->body.capacity : 0;
}

bool net_sp_frame_between(const struct net_sp_frame *frame)
{
    return frame->greeted && !frame->collecting && frame->head_size == 0;
}

size_t net_sp_frame_head(bool ipc, uint64_t size, char head[NET_SP_HEAD_MOST])
{
    size_t start = 0;
    if (ipc) {
        head[start++] = 1;
    }
    base_put_be64(head + start, size);
    return start + LENGTH;
}

static enum net_sp_event fail(struct net_sp_frame *frame, enum net_sp_event event)
{
    frame->failed = event;
    base_buffer_fini(&frame->body);
    return event;
}

/* Moves bytes into frame->head until it holds wanted of them. */
static bool fill_head(struct net_sp_frame *frame, size_t wanted, struct base_slice *input)
{
    size_t take = wanted - frame->head_size;
    take = take < input->size ? take : input->size;
    if (take > 0) {
        memcpy(frame->head + frame->head_size, input->data, take);
        frame->head_size = (uint8_t)(frame->head_size + take);
        input->data += take;
        input->size -= take;
    }
    return frame->head_size == wanted;
}

/* Judged byte by byte, so that a peer that speaks something else is not waited for. */
static enum net_sp_event read_greeting(struct net_sp_frame *frame, struct base_slice *input)
{
    bool whole = fill_head(frame, NET_SP_GREETING, input);
    const char *expected = frame->client ? net_sp_greeting : net_sp_greeting_client;
    if (memcmp(frame->head, expected, frame->head_size) != 0) {
        return fail(frame, NET_SP_BAD_GREETING);
    }
    if (!whole) {
        return NET_SP_MORE;
    }
    frame->greeted = true;
    frame->head_size = 0;
    return NET_SP_GREETED;
}

/* Splits a message behind the word with the top bit. */
static enum net_sp_event cut_backtrace(struct base_slice message, struct base_slice *backtrace,
                                       struct base_slice *body)
{
    for (size_t words = 1; words <= LIMIT_SP_HOPS && message.size / WORD >= words; words++) {
        if ((message.data[(words - 1) * WORD] & 0x80) != 0) {
            *backtrace = base_slice(message.data, words * WORD);
            *body = base_slice(message.data + words * WORD, message.size - words * WORD);
            return NET_SP_REQUEST;
        }
    }
    return NET_SP_MALFORMED;
}

/* The rest of a message whose head is known. In place when nothing of it came before. */
static enum net_sp_event read_body(struct net_sp_frame *frame, struct base_slice *input,
                                   struct base_slice *backtrace, struct base_slice *body)
{
    size_t missing = frame->need - frame->body.size;
    size_t take = missing < input->size ? missing : input->size;
    if (take == 0 && missing > 0) {
        return NET_SP_MORE;
    }
    struct base_slice message = base_slice(input->data, take);
    if (frame->body.size > 0 || take < missing) {
        /* Memory grows with what arrived, not with what the head promises. */
        base_buffer_append_slice(&frame->body, message);
        if (frame->body.failed) {
            return fail(frame, NET_SP_NO_MEMORY);
        }
        message = base_buffer_slice(&frame->body);
    }
    input->data += take;
    input->size -= take;
    if (take < missing) {
        return NET_SP_MORE;
    }
    frame->collecting = false;
    frame->lent = frame->body.size > 0;
    return cut_backtrace(message, backtrace, body);
}

/* True when the head of a message is whole and allowed; else frame->failed says why not,
 * NET_SP_MORE when it is only cut. */
static bool read_head(struct net_sp_frame *frame, struct base_slice *input)
{
    size_t prefix = frame->ipc ? 1 : 0;
    const uint8_t *head = frame->head;
    if (frame->head_size == 0 && input->size >= prefix + LENGTH) {
        head = (const uint8_t *)input->data;
        input->data += prefix + LENGTH;
        input->size -= prefix + LENGTH;
    } else {
        bool whole = fill_head(frame, prefix + LENGTH, input);
        bool wrong_type = prefix == 1 && frame->head_size > 0 && head[0] != 1;
        if (!whole && !wrong_type) {
            return false;
        }
    }
    if (prefix == 1 && head[0] != 1) {
        fail(frame, NET_SP_BAD_TYPE);
        return false;
    }
    uint64_t size = base_get_be64(head + prefix);
    if (size > frame->limit) {
        fail(frame, NET_SP_TOO_LONG);
        return false;
    }
    frame->need = (size_t)size;
    frame->head_size = 0;
    frame->collecting = true;
    return true;
}

bool net_sp_frame_peek(const struct net_sp_frame *frame, struct base_slice *input,
                       struct base_slice *body)
{
    size_t head = (frame->ipc ? 1 : 0) + LENGTH;
    if (frame->failed != NET_SP_MORE || !net_sp_frame_between(frame) || input->size < head) {
        return false;
    }
    uint64_t size = base_get_be64(input->data + head - LENGTH);
    struct base_slice backtrace;
    if (size > input->size - head || size > frame->limit ||
        cut_backtrace(base_slice(input->data + head, (size_t)size), &backtrace, body) !=
            NET_SP_REQUEST) {
        return false;
    }
    input->data += head + size;
    input->size -= head + (size_t)size;
    return true;
}

void net_sp_frame_rest(struct net_sp_frame *frame)
{
    if (frame->lent) {
        frame->lent = false;
        if (frame->body.capacity > BODY_KEPT) {
            base_buffer_fini(&frame->body);
        }
        base_buffer_clear(&frame->body);
    }
}

enum net_sp_event net_sp_frame_next(struct net_sp_frame *frame, struct base_slice *input,
                                    struct base_slice *backtrace, struct base_slice *body)
{
    if (frame->failed != NET_SP_MORE) {
        return frame->failed;
    }
    net_sp_frame_rest(frame);
    if (!frame->greeted) {
        return read_greeting(frame, input);
    }
    if (!frame->collecting && !read_head(frame, input)) {
        return frame->failed;
    }
    return read_body(frame, input, backtrace, body);
}
