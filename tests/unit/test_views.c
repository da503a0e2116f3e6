/* SPDX-License-Identifier: MIT */
/* The plain files of a region, and those of the root, over a region that a scan has found. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "by_hexdump.h"
#include "scene.h"
#include "view/hexdump.h"
#include "view/object_inside.h"

static char *render(struct scene *scene, const struct view_ops *view, const struct caller *caller)
{
	struct node node = {scene->node.binding, view, 0};
	char *text;
	int r;

	text = scene_render(&node, caller, &r);
	assert_int_equal(r, 0);
	return text;
}

/* The value of a key, up to the line's end. */
struct value {
	char text[256];
	bool there;
};

static struct value value_of(const char *info, const char *key)
{
	size_t n = strlen(key);
	struct value value = {.there = false};

	for (; info; info = strchr(info, '\n') ? strchr(info, '\n') + 1 : NULL) {
		if (strncmp(info, key, n) != 0 || strncmp(info + n, ":\t", 2) != 0)
			continue;
		value.there = true;
		snprintf(value.text, sizeof(value.text), "%.*s", (int)strcspn(info + n + 2, "\n"),
			 info + n + 2);
		break;
	}
	return value;
}

static void says(const char *info, const char *key, const char *wanted)
{
	struct value value = value_of(info, key);

	if (!value.there)
		fail_msg("there is no %s in\n%s", key, info);
	assert_string_equal(value.text, wanted);
}

static void info_says_what_it_is(void **state)
{
	const struct caller somebody = {12345, 12345, 0};
	CLEANUP(free_ptr) char *info = NULL, *other = NULL;
	char inode[24];
	struct scene scene;
	struct stat st;

	(void)state;
	scene_begin(&scene, "a b\n\\c", 10000, PROT_READ | PROT_WRITE);
	scene.map[0] = 1;
	fstat(scene.fd, &st);
	info = render(&scene, &view_info, &scene_root);
	says(info, "Name", "memfd-a b\\x0a\\x5cc");
	says(info, "Kind", "memfd");
	says(info, "Path", "/memfd:a b\\n\\\\c");
	says(info, "Deleted", "yes");
	says(info, "Size", "10000");
	says(info, "Resident", "4096");
	says(info, "Allocated", "4096");
	says(info, "Mappers", "1");
	says(info, "Writable", "yes");
	says(info, "Access", "descriptor");
	says(info, "Atomic", "yes");
	says(info, "Layout", "none");
	says(info, "Leftover", "no");
	snprintf(inode, sizeof(inode), "%llu", (unsigned long long)st.st_ino);
	says(info, "Inode", inode);
	assert_false(value_of(info, "Layout-Error").there);
	other = render(&scene, &view_info, &somebody);
	says(other, "Path", "-");
	says(other, "Size", "10000");
	scene_end(&scene);
}

static void info_says_it_of_layouts(void **state)
{
	const struct caller stranger = {54321, 54321, 1};
	CLEANUP(free_ptr) char *info = NULL;
	struct scene scene;
	struct node node;
	struct diag diag;

	(void)state;
	scene_begin(&scene, "layout", 4096, PROT_READ | PROT_WRITE);
	node = (struct node){scene.node.binding, &view_layout, 0};
	assert_int_equal(view_layout.store(&node, "int n @ 4096;\n", 14, false, &diag), -EINVAL);
	info = render(&scene, &view_info, &scene_root);
	says(info, "Layout", "none");
	assert_non_null(strstr(value_of(info, "Layout-Error").text, "line 1"));
	free(TAKE(info));
	info = render(&scene, &view_info,
		      &stranger); /* the message quotes what isn't his to read */
	says(info, "Layout-Error", "-");
	free(TAKE(info));
	assert_int_equal(view_layout.store(&node, "int n @ 0;\n", 11, false, &diag), 0);
	info = render(&scene, &view_info, &scene_root);
	says(info, "Layout", "written");
	assert_false(value_of(info, "Layout-Error").there);
	assert_true(value_of(info, "Layout-Kept").there);
	scene_end(&scene);
}

