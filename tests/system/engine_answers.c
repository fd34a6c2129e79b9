/* Answers questions about small graphs with the engine: reads graphs and questions as lines of
 * numbers from standard input, prints one JSON object a question. The oracle asks it. */
#include <inttypes.h>
#include <stdio.h>

#include "base/limits.h"
#include "engine/cohort.h"
#include "engine/explain.h"
#include "engine/expression.h"
#include "engine/measure.h"
#include "engine/paper.h"
#include "engine/timeline.h"
#include "support/engine_memory.h"

/* The rest of a line of numbers; -1 stands for no day. */
static char *rest;

static long next(void)
{
    return strtol(rest, &rest, 10);
}

static bool has_more(void)
{
    while (*rest == ' ') {
        rest++;
    }
    return *rest != '\0' && *rest != '\n';
}

static uint32_t next_day(void)
{
    long day = next();
    return day < 0 ? ENGINE_NO_DAY : (uint32_t)day;
}

static struct model_date next_date(void)
{
    uint32_t day = next_day();
    return (struct model_date){day, (uint8_t)next()};
}

static struct memory_graph graph;
static struct engine_work *work;
static uint32_t coverage_end;

static void read_paper(void)
{
    struct memory_paper *paper = &graph.papers[next()];
    paper->exists = true;
    paper->date = next_date();
    paper->refereed = (unsigned)next();
    paper->retracted = next() != 0;
    paper->kind = (uint8_t)next();
    paper->field = (uint32_t)next();
    paper->truncated = next() != 0;
    while (has_more()) {
        paper->authors = memory_need(
            realloc(paper->authors, (paper->author_count + 1) * sizeof *paper->authors));
        uint32_t author = (uint32_t)next();
        paper->authors[paper->author_count++] =
            (struct memory_authorship){author, (uint16_t)next()};
    }
}

/* --- printing --- */

static const char *separator = "";

static void open_object(const char *key)
{
    printf("%s", separator);
    if (key != NULL) {
        printf("\"%s\":", key);
    }
    printf("{");
    separator = "";
}

static void open_list(const char *key)
{
    printf("%s", separator);
    if (key != NULL) {
        printf("\"%s\":", key);
    }
    printf("[");
    separator = "";
}

static void close_with(const char *bracket)
{
    printf("%s", bracket);
    separator = ",";
}

static void print_count(const char *key, uint64_t value)
{
    printf("%s\"%s\":%" PRIu64, separator, key, value);
    separator = ",";
}

static void print_real(const char *key, double value)
{
    printf("%s\"%s\":%.17g", separator, key, value);
    separator = ",";
}

static void print_day(const char *key, uint32_t day)
{
    if (day == ENGINE_NO_DAY) {
        printf("%s\"%s\":null", separator, key);
        separator = ",";
    } else {
        print_count(key, day);
    }
}

static void print_number(const char *key, struct engine_number number)
{
    if (number.reason == ENGINE_REASON_DEFINED) {
        print_real(key, number.value);
    } else {
        printf("%s\"%s\":\"%s\"", separator, key, engine_reason_name(number.reason));
        separator = ",";
    }
}

static void print_scope(const char *key, const struct engine_scope_report *scope)
{
    open_object(key);
    print_day("day", scope->day);
    print_count("self_rule", scope->self_rule);
    print_count("tori_rule", scope->tori_rule);
    print_count("set_papers", scope->set_papers);
    print_count("undated_papers", scope->undated_papers);
    print_count("undated_citations", scope->undated_citations);
    print_count("position_unknown", scope->position_unknown);
    print_count("referee_unknown", scope->referee_unknown);
    print_count("citing_referee_unknown", scope->citing_referee_unknown);
    print_count("coarse_papers", scope->coarse_papers);
    print_count("coarse_citations", scope->coarse_citations);
    print_count("truncated_papers", scope->truncated_papers);
    print_count("hidden_authors", scope->hidden_authors);
    close_with("}");
}

