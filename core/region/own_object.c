/* SPDX-License-Identifier: MIT */
/*
 * Objects that have a descriptor: files, POSIX shared memory, memfds, huge pages.
 *
 * A new object with a path is made without one (O_TMPFILE), given its size, blocks and layout, and
 * only then linked to its name: whoever finds the name finds all of it, and until then nothing has
 * to be undone. It is opened again by that name before it is mapped, as the mapping of a nameless
 * file is nameless in /proc/PID/maps for ever. Where there is no O_TMPFILE, or no /proc to link
 * it by, the name comes first and goes again if something fails.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <linux/memfd.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "region/attribute.h"
#include "region/own.h"

#define OPEN_FLAGS (O_CLOEXEC | O_NOCTTY | O_NONBLOCK) /* a FIFO mustn't hang us */

enum {
	TRIES = 100, /* of CREATE_OR_OPEN while others make and remove that name */
	NOT_SO = 1,
};

/* ---- paths ---- */

/* The directory of a path, with its slash, or "./": 0, -ENAMETOOLONG. */
static int folder_of(const char *path, char folder[static PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int n = slash ? (int)(slash - path) + 1 : 2;

	if (n >= PATH_MAX)
		return -ENAMETOOLONG;
	snprintf(folder, PATH_MAX, "%.*s", n, slash ? path : "./");
	return 0;
}

/* An absolute path that means the same after a chdir(); the last component needn't exist. */
static int absolute(const char *path, char **out)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX], real[PATH_MAX];
	int r;

	if (realpath(path, real)) {
		*out = strdup(real);
		return *out ? 0 : -ENOMEM;
	}
	r = folder_of(path, folder);
	if (r)
		return r;
	if (!realpath(folder, real))
		return -errno;
	r = asprintf(out, "%s/%s", strcmp(real, "/") == 0 ? "" : real, slash ? slash + 1 : path);
	return r < 0 ? -ENOMEM : 0;
}

static int set_names(struct created *created, const struct create_options *o, struct diag *diag)
{
	const char *bare = o->name + (o->kind == REGION_SHM && o->name[0] == '/');
	int r;

	if (o->kind == REGION_SHM) {
		r = asprintf(&created->path, OWN_SHM_FOLDER "%s", bare) < 0 ? -ENOMEM : 0;
		created->name = r ? NULL : strdup(created->path + strlen(OWN_SHM_FOLDER) - 1);
	} else {
		r = absolute(o->name, &created->path);
		if (r)
			return own_why_make(o->name, r, diag);
		created->name = strdup(created->path);
	}
	return created->name ? 0 : diag_no_memory(diag);
}

bool own_is_at(int fd, const char *path)
{
	struct stat here, there;

	return fstat(fd, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* ---- what it is ---- */

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a directory";
	case S_IFIFO:
		return "a pipe";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "no file";
	}
}

int own_inspect(struct created *created, struct diag *diag)
{
	char label[WHY_LABEL];
	struct statfs fs;
	struct stat st;

	if (fstat(created->fd, &st) < 0 || fstatfs(created->fd, &fs) < 0)
		return diag_set(diag, -errno, 0, 0, "%s doesn't say what it is: %s",
				own_why_label(created, label), strerror(errno));
	if (!S_ISREG(st.st_mode))
		return diag_set(diag, -EACCES, 0, 0,
				"%s is %s: only regular files and memory objects can be regions",
				own_why_label(created, label), type_name(st.st_mode));
	if (fs.f_type == HUGETLBFS_MAGIC) {
		created->kind = REGION_HUGETLB;
		created->page = (uint64_t)fs.f_bsize;
	} else if (created->kind == REGION_HUGETLB) {
		return diag_set(diag, -EINVAL, 0, 0,
				"%s isn't on a hugetlbfs: choose a path below one (grep hugetlbfs "
				"/proc/mounts), or a name without '/'",
				own_why_label(created, label));
	}
	return 0;
}

int own_size(const struct created *created, uint64_t *size)
{
	struct stat st;

	if (created->shmid >= 0)
		return own_sysv_size(created->shmid, size);
	if (created->fd < 0) {
		*size = created->mapped;
		return 0;
	}
	if (fstat(created->fd, &st) < 0)
		return -errno;
	*size = (uint64_t)st.st_size;
	return 0;
}

/* Growing beyond RLIMIT_FSIZE is an error of ftruncate(2), but first a signal that kills. */
int own_set_size(int fd, uint64_t size)
{
	struct rlimit limit;
	struct stat st;

	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && size > limit.rlim_cur && fstat(fd, &st) == 0 &&
	    size > (uint64_t)st.st_size)
		return -EFBIG;
	return ftruncate(fd, (off_t)size) < 0 ? -errno : 0;
}

/* ---- making ---- */

