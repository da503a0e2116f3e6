/* SPDX-License-Identifier: MIT */
/*
 * Years begin in March here, so that the day that comes and goes is the last one: then the months'
 * lengths follow a line, (153 m + 2) / 5 days stand before month m, and 400 years have 146097 days.
 */
#include "view/isotime.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/number.h"

#define DAY	   86400
#define ERA_DAYS   146097
#define ERA_YEARS  400
#define EPOCH_DAYS 719468 /* 1970-01-01, counted from 0000-03-01 */

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* The day of year y (from March) on which it begins, counted within its era. */
static unsigned year_start(unsigned y)
{
	return y * 365 + y / 4 - y / 100 + y / 400;
}

unsigned isotime_format(char *to, const struct isotime *time)
{
	static const char pattern[15] = "-00-00T00:00:00";
	int128 seconds = time->seconds;
	int64_t days = (int64_t)(seconds / DAY) - (seconds % DAY < 0);
	unsigned second = (unsigned)(seconds - (int128)days * DAY);
	int64_t era = floor_div(days + EPOCH_DAYS, ERA_DAYS);
	unsigned day = (unsigned)(days + EPOCH_DAYS - era * ERA_DAYS);
	unsigned year = day / 365, month;
	int64_t civil;
	char *p = to;

	year -= year_start(year) > day;
	day -= year_start(year);
	month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	civil = era * ERA_YEARS + year + (month >= 10);
	month = month < 10 ? month + 3 : month - 9;

	if (civil < 0 || civil > 9999)
		*p++ = civil < 0 ? '-' : '+';
	if (civil < 0)
		civil = -civil;
	if (civil > 9999) {
		p += number_u64(p, (uint64_t)civil);
	} else {
		number_padded(p, (uint64_t)civil, 4);
		p += 4;
	}
	memcpy(p, pattern, sizeof(pattern));
	number_padded(p + 1, month, 2);
	number_padded(p + 4, day + 1, 2);
	number_padded(p + 7, second / 3600, 2);
	number_padded(p + 10, second / 60 % 60, 2);
	number_padded(p + 13, second % 60, 2);
	p += sizeof(pattern);
	if (time->digits) {
		*p++ = '.';
		memcpy(p, time->fraction, time->digits);
		p += time->digits;
	}
	*p++ = 'Z';
	return (unsigned)(p - to);
}

struct cursor {
	const char *at;
	const char *end;
};

static bool take(struct cursor *c, char wanted)
{
	if (c->at == c->end || *c->at != wanted)
		return false;
	c->at++;
	return true;
}

/* A number of min..max digits that is in low..high. */
static bool take_number(struct cursor *c, unsigned min, unsigned max, int64_t low, int64_t high,
			int64_t *out)
{
	int64_t value = 0;
	unsigned n = 0;

	for (; n < max && c->at < c->end && *c->at >= '0' && *c->at <= '9'; n++)
		value = value * 10 + (*c->at++ - '0');
	if (n < min || value < low || value > high)
		return false;
	*out = value;
	return true;
}

static int64_t month_days(int64_t year, int64_t month)
{
	static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return days[month - 1] + (month == 2 && leap);
}

static bool take_date(struct cursor *c, int64_t *days)
{
	bool negative = c->at < c->end && *c->at == '-';
	bool sign = negative || (c->at < c->end && *c->at == '+');
	int64_t year, month, day, era;

	c->at += sign;
	if (!take_number(c, 4, sign ? 12 : 4, 0, INT64_MAX, &year) || !take(c, '-') ||
	    !take_number(c, 2, 2, 1, 12, &month) || !take(c, '-'))
		return false;
	if (negative)
		year = -year;
	if (!take_number(c, 2, 2, 1, month_days(year, month), &day))
		return false;
	year -= month < 3;
	month += month < 3 ? 9 : -3;
	era = floor_div(year, ERA_YEARS);
	*days = era * ERA_DAYS + year_start((unsigned)(year - era * ERA_YEARS)) +
		(153 * month + 2) / 5 + day - 1 - EPOCH_DAYS;
	return true;
}

/* "Z" or the distance of a local time; in seconds. */
static bool take_zone(struct cursor *c, int64_t *zone)
{
	int64_t hours, minutes, sign;

	if (take(c, 'Z')) {
		*zone = 0;
		return true;
	}
	sign = take(c, '-') ? -1 : take(c, '+') ? 1 : 0;
	if (sign == 0 || !take_number(c, 2, 2, 0, 23, &hours))
		return false;
	take(c, ':');
	if (!take_number(c, 2, 2, 0, 59, &minutes))
		return false;
	*zone = sign * (hours * 3600 + minutes * 60);
	return true;
}

/* The digits behind a point; none is fine, a point alone isn't. */
static bool take_fraction(struct cursor *c, struct isotime *time)
{
	if (!take(c, '.') && !take(c, ','))
		return true;
	for (time->fraction = c->at; c->at < c->end && *c->at >= '0' && *c->at <= '9'; c->at++)
		time->digits++;
	return time->digits;
}

int isotime_parse(const char *text, size_t n, struct isotime *time)
{
	struct isotime read = {.fraction = text};
	struct cursor c = {text, text + n};
	int64_t days, hour, minute, second, zone;

	if (!take_date(&c, &days) || !(take(&c, 'T') || take(&c, ' ')) ||
	    !take_number(&c, 2, 2, 0, 23, &hour) || !take(&c, ':') ||
	    !take_number(&c, 2, 2, 0, 59, &minute) || !take(&c, ':') ||
	    !take_number(&c, 2, 2, 0, 59, &second) || !take_fraction(&c, &read) ||
	    !take_zone(&c, &zone) || c.at != c.end)
		return -EINVAL;
	second += hour * 3600 + minute * 60 - zone;
	read.seconds = (int128)days * DAY + second;
	*time = read;
	return 0;
}
