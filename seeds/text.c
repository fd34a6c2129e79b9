#include "text.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const given[] = {
    "Ada",   "Amir",   "Anna",  "Aiko",   "Bela",  "Bo",    "Carla", "Chen",  "Dana",  "Dmitri",
    "Elif",  "Emil",   "Esra",  "Fatima", "Felix", "Gita",  "Goran", "Hana",  "Hugo",  "Ines",
    "Ivo",   "Jana",   "Jin",   "Jonas",  "Kaito", "Kira",  "Lars",  "Lea",   "Lin",   "Luca",
    "Mai",   "Marta",  "Mika",  "Milan",  "Nadia", "Nils",  "Noor",  "Olga",  "Oskar", "Pia",
    "Priya", "Rafael", "Rosa",  "Sami",   "Sana",  "Sofia", "Sven",  "Tara",  "Teo",   "Uma",
    "Vera",  "Viktor", "Wanda", "Wei",    "Yara",  "Yusuf", "Zoe",   "Zoltan"};
static const char *const onsets[] = {"b",   "br", "d", "dr", "f", "g", "gr", "h",
                                     "k",   "kl", "l", "m",  "n", "p", "r",  "s",
                                     "sch", "st", "t", "tr", "v", "w", "z"};
static const char *const vowels[] = {"a", "e", "i", "o", "u", "au", "ei"};
static const char *const codas[] = {"ck", "l",  "ld", "ll", "m",  "n", "nd", "ng",
                                    "r",  "rg", "rt", "s",  "ss", "t", "tz"};
static const char *const endings[] = {"", "", "er", "a", "ov", "sen", "ini", "ez", "ska", "man"};
static const char *const adjectives[] = {
    "adaptive",    "approximate", "bounded",    "causal", "compact",          "convex",
    "distributed", "efficient",   "exact",      "fast",   "generative",       "implicit",
    "latent",      "linear",      "local",      "robust", "sample-efficient", "scalable",
    "sparse",      "stochastic",  "structured", "tight",  "unsupervised",     "weak"};
static const char *const nouns[] = {
    "alignment",  "attention",       "clustering", "compression",  "control",  "descent",
    "embeddings", "estimation",      "graphs",     "inference",    "kernels",  "learning",
    "matching",   "models",          "networks",   "optimisation", "planning", "ranking",
    "recovery",   "representations", "retrieval",  "sampling",     "search",   "segmentation",
    "spectra",    "translation"};
static const char *const tails[] = {"",
                                    "",
                                    " under noise",
                                    " at scale",
                                    " with few labels",
                                    " in high dimensions",
                                    " on small devices",
                                    ": a second look",
                                    " without supervision",
                                    " for long documents",
                                    ": limits and methods"};
static const char *const fields[] = {"cs.LG",   "cs.CL",   "cs.CV",  "cs.DB",    "cs.DC",
                                     "math.OC", "stat.ML", "hep-th", "q-bio.NC", "econ.EM"};
static const char *const venues[] = {"Annals of Made Results", "Journal of Examples",
                                     "Letters on Nothing Real", "Proceedings of the Test Society"};
static const char *const departments[] = {"Applied Mathematics",
                                          "Biostatistics",
                                          "Cognitive Science",
                                          "Computer Science",
                                          "Econometrics",
                                          "Electrical Engineering",
                                          "Information Systems",
                                          "Linguistics",
                                          "Neuroscience",
                                          "Physics",
                                          "Statistics and Data Science",
                                          "Theoretical Computer Science"};
static const char *const towns[] = {"Altdorf",    "Brackwater", "Ciudad Nueva", "Dunmore",
                                    "Eastbridge", "Farrowdale", "Grenville",    "Hohenfels"};
static const char *const places[] = {"Institute of Examples", "University of Nowhere", "Made Labs",
                                     "Academy of Tests", "College of Samples"};
static const char *const kinds[] = {
    "article",  "article",          "article",          "article",          "article",
    "article",  "conference-paper", "conference-paper", "conference-paper", "preprint",
    "preprint", "review",           "book-chapter",     "dissertation"};

/* One draw a full expression: the order in which arguments are evaluated is the compiler's own. */
#define PICK(list, state) list[shape_below(state, sizeof list / sizeof list[0])]

enum what { NAME = 16, FAMILY, AUTHOR_LINE, PAPER_LINE, LAB_FIELD };

enum { ABSTRACT_WORDS = 80, DATE = 16 };

