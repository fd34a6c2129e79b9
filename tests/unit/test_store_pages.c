/* Pages of a store's file with one thing made wrong at a time: each is told, and the file as it was
 * is sound. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "store/env.h"
#include "store/page_file.h"
#include "store/pages.h"

enum { MAP = 64 << 20, ROWS = 4000, COMMITS = 8 };

static char folder[64];
static char data_path[96];
static char lock_path[96];
static char said[256];

static void write_rows(struct store_env *env, uint32_t commit)
{
    MDB_txn *txn;
    char bytes[5000];
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(mdb_txn_begin(env->env, NULL, 0, &txn), 0);
    for (uint32_t i = 0; i < ROWS / COMMITS; i++) {
        uint8_t key[4];
        base_put_be32(key, (i * COMMITS + commit) * 7);
        /* Every hundredth in pages of its own. */
        size_t size = i % 100 == 0 ? sizeof bytes : 40;
        assert_int_equal(store_env_put(env, txn, STORE_ABSTRACT, base_slice(key, sizeof key),
                                       base_slice(bytes, size), 0, NULL),
                         BASE_OK);
    }
    assert_int_equal(mdb_txn_commit(txn), 0);
}

static int set_up(void **state)
{
    struct store_env env;
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/hirsch-pages-XXXXXX");
    if (mkdtemp(folder) == NULL ||
        store_env_open(folder, MAP, STORE_ENV_CREATE, &env, NULL) != BASE_OK) {
        return -1;
    }
    snprintf(data_path, sizeof data_path, "%s/data.mdb", folder);
    snprintf(lock_path, sizeof lock_path, "%s/lock.mdb", folder);
    for (uint32_t commit = 0; commit < COMMITS; commit++) {
        write_rows(&env, commit);
    }
    store_env_close(&env);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(data_path);
    unlink(lock_path);
    return rmdir(folder);
}

static void on_fault(void *context, const char *text)
{
    uint64_t *told = context;
    if ((*told)++ == 0) {
        snprintf(said, sizeof said, "%s", text);
    }
}

/* Places in the file that a test needs. */
struct places {
    uint64_t transaction;
    size_t tree;      /* what the main tree says of the table */
    size_t root;      /* the table's root, a branch */
    size_t first;     /* its first leaf */
    size_t separator; /* the last byte of the root's second key */
    size_t child;     /* the root's second child */
    size_t overflow;  /* of the first large value */
    size_t freed;     /* the first page on the free list */
    size_t free_key;  /* of its last row */
    size_t newest;    /* meta page */
};

static size_t place(const struct page_file *file, const char *at)
{
    return (size_t)(at - file->data);
}

/* The leaf under root that is first, or last. */
static uint64_t leaf_of(const struct page_file *file, uint64_t root, bool last)
{
    struct page_head head;
    struct page_node node;
    assert_null(page_fault(file, root, &head));
    while (head.kind == PAGE_BRANCH) {
        page_node_at(file, root, &head, last ? page_node_count(&head) - 1 : 0, &node);
        root = node.child;
        assert_null(page_fault(file, root, &head));
    }
    return root;
}

static void find_table(const struct page_file *file, uint64_t main_root, struct places *places)
{
    struct page_head head;
    struct page_node node;
    struct page_tree tree;
    assert_null(page_fault(file, main_root, &head));
    for (size_t i = 0; i < page_node_count(&head); i++) {
        page_node_at(file, main_root, &head, i, &node);
        if (base_slice_equal(node.key, BASE_SLICE("abstract"))) {
            break;
        }
    }
    page_get_tree(node.value, &tree);
    places->tree = place(file, node.value);
    places->root = place(file, page_at(file, tree.root));
    assert_null(page_fault(file, tree.root, &head));
    assert_int_equal(head.kind, PAGE_BRANCH);
    page_node_at(file, tree.root, &head, 1, &node);
    places->separator = place(file, node.key.data + node.key.size - 1);
    places->child = place(file, node.key.data - PAGE_NODE_HEADER);
    uint64_t first = leaf_of(file, tree.root, false);
    places->first = place(file, page_at(file, first));
    assert_null(page_fault(file, first, &head));
    page_node_at(file, first, &head, 0, &node);
    assert_true((node.flags & PAGE_NODE_BIG) != 0);
    places->overflow = place(file, page_at(file, base_get_le64(node.value)));
}

static struct places find_places(void)
{
    struct page_file file;
    struct page_meta metas[2];
    struct page_head head;
    struct page_node node;
    struct places places;
    assert_int_equal(page_file_open(folder, &file, NULL), BASE_OK);
    assert_int_equal(page_file_read_metas(&file, metas, NULL), BASE_OK);
    size_t newest = metas[1].transaction > metas[0].transaction;
    places.transaction = metas[newest].transaction;
    places.newest = place(&file, page_at(&file, newest));
    find_table(&file, metas[newest].main.root, &places);
    uint64_t leaf = leaf_of(&file, metas[newest].free.root, true);
    assert_null(page_fault(&file, leaf, &head));
    page_node_at(&file, leaf, &head, page_node_count(&head) - 1, &node);
    places.free_key = place(&file, node.key.data);
    places.freed = place(&file, node.value + 8);
    page_file_close(&file);
    return places;
}

