/* SPDX-License-Identifier: MIT */
/*
 * Memory that only a descriptor holds: a memfd, or a deleted file of hugetlbfs, that nobody maps.
 *
 * A descriptor's link tells its name, and a name can lie: a file "/memfd:x (deleted)" can lie on a
 * server that hangs. So before anything is asked of the object, fdinfo must say that it is on one
 * of the kernel's own mounts, or on a hugetlbfs.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/proc.h"
#include "region/visit.h"

static const char memfd[] = "/memfd:";

static int note(struct harvest *harvest, pid_t pid, pid_t task, int fd, const char *path, size_t n)
{
	struct buf *text = &harvest->mappings.text;

	if (harvest->n_held == harvest->cap_held) {
		size_t cap = harvest->cap_held ? harvest->cap_held * 2 : 16;
		struct held *held = reallocarray(harvest->held, cap, sizeof(*held));

		if (!held)
			return -ENOMEM;
		harvest->held = held;
		harvest->cap_held = cap;
	}
	harvest->held[harvest->n_held++] = (struct held){pid, task, fd, text->len, n};
	buf_put(text, path, n);
	buf_putc(text, '\0');
	return buf_status(text);
}

static int note_entry(struct harvest *harvest, int dir, pid_t pid, pid_t task, const char *name)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path));

	if (n < (ssize_t)strlen(memfd) || memcmp(path, memfd, strlen(memfd)) != 0)
		return 0;
	return note(harvest, pid, task, atoi(name), path, (size_t)n);
}

int held_note(const struct scan *scan, pid_t pid, pid_t task, struct harvest *harvest)
{
	CLEANUP(close_fd) int dir = proc_open_file(scan->way->proc, task, "fd");
	_Alignas(struct dirent64) char room[8192];
	ssize_t n;
	int r = 0;

	if (dir < 0)
		return 0;
	while (r == 0 && (n = getdents64(dir, room, sizeof(room))) > 0)
		for (ssize_t at = 0; r == 0 && at < n;) {
			const struct dirent64 *entry = (const void *)(room + at);

			if (*entry->d_name != '.')
				r = note_entry(harvest, dir, pid, task, entry->d_name);
			at += entry->d_reclen;
		}
	return r;
}

/* What fdinfo says of a descriptor's object: 0 or -errno. proc(5). */
static int ask_fdinfo(int proc, const struct held *held, uint64_t *mount, uint64_t *inode)
{
	char file[40], text[1024];
	const char *at;
	ssize_t n;

	snprintf(file, sizeof(file), "fdinfo/%d", held->fd);
	n = proc_read(proc, held->task, file, text, sizeof(text));
	if (n < 0)
		return (int)n;
	at = strstr(text, "mnt_id:");
	if (!at)
		return -EINVAL;
	*mount = strtoull(at + strlen("mnt_id:"), NULL, 10);
	at = strstr(text, "\nino:");
	if (!at)
		return -EINVAL;
	*inode = strtoull(at + strlen("\nino:"), NULL, 10);
	return 0;
}

static int add_held(struct scan *scan, const struct held *held, const char *path)
{
	char file[PROC_PATH_MAX];
	uint64_t mount = 0, inode = 0;
	struct region_id id;
	struct draft *draft;
	struct statx stx;
	dev_t device;
	bool added;

	if (ask_fdinfo(scan->way->proc, held, &mount, &inode) < 0 ||
	    !mounts_is_internal(scan->mounts, mount, &device))
		return 0;
	id = (struct region_id){major(device), minor(device), inode, 0};
	if (scan_find(scan, &id))
		return 0;
	snprintf(file, sizeof(file), "%d/fd/%d", held->task, held->fd);
	if (statx(scan->way->proc, file, AT_STATX_DONT_SYNC, STATX_BASIC_STATS, &stx) < 0 ||
	    stx.stx_ino != inode || !S_ISREG(stx.stx_mode))
		return 0;
	draft = scan_draft(scan, &id, &added);
	if (!draft)
		return -ENOMEM;
	draft->facts.path = (char *)path;
	draft->text_len = held->path_len;
	draft->facts.leftover = true;
	draft->facts.holder = held->pid;
	draft->facts.holder_fd = held->fd;
	draft->reach = stx.stx_size;
	scan_classify(scan, draft);
	return 0;
}

static int scan_held(struct scan *scan)
{
	for (size_t i = 0; i < scan->visits->n_harvests; i++) {
		const struct harvest *harvest = &scan->visits->harvests[i];

		for (size_t j = 0; j < harvest->n_held; j++) {
			const struct held *held = &harvest->held[j];
			int r = add_held(scan, held, harvest->mappings.text.data + held->path);

			if (r < 0)
				return r;
		}
	}
	return 0;
}

const struct source_ops source_held = {.name = "held", .scan = scan_held};
