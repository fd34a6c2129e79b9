#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include <isa-l/igzip_lib.h>
#include <stdio.h>
#include <unistd.h>

#include "base/compress.h"
#include "support/ingest_collect.h"

/* A folder of its own for each test, emptied afterwards. */
struct scene {
    char folder[64];
    char path[128];
    struct collect collect;
};

static int set_up(void **state)
{
    struct scene *scene = calloc(1, sizeof *scene);
    assert_non_null(scene);
    strcpy(scene->folder, "/tmp/hirsch-ingest-XXXXXX");
    assert_non_null(mkdtemp(scene->folder));
    snprintf(scene->path, sizeof scene->path, "%s/input", scene->folder);
    collect_init(&scene->collect);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;
    collect_fini(&scene->collect);
    unlink(scene->path);
    rmdir(scene->folder);
    free(scene);
    return 0;
}

static void write_file(struct scene *scene, struct base_slice content)
{
    FILE *file = fopen(scene->path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(content.data, 1, content.size, file), content.size);
    assert_int_equal(fclose(file), 0);
}

static enum base_code run(struct scene *scene, unsigned threads, uint64_t max_errors)
{
    const char *paths[] = {scene->path};
    collect_fini(&scene->collect);
    collect_init(&scene->collect);
    return collect_run(&scene->collect, "hirsch", paths, 1, threads, max_errors);
}

static void gzip(struct base_slice text, struct base_buffer *to)
{
    struct isal_zstream stream;
    isal_deflate_stateless_init(&stream);
    stream.gzip_flag = IGZIP_GZIP;
    stream.end_of_stream = 1;
    stream.next_in = (uint8_t *)text.data;
    stream.avail_in = (uint32_t)text.size;
    stream.next_out = (uint8_t *)base_buffer_reserve(to, text.size + 1024);
    stream.avail_out = (uint32_t)text.size + 1024;
    assert_int_equal(isal_deflate_stateless(&stream), COMP_OK);
    to->size += stream.total_out;
}

/* Numbered records; every one with number % bad == 0 (if bad is not 0) has an unknown field. */
static void make_lines(struct base_buffer *buffer, unsigned count, unsigned bad, size_t filling)
{
    for (unsigned i = 1; i <= count; i++) {
        base_buffer_append_format(buffer, "{\"type\":\"paper\",\"id\":\"local:%u\",\"abstract\":\"",
                                  i);
        for (size_t at = 0; at < filling * (i % 7); at++) {
            base_buffer_append_byte(buffer, (uint8_t)('a' + at % 26));
        }
        base_buffer_append_text(buffer, bad != 0 && i % bad == 0 ? "\",\"x\":1}\n" : "\"}\n");
    }
    assert_false(buffer->failed);
}

static void plain_and_compressed_files_give_the_same(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    make_lines(&text, 3000, 0, 100);
    write_file(scene, base_buffer_slice(&text));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    uint64_t sum = scene->collect.sum;
    assert_int_equal(scene->collect.record_count, 3000);
    assert_int_equal(scene->collect.report.totals.lines, 3000);
    assert_int_equal(scene->collect.report.totals.bytes_text, text.size);
    assert_int_equal(scene->collect.report.records_by_type[MODEL_RECORD_PAPER], 3000);

    gzip(base_buffer_slice(&text), &packed);
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    assert_true(scene->collect.sum == sum);
    assert_int_equal(scene->collect.report.totals.bytes_done, packed.size);
    assert_int_equal(scene->collect.report.totals.bytes_total, packed.size);
    assert_int_equal(scene->collect.report.totals.bytes_text, text.size);

    struct base_compressor *compressor = base_compressor_new(3);
    base_buffer_clear(&packed);
    size_t half = text.size / 2;
    assert_int_equal(base_compress(compressor, base_slice(text.data, half), &packed, NULL),
                     BASE_OK);
    assert_int_equal(
        base_compress(compressor, base_slice(text.data + half, text.size - half), &packed, NULL),
        BASE_OK);
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    assert_true(scene->collect.sum == sum);
    base_compressor_free(compressor);
    base_buffer_fini(&text);
    base_buffer_fini(&packed);
}

