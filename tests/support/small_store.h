/* A small store in a folder of its own under /tmp: built, written to and read in one process. A
 * view is packed as the own id, the field and, of papers, the kind. */
#ifndef TESTS_SMALL_STORE_H
#define TESTS_SMALL_STORE_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/build.h"
#include "store/directory.h"
#include "store/lock.h"
#include "store/meta.h"
#include "store/reader.h"
#include "store/store.h"
#include "store/write.h"

enum { SMALL_FOLDER = 64, SMALL_MEMORY = 8 << 20, SMALL_MAP = 256 << 20 };

static inline void small_pack(const struct model_view *view, struct base_buffer *buffer)
{
    char text[MODEL_ID_TEXT];
    struct base_slice field =
        view->entity == MODEL_PAPER ? view->paper.field.id : view->author.field.id;
    base_buffer_append_byte(buffer, view->entity == MODEL_PAPER ? (uint8_t)view->paper.kind : 0);
    base_buffer_append_varint(buffer, field.size);
    base_buffer_append_slice(buffer, field);
    base_buffer_append(buffer, text, model_id_text(&view->id, text));
}

static inline enum base_code small_unpack(enum model_entity entity, struct base_slice view,
                                          struct base_arena *arena, struct store_unpacked *unpacked,
                                          struct base_error *error)
{
    struct base_slice *ids = base_arena_array(arena, 1, sizeof *ids);
    struct store_unpacked found = {.ids = ids, .id_count = 1};
    struct base_slice kind;
    uint64_t size;
    (void)entity;
    if (ids == NULL || !base_take_bytes(&view, 1, &kind) || !base_take_varint(&view, &size) ||
        !base_take_bytes(&view, (size_t)size, &found.field.id)) {
        return base_fail(error, BASE_INTERNAL, "no view of a small store");
    }
    found.kind = (enum model_kind)kind.data[0];
    ids[0] = view;
    *unpacked = found;
    return BASE_OK;
}

static const struct store_packer small_packer = {
    .author = small_pack, .paper = small_pack, .unpack = small_unpack};

static inline void small_make(char folder[SMALL_FOLDER])
{
    snprintf(folder, SMALL_FOLDER, "/tmp/hirsch-small-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

static inline void small_remove(const char *folder)
{
    char path[STORE_PATH];
    snprintf(path, sizeof path, "%s/CURRENT", folder);
    unlink(path);
    store_directory_clean(folder);
    snprintf(path, sizeof path, "%s/lock", folder);
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
}

static inline struct model_id small_id(struct base_arena *arena, const char *prefix,
                                       unsigned number)
{
    char text[64];
    int size = snprintf(text, sizeof text, "%s%u", prefix, number);
    return (struct model_id){MODEL_LOCAL, base_arena_copy(arena, base_slice(text, (size_t)size))};
}

/* records: finished. */
static inline void small_build(const char *folder, const struct store_build_options *more,
                               const struct model_record *records, size_t count)
{
    struct store_build_options options = *more;
    struct store_build_report report;
    struct store_build *build;
    struct base_error error;
    options.directory = folder;
    options.workers = 1;
    options.memory = SMALL_MEMORY;
    options.map_size = SMALL_MAP;
    options.packer = small_packer;
    assert_int_equal(store_build_new(&options, &build, &error), BASE_OK);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(store_build_add(build, 0, &records[i], &error), BASE_OK);
    }
    assert_int_equal(store_build_finish(build, &report, &error), BASE_OK);
    store_build_free(build);
}

static inline uint64_t small_now_ns(void)
{
    return 1;
}

static inline struct store_writes *small_open(const char *folder, uint64_t map_size,
                                              struct store **store)
{
    const struct store_writes_options options = {
        .directory = folder, .packer = small_packer, .now_ns = small_now_ns};
    struct store_writes *writes;
    struct base_error error;
    assert_int_equal(store_open_writable(folder, map_size, store, &error), BASE_OK);
    assert_int_equal(store_writes_open(*store, &options, &writes, &error), BASE_OK);
    return writes;
}

struct small_put {
    pthread_mutex_t lock;
    pthread_cond_t answered;
    bool done;
    enum base_code code;
};

static inline void small_answer(const struct store_write *write,
                                const struct store_write_result *result, struct base_buffer *answer)
{
    (void)write;
    (void)result;
    base_buffer_append_byte(answer, 1);
}

static inline void small_done(struct store_write *write, enum base_code code,
                              const struct base_error *error, struct base_slice answer)
{
    struct small_put *put = write->context;
    (void)error;
    (void)answer;
    pthread_mutex_lock(&put->lock);
    put->done = true;
    put->code = code;
    pthread_cond_signal(&put->answered);
    pthread_mutex_unlock(&put->lock);
}

/* One request; what became of it when it is answered. */
static inline enum base_code small_write(struct store_writes *writes,
                                         struct store_write_item *items, size_t count)
{
    struct small_put put = {.done = false};
    struct base_arena arena;
    struct base_error error;
    base_arena_init(&arena, 0);
    pthread_mutex_init(&put.lock, NULL);
    pthread_cond_init(&put.answered, NULL);
    struct store_write write = {.arena = &arena,
                                .items = items,
                                .count = count,
                                .pack = small_answer,
                                .done = small_done,
                                .context = &put};
    enum base_code code = store_writes_submit(writes, &write, &error);
    pthread_mutex_lock(&put.lock);
    while (code == BASE_OK && !put.done) {
        pthread_cond_wait(&put.answered, &put.lock);
    }
    code = code == BASE_OK ? put.code : code;
    pthread_mutex_unlock(&put.lock);
    pthread_cond_destroy(&put.answered);
    pthread_mutex_destroy(&put.lock);
    base_arena_fini(&arena);
    return code;
}

/* Makes it look like one of another version. */
static inline void small_set_format(const char *folder, uint32_t format)
{
    struct store *store;
    struct store_meta meta;
    struct base_error error;
    MDB_txn *txn;
    assert_int_equal(store_open_writable(folder, 0, &store, &error), BASE_OK);
    assert_int_equal(mdb_txn_begin(store->env.env, NULL, 0, &txn), 0);
    assert_int_equal(store_meta_read(&store->env, txn, &meta, &error), BASE_OK);
    meta.info.format = format;
    assert_int_equal(store_meta_write(&store->env, txn, &meta, &error), BASE_OK);
    assert_int_equal(mdb_txn_commit(txn), 0);
    store_close(store);
}

#endif