static void print_measures(const char *key, const struct engine_measures *measures)
{
    open_object(key);
    print_scope("scope", &measures->scope);
    print_count("paper_count", measures->paper_count);
    print_real("paper_sum", measures->paper_sum);
    print_real("papers_normalized", measures->papers_normalized);
    print_count("first_year", measures->first_year);
    print_count("last_year", measures->last_year);
    print_count("citation_count", measures->citation_count);
    print_real("citation_sum", measures->citation_sum);
    print_real("citations_normalized", measures->citations_normalized);
    print_count("citing_paper_count", measures->citing_paper_count);
    print_count("self_citation_count", measures->self_citation_count);
    print_count("self_citation_rule", measures->self_citation_rule);
    print_count("uncited_count", measures->uncited_count);
    print_number("mean_citations", measures->mean_citations);
    print_number("median_citations", measures->median_citations);
    print_number("uncited_share", measures->uncited_share);
    print_number("citation_half_life", measures->citation_half_life);
    print_number("gini", measures->gini);
    print_count("h_index", measures->h_index);
    print_count("g_index", measures->g_index);
    print_count("i10_index", measures->i10_index);
    print_count("i100_index", measures->i100_index);
    print_number("m_quotient", measures->m_quotient);
    print_number("h_recent5", measures->h_recent5);
    print_number("i10_recent5", measures->i10_recent5);
    print_number("citations_recent5", measures->citations_recent5);
    print_number("h5_published", measures->h5_published);
    print_number("h5_median", measures->h5_median);
    print_real("tori", measures->tori);
    print_number("riq", measures->riq);
    print_number("s_index", measures->s_index);
    open_list("buckets");
    for (size_t i = 0; i < ENGINE_BUCKET_COUNT; i++) {
        printf("%s%" PRIu32, separator, measures->buckets[i]);
        separator = ",";
    }
    close_with("]");
    print_count("histogram_first", measures->histograms.first_year);
    open_list("histograms");
    for (size_t i = 0; i < measures->histograms.count; i++) {
        const struct engine_histogram_year *year = &measures->histograms.years[i];
        printf("%s[%u,%u,%u,%u,%u,%u,%.17g,%.17g,%.17g,%.17g,%.17g,%.17g]", separator,
               year->papers[0], year->papers[1], year->citations[0][0], year->citations[0][1],
               year->citations[1][0], year->citations[1][1], year->papers_normalized[0],
               year->papers_normalized[1], year->citations_normalized[0][0],
               year->citations_normalized[0][1], year->citations_normalized[1][0],
               year->citations_normalized[1][1]);
        separator = ",";
    }
    close_with("]");
    close_with("}");
}

static void print_timeline(const char *key, const struct engine_timeline *timeline)
{
    open_list(key);
    for (size_t i = 0; i < timeline->count; i++) {
        const struct engine_timeline_row *row = &timeline->rows[i];
        open_object(NULL);
        print_count("day", row->day);
        print_count("year", row->year);
        print_real("new_papers", row->new_papers);
        print_real("new_citations", row->new_citations);
        print_count("paper_count", row->paper_count);
        print_real("paper_sum", row->paper_sum);
        print_count("citation_count", row->citation_count);
        print_real("citation_sum", row->citation_sum);
        print_count("citing_paper_count", row->citing_paper_count);
        print_count("h_index", row->h_index);
        print_count("g_index", row->g_index);
        print_count("i10_index", row->i10_index);
        print_count("i100_index", row->i100_index);
        print_number("m_quotient", row->m_quotient);
        print_real("tori", row->tori);
        print_number("riq", row->riq);
        close_with("}");
    }
    close_with("]");
}

static void print_witnesses(const char *key, const struct engine_witness *list, size_t count)
{
    open_list(key);
    for (size_t i = 0; i < count; i++) {
        printf("%s[%u,%u,%.17g,%.17g]", separator, list[i].paper, list[i].citations,
               list[i].counted, list[i].lacks);
        separator = ",";
    }
    close_with("]");
}

static void print_explanation(const char *key, const struct engine_explanation *found)
{
    open_object(key);
    print_count("value", found->value);
    print_witnesses("witnesses", found->witnesses, found->witness_count);
    print_witnesses("next", found->next, found->next_count);
    print_real("next_lacks", found->next_lacks);
    print_count("needs_paper", found->needs_paper);
    open_list("steps");
    for (size_t i = 0; i < found->step_count; i++) {
        printf("%s[%u,%u]", separator, found->steps[i].value, found->steps[i].day);
        separator = ",";
    }
    close_with("]");
    close_with("}");
}

