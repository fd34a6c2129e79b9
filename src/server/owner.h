/* A data directory stays its owner's when root runs a job on it: the daemon may be somebody else.
 */
#ifndef SERVER_OWNER_H
#define SERVER_OWNER_H

/* Gives files and folders that root has made in the directory to whoever owns it. Does nothing for
 * others than root, or when the directory is root's. Not while LMDB has the store open: closing a
 * file lets go of the process's locks on it. */
void server_owner_keep(const char *directory);

#endif
