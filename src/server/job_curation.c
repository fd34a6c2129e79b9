/* hirschd curation: what people decided about identity, and what is disputed. */
#include <stdio.h>

#include "base/exit.h"
#include "ingest/native.h"
#include "json/json.h"
#include "server/job.h"
#include "server/output.h"
#include "store/scan.h"
#include "wire/view.h"

struct listing {
    struct store_reader *reader; /* a second one: the first stands inside its table */
    struct base_buffer line;
};

static enum base_code print_line(struct listing *listing, struct base_error *error)
{
    if (listing->line.failed) {
        return base_fail(error, BASE_RESOURCE_EXHAUSTED, "out of memory");
    }
    if (fwrite(listing->line.data, 1, listing->line.size, stdout) != listing->line.size) {
        return server_output_failed(NULL, error);
    }
    return BASE_OK;
}

static enum base_code on_record(void *context, const struct model_record *record,
                                struct base_error *error)
{
    struct listing *listing = context;
    base_buffer_clear(&listing->line);
    ingest_native_write(record, &listing->line);
    return print_line(listing, error);
}

/* The own id of what a disputed id resolves to. */
static enum base_code own_id(struct listing *listing, enum model_entity entity, uint32_t number,
                             struct base_slice *id, struct base_error *error)
{
    struct store_author author;
    struct store_paper paper;
    enum base_code code = entity == MODEL_AUTHOR
                              ? store_read_author(listing->reader, number, &author, error)
                              : store_read_paper(listing->reader, number, &paper, error);
    if (code == BASE_OK) {
        *id = wire_view_id(entity == MODEL_AUTHOR ? author.view : paper.view);
    }
    return code;
}

static enum base_code on_disputed(void *context, enum model_entity entity,
                                  const struct model_id *id, uint32_t number,
                                  struct base_error *error)
{
    struct listing *listing = context;
    struct base_slice own;
    enum base_code code = own_id(listing, entity, number, &own, error);
    if (code != BASE_OK) {
        return code;
    }
    char text[MODEL_ID_TEXT];
    struct json_writer json;
    base_buffer_clear(&listing->line);
    json_writer_init(&json, &listing->line, 0);
    json_begin_object(&json);
    json_write_key(&json, "type");
    json_write_text(&json, "disputed");
    json_write_key(&json, "entity");
    json_write_text(&json, entity == MODEL_AUTHOR ? "author" : "paper");
    json_write_key(&json, "id");
    json_write_string(&json, base_slice(text, model_id_text(id, text)));
    json_write_key(&json, "resolvesTo");
    json_write_string(&json, own);
    json_end_object(&json);
    base_buffer_append_byte(&listing->line, '\n');
    return print_line(listing, error);
}

static enum base_code list(struct store *store, struct base_error *error)
{
    struct listing listing = {0};
    struct store_reader *reader;
    enum base_code code = store_reader_new(store, &reader, error);
    if (code != BASE_OK) {
        return code;
    }
    code = store_reader_new(store, &listing.reader, error);
    if (code == BASE_OK) {
        code = store_scan_records(reader, MODEL_RECORD_SUPPRESS, MODEL_RECORD_MERGE, on_record,
                                  &listing, error);
    }
    if (code == BASE_OK) {
        code = store_scan_disputed(reader, on_disputed, &listing, error);
    }
    base_buffer_fini(&listing.line);
    store_reader_free(listing.reader);
    store_reader_free(reader);
    return code;
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    struct store *store;
    struct base_error error;
    enum base_code code = store_open(settings->data, settings->map_size, &store, &error);
    if (code == BASE_OK) {
        code = list(store, &error);
        store_close(store);
    }
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: curation: %s\n", error.text);
    }
    return base_exit_of(code);
}

const struct server_job server_job_curation = {
    .name = "curation",
    .arguments = "",
    .summary = "Lists merge and suppress lines and disputed ids",
    .help = "One JSON object a line: suppress lines, merge lines as they were imported, then each\n"
            "disputed id (claimed by two records of one source) with what it resolves to.\n"
            "\n"
            "Examples:\n"
            "  hirschd curation --data DIR\n",
    .options = "data map-size",
    .takes_arguments = false,
    .run = run,
};
