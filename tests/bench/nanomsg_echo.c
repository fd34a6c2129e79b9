/* A comparator: libnanomsg's raw REP socket, two threads, the same reply to every request. */
#include <nanomsg/nn.h>
#include <nanomsg/reqrep.h>
#include <nanomsg/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "echo.h"

static struct echo_reply reply;
static int rep;

static void *answer(void *unused)
{
    (void)unused;
    for (;;) {
        void *body = NULL;
        void *control = NULL;
        struct nn_iovec in = {.iov_base = &body, .iov_len = NN_MSG};
        struct nn_msghdr header = {
            .msg_iov = &in, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = NN_MSG};
        if (nn_recvmsg(rep, &header, 0) < 0) {
            if (nn_errno() == ETERM || nn_errno() == EBADF) {
                return NULL;
            }
            continue;
        }
        nn_freemsg(body);
        /* The control block names the connection; sending takes it over. */
        struct nn_iovec out = {.iov_base = reply.bytes, .iov_len = reply.size};
        header.msg_iov = &out;
        if (nn_sendmsg(rep, &header, 0) < 0) {
            nn_freemsg(control);
        }
    }
}

int main(int argc, char **argv)
{
    reply = echo_options(argc, argv, "nanomsg-echo");
    rep = nn_socket(AF_SP_RAW, NN_REP);
    int most = -1;
    int on = 1;
    char url[64];
    snprintf(url, sizeof url, "tcp://127.0.0.1:%u", reply.port);
    if (rep < 0 || reply.port == 0 ||
        nn_setsockopt(rep, NN_SOL_SOCKET, NN_RCVMAXSIZE, &most, sizeof most) < 0 ||
        nn_setsockopt(rep, NN_TCP, NN_TCP_NODELAY, &on, sizeof on) < 0 || nn_bind(rep, url) < 0) {
        fprintf(stderr, "nanomsg-echo: %s: %s\n", url, nn_strerror(nn_errno()));
        return 1;
    }
    pthread_t second;
    if (pthread_create(&second, NULL, answer, NULL) != 0) {
        return 1;
    }
    echo_ready(reply.port);
    answer(NULL);
    pthread_join(second, NULL);
    return 0;
}
