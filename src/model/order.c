#include "model/order.h"

#include <stdlib.h>

#include "model/record.h"

static int compare_numbers(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

int model_order_id(const void *a, const void *b)
{
    return model_id_compare(a, b);
}

int model_order_text(const void *a, const void *b)
{
    const struct base_slice *left = a;
    const struct base_slice *right = b;
    return base_slice_compare(*left, *right);
}

int model_order_affiliation(const void *a, const void *b)
{
    const struct model_affiliation *left = a;
    const struct model_affiliation *right = b;
    int order = base_slice_compare(left->name, right->name);
    return order != 0 ? order : base_slice_compare(left->ror, right->ror);
}

static int compare_counts(struct model_count a, struct model_count b)
{
    int order = compare_numbers(a.known, b.known);
    return order != 0 || !a.known ? order : compare_numbers(a.value, b.value);
}

/* Values are finite, and 0.0 has one sign. */
static int compare_scores(struct model_score a, struct model_score b)
{
    int order = compare_numbers(a.known, b.known);
    if (order != 0 || !a.known) {
        return order;
    }
    return a.value < b.value ? -1 : a.value > b.value;
}

int model_order_year(const void *a, const void *b)
{
    const struct model_reported_year *left = a;
    const struct model_reported_year *right = b;
    int order = compare_numbers(left->year, right->year);
    if (order == 0) {
        order = compare_counts(left->paper_count, right->paper_count);
    }
    return order != 0 ? order : compare_counts(left->citation_count, right->citation_count);
}

static int compare_newest(struct model_date a, struct model_date b)
{
    bool a_undated = a.precision == MODEL_NO_DATE;
    bool b_undated = b.precision == MODEL_NO_DATE;
    if (a_undated || b_undated) {
        return compare_numbers(a_undated, b_undated);
    }
    int order = compare_numbers(b.day, a.day);
    return order != 0 ? order : compare_numbers(b.precision, a.precision);
}

int model_order_reported(const void *a, const void *b)
{
    const struct model_reported *left = a;
    const struct model_reported *right = b;
    int order = compare_newest(left->as_of, right->as_of);
    if (order == 0) {
        order = base_slice_compare(left->source, right->source);
    }
    if (order == 0) {
        order = compare_numbers(left->citation_basis, right->citation_basis);
    }
    if (order == 0) {
        order = compare_counts(left->paper_count, right->paper_count);
    }
    if (order == 0) {
        order = compare_counts(left->citation_count, right->citation_count);
    }
    if (order == 0) {
        order = compare_counts(left->h_index, right->h_index);
    }
    if (order == 0) {
        order = compare_counts(left->i10_index, right->i10_index);
    }
    if (order == 0) {
        order = compare_scores(left->novelty, right->novelty);
    }
    if (order == 0) {
        order = compare_scores(left->ai_score, right->ai_score);
    }
    for (size_t i = 0; order == 0 && i < left->year_count && i < right->year_count; i++) {
        order = model_order_year(&left->years[i], &right->years[i]);
    }
    return order != 0 ? order : compare_numbers(left->year_count, right->year_count);
}

bool model_order_holds(const void *items, size_t count, size_t size, model_order order)
{
    const char *item = items;
    for (size_t i = 1; i < count; i++, item += size) {
        if (order(item, item + size) >= 0) {
            return false;
        }
    }
    return true;
}

size_t model_order_sort(void *items, size_t count, size_t size, model_order order)
{
    if (count < 2) {
        return count;
    }
    qsort(items, count, size, order);
    char *data = items;
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (order(data + (kept - 1) * size, data + i * size) != 0) {
            if (kept != i) {
                memcpy(data + kept * size, data + i * size, size);
            }
            kept++;
        }
    }
    return kept;
}
