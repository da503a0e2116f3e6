/* SPDX-License-Identifier: MIT */
/*
 *   agree MOUNT FOLDER TAG before   of each struct in FOLDER/list (truth.c): gives its object the
 *       layout, compares everything that the mount shows of it with FOLDER/N.before, writes back
 *       what was read, and then the element 0 of `v` over others
 *   agree MOUNT FOLDER TAG after    whether the program, in FOLDER/N.after, sees that
 *
 * Output: `TOPIC COMPARISONS FAILURES`, a line each. What failed is told on the standard error.
 */
#include "agree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOLD 12 /* failures of a topic */

static const char *const topics[TOPICS] = {
	[FIELDS] = "fields", [JSON] = ".json",	 [RAW] = ".raw",
	[CSV] = ".csv",	     [JSONL] = ".jsonl", [TXT] = ".txt",
	[BACK] = "back",     [OTHER] = "other",	 [PADDING] = "padding"};

static struct {
	unsigned long checks, failures;
} tallies[TOPICS];

static struct object {
	const char *folder;
	char name[256];	 /* in /dev/shm and in `regions` */
	char path[4096]; /* in the mount */
	size_t number, size, offset, each, elements, one;
	unsigned char *memory, *mask, *copy;
	struct node *root;
} now;

void *must(void *memory)
{
	if (memory)
		return memory;
	perror(now.name);
	exit(1);
}

bool check(enum topic topic, bool holds, const struct node *where, const char *why, ...)
{
	va_list args;

	tallies[topic].checks++;
	if (holds || tallies[topic].failures++ >= TOLD)
		return holds;
	fprintf(stderr, "%s: %s of %s (%c %.80s): ", topics[topic], node_path(where, '/'), now.name,
		where->letter, where->value ? where->value : "");
	va_start(args, why);
	vfprintf(stderr, why, args);
	va_end(args);
	fputc('\n', stderr);
	return false;
}

char *slurp(const char *path, size_t *n, size_t *promised)
{
	struct stat stat_of = {.st_size = -1};
	size_t cap = 1 << 16, length = 0;
	char *bytes = must(malloc(cap));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd >= 0 && promised && fstat(fd, &stat_of) == 0)
		*promised = (size_t)stat_of.st_size;
	while ((got = fd < 0 ? -1 : read(fd, bytes + length, cap - length - 1)) > 0) {
		length += (size_t)got;
		if (cap - length < 4096)
			bytes = must(realloc(bytes, cap *= 2));
	}
	if (fd >= 0)
		close(fd);
	if (got < 0) {
		free(bytes);
		return NULL;
	}
	bytes[length] = '\0';
	*n = length;
	return bytes;
}

/* As a shell's `>` does. */
static bool put(const char *path, const char *bytes, size_t n)
{
	int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC), err = 0;
	ssize_t did = 0;

	for (size_t done = 0; fd >= 0 && done < n && did >= 0; done += (size_t)did)
		did = write(fd, bytes + done, n - done);
	err = fd < 0 || did < 0 ? errno : 0;
	if (fd >= 0 && close(fd) < 0 && !err)
		err = errno;
	errno = err;
	return !err;
}

static const char *path_of(const struct node *node, const char *file)
{
	static char path[16384];

	snprintf(path, sizeof(path), "%s/fields/%s%s%s", now.path, node_path(node, '/'),
		 file ? "/" : "", file ? file : "");
	return path;
}

/* A file's bytes, as many as stat(2) promises. */
static char *read_promised(enum topic topic, const struct node *node, const char *file, size_t *n)
{
	size_t promised = 0;
	char *bytes = slurp(path_of(node, file), n, &promised);

	if (check(topic, bytes, node, "%m"))
		check(topic, promised == *n, node, "%zu bytes, and says %zu", *n, promised);
	return bytes;
}

/* `fields`. */

static bool next_is(DIR *dir, const char *name)
{
	struct dirent *entry;

	do
		entry = readdir(dir);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return name ? entry && strcmp(entry->d_name, name) == 0 : !entry;
}

static void read_field(struct node *node)
{
	size_t n = 0;
	char *text = read_promised(FIELDS, node, NULL, &n);

	if (!text)
		text = must(strdup(""));
	if (check(FIELDS, n && text[n - 1] == '\n', node, "no newline behind '%.60s'", text))
		text[n - 1] = '\0';
	node->text = text;
	check(FIELDS, strlen(text) + 1 == n && text_is_value(node, text), node, "'%.60s'", text);
	if (node->letter == 'f' || node->letter == 'd')
		check(FIELDS, text_is_shortest(node, text), node, "'%s' could be shorter", text);
}

