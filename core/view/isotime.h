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

#define ISOTIME_MAX 40 /* characters of the longest */

/* Writes "2024-05-01T12:34:56Z" at to (no NUL) and returns its length. seconds is in -2^63..2^64.
 */
unsigned isotime_format(char *to, int128 seconds);

/* Reads what isotime_format() writes, also with an offset (+02:00, +0200) in place of Z and a blank
 * in place of T. 0 and *seconds, or -EINVAL. */
int isotime_parse(const char *text, size_t n, int128 *seconds);

#endif
