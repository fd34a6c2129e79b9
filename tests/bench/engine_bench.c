/* Times the engine: disruption of every paper of a graph beside a pointer-chasing comparator, and
 * sets of a made corpus. Prints one line a figure: name, value, unit, note. */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "engine/disruption.h"
#include "engine/measure.h"
#include "engine/timeline.h"
#include "support/engine_memory.h"

static double seconds(void)
{
    return (double)base_clock_monotonic_ns() / 1e9;
}

/* Of this thread alone: what a busy machine takes away is not in it. */
static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void print_figure(const char *name, double value, const char *unit, const char *note)
{
    printf("%s\t%.6g\t%s\t%s\n", name, value, unit, note);
}

/* --- the comparator: vertices that point at each other, as the classic program keeps them --- */

struct vertex {
    uint32_t day;
    struct vertex **cites;
    size_t cites_count;
    struct vertex **cited_by;
    size_t cited_by_count;
};

static bool is_among(struct vertex *const *list, size_t count, const struct vertex *wanted)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == wanted) {
            return true;
        }
    }
    return false;
}

static size_t gather(const struct vertex *of, const struct vertex *focal, uint32_t end,
                     struct vertex **candidates, size_t count)
{
    for (size_t i = 0; i < of->cited_by_count; i++) {
        struct vertex *other = of->cited_by[i];
        if (other->day > focal->day && other->day <= end && !is_among(candidates, count, other)) {
            candidates[count++] = other;
        }
    }
    return count;
}

/* False: undefined. */
static bool pointer_cd(const struct vertex *focal, uint32_t end, struct vertex **candidates,
                       double *cd)
{
    size_t count = gather(focal, focal, end, candidates, 0);
    for (size_t i = 0; i < focal->cites_count; i++) {
        count = gather(focal->cites[i], focal, end, candidates, count);
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        bool cites_focal = is_among(candidates[i]->cites, candidates[i]->cites_count, focal);
        bool cites_reference = false;
        for (size_t k = 0; k < candidates[i]->cites_count && !cites_reference; k++) {
            cites_reference = is_among(focal->cites, focal->cites_count, candidates[i]->cites[k]);
        }
        sum += cites_focal ? (cites_reference ? -1 : 1) : 0;
    }
    *cd = count > 0 ? sum / (double)count : 0;
    return count > 0 && focal->cites_count > 0;
}

static struct vertex *make_vertices(const struct memory_graph *graph)
{
    struct vertex *vertices = memory_need(calloc(graph->paper_end, sizeof *vertices));
    for (uint32_t n = 0; n < graph->paper_end; n++) {
        struct vertex *vertex = &vertices[n];
        vertex->day = graph->papers[n].date.day;
        vertex->cites_count = (size_t)(graph->cites_first[n + 1] - graph->cites_first[n]);
        vertex->cited_by_count = (size_t)(graph->citers_first[n + 1] - graph->citers_first[n]);
        vertex->cites = memory_need(malloc((vertex->cites_count + 1) * sizeof(struct vertex *)));
        vertex->cited_by =
            memory_need(malloc((vertex->cited_by_count + 1) * sizeof(struct vertex *)));
        for (size_t i = 0; i < vertex->cites_count; i++) {
            vertex->cites[i] = &vertices[graph->cites[graph->cites_first[n] + i]];
        }
        for (size_t i = 0; i < vertex->cited_by_count; i++) {
            vertex->cited_by[i] = &vertices[graph->citers[graph->citers_first[n] + i].paper];
        }
    }
    return vertices;
}

static void free_vertices(struct vertex *vertices, uint32_t end)
{
    for (uint32_t n = 0; n < end; n++) {
        free(vertices[n].cites);
        free(vertices[n].cited_by);
    }
    free(vertices);
}

/* A graph from standard input: papers, then the day of each from number 1, then citing and cited
 * pairs. */
