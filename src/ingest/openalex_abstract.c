#include "ingest/openalex_parts.h"

/* A word takes at least a letter and a blank, so no abstract within its limit has more positions.
 */
enum { POSITIONS_MOST = LIMIT_ABSTRACT / 2 };

/* Of 2022: {"IndexLength": 120, "InvertedIndex": {…}}. As a word, "InvertedIndex" would have an
 * array of positions. */
static struct json_value unwrap(struct json_value index)
{
    struct json_value inner;
    if (json_find(index, BASE_SLICE("InvertedIndex"), &inner) && json_type(inner) == JSON_OBJECT) {
        return inner;
    }
    return index;
}

/* Words by their positions. */
struct places {
    struct base_slice *words; /* room of them, of size 0 where no word is */
    size_t room;
    size_t count; /* one more than the greatest position */
    size_t size;  /* bytes that all words and a blank behind each need */
    bool cut;     /* there was a position beyond the limit */
};

static bool make_room(struct ingest_line *line, struct places *places, size_t needed)
{
    size_t room = 2 * places->room;
    while (room < needed) {
        room *= 2;
    }
    struct base_slice *words = base_arena_array(line->context->arena, room, sizeof *words);
    if (words == NULL) {
        return false;
    }
    memcpy(words, places->words, places->count * sizeof *words);
    places->words = words;
    places->room = room;
    return true;
}

/* Of two words at one position the first in the text stays. */
static bool place_word(struct ingest_line *line, struct places *places, struct base_slice word,
                       uint64_t position)
{
    if (position >= POSITIONS_MOST) {
        places->cut = true;
        return true;
    }
    if (position >= places->room && !make_room(line, places, (size_t)position + 1)) {
        return false;
    }
    if (position >= places->count) {
        places->count = (size_t)position + 1;
    }
    if (places->words[position].size == 0) {
        places->words[position] = word;
        places->size += word.size + 1;
    }
    return true;
}

static enum base_code place_words(struct ingest_line *line, struct json_value index,
                                  struct places *places)
{
    struct json_iterator words = json_iterate(index);
    struct base_slice word;
    struct json_value positions;
    places->room = 2 * json_count(index) + 64;
    places->words = base_arena_array(line->context->arena, places->room, sizeof *places->words);
    if (places->words == NULL) {
        return ingest_no_memory(line);
    }
    while (json_next_member(&words, &word, &positions)) {
        struct json_iterator iterator = json_iterate(positions);
        struct json_value element;
        uint64_t position;
        while (json_next(&iterator, &element)) {
            if (json_u64(element, &position) && word.size > 0 &&
                !place_word(line, places, word, position)) {
                return ingest_no_memory(line);
            }
        }
    }
    return BASE_OK;
}

enum base_code openalex_abstract(struct ingest_line *line, struct json_value index,
                                 struct base_slice *text)
{
    index = unwrap(index);
    if (json_type(index) != JSON_OBJECT) {
        return BASE_OK;
    }
    struct places places = {0};
    enum base_code code = place_words(line, index, &places);
    if (code != BASE_OK) {
        return code;
    }
    size_t room = places.size < LIMIT_ABSTRACT ? places.size : LIMIT_ABSTRACT;
    char *to = base_arena_alloc(line->context->arena, room + 1);
    if (to == NULL) {
        return ingest_no_memory(line);
    }
    size_t used = 0;
    for (size_t i = 0; i < places.count; i++) {
        struct base_slice word = places.words[i];
        if (word.size == 0) {
            continue;
        }
        size_t blank = used > 0;
        if (word.size + blank > LIMIT_ABSTRACT - used) {
            places.cut = true;
            break;
        }
        if (blank) {
            to[used++] = ' ';
        }
        memcpy(to + used, word.data, word.size);
        used += word.size;
    }
    line->tally.texts_cut += places.cut;
    if (used > 0) {
        *text = openalex_clean(line, base_slice(to, used), true);
        return text->data == NULL ? ingest_no_memory(line) : BASE_OK;
    }
    return BASE_OK;
}
