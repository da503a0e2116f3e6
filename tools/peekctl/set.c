/* SPDX-License-Identifier: MIT */
/* Writes a field, or as JSON several fields of a record: all or nothing. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "node/handle.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "view/place.h"

static int refused(const char *name, int err, const struct diag *diag)
{
	return failed("%s: %s", name, *diag->message ? diag->message : why(err));
}

static int store(const struct session *session, const struct node *node, const char *name,
		 const struct buf *text)
{
	struct diag diag = {0};
	struct handle *handle;
	ssize_t n;
	int r = handle_open(node, O_WRONLY, &session->caller, &handle);

	if (r < 0)
		return failed("%s: %s", name, why(r));
	n = handle_write(handle, text->data, text->len, 0, &diag);
	r = n < 0 ? (int)n : handle_flush(handle, &diag);
	handle_close(handle);
	return r < 0 ? refused(name, r, &diag) : STATUS_OK;
}

/* A record is written by way of its .json. */
static int store_record(const struct session *session, const struct node *node, const char *name,
			const struct buf *text)
{
	CLEANUP_NODE struct node json = {0};
	struct place place;
	int r = place_find(node, &place);

	if (r < 0)
		return failed("%s: %s", name, why(r));
	if (text->data[strspn(text->data, " \t\n")] != '{' || place.type->kind == TYPE_ARRAY)
		return failed("%s is %s, no single value: set a field of it%s", name,
			      place.type->kind == TYPE_ARRAY ? "an array" : "a record",
			      place.type->kind == TYPE_ARRAY
				      ? ""
				      : ", or several as JSON, {\"name\": value}");
	r = node_lookup(node, ".json", &json);
	if (r < 0)
		return failed("%s: %s", name, why(r));
	return store(session, &json, name, text);
}

static int read_only(const struct session *session, const struct region *region)
{
	size_t hidden = session->snapshot->n_unreadable;

	if (hidden)
		return failed(
			"%s: no program maps it writable of those that you may look at "
			"(%zu process%s you may not): only through one that does is it written",
			region->name, hidden, hidden == 1 ? "" : "es");
	return failed("%s: no program maps it writable, so nobody may write it", region->name);
}

static int set(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(session_close) struct session session = {0};
	CLEANUP(target_close) struct target target = {0};
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	int status = session_open(&session, false);

	(void)n;
	buf_puts(&text, args[1]);
	buf_putc(&text, '\n');
	if (status == STATUS_OK)
		status = session_field(&session, args[0], wishes->layout, false, &target);
	if (status != STATUS_OK)
		return status;
	if (!buf_cstr(&text))
		return failed("no memory");
	if (!target.region->writable)
		return read_only(&session, target.region);
	if (target.node.view->flags & VIEW_DIRECTORY)
		return store_record(&session, &target.node, args[0], &text);
	return store(&session, &target.node, args[0], &text);
}

const struct verb verb_set = {
	.name = "set",
	.arguments = "NAME/PATH VALUE",
	.summary = "Writes a value",
	.options = "l",
	.details =
		"VALUE is written as `show` shows it. A record takes a JSON object that names the "
		"fields\nto change. What is refused changes nothing. Options come first, so that "
		"-5 is a value.",
	.least = 2,
	.most = 2,
	.values = true,
	.run = set,
};