static void read_graph(struct memory_graph *graph)
{
    unsigned count;
    if (scanf("%u", &count) != 1) {
        exit(65);
    }
    memory_init(graph, count + 1, 0);
    for (uint32_t n = 1; n <= count; n++) {
        unsigned day;
        if (scanf("%u", &day) != 1) {
            exit(65);
        }
        graph->papers[n].exists = true;
        graph->papers[n].date = (struct model_date){day, MODEL_DAY};
    }
    unsigned citing;
    unsigned cited;
    while (scanf("%u %u", &citing, &cited) == 2) {
        memory_cite(graph, citing, cited, MODEL_UNDATED);
    }
    memory_finish(graph);
}

static int bench_disruption(void)
{
    enum { ROUNDS = 5 };
    struct memory_graph graph;
    read_graph(&graph);
    struct vertex *vertices = make_vertices(&graph);
    struct vertex **candidates = memory_need(calloc(graph.edge_count + 1, sizeof *candidates));
    struct engine_edges edges = memory_edges(&graph);
    struct engine_work *work = memory_need(engine_work_new(NULL, NULL));
    struct engine_scope scope = ENGINE_SCOPE_ALL;
    const struct engine_disruption_rule rule = {.window = ENGINE_WINDOW_DEFAULT};
    double ours = 1e9;
    double theirs = 1e9;
    uint32_t different = 0;
    uint32_t defined = 0;
    /* Interleaved; the best round of each. */
    for (int round = 0; round < ROUNDS; round++) {
        double started = seconds();
        double sum = 0;
        for (uint32_t n = 1; n < graph.paper_end; n++) {
            struct engine_disruption found;
            struct base_error error;
            engine_disrupt(work, &edges, n, graph.papers[n].date.day, &scope, &rule, &found,
                           &error);
            sum += found.index.value;
        }
        double took = seconds() - started;
        ours = took < ours ? took : ours;
        started = seconds();
        for (uint32_t n = 1; n < graph.paper_end; n++) {
            double cd;
            uint32_t end = engine_window_end(vertices[n].day, rule.window);
            sum -= pointer_cd(&vertices[n], end, candidates, &cd) ? cd : 0;
        }
        took = seconds() - started;
        theirs = took < theirs ? took : theirs;
        different += sum > 1e-6 || sum < -1e-6;
    }
    for (uint32_t n = 1; n < graph.paper_end; n++) {
        struct engine_disruption found;
        struct base_error error;
        double cd;
        engine_disrupt(work, &edges, n, graph.papers[n].date.day, &scope, &rule, &found, &error);
        uint32_t end = engine_window_end(vertices[n].day, rule.window);
        bool is_defined = pointer_cd(&vertices[n], end, candidates, &cd);
        defined += is_defined;
        different +=
            is_defined != (found.index.reason == ENGINE_REASON_DEFINED) ||
            (is_defined && (cd - found.index.value > 1e-12 || found.index.value - cd > 1e-12));
    }
    double papers = graph.paper_end - 1.0;
    char note[128];
    snprintf(note, sizeof note, "%u of %.0f different, %u defined", different, papers, defined);
    print_figure("cd", papers / ours, "papers/s", note);
    print_figure("cd, pointer chasing", papers / theirs, "papers/s", "");
    engine_work_free(work);
    free(candidates);
    free_vertices(vertices, graph.paper_end);
    memory_fini(&graph);
    return different == 0 ? 0 : 1;
}

/* --- a made corpus --- */

static uint64_t random_state = 1;

static uint32_t random_below(uint32_t end)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((random_state >> 32) * end >> 32);
}

/* Papers dated over thirty years, ten citations each to earlier ones, half of them to the popular
 * tenth; two authors each of a third as many. */
