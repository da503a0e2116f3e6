/* SPDX-License-Identifier: MIT */
/* ring-write NAME: writes a message into the ring as often as the ring says. One writer at a time.
 */
#include "ring.h"

#include <stdio.h>
#include <time.h>

static enum level level_of(uint64_t number)
{
	if (number % 16 == 15)
		return ERROR;
	return number % 5 == 4 ? WARNING : number % 2 ? DEBUG : INFO;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void put(struct ring *ring, uint64_t number)
{
	struct message message = {.number = number, .at = now(), .level = level_of(number)};

	snprintf(message.text, sizeof(message.text), "the temperature is %d degrees",
		 (int)(18 + number % 9));
	ring->slots[number % SLOTS] = message;
	__atomic_store_n(&ring->written, number + 1, __ATOMIC_RELEASE);
}

static void rest(const struct ring *ring)
{
	uint32_t ms = __atomic_load_n(&ring->interval, __ATOMIC_RELAXED);
	struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};

	if (!ms)
		pause.tv_nsec = 1000000;
	nanosleep(&pause, NULL);
}

int main(int argc, char **argv)
{
	CLEANUP(created_freep) struct created *created = NULL;
	struct ring *ring;

	if (argc != 2)
		errx(2, "usage: ring-write NAME");
	created = ring_open(argv[1], PROT_READ | PROT_WRITE);
	ring = created_address(created);
	for (;; rest(ring))
		put(ring, ring->written);
}
