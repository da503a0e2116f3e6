/* SPDX-License-Identifier: MIT */
/*
 * Floating-point numbers that the machine has no fast way for: IEEE 754 binary16 and binary128, and
 * x87's of 80 bits. The text is that of floating.h: as few digits as read back to the same bits,
 * and of those the nearest.
 */
#ifndef PEEKFS_VIEW_FLOATING_WIDE_H
#define PEEKFS_VIEW_FLOATING_WIDE_H

#include <stddef.h>

#include "view/big.h" /* uint128 */

#define FLOATING_WIDE_MAX 64 /* characters of the longest */

enum floating_kind { FLOATING_16, FLOATING_X87, FLOATING_128 };

/*
 * Writes the number at to (no NUL) and returns the length. bits holds it from the lowest bit on.
 * A pattern of x87's that is no number to it (a significand without its first bit) is
 * "x87(0xDIGITS)", all of it. Thread-safe.
 */
unsigned floating_wide_format(char *to, uint128 bits, enum floating_kind kind);

/*
 * Reads that, and what else strtold(3) takes, correctly rounded and in any locale.
 * 0 and *bits; -EINVAL; -ERANGE: too large, or so small that nothing is left of it.
 */
int floating_wide_parse(const char *text, size_t n, enum floating_kind kind, uint128 *bits);

#endif
