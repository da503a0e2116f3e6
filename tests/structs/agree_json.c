/* SPDX-License-Identifier: MIT */
/* A JSON reader that knows what must come next. */
#include "agree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reader {
	enum topic topic;
	const char *at;
};

static bool no(const struct reader *r, const struct node *node, const char *what)
{
	return check(r->topic, false, node, "%s, at: %.60s", what, r->at);
}

static bool take(struct reader *r, const char *word)
{
	r->at += strspn(r->at, " \t\r\n");
	if (strncmp(r->at, word, strlen(word)) != 0)
		return false;
	r->at += strlen(word);
	return true;
}

/* The number of hex digits behind \u. */
static bool take_unicode(struct reader *r, unsigned *out)
{
	char digits[5] = "";
	char *end;

	strncat(digits, r->at, 4);
	*out = (unsigned)strtoul(digits, &end, 16);
	if (end != digits + 4)
		return false;
	r->at += 4;
	return true;
}

/* A character of a string. By the rule of core/view/json.h, one up to U+00FF is one byte, any other
 * its UTF-8. How many bytes, 0: none. */
static size_t take_character(struct reader *r, unsigned char *to)
{
	static const char letters[] = "\"\\/bfnrt", bytes[] = "\"\\/\b\f\n\r\t";
	unsigned char c = (unsigned char)*r->at;
	size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	const char *letter;
	unsigned code;

	if (c < ' ')
		return 0;
	if (c == '\\') {
		letter = strchr(letters, r->at[1]);
		r->at += 2;
		if (r->at[-1] == 'u') {
			*to = (unsigned char)(take_unicode(r, &code) ? code : 0);
			return code < 0x100; /* no more than that is ever written so */
		}
		if (!r->at[-1] || !letter)
			return 0;
		*to = (unsigned char)bytes[letter - letters];
		return 1;
	}
	memcpy(to, r->at, n);
	r->at += n;
	if (n != 2 || c > 0xc3)
		return n;
	*to = (unsigned char)(c << 6 | (to[1] & 0x3f));
	return 1;
}

/* A string and its bytes, for free(), with a NUL behind them; NULL: there is none. */
static char *take_string(struct reader *r, size_t *n)
{
	char *bytes;
	size_t length = 0, some = 1;

	if (!take(r, "\""))
		return NULL;
	bytes = must(malloc(strlen(r->at) + 4));
	while (*r->at && *r->at != '"' && some) {
		some = take_character(r, (unsigned char *)bytes + length);
		length += some;
	}
	bytes[length] = '\0';
	*n = length;
	if (some && take(r, "\""))
		return bytes;
	free(bytes);
	return NULL;
}

static bool is_text(struct reader *r, const struct node *node)
{
	unsigned char *want = must(malloc(node->bytes + 1));
	size_t n_want = node_bytes(node, want), n = 0;
	char *got = take_string(r, &n);
	bool is = got && n == n_want && memcmp(got, want, n) == 0;

	free(want);
	free(got);
	return is;
}

static bool is_string(struct reader *r, const char *want)
{
	size_t n;
	char *got = take_string(r, &n);
	bool is = got && strcmp(got, want) == 0;

	free(got);
	return is;
}

/* A number, as JSON writes it; a static text. */
static const char *take_number(struct reader *r)
{
	static char text[64];
	size_t n = (size_t)(strspn(r->at, "+-0123456789.eE"));
	const char *digits = r->at + (*r->at == '-');

	if (!n || n >= sizeof(text) || *digits < '0' || *digits > '9' ||
	    (*digits == '0' && digits[1] >= '0' && digits[1] <= '9'))
		return "no number";
	memcpy(text, r->at, n);
	text[n] = '\0';
	r->at += n;
	return text;
}

static bool is_scalar(struct reader *r, const struct node *node)
{
	bool is_number = strchr("-0123456789", *node->value);

	r->at += strspn(r->at, " \t\r\n");
	switch (node->letter) {
	case 'i':
		return strcmp(take_number(r), node->value) == 0;
	case 'b':
		if (node->value[1] || *node->value > '1')
			return strcmp(take_number(r), node->value) == 0;
		return take(r, *node->value == '1' ? "true" : "false");
	case 'e':
		return is_number ? strcmp(take_number(r), node->value) == 0
				 : is_string(r, node->value);
	case 'f':
	case 'd':
		if (*r->at != '"')
			return text_is_float(node, take_number(r));
		return strpbrk(node->text, "in") && is_string(r, node->text);
	case 'c':
	case 's':
		return is_text(r, node);
	case 'l':
	case 'w':
		if (*r->at != '"')
			return strcmp(take_number(r), node->text) == 0;
		/* fallthrough */
	default:
		return is_string(r, node->text);
	}
}

static bool is_value(struct reader *r, const struct node *node);

static bool are_children(struct reader *r, const struct node *node, const char *comma)
{
	for (size_t i = 0; i < node->n; i++, comma = ",") {
		const struct node *child = &node->child[i];

		if (!take(r, comma))
			return no(r, child, "a comma is missing");
		if (node->letter == '{' && (!is_string(r, child->name) || !take(r, ":")))
			return no(r, child, "its name is missing");
		if (!is_value(r, child))
			return false;
	}
	return true;
}

static bool is_value(struct reader *r, const struct node *node)
{
	const char *start = r->at;

	if (!node_is_directory(node)) {
		if (is_scalar(r, node))
			return check(r->topic, true, node, " ");
		r->at = start;
		return no(r, node, "another value");
	}
	if (!take(r, node->letter == '{' ? "{" : "["))
		return no(r, node, "its bracket is missing");
	if (!are_children(r, node, ""))
		return false;
	return take(r, node->letter == '{' ? "}" : "]") || no(r, node, "its end is missing");
}

bool json_is(enum topic topic, const char *text, const struct node *node)
{
	struct reader r = {topic, text};

	if (!is_value(&r, node))
		return false;
	return (take(&r, "") && !*r.at) || no(&r, node, "more behind its end");
}

bool json_row_is(const char *text, const struct node *element)
{
	struct reader r = {JSONL, text};

	if (!take(&r, "{") || !is_string(&r, "_index") || !take(&r, ":") || !take(&r, "") ||
	    strcmp(take_number(&r), element->name) != 0)
		return no(&r, element, "no index");
	if (element->letter == '{') {
		if (!are_children(&r, element, ","))
			return false;
	} else {
		if (!take(&r, ",") || !is_string(&r, "value") || !take(&r, ":"))
			return no(&r, element, "no value");
		if (!is_value(&r, element))
			return false;
	}
	return (take(&r, "}") && take(&r, "") && !*r.at) || no(&r, element, "more, or less");
}
