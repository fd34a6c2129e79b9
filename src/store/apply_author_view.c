/* Part of step 5: the merged view of an author, from its records or, without any, from its papers.
 */
#include "store/application.h"
#include "store/derivation.h"

/* What a paper says of its field and its own id. */
struct paper_facts {
    struct model_field field;
    struct model_id own;
};

static enum base_code read_facts(struct apply *apply, uint32_t number, struct paper_facts *facts)
{
    const struct apply_paper *paper = apply_index_find(&apply->papers, number);
    struct base_slice row;
    struct store_paper stored;
    struct store_unpacked unpacked;
    if (paper != NULL) {
        *facts = (struct paper_facts){paper->view.paper.field, paper->view.id};
        return BASE_OK;
    }
    enum base_code code = apply_read_row(apply, STORE_PAPER, number, &row);
    if (code == BASE_OK && (row.data == NULL || !store_decode_paper(row, &stored, NULL))) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper has no row %u; run hirschd verify", number);
    }
    if (code == BASE_OK) {
        code = apply_unpack(apply, MODEL_PAPER, stored.view, &apply->work, &unpacked);
    }
    if (code == BASE_OK && unpacked.id_count == 0) {
        return base_fail(apply->error, BASE_DATA_LOSS,
                         "table paper, row %u says no id; run hirschd verify", number);
    }
    if (code == BASE_OK) {
        code = model_id_parse(unpacked.ids[0], &apply->work, &facts->own, apply->error);
    }
    if (code != BASE_OK) {
        return code;
    }
    facts->field.id = base_arena_copy(&apply->work, unpacked.field.id);
    facts->field.name = base_arena_copy(&apply->work, unpacked.field.name);
    return facts->field.id.data == NULL || facts->field.name.data == NULL
               ? apply_out_of_memory(apply)
               : BASE_OK;
}

/* As derive_is_newer: by day, then by own id. */
static bool is_newer(const struct engine_authored *papers, const struct paper_facts *facts,
                     size_t a, size_t b)
{
    uint32_t a_day = papers[a].day == MODEL_NO_DAY ? 0 : papers[a].day + 1;
    uint32_t b_day = papers[b].day == MODEL_NO_DAY ? 0 : papers[b].day + 1;
    return a_day != b_day ? a_day > b_day : model_id_compare(&facts[a].own, &facts[b].own) < 0;
}

/* The mode of the papers' fields, ties to the newest paper's, shown by the name on its newest paper
 * (design, section 4). */
static enum base_code mode_field(struct apply *apply, const struct engine_authored *papers,
                                 size_t paper_count, struct model_field *field)
{
    struct paper_facts *facts = base_arena_array(&apply->work, paper_count, sizeof *facts);
    uint32_t *newest = base_arena_array(&apply->work, paper_count, sizeof *newest);
    uint32_t *uses = base_arena_array(&apply->work, paper_count, sizeof *uses);
    struct store_intern ids;
    size_t best = SIZE_MAX;
    enum base_code code =
        facts == NULL || newest == NULL || uses == NULL ? apply_out_of_memory(apply) : BASE_OK;
    store_intern_init(&ids, &apply->memory);
    for (size_t i = 0; code == BASE_OK && i < paper_count; i++) {
        uint32_t place;
        code = read_facts(apply, papers[i].paper, &facts[i]);
        if (code != BASE_OK || facts[i].field.id.size == 0) {
            continue;
        }
        code = store_intern_number(&ids, facts[i].field.id, &place, apply->error);
        if (code != BASE_OK) {
            continue;
        }
        if (uses[place]++ == 0 || is_newer(papers, facts, i, newest[place])) {
            newest[place] = (uint32_t)i;
        }
    }
    for (uint32_t place = 0; code == BASE_OK && place < ids.count; place++) {
        if (best == SIZE_MAX || uses[place] > uses[best] ||
            (uses[place] == uses[best] && is_newer(papers, facts, newest[place], newest[best]))) {
            best = place;
        }
    }
    if (code == BASE_OK && best != SIZE_MAX) {
        *field = facts[newest[best]].field;
    }
    store_intern_fini(&ids);
    return code;
}

