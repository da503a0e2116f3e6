/* SPDX-License-Identifier: MIT */
/* Live memory of real processes: every kind, read, written, loaded and stored. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "attributes.h"
#include "target.h"

#define PAGE 4096
#define SIZE (64 * PAGE)

/* Bytes go both ways, ends are ends, and what is read stays a hole. */
static void check_bytes(struct fixture *f)
{
	uint64_t blocks, now;
	char *all = malloc(SIZE + 1);
	char bytes[16];
	uint64_t value;

	target_call(&f->target, child_put, 5);
	assert_int_equal(memory_blocks(f->memory, &blocks), 0);
	assert_int_equal(memory_read(f->memory, bytes, 8, 0), 8);
	assert_memory_equal(bytes, "\0\0\0\0\0x\0\0", 8);
	assert_int_equal(memory_read(f->memory, bytes, 8, SIZE - 3), 3);
	assert_int_equal(memory_read(f->memory, bytes, 8, SIZE), 0);
	assert_int_equal(memory_read(f->memory, bytes, 8, UINT64_MAX - 3), 0);
	assert_int_equal(memory_read(f->memory, all, SIZE + 1, 0), SIZE);
	for (size_t i = 0; i < SIZE; i++)
		assert_int_equal(all[i], i == 5 ? 'x' : 0);
	free(all);
	assert_int_equal(memory_load(f->memory, 4, 4, &value), 0);
	assert_int_equal(value, 'x' << 8);
	for (uint64_t at = PAGE; at < SIZE; at += PAGE) {
		value = 1;
		assert_int_equal(memory_load(f->memory, at, 8, &value), 0);
		assert_int_equal(value, 0);
	}
	assert_int_equal(memory_load(f->memory, 2, 4, &value), -EINVAL);
	assert_int_equal(memory_load(f->memory, 0, 3, &value), -EINVAL);
	assert_int_equal(memory_load(f->memory, SIZE, 1, &value), -EIO);
	all = malloc(SIZE);
	assert_int_equal(memory_still(f->memory, all, SIZE - 3, 3, 2, 1), 1);
	for (size_t i = 0; i < SIZE - 3; i++)
		assert_int_equal(all[i], i == 2 ? 'x' : 0);
	free(all);
	assert_int_equal(memory_still(f->memory, bytes, 4, SIZE - 3, 1, 1), -EIO);
	assert_int_equal(memory_still(f->memory, bytes, 1, SIZE, 1, 1), -EIO);
	assert_int_equal(memory_still(f->memory, bytes, 8, UINT64_MAX - 3, 1, 1), -EIO);
	assert_int_equal(memory_still(f->memory, bytes, 0, SIZE, 1, 1), 1);
	assert_int_equal(memory_blocks(f->memory, &now), 0);
	assert_int_equal(now, blocks);

	assert_int_equal(memory_write(f->memory, "abc", 3, 70), 3);
	assert_int_equal(target_call(&f->target, child_get, 71), 'b');
	assert_int_equal(memory_write(f->memory, "abc", 3, SIZE - 3), 3);
	assert_int_equal(memory_write(f->memory, "xyz", 3, SIZE - 2), -ENOSPC);
	assert_int_equal(target_call(&f->target, child_get, SIZE - 1), 'c');
	assert_int_equal(memory_write(f->memory, "xyz", 3, UINT64_MAX - 1), -ENOSPC);
	assert_int_equal(memory_write(f->memory, "across", 6, 4 * PAGE - 3), 6);
	assert_int_equal(target_call(&f->target, child_get, 4 * PAGE + 2), 's');
}

static void check_words(struct fixture *f)
{
	uint64_t value;

	assert_true(memory_atomic(f->memory));
	for (unsigned size = 1; size <= 8; size *= 2) {
		uint64_t all = ~0ull >> (64 - 8 * size);
		uint64_t word = 0x1122334455667788 & all;

		assert_int_equal(memory_store(f->memory, 64, size, word, ~0ull), 0);
		assert_int_equal(memory_load(f->memory, 64, size, &value), 0);
		assert_int_equal(value, word);
		assert_int_equal(memory_store(f->memory, 64, size, 0, 0x0f), 0);
		assert_int_equal(memory_load(f->memory, 64, size, &value), 0);
		assert_int_equal(value, word & ~0x0full);
	}
	assert_int_equal(memory_store(f->memory, SIZE, 8, 0, ~0ull), -ENOSPC);
	assert_int_equal(memory_store(f->memory, 65, 8, 0, ~0ull), -EINVAL);
}

static void check_facts(struct fixture *f)
{
	uint64_t size, bytes;
	const char *why;

	assert_int_equal(memory_size(f->memory, &size), 0);
	assert_int_equal(size, SIZE);
	assert_int_equal(memory_resident(f->memory, &bytes), 0);
	assert_in_range(bytes, PAGE, SIZE);
	assert_int_equal(memory_access(f->memory, &why), MEMORY_DESCRIPTOR);
	assert_string_equal(why, "");
	assert_int_equal(memory_writable(f->memory), 0);
}

