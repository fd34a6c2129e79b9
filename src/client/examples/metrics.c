/* h-index and citations of an author at the end of every year: metrics ID [DAY] */
#include <hirsch/metrics.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fputs("usage: metrics ID [DAY]\n", stderr);
        return 64;
    }
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_set_metrics *metrics = NULL;
    struct hirsch_set_term author = hirsch_author_term(argv[1]);
    struct hirsch_metric_scope scope = HIRSCH_METRIC_SCOPE_INIT;
    struct hirsch_compute_metrics request = HIRSCH_COMPUTE_METRICS_INIT;
    scope.as_of = argc == 3 ? argv[2] : NULL;
    request.term_count = 1;
    request.terms = &author;
    request.scope = &scope;
    request.groups = HIRSCH_METRICS_BASIC | HIRSCH_METRICS_INDICATORS | HIRSCH_METRICS_TIMELINE;
    enum hirsch_code code = hirsch_open(NULL, &client, &error);
    if (code == HIRSCH_OK) {
        code = hirsch_compute_metrics(client, &request, NULL, &metrics, &error);
    }
    if (code == HIRSCH_OK) {
        for (size_t i = 0; i < metrics->timeline_count; i++) {
            const struct hirsch_timeline_row *row = &metrics->timeline[i];
            printf("%s  h %.0f  %.0f citations\n", row->day, row->h_index.value,
                   row->citation_count.value);
        }
        printf("%.0f papers, h %.0f, m ", metrics->paper_count.value, metrics->h_index.value);
        if (metrics->m_quotient.has_value) {
            printf("%.3f\n", metrics->m_quotient.value);
        } else {
            printf("undefined: %s\n", metrics->m_quotient.undefined);
        }
    } else {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(code), error->text);
    }
    hirsch_free(metrics);
    hirsch_free(error);
    hirsch_close(client);
    return code == HIRSCH_OK ? 0 : 1;
}
