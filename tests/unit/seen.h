/* SPDX-License-Identifier: MIT */
/* Registries for tests, and children that share memory in all the ways there are. */
#ifndef PEEKFS_TESTS_SEEN_H
#define PEEKFS_TESTS_SEEN_H

#include <grp.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include "../folder.h"
#include "base/cleanup.h"
#include "region/registry.h"
#include "target.h"

enum way { WAY_FILE, WAY_MEMFD, WAY_ANON, WAY_HUGE, WAY_SYSV, WAY_ATTACH };

/* What a child is to share. The child has a copy of those that there were when it was started. */
struct share_wish {
	enum way way;
	char path[512]; /* or a memfd's name */
	size_t size;
	size_t file_size; /* 0: as size */
	off_t offset;
	int prot;
	int flags; /* 0: MAP_SHARED */
	int id;	   /* of System V memory: key, or shmid to attach */
	mode_t mode;
	bool unlink;
	bool keep; /* here.fd stays open */
};
static struct share_wish wishes[16];

static inline long child_share_fd(const struct share_wish *wish, int fd)
{
	size_t file_size = wish->file_size ? wish->file_size : wish->size;
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) < 0 ||
	    (st.st_size == 0 && ftruncate(fd, (off_t)file_size) < 0))
		return 0;
	map = mmap(NULL, wish->size, wish->prot, wish->flags ? wish->flags : MAP_SHARED, fd,
		   wish->offset);
	if (wish->unlink)
		unlink(wish->path);
	if (wish->keep)
		here.fd = fd;
	else
		close(fd);
	return map == MAP_FAILED ? 0 : (long)map;
}

/* The address of what was made, 0 on failure. */
static inline long child_share(long index)
{
	const struct share_wish *wish = &wishes[index];
	mode_t mode = wish->mode ? wish->mode : 0600;
	void *map = MAP_FAILED;

	umask(0);
	here.size = wish->size;
	switch (wish->way) {
	case WAY_FILE:
		return child_share_fd(wish, open(wish->path, O_RDWR | O_CREAT | O_CLOEXEC, mode));
	case WAY_MEMFD:
		return child_share_fd(wish, memfd_create(wish->path, MFD_CLOEXEC));
	case WAY_ANON:
		map = mmap(NULL, wish->size, wish->prot, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		break;
	case WAY_HUGE:
		map = mmap(NULL, wish->size, wish->prot,
			   MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB | MAP_NORESERVE, -1, 0);
		break;
	case WAY_SYSV:
		here.id = shmget(wish->id, wish->size, IPC_CREAT | (int)mode);
		map = here.id < 0 ? MAP_FAILED : shmat(here.id, NULL, 0);
		break;
	case WAY_ATTACH:
		map = shmat(wish->id, NULL, 0);
		break;
	}
	return map == MAP_FAILED ? 0 : (long)map;
}

static inline long child_shmid(long unused)
{
	(void)unused;
	return here.id;
}

static inline long child_remove_sysv(long unused)
{
	(void)unused;
	return shmctl(here.id, IPC_RMID, NULL);
}

static inline long child_set_user(long id)
{
	if (setgroups(0, NULL) < 0 || setresgid((gid_t)id, (gid_t)id, (gid_t)id) < 0 ||
	    setresuid((uid_t)id, (uid_t)id, (uid_t)id) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1);
}

static inline long child_unshare(long flags)
{
	if (unshare((int)flags) < 0)
		return -errno;
	if (flags & CLONE_NEWNS)
		return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return 0;
}

/* Of what child_share() made last. */
static inline long child_munmap(long address)
{
	return munmap((void *)address, here.size);
}

/* A name that no test running at the same time has; good until the eighth call from now. */
static inline const char *mine(const char *name)
{
	static char names[8][300];
	static unsigned next;
	char *out = names[next++ % 8];

	snprintf(out, sizeof(names[0]), "%.280s-%d", name, getpid());
	return out;
}

/* The same for a key of System V memory. */
static inline int my_key(int n)
{
	return 0x50000000 | n << 24 | (getpid() & 0xffffff);
}

/* A case has a folder of its own. */
static inline void seen_begin(void)
{
	assert_int_equal(folder_make(NULL), 0);
	assert_int_equal(chmod(folder, 0755), 0);
	memset(wishes, 0, sizeof(wishes));
}

static inline void seen_end(void)
{
	assert_int_equal(folder_remove(NULL), 0);
}

/* Set-up of a group: mounts that are made from now on go with this process. */
static inline int seen_mount_apart(void **state)
{
	(void)state;
	return geteuid() == 0 ? (int)child_unshare(CLONE_NEWNS) : 0;
}

static inline struct registry *seen_registry(bool text)
{
	struct registry_options options = {.self = getpid(), .maps_text = text};
	struct registry *registry;

	assert_int_equal(registry_new(&options, &registry), 0);
	return registry;
}

static inline struct snapshot *seen_now(struct registry *registry)
{
	struct snapshot *snapshot;

	assert_int_equal(registry_get(registry, 0, &snapshot), 0);
	return snapshot;
}

static inline const struct mapper *seen_mapper(const struct region *region, pid_t pid, long address)
{
	for (size_t i = 0; i < region->n_mappers; i++)
		if (region->mappers[i].process->pid == pid &&
		    region->mappers[i].start == (uint64_t)address)
			return &region->mappers[i];
	return NULL;
}

/* What a child maps at an address; NULL if the snapshot has nothing there. */
static inline struct region *seen_at(const struct snapshot *snapshot, pid_t pid, long address)
{
	const struct share *share = snapshot_share(snapshot, pid);

	for (size_t i = 0; share && i < share->n_regions; i++)
		if (seen_mapper(share->regions[i], pid, address))
			return share->regions[i];
	return NULL;
}

static inline int seen_mappers_of(const struct region *region, pid_t pid)
{
	int n = 0;

	for (size_t i = 0; i < region->n_mappers; i++)
		n += region->mappers[i].process->pid == pid;
	return n;
}

#endif
