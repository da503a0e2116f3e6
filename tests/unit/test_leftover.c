/* SPDX-License-Identifier: MIT */
/* What is left when nobody maps it any more, and that listing it touches nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/shm.h>
#include <utime.h>

#include "seen.h"

#define PAGE 4096

static struct region *by_inode(const struct snapshot *snapshot, const struct stat *st)
{
	struct region_id id = {major(st->st_dev), minor(st->st_dev), st->st_ino, 0};

	return snapshot_by_id(snapshot, &id);
}

static void test_sysv(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct shmid_ds before, after;
	struct target target;
	struct region *region;
	struct region_id id;
	char name[32];
	pid_t creator;
	long address;
	int shmid;

	(void)state;
	wishes[0] = (struct share_wish){
		.way = WAY_SYSV, .id = my_key(1), .size = 5 * PAGE, .mode = 0666};
	target_start(&target);
	address = target_call(&target, child_share, 0);
	shmid = (int)target_call(&target, child_shmid, 0);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, address);
	id = region->id;
	assert_int_equal(id.inode, shmid);
	assert_false(region->leftover);
	snapshot_unref(snapshot);
	creator = target.pid;
	target_end(&target);
	assert_int_equal(shmctl(shmid, IPC_STAT, &before), 0);
	for (int i = 0; i < 3; i++) {
		snapshot = seen_now(registry);
		region = snapshot_by_id(snapshot, &id);
		assert_non_null(region);
		assert_int_equal(region->kind, REGION_SYSV);
		snprintf(name, sizeof(name), "sysv-0x%08x", my_key(1));
		assert_string_equal(region->name, name);
		assert_true(region->leftover && !region->writable && region->approachable);
		assert_int_equal(region->n_mappers, 0);
		assert_int_equal(region->creator, creator);
		assert_int_equal(region->size, 5 * PAGE);
		assert_int_equal(region->uid, geteuid());
		assert_int_equal(region->mode, 0400);
		snapshot_unref(snapshot);
	}
	assert_int_equal(shmctl(shmid, IPC_STAT, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(shmctl(shmid, IPC_RMID, NULL), 0);
	snapshot = seen_now(registry);
	assert_null(snapshot_by_id(snapshot, &id));
	snapshot_unref(snapshot);
	registry_free(registry);
}

static void test_shm(void **state)
{
	const char *top = mine("/dev/shm/peekfs-left"), *dir = mine("/dev/shm/peekfs-dir");
	char below[64];
	struct registry *registry = seen_registry(false);
	struct stat st[2], dir_before, dir_after;
	struct snapshot *snapshot;
	struct target target;
	long address;

	(void)state;
	snprintf(below, sizeof(below), "%s/%s", dir, mine("in it"));
	mkdir(dir, 0755);
	for (int i = 0; i < 2; i++) {
		int fd = open(i ? below : top, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

		assert_true(fd >= 0);
		assert_int_equal(ftruncate(fd, PAGE + i), 0);
		assert_int_equal(fstat(fd, &st[i]), 0);
		close(fd);
	}
	utime(dir, &(struct utimbuf){1, 1}); /* reading it would move the first */
	stat(dir, &dir_before);
	for (int i = 0; i < 2; i++) {
		struct region *region;

		snapshot = seen_now(registry);
		region = by_inode(snapshot, &st[i]);
		assert_non_null(region);
		assert_int_equal(region->kind, REGION_SHM);
		assert_string_equal(region->path, i ? below : top);
		assert_string_equal(region->name, mine(i ? "in it" : "peekfs-left"));
		assert_true(region->leftover && !region->deleted && region->approachable);
		assert_int_equal(region->size, PAGE + i);
		assert_int_equal(region->mode, 0444);
		assert_int_equal(region->uid, geteuid());
		snapshot_unref(snapshot);
	}
	stat(dir, &dir_after);
	assert_int_equal(dir_before.st_atim.tv_sec, dir_after.st_atim.tv_sec);

	/* Mapped, it is no leftover; and again one afterwards. */
	wishes[0] =
		(struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = PROT_READ | PROT_WRITE};
	strcpy(wishes[0].path, top);
	target_start(&target);
	address = target_call(&target, child_share, 0);
	snapshot = seen_now(registry);
	assert_ptr_equal(by_inode(snapshot, &st[0]), seen_at(snapshot, target.pid, address));
	assert_false(by_inode(snapshot, &st[0])->leftover);
	assert_int_equal(by_inode(snapshot, &st[0])->mode, 0644);
	snapshot_unref(snapshot);
	target_end(&target);
	snapshot = seen_now(registry);
	assert_true(by_inode(snapshot, &st[0])->leftover);
	snapshot_unref(snapshot);
	unlink(below);
	unlink(top);
	rmdir(dir);
	registry_free(registry);
}

static long child_huge_memfd(long size)
{
	here.fd = memfd_create("huge", MFD_CLOEXEC | MFD_HUGETLB);
	return here.fd < 0 ? -errno : ftruncate(here.fd, size);
}

