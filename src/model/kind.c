#include "model/kind.h"

#include "base/limits.h"
#include "base/utf8.h"

enum { TYPE_MAX = 40, FIELD_MAX = 100, SHOWN_MAX = 120 };

static const struct base_slice kind_names[] = {
#define MODEL_KIND_NAME(number, name, text) [number] = {text, sizeof(text) - 1},
    MODEL_KINDS(MODEL_KIND_NAME)
#undef MODEL_KIND_NAME
};

/* What sources write, in lower case with a hyphen for blanks and underscores: OpenAlex now and in
 * 2023 (which took over Crossref's words), Crossref, DBLP, Semantic Scholar, BibTeX. The frequent
 * ones stand first. What is missing here is OTHER on purpose where the source's word is not a kind
 * of ours (paratext, peer-review, standard, grant). */
static const struct {
    struct base_slice type;
    enum model_kind kind;
} source_types[] = {
#define TYPE(text, kind)                                                                           \
    {                                                                                              \
        {text, sizeof(text) - 1}, MODEL_KIND_##kind                                                \
    }
    TYPE("article", ARTICLE),
    TYPE("journal-article", ARTICLE),
    TYPE("journalarticle", ARTICLE),
    TYPE("proceedings-article", CONFERENCE_PAPER),
    TYPE("inproceedings", CONFERENCE_PAPER),
    TYPE("conference-paper", CONFERENCE_PAPER),
    TYPE("conference", CONFERENCE_PAPER),
    TYPE("preprint", PREPRINT),
    TYPE("posted-content", PREPRINT),
    TYPE("book-chapter", BOOK_CHAPTER),
    TYPE("incollection", BOOK_CHAPTER),
    TYPE("inbook", BOOK_CHAPTER),
    TYPE("book-section", BOOK_CHAPTER),
    TYPE("booksection", BOOK_CHAPTER),
    TYPE("book-part", BOOK_CHAPTER),
    TYPE("book-track", BOOK_CHAPTER),
    TYPE("reference-entry", BOOK_CHAPTER),
    TYPE("book", BOOK),
    TYPE("monograph", BOOK),
    TYPE("edited-book", BOOK),
    TYPE("reference-book", BOOK),
    TYPE("book-set", BOOK),
    TYPE("book-series", BOOK),
    TYPE("proceedings", BOOK),
    TYPE("review", REVIEW),
    TYPE("review-article", REVIEW),
    TYPE("metaanalysis", REVIEW),
    TYPE("meta-analysis", REVIEW),
    TYPE("dissertation", DISSERTATION),
    TYPE("phdthesis", DISSERTATION),
    TYPE("mastersthesis", DISSERTATION),
    TYPE("thesis", DISSERTATION),
    TYPE("report", REPORT),
    TYPE("report-component", REPORT),
    TYPE("report-series", REPORT),
    TYPE("techreport", REPORT),
    TYPE("working-paper", REPORT),
    TYPE("dataset", DATASET),
    TYPE("database", DATASET),
    TYPE("data", DATASET),
    TYPE("software", SOFTWARE),
    TYPE("editorial", EDITORIAL),
    TYPE("letter", LETTER),
    TYPE("lettersandcomments", LETTER),
    TYPE("erratum", ERRATUM),
    TYPE("correction", ERRATUM),
    TYPE("corrigendum", ERRATUM),
#undef TYPE
};

const char *model_kind_name(enum model_kind kind)
{
    return (unsigned)kind < MODEL_KIND_END ? kind_names[kind].data : "";
}

bool model_kind_parse(struct base_slice name, enum model_kind *kind)
{
    for (int i = MODEL_KIND_UNSPECIFIED + 1; i < MODEL_KIND_END; i++) {
        if (base_slice_equal(name, kind_names[i])) {
            *kind = (enum model_kind)i;
            return true;
        }
    }
    return false;
}

