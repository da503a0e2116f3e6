/* SPDX-License-Identifier: MIT */
/*
 * Moments, as ISO 8601 in UTC: counted in some unit by an integer or a float, or as the seconds and
 * the fraction of a struct timespec or timeval.
 *
 * What is shown comes back bit by bit. An integer's fraction has all digits of its unit. A float is
 * its shortest decimal text with the point moved, so the digits are the same ones. What is no
 * moment stays numbers: a float that isn't finite, is -0, or lies beyond the years 0000 to 9999 or
 * further behind the point than FRACTION_MAX; a struct whose fraction isn't below one second.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "view/decimal.h"
#include "view/isotime.h"
#include "view/value_inside.h"

#define FRACTION_MAX 17		    /* digits, of floats */
#define FIRST	     (-62167219200) /* 0000-01-01 */
#define LAST	     253402300799   /* 9999-12-31, its last second */
#define PAIR_MAX     (2 * NUMBER_MAX + 1)

static unsigned digits_of(uint32_t per_second)
{
	return number_digits(per_second) - 1;
}

static void put_moment(int128 seconds, uint32_t fraction, unsigned digits, struct buf *out)
{
	char text[NUMBER_MAX], *to = buf_reserve(out, ISOTIME_MAX + 1 + NUMBER_MAX);
	struct isotime time = {seconds, text, digits};

	if (!to)
		return;
	number_padded(text, fraction, digits);
	out->len += isotime_format(to, &time);
}

/* A fraction of a second in units; false: it has finer digits than they are. */
static bool count_fraction(const struct isotime *time, unsigned digits, uint32_t *out)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < digits; i++)
		value = value * 10 + (i < time->digits ? (uint32_t)(time->fraction[i] - '0') : 0);
	for (size_t i = digits; i < time->digits; i++) {
		if (time->fraction[i] != '0')
			return false;
	}
	*out = value;
	return true;
}

static int no_time(const struct type *type, struct text text, struct diag *diag)
{
	return diag_set(diag, -EINVAL, 0, 0,
			"'%s' is not a time: write 2024-05-01T12:34:56Z%s, or %s as %s",
			text_show(text).text,
			type->hints->per_second > 1 || type->kind == TYPE_FLOAT
				? ", with a fraction or without"
				: "",
			type->kind == TYPE_BYTES ? "seconds and fraction"
						 : "what is counted from 1970",
			type->kind == TYPE_BYTES ? "two numbers" : "a number");
}

/* A moment whose fraction is whole units. */
static int parse_moment(const struct type *type, struct text text, int128 *seconds,
			uint32_t *fraction, struct diag *diag)
{
	uint32_t per_second = type->hints->per_second;
	struct isotime time;

	if (isotime_parse(text.at, text.n, &time) < 0)
		return no_time(type, text, diag);
	if (!count_fraction(&time, digits_of(per_second), fraction))
		return diag_set(diag, -EINVAL, 0, 0,
				"'%s' is too fine: the unit is 1/%u of a second",
				text_show(text).text, per_second);
	*seconds = time.seconds;
	return 0;
}

/* Integers. */

static void put_count(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	uint32_t per_second = type->hints->per_second;
	uint64_t bits = type_decode(type, bytes);
	int128 count = type->is_signed ? (int128)(int64_t)bits : (int128)bits;
	int128 seconds = count / per_second - (count % per_second < 0);

	put_moment(seconds, (uint32_t)(count - seconds * per_second), digits_of(per_second), out);
}

static int parse_count(const struct type *type, struct text text, unsigned char *bytes,
		       struct diag *diag)
{
	uint64_t ones = value_ones(type), bits;
	uint32_t fraction;
	int128 count;
	int r;

	if (value_is_number(text)) {
		r = value_parse_number(type, text, &bits, diag);
	} else {
		r = parse_moment(type, text, &count, &fraction, diag);
		if (r < 0)
			return r;
		count = count * type->hints->per_second + fraction;
		if (type->is_signed ? count > (int128)(ones / 2) || count < -(int128)(ones / 2) - 1
				    : count > (int128)ones || count < 0)
			return value_out_of_range(type, text, diag);
		bits = (uint64_t)count;
	}
	if (r == 0)
		type_encode(type, bits, bytes);
	return r;
}

