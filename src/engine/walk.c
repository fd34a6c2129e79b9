#include "engine/walk.h"

#include "model/date.h"

enum { NO_STRETCH = UINT32_MAX };

/* A walk over the citations of one paper. */
struct walk {
    const struct engine_kept *paper;
    const struct engine_citer *citer; /* the next one */
    const struct engine_citer *end;
    struct engine_mark *mark;      /* of the stretch under way */
    uint32_t year;                 /* its year, or NO_STRETCH: the next citation begins one */
    struct engine_century century; /* of the days up to the cut */
    uint32_t cut;                  /* up to this day nothing changes but the year */
    uint16_t mask;                 /* that of plain ones until then */
};

static void set_plain(struct engine_walks *walks)
{
    const struct engine_rule *rule = walks->rule;
    unsigned mask = rule->drop_flags | ENGINE_EDGE_LINE_DATE;
    if (rule->self == ENGINE_SELF_EXCLUDE_COAUTHOR || rule->tori == ENGINE_SELF_EXCLUDE_COAUTHOR ||
        rule->self_count == ENGINE_SELF_EXCLUDE_COAUTHOR) {
        mask |= ENGINE_EDGE_SHARES_AUTHOR;
    }
    if (rule->self == ENGINE_SELF_EXCLUDE_COAUTHOR || rule->self == ENGINE_SELF_EXCLUDE_OWN) {
        mask |= ENGINE_EDGE_AUTHORS_CUT;
    }
    mask |= rule->citing_refereed != ENGINE_REFEREED_ANY ? ENGINE_EDGE_REFEREED : 0;
    walks->plain = (struct engine_plain){
        .until = rule->as_of == ENGINE_NO_DAY ? ENGINE_NO_DAY : rule->as_of + 1,
        .late = engine_inside_first(rule->inside_day),
        .mask = (uint16_t)mask,
        .flags = rule->citing_refereed == ENGINE_REFEREED_ONLY ? ENGINE_EDGE_REFEREED : 0,
    };
}

enum base_code engine_walks_begin(struct engine_work *work, const struct engine_edges *edges,
                                  struct engine_rule *rule, const struct engine_days *days,
                                  struct engine_walks *walks, struct base_error *error)
{
    *walks = (struct engine_walks){.work = work, .edges = edges, .rule = rule, .days = days};
    set_plain(walks);
    return engine_bits_begin(&work->citing_bits, edges->paper_end, error);
}

static inline void add_tori(struct engine_sums *sums, uint64_t share)
{
    sums->tori_part += share;
    sums->tori_whole += sums->tori_part < share;
}

static inline uint64_t citation_of(uint64_t flags)
{
    return 1 + ((flags & ENGINE_EDGE_REFEREED) << 32);
}

/* Any citation. On its own day a paper cites the set no later than on any other, and in the same
 * row wherever it does; the others are strays and looked at in the end. */
static enum base_code add_any(struct engine_walks *walks, const struct engine_kept *paper,
                              const struct engine_citer *citer, struct engine_sums *sums,
                              struct base_error *error)
{
    uint32_t day = ENGINE_NO_DAY;
    unsigned verdict = engine_judge(walks->rule, paper, citer, &day);
    walks->self_citation_count += (verdict & ENGINE_IS_SELF) != 0;
    if ((verdict & ENGINE_COUNTS_TORI) != 0) {
        uint32_t references;
        enum base_code code = engine_references_of(walks->edges, citer, &references, error);
        if (code != BASE_OK) {
            return code;
        }
        add_tori(sums, engine_tori_share(walks->work, paper->authors, references));
    }
    if ((verdict & ENGINE_COUNTS) == 0) {
        return BASE_OK;
    }
    sums->citations += citation_of(citer->flags);
    bool is_stray = walks->days->count > 0 && (citer->day != day || day == ENGINE_NO_DAY ||
                                               (citer->flags & ENGINE_EDGE_LINE_DATE) != 0);
    if (is_stray) {
        unsigned year = day == ENGINE_NO_DAY ? 0 : model_day_year(day);
        uint32_t row = engine_days_row(walks->days, paper->row, day, year);
        walks->strays[walks->stray_count++] = (struct engine_stray){citer->paper, row};
    } else {
        sums->citing += engine_bits_add(&walks->work->citing_bits, citer->paper);
    }
    return BASE_OK;
}

