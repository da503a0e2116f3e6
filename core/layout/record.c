/* SPDX-License-Identifier: MIT */
/*
 * The layout of structs.
 *
 * The System V ABI (x86-64 psABI 3.1.2, AAPCS64 10.1) gives plain members their rule: the next
 * offset that is a multiple of the member's alignment; the struct is aligned as its most aligned
 * member and its size is a multiple of that. Bit-fields follow on bit by bit, but one that would
 * cross more boundaries of its declared type's alignment than the type itself does moves on to the
 * next; a width of 0 moves on in any case. On x86-64 an unnamed bit-field doesn't align the struct,
 * on AArch64 it does.
 *
 * What attributes and pragmas change isn't in the ABI but in gcc ("Common Type Attributes",
 * "Structure-Layout Pragmas", and what it does where those are silent):
 *  - packed on a struct is packed on each member; a packed member has alignment 1, or what an
 *    `aligned` of its own says; a packed bit-field follows on at the next bit, always.
 *  - aligned can only raise a member's alignment, unless the member is packed.
 *  - under #pragma pack(N) no member is aligned more than N, whatever its own attributes say, and
 *    bit-fields follow on as if they were packed. `aligned` on the struct itself still holds.
 *  - a width of 0 knows neither packed nor pack.
 *  - a bit-field of 8, 16, 32 or 64 bits that happens to begin at such a boundary is treated as a
 *    member of that size: it is seen in structs of typedefs that have another alignment than
 *    their size.
 * Where clang differs from gcc (bit-fields of over-aligned typedefs, several `aligned` on one
 * type), gcc is followed.
 *
 * A bit-field is shown through a unit, see type_decode(). The unit isn't the declared type's (in a
 * packed struct that may reach over the struct's end): it is the smallest that holds the bits and
 * lies within the struct, where possible one that is aligned, so that it is one load.
 */
#include "layout/record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __aarch64__
#define UNNAMED_BITS_ALIGN true
#else
#define UNNAMED_BITS_ALIGN false
#endif

/* All in bits. */
struct plan {
	bool is_union;
	bool packed;
	uint64_t pack; /* 0: none */
	uint64_t position;
	uint64_t size;
	uint64_t align;
};

