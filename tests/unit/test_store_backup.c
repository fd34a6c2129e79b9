/* Backups in memory: every byte changed, every length cut, heads of other versions, rows out of
 * place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/hash.h"
#include "store/backup.h"
#include "store/build.h"
#include "store/directory.h"
#include "store/lock.h"
#include "store/meta.h"
#include "store/restore.h"

static char folder[64];
static struct base_buffer whole; /* the backup of folder */
static struct store_manifest taken;

static void pack_id(const struct model_view *view, struct base_buffer *buffer)
{
    char text[MODEL_ID_TEXT];
    base_buffer_append(buffer, text, model_id_text(&view->id, text));
}

static const struct store_packer packer = {.author = pack_id, .paper = pack_id};

/* One paper with one author. */
static void make_record(struct model_record *record, struct model_authorship *author)
{
    *author = (struct model_authorship){
        .id = {MODEL_LOCAL, BASE_SLICE("one")}, .name = BASE_SLICE("Author One"), .position = 1};
    *record =
        (struct model_record){.type = MODEL_RECORD_PAPER, .id = {MODEL_LOCAL, BASE_SLICE("p1")}};
    record->paper.title = BASE_SLICE("Paper");
    record->paper.abstract = BASE_SLICE("An abstract.");
    record->paper.date = (struct model_date){model_day_of(2000, 1, 1), MODEL_DAY};
    record->paper.authors = author;
    record->paper.author_count = 1;
}

static enum base_code on_bytes(void *context, struct base_slice bytes, struct base_error *error)
{
    (void)error;
    base_buffer_append_slice(context, bytes);
    return BASE_OK;
}

/* Fails behind so many bytes. */
struct narrow {
    size_t room;
};

static enum base_code on_bytes_narrow(void *context, struct base_slice bytes,
                                      struct base_error *error)
{
    struct narrow *narrow = context;
    if (bytes.size > narrow->room) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "full");
    }
    narrow->room -= bytes.size;
    return BASE_OK;
}

static int set_up(void **state)
{
    (void)state;
    struct store_build_report report;
    struct store_lock *lock;
    struct store_build *build;
    struct base_error error;
    struct base_arena arena;
    struct model_record record;
    struct model_authorship author;
    snprintf(folder, sizeof folder, "/tmp/hirsch-backup-XXXXXX");
    if (mkdtemp(folder) == NULL) {
        return -1;
    }
    const struct store_build_options options = {
        .directory = folder,
        .workers = 1,
        .memory = 8U << 20,
        .map_size = 64U << 20,
        .today = model_day_of(2026, 1, 1),
        .coverage_end = MODEL_NO_DAY,
        .packer = packer,
    };
    base_arena_init(&arena, 0);
    make_record(&record, &author);
    assert_int_equal(model_record_finish(&record, &arena, &error), BASE_OK);
    assert_int_equal(store_lock_take(folder, "test", &lock, &error), BASE_OK);
    assert_int_equal(store_build_new(&options, &build, &error), BASE_OK);
    assert_int_equal(store_build_add(build, 0, &record, &error), BASE_OK);
    assert_int_equal(store_build_finish(build, &report, &error), BASE_OK);
    store_build_free(build);
    store_lock_release(lock);
    base_arena_fini(&arena);
    base_buffer_init(&whole);
    const struct store_backup_options backup = {
        .directory = folder, .context = &whole, .write = on_bytes, .created = 1};
    return store_backup(&backup, &taken, &error) == BASE_OK ? 0 : -1;
}

static void remove_folder(const char *path)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", path);
    assert_int_equal(system(command), 0);
}

static int tear_down(void **state)
{
    (void)state;
    base_buffer_fini(&whole);
    remove_folder(folder);
    return 0;
}

/* Gives at most `step` bytes at a time. */
struct feed {
    struct base_slice left;
    size_t step;
};

static enum base_code on_read(void *context, void *to, size_t room, size_t *got,
                              struct base_error *error)
{
    (void)error;
    struct feed *feed = context;
    size_t size = room < feed->step ? room : feed->step;
    size = size < feed->left.size ? size : feed->left.size;
    if (size > 0) {
        memcpy(to, feed->left.data, size);
    }
    feed->left = base_slice(feed->left.data + size, feed->left.size - size);
    *got = size;
    return BASE_OK;
}

static enum base_code look(struct base_slice bytes, size_t step, const char *directory,
                           struct base_error *error)
{
    struct feed feed = {bytes, step};
    struct store_manifest manifest;
    const struct store_restore_options options = {.context = &feed,
                                                  .read = on_read,
                                                  .directory = directory,
                                                  .map_size = directory == NULL ? 0 : 64U << 20};
    enum base_code code = store_restore(&options, &manifest, error);
    if (code == BASE_OK) {
        assert_int_equal(manifest.blocks, taken.blocks);
        assert_memory_equal(manifest.hash, taken.hash, sizeof taken.hash);
    }
    return code;
}

