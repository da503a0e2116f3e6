/* SPDX-License-Identifier: MIT */
#include "agree.h"

#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

/* The byte that an escape stands for; *text moves behind it. -1: none of C's. */
static int escaped(const char **text)
{
	static const char letters[] = "abtnvfr\\", bytes[] = "\a\b\t\n\v\f\r\\";
	const char *letter = strchr(letters, **text);
	unsigned byte;
	int n = 0;

	if (**text && letter) {
		++*text;
		return (unsigned char)bytes[letter - letters];
	}
	if (sscanf(*text, "x%2x%n", &byte, &n) != 1 || n != 3)
		return -1;
	*text += n;
	return (int)byte;
}

/* The bytes of a text with C's escapes: how many, or -1: it isn't one, or not fit to be shown. */
static ptrdiff_t unescape(const char *text, unsigned char *to, size_t most)
{
	mbstate_t state = {0};
	const char *rest = text;
	size_t n = 0;

	if (mbsrtowcs(NULL, &rest, 0, &state) == (size_t)-1)
		return -1; /* not UTF-8 */
	while (*text) {
		int byte = (unsigned char)*text++;

		if (n == most || byte < ' ' || byte == 0x7f)
			return -1;
		if (byte == '\\')
			byte = escaped(&text);
		if (byte < 0)
			return -1;
		to[n++] = (unsigned char)byte;
	}
	return (ptrdiff_t)n;
}

static bool is_escaped(const struct node *node, const char *text)
{
	unsigned char *want = must(malloc(2 * node->bytes + 2)), *got = want + node->bytes + 1;
	size_t n = node_bytes(node, want);
	bool is = unescape(text, got, node->bytes) == (ptrdiff_t)n && memcmp(want, got, n) == 0;

	free(want);
	return is;
}

/* Floats. */

static uint64_t bits_of(const struct node *node, const char *text, char **end)
{
	uint64_t bits = 0;

	if (node->letter == 'f') {
		float value = strtof(text, end);

		memcpy(&bits, &value, sizeof(value));
	} else {
		double value = strtod(text, end);

		memcpy(&bits, &value, sizeof(value));
	}
	return bits;
}

/* nan(0xBITS) has the bits of the fraction, all of them. */
static bool is_nan(const struct node *node, const char *text, uint64_t want)
{
	unsigned fraction = node->letter == 'f' ? 23 : 52;
	uint64_t sign = UINT64_C(1) << (node->letter == 'f' ? 31 : 63);
	uint64_t exponent = (sign - 1) & ~((UINT64_C(1) << fraction) - 1);
	uint64_t bits;
	int n = 0;

	if (*text == '-') {
		exponent |= sign;
		text++;
	}
	if (strcmp(text, "nan") == 0)
		return want == (exponent | UINT64_C(1) << (fraction - 1));
	return sscanf(text, "nan(0x%" SCNx64 ")%n", &bits, &n) == 1 && !text[n] &&
	       bits >> fraction == 0 && want == (exponent | bits);
}

bool text_is_float(const struct node *node, const char *text)
{
	uint64_t want = strtoull(node->value, NULL, 16);
	char *end;

	if (strstr(text, "nan"))
		return is_nan(node, text, want);
	return bits_of(node, text, &end) == want && end != text && !*end;
}

static unsigned count_digits(const char *text)
{
	unsigned n = 0, zeros = 0;

	text += *text == '-';
	for (; (*text >= '0' && *text <= '9') || *text == '.'; text++) {
		if (*text == '.' || (!n && *text == '0'))
			continue;
		zeros = *text == '0' ? zeros + 1 : 0;
		n++;
	}
	return n - zeros;
}

bool text_is_shortest(const struct node *node, const char *text)
{
	unsigned n = count_digits(text);
	char shorter[512], *end;

	if (n < 2 || strpbrk(text, "in"))
		return true;
	if (node->letter == 'f')
		snprintf(shorter, sizeof(shorter), "%.*g", (int)n - 1, (double)strtof(text, NULL));
	else
		snprintf(shorter, sizeof(shorter), "%.*g", (int)n - 1, strtod(text, NULL));
	return bits_of(node, shorter, &end) != strtoull(node->value, NULL, 16);
}

/* What is wider than a register is shown as its bytes, or as its value. */
static bool is_wide(const struct node *node, const char *text)
{
	unsigned char bytes[16] = "";
	unsigned __int128 number = 0;
	long double value;
	char *end, raw[32];

	if (strcmp(text, node->value) == 0)
		return true;
	node_bytes(node, bytes);
	if (node->letter == 'l' && strncmp(text, "x87(0x", 6) == 0) { /* no number */
		for (int i = 9; i >= 0; i--)
			number = number << 8 | bytes[i];
		snprintf(raw, sizeof(raw), "x87(0x%04lx%016lx)", (unsigned long)(number >> 64),
			 (unsigned long)number);
		return strcmp(text, raw) == 0;
	}
	if (node->letter == 'l') {
		value = strtold(text, &end);
		return strpbrk(text, "in") || (!*end && memcmp(&value, bytes, 10) == 0);
	}
	for (end = (char *)text; *end >= '0' && *end <= '9'; end++)
		number = 10 * number + (unsigned)(*end - '0');
	return end != text && !*end && memcmp(&number, bytes, 16) == 0;
}

bool text_is_value(const struct node *node, const char *text)
{
	switch (node->letter) {
	case 'b':
		if (node->value[1] || *node->value > '1')
			return strcmp(text, node->value) == 0;
		return strcmp(text, *node->value == '1' ? "true" : "false") == 0;
	case 'p':
		return strncmp(text, "0x", 2) == 0 && strcmp(text + 2, node->value) == 0;
	case 'c':
	case 's':
		return is_escaped(node, text);
	case 'l':
	case 'w':
		return is_wide(node, text);
	case 'f':
	case 'd':
		return text_is_float(node, text);
	default:
		return strcmp(text, node->value) == 0;
	}
}
