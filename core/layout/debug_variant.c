/* SPDX-License-Identifier: MIT */
/*
 * Variant parts: Rust's enums with data. (DWARF 5, 5.7.10.)
 *
 * An enum is a struct of its variants, each at the enum's start, each a member that is there while
 * the discriminant has its value. Where each variant has a value, the discriminant is an enum of
 * their names, called `variant`, and a variant without data is no member besides.
 *
 * Else the discriminant is a niche: it lies in the data of one variant, whose other values it may
 * have, as the address in Option<&T>. A number of that kind isn't a discriminant to who reads it,
 * so it is hidden; and a variant without data is an empty struct, as nothing else would tell it.
 * The one with the data has no value of its own and is there when none of the others is.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug_inside.h"
#include "layout/fold.h"

#define NICHES_MAX 256 /* variants that a condition excludes */

static const struct hints hidden = {.hidden = true};

struct variants {
	struct maker *m;
	const struct type *record;
	struct dwarf_entry part, discriminant;
	const char *name;	  /* of the discriminant */
	const struct ctype *type; /* its own; NULL: there is none */
	size_t n, n_values;
};

/* Calls of() for each variant: false when it does, or the entries can't be read. */
static bool for_each(struct variants *v,
		     bool (*of)(struct variants *v, const struct dwarf_entry *variant))
{
	struct dwarf_entry child;
	int r = dwarf_entry_child(&v->part, &child);

	for (; r == 1 && maker_step(v->m); r = dwarf_entry_sibling(&child, &child))
		if (dwarf_entry_tag(&child) == DWARF_VARIANT && !of(v, &child))
			return false;
	return r == 0 && !v->m->p.err;
}

/* Its value: 0; -ENOENT it is the one for all others; -EINVAL not a number. */
static int value_of(const struct variants *v, const struct dwarf_entry *variant, uint64_t *out)
{
	uint64_t value;
	int r = dwarf_entry_number(variant, DWARF_AT_DISCR_VALUE, &value);

	if (r == 0)
		*out = maker_fit(value, &v->type->type);
	return r;
}

static bool count(struct variants *v, const struct dwarf_entry *variant)
{
	uint64_t value;
	int r = v->type ? value_of(v, variant, &value) : -ENOENT;

	v->n++;
	v->n_values += r == 0;
	return r != -EINVAL && !dwarf_entry_has(variant, DWARF_AT_DISCR_LIST);
}

/* The member that a variant has its data in; Rust's have one. */
static bool member_of(const struct variants *v, const struct dwarf_entry *variant,
		      struct dwarf_entry *out)
{
	int r = dwarf_entry_child(variant, out);

	while (r == 1 && maker_step(v->m) && dwarf_entry_tag(out) != DWARF_MEMBER)
		r = dwarf_entry_sibling(out, out);
	return r == 1 && dwarf_entry_name(out);
}

static bool add_name(struct variants *v, const struct dwarf_entry *variant)
{
	struct parser *p = &v->m->p;
	struct enumerator *item;
	struct dwarf_entry member;
	uint64_t value = 0;

	if (!member_of(v, variant, &member) || value_of(v, variant, &value) < 0)
		return false;
	item = p->enumerators.n < MAKER_MEMBERS_MAX
		       ? vector_push(p, &p->enumerators, struct enumerator)
		       : NULL;
	if (item)
		*item = (struct enumerator){maker_identifier(v->m, dwarf_entry_name(&member)),
					    value};
	return item;
}

/* The names of all variants, as an enum of the discriminant's size and sign. */
static const struct ctype *names(struct variants *v)
{
	struct parser *p = &v->m->p;
	struct ctype *type = ctype_copy(p, v->type);
	struct enumerator *kept;
	size_t n;

	p->enumerators.n = 0;
	if (p->err || !for_each(v, add_name))
		return NULL;
	n = p->enumerators.n;
	kept = parse_keep(p, n * sizeof(*kept) + 1);
	if (!kept)
		return NULL;
	if (n)
		memcpy(kept, p->enumerators.data, n * sizeof(*kept));
	type->type.kind = TYPE_ENUM;
	type->type.name = "enum variant";
	type->hole = sizeof("enum variant") - 1;
	type->type.enumerators = kept;
	type->type.n_enumerators = n;
	return type;
}

static const struct ctype *niche(struct variants *v)
{
	struct ctype *type = ctype_copy(&v->m->p, v->type);

	if (!v->m->p.err)
		type->type.hints = &hidden;
	return type;
}

/* Is it a whole number that a condition can load? */
static bool is_number(const struct type *type)
{
	return type->kind == TYPE_INTEGER && type->size <= sizeof(uint64_t) && !type->bits;
}

