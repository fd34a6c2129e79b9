#include "store/meta.h"

#include <stdlib.h>

static const struct base_slice info_key = {"info", 4};

struct base_slice store_meta_info_key(void)
{
    return info_key;
}

/* One row: format u32, epoch, dataset, then u64 numbers in the order below, then rows of each
 * table. */
enum {
    NUMBERS = 10,
    GIVEN_AT = 4 + 2 * STORE_EPOCH + 8 * (NUMBERS - 1), /* the last of them: coverage_given */
    HEAD_SIZE = 4 + 2 * STORE_EPOCH + 16,
    INFO_SIZE = 4 + 2 * STORE_EPOCH + 8 * (NUMBERS + STORE_TABLE_END),
};

enum base_code store_meta_write(const struct store_env *env, MDB_txn *txn,
                                const struct store_meta *meta, struct base_error *error)
{
    const struct store_info *info = &meta->info;
    const uint64_t numbers[NUMBERS] = {
        info->sequence,       info->coverage_end,   info->paper_count,  info->stub_count,
        info->author_count,   info->citation_count, info->source_count, info->merged_count,
        info->disputed_count, meta->coverage_given,
    };
    uint8_t row[INFO_SIZE];
    uint8_t *to = row;
    base_put_le32(to, info->format);
    to += 4;
    memcpy(to, info->epoch, STORE_EPOCH);
    to += STORE_EPOCH;
    memcpy(to, info->dataset, STORE_EPOCH);
    to += STORE_EPOCH;
    for (int i = 0; i < NUMBERS; i++, to += 8) {
        base_put_le64(to, numbers[i]);
    }
    for (int i = 0; i < STORE_TABLE_END; i++, to += 8) {
        base_put_le64(to, meta->rows[i]);
    }
    return store_env_put(env, txn, STORE_META, info_key, base_slice(row, sizeof row), 0, error);
}

/* The row, which has at least its head; FAILED_PRECONDITION when a later program wrote it. */
static enum base_code read_row(const struct store_env *env, MDB_txn *txn, struct base_slice *row,
                               struct base_error *error)
{
    enum base_code code = store_env_get(env, txn, STORE_META, info_key, row, error);
    if (code == BASE_NOT_FOUND) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table meta has no row info; restore a backup or import again");
    }
    if (code != BASE_OK) {
        return code;
    }
    if (row->size < HEAD_SIZE) {
        return base_fail(error, BASE_DATA_LOSS, "table meta, row info: only %zu bytes", row->size);
    }
    uint32_t format = base_get_le32(row->data);
    if (format > STORE_FORMAT) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the store has format %u, newer than %d of this program; use the version "
                         "that wrote it. To go back, export with that version and import the "
                         "export here into an empty directory",
                         format, STORE_FORMAT);
    }
    return BASE_OK;
}

enum base_code store_meta_read_head(const struct store_env *env, MDB_txn *txn,
                                    struct store_meta *meta, struct base_error *error)
{
    struct base_slice row;
    enum base_code code = read_row(env, txn, &row, error);
    if (code != BASE_OK) {
        return code;
    }
    struct store_info info = {.format = base_get_le32(row.data),
                              .sequence = base_get_le64(row.data + HEAD_SIZE - 16),
                              .coverage_end = (uint32_t)base_get_le64(row.data + HEAD_SIZE - 8)};
    memcpy(info.epoch, row.data + 4, STORE_EPOCH);
    memcpy(info.dataset, row.data + 4 + STORE_EPOCH, STORE_EPOCH);
    *meta = (struct store_meta){
        .info = info,
        .coverage_given = info.format >= STORE_FORMAT_COVERAGE && row.size >= GIVEN_AT + 8 &&
                          base_get_le64(row.data + GIVEN_AT) != 0,
    };
    return BASE_OK;
}

enum base_code store_meta_read(const struct store_env *env, MDB_txn *txn, struct store_meta *meta,
                               struct base_error *error)
{
    struct base_slice row;
    enum base_code code = read_row(env, txn, &row, error);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t format = base_get_le32(row.data);
    if (format < STORE_FORMAT_LEAST) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the store has format %u, this program works with format %d; stop what "
                         "uses it and run: hirschd upgrade --data DIR",
                         format, STORE_FORMAT);
    }
    if (row.size != INFO_SIZE) {
        return base_fail(error, BASE_DATA_LOSS, "table meta, row info: %zu bytes, not %d", row.size,
                         INFO_SIZE);
    }
    const uint8_t *from = (const uint8_t *)row.data;
    struct store_meta found = {.info.format = base_get_le32(from)};
    from += 4;
    memcpy(found.info.epoch, from, STORE_EPOCH);
    from += STORE_EPOCH;
    memcpy(found.info.dataset, from, STORE_EPOCH);
    from += STORE_EPOCH;
    uint64_t numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++, from += 8) {
        numbers[i] = base_get_le64(from);
    }
    for (int i = 0; i < STORE_TABLE_END; i++, from += 8) {
        found.rows[i] = base_get_le64(from);
    }
    found.info.sequence = numbers[0];
    found.info.coverage_end = (uint32_t)numbers[1];
    found.info.paper_count = numbers[2];
    found.info.stub_count = numbers[3];
    found.info.author_count = numbers[4];
    found.info.citation_count = numbers[5];
    found.info.source_count = numbers[6];
    found.info.merged_count = numbers[7];
    found.info.disputed_count = numbers[8];
    found.coverage_given = numbers[9] != 0;
    *meta = found;
    return BASE_OK;
}

static int source_order(const void *left, const void *right)
{
    const struct store_source *a = left;
    const struct store_source *b = right;
    uint64_t a_records = a->authors + a->papers;
    uint64_t b_records = b->authors + b->papers;
    if (a_records != b_records) {
        return a_records > b_records ? -1 : 1;
    }
    return base_slice_compare(a->name, b->name);
}

void store_encode_sources(struct base_buffer *buffer, struct store_source *sources, size_t count)
{
    if (count > 0) {
        qsort(sources, count, sizeof *sources, source_order);
    }
    for (size_t i = 0; i < count && i < STORE_SOURCES_MOST; i++) {
        base_buffer_append_varint(buffer, sources[i].authors);
        base_buffer_append_varint(buffer, sources[i].papers);
        base_buffer_append_varint(buffer, sources[i].name.size);
        base_buffer_append_slice(buffer, sources[i].name);
    }
}

bool store_decode_sources(struct base_slice row, struct store_source sources[STORE_SOURCES_MOST],
                          size_t *count)
{
    size_t found = 0;
    while (row.size > 0) {
        struct store_source source;
        uint64_t size;
        if (found == STORE_SOURCES_MOST || !base_take_varint(&row, &source.authors) ||
            !base_take_varint(&row, &source.papers) || !base_take_varint(&row, &size) ||
            size > row.size || !base_take_bytes(&row, (size_t)size, &source.name)) {
            return false;
        }
        sources[found++] = source;
    }
    *count = found;
    return true;
}
