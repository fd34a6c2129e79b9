/* Part of step 2: how often merged views and citation lines name an id, now that records came
 * together, fell apart or changed. */
#include "store/application.h"
#include "store/derivation.h"
#include "store/sort.h"

/* A record of a group of one paper. */
struct member {
    const struct apply_node *group; /* own id now; NULL: groups by number before */
    struct apply_node *node;
};

static inline bool member_less(const struct member *a, const struct member *b)
{
    uint32_t a_group = a->group == NULL ? a->node->before.number : a->group->rank;
    uint32_t b_group = b->group == NULL ? b->node->before.number : b->group->rank;
    return a_group != b_group ? a_group < b_group : a->node->rank < b->node->rank;
}

STORE_SORT_DEFINE(sort_members, struct member, member_less)

/* A citation line that is to be looked at. */
struct line {
    struct apply_node *citing;
    struct apply_node *cited;
    bool before; /* it was there */
    bool after;
};

/* Names of authors and references of the lists that a paper's merged view takes. */
static enum base_code name_lists(struct apply *apply, const struct model_record *const *records,
                                 size_t count, uint32_t sign)
{
    struct model_view view;
    struct apply_node *node;
    enum base_code code = model_merge(records, count, &apply->work, &view, apply->error);
    for (size_t i = 0; code == BASE_OK && i < view.paper.author_count; i++) {
        struct model_id id;
        if (derive_author_id(&view.paper.authors[i], &apply->work, &id)) {
            code = apply_node_of_id(apply, MODEL_AUTHOR, &id, &node);
            if (code == BASE_OK) {
                node->named += sign;
            }
        }
    }
    for (size_t i = 0; code == BASE_OK && i < view.paper.reference_count; i++) {
        code = apply_node_of_id(apply, MODEL_PAPER, &view.paper.references[i], &node);
        if (code == BASE_OK) {
            node->named += sign;
        }
    }
    return code;
}

static enum base_code name_group(struct apply *apply, const struct member *members, size_t count,
                                 bool before)
{
    base_arena_reset(&apply->work);
    struct model_record *decoded = base_arena_array(&apply->work, count, sizeof *decoded);
    const struct model_record **records = base_arena_array(&apply->work, count, sizeof *records);
    if (decoded == NULL || records == NULL) {
        return apply_out_of_memory(apply);
    }
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        char key[1 + MODEL_ID_KEY];
        struct base_slice bytes;
        struct base_slice record_key = apply_record_key(members[i].node, key);
        code = before ? apply_find_record_before(apply, record_key, &bytes)
                      : apply_find_record(apply, record_key, &bytes);
        if (code == BASE_OK && bytes.data == NULL) {
            return base_fail(apply->error, BASE_DATA_LOSS,
                             "table source lacks a record that table xid names; run hirschd "
                             "verify");
        }
        if (code == BASE_OK) {
            code = model_record_decode(bytes, &apply->work, &decoded[i], apply->error);
        }
        records[i] = &decoded[i];
    }
    return code == BASE_OK ? name_lists(apply, records, count, before ? UINT32_MAX : 1) : code;
}

/* Does the group hold the same records before and now, none of them changed? */
static bool is_same_group(struct apply *apply, const struct member *members, size_t count)
{
    const struct apply_node *first = members[0].node;
    for (size_t i = 0; i < count; i++) {
        const struct apply_node *node = members[i].node;
        if (node->group_before != count || node->group_now != count || node->own != first->own ||
            node->before.number != first->before.number || apply_is_changed(apply, node)) {
            return false;
        }
    }
    return true;
}

static size_t group_end(const struct member *members, size_t count, size_t from)
{
    size_t end = from + 1;
    while (end < count &&
           (members[from].group == NULL
                ? members[end].node->before.number == members[from].node->before.number
                : members[end].group == members[from].group)) {
        end++;
    }
    return end;
}

static enum base_code name_groups(struct apply *apply, struct member *members, size_t count,
                                  bool before)
{
    enum base_code code = BASE_OK;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = group_end(members, count, from);
        if (!is_same_group(apply, members + from, end - from)) {
            code = name_group(apply, members + from, end - from, before);
        }
    }
    return code;
}

/* Counts what the lists of papers that fell apart, came together or changed no longer name, and now
 * name. */
enum base_code apply_name_papers(struct apply *apply)
{
    size_t count = apply_dirty_count(apply);
    struct member *before = base_arena_array(&apply->arena, count, sizeof *before);
    struct member *now = base_arena_array(&apply->arena, count, sizeof *now);
    if (before == NULL || now == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t before_count = 0;
    size_t now_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct apply_node *node = apply_dirty_at(apply, i);
        if (apply_node_kind(node) != MODEL_PAPER) {
            continue;
        }
        if ((node->before.flags & STORE_XID_PRIMARY) != 0) {
            before[before_count++] = (struct member){NULL, node};
        }
        if ((node->facts & MODEL_NODE_RECORD) != 0) {
            now[now_count++] = (struct member){node->own, node};
        }
    }
    sort_members(before, before_count);
    sort_members(now, now_count);
    for (size_t from = 0, end; from < before_count; from = end) {
        end = group_end(before, before_count, from);
        for (size_t i = from; i < end; i++) {
            before[i].node->group_before = (uint32_t)(end - from);
        }
    }
    for (size_t from = 0, end; from < now_count; from = end) {
        end = group_end(now, now_count, from);
        for (size_t i = from; i < end; i++) {
            now[i].node->group_now = (uint32_t)(end - from);
        }
    }
    enum base_code code = name_groups(apply, before, before_count, true);
    return code == BASE_OK ? name_groups(apply, now, now_count, false) : code;
}

