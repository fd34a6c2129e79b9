/* A sort made for one type and one order, compared in line: quicksort that falls back to heapsort,
 * in place. */
#ifndef STORE_SORT_H
#define STORE_SORT_H

#include <stddef.h>

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
    static void name##_quick(type *items, size_t count, unsigned depth)                            \
    {                                                                                              \
        while (count > 24) {                                                                       \
            if (depth-- == 0) {                                                                    \
                name##_heap(items, count);                                                         \
                return;                                                                            \
            }                                                                                      \
            type *low = &items[0];                                                                 \
            type *middle = &items[count / 2];                                                      \
            type *high = &items[count - 1];                                                        \
            type *pivot_at = middle;                                                               \
            if (less(low, middle) == less(high, middle)) {                                         \
                /* The middle is an end of the three; the one nearer to it is their median. */     \
                pivot_at = less(low, high) == less(low, middle) ? high : low;                      \
            }                                                                                      \
            type pivot = *pivot_at;                                                                \
            size_t left = 0;                                                                       \
            size_t right = count - 1;                                                              \
            for (;;) {                                                                             \
                while (less(&items[left], &pivot)) {                                               \
                    left++;                                                                        \
                }                                                                                  \
                while (less(&pivot, &items[right])) {                                              \
                    right--;                                                                       \
                }                                                                                  \
                if (left >= right) {                                                               \
                    break;                                                                         \
                }                                                                                  \
                type swapped = items[left];                                                        \
                items[left++] = items[right];                                                      \
                items[right--] = swapped;                                                          \
            }                                                                                      \
            size_t split = right + 1;                                                              \
            if (split > count - split) {                                                           \
                name##_quick(items + split, count - split, depth);                                 \
                count = split;                                                                     \
            } else {                                                                               \
                name##_quick(items, split, depth);                                                 \
                items += split;                                                                    \
                count -= split;                                                                    \
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
