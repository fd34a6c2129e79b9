/* What the machine gives the daemon: cores, open files, the kernel's queue of connections. */
#ifndef SERVER_MACHINE_H
#define SERVER_MACHINE_H

#include <stddef.h>

/* Cores that this process may run on, at least 1. */
unsigned server_machine_cores(void);

/* Raises the limit of open files towards wanted, as far as this user may; returns the limit now. */
size_t server_machine_open_files(size_t wanted);

/* net.core.somaxconn; 0 when it cannot be read. */
size_t server_machine_accept_queue(void);

#endif
