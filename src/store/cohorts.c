#include "store/cohorts.h"

#include "store/reader.h"

void store_put_refreshed(uint8_t to[STORE_REFRESHED_SIZE], const struct store_refreshed *refreshed)
{
    base_put_le64(to, refreshed->sequence);
    base_put_le32(to + 8, refreshed->day);
    base_put_le32(to + 12, refreshed->cohorts);
    base_put_le32(to + 16, refreshed->members);
    to[20] = refreshed->round;
}

void store_cohort_key(uint8_t key[5], uint8_t round, uint32_t number)
{
    key[0] = round;
    base_put_be32(key + 1, number);
}

void store_put_member(uint8_t *to, const struct store_member *member)
{
    base_put_le32(to, member->cohort);
    for (size_t rule = 0; rule < STORE_COHORT_RULES; rule++) {
        base_put_le32(to + 4 + 8 * rule, member->counts[rule].citation_count);
        base_put_le32(to + 8 + 8 * rule, member->counts[rule].window_citations);
    }
}

void store_get_member(const void *from, struct store_member *member)
{
    const uint8_t *at = from;
    member->cohort = base_get_le32(at);
    for (size_t rule = 0; rule < STORE_COHORT_RULES; rule++) {
        member->counts[rule].citation_count = base_get_le32(at + 4 + 8 * rule);
        member->counts[rule].window_citations = base_get_le32(at + 8 + 8 * rule);
    }
}

/* year u16, kind u8, size u32, field (its size before it), then a table a rule: sum and squares
 * u64, how many runs, and the runs as (citations, papers); all counts as varints. */
enum { COHORT_HEAD = 2 + 1 + 4 };

void store_encode_cohort(struct base_buffer *buffer, unsigned year, uint8_t kind,
                         struct base_slice field,
                         const struct engine_cohort tables[STORE_COHORT_RULES])
{
    uint8_t head[COHORT_HEAD];
    base_put_le16(head, (uint16_t)year);
    head[2] = kind;
    base_put_le32(head + 3, tables[0].size);
    base_buffer_append(buffer, head, sizeof head);
    base_buffer_append_varint(buffer, field.size);
    base_buffer_append_slice(buffer, field);
    for (size_t rule = 0; rule < STORE_COHORT_RULES; rule++) {
        base_buffer_append_varint(buffer, tables[rule].window_sum);
        base_buffer_append_varint(buffer, tables[rule].window_squares);
        base_buffer_append_varint(buffer, tables[rule].run_count);
        for (size_t i = 0; i < tables[rule].run_count; i++) {
            base_buffer_append_varint(buffer, tables[rule].runs[i].citations);
            base_buffer_append_varint(buffer, tables[rule].runs[i].papers);
        }
    }
}

/* Takes one rule's table off the front; runs NULL: its runs are passed over. */
static bool take_table(struct base_slice *rest, struct base_arena *arena, bool wanted,
                       struct engine_cohort *table)
{
    uint64_t count;
    if (!base_take_varint(rest, &table->window_sum) ||
        !base_take_varint(rest, &table->window_squares) || !base_take_varint(rest, &count) ||
        count > rest->size) {
        return false;
    }
    struct engine_run *runs = NULL;
    if (wanted) {
        runs = base_arena_array(arena, (size_t)count + 1, sizeof *runs);
        if (runs == NULL) {
            return false;
        }
    }
    for (uint64_t i = 0; i < count; i++) {
        uint64_t citations;
        uint64_t papers;
        if (!base_take_varint(rest, &citations) || !base_take_varint(rest, &papers)) {
            return false;
        }
        if (wanted) {
            runs[i] = (struct engine_run){(uint32_t)citations, (uint32_t)papers};
        }
    }
    table->runs = runs;
    table->run_count = (size_t)count;
    return true;
}

static bool decode_cohort(struct base_slice row, enum store_cohort_rule rule,
                          struct base_arena *arena, struct store_cohort *cohort)
{
    struct base_slice head;
    uint64_t size;
    if (!base_take_bytes(&row, COHORT_HEAD, &head) || !base_take_varint(&row, &size) ||
        size > row.size || !base_take_bytes(&row, (size_t)size, &cohort->field)) {
        return false;
    }
    cohort->year = base_get_le16(head.data);
    cohort->kind = (uint8_t)head.data[2];
    for (int at = 0; at <= (int)rule; at++) {
        cohort->table = (struct engine_cohort){.size = base_get_le32(head.data + 3)};
        if (!take_table(&row, arena, at == (int)rule, &cohort->table)) {
            return false;
        }
    }
    return true;
}

enum base_code store_read_refreshed(struct store_reader *reader, struct store_refreshed *refreshed,
                                    struct base_error *error)
{
    struct base_slice row;
    enum base_code code = store_reader_wake(reader, error);
    if (code == BASE_OK) {
        code = store_env_get(&reader->store->env, reader->txn, STORE_META,
                             base_slice_text(STORE_META_COHORTS), &row, error);
    }
    if (code == BASE_NOT_FOUND) {
        return base_fail(error, code, "no refresh has computed cohorts; run hirschd refresh");
    }
    if (code != BASE_OK) {
        return code;
    }
    if (row.size != STORE_REFRESHED_SIZE) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table meta, row %s is malformed; run hirschd verify", STORE_META_COHORTS);
    }
    *refreshed = (struct store_refreshed){
        .sequence = base_get_le64(row.data),
        .day = base_get_le32(row.data + 8),
        .cohorts = base_get_le32(row.data + 12),
        .members = base_get_le32(row.data + 16),
        .round = (uint8_t)row.data[20],
    };
    return BASE_OK;
}

enum base_code store_read_member(struct store_reader *reader,
                                 const struct store_refreshed *refreshed, uint32_t paper,
                                 enum store_cohort_rule rule, struct base_arena *arena,
                                 struct engine_member *member, struct store_cohort *cohort,
                                 struct base_error *error)
{
    uint8_t key[5];
    struct base_slice row;
    struct store_member found;
    enum base_code code = store_reader_wake(reader, error);
    if (code != BASE_OK) {
        return code;
    }
    store_cohort_key(key, refreshed->round, paper / STORE_MEMBER_BLOCK);
    code = store_env_get(&reader->store->env, reader->txn, STORE_COHORT_PAPERS,
                         base_slice(key, sizeof key), &row, error);
    if (code != BASE_OK) {
        return code;
    }
    if (row.size != STORE_MEMBER_BLOCK * STORE_MEMBER_SIZE) {
        return base_fail(error, BASE_DATA_LOSS, "table cohort_papers: a row of %zu bytes",
                         row.size);
    }
    store_get_member(row.data + (paper % STORE_MEMBER_BLOCK) * STORE_MEMBER_SIZE, &found);
    if (found.cohort == 0) {
        return BASE_NOT_FOUND;
    }
    store_cohort_key(key, refreshed->round, found.cohort);
    code = store_env_get(&reader->store->env, reader->txn, STORE_COHORTS,
                         base_slice(key, sizeof key), &row, error);
    if (code == BASE_NOT_FOUND || (code == BASE_OK && !decode_cohort(row, rule, arena, cohort))) {
        return base_fail(error, BASE_DATA_LOSS,
                         "table cohorts, row %u is missing or malformed; run hirschd refresh",
                         found.cohort);
    }
    *member = found.counts[rule];
    return code;
}
