/* SPDX-License-Identifier: MIT */
/* The layout that travels with a region: printed, set or taken away. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/session.h"

static int print(const struct target *target, const struct layout_state *state)
{
	const char *name = target->region->name;

	if (!state->text)
		return state->error ? failed("%s: its layout can't be used: %s", name, state->error)
				    : failed("%s has no layout: peekctl layout %s FILE sets one",
					     name, name);
	fputs(state->text, stdout);
	if (*state->text && state->text[strlen(state->text) - 1] != '\n')
		putchar('\n');
	if (state->error)
		note("%s: %s", name, state->error);
	return STATUS_OK;
}

/* A layout that isn't on the object would be gone with this process. */
static int set(const struct target *target, const char *file, const char *text, size_t n)
{
	const char *name = target->region->name;
	struct layout_state state;
	struct diag diag = {0};
	int status = STATUS_OK;
	int r = object_set_layout(target->object, text, n, &diag);

	if (r < 0)
		return bad_layout(file, &diag, r);
	object_keep_late(target->object);
	r = object_layout_state(target->object, &state);
	if (r < 0)
		return failed("%s: %s", name, why(r));
	if (!state.kept)
		status = failed("%s: the layout can't be kept on the object: %s; `show --layout` "
				"serves without, and so does writing `layout` in the mount",
				name, state.why_not_kept ? state.why_not_kept : "it is gone");
	layout_state_destroy(&state);
	return status;
}

static int clear(const struct target *target)
{
	struct memory *memory = object_memory(target->object);
	int r;

	memory_hold(memory);
	r = memory_set_layout(memory, NULL, 0);
	memory_release(memory);
	if (r < 0 && r != -ENODATA)
		return failed("%s: its layout can't be taken away: %s", target->region->name,
			      why(r));
	return STATUS_OK;
}

static int show(const struct target *target)
{
	struct layout_state state;
	int status, r;

	object_ask(target->object);
	object_infer(target->object);
	r = object_layout_state(target->object, &state);
	if (r < 0)
		return failed("%s: %s", target->region->name, why(r));
	status = print(target, &state);
	layout_state_destroy(&state);
	return status;
}

static int layout(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	CLEANUP(target_close) struct target target = {0};
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	int status;

	if (wishes->clear && n == 2)
		return misused("--clear or a FILE: one of them");
	status = session_open(&session, false);
	if (status == STATUS_OK)
		status = session_region(&session, args[0], &target);
	if (status == STATUS_OK && n == 2)
		status = read_file(args[1], &text);
	if (status != STATUS_OK)
		return status;
	if (wishes->clear)
		return clear(&target);
	if (n == 1)
		return show(&target);
	if (!text.len)
		return failed("%s is empty: --clear takes the layout away", args[1]);
	if (object_auto_asked(text.data, text.len))
		return failed(
			"auto stops programs for a moment to look at their stacks, which only "
			"a mount does: echo auto > MOUNTPOINT/regions/%s/layout",
			target.region->name);
	return set(&target, args[1], text.data, text.len);
}

const struct verb verb_layout = {
	.name = "layout",
	.arguments = "NAME [FILE]",
	.summary = "Prints a region's layout, or sets it",
	.options = "c",
	.details = "A layout is C declarations, see peekfs-layout(5). It is kept on the object "
		   "itself, as the\nattribute user.peekfs.layout, and is everybody's; who may "
		   "write the region "
		   "may set it.\nFILE '-' is standard input.",
	.least = 1,
	.most = 2,
	.run = layout,
};
