#include "flip_answers.h"

#include "base/hash.h"
#include "base/limits.h"
#include "model/fold.h"
#include "store/log.h"
#include "store/write.h"

enum { ROOM = 64 };

struct asking {
    struct store_reader *reader;
    struct base_arena arena;
    struct base_buffer said; /* of one answer */
    struct base_error error;
    volatile uint64_t *next;
};

void flip_add_key(struct flip_questions *questions, struct base_slice key)
{
    uint8_t size[2];
    base_put_le16(size, (uint16_t)key.size);
    base_buffer_append(&questions->keys, size, sizeof size);
    base_buffer_append_slice(&questions->keys, key);
}

static struct base_slice take_key(struct base_slice *keys)
{
    size_t size = base_get_le16(keys->data);
    struct base_slice key = base_slice(keys->data + 2, size);
    *keys = base_slice(keys->data + 2 + size, keys->size - 2 - size);
    return key;
}

static void say(struct asking *asking, const void *bytes, size_t size)
{
    base_buffer_append(&asking->said, bytes, size);
}

static void say_number(struct asking *asking, uint64_t number)
{
    say(asking, &number, sizeof number);
}

static void finish(struct asking *asking, enum base_code code)
{
    uint64_t digest = base_hash64_seed(base_buffer_slice(&asking->said), 1);
    *asking->next++ = code == BASE_NOT_FOUND    ? ANSWER_NOT_FOUND
                      : code != BASE_OK         ? ANSWER_REFUSED
                      : digest < ANSWER_DIGESTS ? digest + ANSWER_DIGESTS
                                                : digest;
    base_buffer_clear(&asking->said);
    base_arena_reset(&asking->arena);
}

static void say_years(struct asking *asking, struct store_years years)
{
    unsigned year;
    struct store_year counts;
    while (store_years_next(&years, &year, &counts)) {
        say_number(asking, year);
        say_number(asking, counts.paper_count);
        say_number(asking, counts.citation_count);
    }
}

static void ask_paper(struct asking *asking, uint32_t number)
{
    struct store_paper paper;
    enum base_code code = store_read_paper(asking->reader, number, &paper, &asking->error);
    if (code == BASE_OK) {
        const uint64_t facts[] = {paper.date.day,       (uint64_t)paper.date.precision,
                                  paper.citation_count, paper.reference_count,
                                  paper.author_count,   paper.self_citation_count,
                                  paper.stub,           paper.has_abstract,
                                  paper.refereed,       paper.referee_known,
                                  paper.retracted,      paper.authors_truncated};
        say(asking, facts, sizeof facts);
        say(asking, paper.view.data, paper.view.size);
        say_years(asking, paper.years);
    }
    finish(asking, code);
}

static void ask_abstract(struct asking *asking, uint32_t number)
{
    struct base_slice abstract;
    enum base_code code =
        store_read_abstract(asking->reader, number, &asking->arena, &abstract, &asking->error);
    if (code == BASE_OK) {
        say(asking, abstract.data, abstract.size);
    }
    finish(asking, code);
}

static void ask_citations(struct asking *asking, uint32_t number)
{
    struct store_citation found[ROOM];
    size_t count = ROOM;
    enum base_code code = BASE_OK;
    struct store_citation after;
    for (bool first = true; code == BASE_OK && count == ROOM; first = false) {
        code = store_read_citations(asking->reader, number, first ? NULL : &after, found, ROOM,
                                    &count, &asking->error);
        for (size_t i = 0; code == BASE_OK && i < count; i++) {
            say_number(asking, found[i].day);
            say_number(asking, found[i].paper);
            say_number(asking, found[i].shares_author);
            after = found[i];
        }
    }
    finish(asking, code);
}

static void ask_references(struct asking *asking, uint32_t number)
{
    uint32_t found[ROOM];
    size_t count = ROOM;
    enum base_code code = BASE_OK;
    uint32_t after = 0;
    while (code == BASE_OK && count == ROOM) {
        code = store_read_references(asking->reader, number, after, found, ROOM, &count,
                                     &asking->error);
        if (code == BASE_OK && count > 0) {
            say(asking, found, count * sizeof found[0]);
            after = found[count - 1];
        }
    }
    finish(asking, code);
}

static void ask_paper_authors(struct asking *asking, uint32_t number)
{
    uint32_t found[ROOM];
    size_t count;
    enum base_code code =
        store_read_paper_authors(asking->reader, number, found, ROOM, &count, &asking->error);
    if (code == BASE_OK) {
        say(asking, found, (count < ROOM ? count : ROOM) * sizeof found[0]);
    }
    finish(asking, code);
}

static void ask_author(struct asking *asking, uint32_t number)
{
    struct store_author author;
    enum base_code code = store_read_author(asking->reader, number, &author, &asking->error);
    if (code == BASE_OK) {
        const uint64_t facts[] = {
            author.paper_count,         author.citation_count, author.citing_paper_count,
            author.self_citation_count, author.h_index,        author.g_index,
            author.i10_index,           author.i100_index,     author.first_year,
            author.last_year,           author.name_only};
        say(asking, facts, sizeof facts);
        say(asking, author.view.data, author.view.size);
        say_years(asking, author.years);
    }
    finish(asking, code);
}

