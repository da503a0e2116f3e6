/* SPDX-License-Identifier: MIT */
/* The tree over regions of this machine: a child process shares a memfd, and is gone later. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "node/handle.h"
#include "node/inode.h"
#include "node/tree.h"
#include "view/object_inside.h"

#define LAYOUT "struct STU { int id; char name[20]; char sex; };"

struct world {
	struct tree *tree;
	pid_t child;
	int pipe; /* the child ends when it closes */
	char name[64];
	unsigned changes;
	char changed[64]; /* the names of the last two changes */
};

static const struct caller root = {0, 0, 1};

static void changed(void *context, uint64_t parent, const char *name)
{
	struct world *world = context;

	char *last = strrchr(world->changed, ' ');

	(void)parent;
	world->changes++;
	memmove(world->changed, last ? last + 1 : "", last ? strlen(last) : 1);
	snprintf(world->changed + strlen(world->changed), 32, " %s", name);
}

/* A process that shares 56 bytes: two records of struct STU. */
static void share(struct world *world)
{
	int end[2], ready[2];
	char c;

	snprintf(world->name, sizeof(world->name), "test-node-%d", getpid());
	assert_int_equal(pipe(end), 0);
	assert_int_equal(pipe(ready), 0);
	world->child = fork();
	if (world->child == 0) {
		int fd = memfd_create(world->name, 0);
		char *p;

		close(end[1]);
		if (ftruncate(fd, 56) < 0)
			_exit(1);
		p = mmap(NULL, 56, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		close(fd);
		memcpy(p, "\x07\0\0\0xiaoming", 12);
		p[24] = 'm';
		if (write(ready[1], "r", 1) != 1)
			_exit(1);
		_exit(read(end[0], &c, 1) == 0 ? 0 : 1);
	}
	close(end[0]);
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	world->pipe = end[1];
}

static void unshare_(struct world *world)
{
	if (world->child <= 0)
		return;
	close(world->pipe);
	waitpid(world->child, NULL, 0);
	world->child = 0;
}

static int set_up(void **state)
{
	struct world *world = calloc(1, sizeof(*world));
	struct tree_options options = {.changed = changed, .context = world, .self = getpid()};

	share(world);
	assert_int_equal(tree_new(&options, &world->tree), 0);
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	struct world *world = *state;

	unshare_(world);
	tree_free(world->tree);
	free(world);
	return 0;
}

/* As the kernel walks: each step by number, the way back told. A path is cut at each '/'. */
static int walk(struct tree *tree, const char *path, uint64_t *out)
{
	uint64_t ino = TREE_ROOT_INO;
	char copy[256], *rest = copy, *name;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((name = strsep(&rest, "/"))) {
		CLEANUP_NODE struct node dir = {0};
		CLEANUP_NODE struct node child = {0};
		int r = tree_node(tree, ino, &dir);

		if (r == 0)
			r = node_lookup(&dir, name, &child);
		if (r < 0)
			return r;
		node_remember(&child);
		ino = node_ino(&child, NULL);
	}
	*out = ino;
	return 0;
}

static int in_region(struct world *world, const char *rest, uint64_t *ino)
{
	char path[256];

	snprintf(path, sizeof(path), "regions/memfd-%s%s", world->name, rest);
	return walk(world->tree, path, ino);
}

static struct handle *must_open(struct world *world, const char *rest, int flags)
{
	CLEANUP_NODE struct node node = {0};
	struct handle *handle = NULL;
	uint64_t ino;

	assert_int_equal(in_region(world, rest, &ino), 0);
	assert_int_equal(tree_node(world->tree, ino, &node), 0);
	assert_int_equal(handle_open(&node, flags, &root, &handle), 0);
	return handle;
}

static void put(struct world *world, const char *rest, const char *text)
{
	struct handle *handle = must_open(world, rest, O_WRONLY | O_TRUNC);

	assert_int_equal(handle_write(handle, text, strlen(text), 0, NULL), strlen(text));
	assert_int_equal(handle_flush(handle, NULL), 0);
	assert_int_equal(handle_close(handle), 0);
}

static void expect(struct world *world, const char *rest, const char *text)
{
	struct handle *handle = must_open(world, rest, O_RDONLY);
	char got[256] = "";

	assert_in_range(handle_read(handle, got, sizeof(got) - 1, 0), 0, sizeof(got) - 1);
	assert_string_equal(got, text);
	handle_close(handle);
}

static void inodes_pack(void **state)
{
	uint64_t ino = inode_pack(12345, &view_field, LAYOUT_SPAN_MAX - 1);

	(void)state;
	assert_int_equal(inode_slot(ino), 12345);
	assert_ptr_equal(inode_view(ino), &view_field);
	assert_int_equal(inode_ordinal(ino), LAYOUT_SPAN_MAX - 1);
	assert_int_equal(inode_pack(0, inode_view(0), 1), TREE_ROOT_INO);
}

static void fields_are_read_and_written(void **state)
{
	struct world *world = *state;

	put(world, "/layout", LAYOUT);
	expect(world, "/fields/records/0/id", "7\n");
	expect(world, "/fields/records/0/name", "xiaoming\n");
	put(world, "/fields/records/1/id", "1000\n");
	expect(world, "/fields/records/1/id", "1000\n");
}

static void what_is_refused_changes_nothing(void **state)
{
	struct world *world = *state;
	struct handle *handle;
	struct diag diag = {0};

	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/fields/records/0/id", O_WRONLY);
	assert_int_equal(handle_write(handle, "12x", 3, 0, &diag), -EINVAL);
	assert_true(diag.message[0]);
	assert_int_equal(handle_write(handle, "99999999999", 11, 0, &diag), -ERANGE);
	assert_int_equal(handle_write(handle, "5", 1, 3, &diag), -EINVAL);
	handle_close(handle);
	handle = must_open(world, "/layout", O_WRONLY);
	assert_int_equal(handle_write(handle, "struct { nonsense x; };", 23, 0, &diag), -EINVAL);
	assert_int_equal(diag.line, 1);
	handle_close(handle);
	expect(world, "/fields/records/0/id", "7\n");
}

static void a_refused_line_takes_back_those_before_it(void **state)
{
	static const char *const lines[] = {"struct A { int a; };\n", "struct B {\n", "int b;\n",
					    "nonsense c; };\n"};
	struct world *world = *state;
	struct handle *handle;
	struct diag diag = {0};
	uint64_t at = 0;

	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/layout", O_WRONLY | O_TRUNC);
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		ssize_t n = (ssize_t)strlen(lines[i]);

		assert_int_equal(handle_write(handle, lines[i], (size_t)n, at, &diag),
				 i < 3 ? n : -EINVAL);
		at += (uint64_t)n;
	}
	assert_int_equal(diag.line, 4);
	handle_close(handle);
	expect(world, "/layout", LAYOUT);
}

