/* SPDX-License-Identifier: MIT */
/* The thread that has the tree close what nobody needs any more, and sleeps when nothing is open.
 */
#ifndef PEEKFS_FS_TIDY_H
#define PEEKFS_FS_TIDY_H

#include <stdbool.h>

struct tidy;

/* work() is called by the one thread, each half second for as long as it says true.
 * 0 and *out, for tidy_free(); -ENOMEM, -EAGAIN. */
int tidy_new(bool (*work)(void *context), void *context, struct tidy **out);
/* Something may be open now. Thread-safe, costs next to nothing while the thread is awake.
 * Takes NULL. */
void tidy_wake(struct tidy *tidy);
void tidy_free(struct tidy *tidy); /* takes NULL */

#endif
