/* Part of step 5: the field of an author who names none. */
#include "store/derivation.h"

/* The fields of an author's papers, for the mode. */
struct field_use {
    uint32_t field; /* number in `fields` */
    uint32_t paper;
};

static struct base_slice field_id(const struct derivation *derivation, uint32_t field)
{
    struct base_slice text = store_intern_text(&derivation->fields, field);
    return base_slice(text.data, strlen(text.data));
}

/* Papers of one field together, each group's newest first. */
static int use_compare(const struct derivation *derivation, const struct field_use *a,
                       const struct field_use *b)
{
    int order = a->field == b->field ? 0
                                     : base_slice_compare(field_id(derivation, a->field),
                                                          field_id(derivation, b->field));
    if (order != 0 || a->paper == b->paper) {
        return order;
    }
    return derive_is_newer(derivation, a->paper, b->paper) ? -1 : 1;
}

/* A merge sort: the order needs the derivation, which the sorts of sort.h do not pass on. */
static void sort_uses(const struct derivation *derivation, struct field_use *uses, size_t count,
                      struct field_use *work)
{
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t from = 0; from < count; from += 2 * width) {
            size_t middle = from + width < count ? from + width : count;
            size_t end = from + 2 * width < count ? from + 2 * width : count;
            size_t a = from;
            size_t b = middle;
            for (size_t to = from; to < end; to++) {
                bool left =
                    a < middle && (b == end || use_compare(derivation, &uses[a], &uses[b]) <= 0);
                work[to] = left ? uses[a++] : uses[b++];
            }
        }
        memcpy(uses, work, count * sizeof *uses);
    }
}

/* The mode of the papers' fields, ties to the field of the newest paper (design, section 4); shown
 * by the name on its newest paper. */
enum base_code derive_mode_field(struct derivation *derivation, struct store_array *work,
                                 const struct engine_authored *papers, size_t paper_count,
                                 struct model_field *field)
{
    const struct derive_paper *facts = derivation->paper_facts.data;
    enum base_code code =
        store_array_resize(work, 2 * paper_count * sizeof(struct field_use), derivation->error);
    if (code != BASE_OK) {
        return code;
    }
    struct field_use *uses = work->data;
    size_t count = 0;
    for (size_t i = 0; i < paper_count; i++) {
        uint32_t used = facts[papers[i].paper].field;
        if (used != 0) {
            uses[count++] = (struct field_use){used - 1, papers[i].paper};
        }
    }
    sort_uses(derivation, uses, count, uses + paper_count);
    size_t best = 0;
    size_t best_count = 0;
    for (size_t from = 0, end; from < count; from = end) {
        end = from + 1;
        while (end < count && (uses[end].field == uses[from].field ||
                               base_slice_equal(field_id(derivation, uses[end].field),
                                                field_id(derivation, uses[from].field)))) {
            end++;
        }
        if (end - from > best_count ||
            (end - from == best_count &&
             derive_is_newer(derivation, uses[from].paper, uses[best].paper))) {
            best = from;
            best_count = end - from;
        }
    }
    if (best_count > 0) {
        struct base_slice text = store_intern_text(&derivation->fields, uses[best].field);
        field->id = field_id(derivation, uses[best].field);
        field->name = base_slice(text.data + field->id.size + 1, text.size - field->id.size - 1);
    }
    return BASE_OK;
}
