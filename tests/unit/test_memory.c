/* SPDX-License-Identifier: MIT */
/* Live memory, of real processes, of every kind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <sched.h>
#include <sys/shm.h>
#include <time.h>

#include "region/memory.h"
#include "target.h"

#define PAGE 4096

/* What the children do. */

static long child_memfd(long size)
{
	here.fd = memfd_create("test", MFD_ALLOW_SEALING | MFD_CLOEXEC);
	here.size = (size_t)size;
	if (here.fd < 0 || ftruncate(here.fd, size) < 0)
		return 0;
	here.map = mmap(NULL, here.size, PROT_READ | PROT_WRITE, MAP_SHARED, here.fd, 0);
	return here.map == MAP_FAILED ? 0 : (long)here.map;
}

static long child_put(long offset)
{
	here.map[offset] = 'x';
	return 0;
}

static long child_get(long offset)
{
	return here.map[offset];
}

/* One target with one mapping and the memory of it. */
struct fixture {
	struct target target;
	struct region *region;
	struct memory *memory;
};

static void begin(struct fixture *fixture, enum region_kind kind, long (*make)(long), long argument)
{
	long address;

	*fixture = (struct fixture){0};
	target_start(&fixture->target);
	address = target_call(&fixture->target, make, argument);
	assert_true(address > 0);
	fixture->region = target_region_one(kind, &fixture->target, (uint64_t)address);
	assert_int_equal(memory_new(fixture->region, NULL, &fixture->memory), 0);
}

static void end(struct fixture *fixture)
{
	memory_free(fixture->memory);
	region_unref(fixture->region);
	target_end(&fixture->target);
}

static void test_memfd(void **state)
{
	struct fixture f;
	char bytes[16];
	uint64_t value;

	(void)state;
	begin(&f, REGION_MEMFD, child_memfd, 64 * PAGE);
	target_call(&f.target, child_put, 5);
	assert_int_equal(memory_read(f.memory, bytes, 8, 0), 8);
	assert_memory_equal(bytes, "\0\0\0\0\0x\0\0", 8);
	assert_int_equal(memory_read(f.memory, bytes, 8, 64 * PAGE - 3), 3);
	assert_int_equal(memory_read(f.memory, bytes, 8, 64 * PAGE), 0);
	assert_int_equal(memory_write(f.memory, "abc", 3, 70), 3);
	assert_int_equal(target_call(&f.target, child_get, 71), 'b');
	assert_int_equal(memory_write(f.memory, "abc", 3, 64 * PAGE - 2), -ENOSPC);
	assert_int_equal(memory_load(f.memory, 4, 4, &value), 0);
	assert_int_equal(value, 'x' << 8);
	assert_int_equal(memory_load(f.memory, 3 * PAGE, 8, &value), 0);
	assert_int_equal(value, 0);
	assert_int_equal(memory_store(f.memory, 72, 2, 0x4142, 0xffff), 0);
	assert_int_equal(target_call(&f.target, child_get, 72), 'B');
	assert_int_equal(memory_store(f.memory, 72, 2, 0, 0xf), 0);
	assert_int_equal(target_call(&f.target, child_get, 72), '@');
	assert_int_equal(memory_load(f.memory, 2, 4, &value), -EINVAL);
	end(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memfd),
	};

	return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