static void make_corpus(struct memory_graph *graph, uint32_t papers, uint32_t each)
{
    memory_init(graph, papers + 1, papers / 3 + 2);
    uint32_t first = model_day_of(1990, 1, 1);
    for (uint32_t n = 1; n <= papers; n++) {
        struct memory_paper *paper = &graph->papers[n];
        paper->exists = true;
        paper->date =
            (struct model_date){first + (uint32_t)((uint64_t)n * 10950 / papers), MODEL_DAY};
        paper->refereed = 1 + random_below(2);
        paper->authors = memory_need(malloc(2 * sizeof *paper->authors));
        uint32_t one = 1 + random_below(papers / 3);
        paper->authors[0] = (struct memory_authorship){one, 1};
        paper->authors[1] = (struct memory_authorship){1 + one % (papers / 3), 2};
        paper->author_count = 2;
        for (uint32_t i = 0; i < each && n > 1; i++) {
            uint32_t cited = 1 + random_below(n - 1);
            memory_cite(graph, n, i % 2 == 0 ? cited : 1 + cited / 10, MODEL_UNDATED);
        }
    }
    memory_finish(graph);
}

/* A set of the first `count` papers in steps. */
static void make_set(const struct memory_graph *graph, uint32_t count, uint32_t step,
                     struct engine_paper *papers, struct engine_set *set)
{
    for (uint32_t i = 0; i < count; i++) {
        papers[i] = memory_facts(graph, 1 + i * step);
        papers[i].named = 1;
    }
    *set = (struct engine_set){.papers = papers,
                               .count = count,
                               .own = papers,
                               .own_count = count,
                               .named_count = 1,
                               .identified = 1,
                               .is_author = true};
}

static int by_time(const void *left, const void *right)
{
    double a = *(const double *)left;
    double b = *(const double *)right;
    return a < b ? -1 : a > b;
}

enum { TIMES = 101 };

static double median_ms(double times[TIMES])
{
    qsort(times, TIMES, sizeof *times, by_time);
    return times[TIMES / 2] * 1000;
}

enum work_kind { MEASURE_ALL, MEASURE_PLAIN, MEASURE_AS_OF, TIMELINE };

/* Median milliseconds by the clock; *cpu_ms: of the processor. */
static double time_set(struct engine_work *work, struct memory_graph *graph,
                       const struct engine_set *set, enum work_kind kind, uint64_t *citations,
                       double *cpu_ms)
{
    struct engine_edges edges = memory_edges(graph);
    struct engine_scope scope = ENGINE_SCOPE_ALL;
    scope.coverage_end = model_day_of(2019, 12, 31);
    scope.as_of = kind == MEASURE_AS_OF ? model_day_of(2019, 12, 30) : ENGINE_NO_DAY;
    double times[TIMES];
    double cpu_times[TIMES];
    for (int i = 0; i < TIMES; i++) {
        struct engine_measures measures = {0};
        struct engine_timeline timeline;
        struct base_error error;
        double started = seconds();
        double cpu_started = cpu_seconds();
        enum base_code code = BASE_OK;
        if (kind != TIMELINE) {
            unsigned groups = ENGINE_GROUP_HISTOGRAMS | ENGINE_GROUP_TIMELINE;
            code = engine_measure(work, &edges, set, &scope, kind == MEASURE_ALL ? groups : 0,
                                  &measures, &error);
            *citations = measures.citation_count;
        } else {
            code = engine_timeline_yearly(work, &edges, set, &scope, &timeline, &error);
        }
        BASE_ASSERT(code == BASE_OK);
        times[i] = seconds() - started;
        cpu_times[i] = cpu_seconds() - cpu_started;
    }
    *cpu_ms = median_ms(cpu_times);
    return median_ms(times);
}

