/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "words.h"

static const char *const macros[] = {
	[NUMBER] = "NUMBER",
	[CHAR] = "CHAR",
	[UCHAR] = "NUMBER",
	[BOOL] = "BOOL",
	[FLOAT] = "FLOAT",
	[WIDE] = "WIDE",
	[ENUM] = "ENUM",
	[POINTER] = "POINTER",
	[HEX] = "HEX",
	[SWAPPED] = "SWAPPED",
	[SWAPPED_FLOAT] = "SWAPPED_FLOAT",
	[TIME] = "TIME",
};

/* name is a string of C; access ends with the place, an array of so many dimensions of the word. */
static void show(struct structs *s, const char *name, unsigned dimensions, const struct word *word)
{
	size_t length = s->access.len;
	bool run = dimensions == 1 && (word->sort == CHAR || word->sort == UCHAR);
	char element[32];

	if (!dimensions || run) {
		buf_printf(&s->show, "\t%s(%s, %s",
			   !run			? macros[word->sort]
			   : word->sort == CHAR ? "STRING"
						: "BYTES",
			   name, buf_cstr(&s->access));
		if (word->sort == ENUM)
			buf_printf(&s->show, ", names_%u", word->which);
		buf_puts(&s->show, ");\n");
		return;
	}
	buf_printf(&s->show, "\tARRAY(%s, %s, i%u) {\n", name, buf_cstr(&s->access), s->loops);
	snprintf(element, sizeof(element), "nth(i%u)", s->loops);
	buf_printf(&s->access, "[i%u]", s->loops++);
	show(s, element, dimensions - 1, word);
	s->access.len = length;
	buf_puts(&s->show, "\t}\n\tEND();\n");
}

void show_member(struct structs *s, const char *name, unsigned dimensions, const struct word *word)
{
	size_t length = s->access.len;
	char quoted[32];

	snprintf(quoted, sizeof(quoted), "\"%s\"", name);
	buf_printf(&s->access, ".%s", name);
	show(s, quoted, dimensions, word);
	s->access.len = length;
}

void show_bits(struct structs *s, const char *name, const struct word *word)
{
	const char *access = buf_cstr(&s->access);

	if (word->sort == ENUM)
		buf_printf(&s->show, "\tENUM_BITS(\"%s\", %s.%s, names_%u);\n", name, access, name,
			   word->which);
	else
		buf_printf(&s->show, "\t%sBITS(\"%s\", %s.%s);\n",
			   word->sort == BOOL ? "BOOL_" : "", name, access, name);
}

void show_earlier(struct structs *s, const char *name, unsigned dimensions, size_t number)
{
	size_t length = s->access.len;

	buf_printf(&s->access, ".%s", name);
	for (unsigned i = 0; i < dimensions; i++) {
		if (i)
			buf_printf(&s->show, "\tARRAY(nth(i%u), %s, i%u) {\n", s->loops - 1,
				   buf_cstr(&s->access), s->loops);
		else
			buf_printf(&s->show, "\tARRAY(\"%s\", %s, i%u) {\n", name,
				   buf_cstr(&s->access), s->loops);
		buf_printf(&s->access, "[i%u]", s->loops++);
	}
	if (dimensions)
		buf_printf(&s->show, "\tRECORD(nth(i%u), %s, show_%zu);\n", s->loops - 1,
			   buf_cstr(&s->access), number);
	else
		buf_printf(&s->show, "\tRECORD(\"%s\", %s, show_%zu);\n", name,
			   buf_cstr(&s->access), number);
	while (dimensions--)
		buf_puts(&s->show, "\t}\n\tEND();\n");
	s->access.len = length;
}

void show_enter(struct structs *s, const char *name, bool array)
{
	buf_printf(&s->access, ".%s", name);
	if (!array) {
		buf_printf(&s->show, "\tBEGIN(\"%s\");\n", name);
		return;
	}
	buf_printf(&s->show, "\tARRAY(\"%s\", %s, i%u) {\n\tBEGIN(nth(i%u));\n", name,
		   buf_cstr(&s->access), s->loops, s->loops);
	buf_printf(&s->access, "[i%u]", s->loops++);
}

void show_leave(struct structs *s, bool array, size_t length)
{
	s->access.len = length;
	buf_puts(&s->show, array ? "\tEND();\n\t}\n\tEND();\n" : "\tEND();\n");
}
