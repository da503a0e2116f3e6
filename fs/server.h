/* SPDX-License-Identifier: MIT */
/*
 * A mount that is served: what every part of the daemon shares. Made once the process is in the
 * background, as threads don't survive a fork().
 */
#ifndef PEEKFS_FS_SERVER_H
#define PEEKFS_FS_SERVER_H

#include <stdatomic.h>
#include <time.h>

#include "base/diag.h"
#include "fs/fuse.h"
#include "fs/lane.h"
#include "fs/notify.h"
#include "fs/options.h"
#include "fs/passthrough.h"
#include "fs/tidy.h"
#include "fs/uring.h"
#include "node/tree.h"

struct server {
	const struct options *options;
	char *mountpoint; /* absolute, without links; what was given where that can't be said */
	struct tree *tree;
	struct fuse_session *session;
	int device;	     /* of /dev/fuse, beside the session's */
	uint32_t mounted[2]; /* the mount's device, major and minor; 0: not known */
	struct lanes *lanes; /* NULL: everything is answered in turn */
	struct notify *notify;
	struct tidy *tidy;
	struct passthrough *passthrough;
	bool uring_wanted;
	atomic_bool uring_offered;
	struct timespec since; /* of all files, as nothing says when a byte of memory changed */
	void (*ready)(void *context); /* the mount answers; called once */
	void *context;
};

/* Whether it stands for a mount that whoever started us has made: /dev/fd/N is the device, as
 * mount.fuse3(8) hands it over with -o drop_privileges. */
bool server_is_mounted(const char *mountpoint);

/* Mounts. 0 and *out, for server_free(); negative errno with *diag, what libfuse and fusermount3
 * have to say went to the log. options must outlive it. */
int server_new(const struct options *options, void (*ready)(void *context), void *context,
	       struct server **out, struct diag *diag);
/* Answers until the mount is gone or a signal asks to end; then it is unmounted.
 * 0, or why it ended before its time. */
int server_run(struct server *server);
/* Takes NULL. False: some work never ends, and uses everything still; the process should, as it is.
 */
bool server_free(struct server *server);

#endif
