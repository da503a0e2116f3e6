/* SPDX-License-Identifier: MIT */
/* Processes in other namespaces, and file systems that hang. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <linux/perf_event.h>
#include <sys/shm.h>
#include <sys/socket.h>

#include "seen.h"
#include "stuck.h"

#define PAGE 4096

static long child_mount_tmpfs(long unused)
{
	(void)unused;
	return mount("none", folder, "tmpfs", 0, NULL) < 0 ? -errno : 0;
}

/* The path leads to another object here than there. */
static void test_mount_namespace(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target inside, outside;
	struct region *there, *here_;
	long in, out;

	(void)state;
	need_root();
	seen_begin();
	registry = seen_registry(false);
	wishes[0] = (struct share_wish){.way = WAY_FILE,
					.size = PAGE,
					.file_size = 77,
					.mode = 0666,
					.prot = PROT_READ | PROT_WRITE};
	snprintf(wishes[0].path, sizeof(wishes[0].path), "%s/%s", folder, mine("object"));
	target_start(&inside);
	target_start(&outside);
	assert_int_equal(target_call(&inside, child_unshare, CLONE_NEWNS), 0);
	assert_int_equal(target_call(&inside, child_mount_tmpfs, 0), 0);
	in = target_call(&inside, child_share, 0);
	out = target_call(&outside, child_share, 0);
	assert_int_equal(truncate(wishes[0].path, 99), 0);
	assert_int_equal(target_call(&inside, child_set_user, 54401), 0);
	snapshot = seen_now(registry);
	there = seen_at(snapshot, inside.pid, in);
	here_ = seen_at(snapshot, outside.pid, out);
	assert_ptr_not_equal(there, here_);
	assert_int_equal(there->kind, REGION_FILE);
	assert_true(there->approachable);
	assert_int_equal(there->size, 77);
	assert_int_equal(there->uid, 54401); /* nobody here could open it by its path */
	assert_int_equal(there->mode, 0600);
	assert_string_equal(there->path, wishes[0].path);
	assert_int_equal(here_->size, 99);
	assert_int_equal(here_->mode, 0666);
	assert_string_equal(here_->name, mine("object"));
	assert_int_equal(strncmp(there->name, here_->name, strlen(here_->name)), 0);
	assert_int_equal(there->name[strlen(here_->name)], '@');
	snapshot_unref(snapshot);
	target_end(&inside);
	target_end(&outside);
	registry_free(registry);
	seen_end();
}

static long child_attach_then_leave(long unused)
{
	long address = child_share(0);

	(void)unused;
	return unshare(CLONE_NEWIPC) < 0 ? 0 : address;
}

/* Two ipc namespaces number alike; and a process can leave the one where it attached. */
static void test_ipc_namespace(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target targets[3];
	struct region *regions[3];
	long at[3];

	(void)state;
	need_root();
	registry = seen_registry(false);
	wishes[0] = (struct share_wish){.way = WAY_SYSV, .id = 0x70656b20, .size = PAGE};
	for (int i = 0; i < 3; i++) {
		target_start(&targets[i]);
		assert_int_equal(target_call(&targets[i], child_unshare, CLONE_NEWIPC), 0);
	}
	/* 0 stays, 1 attaches and leaves; 2 goes where 1 went and makes its own segment 0. */
	at[0] = target_call(&targets[0], child_share, 0);
	at[1] = target_call(&targets[1], child_attach_then_leave, 0);
	at[2] = target_call(&targets[1], child_share, 0);
	snapshot = seen_now(registry);
	for (int i = 0; i < 3; i++) {
		regions[i] = seen_at(snapshot, targets[i ? 1 : 0].pid, at[i]);
		assert_non_null(regions[i]);
		assert_int_equal(regions[i]->kind, REGION_SYSV);
		assert_int_equal(regions[i]->id.inode, 0);
		assert_int_equal(regions[i]->n_mappers, 1);
		for (int j = 0; j < i; j++) {
			assert_ptr_not_equal(regions[i], regions[j]);
			assert_string_not_equal(regions[i]->name, regions[j]->name);
		}
	}
	snapshot_unref(snapshot);
	for (int i = 0; i < 3; i++)
		target_end(&targets[i]);
	registry_free(registry);
}

static pid_t grandchild;

