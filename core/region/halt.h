/* SPDX-License-Identifier: MIT */
/*
 * The threads of a process, each stopped for as long as its registers and its stack are copied.
 * The only place that stops anybody; only what asks for it by name (`auto`) comes here.
 */
#ifndef PEEKFS_REGION_HALT_H
#define PEEKFS_REGION_HALT_H

#include "region/region.h"
#include "region/registers.h"

#define HALT_STACK_MAX	 (256u << 10) /* bytes of a stack that are copied, from its top */
#define HALT_THREADS_MAX 256	      /* of one call */

/* What was copied of a thread; borrowed for the call. */
struct halted {
	pid_t tid;
	char comm[16];
	struct registers registers;
	uint64_t stack; /* address of the first byte: a little below the stack pointer */
	const unsigned char *bytes;
	size_t n; /* 0: the stack isn't where one would be */
};

/* Counts are added to what is there. */
struct halt_report {
	unsigned copied;
	unsigned stopped; /* left alone: stopped by a signal (SIGSTOP) */
	unsigned traced;  /* left alone: a debugger has it */
	unsigned busy;	  /* in the kernel, not to be interrupted; or it ran and didn't stop */
	unsigned refused; /* the kernel doesn't let us, or its registers aren't known here */
	unsigned left;	  /* beyond HALT_THREADS_MAX, or behind the deadline */
	uint64_t longest; /* ns: from when a thread was last seen running until it ran again */
};

/*
 * Calls each for every thread of process that can be stopped, after it runs again. deadline is on
 * CLOCK_MONOTONIC, ns. Threads that are stopped, traced or dead already are left as they are.
 * So is the thread `except` (0: none), which is counted as busy: who waits for our answer would be
 * interrupted by us.
 * Nothing of it can be seen by the process, but the time: system calls that wait go on (see
 * registers_read()), a signal that comes meanwhile is delivered. If we die, the kernel lets go.
 *
 * 0, also when no thread could be copied (*report tells); -ESRCH the process is gone or is another
 * one; -ENOMEM, -EAGAIN no thread of our own. each is called in a thread of its own, one at a time.
 */
int halt_each(int proc, const struct process *process, pid_t except, uint64_t deadline,
	      void (*each)(void *context, const struct halted *halted), void *context,
	      struct halt_report *report);

#endif
