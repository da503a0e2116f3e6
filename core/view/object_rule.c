/* SPDX-License-Identifier: MIT */
/*
 * The layout that a rule says, joined to an object.
 *
 * A rule may name types that only the programs know which map the region. Then the object has the
 * rule (`awaited`) but no layout, until somebody looks at what a layout makes: nobody else pays for
 * reading debug information. What was made so stays while the rule does, and is made anew when
 * others map the region and somebody looks: a program that starts again may have other types.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/debug.h"
#include "view/object_inside.h"

static bool is_same_text(const struct layout *a, const struct layout *b)
{
	size_t n, m;
	const char *x = layout_text(a, &n), *y = layout_text(b, &m);

	return n == m && memcmp(x, y, n) == 0;
}

/* Is it what the object's layout is of already? Files are read again when one of them changes. */
static bool is_of(struct object *object, const struct rule_found *found)
{
	if (!found->layout)
		return !object->awaited && (!object->layout || object->unasked);
	if (!object->awaited)
		return found->layout == object->layout;
	return object->rule && strcmp(object->rule, found->name) == 0 &&
	       is_same_text(object->awaited, found->layout);
}

/* Whoever looks next at what a layout makes, makes it. */
static void await(struct object *object, struct rule_found *found, struct binding **old)
{
	object_replace(object, NULL, LAYOUT_NONE, TAKE(found->name), old);
	object->awaited = TAKE(found->layout);
	object->origin = LAYOUT_RULE;
	pthread_mutex_lock(&object->facts);
	object->inferred_at = 0;
	pthread_mutex_unlock(&object->facts);
}

void object_take_rule(struct object *object, struct binding **old)
{
	struct region *region = object_region(object);
	struct rule_found found = {0};
	int r = -ENOENT;

	if (region && object->env->rules)
		r = rules_find(object->env->rules, region, object->memory, &found);
	region_unref(region);
	if (r == -ENOMEM)
		return;
	if (is_of(object, &found)) {
		layout_unref(found.layout);
		free(found.name);
	} else if (found.layout && layout_awaits(found.layout)) {
		await(object, &found, old);
	} else {
		object_replace(object, found.layout, found.builtin ? LAYOUT_BUILTIN : LAYOUT_RULE,
			       found.name, old);
	}
}

/* Are the types that programs told the same? The texts are. */
static bool is_same_layout(const struct layout *a, const struct layout *b)
{
	const struct layout_lookup *x = layout_lookups(a), *y = layout_lookups(b);
	char difference[600];

	for (; x && y; x = x->next, y = y->next)
		if (debug_differ(x->type, y->type, difference, sizeof(difference)))
			return false;
	return !x && !y;
}

/* Takes over layout and fields. Locked. */
static void take(struct object *object, struct layout *layout, struct binding *fields,
		 struct binding **old)
{
	struct layout *awaited = layout_ref(object->awaited);

	object_replace(object, layout, LAYOUT_RULE, TAKE(object->rule), old);
	object->fields = fields;
	object->awaited = awaited;
	object->unasked = true;
}

/* The rule whose types are to be looked up: a reference, or NULL. */
static struct layout *awaited_rule(struct object *object)
{
	struct layout *awaited;

	pthread_mutex_lock(&object->lock);
	awaited = object->awaited ? layout_ref(object->awaited) : NULL;
	pthread_mutex_unlock(&object->lock);
	return awaited;
}

bool object_resolve_rule(struct object *object)
{
	struct binding *fields = NULL, *before = NULL, *old = NULL;
	struct layout *awaited = awaited_rule(object), *layout = NULL;
	struct diag diag = {0};
	const char *text;
	size_t n;
	int r;

	if (!awaited)
		return false;
	text = layout_text(awaited, &n);
	r = object_prepare(object, text, n, NULL, &layout, &fields, &diag);
	pthread_mutex_lock(&object->lock);
	object_look(object, &before);
	if (object->awaited == awaited && r < 0 && !object->layout) {
		object->origin = LAYOUT_NONE;
		object_set_misfit(object, &diag);
	} else if (object->awaited == awaited && r == 0 &&
		   !(object->layout && is_same_layout(object->layout, layout))) {
		take(object, TAKE(layout), TAKE(fields), &old);
	}
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, before);
	object_drop_old(object, old);
	object_drop_binding(fields);
	layout_unref(layout);
	layout_unref(awaited);
	return true;
}
