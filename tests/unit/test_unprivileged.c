/* SPDX-License-Identifier: MIT */
/*
 * Live memory for those who may not follow /proc/PID/map_files: by path, by descriptor, through
 * the process. The whole program gives its privileges away at its start.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <grp.h>
#include <sys/shm.h>

#include "region/reach.h"
#include "target.h"

#define PAGE 4096
#define SIZE (16 * PAGE)
#define USER 54321 /* nobody's */

static void check_access(struct fixture *f, enum memory_access expect)
{
	const char *why;

	assert_int_equal(memory_access(f->memory, &why), expect);
	if (expect == MEMORY_PROCESS)
		assert_true(*why);
}

/* What all ways can do. */
static void check_bytes(struct fixture *f)
{
	char bytes[16];
	uint64_t value;

	target_call(&f->target, child_touch_all, 0);
	target_call(&f->target, child_put, PAGE + 1);
	assert_int_equal(memory_read(f->memory, bytes, 4, PAGE), 4);
	assert_memory_equal(bytes, "\0x\0\0", 4);
	assert_int_equal(memory_read(f->memory, bytes, 8, SIZE - 3), 3);
	assert_int_equal(memory_read(f->memory, bytes, 8, SIZE), 0);
	assert_int_equal(memory_write(f->memory, "across", 6, 4 * PAGE - 3), 6);
	assert_int_equal(target_call(&f->target, child_get, 4 * PAGE), 'o');
	assert_int_equal(memory_write(f->memory, "xyz", 3, SIZE - 2), -ENOSPC);
	for (unsigned size = 1; size <= 8; size *= 2) {
		uint64_t word = 0x1122334455667788 & ~0ull >> (64 - 8 * size);

		assert_int_equal(memory_store(f->memory, 64, size, word, ~0ull), 0);
		assert_int_equal(memory_store(f->memory, 64, size, 0, 0x0f), 0);
		assert_int_equal(memory_load(f->memory, 64, size, &value), 0);
		assert_int_equal(value, word & ~0x0full);
	}
	assert_int_equal(memory_load(f->memory, SIZE, 8, &value), -EIO);
	assert_int_equal(memory_size(f->memory, &value), 0);
	assert_int_equal(value, SIZE);
	assert_int_equal(memory_writable(f->memory), 0);
}

static void check_kind(enum region_kind kind, long (*make)(long), enum memory_access expect)
{
	struct fixture f;

	fixture_begin(&f, kind, make, SIZE);
	check_access(&f, expect);
	check_bytes(&f);
	assert_int_equal(memory_atomic(f.memory), expect == MEMORY_DESCRIPTOR);
	fixture_end(&f);
}

static void test_memfd(void **state)
{
	(void)state;
	check_kind(REGION_MEMFD, child_memfd, MEMORY_DESCRIPTOR);
	check_kind(REGION_MEMFD, child_closed_memfd, MEMORY_PROCESS);
}

static void test_anon(void **state)
{
	(void)state;
	check_kind(REGION_ANON, child_anon, MEMORY_PROCESS);
}

static void test_sysv(void **state)
{
	(void)state;
	check_kind(REGION_SYSV, child_sysv, MEMORY_PROCESS);
}

static void test_path(void **state)
{
	(void)state;
	snprintf(child_path, sizeof(child_path), "/dev/shm/peekfs-test-%d", getpid());
	check_kind(REGION_SHM, child_file, MEMORY_DESCRIPTOR);
	unlink(child_path);
	check_kind(REGION_SHM, child_unlinked_file, MEMORY_PROCESS);
	snprintf(child_path, sizeof(child_path), "/var/tmp/peekfs-test-%d", getpid());
	check_kind(REGION_FILE, child_file, MEMORY_DESCRIPTOR);
	unlink(child_path);
	check_kind(REGION_FILE, child_unlinked_file, MEMORY_PROCESS);
}

static long child_closed_file(long size)
{
	long map = child_file(size);

	close(here.fd);
	return map;
}

