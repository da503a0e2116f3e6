/* SPDX-License-Identifier: MIT */
#include "fs/server.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fuse.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fs/log.h"
#include "fs/mountinfo.h"
#include "fs/ops.h"
#include "fs/outside.h"
#include "fs/status.h"
#include "fs/waiting.h"

#define LANE_THREADS 256 /* so many divided by LANE_EACH can be stuck before all are */
#define LANE_EACH    2
#define NOTIFY_MOST  16384
#define STOP_MS	     1000 /* for what is being worked on when the mount ends */

static void changed(void *context, uint64_t parent, const char *name)
{
	notify_put(((struct server *)context)->notify, parent, name);
}

static void add_status(void *context, struct buf *out)
{
	status_lines(context, out);
}

static bool passes(void *context, int fd)
{
	struct server *server = context;

	return passthrough_takes(server->passthrough, fuse_session_fd(server->session), fd);
}

/* By a descriptor of our own: unmounting closes libfuse's while this may be under way, and what is
 * opened next has its number. Refused where the kernel knows no such name, which is as well. */
static void tell_kernel(void *context, uint64_t parent, const char *name)
{
	const struct server *server = context;
	uint32_t n = (uint32_t)strlen(name);
	struct fuse_notify_inval_entry_out entry = {.parent = parent, .namelen = n};
	struct fuse_out_header header = {
		.len = (uint32_t)(sizeof(header) + sizeof(entry)) + n + 1,
		.error = FUSE_NOTIFY_INVAL_ENTRY,
	};
	const struct iovec parts[] = {
		{&header, sizeof(header)},
		{&entry, sizeof(entry)},
		{(char *)name, n + 1},
	};

	if (writev(server->device, parts, ARRAY_SIZE(parts)) < 0)
		return;
}

static bool tidy_tree(void *context)
{
	return tree_tidy(((struct server *)context)->tree);
}

static int make_tree(struct server *server, struct diag *diag)
{
	const struct tree_options options = {
		.scan_ttl = server->options->scan_ttl,
		.all = server->options->all,
		.self = getpid(),
		.changed = changed,
		.status = add_status,
		.passes = passes,
		.context = server,
	};
	int err = tree_new(&options, &server->tree);

	return err ? diag_set(diag, err, 0, 0, "cannot look at the processes: %s", strerror(-err))
		   : 0;
}

static int make_threads(struct server *server, struct diag *diag)
{
	int err = tidy_new(tidy_tree, server, &server->tidy);

	if (!err)
		err = notify_new(NOTIFY_MOST, tell_kernel, server, &server->notify);
	if (!err && !server->options->single)
		err = lanes_new(LANE_THREADS, LANE_EACH, &server->lanes);
	if (!err && server->uring_wanted)
		err = outside_start();
	if (!err && server->lanes)
		err = waiting_start(server->options->timeout);
	return err ? diag_set(diag, err, 0, 0, "cannot start a thread: %s", strerror(-err)) : 0;
}

static int make_session(struct server *server, struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf words = BUF_INIT;
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);

	buf_put(&words, server->options->mount.data, server->options->mount.len);
	if (server->uring_wanted)
		uring_options(&words);
	if (!buf_cstr(&words) || fuse_opt_add_arg(&args, "peekfs") ||
	    fuse_opt_add_arg(&args, "-o") || fuse_opt_add_arg(&args, buf_cstr(&words)) ||
	    (server->options->debug && fuse_opt_add_arg(&args, "-d"))) {
		fuse_opt_free_args(&args);
		return diag_no_memory(diag);
	}
	server->session = fuse_session_new(&args, &ops_table, sizeof(ops_table), server);
	fuse_opt_free_args(&args);
	return server->session ? 0 : diag_set(diag, -EINVAL, 0, 0, "libfuse refuses to start");
}

