#include "model/merge.h"

#include <stdlib.h>

#include "model/order.h"

typedef const struct model_record *const *records;

static int compare_records(const void *a, const void *b)
{
    const struct model_record *left = *(const struct model_record *const *)a;
    const struct model_record *right = *(const struct model_record *const *)b;
    if (left->updated != right->updated) {
        return left->updated > right->updated ? -1 : 1;
    }
    return model_id_compare(&left->id, &right->id);
}

void model_merge_order(const struct model_record **list, size_t count)
{
    if (count > 1) {
        qsort(list, count, sizeof(const struct model_record *), compare_records);
    }
}

static enum base_code out_of_memory(size_t count, struct base_error *error)
{
    return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory merging %zu records", count);
}

/* A list of one record. */
struct part {
    const void *items;
    size_t count;
};

typedef struct part (*part_of)(const struct model_record *record);

static struct part aliases_of(const struct model_record *record)
{
    return (struct part){record->author.aliases, record->author.alias_count};
}

static struct part affiliations_of(const struct model_record *record)
{
    if (record->type == MODEL_RECORD_AUTHOR) {
        return (struct part){record->author.affiliations, record->author.affiliation_count};
    }
    return (struct part){record->paper.affiliations, record->paper.affiliation_count};
}

static struct part reported_of(const struct model_record *record)
{
    return (struct part){record->reported, record->reported_count};
}

/* The items of all records, sorted, each once. One record's list is in order already and is lent as
 * it is. */
static enum base_code unite(records list, size_t count, part_of part, size_t size,
                            model_order order, struct base_arena *arena, struct part *united,
                            struct base_error *error)
{
    size_t total = 0;
    struct part only = {NULL, 0};
    for (size_t i = 0; i < count; i++) {
        struct part one = part(list[i]);
        total += one.count;
        only = one.count > 0 ? one : only;
    }
    if (total == only.count) {
        *united = only;
        return BASE_OK;
    }
    char *items = base_arena_array(arena, total, size);
    if (items == NULL) {
        return out_of_memory(count, error);
    }
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        struct part one = part(list[i]);
        if (one.count > 0) {
            memcpy(items + used * size, one.items, one.count * size);
            used += one.count;
        }
    }
    *united = (struct part){items, model_order_sort(items, total, size, order)};
    return BASE_OK;
}

static enum base_code merge_reported(records list, size_t count, struct base_arena *arena,
                                     struct model_view *view, struct base_error *error)
{
    struct part united;
    enum base_code code = unite(list, count, reported_of, sizeof(struct model_reported),
                                model_order_reported, arena, &united, error);
    if (code != BASE_OK || united.count == 0) {
        return code;
    }
    const struct model_reported *blocks = united.items;
    struct model_reported_view *views = base_arena_array(arena, united.count, sizeof *views);
    if (views == NULL) {
        return out_of_memory(count, error);
    }
    for (size_t i = 0; code == BASE_OK && i < united.count; i++) {
        code = model_reported_check(&blocks[i], arena, &views[i], error);
    }
    view->reported = views;
    view->reported_count = united.count;
    return code;
}

static enum base_code merge_affiliations(records list, size_t count, struct base_arena *arena,
                                         const struct model_affiliation **affiliations,
                                         size_t *affiliation_count, struct base_error *error)
{
    struct part united;
    enum base_code code = unite(list, count, affiliations_of, sizeof(struct model_affiliation),
                                model_order_affiliation, arena, &united, error);
    if (code == BASE_OK) {
        *affiliations = united.items;
        *affiliation_count = united.count;
    }
    return code;
}

/* The chosen name is no alias. */
static enum base_code merge_aliases(records list, size_t count, struct base_arena *arena,
                                    struct model_author_record *author, struct base_error *error)
{
    struct part united;
    enum base_code code = unite(list, count, aliases_of, sizeof(struct base_slice),
                                model_order_text, arena, &united, error);
    if (code != BASE_OK) {
        return code;
    }
    const struct base_slice *aliases = united.items;
    size_t found = 0;
    while (found < united.count && !base_slice_equal(aliases[found], author->name)) {
        found++;
    }
    if (found < united.count) {
        struct base_slice *others = base_arena_array(arena, united.count, sizeof *others);
        if (others == NULL) {
            return out_of_memory(count, error);
        }
        memcpy(others, aliases, found * sizeof *others);
        memcpy(others + found, aliases + found + 1, (united.count - found - 1) * sizeof *others);
        aliases = others;
        united.count--;
    }
    author->aliases = united.count == 0 ? NULL : aliases;
    author->alias_count = united.count;
    return BASE_OK;
}

