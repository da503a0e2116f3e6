/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "fs/notify.h"
#include "gate.h"

static unsigned entered, said;
static char last[64];

static void say(void *context, uint64_t parent, const char *name)
{
	assert_ptr_equal(context, &lock);
	pthread_mutex_lock(&lock);
	entered++;
	pthread_cond_broadcast(&moved);
	while (!open_gate)
		pthread_cond_wait(&moved, &lock);
	snprintf(last, sizeof(last), "%d/%s", (int)parent, name);
	said++;
	pthread_cond_broadcast(&moved);
	pthread_mutex_unlock(&lock);
}

static int reset(void **state)
{
	(void)state;
	open_gate = false;
	entered = said = 0;
	return 0;
}

/* Begins with "first" being said, so that what comes next is queued. */
static struct notify *begin(unsigned most)
{
	struct notify *notify;

	assert_int_equal(notify_new(most, say, &lock, &notify), 0);
	notify_put(notify, 1, "first");
	assert_true(wait_for(&entered, 1));
	return notify;
}

static void doubles_are_said_once(void **state)
{
	struct notify *notify = begin(100);

	(void)state;
	for (int i = 0; i < 50; i++) {
		notify_put(notify, 2, "a");
		notify_put(notify, 3, "a");
		notify_put(notify, 2, "b");
	}
	set_gate(true);
	assert_true(wait_for(&said, 4));
	notify_put(notify, 2, "a"); /* it was said, so it is new */
	assert_true(wait_for(&said, 5));
	assert_string_equal(last, "2/a");
	notify_free(notify);
	assert_int_equal(said, 5);
}

static void the_queue_is_bounded(void **state)
{
	struct notify *notify = begin(10);
	char name[16];

	(void)state;
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "%d", i);
		notify_put(notify, 2, name);
	}
	set_gate(true);
	assert_true(wait_for(&said, 11));
	assert_string_equal(last, "2/9");
	notify_free(notify);
	assert_int_equal(said, 11);
}

static void *put_and_free(void *notify)
{
	notify_free(notify);
	return NULL;
}

static void free_drops_the_rest(void **state)
{
	struct notify *notify = begin(100);
	pthread_t thread;

	(void)state;
	for (uint64_t i = 0; i < 50; i++)
		notify_put(notify, i, "x");
	assert_int_equal(pthread_create(&thread, NULL, put_and_free, notify), 0);
	set_gate(true);
	pthread_join(thread, NULL);
	assert_true(said <= 51);
}

static void null_is_nobody(void **state)
{
	(void)state;
	notify_put(NULL, 1, "x");
	notify_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(doubles_are_said_once, reset),
		cmocka_unit_test_setup(the_queue_is_bounded, reset),
		cmocka_unit_test_setup(free_drops_the_rest, reset),
		cmocka_unit_test(null_is_nobody),
	};

	return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