static int equip(struct created *created, const struct create_options *o, struct diag *diag)
{
	uint64_t size;
	size_t n = o->layout ? strlen(o->layout) : 0;
	int r = own_inspect(created, diag);

	if (r)
		return r;
	size = created->kind == REGION_HUGETLB ? own_round(o->size, created->page) : o->size;
	r = own_set_size(created->fd, size);
	if (r)
		return own_why_size(created, size, r, diag);
	if ((o->flags & CREATE_ALLOCATE) && fallocate(created->fd, 0, 0, (off_t)size) < 0)
		return own_why_size(created, size, -errno, diag);
	r = n ? attribute_set(created->fd, o->layout, n) : 0;
	return r ? own_why_layout(created, n, r, diag) : 0;
}

/* 0, -errno, or NOT_SO: the system has no such way, and nothing is left behind. */
static int make_nameless(struct created *created, const struct create_options *o, mode_t mode,
			 struct diag *diag)
{
	CLEANUP(close_fd) int named = -1;
	char folder[PATH_MAX], link[32];
	int r;

	if (folder_of(created->path, folder))
		return NOT_SO;
	created->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	if (created->fd < 0)
		return NOT_SO; /* make_named() says why, if it isn't just that */
	r = equip(created, o, diag);
	if (r)
		return r;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", created->fd);
	if (linkat(AT_FDCWD, link, AT_FDCWD, created->path, AT_SYMLINK_FOLLOW) < 0)
		return errno == EEXIST ? own_why_make(created->path, -EEXIST, diag) : NOT_SO;
	named = open(created->path, O_RDWR | O_NOFOLLOW | OPEN_FLAGS);
	if (named < 0 || !own_is_at(created->fd, created->path)) {
		r = named < 0 ? -errno : -ESTALE;
		if (own_is_at(created->fd, created->path))
			unlink(created->path);
		return own_why_make(created->path, r, diag);
	}
	close(created->fd);
	created->fd = take_fd(&named);
	return 0;
}

static int make_named(struct created *created, const struct create_options *o, mode_t mode,
		      struct diag *diag)
{
	int r;

	created->fd = open(created->path, O_RDWR | O_CREAT | O_EXCL | OPEN_FLAGS, mode);
	if (created->fd < 0)
		return own_why_make(created->path, -errno, diag);
	r = equip(created, o, diag);
	if (r)
		unlink(created->path);
	return r;
}

static int make_with_path(struct created *created, const struct create_options *o,
			  struct diag *diag)
{
	mode_t mode = o->mode ? o->mode : 0600;
	int r = make_nameless(created, o, mode, diag);

	if (r && created->fd >= 0) {
		close(created->fd);
		created->fd = -1;
	}
	return r == NOT_SO ? make_named(created, o, mode, diag) : r;
}

/* Of memfd_create(2), and mmap(2) has the same encoding of the size. */
static unsigned huge_flags(const struct create_options *o)
{
	unsigned size = o->huge_page ? (unsigned)__builtin_ctzll(o->huge_page) : 0;

	return MFD_HUGETLB | size << MFD_HUGE_SHIFT;
}

static int make_memfd(struct created *created, const struct create_options *o, struct diag *diag)
{
	unsigned flags = MFD_CLOEXEC | (o->kind == REGION_HUGETLB ? huge_flags(o) : 0);

	created->name = strdup(o->name);
	if (!created->name)
		return diag_no_memory(diag);
	created->fd = memfd_create(o->name, flags);
	if (created->fd < 0)
		return own_why_make(o->name, -errno, diag);
	return equip(created, o, diag);
}

/* The page of memory that has no object before it is mapped: asked of another that has one. */
int own_huge_page(struct created *created, const struct create_options *o, struct diag *diag)
{
	CLEANUP(close_fd) int fd = memfd_create("", MFD_CLOEXEC | huge_flags(o));
	struct statfs fs;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return own_why_make("huge pages", -errno, diag);
	created->page = (uint64_t)fs.f_bsize;
	return 0;
}

static int open_path(struct created *created, const struct create_options *o, struct diag *diag)
{
	bool writing = o->prot & PROT_WRITE;
	int follow = o->kind == REGION_SHM ? O_NOFOLLOW : 0;

	created->fd = open(created->path, (writing ? O_RDWR : O_RDONLY) | follow | OPEN_FLAGS);
	if (created->fd < 0)
		return own_why_open(created->path, writing, -errno, diag);
	created->opened = true;
	return own_inspect(created, diag);
}

int own_make(struct created *created, const struct create_options *o, struct diag *diag)
{
	bool path = o->kind == REGION_FILE || o->kind == REGION_SHM ||
		    (o->kind == REGION_HUGETLB && strchr(o->name, '/'));
	int r;

	if (!path)
		return make_memfd(created, o, diag);
	r = set_names(created, o, diag);
	if (r)
		return r;
	for (int i = 0; i < TRIES; i++) {
		r = make_with_path(created, o, diag);
		if (r != -EEXIST || !(o->flags & CREATE_OR_OPEN))
			return r;
		r = open_path(created, o, diag);
		if (r != -ENOENT)
			return r;
	}
	return r;
}

int own_open(struct created *created, const struct create_options *o, struct diag *diag)
{
	int r = set_names(created, o, diag);

	return r ? r : open_path(created, o, diag);
}
