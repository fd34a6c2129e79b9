#include "shape.h"

#include <math.h>
#include <string.h>

enum what { LIST, TARGET, AUTHORS, ROUND, LABS, NOTICE };

enum {
    COPIES = 24, /* papers that one reference may be copied through */
    TRIES = 12,
    NEIGHBOURS = 64,
    LAB_LEAST = 6,
    LAB_MOST = 700,
    BIG_LEAST = 30,
};

/* Fitted; what they are fitted to stands in fit.c. */
static const double growth = 0.08;  /* a year */
static const double fresh = 0.36;   /* share of references that are not copied */
static const double outside = 0.12; /* share of uncopied references to works without a record */
static const double self = 0.16;    /* share of uncopied references looked for among the lab's */
static const double notice_power = 2.7;
static const double lag_years = 3.5; /* median, log-normal */
static const double lag_sigma = 0.9;
static const double list_sigma = 0.7;
static const double team_median = 4.3;
static const double team_sigma = 0.62;
static const double team_big = 0.002; /* share of collaborations */
static const double stranger = 0.15;  /* share of authors from anywhere */
static const double lab_alpha = 0.9;
static const double rank_power = 3.4;

uint64_t shape_draw(uint64_t *state)
{
    uint64_t bits = (*state += UINT64_C(0x9e3779b97f4a7c15));
    bits = (bits ^ (bits >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    bits = (bits ^ (bits >> 27)) * UINT64_C(0x94d049bb133111eb);
    return bits ^ (bits >> 31);
}

double shape_unit(uint64_t *state)
{
    return (double)(shape_draw(state) >> 11) * 0x1p-53;
}

uint32_t shape_below(uint64_t *state, uint32_t count)
{
    return (uint32_t)(((shape_draw(state) >> 32) * count) >> 32);
}

uint64_t shape_state(const struct shape *shape, uint64_t what, uint64_t number)
{
    uint64_t state = shape->seed ^ what * UINT64_C(0xd6e8feb86659fd93);
    return shape_draw(&state) ^ number * UINT64_C(0xa0761d6478bd642f);
}

static double log_normal(uint64_t *state, double median, double sigma)
{
    double radius = sqrt(-2 * log(1 - shape_unit(state)));
    return median * exp(sigma * radius * cos(2 * M_PI * shape_unit(state)));
}

/* A block of places cut into labs of Pareto sizes. */
static void cut_labs(struct shape *shape)
{
    uint64_t state = shape_state(shape, LABS, 0);
    for (uint32_t start = 0; start < shape->block;) {
        double size = LAB_LEAST * pow(1 - shape_unit(&state), -1 / lab_alpha);
        uint32_t end = start + (size < LAB_MOST ? (uint32_t)size : LAB_MOST);
        end = end < shape->block ? end : shape->block;
        for (uint32_t i = start; i < end; i++) {
            shape->lab_start[i] = (uint16_t)start;
            shape->lab_end[i] = (uint16_t)end;
        }
        start = end;
    }
}

void shape_init(struct shape *shape, uint64_t seed, uint32_t papers, uint32_t authors,
                double references)
{
    *shape = (struct shape){
        .seed = seed, .papers = papers, .authors = authors, .references = references};
    shape->block = papers < SHAPE_BLOCK ? papers : SHAPE_BLOCK;
    shape->blocks = (papers - 1) / shape->block + 1;
    shape->members = authors / shape->blocks > 0 ? authors / shape->blocks : 1;
    shape->half_bits = 1;
    while (UINT64_C(1) << (2 * shape->half_bits) < (uint64_t)shape->blocks * shape->block) {
        shape->half_bits++;
    }
    cut_labs(shape);
}

static uint64_t round_key(const struct shape *shape, unsigned round, uint64_t half)
{
    uint64_t state = shape_state(shape, ROUND, (uint64_t)round << 32 | half);
    return shape_draw(&state) & ((UINT64_C(1) << shape->half_bits) - 1);
}

/* Papers and places of labs are the same numbers in another order: a Feistel network, walked along
 * until the number is one of them. */
static uint64_t place_of(const struct shape *shape, uint64_t number)
{
    uint64_t mask = (UINT64_C(1) << shape->half_bits) - 1;
    do {
        uint64_t left = number >> shape->half_bits;
        uint64_t right = number & mask;
        for (unsigned round = 0; round < 4; round++) {
            uint64_t next = left ^ round_key(shape, round, right);
            left = right;
            right = next;
        }
        number = left << shape->half_bits | right;
    } while (number >= (uint64_t)shape->blocks * shape->block);
    return number;
}

static uint64_t paper_of(const struct shape *shape, uint64_t place)
{
    uint64_t mask = (UINT64_C(1) << shape->half_bits) - 1;
    do {
        uint64_t left = place >> shape->half_bits;
        uint64_t right = place & mask;
        for (unsigned round = 4; round-- > 0;) {
            uint64_t before = right ^ round_key(shape, round, left);
            right = left;
            left = before;
        }
        place = left << shape->half_bits | right;
    } while (place >= (uint64_t)shape->blocks * shape->block);
    return place;
}

uint32_t shape_lab(const struct shape *shape, uint32_t paper)
{
    uint64_t place = place_of(shape, paper);
    uint32_t within = (uint32_t)(place % shape->block);
    return (uint32_t)(place - within) + shape->lab_start[within];
}

double shape_time(const struct shape *shape, uint32_t paper)
{
    double share = (paper + 0.5) / shape->papers;
    return log1p(share * expm1(growth * SHAPE_YEARS)) / growth;
}

static uint32_t team_size(uint64_t *state)
{
    if (shape_unit(state) < team_big) {
        return BIG_LEAST + shape_below(state, SHAPE_AUTHORS - BIG_LEAST);
    }
    double size = log_normal(state, team_median, team_sigma);
    return size < 1 ? 1 : size > 100 ? 100 : (uint32_t)(size + 0.5);
}

uint32_t shape_authors(const struct shape *shape, uint32_t paper, uint32_t authors[SHAPE_AUTHORS])
{
    uint64_t state = shape_state(shape, AUTHORS, paper);
    uint64_t place = place_of(shape, paper);
    uint32_t within = (uint32_t)(place % shape->block);
    uint64_t base = place / shape->block * shape->members;
    uint64_t first = (uint64_t)shape->lab_start[within] * shape->members / shape->block;
    uint64_t last = (uint64_t)shape->lab_end[within] * shape->members / shape->block;
    double members = last > first ? (double)(last - first) : 1;
    uint32_t wanted = team_size(&state);
    uint32_t count = 0;
    wanted = wanted < shape->authors ? wanted : shape->authors;
    for (uint32_t tries = 0; count < wanted && tries < 4 * wanted + TRIES; tries++) {
        double unit = shape_unit(&state);
        uint64_t author = base + first + (uint64_t)(members * pow(unit, rank_power));
        if (shape_unit(&state) < stranger || tries > 3 * wanted) {
            author = shape_draw(&state);
        }
        uint32_t number = (uint32_t)(author % shape->authors);
        bool there = false;
        for (uint32_t i = 0; i < count && !there; i++) {
            there = authors[i] == number;
        }
        if (!there) {
            authors[count++] = number;
        }
    }
    return count;
}

static uint32_t list_length(const struct shape *shape, uint32_t paper)
{
    uint64_t state = shape_state(shape, LIST, paper);
    double median = shape->references * exp(-list_sigma * list_sigma / 2);
    double length = log_normal(&state, median, list_sigma);
    return length > SHAPE_REFERENCES ? SHAPE_REFERENCES : (uint32_t)(length + 0.5);
}

/* A paper that is some years older, some being noticed far more than their neighbours in time;
 * false: older than the corpus. */
static bool older(const struct shape *shape, uint32_t paper, uint64_t *state, uint32_t *found)
{
    double time = shape_time(shape, paper) - log_normal(state, lag_years, lag_sigma);
    if (time < 0 || paper == 0) {
        return false;
    }
    double share = expm1(growth * time) / expm1(growth * SHAPE_YEARS);
    uint32_t number = (uint32_t)(share * shape->papers);
    uint32_t first = number / NEIGHBOURS * NEIGHBOURS;
    uint64_t order = shape_state(shape, NOTICE, first);
    uint32_t rank = (uint32_t)(NEIGHBOURS * pow(shape_unit(state), notice_power));
    uint32_t noticed = first + (uint32_t)((rank * 29 + order) % NEIGHBOURS);
    number = noticed < paper ? noticed : number;
    *found = number < paper ? number : paper - 1;
    return true;
}

/* An earlier paper of the same lab that shares an author. */
static bool own(const struct shape *shape, uint32_t paper, uint64_t *state, uint32_t *found)
{
    uint32_t mine[SHAPE_AUTHORS];
    uint32_t theirs[SHAPE_AUTHORS];
    uint32_t count = shape_authors(shape, paper, mine);
    uint64_t place = place_of(shape, paper);
    uint32_t within = (uint32_t)(place % shape->block);
    uint32_t size = (uint32_t)shape->lab_end[within] - shape->lab_start[within];
    for (unsigned tries = 0; tries < TRIES; tries++) {
        uint64_t other = place - within + shape->lab_start[within] + shape_below(state, size);
        uint64_t number = paper_of(shape, other);
        if (number >= paper) {
            continue;
        }
        uint32_t others = shape_authors(shape, (uint32_t)number, theirs);
        for (uint32_t i = 0; i < count; i++) {
            for (uint32_t k = 0; k < others; k++) {
                if (mine[i] == theirs[k]) {
                    *found = (uint32_t)number;
                    return true;
                }
            }
        }
    }
    return false;
}

/* What a reference points to: the same whoever asks, which is what makes copying possible. */
static struct shape_reference target(const struct shape *shape, uint32_t paper, uint32_t reference)
{
    for (unsigned copies = 0;; copies++) {
        uint64_t state = shape_state(shape, TARGET, (uint64_t)paper * SHAPE_REFERENCES + reference);
        double kind = shape_unit(&state);
        uint32_t found;
        if (kind < outside || (kind >= outside + self && !older(shape, paper, &state, &found))) {
            return (struct shape_reference){true, shape_draw(&state) >> 24};
        }
        if (kind < outside + self) {
            if (own(shape, paper, &state, &found)) {
                return (struct shape_reference){false, found};
            }
            if (!older(shape, paper, &state, &found)) {
                return (struct shape_reference){true, shape_draw(&state) >> 24};
            }
        }
        uint32_t list = list_length(shape, found);
        if (shape_unit(&state) < fresh || list == 0 || copies == COPIES) {
            return (struct shape_reference){false, found};
        }
        paper = found;
        reference = shape_below(&state, list);
    }
}

uint32_t shape_references(const struct shape *shape, uint32_t paper,
                          struct shape_reference references[SHAPE_REFERENCES])
{
    enum { SLOTS = 4096 }; /* more than twice as many as references */
    uint16_t slots[SLOTS];
    uint32_t wanted = list_length(shape, paper);
    uint32_t count = 0;
    uint32_t mask = 63;
    while (mask + 1 < 2 * wanted && mask + 1 < SLOTS) {
        mask = 2 * mask + 1;
    }
    memset(slots, 0, (mask + 1) * sizeof slots[0]);
    for (uint32_t i = 0; i < wanted; i++) {
        struct shape_reference one = target(shape, paper, i);
        uint32_t at = (uint32_t)(one.number * UINT64_C(0x9e3779b97f4a7c15) >> 40) & mask;
        while (slots[at] != 0 && (references[slots[at] - 1].number != one.number ||
                                  references[slots[at] - 1].outside != one.outside)) {
            at = (at + 1) & mask;
        }
        if (slots[at] == 0) {
            references[count++] = one;
            slots[at] = (uint16_t)count;
        }
    }
    return count;
}
