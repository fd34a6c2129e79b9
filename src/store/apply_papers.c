/* Step 3: papers as they were and as they are now: views, authors, what they cite. Writes
 * `abstract`, `paper_authors`, `cites` and `days`. */
#include "store/application.h"
#include "store/derivation.h"
#include "store/numbers.h"
#include "store/sort.h"

static inline bool cite_less(const struct apply_cite *a, const struct apply_cite *b)
{
    if (a->cited != b->cited) {
        return a->cited < b->cited;
    }
    return a->date.day != b->date.day ? a->date.day < b->date.day
                                      : a->date.precision > b->date.precision;
}

STORE_SORT_DEFINE(sort_cites, struct apply_cite, cite_less)

/* Marks the papers that cite a number, or those of an author's number, as changed. */
static enum base_code change_namers(struct apply *apply, enum model_entity kind, uint32_t number)
{
    bool is_author = kind == MODEL_AUTHOR;
    size_t size = is_author ? STORE_AUTHORED_SIZE : STORE_CITER_SIZE;
    struct base_slice entries;
    enum base_code code = apply_read_list(apply, is_author ? STORE_AUTHOR_PAPERS : STORE_CITED_BY,
                                          number, &apply->arena, &entries);
    for (size_t at = 0; code == BASE_OK && at + size <= entries.size; at += size) {
        /* Both kinds of entries: day, paper. */
        struct apply_entity *entity;
        code =
            apply_known_entity(apply, MODEL_PAPER, base_get_le32(entries.data + at + 4), &entity);
        if (code == BASE_OK && entity != NULL) {
            entity->changed = true;
            entity->authors_named |= is_author;
        }
    }
    return code;
}

static enum base_code change_all_namers(struct apply *apply)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < apply->moved.size / sizeof(struct apply_pair); i++) {
        struct apply_pair pair = ((const struct apply_pair *)apply->moved.data)[i];
        code = change_namers(apply, (enum model_entity)pair.owner, pair.item);
    }
    return code;
}

static enum base_code out_of(struct apply *apply, const void *memory)
{
    return memory == NULL ? apply_out_of_memory(apply) : BASE_OK;
}

static enum base_code read_authors(struct apply *apply, uint32_t number, struct base_arena *arena,
                                   const struct apply_authorship **authors, size_t *count)
{
    struct base_slice row;
    enum base_code code = apply_read_row(apply, STORE_PAPER_AUTHORS, number, &row);
    size_t listed = row.size / STORE_PAPER_AUTHOR_SIZE;
    if (code != BASE_OK) {
        return code;
    }
    struct apply_authorship *read = base_arena_array(arena, listed, sizeof *read);
    for (size_t i = 0; read != NULL && i < listed; i++) {
        const char *at = row.data + i * STORE_PAPER_AUTHOR_SIZE;
        read[i] = (struct apply_authorship){base_get_le32(at), base_get_le16(at + 4), 0};
    }
    *authors = read;
    *count = listed;
    return out_of(apply, read);
}

enum base_code apply_authors_of(struct apply *apply, uint32_t number, struct base_arena *arena,
                                const struct apply_authorship **authors, size_t *count)
{
    const struct apply_paper *paper = apply_index_find(&apply->papers, number);
    if (paper != NULL) {
        *authors = paper->authors;
        *count = paper->author_count;
        return BASE_OK;
    }
    return read_authors(apply, number, arena, authors, count);
}

/* What the row says of itself; copied, since rows move when others are written. */
static enum base_code note_before(struct apply *apply, struct apply_paper *paper,
                                  const struct store_paper *stored)
{
    struct store_unpacked unpacked;
    paper->years_before = stored->years;
    paper->years_before.packed = base_arena_copy(&apply->arena, stored->years.packed);
    struct base_slice view = base_arena_copy(&apply->arena, stored->view);
    if (view.data == NULL || paper->years_before.packed.data == NULL) {
        return apply_out_of_memory(apply);
    }
    enum base_code code = apply_unpack(apply, MODEL_PAPER, view, &apply->arena, &unpacked);
    if (code != BASE_OK) {
        return code;
    }
    if (unpacked.id_count == 0) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper, row %u says no id; run hirschd verify", paper->number);
    }
    paper->title_before = unpacked.text_count > 0 ? unpacked.texts[0] : base_slice(NULL, 0);
    paper->field_before = unpacked.field;
    return model_id_parse(unpacked.ids[0], &apply->arena, &paper->id_before, apply->error);
}