static void check_kind(enum region_kind kind, long (*make)(long))
{
	struct fixture f;

	need_root();
	fixture_begin(&f, kind, make, SIZE);
	check_bytes(&f);
	check_words(&f);
	check_facts(&f);
	fixture_end(&f);
}

static void test_memfd(void **state)
{
	(void)state;
	check_kind(REGION_MEMFD, child_memfd);
	check_kind(REGION_MEMFD, child_closed_memfd);
}

static void test_anon(void **state)
{
	(void)state;
	check_kind(REGION_ANON, child_anon);
}

static void test_sysv(void **state)
{
	(void)state;
	check_kind(REGION_SYSV, child_sysv);
}

static void test_shm(void **state)
{
	(void)state;
	snprintf(child_path, sizeof(child_path), "/dev/shm/peekfs-test-%d", getpid());
	check_kind(REGION_SHM, child_file);
	assert_int_equal(unlink(child_path), 0);
	check_kind(REGION_SHM, child_unlinked_file);
}

static void test_file(void **state)
{
	(void)state;
	snprintf(child_path, sizeof(child_path), "/var/tmp/peekfs-test-%d", getpid());
	check_kind(REGION_FILE, child_file);
	assert_int_equal(unlink(child_path), 0);
	check_kind(REGION_FILE, child_unlinked_file);
}

/* Another path leads nowhere now, or to another file: the mapping decides. */
static void test_replaced(void **state)
{
	struct fixture f;
	char byte;
	int fd;

	(void)state;
	need_root();
	snprintf(child_path, sizeof(child_path), "/dev/shm/peekfs-test-%d", getpid());
	fixture_begin(&f, REGION_SHM, child_file, PAGE);
	target_call(&f.target, child_put, 0);
	unlink(child_path);
	fd = open(child_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "no", 2), 2);
	close(fd);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), 1);
	assert_int_equal(byte, 'x');
	unlink(child_path);
	fixture_end(&f);
}

/* What a file ends with isn't a whole page, nor a whole number of words. */
static void test_odd_size(void **state)
{
	struct fixture f;
	uint64_t value;
	char bytes[32];

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, 28);
	target_call(&f.target, child_put, 24);
	assert_int_equal(memory_read(f.memory, bytes, 32, 0), 28);
	assert_int_equal(memory_load(f.memory, 24, 4, &value), 0);
	assert_int_equal(value, 'x');
	assert_int_equal(memory_load(f.memory, 24, 8, &value), -EIO);
	assert_int_equal(memory_load(f.memory, 28, 1, &value), -EIO);
	assert_int_equal(memory_store(f.memory, 24, 8, 1, ~0ull), -ENOSPC);
	assert_int_equal(memory_store(f.memory, 28, 4, 1, ~0ull), -ENOSPC);
	assert_int_equal(memory_write(f.memory, bytes, 5, 24), -ENOSPC);
	assert_int_equal(memory_write(f.memory, bytes, 4, 24), 4);
	assert_int_equal(memory_size(f.memory, &value), 0);
	assert_int_equal(value, 28);
	fixture_end(&f);
}

static void test_seek(void **state)
{
	struct fixture f;
	uint64_t at;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, SIZE);
	target_call(&f.target, child_put, 5 * PAGE);
	assert_int_equal(memory_seek(f.memory, 0, SEEK_DATA, &at), 0);
	assert_int_equal(at, 5 * PAGE);
	assert_int_equal(memory_seek(f.memory, at, SEEK_HOLE, &at), 0);
	assert_int_equal(at, 6 * PAGE);
	assert_int_equal(memory_seek(f.memory, at, SEEK_DATA, &at), -ENXIO);
	assert_int_equal(memory_seek(f.memory, SIZE, SEEK_HOLE, &at), -ENXIO);
	fixture_end(&f);
}

/* Loads far apart and near each other, by the window and past its edges. */
static void test_windows(void **state)
{
	enum { PAGES = 4096 };
	struct fixture f;
	uint64_t value;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGES * PAGE);
	target_call(&f.target, child_touch_all, 7);
	for (uint64_t i = 0; i < PAGES; i++) {
		assert_int_equal(memory_load(f.memory, i * PAGE, 1, &value), 0);
		assert_int_equal(value, 7);
	}
	for (uint64_t i = 0; i < PAGES; i++) {
		uint64_t at = i * 2654435761u % PAGES * PAGE;

		assert_int_equal(memory_load(f.memory, at, 2, &value), 0);
		assert_int_equal(value, 7);
		assert_int_equal(memory_load(f.memory, at + 8, 8, &value), 0);
		assert_int_equal(value, 0);
	}
	for (uint64_t i = PAGES; i-- > 0;)
		assert_int_equal(memory_load(f.memory, i * PAGE + 4088, 8, &value), 0);
	fixture_end(&f);
}

static struct region *bare_region(enum region_kind kind, size_t size, const char *path)
{
	struct region_object *object = calloc(1, sizeof(*object) + 256);
	char *text = (char *)(object + 1);

