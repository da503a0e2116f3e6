/* SPDX-License-Identifier: MIT */
/* Entries to types: what isn't made of other types, and the names of all. (DWARF 5, 5.1 and 5.7.)
 */
#include <string.h>

#include "base/text.h"
#include "layout/debug_inside.h"

static bool in_identifier(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '$';
}

/* Copies a name of at most LAYOUT_NAME_MAX bytes; what can't be in it is an underscore. */
static const char *clean(struct maker *m, const char *word, const char *name, bool identifier)
{
	char text[LAYOUT_NAME_MAX + 16];
	size_t n = strlen(word), left = strnlen(name, LAYOUT_NAME_MAX), step;
	char *copy;

	memcpy(text, word, n);
	for (; left; left -= step, name += step) {
		step = (unsigned char)*name < 0x80 ? 1 : text_utf8(name, left);
		if (step == 1 &&
		    (identifier ? !in_identifier(*name) : *name < ' ' || *name == 0x7f))
			text[n++] = '_';
		else if (step)
			memcpy(text + n, name, step), n += step;
		else
			text[n++] = '_', step = 1;
	}
	copy = m->p.err ? NULL : arena_copy(m->p.kept, text, n);
	if (!copy)
		parse_no_memory(&m->p);
	return copy;
}

const char *maker_identifier(struct maker *m, const char *name)
{
	return clean(m, "", name, true);
}

const char *maker_name(struct maker *m, const char *word, const char *name)
{
	return clean(m, word, name, false);
}

struct ctype *maker_named(struct maker *m, enum type_kind kind, const char *word, const char *name)
{
	struct ctype *type = ctype_new(&m->p, kind);

	name = maker_name(m, word, name);
	if (name) {
		type->type.name = name;
		type->hole = (unsigned short)strlen(name);
	}
	return type;
}

const struct ctype *maker_bytes(struct maker *m, uint64_t size, const char *name)
{
	struct ctype *type = maker_named(m, TYPE_BYTES, "", name);

	type->type.size = size;
	return type;
}

const struct ctype *maker_incomplete(struct maker *m, const char *name)
{
	struct ctype *type = maker_named(m, TYPE_STRUCT, "", name ? name : "unknown");

	type->state = CTYPE_INCOMPLETE;
	return type;
}

bool maker_size(const struct dwarf_entry *entry, uint64_t *size)
{
	return dwarf_entry_number(entry, DWARF_AT_BYTE_SIZE, size) == 0 && *size <= LAYOUT_SIZE_MAX;
}

const struct ctype *maker_words(const char *name)
{
#define WORD(keyword) [KEYWORD_##keyword - KEYWORD_VOID]
	static const char *const words[KEYWORD_WORDS] = {
		WORD(CHAR) = "char",	     WORD(SHORT) = "short", WORD(INT) = "int",
		WORD(LONG) = "long",	     WORD(FLOAT) = "float", WORD(DOUBLE) = "double",
		WORD(SIGNED) = "signed",     WORD(BOOL) = "_Bool",  WORD(INT128) = "__int128",
		WORD(UNSIGNED) = "unsigned",
	};
#undef WORD
	unsigned char counts[KEYWORD_WORDS] = {0};

	while (*name) {
		size_t n = strcspn(name, " "), i = 0;

		while (i < KEYWORD_WORDS &&
		       (!words[i] || strlen(words[i]) != n || memcmp(words[i], name, n) != 0))
			i++;
		if (i == KEYWORD_WORDS || counts[i]++ > 2)
			return NULL;
		name += n;
		name += *name == ' ';
	}
	return ctype_of_words(counts);
}

static bool is_machine_size(uint64_t size)
{
	return size == 1 || size == 2 || size == 4 || size == 8;
}

/* Of 2 or 16 bytes there are several floating formats, which only the name tells apart. */
static bool is_ieee(const char *name, uint64_t size)
{
	if (size == 2)
		return !strcmp(name, "_Float16") || !strcmp(name, "f16");
	return size == 16 &&
	       (!strcmp(name, "_Float128") || !strcmp(name, "__float128") || !strcmp(name, "f128"));
}

static const struct ctype *by_encoding(struct maker *m, uint64_t encoding, uint64_t size,
				       const char *name)
{
	enum type_kind kind = TYPE_INTEGER;
	struct ctype *type;

	if (encoding == DWARF_ENCODING_BOOLEAN && size == 1)
		kind = TYPE_BOOL;
	else if (encoding == DWARF_ENCODING_FLOAT)
		kind = size == 4 || size == 8 ? TYPE_FLOAT : TYPE_BYTES;
	else if (encoding == DWARF_ENCODING_UTF && size == 1)
		kind = TYPE_CHAR;
	else if ((encoding < DWARF_ENCODING_SIGNED && encoding != DWARF_ENCODING_BOOLEAN) ||
		 (encoding > DWARF_ENCODING_UNSIGNED_CHAR && encoding != DWARF_ENCODING_UTF))
		kind = TYPE_BYTES;
	if (encoding == DWARF_ENCODING_FLOAT && size != 4 && size != 8 && is_ieee(name, size))
		kind = TYPE_FLOAT;
	else if (size == 16 &&
		 (encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_UNSIGNED))
		kind = TYPE_WIDE;
	else if (!is_machine_size(size))
		kind = TYPE_BYTES;
	if (kind == TYPE_BYTES)
		return maker_bytes(m, size, name);
	type = maker_named(m, kind, "", name);
	type->type.size = type->type.align = (uint32_t)size;
	type->type.is_signed =
		encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_SIGNED_CHAR;
	return type;
}

