/* Ids of authors, papers and institutions: `scheme:value` in one normal form a scheme. */
#ifndef MODEL_ID_H
#define MODEL_ID_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/limits.h"
#include "base/status.h"

/* What an id names; kind, scheme and value together are the key. The numbers are on disk. */
enum model_entity {
    MODEL_AUTHOR = 1,
    MODEL_PAPER = 2,
};

/* number, NAME, "scheme". The number is the rank in the order of ids and is on disk: of an entity's
 * primary ids the one that sorts first by (number, bytes of the value) is its own id. */
#define MODEL_SCHEMES(X)                                                                           \
    X(1, ORCID, "orcid")                                                                           \
    X(2, DOI, "doi")                                                                               \
    X(3, ARXIV, "arxiv")                                                                           \
    X(4, PMID, "pmid")                                                                             \
    X(5, OPENALEX, "openalex")                                                                     \
    X(6, S2, "s2")                                                                                 \
    X(7, ACL, "acl")                                                                               \
    X(8, DBLP, "dblp")                                                                             \
    X(9, BIBCODE, "bibcode")                                                                       \
    X(10, PMCID, "pmcid")                                                                          \
    X(11, MAG, "mag")                                                                              \
    X(12, LOCAL, "local")                                                                          \
    X(13, ROR, "ror")                                                                              \
    X(14, NAME, "name")

enum model_scheme {
    MODEL_NO_SCHEME = 0,
#define MODEL_SCHEME_MEMBER(number, name, text) MODEL_##name = number,
    MODEL_SCHEMES(MODEL_SCHEME_MEMBER)
#undef MODEL_SCHEME_MEMBER
        MODEL_SCHEME_END,
};

/* In normal form. value is borrowed. scheme MODEL_NO_SCHEME: there is no id. */
struct model_id {
    enum model_scheme scheme;
    struct base_slice value;
};

/* Scheme byte, then the value: the order of these bytes is the order of ids. */
enum { MODEL_ID_KEY = 1 + LIMIT_ID_VALUE };
/* Longest `scheme:value` with its NUL. */
enum { MODEL_ID_TEXT = 8 + LIMIT_ID_VALUE + 1 };

/* "doi"; "" for MODEL_NO_SCHEME. */
const char *model_scheme_name(enum model_scheme scheme);

/* doi, arxiv, pmid, pmcid, orcid: claimed by two sources such an id makes them one (design, section
 * 4). */
bool model_scheme_joins(enum model_scheme scheme);

/* May ids of this scheme name that kind of thing? (orcid and name: authors; doi, arxiv, pmid,
 * pmcid, bibcode: papers; ror: neither; openalex by its letter W or A, acl dblp s2 mag local:
 * both.) */
bool model_id_fits(const struct model_id *id, enum model_entity entity);

/* Parses `scheme:value` and brings it into normal form in the arena (design, section 4): doi with
 * its URL prefix removed, percent-decoded, ASCII lower case, 10.48550/arxiv.X becomes arxiv:X;
 * arxiv without version, old ids keep their archive; pmid and mag digits without leading zeros;
 * pmcid PMC…; orcid with hyphens, check digit verified; openalex W… or A…; s2 decimal or 40
 * lower-case hex; ror nine characters; acl dblp bibcode local as given; name folded. Scheme names
 * in any case; also whole URLs of doi, orcid, openalex, pubmed, pmc, ror and arxiv without a scheme
 * before them. What comes out reads as itself. INVALID_ARGUMENT with a sentence that names the text
 * and what is wrong. Never asserts on text. */
enum base_code model_id_parse(struct base_slice text, struct base_arena *arena, struct model_id *id,
                              struct base_error *error);

/* The same for a value whose scheme is known: bare values, and the URLs that sources write
 * (https://doi.org/…, https://openalex.org/W…, https://pubmed.ncbi.nlm.nih.gov/…,
 * https://www.ncbi.nlm.nih.gov/pmc/articles/…, https://orcid.org/…, https://ror.org/…). */
enum base_code model_id_normal(enum model_scheme scheme, struct base_slice value,
                               struct base_arena *arena, struct model_id *id,
                               struct base_error *error);

/* The id `name:<folded>` of an author who has none; false when nothing of the name is left after
 * folding. */
bool model_id_of_name(struct base_slice name, struct base_arena *arena, struct model_id *id);

/* Order by scheme, then bytes of the value. */
int model_id_compare(const struct model_id *a, const struct model_id *b);
bool model_id_equal(const struct model_id *a, const struct model_id *b);

/* Writes `scheme:value` and a NUL, returns the length without it. */
size_t model_id_text(const struct model_id *id, char text[MODEL_ID_TEXT]);

/* Appends the scheme byte and the value; the reverse borrows from key. */
void model_id_append_key(const struct model_id *id, struct base_buffer *buffer);
bool model_id_from_key(struct base_slice key, struct model_id *id);

#endif
