#include "cli/report.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/exit.h"
#include "base/parse.h"
#include "cli/options.h"
#include "cli/text.h"
#include "hirsch/client.h"

void cli_complain(const char *format, ...)
{
    struct base_buffer text = BASE_BUFFER_EMPTY;
    struct base_buffer clean = BASE_BUFFER_EMPTY;
    char raw[2048];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    size_t size = length < 0 ? 0 : (size_t)length < sizeof raw ? (size_t)length : sizeof raw - 1;
    cli_clean(base_slice(raw, size), &clean);
    base_buffer_append_text(&text, "hirsch: ");
    base_buffer_append_slice(&text, base_buffer_slice(&clean));
    base_buffer_append_byte(&text, '\n');
    fwrite(text.data, 1, text.size, stderr);
    base_buffer_fini(&clean);
    base_buffer_fini(&text);
}

int cli_report(hirsch_error *error, const char *subject)
{
    if (error == NULL) {
        return BASE_EXIT_FAILED;
    }
    int exit_code = base_exit_of((enum base_code)error->code);
    if (subject == NULL || strstr(error->text, subject) != NULL) {
        cli_complain("%s: %s", hirsch_code_name(error->code), error->text);
    } else {
        cli_complain("%s: %s: %s", subject, hirsch_code_name(error->code), error->text);
    }
    hirsch_free(error);
    return exit_code;
}

bool cli_print(struct base_buffer *buffer)
{
    if (buffer->failed) {
        cli_complain("memory is out");
        return false;
    }
    bool written =
        (buffer->size == 0 || fwrite(buffer->data, 1, buffer->size, stdout) == buffer->size) &&
        fflush(stdout) == 0;
    if (!written) {
        cli_complain("cannot write to stdout: %s", strerror(errno));
    }
    base_buffer_clear(buffer);
    return written;
}

static unsigned look_width(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
        return size.ws_col;
    }
    const char *columns = getenv("COLUMNS");
    uint64_t number;
    if (columns != NULL && base_parse_u64(base_slice_text(columns), 10000, &number)) {
        return (unsigned)number;
    }
    return CLI_WIDTH_DEFAULT;
}

static bool look_colour(enum cli_colour wanted)
{
    if (wanted != CLI_COLOUR_AUTO) {
        return wanted == CLI_COLOUR_ALWAYS;
    }
    const char *none = getenv("NO_COLOR");
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) && (none == NULL || none[0] == '\0') && terminal != NULL &&
           strcmp(terminal, "dumb") != 0;
}

void cli_screen_look(const struct cli_options *options, struct cli_screen *screen)
{
    unsigned width = look_width();
    screen->width = width < CLI_WIDTH_LEAST ? CLI_WIDTH_LEAST : width;
    screen->colour = look_colour(options->colour);
    (void)setlocale(LC_CTYPE, "");
    screen->unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
