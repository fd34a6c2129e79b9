#include "engine/walk.h"

#include "model/date.h"

/* A walk over the citations of one paper. */
struct walk {
    const struct engine_kept *paper;
    const struct engine_citer *citer; /* the next one */
    const struct engine_citer *end;
    struct engine_mark *mark; /* of the stretch under way */
    uint32_t last;            /* its last day */
    uint32_t century;         /* first day of that of the next citation */
    uint32_t cut;             /* up to this day nothing changes but the year */
    uint16_t mask;            /* that of plain ones until then */
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

static inline uint64_t citation_of(const struct engine_citer *citer)
{
    return 1 + ((uint64_t)(citer->flags & ENGINE_EDGE_REFEREED) << 32);
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
    sums->citations += citation_of(citer);
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
    uint64_t first;
    uint64_t next;
    engine_century_of(day, &first, &next);
    walk->century = (uint32_t)first;
    walk->cut = next <= ENGINE_NO_DAY ? (uint32_t)next - 1 : ENGINE_NO_DAY;
    walk->cut = earlier(walk->cut, engine_days_end(walks->days, day));
    walk->cut = is_late ? walk->cut : earlier(walk->cut, walks->plain.late - 1);
    walk->mask = (uint16_t)(walks->plain.mask | (is_late ? ENGINE_EDGE_COARSE_DATE : 0));
}

/* Goes over plain citations up to the cut, the first one that is not plain, or the end. The ends of
 * years are computed and not branched on, since nobody can foretell where they are. */
static __attribute__((noinline)) void walk_plain(const struct engine_walks *walks,
                                                 struct walk *walk)
{
    const struct engine_work *work = walks->work;
    const uint64_t *self = work->self_bits.words;
    uint64_t *citing = work->citing_bits.words;
    uint32_t *touched = work->citing_bits.touched;
    size_t touched_count = work->citing_bits.touched_count;
    const size_t words = work->citing_bits.word_count < work->self_bits.word_count
                             ? work->citing_bits.word_count
                             : work->self_bits.word_count;
    const unsigned mask = walk->mask;
    const unsigned wanted = walks->plain.flags;
    const uint32_t authors = walk->paper->authors;
    const uint32_t from = walk->paper->day;
    const bool has_plain = walks->plain.until > from && !walk->paper->inside;
    const uint32_t days = has_plain ? walks->plain.until - from : 0;
    const uint32_t century = walk->century;
    const uint32_t cut = walk->cut;
    const struct engine_citer *end = walk->end;
    const struct engine_citer *citer = walk->citer;
    struct engine_mark *mark = walk->mark;
    struct engine_sums sums = mark->sums;
    uint32_t last = walk->last;
    for (; citer < end; citer++) {
        uint32_t day = citer->day;
        uint32_t paper = citer->paper;
        uint32_t references = citer->references;
        unsigned flags = citer->flags;
        uint32_t word = paper / 64;
        uint64_t bit = UINT64_C(1) << (paper % 64);
        if (day - from >= days || day > cut || (flags & mask) != wanted ||
            references == UINT16_MAX || word >= words || (self[word] & bit) != 0) {
            break;
        }
        mark += day > last;
        last = earlier(engine_century_year_end(century, day), cut);
        sums.citations += citation_of(citer);
        uint64_t before = citing[word];
        touched[touched_count] = word;
        touched_count += before == 0;
        citing[word] = before | bit;
        uint64_t is_unknown = (flags & ENGINE_EDGE_REFEREE_KNOWN) == 0;
        sums.citing += (is_unknown << 32) + ((before & bit) == 0);
        add_tori(&sums, engine_tori_share(work, authors, references));
        *mark = (struct engine_mark){sums, day};
    }
    walks->work->citing_bits.touched_count = touched_count;
    walk->citer = citer;
    walk->mark = mark;
    walk->last = last;
}

/* One that begins with the next citation. */
static void open_stretch(struct walk *walk)
{
    uint32_t day = walk->citer->day;
    uint32_t year_end = engine_century_year_end(walk->century, day);
    walk->last = day == ENGINE_NO_DAY ? day : earlier(year_end, walk->cut);
    walk->mark[1] = *walk->mark;
    walk->mark++;
}

/* The next citation, whatever it is, of the row that the stretch is in. */
static enum base_code walk_any(struct engine_walks *walks, struct walk *walk,
                               struct base_error *error)
{
    if (walk->citer->day > walk->last) {
        open_stretch(walk);
    }
    walk->mark->day = walk->citer->day;
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
    open_stretch(&walk);
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
