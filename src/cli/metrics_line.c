#include "cli/metrics_line.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const ProtobufCFieldDescriptor *cli_field_of(const ProtobufCMessage *message, const char *name)
{
    return protobuf_c_message_descriptor_get_field_by_name(message->descriptor, name);
}

bool cli_has_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *chosen = (const char *)message + field->quantifier_offset;
    return (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) == 0 ||
           *(const uint32_t *)chosen == field->id;
}

void cli_put_metric(struct base_buffer *out, double value)
{
    if (value == floor(value) && fabs(value) < 1e15) {
        base_buffer_append_text(out, value < 0 ? "-" : "");
        cli_put_number(out, (uint64_t)fabs(value));
    } else {
        base_buffer_append_format(out, fabs(value) < 100 ? "%.3f" : "%.1f", value);
    }
}

/* Why a number is not there; "" when it was not asked for. */
static const char *reason_of(const ProtobufCMessage *message, const struct cli_metric_line *line)
{
    char name[64];
    snprintf(name, sizeof name, "%s_undefined", line->field);
    const ProtobufCFieldDescriptor *field =
        cli_field_of(message, line->reason != NULL ? line->reason : name);
    return field == NULL ? "" : *(char *const *)cli_member(message, field);
}

/* Appends what stands in a column; false: the number was not asked for. */
bool cli_put_value(struct base_buffer *out, const ProtobufCMessage *message,
                   const struct cli_metric_line *line)
{
    const ProtobufCFieldDescriptor *field = cli_field_of(message, line->field);
    if (cli_has_value(message, field)) {
        if (field->type == PROTOBUF_C_TYPE_DOUBLE) {
            cli_put_metric(out, *(const double *)cli_member(message, field));
        } else if (strstr(line->field, "year") != NULL) {
            base_buffer_append_format(out, "%u", *(const uint32_t *)cli_member(message, field));
        } else {
            cli_put_number(out, *(const uint32_t *)cli_member(message, field));
        }
        return true;
    }
    const char *reason = reason_of(message, line);
    base_buffer_append_text(out, reason);
    return reason[0] != '\0';
}

void cli_put_right(struct base_buffer *out, const struct base_buffer *text, size_t width)
{
    size_t columns = cli_columns(base_buffer_slice(text));
    if (columns < width) {
        cli_put_blanks(out, width - columns);
    }
    base_buffer_append_slice(out, base_buffer_slice(text));
}

void cli_put_absent(struct base_buffer *out, const struct cli_screen *screen)
{
    base_buffer_append_text(out, screen->unicode ? "\xe2\x80\x93" : "-");
}

void cli_put_line(struct base_buffer *out, const struct cli_metric_line *line,
                  const ProtobufCMessage *const *messages, size_t count,
                  const struct cli_screen *screen)
{
    struct base_buffer row = BASE_BUFFER_EMPTY;
    struct base_buffer value = BASE_BUFFER_EMPTY;
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        base_buffer_clear(&value);
        if (cli_put_value(&value, messages[i], line)) {
            any = true;
        } else {
            cli_put_absent(&value, screen);
        }
        cli_put_right(&row, &value, CLI_METRIC_VALUE);
    }
    if (any) {
        size_t used = cli_put_cut(out, line->label, CLI_METRIC_LABEL - 1, screen);
        cli_put_blanks(out, CLI_METRIC_LABEL - used);
        base_buffer_append_slice(out, base_buffer_slice(&row));
        base_buffer_append_byte(out, '\n');
    }
    base_buffer_fini(&value);
    base_buffer_fini(&row);
}

void cli_put_scope(struct base_buffer *out, const Hirsch__V1__UsedScope *scope,
                   const struct cli_screen *screen)
{
    if (scope == NULL) {
        return;
    }
    cli_style(out, CLI_DIM, screen);
    base_buffer_append_format(
        out, "\n%u of %u papers count%s%s, sequence %llu\n", scope->counted_papers, scope->set_size,
        scope->day[0] != '\0' ? ", day " : "", scope->day, (unsigned long long)scope->sequence);
    cli_style(out, CLI_PLAIN, screen);
    for (size_t i = 0; i < scope->n_notes; i++) {
        cli_style(out, CLI_WARN, screen);
        base_buffer_append_format(out, "%s", scope->notes[i]->code);
        cli_style(out, CLI_PLAIN, screen);
        if (scope->notes[i]->count > 0) {
            base_buffer_append_format(out, " (%u)", scope->notes[i]->count);
        }
        base_buffer_append_format(out, ": %s\n", scope->notes[i]->message);
    }
}
