/* SPDX-License-Identifier: MIT */
/*
 * Processes that share memory, come and go: churn PER_SECOND ALIVE
 *
 * Every 1/PER_SECOND one is born with a memfd, a POSIX shm object or anonymous memory mapped, and
 * the oldest is killed when more than ALIVE live. Prints `ready` when the first ALIVE are there;
 * at a line of input, or its end, kills the rest and prints `died NUMBER SECONDS`.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { SIZE = 8192 };

static int make(unsigned number)
{
	char name[64];
	int fd;

	snprintf(name, sizeof(name), "/churn-%d-%u", getppid(), number);
	if (number % 3 == 0)
		return memfd_create(name + 1, MFD_CLOEXEC);
	fd = shm_open(name, O_RDWR | O_CREAT, 0600);
	if (fd >= 0)
		shm_unlink(name);
	return fd;
}

static void live(unsigned number, int ready)
{
	bool anon = number % 3 == 1;
	int fd = anon ? -1 : make(number);
	char byte = 1;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if ((!anon && ftruncate(fd, SIZE) < 0) ||
	    mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | (anon ? MAP_ANONYMOUS : 0), fd,
		 0) == MAP_FAILED ||
	    write(ready, &byte, 1) != 1)
		_exit(1);
	for (;;)
		pause();
}

static pid_t bear(unsigned number)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		live(number, ready[1]);
	close(ready[1]);
	if (pid > 0 && read(ready[0], &byte, 1) != 1)
		pid = -1;
	close(ready[0]);
	return pid;
}

static void bury(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Waits until then; false when the input has ended. */
static bool wait_until(double then)
{
	struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
	double left = then - seconds();

	return poll(&input, 1, left > 0 ? (int)(left * 1000) : 0) == 0;
}

int main(int argc, char **argv)
{
	unsigned rate = argc == 3 ? (unsigned)atoi(argv[1]) : 0;
	unsigned alive = argc == 3 ? (unsigned)atoi(argv[2]) : 0, born = 0, dead = 0;
	pid_t *pids = calloc(alive, sizeof(*pids));
	double start;

	if (!rate || !alive || !pids) {
		fprintf(stderr, "usage: churn PER_SECOND ALIVE\n");
		return 2;
	}
	for (; born < alive; born++)
		pids[born] = bear(born);
	puts("ready");
	fflush(stdout);
	start = seconds();
	for (; wait_until(start + (double)(dead + 1) / rate); born++, dead++) {
		bury(pids[born % alive]);
		pids[born % alive] = bear(born);
		if (pids[born % alive] < 0) {
			perror("churn");
			return 1;
		}
	}
	for (unsigned i = 0; i < alive; i++)
		bury(pids[i]);
	printf("died %u %.1f\n", dead, seconds() - start);
	free(pids);
	return 0;
}
