#include "cli/parts.h"

#include <stdio.h>
#include <stdlib.h>

const char *cli_dot(const struct cli_screen *screen)
{
    return screen->unicode ? " \xc2\xb7 " : " | ";
}

static void put_label(struct base_buffer *out, const char *label, const struct cli_screen *screen)
{
    cli_style(out, CLI_DIM, screen);
    base_buffer_append_text(out, label);
    cli_style(out, CLI_PLAIN, screen);
    size_t used = strlen(label);
    cli_put_blanks(out, used < CLI_LABEL ? CLI_LABEL - used : 1);
}

static void put_more(struct base_buffer *list, size_t count, size_t most)
{
    if (count > most) {
        base_buffer_append_format(list, ", and %zu more", count - most);
    }
}

static void put_list(struct base_buffer *out, const char *label, struct base_buffer *list,
                     const struct cli_screen *screen)
{
    put_label(out, label, screen);
    const struct cli_wrap wrap = {.indent = CLI_LABEL, .first_used = CLI_LABEL};
    cli_put_wrapped(out, base_buffer_slice(list), &wrap, screen);
    out->failed = out->failed || list->failed;
    base_buffer_fini(list);
}

void cli_put_facts(struct base_buffer *out, const char *label, const char *const *texts,
                   size_t count, size_t most, const struct cli_screen *screen)
{
    if (count == 0) {
        return;
    }
    struct base_buffer list = BASE_BUFFER_EMPTY;
    for (size_t i = 0; i < count && i < most; i++) {
        base_buffer_append_text(&list, i == 0 ? "" : ", ");
        base_buffer_append_text(&list, texts[i]);
    }
    put_more(&list, count, most);
    put_list(out, label, &list, screen);
}

void cli_put_affiliations(struct base_buffer *out, const char *label,
                          const struct hirsch_affiliation *affiliations, size_t count, size_t most,
                          const struct cli_screen *screen)
{
    if (count == 0) {
        return;
    }
    struct base_buffer list = BASE_BUFFER_EMPTY;
    for (size_t i = 0; i < count && i < most; i++) {
        base_buffer_append_text(&list, i == 0 ? "" : "; ");
        base_buffer_append_text(&list, affiliations[i].name);
    }
    put_more(&list, count, most);
    put_list(out, label, &list, screen);
}

void cli_put_reporter(struct base_buffer *out, const struct hirsch_reported_metrics *reported,
                      size_t number, const struct cli_screen *screen)
{
    struct base_buffer line = BASE_BUFFER_EMPTY;
    if (number > 0) {
        base_buffer_append_format(&line, "[%zu] ", number);
    }
    base_buffer_append_text(&line, "reported by ");
    base_buffer_append_text(&line, reported->source);
    base_buffer_append_text(&line, ", ");
    cli_put_date(&line, reported->as_of, "date unknown");
    const struct cli_wrap whole = {.indent = 0};
    cli_put_wrapped(out, base_buffer_slice(&line), &whole, screen);
    out->failed = out->failed || line.failed;
    base_buffer_fini(&line);
    cli_put_issues(out, reported, screen);
}

void cli_put_issues(struct base_buffer *out, const struct hirsch_reported_metrics *reported,
                    const struct cli_screen *screen)
{
    if (reported->issue_count == 0) {
        return;
    }
    cli_style(out, CLI_WARN, screen);
    base_buffer_append_text(out, "reported, inconsistent with the listed papers:\n");
    cli_style(out, CLI_PLAIN, screen);
    for (size_t i = 0; i < reported->issue_count; i++) {
        const struct hirsch_reported_issue *issue = &reported->issues[i];
        const struct cli_wrap item = {.indent = 4, .first_used = 4};
        base_buffer_append_text(out, "  - ");
        cli_put_wrapped(out,
                        base_slice_text(issue->message[0] == '\0' ? issue->code : issue->message),
                        &item, screen);
    }
}

void cli_put_years(struct base_buffer *out, const struct cli_year *years, size_t count,
                   const struct cli_screen *screen)
{
    /* Two labels of four digits and a blank each. */
    size_t room = screen->width - 10;
    if (count > room) {
        years += count - room;
        count = room;
    }
    size_t top = 0;
    for (size_t i = 0; i < count; i++) {
        top = years[i].citation_count > years[top].citation_count ? i : top;
    }
    if (count == 0 || years[top].citation_count == 0) {
        return;
    }
    uint32_t *numbers = calloc(count, sizeof *numbers);
    if (numbers == NULL) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        numbers[i] = years[i].citation_count;
    }
    base_buffer_append_text(out, "\ncitations a year, at most ");
    cli_put_number(out, years[top].citation_count);
    base_buffer_append_format(out, " (%u)\n%4u ", years[top].year, years[0].year);
    cli_style(out, CLI_TAG, screen);
    cli_put_bars(out, numbers, count, screen);
    cli_style(out, CLI_PLAIN, screen);
    base_buffer_append_format(out, " %4u\n", years[count - 1].year);
    free(numbers);
}