/* What pzstd writes before each frame, seekable files behind the last. */
static void skippable_frames_are_skipped(void **state)
{
    static const char skippable[] = "\x5e\x2a\x4d\x18\x05\0\0\0{\"a\":";
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct base_compressor *compressor = base_compressor_new(3);
    make_lines(&text, 500, 0, 50);
    for (size_t from = 0, step = text.size / 3 + 1; from < text.size; from += step) {
        size_t size = text.size - from < step ? text.size - from : step;
        base_buffer_append(&packed, skippable, 13);
        assert_int_equal(
            base_compress(compressor, base_slice(text.data + from, size), &packed, NULL), BASE_OK);
    }
    base_buffer_append(&packed, skippable, 13);
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 1, 0), BASE_OK);
    assert_int_equal(scene->collect.record_count, 500);
    assert_int_equal(scene->collect.report.totals.bytes_text, text.size);
    write_file(scene, base_slice(packed.data, packed.size - 1));
    assert_int_equal(run(scene, 1, 1), BASE_OK);
    assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_COMPRESSION], 1);
    base_compressor_free(compressor);
    base_buffer_fini(&text);
    base_buffer_fini(&packed);
}

static void gzip_members_follow_one_another(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    make_lines(&text, 500, 0, 50);
    /* Cut in the middle of lines, with an empty member and zeros at the end. */
    size_t step = text.size / 37;
    for (size_t at = 0; at < text.size; at += step) {
        gzip(base_slice(text.data + at, text.size - at < step ? text.size - at : step), &packed);
    }
    gzip(BASE_SLICE(""), &packed);
    base_buffer_append(&packed, "\0\0\0\0\0\0\0", 7);
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 1, 0), BASE_OK);
    assert_int_equal(scene->collect.record_count, 500);
    assert_int_equal(scene->collect.report.totals.bytes_text, text.size);

    base_buffer_append_text(&packed, "rubbish");
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 1, 1), BASE_OK);
    assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_COMPRESSION], 1);
    base_buffer_fini(&text);
    base_buffer_fini(&packed);
}

static void damaged_files_are_faults(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    make_lines(&text, 20000, 0, 20);
    gzip(base_buffer_slice(&text), &packed);
    /* Cut off: the whole lines before stay good, the broken one is nobody's record. */
    write_file(scene, base_slice(packed.data, packed.size / 2));
    assert_int_equal(run(scene, 2, 1), BASE_OK);
    assert_string_equal(collect_text(&scene->collect.faults),
                        "input:0:0: [damaged compressed data] the compressed data is cut off\n");
    assert_in_range(scene->collect.record_count, 5000, 19999);
    assert_int_equal(scene->collect.report.totals.rejected, 1);
    assert_int_equal(run(scene, 2, 0), BASE_INVALID_ARGUMENT);
    assert_non_null(strstr(scene->collect.error.text, "the compressed data is cut off"));
    /* A flipped bit: the checksum, if nothing else, tells. */
    packed.data[packed.size / 3] = (char)(packed.data[packed.size / 3] ^ 4);
    write_file(scene, base_buffer_slice(&packed));
    assert_int_equal(run(scene, 2, 100000), BASE_OK);
    assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_COMPRESSION], 1);
    /* zstd, cut. */
    struct base_compressor *compressor = base_compressor_new(3);
    base_buffer_clear(&packed);
    assert_int_equal(base_compress(compressor, base_buffer_slice(&text), &packed, NULL), BASE_OK);
    write_file(scene, base_slice(packed.data, packed.size - 5));
    assert_int_equal(run(scene, 2, 0), BASE_INVALID_ARGUMENT);
    assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_COMPRESSION], 1);
    base_compressor_free(compressor);
    base_buffer_fini(&text);
    base_buffer_fini(&packed);
}

