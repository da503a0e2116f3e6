/* SPDX-License-Identifier: MIT */
/*
 * A busy machine: farm PROCESSES MAPPINGS SHARED DIR
 *
 * Each process has MAPPINGS mappings, SHARED of them shared. Half of these are of objects it made
 * anew and half are its predecessor's, so every object has two mappers and there are
 * PROCESSES * SHARED / 2 objects: memfds, POSIX shm, files in DIR and anonymous memory in turn, of
 * five users. Prints `ready PROCESSES MAPPINGS OBJECTS` when all is there, and ends at a line of
 * input or at its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { SIZE = 16384, USERS = 5, FIRST_USER = 54321, MAX_SET = 64 };

/* An object is a descriptor, or a mapping that children inherit. */
struct object {
	int fd;
	void *anon;
};

struct set {
	struct object objects[MAX_SET];
	unsigned count;
};

static const char *dir;

static void die(const char *what)
{
	fprintf(stderr, "farm: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* Files and shm objects lose their names at once: a farm that is killed leaves nothing behind. */
static int named(const char *folder, unsigned number)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/farm-%d-%u", folder, getpid(), number);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		unlink(path);
	return fd;
}

static struct object object_make(unsigned number)
{
	struct object object = {-1, NULL};
	char name[64];

	snprintf(name, sizeof(name), "farm-%u", number);
	switch (number % 4) {
	case 0:
		object.fd = memfd_create(name, MFD_CLOEXEC);
		break;
	case 1:
		object.fd = named("/dev/shm", number);
		break;
	case 2:
		object.fd = named(dir, number);
		break;
	default:
		object.anon =
			mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
		if (object.anon == MAP_FAILED)
			die("mmap");
		return object;
	}
	if (object.fd < 0 || ftruncate(object.fd, SIZE) < 0)
		die(name);
	return object;
}

static void set_make(struct set *set, unsigned count, unsigned first)
{
	for (set->count = 0; set->count < count; set->count++)
		set->objects[set->count] = object_make(first + set->count);
}

static void set_drop(struct set *set)
{
	while (set->count) {
		struct object *object = &set->objects[--set->count];

		if (object->anon)
			munmap(object->anon, SIZE);
		else
			close(object->fd);
	}
}

/* Another mapping of the object: of a shared one, growing "nothing" makes a second. */
static void object_map(const struct object *object)
{
	void *at = object->anon
			   ? mremap(object->anon, 0, SIZE, MREMAP_MAYMOVE)
			   : mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, object->fd, 0);

	if (at == MAP_FAILED)
		die("mmap");
}

/* The parent's anonymous mappings are ours already; descriptors aren't. */
static void set_map(const struct set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		if (!set->objects[i].anon)
			object_map(&set->objects[i]);
}

/* The first has no predecessor: it maps its own a second time, so that the numbers are round. */
static void set_map_again(const struct set *set)
{
	for (unsigned i = 0; i < set->count; i++)
		object_map(&set->objects[i]);
}

static unsigned count_maps(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	unsigned lines = 0;

	for (int c; maps && (c = getc(maps)) != EOF;)
		lines += c == '\n';
	if (maps)
		fclose(maps);
	return lines;
}

/* Private mappings as programs have them: pages of files, between others that can't be merged. */
static void fill_up(unsigned mappings)
{
	int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	for (unsigned have = count_maps(); have < mappings; have++) {
		bool file = have % 2;

		if (mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | (file ? 0 : MAP_ANONYMOUS),
			 file ? self : -1, 0) == MAP_FAILED)
			die("mmap");
	}
	close(self);
}

static void child(unsigned number, unsigned mappings, int ready, int end)
{
	char byte = 1;
	uid_t uid = FIRST_USER + number % USERS;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	fill_up(mappings);
	if (geteuid() == 0 && (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0))
		die("setresuid");
	prctl(PR_SET_DUMPABLE, 1);
	if (write(ready, &byte, 1) != 1)
		die("write");
	close(ready);
	while (read(end, &byte, 1) < 0 && errno == EINTR)
		;
	_exit(0);
}

static void await(int ready, unsigned processes)
{
	char bytes[256];
	unsigned have = 0;

	while (have < processes) {
		ssize_t n = read(ready, bytes, sizeof(bytes));

		if (n <= 0)
			die("a process failed");
		have += (unsigned)n;
	}
}

int main(int argc, char **argv)
{
	unsigned processes, mappings, shared;
	struct set last = {.count = 0}, now = {.count = 0};
	int ready[2], end[2];

	if (argc != 5) {
		fprintf(stderr, "usage: farm PROCESSES MAPPINGS SHARED DIR\n");
		return 2;
	}
	processes = (unsigned)atoi(argv[1]);
	mappings = (unsigned)atoi(argv[2]);
	shared = (unsigned)atoi(argv[3]);
	dir = argv[4];
	if (shared / 2 > MAX_SET || pipe2(ready, O_CLOEXEC) < 0 || pipe2(end, O_CLOEXEC) < 0)
		die("set-up");
	for (unsigned p = 0; p < processes; p++) {
		pid_t pid;

		set_make(&now, shared / 2, p * (shared / 2));
		pid = fork();
		if (pid < 0)
			die("fork");
		if (pid == 0) {
			close(ready[0]);
			close(end[1]);
			set_map(&now);
			if (p)
				set_map(&last);
			else
				set_map_again(&now);
			child(p, mappings, ready[1], end[0]);
		}
		set_drop(&last);
		last = now;
		now.count = 0;
	}
	close(ready[1]);
	await(ready[0], processes);
	set_drop(&last);
	printf("ready %u %u %u\n", processes, mappings, processes * (shared / 2));
	fflush(stdout);
	getchar();
	close(end[1]);
	return 0;
}