/* Of whatever kind the mistake is: more text than a layout may have is one that comes late. */
static void text_without_end_takes_back_its_beginning(void **state)
{
	struct world *world = *state;
	char comment[LAYOUT_TEXT_MAX / 4];
	uint64_t at = strlen("int n @ 0;\n");
	struct handle *handle;
	ssize_t r = 0;

	memset(comment, ' ', sizeof(comment));
	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/layout", O_WRONLY | O_TRUNC);
	assert_int_equal(handle_write(handle, "int n @ 0;\n", at, 0, NULL), at);
	for (int i = 0; i < 4 && r >= 0; i++, at += sizeof(comment))
		r = handle_write(handle, comment, sizeof(comment), at, NULL);
	assert_int_equal(r, -E2BIG);
	handle_close(handle);
	expect(world, "/layout", LAYOUT);
}

/* What is appended goes behind what is there: behind nothing, once that was truncated. */
static void appending_goes_on_with_what_is_there(void **state)
{
	struct world *world = *state;
	struct handle *handle;

	put(world, "/layout", "int a @ 0;\n");
	handle = must_open(world, "/layout", O_WRONLY | O_APPEND);
	assert_int_equal(handle_write(handle, "int b @ 4;\n", 11, 11, NULL), 11);
	handle_close(handle);
	expect(world, "/layout", "int a @ 0;\nint b @ 4;\n");
	handle = must_open(world, "/layout", O_WRONLY | O_APPEND | O_TRUNC);
	assert_int_equal(handle_write(handle, "int c @ 0;\n", 11, 22, NULL), 11);
	handle_close(handle);
	expect(world, "/layout", "int c @ 0;\n");
	handle = must_open(world, "/layout", O_WRONLY | O_APPEND);
	assert_int_equal(handle_truncate(handle, 0), 0);
	assert_int_equal(handle_write(handle, "int d @ 0;\n", 11, 0, NULL), 11);
	assert_int_equal(handle_write(handle, "int e @ 4;\n", 11, 11, NULL), 11);
	handle_close(handle);
	expect(world, "/layout", "int d @ 0;\nint e @ 4;\n");
	handle = must_open(world, "/fields/d", O_WRONLY | O_APPEND | O_TRUNC);
	assert_int_equal(handle_write(handle, "5\n", 2, 2, NULL), 2);
	handle_close(handle);
	expect(world, "/fields/d", "5\n");
}

