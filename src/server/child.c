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
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        server_crash_forget();
        int code = getppid() == parent ? body(settings, argument) : BASE_EXIT_INTERRUPTED;
        if (fflush(NULL) != 0 && code == BASE_EXIT_OK) {
            code = BASE_EXIT_IO;
        }
        _exit(code);
    }
    wait_and_forward(child);
    int status;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            fprintf(stderr, "hirschd: %s: %s\n", job, strerror(errno));
            return BASE_EXIT_FAILED;
        }
    }
    if (WIFSIGNALED(status)) {
        fprintf(stderr, "hirschd: %s: a damaged page ended it (%s); %s\n", job,
                strsignal(WTERMSIG(status)), advice);
        return BASE_EXIT_IO;
    }
    return WEXITSTATUS(status);
}
