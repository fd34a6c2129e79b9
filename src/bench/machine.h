/* On what a run was made: recorded with every result. */
#ifndef BENCH_MACHINE_H
#define BENCH_MACHINE_H

struct bench_machine {
    char cpu[128];
    char kernel[160];
    char made[32]; /* "2026-01-31T12:00:00Z" */
    unsigned cores;
};

void bench_machine_look(struct bench_machine *machine);

#endif
