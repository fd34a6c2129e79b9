#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "base/exit.h"
#include "cli/batch.h"
#include "cli/ids.h"
#include "cli/report.h"
#include "hirsch/records.h"
#include "json/json.h"
#include "model/id.h"

enum { DEFAULT_PARALLEL = 8, PRINT_BYTES = 64 * 1024 };

/* One run of the command. */
struct deletion {
    const struct cli_context *context;
    struct cli_ids ids;
    struct base_arena arena; /* of the halves of a pair */
    struct base_buffer out;
    hirsch_bulk *bulk;
    struct cli_tally tally;
    bool unprinted; /* stdout takes no more */
};

static bool is_id(struct base_slice text, struct base_arena *arena)
{
    struct model_id id;
    struct base_error error;
    return model_id_parse(text, arena, &id, &error) == BASE_OK;
}

/* The '>' of a pair, or NULL: an id may hold one too (old DOIs do), so both sides must be ids. */
static const char *find_middle(const char *text, struct base_arena *arena)
{
    for (const char *at = strchr(text, '>'); at != NULL; at = strchr(at + 1, '>')) {
        if (is_id(base_slice(text, (size_t)(at - text)), arena) &&
            is_id(base_slice_text(at + 1), arena)) {
            return at;
        }
    }
    return NULL;
}

static enum hirsch_record_type type_of(const char *kind, bool pair)
{
    static const struct {
        const char *name;
        enum hirsch_record_type type;
    } kinds[] = {{"author", HIRSCH_RECORD_AUTHOR},
                 {"paper", HIRSCH_RECORD_PAPER},
                 {"citation", HIRSCH_RECORD_CITATION},
                 {"merge", HIRSCH_RECORD_MERGE},
                 {"suppress", HIRSCH_RECORD_SUPPRESS}};
    for (size_t i = 0; kind != NULL && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kind, kinds[i].name) == 0) {
            return kinds[i].type;
        }
    }
    return pair ? HIRSCH_RECORD_CITATION : HIRSCH_RECORD_UNSPECIFIED;
}

static bool read_key(struct deletion *deletion, const char *text, struct hirsch_record_key *key)
{
    const char *middle = find_middle(text, &deletion->arena);
    enum hirsch_record_type type = type_of(deletion->context->options->kind, middle != NULL);
    *key = (struct hirsch_record_key){.type = type, .id = text};
    if (middle == NULL || (type != HIRSCH_RECORD_CITATION && type != HIRSCH_RECORD_MERGE)) {
        return true;
    }
    key->id = base_arena_copy(&deletion->arena, base_slice(text, (size_t)(middle - text))).data;
    key->other = middle + 1;
    return key->id != NULL;
}

static const char *outcome_name(const struct hirsch_write_item *item)
{
    switch (item->outcome) {
    case HIRSCH_RECORD_DELETED:
        return "deleted";
    case HIRSCH_RECORD_ABSENT:
        return "absent";
    default:
        return "failed";
    }
}

static void put_row(struct deletion *deletion, const char *id, const struct hirsch_write_item *item)
{
    struct base_buffer *out = &deletion->out;
    struct base_buffer clean = BASE_BUFFER_EMPTY;
    if (deletion->context->options->json) {
        char number[24];
        struct json_writer writer;
        struct hirsch_bulk_totals totals;
        hirsch_bulk_totals(deletion->bulk, &totals);
        json_writer_init(&writer, out, 0);
        json_begin_object(&writer);
        json_write_key(&writer, "id");
        json_write_text(&writer, id);
        json_write_key(&writer, "outcome");
        json_write_text(&writer, outcome_name(item));
        if (item->code != HIRSCH_OK) {
            json_write_key(&writer, "message");
            json_write_text(&writer, item->message);
        }
        snprintf(number, sizeof number, "%llu", (unsigned long long)totals.sequence);
        json_write_key(&writer, "sequence");
        json_write_text(&writer, number);
        json_end_object(&writer);
        base_buffer_append_byte(out, '\n');
    } else {
        cli_clean(base_slice_text(id), &clean);
        base_buffer_append_format(out, "%-8s %.*s\n", outcome_name(item), (int)clean.size,
                                  clean.data);
    }
    base_buffer_fini(&clean);
}

static void print(struct deletion *deletion)
{
    if (deletion->out.size > 0 && !deletion->unprinted) {
        deletion->unprinted = !cli_print(&deletion->out);
    }
    base_buffer_clear(&deletion->out);
}

