#include "cli/sheets.h"

#include "cli/paper_page.h"
#include "cli/parts.h"

enum { FIRST_AUTHORS = 3 };

/* The message whose base that is. */
#define MESSAGE(type, item) ((const Hirsch__V1__##type *)(const void *)(item))

static const Hirsch__V1__Paper no_paper = HIRSCH__V1__PAPER__INIT;

static const char *field_name(const Hirsch__V1__Field *field)
{
    return field == NULL ? "" : field->display_name[0] != '\0' ? field->display_name : field->id;
}

static struct cli_cell scratch_cell(struct base_buffer *scratch)
{
    base_buffer_append_byte(scratch, '\0');
    return cli_cell_text(scratch->failed ? "" : scratch->data);
}

static struct cli_cell join_affiliations(Hirsch__V1__Affiliation *const *affiliations, size_t count,
                                         struct base_buffer *scratch)
{
    for (size_t i = 0; i < count; i++) {
        base_buffer_append_text(scratch, i == 0 ? "" : "; ");
        base_buffer_append_text(scratch, affiliations[i]->name);
    }
    return scratch_cell(scratch);
}

/* The id, a dot and what follows when there is something. */
static void put_below(struct base_buffer *text, const char *id, const char *more,
                      const struct cli_screen *screen)
{
    base_buffer_append_text(text, id);
    if (more[0] != '\0') {
        base_buffer_append_text(text, cli_dot(screen));
        base_buffer_append_text(text, more);
    }
}

/* --- authors found by a search --- */

#define CELL(name, type, value)                                                                    \
    static struct cli_cell name(const ProtobufCMessage *item, struct base_buffer *scratch)         \
    {                                                                                              \
        const Hirsch__V1__##type *of = MESSAGE(type, item);                                        \
        (void)scratch;                                                                             \
        return (value);                                                                            \
    }

CELL(hit_id, AuthorHit, cli_cell_text(of->id))
CELL(hit_csv_name, AuthorHit, cli_cell_text(of->display_name))
CELL(hit_name, AuthorHit, cli_cell_text(of->display_name[0] != '\0' ? of->display_name : of->id))
CELL(hit_field, AuthorHit, cli_cell_text(field_name(of->primary_field)))
CELL(hit_field_id, AuthorHit, cli_cell_text(of->primary_field ? of->primary_field->id : ""))
CELL(hit_papers, AuthorHit, cli_cell_number(true, of->paper_count))
CELL(hit_citations, AuthorHit, cli_cell_number(true, of->citation_count))
CELL(hit_h, AuthorHit, cli_cell_number(true, of->h_index))
CELL(hit_affiliations, AuthorHit, join_affiliations(of->affiliations, of->n_affiliations, scratch))
CELL(hit_name_only, AuthorHit, cli_cell_text(of->name_only ? "true" : "false"))

static const struct cli_column author_hit_columns[] = {
    {.name = "id", .cell = hit_id},
    {.title = "author", .style = CLI_BOLD, .cell = hit_name},
    {.name = "display_name", .cell = hit_csv_name},
    {.title = "field", .width = 12, .style = CLI_TAG, .cell = hit_field},
    {.name = "field", .cell = hit_field_id},
    {.name = "paper_count", .title = "papers", .width = 7, .right = true, .cell = hit_papers},
    {.name = "citation_count", .title = "cited", .width = 9, .right = true, .cell = hit_citations},
    {.name = "h_index", .title = "h", .width = 5, .right = true, .cell = hit_h},
    {.name = "affiliations", .cell = hit_affiliations},
    {.name = "name_only", .cell = hit_name_only},
    {.cell = NULL},
};

static void hit_below(const ProtobufCMessage *item, struct base_buffer *text,
                      const struct cli_screen *screen)
{
    const Hirsch__V1__AuthorHit *of = MESSAGE(AuthorHit, item);
    put_below(text, of->id, of->n_affiliations > 0 ? of->affiliations[0]->name : "", screen);
}

const struct cli_sheet cli_sheet_author_hits = {author_hit_columns, hit_below};

/* --- papers, and citations with the paper that cites --- */

/* The first `most` authors whose place is known, and "et al." when there are others. */
static void list_authors(struct base_buffer *text, const Hirsch__V1__Paper *paper, size_t most,
                         const char *between)
{
    size_t shown = 0;
    for (size_t i = 0; i < paper->n_authors && shown < most; i++) {
        if (paper->authors[i]->position > 0) {
            base_buffer_append_text(text, shown == 0 ? "" : between);
            base_buffer_append_text(text, paper->authors[i]->name);
            shown++;
        }
    }
    if (shown > 0 && (shown < paper->n_authors || paper->authors_truncated)) {
        base_buffer_append_text(text, between);
        base_buffer_append_text(text, "et al.");
    }
}

