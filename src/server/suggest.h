/* "Did you mean …?": the known word that is nearest to a mistyped one. */
#ifndef SERVER_SUGGEST_H
#define SERVER_SUGGEST_H

#include <stddef.h>

/* Letters to insert, delete, replace or swap with a neighbour to make one word of the other;
 * words of up to 63 bytes, beyond that only the first 63 count. */
unsigned server_edit_distance(const char *a, const char *b);

/* A word to be compared in turn: keeps the best in *best (NULL at first) and *distance. */
void server_suggest(const char *typed, const char *known, const char **best, unsigned *distance);

/* The most distance at which a suggestion makes sense: a third of the word, at least 1. */
unsigned server_suggest_limit(const char *typed);

#endif
