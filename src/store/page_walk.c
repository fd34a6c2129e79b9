#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/page_file.h"
#include "store/pages.h"
#include "store/table.h"

struct walk {
    const struct store_pages_look *look;
    struct page_file file;
    struct page_meta meta; /* of the transaction */
    uint8_t *used;         /* a bit a page */
    uint64_t pages;
    uint64_t faults;
};

/* One tree of the file. */
struct tree {
    struct walk *walk;
    const char *name;
    struct page_tree told;    /* by whoever names the root */
    struct page_tree counted; /* by the walk */
    bool integer_keys;
    struct base_slice least; /* no later key is below it: the last separator */
    struct base_slice last;  /* every later key is above it: the last key */
    void (*on_row)(struct walk *walk, const struct page_node *node, struct base_slice value);
};

static void fault(struct walk *walk, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void fault(struct walk *walk, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    walk->faults++;
    walk->look->on_fault(walk->look->context, text);
}

static void page_says(struct tree *tree, uint64_t page, const char *what)
{
    fault(tree->walk, "page %llu of %s: %s", (unsigned long long)page, tree->name, what);
}

/* Marks a page; false when it is none of this transaction's or was marked before. */
static bool claim(struct walk *walk, uint64_t page, const char *name)
{
    uint8_t bit = (uint8_t)(1 << page % 8);
    if (page < 2 || page > walk->meta.last_page) {
        fault(walk, "page %llu of %s: there is no such page", (unsigned long long)page, name);
        return false;
    }
    if ((walk->used[page / 8] & bit) != 0) {
        fault(walk, "page %llu of %s: it is used a second time", (unsigned long long)page, name);
        return false;
    }
    walk->used[page / 8] |= bit;
    return true;
}

static int compare_keys(const struct tree *tree, struct base_slice a, struct base_slice b)
{
    if (!tree->integer_keys) {
        return base_slice_compare(a, b);
    }
    uint64_t left = base_get_le64(a.data);
    uint64_t right = base_get_le64(b.data);
    return left < right ? -1 : left > right;
}

/* A key of a leaf, or a separator: above all keys before it, and not below the last separator. */
static bool key_fits(struct tree *tree, uint64_t page, struct base_slice key)
{
    if (key.size == 0 || key.size > PAGE_KEY_MOST ||
        (tree->integer_keys && key.size != sizeof(uint64_t))) {
        page_says(tree, page, "a key has a wrong size");
        return false;
    }
    if ((tree->last.data != NULL && compare_keys(tree, key, tree->last) <= 0) ||
        (tree->least.data != NULL && compare_keys(tree, key, tree->least) < 0)) {
        page_says(tree, page, "a key is out of order");
        return false;
    }
    return true;
}

static void walk_row(struct tree *tree, uint64_t page, const struct page_node *node)
{
    struct walk *walk = tree->walk;
    struct base_slice value;
    uint64_t first;
    uint64_t pages;
    if (!key_fits(tree, page, node->key)) {
        return;
    }
    tree->last = node->key;
    tree->counted.entries++;
    bool is_tree = (node->flags & PAGE_NODE_TREE) != 0;
    if ((node->flags & ~(PAGE_NODE_BIG | PAGE_NODE_TREE)) != 0 ||
        is_tree != (tree->on_row != NULL && !tree->integer_keys) ||
        (is_tree && node->size != PAGE_TREE_SIZE)) {
        page_says(tree, page, "a row has wrong flags");
        return;
    }
    if (!page_node_value(&walk->file, node, walk->meta.last_page, &value, &first, &pages)) {
        page_says(tree, page, "the pages of a large value are not there");
        return;
    }
    for (uint64_t i = 0; i < pages; i++) {
        if (!claim(walk, first + i, tree->name)) {
            return;
        }
    }
    walk->pages += pages;
    tree->counted.overflow_pages += pages;
    if (tree->on_row != NULL) {
        tree->on_row(walk, node, value);
    }
}

static void walk_page(struct tree *tree, uint64_t page, unsigned depth)
{
    struct walk *walk = tree->walk;
    struct page_head head;
    if (!claim(walk, page, tree->name)) {
        return;
    }
    walk->pages++;
    const char *wrong = page_fault(&walk->file, page, &head);
    if (wrong != NULL) {
        page_says(tree, page, wrong);
        return;
    }
    bool leaf = head.kind == PAGE_LEAF;
    if (leaf ? depth != tree->told.depth : depth >= tree->told.depth) {
        page_says(tree, page, "it is at a wrong depth");
        return;
    }
    *(leaf ? &tree->counted.leaf_pages : &tree->counted.branch_pages) += 1;
    size_t count = page_node_count(&head);
    for (size_t i = 0; i < count; i++) {
        struct page_node node;
        page_node_at(&walk->file, page, &head, i, &node);
        if (leaf) {
            walk_row(tree, page, &node);
            continue;
        }
        /* The first separator of a page is never looked at. */
        if (i > 0) {
            if (!key_fits(tree, page, node.key)) {
                return;
            }
            tree->least = node.key;
        }
        walk_page(tree, node.child, depth + 1);
    }
}

static void walk_tree(struct tree *tree)
{
    const struct page_tree *told = &tree->told;
    const struct page_tree *counted = &tree->counted;
    uint64_t faults = tree->walk->faults;
    if (told->depth > PAGE_DEPTH_MOST || (told->root == PAGE_NONE) != (told->depth == 0)) {
        fault(tree->walk, "%s: a depth of %u", tree->name, told->depth);
        return;
    }
    if (told->root != PAGE_NONE) {
        walk_page(tree, told->root, 1);
    }
    if (faults == tree->walk->faults &&
        (counted->entries != told->entries || counted->branch_pages != told->branch_pages ||
         counted->leaf_pages != told->leaf_pages ||
         counted->overflow_pages != told->overflow_pages)) {
        fault(tree->walk, "%s: %llu rows in %llu pages were counted, %llu in %llu written down",
              tree->name, (unsigned long long)counted->entries,
              (unsigned long long)(counted->branch_pages + counted->leaf_pages +
                                   counted->overflow_pages),
              (unsigned long long)told->entries,
              (unsigned long long)(told->branch_pages + told->leaf_pages + told->overflow_pages));
    }
}

/* A row of the main tree: the name of a table and its tree. */
static void walk_table(struct walk *walk, const struct page_node *node, struct base_slice value)
{
    for (int table = 0; table < STORE_TABLE_END; table++) {
        const char *name = store_table_name((enum store_table)table);
        if (base_slice_equal(node->key, base_slice_text(name))) {
            char text[64];
            snprintf(text, sizeof text, "table %s", name);
            struct tree tree = {.walk = walk, .name = text};
            page_get_tree(value.data, &tree.told);
            if (tree.told.flags != 0) {
                fault(walk, "table %s: wrong flags", name);
            } else {
                walk_tree(&tree);
            }
            return;
        }
    }
    fault(walk, "a table of an unknown name");
}

/* A row of the free list: pages that a commit let go of, a count in front. */
static void walk_freed(struct walk *walk, const struct page_node *node, struct base_slice value)
{
    uint64_t commit = base_get_le64(node->key.data);
    uint64_t count = value.size < sizeof count ? UINT64_MAX : base_get_le64(value.data);
    if (commit > walk->meta.transaction || count > value.size / sizeof count - 1) {
        fault(walk, "the free list: the row of commit %llu is malformed",
              (unsigned long long)commit);
        return;
    }
    for (uint64_t i = 1; i <= count; i++) {
        claim(walk, base_get_le64(value.data + i * sizeof count), "the free list");
    }
}

static void walk_all(struct walk *walk)
{
    struct tree free = {.walk = walk,
                        .name = "the free list",
                        .told = walk->meta.free,
                        .integer_keys = true,
                        .on_row = walk_freed};
    struct tree main = {
        .walk = walk, .name = "the table of tables", .told = walk->meta.main, .on_row = walk_table};
    walk_tree(&main);
    walk_tree(&free);
    if (free.last.data != NULL && base_get_le64(free.last.data) != walk->meta.transaction) {
        fault(walk, "the free list is the one of commit %llu, not of %llu",
              (unsigned long long)base_get_le64(free.last.data),
              (unsigned long long)walk->meta.transaction);
    }
}

enum base_code store_pages_check(const struct store_pages_look *look, uint64_t *faults,
                                 uint64_t *pages, struct base_error *error)
{
    struct walk walk = {.look = look};
    struct page_meta metas[2];
    enum base_code code = page_file_open(look->path, &walk.file, error);
    if (code != BASE_OK) {
        return code;
    }
    code = page_file_read_metas(&walk.file, metas, error);
    walk.meta = metas[look->transaction % 2];
    if (code != BASE_OK || walk.meta.transaction != look->transaction ||
        walk.meta.last_page >= walk.file.size / walk.file.page_size) {
        code = BASE_NOT_FOUND;
        goto close_file;
    }
    walk.used = calloc(walk.meta.last_page / 8 + 1, 1);
    if (walk.used == NULL) {
        code = base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
        goto close_file;
    }
    walk_all(&walk);
    free(walk.used);
    *faults = walk.faults;
    *pages = walk.pages;
close_file:
    page_file_close(&walk.file);
    return code;
}