static int mount_session(struct server *server, struct diag *diag)
{
	uint32_t *mounted = server->mounted;

	if (fuse_session_mount(server->session, server->mountpoint))
		return diag_set(diag, -EIO, 0, 0, "cannot mount on '%s'", server->mountpoint);
	server->device = fcntl(fuse_session_fd(server->session), F_DUPFD_CLOEXEC, 0);
	if (server->device < 0)
		return diag_set(diag, -errno, 0, 0, "no descriptor: %s", strerror(errno));
	if (!mountinfo_device(NULL, server->mountpoint, &mounted[0], &mounted[1]))
		tree_set_device(server->tree, mounted[0], mounted[1]);
	return 0;
}

/* A descriptor for each open file is little beside what some machines allow by default. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

bool server_is_mounted(const char *mountpoint)
{
	return !strncmp(mountpoint, "/dev/fd/", strlen("/dev/fd/"));
}

int server_new(const struct options *options, void (*ready)(void *context), void *context,
	       struct server **out, struct diag *diag)
{
	struct server *server = calloc(1, sizeof(*server));
	int err;

	if (!server)
		return diag_no_memory(diag);
	server->options = options;
	server->device = -1;
	server->ready = ready;
	server->context = context;
	server->uring_wanted = !options->no_uring && !options->single;
	if (!server_is_mounted(options->mountpoint))
		server->mountpoint = realpath(options->mountpoint, NULL);
	if (!server->mountpoint)
		server->mountpoint = strdup(options->mountpoint);
	clock_gettime(CLOCK_REALTIME, &server->since);
	raise_limit();
	err = server->mountpoint ? 0 : diag_no_memory(diag);
	if (!err)
		err = passthrough_new(!options->no_passthrough, &server->passthrough);
	if (!err)
		err = make_tree(server, diag);
	if (!err)
		err = make_session(server, diag);
	if (!err)
		err = mount_session(server, diag);
	if (!err)
		err = make_threads(server, diag);
	if (err) {
		server_free(server);
		return err;
	}
	*out = server;
	return 0;
}

static int loop(struct server *server)
{
	struct fuse_loop_config *config;
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	int err;

	if (!server->lanes)
		return fuse_session_loop(server->session);
	config = fuse_loop_cfg_create();
	if (!config)
		return -ENOMEM;
	/* None of them waits; lanes do that. */
	fuse_loop_cfg_set_max_threads(config, processors < 2 ? 2 : (unsigned)processors);
	err = fuse_session_loop_mt(server->session, config);
	fuse_loop_cfg_destroy(config);
	return err;
}

int server_run(struct server *server)
{
	int err;

	if (fuse_set_signal_handlers(server->session))
		return -EIO;
	err = loop(server);
	fuse_remove_signal_handlers(server->session);
	/* A positive number is the signal that ended it. */
	return err > 0 ? 0 : err;
}

/* Whether what is mounted there isn't ours: it was unmounted, lives on in a copy that another mount
 * namespace has, and something else is in its place. */
static bool is_anothers(const struct server *server)
{
	uint32_t now[2];

	return server->mounted[1] &&
	       !mountinfo_device(NULL, server->mountpoint, &now[0], &now[1]) &&
	       memcmp(now, server->mounted, sizeof(now)) != 0;
}

bool server_free(struct server *server)
{
	if (!server)
		return true;
	outside_close();
	if (server->session && !is_anothers(server))
		fuse_session_unmount(server->session);
	if (!lanes_stop(server->lanes, STOP_MS)) {
		log_say(LOG_WARNING, "a process or file system doesn't answer; not waiting for it");
		return false;
	}
	/* Nobody asks anything of these any more. */
	outside_stop();
	waiting_stop();
	notify_free(server->notify);
	tidy_free(server->tidy);
	if (server->session)
		fuse_session_destroy(server->session);
	passthrough_free(server->passthrough);
	tree_free(server->tree);
	close_fd(&server->device);
	free(server->mountpoint);
	free(server);
	return true;
}