/* Numbers and names stand in every line many times: printf would take a third of all the time. */
static void put_number(struct base_buffer *out, uint64_t number)
{
    char digits[20];
    size_t start = sizeof digits;
    do {
        digits[--start] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    base_buffer_append(out, digits + start, sizeof digits - start);
}

/* A well-formed ORCID from a range that is not given out. */
static void put_orcid(struct base_buffer *out, uint64_t number)
{
    char digits[17];
    unsigned total = 0;
    snprintf(digits, sizeof digits, "%015llu", (unsigned long long)(900000000000000 + number));
    for (size_t i = 0; i < 15; i++) {
        total = (total + (unsigned)(digits[i] - '0')) * 2;
    }
    unsigned check = (12 - total % 11) % 11;
    digits[15] = check == 10 ? 'X' : (char)('0' + check);
    base_buffer_append_format(out, "%.4s-%.4s-%.4s-%.4s", digits, digits + 4, digits + 8,
                              digits + 12);
}

/* Of a pool that is smaller than the number of authors: names repeat about as often as real ones.
 */
static void put_family(struct base_buffer *out, const struct shape *shape, uint64_t *state)
{
    uint32_t pool = shape->authors / 8 > 50 ? shape->authors / 8 : 50;
    uint64_t own = shape_state(shape, FAMILY, shape_below(state, pool));
    const char *onset = PICK(onsets, &own);
    const char *vowel = PICK(vowels, &own);
    const char *coda = PICK(codas, &own);
    const char *ending = PICK(endings, &own);
    base_buffer_append_byte(out, (uint8_t)(onset[0] - 'a' + 'A'));
    base_buffer_append_text(out, onset + 1);
    base_buffer_append_text(out, vowel);
    base_buffer_append_text(out, coda);
    base_buffer_append_text(out, ending);
}

struct name {
    const char *given;
    char middle; /* 0: none */
    uint64_t family;
};

static struct name name_of(const struct shape *shape, uint64_t what, uint64_t number)
{
    uint64_t state = shape_state(shape, what, number);
    struct name name = {.given = PICK(given, &state)};
    if (shape_unit(&state) < 0.3) {
        name.middle = (char)('A' + shape_below(&state, 26));
    }
    name.family = state;
    return name;
}

static void put_name(struct base_buffer *out, const struct shape *shape, struct name name)
{
    base_buffer_append_text(out, name.given);
    if (name.middle != 0) {
        base_buffer_append(out, (char[]){' ', name.middle, '.'}, 3);
    }
    base_buffer_append_byte(out, ' ');
    put_family(out, shape, &name.family);
}

static void put_aliases(struct base_buffer *out, const struct shape *shape, struct name name)
{
    uint64_t family = name.family;
    base_buffer_append_format(out, "\"%c. ", name.given[0]);
    put_family(out, shape, &family);
    family = name.family;
    base_buffer_append_text(out, "\",\"");
    put_family(out, shape, &family);
    base_buffer_append_format(out, ", %s\"", name.given);
}

void text_author(const struct shape *shape, const struct text_options *options, uint32_t author,
                 struct base_buffer *out)
{
    uint64_t state = shape_state(shape, AUTHOR_LINE, author);
    struct name name = name_of(shape, NAME, author);
    base_buffer_append_format(out, "{\"type\":\"author\",\"id\":\"local:a%u\"", author);
    if (shape_unit(&state) < 0.5) {
        base_buffer_append_text(out, ",\"ids\":[\"orcid:");
        put_orcid(out, author);
        base_buffer_append_text(out, "\"]");
    }
    base_buffer_append_text(out, ",\"name\":\"");
    put_name(out, shape, name);
    base_buffer_append_text(out, "\",\"aliases\":[");
    put_aliases(out, shape, name);
    base_buffer_append_text(out, "],\"affiliations\":[");
    uint32_t count = shape_below(&state, options->affiliations * 2 + 1);
    uint32_t first = shape_below(&state, sizeof departments / sizeof departments[0]);
    for (uint32_t i = 0; i < count; i++) {
        /* Departments in turn, so that no affiliation stands twice. */
        const char *department =
            departments[(first + i) % (sizeof departments / sizeof departments[0])];
        const char *place = PICK(places, &state);
        const char *town = PICK(towns, &state);
        base_buffer_append_format(out, "%s\"Department of %s, %s, %s\"", i > 0 ? "," : "",
                                  department, place, town);
    }
    base_buffer_append_format(out,
                              "],\"field\":\"%s\",\"source\":\"made\","
                              "\"updated\":\"2026-01-01T00:00:00Z\"}\n",
                              PICK(fields, &state));
}

static void put_date(struct base_buffer *out, const struct shape *shape, uint32_t paper,
                     uint64_t *state)
{
    static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    double time = shape_time(shape, paper);
    double chance = shape_unit(state);
    unsigned year = (unsigned)time;
    year = year < SHAPE_YEARS ? year : SHAPE_YEARS - 1;
    double rest = (time - year) * 12;
    unsigned month = rest < 11 ? (unsigned)rest : 11;
    unsigned day = (unsigned)((rest - month) * days[month]);
    if (chance < 0.01) {
        return;
    }
    base_buffer_append_format(out, "\"date\":\"%u", SHAPE_FIRST_YEAR + year);
    if (chance >= 0.12) {
        base_buffer_append_format(out, "-%02u", month + 1);
    }
    if (chance >= 0.25) {
        base_buffer_append_format(out, "-%02u", day < days[month] ? day + 1 : days[month]);
    }
    base_buffer_append_text(out, "\",");
}

static void put_authors(struct base_buffer *out, const struct shape *shape, uint32_t paper,
                        uint64_t *state)
{
    uint32_t authors[SHAPE_AUTHORS];
    uint32_t count = shape_authors(shape, paper, authors);
    base_buffer_append_text(out, "\"authors\":[");
    for (uint32_t i = 0; i < count; i++) {
        base_buffer_append_text(out, i > 0 ? ",{\"id\":\"local:a" : "{\"id\":\"local:a");
        put_number(out, authors[i]);
        base_buffer_append_text(out, "\",\"name\":\"");
        put_name(out, shape, name_of(shape, NAME, authors[i]));
        base_buffer_append_text(out, "\"}");
    }
    if (shape_unit(state) < 0.05) {
        /* Somebody known by name only. */
        base_buffer_append_text(out, ",{\"name\":\"");
        put_name(out, shape, name_of(shape, NAME, shape_draw(state)));
        base_buffer_append_text(out, "\"}");
    }
    base_buffer_append_text(out, "],");
}

static void put_references(struct base_buffer *out, const struct shape *shape, uint32_t paper)
{
    struct shape_reference references[SHAPE_REFERENCES];
    uint32_t count = shape_references(shape, paper, references);
    base_buffer_append_text(out, "\"references\":[");
    for (uint32_t i = 0; i < count; i++) {
        base_buffer_append_text(out, i > 0 ? "," : "");
        if (references[i].outside) {
            base_buffer_append_text(out, "\"doi:10.5555/outside.");
        } else {
            base_buffer_append_text(out, "\"local:p");
        }
        put_number(out, references[i].number);
        base_buffer_append_byte(out, '"');
    }
    base_buffer_append_text(out, "],");
}

void text_paper(const struct shape *shape, const struct text_options *options, uint32_t paper,
                struct base_buffer *out)
{
    uint64_t state = shape_state(shape, PAPER_LINE, paper);
    uint64_t lab = shape_state(shape, LAB_FIELD, shape_lab(shape, paper));
    const char *adjective = PICK(adjectives, &state);
    base_buffer_append_format(out, "{\"type\":\"paper\",\"id\":\"local:p%u\",", paper);
    if (shape_unit(&state) < 0.8) {
        base_buffer_append_format(out, "\"ids\":[\"doi:10.5555/made.%u\"],", paper);
    }
    const char *first = PICK(nouns, &state);
    const char *second = PICK(nouns, &state);
    base_buffer_append_format(out, "\"title\":\"%c%s %s and %s%s\",", adjective[0] - 'a' + 'A',
                              adjective + 1, first, second, PICK(tails, &state));
    if (options->abstracts) {
        base_buffer_append_text(out, "\"abstract\":\"");
        for (unsigned i = 0; i < ABSTRACT_WORDS; i++) {
            base_buffer_append_text(out, i > 0 ? " " : "");
            base_buffer_append_text(out, PICK(nouns, &state));
        }
        base_buffer_append_text(out, "\",");
    }
    put_date(out, shape, paper, &state);
    const char *kind = PICK(kinds, &state);
    base_buffer_append_format(out, "\"field\":\"%s\",\"kind\":\"%s\",\"venue\":\"%s\",",
                              PICK(fields, &lab), kind, PICK(venues, &state));
    put_authors(out, shape, paper, &state);
    put_references(out, shape, paper);
    base_buffer_append_text(out, "\"source\":\"made\",\"updated\":\"2026-01-01T00:00:00Z\"}\n");
}
