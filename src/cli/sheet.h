/* Lists as tables and as CSV: each sort of list says once which columns it has. Pure. */
#ifndef CLI_SHEET_H
#define CLI_SHEET_H

#include "cli/text.h"
#include "wire/messages.h"

enum cli_cell_kind { CLI_CELL_TEXT, CLI_CELL_NUMBER, CLI_CELL_DATE };

/* What stands in one place. */
struct cli_cell {
    enum cli_cell_kind kind;
    bool has;         /* false: nothing stands there */
    const char *text; /* TEXT and DATE; borrowed from the item or static */
    uint64_t number;
};

static inline struct cli_cell cli_cell_text(const char *text)
{
    return (struct cli_cell){CLI_CELL_TEXT, true, text == NULL ? "" : text, 0};
}

static inline struct cli_cell cli_cell_date(const char *text)
{
    return (struct cli_cell){CLI_CELL_DATE, true, text, 0};
}

static inline struct cli_cell cli_cell_number(bool has, uint64_t number)
{
    return (struct cli_cell){CLI_CELL_NUMBER, has, "", number};
}

struct cli_column {
    const char *name;  /* in CSV; NULL: only in the table */
    const char *title; /* in the table; NULL: only in CSV */
    unsigned width;    /* in the table; 0: what the others leave, for one column of them */
    bool right;        /* stands at the right end of its width */
    const char *style; /* of text.h, or NULL */
    /* The cell of one item. scratch is empty; text that is put together there must end in a NUL and
     * is pointed to by the cell. */
    struct cli_cell (*cell)(const ProtobufCMessage *item, struct base_buffer *scratch);
};

struct cli_sheet {
    const struct cli_column *columns; /* ends with a column that has no cell */
    /* The second line of a row in the table, which starts with the id. */
    void (*below)(const ProtobufCMessage *item, struct base_buffer *text,
                  const struct cli_screen *screen);
};

void cli_sheet_heading(struct base_buffer *out, const struct cli_sheet *sheet,
                       const struct cli_screen *screen);
void cli_sheet_row(struct base_buffer *out, const struct cli_sheet *sheet,
                   const ProtobufCMessage *item, const struct cli_screen *screen);

/* RFC 4180: lines end in CR LF; cells with commas, quotes or line breaks stand in quotes. Texts are
 * as the server sent them but for control characters, numbers without separators. */
void cli_sheet_csv_text(struct base_buffer *out, const char *text);
void cli_sheet_csv_heading(struct base_buffer *out, const struct cli_sheet *sheet);
void cli_sheet_csv_row(struct base_buffer *out, const struct cli_sheet *sheet,
                       const ProtobufCMessage *item);

#endif