static void test_whole(void **state)
{
    (void)state;
    struct base_error error;
    assert_int_equal(look(base_buffer_slice(&whole), 1, NULL, &error), BASE_OK);
    assert_int_equal(look(base_buffer_slice(&whole), SIZE_MAX, NULL, &error), BASE_OK);
    assert_int_equal(taken.rows[STORE_SOURCE], 1);
    assert_int_equal(taken.info.paper_count, 1);
}

static void test_every_byte(void **state)
{
    (void)state;
    for (size_t at = 0; at < whole.size; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            struct base_error error = {0};
            whole.data[at] = (char)(whole.data[at] ^ (1 << bit));
            enum base_code code = look(base_buffer_slice(&whole), SIZE_MAX, NULL, &error);
            whole.data[at] = (char)(whole.data[at] ^ (1 << bit));
            assert_int_equal(code, at < 16 ? BASE_INVALID_ARGUMENT : BASE_DATA_LOSS);
            assert_true(strlen(error.text) > 20);
        }
    }
}

static void test_every_length(void **state)
{
    (void)state;
    for (size_t size = 0; size < whole.size; size++) {
        struct base_error error;
        assert_int_equal(look(base_slice(whole.data, size), SIZE_MAX, NULL, &error),
                         BASE_DATA_LOSS);
    }
    struct base_buffer longer;
    struct base_error error;
    base_buffer_init(&longer);
    base_buffer_append_slice(&longer, base_buffer_slice(&whole));
    base_buffer_append_byte(&longer, 0);
    assert_int_equal(look(base_buffer_slice(&longer), SIZE_MAX, NULL, &error), BASE_DATA_LOSS);
    base_buffer_fini(&longer);
}

static void test_every_write_fails(void **state)
{
    (void)state;
    for (size_t room = 0; room < whole.size; room += 97) {
        struct narrow narrow = {room};
        struct store_manifest manifest;
        struct base_error error;
        const struct store_backup_options backup = {
            .directory = folder, .context = &narrow, .write = on_bytes_narrow, .created = 1};
        assert_int_equal(store_backup(&backup, &manifest, &error), BASE_RESOURCE_EXHAUSTED);
    }
}

/* A head of another format, its checksum right. */
static void set_format(uint32_t format)
{
    base_put_le32(whole.data + 16, format);
    base_put_le64(whole.data + STORE_MANIFEST_HEAD - 8,
                  base_hash64(base_slice(whole.data, STORE_MANIFEST_HEAD - 8)));
}

static void test_later_version(void **state)
{
    (void)state;
    struct base_error error;
    set_format(STORE_FORMAT + 1);
    assert_int_equal(look(base_buffer_slice(&whole), SIZE_MAX, NULL, &error),
                     BASE_FAILED_PRECONDITION);
    assert_non_null(strstr(error.text, "newer"));
    set_format(STORE_FORMAT);
}

static void test_restored(void **state)
{
    (void)state;
    char other[64];
    snprintf(other, sizeof other, "/tmp/hirsch-restored-XXXXXX");
    assert_non_null(mkdtemp(other));
    struct base_error error;
    struct store *store;
    struct store_reader *reader;
    struct store_info info;
    /* A damaged one leaves nothing. */
    whole.data[whole.size - 1] ^= 1;
    assert_int_equal(look(base_buffer_slice(&whole), SIZE_MAX, other, &error), BASE_DATA_LOSS);
    whole.data[whole.size - 1] ^= 1;
    assert_int_equal(store_open(other, 64U << 20, &store, &error), BASE_NOT_FOUND);
    assert_int_equal(look(base_buffer_slice(&whole), 1000, other, &error), BASE_OK);
    assert_int_equal(store_open(other, 64U << 20, &store, &error), BASE_OK);
    assert_int_equal(store_reader_new(store, &reader, &error), BASE_OK);
    assert_int_equal(store_read_info(reader, &info, &error), BASE_OK);
    assert_int_equal(info.sequence, taken.info.sequence);
    assert_memory_equal(info.dataset, taken.info.dataset, STORE_EPOCH);
    assert_memory_not_equal(info.epoch, taken.info.epoch, STORE_EPOCH);
    store_reader_free(reader);
    store_close(store);
    remove_folder(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),         cmocka_unit_test(test_every_byte),
        cmocka_unit_test(test_every_length),  cmocka_unit_test(test_every_write_fails),
        cmocka_unit_test(test_later_version), cmocka_unit_test(test_restored),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
