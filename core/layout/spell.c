/* SPDX-License-Identifier: MIT */
#include "layout/spell.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug.h"
#include "layout/token.h"
#include "layout/variable.h"

#define DIMENSIONS 8

void spell_free(struct spelled *spelled)
{
	buf_destroy(&spelled->type);
	buf_destroy(&spelled->bounds);
	buf_destroy(&spelled->lookup);
}

static bool in_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool spell_may_name(const char *name, size_t n)
{
	return !symbol_is_keyword(name, n);
}

/* The end of a template's arguments, from the '<' on, if a layout's text could have them; NULL. */
static const char *arguments_end(const char *at)
{
	unsigned depth = 0;

	for (; *at; at++) {
		if (!in_word(*at) && !strchr("<>:,*&()[]+-. ", *at))
			return NULL;
		if (at[1] && (!strncmp(at, "->", 2) || !strncmp(at, "<<", 2) ||
			      !strncmp(at, "<=", 2) || !strncmp(at, ">=", 2)))
			return NULL; /* tokens of their own */
		depth += *at == '<';
		depth -= *at == '>';
		if (depth == 0)
			return at + 1;
	}
	return NULL;
}

/* Is it a name as a layout's text can have it: NAME, NAME<...>, NAME::NAME? */
static bool is_path(const char *name)
{
	while (name && in_word(*name) && !isdigit((unsigned char)*name)) {
		const char *word = name;

		while (in_word(*name))
			name++;
		if (!spell_may_name(word, (size_t)(name - word)))
			return false;
		if (*name == '<')
			name = arguments_end(name);
		if (!name || !*name)
			return name;
		if (name[0] != ':' || name[1] != ':')
			return false;
		name += 2;
	}
	return false;
}

/* The name of the outermost typedef of a type, through qualifiers, or NULL. */
static const char *typedef_name(const struct dwarf_entry *type)
{
	struct dwarf_entry at = *type;

	for (int i = 0; i < 32 && dwarf_entry_tag(&at); i++) {
		if (dwarf_entry_tag(&at) == DWARF_TYPEDEF)
			return dwarf_entry_name(&at);
		if (dwarf_entry_reference(&at, DWARF_AT_TYPE, &at) < 0)
			break;
	}
	return NULL;
}

/* A name without the blanks that mean nothing: so the text's own names are compared. */
static void put_name(struct buf *out, const char *name)
{
	for (const char *at = name; *at; at++)
		if (*at != ' ' || (at > name && in_word(at[-1]) && in_word(at[1])))
			buf_putc(out, *at);
}

/* A struct, union or enum by its tag, with the scopes it is in, or by the typedef that names it.
 * Where a text can't name the scopes, a lambda's, its own name must do. */
static int spell_tagged(const struct dwarf_entry *target, const struct dwarf_entry *bare,
			const char *word, enum spell_worth worth, struct spelled *out)
{
	CLEANUP(buf_destroy) struct buf path = BUF_INIT;
	const char *name = dwarf_entry_name(bare), *text;
	int r = name ? debug_scope(bare, &path) : 0;
	size_t scopes;

	if (!name) {
		name = typedef_name(target);
		word = "";
	}
	if (r < 0 || !name)
		return r;
	scopes = path.len;
	put_name(&path, name);
	text = buf_cstr(&path);
	if (!text)
		return -ENOMEM;
	if (!strcmp(text, "core::ffi::c_void"))
		return 0; /* Rust's void is an enum */
	if (!is_path(text))
		text += scopes;
	buf_printf(&out->type, "%s%s", word, text);
	if (!is_path(text) || path.len >= READER_NAME_MAX)
		return 0;
	buf_printf(&out->lookup, "%s%s", word, text);
	out->found = *bare;
	out->worth = worth;
	return 0;
}

/* By size and encoding: other languages have other names. */
static const char *base_name(uint64_t encoding, uint64_t size)
{
	static const char *const names[][4] = {
		{"signed char", "short", "int", "long"},
		{"unsigned char", "unsigned short", "unsigned int", "unsigned long"},
	};
	unsigned log = size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3;

	if (size != 1u << log)
		return NULL;
	switch (encoding) {
	case DWARF_ENCODING_BOOLEAN:
		return size == 1 ? "bool" : NULL;
	case DWARF_ENCODING_FLOAT:
		return size == 4 ? "float" : size == 8 ? "double" : NULL;
	case DWARF_ENCODING_SIGNED:
	case DWARF_ENCODING_SIGNED_CHAR:
		return names[0][log];
	case DWARF_ENCODING_UNSIGNED:
	case DWARF_ENCODING_UNSIGNED_CHAR:
		return names[1][log];
	default:
		return NULL;
	}
}