static enum base_code merge_author(records list, size_t count, struct base_arena *arena,
                                   struct model_author_record *author, struct base_error *error)
{
    for (size_t i = count; i-- > 0;) {
        const struct model_author_record *from = &list[i]->author;
        author->name = from->name.size > 0 ? from->name : author->name;
        author->field = from->field.id.size > 0 ? from->field : author->field;
    }
    enum base_code code = merge_affiliations(list, count, arena, &author->affiliations,
                                             &author->affiliation_count, error);
    return code != BASE_OK ? code : merge_aliases(list, count, arena, author, error);
}

/* A complete list before a truncated one, the first of its sort in order. Without any list, one
 * record that knows of authors is enough to say that some are missing. */
static void choose_authors(records list, size_t count, struct model_paper_record *paper)
{
    const struct model_paper_record *chosen = NULL;
    for (size_t i = 0; i < count; i++) {
        const struct model_paper_record *from = &list[i]->paper;
        if (from->author_count > 0 &&
            (chosen == NULL || (chosen->authors_truncated && !from->authors_truncated))) {
            chosen = from;
        }
        paper->authors_truncated |= from->authors_truncated;
    }
    if (chosen != NULL) {
        paper->authors = chosen->authors;
        paper->author_count = chosen->author_count;
        paper->authors_truncated = chosen->authors_truncated;
    }
}

static enum base_code merge_paper(records list, size_t count, struct base_arena *arena,
                                  struct model_paper_record *paper, struct base_error *error)
{
    paper->date = MODEL_UNDATED;
    for (size_t i = count; i-- > 0;) {
        const struct model_paper_record *from = &list[i]->paper;
        paper->title = from->title.size > 0 ? from->title : paper->title;
        paper->abstract = from->abstract.size > 0 ? from->abstract : paper->abstract;
        paper->date = from->date.precision != MODEL_NO_DATE ? from->date : paper->date;
        paper->field = from->field.id.size > 0 ? from->field : paper->field;
        paper->kind = from->kind != MODEL_KIND_UNSPECIFIED ? from->kind : paper->kind;
        paper->venue = from->venue.size > 0 ? from->venue : paper->venue;
        paper->refereed = from->refereed != MODEL_UNKNOWN ? from->refereed : paper->refereed;
        paper->retracted = from->retracted != MODEL_UNKNOWN ? from->retracted : paper->retracted;
        if (from->reference_count > 0) {
            paper->references = from->references;
            paper->reference_count = from->reference_count;
        }
    }
    choose_authors(list, count, paper);
    return merge_affiliations(list, count, arena, &paper->affiliations, &paper->affiliation_count,
                              error);
}

enum base_code model_merge(const struct model_record *const *list, size_t count,
                           struct base_arena *arena, struct model_view *view,
                           struct base_error *error)
{
    BASE_ASSERT(count > 0);
    enum model_record_type type = list[0]->type;
    BASE_ASSERT(type == MODEL_RECORD_AUTHOR || type == MODEL_RECORD_PAPER);
    const struct model_record *one = list[0];
    const struct model_record **ordered = &one;
    if (count > 1) {
        ordered = base_arena_array(arena, count, sizeof(const struct model_record *));
        if (ordered == NULL) {
            return out_of_memory(count, error);
        }
        memcpy(ordered, list, count * sizeof(const struct model_record *));
        model_merge_order(ordered, count);
    }
    struct model_view result = {0};
    result.entity = type == MODEL_RECORD_AUTHOR ? MODEL_AUTHOR : MODEL_PAPER;
    result.id = ordered[0]->id;
    for (size_t i = 0; i < count; i++) {
        BASE_ASSERT(ordered[i]->type == type);
        if (model_id_compare(&ordered[i]->id, &result.id) < 0) {
            result.id = ordered[i]->id;
        }
    }
    enum base_code code = merge_reported(ordered, count, arena, &result, error);
    if (code == BASE_OK) {
        code = type == MODEL_RECORD_AUTHOR
                   ? merge_author(ordered, count, arena, &result.author, error)
                   : merge_paper(ordered, count, arena, &result.paper, error);
    }
    if (code == BASE_OK) {
        *view = result;
    }
    return code;
}
