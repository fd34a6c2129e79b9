/* Jobs that look at pages which may be damaged run in a child: LMDB trusts its pages, and a damaged
 * one may take the process down. */
#ifndef SERVER_CHILD_H
#define SERVER_CHILD_H

#include "server/job.h"

/* Runs body in a child and gives its exit code; SIGINT and SIGTERM reach it. When a fault ended it,
 * says so with the advice and gives BASE_EXIT_IO; when somebody ended it, BASE_EXIT_INTERRUPTED.
 * Where nobody reads the output any more this process ends by SIGPIPE as the child did. */
int server_child_run(const char *job, const char *advice,
                     int (*body)(const struct server_settings *settings, const char *argument),
                     const struct server_settings *settings, const char *argument);

#endif
