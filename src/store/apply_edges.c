/* Step 4: citations of the papers that changed, seen from the cited side, and the counters of all
 * papers whose citations changed. Writes `cited_by` and `paper`. */
#include <stdlib.h>

#include "store/application.h"
#include "store/numbers.h"
#include "store/sort.h"

/* Pairs that any change of a paper may concern: what it cited and cites, and, when facts that both
 * ends share changed, those who cite it. */
static bool shares_changed(const struct apply_paper *paper)
{
    unsigned before = paper->existed ? paper->before.flags & STORE_PAPER_TRUNCATED : 0U;
    unsigned now = paper->now.flags & STORE_PAPER_TRUNCATED;
    if (paper->authors_named || before != now ||
        paper->author_count != paper->authors_before_count) {
        return true;
    }
    for (size_t i = 0; i < paper->author_count; i++) {
        if (paper->authors[i].author != paper->authors_before[i].author) {
            return true;
        }
    }
    return false;
}

static enum base_code add_pairs(struct apply *apply, const struct apply_paper *paper)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < paper->cites_before_count; i++) {
        code = apply_add_pair(apply, &apply->pairs, paper->cites_before[i], paper->number);
    }
    for (size_t i = 0; code == BASE_OK && i < paper->cite_count; i++) {
        code = apply_add_pair(apply, &apply->pairs, paper->cites[i].cited, paper->number);
    }
    if (code == BASE_OK) {
        code = apply_add_number(apply, &apply->recounts, paper->number);
    }
    if (code != BASE_OK || !paper->existed || !shares_changed(paper)) {
        return code;
    }
    struct base_slice citers;
    base_arena_reset(&apply->work);
    code = apply_read_list(apply, STORE_CITED_BY, paper->number, &apply->work, &citers);
    for (size_t at = 0; code == BASE_OK && at < citers.size; at += STORE_CITER_SIZE) {
        code = apply_add_pair(apply, &apply->pairs, paper->number,
                              base_get_le32(citers.data + at + 4));
    }
    return code;
}

/* The edges of one cited paper that are looked at. */
struct edge_pass {
    struct apply *apply;
    uint32_t cited;
    const struct apply_paper *changed; /* the cited paper, if it changed */
    bool truncated;                    /* its author list */
    uint32_t *authors;                 /* of the cited paper, ascending */
    size_t author_count;
    struct base_slice entries; /* its list as it is */
    uint8_t *removed;
    size_t removed_count;
    uint8_t *added;
    size_t added_count;
};

static enum base_code is_known_by_name(struct apply *apply, uint32_t author, bool *name_only)
{
    const struct apply_entity *entity = apply_index_find(&apply->writers, author);
    if (entity != NULL) {
        *name_only = apply_node_id(entity->own).scheme == MODEL_NAME;
        return BASE_OK;
    }
    struct base_slice row;
    struct store_author stored;
    enum base_code code = apply_read_row(apply, STORE_AUTHOR, author, &row);
    if (code == BASE_OK && (row.data == NULL || !store_decode_author(row, &stored, NULL))) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table author has no row %u; run hirschd verify", author);
    }
    if (code == BASE_OK) {
        *name_only = stored.name_only;
    }
    return code;
}

/* Do both papers list one identified author? */
static enum base_code share_author(struct edge_pass *pass, uint32_t citing, bool *shares)
{
    const struct apply_authorship *authors;
    size_t count;
    *shares = false;
    if (pass->author_count == 0) {
        return BASE_OK;
    }
    enum base_code code =
        apply_authors_of(pass->apply, citing, &pass->apply->work, &authors, &count);
    for (size_t i = 0; code == BASE_OK && !*shares && i < count; i++) {
        bool name_only = true;
        if (store_has_number(pass->authors, pass->author_count, authors[i].author)) {
            code = is_known_by_name(pass->apply, authors[i].author, &name_only);
        }
        *shares = !name_only;
    }
    return code;
}

