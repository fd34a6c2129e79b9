/* Lines of a made corpus in the native format. Everything in them is invented and says so. */
#ifndef SEEDS_TEXT_H
#define SEEDS_TEXT_H

#include "base/buffer.h"
#include "shape.h"

struct text_options {
    uint32_t affiliations; /* mean number of an author's */
    bool abstracts;        /* 80 words each */
};

void text_author(const struct shape *shape, const struct text_options *options, uint32_t author,
                 struct base_buffer *out);
void text_paper(const struct shape *shape, const struct text_options *options, uint32_t paper,
                struct base_buffer *out);

#endif
