/* SPDX-License-Identifier: MIT */
#include "structs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "words.h"

void add_leaf(struct structs *s, enum leaf_kind kind, const char *path)
{
	if (s->n_leaves == s->cap_leaves) {
		s->cap_leaves = s->cap_leaves ? 2 * s->cap_leaves : 1024;
		s->leaves = must(reallocarray(s->leaves, s->cap_leaves, sizeof(*s->leaves)));
	}
	s->leaves[s->n_leaves++] = (struct leaf){kind, (unsigned)s->n_records, must(strdup(path))};
}

/* Dimensions after a name, and an element's index after its path. */
static void put_dimensions(struct structs *s, unsigned n, struct buf *path)
{
	while (n--) {
		put_bound(s);
		buf_printf(path, "[%u]", below(s, 2));
	}
}

static void put_attributes(struct structs *s, bool is_bits)
{
	if (one_in(s, 12))
		buf_puts(&s->text, " __attribute__((packed))");
	if (one_in(s, is_bits ? 40 : 12) && (s->quirks || !is_bits))
		buf_printf(&s->text, " __attribute__((__aligned__(%u)))", power(s, 5));
}

static void new_path(struct structs *s, struct buf *path, const char *prefix, char *name, size_t n)
{
	snprintf(name, n, "f%u", s->names++);
	buf_printf(path, "%s%s%s", prefix, *prefix ? "." : "", name);
}

static void put_bits(struct structs *s, const char *prefix)
{
	unsigned n = 1 + below(s, 4);

	while (n--) {
		CLEANUP(buf_destroy) struct buf path = BUF_INIT;
		const struct word *word = some_word(s);
		unsigned width;
		char name[16];

		if (!word->bits)
			continue;
		width = 1 + below(s, word->bits);
		if (one_in(s, 4))
			width = word->bits;
		if (one_in(s, 8)) {
			buf_printf(&s->text, "\t%s : %u;\n", word->text, one_in(s, 2) ? 0 : width);
			continue;
		}
		new_path(s, &path, prefix, name, sizeof(name));
		buf_printf(&s->text, "\t%s%s %s : %u", one_in(s, 8) ? "volatile " : "", word->text,
			   name, width);
		put_attributes(s, true);
		buf_puts(&s->text, ";\n");
		add_leaf(s, LEAF_BITS, buf_cstr(&path));
		show_bits(s, name, word);
	}
}

static void put_plain(struct structs *s, const char *prefix)
{
	static const char *const qualifiers[] = {"const ", "volatile ", "const volatile "};
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const struct word *word = some_word(s);
	unsigned dimensions = one_in(s, 3) && !word->no_array ? 1 + below(s, 3) : 0;
	bool number = word->number;
	char name[16];

	new_path(s, &path, prefix, name, sizeof(name));
	buf_puts(&s->text, "\t");
	if (one_in(s, 12))
		buf_printf(&s->text, "_Alignas(%u) ", 16 * power(s, 2));
	if (one_in(s, 8))
		buf_puts(&s->text, qualifiers[below(s, ARRAY_SIZE(qualifiers))]);
	else if (word->bits && !dimensions && one_in(s, 12)) {
		buf_puts(&s->text, "_Atomic ");
		number = false; /* no cast to it tells its sign */
	}
	buf_printf(&s->text, "%s %s", word->text, name);
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	put_dimensions(s, dimensions, &path);
	show_member(s, name, dimensions + word->dimensions, word);
	put_attributes(s, false);
	buf_puts(&s->text, one_in(s, 9) ? "; // ;\n" : ";\n");
	for (unsigned i = 0; i < word->dimensions; i++)
		buf_printf(&path, "[%u]", below(s, 2));
	add_leaf(s, number ? LEAF_NUMBER : LEAF_OTHER, buf_cstr(&path));
}

/* Text, bytes and arrays as large as programs have them. */
static void put_large(struct structs *s, const char *prefix)
{
	static const struct word words[] = {
		{"char", .sort = CHAR},	   {"uint8_t", .sort = UCHAR}, {"int32_t", .sort = NUMBER},
		{"double", .sort = FLOAT}, {"char", .sort = CHAR},     {"uint16_t", .sort = NUMBER},
	};
	static const unsigned bounds[] = {1, 4, 13, 16, 17, 20, 40};
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const struct word *word = &words[below(s, ARRAY_SIZE(words))];
	unsigned bound = bounds[below(s, ARRAY_SIZE(bounds))];
	char name[16];

	if (word->sort != NUMBER && word->sort != FLOAT && one_in(s, 16))
		bound = 5000;
	new_path(s, &path, prefix, name, sizeof(name));
	buf_printf(&s->text, "\t%s %s[%u];\n", word->text, name, bound);
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	show_member(s, name, 1, word);
}