static uint64_t check(uint64_t transaction)
{
    uint64_t told = 0;
    uint64_t faults = 0;
    uint64_t pages = 0;
    const struct store_pages_look look = {folder, transaction, on_fault, &told};
    assert_int_equal(store_pages_check(&look, &faults, &pages, NULL), BASE_OK);
    assert_int_equal(told, faults);
    assert_true(pages > 0);
    return faults;
}

static void swap_bytes(const char *path, size_t at, void *bytes, size_t size)
{
    char before[16];
    int file = open(path, O_RDWR);
    assert_true(file >= 0 && size <= sizeof before);
    assert_int_equal(pread(file, before, size, (off_t)at), size);
    assert_int_equal(pwrite(file, bytes, size, (off_t)at), size);
    memcpy(bytes, before, size);
    close(file);
}

/* The number at that place is another one; what is said holds the words. */
static void expect(uint64_t transaction, size_t at, uint64_t number, size_t size, const char *words)
{
    uint8_t bytes[8];
    base_put_le64(bytes, number);
    swap_bytes(data_path, at, bytes, size);
    uint64_t faults = check(transaction);
    swap_bytes(data_path, at, bytes, size);
    if (faults == 0 || strstr(said, words) == NULL) {
        fail_msg("%llu faults, said '%s', expected '%s'", (unsigned long long)faults, said, words);
    }
    assert_int_equal(check(transaction), 0);
}

static void test_pages(void **state)
{
    struct places at = find_places();
    (void)state;
    assert_int_equal(check(at.transaction), 0);
    expect(at.transaction, at.first, 1, 8, "another page");
    expect(at.transaction, at.first + 10, PAGE_META, 2, "no kind");
    expect(at.transaction, at.first + 10, PAGE_BRANCH, 2, "of table abstract");
    expect(at.transaction, at.first + 12, 17, 2, "bounds");
    expect(at.transaction, at.first + 12, 4098, 2, "bounds");
    expect(at.transaction, at.first + 14, 4094, 2, "not where it may be");
    expect(at.transaction, at.first + PAGE_HEADER, 4094, 2, "not where it may be");
    expect(at.transaction, at.separator, 0xff, 1, "out of order");
    expect(at.transaction, at.child, 1, 4, "no such page");
    expect(at.transaction, at.child, at.first / 4096, 4, "second time");
    expect(at.transaction, at.overflow + 12, 1, 4, "large value");
    expect(at.transaction, at.overflow + 12, 1U << 30, 4, "large value");
    expect(at.transaction, at.tree + 32, ROWS + 1, 8, "4000 rows");
    expect(at.transaction, at.tree + 6, 9, 2, "wrong depth");
    expect(at.transaction, at.tree + 4, 4, 2, "wrong flags");
    expect(at.transaction, at.freed, at.first / 4096, 8, "second time");
    expect(at.transaction, at.freed, UINT64_MAX, 8, "no such page");
    expect(at.transaction, at.freed - 8, UINT64_MAX, 8, "malformed");
    expect(at.transaction, at.free_key, at.transaction - 1, 8, "the free list");
}

static void expect_head(const char *path, size_t at, uint64_t number, const char *words)
{
    struct base_error error = {0};
    uint8_t bytes[8];
    base_put_le64(bytes, number);
    swap_bytes(path, at, bytes, 8);
    enum base_code code = store_pages_check_head(folder, true, &error);
    swap_bytes(path, at, bytes, 8);
    if (code != BASE_DATA_LOSS || strstr(error.text, words) == NULL) {
        fail_msg("code %d, '%s', expected '%s'", (int)code, error.text, words);
    }
    assert_int_equal(store_pages_check_head(folder, true, NULL), BASE_OK);
}

static void test_heads(void **state)
{
    struct places at = find_places();
    size_t commit = at.newest + 144;
    (void)state;
    assert_int_equal(store_pages_check_head(folder, true, NULL), BASE_OK);
    expect_head(data_path, PAGE_HEADER, 0, "no LMDB file");
    expect_head(data_path, 4096, 7, "a wrong head");
    expect_head(data_path, 40, 8192, "page");
    expect_head(data_path, at.newest + 136, UINT64_MAX / 8192, "shorter");
    expect_head(data_path, commit, at.transaction + 1, "does not follow");
    expect_head(data_path, commit, at.transaction + 4, "does not follow");
    /* The commit before counts, and would look whole. */
    expect_head(data_path, commit, at.transaction - 2, "missing in data.mdb");
    /* The meta page before the newest says that it is the one behind it. */
    expect_head(data_path, 4096 - at.newest + 144, at.transaction + 1, "free list");
    expect_head(lock_path, 48, at.transaction + 1, "remove lock.mdb");
}

static void test_beside_a_writer(void **state)
{
    struct places at = find_places();
    uint64_t faults;
    uint64_t pages;
    const struct store_pages_look gone = {folder, at.transaction + 2, on_fault, NULL};
    (void)state;
    assert_int_equal(store_pages_check(&gone, &faults, &pages, NULL), BASE_NOT_FOUND);
    /* No file, or an empty one, is LMDB's to make. */
    assert_int_equal(store_pages_check_head("/nonexistent", true, NULL), BASE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_heads),
        cmocka_unit_test(test_beside_a_writer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
