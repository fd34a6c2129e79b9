#include "model/id.h"

#include "base/utf8.h"
#include "model/id_text.h"

/* Longer input is not looked at: three bytes of %XX for each byte of a value, and a URL's front. */
enum { INPUT_MAX = 3 * LIMIT_ID_VALUE + 256 };
enum { DIGITS_MAX = 18 };

/* A value on its way: text is what is left to read, value what came out. */
struct normal {
    struct base_slice text;
    bool url;
    enum model_scheme scheme; /* a DOI of arXiv becomes an arXiv id */
    char value[INPUT_MAX];
    size_t size;
    const char *wrong; /* why it is no id: what ends the sentence */
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static int hex_value(char c)
{
    c = lower(c);
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool all_digits(struct base_slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.data[i])) {
            return false;
        }
    }
    return text.size > 0;
}

static struct base_slice skip(struct base_slice text, size_t size)
{
    return base_slice(text.data + size, text.size - size);
}

/* Digits without leading zeros, behind what already stands in the value. */
static void put_number(struct normal *normal, struct base_slice digits)
{
    if (!all_digits(digits)) {
        normal->wrong = "is not a number";
        return;
    }
    while (digits.size > 0 && digits.data[0] == '0') {
        digits = skip(digits, 1);
    }
    if (digits.size == 0 || digits.size > DIGITS_MAX) {
        normal->wrong = digits.size == 0 ? "is zero" : "has too many digits";
        return;
    }
    memcpy(normal->value + normal->size, digits.data, digits.size);
    normal->size += digits.size;
}

/* Letters and hyphens, the first one a letter, at the front of text. */
static size_t archive_size(struct base_slice text)
{
    size_t size = 0;
    while (size < text.size &&
           (is_lower(lower(text.data[size])) || (text.data[size] == '-' && size > 0))) {
        size++;
    }
    return size;
}

/* Takes `archive/` or `archive.CLASS/`, when it is there, off the front of *text and writes
 * `archive/`, *written bytes; false when letters stand there that are no archive. */
static bool put_archive(struct normal *normal, struct base_slice *text, size_t *written)
{
    size_t archive = archive_size(*text);
    if (archive == 0) {
        return true;
    }
    struct base_slice rest = skip(*text, archive);
    if (rest.size > 0 && rest.data[0] == '.') {
        rest = skip(rest, 1);
        size_t subject = archive_size(rest);
        if (subject == 0) {
            return false;
        }
        rest = skip(rest, subject);
    }
    if (rest.size == 0 || rest.data[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < archive; i++) {
        normal->value[i] = lower(text->data[i]);
    }
    normal->value[archive] = '/';
    *written = archive + 1;
    *text = skip(rest, 1);
    return true;
}

/* The archive and number of an arXiv id, of either age: 2104.12345, hep-th/9901001; false when the
 * shape is another. https://info.arxiv.org/help/arxiv_identifier.html */
static bool put_arxiv(struct normal *normal, struct base_slice text)
{
    struct base_slice number = text;
    size_t archive = 0;
    if (!put_archive(normal, &number, &archive)) {
        return false;
    }
    size_t version = number.size;
    while (version > 0 && is_digit(number.data[version - 1])) {
        version--;
    }
    if (version > 1 && version < number.size && lower(number.data[version - 1]) == 'v') {
        number.size = version - 1;
    }
    bool shaped = archive > 0
                      ? number.size == 7 && all_digits(number)
                      : (number.size == 9 || number.size == 10) && number.data[4] == '.' &&
                            all_digits(base_slice(number.data, 4)) && all_digits(skip(number, 5));
    if (!shaped) {
        return false;
    }
    int month = (number.data[2] - '0') * 10 + number.data[3] - '0';
    if (month < 1 || month > 12) {
        return false;
    }
    memcpy(normal->value + archive, number.data, number.size);
    normal->size = archive + number.size;
    normal->scheme = MODEL_ARXIV;
    return true;
}

static void normal_arxiv(struct normal *normal)
{
    struct base_slice text = normal->text;
    if (normal->url) {
        const struct base_slice pdf = BASE_SLICE(".pdf");
        if (text.size > pdf.size && base_slice_equal(skip(text, text.size - pdf.size), pdf)) {
            text.size -= pdf.size;
        }
    }
    if (!put_arxiv(normal, text)) {
        normal->wrong = "is not of the form 2104.12345 or hep-th/9901001";
    }
}

static void normal_doi(struct normal *normal)
{
    struct base_slice text = normal->text;
    for (size_t i = 0; i < text.size; i++) {
        normal->value[normal->size++] = lower(text.data[i]);
        /* What decoding puts together is decoded too (%2541): a normal form has no %XX left that a
         * second reading of what we wrote would decode. */
        while (normal->size >= 3 && normal->value[normal->size - 3] == '%') {
            int high = hex_value(normal->value[normal->size - 2]);
            int low = hex_value(normal->value[normal->size - 1]);
            if (high < 0 || low < 0) {
                break;
            }
            normal->size -= 3;
            normal->value[normal->size++] = lower((char)(high * 16 + low));
        }
    }
    while (normal->size > 0 && normal->value[normal->size - 1] == ' ') {
        normal->size--;
    }
    struct base_slice value = base_slice(normal->value, normal->size);
    const char *slash = value.size == 0 ? NULL : memchr(value.data, '/', value.size);
    if (value.size < 5 || memcmp(value.data, "10.", 3) != 0 || !is_digit(value.data[3]) ||
        slash == NULL || slash + 1 == value.data + value.size) {
        normal->wrong = "is not of the form 10.1000/182";
        return;
    }
    struct base_slice arxiv = value;
    if (model_id_take_prefix(&arxiv, BASE_SLICE("10.48550/arxiv."))) {
        char copy[INPUT_MAX];
        memcpy(copy, arxiv.data, arxiv.size);
        struct normal other = {.text = base_slice(copy, arxiv.size)};
        if (put_arxiv(&other, other.text)) {
            memcpy(normal->value, other.value, other.size);
            normal->size = other.size;
            normal->scheme = MODEL_ARXIV;
        }
    }
}

/* ISO 7064, MOD 11-2; https://support.orcid.org/hc/en-us/articles/360006897674 */
static char orcid_check_digit(const char *digits)
{
    int total = 0;
    for (int i = 0; i < 15; i++) {
        total = (total + digits[i] - '0') * 2;
    }
    int result = (12 - total % 11) % 11;
    return result == 10 ? 'X' : (char)('0' + result);
}

static void normal_orcid(struct normal *normal)
{
    struct base_slice text = normal->text;
    char digits[16];
    size_t count = 0;
    bool shaped = text.size == 16 || text.size == 19;
    for (size_t i = 0; shaped && i < text.size; i++) {
        if (text.size == 19 && (i == 4 || i == 9 || i == 14)) {
            shaped = text.data[i] == '-';
            continue;
        }
        char c = upper(text.data[i]);
        shaped = is_digit(c) || (c == 'X' && count == 15);
        digits[count++] = c;
    }
    if (!shaped) {
        normal->wrong = "is not of the form 0000-0002-1825-0097";
        return;
    }
    if (digits[15] != orcid_check_digit(digits)) {
        normal->wrong = "has a wrong check digit";
        return;
    }
    for (size_t i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0) {
            normal->value[normal->size++] = '-';
        }
        normal->value[normal->size++] = digits[i];
    }
}

