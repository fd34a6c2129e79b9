/* A foreign client on libnng: sends the bytes of standard input as one request and prints the
 * reply's. */
#include <nng/nng.h>
#include <nng/protocol/reqrep0/req.h>
#include <stdio.h>
#include <stdlib.h>

enum { REQUEST_MOST = 65536, PATIENCE_MS = 60000 };

static int fail(const char *what, int reason)
{
    fprintf(stderr, "nng-client: %s: %s\n", what, nng_strerror(reason));
    return 1;
}

int main(int argc, char **argv)
{
    static char request[REQUEST_MOST];
    size_t size = fread(request, 1, sizeof request, stdin);
    if (argc < 2 || argc > 3) {
        fputs("usage: nng-client URL [TIMES] <request >reply\n", stderr);
        return 64;
    }
    long times = argc == 3 ? strtol(argv[2], NULL, 10) : 1;
    nng_socket req;
    int reason = nng_req0_open(&req);
    if (reason != 0) {
        return fail("open", reason);
    }
    nng_socket_set_ms(req, NNG_OPT_RECVTIMEO, PATIENCE_MS);
    nng_socket_set_ms(req, NNG_OPT_SENDTIMEO, PATIENCE_MS);
    reason = nng_dial(req, argv[1], NULL, 0);
    if (reason != 0) {
        return fail(argv[1], reason);
    }
    for (long i = 0; i < times; i++) {
        char *reply = NULL;
        size_t reply_size = 0;
        reason = nng_send(req, request, size, 0);
        if (reason != 0) {
            return fail("send", reason);
        }
        reason = nng_recv(req, &reply, &reply_size, NNG_FLAG_ALLOC);
        if (reason != 0) {
            return fail("receive", reason);
        }
        if (i == times - 1) {
            fwrite(reply, 1, reply_size, stdout);
        }
        nng_free(reply, reply_size);
    }
    nng_close(req);
    return 0;
}
