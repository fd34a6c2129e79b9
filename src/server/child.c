#include "server/child.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/exit.h"
#include "server/crash.h"

/* How long a signal that came just before the wait may stay unseen. */
enum { LOOK_EVERY_MS = 200 };

/* poll ends at a signal, waitpid begins again by itself. */
static void wait_and_forward(pid_t child)
{
    int watched = pidfd_open(child, 0);
    if (watched < 0) {
        return;
    }
    struct pollfd event = {.fd = watched, .events = POLLIN};
    bool told = false;
    while (poll(&event, 1, LOOK_EVERY_MS) <= 0) {
        if (server_stop_requested && !told) {
            kill(child, SIGTERM);
            told = true;
        }
    }
    close(watched);
}

/* The parent forwards as SIGTERM what a terminal may have sent to both as SIGINT, and the two come
 * in any order: only a second SIGINT is a second signal. */
static void on_stop(int number)
{
    static int interrupted;
    if (number == SIGINT && __atomic_exchange_n(&interrupted, 1, __ATOMIC_RELAXED) != 0) {
        _exit(BASE_EXIT_INTERRUPTED);
    }
    __atomic_store_n(&server_stop_requested, 1, __ATOMIC_RELAXED);
}

static int run_here(pid_t parent,
                    int (*body)(const struct server_settings *settings, const char *argument),
                    const struct server_settings *settings, const char *argument)
{
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    server_crash_forget();
    int code = getppid() == parent ? body(settings, argument) : BASE_EXIT_INTERRUPTED;
    return fflush(NULL) != 0 && code == BASE_EXIT_OK ? BASE_EXIT_IO : code;
}

/* Only a fault of the process itself speaks of a page; other signals came from outside. */
static int tell_signal(const char *job, const char *advice, int number)
{
    switch (number) {
    case SIGSEGV:
    case SIGBUS:
    case SIGABRT:
    case SIGFPE:
    case SIGILL:
        fprintf(stderr, "hirschd: %s: a damaged page ended it (%s); %s\n", job, strsignal(number),
                advice);
        return BASE_EXIT_IO;
    case SIGPIPE:
        /* Nobody reads the output any more: this process ends as it would without a child. */
        raise(number);
        return BASE_EXIT_IO;
    default:
        fprintf(stderr, "hirschd: %s: it was ended from outside (%s)\n", job, strsignal(number));
        return BASE_EXIT_INTERRUPTED;
    }
}

int server_child_run(const char *job, const char *advice,
                     int (*body)(const struct server_settings *settings, const char *argument),
                     const struct server_settings *settings, const char *argument)
{
    fflush(NULL);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child < 0) {
        fprintf(stderr, "hirschd: %s: cannot start a process: %s\n", job, strerror(errno));
        return BASE_EXIT_RETRY;
    }
    if (child == 0) {
        _exit(run_here(parent, body, settings, argument));
    }
    wait_and_forward(child);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            fprintf(stderr, "hirschd: %s: %s\n", job, strerror(errno));
            return BASE_EXIT_FAILED;
        }
    }
    return WIFSIGNALED(status) ? tell_signal(job, advice, WTERMSIG(status)) : WEXITSTATUS(status);
}