static void fields_are(struct node *node)
{
	DIR *dir;

	if (!node_is_directory(node)) {
		read_field(node);
		return;
	}
	dir = opendir(path_of(node, NULL));
	if (!check(FIELDS, dir, node, "%m"))
		return;
	if (node->letter == '{' && node->parent) {
		check(FIELDS, next_is(dir, ".json"), node, "no .json");
		check(FIELDS, next_is(dir, ".raw"), node, "no .raw");
	}
	for (size_t i = 0; i < node->n; i++) {
		check(FIELDS, next_is(dir, node->child[i].name), &node->child[i], "isn't listed");
		fields_are(&node->child[i]);
	}
	check(FIELDS, next_is(dir, NULL), node, "more is listed");
	closedir(dir);
}

/* Whole records. Whether the object is as it was before something was written. */

static void is_unchanged(enum topic topic, const struct node *node, const char *what)
{
	size_t i = 0;

	if (check(topic, memcmp(now.memory, now.copy, now.size) == 0, node, "%s changed it", what))
		return;
	while (now.memory[i] == now.copy[i])
		i++;
	fprintf(stderr, "  byte %zu: %02x was %02x\n", i, now.memory[i], now.copy[i]);
	memcpy(now.memory, now.copy, now.size);
}

/* The text of `from` to the file of `to`, with its newline: nothing at all is no value. */
static bool put_text(const struct node *from, const struct node *to)
{
	size_t n = strlen(from->text);
	bool done;

	from->text[n] = '\n';
	done = put(path_of(to, NULL), from->text, n + 1);
	from->text[n] = '\0';
	return done;
}

static void write_back(const struct node *node, const char *file, const char *bytes, size_t n)
{
	check(BACK, put(path_of(node, file), bytes, n), node, "%s isn't taken: %m: '%.60s'", file,
	      bytes);
	is_unchanged(BACK, node, file);
}

static void records_are(const struct node *node)
{
	size_t n = 0;
	char *bytes;

	if (!node_is_directory(node)) {
		check(BACK, put_text(node, node), node, "its text isn't taken: %m");
		is_unchanged(BACK, node, "its own text");
		return;
	}
	if (node->letter == '{') {
		bytes = read_promised(JSON, node, ".json", &n);
		if (bytes && json_is(JSON, bytes, node))
			write_back(node, ".json", bytes, n);
		free(bytes);
		bytes = read_promised(RAW, node, ".raw", &n);
		if (bytes)
			write_back(node, ".raw", bytes, n);
		free(bytes);
	}
	for (size_t i = 0; i < node->n; i++)
		records_are(&node->child[i]);
}

static void raw_is(const struct node *node, size_t offset, size_t size)
{
	size_t n = 0;
	char *bytes = slurp(path_of(node, ".raw"), &n, NULL);

	check(RAW, bytes && n == size && memcmp(bytes, now.memory + offset, n) == 0, node,
	      "%zu other bytes", n);
	free(bytes);
}

static void raws_are(const struct node *v, const struct node *one)
{
	for (size_t i = 0; i < v->n; i++)
		raw_is(&v->child[i], now.offset + i * now.each, now.each);
	raw_is(one, now.one, now.each);
	raw_is(now.root, 0, now.size);
}

/* One record written over another. */

static void copy_json(const struct node *from, const struct node *to)
{
	size_t n = 0;
	char *text = slurp(path_of(from, ".json"), &n, NULL);

	check(OTHER, text && put(path_of(to, ".json"), text, n), to, "%m");
	free(text);
}

static void copy_fields(const struct node *from, const struct node *to)
{
	for (size_t i = 0; i < from->n; i++)
		copy_fields(&from->child[i], &to->child[i]);
	if (from->text)
		check(OTHER, put_text(from, to), to, "%m: '%.60s'", from->text);
}

static void copy_records(const struct node *v)
{
	size_t n = now.offset + 3 * now.each;

	memset(now.memory + n, 0, now.each);
	memset(now.copy + n, 0, now.each);
	copy_json(&v->child[0], &v->child[1]);
	copy_fields(&v->child[0], &v->child[2]);
	copy_json(&v->child[0], &v->child[3]);
	for (size_t i = 0; i < now.size; i++)
		if (!check(PADDING, !((now.memory[i] ^ now.copy[i]) & ~now.mask[i]), v,
			   "byte %zu, which no member has: %02x was %02x", i, now.memory[i],
			   now.copy[i]))
			break;
}

