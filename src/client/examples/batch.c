/* Many authors in one request, each with its own outcome: batch ID… */
#include <hirsch/client.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_author_batch *batch = NULL;
    int status = 1;
    if (hirsch_open(NULL, &client, &error) == HIRSCH_OK &&
        hirsch_batch_get_authors(client, (const char *const *)(argv + 1), (size_t)(argc - 1), NULL,
                                 &batch, &error) == HIRSCH_OK) {
        for (size_t i = 0; i < batch->count; i++) {
            const struct hirsch_author_item *item = &batch->items[i];
            if (item->code == HIRSCH_OK) {
                printf("%s: %s\n", item->id, item->author->display_name);
            } else {
                printf("%s: %s: %s\n", item->id, hirsch_code_name(item->code), item->message);
            }
        }
        status = 0;
    } else {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(error->code), error->text);
    }
    hirsch_free(batch);
    hirsch_free(error);
    hirsch_close(client);
    return status;
}