static const struct apply_cite *find_cite(const struct apply_paper *citing, uint32_t cited)
{
    size_t low = 0;
    size_t high = citing->cite_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (citing->cites[middle].cited == cited) {
            return &citing->cites[middle];
        }
        if (citing->cites[middle].cited < cited) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

/* Is the author list of a citing paper cut? */
static enum base_code is_truncated(struct apply *apply, uint32_t number, bool *truncated)
{
    const struct apply_paper *paper = apply_index_find(&apply->papers, number);
    struct store_paper_head head;
    struct store_paper stored;
    struct base_slice row;
    if (paper != NULL) {
        *truncated = (paper->now.flags & STORE_PAPER_TRUNCATED) != 0;
        return BASE_OK;
    }
    enum base_code code = apply_read_row(apply, STORE_PAPER, number, &row);
    if (code == BASE_OK && (row.data == NULL || !store_decode_paper(row, &stored, &head))) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper has no row %u; run hirschd verify", number);
    }
    if (code == BASE_OK) {
        *truncated = (head.flags & STORE_PAPER_TRUNCATED) != 0;
    }
    return code;
}

/* old: the edge's entry, or NULL. */
static enum base_code look_at(struct edge_pass *pass, uint32_t citing,
                              const struct engine_citer *old)
{
    const struct apply_paper *paper = apply_index_find(&pass->apply->papers, citing);
    const struct apply_cite *cite = paper == NULL ? NULL : find_cite(paper, pass->cited);
    struct engine_citer now;
    bool is = paper == NULL ? old != NULL : cite != NULL;
    if (is) {
        bool shares;
        bool truncated;
        now = paper == NULL ? *old
                            : store_edge(citing, paper->now.date, paper->now.flags,
                                         paper->cite_count, cite->date);
        enum base_code code = share_author(pass, citing, &shares);
        if (code == BASE_OK) {
            code = is_truncated(pass->apply, citing, &truncated);
        }
        if (code != BASE_OK) {
            return code;
        }
        store_edge_set_shared(&now, shares, truncated || pass->truncated);
    }
    if (is && old != NULL && memcmp(&now, old, sizeof now) == 0) {
        return BASE_OK;
    }
    if (old != NULL) {
        memcpy(pass->removed + STORE_CITER_SIZE * pass->removed_count++, old, sizeof *old);
    }
    if (is) {
        memcpy(pass->added + STORE_CITER_SIZE * pass->added_count++, &now, sizeof now);
    }
    return BASE_OK;
}

static int compare_citers(const void *a, const void *b)
{
    return store_list_format(STORE_CITED_BY)->compare(a, b);
}

/* Entries of the list by citing paper, for those that are looked at. */
struct standing {
    uint32_t citing;
    uint32_t place; /* in entries */
};

static inline bool standing_less(const struct standing *a, const struct standing *b)
{
    return a->citing < b->citing;
}

STORE_SORT_DEFINE(sort_standing, struct standing, standing_less)

static enum base_code look_at_all(struct edge_pass *pass, const struct apply_pair *pairs,
                                  size_t count)
{
    struct apply *apply = pass->apply;
    size_t entry_count = pass->entries.size / STORE_CITER_SIZE;
    struct standing *standing = base_arena_array(&apply->work, entry_count, sizeof *standing);
    if (standing == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < entry_count; i++) {
        standing[i] = (struct standing){
            base_get_le32(pass->entries.data + i * STORE_CITER_SIZE + 4), (uint32_t)i};
    }
    sort_standing(standing, entry_count);
    enum base_code code = BASE_OK;
    size_t at = 0;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct engine_citer old;
        while (at < entry_count && standing[at].citing < pairs[i].item) {
            at++;
        }
        bool was = at < entry_count && standing[at].citing == pairs[i].item;
        if (was) {
            memcpy(&old, pass->entries.data + standing[at].place * STORE_CITER_SIZE, sizeof old);
        }
        code = look_at(pass, pairs[i].item, was ? &old : NULL);
    }
    return code;
}

