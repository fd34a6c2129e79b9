/* What the comparators share: the reply they give, and the line that says where they listen. */
#ifndef TESTS_BENCH_ECHO_H
#define TESTS_BENCH_ECHO_H

#include <stddef.h>
#include <stdint.h>

struct echo_reply {
    char *bytes; /* the envelope, the same for every request */
    size_t size;
    uint16_t port; /* 0: any */
};

/* Reads `--reply FILE [--port N]`; ends the program with a message when they are wrong. */
struct echo_reply echo_options(int argc, char **argv, const char *program);

/* Prints the endpoint as one line on stdout. */
void echo_ready(uint16_t port);

#endif
