/* SPDX-License-Identifier: MIT */
/* Characters to tokens: blanks and comments, names, numbers, quotes, punctuators. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "layout/parse.h"

static const struct {
	char text[4];
	unsigned short kind;
} punctuators[] = {
	{"<<", TOKEN_SHL},   {">>", TOKEN_SHR},	  {"<=", TOKEN_LE},	   {">=", TOKEN_GE},
	{"==", TOKEN_EQ},    {"!=", TOKEN_NE},	  {"&&", TOKEN_AND},	   {"||", TOKEN_OR},
	{"->", TOKEN_ARROW}, {"::", TOKEN_SCOPE}, {"...", TOKEN_ELLIPSIS},
};

static void newline(struct parser *p)
{
	p->input.at++;
	if (p->expansions.n)
		return;
	p->line++;
	p->line_start = p->input.at;
}

/* Of a backslash that ends its line, and the line's end; 0: none is there. */
static size_t splice_length(const struct input *in)
{
	const char *at = in->at + 1;

	if (in->at >= in->end || *in->at != '\\')
		return 0;
	if (at < in->end && *at == '\r')
		at++;
	return at < in->end && *at == '\n' ? (size_t)(at - in->at) + 1 : 0;
}

bool token_skip_splice(struct parser *p)
{
	size_t n = splice_length(&p->input);

	if (!n)
		return false;
	p->input.at += n - 1;
	newline(p);
	return true;
}

static void skip_line_comment(struct parser *p)
{
	while (p->input.at < p->input.end && *p->input.at != '\n') {
		if (!token_skip_splice(p))
			p->input.at++;
	}
}

static void skip_block_comment(struct parser *p)
{
	struct token start = {.line = p->line,
			      .column = (unsigned)(p->input.at - p->line_start) + 1};

	for (p->input.at += 2; p->input.end - p->input.at >= 2;) {
		if (p->input.at[0] == '*' && p->input.at[1] == '/') {
			p->input.at += 2;
			return;
		}
		if (*p->input.at == '\n')
			newline(p);
		else
			p->input.at++;
	}
	parse_error(p, &start, "this comment has no end: '*/' is missing");
	p->input.at = p->input.end;
}

void token_skip_blanks(struct parser *p, bool in_line)
{
	while (p->input.at < p->input.end) {
		char c = *p->input.at;
		bool pair = p->input.end - p->input.at >= 2;

		if (c == '\n') {
			if (in_line)
				return;
			newline(p);
			p->line_begins = true;
		} else if (c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f') {
			p->input.at++;
		} else if (c == '\\' && token_skip_splice(p)) {
			continue;
		} else if (pair && c == '/' && p->input.at[1] == '/') {
			skip_line_comment(p);
		} else if (pair && c == '/' && p->input.at[1] == '*') {
			skip_block_comment(p);
		} else {
			return;
		}
	}
}

/* The length of an identifier's character at `at`, 0 if there is none. */
static size_t name_character(const char *at, const char *end)
{
	if (isalnum((unsigned char)*at) || *at == '_' || *at == '$')
		return 1;
	return (unsigned char)*at < 0x80 ? 0 : text_utf8(at, (size_t)(end - at));
}

static void scan_name(struct parser *p, struct token *out)
{
	size_t n;

	while (p->input.at < p->input.end && (n = name_character(p->input.at, p->input.end)) != 0)
		p->input.at += n;
	out->kind = TOKEN_NAME;
	out->length = (unsigned)(p->input.at - out->text);
	if (out->length > LAYOUT_NAME_MAX)
		parse_error(p, out, "a name of %u bytes: no file name has more than %u",
			    out->length, LAYOUT_NAME_MAX);
	else
		out->symbol = symbol_intern(p, out->text, out->length);
}

/* The suffix of a constant: how many u and l (in either order, ll as one word). */
static bool number_suffix(const char *at, const char *end, bool *is_unsigned, bool *is_long)
{
	*is_unsigned = *is_long = false;
	while (at < end) {
		if ((*at == 'u' || *at == 'U') && !*is_unsigned) {
			*is_unsigned = true;
			at++;
		} else if ((*at == 'l' || *at == 'L') && !*is_long) {
			*is_long = true;
			at += end - at > 1 && at[1] == at[0] ? 2 : 1;
		} else {
			return false;
		}
	}
	return true;
}

/* The type of a constant is the first of C's list that holds it. */
static void number_type(struct token *out, unsigned base, bool is_unsigned, bool is_long)
{
	out->is_unsigned = is_unsigned;
	out->bits = is_long ? 64 : 32;
	if (out->bits == 32 && out->value > (is_unsigned ? UINT32_MAX : INT32_MAX)) {
		if (base != 10 && out->value <= UINT32_MAX)
			out->is_unsigned = true;
		else
			out->bits = 64;
	}
	if (out->bits == 64 && out->value > INT64_MAX)
		out->is_unsigned = true;
}

