/* hirsch-load: the closed-loop load generator as a program; prints one JSON object. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <getopt.h>

#include "base/buffer.h"
#include "base/parse.h"
#include "generator.h"

static const char usage[] =
    "usage: hirsch-load --url URL --ids FILE [--method NAME] [--connections N] [--depth N]\n"
    "                   [--warmup-ms N] [--duration-ms N] [--seed N] [--zipf] [--capture FILE]\n"
    "Asks for random ids of FILE (one a line) and checks that each reply names its id. --capture\n"
    "asks once for the first id, writes the reply's bytes to FILE and ends.\n";

struct options {
    const char *ids_path;
    const char *capture_path;
    struct bench_load load;
};

static bool number(const char *text, uint64_t most, uint64_t *value)
{
    if (base_parse_u64(base_slice_text(text), most, value)) {
        return true;
    }
    fprintf(stderr, "hirsch-load: %s is not a number up to %llu\n", text, (unsigned long long)most);
    return false;
}

static bool set_option(struct options *options, int option, const char *text)
{
    struct bench_load *load = &options->load;
    uint64_t value = 0;
    switch (option) {
    case 'u':
        load->url = text;
        return true;
    case 'i':
        options->ids_path = text;
        return true;
    case 'm':
        load->method = text;
        return true;
    case 'o':
        options->capture_path = text;
        return true;
    case 'z':
        load->keys = (struct bench_spread_options){.spread = BENCH_ZIPF, .theta = 0.99};
        return true;
    case 'c':
        return number(text, BENCH_CONNECTIONS, &value) &&
               (load->connections = (unsigned)value, true);
    case 'd':
        return number(text, BENCH_DEPTH, &value) && (load->depth = (unsigned)value, true);
    case 'w':
        return number(text, 3600000, &value) && (load->warmup_ns = value * 1000000, true);
    case 't':
        return number(text, 3600000, &value) && (load->duration_ns = value * 1000000, true);
    case 's':
        return number(text, UINT64_MAX, &load->seed);
    default:
        return false;
    }
}

static bool parse_options(int argc, char **argv, struct options *options)
{
    static const struct option table[] = {
        {"url", required_argument, NULL, 'u'},
        {"ids", required_argument, NULL, 'i'},
        {"method", required_argument, NULL, 'm'},
        {"connections", required_argument, NULL, 'c'},
        {"depth", required_argument, NULL, 'd'},
        {"warmup-ms", required_argument, NULL, 'w'},
        {"duration-ms", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},
        {"zipf", no_argument, NULL, 'z'},
        {"capture", required_argument, NULL, 'o'},
        {NULL, 0, NULL, 0},
    };
    int option;
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (!set_option(options, option, optarg)) {
            return false;
        }
    }
    return optind == argc && options->load.url != NULL && options->ids_path != NULL;
}

/* Lines of a file, NUL-terminated in *text. */
static bool read_ids(const char *path, char **text, const char ***ids, uint32_t *count)
{
    FILE *file = fopen(path, "rb");
    size_t size = 0;
    size_t room = 0;
    *text = NULL;
    while (file != NULL && !feof(file) && !ferror(file)) {
        room = room == 0 ? 1 << 20 : room * 2;
        char *more = realloc(*text, room + 1);
        if (more == NULL) {
            break;
        }
        *text = more;
        size += fread(*text + size, 1, room - size, file);
    }
    bool whole = file != NULL && feof(file) && !ferror(file);
    if (file != NULL) {
        fclose(file);
    }
    if (!whole) {
        return false;
    }
    (*text)[size] = 0;
    *ids = calloc(size / 2 + 1, sizeof **ids);
    *count = 0;
    char *rest = NULL;
    for (char *line = strtok_r(*text, "\n", &rest); line != NULL && *ids != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        (*ids)[(*count)++] = line;
    }
    return *count > 0;
}

static void print_result(const struct bench_load *load, const struct bench_result *result)
{
    double seconds = (double)result->elapsed_ns / 1e9;
    double replies = result->replies > 0 ? (double)result->replies : 1.0;
    printf("{\"connections\":%u,\"depth\":%u,\"seconds\":%.3f,\"replies\":%llu,\"wrong\":%llu,"
           "\"lost\":%llu,\"perSecond\":%.0f,\"requestBytes\":%.0f,\"replyBytes\":%.0f,",
           load->connections, load->depth, seconds, (unsigned long long)result->replies,
           (unsigned long long)result->wrong, (unsigned long long)result->lost,
           (double)result->replies / seconds, (double)result->bytes_sent / replies,
           (double)result->bytes_received / replies);
    printf("\"meanUs\":%.1f,\"p50Us\":%.1f,\"p99Us\":%.1f,\"p999Us\":%.1f,\"maxUs\":%.1f}\n",
           bench_histogram_mean(&result->latency) / 1e3,
           (double)bench_histogram_at(&result->latency, 0.5) / 1e3,
           (double)bench_histogram_at(&result->latency, 0.99) / 1e3,
           (double)bench_histogram_at(&result->latency, 0.999) / 1e3,
           (double)result->latency.maximum / 1e3);
}

static enum base_code capture(const struct options *options, struct base_error *error)
{
    struct base_buffer reply = BASE_BUFFER_EMPTY;
    enum base_code code = bench_load_once(&options->load, &reply, error);
    if (code == BASE_OK) {
        FILE *file = fopen(options->capture_path, "wb");
        if (file == NULL || fwrite(reply.data, 1, reply.size, file) != reply.size) {
            code = base_fail(error, BASE_UNKNOWN, "%s cannot be written", options->capture_path);
        }
        if (file != NULL && fclose(file) != 0 && code == BASE_OK) {
            code = base_fail(error, BASE_UNKNOWN, "%s cannot be written", options->capture_path);
        }
    }
    base_buffer_fini(&reply);
    return code;
}

int main(int argc, char **argv)
{
    struct options options = {.load = {.connections = 16,
                                       .depth = 1,
                                       .method = "hirsch.v1.AuthorService/GetAuthor",
                                       .warmup_ns = UINT64_C(500000000),
                                       .duration_ns = UINT64_C(3000000000),
                                       .seed = 1}};
    if (!parse_options(argc, argv, &options)) {
        fputs(usage, stderr);
        return 64;
    }
    char *text;
    const char **ids = NULL;
    if (!read_ids(options.ids_path, &text, &ids, &options.load.id_count)) {
        fprintf(stderr, "hirsch-load: %s holds no ids\n", options.ids_path);
        free(text);
        free(ids);
        return 66;
    }
    options.load.ids = ids;
    struct base_error error = {0};
    static struct bench_result result;
    enum base_code code = options.capture_path != NULL
                              ? capture(&options, &error)
                              : bench_load_run(&options.load, &result, &error);
    if (code != BASE_OK) {
        fprintf(stderr, "hirsch-load: %s\n", error.text);
    } else if (options.capture_path == NULL) {
        print_result(&options.load, &result);
    }
    free(text);
    free(ids);
    return code != BASE_OK || result.wrong > 0;
}