static void set_layout(void)
{
	char path[8192];
	size_t n_types = 0, n_place = 0;
	char *types, *place, *text;

	snprintf(path, sizeof(path), "%s/types.h", now.folder);
	types = must(slurp(path, &n_types, NULL));
	snprintf(path, sizeof(path), "%s/%zu.place", now.folder, now.number);
	place = must(slurp(path, &n_place, NULL));
	text = must(malloc(n_types + n_place + 1));
	memcpy(text, types, n_types);
	memcpy(text + n_types, place, n_place + 1);
	snprintf(path, sizeof(path), "%s/layout", now.path);
	check(FIELDS, put(path, text, n_types + n_place), now.root, "no layout: %s: %m", place);
	free(types);
	free(place);
	free(text);
}

static void before(void)
{
	const struct node *v = &now.root->child[0], *one = &now.root->child[1];
	char path[8192];

	set_layout();
	fields_are(now.root);
	snprintf(path, sizeof(path), "%s/tables", now.path);
	tables_are(path, now.root);
	raws_are(v, one);
	records_are(now.root);
	copy_records(v);
}

/* Whether both are the same values. */
static void same(const struct node *was, const struct node *is, const char *why)
{
	unsigned char *one, *other;

	for (size_t i = 0; i < was->n; i++)
		same(&was->child[i], &is->child[i], why);
	if (node_is_directory(was))
		return;
	if (was->letter != 's') {
		size_t n = was->letter == 'l' ? 20 : SIZE_MAX; /* behind that is padding */

		check(OTHER, strncmp(was->value, is->value, n) == 0, is, "%s %.60s", why,
		      was->value);
		return;
	}
	one = must(malloc(2 * was->bytes));
	other = one + was->bytes;
	check(OTHER,
	      node_bytes(was, one) == node_bytes(is, other) &&
		      memcmp(one, other, node_bytes(is, other)) == 0,
	      is, "%s %.60s", why, was->value);
	free(one);
}

static void after(void)
{
	char path[8192];
	struct node *is;
	const struct node *v, *was = &now.root->child[0];

	snprintf(path, sizeof(path), "%s/%zu.after", now.folder, now.number);
	is = truth_read(path);
	v = &is->child[0];
	same(&was->child[0], &v->child[0], "stayed");
	same(&was->child[0], &v->child[1], "was written by .json over");
	same(&was->child[0], &v->child[2], "was written field by field over");
	same(&was->child[0], &v->child[3], "was written by .json over zeros:");
	for (size_t i = 4; i < v->n; i++)
		same(&was->child[i], &v->child[i], "stayed");
	same(&now.root->child[1], &is->child[1], "stayed");
	truth_free(is);
}

static void visit(const char *mount, const char *folder, const char *tag, bool first)
{
	char path[8192];
	size_t n = 0;
	int fd;

	now.folder = folder;
	snprintf(now.name, sizeof(now.name), "%s-%zu", tag, now.number);
	snprintf(now.path, sizeof(now.path), "%s/regions/%s", mount, now.name);
	snprintf(path, sizeof(path), "%s/%zu.before", folder, now.number);
	now.root = truth_read(path);
	if (first) {
		snprintf(path, sizeof(path), "%s/%zu.mask", folder, now.number);
		now.mask = must(slurp(path, &n, NULL));
		fd = shm_open(now.name, O_RDWR, 0);
		now.memory = mmap(NULL, now.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		must(now.memory == MAP_FAILED ? NULL : now.memory);
		close(fd);
		now.copy = must(malloc(now.size));
		memcpy(now.copy, now.memory, now.size);
		before();
		munmap(now.memory, now.size);
		free(now.copy);
		free(now.mask);
	} else {
		after();
	}
	truth_free(now.root);
}

int main(int argc, char **argv)
{
	char path[4096];
	FILE *list;

	if (argc != 5) {
		fputs("agree MOUNT FOLDER TAG before|after\n", stderr);
		return 2;
	}
	if (!setlocale(LC_CTYPE, "C.UTF-8"))
		fputs("no locale C.UTF-8: what isn't UTF-8 isn't noticed\n", stderr);
	snprintf(path, sizeof(path), "%s/list", argv[2]);
	list = must(fopen(path, "r"));
	while (fscanf(list, "%zu %zu %zu %zu %zu %zu", &now.number, &now.size, &now.offset,
		      &now.each, &now.elements, &now.one) == 6)
		visit(argv[1], argv[2], argv[3], strcmp(argv[4], "before") == 0);
	fclose(list);
	for (size_t i = 0; i < TOPICS; i++)
		if (tallies[i].checks)
			printf("%s %lu %lu\n", topics[i], tallies[i].checks, tallies[i].failures);
	return 0;
}
