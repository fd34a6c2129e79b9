/* Step 5: lists of papers of the authors concerned, and their counters and views. Writes
 * `author_papers` and `author`. */
#include <stdlib.h>
#include <sys/mman.h>

#include "store/application.h"
#include "store/derivation.h"

/* What an author's lists hold in memory while one group is counted; beyond it is read again. */
enum { LISTS_KEPT = 64 * 1024 * 1024 };

/* Last: the greatest place of a complete list of two or more (metrics, section 1). */
static uint32_t last_position(const struct store_paper_head *head,
                              const struct apply_authorship *authors, size_t count)
{
    uint32_t last = 0;
    if ((head->flags & STORE_PAPER_TRUNCATED) != 0 || count < 2) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        last = authors[i].position > last ? authors[i].position : last;
    }
    return last;
}

static bool entry_of(const struct store_paper_head *head, uint32_t paper,
                     const struct apply_authorship *authors, size_t count, uint32_t author,
                     uint8_t entry[STORE_AUTHORED_SIZE])
{
    for (size_t i = 0; i < count; i++) {
        if (authors[i].author != author) {
            continue;
        }
        uint32_t last = last_position(head, authors, count);
        unsigned flags =
            store_authored_flags(head->date, head->flags, last != 0 && authors[i].position == last);
        struct engine_authored authored = {
            .day = head->date.day,
            .paper = paper,
            .position = authors[i].position,
            .author_count = head->author_count,
            .flags = (uint16_t)flags,
        };
        store_put_authored(entry, &authored);
        return true;
    }
    return false;
}

static int compare_authored(const void *a, const void *b)
{
    return store_list_format(STORE_AUTHOR_PAPERS)->compare(a, b);
}

/* Pairs of one author with papers that changed. */
static enum base_code change_list(struct apply *apply, const struct apply_pair *pairs, size_t count)
{
    base_arena_reset(&apply->work);
    uint8_t *removed = base_arena_array(&apply->work, count, STORE_AUTHORED_SIZE);
    uint8_t *added = base_arena_array(&apply->work, count, STORE_AUTHORED_SIZE);
    if (removed == NULL || added == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t removed_count = 0;
    size_t added_count = 0;
    for (size_t i = 0; i < count; i++) {
        struct apply_listing *listing =
            store_array_extend(&apply->listings, sizeof *listing, apply->error);
        if (listing == NULL) {
            return BASE_RESOURCE_EXHAUSTED;
        }
        const struct apply_paper *paper = apply_index_find(&apply->papers, pairs[i].item);
        uint8_t *old = removed + STORE_AUTHORED_SIZE * removed_count;
        uint8_t *now = added + STORE_AUTHORED_SIZE * added_count;
        uint32_t author = pairs[i].owner;
        bool was = entry_of(&paper->before, paper->number, paper->authors_before,
                            paper->authors_before_count, author, old);
        bool is = paper->entity != NULL && entry_of(&paper->now, paper->number, paper->authors,
                                                    paper->author_count, author, now);
        *listing = (struct apply_listing){author, was, is, paper};
        if (was && is && memcmp(old, now, STORE_AUTHORED_SIZE) == 0) {
            continue;
        }
        removed_count += was ? 1 : 0;
        added_count += is ? 1 : 0;
    }
    qsort(removed, removed_count, STORE_AUTHORED_SIZE, compare_authored);
    qsort(added, added_count, STORE_AUTHORED_SIZE, compare_authored);
    return apply_edit_list(apply, STORE_AUTHOR_PAPERS, pairs[0].owner,
                           base_slice(removed, removed_count * STORE_AUTHORED_SIZE),
                           base_slice(added, added_count * STORE_AUTHORED_SIZE));
}

static enum base_code add_listed(struct apply *apply, const struct apply_paper *paper,
                                 const struct apply_authorship *authors, size_t count)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = apply_add_pair(apply, &apply->authored, authors[i].author, paper->number);
        if (code == BASE_OK) {
            code = apply_add_number(apply, &apply->viewed, authors[i].author);
        }
    }
    return code;
}

static enum base_code change_lists(struct apply *apply)
{
    enum base_code code = BASE_OK;
    size_t count = apply->papers.items.size / sizeof(struct apply_paper *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        const struct apply_paper *paper = ((struct apply_paper **)apply->papers.items.data)[i];
        code = add_listed(apply, paper, paper->authors_before, paper->authors_before_count);
        if (code == BASE_OK) {
            code = add_listed(apply, paper, paper->authors, paper->author_count);
        }
    }
    apply_sort_pairs(&apply->authored);
    const struct apply_pair *pairs = apply->authored.data;
    count = apply->authored.size / sizeof *pairs;
    for (size_t from = 0, end; code == BASE_OK && from < count; from = end) {
        end = from + 1;
        while (end < count && pairs[end].owner == pairs[from].owner) {
            end++;
        }
        code = change_list(apply, pairs + from, end - from);
    }
    return code;
}

