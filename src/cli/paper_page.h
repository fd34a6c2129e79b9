/* One paper as text: a block in a list, or a page of its own. Pure. */
#ifndef CLI_PAPER_PAGE_H
#define CLI_PAPER_PAGE_H

#include "cli/text.h"
#include "hirsch/types.h"

/* Field, date, citations; title; first authors; affiliations; the summary when the paper has its
 * abstract; id. Without a blank line around it. */
void cli_paper_block(struct base_buffer *out, const struct hirsch_paper *paper,
                     const struct cli_screen *screen);

/* Everything that is known of it. */
void cli_paper_page(struct base_buffer *out, const struct hirsch_paper *paper,
                    const struct cli_screen *screen);

/* "3 papers, newest first" */
void cli_papers_heading(struct base_buffer *out, uint64_t total, const struct cli_screen *screen);

/* "article"; "" for UNSPECIFIED and for kinds that this program does not know. */
const char *cli_kind_name(enum hirsch_paper_kind kind);

#endif
