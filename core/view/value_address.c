/* SPDX-License-Identifier: MIT */
/* Addresses and identifiers: runs of bytes that everybody writes in one way. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

#include "base/number.h"
#include "view/value_inside.h"

#define UUID_TEXT 36
#define MAC_TEXT  17

/* A copy with a NUL, as inet_pton(3) wants it; false when no address is as long. */
static bool terminate(struct text text, char to[INET6_ADDRSTRLEN])
{
	if (text.n >= INET6_ADDRSTRLEN || memchr(text.at, '\0', text.n))
		return false;
	memcpy(to, text.at, text.n);
	to[text.n] = '\0';
	return true;
}

static void ip4_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	uint32_t net = htonl((uint32_t)type_decode(type, bytes));
	char text[INET_ADDRSTRLEN];

	buf_puts(out, inet_ntop(AF_INET, &net, text, sizeof(text)));
}

static int ip4_parse(const struct type *type, struct text text, unsigned char *bytes,
		     struct diag *diag)
{
	char address[INET6_ADDRSTRLEN];
	uint64_t bits;
	uint32_t net;
	int r = 0;

	if (terminate(text, address) && inet_pton(AF_INET, address, &net) == 1)
		bits = ntohl(net);
	else if (value_is_number(text))
		r = value_parse_number(type, text, &bits, diag);
	else
		r = diag_set(diag, -EINVAL, 0, 0, "'%s' is not an address such as 192.0.2.1",
			     text_show(text).text);
	if (r == 0)
		type_encode(type, bits, bytes);
	return r;
}

static unsigned ip4_width(const struct type *type)
{
	(void)type;
	return INET_ADDRSTRLEN - 1;
}

const struct form form_ip4 = {ip4_put, ip4_parse, ip4_width};

static void ip6_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];

	(void)type;
	buf_puts(out, inet_ntop(AF_INET6, bytes, text, sizeof(text)));
}

static int ip6_parse(const struct type *type, struct text text, unsigned char *bytes,
		     struct diag *diag)
{
	char address[INET6_ADDRSTRLEN];

	(void)type;
	if (terminate(text, address) && inet_pton(AF_INET6, address, bytes) == 1)
		return 0;
	return diag_set(diag, -EINVAL, 0, 0, "'%s' is not an address such as 2001:db8::1",
			text_show(text).text);
}

static unsigned ip6_width(const struct type *type)
{
	(void)type;
	return INET6_ADDRSTRLEN - 1;
}

const struct form form_ip6 = {ip6_put, ip6_parse, ip6_width};

/* Two digits to a byte, where the bits of `gaps` say that a separator stands before it. */
static bool read_bytes(struct text text, unsigned gaps, const char *separators,
		       unsigned char *bytes, size_t n)
{
	const char *at = text.at, *end = at + text.n;
	char separator = '\0';

	for (size_t i = 0; i < n; i++) {
		if (gaps >> i & 1) {
			if (at == end || !strchr(separators, *at) || !*at ||
			    (separator && *at != separator))
				return false;
			separator = *at++;
		}
		if (end - at < 2 || number_digit(at[0]) > 15 || number_digit(at[1]) > 15)
			return false;
		bytes[i] = (unsigned char)(number_digit(at[0]) << 4 | number_digit(at[1]));
		at += 2;
	}
	return at == end;
}

static void put_bytes(struct buf *out, unsigned gaps, char separator, const unsigned char *bytes,
		      size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char digits[2];

		if (gaps >> i & 1)
			buf_putc(out, separator);
		value_digits(digits, bytes + i, 1);
		buf_put(out, digits, sizeof(digits));
	}
}

static void mac_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	(void)type;
	put_bytes(out, 0x3e, ':', bytes, 6);
}

/* As ip(8), IEEE 802 and some switches write it: 02:00:5e.., 02-00-5e.., 0200.5e10.0000. */
static int mac_parse(const struct type *type, struct text text, unsigned char *bytes,
		     struct diag *diag)
{
	(void)type;
	if (read_bytes(text, 0x3e, ":-", bytes, 6) || read_bytes(text, 0x14, ".", bytes, 6) ||
	    read_bytes(text, 0, "", bytes, 6))
		return 0;
	return diag_set(diag, -EINVAL, 0, 0, "'%s' is not an address such as 02:00:5e:10:00:00",
			text_show(text).text);
}

static unsigned mac_width(const struct type *type)
{
	(void)type;
	return MAC_TEXT;
}

const struct form form_mac = {mac_put, mac_parse, mac_width};

#define UUID_GAPS (1u << 4 | 1u << 6 | 1u << 8 | 1u << 10)

/* Between the order of the text and that of the bytes; its own inverse. */
static void order_uuid(const struct type *type, unsigned char *to, const unsigned char *from)
{
	static const unsigned char swapped[16] = {3, 2, 1,  0,	5,  4,	7,  6,
						  8, 9, 10, 11, 12, 13, 14, 15};

	for (size_t i = 0; i < 16; i++)
		to[i] = from[type->big_endian ? i : swapped[i]];
}

static void uuid_put(const struct type *type, const unsigned char *bytes, struct buf *out)
{
	unsigned char ordered[16];

	order_uuid(type, ordered, bytes);
	put_bytes(out, UUID_GAPS, '-', ordered, sizeof(ordered));
}

/* Also in braces, as Windows has it, and without dashes, as systemd has it. */
static int uuid_parse(const struct type *type, struct text text, unsigned char *bytes,
		      struct diag *diag)
{
	struct text inner = text;
	unsigned char ordered[16];

	if (text.n > 1 && text.at[0] == '{' && text.at[text.n - 1] == '}')
		inner = (struct text){text.at + 1, text.n - 2};
	if (!read_bytes(inner, UUID_GAPS, "-", ordered, sizeof(ordered)) &&
	    !read_bytes(inner, 0, "", ordered, sizeof(ordered)))
		return diag_set(diag, -EINVAL, 0, 0,
				"'%s' is not a UUID such as 123e4567-e89b-12d3-a456-426614174000",
				text_show(text).text);
	order_uuid(type, bytes, ordered);
	return 0;
}

static unsigned uuid_width(const struct type *type)
{
	(void)type;
	return UUID_TEXT;
}

const struct form form_uuid = {uuid_put, uuid_parse, uuid_width};
