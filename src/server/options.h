/* The options of hirschd: one table that feeds parsing, help, `hirschd config` and the table in
 * README. */
#ifndef SERVER_OPTIONS_H
#define SERVER_OPTIONS_H

#include <stdio.h>
#include "base/status.h"
#include "server/job.h"

enum server_kind {
    SERVER_TEXT,   /* const char * */
    SERVER_CHOICE, /* const char *, one of the words in .value: "error|warn" */
    SERVER_LIST,   /* const char *[SERVER_LISTEN_MOST], repeatable */
    SERVER_FLAG,   /* bool; the flag needs no value */
    SERVER_COUNT,  /* unsigned */
    SERVER_NUMBER, /* uint64_t */
    SERVER_SIZE,   /* uint64_t bytes: 64MiB */
    SERVER_TIME,   /* unsigned milliseconds: 500ms, 10s, 5m, 1h */
    SERVER_MODE,   /* unsigned, rights of a file in octal digits: 0660 */
};

/* One row. The key in a file is the name. */
struct server_option {
    const char *name; /* "max-connections" */
    enum server_kind kind;
    const char *value;        /* what stands for the value in help: "DIR"; NULL for flags */
    const char *default_text; /* NULL: none */
    uint64_t minimum;         /* of numbers, sizes and times */
    uint64_t maximum;
    size_t offset;        /* in struct server_settings */
    const char *help;     /* one sentence */
    const char *variable; /* of the environment; NULL: HIRSCH_, name in upper case, _ for - */
};

/* Ends with .name NULL. */
extern const struct server_option server_option_table[];

/* Names of the options that a running daemon takes over on SIGHUP, separated by blanks. */
extern const char server_options_reloaded[];

/* Reads a variable of the environment; NULL when it is not set. */
typedef const char *(*server_environment)(const char *name);

struct server_options; /* what was said, and where; owns all texts */

/* Sorts a command line (without the program's name) into flags and words; flags may stand before
 * and behind words. INVALID_ARGUMENT names the wrong flag and suggests. */
enum base_code server_options_parse(int count, char *const *arguments,
                                    struct server_options **options, struct base_error *error);
void server_options_free(struct server_options *options);

/* Words in order: the job, then its arguments. Borrowed from the arguments. */
int server_options_words(const struct server_options *options, char ***words);
bool server_options_wants_help(const struct server_options *options);
bool server_options_wants_version(const struct server_options *options);

/* Fills settings from flag > environment > file > default. allowed: the names that the job
 * takes, separated by blanks, NULL for all; another flag is an error, other lines of a file are
 * not. INVALID_ARGUMENT: a flag is wrong; FAILED_PRECONDITION: the environment or the file is.
 * Texts in settings live as long as options. Called again, it reads environment and file anew. */
enum base_code server_options_settle(struct server_options *options, const char *job,
                                     const char *allowed, server_environment environment,
                                     struct server_settings *settings, struct base_error *error);

/* Do the values of a daemon go together? FAILED_PRECONDITION names those that do not. */
enum base_code server_settings_check(const struct server_settings *settings,
                                     struct base_error *error);

/* After settle: every option with its value and where it came from, as lines of a file that
 * --config reads. */
void server_options_print(const struct server_options *options, FILE *to);

/* The options of a job, a line each; NULL for all. */
void server_options_print_help(const char *allowed, FILE *to);

/* All options with their three names, as README shows them. */
void server_options_print_table(FILE *to);

/* Calls tell for each option whose value differs between the two. */
void server_settings_compare(const struct server_settings *before,
                             const struct server_settings *now,
                             void (*tell)(void *state, const struct server_option *option),
                             void *state);

/* Is the name among names separated by blanks? */
bool server_options_among(const char *names, const char *name);

#endif
