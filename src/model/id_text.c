#include "model/id_text.h"

#include "base/utf8.h"

enum { SHOWN_MAX = 120 };

/* Where ids stand in URLs; a longer front stands before the shorter one that it begins with. */
static const struct url_front {
    enum model_scheme scheme;
    struct base_slice front;
} url_fronts[] = {
    {MODEL_OPENALEX, {"openalex.org/works/", 19}},
    {MODEL_OPENALEX, {"openalex.org/authors/", 21}},
    {MODEL_OPENALEX, {"openalex.org/", 13}},
    {MODEL_OPENALEX, {"api.openalex.org/works/", 23}},
    {MODEL_OPENALEX, {"api.openalex.org/authors/", 25}},
    {MODEL_OPENALEX, {"api.openalex.org/", 17}},
    {MODEL_DOI, {"doi.org/", 8}},
    {MODEL_DOI, {"dx.doi.org/", 11}},
    {MODEL_DOI, {"www.doi.org/", 12}},
    {MODEL_ORCID, {"orcid.org/", 10}},
    {MODEL_ORCID, {"www.orcid.org/", 14}},
    {MODEL_PMID, {"pubmed.ncbi.nlm.nih.gov/", 24}},
    {MODEL_PMID, {"www.ncbi.nlm.nih.gov/pubmed/", 28}},
    {MODEL_PMID, {"ncbi.nlm.nih.gov/pubmed/", 24}},
    {MODEL_PMCID, {"www.ncbi.nlm.nih.gov/pmc/articles/", 34}},
    {MODEL_PMCID, {"ncbi.nlm.nih.gov/pmc/articles/", 30}},
    {MODEL_PMCID, {"pmc.ncbi.nlm.nih.gov/articles/", 30}},
    {MODEL_PMCID, {"europepmc.org/articles/", 23}},
    {MODEL_ROR, {"ror.org/", 8}},
    {MODEL_ARXIV, {"arxiv.org/abs/", 14}},
    {MODEL_ARXIV, {"arxiv.org/pdf/", 14}},
    {MODEL_ARXIV, {"arxiv.org/html/", 15}},
    {MODEL_ARXIV, {"www.arxiv.org/abs/", 18}},
    {MODEL_ARXIV, {"www.arxiv.org/pdf/", 18}},
    {MODEL_ARXIV, {"export.arxiv.org/abs/", 21}},
    {MODEL_ARXIV, {"export.arxiv.org/pdf/", 21}},
};

/* The words that sources put before a bare value. */
static const struct url_front word_fronts[] = {
    {MODEL_DOI, {"doi:", 4}},     {MODEL_ARXIV, {"arxiv:", 6}}, {MODEL_PMID, {"pmid:", 5}},
    {MODEL_PMCID, {"pmcid:", 6}}, {MODEL_ORCID, {"orcid:", 6}},
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct base_slice model_id_trim(struct base_slice text)
{
    while (text.size > 0 && is_blank(text.data[0])) {
        text.data++;
        text.size--;
    }
    while (text.size > 0 && is_blank(text.data[text.size - 1])) {
        text.size--;
    }
    return text;
}

bool model_id_take_prefix(struct base_slice *text, struct base_slice prefix)
{
    if (text->size < prefix.size) {
        return false;
    }
    for (size_t i = 0; i < prefix.size; i++) {
        char c = text->data[i];
        if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != prefix.data[i]) {
            return false;
        }
    }
    text->data += prefix.size;
    text->size -= prefix.size;
    return true;
}

struct base_slice model_id_shown(struct base_slice text)
{
    if (text.size > SHOWN_MAX) {
        text.size = SHOWN_MAX;
    }
    text.size = base_utf8_prefix(text);
    for (size_t i = 0; i < text.size; i++) {
        if ((uint8_t)text.data[i] < 0x20 || text.data[i] == 0x7f) {
            text.size = i;
        }
    }
    return text;
}

/* Takes the URL front of an id of that scheme (of any when it is MODEL_NO_SCHEME) off *text and
 * says whose it was. */
static enum model_scheme take_url_front(struct base_slice *text, enum model_scheme scheme)
{
    struct base_slice rest = *text;
    if (rest.size == 0 || memchr(rest.data, '/', rest.size) == NULL) {
        return MODEL_NO_SCHEME;
    }
    if (!model_id_take_prefix(&rest, BASE_SLICE("https://"))) {
        model_id_take_prefix(&rest, BASE_SLICE("http://"));
    }
    for (size_t i = 0; i < sizeof url_fronts / sizeof url_fronts[0]; i++) {
        if ((scheme == MODEL_NO_SCHEME || scheme == url_fronts[i].scheme) &&
            model_id_take_prefix(&rest, url_fronts[i].front)) {
            *text = rest;
            return url_fronts[i].scheme;
        }
    }
    return MODEL_NO_SCHEME;
}

enum model_scheme model_id_scheme_of_url(struct base_slice text)
{
    return take_url_front(&text, MODEL_NO_SCHEME);
}

/* Where the value in a URL ends: at a query or fragment, and at a slash but for arXiv's. */
static bool ends_value(char c, enum model_scheme scheme)
{
    return c == '?' || c == '#' || (c == '/' && scheme != MODEL_ARXIV);
}

bool model_id_strip(enum model_scheme scheme, struct base_slice *text)
{
    bool url = take_url_front(text, scheme) != MODEL_NO_SCHEME;
    if (url && scheme != MODEL_DOI) {
        /* In a DOI all of them may stand. */
        size_t size = 0;
        while (size < text->size && !ends_value(text->data[size], scheme)) {
            size++;
        }
        text->size = size;
    }
    for (size_t i = 0; !url && i < sizeof word_fronts / sizeof word_fronts[0]; i++) {
        if (word_fronts[i].scheme == scheme) {
            model_id_take_prefix(text, word_fronts[i].front);
        }
    }
    *text = model_id_trim(*text);
    return url;
}
