#include "store/refresh.h"

#include <stdlib.h>

#include "store/graph.h"
#include "store/guard.h"
#include "store/intern.h"
#include "store/reader.h"

/* Rows of one transaction; the writer gets its turn between two. */
enum { ROWS_MOST = 1024 };

/* In memory, one a paper number; on disk the packed form. */
struct refresh {
    struct store *store;
    const struct store_refresh_options *options;
    struct store_reader *reader;
    struct store_info info;
    bool has_last;
    struct store_refreshed last;
    struct store_refreshed next;
    struct store_refresh_report report;

    struct store_scratch scratch;
    struct store_array members;  /* struct store_member a paper number */
    struct store_array order;    /* u32: papers, grouped by cohort */
    struct store_intern cohorts; /* year u16, kind u8, field -> cohort number - 1 */
    struct base_arena arena;
    struct base_buffer citers;
    struct base_buffer value;

    struct store_guard guard;
    MDB_txn *txn; /* of the present part; NULL: none is open */
    unsigned rows;
};

/* What a transaction is begun for. */
enum part { PART_PUTS, PART_CLEARS };

static enum base_code check_stop(const struct refresh *refresh, struct base_error *error)
{
    if (refresh->options->stop != NULL && refresh->options->stop(refresh->options->context)) {
        return base_fail(error, BASE_CANCELLED, "the refresh was stopped; the last one stands");
    }
    return BASE_OK;
}

static enum base_code commit(struct refresh *refresh, struct base_error *error)
{
    if (refresh->txn == NULL) {
        return BASE_OK;
    }
    MDB_txn *txn = refresh->txn;
    refresh->txn = NULL;
    refresh->rows = 0;
    int code = mdb_txn_commit(txn);
    return code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "commit");
}

/* The tables may take of map and disk what puts may, no more: the way back stays open. */
static enum base_code begin_part(struct refresh *refresh, enum part part, struct base_error *error)
{
    /* No time is told, so that nothing that was found out before holds. */
    enum base_code code = store_guard_admit(&refresh->guard, part == PART_CLEARS, 0, error);
    if (code != BASE_OK) {
        return code;
    }
    int failed = mdb_txn_begin(refresh->store->env.env, NULL, 0, &refresh->txn);
    if (failed != MDB_SUCCESS) {
        refresh->txn = NULL;
        return store_env_fail(error, failed, "begin");
    }
    return BASE_OK;
}

/* Counts one row of the present transaction, which is begun or replaced as needed. */
static enum base_code count_row(struct refresh *refresh, enum part part, struct base_error *error)
{
    if (refresh->txn != NULL && refresh->rows >= ROWS_MOST) {
        enum base_code code = commit(refresh, error);
        if (code == BASE_OK) {
            code = check_stop(refresh, error);
        }
        if (code != BASE_OK) {
            return code;
        }
    }
    if (refresh->txn == NULL) {
        enum base_code code = begin_part(refresh, part, error);
        if (code != BASE_OK) {
            return code;
        }
    }
    refresh->rows++;
    return BASE_OK;
}

static enum base_code put(struct refresh *refresh, enum store_table table, uint32_t number,
                          struct base_slice bytes, struct base_error *error)
{
    uint8_t key[5];
    store_cohort_key(key, refresh->next.round, number);
    enum base_code code = count_row(refresh, PART_PUTS, error);
    return code == BASE_OK ? store_env_put(&refresh->store->env, refresh->txn, table,
                                           base_slice(key, sizeof key), bytes, 0, error)
                           : code;
}

static enum base_code clear_table(struct refresh *refresh, enum store_table table, uint8_t round,
                                  struct base_error *error)
{
    bool more = true;
    enum base_code status = BASE_OK;
    while (status == BASE_OK && more) {
        status = count_row(refresh, PART_CLEARS, error);
        if (status != BASE_OK) {
            break;
        }
        MDB_cursor *cursor;
        MDB_val key = {1, &round};
        MDB_val value;
        int code = mdb_cursor_open(refresh->txn, refresh->store->env.tables[table], &cursor);
        if (code == MDB_SUCCESS) {
            code = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
            more = code == MDB_SUCCESS && *(const uint8_t *)key.mv_data == round;
            code = more ? mdb_cursor_del(cursor, 0) : code == MDB_NOTFOUND ? MDB_SUCCESS : code;
            mdb_cursor_close(cursor);
        }
        status = code == MDB_SUCCESS ? BASE_OK : store_env_fail(error, code, "clear cohorts");
    }
    return status;
}

/* Removes the rows of a round, which a refresh that was cut off may have left half full. */
static enum base_code clear(struct refresh *refresh, uint8_t round, struct base_error *error)
{
    enum base_code code = clear_table(refresh, STORE_COHORTS, round, error);
    if (code == BASE_OK) {
        code = clear_table(refresh, STORE_COHORT_PAPERS, round, error);
    }
    return code == BASE_OK ? commit(refresh, error) : code;
}