enum model_kind model_kind_of_source(struct base_slice type)
{
    char word[TYPE_MAX];
    if (type.size == 0) {
        return MODEL_KIND_UNSPECIFIED;
    }
    if (type.size > sizeof word) {
        return MODEL_KIND_OTHER;
    }
    for (size_t i = 0; i < type.size; i++) {
        char c = type.data[i];
        word[i] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c == ' ' || c == '_' ? '-' : c;
    }
    struct base_slice wanted = base_slice(word, type.size);
    for (size_t i = 0; i < sizeof source_types / sizeof source_types[0]; i++) {
        if (base_slice_equal(wanted, source_types[i].type)) {
            return source_types[i].kind;
        }
    }
    enum model_kind kind;
    return model_kind_parse(wanted, &kind) ? kind : MODEL_KIND_OTHER;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_letter(char c)
{
    return is_lower((char)(c | 0x20));
}

/* `archive` or `archive.CLASS`: letters and hyphens. https://arxiv.org/category_taxonomy */
static bool is_arxiv_category(struct base_slice text)
{
    size_t parts = 1;
    size_t letters = 0;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && parts == 1 && letters > 0) {
            parts++;
            letters = 0;
        } else if (is_letter(c) && (parts == 2 || is_lower(c))) {
            letters++;
        } else if (c != '-' || letters == 0) {
            return false;
        }
    }
    return letters > 0;
}

/* NULL when scheme and code have the form of a field, else what ends the sentence. */
static const char *wrong_field(struct base_slice scheme, struct base_slice code)
{
    if (scheme.size == 0 || code.size == 0) {
        return "has an empty part, write scheme/code";
    }
    for (size_t i = 0; i < scheme.size; i++) {
        if (!is_lower(scheme.data[i]) && (scheme.data[i] < '0' || scheme.data[i] > '9')) {
            return "has a scheme that is not lower-case letters and digits";
        }
    }
    if (scheme.size + 1 + code.size > FIELD_MAX) {
        return "is longer than 100 bytes";
    }
    if (!base_utf8_valid(code) || base_utf8_has_control(code) ||
        memchr(code.data, ' ', code.size) != NULL) {
        return "has a code with blanks or control characters";
    }
    return NULL;
}

static enum base_code refuse(struct base_slice text, const char *wrong, struct base_error *error)
{
    struct base_slice shown = text;
    if (shown.size > SHOWN_MAX) {
        shown.size = SHOWN_MAX;
    }
    shown.size = base_utf8_prefix(shown);
    if (base_utf8_has_control(shown)) {
        shown = BASE_SLICE("?");
    }
    return base_fail(error, BASE_INVALID_ARGUMENT, "field \"%.*s\" %s", BASE_PRINT(shown), wrong);
}

/* What is shown of a field that came without a name. */
static struct base_slice default_name(struct base_slice scheme, struct base_slice code)
{
    const char *dot = memchr(code.data, '.', code.size);
    const char *end = code.data + code.size;
    if (dot == NULL || dot + 1 == end || !base_slice_equal(scheme, BASE_SLICE("arxiv"))) {
        return code;
    }
    return base_slice(dot + 1, (size_t)(end - dot - 1));
}

enum base_code model_field_parse(struct base_slice text, struct base_slice name,
                                 struct base_arena *arena, struct model_field *field,
                                 struct base_error *error)
{
    struct base_slice scheme = BASE_SLICE("arxiv");
    struct base_slice code = text;
    const char *slash = text.size == 0 ? NULL : memchr(text.data, '/', text.size);
    if (slash != NULL) {
        scheme = base_slice(text.data, (size_t)(slash - text.data));
        code = base_slice(slash + 1, text.size - scheme.size - 1);
    } else if (text.size > 0 && !is_arxiv_category(text)) {
        return refuse(text, "is neither scheme/code nor an arXiv category", error);
    }
    const char *wrong = wrong_field(scheme, code);
    if (wrong != NULL) {
        return refuse(text, wrong, error);
    }
    if (name.size > LIMIT_TEXT || !base_utf8_valid(name) || base_utf8_has_control(name)) {
        return refuse(text, "has a name that is too long or no text", error);
    }
    char *id = base_arena_alloc(arena, scheme.size + 1 + code.size + 1);
    struct base_slice shown =
        base_arena_copy(arena, name.size > 0 ? name : default_name(scheme, code));
    if (id == NULL || shown.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for a field");
    }
    size_t size = scheme.size + 1 + code.size;
    memcpy(id, scheme.data, scheme.size);
    id[scheme.size] = '/';
    memcpy(id + scheme.size + 1, code.data, code.size);
    id[size] = '\0';
    *field = (struct model_field){base_slice(id, size), shown};
    return BASE_OK;
}
