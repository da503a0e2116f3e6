/* SPDX-License-Identifier: MIT */
/* The value of a field; of a struct or an array, all values in it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "node/handle.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "peekctl/values.h"

/* As the mount's file of it would be read: a long one comes in pieces. */
static int show_file(const struct session *session, const struct node *node, const char *name)
{
	CLEANUP(free_ptr) char *piece = malloc(BUFSIZ);
	struct handle *handle;
	uint64_t offset = 0;
	ssize_t n;
	int r;

	if (!piece)
		return failed("no memory");
	r = handle_open(node, O_RDONLY, &session->caller, &handle);
	if (r < 0)
		return failed("%s: %s", name, why(r));
	do {
		n = handle_read(handle, piece, BUFSIZ, offset);
		if (n > 0 && fwrite(piece, 1, (size_t)n, stdout) != (size_t)n)
			n = -errno;
		offset += n > 0 ? (uint64_t)n : 0;
	} while (n > 0);
	handle_close(handle);
	return n < 0 ? failed("%s: %s", name, why((int)n)) : STATUS_OK;
}

static int show_one(struct session *session, const struct wishes *wishes, const char *name)
{
	CLEANUP(target_close) struct target target = {0};
	int status = session_field(session, name, wishes->layout, false, &target);

	if (status != STATUS_OK)
		return status;
	if (wishes->json || target.node.view->flags & VIEW_DIRECTORY)
		return values_print(&target, wishes->json);
	return show_file(session, &target.node, name);
}

static int show(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	int status = session_open(&session, false);

	if (status != STATUS_OK)
		return status;
	for (int i = 0; i < n; i++) {
		int r = show_one(&session, wishes, args[i]);

		if (r != STATUS_OK)
			status = r;
	}
	return status;
}

const struct verb verb_show = {
	.name = "show",
	.arguments = "NAME[/PATH]...",
	.summary = "Shows values",
	.options = "lJ",
	.details =
		"A field's value; of a struct or an array, a line `path: value` for each field in "
		"it.\nWith --layout, FILE is what the region's bytes mean for this call; nothing "
		"is\nchanged, and who may only read the region may use it.",
	.least = 1,
	.most = -1,
	.run = show,
};