static uint64_t round_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static uint64_t min(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static void raise(uint64_t *align, uint64_t to)
{
	if (*align < to)
		*align = to;
}

/* Does a width as that of a machine type, at a boundary of that type, make the bits a member? */
static bool is_whole(uint64_t position, unsigned bits, bool packed)
{
	if (bits != 8 && bits != 16 && bits != 32 && bits != 64)
		return false;
	return position % bits == 0 && (bits == 8 || !packed);
}

/* Would the bits touch more units of alignment than one value of the type does? */
static bool crosses(uint64_t position, unsigned bits, const struct type *type)
{
	uint64_t align = type->align * 8ull;

	return (position % align + bits + align - 1) / align > type->size * 8 / align;
}

static void place_bits(struct plan *plan, struct field *field, bool packed)
{
	const struct type *type = &field->type->type;
	uint64_t type_align = type->align * 8ull, align = field->align ? field->align * 8ull : 1;
	bool whole = is_whole(plan->position, field->bits, packed);

	if (whole)
		raise(&align, field->bits);
	if (!field->bits) {
		raise(&align, type_align);
	} else {
		if (plan->pack) {
			align = min(align, plan->pack);
			type_align = min(type_align, plan->pack);
		} else if (packed) {
			type_align = 8;
		}
	}
	if (field->name || UNNAMED_BITS_ALIGN) {
		raise(&plan->align, align);
		raise(&plan->align, type_align);
	}
	if (plan->is_union)
		return;
	plan->position = round_up(plan->position, align);
	if (field->bits && !whole && !packed && !plan->pack &&
	    crosses(plan->position, field->bits, type))
		plan->position = round_up(plan->position, type_align);
}

static void place_member(struct plan *plan, const struct field *field, bool packed)
{
	uint64_t align = field->type->type.align;

	if (packed)
		align = field->align ? field->align : 1;
	else
		raise(&align, field->align);
	align *= 8;
	if (plan->pack)
		align = min(align, plan->pack);
	raise(&plan->align, align);
	if (!plan->is_union)
		plan->position = round_up(plan->position, align);
}

static bool place(struct parser *p, struct plan *plan, struct field *field)
{
	const struct type *type = &field->type->type;
	uint64_t bits = field->is_bits ? field->bits : type->size * 8;
	bool packed;

	if (field->rule && field->rule->at)
		return true;
	packed = field->packed || (plan->packed && (field->is_bits || type->align > 1));

	if (field->is_bits)
		place_bits(plan, field, packed);
	else
		place_member(plan, field, packed);
	field->position = plan->position;
	if (plan->position + bits > LAYOUT_SIZE_MAX * 8) {
		struct token at = {.line = field->line, .column = field->column};

		return parse_error(p, &at, "the struct is larger than any memory");
	}
	raise(&plan->size, plan->position + bits);
	if (!plan->is_union)
		plan->position += bits;
	return true;
}

/* A unit of that many bytes for the bits [first, end) of a struct: its offset, or false. */
static bool unit_at(const struct type *record, uint64_t first, uint64_t end, unsigned size,
		    bool aligned, uint64_t *offset)
{
	uint64_t at = first / 8;

	if (record->size < size)
		return false;
	if (aligned)
		at = at / size * size;
	else if (at > record->size - size)
		at = record->size - size;
	if (at + size > record->size || end > (at + size) * 8)
		return false;
	*offset = at;
	return true;
}

static unsigned choose_unit(const struct type *record, uint64_t first, uint64_t end,
			    uint64_t *offset)
{
	for (unsigned size = 1; size <= 8 && size <= record->align; size *= 2) {
		if (unit_at(record, first, end, size, true, offset))
			return size;
	}
	for (unsigned size = 1; size <= 8; size *= 2) {
		if (unit_at(record, first, end, size, true, offset) ||
		    unit_at(record, first, end, size, false, offset))
			return size;
	}
	*offset = first / 8;
	return (unsigned)((end + 7) / 8 - first / 8);
}

/* Of bits that begin so many behind the unit's start; those of big-endian numbers are counted from
 * the most significant one. */
static uint8_t first_bit(const struct type *unit, uint64_t behind)
{
	return (uint8_t)(unit->big_endian ? unit->size * 8 - unit->bits - behind : behind);
}

static void make_bits(struct parser *p, const struct type *record, const struct field *field,
		      struct member *member)
{
	struct ctype *type = ctype_copy(p, field->type);
	char width[8];
	const char *name;

	snprintf(width, sizeof(width), ":%u", field->bits);
	name = p->err ? NULL : ctype_derive_name(p->kept, field->type, width);
	if (!name) {
		parse_no_memory(p);
		return;
	}
	if (type->type.kind == TYPE_CHAR)
		type->type.kind = TYPE_INTEGER;
	type->type.name = name;
	type->type.bits = field->bits;
	type->bit_int = false;
	type->type.size = choose_unit(record, field->position, field->position + field->bits,
				      &member->offset);
	type->type.align =
		type->type.size & (type->type.size - 1) || member->offset % type->type.size
			? 1
			: (uint32_t)min(type->type.size, record->align);
	type->type.first_bit = first_bit(&type->type, field->position - member->offset * 8);
	member->type = &type->type;
}

static size_t count_members(const struct field *fields, size_t n)
{
	size_t count = 0;

	for (size_t i = 0; i < n; i++) {
		if (fields[i].name)
			count++;
		else if (!fields[i].is_bits)
			count += fields[i].type->type.n_members;
	}
	return count;
}

/* The members of one field: itself, or those of a struct without a name, lifted. */
static size_t make_members(struct parser *p, const struct type *record, const struct field *field,
			   struct member *members)
{
	const struct type *type = &field->type->type;

	if (field->name) {
		*members = (struct member){
			.name = field->name,
			.type = type,
			.offset = field->position / 8,
			.rule = field->rule,
		};
		if (field->is_bits)
			make_bits(p, record, field, members);
		return 1;
	}
	if (field->is_bits)
		return 0;
	for (size_t i = 0; i < type->n_members; i++) {
		members[i] = type->members[i];
		members[i].offset += field->position / 8;
		members[i].rule = rules_both(p, members[i].rule, field->rule);
	}
	return type->n_members;
}

static int by_name(const void *a, const void *b)
{
	const struct member *x = *(const struct member *const *)a;
	const struct member *y = *(const struct member *const *)b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x > y) - (x < y);
}

