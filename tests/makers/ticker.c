/* SPDX-License-Identifier: MIT */
/*
 * A writer that never asks who reads: ticker NAME RATE [toggle|held]
 *
 * Changes the records of ticker.h in the POSIX shared memory NAME, member by member and without
 * any lock. RATE: so many times a second; `flat`: without a pause; `bursts`: flat out for a
 * millisecond, then none for one. Each change has a new number; toggle: two numbers in turn. held:
 * as if by interrupts, one change of the single record in 16 stops for 50 microseconds in the
 * middle.
 *
 * Prints `ready`. Answers `count` with how many changes there were and in how many microseconds,
 * `count CHANGES US ok`; ends at `exit`, or the end of its input, and removes the object.
 */
#include "ticker.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static char *shared;
static struct ticker_log *slow;
static uint64_t period, burst; /* ns; 0: none */
static bool toggle, held;
static _Atomic bool over;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Eight digits, as they stand in memory. */
static uint64_t digits(uint32_t n)
{
	char text[8];
	uint64_t word;

	for (int i = 7; i >= 0; i--, n >>= 4)
		text[i] = "0123456789abcdef"[n & 15];
	memcpy(&word, text, sizeof(word));
	return word;
}

static void change(volatile struct tick *tick, uint32_t n, uint64_t pause)
{
	const uint64_t eight = n * 0x100000001u, text = digits(n);
	const uint32_t four = (n & 0xffff) * 0x10001u;
	const uint16_t two = (uint16_t)((n & 0xff) * 0x101u);
	volatile uint64_t *words = (volatile uint64_t *)(volatile void *)tick->text;

	tick->whole = eight;
	words[0] = text;
	words[1] = text;
	tick->real = n;
	tick->one = (uint8_t)n;
	tick->two = two;
	tick->four = four;
	for (uint64_t start = pause ? now() : 0; pause && now() - start < pause;)
		;
	tick->point.x = four;
	tick->point.y = two;
	tick->point.z = (uint8_t)n;
	for (int i = 0; i < 3; i++)
		tick->few[i] = four;
	for (int i = 0; i < 4; i++)
		tick->small[i] = two;
	tick->bits = n & 0xfff;
	tick->flag = n & 0xf;
	for (int i = 0; i < 8; i++)
		tick->more[i] = eight;
	tick->last = eight;
}

static void change_all(uint64_t count)
{
	struct tick *rows = (struct tick *)(void *)(shared + TICKER_ROWS_AT);
	uint32_t n = toggle ? (count & 1 ? 0xa5a5a5a5 : 0x5a5a5a5a) : (uint32_t)count;
	uint64_t from = now(), to;

	change((struct tick *)(void *)(shared + TICKER_ONE_AT), n,
	       held && count % 16 == 0 ? 50000 : 0);
	change(&rows[TICKER_HOT], n, 0);
	change(&rows[count % TICKER_ROWS], n, 0);
	/* Only when everybody sees all of it is it over. */
	atomic_thread_fence(memory_order_seq_cst);
	to = now();
	if (to - from > TICKER_SLOW) {
		uint64_t i = atomic_load(&slow->n);

		slow->slow[i % TICKER_LOG].from = from;
		slow->slow[i % TICKER_LOG].to = to;
		atomic_store(&slow->n, i + 1);
	}
}

static void *run(void *unused)
{
	uint64_t start = now(), next = start;

	(void)unused;
	for (uint64_t count = TICKER_ROWS; !atomic_load_explicit(&over, memory_order_relaxed);
	     count++) {
		change_all(count);
		atomic_store_explicit(&slow->changes, count - TICKER_ROWS + 1,
				      memory_order_relaxed);
		if (period) {
			uint64_t time = now();

			/* What was missed isn't made up for: the pause is what matters. */
			for (next += period; time < next; time = now())
				;
			next = time - next > period ? time : next;
		} else if (burst && now() - start > burst) {
			usleep(1000);
			start = now();
		}
	}
	return NULL;
}

static int share(const char *name)
{
	int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);

	if (fd < 0 || ftruncate(fd, (off_t)TICKER_SIZE) < 0)
		return -1;
	shared = mmap(NULL, TICKER_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	slow = (struct ticker_log *)(void *)(shared + TICKER_LOG_AT);
	return shared == MAP_FAILED ? -1 : 0;
}

int main(int argc, char **argv)
{
	char line[64], name[256];
	pthread_t thread;
	uint64_t start;

	if (argc < 3)
		return 2;
	snprintf(name, sizeof(name), "/%s", argv[1]);
	toggle = argc > 3 && strcmp(argv[3], "toggle") == 0;
	held = argc > 3 && strcmp(argv[3], "held") == 0;
	burst = strcmp(argv[2], "bursts") ? 0 : 1000000;
	period = strtoull(argv[2], NULL, 10);
	period = period ? 1000000000 / period : 0;
	if (share(name) < 0) {
		perror(name);
		return 1;
	}
	for (uint64_t i = 0; i < TICKER_ROWS; i++)
		change_all(i);
	start = now();
	if (pthread_create(&thread, NULL, run, NULL))
		return 1;
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("ready");
	while (fgets(line, sizeof(line), stdin) && strcmp(line, "exit\n") != 0)
		printf("count %ju %ju ok\n", (uintmax_t)atomic_load(&slow->changes),
		       (uintmax_t)((now() - start) / 1000));
	atomic_store(&over, true);
	pthread_join(thread, NULL);
	shm_unlink(name);
	return 0;
}
