#include "cli/text.h"

#include "base/parse.h"
#include "base/utf8.h"
#include "cli/width.h"

#define REPLACEMENT "\xef\xbf\xbd"
#define ELLIPSIS "\xe2\x80\xa6"

/* The character at the front of well-formed text and its length. */
static uint32_t decode(const char *text, size_t *length)
{
    uint8_t lead = (uint8_t)text[0];
    if (lead < 0x80) {
        *length = 1;
        return lead;
    }
    *length = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    uint32_t code = lead & (0x7fU >> *length);
    for (size_t i = 1; i < *length; i++) {
        code = (code << 6) | ((uint8_t)text[i] & 0x3fU);
    }
    return code;
}

static bool is_blank(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0x2028 ||
           code == 0x2029;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

/* Embeddings, overrides and isolates: they could show one name as another. */
static bool turns_direction(uint32_t code)
{
    return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

void cli_clean(struct base_slice text, struct base_buffer *out)
{
    bool blank = false;
    bool begun = false;
    size_t at = 0;
    while (at < text.size) {
        size_t length = 1;
        /* At most one character is looked at, so that damaged text costs no square. */
        struct base_slice here =
            base_slice(text.data + at, text.size - at < 4 ? text.size - at : 4);
        bool whole = base_utf8_prefix(here) > 0;
        uint32_t code = whole ? decode(here.data, &length) : 0;
        at += length;
        if (whole && is_blank(code)) {
            blank = begun;
            continue;
        }
        if (whole && turns_direction(code)) {
            continue;
        }
        if (blank) {
            base_buffer_append_byte(out, ' ');
        }
        blank = false;
        begun = true;
        if (!whole || is_control(code)) {
            base_buffer_append_text(out, REPLACEMENT);
        } else {
            base_buffer_append(out, here.data, length);
        }
    }
}

size_t cli_columns(struct base_slice clean)
{
    size_t columns = 0;
    size_t at = 0;
    while (at < clean.size) {
        size_t length;
        columns += cli_columns_of(decode(clean.data + at, &length));
        at += length;
    }
    return columns;
}

/* The longest front of clean text that is at most `most` wide. */
static struct base_slice front(struct base_slice clean, size_t most, size_t *columns)
{
    size_t used = 0;
    size_t at = 0;
    while (at < clean.size) {
        size_t length;
        size_t more = cli_columns_of(decode(clean.data + at, &length));
        if (used + more > most) {
            break;
        }
        used += more;
        at += length;
    }
    *columns = used;
    return base_slice(clean.data, at);
}

static const char *ellipsis(const struct cli_screen *screen, size_t *columns)
{
    *columns = screen->unicode ? 1 : 3;
    return screen->unicode ? ELLIPSIS : "...";
}

size_t cli_put_cut(struct base_buffer *out, const char *text, size_t columns,
                   const struct cli_screen *screen)
{
    struct base_buffer clean = BASE_BUFFER_EMPTY;
    cli_clean(base_slice_text(text), &clean);
    size_t used = cli_columns(base_buffer_slice(&clean));
    if (used <= columns) {
        base_buffer_append_slice(out, base_buffer_slice(&clean));
    } else {
        size_t mark_columns;
        const char *mark = ellipsis(screen, &mark_columns);
        size_t room = columns > mark_columns ? columns - mark_columns : 0;
        base_buffer_append_slice(out, front(base_buffer_slice(&clean), room, &used));
        base_buffer_append_text(out, mark);
        used += mark_columns;
    }
    out->failed = out->failed || clean.failed;
    base_buffer_fini(&clean);
    return used;
}

/* Where the line that starts clean text ends: at the last blank that lets it fit, else anywhere. */
static struct base_slice first_line(struct base_slice clean, size_t room)
{
    size_t columns;
    struct base_slice line = front(clean, room, &columns);
    if (line.size == clean.size || clean.data[line.size] == ' ') {
        return line;
    }
    for (size_t at = line.size; at > 0; at--) {
        if (clean.data[at - 1] == ' ') {
            return base_slice(clean.data, at - 1);
        }
    }
    if (line.size == 0) {
        /* Not even one wide character fits: take it all the same, so that the loop ends. */
        size_t length;
        (void)decode(clean.data, &length);
        line.size = length;
    }
    return line;
}

static void put_last_line(struct base_buffer *out, struct base_slice line, size_t room,
                          const struct cli_screen *screen)
{
    size_t mark_columns;
    const char *mark = ellipsis(screen, &mark_columns);
    base_buffer_append_slice(out, first_line(line, room > mark_columns ? room - mark_columns : 0));
    base_buffer_append_text(out, mark);
}

void cli_put_wrapped(struct base_buffer *out, struct base_slice text, const struct cli_wrap *wrap,
                     const struct cli_screen *screen)
{
    struct base_buffer cleaned = BASE_BUFFER_EMPTY;
    cli_clean(text, &cleaned);
    struct base_slice rest = base_buffer_slice(&cleaned);
    size_t used = wrap->first_used;
    for (size_t number = 1; rest.size > 0; number++) {
        if (used == 0) {
            cli_put_blanks(out, wrap->indent);
            used = wrap->indent;
        }
        size_t room = screen->width > used + 1 ? screen->width - used : 1;
        struct base_slice line = first_line(rest, room);
        struct base_slice after = base_slice(rest.data + line.size, rest.size - line.size);
        if (after.size > 0 && after.data[0] == ' ') {
            after = base_slice(after.data + 1, after.size - 1);
        }
        if (wrap->style != NULL) {
            cli_style(out, wrap->style, screen);
        }
        bool last = number == wrap->lines_most && after.size > 0;
        if (last) {
            put_last_line(out, line, room, screen);
        } else {
            base_buffer_append_slice(out, line);
        }
        if (wrap->style != NULL) {
            cli_style(out, CLI_PLAIN, screen);
        }
        base_buffer_append_byte(out, '\n');
        used = 0;
        rest = last ? base_slice(NULL, 0) : after;
    }
    if (used > 0 && cleaned.size == 0) {
        base_buffer_append_byte(out, '\n');
    }
    out->failed = out->failed || cleaned.failed;
    base_buffer_fini(&cleaned);
}

void cli_put_blanks(struct base_buffer *out, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        base_buffer_append_byte(out, ' ');
    }
}

void cli_style(struct base_buffer *out, const char *style, const struct cli_screen *screen)
{
    if (screen->colour) {
        base_buffer_append_text(out, style);
    }
}

void cli_put_number(struct base_buffer *out, uint64_t number)
{
    char digits[32];
    size_t at = sizeof digits;
    unsigned count = 0;
    do {
        if (count > 0 && count % 3 == 0) {
            digits[--at] = ',';
        }
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
        count++;
    } while (number > 0);
    base_buffer_append(out, digits + at, sizeof digits - at);
}

void cli_put_date(struct base_buffer *out, const char *date, const char *unknown)
{
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct base_slice text = base_slice_text(date);
    uint64_t month = 0;
    uint64_t day = 0;
    if (text.size == 0) {
        base_buffer_append_text(out, unknown);
        return;
    }
    bool has_month = text.size >= 7 && text.data[4] == '-' &&
                     base_parse_u64(base_slice(date + 5, 2), 12, &month) && month > 0;
    if (has_month && text.size == 7) {
        base_buffer_append_format(out, "%s %.4s", months[month - 1], date);
    } else if (has_month && text.size == 10 && text.data[7] == '-' &&
               base_parse_u64(base_slice(date + 8, 2), 31, &day)) {
        base_buffer_append_format(out, "%s %u, %.4s", months[month - 1], (unsigned)day, date);
    } else {
        cli_clean(text, out);
    }
}

void cli_put_bars(struct base_buffer *out, const uint32_t *numbers, size_t count,
                  const struct cli_screen *screen)
{
    static const char *const blocks[] = {" ",
                                         "\xe2\x96\x81",
                                         "\xe2\x96\x82",
                                         "\xe2\x96\x83",
                                         "\xe2\x96\x84",
                                         "\xe2\x96\x85",
                                         "\xe2\x96\x86",
                                         "\xe2\x96\x87",
                                         "\xe2\x96\x88"};
    static const char ascii[] = " .:-=+*#@";
    uint64_t most = 0;
    for (size_t i = 0; i < count; i++) {
        most = numbers[i] > most ? numbers[i] : most;
    }
    for (size_t i = 0; i < count; i++) {
        /* Rounded up: one citation is seen beside a thousand. */
        size_t level = most == 0 ? 0 : (size_t)((numbers[i] * UINT64_C(8) + most - 1) / most);
        if (screen->unicode) {
            base_buffer_append_text(out, blocks[level]);
        } else {
            base_buffer_append_byte(out, (uint8_t)ascii[level]);
        }
    }
}
