#include "store/table.h"

#include "base/hash.h"

const char *store_table_name(enum store_table table)
{
    static const char *const names[] = {
#define STORE_TABLE_NAME(number, name, text) [number] = text,
        STORE_TABLES(STORE_TABLE_NAME)
#undef STORE_TABLE_NAME
    };
    BASE_ASSERT(table < STORE_TABLE_END);
    return names[table];
}

uint64_t store_checksum(enum store_table table, struct base_slice key, struct base_slice bytes)
{
    return base_hash64_seed(bytes, base_hash64_seed(key, (uint64_t)table + 1));
}

void store_put_authored(uint8_t to[STORE_AUTHORED_SIZE], const struct engine_authored *authored)
{
    base_put_le32(to, authored->day);
    base_put_le32(to + 4, authored->paper);
    base_put_le16(to + 8, authored->position);
    base_put_le16(to + 10, authored->author_count);
    base_put_le16(to + 12, authored->flags);
}

void store_get_authored(const void *from, struct engine_authored *authored)
{
    const uint8_t *bytes = from;
    *authored = (struct engine_authored){
        .day = base_get_le32(bytes),
        .paper = base_get_le32(bytes + 4),
        .position = base_get_le16(bytes + 8),
        .author_count = base_get_le16(bytes + 10),
        .flags = base_get_le16(bytes + 12),
    };
}

static int compare_u32(uint32_t a, uint32_t b)
{
    return a < b ? -1 : a > b;
}

static void number_suffix(const void *entry, uint8_t *to)
{
    base_put_be32(to, base_get_le32(entry));
}

static int number_compare(const void *a, const void *b)
{
    return compare_u32(base_get_le32(a), base_get_le32(b));
}

static void citer_suffix(const void *entry, uint8_t *to)
{
    base_put_be32(to, base_get_le32(entry));
    base_put_be32(to + 4, base_get_le32((const uint8_t *)entry + 4));
}

static int citer_compare(const void *a, const void *b)
{
    int order = compare_u32(base_get_le32(a), base_get_le32(b));
    return order != 0 ? order
                      : compare_u32(base_get_le32((const uint8_t *)a + 4),
                                    base_get_le32((const uint8_t *)b + 4));
}

static void authored_suffix(const void *entry, uint8_t *to)
{
    base_put_be32(to, store_day_complement(base_get_le32(entry)));
    base_put_be32(to + 4, base_get_le32((const uint8_t *)entry + 4));
}

static int authored_compare(const void *a, const void *b)
{
    int order =
        compare_u32(store_day_complement(base_get_le32(a)), store_day_complement(base_get_le32(b)));
    return order != 0 ? order
                      : compare_u32(base_get_le32((const uint8_t *)a + 4),
                                    base_get_le32((const uint8_t *)b + 4));
}

const struct store_list_format *store_list_format(enum store_table table)
{
    static const struct store_list_format numbers = {4, 4, number_suffix, number_compare};
    static const struct store_list_format citers = {STORE_CITER_SIZE, 8, citer_suffix,
                                                    citer_compare};
    static const struct store_list_format authored = {STORE_AUTHORED_SIZE, 8, authored_suffix,
                                                      authored_compare};
    switch (table) {
    case STORE_AUTHOR_PAPERS:
        return &authored;
    case STORE_CITED_BY:
        return &citers;
    case STORE_CITES:
    case STORE_NAMES:
    case STORE_TITLES:
        return &numbers;
    default:
        return NULL;
    }
}

size_t store_chunk_most(const struct store_list_format *format, size_t owner_size)
{
    return (STORE_NODE_MOST - STORE_NODE_HEADER - STORE_CHECKSUM - owner_size -
            format->suffix_size) /
           format->entry_size;
}

void store_append_xid_key(struct base_buffer *buffer, enum model_entity entity,
                          const struct model_id *id)
{
    base_buffer_append_byte(buffer, (uint8_t)entity);
    model_id_append_key(id, buffer);
}
