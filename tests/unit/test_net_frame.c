/* The SP parser against worked examples: events, limits, cuts at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/limits.h"
#include "net/sp_frame.h"

enum { LIMIT = 1000 };

static const char greeting[] = {0, 'S', 'P', 0, 0, 0x30, 0, 0};

static void put_message(struct base_buffer *to, bool ipc, const char *backtrace, size_t words,
                        const char *body, size_t body_size)
{
    char head[NET_SP_HEAD_MOST];
    base_buffer_append(to, head, net_sp_frame_head(ipc, words * 4 + body_size, head));
    base_buffer_append(to, backtrace, words * 4);
    base_buffer_append(to, body, body_size);
}

static enum net_sp_event next(struct net_sp_frame *frame, struct base_slice *input,
                              struct base_slice *backtrace, struct base_slice *body)
{
    *backtrace = base_slice(NULL, 0);
    *body = base_slice(NULL, 0);
    return net_sp_frame_next(frame, input, backtrace, body);
}

static enum net_sp_event last_event(bool ipc, const void *bytes, size_t size)
{
    struct net_sp_frame frame;
    struct base_slice input = base_slice(bytes, size);
    struct base_slice backtrace;
    struct base_slice body;
    net_sp_frame_init(&frame, ipc, LIMIT);
    enum net_sp_event before = NET_SP_MORE;
    enum net_sp_event event;
    while ((event = next(&frame, &input, &backtrace, &body)) != NET_SP_MORE &&
           event < NET_SP_BAD_GREETING) {
        before = event;
    }
    if (event >= NET_SP_BAD_GREETING) {
        assert_int_equal(next(&frame, &input, &backtrace, &body), event);
        before = event;
    }
    net_sp_frame_fini(&frame);
    return before;
}

static void requests_are_cut_out_in_place(void **state)
{
    (void)state;
    for (int ipc = 0; ipc < 2; ipc++) {
        struct base_buffer stream = BASE_BUFFER_EMPTY;
        base_buffer_append(&stream, greeting, sizeof greeting);
        put_message(&stream, ipc == 1, "\x80\0\0\x07", 1, "hello", 5);
        put_message(&stream, ipc == 1, "\0\0\0\x01\x80\0\0\x08", 2, "", 0);
        struct net_sp_frame frame;
        struct base_slice input = base_buffer_slice(&stream);
        struct base_slice backtrace;
        struct base_slice body;
        net_sp_frame_init(&frame, ipc == 1, LIMIT);
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_GREETED);
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_REQUEST);
        assert_true(base_slice_equal(backtrace, BASE_SLICE("\x80\0\0\x07")));
        assert_true(base_slice_equal(body, BASE_SLICE("hello")));
        assert_true(body.data > stream.data && body.data < stream.data + stream.size);
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_REQUEST);
        assert_int_equal(backtrace.size, 8);
        assert_int_equal(body.size, 0);
        assert_true(net_sp_frame_between(&frame));
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_MORE);
        net_sp_frame_fini(&frame);
        base_buffer_fini(&stream);
    }
}

/* Whatever stands in front: what a look promises is what the next call gives, and it gives no more
 * than that when the look saw nothing whole. */
static void a_look_ahead_takes_nothing(void **state)
{
    (void)state;
    for (int ipc = 0; ipc < 2; ipc++) {
        struct base_buffer stream = BASE_BUFFER_EMPTY;
        base_buffer_append(&stream, greeting, sizeof greeting);
        put_message(&stream, ipc == 1, "\x80\0\0\x01", 1, "first", 5);
        put_message(&stream, ipc == 1, "\0\0\0\x01\x80\0\0\x02", 2, "", 0);
        put_message(&stream, ipc == 1, "\0\0\0\x07", 1, "no id", 5);
        put_message(&stream, ipc == 1, "\x80\0\0\x03", 1, "last", 4);
        for (size_t cut = 0; cut <= stream.size; cut++) {
            struct net_sp_frame frame;
            struct base_slice backtrace;
            struct base_slice body;
            struct base_slice seen = {NULL, 0};
            unsigned promised = 0;
            unsigned given = 0;
            net_sp_frame_init(&frame, ipc == 1, LIMIT);
            for (int half = 0; half < 2; half++) {
                struct base_slice input = half == 0
                                              ? base_slice(stream.data, cut)
                                              : base_slice(stream.data + cut, stream.size - cut);
                enum net_sp_event event;
                do {
                    struct base_slice look = input;
                    bool whole = net_sp_frame_peek(&frame, &look, &seen);
                    event = next(&frame, &input, &backtrace, &body);
                    if (whole) {
                        promised++;
                        assert_int_equal(event, NET_SP_REQUEST);
                        assert_ptr_equal(seen.data, body.data);
                        assert_int_equal(seen.size, body.size);
                        assert_ptr_equal(look.data, input.data);
                        assert_int_equal(look.size, input.size);
                    }
                    given += event == NET_SP_REQUEST ? 1 : 0;
                } while (event != NET_SP_MORE);
            }
            assert_int_equal(given, 3);
            /* Only the one that was cut cannot be seen whole. */
            assert_true(promised + 1 >= given);
            net_sp_frame_fini(&frame);
        }
        base_buffer_fini(&stream);
    }
}

