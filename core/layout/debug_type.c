/* SPDX-License-Identifier: MIT */
/*
 * Entries to types: base types, pointers, arrays, enums. (DWARF 5, chapter 5.)
 *
 * A pointer's target is not made at once, or one struct would bring half of its program: it becomes
 * a record without members, that waits in a list. When what was asked for is made, as many of them
 * are filled as a find may make; pointers to the others lead nowhere, as to `void`.
 */
#include <string.h>

#include "base/text.h"
#include "layout/debug_inside.h"

/* A record that a pointer leads to. */
struct target {
	struct ctype *record;
	struct dwarf_entry entry;
};

bool maker_step(struct maker *m)
{
	if (m->steps++ >= MAKER_STEPS_MAX)
		parse_limit(&m->p, &m->p.token, "a type of more than 2097152 members in all");
	return !m->p.err;
}

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

/* The same as the name of a type, behind word. */
static const char *type_name(struct maker *m, const char *word, const char *name)
{
	return clean(m, word, name, false);
}

static struct ctype *named(struct maker *m, enum type_kind kind, const char *word, const char *name)
{
	struct ctype *type = ctype_new(&m->p, kind);

	name = type_name(m, word, name);
	if (name) {
		type->type.name = name;
		type->hole = (unsigned short)strlen(name);
	}
	return type;
}

const struct ctype *maker_bytes(struct maker *m, uint64_t size, const char *name)
{
	struct ctype *type = named(m, TYPE_BYTES, "", name);

	type->type.size = size;
	return type;
}

static const struct ctype *incomplete(struct maker *m, const char *name)
{
	struct ctype *type = named(m, TYPE_STRUCT, "", name ? name : "unknown");

	type->state = CTYPE_INCOMPLETE;
	return type;
}

static const struct ctype *nothing(void)
{
	static const unsigned char words[KEYWORD_WORDS] = {[KEYWORD_VOID - KEYWORD_VOID] = 1};

	return ctype_of_words(words);
}

static bool size_of(const struct dwarf_entry *entry, uint64_t *size)
{
	return dwarf_entry_number(entry, DWARF_AT_BYTE_SIZE, size) == 0 && *size <= LAYOUT_SIZE_MAX;
}

/* C's own type of that name, "long unsigned int" as gcc writes it; NULL when it isn't made of C's
 * words. */
static const struct ctype *by_words(const char *name)
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
	type = named(m, kind, "", name);
	type->type.size = type->type.align = (uint32_t)size;
	type->type.is_signed =
		encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_SIGNED_CHAR;
	return type;
}

