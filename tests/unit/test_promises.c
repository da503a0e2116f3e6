/* SPDX-License-Identifier: MIT */
/* What looking at live memory must never do: change it, keep it alive, invent it, or crash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mount.h>
#include <sys/statfs.h>

#include "attributes.h"
#include "target.h"

#define PAGE 4096
#define GIB  (1ull << 30)

static void test_sparse(void **state)
{
	enum { CHUNK = 1 << 20 };
	static char chunk[CHUNK];
	uint64_t size = 64 * GIB;
	struct fixture f;
	uint64_t value, at;
	long blocks;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, (long)size);
	target_call(&f.target, child_put, 3 * PAGE);
	target_call(&f.target, child_put, (long)(17 * GIB));
	blocks = target_call(&f.target, child_blocks, 0);
	for (uint64_t i = 0; i < 20000; i++) {
		at = i * 0x9e3779b97f4a7c15ull % size & ~7ull;
		assert_int_equal(memory_load(f.memory, at, 8, &value), 0);
	}
	for (at = 0; at < 64 * PAGE; at += 8) { /* around a page that is there */
		assert_int_equal(memory_load(f.memory, at, 8, &value), 0);
		assert_int_equal(value, at == 3 * PAGE ? 'x' : 0);
	}
	for (at = 0; at < size; at += GIB / 2)
		assert_int_equal(memory_read(f.memory, chunk, CHUNK, at), CHUNK);
	assert_int_equal(memory_seek(f.memory, 4 * PAGE, SEEK_DATA, &at), 0);
	assert_int_equal(at, 17 * GIB);
	assert_int_equal(target_call(&f.target, child_blocks, 0), blocks);
	fixture_end(&f);
}

static void test_truncated(void **state)
{
	struct fixture f;
	uint64_t value;
	char byte;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, 16 * PAGE);
	target_call(&f.target, child_touch_all, 1);
	for (int i = 0; i < 16; i++)
		assert_int_equal(memory_load(f.memory, (uint64_t)i * PAGE, 8, &value), 0);
	assert_int_equal(target_call(&f.target, child_truncate, 100), 0);
	assert_int_equal(memory_load(f.memory, 8 * PAGE, 8, &value), -EIO);
	assert_int_equal(memory_load(f.memory, 96, 8, &value), -EIO);
	assert_int_equal(memory_load(f.memory, 96, 4, &value), 0);
	assert_int_equal(memory_read(f.memory, &byte, 1, 8 * PAGE), 0);
	assert_int_equal(memory_store(f.memory, 8 * PAGE, 8, 1, ~0ull), -ENOSPC);
	assert_int_equal(memory_size(f.memory, &value), 0);
	assert_int_equal(value, 100);
	fixture_end(&f);
}

/* Cuts and grows its file as fast as it can until the pipe closes. */
static long child_breathe(long cycles)
{
	for (long i = 0; i < cycles; i++)
		if (ftruncate(here.fd, PAGE) < 0 || ftruncate(here.fd, 64 * PAGE) < 0)
			return -1;
	return 0;
}

struct breather {
	struct target *target;
	atomic_bool done;
};

static void *breathe(void *context)
{
	struct breather *breather = context;

	target_call(breather->target, child_breathe, 20000);
	atomic_store(&breather->done, true);
	return NULL;
}

/* The end moves between any check and the access: nothing crashes, no answer is invented, and no
 * write makes the file longer than its owner made it. */
