/* SPDX-License-Identifier: MIT */
/* What a region is: "Key:\tvalue" lines, as in /proc/PID/status. */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/text.h"
#include "view/debuginfo.h"
#include "view/facts.h"
#include "view/inference.h"
#include "view/trouble.h"
#include "view/view.h"

static void key(struct buf *out, const char *name)
{
	buf_puts(out, name);
	buf_puts(out, ":\t");
}

static void put_text(struct buf *out, const char *name, const char *value)
{
	key(out, name);
	text_escape(out, value, strlen(value));
	buf_putc(out, '\n');
}

static void put_number(struct buf *out, const char *name, uint64_t value)
{
	char text[NUMBER_MAX];

	key(out, name);
	buf_put(out, text, number_u64(text, value));
	buf_putc(out, '\n');
}

/* What may be unknown. */
static void put_result(struct buf *out, const char *name, int err, uint64_t value)
{
	if (err < 0)
		put_text(out, name, "-");
	else
		put_number(out, name, value);
}

static void put_bool(struct buf *out, const char *name, bool value)
{
	put_text(out, name, value ? "yes" : "no");
}

static bool may_see_path(const struct caller *caller, const struct region *region)
{
	if (caller->uid == 0 || (region->leftover && caller->uid == region->uid))
		return true;
	for (size_t i = 0; i < region->n_mappers; i++)
		if (facts_may_see(caller, region->mappers[i].process))
			return true;
	return false;
}

static void put_identity(const struct env *env, const struct region *region,
			 const struct caller *caller, struct buf *out)
{
	key(out, "Name"); /* as it stands in the tree: escaped already */
	buf_puts(out, region->name);
	buf_putc(out, '\n');
	put_text(out, "Kind", region_kind_name(region->kind));
	put_text(out, "Path", may_see_path(caller, region) ? region->path : "-");
	put_bool(out, "Deleted", region->deleted);
	key(out, "Device");
	buf_printf(out, "%u:%u\n", region->id.major, region->id.minor);
	put_number(out, "Inode", region->id.inode);
	if (region->id.ipcns)
		put_number(out, "Ipc-Namespace", region->id.ipcns);
	key(out, "By-Id");
	facts_id(env, &region->id, out);
	buf_putc(out, '\n');
}

static void put_sizes(struct object *object, struct buf *out)
{
	struct memory *memory = object_memory(object);
	uint64_t value = 0;
	int r;

	r = facts_size(object, &value);
	put_result(out, "Size", r, value);
	r = memory_resident(memory, &value);
	put_result(out, "Resident", r, value);
	r = memory_blocks(memory, &value);
	put_result(out, "Allocated", r, 512 * value);
}

static void put_people(const struct region *region, struct buf *out)
{
	put_number(out, "Mappers", region->n_mappers);
	put_number(out, "Processes", facts_processes(region));
	key(out, "Programs");
	facts_programs(region, out);
	buf_putc(out, '\n');
	if (region_is_unsure(region))
		put_text(out, "Leftover", "-");
	else
		put_bool(out, "Leftover", region->leftover);
	if (region->creator)
		put_number(out, "Creator", (uint64_t)region->creator);
	if (region->holder) {
		put_number(out, "Holder", (uint64_t)region->holder);
		put_number(out, "Holder-Fd", (uint64_t)region->holder_fd);
	}
	key(out, "Owner");
	buf_printf(out, "%u:%u\n", region->uid, region->gid);
	key(out, "Mode");
	buf_printf(out, "%04o\n", region->mode & 07777);
	put_bool(out, "Writable", region->writable);
}

/* What only a descriptor of the object can tell. *passes: raw is the object itself. */
static bool ask_descriptor(const struct env *env, struct memory *memory, bool *passes, bool *quiet)
{
	int fd;

	if (memory_backing(memory, &fd, quiet) < 0)
		return false;
	*passes = env->passes && env->passes(env->serving, fd);
	close(fd);
	return true;
}

