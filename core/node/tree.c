/* SPDX-License-Identifier: MIT */
#include "node/tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "node/ahead.h"
#include "node/inode.h"
#include "node/renew.h"
#include "node/slots.h"
#include "node/top.h"

/* Of an entry that has no number yet; never 0, which readdir skips. */
#define UNKNOWN_INO 0xffffffffu

struct tree {
	struct env env;
	struct tree_options options;
	struct slots *slots;
	struct binding own;	 /* slot 0: the tree's own directories */
	_Atomic uint64_t device; /* of the mount: major << 32 | minor, 0: not known yet */
};

static struct tree *tree_of(const struct binding *binding)
{
	return (struct tree *)binding->env->context;
}

static int find_object(struct env *env, struct region *region, struct object **out)
{
	struct tree *tree = env->context;
	struct object *object = slots_object(tree->slots, &region->id);

	if (!object) {
		int r = object_new(env, region, &object);

		if (r < 0)
			return r;
		object = slots_enter(tree->slots, object);
	}
	*out = object;
	return 0;
}

static void unbind(void *context, struct binding *binding)
{
	slots_drop(((struct tree *)context)->slots, binding);
}

static void tell(struct tree *tree, uint64_t parent, const char *name)
{
	if (tree->options.changed)
		tree->options.changed(tree->options.context, parent, name);
}

static uint64_t own_ino(const struct view_ops *view)
{
	return inode_pack(0, view, 0);
}

/* The kernel may keep the variables of a layout that isn't in effect any more. */
static void relaid(void *context, const struct binding *old)
{
	struct tree *tree = context;
	const struct binding *plain = object_plain(old->object);
	const struct type *root = bound_root(old->bound).type;

	for (size_t i = 0; i < root->n_members && plain->slot; i++)
		tell(tree, top_fields(plain), root->members[i].name);
}

static bool is_ours(void *context, uint32_t major, uint32_t minor, uint64_t ino,
		    struct region_id *id)
{
	struct tree *tree = context;
	const struct view_ops *view = inode_view(ino);
	struct binding *binding;

	if (tree->device != ((uint64_t)major << 32 | minor) || !tree->device || !view ||
	    !(view->flags & VIEW_PASSES))
		return false;
	binding = slots_binding(tree->slots, inode_slot(ino));
	if (!binding)
		return false;
	*id = *object_id(binding->object);
	binding_unref(binding);
	return true;
}

static bool same_visit(const struct region *a, const struct region *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->mode == b->mode &&
	       strcmp(a->name, b->name) == 0;
}

/* Brings an object's facts up to date; the kernel hears of a name that leads elsewhere now. */
static void follow(struct tree *tree, struct object *object, const struct snapshot *now)
{
	struct region *before = object_region(object);
	struct region *after = snapshot_by_id(now, object_id(object));

	if (before && before != after) {
		object_follow(object, after);
		if (!after)
			slots_remove(tree->slots, object);
		if (!after || !same_visit(before, after))
			tell(tree, own_ino(&view_regions), before->name);
	}
	region_unref(before);
}

static void tell_of_processes(struct tree *tree, const struct snapshot *before,
			      const struct snapshot *now)
{
	for (size_t i = 0; i < before->n_shares; i++) {
		pid_t pid = before->shares[i].process->pid;
		char name[16];

		if (snapshot_share(now, pid))
			continue;
		snprintf(name, sizeof(name), "%d", pid);
		tell(tree, own_ino(&view_pids), name);
	}
}

static void scanned(void *context, const struct snapshot *before, const struct snapshot *now)
{
	struct tree *tree = context;
	size_t n;
	struct object **objects = slots_objects(tree->slots, &n);

	for (size_t i = 0; i < n; i++) {
		follow(tree, objects[i], now);
		object_unref(objects[i]);
	}
	free(objects);
	if (before)
		tell_of_processes(tree, before, now);
}