static const struct ctype *base(struct maker *m, const struct dwarf_entry *entry)
{
	const char *name = dwarf_entry_name(entry);
	const struct ctype *type = name ? by_words(name) : NULL;
	uint64_t size, encoding, order = 0, bits;
	bool is_signed;
	struct ctype *copy;

	if (!size_of(entry, &size) || dwarf_entry_number(entry, DWARF_AT_ENCODING, &encoding) < 0)
		return incomplete(m, name);
	if (dwarf_entry_number(entry, DWARF_AT_BIT_SIZE, &bits) == 0)
		return maker_bytes(m, size, name ? name : "number");
	if (!type || type->type.size != size)
		type = by_encoding(m, encoding, size, name ? name : "number");
	is_signed = encoding == DWARF_ENCODING_SIGNED || encoding == DWARF_ENCODING_SIGNED_CHAR;
	(void)dwarf_entry_number(entry, DWARF_AT_ENDIANITY, &order);
	if (type->type.kind > TYPE_CHAR || (order != 1 && type->type.is_signed == is_signed))
		return type;
	copy = ctype_copy(&m->p, type); /* -funsigned-char; scalar_storage_order */
	copy->type.is_signed = is_signed;
	copy->type.big_endian = order == 1 && size > 1;
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

static const struct ctype *enumeration(struct maker *m, const struct dwarf_entry *entry)
{
	const char *tag = dwarf_entry_name(entry);
	struct ctype *type = named(m, TYPE_ENUM, tag ? "enum " : "enum", tag ? tag : "");
	struct enumerator *kept;
	struct dwarf_entry child;
	uint64_t size;
	size_t n;

	if (!size_of(entry, &size) || !is_machine_size(size))
		return incomplete(m, tag);
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

static bool is_record_tag(unsigned tag)
{
	return tag == DWARF_STRUCTURE_TYPE || tag == DWARF_CLASS_TYPE || tag == DWARF_UNION_TYPE;
}

/* A record without its members: see maker_fill_record(). */
static struct ctype *empty_record(struct maker *m, const struct dwarf_entry *entry,
				  const char *typedef_name)
{
	bool is_union = dwarf_entry_tag(entry) == DWARF_UNION_TYPE;
	const char *tag = dwarf_entry_name(entry), *word = is_union ? "union" : "struct";
	struct ctype *record;

	if (tag)
		record = named(m, is_union ? TYPE_UNION : TYPE_STRUCT,
			       is_union ? "union " : "struct ", tag);
	else
		record = named(m, is_union ? TYPE_UNION : TYPE_STRUCT, "",
			       typedef_name ? typedef_name : word);
	record->tagless = !tag && !typedef_name;
	record->state = CTYPE_INCOMPLETE;
	maker_memorize(m, dwarf_entry_key(entry), record);
	return record;
}

static const struct ctype *record(struct maker *m, const struct dwarf_entry *entry,
				  const char *typedef_name)
{
	struct ctype *type = empty_record(m, entry, typedef_name);

	maker_fill_record(m, type, entry);
	return type;
}

/* One step down from a typedef or qualifier: false where there is nothing (void). */
static bool peel(struct dwarf_entry *entry, const char **typedef_name)
{
	*typedef_name = dwarf_entry_tag(entry) == DWARF_TYPEDEF ? dwarf_entry_name(entry) : NULL;
	return dwarf_entry_reference(entry, DWARF_AT_TYPE, entry) == 0;
}

static bool is_transparent(unsigned tag)
{
	return tag == DWARF_TYPEDEF || tag == DWARF_CONST_TYPE || tag == DWARF_VOLATILE_TYPE ||
	       tag == DWARF_RESTRICT_TYPE || tag == DWARF_ATOMIC_TYPE ||
	       tag == DWARF_IMMUTABLE_TYPE;
}

/* What a pointer leads to: a record that may be filled later, or the type itself. */
static const struct ctype *target_of(struct maker *m, const struct dwarf_entry *pointer)
{
	struct dwarf_entry entry;
	const struct ctype *known;
	const char *name = NULL;
	struct target *target;

	if (dwarf_entry_reference(pointer, DWARF_AT_TYPE, &entry) < 0)
		return nothing();
	for (unsigned i = 0; is_transparent(dwarf_entry_tag(&entry)); i++) {
		known = maker_recall(m, dwarf_entry_key(&entry));
		if (known)
			return known;
		if (i == MAKER_DEPTH_MAX || !peel(&entry, &name))
			return nothing();
	}
	known = maker_recall(m, dwarf_entry_key(&entry));
	if (known)
		return known;
	if (!is_record_tag(dwarf_entry_tag(&entry)))
		return maker_type(m, &entry);
	target = vector_push(&m->p, &m->targets, struct target);
	if (!target)
		return nothing();
	target->entry = entry;
	target->record = empty_record(m, &entry, name);
	return target->record;
}

static const struct ctype *pointer(struct maker *m, const struct dwarf_entry *entry)
{
	const struct ctype *target = target_of(m, entry);
	struct ctype shallow = *target, *type;
	uint64_t size;

	/* what a chain of pointers leads to isn't nested in them */
	shallow.depth = target->type.kind == TYPE_POINTER ? target->depth : 1;
	type = (struct ctype *)ctype_pointer(&m->p, &shallow);
	if (m->p.err)
		return type;
	type->type.target = &target->type;
	if (size_of(entry, &size) && (size == 4 || size == 8))
		type->type.size = type->type.align = (uint32_t)size;
	return type;
}

/* The first index of an array, where that isn't said: DWARF 5, table 7.17. */
static uint64_t default_lower_bound(const struct dwarf_entry *entry)
{
	static const unsigned char from_one[] = {
		0x03, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0d,
		0x0e, 0x0f, 0x17, 0x1f, 0x22, 0x23, /* Ada, Cobol, Fortran, Pascal, Modula, PL/I,
						       Julia */
	};
	struct dwarf_entry root;
	uint64_t language;

	if (dwarf_unit_root(entry, &root) < 0 ||
	    dwarf_entry_number(&root, DWARF_AT_LANGUAGE, &language) < 0)
		return 0;
	return language < 0x80 && memchr(from_one, (int)language, sizeof(from_one)) != NULL;
}

/* How many elements a dimension has; false when that isn't constant. *open: it isn't said. */
static bool dimension(const struct dwarf_entry *entry, uint64_t *count, bool *open)
{
	uint64_t upper, lower;
	int r;

	*open = false;
	r = dwarf_entry_number(entry, DWARF_AT_COUNT, count);
	if (r != -ENOENT)
		return r == 0;
	r = dwarf_entry_number(entry, DWARF_AT_UPPER_BOUND, &upper);
	if (r < 0) {
		*open = r == -ENOENT;
		*count = 0;
		return *open;
	}
	r = dwarf_entry_number(entry, DWARF_AT_LOWER_BOUND, &lower);
	if (r == -ENOENT)
		lower = default_lower_bound(entry);
	else if (r < 0)
		return false;
	/* of int[0] gcc says that it ends at -1, in 32 or in 64 bits */
	*count = upper == UINT32_MAX ? 0 : upper - lower + 1;
	return (int64_t)*count >= 0;
}

/* The first dimension from an entry on, of which r says whether it is there: 1, 0, -EINVAL. */
static int find_dimension(struct maker *m, int r, struct dwarf_entry *at)
{
	while (r == 1 && maker_step(m) && dwarf_entry_tag(at) != DWARF_SUBRANGE_TYPE)
		r = dwarf_entry_sibling(at, at);
	return m->p.err ? -EINVAL : r;
}

/* From the last dimension to the first: an array of arrays. */
static const struct ctype *dimensions(struct maker *m, struct dwarf_entry *entry,
				      const struct ctype *element, unsigned depth)
{
	struct dwarf_entry next = *entry;
	uint64_t count;
	bool open;
	int r = dwarf_entry_sibling(&next, &next);

	r = find_dimension(m, r, &next);
	if (r == 1 && depth < LAYOUT_DEPTH_MAX)
		element = dimensions(m, &next, element, depth + 1);
	if (!element || r < 0 || depth >= LAYOUT_DEPTH_MAX || !dimension(entry, &count, &open))
		return NULL;
	if (open) {
		/* as the last member of a struct: none of its elements are inside */
		struct ctype *closed =
			(struct ctype *)ctype_array(&m->p, element, 0, NULL, true, &m->p.token);

		if (!m->p.err)
			closed->open = false;
		return closed;
	}
	return ctype_array(&m->p, element, count, NULL, false, &m->p.token);
}

static const struct ctype *array(struct maker *m, const struct dwarf_entry *entry)
{
	const struct ctype *element, *type = NULL;
	struct dwarf_entry of, child;
	uint64_t size, stride;
	bool has_size = size_of(entry, &size);
	int r;

	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return incomplete(m, "array");
	element = maker_type(m, &of);
	r = find_dimension(m, dwarf_entry_child(entry, &child), &child);
	if (element->state != CTYPE_COMPLETE || element->type.size % element->type.align)
		r = 0;
	if (dwarf_entry_has(entry, DWARF_AT_BIT_STRIDE) ||
	    (dwarf_entry_number(entry, DWARF_AT_BYTE_STRIDE, &stride) == 0 &&
	     stride != element->type.size))
		r = 0;
	if (r == 1)
		type = dimensions(m, &child, element, 0);
	if (type && (!has_size || type->type.size == size))
		return type;
	return has_size ? maker_bytes(m, size, "array") : incomplete(m, "array");
}

static const struct ctype *typedefined(struct maker *m, const struct dwarf_entry *entry)
{
	const char *name = dwarf_entry_name(entry);
	struct dwarf_entry of;
	const struct ctype *type;

	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return nothing();
	type = maker_recall(m, dwarf_entry_key(&of));
	if (!type && name && is_record_tag(dwarf_entry_tag(&of)) && !dwarf_entry_name(&of))
		return record(m, &of, name);
	type = maker_type(m, &of);
	name = name && !m->p.err ? type_name(m, "", name) : NULL;
	return name ? ctype_named(&m->p, type, name) : type;
}

static const struct ctype *qualified(struct maker *m, const struct dwarf_entry *entry)
{
	struct dwarf_entry of;

	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return nothing();
	return maker_type(m, &of);
}

/* Where a member stands in its class, or a function with what is added to `this`. DWARF tells no
 * size; the Itanium C++ ABI does (2.3), where -1 is the null of the first. */
static const struct ctype *member_pointer(struct maker *m, const struct dwarf_entry *entry)
{
	struct dwarf_entry of;
	unsigned depth = 0;

	if (dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return incomplete(m, NULL);
	while (is_transparent(dwarf_entry_tag(&of)) && depth++ < MAKER_DEPTH_MAX &&
	       dwarf_entry_reference(&of, DWARF_AT_TYPE, &of) == 0)
		;
	return dwarf_entry_tag(&of) == DWARF_SUBROUTINE_TYPE
		       ? maker_bytes(m, 2 * sizeof(void *), "function of a class")
		       : by_words("long");
}

static const struct ctype *make(struct maker *m, const struct dwarf_entry *entry)
{
	unsigned tag = dwarf_entry_tag(entry);
	const char *name = dwarf_entry_name(entry);
	uint64_t size;

	switch (tag) {
	case DWARF_BASE_TYPE:
		return base(m, entry);
	case DWARF_POINTER_TYPE:
	case DWARF_REFERENCE_TYPE:
	case DWARF_RVALUE_REFERENCE_TYPE:
		return pointer(m, entry);
	case DWARF_ARRAY_TYPE:
		return array(m, entry);
	case DWARF_ENUMERATION_TYPE:
		return enumeration(m, entry);
	case DWARF_STRUCTURE_TYPE:
	case DWARF_CLASS_TYPE:
	case DWARF_UNION_TYPE:
		return record(m, entry, NULL);
	case DWARF_TYPEDEF:
		return typedefined(m, entry);
	case DWARF_PTR_TO_MEMBER_TYPE:
		return member_pointer(m, entry);
	case DWARF_SUBROUTINE_TYPE:
		return ctype_function(&m->p, nothing());
	default:
		if (is_transparent(tag))
			return qualified(m, entry);
		return size_of(entry, &size) ? maker_bytes(m, size, name ? name : "unknown")
					     : incomplete(m, name);
	}
}

/* A record that only a pointer led to until now. */
static bool is_empty(const struct ctype *type)
{
	return type->state == CTYPE_INCOMPLETE && !type->defining && type_is_record(&type->type);
}

const struct ctype *maker_type(struct maker *m, const struct dwarf_entry *entry)
{
	const void *key = dwarf_entry_key(entry);
	const struct ctype *type = maker_recall(m, key);

	if (type && !(is_empty(type) && is_record_tag(dwarf_entry_tag(entry))))
		return type;
	if (m->depth >= MAKER_DEPTH_MAX)
		parse_limit(&m->p, &m->p.token, "types nested deeper than 200 levels");
	if (m->p.err)
		return &ctype_int;
	m->depth++;
	if (type)
		maker_fill_record(m, (struct ctype *)type, entry);
	else
		type = make(m, entry);
	m->depth--;
	if (!m->p.err)
		maker_memorize(m, key, type);
	return m->p.err ? &ctype_int : type;
}

const struct ctype *maker_finish(struct maker *m, const struct dwarf_entry *entry)
{
	const struct ctype *type;

	m->p.pending = NULL;
	m->targets.n = m->n_targets = 0;
	m->steps = m->searches = 0;
	type = maker_type(m, entry);
	m->in_targets = true;
	for (size_t i = 0; i < m->targets.n && m->n_targets < MAKER_TARGETS_MAX && !m->p.err; i++) {
		struct target target = *(struct target *)vector_at(&m->targets, i);

		if (target.record->state != CTYPE_INCOMPLETE)
			continue;
		m->n_targets++;
		maker_fill_record(m, target.record, &target.entry);
	}
	m->in_targets = false;
	if (m->left_out)
		maker_forget(m);
	ctype_settle(&m->p);
	return type;
}
