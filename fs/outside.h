/* SPDX-License-Identifier: MIT */
/*
 * Replies from threads that aren't libfuse's: one at a time, and none once libfuse takes down what
 * they would use. There is one mount in a process, and what the linker puts into libfuse (uring.c)
 * is told of no context; so this module keeps its state to itself.
 */
#ifndef PEEKFS_FS_OUTSIDE_H
#define PEEKFS_FS_OUTSIDE_H

#include <stdbool.h>

/* Part of whatever is to be replied to; the caller's. */
struct outside {
	struct outside *next;
	/* Called once. gone: the mount is; there is nobody to reply to. */
	void (*reply)(struct outside *outside, bool gone);
};

/* Starts the thread for replies that must come from one that never blocks and never ends.
 * 0; -EAGAIN. */
int outside_start(void);
/* by_thread: that thread calls reply(), soon. Else it is called here and now. Thread-safe. */
void outside_reply(struct outside *outside, bool by_thread);
/* From now on everybody is told `gone`; no reply is under way. */
void outside_close(void);
/* Ends the thread, after what was handed to it. */
void outside_stop(void);

/* Keeps replies back for a moment; nothing that waits may be done in it. */
void outside_lock(void);
void outside_unlock(void);

#endif
