#include "base/suggest.h"

#include <stddef.h>
#include <string.h>

enum { NAME_MOST = 48 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions and replacements between the two (Levenshtein 1966), a swap of neighbours
 * counting one. */
static size_t distance(const char *a, const char *b)
{
    size_t rows[3][NAME_MOST + 1];
    size_t length_a = strnlen(a, NAME_MOST);
    size_t length_b = strnlen(b, NAME_MOST);
    for (size_t j = 0; j <= length_b; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= length_a; i++) {
        size_t *now = rows[i % 3];
        const size_t *last = rows[(i + 2) % 3];
        now[0] = i;
        for (size_t j = 1; j <= length_b; j++) {
            size_t change = last[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(change, least(last[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], rows[(i + 1) % 3][j - 2] + 1);
            }
        }
    }
    return rows[length_a % 3][length_b];
}

const char *base_suggest(const char *given, const char *const *candidates)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (; *candidates != NULL; candidates++) {
        size_t length = strlen(given);
        size_t away = length >= 2 && strncmp(given, *candidates, length) == 0
                          ? 1
                          : distance(given, *candidates);
        /* Two wrong letters of three are no likeness. */
        if (away < best_distance && away * 2 <= strlen(*candidates)) {
            best = *candidates;
            best_distance = away;
        }
    }
    return best;
}
