#include "server/suggest.h"

#include <string.h>

enum { WORD_MOST = 63 };

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: Levenshtein with swaps of neighbours, three rows of its table. */
unsigned server_edit_distance(const char *a, const char *b)
{
    unsigned rows[3][WORD_MOST + 1];
    size_t a_size = strnlen(a, WORD_MOST);
    size_t b_size = strnlen(b, WORD_MOST);
    unsigned *before = rows[0];
    unsigned *above = rows[1];
    unsigned *row = rows[2];
    memset(rows, 0, sizeof rows);
    for (size_t j = 0; j <= b_size; j++) {
        above[j] = (unsigned)j;
    }
    for (size_t i = 1; i <= a_size; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= b_size; j++) {
            unsigned differs = a[i - 1] != b[j - 1];
            row[j] = smaller(smaller(above[j] + 1, row[j - 1] + 1), above[j - 1] + differs);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = smaller(row[j], before[j - 2] + 1);
            }
        }
        unsigned *free_row = before;
        before = above;
        above = row;
        row = free_row;
    }
    return above[b_size];
}

unsigned server_suggest_limit(const char *typed)
{
    unsigned third = (unsigned)strnlen(typed, WORD_MOST) / 3;
    return third < 1 ? 1 : third;
}

void server_suggest(const char *typed, const char *known, const char **best, unsigned *distance)
{
    unsigned now = server_edit_distance(typed, known);
    if (now <= server_suggest_limit(typed) && (*best == NULL || now < *distance)) {
        *best = known;
        *distance = now;
    }
}