static void a_layout_is_cleared_if_nothing_is_written_after(void **state)
{
	struct world *world = *state;
	struct handle *handle;

	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/layout", O_WRONLY | O_TRUNC);
	assert_int_equal(handle_write(handle, LAYOUT, strlen(LAYOUT), 100, NULL), -EINVAL);
	handle_close(handle);
	expect(world, "/layout", LAYOUT);
	handle = must_open(world, "/layout", O_WRONLY);
	assert_int_equal(handle_write(handle, LAYOUT, strlen(LAYOUT), 0, NULL), strlen(LAYOUT));
	assert_int_equal(handle_truncate(handle, strlen(LAYOUT)), 0);
	assert_int_equal(handle_truncate(handle, 5), -EPERM);
	assert_int_equal(handle_truncate(handle, 0), 0);
	handle_close(handle);
	expect(world, "/layout", "");
	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/fields/records/0/id", O_RDWR);
	assert_int_equal(handle_write(handle, "7", 1, 0, NULL), 1);
	assert_int_equal(handle_truncate(handle, 1), 0); /* what Python does to end a rewrite */
	handle_close(handle);
}

static void a_value_may_come_in_pieces(void **state)
{
	struct world *world = *state;
	struct handle *handle;

	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/fields/records/0/id", O_WRONLY);
	assert_int_equal(handle_write(handle, "12", 2, 0, NULL), 2);
	assert_int_equal(handle_write(handle, "34\n", 3, 2, NULL), 3);
	assert_int_equal(handle_close(handle), 0);
	expect(world, "/fields/records/0/id", "1234\n");
}

static void a_layout_is_cleared_by_truncation_alone(void **state)
{
	struct world *world = *state;
	uint64_t ino;

	put(world, "/layout", LAYOUT);
	handle_close(must_open(world, "/layout", O_WRONLY));
	assert_int_equal(in_region(world, "/fields/records", &ino), 0);
	handle_close(must_open(world, "/layout", O_WRONLY | O_TRUNC));
	assert_int_equal(in_region(world, "/fields/records", &ino), -ENOENT);
	expect(world, "/layout", "");
}

/* What is in a directory, by name. */
static bool put_name(void *context, const char *name, const struct node *child, uint64_t cursor)
{
	char *names = context;

	(void)child, (void)cursor;
	strcat(names, name); /* NOLINT: a few short ones */
	strcat(names, " ");  /* NOLINT */
	return true;
}

static void lists(struct world *world, uint64_t directory, const char *expected)
{
	CLEANUP_NODE struct node node = {0};
	struct handle *handle;
	char names[256] = "";

	assert_int_equal(tree_node(world->tree, directory, &node), 0);
	assert_int_equal(handle_open(&node, O_RDONLY | O_DIRECTORY, &root, &handle), 0);
	assert_int_equal(handle_list(handle, 2, put_name, names), 0);
	assert_string_equal(names, expected);
	handle_close(handle);
}

/* `fields` and `tables` are the region's: who is in one finds there what the newest layout makes.
 * What an old one made is stale. */
static void a_replaced_layout_is_stale(void **state)
{
	struct world *world = *state;
	CLEANUP_NODE struct node fields = {0};
	CLEANUP_NODE struct node old = {0};
	struct node child;
	uint64_t before, tables, records;
	struct handle *handle;

	assert_int_equal(in_region(world, "/fields", &before), 0);
	assert_int_equal(in_region(world, "/tables", &tables), 0);
	assert_int_equal(tree_node(world->tree, before, &fields), 0);
	assert_int_equal(node_lookup(&fields, "records", &child), -ENOENT);
	lists(world, before, "");
	put(world, "/layout", LAYOUT);
	lists(world, before, "records ");
	lists(world, tables, "records.txt records.csv records.jsonl ");
	assert_int_equal(in_region(world, "/fields/records", &records), 0);
	assert_int_equal(tree_node(world->tree, records, &old), 0);

	put(world, "/layout", "struct one { int first; } a @ 0, b @ 4;");
	assert_non_null(strstr(world->changed, "records"));
	assert_int_equal(node_lookup(&old, "0", &child), -ESTALE);
	assert_int_equal(handle_open(&old, O_RDONLY, &root, &handle), -ESTALE);
	lists(world, before, "a b ");
	assert_int_equal(node_lookup(&fields, "records", &child), -ENOENT);
	assert_int_equal(node_lookup(&fields, "a", &child), 0);
	node_put(&child);
	assert_int_equal(in_region(world, "/fields", &records), 0);
	assert_int_equal(before, records);
	expect(world, "/fields/a/first", "7\n");
}

/* Who stands deeper finds what the newest layout makes of the same path, while it is a directory.
 */
