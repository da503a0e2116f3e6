/* SPDX-License-Identifier: MIT */
/*
 * Seconds since 1970 as ISO 8601 in UTC, and back, for every 64-bit number: the Gregorian calendar
 * goes on in both directions, and a year outside 0000..9999 has a sign and as many digits as it
 * needs (ISO 8601's expanded representation). No leap seconds, as in time(2).
 */
#ifndef PEEKFS_VIEW_ISOTIME_H
#define PEEKFS_VIEW_ISOTIME_H

#include <stddef.h>
#include <stdint.h>

__extension__ typedef __int128 int128;

#define ISOTIME_MAX 40 /* characters of the longest, without its fraction */

struct isotime {
	int128 seconds;	      /* rounded down */
	const char *fraction; /* digits behind the point, of what is left; not terminated */
	size_t digits;	      /* how many: 0, there is no point */
};

/* Writes "2024-05-01T12:34:56.789Z" at to (no NUL) and returns its length. seconds is in
 * -2^63..2^64. */
unsigned isotime_format(char *to, const struct isotime *time);

/* Reads what isotime_format() writes, also with an offset (+02:00, +0200) in place of Z, a blank in
 * place of T and a comma in place of the point. 0 and *time, whose fraction is a part of text; or
 * -EINVAL. */
int isotime_parse(const char *text, size_t n, struct isotime *time);

#endif