static void normal_openalex(struct normal *normal)
{
    char letter = normal->text.size > 0 ? upper(normal->text.data[0]) : '\0';
    if (letter != 'W' && letter != 'A') {
        normal->wrong = "does not begin with W (papers) or A (authors)";
        return;
    }
    normal->value[normal->size++] = letter;
    put_number(normal, skip(normal->text, 1));
}

static void normal_pmcid(struct normal *normal)
{
    struct base_slice digits = normal->text;
    model_id_take_prefix(&digits, BASE_SLICE("pmc"));
    memcpy(normal->value, "PMC", 3);
    normal->size = 3;
    put_number(normal, digits);
}

static void normal_s2(struct normal *normal)
{
    struct base_slice text = normal->text;
    if (text.size != 40) {
        put_number(normal, text);
        return;
    }
    for (size_t i = 0; i < text.size; i++) {
        if (hex_value(text.data[i]) < 0) {
            normal->wrong = "is neither a number nor 40 hexadecimal digits";
            return;
        }
        normal->value[normal->size++] = lower(text.data[i]);
    }
}

static void normal_ror(struct normal *normal)
{
    struct base_slice text = normal->text;
    bool shaped = text.size == 9 && text.data[0] == '0';
    for (size_t i = 0; shaped && i < text.size; i++) {
        char c = lower(text.data[i]);
        /* Crockford's base 32 leaves out i, l, o and u. */
        shaped = is_digit(c) || (i < 7 && is_lower(c) && strchr("ilou", c) == NULL);
        normal->value[normal->size++] = c;
    }
    if (!shaped) {
        normal->wrong = "is not of the form 05ppvf150";
    }
}

static void normal_as_given(struct normal *normal)
{
    memcpy(normal->value, normal->text.data, normal->text.size);
    normal->size = normal->text.size;
}

static void apply_rule(struct normal *normal)
{
    switch (normal->scheme) {
    case MODEL_DOI:
        normal_doi(normal);
        break;
    case MODEL_ARXIV:
        normal_arxiv(normal);
        break;
    case MODEL_ORCID:
        normal_orcid(normal);
        break;
    case MODEL_OPENALEX:
        normal_openalex(normal);
        break;
    case MODEL_PMID:
    case MODEL_MAG:
        put_number(normal, normal->text);
        break;
    case MODEL_PMCID:
        normal_pmcid(normal);
        break;
    case MODEL_S2:
        normal_s2(normal);
        break;
    case MODEL_ROR:
        normal_ror(normal);
        break;
    default:
        normal_as_given(normal);
        break;
    }
}

static enum base_code refuse(enum model_scheme scheme, struct base_slice value, const char *wrong,
                             struct base_error *error)
{
    struct base_slice shown = model_id_shown(value);
    return base_fail(error, BASE_INVALID_ARGUMENT, "id \"%s:%.*s%s\" %s", model_scheme_name(scheme),
                     BASE_PRINT(shown), shown.size < value.size ? "…" : "", wrong);
}