enum base_code apply_paper_view(struct apply *apply, uint32_t number, struct base_arena *arena,
                                struct model_view *view)
{
    const struct apply_paper *paper = apply_index_find(&apply->papers, number);
    if (paper != NULL) {
        *view = paper->view;
        return BASE_OK;
    }
    struct apply_entity *entity;
    const struct model_record **records;
    size_t count;
    enum base_code code = apply_known_entity(apply, MODEL_PAPER, number, &entity);
    if (code == BASE_OK && entity == NULL) {
        return base_fail(apply->error, BASE_DATA_LOSS, "paper %u has no id; run hirschd verify",
                         number);
    }
    if (code == BASE_OK) {
        code = apply_records(apply, entity, arena, &records, &count);
    }
    *view = (struct model_view){.entity = MODEL_PAPER};
    return code == BASE_OK && count > 0 ? model_merge(records, count, arena, view, apply->error)
                                        : code;
}

/* An author without records: name and affiliations as on the newest paper. */
static enum base_code bare_author(struct apply *apply, uint32_t author,
                                  const struct engine_authored *papers, size_t paper_count,
                                  struct model_author_record *record)
{
    *record = (struct model_author_record){0};
    if (paper_count == 0) {
        return BASE_OK;
    }
    size_t newest = 0;
    enum base_code code = BASE_OK;
    struct paper_facts facts[2]; /* of the newest so far, of another */
    for (size_t i = 1; code == BASE_OK && i < paper_count; i++) {
        /* The list is newest first, and what has no day comes last. */
        if (papers[i].day != papers[0].day) {
            break;
        }
        if (i == 1) {
            code = read_facts(apply, papers[0].paper, &facts[0]);
        }
        if (code == BASE_OK) {
            code = read_facts(apply, papers[i].paper, &facts[1]);
        }
        if (code == BASE_OK && model_id_compare(&facts[1].own, &facts[0].own) < 0) {
            facts[0] = facts[1];
            newest = i;
        }
    }
    struct model_view view;
    if (code == BASE_OK) {
        code = apply_paper_view(apply, papers[newest].paper, &apply->work, &view);
    }
    for (size_t i = 0; code == BASE_OK && i < view.paper.author_count; i++) {
        struct model_id id;
        uint32_t number;
        const struct model_authorship *authorship = &view.paper.authors[i];
        if (!derive_author_id(authorship, &apply->work, &id)) {
            continue;
        }
        code = apply_resolve(apply, MODEL_AUTHOR, &id, &number, NULL);
        if (code == BASE_OK && number == author) {
            record->name = authorship->name;
            record->affiliations = authorship->affiliations;
            record->affiliation_count = authorship->affiliation_count;
            return BASE_OK;
        }
    }
    return code;
}

static bool same_field(const struct model_field *a, const struct model_field *b)
{
    return base_slice_equal(a->id, b->id) && base_slice_equal(a->name, b->name);
}

/* Does the paper stand among the author's papers where it stood, with the same field? */
static bool keeps_place(const struct apply_listing *listing)
{
    const struct apply_paper *paper = listing->paper;
    return listing->was && listing->is && paper->before.date.day == paper->now.date.day &&
           model_id_equal(&paper->id_before, &paper->view.id) &&
           same_field(&paper->field_before, &paper->view.paper.field);
}

/* One more paper with the field that most have changes nothing, as does one without. */
static bool keeps_field(const struct apply_listing *listing, const struct model_field *shown)
{
    const struct model_field *now = &listing->paper->view.paper.field;
    if (keeps_place(listing)) {
        return true;
    }
    return (!listing->was || listing->paper->field_before.id.size == 0) &&
           (!listing->is || now->id.size == 0 || same_field(now, shown));
}

