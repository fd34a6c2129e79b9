/* What an import says in the end: a table for people, one JSON object for programs. */
#ifndef SERVER_IMPORT_REPORT_H
#define SERVER_IMPORT_REPORT_H

#include "ingest/ingest.h"
#include "server/import_chunks.h"
#include "store/build.h"

struct import_report {
    struct ingest_report read;
    double seconds;
    uint64_t superseded;             /* records of the input that lost against others of it */
    const char *way;                 /* "rebuild", or that of a door */
    struct store_build_report built; /* of a rebuild */
    struct import_counts applied;    /* otherwise */
};

void import_report_print(const struct import_report *report);
void import_report_print_json(const struct import_report *report);

#endif
