/* Log lines of a program on standard error: a level, a sentence, and pairs of key and value, as
 * key=value (logfmt) or as one JSON object a line. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/bytes.h"

enum base_log_level { BASE_LOG_ERROR, BASE_LOG_WARN, BASE_LOG_INFO, BASE_LOG_DEBUG };

enum base_log_format { BASE_LOG_LOGFMT, BASE_LOG_JSON };

/* Lines below this level are dropped. The start is BASE_LOG_INFO. Any thread. */
void base_log_level(enum base_log_level level);
/* The start is BASE_LOG_LOGFMT. Any thread. */
void base_log_format(enum base_log_format format);

/* The words of --log-level and --log-format; false: no such word, and nothing is changed. */
bool base_log_level_named(const char *name);
bool base_log_format_named(const char *name);

/* One line in one write; any thread. Keys time, level and msg. Control characters become '?', bytes
 * that are not UTF-8 too. */
void base_log(enum base_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

struct base_log_pair {
    const char *key;         /* a-z and _ */
    struct base_slice value; /* data NULL: the number */
    uint64_t number;
};

/* The same with more keys behind msg. Pairs without text and without bytes are left out. */
void base_log_pairs(enum base_log_level level, const char *message,
                    const struct base_log_pair *pairs, size_t count);

/* What a line looks like, without the clock: for tests. Returns its size without the NUL. */
size_t base_log_line(enum base_log_format format, const char *time, enum base_log_level level,
                     const char *message, const struct base_log_pair *pairs, size_t count,
                     char *line, size_t room);

#endif