static void print_disruption(const char *key, const struct engine_disruption *found)
{
    open_object(key);
    print_number("index", found->index);
    print_number("nok", found->nok);
    print_number("mcd", found->mcd);
    print_number("dep", found->dep);
    print_count("n_f", found->n_f);
    print_count("n_b", found->n_b);
    print_count("n_r", found->n_r);
    print_count("n_below", found->n_below);
    print_count("shared", found->shared);
    print_day("window_end", found->window_end);
    print_count("window_complete", found->window_complete);
    print_count("hidden_authors", found->hidden_authors);
    close_with("}");
}

static bool print_failure(enum base_code code, const struct base_error *error)
{
    if (code != BASE_OK) {
        printf("{\"code\":\"%s\",\"text\":\"%s\"}\n", base_code_name(code), error->text);
        separator = "";
    }
    return code != BASE_OK;
}

/* --- questions --- */

static uint32_t fields[64];

static struct engine_scope read_scope(void)
{
    struct engine_scope scope = ENGINE_SCOPE_ALL;
    scope.as_of = next_day();
    scope.coverage_end = coverage_end;
    scope.self_citations = (enum engine_self)next();
    scope.counting = (enum engine_counting)next();
    scope.g_rule = (enum engine_g_rule)next();
    scope.retracted = (enum engine_retracted)next();
    scope.citing_refereed = (enum engine_refereed)next();
    scope.refereed = (enum engine_refereed)next();
    scope.position = (enum engine_position)next();
    scope.kinds = (uint32_t)next();
    scope.first_year = (unsigned)next();
    scope.last_year = (unsigned)next();
    scope.field_count = (size_t)next();
    for (size_t i = 0; i < scope.field_count; i++) {
        fields[i] = (uint32_t)next();
    }
    scope.fields = fields;
    return scope;
}

struct question {
    struct engine_set set;
    struct engine_paper *papers;
    struct engine_paper *own;
    uint32_t *operands[LIMIT_TERMS];
};

/* Kinds of operands in a question's line. */
enum { TERM_AUTHOR = 10, TERM_PAPERS = 11 };

static enum base_code read_set(struct question *question, struct base_error *error)
{
    struct engine_term terms[LIMIT_TERMS];
    size_t count = (size_t)next();
    size_t own_count = 0;
    struct engine_set *set = &question->set;
    for (size_t i = 0; i < count; i++) {
        long kind = next();
        terms[i] = (struct engine_term){ENGINE_OPERAND, NULL, 0};
        if (kind == TERM_AUTHOR) {
            uint32_t author = (uint32_t)next();
            const struct engine_authored *list = memory_authored(&graph, author, &terms[i].count);
            question->operands[i] = memory_need(malloc((terms[i].count + 1) * sizeof(uint32_t)));
            question->own = memory_need(
                realloc(question->own, (own_count + terms[i].count + 1) * sizeof *question->own));
            for (size_t k = 0; k < terms[i].count; k++) {
                question->operands[i][k] = list[k].paper;
                question->own[own_count++] = engine_paper_of_authored(&list[k], set->named_count);
            }
            set->identified |= (uint64_t)!graph.name_only[author] << set->named_count;
            set->named_count++;
        } else if (kind == TERM_PAPERS) {
            terms[i].count = (size_t)next();
            question->operands[i] = memory_need(malloc((terms[i].count + 1) * sizeof(uint32_t)));
            for (size_t k = 0; k < terms[i].count; k++) {
                question->operands[i][k] = (uint32_t)next();
            }
        } else {
            terms[i].operator_ = (enum engine_operator)kind;
        }
        terms[i].papers = question->operands[i];
    }
    set->is_author = count == 1 && set->named_count == 1;
    uint32_t *numbers = NULL;
    enum base_code code =
        engine_expression_evaluate(terms, count, LIMIT_SET_PAPERS, &numbers, &set->count, error);
    if (code != BASE_OK) {
        return code;
    }
    set->own = question->own;
    set->own_count = engine_papers_fold(question->own, own_count);
    question->papers = memory_need(malloc((set->count + 1) * sizeof *question->papers));
    for (size_t i = 0; i < set->count; i++) {
        question->papers[i] = memory_facts(&graph, numbers[i]);
        const struct engine_paper *own = engine_papers_find(set->own, set->own_count, numbers[i]);
        if (own != NULL) {
            question->papers[i].places = own->places;
            question->papers[i].named = own->named;
        }
    }
    free(numbers);
    set->papers = question->papers;
    return BASE_OK;
}