/* Authors whose counters follow from papers that were counted anew, and those that changed. */
static enum base_code collect_authors(struct apply *apply)
{
    enum base_code code = BASE_OK;
    const uint32_t *recounts = apply->recounts.data;
    for (size_t i = 0; code == BASE_OK && i < apply->recounts.size / sizeof *recounts; i++) {
        const struct apply_authorship *authors;
        size_t count;
        base_arena_reset(&apply->work);
        code = apply_authors_of(apply, recounts[i], &apply->work, &authors, &count);
        bool shifted = apply_index_find(&apply->papers, recounts[i]) == NULL;
        for (size_t k = 0; code == BASE_OK && k < count; k++) {
            code = apply_add_number(apply, &apply->authors, authors[k].author);
            if (code == BASE_OK && shifted) {
                code = apply_add_pair(apply, &apply->shifted, authors[k].author, recounts[i]);
            }
        }
    }
    for (size_t i = 0; code == BASE_OK && i < apply->entities.size / sizeof(struct apply_entity *);
         i++) {
        const struct apply_entity *entity = ((struct apply_entity **)apply->entities.data)[i];
        if (entity->kind == MODEL_AUTHOR && entity->changed) {
            code = apply_add_number(apply, &apply->viewed, entity->number);
        }
    }
    apply_sort_once(&apply->viewed);
    const uint32_t *viewed = apply->viewed.data;
    for (size_t i = 0; code == BASE_OK && i < apply->viewed.size / sizeof *viewed; i++) {
        code = apply_add_number(apply, &apply->authors, viewed[i]);
    }
    apply_sort_once(&apply->authors);
    return code;
}

/* The engine asks for lists; what goes wrong stands in `code`. */
struct count_pass {
    struct apply *apply;
    enum base_code code;
    struct engine_authored *papers;
    size_t paper_count;
};

static void graph_papers(void *context, uint32_t author, const struct engine_authored **list,
                         size_t *count)
{
    const struct count_pass *pass = context;
    (void)author;
    *list = pass->papers;
    *count = pass->paper_count;
}

static void graph_citers(void *context, uint32_t paper, const struct engine_citer **list,
                         size_t *count)
{
    struct count_pass *pass = context;
    struct apply *apply = pass->apply;
    *list = NULL;
    *count = 0;
    if (pass->code != BASE_OK) {
        return;
    }
    struct base_slice *entries = apply_index_find(&apply->citers, paper);
    if (entries == NULL) {
        if (apply->lists.used > LISTS_KEPT) {
            store_intern_clear(&apply->citers.numbers);
            apply->citers.items.size = 0;
            base_arena_reset(&apply->lists);
        }
        entries = base_arena_alloc(&apply->lists, sizeof *entries);
        pass->code = entries == NULL
                         ? apply_out_of_memory(apply)
                         : apply_read_list(apply, STORE_CITED_BY, paper, &apply->lists, entries);
        if (pass->code == BASE_OK) {
            pass->code = apply_index_put(apply, &apply->citers, paper, entries);
        }
    }
    if (pass->code == BASE_OK) {
        *list = (const struct engine_citer *)(const void *)entries->data;
        *count = entries->size / STORE_CITER_SIZE;
    }
}

static enum base_code read_papers(struct apply *apply, uint32_t author, struct count_pass *pass)
{
    struct base_slice entries;
    enum base_code code =
        apply_read_list(apply, STORE_AUTHOR_PAPERS, author, &apply->work, &entries);
    if (code != BASE_OK) {
        return code;
    }
    pass->paper_count = entries.size / STORE_AUTHORED_SIZE;
    pass->papers = base_arena_array(&apply->work, pass->paper_count, sizeof *pass->papers);
    if (pass->papers == NULL) {
        return apply_out_of_memory(apply);
    }
    for (size_t i = 0; i < pass->paper_count; i++) {
        store_get_authored(entries.data + i * STORE_AUTHORED_SIZE, &pass->papers[i]);
    }
    return BASE_OK;
}

/* The row as the transaction found it. */
struct stored_author {
    bool existed;
    struct store_author author; /* slices in the arena of work */
    struct base_slice runs;
    struct store_unpacked unpacked; /* after unpack_stored */
};

