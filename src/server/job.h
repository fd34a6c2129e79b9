/* What a job of hirschd is: a row in the table of jobs, run with the settings that the options
 * gave. */
#ifndef SERVER_JOB_H
#define SERVER_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "model/date.h"

enum { SERVER_LISTEN_MOST = 16 };

struct server_options;

/* Values of all options, filled from flag > environment > file > default by server/options.c. Texts
 * are borrowed from the options and live as long as the program. */
struct server_settings {
    const char *data;                       /* --data DIR */
    uint64_t map_size;                      /* --map-size SIZE, 0: the store's default */
    const char *listen[SERVER_LISTEN_MOST]; /* --listen URL, repeatable */
    size_t listen_count;
    unsigned ipc_mode;        /* --ipc-mode MODE: of ipc socket files */
    unsigned loops;           /* --loops N, 0: one a core */
    const char *format;       /* --format NAME */
    uint64_t max_errors;      /* --max-errors N */
    unsigned threads;         /* --threads N, 0: one a core */
    uint64_t memory;          /* --memory SIZE: sort buffers of an import */
    const char *coverage_end; /* --coverage-end DATE, NULL: newest date not after today */
    bool json;                /* --json: machine-readable result on stdout */
    bool quiet;               /* --quiet: no progress */
    bool check;               /* --check: restore only looks */
    bool once;                /* --once: key create makes no second key of a name */
    const char *output;       /* --output FILE, NULL: stdout */
    uint64_t since;           /* --since SEQ, 0: from the oldest on */
    const char *metrics;      /* --metrics none|csv|jsonl */
    bool authors;             /* --authors: of the numbers those of authors */
    bool papers;              /* --papers: those of papers */
    bool follow;              /* --follow */
    /* serve only; more in options.c's table */
    unsigned max_connections;
    unsigned max_outstanding; /* requests of one connection in flight */
    uint64_t max_buffered;    /* bytes of replies waiting on one connection before reading stops */
    uint64_t max_request;     /* bytes */
    unsigned greeting_timeout_ms;
    unsigned idle_timeout_ms;    /* 0: none */
    unsigned stall_timeout_ms;   /* 0: none */
    unsigned default_timeout_ms; /* of requests that name no deadline */
    unsigned max_timeout_ms;
    unsigned drain_timeout_ms;
    bool read_only; /* --read-only: refuses writes */
    const char *log_level;
    const char *log_format;
    unsigned slow_request_ms; /* 0: none is logged */
    bool insecure;
    const char *http;       /* ADDR:PORT or "off" */
    unsigned max_wait_ms;   /* in the queue of a loop; 0: any time */
    unsigned max_in_flight; /* requests that wait beside the loops */
    unsigned key_rate;      /* a second; 0: any */
    unsigned key_in_flight; /* 0: any */
    unsigned drain_delay_ms;
    const char *role;               /* of a new key */
    const char *expires;            /* of a new key; NULL: never */
    struct server_options *options; /* what all this was read from; borrowed */
};

struct server_job {
    const char *name;      /* "import" */
    const char *arguments; /* "FILE…" or "" */
    const char *summary;   /* one line for the list of jobs */
    const char *help;      /* what it does, examples */
    const char
        *options; /* names of the options it takes, separated by blanks: "data map-size format" */
    bool takes_arguments;
    /* Returns an exit code of base/exit.h; has said why on stderr when it is not 0. */
    int (*run)(const struct server_settings *settings, int argument_count, char **arguments);
};

extern const struct server_job server_job_serve;
extern const struct server_job server_job_import;
extern const struct server_job server_job_verify;
extern const struct server_job server_job_export;
extern const struct server_job server_job_stat;
extern const struct server_job server_job_curation;
extern const struct server_job server_job_backup;
extern const struct server_job server_job_restore;
extern const struct server_job server_job_compact;
extern const struct server_job server_job_upgrade;
extern const struct server_job server_job_refresh;
extern const struct server_job server_job_log;
extern const struct server_job server_job_config;
extern const struct server_job server_job_key;

/* Set by the first SIGINT or SIGTERM of a job; a second one ends the program at once. serve has
 * handlers of its own. */
extern volatile int server_stop_requested;

#endif
