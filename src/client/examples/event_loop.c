/* The client inside an event loop of the program's own, here poll(): event_loop ID… */
#include <hirsch/client.h>
#include <poll.h>
#include <stdio.h>

static void done(const struct hirsch_completion *completion)
{
    int *open = completion->context;
    const struct hirsch_author *author = completion->result;
    if (author != NULL) {
        printf("%s: %s\n", author->id, author->display_name);
    } else {
        printf("%s: %s\n", hirsch_code_name(completion->code), completion->error->text);
    }
    hirsch_free(completion->result);
    hirsch_free(completion->error);
    --*open;
}

int main(int argc, char **argv)
{
    hirsch_client *client = NULL;
    hirsch_error *error = NULL;
    int open = 0;
    struct hirsch_call_options call = HIRSCH_CALL_OPTIONS_INIT;
    call.done = done;
    call.context = &open;
    enum hirsch_code code = hirsch_open(NULL, &client, &error);
    for (int i = 1; i < argc && code == HIRSCH_OK; i++) {
        code = hirsch_get_author(client, argv[i], &call, NULL, &error);
        open += code == HIRSCH_OK ? 1 : 0;
    }
    while (open > 0) {
        /* A real program has descriptors of its own beside this one. */
        struct pollfd watched = {hirsch_fd(client), POLLIN, 0};
        if (poll(&watched, 1, -1) > 0) {
            hirsch_poll(client, 0);
        }
    }
    if (code != HIRSCH_OK) {
        fprintf(stderr, "%s: %s\n", hirsch_code_name(code), error->text);
    }
    hirsch_free(error);
    hirsch_close(client);
    return code == HIRSCH_OK ? 0 : 1;
}
