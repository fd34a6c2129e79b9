/* The layout of canonical bytes: what the writing and the reading side must agree on. */
#ifndef MODEL_CODEC_H
#define MODEL_CODEC_H

/* A record is its type (1 byte), updated (8 bytes, big-endian), then by type:
 *   SUPPRESS  entity (1 byte), id
 *   MERGE     entity (1 byte), id, other
 *   CITATION  id, other, date
 *   AUTHOR    flags, id, then each part that its flag announces, in the order of the flags
 *   PAPER     the same
 * A number is a varint in its shortest form, a text its length and bytes, an id its scheme (1
 * byte), length and value, a date 4 * day + precision (0: none), a score its 8 bytes little-endian,
 * a list its length and items; a list that is announced is not empty, a text neither. */

enum model_codec_author_flag {
    MODEL_CODEC_AUTHOR_SOURCE = 1 << 0, /* other than the primary id's scheme */
    MODEL_CODEC_AUTHOR_IDS = 1 << 1,
    MODEL_CODEC_AUTHOR_NAME = 1 << 2,
    MODEL_CODEC_AUTHOR_ALIASES = 1 << 3,
    MODEL_CODEC_AUTHOR_AFFILIATIONS = 1 << 4,
    MODEL_CODEC_AUTHOR_FIELD = 1 << 5,
    MODEL_CODEC_AUTHOR_REPORTED = 1 << 6,
    MODEL_CODEC_AUTHOR_ALL = (1 << 7) - 1,
};

enum model_codec_paper_flag {
    MODEL_CODEC_PAPER_SOURCE = 1 << 0,
    MODEL_CODEC_PAPER_IDS = 1 << 1,
    MODEL_CODEC_PAPER_TITLE = 1 << 2,
    MODEL_CODEC_PAPER_ABSTRACT = 1 << 3,
    MODEL_CODEC_PAPER_DATE = 1 << 4,
    MODEL_CODEC_PAPER_FIELD = 1 << 5,
    MODEL_CODEC_PAPER_KIND = 1 << 6,
    MODEL_CODEC_PAPER_VENUE = 1 << 7,
    MODEL_CODEC_PAPER_AUTHORS = 1 << 8,
    MODEL_CODEC_PAPER_AUTHORS_TRUNCATED = 1 << 9, /* nothing follows for it */
    MODEL_CODEC_PAPER_AFFILIATIONS = 1 << 10,
    MODEL_CODEC_PAPER_REFERENCES = 1 << 11,
    MODEL_CODEC_PAPER_REPORTED = 1 << 12,
    MODEL_CODEC_PAPER_REFEREED = 1 << 13,  /* two bits: enum model_tristate */
    MODEL_CODEC_PAPER_RETRACTED = 1 << 15, /* two bits: enum model_tristate */
    MODEL_CODEC_PAPER_ALL = (1 << 17) - 1,
};

enum model_codec_authorship_flag {
    MODEL_CODEC_AUTHORSHIP_ID = 1 << 0,
    MODEL_CODEC_AUTHORSHIP_IDS = 1 << 1,
    MODEL_CODEC_AUTHORSHIP_NAME = 1 << 2,
    MODEL_CODEC_AUTHORSHIP_POSITION = 1 << 3, /* other than the place in the list */
    MODEL_CODEC_AUTHORSHIP_AFFILIATIONS = 1 << 4,
    MODEL_CODEC_AUTHORSHIP_CORRESPONDING = 1 << 5, /* nothing follows for it */
    MODEL_CODEC_AUTHORSHIP_ALL = (1 << 6) - 1,
};

enum model_codec_affiliation_flag {
    MODEL_CODEC_AFFILIATION_NAME = 1 << 0,
    MODEL_CODEC_AFFILIATION_ROR = 1 << 1,
    MODEL_CODEC_AFFILIATION_ALL = (1 << 2) - 1,
};

/* Before the flags' parts stands the source. */
enum model_codec_reported_flag {
    MODEL_CODEC_REPORTED_AS_OF = 1 << 0,
    MODEL_CODEC_REPORTED_PAPERS = 1 << 1,
    MODEL_CODEC_REPORTED_CITATIONS = 1 << 2,
    MODEL_CODEC_REPORTED_H_INDEX = 1 << 3,
    MODEL_CODEC_REPORTED_I10_INDEX = 1 << 4,
    MODEL_CODEC_REPORTED_NOVELTY = 1 << 5,
    MODEL_CODEC_REPORTED_AI_SCORE = 1 << 6,
    MODEL_CODEC_REPORTED_YEARS = 1 << 7,
    MODEL_CODEC_REPORTED_BASIS = 1 << 8, /* two bits: enum model_citation_basis */
    MODEL_CODEC_REPORTED_ALL = (1 << 10) - 1,
};

/* A year of a reported block: 4 * (years after the one before it, the first after 0) + these, then
 * the counts. */
enum model_codec_year_flag {
    MODEL_CODEC_YEAR_PAPERS = 1 << 0,
    MODEL_CODEC_YEAR_CITATIONS = 1 << 1,
    MODEL_CODEC_YEAR_SHIFT = 2,
};

#endif