static void a_look_ahead_promises_nothing_wrong(void **state)
{
    (void)state;
    struct net_sp_frame frame;
    struct base_slice backtrace;
    struct base_slice body;
    struct base_slice input = base_slice(greeting, sizeof greeting);
    struct base_buffer stream = BASE_BUFFER_EMPTY;
    put_message(&stream, false, "\x80\0\0\x01", 1, "body", 4);
    net_sp_frame_init(&frame, false, 8);
    struct base_slice look = base_buffer_slice(&stream);
    assert_false(net_sp_frame_peek(&frame, &look, &body)); /* it may be a greeting */
    assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_GREETED);
    assert_true(net_sp_frame_peek(&frame, &look, &body));
    frame.limit = 7;
    look = base_buffer_slice(&stream);
    assert_false(net_sp_frame_peek(&frame, &look, &body));
    assert_int_equal(next(&frame, &look, &backtrace, &body), NET_SP_TOO_LONG);
    look = base_buffer_slice(&stream);
    frame.limit = 8;
    assert_false(net_sp_frame_peek(&frame, &look, &body)); /* it has failed for good */
    net_sp_frame_fini(&frame);
    base_buffer_fini(&stream);
}

static void a_cut_at_every_byte_changes_nothing(void **state)
{
    (void)state;
    struct base_buffer stream = BASE_BUFFER_EMPTY;
    char body_bytes[700];
    memset(body_bytes, 'b', sizeof body_bytes);
    base_buffer_append(&stream, greeting, sizeof greeting);
    put_message(&stream, true, "\x80\0\0\x01", 1, "first", 5);
    put_message(&stream, true, "\x80\0\0\x02", 1, body_bytes, sizeof body_bytes);
    put_message(&stream, true, "\x80\0\0\x03", 1, "last", 4);
    for (size_t cut = 0; cut <= stream.size; cut++) {
        struct net_sp_frame frame;
        net_sp_frame_init(&frame, true, LIMIT);
        size_t sizes[3];
        size_t count = 0;
        for (int half = 0; half < 2; half++) {
            struct base_slice input = half == 0 ? base_slice(stream.data, cut)
                                                : base_slice(stream.data + cut, stream.size - cut);
            struct base_slice backtrace;
            struct base_slice body;
            enum net_sp_event event;
            while ((event = next(&frame, &input, &backtrace, &body)) != NET_SP_MORE) {
                if (event == NET_SP_REQUEST) {
                    assert_true(count < 3);
                    assert_int_equal(backtrace.data[3], count + 1);
                    assert_int_equal(body.data[0], "fbl"[count]);
                    sizes[count++] = body.size;
                } else {
                    assert_int_equal(event, NET_SP_GREETED);
                }
            }
            assert_int_equal(input.size, 0);
        }
        assert_int_equal(count, 3);
        assert_int_equal(sizes[0], 5);
        assert_int_equal(sizes[1], sizeof body_bytes);
        assert_int_equal(sizes[2], 4);
        assert_true(net_sp_frame_between(&frame));
        assert_true(frame.body.capacity <= 512);
        net_sp_frame_fini(&frame);
    }
    base_buffer_fini(&stream);
}

