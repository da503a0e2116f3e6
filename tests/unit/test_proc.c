/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"

static void test_own(void **state)
{
	int proc = proc_open(NULL), other = proc_open("/");
	struct proc_status status;
	struct proc_stat stat_;
	uint64_t namespace;
	char text[64];
	struct stat st;

	(void)state;
	assert_true(proc >= 0 && other >= 0);
	assert_true(proc_is_own(proc));
	assert_false(proc_is_own(other));
	assert_int_equal(proc_open("/nonexistent"), -ENOENT);
	assert_int_equal(proc_read_status(proc, getpid(), &status), 0);
	assert_int_equal(status.uid[0], getuid());
	assert_int_equal(status.uid[1], geteuid());
	assert_int_equal(status.gid[2], getegid());
	assert_true(status.nspid > 0);
	assert_int_equal(proc_namespace(proc, getpid(), "ns/mnt", &namespace), 0);
	assert_int_equal(stat("/proc/self/ns/mnt", &st), 0);
	assert_int_equal(namespace, st.st_ino);
	assert_int_equal(proc_read_stat(proc, getpid(), &stat_), 0);
	assert_int_equal(stat_.state, 'R');
	/* Cut where the room ends, and still terminated. */
	assert_int_equal(proc_read(proc, getpid(), "status", text, 6), 5);
	assert_string_equal(text, "Name:");
	assert_int_equal(proc_link(proc, getpid(), "ns/mnt", text, 4), -ENAMETOOLONG);
	assert_true(proc_link(proc, getpid(), "ns/mnt", text, sizeof(text)) > 4);
	assert_int_equal(proc_link(proc, getpid(), "maps", text, sizeof(text)), -EINVAL);
	assert_int_equal(proc_read(proc, 0, "status", text, sizeof(text)), -EINVAL);
	assert_int_equal(proc_read(proc, getpid(),
				   "a/path/that/is/longer/than/any/in/procfs/that/we/would/ask/for",
				   text, sizeof(text)),
			 -EINVAL);
	close(proc);
	close(other);
}

/* A name can hold all that the lines around it are made of. */
static void test_names(void **state)
{
	static const char *const names[] = {") R 1 2 (", "\nUid:\t0\t0\t0", "a b\tc", ")",
					    "",		 "fifteen letters"};
	int proc = proc_open(NULL);

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct proc_status status;
		struct proc_stat before, named;

		assert_int_equal(proc_read_stat(proc, getpid(), &before), 0);
		assert_int_equal(prctl(PR_SET_NAME, names[i]), 0);
		assert_int_equal(proc_read_stat(proc, getpid(), &named), 0);
		assert_string_equal(named.comm, names[i]);
		assert_int_equal(named.start_time, before.start_time);
		assert_int_equal(proc_read_status(proc, getpid(), &status), 0);
		assert_int_equal(status.uid[0], getuid());
	}
	close(proc);
}

static void test_gone(void **state)
{
	int proc = proc_open(NULL);
	struct proc_status status;
	struct proc_stat stat_;
	pid_t child = fork();
	int r;

	(void)state;
	if (child == 0)
		_exit(0);
	waitpid(child, NULL, 0);
	r = proc_read_stat(proc, child, &stat_);
	assert_true(r == -ENOENT || r == -ESRCH);
	r = proc_read_status(proc, child, &status);
	assert_true(r == -ENOENT || r == -ESRCH);
	close(proc);
}

/* What stands behind the groups counts as well, however many they are. */
static void test_groups(void **state)
{
	gid_t groups[3000];
	int proc = proc_open(NULL), ready[2];
	struct proc_status status = {0};
	pid_t child;
	char c;

	(void)state;
	if (geteuid() != 0) {
		print_message("only root may be in other groups\n");
		close(proc);
		skip();
	}
	for (size_t i = 0; i < 3000; i++)
		groups[i] = (gid_t)(100000 + i);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (setgroups(3000, groups) == 0 && write(ready[1], "r", 1) == 1)
			pause();
		_exit(1);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	assert_int_equal(proc_read_status(proc, child, &status), 0);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(status.nspid, child);
	assert_true(status.permitted);
	close(ready[0]);
	close(proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
