/* SPDX-License-Identifier: MIT */
/*
 * Setting the layout of an object, and keeping it.
 *
 * What lives here only would be lost as soon as the kernel forgets the files of the region: a
 * layout that couldn't be kept on the memory object, what `auto` found, why the last text was
 * refused. An object that has any of these holds a reference of itself (`pinned`) until the region
 * is gone or another layout is set.
 */
#include <errno.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "view/object_inside.h"

static const char *why_not(int err)
{
	switch (err) {
	case -ENOSPC:
	case -E2BIG:
		return "the text is too long for an attribute of its file system";
	case -EOPNOTSUPP:
		return "its file system has no user attributes, or only root can open it";
	case -EACCES:
	case -EPERM:
		return "peekfs may not set attributes of it";
	case -EROFS:
		return "its file system is read-only";
	case -ENXIO:
		return "it can't be opened";
	default:
		return "setting the attribute failed";
	}
}

/* Takes over layout (NULL: none) and fields; gives the binding before. Locked. */
static struct binding *adopt(struct object *object, struct layout *layout, struct binding *fields)
{
	struct binding *old;

	object_replace(object, layout, LAYOUT_WRITTEN, NULL, &old);
	object->fields = fields;
	object->looked_at = layout ? clock_ns() : 0;
	object->keep_later = false;
	free(TAKE(object->error));
	object->why_not_kept = NULL;
	return old;
}

/* Puts the text that was adopted on the object itself. Locked. */
static void keep(struct object *object, const char *text, size_t n)
{
	int r = memory_set_layout(object->memory, text, n);

	object->kept = object->layout && r == 0;
	object->keep_later = r == -EOPNOTSUPP && memory_attaches(object->memory);
	object->why_not_kept =
		object->keep_later ? "nobody has it attached: it is kept when its bytes are read"
		: object->layout && r < 0 ? why_not(r)
					  : NULL;
}

void object_keep_late(struct object *object)
{
	const char *text = "";
	bool drop = false;
	size_t n = 0;

	if (!object->keep_later) /* who opens a file waits for nobody who looks for a layout */
		return;
	pthread_mutex_lock(&object->lock);
	if (object->keep_later) {
		if (object->layout)
			text = layout_text(object->layout, &n);
		memory_hold(object->memory);
		keep(object, text, n);
		memory_release(object->memory);
		drop = object_stay(object, object->layout && !object->kept);
	}
	pthread_mutex_unlock(&object->lock);
	if (drop)
		object_unref(object);
}

bool object_stay(struct object *object, bool stays)
{
	bool drop;

	pthread_mutex_lock(&object->facts);
	drop = object_pin(object, stays && object->region);
	pthread_mutex_unlock(&object->facts);
	return drop;
}

int object_prepare(struct object *object, const char *text, size_t n, const struct reader *reader,
		   struct layout **layout, struct binding **fields, struct diag *diag)
{
	struct bound *bound;
	uint64_t size;
	int r;

	r = memory_size(object->memory, &size);
	if (r < 0)
		return diag_set(diag, r, 0, 0, "the region is gone");
	r = reader ? layout_parse_with(text, n, reader, layout, diag)
		   : object_parse(object, text, n, layout, diag);
	if (r < 0)
		return r;
	r = layout_bind(*layout, size, &bound, diag);
	if (r == 0) {
		r = object_binding(object, bound, fields);
		if (r < 0)
			bound_unref(bound);
	}
	if (r < 0)
		layout_unref(TAKE(*layout));
	return r;
}

int object_set_layout(struct object *object, const char *text, size_t n, struct diag *diag)
{
	return object_set_with(object, text, n, NULL, diag);
}

int object_set_with(struct object *object, const char *text, size_t n, const struct reader *reader,
		    struct diag *diag)
{
	struct binding *fields = NULL;
	struct layout *layout = NULL;
	struct diag local = {0};
	struct binding *old;
	bool drop;
	int r = 0;

	if (n) {
		r = object_prepare(object, text, n, reader, &layout, &fields, &local);
		if (diag)
			*diag = local;
	}
	pthread_mutex_lock(&object->lock);
	if (r < 0) {
		object_set_error(object, &local);
		object_stay(object, true);
		pthread_mutex_unlock(&object->lock);
		return r;
	}
	old = adopt(object, layout, fields);
	keep(object, text, n);
	atomic_fetch_add(&object->sets, 1);
	drop = object_stay(object, layout && !object->kept);
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, old);
	if (drop)
		object_unref(object);
	return 0;
}

unsigned object_layouts_set(const struct object *object)
{
	return atomic_load(&object->sets);
}

int object_lay(struct object *object, const char *text, size_t n, struct diag *diag)
{
	struct binding *fields = NULL;
	struct layout *layout = NULL;
	struct binding *old;
	int r = object_prepare(object, text, n, NULL, &layout, &fields, diag);

	if (r < 0)
		return r;
	pthread_mutex_lock(&object->lock);
	old = adopt(object, layout, fields);
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, old);
	return 0;
}
