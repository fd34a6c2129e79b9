#include "engine/select.h"

#include "model/date.h"

/* The exclusion that the scope asks for; UNSPECIFIED includes everything, but for tori and riq it
 * leaves out the set's own citations. */
static void set_self_rules(struct engine_rule *rule, enum engine_self self)
{
    bool is_open = self == ENGINE_SELF_UNSPECIFIED;
    rule->self = is_open ? ENGINE_SELF_INCLUDE : self;
    rule->tori = is_open ? ENGINE_SELF_EXCLUDE_SET : self;
    rule->report.self_rule = rule->self;
    rule->report.tori_rule = rule->tori;
}

static void set_common(struct engine_rule *rule, const struct engine_scope *scope, uint32_t as_of)
{
    rule->as_of = as_of;
    rule->inside_day = as_of;
    rule->citing_refereed = scope->citing_refereed;
    if (scope->retracted == ENGINE_RETRACTED_EXCLUDE_CITING ||
        scope->retracted == ENGINE_RETRACTED_EXCLUDE_BOTH) {
        rule->drop_flags |= ENGINE_EDGE_RETRACTED;
    }
    rule->report.day = as_of != ENGINE_NO_DAY ? as_of : scope->coverage_end;
    set_self_rules(rule, scope->self_citations);
}

void engine_rule_of_paper(struct engine_work *work, const struct engine_scope *scope,
                          struct engine_rule *rule)
{
    *rule = (struct engine_rule){.work = work, .self_count = ENGINE_SELF_EXCLUDE_COAUTHOR};
    set_common(rule, scope, scope->as_of);
    /* One paper has no tori. */
    rule->tori = ENGINE_SELF_INCLUDE;
    rule->report.tori_rule = ENGINE_SELF_INCLUDE;
}

bool engine_shares_named(const struct engine_rule *rule, const struct engine_kept *cited,
                         uint32_t citing)
{
    const struct engine_set *set = rule->set;
    const struct engine_paper *own = engine_papers_find(set->own, set->own_count, citing);
    return own != NULL && (own->named & cited->named) != 0;
}

enum place_match { PLACE_NO, PLACE_YES, PLACE_NOT_KNOWN };

/* Does a named author stand at the wanted place? The end of a cut list, and position 0, match
 * nothing. */
static enum place_match match_place(const struct engine_paper *paper, enum engine_position position)
{
    static const uint8_t wanted[] = {
        [ENGINE_POSITION_FIRST] = ENGINE_PLACE_FIRST,
        [ENGINE_POSITION_LAST] = ENGINE_PLACE_LAST,
        [ENGINE_POSITION_FIRST_OR_LAST] = ENGINE_PLACE_FIRST | ENGINE_PLACE_LAST,
        [ENGINE_POSITION_SINGLE] = ENGINE_PLACE_SINGLE,
    };
    if (position == ENGINE_POSITION_ANY || (paper->places & wanted[position]) != 0) {
        return PLACE_YES;
    }
    bool asks_end = (wanted[position] & ENGINE_PLACE_LAST) != 0;
    bool is_unknown = (paper->places & ENGINE_PLACE_UNKNOWN) != 0 ||
                      (asks_end && (paper->places & ENGINE_PLACE_CUT) != 0);
    return is_unknown ? PLACE_NOT_KNOWN : PLACE_NO;
}

static bool has_field(const struct engine_scope *scope, uint32_t field)
{
    size_t low = 0;
    size_t high = scope->field_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (scope->fields[middle] < field) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low < scope->field_count && scope->fields[low] == field;
}

/* All filters on the cited paper but refereed and position, which are reported. */
static bool passes(const struct engine_paper *paper, const struct engine_scope *scope)
{
    bool drops_retracted = scope->retracted == ENGINE_RETRACTED_EXCLUDE_CITED ||
                           scope->retracted == ENGINE_RETRACTED_EXCLUDE_BOTH;
    if (drops_retracted && (paper->flags & ENGINE_PAPER_RETRACTED) != 0) {
        return false;
    }
    if (scope->kinds != 0 && (paper->kind >= 32 || (scope->kinds >> paper->kind & 1) == 0)) {
        return false;
    }
    if (scope->field_count != 0 && !has_field(scope, paper->field)) {
        return false;
    }
    if (scope->first_year == 0 && scope->last_year == 0) {
        return true;
    }
    if (paper->day == ENGINE_NO_DAY) {
        return false;
    }
    unsigned year = model_day_year(paper->day);
    return year >= scope->first_year && (scope->last_year == 0 || year <= scope->last_year);
}

static bool passes_reported(const struct engine_paper *paper, const struct engine_scope *scope,
                            struct engine_scope_report *report)
{
    bool is_refereed = (paper->flags & ENGINE_PAPER_REFEREED) != 0;
    bool passes_refereed = scope->refereed == ENGINE_REFEREED_ANY ||
                           is_refereed == (scope->refereed == ENGINE_REFEREED_ONLY);
    enum place_match place = match_place(paper, scope->position);
    report->referee_unknown +=
        place == PLACE_YES && (paper->flags & ENGINE_PAPER_REFEREE_KNOWN) == 0;
    report->position_unknown += passes_refereed && place == PLACE_NOT_KNOWN;
    return passes_refereed && place == PLACE_YES;
}

