/* A sort made for one type and one order, compared in line: quicksort that falls back to heapsort,
 * in place. It splits without asking the processor to guess what a comparison will say: places of
 * items on the wrong side are gathered by the block, then swapped. A `less` without jumps of its
 * own makes the most of it. */
#ifndef STORE_SORT_H
#define STORE_SORT_H

#include <stddef.h>

/* Blocks are two on the stack of a level; fewer items than the last are sorted by insertion. */
enum { STORE_SORT_BLOCK = 64, STORE_SORT_FEW = 24 };

/* Defines static void name(type *items, size_t count). less(a, b) takes two pointers and tells
 * whether *a comes before *b; it must be a strict order. Not stable: items that compare equal must
 * be interchangeable. */
#define STORE_SORT_DEFINE(name, type, less)                                                        \
    static void name##_sift(type *items, size_t root, size_t count)                                \
    {                                                                                              \
        type held = items[root];                                                                   \
        for (size_t child; (child = 2 * root + 1) < count; root = child) {                         \
            if (child + 1 < count && less(&items[child], &items[child + 1])) {                     \
                child++;                                                                           \
            }                                                                                      \
            if (!less(&held, &items[child])) {                                                     \
                break;                                                                             \
            }                                                                                      \
            items[root] = items[child];                                                            \
        }                                                                                          \
        items[root] = held;                                                                        \
    }                                                                                              \
    static void name##_heap(type *items, size_t count)                                             \
    {                                                                                              \
        for (size_t i = count / 2; i-- > 0;) {                                                     \
            name##_sift(items, i, count);                                                          \
        }                                                                                          \
        for (size_t end = count; end-- > 1;) {                                                     \
            type top = items[0];                                                                   \
            items[0] = items[end];                                                                 \
            items[end] = top;                                                                      \
            name##_sift(items, 0, end);                                                            \
        }                                                                                          \
    }                                                                                              \
    static void name##_insertion(type *items, size_t count)                                        \
    {                                                                                              \
        for (size_t i = 1; i < count; i++) {                                                       \
            type held = items[i];                                                                  \
            size_t at = i;                                                                         \
            while (at > 0 && less(&held, &items[at - 1])) {                                        \
                items[at] = items[at - 1];                                                         \
                at--;                                                                              \
            }                                                                                      \
            items[at] = held;                                                                      \
        }                                                                                          \
    }                                                                                              \
    static type name##_pivot(const type *low, const type *middle, const type *high)                \
    {                                                                                              \
        if (less(low, middle) != less(high, middle)) {                                             \
            return *middle;                                                                        \
        }                                                                                          \
        /* The middle is an end of the three; the one nearer to it is their median. */             \
        return less(low, high) == less(low, middle) ? *high : *low;                                \
    }                                                                                              \
    /* Items less than the pivot to the front; how many they are. */                               \
    static size_t name##_split(type *items, size_t count, const type *pivot)                       \
    {                                                                                              \
        unsigned char low_at[STORE_SORT_BLOCK];                                                    \
        unsigned char high_at[STORE_SORT_BLOCK];                                                   \
        size_t low = 0;      /* those before it are less */                                        \
        size_t high = count; /* those from it on are not */                                        \
        size_t low_from = 0;                                                                       \
        size_t low_left = 0;                                                                       \
        size_t high_from = 0;                                                                      \
        size_t high_left = 0;                                                                      \
        while (high - low > 2 * (size_t)STORE_SORT_BLOCK) {                                        \
            if (low_left == 0) {                                                                   \
                low_from = 0;                                                                      \
                for (size_t i = 0; i < STORE_SORT_BLOCK; i++) {                                    \
                    low_at[low_left] = (unsigned char)i;                                           \
                    low_left += !less(&items[low + i], pivot);                                     \
                }                                                                                  \
            }                                                                                      \
            if (high_left == 0) {                                                                  \
                high_from = 0;                                                                     \
                for (size_t i = 0; i < STORE_SORT_BLOCK; i++) {                                    \
                    high_at[high_left] = (unsigned char)i;                                         \
                    high_left += less(&items[high - 1 - i], pivot);                                \
                }                                                                                  \
            }                                                                                      \
            size_t both = low_left < high_left ? low_left : high_left;                             \
            for (size_t i = 0; i < both; i++) {                                                    \
                type *a = &items[low + low_at[low_from + i]];                                      \
                type *b = &items[high - 1 - high_at[high_from + i]];                               \
                type swapped = *a;                                                                 \
                *a = *b;                                                                           \
                *b = swapped;                                                                      \
            }                                                                                      \
            low_from += both;                                                                      \
            low_left -= both;                                                                      \
            high_from += both;                                                                     \
            high_left -= both;                                                                     \
            low += low_left == 0 ? STORE_SORT_BLOCK : 0;                                           \
            high -= high_left == 0 ? STORE_SORT_BLOCK : 0;                                         \
        }                                                                                          \
        for (size_t i = low; i < high; i++) {                                                      \
            type item = items[i];                                                                  \
            items[i] = items[low];                                                                 \
            items[low] = item;                                                                     \
            low += less(&item, pivot);                                                             \
        }                                                                                          \
        return low;                                                                                \
    }                                                                                              \
    /* None is less than the pivot: those equal to it to the front; how many they are. */          \
    static size_t name##_equal(type *items, size_t count, const type *pivot)                       \
    {                                                                                              \
        size_t equal = 0;                                                                          \
        for (size_t i = 0; i < count; i++) {                                                       \
            type item = items[i];                                                                  \
            items[i] = items[equal];                                                               \
            items[equal] = item;                                                                   \
            equal += !less(pivot, &item);                                                          \
        }                                                                                          \
        return equal;                                                                              \
    }                                                                                              \
    static void name##_quick(type *items, size_t count, unsigned depth)                            \
    {                                                                                              \
        while (count > STORE_SORT_FEW) {                                                           \
            if (depth-- == 0) {                                                                    \
                name##_heap(items, count);                                                         \
                return;                                                                            \
            }                                                                                      \
            type pivot = name##_pivot(&items[0], &items[count / 2], &items[count - 1]);            \
            size_t split = name##_split(items, count, &pivot);                                     \
            size_t from = split;                                                                   \
            if (split < count / 8) {                                                               \
                /* The pivot may be one of many that are equal, and they are in place together. */ \
                from += name##_equal(items + split, count - split, &pivot);                        \
            }                                                                                      \
            if (split > count - from) {                                                            \
                name##_quick(items + from, count - from, depth);                                   \
                count = split;                                                                     \
            } else {                                                                               \
                name##_quick(items, split, depth);                                                 \
                items += from;                                                                     \
                count -= from;                                                                     \
            }                                                                                      \
        }                                                                                          \
        name##_insertion(items, count);                                                            \
    }                                                                                              \
    static void name(type *items, size_t count)                                                    \
    {                                                                                              \
        unsigned depth = 2;                                                                        \
        for (size_t n = count; n > 0; n >>= 1) {                                                   \
            depth += 2;                                                                            \
        }                                                                                          \
        name##_quick(items, count, depth);                                                         \
    }

#endif