static void question_fini(struct question *question)
{
    free(question->papers);
    free(question->own);
    for (size_t i = 0; i < LIMIT_TERMS; i++) {
        free(question->operands[i]);
    }
}

/* Everything about a set: measures, yearly timeline, timeline on given days, explanations. */
static void answer_set(void)
{
    static const char *const names[] = {NULL, "explain_h", "explain_g", "explain_i10"};
    struct engine_scope scope = read_scope();
    uint32_t days[16];
    size_t day_count = (size_t)next();
    for (size_t i = 0; i < day_count; i++) {
        days[i] = next_day();
    }
    struct question question = {0};
    struct base_error error;
    struct engine_edges edges = memory_edges(&graph);
    struct engine_measures measures;
    struct engine_timeline timeline;
    enum base_code code = read_set(&question, &error);
    if (code == BASE_OK) {
        code = engine_measure(work, &edges, &question.set, &scope, ENGINE_GROUP_HISTOGRAMS,
                              &measures, &error);
    }
    if (print_failure(code, &error)) {
        goto fini;
    }
    open_object(NULL);
    print_measures("measures", &measures);
    code = engine_measure(work, &edges, &question.set, &scope,
                          ENGINE_GROUP_HISTOGRAMS | ENGINE_GROUP_TIMELINE, &measures, &error);
    BASE_ASSERT(code == BASE_OK);
    print_measures("measures_and_timeline", &measures);
    print_timeline("timeline_of_measures", &measures.timeline);
    code = engine_timeline_yearly(work, &edges, &question.set, &scope, &timeline, &error);
    BASE_ASSERT(code == BASE_OK);
    print_timeline("timeline", &timeline);
    print_scope("timeline_scope", &timeline.scope);
    code =
        engine_timeline_on(work, &edges, &question.set, &scope, days, day_count, &timeline, &error);
    BASE_ASSERT(code == BASE_OK);
    print_timeline("on_days", &timeline);
    print_scope("on_days_scope", &timeline.scope);
    print_count("on_days_papers", timeline.paper_count);
    for (int what = ENGINE_EXPLAIN_H_INDEX; what <= ENGINE_EXPLAIN_I10_INDEX; what++) {
        struct engine_explanation found;
        code = engine_explain(work, &edges, &question.set, &scope, (enum engine_explained)what,
                              &found, &error);
        BASE_ASSERT(code == BASE_OK);
        print_explanation(names[what], &found);
    }
    close_with("}\n");
    separator = "";
fini:
    question_fini(&question);
}

static void answer_paper(void)
{
    struct engine_scope scope = read_scope();
    uint32_t number = (uint32_t)next();
    struct engine_paper_rule rule = {.window.unit = (enum engine_window_unit)next()};
    rule.window.length = (uint32_t)next();
    rule.reference_free_one = next() != 0;
    struct engine_paper focal = memory_facts(&graph, number);
    struct engine_edges edges = memory_edges(&graph);
    struct engine_paper_metrics found;
    struct base_error error;
    if (print_failure(engine_measure_paper(work, &edges, &focal, &scope, &rule, &found, &error),
                      &error)) {
        return;
    }
    open_object(NULL);
    print_count("citation_count", found.citation_count);
    print_count("reference_count", found.reference_count);
    print_count("self_citation_count", found.self_citation_count);
    print_number("velocity", found.velocity);
    print_count("series_first", found.counts_by_year.first_year);
    open_list("series");
    for (size_t i = 0; i < found.counts_by_year.count; i++) {
        printf("%s%" PRIu32, separator, found.counts_by_year.years[i].citation_count);
        separator = ",";
    }
    close_with("]");
    print_disruption("cd", &found.cd);
    print_disruption("di1", &found.di1);
    print_disruption("di5", &found.di5);
    print_number("beauty", found.sleeping_beauty.b);
    print_count("peak_year", found.sleeping_beauty.peak_year);
    print_count("peak_citations", found.sleeping_beauty.peak_citations);
    print_count("awakening_year", found.sleeping_beauty.awakening_year);
    print_count("window_citations", found.window_citations);
    close_with("}\n");
    separator = "";
}