static void put(char *to, const char *text)
{
	while (*text)
		*to++ = *text++;
}

static int store_layout(const struct node *node, const char *text, size_t n, enum store_part part)
{
	struct diag diag = {0};
	int r = view_layout.store(node, text, n, part, &diag);

	if (r == -EINVAL)
		assert_true(diag.line && *diag.message);
	return r;
}

static void layout_is(struct scene *scene, const char *wanted)
{
	CLEANUP(free_ptr) char *text = render(scene, &view_layout, &scene_root);

	assert_string_equal(text, wanted);
}

static void layouts_are_refused_at_once_or_when_they_end(void **state)
{
	static const char *const wrong[] = {
		"struct {\n", "struct A { int\n", "int\n", "struct A { int x }; \n", "int n @ 0\n",
		"x;\n",	      "nothing x @ 0;"};
	/* What bash's echo and printf write first of a text of several lines. */
	static const char *const first[] = {"struct A {\n",
					    "struct A\n",
					    "typedef struct\n",
					    "/* open\n",
					    "// comment\n",
					    "#include <stdint.h>\n",
					    "\n",
					    "typedef int i;\n",
					    "enum { A, B,\n",
					    "struct A { int a;\n",
					    "#define N 4\n",
					    "enum {\nA\n"};
	struct scene scene;
	struct node node;

	(void)state;
	scene_begin(&scene, "layout", 4096, PROT_READ | PROT_WRITE);
	node = (struct node){scene.node.binding, &view_layout, 0};
	assert_int_equal(store_layout(&node, "int n @ 0;", 10, STORE_FIRST), 0);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(store_layout(&node, wrong[i], strlen(wrong[i]), STORE_FIRST),
				 -EINVAL);
	layout_is(&scene, "int n @ 0;");
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		assert_int_equal(store_layout(&node, first[i], strlen(first[i]), STORE_FIRST),
				 -EAGAIN);
	layout_is(&scene, "int n @ 0;");
	scene_end(&scene);
}

static void layouts_come_in_pieces(void **state)
{
	CLEANUP(free_ptr) char *exact = NULL;
	char piece[512], whole[600];
	struct scene scene;
	struct node node;

	(void)state;
	scene_begin(&scene, "layout", 4096, PROT_READ | PROT_WRITE);
	node = (struct node){scene.node.binding, &view_layout, 0};

	/* A line at a time, and byte by byte. */
	assert_int_equal(store_layout(&node, "struct A {", 10, STORE_FIRST), -EAGAIN);
	assert_int_equal(store_layout(&node, "struct A {\n", 11, STORE_MORE), -EAGAIN);
	assert_int_equal(store_layout(&node, "struct A {\n", 11, STORE_LAST), -EINVAL);
	/* Cut in its last word; in a comment; and wrong long before. */
	memset(whole, ' ', sizeof(whole));
	put(whole + 502, "struct STU { int id; }; struct STU s @ 0;");
	memcpy(piece, whole, sizeof(piece));
	assert_int_equal(store_layout(&node, piece, sizeof(piece), STORE_FIRST), -EAGAIN);
	assert_int_equal(store_layout(&node, piece, sizeof(piece), STORE_LAST), -EINVAL);
	assert_int_equal(store_layout(&node, whole, sizeof(whole), STORE_LAST), 0);
	put(piece, "/* a long comment");
	assert_int_equal(store_layout(&node, piece, sizeof(piece), STORE_FIRST), -EAGAIN);
	/* Nothing is behind the text, not even a NUL. */
	exact = malloc(sizeof(piece));
	memset(exact, ' ', sizeof(piece));
	put(exact, "struct A { int a;\n");
	exact[sizeof(piece) - 1] = '#';
	assert_int_equal(store_layout(&node, exact, sizeof(piece), STORE_FIRST), -EAGAIN);
	memset(piece, ' ', sizeof(piece));
	put(piece, "strct STU {");
	assert_int_equal(store_layout(&node, piece, sizeof(piece), STORE_FIRST), -EINVAL);
	assert_int_equal(view_layout.clear(&node), 0);
	layout_is(&scene, "");
	scene_end(&scene);
}

