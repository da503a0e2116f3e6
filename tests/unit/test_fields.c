/* SPDX-License-Identifier: MIT */
/* Below `fields`: what stands in a live object, and what a store changes of it. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "node/tree.h"
#include "scene.h"

static void shows(struct scene *scene, const char *path, const char *wanted)
{
	struct node node = scene_node(scene, path);
	int r;
	CLEANUP(free_ptr) char *text = scene_render(&node, &scene_root, &r);

	assert_int_equal(r, 0);
	assert_string_equal(text, wanted);
}

static int store(struct scene *scene, const char *path, const char *text, struct diag *diag)
{
	struct node node = scene_node(scene, path);

	return node.view->store(&node, text, strlen(text), STORE_FIRST, diag);
}

static void changes(struct scene *scene, const char *path, const char *text)
{
	struct diag diag = {0};

	if (store(scene, path, text, &diag) < 0)
		fail_msg("%s: %s", path, diag.message);
	shows(scene, path, text);
}

static void refuses(struct scene *scene, const char *path, const char *text, int err)
{
	unsigned char before[4096];
	struct diag diag = {0};

	memcpy(before, scene->map, sizeof(before));
	assert_int_equal(store(scene, path, text, &diag), err);
	assert_true(*diag.message);
	assert_memory_equal(scene->map, before, sizeof(before));
}

static const char students[] = "struct header { uint32_t magic [[hex]]; uint32_t count; };\n"
			       "struct STU { int id; char name[20]; char sex; };\n"
			       "struct header hdr @ 0;\n"
			       "struct STU students[hdr.count] @ 64;\n";

struct STU {
	int id;
	char name[20];
	char sex;
};

static void scalars_are_read_and_stored(void **state)
{
	struct scene scene;
	struct STU *stu;

	(void)state;
	scene_begin(&scene, "fields", 4096, PROT_READ | PROT_WRITE);
	memcpy(scene.map, &(uint32_t[]){0xfeed, 3}, 8);
	stu = (struct STU *)(scene.map + 64);
	stu[1] = (struct STU){7, "xiaoming", 'm'};
	scene_lay(&scene, students);
	shows(&scene, "hdr/magic", "0x0000feed\n");
	shows(&scene, "students/1/id", "7\n");
	shows(&scene, "students/1/name", "xiaoming\n");
	shows(&scene, "students/1/sex", "m\n");
	memset(stu[1].name, 0x55, sizeof(stu[1].name));
	changes(&scene, "students/1/id", "1000\n");
	assert_int_equal(stu[1].id, 1000);
	changes(&scene, "students/1/name", "lili\n");
	assert_memory_equal(stu[1].name, "lili\0UUUUUUUUUUUUUUU", 20);
	changes(&scene, "students/1/sex", "f\n");
	refuses(&scene, "students/1/id", "many\n", -EINVAL);
	refuses(&scene, "students/1/id", "2147483648\n", -ERANGE);
	refuses(&scene, "students/1/name", "123456789012345678901\n", -ERANGE);
	scene_end(&scene);
}

struct names {
	struct buf text;
	size_t room;
	uint64_t cursor;
};

static bool take_name(void *context, const char *name, const struct node *child, uint64_t cursor)
{
	struct names *names = context;

	assert_non_null(child->view);
	if (names->room-- == 0)
		return false;
	buf_puts(&names->text, name);
	buf_putc(&names->text, ' ');
	names->cursor = cursor;
	return true;
}

static void lists(struct scene *scene, const char *path, const char *wanted)
{
	struct node node = *path ? scene_node(scene, path) : scene->root;

	/* In one go, and one entry after the other. */
	for (size_t room = 1; room <= 100; room += 99) {
		struct names names = {.cursor = 0};
		uint64_t before;

		do {
			names.room = room;
			before = names.cursor;
			assert_int_equal(node.view->list(&node, NULL, before, take_name, &names),
					 0);
		} while (names.cursor != before);
		assert_string_equal(buf_cstr(&names.text), wanted);
		buf_destroy(&names.text);
	}
}

static void directories_hold_what_is_there(void **state)
{
	struct scene scene;
	struct node node;

	(void)state;
	scene_begin(&scene, "fields", 4096, PROT_READ | PROT_WRITE);
	scene_lay(&scene, students);
	lists(&scene, "", "hdr students ");
	lists(&scene, "hdr", ".json .raw magic count ");
	lists(&scene, "students", "");
	assert_int_equal(scene_look_up(&scene, "students/0", &node), -ENOENT);
	changes(&scene, "hdr/count", "12\n");
	lists(&scene, "students", "0 1 2 3 4 5 6 7 8 9 10 11 ");
	lists(&scene, "students/11", ".json .raw id name sex ");
	assert_int_equal(scene_look_up(&scene, "students/11/id", &node), 0);
	assert_int_equal(scene_look_up(&scene, "students/12", &node), -ENOENT);
	assert_int_equal(scene_look_up(&scene, "students/011", &node), -ENOENT);
	assert_int_equal(scene_look_up(&scene, "hdr/nothing", &node), -ENOENT);
	assert_int_equal(scene_look_up(&scene, "students/.raw", &node), -ENOENT);
	changes(&scene, "hdr/count", "4000000000\n");
	assert_int_equal(scene_look_up(&scene, "students/144", &node), -ENOENT);
	assert_int_equal(scene_look_up(&scene, "students/143", &node), 0);
	scene_end(&scene);
}