/* May the paper's counts be other than those of the last refresh? Days and rules of the engine make
 * a count a function of the paper, its citations, and the day; of citations behind the old day
 * those years know that the paper has citations in. */
static bool has_changed(const struct refresh *refresh, const struct store_paper *paper)
{
    if (!refresh->has_last || paper->sequence > refresh->last.sequence) {
        return true;
    }
    if (refresh->last.day == refresh->info.coverage_end) {
        return false;
    }
    uint32_t older = refresh->last.day < refresh->info.coverage_end ? refresh->last.day
                                                                    : refresh->info.coverage_end;
    return older == MODEL_NO_DAY || paper->date.day > older ||
           paper->years.first_year + paper->years.count > model_day_year(older);
}

static enum base_code last_member(const struct refresh *refresh, uint32_t paper,
                                  struct store_member *member, struct base_error *error)
{
    uint8_t key[5];
    struct base_slice row;
    store_cohort_key(key, refresh->last.round, paper / STORE_MEMBER_BLOCK);
    enum base_code code =
        store_env_get(&refresh->store->env, refresh->reader->txn, STORE_COHORT_PAPERS,
                      base_slice(key, sizeof key), &row, error);
    if (code == BASE_OK && row.size == STORE_MEMBER_BLOCK * STORE_MEMBER_SIZE) {
        store_get_member(row.data + (paper % STORE_MEMBER_BLOCK) * STORE_MEMBER_SIZE, member);
        return BASE_OK;
    }
    *member = (struct store_member){.cohort = 0};
    return code == BASE_NOT_FOUND ? BASE_OK : code;
}