static void a_replaced_directory_is_the_one_of_its_path(void **state)
{
	struct world *world = *state;
	CLEANUP_NODE struct node deep = {0};
	CLEANUP_NODE struct node child = {0};
	struct handle *handle;
	uint64_t ino, now;

	put(world, "/layout", "struct s { int i; }; struct t { struct s s[2]; } t @ 0;");
	assert_int_equal(in_region(world, "/fields/t/s/1", &ino), 0);
	assert_int_equal(tree_node(world->tree, ino, &deep), 0);
	put(world, "/layout",
	    "struct s { short a; int i; }; struct t { int n; struct s s[3]; } t @ 0;");
	lists(world, ino, ".json .raw a i ");
	assert_int_equal(node_lookup(&deep, "a", &child), 0);
	assert_int_equal(in_region(world, "/fields/t/s/1/a", &now), 0);
	assert_int_equal(node_ino(&child, NULL), now);
	node_put(&child);
	assert_int_equal(node_lookup(&deep, "b", &child), -ENOENT);
	put(world, "/layout", "struct t { struct { int i; } s[1]; } t @ 0;");
	assert_int_equal(node_lookup(&deep, "i", &child), -ESTALE);
	assert_int_equal(handle_open(&deep, O_RDONLY, &root, &handle), -ESTALE);
	put(world, "/layout", "struct t { int s[2]; } t @ 0;");
	assert_int_equal(node_lookup(&deep, "i", &child), -ESTALE);
	handle_close(must_open(world, "/layout", O_WRONLY | O_TRUNC));
	assert_int_equal(node_lookup(&deep, "i", &child), -ESTALE);
	put(world, "/layout", "struct t { struct { int i; } s[2]; } t @ 0;");
	assert_int_equal(node_lookup(&deep, "i", &child), 0);
}

/* What a text names may be looked up for seconds, whatever layout there is; and who wants bytes
 * meanwhile gets them. */
static void only_layouts_wait_for_layouts(void **state)
{
	struct world *world = *state;
	CLEANUP_NODE struct node raw = {0};
	CLEANUP_NODE struct node layout = {0};
	struct handle *handle;
	uint64_t ino, lane = 0;

	put(world, "/layout", LAYOUT);
	assert_int_equal(in_region(world, "/layout", &ino), 0);
	assert_int_equal(tree_node(world->tree, ino, &layout), 0);
	assert_true(node_waits(&layout, &lane));
	assert_int_not_equal(lane, 0);
	assert_int_equal(in_region(world, "/raw", &ino), 0);
	assert_int_equal(tree_node(world->tree, ino, &raw), 0);
	assert_false(node_waits(&raw, &lane));
	pthread_mutex_lock(&raw.binding->object->lock);
	alarm(60);
	assert_int_equal(handle_open(&raw, O_RDONLY, &root, &handle), 0);
	handle_close(handle);
	alarm(0);
	pthread_mutex_unlock(&raw.binding->object->lock);
}

static void the_dead_are_gone(void **state)
{
	struct world *world = *state;
	struct handle *handle;
	uint64_t ino;
	char c;

	put(world, "/layout", LAYOUT);
	handle = must_open(world, "/fields/records/0/id", O_RDONLY);
	unshare_(world);
	assert_int_equal(in_region(world, "", &ino), -ENOENT);
	assert_true(world->changes > 0);
	assert_int_equal(handle_read(handle, &c, 1, 0), -EIO);
	handle_close(handle);
}

static void a_slot_is_free_when_forgotten(void **state)
{
	struct world *world = *state;
	struct node node;
	uint64_t region, raw;

	assert_int_equal(in_region(world, "", &region), 0);
	assert_int_equal(in_region(world, "/raw", &raw), 0);
	tree_forget(world->tree, region, 2);
	assert_int_equal(tree_node(world->tree, raw, &node), 0);
	node_put(&node);
	tree_forget(world->tree, raw, 1);
	assert_int_equal(tree_node(world->tree, raw, &node), -ESTALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inodes_pack),
		cmocka_unit_test_setup_teardown(fields_are_read_and_written, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_refused_changes_nothing, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_refused_line_takes_back_those_before_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(text_without_end_takes_back_its_beginning, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(appending_goes_on_with_what_is_there, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_layout_is_cleared_if_nothing_is_written_after,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_value_may_come_in_pieces, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_layout_is_cleared_by_truncation_alone, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_replaced_layout_is_stale, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_replaced_directory_is_the_one_of_its_path, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(only_layouts_wait_for_layouts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_dead_are_gone, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_slot_is_free_when_forgotten, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("node", tests, NULL, NULL);
}