static bool same_affiliations(const struct model_affiliation *a, size_t a_count,
                              const struct model_affiliation *b, size_t b_count)
{
    bool same = a_count == b_count;
    for (size_t i = 0; same && i < a_count; i++) {
        same = base_slice_equal(a[i].name, b[i].name) && base_slice_equal(a[i].ror, b[i].ror);
    }
    return same;
}

/* Does the paper call the author what the view shows? Then nothing depends on which of the two is
 * the newer one. */
static bool keeps_name(const struct apply_listing *listing, const struct store_unpacked *shown)
{
    const struct apply_paper *paper = listing->paper;
    if (!listing->is || shown->text_count > 1 || (listing->was && !keeps_place(listing))) {
        return false;
    }
    size_t i = 0;
    while (paper->authors[i].author != listing->author) {
        i++;
    }
    const struct model_authorship *said = &paper->view.paper.authors[paper->authors[i].shown];
    return base_slice_equal(said->name,
                            shown->text_count == 0 ? base_slice(NULL, 0) : shown->texts[0]) &&
           same_affiliations(said->affiliations, said->affiliation_count, shown->affiliations,
                             shown->affiliation_count);
}

/* The own id is a primary one where there is a record. */
static enum base_code has_record(struct apply *apply, const struct store_unpacked *view, bool *has)
{
    struct model_id id;
    struct apply_node *node;
    *has = false;
    if (view->id_count == 0) {
        return BASE_OK;
    }
    enum base_code code = model_id_parse(view->ids[0], &apply->work, &id, apply->error);
    if (code == BASE_OK) {
        code = apply_node_of_id(apply, MODEL_AUTHOR, &id, &node);
    }
    if (code == BASE_OK) {
        *has = apply_has_record(apply, node);
    }
    return code;
}

enum base_code apply_author_view_stays(struct apply *apply, uint32_t author,
                                       const struct store_unpacked *before, bool *stays)
{
    const struct apply_entity *entity = apply_index_find(&apply->writers, author);
    const struct apply_listing *listings;
    size_t count = apply_listings_of(apply, author, &listings);
    bool field = entity == NULL || !entity->changed;
    bool name = true;
    for (size_t i = 0; field && i < count; i++) {
        field = keeps_field(&listings[i], &before->field);
        name = name && keeps_name(&listings[i], before);
    }
    *stays = field && name;
    return field && !name ? has_record(apply, before, stays) : BASE_OK;
}

enum base_code apply_author_view(struct apply *apply, uint32_t author,
                                 const struct engine_authored *papers, size_t paper_count,
                                 struct model_view *view)
{
    struct apply_entity *entity = apply_index_find(&apply->writers, author);
    const struct model_record **records;
    size_t count;
    enum base_code code =
        entity != NULL ? BASE_OK : apply_known_entity(apply, MODEL_AUTHOR, author, &entity);
    if (code == BASE_OK && entity == NULL) {
        return base_fail(apply->error, BASE_DATA_LOSS, "author %u has no id; run hirschd verify",
                         author);
    }
    if (code == BASE_OK) {
        code = apply_records(apply, entity, &apply->work, &records, &count);
    }
    if (code != BASE_OK) {
        return code;
    }
    *view = (struct model_view){.entity = MODEL_AUTHOR};
    code = count > 0 ? model_merge(records, count, &apply->work, view, apply->error)
                     : bare_author(apply, author, papers, paper_count, &view->author);
    if (code == BASE_OK) {
        code = apply_view_ids(apply, entity, &apply->work, view);
    }
    if (code == BASE_OK && view->author.field.id.size == 0) {
        code = mode_field(apply, papers, paper_count, &view->author.field);
    }
    view->name_only = view->id.scheme == MODEL_NAME;
    return code;
}