static void neighbours_stay(void **state)
{
	struct scene scene;
	unsigned char wanted[4096];

	(void)state;
	scene_begin(&scene, "fields", 4096, PROT_READ | PROT_WRITE);
	memset(scene.map, 0xff, 4096);
	memset(wanted, 0xff, 4096);
	scene_lay(&scene, "struct bits { unsigned a : 3; unsigned b : 7; int c : 22; } bits @ 0;\n"
			  "struct packed { char x; uint64_t wide; unsigned n : 5; char y; }\n"
			  "__attribute__((packed));\n"
			  "struct packed packed @ 16;\n"
			  "union { float real; uint32_t bits; } both @ 40;\n");
	changes(&scene, "bits/b", "64\n");
	wanted[0] = 0x07;
	wanted[1] = 0xfe;
	assert_memory_equal(scene.map, wanted, 4096);
	shows(&scene, "bits/c", "-1\n");
	changes(&scene, "packed/wide", "0\n");
	memset(wanted + 17, 0, 8);
	changes(&scene, "packed/n", "1\n");
	wanted[25] = 0xe1;
	assert_memory_equal(scene.map, wanted, 4096);
	changes(&scene, "both/real", "1\n");
	shows(&scene, "both/bits", "1065353216\n");
	refuses(&scene, "bits/a", "8\n", -ERANGE);
	scene_end(&scene);
}

static void long_values_may_come_in_pieces(void **state)
{
	struct scene scene;
	struct node text, bytes;
	char value[20000];

	(void)state;
	scene_begin(&scene, "fields", 1 << 20, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "char text[100000] @ 0; uint8_t bytes[5000] @ 200000;\n"
			  "uint8_t few[4] @ 300000;\n");
	text = scene_node(&scene, "text");
	bytes = scene_node(&scene, "bytes");
	memset(value, 'a', sizeof(value));
	assert_int_equal(text.view->store(&text, value, 8192, STORE_FIRST, NULL), -EAGAIN);
	assert_int_equal(scene.map[0], 0);
	value[8191] = '\\';
	assert_int_equal(text.view->store(&text, value, 8192, STORE_FIRST, NULL), -EAGAIN);
	assert_int_equal(text.view->store(&text, value, 8192, STORE_LAST, NULL), -EINVAL);
	assert_int_equal(scene.map[0], 0);
	assert_int_equal(text.view->store(&text, value, 8191, STORE_LAST, NULL), 0);
	assert_int_equal(strlen((char *)scene.map), 8191);
	value[8191] = '\n';
	scene.map[0] = 0;
	assert_int_equal(text.view->store(&text, value, 8192, STORE_FIRST, NULL), 0);
	assert_int_equal(strlen((char *)scene.map), 8191);
	value[100] = '\n';
	assert_int_equal(text.view->store(&text, value, 8000, STORE_FIRST, NULL), -EINVAL);
	memset(value, 'a', sizeof(value));
	assert_int_equal(bytes.view->store(&bytes, value, 512, STORE_FIRST, NULL), -EAGAIN);
	assert_int_equal(bytes.view->store(&bytes, value, 512, STORE_LAST, NULL), -EINVAL);
	assert_int_equal(scene.map[200000], 0);
	assert_int_equal(bytes.view->store(&bytes, value, 10000, STORE_FIRST, NULL), 0);
	assert_int_equal(scene.map[204999], 0xaa);
	assert_int_equal(bytes.view->store(&bytes, value, 10001, STORE_FIRST, NULL), -ERANGE);
	assert_int_equal(bytes.view->store(&bytes, "aa\n", 3, STORE_FIRST, NULL), -EINVAL);
	value[300] = 'x';
	assert_int_equal(bytes.view->store(&bytes, value, 512, STORE_FIRST, NULL), -EINVAL);
	memset(value, 'a', sizeof(value));
	assert_int_equal(bytes.view->store(&bytes, value, 10002, STORE_FIRST, NULL), -ERANGE);
	refuses(&scene, "few", "aabbcc\n", -EINVAL);
	refuses(&scene, "few", "aabbcc", -EINVAL);
	scene_end(&scene);
}

