/* SPDX-License-Identifier: MIT */
#include "view/big.h"

#include <string.h>

void big_set(struct big *b, uint128 value)
{
	for (b->n = 0; value; value >>= 32)
		b->limb[b->n++] = (uint32_t)value;
}

void big_copy(struct big *to, const struct big *from)
{
	to->n = from->n;
	memcpy(to->limb, from->limb, from->n * sizeof(*from->limb));
}

void big_times(struct big *b, uint32_t factor, uint32_t add)
{
	uint64_t carry = add;

	for (unsigned i = 0; i < b->n; i++) {
		carry += (uint64_t)b->limb[i] * factor;
		b->limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	if (carry)
		b->limb[b->n++] = (uint32_t)carry;
}

void big_times_pow10(struct big *b, unsigned power)
{
	for (; power >= 9; power -= 9)
		big_times(b, 1000000000, 0);
	for (; power; power--)
		big_times(b, 10, 0);
}

void big_shift_left(struct big *b, unsigned bits)
{
	unsigned words = bits / 32;

	if (!b->n)
		return;
	if (bits % 32)
		big_times(b, UINT32_C(1) << bits % 32, 0);
	memmove(b->limb + words, b->limb, b->n * sizeof(*b->limb));
	memset(b->limb, 0, words * sizeof(*b->limb));
	b->n += words;
}

void big_halve(struct big *b)
{
	for (unsigned i = 0; i < b->n; i++)
		b->limb[i] = b->limb[i] >> 1 | (i + 1 < b->n ? b->limb[i + 1] << 31 : 0);
	if (b->n && !b->limb[b->n - 1])
		b->n--;
}

int big_compare(const struct big *a, const struct big *b)
{
	if (a->n != b->n)
		return a->n < b->n ? -1 : 1;
	for (unsigned i = a->n; i--;) {
		if (a->limb[i] != b->limb[i])
			return a->limb[i] < b->limb[i] ? -1 : 1;
	}
	return 0;
}

int big_compare_sum(const struct big *a, const struct big *b, const struct big *c)
{
	struct big sum;
	uint64_t carry = 0;
	unsigned n = a->n > b->n ? a->n : b->n;

	for (unsigned i = 0; i < n; i++) {
		carry += (uint64_t)(i < a->n ? a->limb[i] : 0) + (i < b->n ? b->limb[i] : 0);
		sum.limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	sum.n = n;
	if (carry)
		sum.limb[sum.n++] = (uint32_t)carry;
	return big_compare(&sum, c);
}

void big_subtract(struct big *a, const struct big *b)
{
	int64_t borrow = 0;

	for (unsigned i = 0; i < a->n; i++) {
		borrow += (int64_t)a->limb[i] - (i < b->n ? b->limb[i] : 0);
		a->limb[i] = (uint32_t)borrow;
		borrow >>= 32;
	}
	while (a->n && !a->limb[a->n - 1])
		a->n--;
}

int big_bits(const struct big *b)
{
	return b->n ? (int)(32 * b->n) - __builtin_clz(b->limb[b->n - 1]) : 0;
}
