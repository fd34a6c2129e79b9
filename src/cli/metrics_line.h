/* Computed numbers one by one: a field of a message with its label, or the reason why it is not
 * there. */
#ifndef CLI_METRICS_LINE_H
#define CLI_METRICS_LINE_H

#include "cli/text.h"
#include "wire/messages.h"

/* Columns of a label and of a number. */
enum { CLI_METRIC_LABEL = 28, CLI_METRIC_VALUE = 22 };

/* A number of a message: what is shown, and the field that holds it. */
struct cli_metric_line {
    const char *label;
    const char *field;
    const char *reason; /* field that says why it is undefined; NULL: the field's own */
};

static inline const void *cli_member(const ProtobufCMessage *message,
                                     const ProtobufCFieldDescriptor *field)
{
    return (const char *)message + field->offset;
}

const ProtobufCFieldDescriptor *cli_field_of(const ProtobufCMessage *message, const char *name);
bool cli_has_value(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field);

/* Whole numbers whole, others with three digits that tell. */
void cli_put_metric(struct base_buffer *out, double value);
/* The number or its reason; false: it was not asked for. */
bool cli_put_value(struct base_buffer *out, const ProtobufCMessage *message,
                   const struct cli_metric_line *line);
/* Stands for a number that others beside it have. */
void cli_put_absent(struct base_buffer *out, const struct cli_screen *screen);
void cli_put_right(struct base_buffer *out, const struct base_buffer *text, size_t width);
/* Label and number of each message side by side; nothing when none has it. */
void cli_put_line(struct base_buffer *out, const struct cli_metric_line *line,
                  const ProtobufCMessage *const *messages, size_t count,
                  const struct cli_screen *screen);

/* What the numbers were computed from, and the notes; nothing for NULL. */
void cli_put_scope(struct base_buffer *out, const Hirsch__V1__UsedScope *scope,
                   const struct cli_screen *screen);

#endif