/* Floats. */

/* 0.DIGITS becomes 1 - 0.DIGITS; false when they are all zeros. */
static bool complement(char *digits, size_t n)
{
	while (n && digits[n - 1] == '0')
		n--;
	if (!n)
		return false;
	for (size_t i = 0; i < n; i++)
		digits[i] = (char)('0' + (i + 1 == n ? 10 : 9) - (digits[i] - '0'));
	return true;
}

/* Seconds and the digits behind them; false where it stays a number. */
static bool split(const struct decimal *decimal, int64_t *seconds, char fraction[FRACTION_MAX],
		  unsigned *digits)
{
	int behind = (int)decimal->n - decimal->point;
	int64_t whole = 0;

	*digits = 0;
	*seconds = 0;
	if (!decimal->n)
		return !decimal->negative;
	if (decimal->point > 12 || behind > FRACTION_MAX)
		return false;
	for (int i = 0; i < decimal->point; i++)
		whole = whole * 10 + (i < (int)decimal->n ? decimal->digits[i] - '0' : 0);
	for (int at = decimal->point; at < (int)decimal->n; at++)
		fraction[(*digits)++] = (char)(at < 0 ? '0' : decimal->digits[at]);
	if (decimal->negative)
		whole = complement(fraction, *digits) ? -whole - 1 : -whole;
	*seconds = whole;
	return whole >= FIRST && whole <= LAST;
}

static void put_float(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	char fraction[FRACTION_MAX], *to;
	size_t start = out->len;
	struct decimal decimal;
	unsigned digits;
	int64_t seconds;

	value_put_number(type, type_decode(type, bytes), out);
	if (out->failed || !decimal_read(out->data + start, out->len - start, &decimal))
		return;
	decimal.point -= (int)digits_of(type->hints->per_second);
	if (!split(&decimal, &seconds, fraction, &digits))
		return;
	out->len = start;
	to = buf_reserve(out, ISOTIME_MAX + 1 + FRACTION_MAX);
	if (to)
		out->len += isotime_format(to, &(struct isotime){seconds, fraction, digits});
}

/* The same as a number: of a time before 1970 both parts count downwards. */
static void join(const struct isotime *time, unsigned shift, struct buf *out)
{
	int64_t seconds = (int64_t)time->seconds;
	char fraction[DECIMAL_MAX];

	if (time->digits)
		memcpy(fraction, time->fraction, time->digits);
	if (seconds < 0 && complement(fraction, time->digits))
		seconds++;
	buf_printf(out, "%s%llu.", time->seconds < 0 ? "-" : "",
		   (unsigned long long)(seconds < 0 ? -seconds : seconds));
	buf_put(out, fraction, time->digits);
	buf_printf(out, "0e%u", shift);
}

static int parse_float(const struct type *type, struct text text, unsigned char *bytes,
		       struct diag *diag)
{
	CLEANUP(buf_destroy) struct buf number = BUF_INIT;
	struct isotime time;
	uint64_t bits;
	int r;

	if (isotime_parse(text.at, text.n, &time) == 0) {
		if (time.digits > DECIMAL_MAX || time.seconds < FIRST || time.seconds > LAST)
			return diag_set(diag, -ERANGE, 0, 0, "'%s' is out of range, or too long",
					text_show(text).text);
		join(&time, digits_of(type->hints->per_second), &number);
		if (buf_status(&number) < 0)
			return -ENOMEM;
		text = (struct text){number.data, number.len};
	}
	r = value_parse_number(type, text, &bits, diag);
	if (r == 0)
		type_encode(type, bits, bytes);
	return r == -EINVAL ? no_time(type, text, diag) : r;
}

/* Structs of two numbers. */

/* The type of each of them: the seconds', and a fraction's that is less than one second. */
static struct type half_of(const struct type *type)
{
	return (struct type){
		.kind = TYPE_INTEGER,
		.is_signed = type->is_signed,
		.big_endian = type->big_endian,
		.size = type->size / 2,
		.name = type->name,
	};
}