/* The cohort of a year, field and kind: every member's percentile and fwci. */
static void answer_cohort(void)
{
    struct engine_scope scope = read_scope();
    unsigned year = (unsigned)next();
    uint32_t field = (uint32_t)next();
    uint8_t kind = (uint8_t)next();
    bool leave_one_out = next() != 0;
    struct engine_member *members = memory_need(malloc(graph.paper_end * sizeof *members));
    uint32_t *numbers = memory_need(malloc(graph.paper_end * sizeof *numbers));
    struct engine_run *runs = memory_need(malloc(graph.paper_end * sizeof *runs));
    size_t count = 0;
    for (uint32_t i = 0; i < graph.paper_end; i++) {
        const struct memory_paper *paper = &graph.papers[i];
        if (paper->exists && paper->date.precision != MODEL_NO_DATE &&
            model_day_year(paper->date.day) == year && paper->field == field &&
            paper->kind == kind) {
            const struct engine_citer *citers;
            size_t citer_count;
            memory_citers(&graph, i, &citers, &citer_count, NULL);
            struct engine_paper facts = memory_facts(&graph, i);
            members[count] = engine_measure_member(citers, citer_count, &facts, &scope);
            numbers[count++] = i;
        }
    }
    struct engine_cohort cohort;
    BASE_ASSERT(engine_cohort_build(members, count, runs, &cohort));
    open_object(NULL);
    print_count("size", cohort.size);
    open_list("members");
    for (size_t i = 0; i < count; i++) {
        struct engine_percentile percentile;
        struct engine_fwci fwci;
        engine_percentile(&cohort, members[i].citation_count, &percentile);
        engine_fwci(&cohort, members[i].window_citations, year, engine_scope_day(&scope),
                    leave_one_out, &fwci);
        open_object(NULL);
        print_count("paper", numbers[i]);
        print_count("citations", members[i].citation_count);
        print_count("window", members[i].window_citations);
        print_number("percentile", percentile.value);
        print_count("below", percentile.below);
        print_count("equal", percentile.equal);
        print_number("fwci", fwci.value);
        print_real("lower", fwci.lower);
        print_real("upper", fwci.upper);
        print_real("mean", fwci.mean);
        print_real("variance", fwci.variance);
        print_count("provisional", fwci.provisional);
        close_with("}");
    }
    close_with("]");
    close_with("}\n");
    separator = "";
    free(members);
    free(numbers);
    free(runs);
}

/* G paper_end author_end coverage_end: a new graph. A number: an author known by name only.
 * P …: a paper. C citing cited day precision. F: the graph is whole. S, M, K: questions of a set, a
 * paper, a cohort. */
static void take_line(char letter)
{
    switch (letter) {
    case 'G':
        memory_fini(&graph);
        uint32_t paper_end = (uint32_t)next();
        memory_init(&graph, paper_end, (uint32_t)next());
        coverage_end = next_day();
        break;
    case 'A':
        graph.name_only[next()] = true;
        break;
    case 'P':
        read_paper();
        break;
    case 'C': {
        uint32_t citing = (uint32_t)next();
        uint32_t cited = (uint32_t)next();
        memory_cite(&graph, citing, cited, next_date());
        break;
    }
    case 'F':
        memory_finish(&graph);
        break;
    case 'S':
        answer_set();
        break;
    case 'M':
        answer_paper();
        break;
    case 'K':
        answer_cohort();
        break;
    default:
        fprintf(stderr, "engine-answers: a line begins with '%c'\n", letter);
        exit(64);
    }
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;
    work = memory_need(engine_work_new(NULL, NULL));
    while (getline(&line, &room, stdin) > 0) {
        rest = line + 1;
        take_line(line[0]);
        if (line[0] == 'S' || line[0] == 'M' || line[0] == 'K') {
            fflush(stdout);
        }
    }
    free(line);
    memory_fini(&graph);
    engine_work_free(work);
    return fflush(stdout) == 0 ? 0 : 74;
}
