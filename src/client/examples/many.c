/* Many requests under way at once on one client: many ID TIMES */
#include <hirsch/client.h>
#include <stdio.h>
#include <stdlib.h>

struct tally {
    unsigned long answered;
    unsigned long failed;
};

static void done(const struct hirsch_completion *completion)
{
    struct tally *tally = completion->context;
    if (completion->code == HIRSCH_OK) {
        tally->answered++;
    } else {
        tally->failed++;
    }
    hirsch_free(completion->result);
    hirsch_free(completion->error);
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fputs("usage: many ID TIMES\n", stderr);
        return 64;
    }
    unsigned long times = strtoul(argv[2], NULL, 10);
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    struct tally tally = {0, 0};
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.done = done;
    call.context = &tally;
    enum hirsch_code code = hirsch_open(NULL, &client, &error);
    for (unsigned long i = 0; i < times && code == HIRSCH_OK; i++) {
        code = hirsch_get_author(client, argv[1], &call, NULL, &error);
        while (i - (tally.answered + tally.failed) >= 1000 && hirsch_poll(client, -1) > 0) {
            /* No more than 1,000 at once. */
        }
    }
    while (code == HIRSCH_OK && hirsch_poll(client, -1) > 0) {
        /* Until none is under way. */
    }
    if (code != HIRSCH_OK) {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(code), error->text);
    }
    hirsch_close(client);
    hirsch_free(error);
    printf("%lu answered, %lu failed\n", tally.answered, tally.failed);
    return code == HIRSCH_OK && tally.failed == 0 ? 0 : 1;
}
