/* SPDX-License-Identifier: MIT */
/*
 * How a thread is stopped so that it doesn't notice. PTRACE_SEIZE doesn't stop and leaves a group
 * stop alone; PTRACE_INTERRUPT makes the thread trap on its way back to user space, where system
 * calls have already said how they are to be restarted; PTRACE_DETACH lets it run on.
 *
 * A thread that doesn't come back from the kernel in time can't be detached, as that takes a
 * thread that stands. But the kernel detaches whatever a tracer had when it exits, and a tracer is
 * a thread, not a process: so all this is done in a thread of its own that ends with the call.
 *
 * Where many want to run, whoever stops a thread must not wait for a processor before it may let
 * go: so the tracer runs ahead of all others (SCHED_FIFO) for this moment, where it may.
 *
 * The stack is copied only as far as the pages are there (pagemap), within the private mapping that
 * holds the stack pointer: nothing is faulted in, so nothing waits for a disk or for whoever fills
 * the pages while the thread stands still, and no shared memory behind the stack is touched.
 */
#include "region/halt.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "region/program.h"

#define PATIENCE     2000000000u /* ns that a thread has to stop: it needs a processor for it */
#define PAUSE	     20000	 /* ns between two questions whether it stands */
#define RED_ZONE     128u	 /* bytes below the stack pointer that are in use: AMD64 psABI */
#define PAGE_PRESENT (1ull << 63)

struct halting {
	int proc;
	const struct process *process;
	pid_t except;
	uint64_t deadline;
	void (*each)(void *context, const struct halted *halted);
	void *context;
	struct halt_report *report;
	struct span *stacks; /* private writable mappings, by address */
	size_t n_stacks;
	int pagemap;
	unsigned char *bytes; /* HALT_STACK_MAX */
	int result;
};

static int add_stack(struct halting *halting, struct span span)
{
	struct span *all = reallocarray(halting->stacks, halting->n_stacks + 1, sizeof(*all));

	if (!all)
		return -ENOMEM;
	halting->stacks = all;
	all[halting->n_stacks++] = span;
	return 0;
}

static int find_stacks(struct halting *halting)
{
	CLEANUP(free_ptr) char *line = NULL;
	int fd = proc_open_file(halting->proc, halting->process->task, "maps"), r = 0;
	FILE *maps = fd < 0 ? NULL : fdopen(fd, "r");
	size_t room = 0;

	if (!maps)
		return fd < 0 ? fd : -ENOMEM;
	while (r == 0 && getline(&line, &room, maps) > 0) {
		struct span span;
		char prot[5];

		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s", &span.start, &span.end, prot) ==
			    3 &&
		    prot[0] == 'r' && prot[1] == 'w' && prot[3] == 'p')
			r = add_stack(halting, span);
	}
	fclose(maps);
	return r;
}

/* How many bytes there are to copy from sp on. */
static size_t stack_room(const struct halting *halting, uint64_t sp)
{
	uint64_t entries[HALT_STACK_MAX / 4096 + 1], page = (uint64_t)sysconf(_SC_PAGESIZE);
	uint64_t end = 0, from = sp / page;
	size_t want, there = 0;
	ssize_t got;

	for (size_t i = 0; i < halting->n_stacks && !end; i++)
		if (sp >= halting->stacks[i].start && sp < halting->stacks[i].end)
			end = halting->stacks[i].end;
	if (!end)
		return 0;
	if (end - sp > HALT_STACK_MAX)
		end = sp + HALT_STACK_MAX;
	want = (size_t)((end + page - 1) / page - from);
	got = pread(halting->pagemap, entries, want * sizeof(*entries),
		    (off_t)(from * sizeof(*entries)));
	while (got > 0 && there < (size_t)got / sizeof(*entries) && (entries[there] & PAGE_PRESENT))
		there++;
	if (there == 0)
		return 0;
	if (end > (from + there) * page)
		end = (from + there) * page;
	return (size_t)(end - sp);
}

/* Of the thread that stands still. */
static int copy_thread(const struct halting *halting, struct halted *halted)
{
	int r = registers_read(halted->tid, &halted->registers);

	if (r < 0)
		return r;
	halted->stack = (halted->registers.sp - RED_ZONE) & ~15ull;
	halted->n = stack_room(halting, halted->stack);
	if (!halted->n) {
		halted->stack = halted->registers.sp & ~15ull;
		halted->n = stack_room(halting, halted->stack);
	}
	if (halted->n && process_copy(halted->tid, halted->stack, halting->bytes, halted->n) < 0)
		halted->n = 0;
	halted->bytes = halting->bytes;
	return 0;
}

static bool has_tracer(int proc, pid_t tid)
{
	char text[4096];
	ssize_t n = proc_read(proc, tid, "status", text, sizeof(text));
	const char *at = n > 0 ? strstr(text, "\nTracerPid:\t") : NULL;

	return at && at[12] != '0';
}