/* The field that brought a member, for a message. */
static const struct field *field_of(const struct type *record, const struct member *member,
				    const struct field *fields)
{
	size_t index = (size_t)(member - record->members);

	for (;; fields++) {
		size_t n = count_members(fields, 1);

		if (index < n)
			return fields;
		index -= n;
	}
}

static void sort_members(struct parser *p, struct type *record, const struct field *fields)
{
	const struct member **sorted = parse_keep(p, record->n_members * sizeof(struct member *));

	if (!sorted)
		return;
	for (size_t i = 0; i < record->n_members; i++)
		sorted[i] = &record->members[i];
	qsort(sorted, record->n_members, sizeof(struct member *), by_name);
	for (size_t i = 1; i < record->n_members; i++) {
		const struct field *first, *second;
		struct token at;

		if (strcmp(sorted[i - 1]->name, sorted[i]->name) != 0)
			continue;
		first = field_of(record, sorted[i - 1], fields);
		second = field_of(record, sorted[i], fields);
		at = (struct token){.line = second->line, .column = second->column};
		parse_error(p, &at, "'%s' is already a field of this %s, from line %u",
			    sorted[i]->name, record->kind == TYPE_UNION ? "union" : "struct",
			    first->line);
		return;
	}
	record->by_name = sorted;
}

static void number_members(struct parser *p, struct type *record, struct member *members)
{
	uint64_t span = 1;

	for (size_t i = 0; i < record->n_members; i++) {
		members[i].ordinal = span;
		span += members[i].type->span;
		if (span > LAYOUT_SPAN_MAX) {
			parse_error(p, &p->token, "'%s' has more files than the %llu of a layout",
				    record->name, LAYOUT_SPAN_MAX);
			return;
		}
	}
	record->span = span;
}

void record_complete(struct parser *p, struct ctype *record, struct field *fields, size_t n)
{
	struct type *type = &record->type;
	struct member *members, *end;

	for (size_t i = 0; i < n; i++) {
		type->varies |= fields[i].rule || fields[i].type->type.varies;
		if (fields[i].type->depth >= record->depth)
			record->depth = (unsigned short)(fields[i].type->depth + 1);
	}
	if (record->depth > LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "a type nested deeper than 64 levels");
	type->n_members = p->err ? 0 : count_members(fields, n);
	members = end = parse_keep(p, type->n_members * sizeof(*members));
	if (!members)
		return;
	for (size_t i = 0; i < n && !p->err; i++)
		end += make_members(p, type, &fields[i], end);
	type->members = members;
	if (!p->err)
		number_members(p, type, members);
	if (!p->err)
		sort_members(p, type, fields);
	record->state = CTYPE_COMPLETE;
}

void record_finish(struct parser *p, struct ctype *record, struct field *fields, size_t n,
		   const struct attributes *attributes)
{
	struct type *type = &record->type;
	struct plan plan = {
		.is_union = type->kind == TYPE_UNION,
		.packed = attributes->packed,
		.pack = p->pack * 8ull,
		.align = attributes->last_align ? attributes->last_align * 8ull : 8,
	};

	for (size_t i = 0; i < n && !p->err; i++)
		place(p, &plan, &fields[i]);
	type->align = (uint32_t)(plan.align / 8);
	type->size = round_up(plan.size, plan.align) / 8;
	record_complete(p, record, fields, n);
	p->last_record = record;
}
