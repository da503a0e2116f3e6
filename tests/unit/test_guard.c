/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "region/guard.h"

#define PAGE 4096

/* Two pages of a file that has but one. */
static char *half_a_map(void)
{
	int fd = memfd_create("guard", MFD_CLOEXEC);
	char *map;

	assert_int_equal(ftruncate(fd, PAGE), 0);
	map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(map, MAP_FAILED);
	close(fd);
	return map;
}

static void check_faults(void)
{
	char *map = half_a_map();
	char bytes[PAGE] = "";
	uint64_t value = 42;

	for (int i = 0; i < 3; i++) { /* it keeps working */
		assert_int_equal(guard_load(map + PAGE, 8, &value), -EFAULT);
		assert_int_equal(value, 42);
		assert_int_equal(guard_store(map + PAGE, 4, 1, ~0ull), -EFAULT);
		assert_int_equal(guard_store(map + PAGE, 4, 1, 1), -EFAULT);
		assert_int_equal(guard_copy(map + PAGE - 1, bytes, 2), -EFAULT);
		assert_int_equal(guard_copy(bytes, map, PAGE), 0);
	}
	munmap(map, 2 * PAGE);
}

static void test_faults(void **state)
{
	(void)state;
	guard_install();
	check_faults();
}

static void *in_a_thread(void *unused)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	check_faults();
	return unused;
}

/* Also in threads that block all signals, and in several at once. */
static void test_threads(void **state)
{
	pthread_t threads[4];

	(void)state;
	guard_install();
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, in_a_thread, NULL), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
}

static void test_words(void **state)
{
	union {
		uint64_t word;
		uint8_t bytes[8];
	} at;
	uint64_t value;

	(void)state;
	for (unsigned size = 1; size <= 8; size *= 2) {
		at.word = 0x8877665544332211;
		assert_int_equal(guard_load(&at, size, &value), 0);
		assert_int_equal(value, at.word & (~0ull >> (64 - 8 * size)));
		assert_int_equal(guard_store(&at, size, 0, 0xf0), 0);
		assert_int_equal(at.word, 0x8877665544332201);
		assert_int_equal(guard_store(&at, size, ~0ull, ~0ull), 0);
		assert_int_equal(guard_load(&at, size, &value), 0);
		assert_int_equal(value, ~0ull >> (64 - 8 * size));
		for (unsigned i = size; i < 8; i++) /* the bytes behind stay */
			assert_int_equal(at.bytes[i], (i + 1) * 0x11);
	}
}

/* Copies of all starts and lengths hold the bytes that are there, and no byte around them moves. */
static void test_copies_words(void **state)
{
	char *map = half_a_map();
	char copy[48], *end = map + PAGE - 40;

	(void)state;
	guard_install();
	for (int i = 0; i < 40; i++)
		end[i] = (char)(i + 1);
	for (size_t from = 0; from <= 40; from++) {
		for (size_t n = 0; n <= 40 - from; n++) {
			memset(copy, '#', sizeof(copy));
			assert_int_equal(guard_copy_words(copy + 3, end + from, n), 0);
			assert_memory_equal(copy, "###", 3);
			assert_memory_equal(copy + 3, end + from, n);
			assert_memory_equal(copy + 3 + n, "####", 4);
		}
	}
	assert_int_equal(guard_copy_words(copy, end + 39, 2), -EFAULT);
	assert_int_equal(guard_copy_words(copy, map + PAGE, 1), -EFAULT);
	munmap(map, 2 * PAGE);
}

static atomic_bool flipping;

static void *flip(void *map)
{
	uint64_t *words = map;

	while (flipping) {
		for (int i = 0; i < 512; i++)
			__atomic_store_n(&words[i], ~words[i], __ATOMIC_RELAXED);
	}
	return NULL;
}

/* A word that flips between all zeros and all ones is never seen as anything else, wherever a copy
 * begins and goes to. */
static void test_no_word_is_torn(void **state)
{
	static char copy[PAGE + 16];
	char *map = half_a_map();
	pthread_t thread;
	uint64_t word;

	(void)state;
	flipping = true;
	assert_int_equal(pthread_create(&thread, NULL, flip, map), 0);
	for (size_t i = 0; i < 20000; i++) {
		size_t from = i % 13, to = i % 11;

		assert_int_equal(guard_copy_words(copy + to, map + from, PAGE - from), 0);
		for (size_t at = (from + 7) / 8 * 8; at < PAGE; at += 8) {
			memcpy(&word, copy + to + at - from, sizeof(word));
			assert_true(word == 0 || word == ~0ull);
		}
	}
	flipping = false;
	pthread_join(thread, NULL);
	munmap(map, 2 * PAGE);
}

static void leave(int signal)
{
	_exit(signal == SIGBUS ? 7 : 8);
}

/* A child that faults outside of any guard: how it ends. */
static int fault_unguarded(void (*handler)(int))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		volatile char *map = half_a_map();
		uint64_t value;

		signal(SIGBUS, handler);
		guard_install();
		if (guard_load((char *)map + PAGE, 8, &value) != -EFAULT)
			_exit(1);
		(void)map[PAGE];
		_exit(2);
	}
	waitpid(pid, &status, 0);
	return status;
}

static void test_passes_on(void **state)
{
	int status = fault_unguarded(leave);

	(void)state;
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 7);
	status = fault_unguarded(SIG_DFL);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_faults),		cmocka_unit_test(test_threads),
		cmocka_unit_test(test_words),		cmocka_unit_test(test_copies_words),
		cmocka_unit_test(test_no_word_is_torn), cmocka_unit_test(test_passes_on),
	};

	return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