static struct cli_cell all_authors(const Hirsch__V1__Paper *paper, struct base_buffer *scratch)
{
    list_authors(scratch, paper, SIZE_MAX, "; ");
    return scratch_cell(scratch);
}

static const char *shown_title(const Hirsch__V1__Paper *paper)
{
    return paper->title[0] != '\0' ? paper->title
           : paper->stub           ? "(cited only, no record)"
                                   : "(no title)";
}

static const char *kind_text(const Hirsch__V1__Paper *paper)
{
    return paper->kind == HIRSCH__V1__PAPER_KIND__PAPER_KIND_UNSPECIFIED
               ? ""
               : cli_kind_name((enum hirsch_paper_kind)paper->kind);
}

static uint32_t paper_citations(const Hirsch__V1__Paper *paper)
{
    return paper->metrics == NULL ? 0 : paper->metrics->citation_count;
}

static uint32_t paper_references(const Hirsch__V1__Paper *paper)
{
    return paper->metrics == NULL ? 0 : paper->metrics->reference_count;
}

static const Hirsch__V1__Paper *citing(const ProtobufCMessage *item)
{
    const Hirsch__V1__Citation *citation = MESSAGE(Citation, item);
    return citation->paper == NULL ? &no_paper : citation->paper;
}

/* One column of papers for both sheets. */
#define PAPER_CELL(name, value)                                                                    \
    static struct cli_cell name##_of(const Hirsch__V1__Paper *of, struct base_buffer *scratch)     \
    {                                                                                              \
        (void)scratch;                                                                             \
        return (value);                                                                            \
    }                                                                                              \
    static struct cli_cell paper_##name(const ProtobufCMessage *item, struct base_buffer *scratch) \
    {                                                                                              \
        return name##_of(MESSAGE(Paper, item), scratch);                                           \
    }                                                                                              \
    static struct cli_cell citing_##name(const ProtobufCMessage *item,                             \
                                         struct base_buffer *scratch)                              \
    {                                                                                              \
        return name##_of(citing(item), scratch);                                                   \
    }

PAPER_CELL(id, cli_cell_text(of->id))
PAPER_CELL(shown_title, cli_cell_text(shown_title(of)))
PAPER_CELL(title, cli_cell_text(of->title))
PAPER_CELL(date, cli_cell_date(of->publication_date))
PAPER_CELL(authors, all_authors(of, scratch))
PAPER_CELL(venue, cli_cell_text(of->venue))
PAPER_CELL(kind, cli_cell_text(kind_text(of)))
PAPER_CELL(field_id, cli_cell_text(of->primary_field == NULL ? "" : of->primary_field->id))
PAPER_CELL(cited, cli_cell_number(true, paper_citations(of)))
PAPER_CELL(reference_count, cli_cell_number(!of->stub, paper_references(of)))
PAPER_CELL(stub, cli_cell_text(of->stub ? "true" : "false"))

