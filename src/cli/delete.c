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

struct deletion {
    const struct cli_context *context;
    struct base_arena arena; /* of the halves of pairs */
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

static void put_row(struct base_buffer *out, const struct deletion *deletion, const char *id,
                    const struct hirsch_write_item *item, uint64_t sequence)
{
    struct base_buffer clean = BASE_BUFFER_EMPTY;
    if (deletion->context->options->json) {
        char number[24];
        struct json_writer writer;
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
        snprintf(number, sizeof number, "%llu", (unsigned long long)sequence);
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

static void note_failure(struct cli_tally *tally, const char *id,
                         const struct hirsch_write_item *item)
{
    if (item->code != HIRSCH_OK) {
        cli_item_failed(tally, id, item->code, item->message);
    } else if (item->outcome == HIRSCH_RECORD_ABSENT) {
        cli_item_failed(tally, id, HIRSCH_NOT_FOUND, "no record has this primary id");
    }
}

static enum hirsch_code ask(void *state, const char *const *ids, size_t count,
                            struct cli_tally *tally, bool *stop, hirsch_error **error)
{
    struct deletion *deletion = state;
    struct hirsch_record_key keys[HIRSCH_MAX_BATCH];
    const struct hirsch_write_result *result = NULL;
    base_arena_reset(&deletion->arena);
    for (size_t i = 0; i < count; i++) {
        if (!read_key(deletion, ids[i], &keys[i])) {
            cli_complain("memory is out");
            *error = NULL;
            *stop = true;
            return HIRSCH_INTERNAL;
        }
    }
    enum hirsch_code code =
        hirsch_delete_records(deletion->context->client, keys, count, NULL, NULL, &result, error);
    if (code == HIRSCH_OK) {
        struct base_buffer out = BASE_BUFFER_EMPTY;
        for (size_t i = 0; i < count; i++) {
            put_row(&out, deletion, ids[i], &result->items[i], result->sequence);
            note_failure(tally, ids[i], &result->items[i]);
        }
        *stop = !cli_print(&out);
        base_buffer_fini(&out);
        hirsch_free(result);
    }
    return code;
}

static int run(const struct cli_context *context, int count, char **arguments)
{
    struct cli_ids ids;
    struct base_error error;
    int exit_code = BASE_EXIT_OK;
    struct deletion deletion = {.context = context};
    const struct cli_batch batch = {.ask = ask, .state = &deletion, .chunk = HIRSCH_MAX_BATCH};
    base_arena_init(&deletion.arena, 0);
    enum base_code code = cli_ids_read(&ids, count, arguments, stdin, &error);
    if (code != BASE_OK) {
        cli_complain("%s", error.text);
        exit_code = base_exit_of(code);
    } else if (ids.count > 0) {
        exit_code = cli_batch_run(&batch, ids.values, ids.count);
    }
    cli_ids_fini(&ids);
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
        "from stdin, one a line. A paper that is still cited stays as a stub. Exit code 2 when\n"
        "some had no record, 4 when none had.\n"
        "\n"
        "Examples:\n"
        "  hirsch delete doi:10.5555/graph.7\n"
        "  hirsch delete --kind author local:max-lam\n"
        "  hirsch delete 'arxiv:1812.01234>doi:10.5555/graph.7' --json | jq -r .sequence\n"
        "  hirsch delete --kind merge 'openalex:A2>orcid:0000-0002-1825-0097'\n",
    .options = "server timeout json kind",
    .takes = "one or more ids, or - for stdin",
    .least = 1,
    .most = -1,
    .needs_client = true,
    .run = run,
};
