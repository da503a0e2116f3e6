/* SPDX-License-Identifier: MIT */
/* From a region to the field that a PATH names. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "view/lead.h"
#include "view/place.h"

static int lay_over(struct session *session, struct object *object, const char *file)
{
	struct buf *text = &session->layout; /* several regions, but standard input comes once */
	struct diag diag = {0};
	int r, status = text->len ? STATUS_OK : read_file(file, text);

	if (status != STATUS_OK)
		return status;
	r = object_lay(object, text->data, text->len, &diag);
	return r < 0 ? bad_layout(file, &diag, r) : STATUS_OK;
}

static int no_layout(const struct target *target, int err)
{
	struct layout_state state;
	int status;

	if ((err != -ENOENT && err != -EINVAL) || object_layout_state(target->object, &state) < 0)
		return failed("%s: %s", target->region->name, why(err));
	if (state.error)
		status = failed("%s: its layout can't be used: %s; peekctl layout sets another",
				target->region->name, state.error);
	else
		status = failed("%s has no layout: peekctl layout %s FILE sets one, --layout FILE "
				"lays one over it for this call",
				target->region->name, target->region->name);
	layout_state_destroy(&state);
	return status;
}

bool session_fields(struct object *object, struct node *out)
{
	struct node node = {.view = &view_record};

	object_infer(object);
	if (object_fields(object, &node.binding) < 0)
		return false;
	*out = node;
	return true;
}

static int no_field(const struct target *target, const char *name, int err)
{
	const char *above = target->path.len ? target->path.data : target->region->name;
	int n = (int)(target->path.len ? target->path.len : strlen(target->region->name));

	if (err == -ENOTDIR && target->node.view == &view_pointer)
		return failed("%.*s leads to no record of the region now", n, above);
	if (err == -ENOTDIR)
		return failed("%.*s is one value, nothing is below it", n, above);
	if (err == -ENOENT)
		return failed("%.*s has no field or element '%s' now", n, above, name);
	return failed("%.*s: %s", n, above, why(err));
}

/* A pointer that something is said to be below of is a link, as in the mount; its path is then the
 * record's own. */
static void follow(struct target *target)
{
	struct node record;

	if (target->node.view != &view_pointer ||
	    lead_follow(&target->node, &record, &target->path) < 0)
		return;
	node_put(&target->node);
	target->node = record;
}

/* Where a path's next name begins, and its length: between names are '/', '.' and brackets, but
 * what begins with a dot keeps it, as `.at` does. NULL: there is none. */
static const char *next_name(const char *path, const char *from, size_t *n)
{
	const char *at = from + strspn(from, "/.[]");

	if (!*at)
		return NULL;
	if (at > from && at[-1] == '.' && (at - 1 == path || at[-2] == '/'))
		at--;
	*n = 1 + strcspn(at + 1, "/.[]");
	return at;
}

/* To the child of that name. */
static int step(struct target *target, const char *name)
{
	struct node child;
	int r;

	follow(target);
	r = node_lookup(&target->node, name, &child);
	if (r < 0)
		return no_field(target, name, r);
	if (child.view == &view_link) /* the last one of a path is a value here */
		child.view = &view_pointer;
	node_put(&target->node);
	target->node = child;
	if (target->path.len)
		buf_putc(&target->path, '/');
	buf_puts(&target->path, name);
	return STATUS_OK;
}

/* From the region's fields to the one that path names; of a pointer, with '/' behind it, to what it
 * leads to. */
static int walk(struct target *target, const char *path)
{
	const char *at = path;
	size_t n = strlen(path);
	bool into = n && path[n - 1] == '/';
	int status = STATUS_OK;

	while (status == STATUS_OK && (at = next_name(path, at, &n))) {
		CLEANUP(free_ptr) char *name = strndup(at, n);

		status = name ? step(target, name) : failed("no memory");
		at += n;
	}
	if (status == STATUS_OK && into)
		follow(target);
	return status == STATUS_OK && into && target->node.view == &view_pointer
		       ? no_field(target, "", -ENOTDIR)
		       : status;
}

static int find_field(struct session *session, const char *argument, const char *layout,
		      bool optional, struct target *target)
{
	const char *path;
	int status = session_start(session, argument, &path, target), r;
	bool whole = status == STATUS_OK && !path[strspn(path, "/")];

	if (status == STATUS_OK && layout)
		status = lay_over(session, target->object, layout);
	if (status != STATUS_OK)
		return status;
	target->node = (struct node){.view = &view_record};
	object_ask(target->object);
	object_infer(target->object);
	r = object_fields(target->object, &target->node.binding);
	if (r < 0 && optional && whole)
		return STATUS_OK;
	return r < 0 ? no_layout(target, r) : walk(target, path);
}

int session_field(struct session *session, const char *argument, const char *layout, bool optional,
		  struct target *out)
{
	struct target target = {0};
	int status = find_field(session, argument, layout, optional, &target);

	if (status == STATUS_OK && !buf_cstr(&target.path))
		status = failed("no memory");
	if (status != STATUS_OK)
		target_close(&target);
	else
		*out = target;
	return status;
}
