/* One call of libhirsch that writes everything a file holds: put_whole MODE ENDPOINT FILE KEY
 * TIMEOUT_MS. MODE is put, async or delete; FILE holds hirsch.v1.Record messages, each behind its
 * length as 4 bytes in little-endian order, or primary ids of papers, one a line. Prints one JSON
 * object: the code, what is known of the items as runs of equal outcomes, and the sequence. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hirsch/records.h"

struct input {
    char *bytes;
    size_t size;
    size_t count;
    struct hirsch_bytes *packed;
    struct hirsch_record *records;
    struct hirsch_record_key *keys;
};

struct ending {
    bool ended;
    enum hirsch_code code;
    const struct hirsch_write_result *result;
    hirsch_error *error;
};

static void *must(void *memory)
{
    if (memory == NULL) {
        perror("put_whole");
        exit(2);
    }
    return memory;
}

static void read_file(const char *path, struct input *input)
{
    FILE *file = must(fopen(path, "rb"));
    fseek(file, 0, SEEK_END);
    input->size = (size_t)ftell(file);
    rewind(file);
    input->bytes = must(malloc(input->size + 1));
    if (fread(input->bytes, 1, input->size, file) != input->size) {
        exit(2);
    }
    input->bytes[input->size] = '\0';
    fclose(file);
}

static void read_records(struct input *input)
{
    size_t most = input->size / 4 + 1;
    input->packed = must(calloc(most, sizeof *input->packed));
    input->records = must(calloc(most, sizeof *input->records));
    for (size_t at = 0; at < input->size; input->count++) {
        const unsigned char *length = (const unsigned char *)input->bytes + at;
        size_t size = (size_t)length[0] | (size_t)length[1] << 8 | (size_t)length[2] << 16 |
                      (size_t)length[3] << 24;
        input->packed[input->count] = (struct hirsch_bytes){input->bytes + at + 4, size};
        input->records[input->count] =
            (struct hirsch_record){HIRSCH_RECORD_PACKED, &input->packed[input->count]};
        at += 4 + size;
    }
}

static void read_keys(struct input *input)
{
    input->keys = must(calloc(input->size + 1, sizeof *input->keys));
    char *rest = NULL;
    for (char *id = strtok_r(input->bytes, "\n", &rest); id != NULL;
         id = strtok_r(NULL, "\n", &rest)) {
        input->keys[input->count++] =
            (struct hirsch_record_key){.type = HIRSCH_RECORD_PAPER, .id = id};
    }
}

static void done(const struct hirsch_completion *completion)
{
    struct ending *ending = completion->context;
    *ending = (struct ending){true, completion->code, completion->result, completion->error};
}

static void print_items(const struct hirsch_write_result *result)
{
    size_t from = 0;
    printf(", \"count\": %zu, \"sequence\": %llu, \"epoch\": \"%s\", \"runs\": [", result->count,
           (unsigned long long)result->sequence, result->epoch);
    for (size_t i = 1; i <= result->count; i++) {
        if (i == result->count || result->items[i].outcome != result->items[from].outcome) {
            printf("%s[%d, %zu]", from == 0 ? "" : ", ", (int)result->items[from].outcome,
                   i - from);
            from = i;
        }
    }
    printf("]");
}

int main(int argc, char **argv)
{
    struct input input = {0};
    struct ending ending = {0};
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    hirsch_client *client = NULL;
    if (argc != 6) {
        return 2;
    }
    const char *mode = argv[1];
    const char *key = argv[4];
    options.endpoints = argv[2];
    call.timeout_ms = (uint32_t)strtoul(argv[5], NULL, 10);
    read_file(argv[3], &input);
    (strcmp(mode, "delete") == 0 ? read_keys : read_records)(&input);
    if (hirsch_open(&options, &client, &ending.error) != HIRSCH_OK) {
        return 2;
    }
    if (strcmp(mode, "delete") == 0) {
        ending.code = hirsch_delete_records(client, input.keys, input.count, key, &call,
                                            &ending.result, &ending.error);
    } else if (strcmp(mode, "put") == 0) {
        ending.code = hirsch_put_records(client, input.records, input.count, key, &call,
                                         &ending.result, &ending.error);
    } else {
        call.done = done;
        call.context = &ending;
        if (hirsch_put_records(client, input.records, input.count, key, &call, NULL,
                               &ending.error) != HIRSCH_OK) {
            return 2;
        }
        while (!ending.ended) {
            hirsch_poll(client, -1);
        }
    }
    printf("{\"code\": %d", (int)ending.code);
    if (ending.result != NULL) {
        print_items(ending.result);
    } else if (ending.error->partial != NULL) {
        print_items(ending.error->partial);
    }
    printf("}\n");
    if (ending.error != NULL) {
        fprintf(stderr, "%s\n", ending.error->text);
    }
    hirsch_free(ending.result);
    hirsch_free(ending.error);
    hirsch_close(client);
    free(input.keys);
    free(input.records);
    free(input.packed);
    free(input.bytes);
    return 0;
}
