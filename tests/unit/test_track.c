/* SPDX-License-Identifier: MIT */
#include "created_case.h"

#include <signal.h>
#include <sys/mman.h>
#include <time.h>

#include "base/cleanup.h"
#include "region/track.h"

static const enum region_kind kinds[] = {REGION_FILE, REGION_SHM, REGION_MEMFD, REGION_ANON,
					 REGION_SYSV};

/* ns: the kernel's ticks are of 10 ms, and clocks are read one after the other */
#define SLACK 20000000ull

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static struct registry *new_registry(void)
{
	struct registry_options options = {.self = 0};
	struct registry *registry;

	assert_int_equal(registry_new(&options, &registry), 0);
	return registry;
}

static void registry_freep(struct registry **registry)
{
	registry_free(*registry);
}

/* A region whose name is gone. */
static struct created *make_nameless(enum region_kind kind)
{
	struct create_options o = of_kind(kind);
	struct created *created;

	o.size = 100000;
	created = make(&o);
	assert_int_equal(created_remove(created, NULL), 0);
	return created;
}

/* A child that has the region mapped, and, so asked, its first page read-only. */
static pid_t other(const struct created *created, bool splits)
{
	int ends[2];
	pid_t pid;
	char byte = 0;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	if (pid == 0) {
		if (splits)
			mprotect(created_address(created), 4096, PROT_READ);
		if (write(ends[1], &byte, 1) == 1)
			pause();
		_exit(1);
	}
	assert_int_equal(read(ends[0], &byte, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static struct track look(struct created *created, struct registry *registry)
{
	struct track track = {0};

	assert_int_equal(created_track(created, registry, 0, &track), 0);
	return track;
}

static void test_users(void **state)
{
	CLEANUP(registry_freep) struct registry *registry = new_registry();

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		CLEANUP(created_freep) struct created *created = make_nameless(kinds[k]);
		CLEANUP(track_destroy) struct track alone = look(created, registry);
		pid_t first, second;

		assert_int_equal(alone.n_users, 0);
		first = other(created, false);
		second = other(created, true);
		CLEANUP(track_destroy) struct track both = look(created, registry);
		assert_int_equal(both.n_users, 2);
		const struct track_user *a = &both.users[first < second ? 0 : 1];
		const struct track_user *b = &both.users[first < second ? 1 : 0];
		assert_int_equal(a->process.pid, first);
		assert_int_equal(a->process.uid, getuid());
		assert_int_equal(a->mappings, 1);
		assert_int_equal(a->prot, PROT_READ | PROT_WRITE);
		assert_int_equal(b->process.pid, second);
		assert_int_equal(b->mappings, 2);
		assert_int_equal(b->prot, PROT_READ | PROT_WRITE);
		assert_string_equal(a->process.comm, b->process.comm);

		end(first);
		CLEANUP(track_destroy) struct track one = look(created, registry);
		assert_int_equal(one.n_users, 1);
		assert_int_equal(one.users[0].process.pid, second);
		end(second);
		CLEANUP(track_destroy) struct track none = look(created, registry);
		assert_int_equal(none.n_users, 0);
	}
}

/* The interval that is told holds the moment, and looking in between keeps it. */
static void test_since(void **state)
{
	CLEANUP(registry_freep) struct registry *registry = new_registry();
	CLEANUP(created_freep) struct created *created = make_nameless(REGION_MEMFD);
	uint64_t before = now(), earlier, later;
	pid_t first, second;

	(void)state;
	first = other(created, false);
	earlier = now();
	CLEANUP(track_destroy) struct track one = look(created, registry);
	assert_true(one.looked_at + SLACK >= earlier && one.looked_at <= now());
	assert_true(one.users[0].since + SLACK >= earlier);
	/* nobody mapped it before we made it */
	assert_true(one.users[0].after + SLACK >= before);
	assert_true(one.users[0].after <= earlier + SLACK);

	second = other(created, false);
	later = now();
	CLEANUP(track_destroy) struct track two = look(created, registry);
	for (size_t i = 0; i < 2; i++) {
		const struct track_user *user = &two.users[i];

		if (user->process.pid == first) {
			assert_int_equal(user->since, one.users[0].since);
			assert_int_equal(user->after, one.users[0].after);
		} else {
			assert_true(user->after >= one.looked_at);
			assert_true(user->after <= later + SLACK);
			assert_true(user->since + SLACK >= later);
		}
	}
	end(first);
	end(second);
}

static void test_resident(void **state)
{
	CLEANUP(registry_freep) struct registry *registry = new_registry();

	(void)state;
	for (size_t k = 1; k < ARRAY_SIZE(kinds); k++) {
		CLEANUP(created_freep) struct created *created = make_nameless(kinds[k]);
		CLEANUP(track_destroy) struct track empty = look(created, registry);

		assert_int_equal(empty.size, kinds[k] == REGION_ANON ? 102400 : 100000);
		assert_true(empty.resident_known);
		assert_int_equal(empty.resident, 0); /* and looking adds nothing: */
		memset((char *)created_address(created) + 12288, 1, 20480);
		CLEANUP(track_destroy) struct track some = look(created, registry);
		assert_int_equal(some.resident, 20480);
		CLEANUP(track_destroy) struct track again = look(created, registry);
		assert_int_equal(again.resident, 20480);
	}
}

/* A scan that is young enough serves again. */
static void test_max_age(void **state)
{
	CLEANUP(registry_freep) struct registry *registry = new_registry();
	CLEANUP(created_freep) struct created *created = make_nameless(REGION_ANON);
	CLEANUP(track_destroy) struct track one = look(created, registry);
	CLEANUP(track_destroy) struct track two = {0};
	pid_t pid = other(created, false);

	(void)state;
	assert_int_equal(created_track(created, registry, 3600ull * 1000000000, &two), 0);
	assert_int_equal(two.n_users, 0);
	assert_true(two.looked_at - one.looked_at + SLACK < 2 * SLACK);
	end(pid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_resident),
		cmocka_unit_test(test_max_age),
	};

	return cmocka_run_group_tests_name("track", tests, folder_make, remove_all);
}