/* Programs write in blocks, which end anywhere. */
static void layouts_may_be_cut_anywhere(void **state)
{
	static const char text[] =
		"/* what a header holds */\n"
		"#include <stdint.h>\n"
		"#define BE(x) \\\n\t((x) << 8)\n"
		"#define PAIR(type, first, second) type first; type second;\n"
		"#if BE(1) == 256 && (BE(2) >> 8 == 2 || defined PAIR) // always\n"
		"static_assert(sizeof(uint16_t) == 2, \"two bytes, (no more\");\n"
		"enum { N = BE(0x01), M = N != 4 ? 3 : 4 };\n"
		"struct A { PAIR(uint16_t, a /* one */,\n\tb) [[hex]] int c[M]; };\n"
		"#else\nint none @ 0;\n#endif\n"
		"struct A records[2] @ N;\n"
		"[[hex]] A.a;\n";
	struct scene scene;
	struct node node;

	(void)state;
	scene_begin(&scene, "layout", 4096, PROT_READ | PROT_WRITE);
	node = (struct node){scene.node.binding, &view_layout, 0};
	assert_int_equal(store_layout(&node, text, strlen(text), STORE_LAST), 0);
	for (size_t n = 1; n < strlen(text); n++) {
		int r = store_layout(&node, text, n, STORE_MORE);

		if (r != 0 && r != -EAGAIN)
			fail_msg("%d when it is cut after \"%.*s\"", r, (int)n, text);
	}
	/* Wrong before its last word, it is refused at once. */
	assert_int_equal(store_layout(&node, "struct A { int a; } }", 21, STORE_MORE), -EINVAL);
	assert_int_equal(store_layout(&node, "BE(2)) no such(;", 16, STORE_MORE), -EINVAL);
	assert_int_equal(store_layout(&node, "int a @ \"\n", 10, STORE_MORE), -EINVAL);
	scene_end(&scene);
}

/* A look is due as often as a scan; and who comes while somebody looks would wait for him. */
static void looks_for_layouts_are_foreseen(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, "layout", 4096, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "int n @ 0;");
	assert_true(object_would_look(scene.object));
	scene.env.ttl = UINT64_MAX;
	assert_false(object_would_look(scene.object));
	pthread_mutex_lock(&scene.object->lock);
	assert_true(object_would_look(scene.object));
	pthread_mutex_unlock(&scene.object->lock);
	assert_int_equal(object_set_layout(scene.object, NULL, 0, NULL), 0);
	assert_true(object_would_look(scene.object));
	scene_end(&scene);
}

static void mappers_are_told_to_those_who_may_know(void **state)
{
	const struct caller somebody = {12345, 12345, 0};
	CLEANUP(free_ptr) char *text = NULL, *other = NULL;
	char comm[64], perm[8], start[32], end[32], offset[32], args[256];
	struct scene scene;
	int pid, uid, nspid, n = 0;

	(void)state;
	scene_begin(&scene, "mappers", 8192, PROT_READ | PROT_WRITE);
	text = render(&scene, &view_mappers, &scene_root);
	assert_int_equal(
		sscanf(text,
		       " PID COMMAND UID PERM START END OFFSET NSPID ARGS\n%n%d %63s %d %7s "
		       "%31s %31s %31s %d %255[^\n]",
		       &n, &pid, comm, &uid, perm, start, end, offset, &nspid, args),
		9);
	assert_true(n > 0);
	assert_int_equal(pid, scene.child);
	assert_int_equal(nspid, scene.child);
	assert_string_equal(perm, "rw-s");
	assert_string_equal(offset, "0");
	assert_int_equal(strtoull(end, NULL, 16) - strtoull(start, NULL, 16), 8192);
	assert_non_null(strstr(args, "test_views"));
	other = render(&scene, &view_mappers, &somebody);
	assert_int_equal(sscanf(strchr(other, '\n'), " %d %63s %d %7s %31s %31s %31s", &pid, comm,
				&uid, perm, start, end, offset),
			 7);
	assert_string_equal(start, "-");
	assert_string_equal(end, "-");
	assert_string_equal(offset, "-");
	scene_end(&scene);
}

