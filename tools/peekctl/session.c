/* SPDX-License-Identifier: MIT */
#include "peekctl/session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "peekctl/message.h"

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

	if (*name == '/' && access(name, F_OK) == 0)
		return failed("%s: no program%s maps it, so it is no more than a file: rm(1), "
			      "truncate(1) and cat(1) do",
			      name, hidden ? " that you may look at" : "");
	if (hidden)
		return failed("there is no region '%s' among those that you may see (%zu "
			      "process%s you may not look at); peekctl ls -a lists them",
			      name, hidden, hidden == 1 ? "" : "es");
	return failed("there is no region '%s'; peekctl ls -a lists all", name);
}

/* By the path of its object. */
static int look_up_object(struct session *session, const char *path, struct node *out)
{
	char id[64];
	struct stat about;

	if (stat(path, &about) < 0)
		return -errno;
	snprintf(id, sizeof(id), "%u:%u:%ju", major(about.st_dev), minor(about.st_dev),
		 (uintmax_t)about.st_ino);
	return look_up(session, "by-id", id, out);
}

static int look_up_region(struct session *session, const char *name, struct node *out)
{
	CLEANUP(buf_destroy) struct buf plain = BUF_INIT;
	int r;

	if (*name == '/')
		return look_up_object(session, name, out);
	r = look_up(session, "regions", name, out);
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

/* Where the name ends in NAME[/PATH]. One that begins with '/' is the path of an object, which ends
 * where it is no directory. */
static size_t name_length(const char *argument)
{
	size_t n = *argument == '/' ? 0 : strcspn(argument, "/");

	while (*argument == '/' && argument[n]) {
		char path[PATH_MAX];
		struct stat about;

		n += 1 + strcspn(argument + n + 1, "/");
		if (n >= sizeof(path))
			return strlen(argument);
		memcpy(path, argument, n);
		path[n] = '\0';
		if (stat(path, &about) < 0)
			return strlen(argument);
		if (!S_ISDIR(about.st_mode))
			break;
	}
	return n;
}

int session_start(struct session *session, const char *argument, const char **path,
		  struct target *out)
{
	size_t n = name_length(argument);
	CLEANUP(free_ptr) char *name = strndup(argument, n);
	struct target target = {0};
	int status = name ? find_region(session, name, &target) : failed("no memory");

	if (status != STATUS_OK) {
		target_close(&target);
		return status;
	}
	*path = argument + n;
	*out = target;
	return STATUS_OK;
}

int session_region(struct session *session, const char *name, struct target *out)
{
	const char *path;
	size_t n = name_length(name);

	if (name[n])
		return misused("'%s' is of one field; the whole region is '%.*s'", name, (int)n,
			       name);
	return session_start(session, name, &path, out);
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
