#include "model/fold.h"

#include <utf8proc.h>

#include "base/status.h"
#include "base/utf8.h"

enum {
    /* Code points that one code point may unfold to: U+FDFA gives 18. */
    UNFOLDED_MAX = 64,
    ENCODED_MAX = 4,
    /* Bytes that one sequence of UTF-8 may unfold to: U+FDFA gives 33, the most of all. */
    SEQUENCE_ROOM = 48,
};

static const utf8proc_option_t fold_options =
    UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK | UTF8PROC_IGNORE;

/* Letters that Unicode does not take apart but that people type without their stroke, after case
 * folding; ß is ss by case folding already. */
static const struct {
    utf8proc_int32_t letter;
    char plain[3];
} plain_letters[] = {
    {0xe6, "ae"},  /* æ */
    {0xf0, "d"},   /* ð */
    {0xf8, "o"},   /* ø */
    {0xfe, "th"},  /* þ */
    {0x111, "d"},  /* đ */
    {0x127, "h"},  /* ħ */
    {0x131, "i"},  /* ı */
    {0x142, "l"},  /* ł */
    {0x153, "oe"}, /* œ */
    {0x167, "t"},  /* ŧ */
};

/* What has been folded so far; the caller has made room. */
struct folded {
    char *data;
    size_t room;
    size_t size;
    bool blank; /* a blank waits for a character behind it */
};

static void put_blank(struct folded *folded)
{
    folded->blank = folded->size > 0;
}

static void put_byte(struct folded *folded, char byte)
{
    BASE_ASSERT(folded->room - folded->size >= 2);
    if (folded->blank) {
        folded->data[folded->size++] = ' ';
        folded->blank = false;
    }
    folded->data[folded->size++] = byte;
}

static void put_point(struct folded *folded, utf8proc_int32_t point)
{
    if (point <= 0x20 || point == 0x7f) {
        put_blank(folded);
        return;
    }
    if (point < 0x80) {
        put_byte(folded, (char)point);
        return;
    }
    switch (utf8proc_category(point)) {
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_CC:
        put_blank(folded);
        return;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof plain_letters / sizeof plain_letters[0]; i++) {
        if (plain_letters[i].letter == point) {
            for (const char *c = plain_letters[i].plain; *c != '\0'; c++) {
                put_byte(folded, *c);
            }
            return;
        }
    }
    utf8proc_uint8_t bytes[ENCODED_MAX];
    utf8proc_ssize_t size = utf8proc_encode_char(point, bytes);
    for (utf8proc_ssize_t i = 0; i < size; i++) {
        put_byte(folded, (char)bytes[i]);
    }
}

/* Folds the character at the front of text and returns how many bytes it took; what is no character
 * is a blank. */
static size_t fold_character(struct folded *folded, struct base_slice text)
{
    utf8proc_int32_t point;
    utf8proc_ssize_t taken =
        utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, &point);
    if (taken <= 0) {
        put_blank(folded);
        return 1;
    }
    utf8proc_int32_t points[UNFOLDED_MAX];
    int boundary = 0;
    utf8proc_ssize_t count =
        utf8proc_decompose_char(point, points, UNFOLDED_MAX, fold_options, &boundary);
    for (utf8proc_ssize_t i = 0; i < count && i < UNFOLDED_MAX; i++) {
        put_point(folded, points[i]);
    }
    return (size_t)taken;
}

static size_t fold_ascii(struct folded *folded, struct base_slice text)
{
    size_t at = 0;
    for (; at < text.size && (uint8_t)text.data[at] < 0x80; at++) {
        char c = text.data[at];
        if (c > ' ' && c < 0x7f) {
            put_byte(folded, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
        } else {
            put_blank(folded);
        }
    }
    return at;
}

/* Bytes that folding may need at most: an ASCII byte gives one, a sequence unfolds to many. */
static size_t room_for(struct base_slice text)
{
    size_t room = text.size + 2;
    for (size_t i = 0; i < text.size; i++) {
        if (((uint8_t)text.data[i] & 0xc0) == 0xc0) {
            room += SEQUENCE_ROOM;
        }
    }
    return room;
}

struct base_slice model_fold(struct base_slice text, struct base_arena *arena)
{
    static const struct base_slice failed = {NULL, 0};
    char small[1024];
    size_t room = room_for(text);
    struct folded folded = {small, sizeof small, 0, false};
    if (room > sizeof small) {
        folded.room = room;
        folded.data = base_arena_alloc(arena, room);
        if (folded.data == NULL) {
            return failed;
        }
    }
    for (size_t at = 0; at < text.size;) {
        struct base_slice rest = base_slice(text.data + at, text.size - at);
        at += (uint8_t)rest.data[0] < 0x80 ? fold_ascii(&folded, rest)
                                           : fold_character(&folded, rest);
    }
    struct base_slice result = base_slice(folded.data, folded.size);
    return folded.data == small ? base_arena_copy(arena, result) : result;
}

/* Bytes of the character at the front of text; *word tells whether it belongs to a word. */
static size_t next_character(struct base_slice text, bool *word)
{
    uint8_t lead = (uint8_t)text.data[0];
    if (lead < 0x80) {
        *word = (lead >= '0' && lead <= '9') || (lead >= 'a' && lead <= 'z') ||
                (lead >= 'A' && lead <= 'Z');
        return 1;
    }
    utf8proc_int32_t point;
    utf8proc_ssize_t taken =
        utf8proc_iterate((const utf8proc_uint8_t *)text.data, (utf8proc_ssize_t)text.size, &point);
    if (taken <= 0) {
        *word = false;
        return 1;
    }
    utf8proc_category_t category = utf8proc_category(point);
    *word = category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_NO;
    return (size_t)taken;
}

bool model_fold_token(struct base_slice *folded, struct base_slice *token)
{
    size_t start = 0;
    bool word = false;
    while (start < folded->size) {
        struct base_slice rest = base_slice(folded->data + start, folded->size - start);
        size_t size = next_character(rest, &word);
        if (word) {
            break;
        }
        start += size;
    }
    size_t end = start;
    while (end < folded->size) {
        struct base_slice rest = base_slice(folded->data + end, folded->size - end);
        size_t size = next_character(rest, &word);
        if (!word) {
            break;
        }
        end += size;
    }
    bool found = end > start;
    if (found) {
        *token = base_utf8_cut(base_slice(folded->data + start, end - start), LIMIT_TOKEN);
    }
    folded->data += end;
    folded->size -= end;
    return found;
}