static void put_access(const struct env *env, struct object *object, struct buf *out)
{
	static const char *const names[] = {
		[MEMORY_DESCRIPTOR] = "descriptor",
		[MEMORY_PROCESS] = "process",
		[MEMORY_NONE] = "none",
	};
	struct memory *memory = object_memory(object);
	const char *why = "";
	enum memory_access access = memory_access(memory, &why);
	bool passes = false;
	bool quiet;
	/* Where there is a reason against a descriptor, none is made to find out more. */
	bool known = access == MEMORY_DESCRIPTOR && !*why &&
		     ask_descriptor(env, memory, &passes, &quiet);

	put_text(out, "Access", passes ? "passthrough" : names[access]);
	if (*why)
		put_text(out, "Access-Why", why);
	if (access == MEMORY_NONE)
		return;
	put_bool(out, "Atomic", memory_atomic(memory));
	if (known)
		put_bool(out, "Atime-Kept", quiet);
}

/* Whether the layout's text is caller's to read, as the mode of `layout` says; why it was refused
 * quotes it. Of his groups only the first is known. */
static bool may_read(const struct caller *caller, const struct region *region)
{
	if (caller->uid == 0)
		return true;
	if (caller->uid == region->uid)
		return region->mode & 0400;
	return region->mode & (caller->gid == region->gid ? 0040 : 0004);
}

/* Where the layout fits the region, but not what its memory says now. */
static void put_trouble(struct object *object, bool readable, struct buf *out)
{
	CLEANUP(free_ptr) char *text = NULL;
	struct diag diag;

	if (!trouble_find(object, &diag))
		return;
	text = diag_text(&diag);
	if (text)
		put_text(out, "Layout-Error", readable ? text : "-");
}

static void put_layout(const struct env *env, struct object *object, const struct region *region,
		       const struct caller *caller, struct buf *out)
{
	struct layout_state state;

	if (object_layout_state(object, &state) < 0)
		return;
	put_text(out, "Layout", layout_origin_name(state.origin));
	if (state.origin == LAYOUT_NONE && memory_attaches(object_memory(object)))
		put_text(out, "Layout-Why",
			 "nobody has it attached: asking for a field by name attaches it for a "
			 "moment, to look for one on it");
	if (state.rule)
		put_text(out, "Layout-Rule", state.rule);
	if (state.origin == LAYOUT_WRITTEN || state.origin == LAYOUT_ATTRIBUTE ||
	    (state.origin == LAYOUT_DEBUGINFO && state.inference && state.inference->stopped))
		put_bool(out, "Layout-Kept", state.kept);
	if (state.why_not_kept)
		put_text(out, "Layout-Not-Kept", state.why_not_kept);
	if (state.error)
		put_text(out, "Layout-Error", may_read(caller, region) ? state.error : "-");
	else if (state.origin != LAYOUT_NONE && region->n_mappers)
		put_trouble(object, may_read(caller, region), out);
	if (state.layout && layout_lookups(state.layout) && may_read(caller, region)) {
		const struct debuginfo debuginfo = {env, region};

		debuginfo_tell(&debuginfo, state.layout, caller, out);
	}
	if (state.inference)
		inference_tell(state.inference, caller, out);
	layout_state_destroy(&state);
}

static int info_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	struct object *object = node->binding->object;
	struct region *region = facts_newest(object, node->binding->env);

	if (!region)
		return -EIO;
	put_identity(node->binding->env, region, caller, out);
	put_sizes(object, out);
	put_people(region, out);
	put_access(node->binding->env, object, out);
	put_layout(node->binding->env, object, region, caller, out);
	region_unref(region);
	return buf_status(out);
}

const struct view_ops view_info = {
	.name = "info",
	.flags = VIEW_PUBLIC | VIEW_SCANS,
	.render = info_render,
};
