/* SPDX-License-Identifier: MIT */
/* Threads that are stopped for a moment: what is copied is theirs, and they notice nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/proc.h"
#include "base/sanitizer.h"
#include "region/halt.h"

enum { THREADS = 50, CALLS = 8, MARK = 0x5eed0000 };

/* What a child tells, in memory that it shares with the test. */
static struct shared {
	atomic_int ready;
	atomic_int go;
	atomic_int done;
	atomic_int signals;
	struct {
		pid_t tid;
		uintptr_t local;
		uint64_t value;
	} thread[THREADS];
	int result[CALLS];
	int error[CALLS];
	int64_t slept; /* ns */
} * shared;

static int proc;
static pid_t child;

static void await(atomic_int *value, int least)
{
	uint64_t end = clock_ns() + 30000000000u;

	while (atomic_load(value) < least) {
		assert_true(clock_ns() < end);
		sched_yield();
	}
}

static struct process process_of(pid_t pid)
{
	struct process process = {.pid = pid, .task = pid};
	struct proc_stat stat;

	assert_int_equal(proc_read_stat(proc, pid, &stat), 0);
	process.start_time = stat.start_time;
	return process;
}

static void await_state(pid_t pid, char state)
{
	uint64_t end = clock_ns() + 30000000000u;
	struct proc_stat stat;

	do {
		assert_int_equal(proc_read_stat(proc, pid, &stat), 0);
		assert_true(clock_ns() < end);
	} while (stat.state != state);
}

/* How many threads a process has beyond one: the thread sanitizer adds one of its own. */
static unsigned more_threads(pid_t pid)
{
	char path[64];
	unsigned n = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", pid);
	dir = opendir(path);
	assert_non_null(dir);
	for (const struct dirent *entry; (entry = readdir(dir));)
		n += entry->d_name[0] != '.';
	closedir(dir);
	return n - 1;
}

static void begin(void (*fn)(void))
{
	fflush(stdout);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		fn();
		_exit(0);
	}
}

static void end(void)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void nothing(void *context, const struct halted *halted)
{
	(void)halted;
	++*(unsigned *)context;
}

static unsigned halt(pid_t pid, struct halt_report *report)
{
	struct process process = process_of(pid);
	unsigned n = 0;

	assert_int_equal(
		halt_each(proc, &process, 0, clock_ns() + 60000000000u, nothing, &n, report), 0);
	return n;
}

static int setup(void **state)
{
	(void)state;
	proc = proc_open(NULL);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return shared == MAP_FAILED;
}

static int clear(void **state)
{
	(void)state;
	memset(shared, 0, sizeof(*shared));
	return 0;
}

/* ---- what is copied ---- */

static void *marked(void *context)
{
	size_t i = (size_t)(uintptr_t)context;
	volatile uint64_t local = MARK + i;

	shared->thread[i].tid = gettid();
	shared->thread[i].local = (uintptr_t)&local;
	shared->thread[i].value = local;
	atomic_fetch_add(&shared->ready, 1);
	if (i % 2)
		while (!atomic_load(&shared->go))
			; /* some run, some sleep */
	else
		while (!atomic_load(&shared->go))
			usleep(1000);
	return (void *)(uintptr_t)local;
}

