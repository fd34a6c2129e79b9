#include "server/machine.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

unsigned server_machine_cores(void)
{
    cpu_set_t cores;
    if (sched_getaffinity(0, sizeof cores, &cores) != 0) {
        return 1;
    }
    int count = CPU_COUNT(&cores);
    return count < 1 ? 1 : (unsigned)count;
}

size_t server_machine_open_files(size_t wanted)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return wanted;
    }
    if (limit.rlim_cur < wanted) {
        struct rlimit raised = limit;
        raised.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0) {
            return raised.rlim_cur;
        }
    }
    return limit.rlim_cur;
}

size_t server_machine_accept_queue(void)
{
    FILE *file = fopen("/proc/sys/net/core/somaxconn", "re");
    if (file == NULL) {
        return 0;
    }
    char text[32];
    size_t value = fgets(text, sizeof text, file) == NULL ? 0 : strtoul(text, NULL, 10);
    fclose(file);
    return value;
}