static void spell_base(const struct dwarf_entry *target, const struct dwarf_entry *bare,
		       struct spelled *out)
{
	const char *name = dwarf_entry_name(bare), *called = typedef_name(target);
	uint64_t encoding = 0;

	dwarf_entry_number(bare, DWARF_AT_ENCODING, &encoding);
	if (name && !strcmp(name, "char")) {
		out->worth = SPELL_TEXT;
	} else {
		name = base_name(encoding, out->size);
		out->worth = name ? SPELL_SCALAR : SPELL_NOTHING;
	}
	/* Bytes are called so: they are shown as one. */
	if (name && called && !strcmp(called, "uint8_t"))
		name = called;
	if (name)
		buf_puts(&out->type, name);
}

static int spell_into(const struct dwarf_entry *target, struct spelled *out);

/* "[10][3]" behind the element, and the size of all of it. */
static int spell_array(const struct dwarf_entry *array, struct spelled *out)
{
	uint64_t bounds[DIMENSIONS], total = 1;
	struct dwarf_entry element, range, bare;
	unsigned n = 0;
	int more = dwarf_entry_child(array, &range), r;

	for (; more > 0; more = dwarf_entry_sibling(&range, &range)) {
		if (dwarf_entry_tag(&range) != DWARF_SUBRANGE_TYPE)
			continue;
		if (n == DIMENSIONS)
			return 0;
		if (dwarf_entry_number(&range, DWARF_AT_COUNT, &bounds[n]) < 0) {
			if (dwarf_entry_number(&range, DWARF_AT_UPPER_BOUND, &bounds[n]) < 0)
				return 0;
			bounds[n]++;
		}
		if (bounds[n] == 0 || __builtin_mul_overflow(total, bounds[n], &total))
			return 0;
		n++;
	}
	/* An array of typedefs of arrays, too, would be one without an end, if the file lies. */
	if (n == 0 || dwarf_entry_reference(array, DWARF_AT_TYPE, &element) < 0 ||
	    !variable_bare_type(&element, &bare) || dwarf_entry_tag(&bare) == DWARF_ARRAY_TYPE)
		return 0;
	r = spell_into(&element, out);
	if (r < 0 || __builtin_mul_overflow(out->size, total, &out->size)) {
		out->worth = SPELL_NOTHING;
		return r;
	}
	for (unsigned i = 0; i < n; i++)
		buf_printf(&out->bounds, "[%lu]", (unsigned long)bounds[i]);
	out->elements = bounds[0];
	return 0;
}

static int spell_into(const struct dwarf_entry *target, struct spelled *out)
{
	struct dwarf_entry bare;

	if (!variable_bare_type(target, &bare))
		return 0;
	dwarf_entry_number(&bare, DWARF_AT_BYTE_SIZE, &out->size);
	switch (dwarf_entry_tag(&bare)) {
	case DWARF_STRUCTURE_TYPE:
	case DWARF_CLASS_TYPE:
		return spell_tagged(target, &bare, "struct ", SPELL_RECORD, out);
	case DWARF_UNION_TYPE:
		return spell_tagged(target, &bare, "union ", SPELL_RECORD, out);
	case DWARF_ENUMERATION_TYPE:
		return spell_tagged(target, &bare, "enum ", SPELL_SCALAR, out);
	case DWARF_BASE_TYPE:
		spell_base(target, &bare, out);
		return 0;
	case DWARF_POINTER_TYPE:
		out->size = sizeof(uint64_t);
		out->worth = SPELL_SCALAR;
		buf_puts(&out->type, "void *");
		return 0;
	case DWARF_ARRAY_TYPE:
		return spell_array(&bare, out);
	default:
		return 0;
	}
}

int spell(const struct dwarf_entry *target, struct spelled *out)
{
	struct spelled spelled = {.worth = SPELL_NOTHING};
	int r = spell_into(target, &spelled);

	if (buf_status(&spelled.type) < 0 || buf_status(&spelled.bounds) < 0 ||
	    buf_status(&spelled.lookup) < 0)
		r = -ENOMEM;
	if (r < 0)
		spell_free(&spelled);
	else
		*out = spelled;
	return r;
}
