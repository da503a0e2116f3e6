/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "place.h"

pid_t place_pid(void)
{
	char link[32] = "";

	return readlink("/proc/self", link, sizeof(link) - 1) < 0 ? getpid() : atoi(link);
}

/* The child of a new pid namespace goes on; its parent stays to hand its status up. */
static int enter_pid(void)
{
	int status = 0;
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child == 0)
		return prctl(PR_SET_PDEATHSIG, SIGKILL);
	/* What the tests write is for the child, and its end of input must come when they close. */
	close(STDIN_FILENO);
	close(STDOUT_FILENO);
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

static int enter_user(const struct place *place)
{
	if (setgroups(0, NULL) < 0 || setresgid(place->gid, place->gid, place->gid) < 0 ||
	    setresuid(place->uid, place->uid, place->uid) < 0)
		return -1;
	/* Changing users makes a process non-dumpable; a program started by its user isn't. */
	return prctl(PR_SET_DUMPABLE, 1);
}

/*
 * Our copies of other people's FUSE mounts would keep their servers alive after they have unmounted
 * them. mountinfo writes a blank as \040; no mount of the tests has one.
 */
static int leave_fuse_mounts(void)
{
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	char line[8192], point[4096];

	while (mounts && fgets(line, sizeof(line), mounts))
		if (strstr(line, " - fuse") && sscanf(line, "%*s %*s %*s %*s %4095s", point) == 1)
			umount2(point, MNT_DETACH);
	return mounts ? fclose(mounts) : -1;
}

int place_enter(const struct place *place)
{
	int flags = (place->pid ? CLONE_NEWPID : 0) | (place->mnt ? CLONE_NEWNS : 0) |
		    (place->ipc ? CLONE_NEWIPC : 0);

	if (flags && unshare(flags) < 0)
		return -1;
	if (place->mnt &&
	    (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 || leave_fuse_mounts() < 0))
		return -1;
	if (place->tmpfs && mount("tests", place->tmpfs, "tmpfs", 0, "mode=1777") < 0)
		return -1;
	if (place->pid && enter_pid() < 0)
		return -1;
	if (place->as_user && enter_user(place) < 0)
		return -1;
	return place->nodump ? prctl(PR_SET_DUMPABLE, 0) : 0;
}

static int sleep_forever(void *arg)
{
	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
	return 0;
}

pid_t place_sibling(void)
{
	static char stack[65536] __attribute__((aligned(16)));

	return clone(sleep_forever, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL);
}

pid_t place_fork(void)
{
	pid_t child = fork();

	if (child == 0) {
		close(STDIN_FILENO);
		close(STDOUT_FILENO);
		sleep_forever(NULL);
	}
	return child;
}

struct errand {
	void (*fn)(void *arg);
	void *arg;
	pid_t leader;
};

static void wait_for_exit(pid_t tid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	while (state != 'Z') {
		FILE *stat = fopen(path, "re");

		if (!stat || fscanf(stat, "%*d (%*[^)]) %c", &state) != 1)
			state = 0;
		if (stat)
			fclose(stat);
		sched_yield();
	}
}

static void *run_errand(void *arg)
{
	struct errand *errand = arg;

	wait_for_exit(errand->leader);
	errand->fn(errand->arg);
	exit(0);
}

int place_leave_leader(void (*fn)(void *arg), void *arg)
{
	static struct errand errand;
	pthread_t thread;

	errand = (struct errand){fn, arg, (pid_t)syscall(SYS_gettid)};
	errno = pthread_create(&thread, NULL, run_errand, &errand);
	if (errno)
		return -1;
	syscall(SYS_exit, 0);
	return -1;
}
