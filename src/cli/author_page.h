/* An author as text: who it is, computed numbers beside reported ones, and the newest papers. Pure.
 */
#ifndef CLI_AUTHOR_PAGE_H
#define CLI_AUTHOR_PAGE_H

#include "cli/text.h"
#include "hirsch/types.h"

/* Everything but the papers. */
void cli_author_head(struct base_buffer *out, const struct hirsch_author *author,
                     const struct cli_screen *screen);

/* The papers that stand on the page, `total` of all pages, and where the others are. */
void cli_author_papers(struct base_buffer *out, const char *author_id,
                       const struct hirsch_paper *papers, size_t count, uint64_t total,
                       const struct cli_screen *screen);

/* Several authors as a table, one row each. */
void cli_author_row_heading(struct base_buffer *out, const struct cli_screen *screen);
void cli_author_row(struct base_buffer *out, const struct hirsch_author *author,
                    const struct cli_screen *screen);

#endif
