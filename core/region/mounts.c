/* SPDX-License-Identifier: MIT */
#include "region/mounts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/array.h"
#include "base/buf.h"
#include "base/cleanup.h"
#include "base/proc.h"

#define NO_ID UINT64_MAX /* 0 is one */

struct entry {
	dev_t device;
	uint64_t id; /* of the mount */
	enum mount_class class;
};

struct entries {
	struct entry *all;
	size_t n;
	size_t cap;
};

struct mounts {
	int proc;
	int own_fd;		  /* our own mountinfo: poll() tells when it changes */
	struct entries internal;  /* never mounted anywhere */
	struct entries own;	  /* by device */
	struct entries own_by_id; /* and the internal ones */
	struct buf huge_points;	  /* where hugetlbfs is mounted, each terminated */
	struct entries others;	  /* of other namespaces, this scan; by device */
	uint64_t *seen;		  /* namespaces that others is made of */
	size_t n_seen;
};

static int entries_add(struct entries *entries, const struct entry *entry)
{
	struct entry *all = array_grow(entries->all, entries->n, &entries->cap, sizeof(*all));

	if (!all)
		return -ENOMEM;
	entries->all = all;
	entries->all[entries->n++] = *entry;
	return 0;
}

static int by_device(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->device > y->device) - (x->device < y->device);
}

static int by_id(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return (x->id > y->id) - (x->id < y->id);
}

static void entries_sort(struct entries *entries, int (*compare)(const void *, const void *))
{
	if (entries->n)
		qsort(entries->all, entries->n, sizeof(*entries->all), compare);
}

/* The class of the entry that compares equal to like. */
static enum mount_class entries_find(const struct entries *entries, struct entry like,
				     int (*compare)(const void *, const void *))
{
	const struct entry *found =
		entries->n ? bsearch(&like, entries->all, entries->n, sizeof(like), compare) : NULL;

	return found ? found->class : MOUNT_UNKNOWN;
}

static const struct {
	enum mount_class class;
	const char *types;
} classes[] = {
	{MOUNT_LOCAL, " ext2 ext3 ext4 xfs f2fs zfs bcachefs vfat exfat msdos ntfs3 iso9660 udf "
		      "squashfs erofs jfs reiserfs minix nilfs2 cramfs romfs hfs hfsplus ubifs "
		      "jffs2 ufs "},
	{MOUNT_TMPFS, " tmpfs ramfs devtmpfs rootfs "},
	{MOUNT_STACKED, " btrfs overlay "},
	{MOUNT_HUGETLB, " hugetlbfs "},
	{MOUNT_PSEUDO, " proc sysfs debugfs tracefs configfs securityfs selinuxfs smackfs cgroup "
		       "cgroup2 bpf devpts mqueue binfmt_misc pstore efivarfs resctrl nsfs "
		       "fusectl rpc_pipefs autofs "},
	{MOUNT_PEEKFS, " fuse.peekfs "},
};

static enum mount_class class_of(const char *type, size_t n)
{
	char word[64];

	if (n + 3 > sizeof(word))
		return MOUNT_FOREIGN;
	snprintf(word, sizeof(word), " %.*s ", (int)n, type);
	for (size_t i = 0; i < ARRAY_SIZE(classes); i++)
		if (strstr(classes[i].types, word))
			return classes[i].class;
	return MOUNT_FOREIGN;
}

/* proc(5): 36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue */
static int parse_mountinfo(const char *text, struct entries *to, struct buf *huge_points)
{
	for (const char *line = text, *next; *line; line = next) {
		const char *end = strchrnul(line, '\n');
		const char *type = memmem(line, (size_t)(end - line), " - ", 3);
		unsigned long long id;
		unsigned major, minor;
		char point[PATH_MAX];
		struct entry entry;
		int r;

		next = *end ? end + 1 : end;
		if (!type ||
		    sscanf(line, "%llu %*u %u:%u %*s %4095s", &id, &major, &minor, point) != 4)
			continue;
		type += 3;
		entry = (struct entry){
			.device = makedev(major, minor),
			.id = id,
			.class = class_of(type, strcspn(type, " \n")),
		};
		r = entries_add(to, &entry);
		if (r < 0)
			return r;
		if (huge_points && entry.class == MOUNT_HUGETLB)
			buf_put(huge_points, point, strlen(point) + 1);
	}
	return huge_points ? buf_status(huge_points) : 0;
}

static int read_mountinfo(int fd, struct entries *to, struct buf *huge_points)
{
	struct buf text = BUF_INIT;
	const char *all;
	ssize_t got = 0;
	int r = 0;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	do {
		char *room = buf_reserve(&text, 16384);

		got = room ? read(fd, room, 16384) : 0;
		text.len += got > 0 ? (size_t)got : 0;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		r = -errno;
	all = buf_cstr(&text);
	if (r == 0)
		r = all ? parse_mountinfo(all, to, huge_points) : -ENOMEM;
	buf_destroy(&text);
	return r;
}

/* A descriptor's mount, which stat() can't tell for a mount that is nowhere. */
static uint64_t mount_id_of(int fd)
{
	struct statx stx;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &stx) < 0 || !(stx.stx_mask & STATX_MNT_ID))
		return NO_ID;
	return stx.stx_mnt_id;
}

static int add_internal(struct mounts *mounts, unsigned flags, enum mount_class class)
{
	CLEANUP(close_fd) int fd = memfd_create("peekfs", MFD_CLOEXEC | flags);
	struct entry entry = {.class = class};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return 0;
	entry.device = st.st_dev;
	entry.id = mount_id_of(fd);
	return entries_add(&mounts->internal, &entry);
}