const struct ctype *maker_base(struct maker *m, const struct dwarf_entry *entry)
{
	const char *name = dwarf_entry_name(entry);
	const struct ctype *type = name ? maker_words(name) : NULL;
	uint64_t size, encoding, order = 0, bits;
	bool is_signed, is_number, is_reversed;
	struct ctype *copy;

	if (!maker_size(entry, &size) ||
	    dwarf_entry_number(entry, DWARF_AT_ENCODING, &encoding) < 0)
		return maker_incomplete(m, name);
	if (dwarf_entry_number(entry, DWARF_AT_BIT_SIZE, &bits) == 0)
		return maker_bytes(m, size, name ? name : "number");
	if (!type || type->type.size != size)
		type = by_encoding(m, encoding, size, name ? name : "number");
	is_signed = encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_SIGNED_CHAR;
	(void)dwarf_entry_number(entry, DWARF_AT_ENDIANITY, &order);
	is_number = type->type.kind <= TYPE_CHAR;
	is_reversed = order == 1 && type->type.kind <= TYPE_WIDE;
	if (!is_reversed && (!is_number || type->type.is_signed == is_signed))
		return type;
	copy = ctype_copy(&m->p, type); /* -funsigned-char; scalar_storage_order */
	if (is_number)
		copy->type.is_signed = is_signed;
	copy->type.big_endian = is_reversed;
	return copy;
}

uint64_t maker_fit(uint64_t value, const struct type *type)
{
	unsigned shift = 64 - 8 * (unsigned)type->size;

	value <<= shift;
	return type->is_signed ? (uint64_t)((int64_t)value >> shift) : value >> shift;
}

static bool has_negative(struct maker *m, const struct dwarf_entry *entry)
{
	struct dwarf_entry child;
	uint64_t value;

	for (int r = dwarf_entry_child(entry, &child); r == 1 && maker_step(m);
	     r = dwarf_entry_sibling(&child, &child))
		if (dwarf_entry_number(&child, DWARF_AT_CONST_VALUE, &value) == 0 && value >> 63)
			return true;
	return false;
}

static bool enum_is_signed(struct maker *m, const struct dwarf_entry *entry)
{
	struct dwarf_entry underlying;
	uint64_t encoding;

	if (dwarf_entry_number(entry, DWARF_AT_ENCODING, &encoding) == 0)
		return encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_SIGNED_CHAR;
	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &underlying) == 0)
		return maker_type(m, &underlying)->type.is_signed;
	return has_negative(m, entry);
}

static void add_enumerator(struct maker *m, const struct dwarf_entry *entry,
			   const struct type *type)
{
	const char *name = dwarf_entry_name(entry);
	struct enumerator *item;
	uint64_t value;

	if (dwarf_entry_tag(entry) != DWARF_ENUMERATOR || !name ||
	    dwarf_entry_number(entry, DWARF_AT_CONST_VALUE, &value) < 0)
		return;
	if (m->p.enumerators.n >= MAKER_MEMBERS_MAX) {
		parse_limit(&m->p, &m->p.token, "an enum of more than 65536 values");
		return;
	}
	item = vector_push(&m->p, &m->p.enumerators, struct enumerator);
	if (item)
		*item = (struct enumerator){maker_identifier(m, name), maker_fit(value, type)};
}

const struct ctype *maker_enum(struct maker *m, const struct dwarf_entry *entry)
{
	const char *tag = dwarf_entry_name(entry);
	struct ctype *type = maker_named(m, TYPE_ENUM, tag ? "enum " : "enum", tag ? tag : "");
	struct enumerator *kept;
	struct dwarf_entry child;
	uint64_t size;
	size_t n;

	if (!maker_size(entry, &size) || !is_machine_size(size))
		return maker_incomplete(m, tag);
	type->tagless = !tag;
	type->type.size = type->type.align = (uint32_t)size;
	type->type.is_signed = enum_is_signed(m, entry);
	m->p.enumerators.n = 0;
	for (int r = dwarf_entry_child(entry, &child); r == 1 && maker_step(m);
	     r = dwarf_entry_sibling(&child, &child))
		add_enumerator(m, &child, &type->type);
	n = m->p.enumerators.n;
	kept = m->p.err ? NULL : parse_keep(&m->p, n * sizeof(*kept));
	if (kept && n)
		memcpy(kept, m->p.enumerators.data, n * sizeof(*kept));
	type->type.enumerators = kept;
	type->type.n_enumerators = kept ? n : 0;
	return type;
}
