/* SPDX-License-Identifier: MIT */
/*
 * Integers to text, eight digits a step, and digits back. printf() is some ten times slower, and
 * tables of millions of rows are nothing but numbers.
 */
#ifndef PEEKFS_BASE_NUMBER_H
#define PEEKFS_BASE_NUMBER_H

#include <stdint.h>
#include <string.h>

#define NUMBER_MAX 20 /* characters of the longest, a sign included */

/* Write value at to and return the end. No NUL; of NUMBER_MAX bytes that must be there, those
 * behind the number may have changed. */
char *number_put_u64(char *to, uint64_t value);
char *number_put_i64(char *to, int64_t value);
/* The same, but return the number of characters. */
static inline unsigned number_u64(char *to, uint64_t value)
{
	return (unsigned)(number_put_u64(to, value) - to);
}
static inline unsigned number_i64(char *to, int64_t value)
{
	return (unsigned)(number_put_i64(to, value) - to);
}
/* The number of decimal digits of value: 1 for 0. */
unsigned number_digits(uint64_t value);
/* Exactly width digits, zeros in front; value must fit. */
void number_padded(char *to, uint64_t value, unsigned width);
/* What a digit of any base up to 16 counts, letters of either case; 16 when it is none. */
static inline unsigned number_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}
/* Two digits; value is below 100. */
extern const char number_pairs[];
static inline void number_pair(char *to, unsigned value)
{
	memcpy(to, number_pairs + 2 * value, 2);
}
/* Exactly width lower-case hexadecimal digits; higher ones are cut off. */
void number_hex(char *to, uint64_t value, unsigned width);

#endif
