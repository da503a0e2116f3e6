/* SPDX-License-Identifier: MIT */
/* Live memory on file systems and mounts that have their own mind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "../folder.h"
#include "region/reach.h"
#include "target.h"

#define PAGE 4096

/* Where cases mount: in a mount namespace of its own that ends with the program. */
static char place[sizeof(folder) + 8];

static int make_place(void **state)
{
	if (folder_make(state) < 0)
		return -1;
	snprintf(place, sizeof(place), "%s/place", folder);
	if (mkdir(place, 0700) < 0)
		return -1;
	if (geteuid() != 0)
		return 0;
	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static void huge_give_back(void);

static int remove_place(void **state)
{
	/* what a failed case didn't do */
	huge_give_back();
	umount2(place, MNT_DETACH);
	child_forget_file(state);
	return folder_remove(state);
}

/* Runs a command; true if it succeeds. */
__attribute__((format(printf, 1, 2))) static bool run(const char *format, ...)
{
	char command[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	return system(command) == 0; /* NOLINT(cert-env33-c): this file's own commands */
}

/* Another test's look at all processes may just be passing through. */
static void unmount(const char *path)
{
	double begin = seconds();

	while (umount(path) < 0) {
		assert_int_equal(errno, EBUSY);
		assert_true(seconds() - begin < PATIENCE);
		poll(NULL, 0, 20);
	}
}

static void set_atime(const char *path, time_t seconds_)
{
	struct timespec times[2] = {{seconds_, 0}, {0, UTIME_NOW}};

	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static time_t atime_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_atime;
}

/* Every way of looking, and the kernel's own reopening of what memory_backing() gives. */
static void look(struct memory *memory, bool expect_quiet)
{
	struct buf text = BUF_INIT;
	char path[64], byte;
	uint64_t value;
	bool quiet;
	void *map;
	int fd, again;

	assert_int_equal(memory_read(memory, &byte, 1, 0), 1);
	assert_int_equal(memory_load(memory, 0, 8, &value), 0);
	assert_int_equal(memory_seek(memory, 0, SEEK_HOLE, &value), 0);
	assert_int_equal(memory_resident(memory, &value), 0);
	memory_get_layout(memory, &text);
	assert_int_equal(memory_backing(memory, &fd, &quiet), 0);
	assert_int_equal(quiet, expect_quiet);
	if (!quiet) {
		close(fd);
		return;
	}
	assert_int_equal(pread(fd, &byte, 1, 0), 1);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDWR | O_CLOEXEC);
	assert_true(again >= 0);
	close(fd);
	assert_int_equal(pread(again, &byte, 1, 0), 1);
	map = mmap(NULL, PAGE, PROT_READ, MAP_SHARED, again, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	munmap(map, PAGE);
	close(again);
}

static void check_atime(const char *directory, enum region_kind kind)
{
	struct fixture f;

	need_root();
	snprintf(child_path, sizeof(child_path), "%s/peekfs-test-%d", directory, getpid());
	fixture_begin(&f, kind, child_file, PAGE);
	target_call(&f.target, child_put, 0);
	set_atime(child_path, 1000);
	look(f.memory, true);
	assert_int_equal(atime_of(child_path), 1000);
	assert_int_equal(unlink(child_path), 0); /* and with its name gone */
	look(f.memory, true);
	fixture_end(&f);
}

static void test_atime(void **state)
{
	(void)state;
	check_atime("/dev/shm", REGION_SHM);
	check_atime("/var/tmp", REGION_FILE);
}

static long child_atime(long unused)
{
	struct stat st;

	(void)unused;
	return fstat(here.fd, &st) < 0 ? -1 : st.st_atime;
}

static long child_set_atime(long to)
{
	struct timespec times[2] = {{to, 0}, {0, UTIME_NOW}};

	return futimens(here.fd, times);
}

/* On the kernel's internal mount there is no quiet way for others; our own reading is. */
static void test_atime_memfd(void **state)
{
	struct fixture f;

	(void)state;
	need_root();
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	target_call(&f.target, child_put, 0);
	target_call(&f.target, child_set_atime, 1000);
	look(f.memory, false);
	assert_int_equal(target_call(&f.target, child_atime, 0), 1000);
	fixture_end(&f);
}

static long child_in_own_namespace(long size)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("peekfs-test", place, "tmpfs", 0, "size=1m") < 0)
		return 0;
	snprintf(child_path, sizeof(child_path), "%s/file", place);
	return child_file(size);
}

/* A container's: its mount is in no namespace of ours, its path leads nowhere here. */
static void test_other_namespace(void **state)
{
	struct fixture f;

	(void)state;
	need_root();
	fixture_begin(&f, REGION_FILE, child_in_own_namespace, PAGE);
	target_call(&f.target, child_put, 0);
	target_call(&f.target, child_set_atime, 1000);
	look(f.memory, true);
	assert_int_equal(target_call(&f.target, child_atime, 0), 1000);
	assert_int_equal(memory_write(f.memory, "y", 1, 0), 1);
	assert_int_equal(target_call(&f.target, child_get, 0), 'y');
	fixture_end(&f);
}

