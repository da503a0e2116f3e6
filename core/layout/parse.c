/* SPDX-License-Identifier: MIT */
#include "layout/parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/text.h"

void parse_stop(struct parser *p, int err)
{
	p->err = err;
	p->token.kind = TOKEN_END;
	p->has_ahead = false;
}

void parse_no_memory(struct parser *p)
{
	if (p->err)
		return;
	if (p->kept->err == -E2BIG || p->scratch.err == -E2BIG)
		parse_limit(p, &p->token, "the layout is too large: it needs more than 64 MiB");
	else
		parse_stop(p, diag_no_memory(p->diag));
}

void *parse_keep(struct parser *p, size_t n)
{
	void *memory = arena_alloc(p->kept, n);

	if (!memory)
		parse_no_memory(p);
	return memory;
}

void *parse_scratch(struct parser *p, size_t n)
{
	void *memory = arena_alloc(&p->scratch, n);

	if (!memory)
		parse_no_memory(p);
	return memory;
}

const char *parse_keep_name(struct parser *p, const struct symbol *symbol)
{
	char *name = arena_copy(p->kept, symbol->name, symbol->length);

	if (!name)
		parse_no_memory(p);
	return name;
}

const char *parse_text(struct parser *p, size_t *n)
{
	CLEANUP(buf_destroy) struct buf bytes = BUF_INIT;
	const char *text;

	if (p->token.kind != TOKEN_STRING)
		token_unexpected(p, "a string");
	for (; p->token.kind == TOKEN_STRING; token_next(p)) {
		if (text_unescape(&bytes, p->token.text + 1, p->token.length - 2) == -EINVAL)
			parse_error(p, &p->token, "a bad escape in this text");
	}
	if (p->err)
		return NULL;
	text = buf_status(&bytes) < 0 ? NULL
				      : arena_copy(p->kept, bytes.len ? bytes.data : "", bytes.len);
	if (!text)
		parse_no_memory(p);
	*n = bytes.len;
	return text;
}

bool parse_enter(struct parser *p)
{
	p->depth++;
	if (p->depth > LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "nested too deep: 64 levels are the limit");
	return !p->err;
}

void parse_leave(struct parser *p)
{
	p->depth--;
}

void *vector_grow(struct parser *p, struct vector *vector, size_t item)
{
	char *data = array_grow(vector->data, vector->n, &vector->capacity, item);
	void *last;

	if (!data) {
		parse_no_memory(p);
		return NULL;
	}
	vector->data = data;
	vector->item = item;
	last = vector_at(vector, vector->n++);
	memset(last, 0, item);
	return last;
}
