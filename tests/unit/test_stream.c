/* SPDX-License-Identifier: MIT */
/* Files that are read in order, through handles: wherever a read begins, it gets the bytes that are
 * there, however many read at once. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/ahead.h"
#include "node/handle.h"
#include "scene.h"

#define ROWS 250000 /* of 16 bytes; some 50 pieces of text */

struct row {
	uint64_t count;
	uint64_t twice;
};

struct world {
	struct scene scene;
	struct row *rows;
	char *wanted; /* all of the CSV */
	size_t length;
};

static const struct caller root = {0, 0, 1};

static const char layout[] = "struct row { uint64_t count, twice; }; struct row rows[] @ 0;";

static void begin(struct world *world)
{
	struct buf wanted = BUF_INIT;

	scene_begin(&world->scene, "stream", ROWS * sizeof(struct row), PROT_READ | PROT_WRITE);
	scene_lay(&world->scene, layout);
	world->rows = mmap(NULL, world->scene.size, PROT_READ | PROT_WRITE, MAP_SHARED,
			   world->scene.fd, 0);
	assert_ptr_not_equal(world->rows, MAP_FAILED);
	buf_puts(&wanted, "_index,count,twice\n");
	for (uint64_t i = 0; i < ROWS; i++) {
		world->rows[i] = (struct row){i * 7919, 2 * i};
		buf_printf(&wanted, "%07lu,%lu,%lu\n", (unsigned long)i, (unsigned long)i * 7919,
			   2 * (unsigned long)i);
	}
	world->wanted = wanted.data;
	world->length = wanted.len;
}

static void end(struct world *world)
{
	ahead_settle();
	munmap(world->rows, world->scene.size);
	free(world->wanted);
	scene_end(&world->scene);
}

static struct handle *open_csv(struct world *world)
{
	struct node node = world->scene.root;
	struct handle *handle;

	assert_int_equal(view_tables.lookup(&world->scene.root, "rows.csv", &node), 0);
	assert_int_equal(handle_open(&node, O_RDONLY, &root, &handle), 0);
	node_put(&node);
	return handle;
}

static void reads(struct world *world, struct handle *handle, size_t n, uint64_t offset)
{
	char *bytes = malloc(n + 1);
	size_t left = offset < world->length ? world->length - offset : 0;
	ssize_t got = handle_read(handle, bytes, n, offset);

	assert_int_equal(got, n < left ? n : left);
	if (got)
		assert_memory_equal(bytes, world->wanted + offset, got);
	free(bytes);
}

static void in_order(struct world *world, struct handle *handle, size_t n)
{
	for (uint64_t at = 0; at < world->length + 2 * n; at += n)
		reads(world, handle, n, at);
}

static void it_is_read_in_order(void **state)
{
	static const size_t sizes[] = {131072, 4096, 1000003, 1 << 24};
	struct world world;
	struct handle *handle;

	(void)state;
	begin(&world);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		handle = open_csv(&world);
		in_order(&world, handle, sizes[i]);
		in_order(&world, handle, sizes[i]);
		handle_close(handle);
	}
	end(&world);
}

static void it_is_read_anywhere(void **state)
{
	struct world world;
	struct handle *handle;

	(void)state;
	begin(&world);
	handle = open_csv(&world);
	reads(&world, handle, 100, world.length - 50);
	reads(&world, handle, 100, 1000000);
	reads(&world, handle, 100, 1000100);
	reads(&world, handle, 100, 1000050);
	reads(&world, handle, 100, 5);
	reads(&world, handle, 200000, 131072);
	reads(&world, handle, 1, world.length - 1);
	reads(&world, handle, 1, world.length);
	reads(&world, handle, 1, UINT64_MAX - 5);
	for (int i = 0; i < 50; i++) {
		size_t n = (size_t)(i * 7919 % 300000);

		reads(&world, handle, n, (uint64_t)i * 104729 % world.length);
	}
	/* From the start on, values are new ones. */
	world.rows[0].count = 5;
	memcpy(world.wanted + 27, "5", 1);
	reads(&world, handle, 28, 0);
	handle_close(handle);
	end(&world);
}

static void *read_some(void *context)
{
	struct world *world = context;

	for (int i = 0; i < 6; i++) {
		struct handle *handle = open_csv(world);

		for (uint64_t at = 0; at < world->length / (size_t)(1 + i % 3); at += 100000)
			reads(world, handle, 100000, at);
		handle_close(handle);
	}
	return NULL;
}

/* Each with handles of its own, many closed while the next piece is made. */
static void many_read_at_once(void **state)
{
	struct world world;
	pthread_t threads[4];

	(void)state;
	begin(&world);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_some, &world), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	end(&world);
}

struct shared {
	struct world *world;
	struct handle *handle;
	size_t from;
};

static void *read_shared(void *context)
{
	struct shared *shared = context;

	for (uint64_t at = shared->from; at < 3000000; at += 200000)
		reads(shared->world, shared->handle, 100000, at);
	return NULL;
}

static void threads_share_a_handle(void **state)
{
	struct world world;
	struct shared shared[2];
	pthread_t threads[2];

	(void)state;
	begin(&world);
	shared[0] = (struct shared){&world, open_csv(&world), 0};
	shared[1] = (struct shared){&world, shared[0].handle, 100000};
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_shared, &shared[i]), 0);
	for (size_t i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	handle_close(shared[0].handle);
	end(&world);
}

/* A region that is cut while it is read: what is there, then an error, and not zeros; and what is
 * there again is read on. */
static void a_region_shrinks(void **state)
{
	struct world world;
	struct handle *handle;
	static char bytes[1 << 24];
	ssize_t got;

	(void)state;
	begin(&world);
	handle = open_csv(&world);
	reads(&world, handle, 100000, 0);
	assert_int_equal(ftruncate(world.scene.fd, (off_t)(world.scene.size / 2)), 0);
	got = handle_read(handle, bytes, sizeof(bytes), 100000);
	assert_true(got > 0 && (size_t)got < world.length - 100000);
	assert_memory_equal(bytes, world.wanted + 100000, got);
	assert_int_equal(handle_read(handle, bytes, 1, 100000 + (uint64_t)got), -EIO);
	assert_int_equal(handle_read(handle, bytes, 1, 100000 + (uint64_t)got), -EIO);
	assert_int_equal(ftruncate(world.scene.fd, (off_t)world.scene.size), 0);
	assert_true(handle_read(handle, bytes, 1, 100000 + (uint64_t)got) == 1);
	handle_close(handle);
	end(&world);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_read_in_order), cmocka_unit_test(it_is_read_anywhere),
		cmocka_unit_test(many_read_at_once),   cmocka_unit_test(threads_share_a_handle),
		cmocka_unit_test(a_region_shrinks),
	};

	return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
