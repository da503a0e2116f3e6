/* SPDX-License-Identifier: MIT */
/* Why a mapping or a lock failed, and what to do. */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/own.h"

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