static void ask_author_papers(struct asking *asking, uint32_t number)
{
    struct store_authored found[ROOM];
    struct store_authored after;
    size_t count = ROOM;
    enum base_code code = BASE_OK;
    for (bool first = true; code == BASE_OK && count == ROOM; first = false) {
        code = store_read_author_papers(asking->reader, number, first ? NULL : &after, found, ROOM,
                                        &count, &asking->error);
        for (size_t i = 0; code == BASE_OK && i < count; i++) {
            say_number(asking, found[i].day);
            say_number(asking, found[i].paper);
            say_number(asking, found[i].position);
            say_number(asking, found[i].flags);
            after = found[i];
        }
    }
    finish(asking, code);
}

static void ask_id(struct asking *asking, struct base_slice key)
{
    struct store_ref ref;
    struct model_id id;
    enum base_code code = BASE_INTERNAL;
    if (model_id_from_key(base_slice(key.data + 1, key.size - 1), &id)) {
        code =
            store_find(asking->reader, (enum model_entity)key.data[0], &id, &ref, &asking->error);
    }
    if (code == BASE_OK) {
        say_number(asking, ref.number);
        say_number(asking, ref.disputed);
        say_number(asking, ref.merged);
    }
    finish(asking, code);
}

static void ask_word(struct asking *asking, enum model_entity entity, struct base_slice word)
{
    struct store_search *search;
    struct store_bucket bucket = {0, NULL, 1};
    enum base_code code =
        store_search_new(asking->reader, entity, &word, 1, &asking->arena, &search, &asking->error);
    while (code == BASE_OK && bucket.count > 0) {
        code = store_search_next(search, &bucket, &asking->error);
        if (code == BASE_OK && bucket.count > 0) {
            say(asking, bucket.numbers, bucket.count * sizeof bucket.numbers[0]);
        }
    }
    finish(asking, code);
}

static void ask_others(struct asking *asking)
{
    struct store_info info;
    struct store_source sources[STORE_SOURCES_MOST];
    size_t count;
    struct base_error *error = &asking->error;
    enum base_code code = store_read_info(asking->reader, &info, error);
    if (code == BASE_OK) {
        const uint64_t facts[] = {info.format,        info.sequence,     info.coverage_end,
                                  info.paper_count,   info.stub_count,   info.author_count,
                                  info.source_count,  info.merged_count, info.citation_count,
                                  info.disputed_count};
        say(asking, facts, sizeof facts);
        say(asking, info.epoch, sizeof info.epoch);
        say(asking, info.dataset, sizeof info.dataset);
    }
    finish(asking, code);
    code = store_read_sources(asking->reader, sources, &count, error);
    for (size_t i = 0; code == BASE_OK && i < count; i++) {
        say(asking, sources[i].name.data, sources[i].name.size);
        say_number(asking, sources[i].papers);
        say_number(asking, sources[i].authors);
    }
    finish(asking, code);
    struct store_log_entry entry;
    uint64_t after = 0;
    while ((code = store_log_next(asking->reader, after, &entry, error)) == BASE_OK) {
        say_number(asking, entry.sequence);
        say(asking, entry.items.data, entry.items.size);
        after = entry.sequence;
    }
    finish(asking, code == BASE_NOT_FOUND ? BASE_OK : code);
}

static void ask_all(struct asking *asking, const struct flip_questions *questions)
{
    ask_others(asking);
    for (uint32_t number = 1; number <= questions->last_paper; number++) {
        ask_paper(asking, number);
        ask_abstract(asking, number);
        ask_citations(asking, number);
        ask_references(asking, number);
        ask_paper_authors(asking, number);
    }
    for (uint32_t number = 1; number <= questions->last_author; number++) {
        ask_author(asking, number);
        ask_author_papers(asking, number);
    }
    struct base_slice keys = base_buffer_slice(&questions->keys);
    for (size_t i = 0; i < questions->id_count; i++) {
        ask_id(asking, take_key(&keys));
    }
    for (size_t i = 0; i < questions->word_count; i++) {
        struct base_slice word = take_key(&keys);
        ask_word(asking, MODEL_AUTHOR, word);
        ask_word(asking, MODEL_PAPER, word);
    }
}

void flip_answer(const char *directory, uint64_t map_size, const struct flip_questions *questions,
                 volatile uint64_t *answers)
{
    struct asking asking = {.next = answers};
    struct store *store;
    base_buffer_init(&asking.said);
    base_arena_init(&asking.arena, 0);
    /* As the daemon opens it. */
    if (store_open_writable(directory, map_size, &store, &asking.error) == BASE_OK) {
        if (store_reader_new(store, &asking.reader, &asking.error) == BASE_OK) {
            ask_all(&asking, questions);
            store_reader_free(asking.reader);
        }
        store_close(store);
    }
    while (asking.next < answers + flip_question_count(questions)) {
        *asking.next++ = ANSWER_REFUSED;
    }
    base_arena_fini(&asking.arena);
    base_buffer_fini(&asking.said);
}
