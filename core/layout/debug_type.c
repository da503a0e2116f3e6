/* SPDX-License-Identifier: MIT */
/*
 * Entries to types: what kind each is, pointers, typedefs. (DWARF 5, chapter 5.)
 *
 * A pointer's target is not made at once, or one struct would bring half of its program: it becomes
 * a record without members, that waits in a list. When what was asked for is made, as many of them
 * are filled as a find may make; pointers to the others lead nowhere, as to `void`.
 */
#include <string.h>

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

static const struct ctype *nothing(void)
{
	static const unsigned char words[KEYWORD_WORDS] = {[KEYWORD_VOID - KEYWORD_VOID] = 1};

	return ctype_of_words(words);
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
		record = maker_named(m, is_union ? TYPE_UNION : TYPE_STRUCT,
				     is_union ? "union " : "struct ", tag);
	else
		record = maker_named(m, is_union ? TYPE_UNION : TYPE_STRUCT, "",
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
	if (maker_size(entry, &size) && (size == 4 || size == 8))
		type->type.size = type->type.align = (uint32_t)size;
	return type;
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
	name = name && !m->p.err ? maker_name(m, "", name) : NULL;
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
		return maker_incomplete(m, NULL);
	while (is_transparent(dwarf_entry_tag(&of)) && depth++ < MAKER_DEPTH_MAX &&
	       dwarf_entry_reference(&of, DWARF_AT_TYPE, &of) == 0)
		;
	return dwarf_entry_tag(&of) == DWARF_SUBROUTINE_TYPE
		       ? maker_bytes(m, 2 * sizeof(void *), "function of a class")
		       : maker_words("long");
}

static const struct ctype *make(struct maker *m, const struct dwarf_entry *entry)
{
	unsigned tag = dwarf_entry_tag(entry);
	const char *name = dwarf_entry_name(entry);
	uint64_t size;

	switch (tag) {
	case DWARF_BASE_TYPE:
		return maker_base(m, entry);
	case DWARF_POINTER_TYPE:
	case DWARF_REFERENCE_TYPE:
	case DWARF_RVALUE_REFERENCE_TYPE:
		return pointer(m, entry);
	case DWARF_ARRAY_TYPE:
		return maker_array(m, entry);
	case DWARF_ENUMERATION_TYPE:
		return maker_enum(m, entry);
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
		return maker_size(entry, &size) ? maker_bytes(m, size, name ? name : "unknown")
						: maker_incomplete(m, name);
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