/* Neither a later file of that name, nor a link or a pipe there, is taken for the object. */
static void test_replaced(void **state)
{
	struct fixture f;
	char byte;
	int fd;

	(void)state;
	snprintf(child_path, sizeof(child_path), "/dev/shm/peekfs-test-%d", getpid());
	fixture_begin(&f, REGION_SHM, child_closed_file, PAGE);
	target_call(&f.target, child_put, 0);
	check_access(&f, MEMORY_DESCRIPTOR);
	for (int i = 0; i < 3; i++) {
		unlink(child_path);
		if (i == 0) {
			fd = open(child_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
			assert_int_equal(write(fd, "no", 2), 2);
			close(fd);
		} else if (i == 1) {
			assert_int_equal(symlink("/etc/passwd", child_path), 0);
		} else {
			assert_int_equal(mkfifo(child_path, 0600), 0);
		}
		check_access(&f, MEMORY_PROCESS);
		assert_int_equal(memory_read(f.memory, &byte, 1, 0), 1);
		assert_int_equal(byte, 'x');
		trim_until_closed(f.memory);
	}
	unlink(child_path);
	fixture_end(&f);
}

/* Bit i: page i of the child's mapping has memory. */
static long child_pages(long unused)
{
	unsigned char there[SIZE / PAGE];
	long pages = 0;

	(void)unused;
	if (mincore(here.map, here.size, there) < 0)
		return -1;
	for (int i = 0; i < SIZE / PAGE; i++)
		pages |= (long)(there[i] & 1) << i;
	return pages;
}

/* A page that the process hasn't touched may be a hole: reading it would fill that. It's an error,
 * neither zeros nor a page more. */
static void test_untouched(void **state)
{
	struct fixture f;
	char bytes[SIZE];
	uint64_t value;

	(void)state;
	fixture_begin(&f, REGION_ANON, child_anon, SIZE);
	target_call(&f.target, child_put, 0);
	target_call(&f.target, child_put, PAGE);
	target_call(&f.target, child_put, 3 * PAGE);
	assert_int_equal(memory_read(f.memory, bytes, SIZE, 0), 2 * PAGE);
	assert_int_equal(memory_read(f.memory, bytes, SIZE, 2 * PAGE), -EIO);
	assert_int_equal(memory_read(f.memory, bytes, SIZE, 3 * PAGE + 1), PAGE - 1);
	assert_int_equal(memory_load(f.memory, 2 * PAGE, 8, &value), -EIO);
	assert_int_equal(target_call(&f.target, child_pages, 0), 0xb);
	/* A write is asked for: it may fill. */
	assert_int_equal(memory_write(f.memory, "y", 1, 2 * PAGE), 1);
	assert_int_equal(memory_load(f.memory, 2 * PAGE, 8, &value), 0);
	assert_int_equal(value, 'y');
	fixture_end(&f);
}

/* What a crash left of System V memory: its creator may look at it, and stays no user of it. */
static void test_leftover_sysv(void **state)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0600);
	char *map = shmat(id, NULL, 0);
	struct region_object object = {.refs = 2};
	struct region *region = &object.region;
	struct target_line line;
	struct shmid_ds segment;
	struct memory *memory;
	uint64_t value, there;
	const char *why;
	char bytes[SIZE];

	(void)state;
	guard_install();
	map[PAGE] = 's';
	assert_true(target_find(getpid(), (uintptr_t)map, &line));
	shmdt(map);
	*region = (struct region){
		.id = {line.major, line.minor, line.inode, 0},
		.kind = REGION_SYSV,
		.deleted = true,
		.leftover = true,
		.approachable = true,
		.path = line.path,
		.name = line.path,
		.size = SIZE,
	};
	assert_int_equal(memory_new(region, NULL, &memory), 0);
	assert_int_equal(memory_resident(memory, &there), 0);
	assert_int_equal(there, PAGE);
	assert_int_equal(memory_access(memory, &why), MEMORY_PROCESS);
	assert_false(memory_atomic(memory));
	assert_int_equal(memory_read(memory, bytes, SIZE, 0), SIZE);
	assert_int_equal(bytes[PAGE], 's');
	assert_int_equal(bytes[0], 0);
	assert_int_equal(memory_read(memory, bytes, SIZE, SIZE - 2), 2);
	assert_int_equal(memory_load(memory, PAGE, 8, &value), 0);
	assert_int_equal(value, 's');
	assert_int_equal(memory_write(memory, "x", 1, 0), -EACCES);
	assert_int_equal(memory_resident(memory, &there), 0);
	assert_int_equal(there, PAGE); /* the holes are holes still */
	assert_int_equal(shmctl(id, IPC_STAT, &segment), 0);
	assert_int_equal(segment.shm_nattch, 0);
	shmctl(id, IPC_RMID, NULL);
	assert_int_equal(memory_read(memory, bytes, SIZE, 0), -EIO);
	memory_free(memory);
}

