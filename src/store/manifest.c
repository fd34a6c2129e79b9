#include "store/manifest.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "store/meta.h"

enum { NUMBERS = 10, MAGIC_SIZE = sizeof STORE_MANIFEST_MAGIC - 1 };

void store_manifest_put_head(const struct store_manifest *manifest, uint8_t to[STORE_MANIFEST_HEAD])
{
    const struct store_info *info = &manifest->info;
    const uint64_t numbers[NUMBERS] = {
        info->sequence,       info->paper_count,
        info->stub_count,     info->author_count,
        info->citation_count, info->source_count,
        info->coverage_end,   manifest->store_bytes,
        manifest->created,    0, /* for a later version */
    };
    uint8_t *at = to;
    memcpy(at, STORE_MANIFEST_MAGIC, MAGIC_SIZE);
    at += MAGIC_SIZE;
    base_put_le32(at, info->format);
    at += 4;
    memcpy(at, info->dataset, STORE_EPOCH);
    at += STORE_EPOCH;
    memcpy(at, info->epoch, STORE_EPOCH);
    at += STORE_EPOCH;
    for (int i = 0; i < NUMBERS; i++, at += 8) {
        base_put_le64(at, numbers[i]);
    }
    base_put_le64(at, base_hash64(base_slice(to, STORE_MANIFEST_HEAD - 8)));
}

enum base_code store_manifest_get_head(const uint8_t from[STORE_MANIFEST_HEAD],
                                       struct store_manifest *manifest, struct base_error *error)
{
    if (memcmp(from, STORE_MANIFEST_MAGIC, MAGIC_SIZE) != 0) {
        return base_fail(error, BASE_INVALID_ARGUMENT,
                         "this is no backup of hirschd: it does not begin with \"%.15s\"",
                         STORE_MANIFEST_MAGIC);
    }
    if (base_hash64(base_slice(from, STORE_MANIFEST_HEAD - 8)) !=
        base_get_le64(from + STORE_MANIFEST_HEAD - 8)) {
        return base_fail(error, BASE_DATA_LOSS,
                         "the head of the backup does not match its checksum");
    }
    struct store_manifest read = {0};
    struct store_info *info = &read.info;
    const uint8_t *at = from + MAGIC_SIZE;
    info->format = base_get_le32(at);
    at += 4;
    memcpy(info->dataset, at, STORE_EPOCH);
    at += STORE_EPOCH;
    memcpy(info->epoch, at, STORE_EPOCH);
    at += STORE_EPOCH;
    uint64_t numbers[NUMBERS];
    for (int i = 0; i < NUMBERS; i++, at += 8) {
        numbers[i] = base_get_le64(at);
    }
    info->sequence = numbers[0];
    info->paper_count = numbers[1];
    info->stub_count = numbers[2];
    info->author_count = numbers[3];
    info->citation_count = numbers[4];
    info->source_count = numbers[5];
    info->coverage_end = (uint32_t)numbers[6];
    read.store_bytes = numbers[7];
    read.created = numbers[8];
    if (info->format > STORE_FORMAT) {
        return base_fail(error, BASE_FAILED_PRECONDITION,
                         "the backup has store format %" PRIu32 ", newer than %d of this program; "
                         "restore it with the version of hirschd that wrote it, or a later one",
                         info->format, STORE_FORMAT);
    }
    *manifest = read;
    return BASE_OK;
}

void store_manifest_count(struct store_manifest *manifest, enum store_table table,
                          struct base_slice encoded)
{
    manifest->rows[table]++;
    manifest->bytes[table] += encoded.size;
    manifest->hash[table] = base_hash64_seed(encoded, manifest->hash[table]);
}

static void append_hex(struct base_buffer *text, const char *name, const uint8_t bytes[STORE_EPOCH])
{
    base_buffer_append_format(text, "%s ", name);
    for (int i = 0; i < STORE_EPOCH; i++) {
        base_buffer_append_format(text, "%02x", bytes[i]);
    }
    base_buffer_append_text(text, "\n");
}

void store_manifest_text(const struct store_manifest *manifest, struct base_buffer *text)
{
    const struct store_info *info = &manifest->info;
    const struct {
        const char *name;
        uint64_t count;
    } counts[] = {
        {"sequence", info->sequence},
        {"papers", info->paper_count},
        {"stubs", info->stub_count},
        {"authors", info->author_count},
        {"citations", info->citation_count},
        {"sources", info->source_count},
        {"store_bytes", manifest->store_bytes},
        {"blocks", manifest->blocks},
    };
    char created[MODEL_TIME_TEXT];
    model_time_text(manifest->created, created);
    base_buffer_append_text(text, STORE_MANIFEST_MAGIC);
    base_buffer_append_format(text, "created %s\nformat %" PRIu32 "\n", created, info->format);
    append_hex(text, "dataset", info->dataset);
    append_hex(text, "epoch", info->epoch);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        base_buffer_append_format(text, "%s %" PRIu64 "\n", counts[i].name, counts[i].count);
    }
    for (int table = 0; table < STORE_TABLE_END; table++) {
        if (manifest->rows[table] > 0) {
            base_buffer_append_format(
                text, "table %s rows %" PRIu64 " bytes %" PRIu64 " xxh3 %016" PRIx64 "\n",
                store_table_name((enum store_table)table), manifest->rows[table],
                manifest->bytes[table], manifest->hash[table]);
        }
    }
}