static void test_breathing(void **state)
{
	struct breather breather = {0};
	char bytes[3 * PAGE] = "";
	pthread_t thread;
	struct fixture f;
	uint64_t value;
	unsigned long ends = 0, n = 0;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, 64 * PAGE);
	breather.target = &f.target;
	assert_int_equal(pthread_create(&thread, NULL, breathe, &breather), 0);
	while (!atomic_load(&breather.done)) {
		uint64_t at = ++n % 64 * PAGE;
		ssize_t r;
		int e;

		e = memory_store(f.memory, at, 8, n, ~0ull);
		assert_true(e == 0 || e == -EIO || e == -ENOSPC);
		e = memory_load(f.memory, at, 8, &value);
		assert_true(e == 0 || e == -EIO);
		ends += e == -EIO;
		r = memory_write(f.memory, bytes, sizeof(bytes), 60 * PAGE);
		assert_true(r == (ssize_t)sizeof(bytes) || r == -EIO || r == -ENOSPC);
		assert_int_equal(memory_size(f.memory, &value), 0);
		assert_true(value == PAGE || value == 64 * PAGE);
	}
	pthread_join(thread, NULL);
	print_message("# %lu rounds, %lu of them behind the end\n", n, ends);
	fixture_end(&f);
}

static void test_death(void **state)
{
	struct fixture f;
	uint64_t value;
	double begin;
	char byte;
	int fds;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	fds = open_fds();
	memory_hold(f.memory);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), 1);
	assert_int_equal(open_fds(), fds + 1);
	kill(f.target.pid, SIGKILL);
	waitpid(f.target.pid, NULL, 0);
	begin = seconds();
	while (memory_load(f.memory, 0, 8, &value) == 0) {
		assert_true(seconds() - begin < PATIENCE);
		poll(NULL, 0, 5);
	}
	assert_int_equal(memory_load(f.memory, 0, 8, &value), -EIO);
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), -EIO);
	assert_int_equal(memory_write(f.memory, "x", 1, 0), -EIO);
	assert_int_equal(memory_size(f.memory, &value), -EIO);
	assert_int_equal(memory_blocks(f.memory, &value), -EIO);
	assert_int_equal(memory_resident(f.memory, &value), -EIO);
	assert_int_equal(memory_writable(f.memory), -EIO);
	assert_int_equal(open_fds(), fds);
	memory_release(f.memory);
	f.target.pid = 0;
	close(f.target.to);
	close(f.target.from);
	fixture_end(&f);
}

/* Unmapped, though the process lives: the object goes with the mapping, held or not. */
static void test_unmapped(void **state)
{
	struct fixture f;
	uint64_t value;
	int fds;

	(void)state;
	need_root();
	fixture_begin(&f, REGION_ANON, child_anon, PAGE);
	fds = open_fds();
	memory_hold(f.memory);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(target_call(&f.target, child_unmap, 0), 0);
	trim_until_closed(f.memory);
	assert_int_equal(open_fds(), fds);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), -EIO);
	memory_release(f.memory);
	fixture_end(&f);
}

static long child_move(long unused)
{
	char *to = mmap(NULL, 8 * here.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)unused;
	here.map = mremap(here.map, here.size, here.size, MREMAP_MAYMOVE | MREMAP_FIXED,
			  to + 4 * here.size);
	return here.map == MAP_FAILED ? -1 : mprotect(here.map, PAGE, PROT_READ);
}

/* Moved and split since the scan: it is the same region, and is found. */
static void test_moved(void **state)
{
	struct fixture f;
	uint64_t value;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, 4 * PAGE);
	memory_hold(f.memory);
	target_call(&f.target, child_put, 0);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(target_call(&f.target, child_move, 0), 0);
	poll(NULL, 0, 150); /* until the region isn't believed any more */
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	memory_release(f.memory);
	trim_until_closed(f.memory);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 'x');
	fixture_end(&f);
}