static void put_pair(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	struct type half = half_of(type);
	uint64_t seconds = type_decode(&half, bytes);
	uint64_t fraction = type_decode(&half, bytes + half.size);
	uint32_t per_second = type->hints->per_second;

	if (fraction < per_second) {
		put_moment(half.is_signed ? (int128)(int64_t)seconds : (int128)seconds,
			   (uint32_t)fraction, digits_of(per_second), out);
		return;
	}
	value_put_number(&half, seconds, out);
	buf_putc(out, ' ');
	value_put_number(&half, fraction, out);
}

/* The two numbers as they are. */
static int parse_numbers(const struct type *type, const struct type *half, struct text text,
			 unsigned char *bytes, struct diag *diag)
{
	const char *blank = memchr(text.at, ' ', text.n);
	size_t n = blank ? (size_t)(blank - text.at) : text.n;
	struct text numbers[2] = {{text.at, n}, value_trim((struct text){text.at + n, text.n - n})};
	uint64_t bits[2];

	if (!value_is_number(numbers[0]) || !value_is_number(numbers[1]))
		return no_time(type, text, diag);
	for (int i = 0; i < 2; i++) {
		int r = value_parse_number(half, numbers[i], &bits[i], diag);

		if (r < 0)
			return r;
	}
	for (int i = 0; i < 2; i++)
		type_encode(half, bits[i], bytes + (size_t)i * half->size);
	return 0;
}

static int parse_pair(const struct type *type, struct text text, unsigned char *bytes,
		      struct diag *diag)
{
	struct type half = half_of(type);
	uint64_t ones = value_ones(&half), most = half.is_signed ? ones / 2 : ones;
	uint32_t fraction;
	int128 seconds;
	int r = parse_moment(type, text, &seconds, &fraction, diag);

	if (r < 0)
		return parse_numbers(type, &half, text, bytes, diag) == 0 ? 0 : r;
	if (seconds > (int128)most || seconds < (half.is_signed ? -(int128)most - 1 : 0))
		return value_out_of_range(&half, text, diag);
	type_encode(&half, (uint64_t)seconds, bytes);
	type_encode(&half, fraction, bytes + half.size);
	return 0;
}

/* The form. */

static void time_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	(type->kind == TYPE_BYTES   ? put_pair
	 : type->kind == TYPE_FLOAT ? put_float
				    : put_count)(type, bytes, out);
}

static int time_parse(const struct type *type, struct text text, unsigned char *bytes,
		      struct diag *diag)
{
	return (type->kind == TYPE_BYTES   ? parse_pair
		: type->kind == TYPE_FLOAT ? parse_float
					   : parse_count)(type, text, bytes, diag);
}

static unsigned larger(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

static unsigned time_width(const struct type *type)
{
	unsigned digits = digits_of(type->hints->per_second), fraction = digits ? digits + 1 : 0;
	struct type number = type->kind == TYPE_BYTES ? half_of(type) : *type;
	uint64_t ones = type->kind == TYPE_FLOAT ? 0 : value_ones(&number);
	int128 per_second = type->kind == TYPE_BYTES ? 1 : type->hints->per_second;
	int128 least = number.is_signed ? -(int128)(ones / 2) - 1 : 0;
	int128 most = (int128)(number.is_signed ? ones / 2 : ones);
	struct isotime first = {.seconds = least / per_second - 1};
	struct isotime last = {.seconds = most / per_second};
	char text[ISOTIME_MAX];
	unsigned width;

	if (type->kind == TYPE_FLOAT)
		return (unsigned)strlen("0000-00-00T00:00:00.Z") + FRACTION_MAX;
	if (least == 0)
		first.seconds = 0;
	width = fraction + larger(isotime_format(text, &first), isotime_format(text, &last));
	return type->kind == TYPE_BYTES ? larger(width, PAIR_MAX) : width;
}

const struct form form_time = {time_put, time_parse, time_width};
