/* SPDX-License-Identifier: MIT */
/* Records of memory that somebody changes all the while. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "base/clock.h"
#include "scene.h"
#include "view/record.h"

enum {
	PAGE = 4096,
	SIZE = 64 * PAGE,
	WORDS = 16,
	RECORD = WORDS * 8,
	TABLE = 2 * PAGE - RECORD / 2 - 3 * RECORD, /* the page ends in the middle of record 3 */
	ROWS = 1000,
	MOVING = 3,
};

/*
 * A writer makes one step after another, each a store of its number in the next word of the record,
 * over and over. So whatever moment it is, however long the writer is held up, the memory holds the
 * last WORDS steps, and what doesn't isn't of one moment.
 */
struct writer {
	uint64_t *words;
	bool pauses; /* for 20 us, every 64 steps */
	atomic_bool over;
	pthread_t thread;
};

static void *write_steps(void *context)
{
	struct writer *writer = context;

	for (uint64_t step = WORDS; !atomic_load(&writer->over); step++) {
		uint64_t start = clock_ns();

		__atomic_store_n(&writer->words[step % WORDS], step, __ATOMIC_RELEASE);
		while (writer->pauses && step % 64 == 0 && clock_ns() - start < 20000)
			;
	}
	return NULL;
}

static void begin_steps(struct writer *writer, unsigned char *at, bool pauses)
{
	*writer = (struct writer){.words = (uint64_t *)(void *)at, .pauses = pauses};
	for (uint64_t i = 0; i < WORDS; i++)
		writer->words[i] = i;
	assert_int_equal(pthread_create(&writer->thread, NULL, write_steps, writer), 0);
}

static void end_steps(struct writer *writer)
{
	atomic_store(&writer->over, true);
	pthread_join(writer->thread, NULL);
}

static bool is_of_one_moment(const unsigned char *bytes)
{
	uint64_t words[WORDS], last = 0;

	memcpy(words, bytes, sizeof(words));
	for (size_t i = 0; i < WORDS; i++)
		last = words[i] > last ? words[i] : last;
	for (size_t i = 0; i < WORDS; i++)
		if (words[i] != last - (last - i) % WORDS)
			return false;
	return true;
}

/* Also of a torn record each word is one that was stored there. */
static void check_words(const unsigned char *bytes)
{
	for (size_t i = 0; i < WORDS; i++) {
		uint64_t word;

		memcpy(&word, bytes + 8 * i, sizeof(word));
		assert_int_equal(word % WORDS, i);
	}
}

static void check_moving_record(bool pauses)
{
	const uint64_t offset = TABLE + MOVING * RECORD;
	struct scene scene;
	struct memory *memory;
	struct writer writer;
	unsigned still = 0;

	scene_begin(&scene, "record", SIZE, PROT_READ | PROT_WRITE);
	memory = object_memory(scene.object);
	begin_steps(&writer, scene.map + offset, pauses);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned char bytes[RECORD];
		bool torn;

		assert_int_equal(record_read(memory, offset, RECORD, bytes, &torn), 0);
		check_words(bytes);
		still += !torn;
		if (!torn && !is_of_one_moment(bytes))
			fail_msg("read %u is of several moments and doesn't say so", i);
	}
	end_steps(&writer);
	if (pauses)
		assert_in_range(still, 10000, 20000);
	scene_end(&scene);
}

static void test_moving_record(void **state)
{
	(void)state;
	check_moving_record(true);
}

/* Never still, but when its thread is interrupted. */
static void test_record_that_never_rests(void **state)
{
	(void)state;
	check_moving_record(false);
}

