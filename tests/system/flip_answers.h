/* Every answer that a store can give, each as one number: whether a damaged store still says the
 * same. */
#ifndef SYSTEM_FLIP_ANSWERS_H
#define SYSTEM_FLIP_ANSWERS_H

#include "base/buffer.h"
#include "store/store.h"

/* Answers that are no digests. */
enum { ANSWER_NONE = 0, ANSWER_REFUSED = 1, ANSWER_NOT_FOUND = 2, ANSWER_DIGESTS = 16 };

/* What to ask for, taken from the sound store: numbers, ids and words. */
struct flip_questions {
    uint32_t last_paper;
    uint32_t last_author;
    struct base_buffer keys; /* a u16 of size, then the bytes; ids first, then words */
    size_t id_count;
    size_t word_count;
};

enum { FLIP_PER_PAPER = 5, FLIP_PER_AUTHOR = 2, FLIP_OTHERS = 3 };

static inline size_t flip_question_count(const struct flip_questions *questions)
{
    return FLIP_OTHERS + (size_t)FLIP_PER_PAPER * questions->last_paper +
           (size_t)FLIP_PER_AUTHOR * questions->last_author + questions->id_count +
           2 * questions->word_count;
}

void flip_add_key(struct flip_questions *questions, struct base_slice key);

/* One number a question, in their order, each written as soon as it is known. A store that cannot
 * be opened refuses all. */
void flip_answer(const char *directory, uint64_t map_size, const struct flip_questions *questions,
                 volatile uint64_t *answers);

#endif
