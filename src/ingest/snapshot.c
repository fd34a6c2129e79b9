#include "ingest/snapshot.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "json/json.h"

/* A manifest has a line a part, and there are thousands of parts at most. */
enum { MANIFEST_MOST = 16 * 1024 * 1024 };

model_time ingest_snapshot_updated(const char *name)
{
    static const char prefix[] = "updated_date=";
    model_time time;
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) {
        return 0;
    }
    struct base_slice day = base_slice_text(name + sizeof prefix - 1);
    return model_time_parse(day, &time, NULL) == BASE_OK ? time : 0;
}

/* The last part of a path without slashes at its end. */
static struct base_slice last_part(struct base_slice path)
{
    while (path.size > 1 && path.data[path.size - 1] == '/') {
        path.size--;
    }
    size_t start = path.size;
    while (start > 0 && path.data[start - 1] != '/') {
        start--;
    }
    return base_slice(path.data + start, path.size - start);
}

static model_time updated_of(struct base_slice path)
{
    char name[64];
    struct base_slice part = last_part(path);
    if (part.size >= sizeof name) {
        return 0;
    }
    memcpy(name, part.data, part.size);
    name[part.size] = '\0';
    return ingest_snapshot_updated(name);
}

model_time ingest_snapshot_updated_of_folder(const char *path)
{
    return updated_of(base_slice_text(path));
}

model_time ingest_snapshot_updated_of_file(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? 0 : updated_of(base_slice(path, (size_t)(slash - path)));
}

static bool is_among(struct base_slice name, const char *const *names)
{
    for (size_t i = 0; names[i] != NULL; i++) {
        if (base_slice_equal(name, base_slice_text(names[i]))) {
            return true;
        }
    }
    return false;
}

bool ingest_snapshot_skips(const char *folder, const char *name)
{
    static const char *const others[] = {
        "awards",       "concepts", "countries",    "continents",
        "domains",      "fields",   "funders",      "institution-types",
        "institutions", "keywords", "languages",    "licenses",
        "publishers",   "sdgs",     "source-types", "sources",
        "subfields",    "topics",   "work-types",   NULL,
    };
    struct base_slice parent = last_part(base_slice_text(folder));
    /* Such a folder counts only where a snapshot has it: beside works, or with dated folders or
     * merged ids in it. */
    if (base_slice_equal(parent, BASE_SLICE("merged_ids"))) {
        return is_among(base_slice_text(name), others);
    }
    if (strncmp(name, "updated_date=", 13) == 0) {
        return is_among(parent, others);
    }
    if (!is_among(base_slice_text(name), others)) {
        return false;
    }
    char *beside = NULL;
    if (asprintf(&beside, "%s/works", folder) < 0) {
        return false;
    }
    bool found = access(beside, F_OK) == 0;
    free(beside);
    return found;
}

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rbe");
    char *text = malloc(MANIFEST_MOST);
    if (file != NULL && text != NULL) {
        *size = fread(text, 1, MANIFEST_MOST, file);
    } else {
        free(text);
        text = NULL;
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

/* Of `s3://openalex/data/works/updated_date=2023-09-13/part_009.gz` the last two parts count: are
 * they beside the manifest? */
static bool is_here(const char *manifest, struct base_slice url)
{
    const char *slash = strrchr(manifest, '/');
    int folder = slash == NULL ? 0 : (int)(slash - manifest + 1);
    struct base_slice part = last_part(url);
    struct base_slice dated = last_part(base_slice(url.data, url.size - part.size));
    char *path = NULL;
    if (asprintf(&path, "%.*s%.*s/%.*s", folder, manifest, BASE_PRINT(dated), BASE_PRINT(part)) <
        0) {
        return true;
    }
    bool here = access(path, F_OK) == 0;
    free(path);
    return here;
}

static void count_parts(const char *manifest, struct json_value root, size_t *named, size_t *absent)
{
    struct json_value entries;
    struct json_value entry;
    if (!json_find(root, BASE_SLICE("entries"), &entries)) {
        return;
    }
    struct json_iterator iterator = json_iterate(entries);
    while (json_type(entries) == JSON_ARRAY && json_next(&iterator, &entry)) {
        struct json_value value;
        struct base_slice url;
        if (json_find(entry, BASE_SLICE("url"), &value) && json_string(value, &url)) {
            *named += 1;
            *absent += !is_here(manifest, url);
        }
    }
}

void ingest_snapshot_check(const struct ingest_job *job, const char *manifest)
{
    size_t size = 0;
    size_t named = 0;
    size_t absent = 0;
    struct json_value root;
    struct base_error error;
    char notice[512] = "";
    char *text = read_file(manifest, &size);
    struct json_reader *reader = json_reader_new();
    if (text == NULL || reader == NULL) {
        snprintf(notice, sizeof notice, "%s: cannot be read", manifest);
    } else if (json_parse(reader, base_slice(text, size), false, &root, NULL, &error) != BASE_OK) {
        snprintf(notice, sizeof notice, "%.200s: no manifest: %.200s", manifest, error.text);
    } else {
        count_parts(manifest, root, &named, &absent);
    }
    if (absent > 0) {
        snprintf(notice, sizeof notice, "%s: %zu of the %zu parts it names are not here", manifest,
                 absent, named);
    }
    if (notice[0] != '\0' && job->on_notice != NULL) {
        job->on_notice(job->sink, notice);
    }
    json_reader_free(reader);
    free(text);
}