/* An empty memfd of each kind shows the devices behind all of them. */
static int find_internal(struct mounts *mounts)
{
	DIR *dir = opendir("/sys/kernel/mm/hugepages");
	int r = add_internal(mounts, 0, MOUNT_SHMEM);
	const struct dirent *entry;
	unsigned long kilobytes;

	while (r == 0 && dir && (entry = readdir(dir)))
		if (sscanf(entry->d_name, "hugepages-%lukB", &kilobytes) == 1 && kilobytes) {
			unsigned bits = 10 + (unsigned)__builtin_ctzl(kilobytes);

			r = add_internal(mounts, MFD_HUGETLB | bits << MAP_HUGE_SHIFT,
					 MOUNT_HUGEMEM);
		}
	if (dir)
		closedir(dir);
	entries_sort(&mounts->internal, by_device);
	return r;
}

int mounts_new(int proc, struct mounts **out)
{
	struct mounts *mounts = calloc(1, sizeof(*mounts));
	int r;

	if (!mounts)
		return -ENOMEM;
	mounts->proc = proc;
	mounts->own_fd = -1;
	r = find_internal(mounts);
	if (r < 0) {
		mounts_free(mounts);
		return r;
	}
	*out = mounts;
	return 0;
}

void mounts_free(struct mounts *mounts)
{
	if (!mounts)
		return;
	close_fd(&mounts->own_fd);
	free(mounts->internal.all);
	free(mounts->own.all);
	free(mounts->own_by_id.all);
	buf_destroy(&mounts->huge_points);
	free(mounts->others.all);
	free(mounts->seen);
	free(mounts);
}

int mounts_refresh(struct mounts *mounts)
{
	struct pollfd changed = {.fd = mounts->own_fd, .events = POLLPRI};
	int r;

	mounts->others.n = 0;
	mounts->n_seen = 0;
	if (mounts->own_fd < 0) {
		mounts->own_fd = openat(mounts->proc, "self/mountinfo", O_RDONLY | O_CLOEXEC);
		if (mounts->own_fd < 0) /* a /proc that doesn't show us: */
			mounts->own_fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
		if (mounts->own_fd < 0)
			return -errno;
	} else if (poll(&changed, 1, 0) == 0) {
		return 0;
	}
	mounts->own.n = 0;
	mounts->own_by_id.n = 0;
	buf_reset(&mounts->huge_points);
	r = read_mountinfo(mounts->own_fd, &mounts->own, &mounts->huge_points);
	for (size_t i = 0; r == 0 && i < mounts->own.n; i++)
		r = entries_add(&mounts->own_by_id, &mounts->own.all[i]);
	for (size_t i = 0; r == 0 && i < mounts->internal.n; i++)
		r = entries_add(&mounts->own_by_id, &mounts->internal.all[i]);
	entries_sort(&mounts->own, by_device);
	entries_sort(&mounts->own_by_id, by_id);
	return r;
}

/* Whether pid's namespace is new to this scan; it isn't from now on. */
static bool is_new_namespace(struct mounts *mounts, pid_t pid)
{
	uint64_t namespace, *seen;
	struct stat own;

	if (proc_namespace(mounts->proc, pid, "ns/mnt", &namespace) < 0 ||
	    (stat("/proc/self/ns/mnt", &own) == 0 && own.st_ino == namespace))
		return false;
	for (size_t i = 0; i < mounts->n_seen; i++)
		if (mounts->seen[i] == namespace)
			return false;
	seen = reallocarray(mounts->seen, mounts->n_seen + 1, sizeof(*seen));
	if (!seen)
		return false;
	mounts->seen = seen;
	seen[mounts->n_seen++] = namespace;
	return true;
}

enum mount_class mounts_of_device(struct mounts *mounts, dev_t device, pid_t pid)
{
	const struct entry like = {.device = device};
	enum mount_class class = entries_find(&mounts->internal, like, by_device);

	if (class == MOUNT_UNKNOWN)
		class = entries_find(&mounts->own, like, by_device);
	if (class == MOUNT_UNKNOWN)
		class = entries_find(&mounts->others, like, by_device);
	if (class == MOUNT_UNKNOWN && pid && is_new_namespace(mounts, pid)) {
		CLEANUP(close_fd) int fd = proc_open_file(mounts->proc, pid, "mountinfo");

		if (fd >= 0 && read_mountinfo(fd, &mounts->others, NULL) == 0) {
			entries_sort(&mounts->others, by_device);
			class = entries_find(&mounts->others, like, by_device);
		}
	}
	return class;
}

enum mount_class mounts_of_id(const struct mounts *mounts, uint64_t mount_id)
{
	return entries_find(&mounts->own_by_id, (struct entry){.id = mount_id}, by_id);
}

bool mounts_hold_memory(const struct mounts *mounts, const char *path)
{
	const char *point = mounts->huge_points.data;
	const char *end = point ? point + mounts->huge_points.len : NULL;

	for (; point < end; point += strlen(point) + 1)
		if (strncmp(path, point, strlen(point)) == 0 && path[strlen(point)] == '/')
			return true;
	return false;
}

bool mounts_shmem_device(const struct mounts *mounts, dev_t *device)
{
	for (size_t i = 0; i < mounts->internal.n; i++)
		if (mounts->internal.all[i].class == MOUNT_SHMEM) {
			*device = mounts->internal.all[i].device;
			return true;
		}
	return false;
}
