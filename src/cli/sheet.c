#include "cli/sheet.h"

enum { GAP = 2, INDENT = 2, STRETCH_LEAST = 12 };

static size_t stretch_width(const struct cli_sheet *sheet, const struct cli_screen *screen)
{
    size_t used = 0;
    for (const struct cli_column *column = sheet->columns; column->cell != NULL; column++) {
        if (column->title != NULL && column->width > 0) {
            used += column->width + GAP;
        }
    }
    return screen->width > used + STRETCH_LEAST ? screen->width - used : STRETCH_LEAST;
}

static void put_cell(struct base_buffer *text, const struct cli_cell *cell)
{
    if (!cell->has) {
        return;
    }
    if (cell->kind == CLI_CELL_NUMBER) {
        cli_put_number(text, cell->number);
    } else if (cell->kind == CLI_CELL_DATE) {
        cli_put_date(text, cell->text, "");
    } else {
        base_buffer_append_text(text, cell->text);
    }
}

/* Blanks at the end of a line are kept back until something follows them. */
struct line {
    struct base_buffer *out;
    size_t blanks;
};

static void put_column(struct line *line, const char *text, size_t width, bool right,
                       const char *style, const struct cli_screen *screen)
{
    struct base_buffer cut = BASE_BUFFER_EMPTY;
    size_t used = cli_put_cut(&cut, text, width, screen);
    size_t left = used < width ? width - used : 0;
    line->blanks += right ? left : 0;
    if (cut.size > 0) {
        cli_put_blanks(line->out, line->blanks);
        line->blanks = 0;
        if (style != NULL) {
            cli_style(line->out, style, screen);
        }
        base_buffer_append_slice(line->out, base_buffer_slice(&cut));
        if (style != NULL) {
            cli_style(line->out, CLI_PLAIN, screen);
        }
    }
    line->blanks += right ? 0 : left;
    line->out->failed = line->out->failed || cut.failed;
    base_buffer_fini(&cut);
}

void cli_sheet_heading(struct base_buffer *out, const struct cli_sheet *sheet,
                       const struct cli_screen *screen)
{
    size_t stretch = stretch_width(sheet, screen);
    struct line line = {out, 0};
    for (const struct cli_column *column = sheet->columns; column->cell != NULL; column++) {
        if (column->title != NULL) {
            put_column(&line, column->title, column->width > 0 ? column->width : stretch,
                       column->right, CLI_DIM, screen);
            line.blanks += GAP;
        }
    }
    base_buffer_append_byte(out, '\n');
}

void cli_sheet_row(struct base_buffer *out, const struct cli_sheet *sheet,
                   const ProtobufCMessage *item, const struct cli_screen *screen)
{
    size_t stretch = stretch_width(sheet, screen);
    struct base_buffer scratch = BASE_BUFFER_EMPTY;
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct line line = {out, 0};
    for (const struct cli_column *column = sheet->columns; column->cell != NULL; column++) {
        if (column->title == NULL) {
            continue;
        }
        base_buffer_clear(&scratch);
        base_buffer_clear(&text);
        struct cli_cell cell = column->cell(item, &scratch);
        put_cell(&text, &cell);
        base_buffer_append_byte(&text, '\0');
        put_column(&line, text.failed ? "" : text.data, column->width > 0 ? column->width : stretch,
                   column->right, column->style, screen);
        line.blanks += GAP;
        out->failed = out->failed || text.failed || scratch.failed;
    }
    base_buffer_append_byte(out, '\n');
    base_buffer_clear(&text);
    sheet->below(item, &text, screen);
    base_buffer_append_byte(&text, '\0');
    if (!text.failed && text.data[0] != '\0') {
        line = (struct line){out, INDENT};
        put_column(&line, text.data, screen->width - INDENT, false, CLI_DIM, screen);
        base_buffer_append_byte(out, '\n');
    }
    out->failed = out->failed || text.failed;
    base_buffer_fini(&text);
    base_buffer_fini(&scratch);
}

/* Line breaks and tabs belong to a text; other control characters (C0, DEL, C1) would be commands
 * to a terminal and become U+FFFD. */
static void put_csv_text(struct base_buffer *out, const char *text)
{
    for (; *text != '\0'; text++) {
        uint8_t byte = (uint8_t)*text;
        bool is_c1 = byte == 0xc2 && (uint8_t)text[1] >= 0x80 && (uint8_t)text[1] < 0xa0;
        if (is_c1 || byte == 0x7f || (byte < 0x20 && strchr("\t\r\n", byte) == NULL)) {
            base_buffer_append_text(out, "\xef\xbf\xbd");
            text += is_c1;
        } else if (byte == '"') {
            base_buffer_append_text(out, "\"\"");
        } else {
            base_buffer_append_byte(out, byte);
        }
    }
}

void cli_sheet_csv_text(struct base_buffer *out, const char *text)
{
    const char *quote = text[strcspn(text, ",\"\r\n")] == '\0' ? "" : "\"";
    base_buffer_append_text(out, quote);
    put_csv_text(out, text);
    base_buffer_append_text(out, quote);
}

void cli_sheet_csv_heading(struct base_buffer *out, const struct cli_sheet *sheet)
{
    bool first = true;
    for (const struct cli_column *column = sheet->columns; column->cell != NULL; column++) {
        if (column->name != NULL) {
            base_buffer_append_text(out, first ? "" : ",");
            cli_sheet_csv_text(out, column->name);
            first = false;
        }
    }
    base_buffer_append_text(out, "\r\n");
}

void cli_sheet_csv_row(struct base_buffer *out, const struct cli_sheet *sheet,
                       const ProtobufCMessage *item)
{
    struct base_buffer scratch = BASE_BUFFER_EMPTY;
    bool first = true;
    for (const struct cli_column *column = sheet->columns; column->cell != NULL; column++) {
        if (column->name == NULL) {
            continue;
        }
        base_buffer_clear(&scratch);
        struct cli_cell cell = column->cell(item, &scratch);
        base_buffer_append_text(out, first ? "" : ",");
        first = false;
        if (cell.has && cell.kind == CLI_CELL_NUMBER) {
            base_buffer_append_format(out, "%llu", (unsigned long long)cell.number);
        } else if (cell.has) {
            cli_sheet_csv_text(out, cell.text);
        }
        out->failed = out->failed || scratch.failed;
    }
    base_buffer_append_text(out, "\r\n");
    base_buffer_fini(&scratch);
}