#define PAPER_COLUMNS(sheet)                                                                       \
    {.name = "id", .cell = sheet##_id},                                                            \
        {.name = "publication_date", .title = "date", .width = 12, .cell = sheet##_date},          \
        {.title = "title", .style = CLI_BOLD, .cell = sheet##_shown_title},                        \
        {.name = "title", .cell = sheet##_title}, {.name = "authors", .cell = sheet##_authors},    \
        {.name = "venue", .cell = sheet##_venue}, {.name = "kind", .cell = sheet##_kind},          \
        {.name = "field", .cell = sheet##_field_id},                                               \
        {.name = "citation_count",                                                                 \
         .title = "cited",                                                                         \
         .width = 7,                                                                               \
         .right = true,                                                                            \
         .cell = sheet##_cited},                                                                   \
        {.name = "reference_count", .cell = sheet##_reference_count},                              \
    {                                                                                              \
        .name = "stub", .cell = sheet##_stub                                                       \
    }

static const struct cli_column paper_columns[] = {PAPER_COLUMNS(paper), {.cell = NULL}};

static void put_paper_below(const Hirsch__V1__Paper *paper, struct base_buffer *text,
                            const struct cli_screen *screen)
{
    base_buffer_append_text(text, paper->id);
    if (paper->n_authors > 0) {
        base_buffer_append_text(text, cli_dot(screen));
        list_authors(text, paper, FIRST_AUTHORS, ", ");
    }
}

static void paper_below(const ProtobufCMessage *item, struct base_buffer *text,
                        const struct cli_screen *screen)
{
    put_paper_below(MESSAGE(Paper, item), text, screen);
}

const struct cli_sheet cli_sheet_papers = {paper_columns, paper_below};

CELL(citation_self, Citation, cli_cell_text(of->shares_author ? "self" : ""))
CELL(citation_shares, Citation, cli_cell_text(of->shares_author ? "true" : "false"))

static const struct cli_column citation_columns[] = {
    PAPER_COLUMNS(citing),
    {.title = "", .width = 4, .style = CLI_WARN, .cell = citation_self},
    {.name = "shares_author", .cell = citation_shares},
    {.cell = NULL},
};

static void citation_below(const ProtobufCMessage *item, struct base_buffer *text,
                           const struct cli_screen *screen)
{
    put_paper_below(citing(item), text, screen);
}

const struct cli_sheet cli_sheet_citations = {citation_columns, citation_below};

/* --- coauthors --- */

static struct cli_cell put_years(const Hirsch__V1__Coauthor *of, struct base_buffer *scratch)
{
    if (of->first_year_presence_case != 0 && of->last_year_presence_case != 0) {
        base_buffer_append_format(scratch, of->first_year == of->last_year ? "%u" : "%u-%u",
                                  of->first_year, of->last_year);
    }
    return scratch_cell(scratch);
}

CELL(coauthor_id, Coauthor, cli_cell_text(of->id))
CELL(coauthor_csv_name, Coauthor, cli_cell_text(of->display_name))
CELL(coauthor_name, Coauthor,
     cli_cell_text(of->display_name[0] != '\0' ? of->display_name : of->id))
CELL(coauthor_joint, Coauthor, cli_cell_number(true, of->joint_paper_count))
CELL(coauthor_years, Coauthor, put_years(of, scratch))
CELL(coauthor_first, Coauthor, cli_cell_number(of->first_year_presence_case != 0, of->first_year))
CELL(coauthor_last, Coauthor, cli_cell_number(of->last_year_presence_case != 0, of->last_year))
CELL(coauthor_name_only, Coauthor, cli_cell_text(of->name_only ? "true" : "false"))

static const struct cli_column coauthor_columns[] = {
    {.name = "id", .cell = coauthor_id},
    {.title = "coauthor", .style = CLI_BOLD, .cell = coauthor_name},
    {.name = "display_name", .cell = coauthor_csv_name},
    {.name = "joint_paper_count",
     .title = "joint papers",
     .width = 12,
     .right = true,
     .cell = coauthor_joint},
    {.title = "years", .width = 9, .cell = coauthor_years},
    {.name = "first_year", .cell = coauthor_first},
    {.name = "last_year", .cell = coauthor_last},
    {.name = "name_only", .cell = coauthor_name_only},
    {.cell = NULL},
};

static void coauthor_below(const ProtobufCMessage *item, struct base_buffer *text,
                           const struct cli_screen *screen)
{
    put_below(text, MESSAGE(Coauthor, item)->id, "", screen);
}

const struct cli_sheet cli_sheet_coauthors = {coauthor_columns, coauthor_below};

/* --- what ids resolve to --- */

static const char *entity_kind(const Hirsch__V1__ResolvedId *of)
{
    return of->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_AUTHOR  ? "author"
           : of->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_PAPER ? "paper"
                                                                    : "";
}

static struct cli_cell put_remarks(const Hirsch__V1__ResolvedId *of, struct base_buffer *scratch)
{
    const struct {
        bool holds;
        const char *text;
    } remarks[] = {
        {of->merged, "merged"},
        {of->disputed, "disputed"},
        {of->suppressed, "suppressed"},
        {of->stub, "stub"},
        {of->error_code != 0, "no id"},
        {of->kind == HIRSCH__V1__ENTITY_KIND__ENTITY_KIND_UNSPECIFIED && of->error_code == 0 &&
             !of->suppressed,
         "unknown"},
    };
    for (size_t i = 0; i < sizeof remarks / sizeof remarks[0]; i++) {
        if (remarks[i].holds) {
            base_buffer_append_text(scratch, scratch->size == 0 ? "" : " ");
            base_buffer_append_text(scratch, remarks[i].text);
        }
    }
    return scratch_cell(scratch);
}

CELL(resolved_id, ResolvedId, cli_cell_text(of->id))
CELL(resolved_kind, ResolvedId, cli_cell_text(entity_kind(of)))
CELL(resolved_to, ResolvedId, cli_cell_text(of->resolved_id))
CELL(resolved_remarks, ResolvedId, put_remarks(of, scratch))

static const struct cli_column resolved_columns[] = {
    {.name = "id", .title = "id, and what it resolves to", .style = CLI_BOLD, .cell = resolved_id},
    {.name = "kind", .title = "kind", .width = 6, .cell = resolved_kind},
    {.name = "resolved_id", .cell = resolved_to},
    {.name = "remarks",
     .title = "remarks",
     .width = 15,
     .style = CLI_WARN,
     .cell = resolved_remarks},
    {.cell = NULL},
};

static void resolved_below(const ProtobufCMessage *item, struct base_buffer *text,
                           const struct cli_screen *screen)
{
    put_below(text, MESSAGE(ResolvedId, item)->resolved_id, "", screen);
}

const struct cli_sheet cli_sheet_resolved = {resolved_columns, resolved_below};
