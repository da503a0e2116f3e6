/* SPDX-License-Identifier: MIT */
/*
 * References. A plain binding is part of its object and shares its count. A binding with a layout
 * has a count of its own, and each reference of it that somebody outside holds is one of the object
 * as well; the object's own pointer to its current one isn't, or neither would ever go.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "view/inference.h"
#include "view/object_inside.h"

static void object_free(struct object *object)
{
	if (!object)
		return;
	if (object->fields)
		bound_unref(object->fields->bound);
	free(object->fields);
	memory_free(object->memory);
	region_unref(object->region);
	layout_unref(object->layout);
	layout_unref(object->awaited);
	inference_unref(object->inference);
	free(object->error);
	free(object->rule);
	free(object->misfit);
	pthread_mutex_destroy(&object->facts);
	pthread_mutex_destroy(&object->lock);
	pthread_mutex_destroy(&object->inferring);
	free(object);
}

int object_new(struct env *env, struct region *region, struct object **out)
{
	struct object *object = calloc(1, sizeof(*object));
	int r;

	if (!object)
		return -ENOMEM;
	pthread_mutex_init(&object->facts, NULL);
	pthread_mutex_init(&object->lock, NULL);
	pthread_mutex_init(&object->inferring, NULL);
	object->refs = 1;
	object->env = env;
	object->id = region->id;
	object->region = region_ref(region);
	object->plain.env = env;
	object->plain.object = object;
	r = memory_new(region, env->proc, &object->memory);
	if (r < 0) {
		object_free(object);
		return r;
	}
	*out = object;
	return 0;
}

struct object *object_ref(struct object *object)
{
	atomic_fetch_add_explicit(&object->refs, 1, memory_order_relaxed);
	return object;
}

static void unbind(struct binding *binding)
{
	struct env *env = binding->env;

	if (env->unbind)
		env->unbind(env->context, binding);
}

void object_unref(struct object *object)
{
	if (!object || atomic_fetch_sub_explicit(&object->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (object->fields)
		unbind(object->fields);
	unbind(&object->plain);
	object_free(object);
}

const struct region_id *object_id(const struct object *object)
{
	return &object->id;
}

struct binding *object_plain(struct object *object)
{
	return &object->plain;
}

struct memory *object_memory(struct object *object)
{
	return object->memory;
}

struct region *object_region(struct object *object)
{
	struct region *region;

	pthread_mutex_lock(&object->facts);
	region = object->region ? region_ref(object->region) : NULL;
	pthread_mutex_unlock(&object->facts);
	return region;
}

static bool is_plain(const struct binding *binding)
{
	return !binding->object || binding == &binding->object->plain;
}

struct binding *binding_ref(struct binding *binding)
{
	if (!is_plain(binding))
		atomic_fetch_add_explicit(&binding->refs, 1, memory_order_relaxed);
	if (binding->object)
		object_ref(binding->object);
	return binding;
}

static bool ref_unless_zero(atomic_uint *refs)
{
	unsigned n = atomic_load_explicit(refs, memory_order_relaxed);

	while (n)
		if (atomic_compare_exchange_weak_explicit(refs, &n, n + 1, memory_order_relaxed,
							  memory_order_relaxed))
			return true;
	return false;
}

struct binding *binding_try_ref(struct binding *binding)
{
	if (!binding->object)
		return binding;
	if (!ref_unless_zero(&binding->object->refs))
		return NULL;
	if (is_plain(binding) || ref_unless_zero(&binding->refs))
		return binding;
	object_unref(binding->object);
	return NULL;
}

int object_binding(struct object *object, struct bound *bound, struct binding **out)
{
	struct binding *binding = calloc(1, sizeof(*binding));

	if (!binding)
		return -ENOMEM;
	binding->refs = 1;
	binding->env = object->env;
	binding->object = object;
	binding->bound = bound;
	*out = binding;
	return 0;
}

void object_drop_binding(struct binding *binding)
{
	if (!binding || atomic_fetch_sub_explicit(&binding->refs, 1, memory_order_acq_rel) != 1)
		return;
	unbind(binding);
	bound_unref(binding->bound);
	free(binding);
}

void binding_unref(struct binding *binding)
{
	struct object *object;

	if (!binding || !binding->object)
		return;
	object = binding->object;
	if (!is_plain(binding))
		object_drop_binding(binding);
	object_unref(object);
}

bool object_pin(struct object *object, bool pinned)
{
	bool drop = object->pinned && !pinned;

	if (pinned && !object->pinned)
		object_ref(object);
	object->pinned = pinned;
	return drop;
}

void object_follow(struct object *object, struct region *region)
{
	struct region *before;
	bool drop = false;

	pthread_mutex_lock(&object->facts);
	before = object->region;
	if (before != region) {
		object->region = region ? region_ref(region) : NULL;
		memory_follow(object->memory, region);
		if (!region)
			drop = object_pin(object, false);
	}
	pthread_mutex_unlock(&object->facts);
	if (before != region)
		region_unref(before);
	if (drop)
		object_unref(object);
}

bool object_is_current(const struct binding *binding)
{
	struct object *object = binding->object;
	bool current;

	if (is_plain(binding))
		return true;
	pthread_mutex_lock(&object->facts);
	current = object->layout == bound_layout(binding->bound);
	pthread_mutex_unlock(&object->facts);
	return current;
}