static enum base_code add_line(struct apply *apply, struct base_slice bytes, bool before,
                               bool after)
{
    struct model_record record;
    struct line line = {.before = before, .after = after};
    base_arena_reset(&apply->work);
    enum base_code code = model_record_decode(bytes, &apply->work, &record, apply->error);
    if (code == BASE_OK) {
        code = apply_node_of_id(apply, MODEL_PAPER, &record.id, &line.citing);
    }
    if (code == BASE_OK) {
        code = apply_node_of_id(apply, MODEL_PAPER, &record.other, &line.cited);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct line *to = store_array_extend(&apply->lines, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = line;
    return BASE_OK;
}

enum base_code apply_each_line(struct apply *apply, const struct apply_node *citing,
                               enum base_code (*visit)(struct apply *apply, struct base_slice key,
                                                       struct base_slice bytes, void *context),
                               void *context)
{
    /* Type, length of the citing id's key, that key: what all its lines begin with. */
    char prefix[3 + MODEL_ID_KEY];
    size_t size = citing->key.size - 1;
    prefix[0] = MODEL_RECORD_CITATION;
    base_put_be16(prefix + 1, (uint16_t)size);
    memcpy(prefix + 3, citing->key.data + 1, size);
    struct base_slice begin = base_slice(prefix, 3 + size);
    MDB_cursor *cursor;
    int found = mdb_cursor_open(apply->txn, apply->env->tables[STORE_SOURCE], &cursor);
    if (found != MDB_SUCCESS) {
        return store_env_fail(apply->error, found, "source");
    }
    MDB_val key = store_val(begin);
    MDB_val value;
    enum base_code code = BASE_OK;
    found = mdb_cursor_get(cursor, &key, &value, MDB_SET_RANGE);
    while (code == BASE_OK && found == MDB_SUCCESS && base_slice_starts(store_slice(key), begin)) {
        struct base_slice row;
        code =
            store_env_check(STORE_SOURCE, store_slice(key), store_slice(value), &row, apply->error);
        if (code == BASE_OK && row.size >= 4) {
            code = visit(apply, store_slice(key), base_slice(row.data + 4, row.size - 4), context);
        }
        found = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (code == BASE_OK && found != MDB_SUCCESS && found != MDB_NOTFOUND) {
        return store_env_fail(apply->error, found, "source");
    }
    return code;
}

static enum base_code visit_line(struct apply *apply, struct base_slice key,
                                 struct base_slice bytes, void *context)
{
    const struct apply_change *change = apply_change_of(apply, key);
    (void)context;
    return change != NULL && !apply_is_same(change) ? BASE_OK : add_line(apply, bytes, true, true);
}

/* Lines that change, and lines whose citing end is decided anew: only there can both ends have come
 * to be one paper, or have ceased to be. */
enum base_code apply_collect_lines(struct apply *apply)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < apply->changes.size / sizeof(struct apply_change);
         i++) {
        struct apply_change change = ((const struct apply_change *)apply->changes.data)[i];
        if (change.key.data[0] != MODEL_RECORD_CITATION || apply_is_same(&change)) {
            continue;
        }
        bool before = change.before.data != NULL;
        bool after = change.after.data != NULL;
        code = add_line(apply, after ? change.after : change.before, before, after);
        if (code == BASE_OK) {
            struct line *lines = apply->lines.data;
            lines[apply->lines.size / sizeof *lines - 1].citing->touched = true;
        }
    }
    size_t count = apply_dirty_count(apply);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_node *node = apply_dirty_at(apply, i);
        if (apply_node_kind(node) == MODEL_PAPER) {
            code = apply_each_line(apply, node, visit_line, NULL);
        }
    }
    struct line *lines = apply->lines.data;
    for (size_t i = 0; code == BASE_OK && i < apply->lines.size / sizeof *lines; i++) {
        lines[i].citing->line_end = true;
        lines[i].cited->line_end = true;
    }
    return code;
}

/* A line names its ends while they are two papers. */
void apply_name_lines(struct apply *apply)
{
    const struct line *lines = apply->lines.data;
    for (size_t i = 0; i < apply->lines.size / sizeof *lines; i++) {
        struct apply_node *citing = lines[i].citing;
        struct apply_node *cited = lines[i].cited;
        bool was = lines[i].before && citing->before.number != 0 && cited->before.number != 0 &&
                   citing->before.number != cited->before.number;
        /* An end that is not decided anew was no part of what the other one is, and is none now. */
        bool is = lines[i].after && (!citing->dirty || !cited->dirty || citing->own != cited->own);
        uint32_t sign = (uint32_t)is - (uint32_t)was;
        citing->named += sign;
        cited->named += sign;
        citing->touched |= is != was;
    }
}

/* Ids that are named for the first time, or no more. */
enum base_code apply_mark_named(struct apply *apply)
{
    enum base_code code = BASE_OK;
    size_t count = apply->nodes.size / sizeof(struct apply_node *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct apply_node *node = ((struct apply_node **)apply->nodes.data)[i];
        node->line_end = false;
        if ((node->named > 0) != (node->before.named > 0)) {
            code = apply_mark(apply, node);
        }
    }
    return code;
}
