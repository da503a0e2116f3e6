/* SPDX-License-Identifier: MIT */
/*
 * Something to look at, without a tree around it: a child that maps a memfd (which the test maps
 * too, to know the truth), an env by hand, the region as a real scan finds it, and its object.
 */
#ifndef PEEKFS_TESTS_SCENE_H
#define PEEKFS_TESTS_SCENE_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "view/view.h"

struct scene {
	struct env env;
	int fd;
	uint64_t size;
	unsigned char *map; /* of the first map_size bytes */
	size_t map_size;
	pid_t child;
	struct object *object;
	struct node node; /* of the object's plain binding; the view is to be filled in */
	struct node root; /* of the layout that scene_lay() laid over it */
};

static const struct caller scene_root = {0, 0, 0};

static int scene_object(struct env *env, struct region *region, struct object **out)
{
	struct scene *scene = env->context;

	if (scene->object && region_id_compare(&region->id, object_id(scene->object)) == 0) {
		*out = object_ref(scene->object);
		return 0;
	}
	return object_new(env, region, out);
}

static void scene_scanned(void *context, const struct snapshot *before, const struct snapshot *now)
{
	struct scene *scene = context;

	(void)before;
	if (scene->object)
		object_follow(scene->object, snapshot_by_id(now, object_id(scene->object)));
}

/* The child lives until the scene ends, and only maps. */
static void scene_child(struct scene *scene, int prot)
{
	int ready[2];
	char byte;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	scene->child = fork();
	assert_true(scene->child >= 0);
	if (scene->child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (mmap(NULL, scene->map_size, prot, MAP_SHARED, scene->fd, 0) == MAP_FAILED ||
		    write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
}

static struct region *scene_find(struct scene *scene, struct snapshot **snapshot)
{
	struct stat st;

	assert_int_equal(fstat(scene->fd, &st), 0);
	assert_int_equal(registry_get(scene->env.registry, 0, snapshot), 0);
	for (size_t i = 0; i < (*snapshot)->n_regions; i++) {
		struct region *region = (*snapshot)->regions[i];

		if (region->id.inode == st.st_ino && region_id_dev(&region->id) == st.st_dev &&
		    !region->id.ipcns)
			return region;
	}
	fail_msg("a scan doesn't find the region");
	return NULL;
}

/* size: of the object; at most 1 MiB of it is mapped. */
static void scene_begin(struct scene *scene, const char *name, uint64_t size, int prot)
{
	struct registry_options options = {.self = getpid()};
	struct snapshot *snapshot;

	*scene = (struct scene){.size = size, .map_size = size < 1 << 20 ? size : 1 << 20};
	scene->fd = memfd_create(name, MFD_CLOEXEC);
	assert_true(scene->fd >= 0);
	assert_int_equal(ftruncate(scene->fd, (off_t)size), 0);
	scene_child(scene, prot);
	scene->map = mmap(NULL, scene->map_size, PROT_READ | PROT_WRITE, MAP_SHARED, scene->fd, 0);
	assert_ptr_not_equal(scene->map, MAP_FAILED);
	assert_int_equal(registry_new(&options, &scene->env.registry), 0);
	registry_listen(scene->env.registry, scene_scanned, scene);
	scene->env.object = scene_object;
	scene->env.context = scene;
	assert_int_equal(object_new(&scene->env, scene_find(scene, &snapshot), &scene->object), 0);
	snapshot_unref(snapshot);
	scene->node.binding = object_plain(scene->object);
}

static void scene_end(struct scene *scene)
{
	binding_unref(scene->root.binding);
	object_follow(scene->object, NULL);
	object_unref(scene->object);
	registry_free(scene->env.registry);
	kill(scene->child, SIGKILL);
	waitpid(scene->child, NULL, 0);
	munmap(scene->map, scene->map_size);
	close(scene->fd);
}

static inline void scene_lay(struct scene *scene, const char *text)
{
	struct diag diag = {0};

	if (object_set_layout(scene->object, text, strlen(text), &diag) < 0)
		fail_msg("%u:%u: %s", diag.line, diag.column, diag.message);
	binding_unref(TAKE(scene->root.binding));
	assert_int_equal(object_fields(scene->object, &scene->root.binding), 0);
	scene->root.view = &view_record;
	scene->root.ordinal = 0;
}

/* The node of "a/b/0" below fields; its binding is borrowed from root. */
static inline int scene_look_up(struct scene *scene, const char *path, struct node *out)
{
	struct node node = scene->root;

	while (*path) {
		size_t n = strcspn(path, "/");
		struct node child;
		char name[64];
		int r;

		snprintf(name, sizeof(name), "%.*s", (int)n, path);
		r = node.view->lookup ? node.view->lookup(&node, name, &child) : -ENOTDIR;
		if (r < 0)
			return r;
		binding_unref(child.binding);
		node = child;
		path += n + (path[n] == '/');
	}
	*out = node;
	return 0;
}

static inline struct node scene_node(struct scene *scene, const char *path)
{
	struct node node = {0};

	if (scene_look_up(scene, path, &node) < 0) {
		fail_msg("there is no %s", path);
		abort();
	}
	return node;
}

/* What a view of the region renders, or in *r why not; to be freed. */
static inline char *scene_render(const struct node *node, const struct caller *caller, int *r)
{
	struct buf out = BUF_INIT;

	*r = node->view->render(node, caller, &out);
	if (*r < 0)
		buf_destroy(&out);
	else
		buf_putc(&out, '\0');
	return out.data;
}

#endif
