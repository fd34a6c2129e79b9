#include "client/watch.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

static bool add(int to, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    return fd >= 0 && epoll_ctl(to, EPOLL_CTL_ADD, fd, &event) == 0;
}

enum base_code client_watch_open(struct hirsch_client *client, struct base_error *error)
{
    struct client_watch *watch = &client->watch;
    if (watch->fd >= 0) {
        return BASE_OK;
    }
    watch->fd = epoll_create1(EPOLL_CLOEXEC);
    watch->finished_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    watch->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (watch->fd < 0 || !add(watch->fd, client->epoll_fd) || !add(watch->fd, watch->finished_fd) ||
        !add(watch->fd, watch->timer_fd)) {
        client_watch_fini(client);
        return base_fail(error, BASE_RESOURCE_EXHAUSTED,
                         "no descriptors left in this process for hirsch_fd(); raise the limit of "
                         "open files");
    }
    return BASE_OK;
}

void client_watch_fini(struct hirsch_client *client)
{
    struct client_watch *watch = &client->watch;
    int all[] = {watch->fd, watch->finished_fd, watch->timer_fd};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (all[i] >= 0) {
            close(all[i]);
        }
    }
    *watch = (struct client_watch){-1, -1, -1, UINT64_MAX, false};
}

void client_watch_update(struct hirsch_client *client)
{
    struct client_watch *watch = &client->watch;
    if (watch->fd < 0) {
        return;
    }
    bool raised = !client_link_empty(&client->finished);
    uint64_t count = 1;
    if (raised && !watch->raised) {
        (void)!write(watch->finished_fd, &count, sizeof count);
    } else if (!raised && watch->raised) {
        (void)!read(watch->finished_fd, &count, sizeof count);
    }
    watch->raised = raised;
    if (watch->armed_ns != client->sweep_ns) {
        struct itimerspec when = {{0, 0}, {0, 0}}; /* zeros: never */
        if (client->sweep_ns != UINT64_MAX) {
            when.it_value.tv_sec = (time_t)(client->sweep_ns / 1000000000);
            when.it_value.tv_nsec = (long)(client->sweep_ns % 1000000000);
        }
        (void)timerfd_settime(watch->timer_fd, TFD_TIMER_ABSTIME, &when, NULL);
        watch->armed_ns = client->sweep_ns;
    }
}