/* The discriminant's own member, of another type than it has. */
static bool add_discriminant(struct variants *v)
{
	struct vector *fields = &v->m->p.fields;
	const struct ctype *type;
	struct field *field;

	if (maker_add_member(v->m, v->record, &v->discriminant, NULL) != 1 || v->m->p.err)
		return false;
	field = vector_at(fields, fields->n - 1);
	if (field->is_bits || !is_number(&field->type->type))
		return false;
	field->name = v->name;
	v->type = field->type;
	if (!for_each(v, count))
		return false;
	type = v->n_values == v->n ? names(v) : niche(v);
	field = vector_at(fields, fields->n - 1);
	if (type)
		field->type = type;
	return type && !v->m->p.err;
}

/* discriminant op value */
static void compare(struct variants *v, unsigned op, uint64_t value, struct expr *out)
{
	struct parser *p = &v->m->p;
	struct token at = {.kind = op};
	struct expr load, number;

	expr_node(&load, EXPR_PLACE, &at);
	load.depth = 1;
	load.base = BASE_STRUCT;
	expr_step(p, &load, v->name, 0, &v->type->type);
	expr_load(p, &load);
	load.type = NULL; /* what is there has it */
	expr_constant(&number, &at, value, load.bits, load.is_unsigned);
	expr_node(out, EXPR_BINARY, &at);
	expr_fold(p, out, &load, &number, NULL);
}

/* None of the n values. */
static void none_of(struct variants *v, const uint64_t *values, size_t n, struct expr *out)
{
	struct token at = {.kind = TOKEN_AND};
	struct expr left, right;

	if (n == 1) {
		compare(v, TOKEN_NE, values[0], out);
		return;
	}
	none_of(v, values, n / 2, &left);
	none_of(v, values + n / 2, n - n / 2, &right);
	expr_node(out, EXPR_BINARY, &at);
	expr_fold(&v->m->p, out, &left, &right, NULL);
}

static bool others(struct variants *v, struct expr *out)
{
	uint64_t values[NICHES_MAX];
	struct dwarf_entry child;
	size_t n = 0;

	for (int r = dwarf_entry_child(&v->part, &child); r == 1;
	     r = dwarf_entry_sibling(&child, &child)) {
		if (dwarf_entry_tag(&child) != DWARF_VARIANT)
			continue;
		if (n < NICHES_MAX && value_of(v, &child, &values[n]) == 0)
			n++;
	}
	if (n == 0 || n == NICHES_MAX)
		return false;
	none_of(v, values, n, out);
	return true;
}

/* When a variant is there; NULL after an error, or where that can't be told. */
static const struct rule *rule_of(struct variants *v, const struct dwarf_entry *variant)
{
	struct rule *rule = parse_keep(&v->m->p, sizeof(*rule));
	struct expr *when = parse_keep(&v->m->p, sizeof(*when));
	uint64_t value;

	if (!rule || !when)
		return NULL;
	if (value_of(v, variant, &value) == 0)
		compare(v, TOKEN_EQ, value, when);
	else if (!others(v, when))
		return NULL;
	*rule = (struct rule){.when = when};
	return v->m->p.err ? NULL : rule;
}

static bool add_variant(struct variants *v, const struct dwarf_entry *variant)
{
	struct vector *fields = &v->m->p.fields;
	const struct rule *rule = v->type ? rule_of(v, variant) : NULL;
	struct dwarf_entry member;
	const struct type *type;

	if ((v->type && !rule) || !member_of(v, variant, &member) ||
	    maker_add_member(v->m, v->record, &member, rule) != 1 || v->m->p.err)
		return false;
	type = &((struct field *)vector_at(fields, fields->n - 1))->type->type;
	if (v->type && v->n_values == v->n && type_is_record(type) && !type->n_members)
		fields->n--;
	return true;
}

bool maker_add_variants(struct maker *m, const struct type *record, const struct dwarf_entry *part)
{
	struct variants v = {.m = m, .record = record, .part = *part};
	int r = dwarf_entry_reference(part, DWARF_AT_DISCR, &v.discriminant);

	if (r == -EINVAL)
		return false;
	if (r == -ENOENT) /* a single variant needs none */
		return for_each(&v, count) && v.n == 1 && for_each(&v, add_variant);
	v.name = dwarf_entry_name(&v.discriminant);
	v.name = maker_identifier(m, v.name ? v.name : "variant");
	return v.name && add_discriminant(&v) && v.n - v.n_values <= 1 && for_each(&v, add_variant);
}
