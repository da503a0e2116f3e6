/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "fs/daemon.h"
#include "fs/log.h"
#include "fs/options.h"
#include "fs/server.h"

static int check_mountpoint(const char *path, struct diag *diag)
{
	struct stat there;

	if (!stat(path, &there))
		return S_ISDIR(there.st_mode)
			       ? 0
			       : diag_set(diag, -ENOTDIR, 0, 0, "'%s' is not a directory", path);
	if (errno == ENOTCONN)
		return diag_set(diag, -errno, 0, 0,
				"'%s': a dead mount is there; umount it (fusermount3 -u) first",
				path);
	return diag_set(diag, -errno, 0, 0, "'%s': %s", path, strerror(errno));
}

static int check_device(struct diag *diag)
{
	CLEANUP(close_fd) int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);

	if (fd >= 0)
		return 0;
	if (errno == ENOENT || errno == ENODEV)
		return diag_set(diag, -errno, 0, 0,
				"/dev/fuse: %s; load the kernel's module (modprobe fuse), or let "
				"the container have the device",
				strerror(errno));
	return diag_set(diag, -errno, 0, 0, "/dev/fuse: %s", strerror(errno));
}

/* What goes wrong most, said in plain words before libfuse says it in others. */
static int check(const char *path, struct diag *diag)
{
	int err;

	if (server_is_mounted(path))
		return 0;
	err = check_mountpoint(path, diag);
	return err ? err : check_device(diag);
}

static void become_ready(void *context)
{
	struct daemon *daemon = context;

	if (daemon->ready < 0)
		return;
	log_to_syslog();
	daemon_ready(daemon);
}

static int fail(const struct diag *diag)
{
	log_say(LOG_ERR, "%s", diag->message);
	return 1;
}

static int serve(const struct options *options)
{
	struct daemon daemon = {.ready = -1};
	struct server *server;
	struct diag diag = {0};
	int err = check(options->mountpoint, &diag);

	if (err)
		return fail(&diag);
	/* Threads come and go; each would keep a heap of its own. */
	mallopt(M_ARENA_MAX, 2);
	if (!options->foreground) {
		err = daemon_fork(&daemon);
		if (err) {
			diag_set(&diag, err, 0, 0, "cannot go into the background: %s",
				 strerror(-err));
			return fail(&diag);
		}
	}
	err = server_new(options, become_ready, &daemon, &server, &diag);
	if (err)
		return fail(&diag);
	err = server_run(server);
	if (err)
		log_say(LOG_ERR, "ended before its time: %s", strerror(-err));
	if (!server_free(server))
		_exit(err ? 1 : 0);
	return err ? 1 : 0;
}

int main(int argc, char **argv)
{
	CLEANUP(options_destroy) struct options options = {0};
	struct diag diag = {0};

	log_start();
	if (options_parse(argc, argv, &options, &diag))
		return fail(&diag);
	switch (options.action) {
	case OPTIONS_HELP:
		fputs(options_help, stdout);
		return 0;
	case OPTIONS_VERSION:
		printf("peekfs %s\nlibfuse %s (%s)\n", PEEKFS_VERSION, fuse_pkgversion(),
		       PEEKFS_LIBFUSE);
		return 0;
	case OPTIONS_MOUNT:
		break;
	}
	return serve(&options);
}