static void convert_number(struct parser *p, struct token *out)
{
	const char *at = out->text, *end = at + out->length;
	unsigned base = 10;
	bool overflow = false, is_unsigned, is_long;

	if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'x') {
		base = 16;
		at += 2;
	} else if (end - at > 2 && at[0] == '0' && (at[1] | 0x20) == 'b') {
		base = 2;
		at += 2;
	} else if (*at == '0') {
		base = 8;
	}
	for (; at < end; at++) {
		unsigned digit = number_digit(*at);

		if (*at == '\'' && at + 1 < end)
			continue;
		if (digit >= base)
			break;
		if (__builtin_mul_overflow(out->value, base, &out->value) ||
		    __builtin_add_overflow(out->value, digit, &out->value))
			overflow = true;
	}
	if (!number_suffix(at, end, &is_unsigned, &is_long))
		out->odd = NUMBER_NOT_WHOLE;
	else if (overflow)
		out->odd = NUMBER_TOO_LARGE;
	else
		number_type(out, base, is_unsigned, is_long || p->in_condition);
}

static void scan_number(struct parser *p, struct token *out)
{
	const char *at = p->input.at, *end = p->input.end;

	while (at < end && (name_character(at, end) == 1 || *at == '.' ||
			    (*at == '\'' && end - at > 1 && isalnum((unsigned char)at[1])) ||
			    ((*at == '+' || *at == '-') && strchr("eEpP", at[-1]))))
		at++;
	/* C's words for numbers are larger than its numbers: 0xe+1 is one, and wrong */
	p->input.at = at;
	out->kind = TOKEN_NUMBER;
	out->length = (unsigned)(at - out->text);
	convert_number(p, out);
}

/* 'a', '\n', and the likes of 'RIFF', as gcc reads them. */
static void convert_character(struct parser *p, struct token *out)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	uint32_t value = 0;
	int err = text_unescape(&bytes, out->text + 1, out->length - 2);

	out->kind = TOKEN_NUMBER;
	out->bits = 32;
	if (err == -ENOMEM) {
		parse_no_memory(p);
		return;
	}
	if (err || bytes.len < 1 || bytes.len > 4) {
		out->odd = NUMBER_NO_CHARACTER;
		return;
	}
	for (size_t i = 0; i < bytes.len; i++)
		value = value << 8 | (unsigned char)bytes.data[i];
	out->value = bytes.len == 1 ? (uint64_t)(int64_t)bytes.data[0]
				    : (uint64_t)(int64_t)(int32_t)value;
}

/* The token's text without the ends of lines in it. */
static void join_lines(struct parser *p, struct token *out)
{
	char *text = parse_scratch(p, out->length);
	struct input from = {out->text, out->text + out->length};
	unsigned n = 0;

	if (!text)
		return;
	while (from.at < from.end) {
		size_t splice = splice_length(&from);

		if (!splice && *from.at == '\\')
			text[n++] = *from.at++;
		if (splice)
			from.at += splice;
		else
			text[n++] = *from.at++;
	}
	out->text = text;
	out->length = n;
}

static void scan_quoted(struct parser *p, struct token *out)
{
	struct input *in = &p->input;
	char quote = *in->at++;
	bool joined = false;

	while (in->at < in->end && *in->at != quote && *in->at != '\n') {
		if (token_skip_splice(p))
			joined = true;
		else
			in->at += *in->at == '\\' && in->end - in->at > 1 ? 2 : 1;
	}
	if (in->at >= in->end || *in->at != quote) {
		out->length = 1;
		parse_error(p, out, "%c without its partner on this line", quote);
		return;
	}
	in->at++;
	out->length = (unsigned)(in->at - out->text);
	out->kind = TOKEN_STRING;
	if (joined)
		join_lines(p, out);
	if (quote == '\'')
		convert_character(p, out);
}

static void scan_punctuator(struct parser *p, struct token *out)
{
	size_t left = (size_t)(p->input.end - p->input.at);
	unsigned char c = (unsigned char)*p->input.at;

	for (size_t i = 0; i < ARRAY_SIZE(punctuators); i++) {
		size_t n = strlen(punctuators[i].text);

		if (left >= n && !memcmp(p->input.at, punctuators[i].text, n)) {
			out->kind = punctuators[i].kind;
			out->length = (unsigned)n;
			p->input.at += n;
			return;
		}
	}
	out->kind = c;
	out->length = 1;
	p->input.at++;
	if (!c || !strchr("{}()[];:,.=+-*/%&|^~!<>?@#", c))
		parse_error(p, out,
			    c > ' ' && c < 0x7f ? "'%c' has no meaning here"
						: "a byte \\x%02x has no meaning here",
			    c);
}

bool token_scan(struct parser *p, struct token *out)
{
	char c;

	if (p->err || p->input.at >= p->input.end)
		return false;
	*out = (struct token){.line = p->site_line, .column = p->site_column};
	if (!p->expansions.n) {
		out->line = p->line;
		out->column = (unsigned)(p->input.at - p->line_start) + 1;
	} else if (*p->input.at == PAINT && p->input.end - p->input.at > 1) {
		p->input.at++;
		out->painted = true;
	}
	out->text = p->input.at;
	c = *p->input.at;
	if (isdigit((unsigned char)c))
		scan_number(p, out);
	else if (name_character(p->input.at, p->input.end))
		scan_name(p, out);
	else if (c == '\'' || c == '"')
		scan_quoted(p, out);
	else
		scan_punctuator(p, out);
	return !p->err;
}
