#include "cli/lists.h"

#include "base/exit.h"
#include "cli/raw.h"
#include "cli/report.h"

/* A page of papers with 1,000 authors each would be over the reply limit; the server then sends
 * fewer. */
enum { PAGE_MOST = 1000 };

/* Where the list's type keeps what every list has. */
struct shape {
    const ProtobufCFieldDescriptor *items;
    const ProtobufCFieldDescriptor *token;
};

/* One run of a command. */
struct listing {
    const struct cli_context *context;
    const struct cli_list *list;
    struct shape shape;
    struct base_buffer out;
    uint64_t shown;
    uint64_t total;
    uint64_t skipped;
    bool truncated;
    bool more;
};

static const ProtobufCFieldDescriptor *field_of(const ProtobufCMessageDescriptor *type,
                                                const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(type, name);
}

static void *member(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    return (char *)message + field->offset;
}

/* A number that not every list has: 0. */
static uint32_t number_of(ProtobufCMessage *message, const char *name)
{
    const ProtobufCFieldDescriptor *field = field_of(message->descriptor, name);
    return field == NULL ? 0 : *(const uint32_t *)member(message, field);
}

static struct shape find_shape(const ProtobufCMessageDescriptor *type)
{
    struct shape shape = {NULL, field_of(type, "next_page_token")};
    for (unsigned i = 0; i < type->n_fields && shape.items == NULL; i++) {
        if (type->fields[i].label == PROTOBUF_C_LABEL_REPEATED &&
            type->fields[i].type == PROTOBUF_C_TYPE_MESSAGE) {
            shape.items = &type->fields[i];
        }
    }
    BASE_ASSERT(shape.items != NULL && shape.token != NULL);
    return shape;
}

static void put_item(struct listing *listing, const ProtobufCMessage *item)
{
    const struct cli_options *options = listing->context->options;
    if (options->json) {
        cli_put_json(&listing->out, item);
    } else if (options->csv) {
        cli_sheet_csv_row(&listing->out, listing->list->sheet, item);
    } else {
        if (listing->shown == 0) {
            cli_sheet_heading(&listing->out, listing->list->sheet, &listing->context->screen);
        }
        cli_sheet_row(&listing->out, listing->list->sheet, item, &listing->context->screen);
    }
    listing->shown++;
}

/* Gives the token of the next page, "" on the last one. */
static const char *put_page(struct listing *listing, ProtobufCMessage *response, uint64_t most)
{
    const ProtobufCFieldDescriptor *items = listing->shape.items;
    size_t count = *(const size_t *)(const void *)((char *)response + items->quantifier_offset);
    ProtobufCMessage *const *values = *(ProtobufCMessage *const **)member(response, items);
    for (size_t i = 0; i < count && listing->shown < most; i++) {
        put_item(listing, values[i]);
    }
    listing->total = number_of(response, "total_size");
    listing->skipped = number_of(response, "skipped_papers");
    listing->truncated = number_of(response, "truncated") != 0;
    const char *token = *(char *const *)member(response, listing->shape.token);
    listing->more = token[0] != '\0';
    return token;
}

static int fetch(struct listing *listing, ProtobufCMessage *request, const char *subject,
                 uint64_t most)
{
    /* Two arenas in turn: the token of one page is needed while the next one is fetched. */
    struct base_arena arenas[2];
    int exit_code = BASE_EXIT_OK;
    base_arena_init(&arenas[0], 0);
    base_arena_init(&arenas[1], 0);
    const char *token = "";
    unsigned turn = 0;
    do {
        ProtobufCMessage *response = NULL;
        hirsch_error *error = NULL;
        uint64_t left = most - listing->shown;
        uint32_t size = left < PAGE_MOST ? (uint32_t)left : PAGE_MOST;
        *(uint32_t *)member(request, field_of(request->descriptor, "page_size")) = size;
        *(char **)member(request, field_of(request->descriptor, "page_token")) = cli_text(token);
        base_arena_reset(&arenas[turn]);
        if (cli_raw_call(listing->context->client, listing->list->method, request,
                         listing->list->response, &arenas[turn], &response, &error) != HIRSCH_OK) {
            exit_code = cli_report(error, subject);
            break;
        }
        token = put_page(listing, response, most);
        exit_code = cli_print(&listing->out) ? BASE_EXIT_OK : BASE_EXIT_IO;
        turn ^= 1;
    } while (exit_code == BASE_EXIT_OK && token[0] != '\0' && listing->shown < most);
    base_arena_fini(&arenas[0]);
    base_arena_fini(&arenas[1]);
    return exit_code;
}

void cli_list_footer(struct base_buffer *out, uint64_t shown, uint64_t total, bool more,
                     const struct cli_screen *screen)
{
    if (!more) {
        return;
    }
    cli_style(out, CLI_DIM, screen);
    if (total > shown) {
        cli_put_number(out, total - shown);
        base_buffer_append_text(out, " more: --limit ");
        base_buffer_append_format(out, "%llu", (unsigned long long)total);
    } else {
        base_buffer_append_format(out, "there are more: --limit %llu",
                                  (unsigned long long)(shown < 50 ? 100 : shown * 2));
    }
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_byte(out, '\n');
}

/* On stderr what makes the list another than the reader might think. */
static void put_notes(const struct listing *listing)
{
    if (listing->truncated) {
        cli_complain("at least 10,000 hold the rarest of these words; only the best known 10,000 "
                     "of them were looked at: more words find more");
    }
    if (listing->skipped > 0) {
        cli_complain("%llu of the papers have more than 100 authors and were left out",
                     (unsigned long long)listing->skipped);
    }
}

int cli_list_run(const struct cli_context *context, const struct cli_list *list,
                 ProtobufCMessage *request, const char *subject, uint64_t most)
{
    struct listing listing = {
        .context = context, .list = list, .shape = find_shape(list->response)};
    int exit_code = BASE_EXIT_OK;
    bool table = !context->options->json && !context->options->csv;
    if (context->options->csv) {
        cli_sheet_csv_heading(&listing.out, list->sheet);
    }
    if (most > 0) {
        exit_code = fetch(&listing, request, subject, most);
    }
    if (exit_code == BASE_EXIT_OK) {
        if (table && most > 0 && listing.shown == 0) {
            base_buffer_append_format(&listing.out, "%s\n", list->nothing);
        } else if (table) {
            cli_list_footer(&listing.out, listing.shown, listing.total, listing.more,
                            &context->screen);
        }
        put_notes(&listing);
        exit_code = cli_print(&listing.out) ? BASE_EXIT_OK : BASE_EXIT_IO;
    }
    base_buffer_fini(&listing.out);
    return exit_code;
}