/* A hole that nothing is left to fill with: an error, and nothing changed. */
static void test_full(void **state)
{
	struct fixture f;
	static char big[64 * PAGE];
	uint64_t value;
	char path[128];

	(void)state;
	need_root();
	assert_int_equal(mount("peekfs-test", place, "tmpfs", 0, "size=64k"), 0);
	snprintf(child_path, sizeof(child_path), "%s/file", place);
	fixture_begin(&f, REGION_FILE, child_file, 128 * PAGE);
	target_call(&f.target, child_put, 0);
	snprintf(path, sizeof(path), "%s/fill", place);
	run("dd if=/dev/zero of=%s bs=4k 2>/dev/null", path);
	assert_int_equal(memory_store(f.memory, 8 * PAGE, 8, 1, ~0ull), -ENOSPC);
	assert_int_equal(memory_store(f.memory, 8 * PAGE, 8, 1, 1), -ENOSPC);
	assert_int_equal(memory_write(f.memory, "x", 1, 8 * PAGE), -ENOSPC);
	memset(big, 'z', sizeof(big));
	assert_int_equal(memory_write(f.memory, big, sizeof(big), 0), -ENOSPC);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 'x');
	assert_int_equal(memory_load(f.memory, 8 * PAGE, 8, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(memory_store(f.memory, 0, 8, 2, ~0ull), 0);
	fixture_end(&f);
	unlink(path);
	unlink(child_path);
	unmount(place);
}

/* A file system made for the test in a file; false: not possible here. */
static bool mount_ext4(void)
{
	return run("truncate -s 16m %s.img && mkfs.ext4 -q -F %s.img && mount -o loop %s.img %s",
		   place, place, place, place);
}

/* Read-only mounts, immutable files, and nothing lingers: what was looked at can be unmounted. */
static void test_ext4(void **state)
{
	struct fixture f;
	uint64_t value;
	bool quiet;
	int fd;

	(void)state;
	need_root();
	if (!mount_ext4())
		SKIP("no loop device or no mkfs.ext4\n");
	snprintf(child_path, sizeof(child_path), "%s/file", place);
	fixture_begin(&f, REGION_FILE, child_file, 2 * PAGE);
	target_call(&f.target, child_put, 0);
	memory_hold(f.memory);
	look(f.memory, true);
	assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), 0);
	if (run("chattr +i %s 2>/dev/null", child_path)) {
		memory_release(f.memory);
		trim_until_closed(f.memory);
		memory_hold(f.memory);
		assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), -EPERM);
		assert_int_equal(memory_writable(f.memory), -EPERM);
		run("chattr -i %s", child_path);
	}
	assert_int_equal(memory_backing(f.memory, &fd, &quiet), 0);
	assert_true(quiet);
	close(fd);
	memory_release(f.memory);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	target_end(&f.target);
	trim_until_closed(f.memory);
	unmount(place);
	/* Not only out of sight: the file system itself is gone. */
	assert_true(run("timeout 20 sh -c 'until e2fsck -fn %s.img && ! losetup -j %s.img | grep .;"
			" do sleep 0.1; done' >/dev/null 2>&1",
			place, place));
	fixture_end(&f);
}

static long child_unmap_all(long unused)
{
	child_unmap(unused);
	return close(here.fd);
}

/* The target's mount is read-only: whoever maps it, it isn't written. */
static void test_readonly_mount(void **state)
{
	struct fixture f;

	(void)state;
	need_root();
	assert_int_equal(mount("peekfs-test", place, "tmpfs", 0, "size=64k"), 0);
	snprintf(child_path, sizeof(child_path), "%s/file", place);
	fixture_begin(&f, REGION_FILE, child_file, PAGE);
	assert_int_equal(memory_write(f.memory, "x", 1, 0), 1);
	target_call(&f.target, child_unmap_all, 0);
	trim_until_closed(f.memory);
	assert_int_equal(mount(NULL, place, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), 0);
	fixture_end(&f);
	fixture_begin(&f, REGION_FILE, child_readonly_file, PAGE);
	f.region->writable = true; /* as if another mapper had been there before */
	assert_int_equal(memory_write(f.memory, "y", 1, 0), -EROFS);
	assert_int_equal(memory_store(f.memory, 0, 1, 'y', ~0ull), -EROFS);
	assert_int_equal(memory_writable(f.memory), -EROFS);
	fixture_end(&f);
	unmount(place);
}

