/* Last words when a signal of its own mistakes, or of a damaged store's, ends the program. */
#ifndef SERVER_CRASH_H
#define SERVER_CRASH_H

/* From here on SIGSEGV, SIGBUS, SIGABRT, SIGFPE and SIGILL write one line that says what to do
 * about the data directory, and then end the program as they would have: same signal, same core. A
 * handler that somebody else has set (a sanitizer) is left alone. Once, before threads start. */
void server_crash_watch(const char *data);

/* For a child whose parent tells of its end. */
void server_crash_forget(void);

#endif