/* 0 and *status of its stop; -ETIMEDOUT; -ESRCH. *running: when it was last seen not to stand. */
static int await_stop(pid_t tid, int *status, uint64_t *running)
{
	const struct timespec pause = {.tv_nsec = PAUSE};
	uint64_t begin = clock_ns();

	for (;;) {
		uint64_t now = clock_ns();
		pid_t got = waitpid(tid, status, __WALL | WNOHANG);

		if (got == tid)
			return WIFSTOPPED(*status) ? 0 : -ESRCH;
		if (got < 0 && errno != EINTR)
			return -ESRCH;
		*running = now;
		if (now - begin > PATIENCE)
			return -ETIMEDOUT;
		nanosleep(&pause, NULL);
	}
}

/* The signal that a stop is about, to be delivered with the detaching; 0 for stops that aren't of
 * a signal on its way. ptrace(2), "Stopped states". */
static int signal_of(int status)
{
	return status >> 16 == 0 ? WSTOPSIG(status) : 0;
}

/* From a thread that hurries to one that doesn't. */
static void hurry(bool now)
{
	struct sched_param param = {.sched_priority = now ? 1 : 0};

	sched_setscheduler(0, now ? SCHED_FIFO : SCHED_OTHER, &param);
}

/* 0 and it was copied; -EAGAIN it is busy; -ESRCH; -EPERM; -ENOSYS. */
static int halt_thread(struct halting *halting, struct halted *halted)
{
	uint64_t running = clock_ns(), stood;
	int status, r;

	if (ptrace(PTRACE_SEIZE, halted->tid, NULL, NULL) < 0)
		return errno == EPERM ? -EPERM : -ESRCH;
	if (ptrace(PTRACE_INTERRUPT, halted->tid, NULL, NULL) < 0)
		return -ESRCH;
	r = await_stop(halted->tid, &status, &running);
	if (r < 0)
		return r == -ETIMEDOUT ? -EAGAIN : r;
	r = copy_thread(halting, halted);
	ptrace(PTRACE_DETACH, halted->tid, NULL, (void *)(uintptr_t)signal_of(status));
	stood = clock_ns() - running;
	if (stood > halting->report->longest)
		halting->report->longest = stood;
	return r;
}

static void count(struct halt_report *report, int proc, pid_t tid, int r)
{
	if (r == 0)
		report->copied++;
	else if (r == -EAGAIN)
		report->busy++;
	else if (r == -EPERM && has_tracer(proc, tid))
		report->traced++;
	else if (r == -EPERM || r == -ENOSYS)
		report->refused++;
}

static void visit_thread(struct halting *halting, pid_t tid)
{
	struct halted halted = {.tid = tid};
	struct proc_stat stat;
	int r = 0;

	if (tid == halting->except) {
		halting->report->busy++;
		return;
	}
	if (proc_read_stat(halting->proc, tid, &stat) < 0)
		return;
	switch (stat.state) {
	case 'T':
		halting->report->stopped++;
		return;
	case 't':
		halting->report->traced++;
		return;
	case 'D':
		halting->report->busy++;
		return;
	case 'Z':
	case 'X':
		return;
	default:
		break;
	}
	memcpy(halted.comm, stat.comm, sizeof(halted.comm));
	hurry(true);
	r = halt_thread(halting, &halted);
	hurry(false);
	count(halting->report, halting->proc, tid, r);
	if (r == 0)
		halting->each(halting->context, &halted);
}

/* Whether the process is the one that the scan saw. */
static bool is_same(const struct halting *halting)
{
	struct proc_stat stat;

	return proc_read_stat(halting->proc, halting->process->pid, &stat) == 0 &&
	       stat.start_time == halting->process->start_time;
}

static int visit_threads(struct halting *halting)
{
	int fd = proc_open_file(halting->proc, halting->process->pid, "task");
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	unsigned seen = 0;

	if (!dir || !is_same(halting)) {
		if (dir)
			closedir(dir);
		return -ESRCH;
	}
	while ((entry = readdir(dir))) {
		pid_t tid = atoi(entry->d_name);

		if (tid <= 0)
			continue;
		if (++seen > HALT_THREADS_MAX || clock_ns() > halting->deadline)
			halting->report->left++;
		else
			visit_thread(halting, tid);
	}
	closedir(dir);
	return 0;
}

static void *run(void *context)
{
	struct halting *halting = context;

	halting->result = visit_threads(halting);
	return NULL;
}

int halt_each(int proc, const struct process *process, pid_t except, uint64_t deadline,
	      void (*each)(void *context, const struct halted *halted), void *context,
	      struct halt_report *report)
{
	CLEANUP(free_ptr) unsigned char *bytes = malloc(HALT_STACK_MAX);
	CLEANUP(close_fd) int pagemap = proc_open_file(proc, process->task, "pagemap");
	struct halting halting = {
		.proc = proc,
		.process = process,
		.except = except,
		.deadline = deadline,
		.each = each,
		.context = context,
		.report = report,
		.pagemap = pagemap,
		.bytes = bytes,
	};
	pthread_t thread;
	int r;

	if (!bytes)
		return -ENOMEM;
	memset(bytes, 0, HALT_STACK_MAX); /* it is to be there when somebody stands still for it */
	r = find_stacks(&halting);
	if (r == 0)
		r = -pthread_create(&thread, NULL, run, &halting);
	if (r == 0)
		pthread_join(thread, NULL);
	free(halting.stacks);
	return r == -ENOENT ? -ESRCH : r < 0 ? r : halting.result;
}
