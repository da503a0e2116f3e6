/* SPDX-License-Identifier: MIT */
/*
 * What ticker shares and torn checks: one record across a page boundary, a table of them, and a
 * log. The structs up to the line of dashes are given to peekfs as they stand here.
 *
 * Each member says the same number n, cut to its width: 8 bytes say it in both halves, 4 and 2 say
 * n's lower half of themselves twice, text says it twice in hexadecimal. So a scalar of which a
 * half is older shows, and so does a record of which a part is.
 */
#ifndef TICKER_H
#define TICKER_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct point {
	uint32_t x;
	uint16_t y;
	uint8_t z;
};

struct tick {
	uint64_t whole;
	char text[16];
	double real;
	uint8_t one;
	uint16_t two;
	uint32_t four;
	struct point point;
	uint32_t few[3];
	uint16_t small[4];
	uint16_t bits : 12;
	uint16_t flag : 4;
	uint64_t more[8];
	uint64_t last;
};

/* -------- */

#define TICKER_ONE_AT  4024 /* struct tick one: the page ends in the middle of it */
#define TICKER_ROWS_AT 8192 /* struct tick rows[TICKER_ROWS] */
#define TICKER_ROWS    1000
#define TICKER_HOT     455 /* the row that changes each time, as `one` does */
#define TICKER_LOG_AT  (160 * 1024)
#define TICKER_LOG     65536
#define TICKER_SIZE    (TICKER_LOG_AT + sizeof(struct ticker_log))

_Static_assert(TICKER_ROWS_AT + TICKER_ROWS * sizeof(struct tick) <= TICKER_LOG_AT, "no room");

/* The changes that took over TICKER_SLOW: meanwhile the memory itself was half changed. */
#define TICKER_SLOW 1000 /* ns */
struct ticker_log {
	_Atomic uint64_t changes;
	_Atomic uint64_t n;
	struct {
		uint64_t from, to; /* CLOCK_MONOTONIC, ns */
	} slow[TICKER_LOG];	   /* the latest: the i-th stands at i % TICKER_LOG */
};

#endif
