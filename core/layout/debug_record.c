/* SPDX-License-Identifier: MIT */
/*
 * Entries of structs, unions and classes to their members. (DWARF 5, 5.7.)
 *
 * Sizes and places are the compiler's word. Where its words can't all be true (a member that
 * reaches over the end), the whole record becomes bytes: a tree that lies about one member may lie
 * about all.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug_inside.h"

#define OPERATION_PLUS_UCONST 0x23 /* DWARF 5, table 7.9 */

/*
 * Its bits, as both generations of DWARF say it: false when they don't say. The older one counts
 * from the most significant bit of a unit; in unions gcc 12 counts wrongly then (where a typedef
 * lowers the alignment), but there all bits begin at the first. The unit may begin before the
 * record: offset is negative then, and so may first be; their sum isn't.
 */
static bool place_of_bits(const struct dwarf_entry *member, uint64_t offset, uint64_t bits,
			  const struct type *record, struct field *field)
{
	uint64_t first, size = field->type->type.size;

	if (dwarf_entry_number(member, DWARF_AT_DATA_BIT_OFFSET, &first) == 0) {
		field->position = first;
		return true;
	}
	if (dwarf_entry_number(member, DWARF_AT_BIT_OFFSET, &first) < 0)
		return false;
	(void)dwarf_entry_number(member, DWARF_AT_BYTE_SIZE, &size);
	if (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
		first = record->kind == TYPE_UNION ? 0 : size * 8 - first - bits;
	field->position = offset * 8 + first;
	return true;
}

/* Bytes from the record's start: 0; -ENOENT when that is for the program to compute. */
static int place_of(const struct dwarf_entry *member, uint64_t *offset)
{
	const struct dwarf_operation *operations;
	size_t n;
	int r = dwarf_entry_number(member, DWARF_AT_DATA_MEMBER_LOCATION, offset);

	if (r == -ENOENT) {
		*offset = 0;
		return 0;
	}
	if (r == 0)
		return 0;
	r = dwarf_entry_location(member, DWARF_AT_DATA_MEMBER_LOCATION, 0, &operations, &n);
	if (r < 0 || n != 1 || operations[0].code != OPERATION_PLUS_UCONST)
		return -ENOENT;
	*offset = operations[0].a;
	return 0;
}

static bool may_be_bits(const struct type *type)
{
	return type->kind <= TYPE_ENUM && type->kind != TYPE_FLOAT && type->kind != TYPE_POINTER;
}

/* Bits of what has no bit-fields here: the bytes that they touch. */
static void make_bytes_of_bits(struct maker *m, struct field *field, uint64_t bits)
{
	uint64_t first = field->position / 8, end = (field->position + bits + 7) / 8;

	field->type = maker_bytes(m, end - first, field->type->type.name);
	field->position = first * 8;
	field->is_bits = false;
}

/* What a member is: false when it has no place, or none that is known. */
static bool read_member(struct maker *m, const struct type *record, const struct dwarf_entry *entry,
			struct field *field)
{
	const char *name = dwarf_entry_name(entry);
	struct dwarf_entry of;
	uint64_t offset, bits;

	if (dwarf_entry_flag(entry, DWARF_AT_EXTERNAL) ||
	    dwarf_entry_flag(entry, DWARF_AT_DECLARATION) || place_of(entry, &offset) < 0 ||
	    dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return false;
	*field = (struct field){
		.name = name && *name ? maker_identifier(m, name) : NULL,
		.type = maker_type(m, &of),
		.position = offset * 8,
	};
	if (dwarf_entry_number(entry, DWARF_AT_BIT_SIZE, &bits) < 0)
		return offset <= LAYOUT_SIZE_MAX;
	field->is_bits = true;
	field->bits = (unsigned char)(bits <= 64 ? bits : 0);
	if (!field->name || !bits || bits > 128 ||
	    !place_of_bits(entry, offset, bits, record, field))
		return false;
	if (!may_be_bits(&field->type->type) || bits > field->type->type.size * 8)
		make_bytes_of_bits(m, field, bits);
	return true;
}

/* A base class: an unnamed member, so that its own are lifted. A virtual one has no fixed place. */
static bool read_base(struct maker *m, const struct dwarf_entry *entry, struct field *field)
{
	struct dwarf_entry of;
	uint64_t offset, is_virtual = 0;

	(void)dwarf_entry_number(entry, DWARF_AT_VIRTUALITY, &is_virtual);
	if (is_virtual || place_of(entry, &offset) < 0 || offset > LAYOUT_SIZE_MAX ||
	    dwarf_entry_reference(entry, DWARF_AT_TYPE, &of) < 0)
		return false;
	*field = (struct field){.type = maker_type(m, &of), .position = offset * 8};
	return true;
}

/* An empty base, say: nothing is lifted from it, and it may stand behind the record's end. */
static bool brings_nothing(const struct field *field)
{
	const struct type *type = &field->type->type;

	return type_is_record(type) && !type->n_members && !field->name;
}

static bool lies_within(const struct type *record, const struct field *field)
{
	uint64_t bits = field->is_bits ? field->bits : field->type->type.size * 8, end;

	return !__builtin_add_overflow(field->position, bits, &end) && end <= record->size * 8;
}

static int add_field(struct maker *m, const struct type *record, const struct field *field)
{
	struct field *kept;

	if (field->type->state != CTYPE_COMPLETE) {
		/* maker_size_unsized() */
		if (record->kind == TYPE_UNION || field->position >= record->size * 8)
			return 0;
	} else if (brings_nothing(field)) {
		return 0;
	} else if (!lies_within(record, field)) {
		return -EINVAL;
	}
	kept = vector_push(&m->p, &m->p.fields, struct field);
	if (kept)
		*kept = *field;
	return 1;
}

int maker_add_member(struct maker *m, const struct type *record, const struct dwarf_entry *entry,
		     const struct rule *rule)
{
	struct field field;

	if (!read_member(m, record, entry, &field))
		return 0;
	field.rule = rule;
	return add_field(m, record, &field);
}

/* What one entry inside of a record's brings: 1, 0, -EINVAL. */
static int read_entry(struct maker *m, const struct type *record, const struct dwarf_entry *entry,
		      bool *varies)
{
	struct field field;

	switch (dwarf_entry_tag(entry)) {
	case DWARF_MEMBER:
		return maker_add_member(m, record, entry, NULL);
	case DWARF_INHERITANCE:
		return read_base(m, entry, &field) ? add_field(m, record, &field) : 0;
	case DWARF_VARIANT_PART:
		if (*varies) /* two of them */
			return -EINVAL;
		*varies = true;
		return maker_add_variants(m, record, entry) ? 1 : -EINVAL;
	default:
		return 0;
	}
}

/* Reads all members: false when the record can't be told as members. *varies: it has variants. */
static bool read_members(struct maker *m, const struct type *record,
			 const struct dwarf_entry *entry, bool *varies)
{
	struct dwarf_entry child;
	size_t first = m->p.fields.n;
	int r;

	*varies = false;
	for (r = dwarf_entry_child(entry, &child); r == 1 && !m->p.err;
	     r = dwarf_entry_sibling(&child, &child))
		if (!maker_step(m) || read_entry(m, record, &child, varies) < 0 ||
		    m->p.fields.n - first > MAKER_MEMBERS_MAX)
			return false;
	return r == 0 && !m->p.err;
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Have two of the members that the fields will bring one name, or are they more than a record may
 * have? */
static bool has_twins(struct maker *m, const struct field *fields, size_t n)
{
	CLEANUP(free_ptr) const char **names = NULL;
	size_t count = 0, at = 0;

	for (size_t i = 0; i < n; i++)
		count += fields[i].name ? 1 : fields[i].type->type.n_members;
	if (count > MAKER_MEMBERS_MAX)
		return true; /* records in each other multiply */
	names = calloc(count + 1, sizeof(*names));
	if (!names) {
		parse_no_memory(&m->p);
		return false;
	}
	for (size_t i = 0; i < n; i++) {
		const struct type *type = &fields[i].type->type;

		if (fields[i].name)
			names[at++] = fields[i].name;
		for (size_t j = 0; !fields[i].name && j < type->n_members; j++)
			names[at++] = type->members[j].name;
	}
	qsort(names, count, sizeof(*names), by_text);
	for (size_t i = 1; i < count; i++)
		if (!strcmp(names[i - 1], names[i]))
			return true;
	return false;
}

/* A name for what has none and can't be lifted: its type's last word, without the arguments of a
 * template; where that is none, where it stands. */
static void name_field(struct maker *m, struct field *field, bool by_place)
{
	const char *name = field->type->type.name, *space = strchr(name, ' ');
	char text[LAYOUT_NAME_MAX + 32];

	if (by_place || !space)
		snprintf(text, sizeof(text), "%.200s_%lu", field->name ? field->name : "at",
			 (unsigned long)(field->position / 8));
	else
		snprintf(text, sizeof(text), "%.*s", (int)strcspn(space + 1, "<"), space + 1);
	field->name = maker_identifier(m, text);
}

/* Lifts what has no name, unless two members would have one then. False: they have anyway. */
static bool name_fields(struct maker *m, struct field *fields, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!fields[i].name && !type_is_record(&fields[i].type->type))
			name_field(m, &fields[i], false);
	if (!has_twins(m, fields, n))
		return true;
	for (size_t i = 0; i < n; i++)
		if (!fields[i].name)
			name_field(m, &fields[i], false);
	if (!has_twins(m, fields, n))
		return true;
	for (size_t i = 0; i < n; i++)
		name_field(m, &fields[i], true);
	return !has_twins(m, fields, n);
}

/* What DWARF doesn't say of an alignment: the largest that a member has and keeps. */
static uint32_t align_of(const struct dwarf_entry *entry, const struct type *record,
			 const struct field *fields, size_t n)
{
	uint64_t align;

	if (dwarf_entry_number(entry, DWARF_AT_ALIGNMENT, &align) < 0 || !align ||
	    align & (align - 1) || align > UINT32_MAX / 2) {
		align = 1;
		for (size_t i = 0; i < n; i++) {
			uint64_t of = fields[i].type->type.align;

			if (of > align && (fields[i].is_bits || fields[i].position / 8 % of == 0))
				align = of;
		}
	}
	while (record->size % align)
		align /= 2;
	return (uint32_t)align;
}

static void become_bytes(struct ctype *record)
{
	record->type.kind = TYPE_BYTES;
	record->type.members = NULL;
	record->type.n_members = 0;
	record->type.align = 1;
	record->state = CTYPE_COMPLETE;
}

static void fill(struct maker *m, struct ctype *record, const struct dwarf_entry *entry)
{
	size_t first = m->p.fields.n, n;
	bool varies, good = read_members(m, &record->type, entry, &varies);
	struct field *fields;

	n = m->p.fields.n - first;
	fields = n ? vector_at(&m->p.fields, first) : NULL;
	if (good)
		maker_size_unsized(m, &record->type, fields, n);
	/* conditions know their members by name */
	if (good && varies && has_twins(m, fields, n))
		good = false;
	if (good && name_fields(m, fields, n) && !m->p.err) {
		record->type.align = align_of(entry, &record->type, fields, n);
		record_complete(&m->p, record, fields, n);
	} else if (!m->p.err) {
		become_bytes(record);
	}
	m->p.fields.n = first;
}

void maker_fill_record(struct maker *m, struct ctype *record, const struct dwarf_entry *entry)
{
	bool is_declaration = dwarf_entry_flag(entry, DWARF_AT_DECLARATION);
	struct dwarf_entry definition = *entry;
	uint64_t size;

	if (is_declaration && m->in_targets) {
		m->left_out = true;
		return;
	}
	/* stays set where nothing comes of it, so that it isn't tried again */
	record->defining = true;
	if (is_declaration && m->searches++ >= MAKER_SEARCH_MAX)
		return;
	if (is_declaration && debug_definition(m->dwarf, entry, &definition) != 1)
		return;
	if (dwarf_entry_number(&definition, DWARF_AT_BYTE_SIZE, &size) < 0 ||
	    size > LAYOUT_SIZE_MAX)
		return;
	record->type.size = size;
	fill(m, record, &definition);
	record->defining = record->state != CTYPE_COMPLETE;
}
