#include "base/log.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/status.h"
#include "base/utf8.h"

enum { LINE = 4096, TEXT = 1024, TIME = 32 };

static atomic_int wanted = BASE_LOG_INFO;
static atomic_int shape = BASE_LOG_LOGFMT;

static const char *const level_names[] = {"error", "warn", "info", "debug"};
static const char *const format_names[] = {"logfmt", "json"};

void base_log_level(enum base_log_level level)
{
    atomic_store_explicit(&wanted, (int)level, memory_order_relaxed);
}

void base_log_format(enum base_log_format format)
{
    atomic_store_explicit(&shape, (int)format, memory_order_relaxed);
}

bool base_log_level_named(const char *name)
{
    for (int i = 0; i <= BASE_LOG_DEBUG; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            base_log_level((enum base_log_level)i);
            return true;
        }
    }
    return false;
}

bool base_log_format_named(const char *name)
{
    for (int i = 0; i <= BASE_LOG_JSON; i++) {
        if (strcmp(name, format_names[i]) == 0) {
            base_log_format((enum base_log_format)i);
            return true;
        }
    }
    return false;
}

struct line {
    char *text;
    size_t size;
    size_t room; /* for everything but the end of the line */
};

static void put(struct line *line, const char *bytes, size_t size)
{
    size_t left = line->room - line->size;
    size = size < left ? size : left;
    memcpy(line->text + line->size, bytes, size);
    line->size += size;
}

static void put_text(struct line *line, const char *text)
{
    put(line, text, strlen(text));
}

/* logfmt leaves plain words as they are. */
static bool plain(struct base_slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        unsigned char byte = (unsigned char)value.data[i];
        if (byte <= ' ' || byte >= 0x7f || byte == '"' || byte == '=' || byte == '\\') {
            return false;
        }
    }
    return value.size > 0;
}

/* In double quotes, which both formats escape alike. The closing quote always finds room. */
static void put_quoted(struct line *line, struct base_slice value)
{
    put(line, "\"", 1);
    line->room -= 1;
    bool valid = base_utf8_valid(value);
    for (size_t i = 0; i < value.size; i++) {
        char byte = value.data[i];
        if ((unsigned char)byte < 0x20 || byte == 0x7f || (!valid && (unsigned char)byte >= 0x80)) {
            byte = '?';
        }
        bool escaped = byte == '"' || byte == '\\';
        if (line->room - line->size < (escaped ? 2U : 1U)) {
            break;
        }
        if (escaped) {
            put(line, "\\", 1);
        }
        put(line, &byte, 1);
    }
    line->room += 1;
    put(line, "\"", 1);
}

static void put_value(struct line *line, enum base_log_format format, struct base_slice value)
{
    if (format == BASE_LOG_LOGFMT && plain(value)) {
        put(line, value.data, value.size);
    } else {
        put_quoted(line, value);
    }
}

static void put_key(struct line *line, enum base_log_format format, const char *key)
{
    if (format == BASE_LOG_JSON) {
        put_text(line, line->size == 0 ? "{\"" : ",\"");
        put_text(line, key);
        put_text(line, "\":");
    } else {
        put_text(line, line->size == 0 ? "" : " ");
        put_text(line, key);
        put_text(line, "=");
    }
}

/* A pair that does not fit as a whole is left out, so that the line stays one that can be read. */
static void put_pair(struct line *line, enum base_log_format format,
                     const struct base_log_pair *pair)
{
    char digits[24];
    if (pair->value.data != NULL && pair->value.size == 0) {
        return;
    }
    int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)pair->number);
    size_t most = strlen(pair->key) + 6 +
                  (pair->value.data == NULL ? (size_t)length : 2 * pair->value.size + 2);
    if (most > line->room - line->size) {
        return;
    }
    put_key(line, format, pair->key);
    if (pair->value.data == NULL) {
        put(line, digits, (size_t)length);
    } else {
        put_value(line, format, pair->value);
    }
}

/* The longest sentence that leaves room for the rest of the line. */
static struct base_slice fitting(const struct line *line, const char *message)
{
    struct base_slice text = base_slice_text(message);
    size_t most = (line->room - line->size) / 2 - 16;
    return text.size <= most ? text : base_utf8_cut(text, most);
}

size_t base_log_line(enum base_log_format format, const char *time, enum base_log_level level,
                     const char *message, const struct base_log_pair *pairs, size_t count,
                     char *text, size_t room)
{
    BASE_ASSERT(room >= 256);
    struct line line = {text, 0, room - 3};
    put_key(&line, format, "time");
    put_value(&line, format, base_slice_text(time));
    put_key(&line, format, "level");
    put_value(&line, format, base_slice_text(level_names[level]));
    put_key(&line, format, "msg");
    put_value(&line, format, fitting(&line, message));
    for (size_t i = 0; i < count; i++) {
        put_pair(&line, format, &pairs[i]);
    }
    if (format == BASE_LOG_JSON) {
        line.text[line.size++] = '}';
    }
    line.text[line.size++] = '\n';
    line.text[line.size] = '\0';
    return line.size;
}

static void time_text(char text[TIME])
{
    struct timespec now;
    struct tm parts;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    size_t used = strftime(text, TIME, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + used, TIME - used, ".%03ldZ", now.tv_nsec / 1000000);
}

void base_log_pairs(enum base_log_level level, const char *message,
                    const struct base_log_pair *pairs, size_t count)
{
    if ((int)level > atomic_load_explicit(&wanted, memory_order_relaxed)) {
        return;
    }
    char time[TIME];
    char line[LINE];
    time_text(time);
    size_t size =
        base_log_line((enum base_log_format)atomic_load_explicit(&shape, memory_order_relaxed),
                      time, level, message, pairs, count, line, sizeof line);
    ssize_t written = write(STDERR_FILENO, line, size);
    (void)written;
}

void base_log(enum base_log_level level, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&wanted, memory_order_relaxed)) {
        return;
    }
    char text[TEXT];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    base_log_pairs(level, text, NULL, 0);
}