static void *sleep_forever(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

/* The leader exits while a thread lives on. */
static long child_orphan(long unused)
{
	pthread_t thread;
	long done = 0;

	(void)unused;
	if (pthread_create(&thread, NULL, sleep_forever, NULL) != 0)
		return -1;
	if (write(here.to, &done, sizeof(done)) != sizeof(done))
		return -1;
	pthread_exit(NULL);
}

static void test_leader_exited(void **state)
{
	struct fixture f;
	uint64_t value;
	char path[64], text[256];
	double begin = seconds();

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	target_call(&f.target, child_put, 0);
	target_call(&f.target, child_orphan, 0);
	snprintf(path, sizeof(path), "/proc/%d/stat", f.target.pid);
	do { /* until it is a zombie */
		FILE *file = fopen(path, "re");

		assert_non_null(fgets(text, sizeof(text), file));
		fclose(file);
	} while (!strstr(text, ") Z ") && seconds() - begin < PATIENCE);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 'x');
	fixture_end(&f);
}

static void test_closes(void **state)
{
	struct fixture f;
	double begin;
	uint64_t value;
	int fds;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	fds = open_fds();
	assert_false(memory_trim(f.memory));
	begin = seconds();
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), 0);
	assert_int_equal(open_fds(), fds + 2);
	trim_until_closed(f.memory);
	assert_true(seconds() - begin > 0.4);
	assert_int_equal(open_fds(), fds);
	/* Asking keeps nothing open at all. */
	assert_int_equal(memory_size(f.memory, &value), 0);
	assert_int_equal(memory_resident(f.memory, &value), 0);
	assert_true(memory_atomic(f.memory));
	assert_int_equal(open_fds(), fds);
	/* Held: only what writes is closed. */
	memory_hold(f.memory);
	assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), 0);
	begin = seconds();
	while (open_fds() > fds + 1) {
		assert_true(seconds() - begin < PATIENCE);
		assert_true(memory_trim(f.memory));
		poll(NULL, 0, 20);
	}
	assert_true(memory_trim(f.memory));
	assert_int_equal(open_fds(), fds + 1);
	memory_release(f.memory);
	fixture_end(&f);
}

/* However many regions are looked at, few stay open. */
static void test_many(void **state)
{
	enum { MANY = 400 };
	struct memory *memories[MANY];
	struct fixture f;
	uint64_t value;
	int fds;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	fds = open_fds();
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(memory_new(f.region, NULL, &memories[i]), 0);
		assert_int_equal(memory_load(memories[i], 0, 8, &value), 0);
		memory_hold(memories[i]);
		assert_int_equal(memory_load(memories[i], 0, 8, &value), 0);
		memory_release(memories[i]);
	}
	assert_in_range(open_fds() - fds, 1, 200);
	for (int i = 0; i < MANY; i++)
		memory_free(memories[i]);
	assert_int_equal(open_fds(), fds);
	fixture_end(&f);
}

static long shmem_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *file = fopen("/proc/meminfo", "re");

	while (kib < 0 && fgets(line, sizeof(line), file))
		sscanf(line, "Shmem: %ld", &kib);
	fclose(file);
	return kib;
}

/* A dead program's memory is free in time. */
static void test_freed(void **state)
{
	enum { MIB = 256 };
	struct fixture f;
	long before, mapped;
	uint64_t value;
	double begin;

	(void)state;
	need_root();
	before = shmem_kib();
	fixture_begin(&f, REGION_ANON, child_anon, MIB << 20);
	target_call(&f.target, child_touch_all, 1);
	mapped = shmem_kib();
	assert_true(mapped - before > MIB * 1024 * 9 / 10);
	for (uint64_t at = 0; at < MIB << 20; at += PAGE)
		assert_int_equal(memory_load(f.memory, at, 8, &value), 0);
	target_end(&f.target);
	begin = seconds();
	while (shmem_kib() > mapped - MIB * 1024 * 9 / 10) {
		assert_true(seconds() - begin < PATIENCE);
		memory_trim(f.memory);
		poll(NULL, 0, 20);
	}
	fixture_end(&f);
}