int tree_new(const struct tree_options *options, struct tree **out)
{
	struct tree *tree = calloc(1, sizeof(*tree));
	struct registry_options registry = {
		.proc = options->proc,
		.shm = options->shm,
		.self = options->self,
		.is_ours = is_ours,
		.context = tree,
	};
	struct stat ipc;
	int r;

	if (!tree)
		return -ENOMEM;
	tree->options = *options;
	tree->env = (struct env){
		.ttl = (uint64_t)(options->scan_ttl * CLOCK_SECOND),
		.all = options->all,
		.proc = options->proc,
		.ipcns = stat("/proc/self/ns/ipc", &ipc) == 0 ? ipc.st_ino : 0,
		.object = find_object,
		.status = options->status,
		.passes = options->passes,
		.serving = options->context,
		.relaid = relaid,
		.unbind = unbind,
		.context = tree,
	};
	tree->own.env = &tree->env;
	r = slots_new(&tree->slots);
	if (r == 0)
		r = rules_new(options->proc, &tree->env.rules);
	if (r == 0)
		r = registry_new(&registry, &tree->env.registry);
	if (r < 0) {
		tree_free(tree);
		return r;
	}
	registry_listen(tree->env.registry, scanned, tree);
	*out = tree;
	return 0;
}

void tree_free(struct tree *tree)
{
	struct object **objects;
	size_t n;

	if (!tree)
		return;
	ahead_settle();
	if (tree->slots) {
		slots_forget_all(tree->slots);
		objects = slots_objects(tree->slots, &n);
		for (size_t i = 0; objects && i < n; i++) {
			object_follow(objects[i], NULL);
			object_unref(objects[i]);
		}
		free(objects);
	}
	registry_free(tree->env.registry);
	slots_free(tree->slots);
	rules_free(tree->env.rules);
	free(tree);
}

void tree_set_device(struct tree *tree, uint32_t major, uint32_t minor)
{
	tree->device = (uint64_t)major << 32 | minor;
}

int tree_node(struct tree *tree, uint64_t ino, struct node *out)
{
	const struct view_ops *view = inode_view(ino);
	uint32_t slot = inode_slot(ino);
	struct binding *binding = slot ? slots_binding(tree->slots, slot) : &tree->own;

	if (!view || !binding) {
		binding_unref(binding);
		return -ESTALE;
	}
	*out = (struct node){binding, view, inode_ordinal(ino)};
	if (ino == TREE_ROOT_INO)
		out->view = &view_root;
	return 0;
}

void node_put(struct node *node)
{
	binding_unref(node->binding);
	node->binding = NULL;
}

uint64_t node_ino(const struct node *node, uint32_t *generation)
{
	uint32_t slot, gen = 0;

	if (!node->binding ||
	    slots_assign(tree_of(node->binding)->slots, node->binding, &slot, &gen) < 0)
		return UNKNOWN_INO;
	if (generation)
		*generation = gen;
	if (node->view == &view_root)
		return TREE_ROOT_INO;
	return inode_pack(slot, node->view, node->ordinal);
}

void node_remember(const struct node *node)
{
	slots_remember(tree_of(node->binding)->slots, node->binding);
}

void tree_forget(struct tree *tree, uint64_t ino, uint64_t count)
{
	slots_forget(tree->slots, inode_slot(ino), count);
}

int node_lookup(const struct node *dir, const char *name, struct node *child)
{
	CLEANUP_NODE struct node renewed = {0};
	uint32_t slot, generation;
	struct node found;
	int r;

	if (!(dir->view->flags & VIEW_DIRECTORY))
		return -ENOTDIR;
	if (!object_is_current(dir->binding)) {
		r = renew_directory(dir, &renewed);
		if (r < 0)
			return r;
		dir = &renewed;
	}
	r = dir->view->lookup ? dir->view->lookup(dir, name, &found) : -ENOENT;
	if (r < 0)
		return r;
	r = slots_assign(tree_of(found.binding)->slots, found.binding, &slot, &generation);
	if (r < 0)
		node_put(&found);
	else
		*child = found;
	return r;
}

int node_link(const struct node *node, struct buf *out)
{
	return node->view->link ? node->view->link(node, out) : -EINVAL;
}

int node_backing(const struct node *node, int *fd, bool *quiet)
{
	if (!(node->view->flags & VIEW_PASSES))
		return -EOPNOTSUPP;
	return memory_backing(node_memory(node), fd, quiet);
}

bool tree_tidy(struct tree *tree)
{
	size_t n;
	struct object **objects = slots_objects(tree->slots, &n);
	bool open = false;

	for (size_t i = 0; objects && i < n; i++) {
		open |= memory_trim(object_memory(objects[i]));
		object_unref(objects[i]);
	}
	free(objects);
	return open;
}
