#include "store/compare.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/limits.h"
#include "store/value.h"

enum { KEY_TEXT = MODEL_ID_TEXT + 64 };

void store_compare_fault(struct store_compare *compare, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    compare->faults++;
    compare->on_fault(compare->context, text);
}

void store_key_text(enum store_table table, struct base_slice key, char text[KEY_TEXT])
{
    struct model_id id;
    char id_text[MODEL_ID_TEXT];
    bool is_number = (table == STORE_PAPER || table == STORE_AUTHOR || table == STORE_ABSTRACT ||
                      table == STORE_PAPER_AUTHORS || table == STORE_DAYS) &&
                     key.size == 4;
    bool is_list =
        (table == STORE_CITES || table == STORE_CITED_BY || table == STORE_AUTHOR_PAPERS) &&
        key.size >= 4;
    if (is_number || is_list) {
        snprintf(text, KEY_TEXT, "%u%s", base_get_be32(key.data), is_list ? " (a chunk)" : "");
    } else if ((table == STORE_XID || table == STORE_TIES) && key.size > 1 &&
               model_id_from_key(base_slice(key.data + 1, key.size - 1), &id)) {
        model_id_text(&id, id_text);
        snprintf(text, KEY_TEXT, "%s %s", key.data[0] == MODEL_AUTHOR ? "author" : "paper",
                 id_text);
    } else {
        size_t used = 0;
        for (size_t i = 0; i < key.size && used + 4 < KEY_TEXT; i++) {
            uint8_t byte = (uint8_t)key.data[i];
            used += (size_t)snprintf(text + used, KEY_TEXT - used,
                                     byte > 0x20 && byte < 0x7f ? "%c" : "\\%02x", byte);
        }
        text[used] = '\0';
    }
}

static void advance(struct store_compare *compare, enum store_table table)
{
    int code = mdb_cursor_get(compare->cursors[table], &compare->key[table], &compare->value[table],
                              MDB_NEXT);
    if (code != MDB_SUCCESS) {
        compare->at_end[table] = true;
        if (code != MDB_NOTFOUND) {
            store_compare_fault(compare, "table %s cannot be read on: %s", store_table_name(table),
                                mdb_strerror(code));
        }
    }
}

