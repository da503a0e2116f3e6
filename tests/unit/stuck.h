/* SPDX-License-Identifier: MIT */
/*
 * A file system that hangs: one file, "file", that can be looked up, opened and mapped until the
 * server stops to answer; from then on every request waits for ever. FUSE's protocol by hand
 * (linux/fuse.h), for there is nothing that libfuse would add to silence.
 */
#ifndef PEEKFS_TESTS_STUCK_H
#define PEEKFS_TESTS_STUCK_H

#include <linux/fuse.h>
#include <sys/mount.h>

#include "target.h"

struct stuck {
	pid_t server;
	int stop;    /* closing it stops the server's answers */
	int request; /* /dev/fuse, held by the test too, so that nothing is aborted */
	char dir[128];
};

static inline void stuck_answer(int fd, uint64_t unique, int error, const void *body, size_t n)
{
	struct {
		struct fuse_out_header head;
		char body[512];
	} answer = {.head = {.len = (uint32_t)(sizeof(answer.head) + n),
			     .error = -error,
			     .unique = unique}};

	if (n)
		memcpy(answer.body, body, n);
	if (write(fd, &answer, answer.head.len) < 0)
		_exit(1);
}

static inline void stuck_attr(struct fuse_attr *attr, bool directory)
{
	*attr = (struct fuse_attr){.ino = directory ? 1 : 2,
				   .size = 4096,
				   .mode = directory ? S_IFDIR | 0755 : S_IFREG | 0666,
				   .nlink = 1};
}

/* Attributes are stale at once, so that each stat() asks again. */
static inline void stuck_serve_one(int fd, const struct fuse_in_header *in, const void *body)
{
	switch (in->opcode) {
	case FUSE_INIT: {
		const struct fuse_init_in *init = body;
		struct fuse_init_out out = {.major = 7,
					    .minor = init->minor,
					    .max_write = 65536,
					    .max_readahead = init->max_readahead};

		stuck_answer(fd, in->unique, 0, &out, sizeof(out));
		break;
	}
	case FUSE_LOOKUP: {
		struct fuse_entry_out out = {.nodeid = 2};

		stuck_attr(&out.attr, false);
		if (strcmp(body, "file") == 0)
			stuck_answer(fd, in->unique, 0, &out, sizeof(out));
		else
			stuck_answer(fd, in->unique, ENOENT, NULL, 0);
		break;
	}
	case FUSE_GETATTR: {
		struct fuse_attr_out out = {0};

		stuck_attr(&out.attr, in->nodeid == 1);
		stuck_answer(fd, in->unique, 0, &out, sizeof(out));
		break;
	}
	case FUSE_OPEN: {
		struct fuse_open_out out = {0};

		stuck_answer(fd, in->unique, 0, &out, sizeof(out));
		break;
	}
	case FUSE_FORGET:
	case FUSE_BATCH_FORGET:
		break;
	default:
		stuck_answer(fd, in->unique, ENOSYS, NULL, 0);
	}
}

static inline void stuck_serve(int fd, int stop)
{
	struct pollfd waits[] = {{fd, POLLIN, 0}, {stop, POLLIN, 0}};
	static _Alignas(16) char request[1 << 17];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (poll(waits, 2, -1) > 0 && !waits[1].revents) {
		const struct fuse_in_header *in = (const void *)request;

		if (read(fd, request, sizeof(request)) > 0)
			stuck_serve_one(fd, in, request + sizeof(*in));
	}
	for (;;)
		pause();
}

/* Mounts it on dir, an empty directory. Skips where FUSE can't be mounted. */
static inline void stuck_mount(struct stuck *stuck, const char *dir, const char *type)
{
	char options[128];
	int stop[2];

	*stuck = (struct stuck){.request = open("/dev/fuse", O_RDWR | O_CLOEXEC)};
	snprintf(stuck->dir, sizeof(stuck->dir), "%s", dir);
	if (stuck->request < 0)
		SKIP("there is no /dev/fuse\n");
	assert_int_equal(pipe2(stop, O_CLOEXEC), 0);
	stuck->stop = stop[1];
	stuck->server = fork();
	if (stuck->server == 0) {
		close(stop[1]);
		stuck_serve(stuck->request, stop[0]);
	}
	close(stop[0]);
	snprintf(options, sizeof(options), "fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other",
		 stuck->request);
	assert_int_equal(mount("stuck", dir, type, 0, options), 0);
}

/* From now on it hangs whoever asks. */
static inline void stuck_stop(struct stuck *stuck)
{
	close(stuck->stop);
}

static inline void stuck_end(struct stuck *stuck)
{
	umount2(stuck->dir, MNT_DETACH);
	kill(stuck->server, SIGKILL);
	waitpid(stuck->server, NULL, 0);
	close(stuck->request); /* aborts what still waits */
}

#endif
