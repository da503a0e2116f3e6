/* SPDX-License-Identifier: MIT */
/*
 * The registers of a thread that stands still under ptrace(2), in the numbering of DWARF. One file
 * for each kind of machine, chosen by the build; registers_none.c where there is none yet.
 */
#ifndef PEEKFS_REGION_REGISTERS_H
#define PEEKFS_REGION_REGISTERS_H

#include <stdint.h>
#include <sys/types.h>

#define REGISTERS_MAX 32

struct registers {
	unsigned n;
	uint64_t
		value[REGISTERS_MAX]; /* by their numbers in the machine's psABI; pc not included */
	uint64_t pc;
	uint64_t sp;
};

/*
 * Reads them, by the thread that traces tid, and hides from it that it was stopped: some system
 * calls (epoll_wait(2), semop(2) ...: signal(7), "Interruption of system calls") end with EINTR by
 * the stop alone, without a signal. Such a call is told to begin anew, unless a handler runs.
 * What the kernel restarts by itself is left to it. A time-out of such a call begins anew, too.
 * 0; -ESRCH; -ENOSYS this machine's registers aren't known, or it is a program of another class.
 */
int registers_read(pid_t tid, struct registers *out);

#endif