enum base_code store_compare_init(struct store_compare *compare, const struct store_env *env,
                                  MDB_txn *txn, void (*on_fault)(void *, const char *),
                                  void *context, struct base_error *error)
{
    *compare =
        (struct store_compare){.env = env, .txn = txn, .on_fault = on_fault, .context = context};
    base_arena_init(&compare->arena, 0);
    compare->decompressor = base_decompressor_new();
    if (compare->decompressor == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    base_decompressor_use(compare->decompressor, env->dictionary);
    for (int table = 0; table < STORE_TABLE_END; table++) {
        int code = mdb_cursor_open(txn, env->tables[table], &compare->cursors[table]);
        if (code != MDB_SUCCESS) {
            enum base_code failed = store_env_fail(error, code, "open table");
            store_compare_fini(compare);
            return failed;
        }
        advance(compare, (enum store_table)table);
    }
    return BASE_OK;
}

void store_compare_fini(struct store_compare *compare)
{
    for (int table = 0; table < STORE_TABLE_END; table++) {
        if (compare->cursors[table] != NULL) {
            mdb_cursor_close(compare->cursors[table]);
        }
    }
    base_decompressor_free(compare->decompressor);
    base_arena_fini(&compare->arena);
    base_buffer_fini(&compare->joined);
}

static void extra(struct store_compare *compare, enum store_table table)
{
    char text[KEY_TEXT];
    store_key_text(table, store_slice(compare->key[table]), text);
    store_compare_fault(compare, "table %s: row %s follows from no source record",
                        store_table_name(table), text);
    advance(compare, table);
}

static void missing(struct store_compare *compare, enum store_table table, struct base_slice key)
{
    char text[KEY_TEXT];
    store_key_text(table, key, text);
    store_compare_fault(compare, "table %s: row %s is missing", store_table_name(table), text);
}

static void compare_number(struct store_compare *compare, const char *what, uint32_t number,
                           const char *counter, uint64_t stored, uint64_t counted)
{
    if (stored != counted) {
        store_compare_fault(compare, "%s %u: %s is %llu, a recount gives %llu", what, number,
                            counter, (unsigned long long)stored, (unsigned long long)counted);
    }
}

static void compare_paper(struct store_compare *compare, uint32_t number, struct base_slice stored,
                          struct base_slice derived)
{
    struct store_paper a;
    struct store_paper b;
    struct store_paper_head a_head;
    struct store_paper_head b_head;
    if (!store_decode_paper(stored, &a, &a_head) || !store_decode_paper(derived, &b, &b_head)) {
        store_compare_fault(compare, "paper %u: the value is malformed", number);
        return;
    }
    uint64_t before = compare->faults;
    compare_number(compare, "paper", number, "citation_count", a.citation_count, b.citation_count);
    compare_number(compare, "paper", number, "reference_count", a.reference_count,
                   b.reference_count);
    compare_number(compare, "paper", number, "self_citation_count", a.self_citation_count,
                   b.self_citation_count);
    compare_number(compare, "paper", number, "day", a.date.day, b.date.day);
    compare_number(compare, "paper", number, "flags", a_head.flags, b_head.flags);
    compare_number(compare, "paper", number, "author_count", a_head.author_count,
                   b_head.author_count);
    if (!base_slice_equal(a.view, b.view)) {
        store_compare_fault(compare, "paper %u: the merged view differs from its source records",
                            number);
    }
    if (compare->faults == before) {
        store_compare_fault(compare, "paper %u: counts_by_year differs from a recount", number);
    }
}

static void compare_author(struct store_compare *compare, uint32_t number, struct base_slice stored,
                           struct base_slice derived)
{
    struct store_author a;
    struct store_author b;
    if (!store_decode_author(stored, &a, NULL) || !store_decode_author(derived, &b, NULL)) {
        store_compare_fault(compare, "author %u: the value is malformed", number);
        return;
    }
    const struct {
        const char *name;
        uint64_t stored;
        uint64_t counted;
    } counters[] = {
        {"paper_count", a.paper_count, b.paper_count},
        {"citation_count", a.citation_count, b.citation_count},
        {"citing_paper_count", a.citing_paper_count, b.citing_paper_count},
        {"self_citation_count", a.self_citation_count, b.self_citation_count},
        {"h_index", a.h_index, b.h_index},
        {"g_index", a.g_index, b.g_index},
        {"i10_index", a.i10_index, b.i10_index},
        {"i100_index", a.i100_index, b.i100_index},
        {"first_year", a.first_year, b.first_year},
        {"last_year", a.last_year, b.last_year},
    };
    uint64_t before = compare->faults;
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++) {
        compare_number(compare, "author", number, counters[i].name, counters[i].stored,
                       counters[i].counted);
    }
    if (!base_slice_equal(a.view, b.view)) {
        store_compare_fault(compare, "author %u: the merged view differs from its source records",
                            number);
    }
    if (compare->faults == before) {
        store_compare_fault(
            compare, "author %u: counts_by_year or the histogram differs from a recount", number);
    }
}

static void compare_abstract(struct store_compare *compare, uint32_t number,
                             struct base_slice stored, struct base_slice derived)
{
    struct base_error error;
    struct base_slice plain;
    base_arena_reset(&compare->arena);
    if (base_decompress(compare->decompressor, stored, LIMIT_ABSTRACT, &compare->arena, &plain,
                        &error) != BASE_OK) {
        store_compare_fault(compare, "abstract of paper %u: %s", number, error.text);
    } else if (!base_slice_equal(plain, derived)) {
        store_compare_fault(compare, "abstract of paper %u differs from its source record", number);
    }
}

static void compare_bytes(struct store_compare *compare, enum store_table table,
                          struct base_slice key, struct base_slice stored,
                          struct base_slice derived)
{
    if (table == STORE_ABSTRACT) {
        compare_abstract(compare, base_get_be32(key.data), stored, derived);
        return;
    }
    bool numbered = table == STORE_PAPER || table == STORE_AUTHOR;
    if (numbered ? store_same_value(table, stored, derived) : base_slice_equal(stored, derived)) {
        return;
    }
    if (table == STORE_PAPER) {
        compare_paper(compare, base_get_be32(key.data), stored, derived);
    } else if (table == STORE_AUTHOR) {
        compare_author(compare, base_get_be32(key.data), stored, derived);
    } else {
        char text[KEY_TEXT];
        store_key_text(table, key, text);
        store_compare_fault(compare, "table %s: row %s differs from what its source records give",
                            store_table_name(table), text);
    }
}