static void summary_and_status_tell_of_it(void **state)
{
	CLEANUP(free_ptr) char *summary = NULL, *status = NULL;
	char kind[16], programs[256];
	unsigned long size, resident, mappers, before = ~0ul;
	struct scene scene;
	char *line;

	(void)state;
	scene_begin(&scene, "the summary", 1 << 20, PROT_READ);
	memset(scene.map, 1, 1 << 20);
	summary = render(&scene, &view_summary, &scene_root);
	line = strstr(summary, "\nmemfd-the\\x20summary ");
	assert_non_null(line);
	assert_int_equal(sscanf(line, " memfd-the\\x20summary %15s %lu %lu %lu none %255s", kind,
				&size, &resident, &mappers, programs),
			 5);
	assert_string_equal(kind, "memfd");
	assert_int_equal(size, 1 << 20);
	assert_int_equal(resident, 1 << 20);
	assert_int_equal(mappers, 1);
	assert_string_equal(programs, "test_views");
	for (line = strchr(summary, '\n'); line && line[1]; line = strchr(line + 1, '\n')) {
		if (sscanf(line, " %*s %*s %*u %lu", &resident) != 1)
			continue;
		assert_true(resident <= before);
		before = resident;
	}
	status = render(&scene, &view_status, &scene_root);
	says(status, "Version", PEEKFS_VERSION);
	assert_true(strtol(value_of(status, "Regions").text, NULL, 10) > 0);
	scene_end(&scene);
}

/* The declarations in a text for people: lines of their own, and what an echo has in quotes. */
static void take_layout(const char *text, struct buf *out)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		size_t n;

		line += *line == '\n';
		n = strcspn(line, "\n");
		if (strncmp(line, "  echo 'struct", 14) == 0)
			buf_put(out, line + 8, (size_t)(strchr(line + 8, '\'') - line - 8));
		else if (strncmp(line, "  struct", 8) == 0)
			buf_put(out, line, n);
	}
}

static void readme_tells_what_works(void **state)
{
	CLEANUP(buf_destroy) struct buf layout = BUF_INIT;
	CLEANUP(free_ptr) char *text = NULL;
	struct scene scene;
	struct node node;

	(void)state;
	scene_begin(&scene, "readme", 4096, PROT_READ | PROT_WRITE);
	text = render(&scene, &view_readme, &scene_root);
	for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	take_layout(text, &layout);
	scene_lay(&scene, buf_cstr(&layout));
	scene.map[4] = 3;
	assert_int_equal(scene_look_up(&scene, "hdr/magic", &node), 0);
	assert_int_equal(scene_look_up(&scene, "students/2/name", &node), 0);
	scene_end(&scene);
}

static void raw_ends_where_the_region_does(void **state)
{
	struct attr attr = {0};
	struct scene scene;
	struct node node;
	char bytes[100];
	uint64_t at;

	(void)state;
	scene_begin(&scene, "raw", 5000, PROT_READ | PROT_WRITE);
	node = (struct node){scene.node.binding, &view_raw, 0};
	scene.map[4999] = 'z';
	assert_int_equal(view_raw.stat(&node, &scene_root, &attr), 0);
	assert_int_equal(attr.size, 5000);
	assert_int_equal(attr.blocks, 8);
	assert_int_equal(view_raw.read(&node, bytes, sizeof(bytes), 4950), 50);
	assert_int_equal(bytes[49], 'z');
	assert_int_equal(view_raw.read(&node, bytes, sizeof(bytes), 5000), 0);
	memset(bytes, 'y', sizeof(bytes));
	assert_int_equal(view_raw.write(&node, bytes, sizeof(bytes), 4990), 10);
	assert_int_equal(view_raw.write(&node, bytes, sizeof(bytes), 5000), -ENOSPC);
	assert_int_equal(scene.map[4990], 'y');
	assert_int_equal(scene.map[4989], 0);
	assert_int_equal(view_raw.seek(&node, 0, SEEK_DATA, &at), 0);
	assert_int_equal(at, 4096);
	scene_end(&scene);
}

