/* "Did you mean …?": the known word that a mistyped one was probably meant to be. */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

/* The candidate, or NULL when none is like it; only the first 48 bytes of a word count. candidates
 * ends with NULL and is borrowed. */
const char *base_suggest(const char *given, const char *const *candidates);

#endif
