/* hirschd stat: what the store says of itself. */
#include <inttypes.h>
#include <stdio.h>

#include "base/exit.h"
#include "json/json.h"
#include "server/job.h"
#include "store/store.h"

static void hex(const uint8_t bytes[STORE_EPOCH], char text[2 * STORE_EPOCH + 1])
{
    for (int i = 0; i < STORE_EPOCH; i++) {
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
    }
}

static size_t coverage_text(const struct store_info *info, char text[MODEL_DATE_TEXT])
{
    struct model_date date = {info->coverage_end, MODEL_DAY};
    return model_date_text(info->coverage_end == MODEL_NO_DAY ? MODEL_UNDATED : date, text);
}

/* One row a fact: its name for reading, its key in JSON, where it lies. */
static const struct {
    const char *name;
    const char *key;
    size_t offset;
} counts[] = {
    {"papers", "papers", offsetof(struct store_info, paper_count)},
    {"stubs", "stubs", offsetof(struct store_info, stub_count)},
    {"authors", "authors", offsetof(struct store_info, author_count)},
    {"citations", "citations", offsetof(struct store_info, citation_count)},
    {"source records", "sources", offsetof(struct store_info, source_count)},
    {"merged", "merged", offsetof(struct store_info, merged_count)},
    {"disputed ids", "disputed", offsetof(struct store_info, disputed_count)},
    {"sequence", "sequence", offsetof(struct store_info, sequence)},
};

static uint64_t count_at(const struct store_info *info, size_t index)
{
    return *(const uint64_t *)((const char *)info + counts[index].offset);
}

static void print_text(const struct server_settings *settings, const struct store_info *info,
                       const struct store_usage *usage)
{
    char coverage[MODEL_DATE_TEXT];
    char epoch[2 * STORE_EPOCH + 1];
    char dataset[2 * STORE_EPOCH + 1];
    coverage_text(info, coverage);
    hex(info->epoch, epoch);
    hex(info->dataset, dataset);
    printf("%-16s %s\n", "data", settings->data);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        printf("%-16s %" PRIu64 "\n", counts[i].name, count_at(info, i));
    }
    printf("%-16s %" PRIu64 " of %" PRIu64 " bytes\n", "map used", usage->map_used,
           usage->map_size);
    printf("%-16s %s\n", "coverage end", coverage[0] == '\0' ? "no paper has a date" : coverage);
    printf("%-16s %s\n%-16s %s\n%-16s %" PRIu32 "\n", "epoch", epoch, "dataset", dataset, "format",
           info->format);
}

static void print_json(const struct store_info *info, const struct store_usage *usage)
{
    char coverage[MODEL_DATE_TEXT];
    char epoch[2 * STORE_EPOCH + 1];
    char dataset[2 * STORE_EPOCH + 1];
    size_t length = coverage_text(info, coverage);
    hex(info->epoch, epoch);
    hex(info->dataset, dataset);
    struct base_buffer text;
    struct json_writer json;
    base_buffer_init(&text);
    json_writer_init(&json, &text, 0);
    json_begin_object(&json);
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        json_write_key(&json, counts[i].key);
        json_write_u64(&json, count_at(info, i));
    }
    json_write_key(&json, "mapUsed");
    json_write_u64(&json, usage->map_used);
    json_write_key(&json, "mapSize");
    json_write_u64(&json, usage->map_size);
    json_write_key(&json, "coverageEnd");
    json_write_string(&json, base_slice(coverage, length));
    json_write_key(&json, "epoch");
    json_write_text(&json, epoch);
    json_write_key(&json, "dataset");
    json_write_text(&json, dataset);
    json_write_key(&json, "format");
    json_write_u64(&json, info->format);
    json_end_object(&json);
    if (!text.failed) {
        printf("%.*s\n", (int)text.size, text.data);
    }
    base_buffer_fini(&text);
}

static int run(const struct server_settings *settings, int argument_count, char **arguments)
{
    (void)argument_count;
    (void)arguments;
    struct store *store;
    struct store_reader *reader;
    struct store_info info;
    struct store_usage usage;
    struct base_error error;
    enum base_code code = store_open(settings->data, settings->map_size, &store, &error);
    if (code == BASE_OK) {
        code = store_reader_new(store, &reader, &error);
        if (code == BASE_OK) {
            code = store_read_info(reader, &info, &error);
            if (code == BASE_OK) {
                code = store_read_usage(reader, &usage, &error);
            }
            store_reader_free(reader);
        }
        store_close(store);
    }
    if (code != BASE_OK) {
        fprintf(stderr, "hirschd: stat: %s\n", error.text);
        return base_exit_of(code);
    }
    if (settings->json) {
        print_json(&info, &usage);
    } else {
        print_text(settings, &info, &usage);
    }
    return BASE_EXIT_OK;
}

const struct server_job server_job_stat = {
    .name = "stat",
    .arguments = "",
    .summary = "Shows how much the store holds",
    .help = "Runs beside a daemon.\n"
            "\n"
            "Examples:\n"
            "  hirschd stat --data DIR\n"
            "  hirschd stat --data DIR --json\n",
    .options = "data map-size json",
    .takes_arguments = false,
    .run = run,
};
