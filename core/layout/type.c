/* SPDX-License-Identifier: MIT */
#include "layout/type.h"

#include <errno.h>
#include <string.h>

#include "base/buf.h"
#include "base/number.h"

bool type_same_record(const struct type *a, const struct type *b)
{
	if (a->kind != b->kind)
		return false;
	return a->members == b->members || (a->size == b->size && a->n_members == b->n_members &&
					    strcmp(a->name, b->name) == 0);
}

uint64_t type_least(const struct type *type)
{
	return type->live && type->live->size ? type->live->least : type->size;
}

uint64_t type_children(const struct type *type)
{
	switch (type->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		return type->n_members;
	case TYPE_ARRAY:
		return type->length;
	default:
		return 0;
	}
}

static struct place member_place(const struct place *parent, const struct member *member)
{
	return (struct place){
		.type = member->type,
		.offset = parent->offset + member->offset,
		.ordinal = parent->ordinal + member->ordinal,
		.size = member->type->size,
	};
}

/* Bytes from one element of an array to the next. */
static uint64_t step_of(const struct type *array)
{
	return array->stride ? array->stride : array->element->size;
}

struct place type_child(const struct place *parent, uint64_t index)
{
	const struct type *element;

	if (parent->type->kind != TYPE_ARRAY)
		return member_place(parent, &parent->type->members[index]);
	element = parent->type->element;
	return (struct place){
		.type = element,
		.offset = parent->offset + index * step_of(parent->type),
		.ordinal = parent->ordinal + 1 + index * element->span,
		.size = element->size,
	};
}

void type_child_name(const struct type *parent, uint64_t index, struct buf *out)
{
	char number[NUMBER_MAX];

	if (parent->kind == TYPE_ARRAY)
		buf_put(out, number,
			number_u64(number, parent->stride ? index * parent->stride : index));
	else
		buf_puts(out, parent->members[index].name);
}

/* The index that a file name of an array's directory stands for; false when it is none. */
static bool decimal(const char *name, const struct type *array, uint64_t *out)
{
	uint64_t value = 0;

	if (!*name || (*name == '0' && name[1]))
		return false;
	for (; *name; name++) {
		if (*name < '0' || *name > '9' || __builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, (unsigned)(*name - '0'), &value))
			return false;
	}
	if (array->stride && value % array->stride)
		return false;
	value /= array->stride ? array->stride : 1;
	if (value >= array->length)
		return false;
	*out = value;
	return true;
}

static const struct member *member_named(const struct type *type, const char *name)
{
	size_t low = 0, high = type->n_members;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, type->by_name[middle]->name);

		if (!order)
			return type->by_name[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int type_lookup(const struct place *parent, const char *name, struct place *out, uint64_t *index)
{
	const struct member *member;
	uint64_t at;

	if (parent->type->kind == TYPE_ARRAY) {
		if (!decimal(name, parent->type, &at))
			return -ENOENT;
	} else if (type_is_directory(parent->type)) {
		member = member_named(parent->type, name);
		if (!member)
			return -ENOENT;
		at = (uint64_t)(member - parent->type->members);
	} else {
		return -ENOENT;
	}
	if (out)
		*out = type_child(parent, at);
	if (index)
		*index = at;
	return 0;
}

bool type_leads(const struct type *type)
{
	if (type->kind == TYPE_POINTER)
		return type->size == 8 && !type->bits;
	return type->kind == TYPE_INTEGER && type->live && !type->bits &&
	       (type->live->base || type->live->from_self);
}

uint64_t type_child_holding(const struct type *type, uint64_t distance)
{
	size_t low = 0, high;

	if (type->kind == TYPE_ARRAY)
		return (distance - 1) / type->element->span;
	high = type->n_members;
	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (type->members[middle].ordinal <= distance)
			low = middle;
		else
			high = middle;
	}
	return low;
}

int type_find(const struct place *root, uint64_t ordinal,
	      void (*trail)(void *context, const struct place *parent, uint64_t index),
	      void *context, struct place *out)
{
	struct place place = *root;

	if (ordinal < root->ordinal || ordinal - root->ordinal >= root->type->span)
		return -ENOENT;
	while (place.ordinal != ordinal) {
		uint64_t index = type_child_holding(place.type, ordinal - place.ordinal);

		if (trail)
			trail(context, &place, index);
		place = type_child(&place, index);
	}
	*out = place;
	return 0;
}

const char *type_enum_name(const struct type *type, uint64_t value)
{
	for (size_t i = 0; i < type->n_enumerators; i++) {
		if (type->enumerators[i].value == value)
			return type->enumerators[i].name;
	}
	return NULL;
}

int type_enum_value(const struct type *type, const char *name, size_t n, uint64_t *value)
{
	for (size_t i = 0; i < type->n_enumerators; i++) {
		const struct enumerator *enumerator = &type->enumerators[i];

		if (strlen(enumerator->name) == n && !memcmp(enumerator->name, name, n)) {
			*value = enumerator->value;
			return 0;
		}
	}
	return -ENOENT;
}

uint64_t type_decode(const struct type *type, const void *bytes)
{
	const uint8_t *from = bytes;
	unsigned bits = type->bits ? type->bits : (unsigned)type->size * 8;
	unsigned __int128 unit = 0;
	uint64_t value;

	for (unsigned i = 0; i < type->size; i++) {
		unsigned at = type->big_endian ? i : (unsigned)type->size - 1 - i;

		unit = unit << 8 | from[at];
	}
	value = (uint64_t)(unit >> type->first_bit);
	if (bits && bits < 64) {
		value &= (UINT64_C(1) << bits) - 1;
		if (type->is_signed && value >> (bits - 1))
			value |= ~UINT64_C(0) << bits;
	}
	return value;
}

void type_encode(const struct type *type, uint64_t value, void *bytes)
{
	uint8_t *to = bytes;
	unsigned bits = type->bits ? type->bits : (unsigned)type->size * 8;
	unsigned __int128 mask = (((unsigned __int128)1 << bits) - 1) << type->first_bit;
	unsigned __int128 unit = (unsigned __int128)value << type->first_bit & mask;

	for (unsigned i = 0; i < type->size; i++) {
		unsigned at = type->big_endian ? (unsigned)type->size - 1 - i : i;

		to[at] = (uint8_t)((to[at] & ~(uint8_t)mask) | (uint8_t)unit);
		unit >>= 8;
		mask >>= 8;
	}
}