static void large_bytes_are_read_anywhere(void **state)
{
	struct attr attr = {0};
	struct scene scene;
	struct node bytes;
	char wanted[20002], got[20100];

	(void)state;
	scene_begin(&scene, "fields", 1 << 20, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "uint8_t bytes[10000] @ 77;\n");
	bytes = scene_node(&scene, "bytes");
	for (size_t i = 0; i < 10000; i++) {
		scene.map[77 + i] = (unsigned char)(i * 7 + i / 256);
		sprintf(wanted + 2 * i, "%02x", scene.map[77 + i]);
	}
	wanted[20000] = '\n';
	assert_int_equal(bytes.view->stat(&bytes, &scene_root, &attr), 0);
	assert_int_equal(attr.size, 20001);
	for (uint64_t from = 0; from <= 20010; from += from < 19990 ? 333 : 1) {
		for (size_t n = 1; n < sizeof(got); n += n < 5 ? 1 : 5001) {
			size_t there = from < 20001 ? 20001 - (size_t)from : 0;
			size_t right = n < there ? n : there;

			assert_int_equal(bytes.view->read(&bytes, got, n, from), right);
			assert_memory_equal(got, wanted + from, right);
		}
	}
	memset(scene.map, 0, 20000);
	assert_int_equal(bytes.view->store(&bytes, wanted, 20001, STORE_FIRST, NULL), 0);
	assert_int_equal(bytes.view->read(&bytes, got, sizeof(got), 0), 20001);
	assert_memory_equal(got, wanted, 20001);
	scene_end(&scene);
}

/* An array of characters that nothing ends, as large as a region may be. */
static void text_without_end_is_too_large(void **state)
{
	const size_t most = 16 << 20, piece = 1 << 20;
	CLEANUP(free_ptr) char *bytes = malloc(piece), *text = NULL;
	struct scene scene;
	struct node field;
	int r;

	(void)state;
	scene_begin(&scene, "fields", 2 * most, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "char s[33554432] @ 0;\n");
	memset(bytes, 'x', piece);
	for (size_t at = 0; at < 2 * most; at += piece)
		assert_int_equal(pwrite(scene.fd, bytes, piece, (off_t)at), piece);
	field = scene_node(&scene, "s");
	assert_null(scene_render(&field, &scene_root, &r));
	assert_int_equal(r, -EFBIG);
	assert_int_equal(pwrite(scene.fd, "", 1, (off_t)most - 1), 1);
	text = scene_render(&field, &scene_root, &r);
	assert_int_equal(r, 0);
	assert_int_equal(strlen(text), most);
	scene_end(&scene);
}

static struct node csv_of(struct scene *scene, const char *name)
{
	struct node node;

	assert_int_equal(view_tables.lookup(&scene->root, name, &node), 0);
	binding_unref(node.binding);
	return node;
}

/* A row of columns that lie over each other, of half a megabyte each. */
static void rows_without_end_are_too_large(void **state)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT, out = BUF_INIT;
	struct scene scene;
	struct node csv;
	void *stream;

	(void)state;
	scene_begin(&scene, "fields", 1 << 20, PROT_READ | PROT_WRITE);
	memset(scene.map, 'x', 1 << 19);
	scene.map[0] = 0;
	buf_puts(&text, "struct { uint8_t at;");
	for (unsigned i = 0; i < 400; i++)
		buf_printf(&text, " [[absolute]] char s%u[] @ at + 1;", i);
	buf_puts(&text, " } rows[2] @ 0;");
	scene_lay(&scene, buf_cstr(&text));
	csv = csv_of(&scene, "rows.csv");
	assert_int_equal(csv.view->begin(&csv, &stream), 0);
	assert_int_equal(csv.view->next(stream, &out), 0); /* the header */
	assert_int_equal(csv.view->next(stream, &out), -EFBIG);
	assert_in_range(out.cap, 0, 128 << 20);
	csv.view->end(stream);
	scene_end(&scene);
}

/* The struct around an array says how long it is, and that it is shorter by now. */
static void tables_end_with_their_array(void **state)
{
	const uint32_t row = 208, long_before = 4 + 4000 * row, now = 4 + 3 * row;
	CLEANUP(buf_destroy) struct buf out = BUF_INIT;
	struct scene scene;
	struct node csv;
	void *stream;
	int r;

	(void)state;
	scene_begin(&scene, "fields", 1 << 20, PROT_READ | PROT_WRITE);
	memset(scene.map, 'x', 1 << 20);
	memcpy(scene.map, &long_before, sizeof(long_before));
	scene_lay(&scene,
		  "struct [[size(n)]] { uint32_t n;"
		  " struct { uint32_t a; [[if(a)]] int b; char s[200]; } rows[]; } box @ 0;");
	csv = csv_of(&scene, "box.rows.csv");
	assert_int_equal(csv.view->begin(&csv, &stream), 0);
	assert_int_equal(csv.view->next(stream, &out), 0);
	assert_true(out.len > 100 * row);
	memcpy(scene.map, &now, sizeof(now));
	buf_reset(&out);
	r = csv.view->next(stream, &out);
	assert_int_equal(r, 0);
	assert_int_equal(out.len, 0);
	csv.view->end(stream);
	scene_end(&scene);
}

