/* How far an import is: one line that moves on a terminal, a plain line every few seconds
 * elsewhere. */
#ifndef SERVER_PROGRESS_H
#define SERVER_PROGRESS_H

#include "base/buffer.h"
#include "ingest/ingest.h"

struct server_progress {
    bool terminal;
    bool quiet;
    uint64_t started_ns;
    uint64_t shown_ns;
    bool line_open; /* a moving line stands on the terminal */
};

/* Looks at stderr. */
void server_progress_init(struct server_progress *progress, bool quiet, uint64_t now_ns);

/* Shows it when it is time. */
void server_progress_show(struct server_progress *progress, const struct ingest_progress *counts,
                          uint64_t now_ns);

/* The same for records that are applied in chunks. */
void server_progress_applied(struct server_progress *progress, uint64_t done, uint64_t total,
                             uint64_t now_ns);

/* Ends the moving line, before other lines are printed. */
void server_progress_clear(struct server_progress *progress);

/* The text of the line: files, bytes, records a second, rejected, time left. Pure. */
void server_progress_text(const struct ingest_progress *counts, uint64_t elapsed_ns,
                          struct base_buffer *text);

#endif
