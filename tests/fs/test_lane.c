/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fs/lane.h"
#include "gate.h"

static unsigned started, ended, together, most_together;
static unsigned order[1024];

struct job {
	struct lane_job job; /* the first member */
	bool waits;	     /* for open_gate */
	unsigned number;
};

static void run(struct lane_job *lane_job)
{
	struct job *job = (struct job *)lane_job;

	pthread_mutex_lock(&lock);
	order[started % 1024] = job->number;
	started++;
	if (++together > most_together)
		most_together = together;
	pthread_cond_broadcast(&moved);
	while (job->waits && !open_gate)
		pthread_cond_wait(&moved, &lock);
	together--;
	ended++;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
	free(job);
}

static int put(struct lanes *lanes, uint64_t lane, bool waits)
{
	static unsigned number;
	struct job *job = calloc(1, sizeof(*job));
	int err;

	assert_non_null(job);
	job->job.run = run;
	job->waits = waits;
	job->number = __atomic_fetch_add(&number, 1, __ATOMIC_RELAXED);
	err = lanes_put(lanes, lane, &job->job);
	if (err)
		free(job);
	return err;
}

/* A lane counts a job until a moment after its end. */
static bool busy_falls_to(struct lanes *lanes, unsigned n)
{
	for (int i = 0; i < DEADLINE * 1000; i++) {
		if (lanes_busy(lanes) == n)
			return true;
		poll(NULL, 0, 1);
	}
	return false;
}

static int reset(void **state)
{
	(void)state;
	set_gate(false);
	started = ended = together = most_together = 0;
	return 0;
}

/* Two of them come before the thread that the first has called is awake; the first never ends. */
static void stuck_job_holds_no_other(void **state)
{
	struct lanes *lanes;

	(void)state;
	for (unsigned round = 0; round < 200; round++) {
		reset(NULL);
		assert_int_equal(lanes_new(8, 2, &lanes), 0);
		assert_int_equal(put(lanes, 99, false), 0);
		assert_true(wait_for(&ended, 1)); /* now one thread is idle, or nearly */
		assert_int_equal(put(lanes, 1, true), 0);
		assert_int_equal(put(lanes, 2, false), 0);
		assert_int_equal(put(lanes, 3, false), 0);
		assert_true(wait_for(&ended, 3));
		set_gate(true);
		assert_true(lanes_stop(lanes, DEADLINE * 1000));
	}
}

static void full_lane_lets_others_pass(void **state)
{
	struct lanes *lanes;

	(void)state;
	assert_int_equal(lanes_new(8, 2, &lanes), 0);
	for (int i = 0; i < 100; i++)
		assert_int_equal(put(lanes, 1, true), 0);
	assert_true(wait_for(&started, 2));
	for (int i = 0; i < 100; i++)
		assert_int_equal(put(lanes, 2, false), 0);
	assert_true(wait_for(&ended, 100));
	assert_int_equal(started, 102);
	assert_true(busy_falls_to(lanes, 100));
	set_gate(true);
	assert_true(wait_for(&ended, 200));
	assert_true(lanes_stop(lanes, DEADLINE * 1000));
}

static void threads_are_bounded(void **state)
{
	struct lanes *lanes;

	(void)state;
	assert_int_equal(lanes_new(3, 2, &lanes), 0);
	for (uint64_t lane = 0; lane < 50; lane++)
		assert_int_equal(put(lanes, lane, true), 0);
	assert_true(wait_for(&started, 3));
	set_gate(true);
	assert_true(wait_for(&ended, 50));
	assert_int_equal(most_together, 3);
	assert_true(lanes_stop(lanes, DEADLINE * 1000));
}

static void a_lane_keeps_its_order(void **state)
{
	struct lanes *lanes;

	(void)state;
	assert_int_equal(lanes_new(4, 1, &lanes), 0);
	for (int i = 0; i < 500; i++)
		assert_int_equal(put(lanes, 7, false), 0);
	assert_true(wait_for(&ended, 500));
	for (int i = 1; i < 500; i++)
		assert_int_equal(order[i], order[i - 1] + 1);
	assert_int_equal(most_together, 1);
	assert_true(lanes_stop(lanes, DEADLINE * 1000));
}

static void stop_waits_and_refuses(void **state)
{
	struct lanes *lanes;

	(void)state;
	assert_int_equal(lanes_new(4, 1, &lanes), 0);
	assert_int_equal(put(lanes, 1, true), 0);
	assert_true(wait_for(&started, 1));
	assert_false(lanes_stop(lanes, 20));
	assert_int_equal(put(lanes, 2, false), -ESHUTDOWN);
	set_gate(true);
	assert_true(lanes_stop(lanes, DEADLINE * 1000));
	assert_int_equal(ended, 1);
	assert_true(lanes_stop(NULL, 0));
}

struct putter {
	struct lanes *lanes;
	unsigned jobs;
};

static void *put_many(void *arg)
{
	struct putter *putter = arg;

	for (unsigned i = 0; i < putter->jobs; i++)
		if (put(putter->lanes, i % 7, false))
			break;
	return NULL;
}

static void many_at_once(void **state)
{
	struct putter putter = {.jobs = 20000};
	pthread_t threads[4];

	(void)state;
	assert_int_equal(lanes_new(8, 2, &putter.lanes), 0);
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, put_many, &putter), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_true(wait_for(&ended, 4 * putter.jobs));
	assert_int_equal(ended, 4 * putter.jobs);
	assert_true(most_together <= 8);
	assert_true(lanes_stop(putter.lanes, DEADLINE * 1000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(stuck_job_holds_no_other, reset),
		cmocka_unit_test_setup(full_lane_lets_others_pass, reset),
		cmocka_unit_test_setup(threads_are_bounded, reset),
		cmocka_unit_test_setup(a_lane_keeps_its_order, reset),
		cmocka_unit_test_setup(stop_waits_and_refuses, reset),
		cmocka_unit_test_setup(many_at_once, reset),
	};

	return cmocka_run_group_tests_name("lane", tests, NULL, NULL);
}