/* The rows of the number as the transaction found them. */
static enum base_code read_before(struct apply *apply, struct apply_paper *paper)
{
    struct base_slice row;
    struct store_paper stored;
    enum base_code code = apply_read_row(apply, STORE_PAPER, paper->number, &row);
    if (code != BASE_OK || row.data == NULL) {
        return code;
    }
    if (!store_decode_paper(row, &stored, &paper->before)) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper, row %u is malformed; run hirschd verify", paper->number);
    }
    paper->existed = true;
    code = note_before(apply, paper, &stored);
    if (code == BASE_OK) {
        code = read_authors(apply, paper->number, &apply->arena, &paper->authors_before,
                            &paper->authors_before_count);
    }
    struct base_slice cites;
    if (code == BASE_OK) {
        code = apply_read_list(apply, STORE_CITES, paper->number, &apply->arena, &cites);
    }
    if (code != BASE_OK) {
        return code;
    }
    size_t count = cites.size / sizeof(uint32_t);
    uint32_t *numbers = base_arena_array(&apply->arena, count, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < count; i++) {
        numbers[i] = base_get_le32(cites.data + i * sizeof *numbers);
    }
    paper->cites_before = numbers;
    paper->cites_before_count = count;
    return out_of(apply, numbers);
}

static bool has_author(const struct apply_authorship *authors, size_t count, uint32_t author)
{
    for (size_t i = 0; i < count; i++) {
        if (authors[i].author == author) {
            return true;
        }
    }
    return false;
}

/* As derive_authorships: each author counts once, at its first place, and is shown under the own id
 * of what it resolves to. */
