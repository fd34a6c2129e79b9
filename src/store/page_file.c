#include "store/page_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/directory.h"

enum base_code page_file_open(const char *path, struct page_file *file, struct base_error *error)
{
    char name[STORE_PATH];
    struct stat info;
    enum base_code code = store_directory_path(path, "data.mdb", name, error);
    if (code != BASE_OK) {
        return code;
    }
    int opened = open(name, O_RDONLY | O_CLOEXEC);
    if (opened < 0) {
        return errno == ENOENT ? BASE_NOT_FOUND
                               : base_fail(error, base_code_of_errno(errno), "cannot open %s: %s",
                                           name, strerror(errno));
    }
    if (fstat(opened, &info) != 0 || info.st_size == 0) {
        close(opened);
        return BASE_NOT_FOUND;
    }
    void *data = mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_SHARED, opened, 0);
    int failed = errno;
    close(opened);
    if (data == MAP_FAILED) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "cannot map %s: %s", name,
                         strerror(failed));
    }
    *file = (struct page_file){.data = data, .size = (size_t)info.st_size};
    return BASE_OK;
}

void page_file_close(struct page_file *file)
{
    munmap((void *)(uintptr_t)file->data, file->size);
}

static bool is_page_size(uint32_t size)
{
    return size >= PAGE_SIZE_LEAST && size <= PAGE_SIZE_MOST && (size & (size - 1)) == 0;
}

static enum base_code damaged(struct base_error *error, int page, const char *what)
{
    return base_fail(error, BASE_DATA_LOSS,
                     "meta page %d: %s; the store is damaged, restore a backup or import again",
                     page, what);
}

static const char *meta_fault(const struct page_meta *meta, uint64_t number, size_t page_size)
{
    return meta->magic != (uint32_t)PAGE_MAGIC                 ? "this is no LMDB file"
           : meta->version != PAGE_VERSION                     ? "another version of LMDB"
           : meta->number != number || meta->kind != PAGE_META ? "a wrong head"
           : !is_page_size(meta->page_size) || meta->page_size != page_size ? "a wrong page size"
           : meta->free.flags != PAGE_INTEGER_KEYS || meta->main.flags != 0 ? "wrong flags"
                                                                            : NULL;
}

enum base_code page_file_read_metas(struct page_file *file, struct page_meta metas[2],
                                    struct base_error *error)
{
    if (file->size < PAGE_HEADER + PAGE_META_SIZE) {
        return damaged(error, 0, "the file ends in it");
    }
    page_get_meta(file->data, &metas[0]);
    file->page_size = metas[0].page_size;
    for (uint64_t i = 0; i < 2; i++) {
        if (i == 1) {
            if (!is_page_size(metas[0].page_size) || file->size < 2 * file->page_size) {
                return damaged(error, 1, "the file ends before it");
            }
            page_get_meta(page_at(file, 1), &metas[1]);
        }
        const char *fault = meta_fault(&metas[i], i, file->page_size);
        if (fault != NULL) {
            return damaged(error, (int)i, fault);
        }
    }
    /* Commits take turns: even ones in page 0. Both are 0 until the first. */
    uint64_t even = metas[0].transaction;
    uint64_t odd = metas[1].transaction;
    if ((even != 0 || odd != 0) &&
        (even % 2 != 0 || odd % 2 != 1 || (even > odd ? even - odd != 1 : odd - even != 1))) {
        return damaged(error, even > odd ? 0 : 1, "its commit does not follow the other's");
    }
    const struct page_meta *newest = even > odd ? &metas[0] : &metas[1];
    if (newest->last_page < 1 || newest->last_page >= file->size / file->page_size) {
        return damaged(error, even > odd ? 0 : 1, "the file is shorter than it says");
    }
    return BASE_OK;
}

const char *page_fault(const struct page_file *file, uint64_t page, struct page_head *head)
{
    const char *from = page_at(file, page);
    page_get_head(from, head);
    if (head->number != page) {
        return "it says that it is another page";
    }
    if (head->kind != PAGE_BRANCH && head->kind != PAGE_LEAF) {
        return "it is of no kind that a tree has";
    }
    if (head->lower <= PAGE_HEADER || head->lower % 2 != 0 || head->lower > head->upper ||
        head->upper > file->page_size) {
        return "its bounds are wrong";
    }
    size_t held = 0;
    size_t count = page_node_count(head);
    for (size_t i = 0; i < count; i++) {
        size_t at = base_get_le16(from + PAGE_HEADER + 2 * i);
        struct page_node node;
        if (at < head->upper || at % 2 != 0 || at + PAGE_NODE_HEADER > file->page_size) {
            return "a node is not where it may be";
        }
        page_get_node(from + at, head->kind == PAGE_LEAF, &node);
        if (node.extent > file->page_size - at) {
            return "a node does not end in it";
        }
        held += node.extent;
    }
    return held == file->page_size - head->upper ? NULL : "its nodes do not fill it";
}

void page_node_at(const struct page_file *file, uint64_t page, const struct page_head *head,
                  size_t index, struct page_node *node)
{
    const char *from = page_at(file, page);
    page_get_node(from + base_get_le16(from + PAGE_HEADER + 2 * index), head->kind == PAGE_LEAF,
                  node);
}

bool page_node_value(const struct page_file *file, const struct page_node *node, uint64_t last_page,
                     struct base_slice *value, uint64_t *first, uint64_t *pages)
{
    *pages = 0;
    if ((node->flags & PAGE_NODE_BIG) == 0) {
        *value = base_slice(node->value, node->size);
        return true;
    }
    *first = base_get_le64(node->value);
    if (*first < 2 || *first > last_page) {
        return false;
    }
    struct page_head head;
    const char *from = page_at(file, *first);
    page_get_head(from, &head);
    *pages = head.lower | (uint64_t)head.upper << 16;
    *value = base_slice(from + PAGE_HEADER, node->size);
    return head.number == *first && head.kind == PAGE_OVERFLOW && *pages >= 1 &&
           *pages <= last_page + 1 - *first && *pages * file->page_size - PAGE_HEADER >= node->size;
}