static void another_greeting_is_refused_at_its_first_wrong_byte(void **state)
{
    (void)state;
    assert_int_equal(last_event(false, "G", 1), NET_SP_BAD_GREETING);
    assert_int_equal(last_event(false, "\0SP\0\0\x10\0\0", 8), NET_SP_BAD_GREETING);
    assert_int_equal(last_event(false, "\0SP\0\0\x31\0\0", 8), NET_SP_BAD_GREETING);
    assert_int_equal(last_event(false, "\0SP\x01", 4), NET_SP_BAD_GREETING);
    assert_int_equal(last_event(false, "\0SP\0\0\x30\0\x01", 8), NET_SP_BAD_GREETING);
    assert_int_equal(last_event(false, greeting, 7), NET_SP_MORE);
    assert_int_equal(last_event(false, greeting, 8), NET_SP_GREETED);
}

static enum net_sp_event event_for_length(uint64_t length, bool ipc, char type)
{
    char bytes[32];
    memcpy(bytes, greeting, sizeof greeting);
    size_t size = sizeof greeting;
    if (ipc) {
        bytes[size++] = type;
    }
    base_put_be64(bytes + size, length);
    return last_event(ipc, bytes, size + 8);
}

static void lengths_are_judged_before_a_byte_of_body_is_kept(void **state)
{
    (void)state;
    assert_int_equal(event_for_length(LIMIT - 1, false, 0), NET_SP_GREETED);
    assert_int_equal(event_for_length(LIMIT, false, 0), NET_SP_GREETED);
    assert_int_equal(event_for_length(LIMIT + 1, false, 0), NET_SP_TOO_LONG);
    assert_int_equal(event_for_length((uint64_t)1 << 63, false, 0), NET_SP_TOO_LONG);
    assert_int_equal(event_for_length(UINT64_MAX, false, 0), NET_SP_TOO_LONG);
    assert_int_equal(event_for_length(LIMIT, true, 1), NET_SP_GREETED);
    assert_int_equal(event_for_length(LIMIT, true, 0), NET_SP_BAD_TYPE);
    assert_int_equal(event_for_length(LIMIT, true, 2), NET_SP_BAD_TYPE);
}

static void a_promised_body_takes_no_memory(void **state)
{
    (void)state;
    struct net_sp_frame frame;
    char bytes[16];
    memcpy(bytes, greeting, sizeof greeting);
    base_put_be64(bytes + 8, 8 * 1024 * 1024);
    struct base_slice input = base_slice(bytes, sizeof bytes);
    struct base_slice backtrace;
    struct base_slice body;
    net_sp_frame_init(&frame, false, 8 * 1024 * 1024);
    assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_GREETED);
    assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_MORE);
    assert_int_equal(frame.body.capacity, 0);
    assert_false(net_sp_frame_between(&frame));
    net_sp_frame_fini(&frame);
}

static void a_message_without_an_id_is_skipped(void **state)
{
    (void)state;
    const size_t words[] = {0, 1, LIMIT_SP_HOPS - 1, LIMIT_SP_HOPS};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char backtrace_bytes[(LIMIT_SP_HOPS + 1) * 4] = {0};
        struct base_buffer stream = BASE_BUFFER_EMPTY;
        base_buffer_append(&stream, greeting, sizeof greeting);
        put_message(&stream, false, backtrace_bytes, words[i], "", 0);
        /* The same with an id behind it. */
        backtrace_bytes[words[i] * 4] = (char)0x80;
        put_message(&stream, false, backtrace_bytes, words[i] + 1, "x", 1);
        struct net_sp_frame frame;
        struct base_slice input = base_buffer_slice(&stream);
        struct base_slice backtrace;
        struct base_slice body;
        net_sp_frame_init(&frame, false, LIMIT);
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_GREETED);
        assert_int_equal(next(&frame, &input, &backtrace, &body), NET_SP_MALFORMED);
        enum net_sp_event wanted =
            words[i] + 1 <= LIMIT_SP_HOPS ? NET_SP_REQUEST : NET_SP_MALFORMED;
        assert_int_equal(next(&frame, &input, &backtrace, &body), wanted);
        net_sp_frame_fini(&frame);
        base_buffer_fini(&stream);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_cut_out_in_place),
        cmocka_unit_test(a_look_ahead_takes_nothing),
        cmocka_unit_test(a_look_ahead_promises_nothing_wrong),
        cmocka_unit_test(a_cut_at_every_byte_changes_nothing),
        cmocka_unit_test(another_greeting_is_refused_at_its_first_wrong_byte),
        cmocka_unit_test(lengths_are_judged_before_a_byte_of_body_is_kept),
        cmocka_unit_test(a_promised_body_takes_no_memory),
        cmocka_unit_test(a_message_without_an_id_is_skipped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
