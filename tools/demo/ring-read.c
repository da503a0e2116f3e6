/* SPDX-License-Identifier: MIT */
/* ring-read NAME: prints the messages of the ring that are at least as bad as its threshold. */
#include "ring.h"

#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static const char *const names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

/* Message number, whole: false when the writer has come round, and may have been writing over it
 * while we copied. */
static bool get(const struct ring *ring, uint64_t number, struct message *message)
{
	*message = ring->slots[number % SLOTS];
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&ring->written, __ATOMIC_RELAXED) < number + SLOTS;
}

static void print(const struct ring *ring, const struct message *message)
{
	enum level threshold = __atomic_load_n(&ring->threshold, __ATOMIC_RELAXED);
	unsigned level = message->level;

	if (level < (unsigned)threshold)
		return;
	printf("%ju %s: %.*s\n", (uintmax_t)message->number,
	       level < ARRAY_SIZE(names) ? names[level] : "?", (int)sizeof(message->text),
	       message->text);
	fflush(stdout);
}

/* Everything from number on: the number of the next message. */
static uint64_t print_from(const struct ring *ring, uint64_t number)
{
	uint64_t written = __atomic_load_n(&ring->written, __ATOMIC_ACQUIRE), missed = 0;
	struct message message;

	if (written - number >= SLOTS) {
		missed = written - number - (SLOTS - 1);
		number += missed;
	}
	for (; number < written; number++)
		if (get(ring, number, &message))
			print(ring, &message);
		else
			missed++;
	if (missed)
		printf("%ju missed\n", (uintmax_t)missed);
	return written;
}

int main(int argc, char **argv)
{
	CLEANUP(created_freep) struct created *created = NULL;
	struct timespec pause = {.tv_nsec = 50000000};
	const struct ring *ring;
	uint64_t number;

	if (argc != 2)
		errx(2, "usage: ring-read NAME");
	created = ring_open(argv[1], PROT_READ);
	ring = created_address(created);
	for (number = __atomic_load_n(&ring->written, __ATOMIC_ACQUIRE);; nanosleep(&pause, NULL))
		number = print_from(ring, number);
}
