/* SPDX-License-Identifier: MIT */
/* An error number and what was tried, told as a cause and a remedy. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
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

/* ---- mapping ---- */

static bool beyond_limit(uint64_t length)
{
	CLEANUP(close_stream) FILE *statm = fopen("/proc/self/statm", "re");
	struct rlimit limit;
	uintmax_t pages;

	if (getrlimit(RLIMIT_AS, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY)
		return false;
	if (!statm || fscanf(statm, "%ju", &pages) != 1)
		return true;
	return length + pages * (uint64_t)sysconf(_SC_PAGESIZE) > limit.rlim_cur;
}

static const char *why_no_memory(const struct created *created, uint64_t length)
{
	if (created->kind == REGION_HUGETLB)
		return "not so many huge pages are free (HugePages_Free in /proc/meminfo): sysctl "
		       "vm.nr_hugepages=N makes N";
	if (beyond_limit(length))
		return "the process may not have so much address space: raise ulimit -v, or map a "
		       "part (offset, length)";
	if (length >= 1ull << 46)
		return "no process has so much address space: map a part (offset, length)";
	if (created->fd < 0 && !(created->map_flags & MAP_NORESERVE))
		return "the kernel won't promise so much memory (vm.overcommit_memory): ask for "
		       "less, or MAP_NORESERVE, which takes it as it is touched";
	return "no such room is left in the address space, or the process has too many mappings "
	       "(vm.max_map_count)";
}

static const char *why_no_access(const struct created *created)
{
	int flags = created->fd < 0 ? O_RDWR : fcntl(created->fd, F_GETFL) & O_ACCMODE;

	if (flags == O_WRONLY)
		return "its descriptor was opened O_WRONLY, and every mapping reads: open it "
		       "O_RDWR";
	if (flags == O_RDONLY && (created->prot & PROT_WRITE))
		return "PROT_WRITE needs a descriptor opened O_RDWR, this one is O_RDONLY: open it "
		       "so, or ask for PROT_READ alone";
	return "it is append-only (lsattr), or a security module forbids it: chattr -a, or ask for "
	       "PROT_READ alone";
}

static const char *why_not_permitted(const struct created *created)
{
	int seals = created->fd < 0 ? -1 : fcntl(created->fd, F_GET_SEALS);
	struct statvfs fs;
	struct rlimit lock;

	if ((created->prot & PROT_EXEC) && created->fd >= 0 && fstatvfs(created->fd, &fs) == 0 &&
	    (fs.f_flag & ST_NOEXEC))
		return "its file system is mounted noexec: leave PROT_EXEC away, or put it "
		       "elsewhere";
	if ((created->prot & PROT_WRITE) && seals > 0 &&
	    (seals & (F_SEAL_WRITE | F_SEAL_FUTURE_WRITE)))
		return "it is sealed against writing (F_SEAL_WRITE): ask for PROT_READ alone";
	if ((created->map_flags & MAP_LOCKED) && getrlimit(RLIMIT_MEMLOCK, &lock) == 0 &&
	    lock.rlim_cur == 0)
		return "this process may lock no memory at all: raise ulimit -l, or leave "
		       "MAP_LOCKED away";
	if (created->map_flags & (MAP_FIXED | MAP_FIXED_NOREPLACE))
		return "addresses that low are for root (vm.mmap_min_addr), or sealed: choose "
		       "another";
	return "a security module forbids it, or CAP_SYS_RAWIO, CAP_IPC_LOCK is missing";
}

static bool on_procfs(const struct created *created)
{
	struct statfs fs;

	return created->fd >= 0 && fstatfs(created->fd, &fs) == 0 &&
	       (fs.f_type == PROC_SUPER_MAGIC || fs.f_type == SYSFS_MAGIC);
}

static int why_no_lock(uint64_t length, int err, const char *label, struct diag *diag)
{
	struct rlimit limit = {0, 0};

	getrlimit(RLIMIT_MEMLOCK, &limit);
	return diag_set(diag, err, 0, 0,
			"%s: locking %ju bytes takes this process over RLIMIT_MEMLOCK, %ju bytes: "
			"raise it (ulimit -l), unlock other memory, or don't lock",
			label, (uintmax_t)length, (uintmax_t)limit.rlim_cur);
}

int own_why_map(const struct created *created, uint64_t length, int err, struct diag *diag)
{
	char label[WHY_LABEL];
	const char *what;

	own_why_label(created, label);
	switch (-err) {
	case EACCES:
		what = why_no_access(created);
		break;
	case EAGAIN:
		return why_no_lock(length, err, label, diag);
	case EEXIST:
		what = "something is mapped at that address: choose another, or MAP_FIXED to "
		       "replace it";
		break;
	case EINVAL:
		what = "its file system refuses such a mapping; with huge pages, offset and "
		       "address must be multiples of theirs";
		break;
	case ENODEV:
	case EIO:
		what = on_procfs(created)
			       ? "what procfs and sysfs show has no memory behind it: read(2) it"
			       : "its file system can't map it (some network and FUSE mounts): "
				 "copy it to another";
		err = on_procfs(created) ? -ENODEV : err;
		break;
	case ENOMEM:
		what = why_no_memory(created, length);
		break;
	case EOPNOTSUPP:
		what = created->map_flags & MAP_SYNC ? "MAP_SYNC needs a file on persistent memory "
						       "mounted with DAX: leave "
						       "it away, and created_sync() what must last"
						     : strerror(EOPNOTSUPP);
		break;
	case EOVERFLOW:
		return diag_set(
			diag, err, 0, 0,
			"%s: offset %ju and length %ju reach beyond what its file system lets "
			"a file have: map less",
			label, (uintmax_t)created->offset, (uintmax_t)length);
	case EPERM:
		what = why_not_permitted(created);
		break;
	case ETXTBSY:
		what = "it is swap space in use: swapoff it, or ask for PROT_READ alone";
		break;
	default:
		what = strerror(-err);
	}
	return diag_set(diag, err, 0, 0, "mapping %s: %s", label, what);
}

int own_why_lock(const struct created *created, uint64_t length, int err, struct diag *diag)
{
	char label[WHY_LABEL];
	struct rlimit limit;

	own_why_label(created, label);
	if (err == -EPERM)
		return diag_set(diag, err, 0, 0,
				"%s: this process may lock no memory at all: raise ulimit -l",
				label);
	if (err == -EAGAIN || (err == -ENOMEM && geteuid() != 0 &&
			       getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < length))
		return why_no_lock(length, err, label, diag);
	if (err == -ENOMEM)
		return diag_set(
			diag, err, 0, 0,
			"%s: not every page can be brought in: the object ends before, it is "
			"PROT_NONE, or memory or mappings (vm.max_map_count) ran out",
			label);
	return diag_set(diag, err, 0, 0, "locking %s: %s", label, strerror(-err));
}

/* ---- the rest ---- */

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
