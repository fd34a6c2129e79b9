/* The sheets of every list that hirsch shows. Pure. */
#ifndef CLI_SHEETS_H
#define CLI_SHEETS_H

#include "cli/sheet.h"

extern const struct cli_sheet cli_sheet_author_hits; /* of hirsch.v1.AuthorHit */
extern const struct cli_sheet cli_sheet_papers;      /* of hirsch.v1.Paper */
extern const struct cli_sheet cli_sheet_citations;   /* of hirsch.v1.Citation */
extern const struct cli_sheet cli_sheet_coauthors;   /* of hirsch.v1.Coauthor */
extern const struct cli_sheet cli_sheet_resolved;    /* of hirsch.v1.ResolvedId */

#endif