static enum base_code find_authors(struct apply *apply, struct apply_paper *paper)
{
    struct model_paper_record *said = &paper->view.paper;
    struct model_authorship *shown =
        base_arena_array(&apply->arena, said->author_count, sizeof *shown);
    struct apply_authorship *authors =
        base_arena_array(&apply->arena, said->author_count, sizeof *authors);
    if (shown == NULL || authors == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t shown_count = 0;
    size_t count = 0;
    for (size_t i = 0; i < said->author_count; i++) {
        struct model_authorship authorship = said->authors[i];
        struct model_id id;
        uint32_t author;
        if (derive_author_id(&authorship, &apply->arena, &id)) {
            enum base_code code = apply_resolve(apply, MODEL_AUTHOR, &id, &author, &authorship.id);
            if (code != BASE_OK) {
                return code;
            }
            if (author == 0 || has_author(authors, count, author)) {
                continue;
            }
            authors[count++] =
                (struct apply_authorship){author, authorship.position, (uint16_t)shown_count};
        }
        shown[shown_count++] = authorship;
    }
    said->authors = shown;
    said->author_count = shown_count;
    paper->authors = authors;
    paper->author_count = count;
    return BASE_OK;
}

/* Citations of a paper while they are found: array of struct apply_cite. */
struct cite_pass {
    struct apply_paper *paper;
    struct store_array *cites;
};

static enum base_code add_cite(struct apply *apply, struct cite_pass *pass,
                               const struct model_id *cited, struct model_date date)
{
    uint32_t number;
    enum base_code code = apply_resolve(apply, MODEL_PAPER, cited, &number, NULL);
    if (code != BASE_OK || number == 0 || number == pass->paper->number) {
        return code;
    }
    struct apply_cite *to = store_array_extend(pass->cites, sizeof *to, apply->error);
    if (to == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    *to = (struct apply_cite){number, date};
    return BASE_OK;
}

static enum base_code add_line(struct apply *apply, struct cite_pass *pass, struct base_slice bytes)
{
    struct model_record record;
    base_arena_reset(&apply->work);
    enum base_code code = model_record_decode(bytes, &apply->work, &record, apply->error);
    return code == BASE_OK ? add_cite(apply, pass, &record.other, record.citation_date) : code;
}

static enum base_code visit_line(struct apply *apply, struct base_slice key,
                                 struct base_slice bytes, void *context)
{
    return apply_change_of(apply, key) != NULL ? BASE_OK : add_line(apply, context, bytes);
}

static enum base_code add_changed_lines(struct apply *apply, struct cite_pass *pass)
{
    const struct apply_change *changes = apply->changes.data;
    const struct apply_pair *lines;
    size_t count = apply_pairs_of(&apply->line_changes, pass->paper->number, &lines);
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = add_line(apply, pass, changes[lines[i].item].after);
    }
    return code;
}

/* The references of the merged view and the citation lines of all its ids; of several dates for one
 * edge the earliest. */
static enum base_code find_cites(struct apply *apply, struct apply_paper *paper,
                                 struct store_array *found)
{
    struct cite_pass pass = {paper, found};
    const struct model_paper_record *said = &paper->view.paper;
    enum base_code code = BASE_OK;
    found->size = 0;
    for (size_t i = 0; code == BASE_OK && i < said->reference_count; i++) {
        code = add_cite(apply, &pass, &said->references[i], MODEL_UNDATED);
    }
    for (size_t i = 0; code == BASE_OK && i < paper->entity->node_count; i++) {
        code = apply_each_line(apply, paper->entity->nodes[i], visit_line, &pass);
    }
    if (code == BASE_OK) {
        code = add_changed_lines(apply, &pass);
    }
    if (code != BASE_OK) {
        return code;
    }
    struct apply_cite *cites = found->data;
    size_t count = found->size / sizeof *cites;
    size_t kept = 0;
    sort_cites(cites, count);
    for (size_t i = 0; i < count; i++) {
        if (kept == 0 || cites[kept - 1].cited != cites[i].cited) {
            cites[kept++] = cites[i];
        }
    }
    struct apply_cite *copy = base_arena_array(&apply->arena, kept, sizeof *copy);
    if (copy != NULL && kept > 0) {
        memcpy(copy, cites, kept * sizeof *copy);
    }
    paper->cites = copy;
    paper->cite_count = kept;
    return out_of(apply, copy);
}

static void note_facts(struct apply_paper *paper)
{
    const struct model_paper_record *said = &paper->view.paper;
    unsigned flags = said->abstract.size > 0 ? STORE_PAPER_ABSTRACT : 0;
    flags |= paper->view.stub ? STORE_PAPER_STUB : 0;
    flags |= said->refereed != MODEL_UNKNOWN ? STORE_PAPER_REFEREE_KNOWN : 0;
    flags |= said->refereed == MODEL_TRUE ? STORE_PAPER_REFEREED : 0;
    flags |= said->retracted == MODEL_TRUE ? STORE_PAPER_RETRACTED : 0;
    flags |= said->authors_truncated ? STORE_PAPER_TRUNCATED : 0;
    paper->now.flags = (uint8_t)flags;
    paper->now.date = said->date.precision == MODEL_NO_DATE ? MODEL_UNDATED : said->date;
    paper->now.reference_count = (uint32_t)paper->cite_count;
    /* As derive_paper: those without id count too. */
    size_t authors = said->author_count;
    paper->now.author_count = (uint16_t)(authors == 0           ? 1
                                         : authors > UINT16_MAX ? UINT16_MAX
                                                                : authors);
}

static enum base_code find_now(struct apply *apply, struct apply_paper *paper,
                               struct store_array *found)
{
    const struct model_record **records;
    size_t count;
    enum base_code code = apply_records(apply, paper->entity, &apply->arena, &records, &count);
    if (code == BASE_OK && count > 0) {
        code = model_merge(records, count, &apply->arena, &paper->view, apply->error);
    }
    if (code == BASE_OK) {
        paper->view.stub = count == 0;
        code = apply_view_ids(apply, paper->entity, &apply->arena, &paper->view);
    }
    if (code == BASE_OK) {
        code = find_authors(apply, paper);
    }
    if (code == BASE_OK) {
        code = find_cites(apply, paper, found);
    }
    if (code == BASE_OK) {
        note_facts(paper);
    }
    return code;
}

static enum base_code write_abstract(struct apply *apply, const struct apply_paper *paper)
{
    bool was = paper->existed && (paper->before.flags & STORE_PAPER_ABSTRACT) != 0;
    if (paper->entity == NULL || paper->view.paper.abstract.size == 0) {
        return was ? apply_drop_row(apply, STORE_ABSTRACT, paper->number) : BASE_OK;
    }
    if (was) {
        struct base_slice row;
        struct base_slice plain;
        base_arena_reset(&apply->work);
        enum base_code code = apply_read_row(apply, STORE_ABSTRACT, paper->number, &row);
        if (code != BASE_OK) {
            return code;
        }
        code = base_decompress(apply->decompressor, row, LIMIT_ABSTRACT, &apply->work, &plain,
                               apply->error);
        if (code == BASE_OK && base_slice_equal(plain, paper->view.paper.abstract)) {
            return BASE_OK;
        }
    }
    base_buffer_clear(&apply->value);
    enum base_code code =
        base_compress(apply->compressor, paper->view.paper.abstract, &apply->value, apply->error);
    return code == BASE_OK ? apply_write_row(apply, STORE_ABSTRACT, paper->number,
                                             base_buffer_slice(&apply->value))
                           : code;
}

static bool same_authors(const struct apply_paper *paper)
{
    if (paper->author_count != paper->authors_before_count) {
        return false;
    }
    for (size_t i = 0; i < paper->author_count; i++) {
        if (paper->authors[i].author != paper->authors_before[i].author ||
            paper->authors[i].position != paper->authors_before[i].position) {
            return false;
        }
    }
    return true;
}

static enum base_code write_authors(struct apply *apply, const struct apply_paper *paper)
{
    if (same_authors(paper)) {
        return BASE_OK;
    }
    if (paper->author_count == 0) {
        return apply_drop_row(apply, STORE_PAPER_AUTHORS, paper->number);
    }
    base_buffer_clear(&apply->value);
    for (size_t i = 0; i < paper->author_count; i++) {
        uint8_t entry[STORE_PAPER_AUTHOR_SIZE];
        base_put_le32(entry, paper->authors[i].author);
        base_put_le16(entry + 4, paper->authors[i].position);
        base_buffer_append(&apply->value, entry, sizeof entry);
    }
    return apply->value.failed ? apply_out_of_memory(apply)
                               : apply_write_row(apply, STORE_PAPER_AUTHORS, paper->number,
                                                 base_buffer_slice(&apply->value));
}

/* Both lists ascend. */
static enum base_code write_cites(struct apply *apply, const struct apply_paper *paper)
{
    size_t most = paper->cite_count + paper->cites_before_count;
    base_arena_reset(&apply->work);
    uint8_t *removed = base_arena_array(&apply->work, most, sizeof(uint32_t));
    uint8_t *added = base_arena_array(&apply->work, most, sizeof(uint32_t));
    if (removed == NULL || added == NULL) {
        return apply_out_of_memory(apply);
    }
    size_t removed_count = 0;
    size_t added_count = 0;
    size_t a = 0;
    size_t b = 0;
    while (a < paper->cites_before_count || b < paper->cite_count) {
        uint32_t was = a < paper->cites_before_count ? paper->cites_before[a] : UINT32_MAX;
        uint32_t is = b < paper->cite_count ? paper->cites[b].cited : UINT32_MAX;
        if (was < is) {
            base_put_le32(removed + 4 * removed_count++, was);
        } else if (is < was) {
            base_put_le32(added + 4 * added_count++, is);
        }
        a += was <= is ? 1 : 0;
        b += is <= was ? 1 : 0;
    }
    apply->meta.info.citation_count += added_count - removed_count;
    return apply_edit_list(apply, STORE_CITES, paper->number,
                           base_slice(removed, 4 * removed_count),
                           base_slice(added, 4 * added_count));
}

static enum base_code count_day(struct apply *apply, uint32_t day, uint32_t more)
{
    struct base_slice row;
    uint8_t value[4];
    if (day == MODEL_NO_DAY) {
        return BASE_OK;
    }
    enum base_code code = apply_read_row(apply, STORE_DAYS, day, &row);
    if (code != BASE_OK) {
        return code;
    }
    uint32_t count = (row.size == 4 ? base_get_le32(row.data) : 0) + more;
    base_put_le32(value, count);
    return count == 0 ? apply_drop_row(apply, STORE_DAYS, day)
                      : apply_write_row(apply, STORE_DAYS, day, base_slice(value, sizeof value));
}

static enum base_code write_day(struct apply *apply, const struct apply_paper *paper)
{
    uint32_t was = paper->existed ? paper->before.date.day : MODEL_NO_DAY;
    uint32_t is = paper->entity != NULL ? paper->now.date.day : MODEL_NO_DAY;
    if (was == is) {
        return BASE_OK;
    }
    enum base_code code = count_day(apply, was, UINT32_MAX);
    return code == BASE_OK ? count_day(apply, is, 1) : code;
}

static enum base_code note_paper(struct apply *apply, uint32_t number, struct apply_entity *entity)
{
    struct apply_paper *paper = base_arena_zalloc(&apply->arena, sizeof *paper);
    if (paper == NULL) {
        return apply_out_of_memory(apply);
    }
    paper->number = number;
    paper->entity = entity;
    paper->now.date = MODEL_UNDATED;
    enum base_code code = apply_index_put(apply, &apply->papers, number, paper);
    return code == BASE_OK ? read_before(apply, paper) : code;
}

static enum base_code note_papers(struct apply *apply)
{
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < apply->gone.size / sizeof(struct apply_pair); i++) {
        struct apply_pair gone = ((const struct apply_pair *)apply->gone.data)[i];
        if (gone.owner == MODEL_PAPER) {
            code = note_paper(apply, gone.item, NULL);
        }
    }
    size_t count = apply->entities.size / sizeof(struct apply_entity *);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct apply_entity *entity = ((struct apply_entity **)apply->entities.data)[i];
        if (entity->kind == MODEL_PAPER && entity->changed) {
            code = note_paper(apply, entity->number, entity);
        }
    }
    return code;
}

