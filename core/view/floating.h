/* SPDX-License-Identifier: MIT */
/*
 * Floating-point numbers (IEEE 754 binary32 and binary64, as bits) and their text.
 *
 * The text has the fewest digits that read back to the same bits, and of those the nearest, laid
 * out as printf("%g") does: with an exponent below 1e-4 and where it has more than 6 (binary32) or
 * 15 (binary64) digits before the point, unless all of them count. Infinities are "inf" and "-inf";
 * the ordinary NaN is "nan" or "-nan", any other "nan(0xBITS)" with all the bits of its fraction,
 * so that even a signalling one comes back as it was.
 */
#ifndef PEEKFS_VIEW_FLOATING_H
#define PEEKFS_VIEW_FLOATING_H

#include <stddef.h>
#include <stdint.h>

#define FLOATING_MAX 32 /* characters of the longest */

/* Writes the number of size 4 or 8 bytes at to (no NUL) and returns the length. Thread-safe. */
unsigned floating_format(char *to, uint64_t bits, unsigned size);

/*
 * n digits as "%g" lays them out: exponent is that of the first one, precision how many digits may
 * stand before the point. Writes at to (no NUL) and returns the length.
 */
unsigned floating_digits(char *to, const char *digits, int n, int exponent, int precision);

/*
 * Reads that, and everything else that strtod(3) takes, correctly rounded and in any locale.
 * 0 and *bits; -EINVAL; -ERANGE: too large, or so small that nothing is left of it.
 */
int floating_parse(const char *text, size_t n, unsigned size, uint64_t *bits);

#endif
