/* Kinds of papers and fields of research: closed mappings from what sources write. */
#ifndef MODEL_KIND_H
#define MODEL_KIND_H

#include "base/arena.h"
#include "base/status.h"

/* number, NAME, "native name". Numbers as in hirsch.v1.PaperKind; on disk. */
#define MODEL_KINDS(X)                                                                             \
    X(0, UNSPECIFIED, "")                                                                          \
    X(1, ARTICLE, "article")                                                                       \
    X(2, PREPRINT, "preprint")                                                                     \
    X(3, CONFERENCE_PAPER, "conference-paper")                                                     \
    X(4, REVIEW, "review")                                                                         \
    X(5, BOOK, "book")                                                                             \
    X(6, BOOK_CHAPTER, "book-chapter")                                                             \
    X(7, DISSERTATION, "dissertation")                                                             \
    X(8, REPORT, "report")                                                                         \
    X(9, DATASET, "dataset")                                                                       \
    X(10, SOFTWARE, "software")                                                                    \
    X(11, EDITORIAL, "editorial")                                                                  \
    X(12, LETTER, "letter")                                                                        \
    X(13, ERRATUM, "erratum")                                                                      \
    X(14, OTHER, "other")

enum model_kind {
#define MODEL_KIND_MEMBER(number, name, text) MODEL_KIND_##name = number,
    MODEL_KINDS(MODEL_KIND_MEMBER)
#undef MODEL_KIND_MEMBER
        MODEL_KIND_END,
};

/* "article"; "" for UNSPECIFIED. */
const char *model_kind_name(enum model_kind kind);
/* The native name only: for the native format, where anything else is an error. */
bool model_kind_parse(struct base_slice name, enum model_kind *kind);
/* What a source wrote (Crossref's, OpenAlex's, DBLP's words): one table; OTHER when it has no row,
 * UNSPECIFIED when empty. */
enum model_kind model_kind_of_source(struct base_slice type);

/* `scheme/code` with a display name; id.size 0: no field. Borrowed. */
struct model_field {
    struct base_slice id;
    struct base_slice name;
};

/* From `scheme/code` or a bare arXiv category (`cs.LG`, `hep-th`), which means arxiv. The display
 * name is the part behind the dot (arxiv/cs.LG: LG), else the code, unless name is given.
 * INVALID_ARGUMENT: empty parts, control characters, blanks, more than 100 bytes, a scheme that is
 * not lower-case letters and digits. */
enum base_code model_field_parse(struct base_slice text, struct base_slice name,
                                 struct base_arena *arena, struct model_field *field,
                                 struct base_error *error);

#endif
