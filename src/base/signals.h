/* Which signals the threads take that a library of ours starts. */
#ifndef BASE_SIGNALS_H
#define BASE_SIGNALS_H

#include <signal.h>

/* Signals that are sent belong to the program's own threads: what is started between these two has
 * all of them blocked, but not those that are of its own making (SIGSEGV and the like), which are
 * told by whoever watches them. */
void base_signals_block(sigset_t *before);
void base_signals_restore(const sigset_t *before);

#endif
