/* All papers of an author, page after page: pages ID [PAGE_SIZE] */
#include <hirsch/client.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    if (argc != 2 && argc != 3) {
        fputs("usage: pages ID [PAGE_SIZE]\n", stderr);
        return 64;
    }
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    const struct hirsch_paper_page *page = NULL;
    enum hirsch_code code = hirsch_open(NULL, &client, &error);
    struct hirsch_list_author_papers request = HIRSCH_LIST_AUTHOR_PAPERS_INIT;
    request.id = argv[1];
    request.page_size = argc == 3 ? (uint32_t)strtoul(argv[2], NULL, 10) : 0;
    while (code == HIRSCH_OK) {
        const struct hirsch_paper_page *next = NULL;
        code = hirsch_list_author_papers(client, &request, NULL, &next, &error);
        /* The token of the page before was still needed for asking. */
        hirsch_free(page);
        page = next;
        if (code != HIRSCH_OK) {
            break;
        }
        for (size_t i = 0; i < page->count; i++) {
            printf("%s  %s\n", page->papers[i].publication_date, page->papers[i].title);
        }
        if (page->next_page_token[0] == '\0') {
            break;
        }
        request.page_token = page->next_page_token;
    }
    if (code != HIRSCH_OK) {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(code), error->text);
    }
    hirsch_free(page);
    hirsch_free(error);
    hirsch_close(client);
    return code == HIRSCH_OK ? 0 : 1;
}