	memcpy(text, path, strlen(path) + 1);
	object->refs = 1;
	object->region.kind = kind;
	object->region.path = object->region.name = text;
	object->region.size = size;
	object->region.leftover = true;
	object->region.approachable = true;
	object->region.writable = true;
	return &object->region;
}

static void read_leftover(struct region *region, const char *expect)
{
	struct memory *memory;
	char bytes[8] = "";

	assert_int_equal(memory_new(region, NULL, &memory), 0);
	assert_int_equal(memory_read(memory, bytes, strlen(expect), 0), strlen(expect));
	assert_string_equal(bytes, expect);
	memory_free(memory);
	region_unref(region);
}

static void test_leftover_shm(void **state)
{
	struct region *region;
	struct stat st;
	char path[64];
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "/dev/shm/peekfs-test-%d", getpid());
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "left", 4), 4);
	fstat(fd, &st);
	close(fd);
	region = bare_region(REGION_SHM, 4, path);
	region->id = (struct region_id){major(st.st_dev), minor(st.st_dev), st.st_ino, 0};
	read_leftover(region_ref(region), "left");
	/* The name leads to another object now. */
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	close(fd);
	if (stat(path, &st) == 0 && st.st_ino != region->id.inode) {
		struct memory *memory;
		char byte;

		assert_int_equal(memory_new(region, NULL, &memory), 0);
		assert_int_equal(memory_read(memory, &byte, 1, 0), -EIO);
		memory_free(memory);
	}
	unlink(path);
	region_unref(region);
}

static void test_leftover_held(void **state)
{
	struct region *region;
	struct stat st;
	int fd = memfd_create("held", MFD_CLOEXEC);

	(void)state;
	assert_int_equal(write(fd, "held", 4), 4);
	fstat(fd, &st);
	region = bare_region(REGION_MEMFD, 4, "/memfd:held");
	region->deleted = true;
	region->id = (struct region_id){major(st.st_dev), minor(st.st_dev), st.st_ino, 0};
	region->holder = getpid();
	region->holder_fd = fd;
	read_leftover(region, "held");
	close(fd);
}

/* Listing attaches nothing; reading the bytes does, once, and lets go at once. */
static void test_leftover_sysv(void **state)
{
	int id = shmget(IPC_PRIVATE, PAGE, IPC_CREAT | 0600);
	struct shmid_ds before, after;
	struct region *region;
	struct memory *memory;
	uint64_t number;
	const char *why;
	struct buf text = BUF_INIT;
	char *map = shmat(id, NULL, 0);
	char byte;

	(void)state;
	need_root();
	map[0] = 's';
	shmdt(map);
	shmctl(id, IPC_STAT, &before);
	region = bare_region(REGION_SYSV, PAGE, "/SYSV00000000");
	region->deleted = true;
	region->id = (struct region_id){0, 1, (uint64_t)id, 0};
	assert_int_equal(memory_new(region, NULL, &memory), 0);
	assert_int_equal(memory_size(memory, &number), 0);
	assert_int_equal(number, PAGE);
	assert_int_equal(memory_resident(memory, &number), 0);
	assert_int_equal(number, PAGE);
	assert_int_equal(memory_blocks(memory, &number), -ENODATA);
	assert_int_equal(memory_access(memory, &why), MEMORY_DESCRIPTOR);
	assert_int_equal(memory_get_layout(memory, &text), -EOPNOTSUPP);
	assert_false(memory_trim(memory));
	shmctl(id, IPC_STAT, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(memory_read(memory, &byte, 1, 0), 1);
	assert_int_equal(byte, 's');
	shmctl(id, IPC_STAT, &after);
	assert_int_equal(after.shm_nattch, 0);
	memory_free(memory);
	region_unref(region);
	shmctl(id, IPC_RMID, NULL);
}

static void test_layout(void **state)
{
	struct fixture f;
	struct buf text = BUF_INIT;
	char *big;

	(void)state;
	skip_unless_shm_keeps_attributes();
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	big = calloc(1, 1 << 17);
	assert_int_equal(memory_get_layout(f.memory, &text), -ENODATA);
	assert_int_equal(memory_set_layout(f.memory, "int a;", 6), 0);
	assert_int_equal(memory_get_layout(f.memory, &text), 0);
	assert_int_equal(text.len, 6);
	assert_memory_equal(text.data, "int a;", 6);
	assert_int_equal(memory_set_layout(f.memory, big, 1 << 17), -ENOSPC);
	assert_int_equal(memory_set_layout(f.memory, "", 0), 0);
	assert_int_equal(memory_set_layout(f.memory, "", 0), 0);
	assert_int_equal(memory_get_layout(f.memory, &text), -ENODATA);
	buf_destroy(&text);
	free(big);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memfd),	      cmocka_unit_test(test_anon),
		cmocka_unit_test(test_sysv),	      cmocka_unit_test(test_shm),
		cmocka_unit_test(test_file),	      cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_odd_size),      cmocka_unit_test(test_seek),
		cmocka_unit_test(test_windows),	      cmocka_unit_test(test_leftover_shm),
		cmocka_unit_test(test_leftover_held), cmocka_unit_test(test_leftover_sysv),
		cmocka_unit_test(test_layout),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, child_forget_file);
}
