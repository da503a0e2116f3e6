/* SPDX-License-Identifier: MIT */
/*
 * A descriptor's link tells its name, and a name can lie, so the mount must be one of the kernel's
 * own, a tmpfs or a hugetlbfs. It is asked for with AT_STATX_DONT_SYNC, which no server hears of
 * (fdinfo would tell the same at four times the cost).
 *
 * Reading all links of all processes would be half of a scan's work. They are read when a process
 * is new, when the number of its descriptors has changed, and when that was last done FRESH ago and
 * it has run since: asleep, nobody opens or closes anything. Otherwise it holds what it held, which
 * held_is_still() makes sure of. (Whoever shares its table of descriptors, and ran, has been looked
 * at himself.)
 */
#include "region/held.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"

#define FRESH 3000000000u /* ns */

void helds_destroy(struct helds *helds)
{
	free(helds->all);
	buf_destroy(&helds->text);
	*helds = (struct helds){0};
}

void holders_destroy(struct holders *holders)
{
	free(holders->all);
	helds_destroy(&holders->helds);
	*holders = (struct holders){0};
}

int helds_add(struct helds *helds, const struct held *held, const char *path)
{
	struct held *all = array_grow(helds->all, helds->n, &helds->cap, sizeof(*all));
	struct held *added;

	if (!all)
		return -ENOMEM;
	helds->all = all;
	added = &helds->all[helds->n];
	*added = *held;
	added->path = helds->text.len;
	added->path_len = strlen(path);
	buf_put(&helds->text, path, added->path_len + 1);
	if (buf_status(&helds->text) < 0)
		return -ENOMEM;
	helds->n++;
	return 0;
}

/* Whether a descriptor's text is worth asking the kernel about the object. */
static bool is_memory(const struct held_search *search, const char *path)
{
	size_t shm = strlen(search->shm);

	return strncmp(path, "/memfd:", strlen("/memfd:")) == 0 ||
	       (strncmp(path, search->shm, shm) == 0 && path[shm] == '/') ||
	       mounts_hold_memory(search->mounts, path);
}

static int look_at(const struct held_search *search, int dir, const char *name, struct held held,
		   struct helds *to)
{
	char path[PATH_MAX];
	ssize_t n = readlinkat(dir, name, path, sizeof(path) - 1);
	struct statx stx;

	if (n <= 0 || *path != '/')
		return 0;
	path[n] = '\0';
	if (!is_memory(search, path) ||
	    statx(dir, name, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS | STATX_MNT_ID,
		  &stx) < 0 ||
	    !(stx.stx_mask & STATX_MNT_ID) || !S_ISREG(stx.stx_mode))
		return 0;
	switch (mounts_of_id(search->mounts, stx.stx_mnt_id)) {
	case MOUNT_SHMEM:
	case MOUNT_HUGEMEM:
	case MOUNT_HUGETLB:
	case MOUNT_TMPFS:
		break;
	default:
		return 0;
	}
	held.id = (struct region_id){stx.stx_dev_major, stx.stx_dev_minor, stx.stx_ino, 0};
	held.fd = atoi(name);
	held.told = true;
	held.links = stx.stx_nlink;
	held.size = stx.stx_size;
	return helds_add(to, &held, path);
}

/* n_fds: how many there should be; 0: unknown. */
static int look_at_all(const struct held_search *search, int dir, uint64_t n_fds, struct held held,
		       struct helds *to)
{
	_Alignas(struct dirent64) char room[8192];
	uint64_t seen = 0;
	ssize_t n;
	int r = 0;

	do {
		n = getdents64(dir, room, sizeof(room));
		for (ssize_t at = 0; r == 0 && at < n;) {
			const struct dirent64 *entry = (const void *)(room + at);

			if (*entry->d_name != '.') {
				seen++;
				r = look_at(search, dir, entry->d_name, held, to);
			}
			at += entry->d_reclen;
		}
		/* With room to spare and all of them seen, asking on would answer "none". */
	} while (r == 0 && n > 0 && (seen != n_fds || n > (ssize_t)sizeof(room) / 2));
	return r;
}

static int by_pid(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* All the processor time that a process's threads ever got, ns, by clock_getcpuclockid(3); it lags
 * by the tick that a running one is in. 0: not told. */
static uint64_t time_run(const struct held_search *search, pid_t pid)
{
	struct timespec time;
	clockid_t clock;

	if (!search->own_pids || clock_getcpuclockid(pid, &clock) != 0 ||
	    clock_gettime(clock, &time) < 0)
		return 0;
	return clock_ns_of(&time);
}

/* What is known of the same process, if that is from not long ago or it hasn't run since; or
 * NULL. */
static const struct holder *find_before(const struct held_search *search,
					const struct holder *holder)
{
	const struct holders *before = search->before;
	const struct holder *found =
		before->n ? bsearch(holder, before->all, before->n, sizeof(*holder), by_pid) : NULL;

	if (!found || found->inode != holder->inode || !found->n_fds)
		return NULL;
	if (search->now - found->looked_at < FRESH)
		return found;
	return found->ran && found->ran == time_run(search, holder->pid) ? found : NULL;
}

/* It holds what it held. */
static int take_over(const struct held_search *search, const struct holder *before,
		     struct helds *to)
{
	const struct helds *helds = &search->before->helds;
	int r = 0;

	for (size_t i = 0; r == 0 && i < before->n; i++) {
		struct held held = helds->all[before->first + i];

		held.told = false;
		r = helds_add(to, &held, helds->text.data + held.path);
	}
	return r;
}

int held_look(const struct held_search *search, pid_t task, struct holder *holder, struct helds *to)
{
	const struct holder *before = find_before(search, holder);
	const struct held held = {.pid = holder->pid, .task = task};
	CLEANUP(close_fd) int dir = -1;
	char path[PROC_PATH_MAX];
	struct stat st;
	int r;

	holder->first = to->n;
	holder->looked_at = search->now;
	/* Linux 6.2: the size is the number of descriptors. */
	if (before) {
		snprintf(path, sizeof(path), "%d/fd", task);
		if (fstatat(search->proc, path, &st, 0) < 0)
			return 0;
	}
	if (before && (uint64_t)st.st_size == before->n_fds) {
		holder->n_fds = before->n_fds;
		holder->ran = before->ran;
		holder->looked_at = before->looked_at;
		r = take_over(search, before, to);
	} else {
		uint64_t ran = time_run(search, holder->pid);

		dir = proc_open_file(search->proc, task, "fd");
		if (dir < 0 || fstat(dir, &st) < 0)
			return 0;
		holder->n_fds = (uint64_t)st.st_size;
		holder->ran = ran;
		r = look_at_all(search, dir, holder->n_fds, held, to);
	}
	holder->n = to->n - holder->first;
	return r;
}

bool held_is_still(int proc, const struct held *held, uint64_t *size)
{
	char path[PROC_PATH_MAX];
	struct statx stx;

	snprintf(path, sizeof(path), "%d/fd/%d", held->task, held->fd);
	if (statx(proc, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &stx) < 0 ||
	    stx.stx_ino != held->id.inode || stx.stx_dev_major != held->id.major ||
	    stx.stx_dev_minor != held->id.minor)
		return false;
	*size = stx.stx_size;
	return true;
}