static enum base_code read_stored(struct apply *apply, uint32_t number,
                                  struct stored_author *stored)
{
    struct base_slice row;
    enum base_code code = apply_read_row(apply, STORE_AUTHOR, number, &row);
    *stored = (struct stored_author){0};
    if (code != BASE_OK || row.data == NULL) {
        return code;
    }
    row = base_arena_copy(&apply->work, row);
    if (row.data == NULL) {
        return apply_out_of_memory(apply);
    }
    if (!store_decode_author(row, &stored->author, &stored->runs)) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table author, row %u is malformed; run hirschd verify", number);
    }
    stored->existed = true;
    stored->author.number = number;
    return BASE_OK;
}

static enum base_code unpack_stored(struct apply *apply, struct stored_author *stored)
{
    return stored->existed ? apply_unpack(apply, MODEL_AUTHOR, stored->author.view, &apply->work,
                                          &stored->unpacked)
                           : BASE_OK;
}

static struct store_author_head head_of(const struct apply *apply,
                                        const struct engine_author_numbers *numbers, bool name_only)
{
    return (struct store_author_head){
        .paper_count = numbers->indicators.paper_count,
        .citation_count = numbers->citation_count,
        .citing_paper_count = numbers->citing_paper_count,
        .self_citation_count = numbers->self_citation_count,
        .h_index = numbers->indicators.h_index,
        .g_index = numbers->indicators.g_index,
        .i10_index = numbers->indicators.i10_index,
        .i100_index = numbers->indicators.i100_index,
        .first_year = (uint16_t)numbers->first_year,
        .last_year = (uint16_t)numbers->last_year,
        .name_only = name_only,
        .sequence = apply->sequence,
    };
}

/* The words of the names, when they or their place may be others. view: NULL: as it was. */
static enum base_code note_names(struct apply *apply, uint32_t number, struct stored_author *stored,
                                 uint32_t citations, const struct base_slice *view)
{
    struct store_unpacked now;
    uint32_t before = stored->author.citation_count;
    if (view == NULL && store_citation_bucket(STORE_NAMES, before) ==
                            store_citation_bucket(STORE_NAMES, citations)) {
        return BASE_OK;
    }
    enum base_code code = unpack_stored(apply, stored);
    now = stored->unpacked;
    if (code == BASE_OK && view != NULL) {
        code = apply_unpack(apply, MODEL_AUTHOR, *view, &apply->work, &now);
    }
    return code == BASE_OK ? apply_note_words(apply, STORE_NAMES, number, stored->unpacked.texts,
                                              stored->unpacked.text_count, before, now.texts,
                                              now.text_count, citations)
                           : code;
}

/* view: NULL: as it was. */
static enum base_code write_author(struct apply *apply, uint32_t number,
                                   struct stored_author *stored,
                                   const struct engine_author_numbers *numbers,
                                   const struct base_slice *view, bool name_only)
{
    struct store_author_head head = head_of(apply, numbers, name_only);
    enum base_code code = note_names(apply, number, stored, head.citation_count, view);
    base_buffer_clear(&apply->value);
    store_encode_author(&apply->value, &head, &numbers->series, numbers->runs, numbers->run_count,
                        view == NULL ? stored->author.view : *view);
    if (apply->value.failed) {
        return apply_out_of_memory(apply);
    }
    return code == BASE_OK
               ? apply_write_row(apply, STORE_AUTHOR, number, base_buffer_slice(&apply->value))
               : code;
}

static enum base_code provide_counter(struct apply *apply)
{
    uint32_t end = apply->last[MODEL_PAPER] + 1;
    if (apply->authors_counter != NULL) {
        return BASE_OK;
    }
    size_t size = engine_counter_marks(end) * sizeof *apply->marks;
    void *marks = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (marks == MAP_FAILED) {
        return apply_out_of_memory(apply);
    }
    apply->marks = marks;
    apply->marks_size = size;
    apply->authors_counter = engine_counter_new(end, apply->marks);
    return apply->authors_counter == NULL ? apply_out_of_memory(apply) : BASE_OK;
}

static enum base_code recount(struct apply *apply, uint32_t number, struct count_pass *pass,
                              bool name_only, struct engine_author_numbers *numbers)
{
    const struct engine_graph graph = {pass, apply->last[MODEL_PAPER] + 1, graph_papers,
                                       graph_citers};
    enum base_code code = provide_counter(apply);
    if (code != BASE_OK) {
        return code;
    }
    bool counted = engine_recount_author(apply->authors_counter, &graph, number, !name_only,
                                         model_day_year, numbers);
    return counted ? pass->code : apply_out_of_memory(apply);
}

