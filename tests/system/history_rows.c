#include "history.h"

#include <stdlib.h>

enum { ROWS = 1024 };

struct row {
    struct base_slice key;
    struct base_slice bytes;
};

struct history_rows {
    struct base_arena arena;
    struct row rows[ROWS]; /* in the order of keys */
    size_t count;
};

struct history_rows *history_rows_new(void)
{
    struct history_rows *rows = calloc(1, sizeof *rows);
    BASE_ASSERT(rows != NULL);
    base_arena_init(&rows->arena, 0);
    return rows;
}

void history_rows_free(struct history_rows *rows)
{
    base_arena_fini(&rows->arena);
    free(rows);
}

static struct base_slice keep(struct history_rows *rows, struct base_buffer *buffer)
{
    struct base_slice kept = base_arena_copy(&rows->arena, base_buffer_slice(buffer));
    BASE_ASSERT(!buffer->failed && kept.data != NULL);
    base_buffer_fini(buffer);
    return kept;
}

/* Where the key stands, or belongs. */
static size_t place(const struct history_rows *rows, struct base_slice key, bool *found)
{
    size_t at = 0;
    int order = 1;
    while (at < rows->count && (order = base_slice_compare(rows->rows[at].key, key)) < 0) {
        at++;
    }
    *found = at < rows->count && order == 0;
    return at;
}

static void erase(struct history_rows *rows, size_t at)
{
    rows->count--;
    memmove(&rows->rows[at], &rows->rows[at + 1], (rows->count - at) * sizeof rows->rows[0]);
}

static bool has_line(const struct history_rows *rows, const struct model_id *id, uint8_t entity)
{
    struct model_record line = {.type = MODEL_RECORD_SUPPRESS, .id = *id, .entity = entity};
    struct base_buffer key = BASE_BUFFER_EMPTY;
    bool found;
    model_record_append_key(&line, &key);
    place(rows, base_buffer_slice(&key), &found);
    base_buffer_fini(&key);
    return found;
}

static bool suppressed(const struct history_rows *rows, const struct model_id *id, uint8_t entity)
{
    return id->scheme != MODEL_NO_SCHEME && (has_line(rows, id, entity) || has_line(rows, id, 0));
}

static size_t allowed_ids(struct history_rows *rows, const struct model_id **ids, size_t count,
                          uint8_t entity)
{
    struct model_id *left = base_arena_array(&rows->arena, count, sizeof *left);
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (!suppressed(rows, &(*ids)[i], entity)) {
            left[used++] = (*ids)[i];
        }
    }
    *ids = left;
    return used;
}

static void redact_authors(struct history_rows *rows, struct model_paper_record *paper)
{
    struct model_authorship *left =
        base_arena_array(&rows->arena, paper->author_count, sizeof *left);
    size_t used = 0;
    for (size_t i = 0; i < paper->author_count; i++) {
        struct model_authorship author = paper->authors[i];
        struct model_id id = author.id;
        if (id.scheme == MODEL_NO_SCHEME) {
            model_id_of_name(author.name, &rows->arena, &id);
        }
        if (!suppressed(rows, &id, MODEL_AUTHOR)) {
            author.id_count = allowed_ids(rows, &author.ids, author.id_count, MODEL_AUTHOR);
            left[used++] = author;
        }
    }
    paper->authors = left;
    paper->author_count = used;
}

/* The record without what must not be stored; size 0 when nothing may. */
static struct base_slice redact(struct history_rows *rows, struct base_slice bytes)
{
    struct model_record record;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    BASE_ASSERT(model_record_decode(bytes, &rows->arena, &record, NULL) == BASE_OK);
    uint8_t entity = record.type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    if (record.type == MODEL_RECORD_SUPPRESS || record.type == MODEL_RECORD_MERGE) {
        return bytes;
    }
    if (suppressed(rows, &record.id, entity) ||
        (record.type == MODEL_RECORD_CITATION && suppressed(rows, &record.other, entity))) {
        return base_slice(NULL, 0);
    }
    if (record.type != MODEL_RECORD_CITATION) {
        record.id_count = allowed_ids(rows, &record.ids, record.id_count, entity);
    }
    if (record.type == MODEL_RECORD_PAPER) {
        redact_authors(rows, &record.paper);
        record.paper.reference_count =
            allowed_ids(rows, &record.paper.references, record.paper.reference_count, MODEL_PAPER);
    }
    model_record_encode(&record, &buffer);
    return keep(rows, &buffer);
}

static void redact_all(struct history_rows *rows)
{
    for (size_t i = 0; i < rows->count;) {
        struct base_slice left = redact(rows, rows->rows[i].bytes);
        if (left.size == 0) {
            erase(rows, i);
        } else {
            rows->rows[i++].bytes = left;
        }
    }
}

static enum store_outcome put(struct history_rows *rows, struct base_slice key,
                              struct base_slice record)
{
    bool found;
    struct base_slice bytes = redact(rows, record);
    if (bytes.size == 0) {
        return STORE_OUTCOME_SUPPRESSED;
    }
    size_t at = place(rows, key, &found);
    if (found) {
        int order = base_slice_compare(bytes, rows->rows[at].bytes);
        if (order <= 0) {
            return order == 0 ? STORE_OUTCOME_UNCHANGED : STORE_OUTCOME_OLDER;
        }
    } else {
        BASE_ASSERT(rows->count < ROWS);
        memmove(&rows->rows[at + 1], &rows->rows[at], (rows->count - at) * sizeof rows->rows[0]);
        rows->count++;
    }
    rows->rows[at] = (struct row){key, bytes};
    if (key.data[0] == MODEL_RECORD_SUPPRESS) {
        redact_all(rows);
    }
    return STORE_OUTCOME_STORED;
}

enum store_outcome history_rows_apply(struct history_rows *rows, const struct history_item *item)
{
    struct model_record record;
    struct base_buffer buffer = BASE_BUFFER_EMPTY;
    BASE_ASSERT(model_record_decode(item->record, &rows->arena, &record, NULL) == BASE_OK);
    model_record_append_key(&record, &buffer);
    struct base_slice key = keep(rows, &buffer);
    if (!item->remove) {
        return put(rows, key, item->record);
    }
    bool found;
    size_t at = place(rows, key, &found);
    if (!found) {
        return STORE_OUTCOME_ABSENT;
    }
    erase(rows, at);
    return STORE_OUTCOME_DELETED;
}

size_t history_rows_count(const struct history_rows *rows)
{
    return rows->count;
}

void history_rows_at(const struct history_rows *rows, size_t index, struct base_slice *key,
                     struct base_slice *bytes)
{
    BASE_ASSERT(index < rows->count);
    *key = rows->rows[index].key;
    *bytes = rows->rows[index].bytes;
}