/* How a value asks to be shown; compilers know nothing of that. */
static void put_hinted(struct structs *s, const char *prefix)
{
	static const struct word words[] = {
		{"[[hex]] uint8_t", .sort = HEX},     {"[[hex]] int16_t", .sort = HEX},
		{"[[hex]] unsigned", .sort = HEX},    {"[[hex]] long", .sort = HEX},
		{"[[be]] uint16_t", .sort = SWAPPED}, {"[[be]] int32_t", .sort = SWAPPED},
		{"[[be]] uint64_t", .sort = SWAPPED}, {"[[be]] float", .sort = SWAPPED_FLOAT},
		{"[[le]] int", .sort = NUMBER},	      {"[[be]] double", .sort = SWAPPED_FLOAT},
		{"[[time]] int32_t", .sort = TIME},   {"[[time]] uint32_t", .sort = TIME},
	};
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const struct word *word = &words[below(s, ARRAY_SIZE(words))];
	char name[16];

	if (!s->quirks)
		return; /* clang has them in C23 only */
	new_path(s, &path, prefix, name, sizeof(name));
	buf_printf(&s->text, "\t%s %s;\n", word->text, name);
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	show_member(s, name, 0, word);
}

static void put_pointer(struct structs *s, const char *prefix)
{
	static const struct word pointer = {"", .sort = POINTER};
	static const char *const forms[] = {
		"void *%s",
		"const char *const *%s",
		"struct unknown *%s",
		"int (*%s)(int, char *)",
		"int (*(*%s)(void))[3]",
		"char (*%s)[20]",
		"void (*%s[2])(struct unknown *, void (*)(int))",
		"int *(*%s[2])[3]",
		"double **%s[2]",
		"_Atomic(int *) %s",
		"uint32_t *restrict %s",
	};
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	unsigned form = below(s, ARRAY_SIZE(forms));
	const char *hole = strstr(forms[form], "%s");
	char name[16];

	new_path(s, &path, prefix, name, sizeof(name));
	buf_printf(&s->text, "\t%.*s%s%s", (int)(hole - forms[form]), forms[form], name, hole + 2);
	put_attributes(s, false);
	buf_puts(&s->text, ";\n");
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	show_member(s, name, strstr(forms[form], "%s[2]") ? 1 : 0, &pointer);
	if (strstr(forms[form], "%s[2]")) {
		buf_puts(&path, "[1]");
		add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	}
}

/* A member of a struct from above, with some of the leaves of that. */
static void put_earlier(struct structs *s, const char *prefix)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const struct record *record;
	unsigned dimensions;
	char name[16];
	size_t n;

	if (!s->n_records)
		return;
	record = &s->records[below(s, (unsigned)s->n_records)];
	if (record->flexible || record->weight > 500)
		return;
	dimensions = one_in(s, 3) ? 1 + below(s, 2) : 0;
	s->weight += record->weight << 3 * dimensions;
	new_path(s, &path, prefix, name, sizeof(name));
	buf_printf(&s->text, "\t%s %s", record->name, name);
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	put_dimensions(s, dimensions, &path);
	show_earlier(s, name, dimensions, (size_t)(record - s->records));
	put_attributes(s, false);
	buf_puts(&s->text, ";\n");
	n = record->end - record->first;
	for (size_t i = 0; n && i < 4; i++) {
		CLEANUP(buf_destroy) struct buf inner = BUF_INIT;
		const struct leaf *leaf = &s->leaves[record->first + below(s, (unsigned)n)];

		if (leaf->kind == LEAF_CONSTANT || strlen(leaf->path) > 60)
			continue;
		buf_printf(&inner, "%s.%s", buf_cstr(&path), leaf->path);
		add_leaf(s, leaf->kind, buf_cstr(&inner));
	}
}

static void put_members(struct structs *s, const char *prefix, unsigned depth);

static bool put_head(struct structs *s, const char *tag)
{
	bool after = one_in(s, 2);

	buf_printf(&s->text, "%s ", one_in(s, 4) ? "union" : "struct");
	if (!after && one_in(s, 5))
		buf_puts(&s->text, "__attribute__((packed)) ");
	if (!after && one_in(s, 8))
		buf_printf(&s->text, "__attribute__((aligned(%u))) ", power(s, 5));
	buf_printf(&s->text, "%s {\n", tag);
	return after;
}

static void put_tail(struct structs *s, bool after)
{
	buf_puts(&s->text, "}");
	if (after && one_in(s, 8))
		buf_printf(&s->text, " __attribute__((packed, aligned(%u)))", power(s, 5));
	else if (after && one_in(s, 5))
		buf_puts(&s->text, " __attribute__((__packed__))");
}

