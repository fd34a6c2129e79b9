/* The shape of a made corpus: who wrote which paper, what cites what, and when. Every answer is a
 * function of seed and number alone, so that a corpus of any size needs no memory and its parts can
 * be made in any order.
 *
 * References follow the copying model (R. Kumar et al., "Stochastic models for the Web graph",
 * FOCS 2000): a paper cites a recent one, or what that one cites, which gives the in-degree a power
 * law with the exponent 1 + 1 / (1 - fresh). Papers belong to labs whose sizes follow a Pareto law;
 * their authors come mostly from the lab, the first members far more often than the others. */
#ifndef SEEDS_SHAPE_H
#define SEEDS_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SHAPE_AUTHORS = 300,     /* of one paper, at most */
    SHAPE_REFERENCES = 2000, /* of one paper, at most */
    SHAPE_BLOCK = 4096,      /* papers whose labs repeat one pattern */
    SHAPE_FIRST_YEAR = 1965,
    SHAPE_YEARS = 61,
};

struct shape {
    uint64_t seed;
    uint32_t papers;
    uint32_t authors;
    double references; /* mean number in a list */
    uint32_t block;
    uint32_t blocks;
    uint32_t members; /* authors a block */
    unsigned half_bits;
    uint16_t lab_start[SHAPE_BLOCK]; /* of each place in a block: its lab's first place */
    uint16_t lab_end[SHAPE_BLOCK];
};

struct shape_reference {
    bool outside; /* a work that the corpus has no record of */
    uint64_t number;
};

/* papers and authors are at least 1. */
void shape_init(struct shape *shape, uint64_t seed, uint32_t papers, uint32_t authors,
                double references);

/* Numbers of the paper's authors, without repeats, first author first. */
uint32_t shape_authors(const struct shape *shape, uint32_t paper, uint32_t authors[SHAPE_AUTHORS]);
/* Without repeats; to papers with smaller numbers only. */
uint32_t shape_references(const struct shape *shape, uint32_t paper,
                          struct shape_reference references[SHAPE_REFERENCES]);
/* Years since the beginning of SHAPE_FIRST_YEAR; never less than that of the paper before. */
double shape_time(const struct shape *shape, uint32_t paper);
/* The same for all papers of a lab. */
uint32_t shape_lab(const struct shape *shape, uint32_t paper);

/* A state for draws that belong to one thing: what says which. */
uint64_t shape_state(const struct shape *shape, uint64_t what, uint64_t number);
uint64_t shape_draw(uint64_t *state);
double shape_unit(uint64_t *state);
uint32_t shape_below(uint64_t *state, uint32_t count);

#endif