/* A file of the lower layer isn't copied up by anything that looks, nor by a layout. */
static void test_overlay(void **state)
{
	struct fixture f;
	uint64_t value;
	char options[512];

	(void)state;
	need_root();
	assert_int_equal(mount("peekfs-test", place, "tmpfs", 0, "size=1m"), 0);
	assert_true(run("cd %s && mkdir low up work on && head -c 4096 /dev/zero >low/file && "
			"echo lower | dd of=low/file conv=notrunc 2>/dev/null",
			place));
	snprintf(options, sizeof(options), "lowerdir=%s/low,upperdir=%s/up,workdir=%s/work", place,
		 place, place);
	snprintf(child_path, sizeof(child_path), "%s/on", place);
	if (mount("overlay", child_path, "overlay", 0, options) < 0) {
		umount(place);
		SKIP("no overlay here\n");
	}
	snprintf(child_path, sizeof(child_path), "%s/on/file", place);
	fixture_begin(&f, REGION_FILE, child_readonly_file, PAGE);
	assert_int_equal(memory_load(f.memory, 0, 1, &value), 0);
	assert_int_equal(value, 'l');
	assert_int_equal(memory_write(f.memory, "U", 1, 0), -EACCES);
	assert_int_equal(memory_set_layout(f.memory, "int a;", 6), -EOPNOTSUPP);
	assert_int_equal(memory_size(f.memory, &value), 0);
	assert_int_equal(value, PAGE);
	fixture_end(&f);
	assert_false(run("test -e %s/up/file", place));
	/* Mapped for writing it has been copied up before we came. */
	fixture_begin(&f, REGION_FILE, child_file, PAGE);
	assert_true(run("test -e %s/up/file", place));
	reach_ways = REACH_PATH;
	assert_int_equal(memory_load(f.memory, 0, 1, &value), 0);
	assert_int_equal(value, 'l');
	trim_until_closed(f.memory);
	reach_ways = ~0u;
	assert_int_equal(memory_load(f.memory, 0, 1, &value), 0);
	assert_int_equal(value, 'l');
	assert_int_equal(memory_write(f.memory, "U", 1, 0), 1);
	assert_int_equal(target_call(&f.target, child_get, 0), 'U');
	fixture_end(&f);
	assert_true(run("grep -q ^Uower %s/up/file && grep -q ^lower %s/low/file", place, place));
	snprintf(child_path, sizeof(child_path), "%s/on", place);
	unmount(child_path);
	unmount(place);
}

#define HUGE (2L << 20)

/* The machine's setting, ours from take to give_back: other runs of this test wait. */
static struct {
	FILE *file;
	long before;
} huge;

static bool huge_set(long count)
{
	rewind(huge.file);
	return fprintf(huge.file, "%ld\n", count) > 0 && fflush(huge.file) == 0;
}

static bool huge_take(long more)
{
	long now = 0;

	huge.file = fopen("/proc/sys/vm/nr_hugepages", "r+e");
	if (!huge.file)
		return false;
	if (flock(fileno(huge.file), LOCK_EX) < 0 || fscanf(huge.file, "%ld", &huge.before) != 1)
		return false;
	if (!huge_set(huge.before + more))
		return false;
	rewind(huge.file);
	return fscanf(huge.file, "%ld", &now) == 1 && now == huge.before + more;
}

static void huge_give_back(void)
{
	if (!huge.file)
		return;
	huge_set(huge.before);
	fclose(huge.file);
	huge.file = NULL;
}

static long child_huge(long size)
{
	here.fd = memfd_create("huge", MFD_HUGETLB | MFD_CLOEXEC);
	return here.fd < 0 || ftruncate(here.fd, size) < 0
		       ? 0
		       : child_map(size, PROT_READ | PROT_WRITE);
}

static void test_huge(void **state)
{
	struct fixture f;
	uint64_t value;
	char byte;

	(void)state;
	if (!huge_take(4))
		SKIP("no huge pages to be had\n");
	fixture_begin(&f, REGION_HUGETLB, child_huge, 3 * HUGE);
	target_call(&f.target, child_put, HUGE);
	assert_int_equal(memory_read(f.memory, &byte, 1, HUGE), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(memory_load(f.memory, HUGE, 4, &value), 0);
	assert_int_equal(value, 'x');
	assert_false(memory_atomic(f.memory));
	assert_int_equal(memory_resident(f.memory, &value), 0);
	assert_int_equal(value, HUGE);
	assert_int_equal(target_call(&f.target, child_blocks, 0), HUGE / 512);
	assert_int_equal(memory_write(f.memory, "abc", 3, HUGE + 100), 3);
	assert_int_equal(target_call(&f.target, child_get, HUGE + 102), 'c');
	assert_int_equal(memory_write(f.memory, "ab", 2, 2 * HUGE - 1), 2);
	assert_int_equal(target_call(&f.target, child_get, 2 * HUGE), 'b');
	assert_int_equal(memory_store(f.memory, HUGE + 8, 4, 0x41424344, ~0ull), 0);
	assert_int_equal(target_call(&f.target, child_get, HUGE + 8), 'D');
	assert_int_equal(memory_write(f.memory, "abc", 3, 3 * HUGE - 2), -ENOSPC);
	fixture_end(&f);
	huge_give_back();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_atime),
		cmocka_unit_test(test_atime_memfd),
		cmocka_unit_test(test_other_namespace),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_ext4),
		cmocka_unit_test(test_readonly_mount),
		cmocka_unit_test(test_overlay),
		cmocka_unit_test(test_huge),
	};

	return cmocka_run_group_tests_name("places", tests, make_place, remove_place);
}