static enum base_code find_cited(struct edge_pass *pass)
{
    struct apply *apply = pass->apply;
    const struct apply_authorship *authors;
    enum base_code code = is_truncated(apply, pass->cited, &pass->truncated);
    if (code == BASE_OK) {
        code = apply_authors_of(apply, pass->cited, &apply->work, &authors, &pass->author_count);
    }
    if (code != BASE_OK) {
        return code;
    }
    pass->authors = base_arena_array(&apply->work, pass->author_count, sizeof *pass->authors);
    if (pass->authors == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < pass->author_count; i++) {
        pass->authors[i] = authors[i].author;
    }
    store_sort_numbers(pass->authors, pass->author_count);
    return apply_read_list(apply, STORE_CITED_BY, pass->cited, &apply->work, &pass->entries);
}

/* Pairs of one cited paper, by citing paper. */
static enum base_code change_citers(struct apply *apply, const struct apply_pair *pairs,
                                    size_t count)
{
    struct edge_pass pass = {.apply = apply, .cited = pairs[0].owner};
    base_arena_reset(&apply->work);
    pass.removed = base_arena_array(&apply->work, count, STORE_CITER_SIZE);
    pass.added = base_arena_array(&apply->work, count, STORE_CITER_SIZE);
    if (pass.removed == NULL || pass.added == NULL) {
        return apply_out_of_memory(apply);
    }
    enum base_code code = find_cited(&pass);
    if (code == BASE_OK) {
        code = look_at_all(&pass, pairs, count);
    }
    if (code != BASE_OK || pass.removed_count + pass.added_count == 0) {
        return code;
    }
    qsort(pass.removed, pass.removed_count, STORE_CITER_SIZE, compare_citers);
    qsort(pass.added, pass.added_count, STORE_CITER_SIZE, compare_citers);
    code = apply_edit_list(apply, STORE_CITED_BY, pass.cited,
                           base_slice(pass.removed, pass.removed_count * STORE_CITER_SIZE),
                           base_slice(pass.added, pass.added_count * STORE_CITER_SIZE));
    return code == BASE_OK ? apply_add_number(apply, &apply->recounts, pass.cited) : code;
}

static enum base_code change_all_citers(struct apply *apply)
{
    apply_sort_pairs(&apply->pairs);
    const struct apply_pair *pairs = apply->pairs.data;
    size_t count = apply->pairs.size / sizeof *pairs;
    enum base_code code = BASE_OK;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = from + 1;
        while (end < count && pairs[end].owner == pairs[from].owner) {
            end++;
        }
        code = change_citers(apply, pairs + from, end - from);
    }
    return code;
}

static enum base_code drop_paper(struct apply *apply, const struct apply_paper *paper)
{
    enum base_code code = apply_note_words(apply, STORE_TITLES, paper->number, &paper->title_before,
                                           paper->title_before.size > 0 ? 1 : 0,
                                           paper->before.citation_count, NULL, 0, 0);
    return code == BASE_OK ? apply_drop_row(apply, STORE_PAPER, paper->number) : code;
}

static enum base_code encode_paper(struct apply *apply, const struct store_paper_head *head,
                                   const struct engine_series *series, struct base_slice view)
{
    base_buffer_clear(&apply->value);
    store_encode_paper(&apply->value, head, series, view);
    return apply->value.failed ? apply_out_of_memory(apply) : BASE_OK;
}

static void set_counters(struct apply *apply, struct store_paper_head *head,
                         const struct engine_paper_numbers *numbers)
{
    head->citation_count = numbers->citation_count;
    head->self_citation_count = numbers->self_citation_count;
    head->sequence = apply->sequence;
}

