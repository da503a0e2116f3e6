/* SPDX-License-Identifier: MIT */
/* idle REGIONS: maps that many memfds; a global pointer leads to one. idle.sh compiles it. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct job {
	int id;
	char name[28];
} * chosen;

static struct job *make(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	struct job *job;

	if (ftruncate(fd, sizeof(*job)))
		exit(1);
	job = mmap(NULL, sizeof(*job), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (job == MAP_FAILED)
		exit(1);
	close(fd);
	return job;
}

int main(int argc, char **argv)
{
	for (int n = argc > 1 ? atoi(argv[1]) : 0; n > 1; n--)
		make("job");
	chosen = make("chosen");
	*chosen = (struct job){7, "idle"};
	puts("ready");
	fflush(stdout);
	getchar();
	return chosen->id != 7;
}
