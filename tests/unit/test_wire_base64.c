/* Base64 both ways, and what no encoder makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/base64.h"

static const struct {
    const char *bytes;
    const char *standard;
    const char *url;
} vectors[] = {
    /* RFC 4648, section 10, and one that shows the two alphabets. */
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xfb\xff\xbf", "+/+/", "-_-_"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        struct base_buffer buffer = BASE_BUFFER_EMPTY;
        struct base_slice bytes = base_slice_text(vectors[i].bytes);
        wire_base64_append(&buffer, bytes);
        assert_true(
            base_slice_equal(base_buffer_slice(&buffer), base_slice_text(vectors[i].standard)));
        base_buffer_clear(&buffer);
        wire_base64url_append(&buffer, bytes);
        assert_true(base_slice_equal(base_buffer_slice(&buffer), base_slice_text(vectors[i].url)));
        char decoded[16];
        size_t size = 99;
        assert_true(wire_base64url_decode(base_buffer_slice(&buffer), decoded, bytes.size, &size));
        assert_true(base_slice_equal(base_slice(decoded, size), bytes));
        if (bytes.size > 0) {
            size = 99;
            assert_false(
                wire_base64url_decode(base_buffer_slice(&buffer), decoded, bytes.size - 1, &size));
            assert_int_equal(size, 99);
        }
        base_buffer_fini(&buffer);
    }
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"Z",    "Zg==",  "Zh",    "Zm9",   "Zm+v",
                                      "Zm/v", "Zm9vY", "Zm9v ", "Zm\n9v"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char decoded[16];
        size_t size = 99;
        if (wire_base64url_decode(base_slice_text(bad[i]), decoded, sizeof decoded, &size)) {
            fail_msg("accepted: %s", bad[i]);
        }
        assert_int_equal(size, 99);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
