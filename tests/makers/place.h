/* SPDX-License-Identifier: MIT */
/* Where and as whom a process makes its memory: users, namespaces, threads, shared address spaces.
 */
#ifndef PEEKFS_TESTS_PLACE_H
#define PEEKFS_TESTS_PLACE_H

#include <stdbool.h>
#include <sys/types.h>

struct place {
	bool pid, mnt, ipc; /* new namespaces of these kinds */
	const char *tmpfs;  /* mount an empty tmpfs here first (in the new mount namespace) */
	bool as_user;
	uid_t uid;
	gid_t gid;
	bool nodump; /* not dumpable: /proc/self belongs to root then */
};

/* Goes there; in a new pid namespace it is a child that returns from this. 0, or -1 with errno. */
int place_enter(const struct place *place);

/* A sleeping process on the same address space, not a thread of ours. Its pid, or -1 with errno. */
pid_t place_sibling(void);

/* A sleeping child with a copy of everything. It dies with us. Its pid, or -1 with errno. */
pid_t place_fork(void);

/* Goes on with fn(arg) in a second thread, while the leader of the thread group exits. */
int place_leave_leader(void (*fn)(void *arg), void *arg);

/* Our pid as this /proc shows it, whatever our own pid namespace says. */
pid_t place_pid(void);

#endif