/* Only a descriptor holds it. */
static void test_held(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	long address, huge;
	size_t found = 0;

	(void)state;
	wishes[0] = (struct share_wish){.way = WAY_MEMFD,
					.path = "held",
					.size = 3 * PAGE,
					.prot = PROT_READ,
					.keep = true};
	target_start(&target);
	address = target_call(&target, child_share, 0);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, address);
	assert_int_equal(region->leftover, false);
	assert_int_equal(region->holder, 0);
	snapshot_unref(snapshot);
	assert_int_equal(target_call(&target, child_munmap, address), 0);
	snapshot = seen_now(registry);
	for (size_t i = 0; i < snapshot->n_regions; i++) {
		region = snapshot->regions[i];
		if (region->holder != target.pid)
			continue;
		found++;
		assert_int_equal(region->kind, REGION_MEMFD);
		assert_string_equal(region->path, "/memfd:held");
		assert_true(region->leftover && region->deleted && region->approachable);
		assert_int_equal(region->size, 3 * PAGE);
		assert_int_equal(region->uid, geteuid());
		assert_int_equal(region->mode, 0400);
	}
	assert_int_equal(found, 1);
	snapshot_unref(snapshot);

	if (geteuid() == 0) { /* it belongs to who holds it */
		assert_int_equal(target_call(&target, child_set_user, 54401), 0);
		snapshot = seen_now(registry);
		for (size_t i = 0; i < snapshot->n_regions; i++)
			if (snapshot->regions[i]->holder == target.pid)
				assert_int_equal(snapshot->regions[i]->uid, 54401);
		snapshot_unref(snapshot);
	}
	huge = target_call(&target, child_huge_memfd, 2 << 20);
	snapshot = seen_now(registry);
	for (size_t i = 0; huge == 0 && i < snapshot->n_regions; i++)
		if (snapshot->regions[i]->holder == target.pid &&
		    strcmp(snapshot->regions[i]->path, "/memfd:huge") == 0)
			found++;
	assert_int_equal(found, huge == 0 ? 2 : 1);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
}

static long child_close(long unused)
{
	(void)unused;
	return close(here.fd);
}

static long child_memfd_in_place(long fd)
{
	int made = memfd_create("swapped", MFD_CLOEXEC);

	if (made < 0 || dup2(made, (int)fd) < 0)
		return -errno;
	return close(made);
}

static const struct region *held_by(const struct snapshot *snapshot, pid_t pid)
{
	for (size_t i = 0; i < snapshot->n_regions; i++)
		if (snapshot->regions[i]->holder == pid)
			return snapshot->regions[i];
	return NULL;
}

/* Descriptors aren't read at each scan, and yet nothing is missed that counts. */
static void test_held_again(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	double deadline;
	int null = open("/dev/null", O_RDONLY);

	(void)state;
	wishes[0] = (struct share_wish){
		.way = WAY_MEMFD, .path = "held", .size = PAGE, .prot = PROT_READ, .keep = true};
	target_start(&target);
	snapshot_unref(seen_now(registry));
	/* One descriptor more: seen at once. */
	assert_int_equal(target_call(&target, child_munmap, target_call(&target, child_share, 0)),
			 0);
	snapshot = seen_now(registry);
	assert_non_null(held_by(snapshot, target.pid));
	snapshot_unref(snapshot);
	snapshot = seen_now(registry); /* out of memory */
	assert_string_equal(held_by(snapshot, target.pid)->path, "/memfd:held");
	snapshot_unref(snapshot);
	/* One less: gone at once. */
	assert_int_equal(target_call(&target, child_close, 0), 0);
	snapshot = seen_now(registry);
	assert_null(held_by(snapshot, target.pid));
	snapshot_unref(snapshot);
	/* As many as before, but another: a little later. */
	assert_int_equal(target_call(&target, child_memfd_in_place, null), 0);
	deadline = seconds() + 10;
	do {
		const struct region *region;

		snapshot = seen_now(registry);
		region = held_by(snapshot, target.pid);
		if (region)
			deadline = 0;
		snapshot_unref(snapshot);
	} while (deadline > 0 && seconds() < deadline && poll(NULL, 0, 50) == 0);
	assert_true(deadline == 0);
	target_end(&target);
	close(null);
	registry_free(registry);
}

/* A deleted object of /dev/shm and a file of hugetlbfs, held by nothing but a descriptor. */
static void test_held_files(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target target;
	bool seen[2] = {false, false};
	long address;

	(void)state;
	need_root();
	seen_begin();
	if (mount("none", folder, "hugetlbfs", 0, NULL) < 0) {
		seen_end();
		SKIP("hugetlbfs can't be mounted\n");
	}
	registry = seen_registry(false);
	for (int i = 0; i < 2; i++) {
		wishes[i] = (struct share_wish){.way = WAY_FILE,
						.size = i ? 2 << 20 : PAGE,
						.prot = PROT_NONE,
						.flags = MAP_SHARED | MAP_NORESERVE,
						.unlink = i == 0,
						.keep = true};
		snprintf(wishes[i].path, sizeof(wishes[i].path), "%s/%s", i ? folder : "/dev/shm",
			 mine("peekfs-held"));
	}
	target_start(&target);
	for (int i = 0; i < 2; i++) {
		address = target_call(&target, child_share, i);
		assert_true(address);
		assert_int_equal(target_call(&target, child_munmap, address), 0);
	}
	snapshot = seen_now(registry);
	for (size_t i = 0; i < snapshot->n_regions; i++) {
		const struct region *region = snapshot->regions[i];

		if (region->holder != target.pid)
			continue;
		seen[region->kind == REGION_HUGETLB] = true;
		assert_true(region->leftover);
		assert_int_equal(region->deleted, region->kind == REGION_SHM);
		assert_string_equal(region->path, wishes[region->kind == REGION_HUGETLB].path);
		assert_int_equal(region->size, wishes[region->kind == REGION_HUGETLB].size);
	}
	assert_true(seen[0]);
	assert_true(seen[1]);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
	umount(folder);
	seen_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sysv),	   cmocka_unit_test(test_shm),
		cmocka_unit_test(test_held),	   cmocka_unit_test(test_held_again),
		cmocka_unit_test(test_held_files),
	};

	return cmocka_run_group_tests(tests, seen_mount_apart, folder_remove);
}
