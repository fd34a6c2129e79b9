/* Keys: made, written, read again, checked; damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "rpc/keys.h"

static const model_time now = UINT64_C(63900000000) * 1000000;

static struct rpc_keys *made(char token[RPC_KEY_TOKEN + 1], model_time expires)
{
    struct rpc_keys *keys = NULL;
    struct rpc_key key = {.role = RPC_WRITER, .expires = expires, .rate = 7, .name = "a name"};
    assert_int_equal(rpc_keys_new(&keys, NULL), BASE_OK);
    assert_int_equal(rpc_keys_add(keys, now, &key, token, NULL), BASE_OK);
    return keys;
}

static void test_round_trip(void **state)
{
    char token[RPC_KEY_TOKEN + 1];
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct rpc_keys *keys = made(token, 0);
    struct rpc_keys *again = NULL;
    size_t index = 99;
    (void)state;
    rpc_keys_write(keys, &text);
    base_buffer_append_byte(&text, '\0');
    assert_null(strstr(text.data, token + RPC_KEY_TOKEN - RPC_KEY_SECRET));
    text.size--;
    assert_int_equal(rpc_keys_parse(base_buffer_slice(&text), &again, NULL), BASE_OK);
    assert_int_equal(rpc_keys_count(again), 1);
    assert_int_equal(rpc_keys_check(again, base_slice_text(token), now, &index, NULL), BASE_OK);
    assert_int_equal(index, 0);
    assert_int_equal(rpc_keys_at(again, 0)->role, RPC_WRITER);
    assert_int_equal(rpc_keys_at(again, 0)->rate, 7);
    assert_string_equal(rpc_keys_at(again, 0)->name, "a name");
    rpc_keys_free(keys);
    rpc_keys_free(again);
    base_buffer_fini(&text);
}

static void test_each_byte_counts(void **state)
{
    char token[RPC_KEY_TOKEN + 1];
    struct rpc_keys *keys = made(token, 0);
    size_t index = 99;
    (void)state;
    for (size_t i = 0; i < RPC_KEY_TOKEN; i++) {
        char other[RPC_KEY_TOKEN + 1];
        memcpy(other, token, sizeof other);
        other[i] = other[i] == '0' ? '1' : '0';
        assert_int_equal(rpc_keys_check(keys, base_slice_text(other), now, &index, NULL),
                         BASE_UNAUTHENTICATED);
        assert_int_equal(rpc_keys_check(keys, base_slice(token, i), now, &index, NULL),
                         BASE_UNAUTHENTICATED);
    }
    assert_int_equal(index, 99);
    rpc_keys_free(keys);
}

static void test_expiry_and_removal(void **state)
{
    char token[RPC_KEY_TOKEN + 1];
    struct rpc_keys *keys = made(token, now + 10);
    struct rpc_key removed;
    size_t index;
    (void)state;
    struct base_slice whole = base_slice_text(token);
    assert_int_equal(rpc_keys_check(keys, whole, now + 9, &index, NULL), BASE_OK);
    assert_int_equal(rpc_keys_check(keys, whole, now + 10, &index, NULL), BASE_UNAUTHENTICATED);
    assert_int_equal(rpc_keys_remove(keys, BASE_SLICE("other"), &removed, NULL), BASE_NOT_FOUND);
    assert_int_equal(rpc_keys_remove(keys, BASE_SLICE("a name"), &removed, NULL), BASE_OK);
    assert_int_equal(rpc_keys_check(keys, whole, now, &index, NULL), BASE_UNAUTHENTICATED);
    rpc_keys_free(keys);
}

static void test_damaged(void **state)
{
    char token[RPC_KEY_TOKEN + 1];
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct rpc_keys *keys = made(token, 0);
    (void)state;
    rpc_keys_write(keys, &text);
    rpc_keys_free(keys);
    size_t line = 0;
    for (size_t i = 0; i + 1 < text.size; i++) {
        line = text.data[i] == '\n' ? i + 1 : line;
    }
    /* Cut inside the columns, the line is no key any more. */
    for (size_t size = line + 1; size < text.size - sizeof "a name"; size++) {
        struct base_error error;
        keys = NULL;
        assert_int_equal(rpc_keys_parse(base_slice(text.data, size), &keys, &error),
                         BASE_FAILED_PRECONDITION);
        assert_non_null(strstr(error.text, "line 3"));
        assert_null(keys);
    }
    base_buffer_fini(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_each_byte_counts),
        cmocka_unit_test(test_expiry_and_removal),
        cmocka_unit_test(test_damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