static void bench_sets(void)
{
    struct memory_graph graph;
    struct engine_set set;
    uint64_t citations = 0;
    char note[128];
    make_corpus(&graph, 100000, 40);
    struct engine_work *work = memory_need(engine_work_new(NULL, NULL));
    struct engine_paper *papers = memory_need(malloc(3000 * sizeof *papers));
    make_set(&graph, 3000, 33, papers, &set);
    double cpu = 0;
    double all = time_set(work, &graph, &set, MEASURE_ALL, &citations, &cpu);
    snprintf(note, sizeof note, "CPU %.3g ms; 3000 papers, %llu citations", cpu,
             (unsigned long long)citations);
    print_figure("all groups, p50", all, "ms", note);
    double plain_cpu = 0;
    double plain = time_set(work, &graph, &set, MEASURE_PLAIN, &citations, &plain_cpu);
    snprintf(note, sizeof note, "CPU %.3g ms; no histograms, no timeline", plain_cpu);
    print_figure("today's answer, p50", plain, "ms", note);
    double as_of = time_set(work, &graph, &set, MEASURE_AS_OF, &citations, &cpu);
    snprintf(note, sizeof note, "CPU %.3g ms, %.2f of today's", cpu, cpu / plain_cpu);
    print_figure("as_of, p50", as_of, "ms", note);
    make_set(&graph, 500, 199, papers, &set);
    double timeline = time_set(work, &graph, &set, TIMELINE, &citations, &cpu);
    snprintf(note, sizeof note, "CPU %.3g ms; 500 papers, 30 years", cpu);
    print_figure("timeline, p50", timeline, "ms", note);
    engine_work_free(work);
    free(papers);
    memory_fini(&graph);
}

struct recount {
    struct memory_graph *graph;
    uint32_t first;
    uint32_t step;
    uint64_t citations;
    uint64_t h_sum;
    double cpu; /* seconds of the processor */
};

static void *recount_authors(void *context)
{
    struct recount *recount = context;
    struct memory_graph *graph = recount->graph;
    struct engine_edges edges = memory_edges(graph);
    struct engine_work *work = memory_need(engine_work_new(NULL, NULL));
    struct engine_scope scope = ENGINE_SCOPE_ALL;
    scope.coverage_end = model_day_of(2019, 12, 31);
    struct engine_paper papers[256];
    double cpu_started = cpu_seconds();
    for (uint32_t author = recount->first; author < graph->author_end; author += recount->step) {
        size_t count;
        const struct engine_authored *list = memory_authored(graph, author, &count);
        count = count < 256 ? count : 256;
        for (size_t i = 0; i < count; i++) {
            papers[i] = engine_paper_of_authored(&list[i], 0);
        }
        struct engine_set set = {papers, count, papers, count, 1, 1, true};
        struct engine_measures measures;
        struct base_error error;
        BASE_ASSERT(engine_measure(work, &edges, &set, &scope, 0, &measures, &error) == BASE_OK);
        recount->citations += measures.citation_count;
        recount->h_sum += measures.h_index;
    }
    recount->cpu = cpu_seconds() - cpu_started;
    engine_work_free(work);
    return NULL;
}

static void bench_recount(void)
{
    enum { THREADS = 2 };
    struct memory_graph graph;
    make_corpus(&graph, 1000000, 10);
    pthread_t threads[THREADS];
    struct recount recounts[THREADS];
    double started = seconds();
    for (uint32_t i = 0; i < THREADS; i++) {
        recounts[i] = (struct recount){&graph, 1 + i, THREADS, 0, 0, 0};
        BASE_ASSERT(pthread_create(&threads[i], NULL, recount_authors, &recounts[i]) == 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
    }
    double took = seconds() - started;
    char note[160];
    snprintf(note, sizeof note,
             "CPU %.3g and %.3g s on 2 threads; %u authors, %u papers, %zu citations",
             recounts[0].cpu, recounts[1].cpu, graph.author_end - 1, graph.paper_end - 1,
             graph.edge_count);
    print_figure("recount of all authors", took, "s", note);
    memory_fini(&graph);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "cd") == 0) {
        return bench_disruption();
    }
    if (argc == 2 && strcmp(argv[1], "sets") == 0) {
        bench_sets();
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "recount") == 0) {
        bench_recount();
        return 0;
    }
    fprintf(stderr, "usage: engine-bench cd <graph | engine-bench sets | engine-bench recount\n");
    return 64;
}
