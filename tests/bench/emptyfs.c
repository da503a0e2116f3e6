/* SPDX-License-Identifier: MIT */
/*
 * A FUSE program that does nothing but answer: one file of constant text at the end of one path.
 * It is what libfuse and the kernel cost without us, so that the difference is what we cost; and,
 * stopped by a signal, the server that never answers.
 *
 *   emptyfs MOUNTPOINT [-f -s -d] [-o io_uring,default_permissions,...]
 *     --path=A/B/C     the path of the file (file)
 *     --timeout=SEC    how long the kernel may keep names and attributes (1)
 *     --live=SEC       the same for the attributes of the file (--timeout)
 *     --cached         without direct_io: the file can be mapped
 *     --noflush        close() asks nothing
 */
#define FUSE_USE_VERSION 312
#include <errno.h>
#include <fuse_lowlevel.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MAX_DEPTH = 32 };

static const char content[] = "1234567890\n";

static struct settings {
	char *path;
	double timeout, live;
	int cached, noflush;
} settings = {.timeout = 1.0, .live = -1.0};

/* Directory i + 1 holds names[i]; the last name is the file. */
static char *names[MAX_DEPTH];
static unsigned depth;

static struct stat attributes(fuse_ino_t ino)
{
	bool file = ino == depth + 1;

	return (struct stat){
		.st_ino = ino,
		.st_mode = file ? S_IFREG | 0644 : S_IFDIR | 0755,
		.st_nlink = file ? 1 : 2,
		.st_size = file ? sizeof(content) - 1 : 0,
		.st_uid = getuid(),
		.st_gid = getgid(),
	};
}

static double attr_timeout(fuse_ino_t ino)
{
	return ino == depth + 1 && settings.live >= 0 ? settings.live : settings.timeout;
}

static void empty_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry = {
		.ino = parent + 1,
		.attr_timeout = attr_timeout(parent + 1),
		.entry_timeout = settings.timeout,
	};

	if (parent > depth || strcmp(name, names[parent - 1]) != 0) {
		fuse_reply_err(req, ENOENT);
		return;
	}
	entry.attr = attributes(entry.ino);
	fuse_reply_entry(req, &entry);
}

static void empty_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	struct stat st = attributes(ino);

	(void)file;
	fuse_reply_attr(req, &st, attr_timeout(ino));
}

static void empty_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *file)
{
	(void)ino;
	file->direct_io = !settings.cached;
	file->noflush = settings.noflush ? 1 : 0;
	fuse_reply_open(req, file);
}

static void empty_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		       struct fuse_file_info *file)
{
	size_t length = sizeof(content) - 1, from = (size_t)offset;

	(void)ino;
	(void)file;
	if (from > length)
		from = length;
	fuse_reply_buf(req, content + from, size < length - from ? size : length - from);
}

static void empty_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
			  struct fuse_file_info *file)
{
	char entry[512];
	struct stat st;
	size_t n = 0;

	(void)file;
	if (offset == 0 && ino <= depth) {
		st = attributes(ino + 1);
		n = fuse_add_direntry(req, entry, sizeof(entry), names[ino - 1], &st, 1);
	}
	fuse_reply_buf(req, entry, n <= size ? n : 0);
}

/* An operation that is missing answers ENOSYS once, and the kernel never asks it again. */
static const struct fuse_lowlevel_ops operations = {
	.lookup = empty_lookup,
	.getattr = empty_getattr,
	.open = empty_open,
	.read = empty_read,
	.readdir = empty_readdir,
};

static const struct fuse_opt options[] = {
	{"--path=%s", offsetof(struct settings, path), 0},
	{"--timeout=%lf", offsetof(struct settings, timeout), 0},
	{"--live=%lf", offsetof(struct settings, live), 0},
	{"--cached", offsetof(struct settings, cached), 1},
	{"--noflush", offsetof(struct settings, noflush), 1},
	FUSE_OPT_END,
};

static void split_path(char *path)
{
	for (char *name = strtok(path, "/"); name && depth < MAX_DEPTH; name = strtok(NULL, "/"))
		names[depth++] = name;
}

static int serve(struct fuse_session *session, const struct fuse_cmdline_opts *command)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);
	struct fuse_loop_config *config;
	int r;

	if (command->singlethread)
		return fuse_session_loop(session);
	config = fuse_loop_cfg_create();
	/* As many as can run at once, as peekfs has: more only pass the work around. */
	fuse_loop_cfg_set_max_threads(config, processors < 2 ? 2 : (unsigned)processors);
	r = fuse_session_loop_mt(session, config);
	fuse_loop_cfg_destroy(config);
	return r;
}

int main(int argc, char **argv)
{
	struct fuse_args args = FUSE_ARGS_INIT(argc, argv);
	struct fuse_cmdline_opts command;
	struct fuse_session *session;
	int r = 1;

	if (fuse_opt_parse(&args, &settings, options, NULL) < 0 ||
	    fuse_parse_cmdline(&args, &command) < 0 || !command.mountpoint) {
		fprintf(stderr, "usage: emptyfs MOUNTPOINT [--path=PATH] ...\n");
		return 2;
	}
	split_path(settings.path ? settings.path : strdup("file"));
	session = fuse_session_new(&args, &operations, sizeof(operations), NULL);
	if (session && fuse_set_signal_handlers(session) == 0 &&
	    fuse_session_mount(session, command.mountpoint) == 0) {
		fuse_daemonize(command.foreground);
		r = serve(session, &command);
		fuse_session_unmount(session);
		fuse_remove_signal_handlers(session);
	}
	if (session)
		fuse_session_destroy(session);
	free(command.mountpoint);
	fuse_opt_free_args(&args);
	return r != 0;
}
