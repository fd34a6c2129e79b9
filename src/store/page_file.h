/* The mapped file of an environment, and single pages of it that are sound in themselves. */
#ifndef STORE_PAGE_FILE_H
#define STORE_PAGE_FILE_H

#include "base/status.h"
#include "store/page_layout.h"

struct page_file {
    const char *data;
    size_t size; /* bytes when it was opened */
    size_t page_size;
};

/* path: folder of the generation. NOT_FOUND without text when there is no file or an empty one. */
enum base_code page_file_open(const char *path, struct page_file *file, struct base_error *error);
void page_file_close(struct page_file *file);

/* Both meta pages; DATA_LOSS names what is not as it must be in them. A writer may be at work: who
 * is told of a fault looks again. */
enum base_code page_file_read_metas(struct page_file *file, struct page_meta metas[2],
                                    struct base_error *error);

static inline const char *page_at(const struct page_file *file, uint64_t page)
{
    return file->data + page * file->page_size;
}

static inline size_t page_node_count(const struct page_head *head)
{
    return (size_t)(head->lower - PAGE_HEADER) / 2;
}

/* Is it a page of such a tree whose nodes all lie inside it? NULL, or what is wrong. page is inside
 * the file. */
const char *page_fault(const struct page_file *file, uint64_t page, struct page_head *head);

/* index: below page_node_count of a page without fault. */
void page_node_at(const struct page_file *file, uint64_t page, const struct page_head *head,
                  size_t index, struct page_node *node);

/* The bytes of a leaf's value: in the page, or in pages of its own. False when those are not what
 * they must be; *pages: how many they are, 0 for a value in the page. */
bool page_node_value(const struct page_file *file, const struct page_node *node, uint64_t last_page,
                     struct base_slice *value, uint64_t *first, uint64_t *pages);

#endif