static enum base_code recount(struct refresh *refresh, const struct store_paper *paper,
                              struct store_member *member, struct base_error *error)
{
    base_buffer_clear(&refresh->citers);
    enum base_code code =
        store_append_citers(refresh->reader, paper->number, &refresh->citers, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct engine_paper focal = {.paper = paper->number, .day = paper->date.day};
    const struct engine_citer *citers = (const void *)refresh->citers.data;
    struct engine_scope scope = {.as_of = refresh->info.coverage_end,
                                 .coverage_end = refresh->info.coverage_end,
                                 .self_citations = ENGINE_SELF_INCLUDE};
    size_t count = refresh->citers.size / sizeof *citers;
    member->counts[STORE_COHORT_INCLUDE] = engine_measure_member(citers, count, &focal, &scope);
    scope.self_citations = ENGINE_SELF_EXCLUDE_COAUTHOR;
    member->counts[STORE_COHORT_EXCLUDE_COAUTHOR] =
        engine_measure_member(citers, count, &focal, &scope);
    refresh->report.recounted++;
    return BASE_OK;
}

/* The number of the paper's cohort; 0: it has none. */
static enum base_code cohort_of(struct refresh *refresh, const struct store_paper *paper,
                                uint32_t *cohort, struct base_error *error)
{
    struct store_unpacked parts;
    *cohort = 0;
    base_arena_reset(&refresh->arena);
    enum base_code code =
        refresh->options->packer.unpack(MODEL_PAPER, paper->view, &refresh->arena, &parts, error);
    if (code != BASE_OK || parts.field.id.size == 0 || parts.kind == MODEL_KIND_UNSPECIFIED) {
        return code;
    }
    char *name = base_arena_alloc(&refresh->arena, 3 + parts.field.id.size);
    if (name == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    base_put_le16(name, (uint16_t)model_day_year(paper->date.day));
    name[2] = (char)parts.kind;
    memcpy(name + 3, parts.field.id.data, parts.field.id.size);
    code = store_intern_number(&refresh->cohorts, base_slice(name, 3 + parts.field.id.size), cohort,
                               error);
    (*cohort)++;
    return code;
}

static enum base_code on_paper(void *context, const struct store_paper *paper,
                               struct base_error *error)
{
    enum { CHECK_EVERY = 1024 };
    struct refresh *refresh = context;
    struct store_member member = {.cohort = 0};
    enum base_code code = paper->number % CHECK_EVERY == 0 ? check_stop(refresh, error) : BASE_OK;
    if (code != BASE_OK || paper->stub || paper->date.day == MODEL_NO_DAY ||
        paper->date.day > refresh->info.coverage_end) {
        return code;
    }
    uint32_t cohort;
    code = cohort_of(refresh, paper, &cohort, error);
    if (code != BASE_OK || cohort == 0) {
        return code;
    }
    if (!has_changed(refresh, paper)) {
        code = last_member(refresh, paper->number, &member, error);
    }
    if (code == BASE_OK && member.cohort == 0) {
        code = recount(refresh, paper, &member, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    member.cohort = cohort;
    ((struct store_member *)refresh->members.data)[paper->number] = member;
    refresh->report.papers++;
    return BASE_OK;
}

static enum base_code collect(struct refresh *refresh, struct base_error *error)
{
    uint32_t last;
    enum base_code code = store_read_last(refresh->reader, MODEL_PAPER, &last, error);
    if (code == BASE_OK) {
        size_t papers = ((size_t)last / STORE_MEMBER_BLOCK + 1) * STORE_MEMBER_BLOCK;
        code = store_array_resize(&refresh->members, papers * sizeof(struct store_member), error);
    }
    if (code == BASE_OK && refresh->info.coverage_end != MODEL_NO_DAY) {
        code = store_scan_papers(refresh->reader, 1, on_paper, refresh, error);
    }
    return code;
}

/* Papers by their cohorts: first[c] … first[c + 1] are the places of cohort c + 1 in order. */
static enum base_code group(struct refresh *refresh, struct store_array *first,
                            struct base_error *error)
{
    const struct store_member *members = refresh->members.data;
    size_t papers = refresh->members.size / sizeof *members;
    size_t cohorts = refresh->cohorts.count;
    enum base_code code = store_array_resize(first, (cohorts + 2) * sizeof(uint32_t), error);
    if (code == BASE_OK) {
        code = store_array_resize(&refresh->order,
                                  ((size_t)refresh->report.papers + 1) * sizeof(uint32_t), error);
    }
    if (code != BASE_OK) {
        return code;
    }
    uint32_t *place = first->data;
    uint32_t *order = refresh->order.data;
    for (size_t i = 0; i < papers; i++) {
        if (members[i].cohort != 0) {
            place[members[i].cohort + 1]++;
        }
    }
    for (size_t i = 1; i < cohorts + 2; i++) {
        place[i] += place[i - 1];
    }
    /* place[c] runs from the first to the last paper of cohort c, which is where c + 1 begins. */
    for (size_t i = 0; i < papers; i++) {
        if (members[i].cohort != 0) {
            order[place[members[i].cohort]++] = (uint32_t)i;
        }
    }
    return BASE_OK;
}

static enum base_code write_cohort(struct refresh *refresh, uint32_t cohort, const uint32_t *papers,
                                   size_t count, struct base_error *error)
{
    const struct store_member *members = refresh->members.data;
    struct engine_cohort tables[STORE_COHORT_RULES];
    base_arena_reset(&refresh->arena);
    for (size_t rule = 0; rule < STORE_COHORT_RULES; rule++) {
        struct engine_member *counts =
            base_arena_alloc(&refresh->arena, (count + 1) * sizeof *counts);
        struct engine_run *runs = base_arena_alloc(&refresh->arena, (count + 1) * sizeof *runs);
        for (size_t i = 0; counts != NULL && i < count; i++) {
            counts[i] = members[papers[i]].counts[rule];
        }
        if (counts == NULL || runs == NULL ||
            !engine_cohort_build(counts, count, runs, &tables[rule])) {
            return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a cohort");
        }
    }
    struct base_slice name = store_intern_text(&refresh->cohorts, cohort - 1);
    base_buffer_clear(&refresh->value);
    store_encode_cohort(&refresh->value, base_get_le16(name.data), (uint8_t)name.data[2],
                        base_slice(name.data + 3, name.size - 3), tables);
    if (refresh->value.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "no memory for a cohort");
    }
    return put(refresh, STORE_COHORTS, cohort, base_buffer_slice(&refresh->value), error);
}

static enum base_code write_cohorts(struct refresh *refresh, struct base_error *error)
{
    struct store_array first;
    store_array_init(&first, &refresh->scratch);
    enum base_code code = group(refresh, &first, error);
    const uint32_t *ends = first.data;
    const uint32_t *order = refresh->order.data;
    for (uint32_t cohort = 1; code == BASE_OK && cohort <= refresh->cohorts.count; cohort++) {
        uint32_t from = ends[cohort - 1];
        code = write_cohort(refresh, cohort, order + from, ends[cohort] - from, error);
    }
    store_array_fini(&first);
    return code;
}

static enum base_code write_members(struct refresh *refresh, struct base_error *error)
{
    const struct store_member *members = refresh->members.data;
    size_t blocks = refresh->members.size / sizeof *members / STORE_MEMBER_BLOCK;
    uint8_t row[STORE_MEMBER_BLOCK * STORE_MEMBER_SIZE];
    enum base_code code = BASE_OK;
    for (size_t block = 0; code == BASE_OK && block < blocks; block++) {
        bool any = false;
        for (size_t i = 0; i < STORE_MEMBER_BLOCK; i++) {
            const struct store_member *member = &members[block * STORE_MEMBER_BLOCK + i];
            any = any || member->cohort != 0;
            store_put_member(row + i * STORE_MEMBER_SIZE, member);
        }
        if (any) {
            code = put(refresh, STORE_COHORT_PAPERS, (uint32_t)block, base_slice(row, sizeof row),
                       error);
        }
    }
    return code;
}

/* Everything under the other round, then the switch. */
static enum base_code write_round(struct refresh *refresh, struct base_error *error)
{
    uint8_t row[STORE_REFRESHED_SIZE];
    enum base_code code = clear(refresh, refresh->next.round, error);
    if (code == BASE_OK) {
        code = write_cohorts(refresh, error);
    }
    if (code == BASE_OK) {
        code = write_members(refresh, error);
    }
    if (code == BASE_OK) {
        code = commit(refresh, error);
    }
    if (code == BASE_OK) {
        code = count_row(refresh, PART_CLEARS, error);
    }
    if (code == BASE_OK) {
        store_put_refreshed(row, &refresh->next);
        code = store_env_put(&refresh->store->env, refresh->txn, STORE_META,
                             base_slice_text(STORE_META_COHORTS), base_slice(row, sizeof row), 0,
                             error);
    }
    return code == BASE_OK ? commit(refresh, error) : code;
}

static void drop_part(struct refresh *refresh)
{
    if (refresh->txn != NULL) {
        mdb_txn_abort(refresh->txn);
        refresh->txn = NULL;
        refresh->rows = 0;
    }
}

/* The new round, then none but it. A refresh that is stopped leaves what it has no time to clear to
 * the next one; after another failure the rows may be what fills the map. */
static enum base_code replace_round(struct refresh *refresh, struct base_error *error)
{
    enum base_code code = write_round(refresh, error);
    if (code != BASE_OK) {
        drop_part(refresh);
        if (code != BASE_CANCELLED) {
            clear(refresh, refresh->next.round, NULL);
        }
        return code;
    }
    if (refresh->has_last) {
        code = clear(refresh, refresh->last.round, error);
    }
    return code == BASE_CANCELLED ? BASE_OK : code;
}

static enum base_code begin(struct refresh *refresh, struct base_error *error)
{
    enum base_code code = store_reader_new(refresh->store, &refresh->reader, error);
    if (code == BASE_OK) {
        code = store_read_info(refresh->reader, &refresh->info, error);
    }
    if (code == BASE_OK) {
        code = store_read_refreshed(refresh->reader, &refresh->last, error);
        refresh->has_last = code == BASE_OK;
        code = code == BASE_NOT_FOUND ? BASE_OK : code;
    }
    refresh->next.round = refresh->has_last ? (uint8_t)!refresh->last.round : 0;
    refresh->next.sequence = refresh->info.sequence;
    refresh->next.day = refresh->info.coverage_end;
    return code;
}

static enum base_code run(struct refresh *refresh, struct base_error *error)
{
    enum base_code code = begin(refresh, error);
    if (code != BASE_OK) {
        return code;
    }
    if (refresh->has_last && refresh->last.sequence == refresh->info.sequence &&
        refresh->last.day == refresh->info.coverage_end) {
        refresh->report.unchanged = true;
        refresh->report.refreshed = refresh->last;
        return BASE_OK;
    }
    code = collect(refresh, error);
    store_reader_free(refresh->reader);
    refresh->reader = NULL;
    if (code == BASE_OK) {
        refresh->next.cohorts = refresh->cohorts.count;
        refresh->next.members = (uint32_t)refresh->report.papers;
        refresh->report.refreshed = refresh->next;
        code = replace_round(refresh, error);
    }
    return code;
}

enum base_code store_refresh(struct store *store, const struct store_refresh_options *options,
                             struct store_refresh_report *report, struct base_error *error)
{
    struct refresh refresh = {
        .store = store,
        .options = options,
        .scratch = {options->directory, options->memory, 0},
    };
    store_array_init(&refresh.members, &refresh.scratch);
    store_array_init(&refresh.order, &refresh.scratch);
    store_intern_init(&refresh.cohorts, &refresh.scratch);
    base_arena_init(&refresh.arena, 0);
    store_guard_init(&refresh.guard, &store->env, options->directory);
    atomic_store(&store->refreshing, true);
    enum base_code code = run(&refresh, error);
    drop_part(&refresh);
    atomic_store(&store->refreshing, false);
    store_guard_fini(&refresh.guard);
    store_reader_free(refresh.reader);
    if (code == BASE_OK) {
        *report = refresh.report;
    }
    base_buffer_fini(&refresh.value);
    base_buffer_fini(&refresh.citers);
    base_arena_fini(&refresh.arena);
    store_intern_fini(&refresh.cohorts);
    store_array_fini(&refresh.order);
    store_array_fini(&refresh.members);
    return code;
}