/* Which paper each citation line among the changes is of. */
static enum base_code note_lines(struct apply *apply)
{
    const struct apply_change *changes = apply->changes.data;
    size_t count = apply->changes.size / sizeof *changes;
    enum base_code code = BASE_OK;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        struct model_record record;
        uint32_t citing;
        if (changes[i].key.data[0] != MODEL_RECORD_CITATION || changes[i].after.data == NULL) {
            continue;
        }
        base_arena_reset(&apply->work);
        code = model_record_decode(changes[i].after, &apply->work, &record, apply->error);
        if (code == BASE_OK) {
            code = apply_resolve(apply, MODEL_PAPER, &record.id, &citing, NULL);
        }
        if (code == BASE_OK) {
            code = apply_add_pair(apply, &apply->line_changes, citing, (uint32_t)i);
        }
    }
    apply_order_pairs(&apply->line_changes);
    return code;
}

static enum base_code write_paper_parts(struct apply *apply, const struct apply_paper *paper)
{
    enum base_code code = write_abstract(apply, paper);
    if (code == BASE_OK) {
        code = write_authors(apply, paper);
    }
    if (code == BASE_OK) {
        code = write_cites(apply, paper);
    }
    return code == BASE_OK ? write_day(apply, paper) : code;
}

enum base_code apply_papers(struct apply *apply)
{
    struct store_array found;
    store_array_init(&found, &apply->memory);
    enum base_code code = note_lines(apply);
    if (code == BASE_OK) {
        code = change_all_namers(apply);
    }
    if (code == BASE_OK) {
        code = note_papers(apply);
    }
    struct apply_paper **papers = apply->papers.items.data;
    size_t count = apply->papers.items.size / sizeof *papers;
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        if (papers[i]->entity != NULL) {
            papers[i]->authors_named = papers[i]->entity->authors_named;
            code = find_now(apply, papers[i], &found);
        }
    }
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        code = write_paper_parts(apply, papers[i]);
    }
    store_array_fini(&found);
    return code;
}
