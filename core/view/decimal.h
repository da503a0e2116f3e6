/* SPDX-License-Identifier: MIT */
/* The decimal text of a float as digits and a point, to be moved without losing any. */
#ifndef PEEKFS_VIEW_DECIMAL_H
#define PEEKFS_VIEW_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define DECIMAL_MAX 64 /* digits; floats have at most 36 */

/* 0.DIGITS x 10^point; zero has no digits. */
struct decimal {
	bool negative;
	int point;
	unsigned n;
	char digits[DECIMAL_MAX]; /* neither the first nor the last is 0 */
};

/* Reads a number such as -12.5e-7; false for anything else: inf, nan, 0x1p3, too many digits. */
bool decimal_read(const char *text, size_t n, struct decimal *out);
/* Appends it, with an exponent where the point is far from the digits. */
void decimal_write(const struct decimal *decimal, struct buf *out);

#endif
