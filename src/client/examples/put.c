/* Records put in bulk: put NAME TITLE… makes an author, and a paper of each title. */
#include <hirsch/records.h>
#include <stdio.h>

static void told(void *context, uint64_t number, const struct hirsch_write_item *item)
{
    (void)context;
    if (item->code != HIRSCH_OK) {
        printf("record %llu: %s: %s\n", (unsigned long long)number, hirsch_code_name(item->code),
               item->message);
    }
}

static enum hirsch_code put_all(hirsch_bulk *bulk, int count, char **texts, hirsch_error **error)
{
    struct hirsch_author_record author = HIRSCH_AUTHOR_RECORD_INIT;
    struct hirsch_record record = {HIRSCH_RECORD_AUTHOR, &author};
    author.id = "local:example-author";
    author.name = texts[0];
    enum hirsch_code code = hirsch_bulk_put(bulk, 0, &record, error);
    for (int i = 1; i < count && code == HIRSCH_OK; i++) {
        char id[40];
        struct hirsch_authorship_record writer = {.id = author.id, .name = author.name};
        struct hirsch_paper_record paper = HIRSCH_PAPER_RECORD_INIT;
        struct hirsch_record one = {HIRSCH_RECORD_PAPER, &paper};
        snprintf(id, sizeof id, "local:example-%d", i);
        paper.id = id;
        paper.title = texts[i];
        paper.author_count = 1;
        paper.authors = &writer;
        code = hirsch_bulk_put(bulk, (uint64_t)i, &one, error);
    }
    return code == HIRSCH_OK ? hirsch_bulk_flush(bulk, error) : code;
}

int main(int argc, char **argv)
{
    hirsch_client *client = NULL;
    hirsch_bulk *bulk = NULL;
    hirsch_error *error = NULL;
    struct hirsch_bulk_totals totals;
    struct hirsch_bulk_options options = HIRSCH_BULK_OPTIONS_INIT;
    options.on_item = told;
    int status = 1;
    if (argc < 2) {
        fprintf(stderr, "put NAME TITLE...\n");
    } else if (hirsch_open(NULL, &client, &error) == HIRSCH_OK &&
               hirsch_bulk_open(client, &options, &bulk, &error) == HIRSCH_OK &&
               put_all(bulk, argc - 1, argv + 1, &error) == HIRSCH_OK) {
        hirsch_bulk_totals(bulk, &totals);
        printf("%llu stored, %llu unchanged, %llu failed\n", (unsigned long long)totals.stored,
               (unsigned long long)totals.unchanged, (unsigned long long)totals.failed);
        status = 0;
    } else {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(error->code), error->text);
    }
    hirsch_bulk_close(bulk);
    hirsch_free(error);
    hirsch_close(client);
    return status;
}