static enum base_code compare_row(void *context, enum store_table table, struct base_slice key,
                                  struct base_slice derived, struct base_error *error)
{
    struct store_compare *compare = context;
    (void)error;
    while (!compare->at_end[table] &&
           base_slice_compare(store_slice(compare->key[table]), key) < 0) {
        if (table == STORE_META) {
            /* Only some rows of meta are derived. */
            advance(compare, table);
        } else {
            extra(compare, table);
        }
    }
    if (compare->at_end[table] || base_slice_compare(store_slice(compare->key[table]), key) != 0) {
        missing(compare, table, key);
        return BASE_OK;
    }
    /* A wrong checksum was told by the scan; what the row says is compared all the same. */
    struct base_slice stored = store_slice(compare->value[table]);
    if (stored.size >= STORE_CHECKSUM) {
        compare_bytes(compare, table, key, base_slice(stored.data, stored.size - STORE_CHECKSUM),
                      derived);
    }
    advance(compare, table);
    return BASE_OK;
}

static bool key_of_owner(const struct store_compare *compare, enum store_table table,
                         struct base_slice owner, size_t suffix)
{
    struct base_slice key = store_slice(compare->key[table]);
    return !compare->at_end[table] && key.size == owner.size + suffix &&
           base_slice_starts(key, owner);
}

/* First place where the lists part. */
static void compare_entries(struct store_compare *compare, enum store_table table,
                            struct base_slice owner, struct base_slice stored,
                            struct base_slice derived)
{
    if (base_slice_equal(stored, derived)) {
        return;
    }
    size_t size = store_list_format(table)->entry_size;
    size_t at = 0;
    while (at + size <= stored.size && at + size <= derived.size &&
           memcmp(stored.data + at, derived.data + at, size) == 0) {
        at += size;
    }
    char text[KEY_TEXT];
    store_key_text(table, owner, text);
    store_compare_fault(compare,
                        "table %s: the list of %s holds %zu entries, its source records give %zu; "
                        "entry %zu is the first that differs",
                        store_table_name(table), text, stored.size / size, derived.size / size,
                        at / size + 1);
}

static enum base_code compare_list(void *context, enum store_table table, struct base_slice owner,
                                   struct base_slice derived, struct base_error *error)
{
    struct store_compare *compare = context;
    const struct store_list_format *format = store_list_format(table);
    while (!compare->at_end[table] && !key_of_owner(compare, table, owner, format->suffix_size) &&
           base_slice_compare(store_slice(compare->key[table]), owner) < 0) {
        extra(compare, table);
    }
    if (!key_of_owner(compare, table, owner, format->suffix_size)) {
        missing(compare, table, owner);
        return BASE_OK;
    }
    base_buffer_clear(&compare->joined);
    while (key_of_owner(compare, table, owner, format->suffix_size)) {
        struct base_slice chunk = store_slice(compare->value[table]);
        if (chunk.size >= STORE_CHECKSUM) {
            base_buffer_append(&compare->joined, chunk.data, chunk.size - STORE_CHECKSUM);
        }
        advance(compare, table);
    }
    if (compare->joined.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    compare_entries(compare, table, owner, base_buffer_slice(&compare->joined), derived);
    return BASE_OK;
}

struct store_sink store_compare_sink(struct store_compare *compare)
{
    return (struct store_sink){.context = compare, .row = compare_row, .list = compare_list};
}

void store_compare_finish(struct store_compare *compare)
{
    for (int table = 0; table < STORE_TABLE_END; table++) {
        if (table == STORE_META || table == STORE_IDEM || table == STORE_LOG ||
            store_table_is_refreshed((enum store_table)table)) {
            continue;
        }
        while (!compare->at_end[table]) {
            extra(compare, (enum store_table)table);
        }
    }
}
