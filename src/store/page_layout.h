/* LMDB 0.9's private formats: the places of all fields in meta pages, pages and nodes. */
#ifndef STORE_PAGE_LAYOUT_H
#define STORE_PAGE_LAYOUT_H

#include "base/bytes.h"

#define PAGE_NONE UINT64_MAX /* the root of a tree without entries */

enum {
    PAGE_HEADER = 16,
    PAGE_SIZE_LEAST = 512,
    PAGE_SIZE_MOST = 65536,
    PAGE_DEPTH_MOST = 32,
    PAGE_KEY_MOST = 511,
    PAGE_NODE_HEADER = 8,
    PAGE_TREE_SIZE = 48,
    PAGE_META_SIZE = 136,
    PAGE_MAGIC = (int)0xbeefc0de,
    PAGE_VERSION = 1,
    /* Of the meta page's first tree, the free list: keys are numbers of the machine. */
    PAGE_INTEGER_KEYS = 8,
};

enum page_kind { PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_OVERFLOW = 4, PAGE_META = 8 };

enum page_node_flag { PAGE_NODE_BIG = 1, PAGE_NODE_TREE = 2 };

struct page_tree {
    uint16_t flags;
    uint16_t depth;
    uint64_t branch_pages;
    uint64_t leaf_pages;
    uint64_t overflow_pages;
    uint64_t entries;
    uint64_t root;
};

static inline void page_get_tree(const char *from, struct page_tree *tree)
{
    *tree = (struct page_tree){
        .flags = base_get_le16(from + 4),
        .depth = base_get_le16(from + 6),
        .branch_pages = base_get_le64(from + 8),
        .leaf_pages = base_get_le64(from + 16),
        .overflow_pages = base_get_le64(from + 24),
        .entries = base_get_le64(from + 32),
        .root = base_get_le64(from + 40),
    };
}

struct page_meta {
    uint64_t number; /* of the page, as it says itself */
    uint16_t kind;
    uint32_t magic;
    uint32_t version;
    uint32_t page_size;
    struct page_tree free;
    struct page_tree main;
    uint64_t last_page;
    uint64_t transaction;
};

/* from: PAGE_HEADER + PAGE_META_SIZE bytes. */
static inline void page_get_meta(const char *from, struct page_meta *meta)
{
    const char *body = from + PAGE_HEADER;
    meta->number = base_get_le64(from);
    meta->kind = base_get_le16(from + 10);
    meta->magic = base_get_le32(body);
    meta->version = base_get_le32(body + 4);
    meta->page_size = base_get_le32(body + 24);
    page_get_tree(body + 24, &meta->free);
    page_get_tree(body + 24 + PAGE_TREE_SIZE, &meta->main);
    meta->last_page = base_get_le64(body + 120);
    meta->transaction = base_get_le64(body + 128);
}

/* The header of a page that is no meta page. */
struct page_head {
    uint64_t number;
    uint16_t kind;
    uint16_t lower; /* end of the places of nodes; with upper: the pages of an overflow */
    uint16_t upper; /* where nodes begin */
};

static inline void page_get_head(const char *from, struct page_head *head)
{
    head->number = base_get_le64(from);
    head->kind = base_get_le16(from + 10);
    head->lower = base_get_le16(from + 12);
    head->upper = base_get_le16(from + 14);
}

struct page_node {
    uint16_t flags;        /* of a leaf's */
    uint32_t size;         /* of a leaf's value */
    uint64_t child;        /* of a branch's */
    struct base_slice key; /* inside the page once page_node_fits said so */
    const char *value;
    size_t extent; /* bytes in the page, made even */
};

/* at: PAGE_NODE_HEADER bytes that lie in the page. */
static inline void page_get_node(const char *at, bool leaf, struct page_node *node)
{
    uint32_t low = base_get_le32(at);
    node->flags = base_get_le16(at + 4);
    node->size = low;
    node->child = low | (uint64_t)node->flags << 32;
    node->key = base_slice(at + PAGE_NODE_HEADER, base_get_le16(at + 6));
    node->value = node->key.data + node->key.size;
    size_t held = !leaf ? 0 : (node->flags & PAGE_NODE_BIG) != 0 ? sizeof(uint64_t) : node->size;
    node->extent = (PAGE_NODE_HEADER + node->key.size + held + 1) & ~(size_t)1;
}

#endif