static void many_threads(void)
{
	pthread_t threads[THREADS];

	for (size_t i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, marked, (void *)i);
	for (size_t i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

static void compare(void *context, const struct halted *halted)
{
	unsigned *found = context;

	for (size_t i = 0; i < THREADS; i++) {
		uint64_t value, at = shared->thread[i].local - halted->stack;

		if (shared->thread[i].tid != halted->tid)
			continue;
		if (at > halted->n - sizeof(value) || halted->n < sizeof(value))
			continue;
		memcpy(&value, halted->bytes + at, sizeof(value));
		*found += value == shared->thread[i].value;
	}
}

static void test_fifty_threads(void **state)
{
	struct halt_report report = {0};
	struct process process;
	unsigned found = 0, others;

	(void)state;
	begin(many_threads);
	await(&shared->ready, THREADS);
	process = process_of(child);
	others = more_threads(child);
	assert_true(others >= THREADS);
	assert_int_equal(
		halt_each(proc, &process, 0, clock_ns() + 60000000000u, compare, &found, &report),
		0);
	assert_int_equal(found, THREADS);
	assert_int_equal(report.copied, others + 1);
	assert_true(report.longest > 0);
	print_message("%u threads, longest stop %u us\n", report.copied,
		      (unsigned)(report.longest / 1000));

	/* All but one. */
	report = (struct halt_report){0};
	assert_int_equal(halt_each(proc, &process, child, clock_ns() + 60000000000u, compare,
				   &found, &report),
			 0);
	assert_int_equal(report.copied, others);
	assert_int_equal(report.busy, 1);

	/* Behind the deadline nobody is stopped. */
	report = (struct halt_report){0};
	assert_int_equal(halt_each(proc, &process, 0, clock_ns(), compare, &found, &report), 0);
	assert_int_equal(report.copied, 0);
	assert_int_equal(report.left, others + 1);
	atomic_store(&shared->go, 1);
	end();
	assert_int_equal(
		halt_each(proc, &process, 0, clock_ns() + 60000000000u, compare, &found, &report),
		-ESRCH);
}

static void test_another_process(void **state)
{
	struct halt_report report = {0};
	struct process process;
	unsigned n = 0;

	(void)state;
	begin(many_threads);
	await(&shared->ready, THREADS);
	process = process_of(child);
	process.start_time--;
	assert_int_equal(
		halt_each(proc, &process, 0, clock_ns() + 60000000000u, nothing, &n, &report),
		-ESRCH);
	assert_int_equal(n, 0);
	atomic_store(&shared->go, 1);
	end();
}

/* ---- system calls go on ---- */

static int ends[2][2];

static void note_result(size_t i, long result)
{
	if (i >= CALLS)
		abort();
	shared->result[i] = (int)result;
	shared->error[i] = result < 0 ? errno : 0;
	atomic_fetch_add(&shared->done, 1);
}

static void *call(void *context)
{
	size_t i = (size_t)(uintptr_t)context;
	struct timespec second = {1, 0}, left = {0};
	struct epoll_event event = {.events = EPOLLIN};
	struct sembuf sem = {0, -1, 0};
	uint64_t began = clock_ns();
	sigset_t set;
	long result = 0;
	char byte;
	int id;

	atomic_fetch_add(&shared->ready, 1);
	switch (i) {
	case 0:
		result = nanosleep(&second, &left);
		shared->slept = (int64_t)(clock_ns() - began);
		break;
	case 1:
		result = read(ends[0][0], &byte, 1);
		break;
	case 2:
		id = epoll_create1(0);
		epoll_ctl(id, EPOLL_CTL_ADD, ends[1][0], &event);
		result = epoll_wait(id, &event, 1, -1);
		break;
	case 3:
		id = epoll_create1(0);
		result = epoll_wait(id, &event, 1, 300);
		break;
	case 4:
		id = semget(IPC_PRIVATE, 1, 0600);
		result = semtimedop(id, &sem, 1, &second);
		result = result < 0 && errno == EAGAIN ? 0 : result;
		semctl(id, 0, IPC_RMID);
		break;
	case 5:
		sigemptyset(&set);
		sigaddset(&set, SIGUSR2);
		result = sigtimedwait(&set, NULL, &second);
		result = result < 0 && errno == EAGAIN ? 0 : result;
		break;
	case 6:
		result = poll(&(struct pollfd){ends[1][0], POLLIN, 0}, 1, -1);
		break;
	case 7:
		result = select(ends[1][0] + 1, &(fd_set){.fds_bits = {1L << ends[1][0]}}, NULL,
				NULL, NULL);
		break;
	}
	note_result(i, result);
	return NULL;
}

static void many_calls(void)
{
	pthread_t threads[CALLS];

	for (size_t i = 0; i < CALLS; i++)
		pthread_create(&threads[i], NULL, call, (void *)(uintptr_t)i);
	for (size_t i = 0; i < CALLS; i++)
		pthread_join(threads[i], NULL);
}

static void test_calls_go_on(void **state)
{
	static const int want[CALLS] = {0, 1, 1, 0, 0, 0, 1, 1};
	struct halt_report report = {0};

	(void)state;
	assert_int_equal(pipe(ends[0]), 0);
	assert_int_equal(pipe(ends[1]), 0);
	begin(many_calls);
	await(&shared->ready, CALLS);
	for (int i = 0; i < 100; i++)
		halt(child, &report);
	assert_true(report.copied > CALLS * 50);
	assert_int_equal(write(ends[0][1], "x", 1), 1);
	assert_int_equal(write(ends[1][1], "x", 1), 1);
	end();
	for (size_t i = 0; i < CALLS; i++) {
		if (shared->result[i] != want[i] || shared->error[i])
			print_message("call %zu: %d, errno %d\n", i, shared->result[i],
				      shared->error[i]);
		assert_int_equal(shared->result[i], want[i]);
	}
	assert_true(shared->slept >= 1000000000);
	for (int i = 0; i < 4; i++)
		close(ends[i / 2][i % 2]);
}

/* ---- signals come through ---- */

static void heard(int signal)
{
	(void)signal;
	atomic_fetch_add(&shared->signals, 1);
}

static void listener(void)
{
	struct sigaction action = {.sa_handler = heard};

	sigaction(SIGRTMIN, &action, NULL);
	atomic_store(&shared->ready, 1);
	while (!atomic_load(&shared->go))
		usleep(500);
}

/* The thread sanitizer loses some of those that come while a program is stopped, by SIGSTOP too. */
#ifdef SANITIZER_THREAD
#define SIGNALS_LEAST 1
#else
#define SIGNALS_LEAST 600
#endif

static void test_signals_come_through(void **state)
{
	struct halt_report report = {0};

	(void)state;
	begin(listener);
	await(&shared->ready, 1);
	for (int i = 0; i < 300; i++) {
		assert_int_equal(sigqueue(child, SIGRTMIN, (union sigval){0}), 0);
		halt(child, &report);
		assert_int_equal(sigqueue(child, SIGRTMIN, (union sigval){0}), 0);
	}
	await(&shared->signals, SIGNALS_LEAST);
	assert_int_equal(report.copied, 300 * (1 + more_threads(child)));
	atomic_store(&shared->go, 1);
	end();
	assert_in_range(shared->signals, SIGNALS_LEAST, 600);
}

static void idle(void)
{
	atomic_store(&shared->ready, 1);
	while (!atomic_load(&shared->go))
		usleep(1000);
}

/* A signal that debuggers use themselves is one like others. */
static void test_sigtrap_comes_through(void **state)
{
	struct halt_report report = {0};
	int status;

	(void)state;
	begin(idle);
	await(&shared->ready, 1);
	for (int i = 0; i < 100; i++)
		halt(child, &report);
	assert_int_equal(kill(child, SIGTRAP), 0);
	halt(child, &report);
	/* as its parent too, who halts it may have been the one that heard of its end */
	if (waitpid(child, &status, 0) < 0)
		assert_int_equal(errno, ECHILD);
	else
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTRAP);
}

/* A call that a handler interrupts ends with EINTR, as it would without us. */
static void interrupted(void)
{
	struct sigaction action = {.sa_handler = heard};
	struct epoll_event event;
	int id = epoll_create1(0);

	sigaction(SIGRTMIN, &action, NULL);
	atomic_store(&shared->ready, 1);
	note_result(0, epoll_wait(id, &event, 1, -1));
}

static void test_eintr_stays(void **state)
{
	struct halt_report report = {0};

	(void)state;
	begin(interrupted);
	await(&shared->ready, 1);
	await_state(child, 'S');
	for (int i = 0; i < 10; i++)
		halt(child, &report);
	assert_int_equal(shared->done, 0);
	assert_int_equal(kill(child, SIGRTMIN), 0);
	end();
	assert_int_equal(shared->error[0], EINTR);
	assert_int_equal(shared->signals, 1);
}

/* ---- those that are left alone ---- */

static void test_stopped(void **state)
{
	struct halt_report report = {0};
	int status;

	(void)state;
	begin(idle);
	await(&shared->ready, 1);
	kill(child, SIGSTOP);
	assert_int_equal(waitpid(child, &status, WUNTRACED), child);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(halt(child, &report), 0);
	assert_int_equal(report.stopped, 1 + more_threads(child));
	await_state(child, 'T');
	assert_int_equal(waitpid(child, &status, WUNTRACED | WCONTINUED | WNOHANG), 0);
	kill(child, SIGCONT);
	atomic_store(&shared->go, 1);
	end();
}

static void debugger(void)
{
	pid_t target = (pid_t)atomic_load(&shared->done);

	if (ptrace(PTRACE_SEIZE, target, NULL, NULL) < 0)
		_exit(1);
	atomic_store(&shared->ready, 2);
	while (!atomic_load(&shared->go))
		usleep(1000);
	/* Let go before the target ends, or its end waits for us. */
	ptrace(PTRACE_INTERRUPT, target, NULL, NULL);
	waitpid(target, NULL, __WALL);
	ptrace(PTRACE_DETACH, target, NULL, NULL);
}

static void test_traced(void **state)
{
	struct halt_report report = {0};
	pid_t target, tracer;
	int status;

	(void)state;
	begin(idle);
	target = child;
	await(&shared->ready, 1);
	atomic_store(&shared->done, target);
	begin(debugger);
	tracer = child;
	await(&shared->ready, 2);
	assert_int_equal(halt(target, &report), more_threads(target));
	assert_int_equal(report.traced, 1);
	kill(target, SIGSTOP);
	await_state(target, 't');
	halt(target, &report);
	assert_int_equal(report.traced, 2);
	kill(target, SIGKILL);
	kill(tracer, SIGKILL);
	waitpid(target, &status, 0);
	waitpid(tracer, &status, 0);
}

/* The parent of a vfork(2) waits so that nothing but death interrupts it. */
static void busy(void)
{
	atomic_store(&shared->ready, 1);
	if (syscall(SYS_clone, CLONE_VFORK | SIGCHLD, NULL, NULL, NULL, NULL) == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (!atomic_load(&shared->go))
			usleep(1000);
		_exit(0);
	}
}

static void test_busy(void **state)
{
	struct halt_report report = {0};

	(void)state;
	begin(busy);
	await(&shared->ready, 1);
	await_state(child, 'D');
	assert_int_equal(halt(child, &report), more_threads(child));
	assert_int_equal(report.busy, 1);
	atomic_store(&shared->go, 1);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_fifty_threads, clear),
		cmocka_unit_test_setup(test_another_process, clear),
		cmocka_unit_test_setup(test_calls_go_on, clear),
		cmocka_unit_test_setup(test_signals_come_through, clear),
		cmocka_unit_test_setup(test_eintr_stays, clear),
		cmocka_unit_test_setup(test_sigtrap_comes_through, clear),
		cmocka_unit_test_setup(test_stopped, clear),
		cmocka_unit_test_setup(test_traced, clear),
		cmocka_unit_test_setup(test_busy, clear),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}
