/* The installed library from C: an absent server gives an error, in time. */
#include <hirsch/records.h>
#include <stdio.h>
#include <string.h>

int main(void)
{
    struct hirsch_options options = HIRSCH_OPTIONS_INIT;
    options.endpoints = "tcp://127.0.0.1:1";
    options.timeout_ms = 100;
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_author *author = NULL;
    const struct hirsch_write_result *result = NULL;
    struct hirsch_suppress_record suppress = HIRSCH_SUPPRESS_RECORD_INIT;
    const struct hirsch_record record = {HIRSCH_RECORD_SUPPRESS, &suppress};
    if (strcmp(hirsch_version(), HIRSCH_VERSION) != 0 ||
        hirsch_open(&options, &client, NULL) != HIRSCH_OK ||
        hirsch_get_author(client, "local:a", NULL, &author, &error) != HIRSCH_UNAVAILABLE ||
        hirsch_put_records(client, &record, 1, NULL, NULL, &result, NULL) != HIRSCH_UNAVAILABLE) {
        return 1;
    }
    printf("%s %s\n", hirsch_version(), hirsch_code_name(error->code));
    hirsch_free(error);
    hirsch_close(client);
    return 0;
}
