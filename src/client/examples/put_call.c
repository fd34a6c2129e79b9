/* Any number of records in one call: put_call KEY COUNT makes papers of no content. The same call
 * again, with the same key, has nothing done twice and completes what failed. */
#include <hirsch/records.h>
#include <stdio.h>
#include <stdlib.h>

struct made {
    char id[40];
    struct hirsch_paper_record paper;
};

static void make_papers(struct made *made, struct hirsch_record *records, size_t count)
{
    const struct hirsch_paper_record empty = HIRSCH_PAPER_RECORD_INIT;
    for (size_t i = 0; i < count; i++) {
        snprintf(made[i].id, sizeof made[i].id, "local:example-call-%zu", i);
        made[i].paper = empty;
        made[i].paper.id = made[i].id;
        made[i].paper.title = "Example";
        made[i].paper.updated = "2026-01-31";
        records[i].type = HIRSCH_RECORD_PAPER;
        records[i].record = &made[i].paper;
    }
}

static void tell(const struct hirsch_write_result *result)
{
    size_t stored = 0;
    size_t unknown = 0;
    size_t unsent = 0;
    for (size_t i = 0; i < result->count; i++) {
        stored += result->items[i].outcome == HIRSCH_RECORD_STORED;
        unknown += result->items[i].outcome == HIRSCH_RECORD_OUTCOME_UNSPECIFIED;
        unsent += result->items[i].outcome == HIRSCH_RECORD_NOT_SENT;
    }
    printf("%zu of %zu stored, %zu not known, %zu not sent\n", stored, result->count, unknown,
           unsent);
}

int main(int argc, char **argv)
{
    size_t count = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;
    struct made *made = calloc(count + 1, sizeof *made);
    struct hirsch_record *records = calloc(count + 1, sizeof *records);
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    const struct hirsch_write_result *result = NULL;
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    call.timeout_ms = 60000; /* for all of it */
    if (count == 0 || made == NULL || records == NULL) {
        fprintf(stderr, "put_call KEY COUNT\n");
        return 1;
    }
    make_papers(made, records, count);
    if (hirsch_open(NULL, &client, &error) == HIRSCH_OK &&
        hirsch_put_records(client, records, count, argv[1], &call, &result, &error) == HIRSCH_OK) {
        tell(result);
    } else {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(error->code), error->text);
        if (error->partial != NULL) {
            tell(error->partial);
        }
    }
    int status = error == NULL ? 0 : 1;
    hirsch_free(result);
    hirsch_free(error);
    hirsch_close(client);
    free(records);
    free(made);
    return status;
}
