/* SPDX-License-Identifier: MIT */
/* The layout's text. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "view/view.h"

static int layout_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	struct layout_state state;
	int r;

	(void)caller;
	object_infer(node->binding->object);
	r = object_layout_state(node->binding->object, &state);
	if (r < 0)
		return r;
	if (state.text)
		buf_puts(out, state.text);
	layout_state_destroy(&state);
	return buf_status(out);
}

/* Where in text a line and a column of it are. */
static size_t position_of(const char *text, size_t n, unsigned line, unsigned column)
{
	size_t at = 0;

	for (; line > 1 && at < n; line--) {
		const char *end = memchr(text + at, '\n', n - at);

		at = end ? (size_t)(end - text) + 1 : n;
	}
	at += column ? column - 1 : 0;
	return at < n ? at : n;
}

static bool is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_';
}

static bool is_blank(const char *text, size_t n)
{
	return text_trim(&text, n) == 0;
}

/* The next word of text, from *at on: its length, 0 where there is none. */
static size_t word_at(const char *text, size_t n, size_t *at)
{
	size_t end;

	while (*at < n && strchr(" \t\r", text[*at]))
		++*at;
	for (end = *at; end < n && is_word(text[end]); end++)
		;
	return end - *at;
}

/* "typedef struct NAME", or a part of that, whose brace stands in the next line. */
static bool is_head(const char *text, size_t n)
{
	static const char *const words[] = {"typedef", "struct", "union", "enum"};
	bool known = false;
	size_t at = 0;

	for (int count = 0; count < 3; count++) {
		size_t length = word_at(text, n, &at);

		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			known |= length == strlen(words[i]) && !memcmp(text + at, words[i], length);
		if (!known)
			return false;
		at += length;
	}
	return word_at(text, n, &at) == 0 && at == n;
}

static bool is_record_word(const char *word, size_t length)
{
	return (length == 6 && !memcmp(word, "struct", 6)) ||
	       (length == 5 && !memcmp(word, "union", 5));
}

/* What can't be a text's last line: several, or one that opens a brace, ends a declaration or a
 * member, or is for the preprocessor or for people. */
static bool are_first_lines(const char *text, size_t n)
{
	size_t at = 0, length;

	if (text_goes_on(text, n, ";,"))
		return true;
	n = text_trim(&text, n);
	length = word_at(text, n, &at);
	/* A struct without a name, with which nothing could be placed, begins no layout. */
	if (text[n - 1] == '{') {
		if (is_record_word(text + at, length))
			at += length;
		return word_at(text, n, &at) > 0;
	}
	return text[at] == '#' || text[at] == '/' || is_head(text, n);
}

/* A block, or a line that isn't over, or one that others follow, or what has begun so. */
static bool may_be_a_piece(const char *text, size_t n, enum store_part part)
{
	return part == STORE_MORE || n >= 4096 || n % 512 == 0 || text[n - 1] != '\n' ||
	       are_first_lines(text, n);
}

static bool has_any(const char *text, size_t n, const char *marks)
{
	for (size_t i = 0; i < n; i++)
		if (strchr(marks, text[i]))
			return true;
	return false;
}

/* Whether it is the name of an #if, of which the parser says that its #endif is missing. */
static bool is_open_group(const char *text, size_t n, size_t at)
{
	size_t hash = at;

	while (hash && strchr(" \t", text[hash - 1]))
		hash--;
	return hash && text[hash - 1] == '#' && n - at >= 2 && memcmp(text + at, "if", 2) == 0;
}

/* Whether it is the name of a macro, of which the parser says that its arguments have no ')'. */
static bool is_open_use(const char *text, size_t n, size_t at)
{
	size_t open = 0;

	while (at < n && is_word(text[at]))
		at++;
	while (at < n && strchr(" \t\n", text[at]))
		at++;
	if (at == n || text[at] != '(')
		return false;
	do
		open += (text[at] == '(') - (text[at] == ')');
	while (open && ++at < n);
	return open > 0;
}

/* Whether all that is wrong with the text is that it ends: there, in a comment that nobody has
 * closed, among the arguments of a macro, before an #endif, or in a line and a declaration that
 * aren't over, which may be cut in the middle of a word or a mark. */
static bool is_beginning(const char *text, size_t n, const struct diag *diag)
{
	size_t at;

	if (diag->line == 0)
		return false;
	at = position_of(text, n, diag->line, diag->column);
	if (n - at >= 2 && memcmp(text + at, "/*", 2) == 0)
		return !memmem(text + at, n - at, "*/", 2);
	if (is_open_group(text, n, at) || is_open_use(text, n, at))
		return true;
	return is_blank(text + at, n - at) || !has_any(text + at, n - at, ";{}\n");
}

static int layout_store(const struct node *node, const char *text, size_t n, enum store_part part,
			struct diag *diag)
{
	struct layout *layout = NULL;
	struct diag local = {0};
	int r;

	if (part == STORE_LAST && is_blank(text, n))
		return object_set_layout(node->binding->object, NULL, 0, NULL);
	if (part != STORE_LAST && may_be_a_piece(text, n, part)) {
		r = object_parse(node->binding->object, text, n, &layout, &local);
		layout_unref(layout);
		if (r == -EINVAL && is_beginning(text, n, &local))
			return -EAGAIN;
	}
	return object_set_layout(node->binding->object, text, n, diag);
}

/* `auto`: what variables tell. Without its newline it may be the beginning of another word. */
static int layout_request(const struct node *node, const struct caller *caller, const char *text,
			  size_t n, enum store_part part, struct diag *diag)
{
	if (!object_auto_asked(text, n))
		return -ENOENT;
	if (part != STORE_LAST && text[n - 1] != '\n')
		return -EAGAIN;
	return object_auto(node->binding->object, caller, diag);
}

static int layout_clear(const struct node *node)
{
	return object_set_layout(node->binding->object, NULL, 0, NULL);
}

const struct view_ops view_layout = {
	.name = "layout",
	.flags = VIEW_EDITABLE | VIEW_BESIDE,
	.render = layout_render,
	.store = layout_store,
	.request = layout_request,
	.clear = layout_clear,
};