static void reads_equally(const struct node *hex, const char *wanted, size_t length, uint64_t start,
			  uint64_t from, size_t n)
{
	CLEANUP(free_ptr) char *got = malloc(n + 1);
	size_t there = (size_t)(start + length - from);
	size_t right = n < there ? n : there;

	got[right] = '\n' + 1;
	assert_int_equal(hex->view->read(hex, got, n, from), right);
	assert_memory_equal(got, wanted + (from - start), right);
	assert_int_equal(got[right], '\n' + 1);
}

static void hex_is_what_hexdump_prints(void **state)
{
	static const uint64_t sizes[] = {1, 15, 16, 17, 4096, 4100, 300001};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		CLEANUP(free_ptr) char *wanted = NULL;
		struct attr attr = {0};
		struct scene scene;
		struct node hex;
		size_t length;

		scene_begin(&scene, "hex", sizes[i], PROT_READ);
		for (uint64_t k = 0; k < sizes[i] && k < 70000; k++)
			scene.map[k] = (unsigned char)(k * k >> 3);
		if (sizes[i] > 200000)
			scene.map[200000] = 'x';
		hex = (struct node){scene.node.binding, &view_hex, 0};
		wanted = by_hexdump(scene.fd, 0);
		length = strlen(wanted);
		assert_int_equal(view_hex.stat(&hex, &scene_root, &attr), 0);
		assert_int_equal(attr.size, length);
		reads_equally(&hex, wanted, length, 0, 0, length + 100);
		srandom(7);
		for (int k = 0; k < 300; k++) {
			uint64_t from = (uint64_t)random() % length;

			reads_equally(&hex, wanted, length, 0, from,
				      1 + (size_t)(random() % (k % 3 ? 300 : 200000)));
		}
		for (uint64_t from = length > 200 ? length - 200 : 0; from < length; from++)
			for (size_t n = 1; n < 210; n += 13)
				reads_equally(&hex, wanted, length, 0, from, n);
		assert_int_equal(hex.view->read(&hex, wanted, 10, length), 0);
		scene_end(&scene);
	}
}

static void hex_goes_on_behind_four_gigabytes(void **state)
{
	const uint64_t line = 1ull << 32, size = line + 5000;
	const uint64_t from = line - 4096;
	CLEANUP(free_ptr) char *wanted = NULL;
	struct stat before, after;
	struct scene scene;
	struct node hex;
	size_t length;

	(void)state;
	scene_begin(&scene, "hex", size, PROT_READ);
	hex = (struct node){scene.node.binding, &view_hex, 0};
	assert_int_equal(pwrite(scene.fd, "before and behind", 17, (off_t)line - 8), 17);
	fstat(scene.fd, &before);
	wanted = by_hexdump(scene.fd, from);
	length = strlen(wanted);
	srandom(8);
	for (int k = 0; k < 2000; k++) {
		uint64_t start = hexdump_start(from / 16);

		reads_equally(&hex, wanted, length, start, start + (uint64_t)random() % length,
			      1 + (size_t)(random() % 5000));
	}
	fstat(scene.fd, &after);
	assert_int_equal(after.st_blocks, before.st_blocks);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(info_says_what_it_is),
		cmocka_unit_test(info_says_it_of_layouts),
		cmocka_unit_test(layouts_are_refused_at_once_or_when_they_end),
		cmocka_unit_test(layouts_come_in_pieces),
		cmocka_unit_test(layouts_may_be_cut_anywhere),
		cmocka_unit_test(looks_for_layouts_are_foreseen),
		cmocka_unit_test(mappers_are_told_to_those_who_may_know),
		cmocka_unit_test(summary_and_status_tell_of_it),
		cmocka_unit_test(readme_tells_what_works),
		cmocka_unit_test(raw_ends_where_the_region_does),
		cmocka_unit_test(hex_is_what_hexdump_prints),
		cmocka_unit_test(hex_goes_on_behind_four_gigabytes),
	};

	return cmocka_run_group_tests_name("views", tests, NULL, NULL);
}
