#include "echo.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

enum { REPLY_MOST = 256 * 1024 };

static void read_reply(const char *path, struct echo_reply *reply)
{
    FILE *file = fopen(path, "rb");
    reply->bytes = malloc(REPLY_MOST);
    if (file == NULL || reply->bytes == NULL) {
        perror(path);
        exit(66);
    }
    reply->size = fread(reply->bytes, 1, REPLY_MOST, file);
    fclose(file);
    if (reply->size == 0 || reply->size == REPLY_MOST) {
        fprintf(stderr, "%s: 1 to %d bytes are expected\n", path, REPLY_MOST - 1);
        exit(65);
    }
}

struct echo_reply echo_options(int argc, char **argv, const char *program)
{
    static const struct option table[] = {
        {"reply", required_argument, NULL, 'r'},
        {"port", required_argument, NULL, 'p'},
        {NULL, 0, NULL, 0},
    };
    struct echo_reply reply = {NULL, 0, 0};
    int option;
    while ((option = getopt_long(argc, argv, "", table, NULL)) != -1) {
        if (option == 'r' && reply.bytes == NULL) {
            read_reply(optarg, &reply);
        } else if (option == 'p') {
            reply.port = (uint16_t)atoi(optarg);
        } else {
            exit(64);
        }
    }
    if (reply.bytes == NULL) {
        fprintf(stderr, "usage: %s --reply FILE [--port N]\n", program);
        exit(64);
    }
    return reply;
}

void echo_ready(uint16_t port)
{
    printf("tcp://127.0.0.1:%u\n", port);
    fflush(stdout);
}
