/* The line that tells how far an import is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "server/progress.h"

#define SECONDS(n) ((uint64_t)(n)*1000000000U)

static void expect(const struct ingest_progress *counts, uint64_t elapsed_ns, const char *line)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    server_progress_text(counts, elapsed_ns, &text);
    base_buffer_append_byte(&text, 0);
    assert_string_equal(text.data, line);
    base_buffer_fini(&text);
}

static void test_lines(void **state)
{
    (void)state;
    struct ingest_progress counts = {.files_done = 1,
                                     .files_total = 8,
                                     .bytes_done = 3 << 20,
                                     .bytes_total = 12 << 20,
                                     .records = 5000,
                                     .rejected = 2};
    expect(&counts, SECONDS(10),
           "files 1/8  3.0 MiB/12.0 MiB  5000 records  500 records/s  2 rejected  left 0m30s");
    /* Standard input: nobody knows how much is left. */
    counts.bytes_total = 0;
    counts.files_total = 1;
    expect(&counts, SECONDS(10), "files 1/1  3.0 MiB  5000 records  500 records/s  2 rejected");
    /* Hours; and nothing read yet. */
    counts.bytes_done = 1 << 20;
    counts.bytes_total = UINT64_C(8) << 30;
    expect(&counts, SECONDS(1),
           "files 1/1  1.0 MiB/8.0 GiB  5000 records  5000 records/s  2 rejected  left 2h16m");
    struct ingest_progress none = {.files_total = 1, .bytes_total = 100};
    expect(&none, 0, "files 0/1  0 B/100 B  0 records  0 records/s  0 rejected");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