static void line_numbers_hold_across_blocks(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    make_lines(&text, 4000, 500, 200);
    write_file(scene, base_buffer_slice(&text));
    for (unsigned threads = 1; threads <= 4; threads++) {
        assert_int_equal(run(scene, threads, 100), BASE_OK);
        assert_int_equal(scene->collect.record_count, 4000 - 8);
        assert_int_equal(scene->collect.fault_count, 8);
        assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_UNKNOWN_FIELD], 8);
        const char *faults = collect_text(&scene->collect.faults);
        for (unsigned number = 500; number <= 4000; number += 500) {
            char wanted[32];
            snprintf(wanted, sizeof wanted, "input:%u:", number);
            assert_non_null(strstr(faults, wanted));
        }
    }
    base_buffer_fini(&text);
}

static void errors_beyond_the_limit_end_the_run(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    make_lines(&text, 100, 10, 1);
    write_file(scene, base_buffer_slice(&text));
    assert_int_equal(run(scene, 1, 10), BASE_OK);
    assert_int_equal(scene->collect.report.totals.rejected, 10);
    assert_int_equal(run(scene, 1, 3), BASE_INVALID_ARGUMENT);
    assert_int_equal(scene->collect.report.totals.rejected, 4);
    assert_int_equal(scene->collect.fault_count, 4);
    assert_non_null(strstr(scene->collect.error.text, "/input:40:"));
    assert_non_null(strstr(scene->collect.error.text, "unknown field \"x\""));
    base_buffer_fini(&text);
}

static void lines_longer_than_a_block_are_read(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    base_buffer_append_text(&text, "{\"type\":\"paper\",\"id\":\"local:1\"}\n{\"type\":\"paper\",");
    for (int i = 0; i < 1000000; i++) {
        base_buffer_append_byte(&text, ' ');
    }
    base_buffer_append_text(&text, "\"id\":\"local:2\"}\n{\"type\":\"paper\",\"id\":\"local:3\"}");
    write_file(scene, base_buffer_slice(&text));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    assert_int_equal(scene->collect.record_count, 3);
    base_buffer_fini(&text);
}

static void a_line_over_the_limit_is_skipped(void **state)
{
    struct scene *scene = *state;
    FILE *file = fopen(scene->path, "wb");
    assert_non_null(file);
    fputs("{\"type\":\"paper\",\"id\":\"local:1\"}\n", file);
    char filling[4096];
    memset(filling, 'x', sizeof filling);
    for (size_t written = 0; written <= (size_t)LIMIT_LINE + 300000; written += sizeof filling) {
        fwrite(filling, 1, sizeof filling, file);
    }
    fputs("\n{\"type\":\"paper\",\"id\":\"local:3\"}\n{\"type\":\"paper\",\"id\":4}\n", file);
    fclose(file);
    assert_int_equal(run(scene, 2, 5), BASE_OK);
    assert_int_equal(scene->collect.record_count, 2);
    const char *faults = collect_text(&scene->collect.faults);
    assert_non_null(strstr(faults, "input:2:1: [line too long]"));
    assert_non_null(strstr(faults, "input:4:22: [field of the wrong type]"));
    assert_int_equal(scene->collect.report.totals.rejected, 2);
}

static void empty_files_are_fine(void **state)
{
    struct scene *scene = *state;
    write_file(scene, BASE_SLICE(""));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    write_file(scene, BASE_SLICE("\n\r\n  \n"));
    assert_int_equal(run(scene, 2, 0), BASE_OK);
    assert_int_equal(scene->collect.record_count, 0);
    write_file(scene, BASE_SLICE("\x1f\x8b"));
    assert_int_equal(run(scene, 2, 0), BASE_INVALID_ARGUMENT);
    assert_int_equal(scene->collect.report.rejected_by_reason[INGEST_COMPRESSION], 1);
}

