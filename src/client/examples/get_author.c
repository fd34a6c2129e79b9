/* One author: get_author ID */
#include <hirsch/client.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 2) {
        fputs("usage: get_author ID\n", stderr);
        return 64;
    }
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_author *author = NULL;
    int status = 1;
    /* NULL: the server that HIRSCH_SERVER names, else this machine's. */
    if (hirsch_open(NULL, &client, &error) == HIRSCH_OK &&
        hirsch_get_author(client, argv[1], NULL, &author, &error) == HIRSCH_OK) {
        printf("%s: %u papers, %u citations, h-index %u\n", author->display_name,
               author->metrics.paper_count, author->metrics.citation_count,
               author->metrics.h_index);
        status = 0;
    } else {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(error->code), error->text);
    }
    hirsch_free(author);
    hirsch_free(error);
    hirsch_close(client);
    return status;
}
