/* SPDX-License-Identifier: MIT */
#include "peekctl/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "peekctl/message.h"
#include "view/lead.h"
#include "view/place.h"

#define ONE_SCAN 86400.0 /* seconds that a scan is good for: longer than any call */
#define PIECE	 65536

int session_open(struct session *session, bool own)
{
	struct tree_options options = {.scan_ttl = ONE_SCAN, .self = own ? 0 : getpid()};
	struct node root;
	int r;

	*session = (struct session){.caller = {geteuid(), getegid(), getpid()}};
	r = tree_new(&options, &session->tree);
	if (r < 0)
		return failed("/proc: %s", strerror(-r));
	r = tree_node(session->tree, TREE_ROOT_INO, &root);
	if (r == 0) {
		session->env = root.binding->env;
		node_put(&root);
		r = registry_get(session->env->registry, session->env->ttl, &session->snapshot);
	}
	if (r < 0) {
		session_close(session);
		return failed("scanning /proc: %s", strerror(-r));
	}
	return STATUS_OK;
}

void session_close(struct session *session)
{
	snapshot_unref(session->snapshot);
	tree_free(session->tree);
	buf_destroy(&session->layout);
	*session = (struct session){0};
}

void target_close(struct target *target)
{
	if (target->node.binding)
		node_put(&target->node);
	region_unref(target->region);
	object_unref(target->object);
	buf_destroy(&target->path);
	*target = (struct target){0};
}

/* The child of a directory that stands in the root. */
static int look_up(struct session *session, const char *directory, const char *name,
		   struct node *out)
{
	CLEANUP_NODE struct node root = {0};
	CLEANUP_NODE struct node parent = {0};
	int r = tree_node(session->tree, TREE_ROOT_INO, &root);

	if (r == 0)
		r = node_lookup(&root, directory, &parent);
	return r ? r : node_lookup(&parent, name, out);
}

static int no_region(const struct session *session, const char *name)
{
	size_t hidden = session->snapshot->n_unreadable;

	if (hidden)
		return failed("there is no region '%s' among those that you may see (%zu "
			      "process%s you may not look at); peekctl ls -a lists them",
			      name, hidden, hidden == 1 ? "" : "es");
	return failed("there is no region '%s'; peekctl ls -a lists all", name);
}

static int look_up_region(struct session *session, const char *name, struct node *out)
{
	CLEANUP(buf_destroy) struct buf plain = BUF_INIT;
	int r = look_up(session, "regions", name, out);

	if (r == -ENOENT)
		r = look_up(session, "by-id", name, out);
	/* As --raw prints it, where a name's own backslash is \x5c. */
	if (r == -ENOENT && strstr(name, "\\x") && text_unescape(&plain, name, strlen(name)) == 0 &&
	    buf_cstr(&plain))
		r = look_up(session, "regions", plain.data, out);
	return r;
}

static int find_region(struct session *session, const char *name, struct target *out)
{
	CLEANUP_NODE struct node node = {0};
	int r = look_up_region(session, name, &node);

	if (r == -ENOENT)
		return no_region(session, name);
	if (r < 0)
		return failed("%s: %s", name, why(r));
	out->object = object_ref(node.binding->object);
	out->region = object_region(out->object);
	if (!out->region)
		return failed("%s: it is gone", name);
	return STATUS_OK;
}

int session_region(struct session *session, const char *name, struct target *out)
{
	struct target target = {0};
	const char *slash = strchr(name, '/');
	int status;

	if (slash)
		return misused("'%s' is of one field; the whole region is '%.*s'", name,
			       (int)(slash - name), name);
	status = find_region(session, name, &target);
	if (status != STATUS_OK)
		target_close(&target);
	else
		*out = target;
	return status;
}

int session_each(struct session *session, int n, char **names, session_use_fn *use, void *context)
{
	int status = STATUS_OK;

	for (int i = 0; i < n; i++) {
		CLEANUP(target_close) struct target target = {0};
		int r = session_region(session, names[i], &target);

		if (r == STATUS_OK)
			r = use(session, &target, context);
		if (r != STATUS_OK)
			status = r;
	}
	return status;
}

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

static int find_field(struct session *session, char *name, const char *layout, bool optional,
		      struct target *target)
{
	char *path = strchrnul(name, '/');
	bool whole = !path[strspn(path, "/")];
	int status, r;

	if (*path)
		*path++ = '\0';
	status = find_region(session, name, target);
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
	CLEANUP(free_ptr) char *name = strdup(argument);
	struct target target = {0};
	int status =
		name ? find_field(session, name, layout, optional, &target) : failed("no memory");

	if (status == STATUS_OK && !buf_cstr(&target.path))
		status = failed("no memory");
	if (status != STATUS_OK)
		target_close(&target);
	else
		*out = target;
	return status;
}

int read_file(const char *path, struct buf *out)
{
	bool standard = strcmp(path, "-") == 0;
	CLEANUP(close_fd) int own = standard ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (!standard && own < 0)
		return failed("%s: %s", path, strerror(errno));
	do {
		char *to = buf_reserve(out, PIECE);

		if (!to)
			return failed("no memory");
		n = read(standard ? STDIN_FILENO : own, to, PIECE);
		out->len += n > 0 ? (size_t)n : 0;
		if (out->len > LAYOUT_TEXT_MAX)
			return failed("%s: no layout is longer than %u bytes", path,
				      LAYOUT_TEXT_MAX);
	} while (n > 0);
	return n < 0 ? failed("%s: %s", path, strerror(errno)) : STATUS_OK;
}

int bad_layout(const char *file, const struct diag *diag, int err)
{
	if (strcmp(file, "-") == 0)
		file = "standard input";
	if (diag->line)
		return failed("%s:%u:%u: %s", file, diag->line, diag->column, diag->message);
	return failed("%s: %s", file, *diag->message ? diag->message : why(err));
}

const char *why(int err)
{
	switch (-err) {
	case EACCES:
		return "you may not: nobody maps it so, or only its owner and root reach it";
	case EPERM:
		return "it is sealed, immutable or append-only";
	case EIO:
		return "it has become shorter, or its last mapper is gone";
	case ENXIO:
		return "it is listed only: it is no memory that can be opened without harm";
	case ESTALE:
		return "its layout was replaced meanwhile: try again";
	case EFBIG:
		return "it is too large for one piece: show its elements";
	case E2BIG:
		return "finding it takes more steps than one answer may take: see LIMITS in "
		       "peekfs-layout(5)";
	case EROFS:
		return "its file system is mounted read-only";
	case ETXTBSY:
		return "it is a program that runs";
	case EOPNOTSUPP:
		return "it can't be opened here, it is reached through its process only: try as "
		       "root";
	default:
		return strerror(-err);
	}
}
