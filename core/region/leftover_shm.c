/* SPDX-License-Identifier: MIT */
/*
 * Objects of POSIX shared memory that nobody maps: what a crash leaves in /dev/shm. Who may not
 * look at other users' processes can't tell that of their objects; those that he may read are
 * regions to him, without mappers and not said to be left.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/scan.h"

/* Directories below /dev/shm that are looked into; programs that need more put files there. */
#define DEPTH 4

static int scan_directory(struct scan *scan, int dir, const char *path, dev_t device, int depth);

/* Listing a directory must not move its access time; only its owner may ask for that. */
static int open_directory(int at, const char *path, int flags)
{
	int fd;

	flags |= O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	fd = openat(at, path, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? openat(at, path, flags) : fd;
}

/* Nobody maps it, as far as we may look. */
static bool is_left(const struct scan *scan, const struct stat *st)
{
	return scan->n_unreadable == 0 || geteuid() == 0 || st->st_uid == geteuid();
}

static bool may_read(int dir, const char *name)
{
	return faccessat(dir, name, R_OK, AT_EACCESS | AT_SYMLINK_NOFOLLOW) == 0;
}

static int add_file(struct scan *scan, const char *path, const struct stat *st, bool left)
{
	struct region_id id = {major(st->st_dev), minor(st->st_dev), st->st_ino, 0};
	bool added;
	struct draft *draft = scan_draft(scan, &id, &added);

	if (!draft)
		return -ENOMEM;
	if (!added)
		return 0;
	draft->facts.path = scan_keep(scan, path, strlen(path));
	if (!draft->facts.path)
		return -ENOMEM;
	draft->text_len = strlen(path);
	draft->facts.kind = REGION_SHM;
	draft->facts.leftover = left;
	draft->mount = mounts_of_device(scan->mounts, st->st_dev, 0);
	draft->reach = (uint64_t)st->st_size;
	return 0;
}

static int add_entry(struct scan *scan, int dir, const struct dirent *entry, const char *path,
		     dev_t device, int depth)
{
	struct region_id id = {major(device), minor(device), entry->d_ino, 0};
	struct stat st;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
	    (entry->d_type == DT_REG && scan_find(scan, &id)) ||
	    fstatat(dir, entry->d_name, &st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0 ||
	    st.st_dev != device)
		return 0;
	if (S_ISREG(st.st_mode)) {
		bool left = is_left(scan, &st);

		return left || may_read(dir, entry->d_name) ? add_file(scan, path, &st, left) : 0;
	}
	if (S_ISDIR(st.st_mode) && depth < DEPTH) {
		int fd = open_directory(dir, entry->d_name, O_NOFOLLOW);

		return fd < 0 ? 0 : scan_directory(scan, fd, path, device, depth + 1);
	}
	return 0;
}

/* Takes over dir. */
static int scan_directory(struct scan *scan, int dir, const char *path, dev_t device, int depth)
{
	DIR *entries = fdopendir(dir);
	const struct dirent *entry;
	char below[PATH_MAX];
	int r = 0;

	if (!entries) {
		close(dir);
		return -ENOMEM;
	}
	while (r == 0 && (entry = readdir(entries))) {
		int n = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);

		if (n > 0 && (size_t)n < sizeof(below))
			r = add_entry(scan, dir, entry, below, device, depth);
	}
	closedir(entries);
	return r;
}

static int scan_shm(struct scan *scan)
{
	struct stat st;
	int fd = open_directory(AT_FDCWD, scan->options->shm, 0);

	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || mounts_of_device(scan->mounts, st.st_dev, 0) == MOUNT_FOREIGN) {
		close(fd);
		return 0;
	}
	return scan_directory(scan, fd, scan->options->shm, st.st_dev, 0);
}

const struct source_ops source_shm = {.name = "shm", .scan = scan_shm};
