/* `hirschd export --metrics`: every computed number of every author or paper, with its scope. */
#ifndef SERVER_EXPORT_METRICS_H
#define SERVER_EXPORT_METRICS_H

#include "server/job.h"
#include "store/store.h"

/* By settings->metrics, authors, papers, since and output. CANCELLED: server_stop_requested. */
enum base_code server_export_metrics(const struct server_settings *settings, struct store *store,
                                     struct base_error *error);

#endif