static void note_year(struct engine_selection *selection, unsigned year)
{
    if (selection->first_year == 0 || year < selection->first_year) {
        selection->first_year = year;
    }
    selection->last_year = year > selection->last_year ? year : selection->last_year;
}

static bool asks(const struct engine_rule *rule, enum engine_self self)
{
    return rule->self == self || rule->tori == self || rule->self_count == self;
}

/* Fills the bits that membership is asked of, and only those that a rule will ask. */
static enum base_code begin_bits(struct engine_work *work, const struct engine_edges *edges,
                                 const struct engine_set *set, const struct engine_rule *rule,
                                 struct base_error *error)
{
    enum base_code code = engine_bits_begin(&work->set_bits, edges->paper_end, error);
    if (code == BASE_OK) {
        code = engine_bits_begin(&work->own_bits, edges->paper_end, error);
    }
    if (code == BASE_OK) {
        code = engine_bits_begin(&work->self_bits, edges->paper_end, error);
    }
    if (code != BASE_OK) {
        return code;
    }
    bool asks_set = asks(rule, ENGINE_SELF_EXCLUDE_SET);
    for (size_t i = 0; asks_set && i < set->count; i++) {
        engine_bits_add(&work->set_bits, set->papers[i].paper);
        engine_bits_add(&work->self_bits, set->papers[i].paper);
    }
    bool asks_own = asks(rule, ENGINE_SELF_EXCLUDE_OWN);
    for (size_t i = 0; asks_own && i < set->own_count; i++) {
        if ((set->own[i].named & set->identified) != 0) {
            engine_bits_add(&work->own_bits, set->own[i].paper);
            engine_bits_add(&work->self_bits, set->own[i].paper);
        }
    }
    return BASE_OK;
}

static void keep(struct engine_selection *selection, const struct engine_paper *paper,
                 uint64_t named)
{
    struct engine_rule *rule = &selection->rule;
    bool is_inside = (paper->flags & ENGINE_PAPER_COARSE_DATE) != 0 &&
                     engine_inside_period(paper->day, (paper->flags & ENGINE_PAPER_YEAR_DATE) != 0,
                                          rule->inside_day);
    rule->report.coarse_papers += is_inside;
    rule->report.truncated_papers += (paper->flags & ENGINE_PAPER_TRUNCATED) != 0;
    selection->kept[selection->count++] = (struct engine_kept){
        .paper = paper->paper,
        .day = paper->day,
        .year = (uint16_t)(paper->day == ENGINE_NO_DAY ? 0 : model_day_year(paper->day)),
        .authors = paper->author_count == 0 ? 1 : paper->author_count,
        .named = named,
        .refereed = (paper->flags & ENGINE_PAPER_REFEREED) != 0,
        .inside = is_inside,
    };
}

enum base_code engine_select(struct engine_work *work, const struct engine_edges *edges,
                             const struct engine_set *set, const struct engine_scope *scope,
                             uint32_t as_of, struct engine_selection *selection,
                             struct base_error *error)
{
    enum base_code code = engine_scope_check(scope, set->named_count, error);
    if (code != BASE_OK) {
        return code;
    }
    *selection = (struct engine_selection){
        .kept = engine_room(work, ENGINE_BUFFER_KEPT, set->count, sizeof *selection->kept, error),
        .rule = {.work = work,
                 .set = set,
                 .needs_mask = (set->identified & (set->identified - 1)) != 0}};
    if (selection->kept == NULL) {
        return BASE_RESOURCE_EXHAUSTED;
    }
    struct engine_rule *rule = &selection->rule;
    set_common(rule, scope, as_of);
    rule->self_count = set->is_author ? ENGINE_SELF_EXCLUDE_OWN : ENGINE_SELF_EXCLUDE_SET;
    code = begin_bits(work, edges, set, rule, error);
    if (code != BASE_OK) {
        return code;
    }
    size_t own = 0;
    for (size_t i = 0; i < set->count; i++) {
        const struct engine_paper *paper = &set->papers[i];
        bool has_day = paper->day != ENGINE_NO_DAY;
        if (has_day && paper->day > as_of) {
            continue;
        }
        bool exists = has_day || as_of == ENGINE_NO_DAY;
        if (has_day) {
            note_year(selection, model_day_year(paper->day));
        }
        rule->report.set_papers += exists;
        struct engine_scope_report unused = {0};
        if (!passes(paper, scope) ||
            !passes_reported(paper, scope, exists ? &rule->report : &unused)) {
            continue;
        }
        rule->report.undated_papers += !has_day;
        if (!exists) {
            continue;
        }
        while (own < set->own_count && set->own[own].paper < paper->paper) {
            own++;
        }
        uint64_t named = own < set->own_count && set->own[own].paper == paper->paper
                             ? set->own[own].named & set->identified
                             : 0;
        keep(selection, paper, named);
    }
    return BASE_OK;
}

enum base_code engine_references_read(const struct engine_edges *edges,
                                      const struct engine_citer *citer, uint32_t *references,
                                      struct base_error *error)
{
    const uint32_t *list;
    size_t count;
    enum base_code code = edges->references(edges->context, citer->paper, &list, &count, error);
    if (code == BASE_OK) {
        *references = (uint32_t)count;
    }
    return code;
}