static void test_moving_row(void **state)
{
	CLEANUP(records_destroy) struct records records = {0};
	struct scene scene;
	struct writer writer;

	(void)state;
	scene_begin(&scene, "record", SIZE, PROT_READ | PROT_WRITE);
	for (unsigned i = 0; i < ROWS; i++)
		memset(scene.map + TABLE + i * RECORD, 1 + i % 255, RECORD);
	assert_int_equal(records_init(&records, object_memory(scene.object), TABLE, RECORD, RECORD,
				      (size_t)ROWS * RECORD),
			 0);
	assert_int_equal(records.most, ROWS);
	begin_steps(&writer, scene.map + TABLE + MOVING * RECORD, true);
	for (unsigned n = 0; n < 300; n++) {
		assert_int_equal(records_read(&records, 0, ROWS), ROWS);
		for (unsigned i = 0; i < ROWS; i++) {
			const unsigned char *row = records_at(&records, i);

			if (i == MOVING) {
				check_words(row);
				assert_true(records.torn[i] || is_of_one_moment(row));
				continue;
			}
			assert_false(records.torn[i]);
			assert_int_equal(row[0], 1 + i % 255);
			assert_memory_equal(row, row + 1, RECORD - 1);
		}
	}
	end_steps(&writer);
	scene_end(&scene);
}

/* Parts of records too far apart to be read together, and odd sizes at odd places. */
static void test_parts(void **state)
{
	CLEANUP(records_destroy) struct records records = {0};
	struct scene scene;
	struct memory *memory;
	unsigned char bytes[2 * PAGE];
	bool torn = true;

	(void)state;
	scene_begin(&scene, "record", SIZE, PROT_READ | PROT_WRITE);
	memory = object_memory(scene.object);
	for (unsigned i = 0; i < SIZE; i++)
		scene.map[i] = (unsigned char)(i * 7 + i / 256);
	for (unsigned i = 1; i < 5000; i += 97) {
		assert_int_equal(record_read(memory, i, i, bytes, &torn), 0);
		assert_false(torn);
		assert_memory_equal(bytes, scene.map + i, i);
	}
	assert_int_equal(records_init(&records, memory, 3, 5000, 13, PAGE), 0);
	assert_int_equal(records_read(&records, 2, 5), 5);
	for (unsigned i = 0; i < 5; i++) {
		assert_false(records.torn[i]);
		assert_memory_equal(records_at(&records, i), scene.map + 3 + (2 + i) * 5000, 13);
	}
	scene_end(&scene);
}

static long blocks(const struct scene *scene)
{
	struct stat st;

	assert_int_equal(fstat(scene->fd, &st), 0);
	return st.st_blocks;
}

/* Holes are zeros and stay holes; behind the end is an error, and what is before it isn't. */
static void test_holes_and_ends(void **state)
{
	CLEANUP(records_destroy) struct records records = {0};
	struct scene scene;
	struct memory *memory;
	unsigned char bytes[4 * PAGE], zeros[4 * PAGE] = {0};
	ssize_t got;
	bool torn = true;
	long before;

	(void)state;
	scene_begin(&scene, "record", SIZE, PROT_READ | PROT_WRITE);
	memory = object_memory(scene.object);
	scene.map[PAGE] = 1;
	scene.map[4 * PAGE] = 0; /* a page of zeros is no hole, and looks like one */
	before = blocks(&scene);
	assert_int_equal(record_read(memory, PAGE + 1, sizeof(bytes), bytes, &torn), 0);
	assert_false(torn);
	assert_memory_equal(bytes, zeros, sizeof(bytes));
	assert_int_equal(records_init(&records, memory, 0, RECORD, RECORD, SIZE), 0);
	assert_int_equal(records_read(&records, 0, SIZE / RECORD), SIZE / RECORD);
	assert_int_equal(blocks(&scene), before);

	assert_int_equal(record_read(memory, SIZE - 8, 16, bytes, &torn), -EIO);
	assert_int_equal(ftruncate(scene.fd, 10 * PAGE), 0);
	assert_int_equal(record_read(memory, 10 * PAGE - 8, 16, bytes, &torn), -EIO);
	got = records_read(&records, 0, SIZE / RECORD);
	assert_in_range(got, 1, 10 * PAGE / RECORD);
	assert_int_equal(records_read(&records, 10 * PAGE / RECORD, 5), -EIO);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moving_record),
		cmocka_unit_test(test_record_that_never_rests),
		cmocka_unit_test(test_moving_row),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_holes_and_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