static void test_seals(void **state)
{
	struct fixture f;
	uint64_t value;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	assert_int_equal(memory_writable(f.memory), 0);
	assert_int_equal(memory_store(f.memory, 0, 8, 7, ~0ull), 0);
	assert_int_equal(memory_write(f.memory, "x", 1, 100), 1);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	/* At once: nothing that could be written is left mapped. */
	assert_int_equal(target_call(&f.target, child_unmap, 0), 0);
	assert_int_equal(target_call(&f.target, child_seal, F_SEAL_WRITE), 0);
	assert_true(target_call(&f.target, child_map_again, PROT_READ) > 0);
	assert_int_equal(memory_store(f.memory, 0, 8, 8, ~0ull), -EPERM);
	assert_int_equal(memory_write(f.memory, "x", 1, 100), -EPERM);
	assert_int_equal(memory_writable(f.memory), -EPERM);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 7);
	fixture_end(&f);
}

static void test_readonly(void **state)
{
	struct fixture f;
	uint64_t value;
	int fd;

	(void)state;
	snprintf(child_path, sizeof(child_path), "/dev/shm/peekfs-test-%d", getpid());
	fd = open(child_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(write(fd, "readonly", 8), 8);
	fixture_begin(&f, REGION_SHM, child_readonly_file, PAGE);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_memory_equal(&value, "readonly", 8);
	assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), -EACCES);
	assert_int_equal(memory_write(f.memory, "x", 1, 0), -EACCES);
	assert_int_equal(memory_writable(f.memory), -EACCES);
	assert_int_equal(pread(fd, &value, 8, 0), 8);
	assert_memory_equal(&value, "readonly", 8);
	/* A layout may be put on it all the same. */
	assert_int_equal(memory_set_layout(f.memory, "int a;", 6),
			 shm_keeps_attributes() ? 0 : -EOPNOTSUPP);
	unlink(child_path);
	close(fd);
	fixture_end(&f);
}

static void test_unapproachable(void **state)
{
	struct fixture f;
	struct buf text = BUF_INIT;
	uint64_t value;
	const char *why;
	bool quiet;
	char byte;
	int fd;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	f.region->approachable = false;
	assert_int_equal(memory_read(f.memory, &byte, 1, 0), -ENXIO);
	assert_int_equal(memory_write(f.memory, "x", 1, 0), -ENXIO);
	assert_int_equal(memory_load(f.memory, 0, 1, &value), -ENXIO);
	assert_int_equal(memory_store(f.memory, 0, 1, 1, ~0ull), -ENXIO);
	assert_int_equal(memory_seek(f.memory, 0, SEEK_DATA, &value), -ENXIO);
	assert_int_equal(memory_backing(f.memory, &fd, &quiet), -ENXIO);
	assert_int_equal(memory_writable(f.memory), -ENXIO);
	assert_int_equal(memory_get_layout(f.memory, &text), -ENXIO);
	assert_int_equal(memory_access(f.memory, &why), MEMORY_NONE);
	assert_true(*why);
	assert_int_equal(memory_size(f.memory, &value), 0); /* what the scan knows */
	assert_int_equal(value, PAGE);
	fixture_end(&f);
}

static void test_follow(void **state)
{
	struct fixture f;
	uint64_t value;
	int fds;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	fds = open_fds();
	memory_hold(f.memory);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	memory_follow(f.memory, NULL);
	assert_int_equal(open_fds(), fds);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), -EIO);
	assert_int_equal(memory_size(f.memory, &value), -EIO);
	assert_int_equal(memory_store(f.memory, 0, 8, 1, ~0ull), -EIO);
	memory_follow(f.memory, f.region);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	memory_release(f.memory);
	fixture_end(&f);
}

/* A mapping of our own file is one of the region, but opening it would ask the daemon itself: it is
 * reached through the process, and keeps the region alive. */