static enum base_code keep(enum model_scheme scheme, struct base_slice value,
                           struct base_arena *arena, struct model_id *id, struct base_error *error)
{
    struct base_slice copy = base_arena_copy(arena, value);
    if (copy.data == NULL) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory for an id");
    }
    *id = (struct model_id){scheme, copy};
    return BASE_OK;
}

/* Most ids of an import are references written as https://openalex.org/W…: the value of one that is
 * in normal form behind its front. */
static bool plain_openalex(struct base_slice text, struct base_slice *value)
{
    const struct base_slice front = BASE_SLICE("https://openalex.org/");
    *value = base_slice_starts(text, front) ? skip(text, front.size) : text;
    return value->size >= 2 && value->size <= 1 + DIGITS_MAX && value->data[1] != '0' &&
           (value->data[0] == 'W' || value->data[0] == 'A') && all_digits(skip(*value, 1));
}

static bool plain_orcid(struct base_slice text)
{
    char digits[16];
    size_t count = 0;
    if (text.size != 19 || text.data[4] != '-' || text.data[9] != '-' || text.data[14] != '-') {
        return false;
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (is_digit(c) || (c == 'X' && i == 18)) {
            digits[count++] = c;
        } else if (c != '-' || i % 5 != 4) {
            return false;
        }
    }
    return count == 16 && digits[15] == orcid_check_digit(digits);
}

/* Eight bytes at a time: is everything between '!' and '~'? */
static bool all_graphic(struct base_slice text)
{
    static const uint64_t ones = UINT64_C(0x0101010101010101);
    size_t i = 0;
    for (; text.size - i >= sizeof(uint64_t); i += sizeof(uint64_t)) {
        uint64_t word = base_get_le64(text.data + i);
        /* With the top bits clear no byte carries into the next: above '~' sets the top bit, and
         * '!' or more does when as much as is missing is added. */
        if (((word | (word + ones)) & (ones * 0x80)) != 0 ||
            ((word + ones * (0x80 - '!')) & (ones * 0x80)) != ones * 0x80) {
            return false;
        }
    }
    for (; i < text.size; i++) {
        if (text.data[i] < '!' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

/* What programs ask for is nearly always in normal form: true when that is plain to see, with the
 * value. All else takes the long way. */
static bool is_plain(enum model_scheme scheme, struct base_slice text, struct base_slice *value)
{
    *value = text;
    switch (scheme) {
    case MODEL_OPENALEX:
        return plain_openalex(text, value);
    case MODEL_ORCID:
        return plain_orcid(text);
    case MODEL_ACL:
    case MODEL_DBLP:
    case MODEL_BIBCODE:
    case MODEL_LOCAL:
        return text.size <= LIMIT_ID_VALUE && all_graphic(text);
    default:
        return false;
    }
}

enum base_code model_id_normal(enum model_scheme scheme, struct base_slice value,
                               struct base_arena *arena, struct model_id *id,
                               struct base_error *error)
{
    BASE_ASSERT(scheme > MODEL_NO_SCHEME && scheme < MODEL_SCHEME_END);
    struct base_slice trimmed = model_id_trim(value);
    if (trimmed.size == 0) {
        return refuse(scheme, trimmed, "is empty", error);
    }
    if (scheme == MODEL_NAME) {
        if (trimmed.size > LIMIT_TEXT) {
            return refuse(scheme, trimmed, "is too long", error);
        }
        if (!base_utf8_valid(trimmed) || base_utf8_has_control(trimmed)) {
            return refuse(scheme, trimmed, "is not text", error);
        }
        if (!model_id_of_name(trimmed, arena, id)) {
            return refuse(scheme, trimmed, "holds no name", error);
        }
        return BASE_OK;
    }
    if (trimmed.size > INPUT_MAX) {
        return refuse(scheme, trimmed, "is too long, at most 400 bytes", error);
    }
    struct base_slice plain;
    if (is_plain(scheme, trimmed, &plain)) {
        return keep(scheme, plain, arena, id, error);
    }
    struct normal normal;
    normal.text = trimmed;
    normal.scheme = scheme;
    normal.size = 0;
    normal.wrong = NULL;
    normal.url = model_id_strip(scheme, &normal.text);
    apply_rule(&normal);
    struct base_slice result = base_slice(normal.value, normal.size);
    if (normal.wrong == NULL && (result.size == 0 || result.size > LIMIT_ID_VALUE)) {
        normal.wrong = result.size == 0 ? "is empty" : "is too long, at most 400 bytes";
    }
    if (normal.wrong == NULL && !base_utf8_valid(result)) {
        normal.wrong = "is not UTF-8";
    }
    if (normal.wrong == NULL && base_utf8_has_control(result)) {
        normal.wrong = "holds control characters";
    }
    if (normal.wrong != NULL) {
        return refuse(scheme, trimmed, normal.wrong, error);
    }
    return keep(normal.scheme, result, arena, id, error);
}
