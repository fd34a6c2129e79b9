/* Log lines of a program: level, text, and pairs of key and value; logfmt on stderr. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum base_log_level { BASE_LOG_ERROR, BASE_LOG_WARN, BASE_LOG_INFO, BASE_LOG_DEBUG };

/* Lines below this level are dropped. The start is BASE_LOG_INFO. Programs call it before they
 * start threads. */
void base_log_level(enum base_log_level level);

/* One line `time level text`, written in one go; any thread. The text is ASCII-clean: control
 * characters become '?'. */
void base_log(enum base_log_level level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
