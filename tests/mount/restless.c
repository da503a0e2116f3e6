/* SPDX-License-Identifier: MIT */
/*
 * restless FILE: shares FILE and changes what is in it without a pause: where a table stands and
 * how many entries it has, how long a record is, where a list begins. Each change is one store, so
 * that what is seen must be as before it or as after it. Prints "ready"; at "stop" it stops, prints
 * what there is as it sees it, a line, and waits for the end of its input.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "restless.h"

static struct shared *shared;
static atomic_bool stopped;

static void *change(void *unused)
{
	struct entry *const tables[] = {shared->one, shared->other};
	struct record *records = (struct record *)shared->records;
	struct node *const heads[] = {&shared->nodes[0], NULL, &shared->nodes[4]};

	for (unsigned i = 0; !stopped; i++) {
		uint64_t where = (uint64_t)((char *)tables[i % 2] - (char *)shared);

		atomic_store(&shared->header.table, where);
		atomic_store(&shared->header.count, i % 3 ? 3 : 5);
		atomic_store(&records[1].length, i % 2 ? 8 : 16);
		atomic_store(&shared->header.kind, i % 2);
		atomic_store(&shared->header.head, heads[i % 3]);
	}
	return unused;
}

static void fill(void)
{
	for (unsigned i = 0; i < 5; i++) {
		shared->one[i].key = 1000 + i;
		shared->other[i].key = 2000 + i;
		shared->nodes[i].id = 70 + i;
		shared->nodes[i].next = i < 4 ? &shared->nodes[i + 1] : &shared->nodes[0];
	}
	for (unsigned i = 0; i < 4; i++)
		((struct record *)shared->records)[i] = (struct record){8, i};
}

static void tell(void)
{
	struct entry *table = (struct entry *)((char *)shared + shared->header.table);
	char *record = (char *)shared->records;

	printf("keys");
	for (unsigned i = 0; i < shared->header.count; i++)
		printf(" %u", table[i].key);
	printf(" ids");
	for (struct record *at = (struct record *)record; at->length;
	     at = (struct record *)((char *)at + at->length))
		printf(" %u", at->id);
	printf(" head %d\n", shared->header.head ? (int)shared->header.head->next->next->id : -1);
}

int main(int argc, char **argv)
{
	char line[16];
	pthread_t thread;
	int fd = argc == 2 ? open(argv[1], O_RDWR | O_CREAT, 0600) : -1;

	if (fd < 0 || ftruncate(fd, sizeof(*shared)) < 0)
		return 1;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (shared == MAP_FAILED)
		return 1;
	fill();
	if (pthread_create(&thread, NULL, change, NULL))
		return 1;
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "stop\n") == 0) {
		stopped = true;
		pthread_join(thread, NULL);
		tell();
		fflush(stdout);
	}
	return 0;
}