static enum base_code recount_changed(struct apply *apply, struct apply_paper *paper,
                                      const struct engine_paper_numbers *numbers)
{
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    struct base_slice title = paper->view.paper.title;
    enum base_code code = apply_note_shift(apply, paper->number, paper->before.citation_count,
                                           &paper->years_before, numbers);
    if (code != BASE_OK) {
        return code;
    }
    set_counters(apply, &paper->now, numbers);
    apply->packer.paper(&paper->view, &packed);
    code = packed.failed
               ? apply_out_of_memory(apply)
               : encode_paper(apply, &paper->now, &numbers->series, base_buffer_slice(&packed));
    base_buffer_fini(&packed);
    if (code == BASE_OK) {
        code = apply_write_row(apply, STORE_PAPER, paper->number, base_buffer_slice(&apply->value));
    }
    return code == BASE_OK
               ? apply_note_words(apply, STORE_TITLES, paper->number, &paper->title_before,
                                  paper->title_before.size > 0 ? 1 : 0,
                                  paper->before.citation_count, &title, title.size > 0 ? 1 : 0,
                                  paper->now.citation_count)
               : code;
}

/* Only the counters of the paper change. */
static enum base_code recount_counters(struct apply *apply, uint32_t number,
                                       const struct engine_paper_numbers *numbers)
{
    struct base_slice row;
    struct store_paper stored;
    struct store_paper_head head;
    struct store_unpacked unpacked;
    enum base_code code = apply_read_row(apply, STORE_PAPER, number, &row);
    if (code == BASE_OK && (row.data == NULL || !store_decode_paper(row, &stored, &head))) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper has no row %u; run hirschd verify", number);
    }
    uint32_t before = head.citation_count;
    if (code == BASE_OK) {
        code = apply_note_shift(apply, number, before, &stored.years, numbers);
    }
    if (code == BASE_OK) {
        set_counters(apply, &head, numbers);
        code = encode_paper(apply, &head, &numbers->series, stored.view);
    }
    if (code == BASE_OK && store_citation_bucket(STORE_TITLES, before) !=
                               store_citation_bucket(STORE_TITLES, head.citation_count)) {
        code = apply_unpack(apply, MODEL_PAPER, stored.view, &apply->work, &unpacked);
        if (code == BASE_OK) {
            code =
                apply_note_words(apply, STORE_TITLES, number, unpacked.texts, unpacked.text_count,
                                 before, unpacked.texts, unpacked.text_count, head.citation_count);
        }
    }
    return code == BASE_OK
               ? apply_write_row(apply, STORE_PAPER, number, base_buffer_slice(&apply->value))
               : code;
}

static enum base_code recount_paper(struct apply *apply, uint32_t number)
{
    struct apply_paper *paper = apply_index_find(&apply->papers, number);
    struct base_slice row;
    struct store_paper stored;
    struct base_slice entries;
    if (paper != NULL && paper->entity == NULL) {
        return drop_paper(apply, paper);
    }
    uint32_t day = paper != NULL ? paper->now.date.day : MODEL_NO_DAY;
    enum base_code code = BASE_OK;
    if (paper == NULL) {
        code = apply_read_row(apply, STORE_PAPER, number, &row);
        if (code == BASE_OK && row.data != NULL && store_decode_paper(row, &stored, NULL)) {
            day = stored.date.day;
        }
    }
    base_arena_reset(&apply->work);
    if (code == BASE_OK) {
        code = apply_read_list(apply, STORE_CITED_BY, number, &apply->work, &entries);
    }
    if (code != BASE_OK) {
        return code;
    }
    /* The arena aligns, and entries lie on disk as they do in memory. */
    struct engine_paper_numbers numbers;
    engine_recount_paper(apply->counter, (const struct engine_citer *)(const void *)entries.data,
                         entries.size / STORE_CITER_SIZE, day, model_day_year, &numbers);
    return paper != NULL ? recount_changed(apply, paper, &numbers)
                         : recount_counters(apply, number, &numbers);
}

enum base_code apply_edges(struct apply *apply)
{
    struct apply_paper **papers = apply->papers.items.data;
    size_t count = apply->papers.items.size / sizeof *papers;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = add_pairs(apply, papers[i]);
    }
    if (code == BASE_OK) {
        code = change_all_citers(apply);
    }
    apply_sort_once(&apply->recounts);
    for (size_t i = 0; code == BASE_OK && i < apply->recounts.size / sizeof(uint32_t); i++) {
        code = recount_paper(apply, ((const uint32_t *)apply->recounts.data)[i]);
    }
    return code;
}
