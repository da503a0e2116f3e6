/* SPDX-License-Identifier: MIT */
/*
 * Memory that only a descriptor holds: a memfd, or a deleted file of hugetlbfs, that nobody maps.
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

static const char memfd[] = "/memfd:";

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

static int note_entry(const struct scan *scan, struct harvest *harvest, int dir, const char *name,
		      struct held held)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path));
	struct statx stx;
	dev_t device;

	if (n < (ssize_t)strlen(memfd) || memcmp(path, memfd, strlen(memfd)) != 0 ||
	    statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID,
		  &stx) < 0 ||
	    !mounts_is_internal(scan->mounts, stx.stx_mnt_id, &device))
		return 0;
	held.id = (struct region_id){major(device), minor(device), stx.stx_ino, 0};
	held.size = stx.stx_size;
	held.fd = atoi(name);
	return note(harvest, &held, path, (size_t)n);
}

int held_note(const struct scan *scan, const struct visit *visit, pid_t task,
	      struct harvest *harvest)
{
	CLEANUP(close_fd) int dir = proc_open_file(scan->way->proc, task, "fd");
	_Alignas(struct dirent64) char room[8192];
	struct held held = {.visit = visit, .task = task};
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
	bool added;
	struct draft *draft = scan_draft(scan, &held->id, &added);

	if (!draft)
		return -ENOMEM;
	if (!added)
		return 0;
	draft->facts.path = (char *)path;
	draft->text_len = held->path_len;
	draft->facts.leftover = true;
	draft->facts.holder = held->visit->pid;
	draft->facts.holder_fd = held->fd;
	draft->reach = held->size;
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
