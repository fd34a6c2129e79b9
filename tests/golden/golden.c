/* One folder, one case: `input*` (files, or a folder) goes through an import with one thread, and
 * what comes out must be `expected`: records as native lines, then faults, notices and a line of
 * totals. The folder's name up to its first hyphen is the format. With --write the expectation is
 * made instead of compared. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/ingest_collect.h"

enum { PATHS_MOST = 16, EXPECTED_MOST = 1 << 20 };

static int is_input(const struct dirent *entry)
{
    return strncmp(entry->d_name, "input", 5) == 0;
}

static size_t find_inputs(const char *folder, char *paths[PATHS_MOST])
{
    struct dirent **entries = NULL;
    int found = scandir(folder, &entries, is_input, alphasort);
    size_t count = 0;
    for (int i = 0; i < found; i++) {
        if (count < PATHS_MOST &&
            asprintf(&paths[count], "%s/%s", folder, entries[i]->d_name) > 0) {
            count++;
        }
        free(entries[i]);
    }
    free(entries);
    return count;
}

static void describe(struct collect *collect, struct base_buffer *out)
{
    const struct ingest_report *report = &collect->report;
    base_buffer_append_slice(out, base_buffer_slice(&collect->records));
    base_buffer_append_slice(out, base_buffer_slice(&collect->faults));
    base_buffer_append_slice(out, base_buffer_slice(&collect->notices));
    base_buffer_append_format(
        out,
        "files %llu, lines %llu, records %llu, rejected %llu, skipped %llu, ids dropped %llu, "
        "authors dropped %llu, texts cut %llu\n",
        (unsigned long long)report->totals.files_done, (unsigned long long)report->totals.lines,
        (unsigned long long)report->totals.records, (unsigned long long)report->totals.rejected,
        (unsigned long long)report->skipped_entities, (unsigned long long)report->ids_dropped,
        (unsigned long long)report->authors_dropped, (unsigned long long)report->texts_cut);
}

static int compare(const char *path, const struct base_buffer *out)
{
    FILE *file = fopen(path, "rb");
    char *wanted = malloc(EXPECTED_MOST);
    int result = 1;
    if (file == NULL || wanted == NULL) {
        fprintf(stderr, "%s: cannot be read\n", path);
    } else {
        size_t size = fread(wanted, 1, EXPECTED_MOST, file);
        if (base_slice_equal(base_slice(wanted, size), base_buffer_slice(out))) {
            result = 0;
        } else {
            fprintf(stderr, "%s differs; this came out:\n%.*s", path, (int)out->size, out->data);
        }
    }
    if (file != NULL) {
        fclose(file);
    }
    free(wanted);
    return result;
}

static int write_expectation(const char *path, const struct base_buffer *out)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL || fwrite(out->data, 1, out->size, file) != out->size || fclose(file) != 0) {
        perror(path);
        return 1;
    }
    return 0;
}

int main(int count, char **arguments)
{
    if (count < 2) {
        fprintf(stderr, "usage: golden FOLDER [--write]\n");
        return 64;
    }
    const char *folder = arguments[1];
    const char *name = strrchr(folder, '/');
    name = name == NULL ? folder : name + 1;
    char format[32];
    snprintf(format, sizeof format, "%.*s", (int)strcspn(name, "-"), name);
    if (ingest_format_named(format) == NULL) {
        fprintf(stderr, "%s: there is no format %s\n", folder, format);
        return 64;
    }
    char *paths[PATHS_MOST];
    char expected[4096];
    struct collect collect;
    struct base_buffer out = BASE_BUFFER_EMPTY;
    size_t inputs = find_inputs(folder, paths);
    snprintf(expected, sizeof expected, "%s/expected", folder);
    collect_init(&collect);
    enum base_code code =
        collect_run(&collect, format, (const char *const *)paths, inputs, 1, 1000000);
    int result = 1;
    if (inputs == 0 || code != BASE_OK) {
        fprintf(stderr, "%s: %s\n", folder, inputs == 0 ? "no input" : collect.error.text);
    } else {
        describe(&collect, &out);
        bool write = count > 2 && strcmp(arguments[2], "--write") == 0;
        result = write ? write_expectation(expected, &out) : compare(expected, &out);
    }
    base_buffer_fini(&out);
    collect_fini(&collect);
    for (size_t i = 0; i < inputs; i++) {
        free(paths[i]);
    }
    return result;
}