/* number: place among the ids. */
static void on_item(void *context, uint64_t number, const struct hirsch_write_item *item)
{
    struct deletion *deletion = context;
    const char *id = deletion->ids.values[number];
    if (item->outcome == HIRSCH_RECORD_OUTCOME_UNSPECIFIED ||
        item->outcome == HIRSCH_RECORD_NOT_SENT) {
        return; /* its request failed as a whole: said once, at the end */
    }
    put_row(deletion, id, item);
    if (item->code != HIRSCH_OK) {
        cli_item_failed(&deletion->tally, id, item->code, item->message);
    } else if (item->outcome == HIRSCH_RECORD_ABSENT) {
        cli_item_failed(&deletion->tally, id, HIRSCH_NOT_FOUND, "no record has this primary id");
    }
    if (deletion->out.size >= PRINT_BYTES) {
        print(deletion);
    }
}

static enum hirsch_code delete_all(struct deletion *deletion, hirsch_error **error)
{
    enum hirsch_code code = HIRSCH_OK;
    for (size_t i = 0; i < deletion->ids.count && code == HIRSCH_OK && !deletion->unprinted; i++) {
        struct hirsch_record_key key;
        base_arena_reset(&deletion->arena);
        if (!read_key(deletion, deletion->ids.values[i], &key)) {
            cli_complain("memory is out");
            *error = NULL;
            code = HIRSCH_INTERNAL;
        } else {
            code = hirsch_bulk_delete(deletion->bulk, i, &key, error);
        }
    }
    hirsch_error *last = NULL;
    enum hirsch_code flushed = hirsch_bulk_flush(deletion->bulk, &last);
    print(deletion);
    if (code != HIRSCH_OK) {
        hirsch_free(last);
        return code;
    }
    *error = last;
    return flushed;
}

static int run_deletion(struct deletion *deletion)
{
    const struct cli_options *options = deletion->context->options;
    struct hirsch_bulk_options bulk = HIRSCH_BULK_OPTIONS_INIT;
    hirsch_error *error = NULL;
    bulk.in_flight = options->parallel != 0 ? options->parallel : DEFAULT_PARALLEL;
    bulk.timeout_ms = options->timeout_ms;
    bulk.on_item = on_item;
    bulk.context = deletion;
    deletion->tally.asked = deletion->ids.count;
    if (hirsch_bulk_open(deletion->context->client, &bulk, &deletion->bulk, &error) != HIRSCH_OK ||
        delete_all(deletion, &error) != HIRSCH_OK) {
        return cli_report(error, deletion->ids.count == 1 ? deletion->ids.values[0] : NULL);
    }
    return deletion->unprinted ? BASE_EXIT_IO : cli_tally_exit(&deletion->tally);
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    struct base_error error;
    int exit_code = BASE_EXIT_OK;
    struct deletion deletion = {.context = context};
    base_arena_init(&deletion.arena, 0);
    base_buffer_init(&deletion.out);
    enum base_code code = cli_ids_read(&deletion.ids, count, arguments, stdin, &error);
    if (code != BASE_OK) {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(code);
    } else if (deletion.ids.count > 0) {
        exit_code = run_deletion(&deletion);
    }
    hirsch_bulk_close(deletion.bulk);
    cli_ids_fini(&deletion.ids);
    base_buffer_fini(&deletion.out);
    base_arena_fini(&deletion.arena);
    return exit_code;
}

const struct cli_command cli_command_delete = {
    .name = "delete",
    .arguments = "ID...",
    .summary = "records by their primary ids; citations as 'CITING>CITED'",
    .help =
        "Deletes the author record and the paper record whose primary id ID is, and says for\n"
        "each whether there was one; with --kind only the one of them. A pair 'CITING>CITED'\n"
        "names a citation record; those that a paper's references make go with that paper.\n"
        "--kind merge takes 'FROM>INTO', --kind suppress the id that is suppressed. `-` reads\n"
        "from stdin, one a line, any number. A paper that is still cited stays as a stub. A "
        "server\n"
        "whose queue is full is waited for. Exit code 2 when some had no record, 4 when none had.\n"
        "\n"
        "Examples:\n"
        "  hirsch delete doi:10.5555/graph.7\n"
        "  hirsch delete --kind author local:max-lam\n"
        "  hirsch papers local:max-lam --json | jq -r .id | hirsch delete --kind paper -\n"
        "  hirsch delete 'arxiv:1812.01234>doi:10.5555/graph.7' --json | jq -r .sequence\n"
        "  hirsch delete --kind merge 'openalex:A2>orcid:0000-0002-1825-0097'\n",
    .options = "server timeout json kind parallel",
    .takes = "one or more ids, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
