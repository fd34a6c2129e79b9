#include "cli/metrics_request.h"

#include <string.h>

#include "base/exit.h"
#include "base/limits.h"
#include "base/parse.h"
#include "cli/expression.h"
#include "cli/raw.h"
#include "cli/report.h"
#include "client/methods.h"
#include "model/kind.h"

/* "2010-2015", "2010-", "-2015", "2010". */
static bool read_years(struct base_slice text, Hirsch__V1__YearRange *years)
{
    const char *dash = memchr(text.data, '-', text.size);
    size_t before = dash == NULL ? text.size : (size_t)(dash - text.data);
    struct base_slice ends[] = {base_slice(text.data, before), base_slice(text.data, before)};
    uint64_t numbers[2] = {0, 0};
    if (dash != NULL) {
        ends[1] = base_slice(dash + 1, text.size - before - 1);
    }
    for (size_t i = 0; i < 2; i++) {
        if (ends[i].size > 0 && !base_parse_u64(ends[i], LIMIT_YEAR_LAST, &numbers[i])) {
            return false;
        }
    }
    years->first = (uint32_t)numbers[0];
    years->last = (uint32_t)numbers[1];
    return numbers[0] != 0 || numbers[1] != 0;
}

bool cli_scope_request(const struct cli_options *options, struct cli_scope_request *scope)
{
    hirsch__v1__metric_scope__init(&scope->message);
    hirsch__v1__year_range__init(&scope->years);
    if (options->as_of != NULL) {
        scope->message.as_of = cli_text(options->as_of);
    }
    scope->message.self_citations = (Hirsch__V1__SelfCitations)options->self_citations;
    scope->message.counting = (Hirsch__V1__Counting)options->counting;
    scope->message.position = (Hirsch__V1__AuthorPosition)options->position;
    if (options->field != NULL) {
        scope->fields[0] = cli_text(options->field);
        scope->message.fields = scope->fields;
        scope->message.n_fields = 1;
    }
    if (options->years != NULL) {
        if (!read_years(base_slice_text(options->years), &scope->years)) {
            cli_complain("--years: '%.64s' is no range of years; write 2010-2015, 2010- or -2015",
                         options->years);
            return false;
        }
        scope->message.years = &scope->years;
    }
    return true;
}

/* field:, year: and kind: name papers without the server's help. False: it is an id. */
static bool read_class(const char *operand, Hirsch__V1__SetTerm *term, Hirsch__V1__YearRange *years,
                       bool *wrong)
{
    enum model_kind kind;
    *wrong = false;
    if (strncmp(operand, "field:", 6) == 0) {
        term->term_case = HIRSCH__V1__SET_TERM__TERM_FIELD;
        term->field = cli_text(operand + 6);
    } else if (strncmp(operand, "year:", 5) == 0) {
        *wrong = !read_years(base_slice_text(operand + 5), years);
        term->term_case = HIRSCH__V1__SET_TERM__TERM_YEARS;
        term->years = years;
    } else if (strncmp(operand, "kind:", 5) == 0) {
        *wrong = !model_kind_parse(base_slice_text(operand + 5), &kind);
        term->term_case = HIRSCH__V1__SET_TERM__TERM_KIND;
        term->kind = *wrong ? 0 : (Hirsch__V1__PaperKind)kind;
    } else {
        return false;
    }
    if (*wrong) {
        cli_complain("'%.64s': write year:2010-2015, or kind: and one of article, preprint, "
                     "conference-paper, review, book, …",
                     operand);
    }
    return true;
}

/* Of an id that names an author and a paper the author counts, which comes first. */
static int resolve(hirsch_client *client, struct base_arena *arena, const char *id,
                   Hirsch__V1__SetTerm *term)
{
    Hirsch__V1__ResolveIdsRequest request = HIRSCH__V1__RESOLVE_IDS_REQUEST__INIT;
    ProtobufCMessage *response = NULL;
    hirsch_error *error = NULL;
    char *ids[] = {cli_text(id)};
    request.n_ids = 1;
    request.ids = ids;
    if (cli_raw_call(client, CLIENT_RESOLVE_IDS, &request.base,
                     &hirsch__v1__resolve_ids_response__descriptor, arena, &response,
                     &error) != HIRSCH_OK) {
        return cli_report(error, id);
    }
    const Hirsch__V1__ResolveIdsResponse *answer = (const void *)response;
    const Hirsch__V1__ResolvedId *found = answer->n_results > 0 ? answer->results[0] : NULL;
    if (found != NULL && found->error_code != 0) {
        cli_complain("%s: %s", id, found->error_message);
        return base_exit_of((enum base_code)found->error_code);
    }
    if (found == NULL || found->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_UNSPECIFIED) {
        cli_complain("%s: NOT_FOUND: no author and no paper has that id", id);
        return base_exit_of(BASE_NOT_FOUND);
    }
    if (found->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR) {
        term->term_case = HIRSCH__V1__SET_TERM__TERM_AUTHOR;
        term->author = cli_text(id);
    } else {
        term->term_case = HIRSCH__V1__SET_TERM__TERM_PAPER;
        term->paper = cli_text(id);
    }
    return BASE_EXIT_OK;
}

int cli_set_request(hirsch_client *client, const char *text, struct base_arena *arena,
                    struct cli_set_request *set)
{
    struct cli_expression expression;
    struct base_error error;
    if (cli_expression_parse(text, arena, &expression, &error) != BASE_OK) {
        cli_complain("%s", error.text);
        return BASE_EXIT_USAGE;
    }
    Hirsch__V1__SetTerm *terms = base_arena_array(arena, expression.count, sizeof *terms);
    Hirsch__V1__YearRange *years = base_arena_array(arena, expression.count, sizeof *years);
    set->terms = base_arena_array(arena, expression.count, sizeof *set->terms);
    if (terms == NULL || years == NULL || set->terms == NULL) {
        cli_complain("memory is out");
        return BASE_EXIT_FAILED;
    }
    for (size_t i = 0; i < expression.count; i++) {
        const struct cli_term *from = &expression.terms[i];
        bool wrong = false;
        hirsch__v1__set_term__init(&terms[i]);
        hirsch__v1__year_range__init(&years[i]);
        set->terms[i] = &terms[i];
        if (from->operator_ != CLI_OPERAND) {
            terms[i].term_case = HIRSCH__V1__SET_TERM__TERM_OPERATOR;
            terms[i].operator_ = (Hirsch__V1__SetOperator)from->operator_;
        } else if (!read_class(from->operand, &terms[i], &years[i], &wrong)) {
            int exit_code = resolve(client, arena, from->operand, &terms[i]);
            if (exit_code != BASE_EXIT_OK) {
                return exit_code;
            }
        }
        if (wrong) {
            return BASE_EXIT_USAGE;
        }
    }
    set->count = expression.count;
    return BASE_EXIT_OK;
}
