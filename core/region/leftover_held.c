/* SPDX-License-Identifier: MIT */
/*
 * Memory that only a descriptor holds: a memfd, a file of hugetlbfs, or a deleted one of /dev/shm,
 * that nobody maps.
 *
 * A descriptor's link tells its name, and a name can lie, so the mount must be one of the kernel's
 * own. It is asked for with AT_STATX_DONT_SYNC, which no server hears of (fdinfo would tell the
 * same at four times the cost).
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

static int note(struct harvest *harvest, const struct held *held, const char *path, size_t n)
{
	struct buf *text = &harvest->mappings.text;
	struct held *added;

	if (harvest->n_held == harvest->cap_held) {
		size_t cap = harvest->cap_held ? harvest->cap_held * 2 : 16;
		struct held *all = reallocarray(harvest->held, cap, sizeof(*all));

		if (!all)
			return -ENOMEM;
		harvest->held = all;
		harvest->cap_held = cap;
	}
	added = &harvest->held[harvest->n_held++];
	*added = *held;
	added->path = text->len;
	added->path_len = n;
	buf_put(text, path, n);
	buf_putc(text, '\0');
	return buf_status(text);
}

/* Whether a descriptor's text is worth asking the kernel about the object. */
static bool is_memory(const struct scan *scan, const char *path)
{
	size_t shm = strlen(scan->options->shm);

	return strncmp(path, "/memfd:", strlen("/memfd:")) == 0 ||
	       (strncmp(path, scan->options->shm, shm) == 0 && path[shm] == '/') ||
	       mounts_hold_memory(scan->mounts, path);
}

static int note_entry(const struct scan *scan, struct harvest *harvest, int dir, const char *name,
		      struct held held)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path) - 1);
	struct statx stx;

	if (n <= 0 || *path != '/')
		return 0;
	path[n] = '\0';
	if (!is_memory(scan, path) ||
	    statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID,
		  &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID) || !S_ISREG(stx.stx_mode))
		return 0;
	switch (mounts_of_id(scan->mounts, stx.stx_mnt_id)) {
	case MOUNT_SHMEM:
	case MOUNT_HUGEMEM:
	case MOUNT_HUGETLB:
	case MOUNT_TMPFS:
		break;
	default:
		return 0;
	}
	held.id = (struct region_id){stx.stx_dev_major, stx.stx_dev_minor, stx.stx_ino, 0};
	held.size = stx.stx_size;
	held.fd = atoi(name);
	return note(harvest, &held, path, (size_t)n);
}

int held_note(const struct scan *scan, pid_t pid, pid_t task, struct harvest *harvest)
{
	CLEANUP(close_fd) int dir = proc_open_file(scan->way->proc, task, "fd");
	_Alignas(struct dirent64) char room[8192];
	struct held held = {.pid = pid, .task = task};
	ssize_t n;
	int r = 0;

	if (dir < 0)
		return 0;
	while (r == 0 && (n = getdents64(dir, room, sizeof(room))) > 0)
		for (ssize_t at = 0; r == 0 && at < n;) {
			const struct dirent64 *entry = (const void *)(room + at);

			if (*entry->d_name != '.')
				r = note_entry(scan, harvest, dir, entry->d_name, held);
			at += entry->d_reclen;
		}
	return r;
}

static int add_held(struct scan *scan, const struct held *held, const char *path)
{
	bool added, one_user;
	struct draft *draft = scan_draft(scan, &held->id, &added);
	uid_t uid = 0;

	if (!draft)
		return -ENOMEM;
	if (!added && !draft->facts.holder)
		return 0;
	if (added) {
		draft->facts.path = (char *)path;
		draft->text_len = held->path_len;
		draft->facts.leftover = true;
		draft->facts.holder = held->pid;
		draft->facts.holder_fd = held->fd;
		draft->reach = held->size;
		scan_classify(scan, draft);
	}
	one_user = process_user(scan->way, held->pid, held->task, &uid);
	draft_count_user(draft, uid, one_user);
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