/* The view stays. */
static enum base_code change_numbers(struct apply *apply, uint32_t number,
                                     struct stored_author *stored)
{
    struct engine_author_numbers numbers;
    struct count_pass pass = {.apply = apply};
    bool name_only = stored->author.name_only;
    enum base_code code;
    if (apply_adjusts(apply, number)) {
        code = apply_adjust(apply, &stored->author, stored->runs, &numbers);
    } else {
        code = read_papers(apply, number, &pass);
        if (code == BASE_OK) {
            code = recount(apply, number, &pass, name_only, &numbers);
        }
    }
    return code == BASE_OK ? write_author(apply, number, stored, &numbers, NULL, name_only) : code;
}

/* The view may be another one, made of all papers. */
static enum base_code change_view(struct apply *apply, uint32_t number,
                                  struct stored_author *stored)
{
    struct engine_author_numbers numbers;
    struct count_pass pass = {.apply = apply};
    struct model_view view;
    struct base_buffer packed = BASE_BUFFER_EMPTY;
    enum base_code code = read_papers(apply, number, &pass);
    if (code == BASE_OK) {
        code = apply_author_view(apply, number, pass.papers, pass.paper_count, &view);
    }
    if (code != BASE_OK) {
        return code;
    }
    apply->packer.author(&view, &packed);
    if (packed.failed) {
        code = apply_out_of_memory(apply);
    } else if (stored->existed && stored->author.name_only == view.name_only &&
               apply_adjusts(apply, number)) {
        code = apply_adjust(apply, &stored->author, stored->runs, &numbers);
    } else {
        code = recount(apply, number, &pass, view.name_only, &numbers);
    }
    if (code == BASE_OK) {
        struct base_slice bytes = base_buffer_slice(&packed);
        code = write_author(apply, number, stored, &numbers, &bytes, view.name_only);
    }
    base_buffer_fini(&packed);
    return code;
}

static enum base_code change_author(struct apply *apply, uint32_t number, bool viewed)
{
    struct stored_author stored;
    base_arena_reset(&apply->work);
    enum base_code code = read_stored(apply, number, &stored);
    bool stays = stored.existed && !viewed;
    if (code == BASE_OK && stored.existed && viewed) {
        code = unpack_stored(apply, &stored);
        if (code == BASE_OK) {
            code = apply_author_view_stays(apply, number, &stored.unpacked, &stays);
        }
    }
    if (code != BASE_OK) {
        return code;
    }
    return stays ? change_numbers(apply, number, &stored) : change_view(apply, number, &stored);
}

static enum base_code drop_author(struct apply *apply, uint32_t number)
{
    struct stored_author stored;
    base_arena_reset(&apply->work);
    enum base_code code = read_stored(apply, number, &stored);
    if (code == BASE_OK) {
        code = unpack_stored(apply, &stored);
    }
    if (code == BASE_OK) {
        code =
            apply_note_words(apply, STORE_NAMES, number, stored.unpacked.texts,
                             stored.unpacked.text_count, stored.author.citation_count, NULL, 0, 0);
    }
    return code == BASE_OK ? apply_drop_row(apply, STORE_AUTHOR, number) : code;
}

enum base_code apply_authors(struct apply *apply)
{
    enum base_code code = change_lists(apply);
    for (size_t i = 0; code == BASE_OK && i < apply->gone.size / sizeof(struct apply_pair); i++) {
        struct apply_pair gone = ((const struct apply_pair *)apply->gone.data)[i];
        if (gone.owner == MODEL_AUTHOR) {
            code = drop_author(apply, gone.item);
        }
    }
    if (code == BASE_OK) {
        code = collect_authors(apply);
    }
    if (code == BASE_OK) {
        code = apply_collect_citing(apply);
    }
    size_t at = 0;
    const uint32_t *viewed = apply->viewed.data;
    size_t viewed_count = apply->viewed.size / sizeof *viewed;
    for (size_t i = 0; code == BASE_OK && i < apply->authors.size / sizeof(uint32_t); i++) {
        uint32_t number = ((const uint32_t *)apply->authors.data)[i];
        while (at < viewed_count && viewed[at] < number) {
            at++;
        }
        if (!apply_has_pair(&apply->gone, MODEL_AUTHOR, number)) {
            code = change_author(apply, number, at < viewed_count && viewed[at] == number);
        }
    }
    return code;
}