static void put_nested(struct structs *s, const char *prefix, unsigned depth)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	bool lifted = one_in(s, 2), after, array;
	size_t length = s->access.len;
	char name[16];

	buf_puts(&s->text, "\t");
	after = put_head(s, "");
	if (lifted) {
		put_members(s, prefix, depth + 1);
		put_tail(s, after);
		if (s->quirks)
			put_attributes(s, false); /* once more, of the type */
		buf_puts(&s->text, ";\n");
		return;
	}
	new_path(s, &path, prefix, name, sizeof(name));
	add_leaf(s, LEAF_OTHER, buf_cstr(&path));
	array = one_in(s, 3);
	if (array)
		buf_printf(&path, "[%u]", below(s, 2));
	show_enter(s, name, array);
	put_members(s, buf_cstr(&path), depth + 1);
	show_leave(s, array, length);
	put_tail(s, after);
	buf_printf(&s->text, " %s%s", name, array ? "[3]" : "");
	put_attributes(s, false);
	buf_puts(&s->text, ";\n");
}

static void put_members(struct structs *s, const char *prefix, unsigned depth)
{
	unsigned n = 1 + below(s, depth ? 4 : 9);

	while (n--) {
		switch (below(s, 12)) {
		case 0:
		case 1:
		case 2:
			put_bits(s, prefix);
			break;
		case 3:
			put_pointer(s, prefix);
			break;
		case 4:
			put_earlier(s, prefix);
			break;
		case 5:
			put_large(s, prefix);
			break;
		case 7:
			put_hinted(s, prefix);
			break;
		case 6:
			if (depth < 4) {
				put_nested(s, prefix, depth);
				break;
			}
			/* fallthrough */
		default:
			put_plain(s, prefix);
		}
	}
}

static void put_record(struct structs *s)
{
	struct record *record;
	char name[32], tag[32] = "";
	unsigned pack = one_in(s, 10) ? power(s, 4) : 0;
	bool alias = one_in(s, 4), after, flexible = false;
	size_t n = s->n_records, start;

	if (n == s->cap_records) {
		s->cap_records = n ? 2 * n : 64;
		s->records = must(reallocarray(s->records, s->cap_records, sizeof(*s->records)));
	}
	record = &s->records[n];
	record->first = s->n_leaves;
	s->weight = 1;
	if (one_in(s, 3))
		put_enum(s);
	if (one_in(s, 2))
		put_typedef(s);
	if (pack)
		buf_printf(&s->text, "#pragma pack(push, %u)\n", pack);
	if (alias)
		buf_puts(&s->text, "typedef ");
	else
		snprintf(tag, sizeof(tag), "S%zu", n);
	start = s->text.len;
	after = put_head(s, tag);
	snprintf(name, sizeof(name),
		 alias			      ? "T%zu"
		 : s->text.data[start] == 'u' ? "union S%zu"
					      : "struct S%zu",
		 n);
	buf_printf(&s->show, "static void show_%zu(void *at)\n{\n\t%s *r = at;\n\n", n, name);
	buf_reset(&s->access);
	buf_puts(&s->access, "(*r)");
	put_members(s, "", 0);
	buf_puts(&s->show, "}\n\n");
	if (s->text.data[start] == 's' && one_in(s, 10)) {
		flexible = true;
		buf_puts(&s->text, "\tint one;\n\tlong rest[];\n");
		add_leaf(s, LEAF_NUMBER, "one");
		add_leaf(s, LEAF_FLEXIBLE, "rest");
	}
	put_tail(s, after);
	buf_printf(&s->text, "%s%s;\n%s", alias ? " " : "", alias ? name : "",
		   pack ? "#pragma pack(pop)\n" : "");
	record->name = must(strdup(name));
	record->end = s->n_leaves;
	record->flexible = flexible;
	record->weight = s->weight;
	s->n_records++;
}

void structs_make(struct structs *s, uint64_t seed, size_t n, bool quirks)
{
	*s = (struct structs){.random = seed, .quirks = quirks};
	buf_puts(&s->text, "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
			   "#include <sys/types.h>\n#define THREE 3\n/* */ struct unknown;\n");
	while (n--)
		put_record(s);
	if (buf_status(&s->text) || buf_status(&s->show) || buf_status(&s->access))
		abort();
}

void structs_destroy(struct structs *s)
{
	for (size_t i = 0; i < s->n_records; i++)
		free(s->records[i].name);
	for (size_t i = 0; i < s->n_leaves; i++)
		free(s->leaves[i].path);
	for (size_t i = 0; i < s->n_words; i++)
		free(s->words[i].text);
	free(s->records);
	free(s->leaves);
	free(s->words);
	buf_destroy(&s->text);
	buf_destroy(&s->show);
	buf_destroy(&s->access);
	*s = (struct structs){.n_records = 0};
}

void structs_path(const struct leaf *leaf, char *to, size_t n)
{
	size_t at = 0;

	for (const char *from = leaf->path; *from && at + 1 < n; from++) {
		if (*from != ']')
			to[at++] = *from == '.' || *from == '[' ? '/' : *from;
	}
	to[at] = 0;
}