static uint32_t earlier(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static void set_cut(const struct engine_walks *walks, struct walk *walk)
{
    uint32_t day = walk->citer->day;
    bool is_late = day >= walks->plain.late;
    walk->century = engine_century_of(day);
    walk->cut =
        walk->century.end <= ENGINE_NO_DAY ? (uint32_t)walk->century.end - 1 : ENGINE_NO_DAY;
    walk->cut = earlier(walk->cut, engine_days_end(walks->days, day));
    walk->cut = is_late ? walk->cut : earlier(walk->cut, walks->plain.late - 1);
    walk->mask = (uint16_t)(walks->plain.mask | (is_late ? ENGINE_EDGE_COARSE_DATE : 0));
    walk->year = NO_STRETCH;
}

/* Behind the plain citations that come next, up to the cut. */
static const struct engine_citer *plain_end(const struct engine_walks *walks,
                                            const struct walk *walk)
{
    const struct engine_work *work = walks->work;
    const uint64_t *self = work->self_bits.words;
    const size_t words = work->citing_bits.word_count < work->self_bits.word_count
                             ? work->citing_bits.word_count
                             : work->self_bits.word_count;
    const unsigned mask = walk->mask;
    const unsigned wanted = walks->plain.flags;
    const uint32_t from = walk->paper->day;
    const uint32_t last = earlier(walk->cut, walks->plain.until - 1);
    const struct engine_citer *citer = walk->citer;
    if (walks->plain.until <= from || walk->cut < from || walk->paper->inside) {
        return citer;
    }
    while (citer < walk->end) {
        size_t word = citer->paper / 64;
        if (citer->day - from > last - from || (citer->flags & mask) != wanted ||
            citer->references == UINT16_MAX || word >= words ||
            (self[word] >> citer->paper % 64 & 1) != 0) {
            break;
        }
        citer++;
    }
    return citer;
}

/* Adds plain citations. Where a year ends is computed and not branched on, since nobody can
 * foretell it. */
static void add_plain(struct engine_walks *walks, struct walk *walk, const struct engine_citer *end)
{
    struct engine_work *work = walks->work;
    uint64_t *citing = work->citing_bits.words;
    uint32_t *touched = work->citing_bits.touched + work->citing_bits.touched_count;
    const uint32_t authors = walk->paper->authors;
    const struct engine_century century = walk->century;
    struct engine_mark *mark = walk->mark;
    struct engine_sums sums = mark->sums;
    uint32_t last_year = walk->year;
    for (const struct engine_citer *citer = walk->citer; citer < end; citer++) {
        uint32_t day = citer->day;
        uint32_t paper = citer->paper;
        uint32_t references = citer->references;
        uint64_t flags = citer->flags;
        uint32_t year = engine_century_year(&century, day);
        mark += year != last_year;
        last_year = year;
        uint64_t bit = UINT64_C(1) << (paper % 64);
        uint64_t before = citing[paper / 64];
        citing[paper / 64] = before | bit;
        *touched = paper / 64;
        touched += before == 0;
        sums.citations += citation_of(flags);
        uint64_t is_unknown = (flags & ENGINE_EDGE_REFEREE_KNOWN) == 0;
        sums.citing += (is_unknown << 32) + ((before & bit) == 0);
        add_tori(&sums, engine_tori_share(work, authors, references));
        *mark = (struct engine_mark){sums, day, year};
    }
    work->citing_bits.touched_count = (size_t)(touched - work->citing_bits.touched);
    walk->citer = end;
    walk->mark = mark;
    walk->year = last_year;
}

static void walk_plain(struct engine_walks *walks, struct walk *walk)
{
    const struct engine_citer *end = plain_end(walks, walk);
    if (end != walk->citer) {
        add_plain(walks, walk, end);
    }
}

/* The next citation, whatever it is, of the row that the stretch is in. */
static enum base_code walk_any(struct engine_walks *walks, struct walk *walk,
                               struct base_error *error)
{
    uint32_t day = walk->citer->day;
    uint32_t year = day == ENGINE_NO_DAY ? 0 : engine_century_year(&walk->century, day);
    if (year != walk->year) {
        walk->year = year;
        walk->mark[1] = *walk->mark;
        walk->mark++;
    }
    walk->mark->day = day;
    walk->mark->year = year;
    return add_any(walks, walk->paper, walk->citer++, &walk->mark->sums, error);
}

/* Room for what the walk may leave. */
static enum base_code reserve(struct engine_walks *walks, size_t citers, struct base_error *error)
{
    walks->marks =
        engine_room(walks->work, ENGINE_BUFFER_MARKS, citers + 1, sizeof *walks->marks, error);
    if (walks->marks == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    if (walks->days->count == 0) {
        return BASE_OK;
    }
    walks->strays = engine_room(walks->work, ENGINE_BUFFER_CITING, walks->stray_count + citers,
                                sizeof *walks->strays, error);
    return walks->strays == NULL ? BASE_RESOURCE_EXHAUSTED : BASE_OK;
}

enum base_code engine_walk(struct engine_walks *walks, const struct engine_kept *paper,
                           const struct engine_citer *citers, size_t citer_count, size_t *count,
                           struct base_error *error)
{
    if (citer_count == 0) {
        *count = 0;
        return BASE_OK;
    }
    enum base_code code = reserve(walks, citer_count, error);
    if (code != BASE_OK) {
        return code;
    }
    struct walk walk = {
        .paper = paper, .citer = citers, .end = citers + citer_count, .mark = walks->marks};
    *walk.mark = (struct engine_mark){.day = 0};
    set_cut(walks, &walk);
    walk_plain(walks, &walk);
    while (code == BASE_OK && walk.citer < walk.end) {
        if (walk.citer->day > walk.cut) {
            set_cut(walks, &walk);
        } else {
            code = walk_any(walks, &walk, error);
        }
        walk_plain(walks, &walk);
    }
    walks->rule->report.citing_referee_unknown += engine_sums_high(walk.mark->sums.citing);
    *count = (size_t)(walk.mark - walks->marks);
    return code;
}
