/* SPDX-License-Identifier: MIT */
/* An error number and what was tried, told as a cause and a remedy. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/own.h"

const char *own_why_label(const struct created *created, char to[static WHY_LABEL])
{
	const char *name = created->path ? created->path : created->name;

	if (created->shmid >= 0)
		snprintf(to, WHY_LABEL, "System V segment %d", created->shmid);
	else if (!name && created->fd >= 0)
		snprintf(to, WHY_LABEL, "the object of descriptor %d", created->fd);
	else if (!name)
		snprintf(to, WHY_LABEL, "anonymous memory");
	else if (created->path)
		snprintf(to, WHY_LABEL, "'%.80s'", name);
	else
		snprintf(to, WHY_LABEL, "memfd '%.80s'", name);
	return to;
}

/* "uid 0, mode 0600": whose it is, or "" when that can't be seen either. */
static const char *whose(const char *path, char *to, size_t size)
{
	struct stat st;

	if (stat(path, &st) == 0)
		snprintf(to, size, " (uid %u's, mode %04o)", st.st_uid, st.st_mode & 07777);
	else
		snprintf(to, size, " (a directory on the way keeps you out)");
	return to;
}

int own_why_open(const char *path, bool writing, int err, struct diag *diag)
{
	const char *what;
	char owner[64];

	switch (-err) {
	case ENOENT:
		what = "there is none of that name: its program hasn't made it yet, or the path "
		       "is another";
		break;
	case ENOTDIR:
		what = "a part of the path is no directory";
		break;
	case EISDIR:
		what = "it is a directory; only files can be mapped";
		return diag_set(diag, -EACCES, 0, 0, "'%.100s': %s", path, what);
	case EACCES:
		return diag_set(diag, err, 0, 0, "'%.80s' may not be opened for %s%s: %s", path,
				writing ? "writing" : "reading", whose(path, owner, sizeof(owner)),
				writing ? "ask for PROT_READ alone, or be somebody who may write it"
					: "be somebody who may read it");
	case EPERM:
		what = writing ? "it is immutable or append-only (lsattr): chattr -i, -a, or ask "
				 "for PROT_READ alone"
			       : "not permitted";
		break;
	case EROFS:
		what = "its file system is mounted read-only: ask for PROT_READ alone";
		break;
	case ETXTBSY:
		what = "a program that runs, or swap space in use, can't be opened for writing: "
		       "end it first (fuser -v FILE), write a copy, or ask for PROT_READ alone";
		break;
	case ELOOP:
		what = "it is a symbolic link that leads nowhere or, as shared memory, may not be "
		       "one";
		break;
	case EMFILE:
		what = "this process has as many descriptors as it may (ulimit -n): close some";
		break;
	case ENFILE:
		what = "the system has as many open files as it may (fs.file-max)";
		break;
	case ENXIO:
		what = "it is a pipe or a device with nobody behind it; only files can be mapped";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "'%.100s': %s", path, what);
}

/* procfs and the like say ENOENT to whoever makes a file, too. */
static bool has_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];
	struct stat st;

	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		 slash ? path : ".");
	return stat(folder, &st) == 0 && S_ISDIR(st.st_mode);
}

int own_why_make(const char *path, int err, struct diag *diag)
{
	const char *what;

	switch (-err) {
	case EEXIST:
		what = "there is one already: create_open() it, make it with CREATE_OR_OPEN, or "
		       "remove it";
		break;
	case ENOENT:
		what = has_folder(path) ? "no files can be made in that directory: choose another"
					: "the directory that it should be in isn't there";
		break;
	case EACCES:
		what = "you may not make files in that directory";
		break;
	case EPERM:
		what = "that directory or file system lets nobody make files; try another";
		break;
	case EROFS:
		what = "the file system is mounted read-only: choose another";
		break;
	case ENOSPC:
	case EDQUOT:
		what = "no room (df, df -i), or your quota is used up";
		break;
	case EINVAL:
	case ENODEV:
		what = "the system has no huge pages of that size (ls /sys/kernel/mm/hugepages)";
		break;
	case ENOSYS:
		what = "this kernel has no such objects";
		break;
	case ESTALE:
		what = "somebody replaced it while it was made: try again";
		break;
	default:
		return own_why_open(path, true, err, diag);
	}
	return diag_set(diag, err, 0, 0, "'%.100s': %s", path, what);
}

int own_why_size(const struct created *created, uint64_t size, int err, struct diag *diag)
{
	char label[WHY_LABEL];
	const char *what;

	switch (-err) {
	case EFBIG:
		what = "more than its file system, or ulimit -f, lets a file have";
		break;
	case ENOSPC:
	case EDQUOT:
		what = "no room for it (df), or your quota is used up";
		break;
	case ENOMEM:
		what = "not so many huge pages are free (HugePages_Free in /proc/meminfo): sysctl "
		       "vm.nr_hugepages";
		break;
	case EPERM:
		what = "it is sealed (F_SEAL_GROW, F_SEAL_SHRINK), or append-only: its size stays";
		break;
	case ETXTBSY:
		what = "a program that runs, or swap space in use: its size stays while it is";
		break;
	case EINVAL:
	case EBADF:
		err = -EACCES;
		what = "it was opened for reading: open it with PROT_WRITE";
		break;
	case EOPNOTSUPP:
		what = "its file system can't set blocks aside: leave CREATE_ALLOCATE away";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "%s can't be %ju bytes long: %s",
			own_why_label(created, label), (uintmax_t)size, what);
}

int own_why_layout(const struct created *created, size_t n, int err, struct diag *diag)
{
	char label[WHY_LABEL];
	const char *what;

	own_why_label(created, label);
	switch (-err) {
	case EOPNOTSUPP:
		what = "its file system keeps no user attributes: put the layout in a rule file, "
		       "or the object elsewhere";
		break;
	case ENOSPC:
		what = "longer than its file system keeps in an attribute";
		break;
	case ENODATA:
		what = "it has none";
		break;
	case EACCES:
		what = "only who may write the object may set it";
		break;
	case EPERM:
		what = created->fd < 0
			       ? "only root reaches an object without a descriptor; a memfd "
				 "has one"
			       : "it is immutable or append-only (lsattr)";
		break;
	case EROFS:
		what = "its file system is mounted read-only";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "the layout (%zu bytes) of %s: %s", n, label, what);
}

int own_why_remove(const struct created *created, int err, struct diag *diag)
{
	char label[WHY_LABEL];
	const char *what;

	own_why_label(created, label);
	switch (-err) {
	case ENOENT:
		what = "it has no name any more";
		break;
	case ESTALE:
		what = "another object has that name by now; it is left alone";
		break;
	case EACCES:
	case EPERM:
		what = "only its owner may, or who owns the directory";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "removing %s: %s", label, what);
}