static void test_unreadable(void **state)
{
	struct fixture f;
	uint64_t value;
	char byte;

	(void)state;
	fixture_begin(&f, REGION_ANON, child_anon, SIZE);
	target_call(&f.target, child_touch_all, 1);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), 1);
	target_call(&f.target, child_protect, PROT_NONE);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), -EIO);
	target_call(&f.target, child_protect, PROT_READ);
	assert_int_equal(memory_load(f.memory, 0, 1, &value), 0);
	assert_int_equal(memory_store(f.memory, 0, 1, 1, ~0ull), -EIO);
	target_call(&f.target, child_unmap, 0);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), -EIO);
	fixture_end(&f);
}

static int shared_fd;

/* Maps three pages from page `first` on, and forgets the descriptor. */
static long child_part(long first)
{
	here.size = 3 * PAGE;
	here.map =
		mmap(NULL, here.size, PROT_READ | PROT_WRITE, MAP_SHARED, shared_fd, first * PAGE);
	close(shared_fd);
	if (here.map == MAP_FAILED)
		return 0;
	memset(here.map, 'a' + (int)first, here.size);
	return (long)here.map;
}

/* Two processes map a part each; between the parts is nothing. */
static void test_parts(void **state)
{
	struct target one = {0}, two = {0}, three = {0};
	struct region *region;
	struct memory *memory;
	char bytes[16 * PAGE];
	uint64_t at[3];

	(void)state;
	shared_fd = memfd_create("parts", MFD_CLOEXEC);
	assert_int_equal(ftruncate(shared_fd, 16 * PAGE), 0);
	target_start(&one);
	target_start(&two);
	target_start(&three);
	close(shared_fd);
	at[0] = (uint64_t)target_call(&one, child_part, 0);
	at[1] = (uint64_t)target_call(&two, child_part, 3);
	at[2] = (uint64_t)target_call(&three, child_part, 8);
	region = target_region(REGION_MEMFD, 3, (struct target *const[]){&one, &two, &three}, at);
	assert_int_equal(region->size, 11 * PAGE);
	assert_int_equal(memory_new(region, NULL, &memory), 0);
	assert_int_equal(memory_read(memory, bytes, sizeof(bytes), 0), 6 * PAGE);
	assert_int_equal(bytes[0], 'a');
	assert_int_equal(bytes[3 * PAGE], 'd');
	assert_int_equal(memory_read(memory, bytes, sizeof(bytes), 6 * PAGE), -EIO);
	assert_int_equal(memory_read(memory, bytes, sizeof(bytes), 9 * PAGE), 2 * PAGE);
	assert_int_equal(bytes[0], 'i');
	assert_int_equal(memory_write(memory, "++++", 4, 3 * PAGE - 2), 4);
	assert_int_equal(target_call(&two, child_get, 1), '+');
	target_end(&two);
	assert_int_equal(memory_read(memory, bytes, sizeof(bytes), 0), 3 * PAGE);
	target_end(&one);
	target_end(&three);
	assert_int_equal(memory_read(memory, bytes, sizeof(bytes), 0), -EIO);
	memory_free(memory);
	region_unref(region);
}

static void test_others(void **state)
{
	struct fixture f;
	char byte;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	((struct process *)f.region->mappers[0].process)->pid = 1;
	if (open("/proc/1/maps", O_RDONLY | O_CLOEXEC) >= 0)
		SKIP("process 1 isn't another user's\n");
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), -EACCES);
	check_access(&f, MEMORY_NONE);
	fixture_end(&f);
}

static int drop(void)
{
	if (geteuid() == 0 && (setgroups(0, NULL) < 0 || setresgid(USER, USER, USER) < 0 ||
			       setresuid(USER, USER, USER) < 0))
		return -1;
	/* A process that changed its user is protected from that user, children included. */
	return prctl(PR_SET_DUMPABLE, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memfd),	   cmocka_unit_test(test_anon),
		cmocka_unit_test(test_sysv),	   cmocka_unit_test(test_path),
		cmocka_unit_test(test_replaced),   cmocka_unit_test(test_untouched),
		cmocka_unit_test(test_unreadable), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_others),	   cmocka_unit_test(test_leftover_sysv),
	};

	if (drop() < 0)
		return 1;
	return cmocka_run_group_tests_name("unprivileged", tests, NULL, child_forget_file);
}
