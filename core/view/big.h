/* SPDX-License-Identifier: MIT */
/* Large whole numbers, as far as floating_wide.c needs them. Nothing is checked: who calls knows
 * that the result has room. */
#ifndef PEEKFS_VIEW_BIG_H
#define PEEKFS_VIEW_BIG_H

#include <stdint.h>

__extension__ typedef unsigned __int128 uint128;

/* Of 2^16384 and its precision, or 2000 digits behind the smallest power of ten. */
#define BIG_LIMBS 1024

struct big {
	unsigned n; /* limbs in use; the highest isn't 0 */
	uint32_t limb[BIG_LIMBS];
};

void big_set(struct big *b, uint128 value);
void big_copy(struct big *to, const struct big *from);
/* b = b * factor + add */
void big_times(struct big *b, uint32_t factor, uint32_t add);
void big_times_pow10(struct big *b, unsigned power);
void big_shift_left(struct big *b, unsigned bits);
void big_halve(struct big *b);
/* a -= b, which is no larger. */
void big_subtract(struct big *a, const struct big *b);
/* <0, 0, >0: a against b; a + b against c. */
int big_compare(const struct big *a, const struct big *b);
int big_compare_sum(const struct big *a, const struct big *b, const struct big *c);
/* How many bits it has; 0 of 0. */
int big_bits(const struct big *b);

#endif
