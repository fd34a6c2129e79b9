#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "store/directory.h"
#include "store/page_file.h"
#include "store/pages.h"

/* LMDB's lock file on this platform: its format, and the place of the last commit. Another format
 * is not looked at. */
enum { LOCK_FORMAT = 0x00010001, LOCK_COMMITTED = 48, LOCK_HEAD = 56 };

/* Beside a writer a meta page may be read while it is written. */
enum { TRIES = 100 };

/* The last commit that LMDB put down beside the file, after the meta page; 0: unknown. */
static uint64_t committed_before(const char *path)
{
    char name[STORE_PATH];
    char head[LOCK_HEAD];
    if (store_directory_path(path, "lock.mdb", name, NULL) != BASE_OK) {
        return 0;
    }
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return 0;
    }
    ssize_t size = pread(file, head, sizeof head, 0);
    close(file);
    return size == LOCK_HEAD && base_get_le32(head) == (uint32_t)PAGE_MAGIC &&
                   base_get_le32(head + 4) == LOCK_FORMAT
               ? base_get_le64(head + LOCK_COMMITTED)
               : 0;
}

/* Each commit frees pages, and its list of them comes last. */
static enum base_code check_freed(const struct page_file *file, const struct page_meta *meta,
                                  struct base_error *error)
{
    uint64_t page = meta->free.root;
    for (int depth = 0; page != PAGE_NONE && depth < PAGE_DEPTH_MOST; depth++) {
        struct page_head head;
        struct page_node node;
        if (page < 2 || page > meta->last_page || page_fault(file, page, &head) != NULL) {
            break;
        }
        page_node_at(file, page, &head, page_node_count(&head) - 1, &node);
        if (head.kind == PAGE_LEAF) {
            if (node.key.size == sizeof(uint64_t) &&
                base_get_le64(node.key.data) == meta->transaction) {
                return BASE_OK;
            }
            break;
        }
        page = node.child;
    }
    if (page == PAGE_NONE) {
        return BASE_OK;
    }
    return base_fail(error, BASE_DATA_LOSS,
                     "the free list is not the one of commit %llu; the store is damaged, restore a "
                     "backup or import again",
                     (unsigned long long)meta->transaction);
}

static enum base_code look(const char *path, bool sole, struct base_error *error)
{
    struct page_file file;
    struct page_meta metas[2];
    uint64_t committed = committed_before(path);
    enum base_code code = page_file_open(path, &file, error);
    if (code != BASE_OK) {
        return code == BASE_NOT_FOUND ? BASE_OK : code;
    }
    code = page_file_read_metas(&file, metas, error);
    if (code == BASE_OK) {
        const struct page_meta *newest = &metas[metas[1].transaction > metas[0].transaction];
        if (committed > newest->transaction) {
            code =
                base_fail(error, BASE_DATA_LOSS,
                          "commit %llu is in lock.mdb and missing in data.mdb, which ends at "
                          "%llu: the store is damaged, restore a backup. Where data.mdb was "
                          "put there by hand, remove lock.mdb",
                          (unsigned long long)committed, (unsigned long long)newest->transaction);
        } else if (sole) {
            code = check_freed(&file, newest, error);
        }
    }
    page_file_close(&file);
    return code;
}

enum base_code store_pages_check_head(const char *path, bool sole, struct base_error *error)
{
    enum base_code code = look(path, sole, error);
    for (int tries = 1; code == BASE_DATA_LOSS && !sole && tries < TRIES; tries++) {
        sched_yield();
        code = look(path, sole, error);
    }
    return code;
}