static void the_sink_can_end_the_run(void **state)
{
    struct scene *scene = *state;
    const char *paths[] = {scene->path};
    struct base_buffer text = BASE_BUFFER_EMPTY;
    make_lines(&text, 100, 0, 1);
    write_file(scene, base_buffer_slice(&text));
    scene->collect.answer = BASE_INVALID_ARGUMENT;
    assert_int_equal(collect_run(&scene->collect, "hirsch", paths, 1, 1, 1000),
                     BASE_INVALID_ARGUMENT);
    assert_int_equal(scene->collect.record_count, 1);
    assert_int_equal(scene->collect.report.totals.rejected, 0);
    assert_non_null(strstr(scene->collect.error.text, "/input:1: the sink says no"));
    base_buffer_fini(&text);
}

static void a_signal_ends_the_run(void **state)
{
    struct scene *scene = *state;
    const char *paths[] = {scene->path};
    volatile int stop = 1;
    struct ingest_job job = {
        .format = ingest_format_named("hirsch"),
        .paths = paths,
        .path_count = 1,
        .threads = 2,
        .on_record = collect_record,
        .sink = &scene->collect,
        .stop = &stop,
    };
    struct ingest_report report;
    struct base_error error;
    write_file(scene, BASE_SLICE("{\"type\":\"paper\",\"id\":\"local:1\"}\n"));
    assert_int_equal(ingest_run(&job, &report, &error), BASE_CANCELLED);
    assert_int_equal(scene->collect.record_count, 0);
}

static void missing_paths_are_found_before_anything_is_read(void **state)
{
    struct scene *scene = *state;
    char absent[160];
    snprintf(absent, sizeof absent, "%s/absent", scene->folder);
    const char *paths[] = {scene->path, absent};
    const char *folder[] = {scene->folder};
    write_file(scene, BASE_SLICE("{\"type\":\"paper\",\"id\":\"local:1\"}\n"));
    assert_int_equal(collect_run(&scene->collect, "hirsch", paths, 2, 1, 0), BASE_NOT_FOUND);
    assert_non_null(strstr(scene->collect.error.text, "/absent: No such file"));
    assert_int_equal(scene->collect.record_count, 0);
    /* Nothing in the folder has an ending that is read. */
    assert_int_equal(collect_run(&scene->collect, "hirsch", folder, 1, 1, 0), BASE_NOT_FOUND);
}

static void standard_input_is_read(void **state)
{
    struct scene *scene = *state;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    const char *paths[] = {"-"};
    make_lines(&text, 50, 0, 1);
    gzip(base_buffer_slice(&text), &packed);
    int ends[2];
    int saved = dup(STDIN_FILENO);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], packed.data, packed.size), packed.size);
    close(ends[1]);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    close(ends[0]);
    enum base_code code = collect_run(&scene->collect, "hirsch", paths, 1, 2, 0);
    dup2(saved, STDIN_FILENO);
    close(saved);
    assert_int_equal(code, BASE_OK);
    assert_int_equal(scene->collect.record_count, 50);
    assert_int_equal(scene->collect.report.totals.bytes_total, 0);
    assert_int_equal(scene->collect.report.totals.bytes_done, packed.size);
    base_buffer_fini(&text);
    base_buffer_fini(&packed);
}

#define IN_SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCENE(plain_and_compressed_files_give_the_same),
        IN_SCENE(skippable_frames_are_skipped),
        IN_SCENE(gzip_members_follow_one_another),
        IN_SCENE(damaged_files_are_faults),
        IN_SCENE(line_numbers_hold_across_blocks),
        IN_SCENE(errors_beyond_the_limit_end_the_run),
        IN_SCENE(lines_longer_than_a_block_are_read),
        IN_SCENE(a_line_over_the_limit_is_skipped),
        IN_SCENE(empty_files_are_fine),
        IN_SCENE(the_sink_can_end_the_run),
        IN_SCENE(a_signal_ends_the_run),
        IN_SCENE(missing_paths_are_found_before_anything_is_read),
        IN_SCENE(standard_input_is_read),
    };
    return cmocka_run_group_tests_name("ingest run", tests, NULL, NULL);
}
