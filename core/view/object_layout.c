/* SPDX-License-Identifier: MIT */
/* The layout of an object that is in effect: where it comes from, laying it over the region.
 * Setting one: object_set.c. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "view/debuginfo.h"
#include "view/inference.h"
#include "view/object_inside.h"

static void set_diag(char **to, const struct diag *diag)
{
	free(*to);
	*to = diag_text(diag);
}

void object_set_error(struct object *object, const struct diag *diag)
{
	set_diag(&object->error, diag);
}

void object_set_misfit(struct object *object, const struct diag *diag)
{
	set_diag(&object->misfit, diag);
}

static bool is_there(struct object *object)
{
	struct region *region = object_region(object);

	region_unref(region);
	return region;
}

static void put_layout(struct object *object, struct layout *layout)
{
	struct layout *before = object->layout;

	pthread_mutex_lock(&object->facts);
	object->layout = layout;
	pthread_mutex_unlock(&object->facts);
	layout_unref(before);
}

static bool is_text_of(const struct layout *layout, const struct buf *text)
{
	size_t n;
	const char *now = layout ? layout_text(layout, &n) : NULL;

	return now && n == text->len && memcmp(now, text->data, n) == 0;
}

/* What is known of where the layout is from. */
static void forget_origin(struct object *object)
{
	inference_unref(TAKE(object->inference));
	layout_unref(TAKE(object->awaited));
	object->unasked = false;
}

void object_replace(struct object *object, struct layout *layout, enum layout_origin origin,
		    char *rule, struct binding **old)
{
	put_layout(object, layout);
	free(TAKE(object->misfit));
	forget_origin(object);
	object->origin = layout ? origin : LAYOUT_NONE;
	object->kept = origin == LAYOUT_ATTRIBUTE;
	free(object->rule);
	object->rule = rule;
	*old = TAKE(object->fields);
}

int object_parse(struct object *object, const char *text, size_t n, struct layout **out,
		 struct diag *diag)
{
	struct region *region = object_region(object);
	struct debuginfo debuginfo = {object->env, region};
	const struct reader reader = debuginfo_reader(&debuginfo);
	int r = layout_parse_with(text, n, &reader, out, diag);

	region_unref(region);
	return r;
}

/* The text of the attribute is new. */
static void take_attribute(struct object *object, const struct buf *text, struct binding **old)
{
	struct layout *layout = NULL;
	struct diag diag = {0};

	if (object_parse(object, text->data ? text->data : "", text->len, &layout, &diag) < 0) {
		set_diag(&object->error, &diag);
		return;
	}
	object_replace(object, layout, LAYOUT_ATTRIBUTE, NULL, old);
	free(TAKE(object->error));
}

/* Whether somebody set it, in whatever words. */
static bool is_set(const struct object *object)
{
	return object->origin == LAYOUT_WRITTEN ||
	       (object->origin == LAYOUT_DEBUGINFO && !object->unasked);
}

/*
 * The attribute is where a layout lives, and others set it too: a program that makes the region,
 * another mount. So it is looked at again when the last look is as old as a scan may be; not where
 * a layout was written that couldn't be kept on the object. Locked.
 */
static bool is_look_due(const struct object *object, uint64_t now)
{
	return (!object->looked_at || now - object->looked_at > object->env->ttl) &&
	       !(object->layout && !object->kept && is_set(object));
}

bool object_would_look(struct object *object)
{
	bool due;

	if (object_would_infer(object) || pthread_mutex_trylock(&object->lock) != 0)
		return true;
	due = is_look_due(object, clock_ns());
	pthread_mutex_unlock(&object->lock);
	return due;
}

/* *old is the binding of a layout that isn't in effect any more, to be dropped unlocked. Locked. */
void object_look(struct object *object, struct binding **old)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	uint64_t now = clock_ns();
	int r;

	if (!is_look_due(object, now))
		return;
	object->looked_at = now;
	r = memory_get_layout(object->memory, &text);
	if (r == 0 && !(object->kept && is_text_of(object->layout, &text)))
		take_attribute(object, &text, old);
	else if (r == -ENODATA || (r < 0 && !object->kept))
		object_take_rule(object, old);
}

/* What follows object_look() and rebind(), unlocked. */
void object_drop_old(struct object *object, struct binding *old)
{
	if (!old)
		return;
	if (object->env->relaid)
		object->env->relaid(object->env->context, old);
	object_drop_binding(old);
}

/* Lays object->layout over the size of now, if it doesn't lie so yet. Locked. *old is what it
 * replaced, to be dropped unlocked. */
static int rebind(struct object *object, struct binding **old)
{
	struct diag diag = {0};
	struct bound *bound;
	uint64_t size;
	int r;

	r = memory_size(object->memory, &size);
	if (r < 0)
		return r;
	if (object->fields && bound_size(object->fields->bound) == size)
		return 0;
	*old = TAKE(object->fields);
	r = layout_bind(object->layout, size, &bound, &diag);
	if (r < 0) {
		set_diag(&object->misfit, &diag);
		return r == -ENOMEM ? r : -EINVAL;
	}
	free(TAKE(object->misfit));
	r = object_binding(object, bound, &object->fields);
	if (r < 0)
		bound_unref(bound);
	return r;
}

int object_fields(struct object *object, struct binding **out)
{
	struct binding *before = NULL, *old = NULL;
	int r;

	pthread_mutex_lock(&object->lock);
	object_look(object, &before);
	r = !is_there(object) ? -EIO : !object->layout ? -ENOENT : rebind(object, &old);
	if (r == 0)
		*out = binding_ref(object->fields);
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, before);
	object_drop_old(object, old);
	return r;
}

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

int object_layout_state(struct object *object, struct layout_state *out)
{
	struct layout_state state = {0};
	struct binding *old = NULL;

	pthread_mutex_lock(&object->lock);
	object_look(object, &old);
	state.origin = object->origin;
	state.kept = object->kept;
	state.text = object->layout ? copy(layout_text(object->layout, NULL)) : NULL;
	state.layout = object->layout ? layout_ref(object->layout) : NULL;
	state.error = copy(object->error ? object->error : object->misfit);
	state.why_not_kept = object->why_not_kept;
	state.rule = copy(object->rule);
	state.inference = object->inference ? inference_ref(object->inference) : NULL;
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, old);
	*out = state;
	return 0;
}

void layout_state_destroy(struct layout_state *state)
{
	layout_unref(state->layout);
	free(state->text);
	inference_unref(state->inference);
	free(state->error);
	free(state->rule);
	*state = (struct layout_state){0};
}

const char *layout_origin_name(enum layout_origin origin)
{
	static const char *const names[] = {
		[LAYOUT_NONE] = "none",		  [LAYOUT_WRITTEN] = "written",
		[LAYOUT_ATTRIBUTE] = "attribute", [LAYOUT_RULE] = "rule",
		[LAYOUT_BUILTIN] = "builtin",	  [LAYOUT_DEBUGINFO] = "debuginfo",
	};

	return names[origin];
}
