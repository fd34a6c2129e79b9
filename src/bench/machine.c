#include "bench/machine.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static void read_cpu(char *to, size_t room)
{
    char line[256];
    FILE *file = fopen("/proc/cpuinfo", "r");
    to[0] = '\0';
    while (file != NULL && to[0] == '\0' && fgets(line, sizeof line, file) != NULL) {
        char *colon = strchr(line, ':');
        if (colon != NULL && strncmp(line, "model name", 10) == 0) {
            line[strcspn(line, "\n")] = '\0';
            snprintf(to, room, "%.120s", colon + 1 + strspn(colon + 1, " "));
        }
    }
    if (file != NULL) {
        fclose(file);
    }
}

void bench_machine_look(struct bench_machine *machine)
{
    struct utsname names = {.release = ""};
    time_t now = time(NULL);
    struct tm parts;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    uname(&names);
    read_cpu(machine->cpu, sizeof machine->cpu);
    if (machine->cpu[0] == '\0') {
        snprintf(machine->cpu, sizeof machine->cpu, "%.64s", names.machine);
    }
    snprintf(machine->kernel, sizeof machine->kernel, "%.60s %.64s", names.sysname, names.release);
    machine->cores = cores < 1 ? 1 : (unsigned)cores;
    gmtime_r(&now, &parts);
    strftime(machine->made, sizeof machine->made, "%Y-%m-%dT%H:%M:%SZ", &parts);
}