static bool waits(struct scene *scene, const char *path)
{
	struct node node = scene_node(scene, path);
	uint64_t lane;

	return node_waits(&node, &lane);
}

/* What takes long for its size alone keeps nobody else waiting. */
static void large_records_wait(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, "fields", 1 << 20, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "struct big { int v[100000]; char text[100000]; } big @ 0;\n"
			  "struct { int n; char text[1000]; } small[2] @ 0;\n"
			  "uint8_t bytes[100000] @ 0;\n");
	assert_true(waits(&scene, "big/.json"));
	assert_true(waits(&scene, "big/text"));
	assert_false(waits(&scene, "big"));
	assert_false(waits(&scene, "big/.raw"));
	assert_false(waits(&scene, "big/v/99999"));
	assert_false(waits(&scene, "small/1/.json"));
	assert_false(waits(&scene, "small/1/text"));
	assert_false(waits(&scene, "bytes")); /* its digits are made as they are asked for */
	scene_end(&scene);
}

static void raw_is_the_bytes_of_its_struct(void **state)
{
	struct scene scene;
	struct attr attr = {0};
	struct node raw;
	char bytes[100];

	(void)state;
	scene_begin(&scene, "fields", 4096, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "struct s { char text[10]; int n; }; struct s s[3] @ 100;\n");
	memcpy(scene.map + 116, "0123456789", 10);
	raw = scene_node(&scene, "s/1/.raw");
	assert_int_equal(raw.view->stat(&raw, &scene_root, &attr), 0);
	assert_int_equal(attr.size, 16);
	assert_int_equal(raw.view->read(&raw, bytes, sizeof(bytes), 0), 16);
	assert_memory_equal(bytes, "0123456789\0\0\0\0\0", 16);
	assert_int_equal(raw.view->read(&raw, bytes, sizeof(bytes), 16), 0);
	assert_int_equal(raw.view->read(&raw, bytes, 3, 8), 3);
	memset(bytes, 'x', sizeof(bytes));
	assert_int_equal(raw.view->write(&raw, bytes, sizeof(bytes), 12), 4);
	assert_int_equal(raw.view->write(&raw, bytes, 1, 16), -ENOSPC);
	assert_memory_equal(scene.map + 126, "\0\0xxxx\0", 7);
	scene_end(&scene);
}

static void what_is_gone_is_an_error(void **state)
{
	struct scene scene;
	struct node field, raw;
	int r;

	(void)state;
	scene_begin(&scene, "fields", 8192, PROT_READ | PROT_WRITE);
	scene_lay(&scene, "int n @ 4096; char s[5000] @ 0; int first @ 0;\n");
	field = scene_node(&scene, "n");
	raw = scene_node(&scene, ".raw");
	assert_int_equal(ftruncate(scene.fd, 4096), 0);
	assert_null(scene_render(&field, &scene_root, &r));
	assert_int_equal(r, -EIO);
	assert_int_equal(field.view->store(&field, "1", 1, STORE_LAST, NULL), -EIO);
	field = scene_node(&scene, "s");
	assert_null(scene_render(&field, &scene_root, &r));
	assert_int_equal(r, -EIO);
	assert_true(raw.view->read(&raw, &r, 4, 5000) <= 0);
	shows(&scene, "first", "0\n");
	kill(scene.child, SIGKILL);
	waitpid(scene.child, NULL, 0);
	object_follow(scene.object, NULL);
	field = scene_node(&scene, "first");
	assert_null(scene_render(&field, &scene_root, &r));
	assert_int_equal(r, -EIO);
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_are_read_and_stored),
		cmocka_unit_test(directories_hold_what_is_there),
		cmocka_unit_test(neighbours_stay),
		cmocka_unit_test(long_values_may_come_in_pieces),
		cmocka_unit_test(large_bytes_are_read_anywhere),
		cmocka_unit_test(text_without_end_is_too_large),
		cmocka_unit_test(rows_without_end_are_too_large),
		cmocka_unit_test(tables_end_with_their_array),
		cmocka_unit_test(large_records_wait),
		cmocka_unit_test(raw_is_the_bytes_of_its_struct),
		cmocka_unit_test(what_is_gone_is_an_error),
	};

	return cmocka_run_group_tests_name("fields", tests, NULL, NULL);
}
