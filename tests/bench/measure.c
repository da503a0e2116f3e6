/* SPDX-License-Identifier: MIT */
/*
 * Two things measured in turns, so that whatever the machine does meanwhile befalls both. Prints
 * the two medians in nanoseconds.
 *
 *   measure opens ROUNDS FILE FILE    open, one read and close, a few hundred times a round
 *   measure reads ROUNDS FILE FILE    the whole file, a MiB at a time
 *   measure runs ROUNDS COMMAND COMMAND
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { OPENS = 300, MAX_ROUNDS = 1000, BLOCK = 1 << 20 };

static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t opens(const char *path)
{
	char bytes[4096];
	uint64_t start = now();

	for (int i = 0; i < OPENS; i++) {
		int fd = open(path, O_RDONLY | O_CLOEXEC);

		if (fd < 0 || read(fd, bytes, sizeof(bytes)) <= 0)
			die(path);
		close(fd);
	}
	return (now() - start) / OPENS;
}

static uint64_t reads(const char *path)
{
	static char block[BLOCK];
	uint64_t start = now();
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		die(path);
	while ((n = read(fd, block, sizeof(block))) > 0)
		;
	if (n < 0)
		die(path);
	close(fd);
	return now() - start;
}

static uint64_t runs(const char *command)
{
	uint64_t start = now();

	/* A process that ended meanwhile makes grep's status an error, as it does for a person. */
	if (system(command) < 0)
		die(command);
	return now() - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t median(uint64_t *values, int n)
{
	qsort(values, (size_t)n, sizeof(*values), compare);
	return values[n / 2];
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		uint64_t (*once)(const char *what);
	} kinds[] = {{"opens", opens}, {"reads", reads}, {"runs", runs}};
	static uint64_t first[MAX_ROUNDS], second[MAX_ROUNDS];
	int rounds = argc == 5 ? atoi(argv[2]) : 0;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (argc != 5 || rounds < 1 || rounds > MAX_ROUNDS ||
		    strcmp(argv[1], kinds[i].name) != 0)
			continue;
		kinds[i].once(argv[3]); /* once for the caches */
		kinds[i].once(argv[4]);
		for (int round = 0; round < rounds; round++) {
			first[round] = kinds[i].once(argv[3]);
			second[round] = kinds[i].once(argv[4]);
		}
		printf("%ju %ju\n", (uintmax_t)median(first, rounds),
		       (uintmax_t)median(second, rounds));
		return 0;
	}
	fprintf(stderr, "usage: measure opens|reads|runs ROUNDS ONE OTHER\n");
	return 2;
}