static void test_ours(void **state)
{
	struct fixture f;
	uint64_t value;
	const char *why;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	target_call(&f.target, child_put, 0);
	((struct mapper *)f.region->mappers)[0].ours = true;
	f.region->id.inode++; /* the region's isn't the number that maps shows */
	assert_int_equal(memory_access(f.memory, &why), MEMORY_PROCESS);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), 0);
	assert_int_equal(value, 'x');
	assert_int_equal(memory_store(f.memory, 0, 8, 'y', ~0ull), 0);
	assert_int_equal(target_call(&f.target, child_get, 0), 'y');
	assert_int_equal(memory_size(f.memory, &value), 0);
	target_call(&f.target, child_unmap, 0);
	assert_int_equal(memory_load(f.memory, 0, 8, &value), -EIO);
	fixture_end(&f);
}

/* Two threads and the process itself: no value is ever mixed. */

#define ONES 0xffffffffffffffffull

struct hammer {
	struct memory *memory;
	atomic_bool stop;
	atomic_uint_fast64_t loads;
	atomic_uint_fast64_t errors;
};

static void *hammer_load(void *context)
{
	struct hammer *hammer = context;
	uint64_t value = 0;

	while (!atomic_load(&hammer->stop)) {
		if (memory_load(hammer->memory, 64, 8, &value) != 0 ||
		    (value != 0 && value != ONES))
			atomic_fetch_add(&hammer->errors, 1);
		atomic_fetch_add(&hammer->loads, 1);
	}
	return NULL;
}

static void *hammer_mask(void *context)
{
	struct hammer *hammer = context;
	uint64_t value = 0;

	for (uint64_t i = 0; !atomic_load(&hammer->stop); i++)
		if (memory_store(hammer->memory, 128, 8, i << 32, 0xffffffffull << 32) != 0 ||
		    memory_load(hammer->memory, 128, 8, &value) != 0 ||
		    value >> 32 != (i & 0xffffffff))
			atomic_fetch_add(&hammer->errors, 1);
	return NULL;
}

/* Both halves of one word have one writer each; and a word flips between two values. */
static long child_hammer(long rounds)
{
	volatile uint64_t *flip = (uint64_t *)(here.map + 64);
	uint32_t *half = (uint32_t *)(here.map + 128);
	long lost = 0;

	for (long i = 0; i < rounds; i++) {
		*flip = i & 1 ? ONES : 0;
		__atomic_store_n(half, (uint32_t)i, __ATOMIC_RELAXED);
		lost += __atomic_load_n(half, __ATOMIC_RELAXED) != (uint32_t)i;
	}
	return lost;
}

static void test_hammer(void **state)
{
	struct hammer hammer = {0};
	pthread_t threads[3];
	struct fixture f;

	(void)state;
	fixture_begin(&f, REGION_MEMFD, child_memfd, PAGE);
	target_call(&f.target, child_put, 0);
	hammer.memory = f.memory;
	assert_int_equal(pthread_create(&threads[0], NULL, hammer_load, &hammer), 0);
	assert_int_equal(pthread_create(&threads[1], NULL, hammer_load, &hammer), 0);
	assert_int_equal(pthread_create(&threads[2], NULL, hammer_mask, &hammer), 0);
	assert_int_equal(target_call(&f.target, child_hammer, 50000000), 0);
	atomic_store(&hammer.stop, true);
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	assert_true(hammer.loads > 1000);
	assert_int_equal(hammer.errors, 0);
	fixture_end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sparse),	      cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_breathing),     cmocka_unit_test(test_death),
		cmocka_unit_test(test_unmapped),      cmocka_unit_test(test_moved),
		cmocka_unit_test(test_leader_exited), cmocka_unit_test(test_closes),
		cmocka_unit_test(test_freed),	      cmocka_unit_test(test_seals),
		cmocka_unit_test(test_readonly),      cmocka_unit_test(test_unapproachable),
		cmocka_unit_test(test_follow),	      cmocka_unit_test(test_ours),
		cmocka_unit_test(test_many),	      cmocka_unit_test(test_hammer),
	};

	return cmocka_run_group_tests_name("promises", tests, NULL, child_forget_file);
}