static long child_fork_share(long unused)
{
	int ready[2];
	long address = 0;

	(void)unused;
	if (unshare(CLONE_NEWPID) < 0 || pipe(ready) < 0)
		return 0;
	grandchild = fork();
	if (grandchild == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		address = child_share(0);
		if (write(ready[1], &address, sizeof(address)) < 0)
			_exit(1);
		pause();
	}
	return read(ready[0], &address, sizeof(address)) == sizeof(address) ? address : 0;
}

static long child_grandchild(long unused)
{
	(void)unused;
	return grandchild;
}

static void test_pid_namespace(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	long address;
	pid_t pid;

	(void)state;
	need_root();
	registry = seen_registry(false);
	wishes[0] = (struct share_wish){.way = WAY_ANON, .size = PAGE, .prot = PROT_READ};
	target_start(&target);
	address = target_call(&target, child_fork_share, 0);
	assert_true(address);
	pid = (pid_t)target_call(&target, child_grandchild, 0);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, pid, address);
	assert_non_null(region);
	assert_int_equal(region->mappers[0].process->nspid, 1);
	assert_int_equal(region->size, PAGE);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
}

/* A server that doesn't answer: its file is listed, and the scan doesn't wait. */
static void test_stuck(void **state)
{
	static const char *const types[] = {"fuse", "fuse.peekfs"};

	(void)state;
	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		struct registry *registry = seen_registry(false);
		struct snapshot *snapshot;
		struct target target;
		struct region *region;
		struct stuck stuck;
		long address;

		seen_begin();
		wishes[0] = (struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = PROT_READ};
		snprintf(wishes[0].path, sizeof(wishes[0].path), "%s/file", folder);
		target_start(&target); /* first: it must not have the server's descriptor */
		stuck_mount(&stuck, folder, types[i]);
		address = target_call(&target, child_share, 0);
		assert_true(address);
		stuck_stop(&stuck);
		alarm(30); /* a hang is a failure */
		snapshot = seen_now(registry);
		alarm(0);
		region = seen_at(snapshot, target.pid, address);
		assert_non_null(region);
		assert_int_equal(region->kind, i ? REGION_OTHER : REGION_FILE);
		assert_false(region->approachable);
		assert_string_equal(region->path, wishes[0].path);
		assert_int_equal(strncmp(region->name, "file", 4), 0);
		assert_int_equal(region->size, PAGE);
		assert_int_equal(region->mode, 0400);
		snapshot_unref(snapshot);
		stuck_end(&stuck);
		target_end(&target);
		registry_free(registry);
		seen_end();
	}
}

static long child_packets(long unused)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr), .config = PERF_COUNT_SW_DUMMY};
	int fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0);
	void *map;

	(void)unused;
	if (fd < 0)
		return 0;
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	return map == MAP_FAILED ? 0 : (long)map;
}

static long child_device(long unused)
{
	int fd = open("/dev/fb0", O_RDWR);
	void *map = MAP_FAILED;

	(void)unused;
	if (fd >= 0)
		map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	return map == MAP_FAILED ? 0 : (long)map;
}

/* What is no file's memory is listed, as noise, and isn't touched. */
static void test_other(void **state)
{
	static long (*const makes[])(long) = {child_packets, child_device};
	struct registry *registry = seen_registry(false);
	int tried = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(makes); i++) {
		struct snapshot *snapshot;
		struct target target;
		struct region *region;
		long address;

		target_start(&target);
		address = target_call(&target, makes[i], 0);
		if (address) {
			tried++;
			snapshot = seen_now(registry);
			region = seen_at(snapshot, target.pid, address);
			assert_non_null(region);
			assert_int_equal(region->kind, i ? REGION_DEVICE : REGION_OTHER);
			assert_true(region->noise && !region->approachable);
			snapshot_unref(snapshot);
		}
		target_end(&target);
	}
	registry_free(registry);
	if (!tried)
		SKIP("this machine offers no device and no event to map\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mount_namespace), cmocka_unit_test(test_ipc_namespace),
		cmocka_unit_test(test_pid_namespace),	cmocka_unit_test(test_stuck),
		cmocka_unit_test(test_other),
	};

	return cmocka_run_group_tests(tests, seen_mount_apart, folder_remove);
}
