#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static enum base_log_level wanted = BASE_LOG_INFO;

static const char *const level_names[] = {"error", "warn", "info", "debug"};

void base_log_level(enum base_log_level level)
{
    wanted = level;
}

void base_log(enum base_log_level level, const char *format, ...)
{
    if (level > wanted) {
        return;
    }
    char line[1024];
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm parts;
    gmtime_r(&now.tv_sec, &parts);
    size_t used = strftime(line, sizeof line, "%Y-%m-%dT%H:%M:%S", &parts);
    used += (size_t)snprintf(line + used, sizeof line - used, ".%03ldZ %s ", now.tv_nsec / 1000000,
                             level_names[level]);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line + used, sizeof line - used - 1, format, arguments);
    va_end(arguments);
    size_t room = sizeof line - used - 2;
    size_t text = length < 0 ? 0 : (size_t)length;
    text = text < room ? text : room;
    for (size_t i = used; i < used + text; i++) {
        if ((unsigned char)line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    used += text;
    line[used++] = '\n';
    ssize_t written = write(STDERR_FILENO, line, used);
    (void)written;
}
