/* SPDX-License-Identifier: MIT */
/*
 * Tells the kernel which names lead elsewhere now.
 *
 * The kernel locks the directory for that, and whoever looks a name up in it holds the same lock
 * while he waits for our answer: said from within a request, it would be a deadlock. So a thread
 * says it. What is queued twice is said once; of more than can be queued the rest is dropped, and
 * the names run out by themselves.
 */
#ifndef PEEKFS_FS_NOTIFY_H
#define PEEKFS_FS_NOTIFY_H

#include <stdint.h>

struct notify;

/* say() is called by the one thread. 0 and *out, for notify_free(); -ENOMEM, -EAGAIN. */
int notify_new(unsigned most, void (*say)(void *context, uint64_t parent, const char *name),
	       void *context, struct notify **out);
/* Thread-safe, doesn't wait for say(). Takes NULL and does nothing. */
void notify_put(struct notify *notify, uint64_t parent, const char *name);
/* Drops what is queued and waits for the thread: nobody may hold a request back for it. Takes
 * NULL. */
void notify_free(struct notify *notify);

#endif
