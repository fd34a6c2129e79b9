#include "server/crash.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int number;
    const char *name;
} fatal[] = {
    {SIGSEGV, "SIGSEGV"}, {SIGBUS, "SIGBUS"}, {SIGABRT, "SIGABRT"},
    {SIGFPE, "SIGFPE"},   {SIGILL, "SIGILL"},
};

enum { FATAL = sizeof fatal / sizeof fatal[0] };

/* Written before the handler can run: it may do no more than write. */
static char lines[FATAL][512];

static void on_fatal(int number, siginfo_t *info, void *context)
{
    (void)context;
    for (size_t i = 0; i < FATAL; i++) {
        if (fatal[i].number == number) {
            ssize_t written = write(STDERR_FILENO, lines[i], strlen(lines[i]));
            (void)written;
        }
    }
    /* The handler is gone (SA_RESETHAND): what made the fault makes it again when this returns. One
     * that was sent is sent again. */
    if (info->si_code <= 0) {
        raise(number);
    }
}

void server_crash_watch(const char *data)
{
    struct sigaction action = {.sa_sigaction = on_fatal,
                               .sa_flags = SA_SIGINFO | (int)SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < FATAL; i++) {
        struct sigaction before;
        snprintf(
            lines[i], sizeof lines[i],
            "hirschd: ended by %s: a page of the store is damaged or cannot be read, or this is a "
            "bug; run hirschd verify --data %s, and see Disaster in the operator's guide "
            "(deploy/README.md)\n",
            fatal[i].name, data);
        if (sigaction(fatal[i].number, NULL, &before) == 0 && before.sa_handler == SIG_DFL) {
            sigaction(fatal[i].number, &action, NULL);
        }
    }
}

void server_crash_forget(void)
{
    for (size_t i = 0; i < FATAL; i++) {
        struct sigaction now;
        if (sigaction(fatal[i].number, NULL, &now) == 0 && (now.sa_flags & SA_SIGINFO) != 0 &&
            now.sa_sigaction == on_fatal) {
            signal(fatal[i].number, SIG_DFL);
        }
    }
}
