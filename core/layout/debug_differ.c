/* SPDX-License-Identifier: MIT */
/* Where two programs' ideas of one type part. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "layout/debug.h"

#define STEPS_MAX                                                                                  \
	100000 /* members that are compared: records can hold each other many times over */

struct comparison {
	char *text;
	size_t n;
	unsigned left;
};

static bool differ(struct comparison *c, const char *path, const struct type *ours,
		   const struct type *theirs);

__attribute__((format(printf, 2, 3))) static bool told(struct comparison *c, const char *format,
						       ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(c->text, c->n, format, args);
	va_end(args);
	return true;
}

static const struct member *named(const struct type *type, const char *name)
{
	const struct place place = {.type = type};
	uint64_t index;

	return type_lookup(&place, name, NULL, &index) == 0 ? &type->members[index] : NULL;
}

static bool members_differ(struct comparison *c, const char *path, const struct type *ours,
			   const struct type *theirs)
{
	char inner[512];

	for (size_t i = 0; i < ours->n_members; i++) {
		const struct member *a = &ours->members[i], *b = named(theirs, a->name);

		if (c->left-- == 0)
			return told(c, "more than %d members: not compared", STEPS_MAX);
		snprintf(inner, sizeof(inner), "%s%s%s", path, *path ? "." : "", a->name);
		if (!b)
			return told(c, "%s: at %lu here, none there", inner,
				    (unsigned long)a->offset);
		if (a->type->bits != b->type->bits ||
		    (a->type->bits &&
		     a->offset * 8 + a->type->first_bit != b->offset * 8 + b->type->first_bit))
			return told(
				c, "%s: %u bits at bit %lu here, %u at bit %lu there", inner,
				a->type->bits, (unsigned long)(a->offset * 8 + a->type->first_bit),
				b->type->bits, (unsigned long)(b->offset * 8 + b->type->first_bit));
		if (!a->type->bits && (a->offset != b->offset || a->type->size != b->type->size))
			return told(c, "%s: %lu bytes at %lu here, %lu at %lu there", inner,
				    (unsigned long)a->type->size, (unsigned long)a->offset,
				    (unsigned long)b->type->size, (unsigned long)b->offset);
		if (differ(c, inner, a->type, b->type))
			return true;
	}
	for (size_t i = 0; i < theirs->n_members; i++)
		if (!named(ours, theirs->members[i].name))
			return told(c, "%s%s%s: none here, at %lu there", path, *path ? "." : "",
				    theirs->members[i].name,
				    (unsigned long)theirs->members[i].offset);
	return false;
}

static bool enums_differ(struct comparison *c, const char *path, const struct type *ours,
			 const struct type *theirs)
{
	size_t fewer = ours->n_enumerators < theirs->n_enumerators ? ours->n_enumerators
								   : theirs->n_enumerators;

	for (size_t i = 0; i < fewer; i++) {
		const struct enumerator *a = &ours->enumerators[i], *b = &theirs->enumerators[i];

		if (a->value != b->value || strcmp(a->name, b->name) != 0)
			return told(c, "%s%s%s is %ld here, %s is %ld there", path,
				    *path ? ": " : "", a->name, (long)a->value, b->name,
				    (long)b->value);
	}
	if (ours->n_enumerators != theirs->n_enumerators)
		return told(c, "%s%sonly one has the value %s", path, *path ? ": " : "",
			    (fewer < ours->n_enumerators ? ours : theirs)->enumerators[fewer].name);
	return false;
}

/* Hints may have made text of bytes, or the other way round; that is no difference. */
static bool same_kind(const struct type *a, const struct type *b)
{
	if (type_is_run(a))
		return type_is_run(b);
	return a->kind == b->kind && a->is_signed == b->is_signed;
}

static bool differ(struct comparison *c, const char *path, const struct type *ours,
		   const struct type *theirs)
{
	if (!same_kind(ours, theirs))
		return told(c, "%s%s%s here, %s there", path, *path ? ": " : "", ours->name,
			    theirs->name);
	switch (ours->kind) {
	case TYPE_STRUCT:
	case TYPE_UNION:
		if (members_differ(c, path, ours, theirs))
			return true;
		break;
	case TYPE_ARRAY:
		if (ours->length != theirs->length)
			return told(c, "%s: %lu elements here, %lu there", path,
				    (unsigned long)ours->length, (unsigned long)theirs->length);
		if (differ(c, path, ours->element, theirs->element))
			return true;
		break;
	case TYPE_ENUM:
		if (enums_differ(c, path, ours, theirs))
			return true;
		break;
	default:
		break;
	}
	if (ours->size != theirs->size)
		return told(c, "%s%s%lu bytes here, %lu there", path, *path ? ": " : "",
			    (unsigned long)ours->size, (unsigned long)theirs->size);
	return false;
}

bool debug_differ(const struct type *ours, const struct type *theirs, char *text, size_t n)
{
	struct comparison c = {.text = text, .n = n, .left = STEPS_MAX};

	return ours != theirs && differ(&c, "", ours, theirs);
}
