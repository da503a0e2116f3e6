/* SPDX-License-Identifier: MIT */
#include "view/rules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "view/builtin.h"
#include "view/matching.h"

#define LOOK_AFTER 1000000000 /* ns */
#define SUFFIX	   ".peek"
#define FOLDER	   "peekfs/layouts.d"

/* A file, or a built-in text. */
struct rule_file {
	char *name;	  /* its path */
	const char *file; /* the last part of it */
	bool builtin;
	struct stat stat;
	struct layout *layout; /* NULL: */
	char *error;
};

/* All of them in order, as they were at one moment; immutable but for its count. */
struct list {
	atomic_uint refs;
	struct rule_file *rules;
	size_t n;
};

struct rules {
	const char *proc;
	char *folders[2]; /* the user's, or NULL; the system's */
	pthread_mutex_t lock;
	struct list *list;
	uint64_t looked_at;
};

static void list_unref(struct list *list)
{
	if (!list || atomic_fetch_sub_explicit(&list->refs, 1, memory_order_acq_rel) != 1)
		return;
	for (size_t i = 0; i < list->n; i++) {
		free(list->rules[i].name);
		free(list->rules[i].error);
		layout_unref(list->rules[i].layout);
	}
	free(list->rules);
	free(list);
}

static void list_unrefp(struct list **list)
{
	list_unref(*list);
}

static int list_add(struct list *list, char *name, bool builtin)
{
	struct rule_file *rules =
		name ? realloc(list->rules, (list->n + 1) * sizeof(*rules)) : NULL;
	const char *slash;

	if (!rules) {
		free(name);
		return -ENOMEM;
	}
	slash = strrchr(name, '/');
	list->rules = rules;
	rules[list->n++] = (struct rule_file){
		.name = name, .file = slash ? slash + 1 : name, .builtin = builtin};
	return 0;
}

static bool is_listed(const struct list *list, const char *file)
{
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(list->rules[i].file, file) == 0)
			return true;
	return false;
}

/* Adds the files of a folder that aren't hidden by one of the folders before. */
static int add_folder(struct list *list, const char *folder)
{
	DIR *dir = folder ? opendir(folder) : NULL;
	const struct dirent *entry;
	int r = 0;

	while (dir && r == 0 && (entry = readdir(dir))) {
		size_t n = strlen(entry->d_name);
		char *path;

		if (entry->d_name[0] == '.' || n <= strlen(SUFFIX) ||
		    strcmp(entry->d_name + n - strlen(SUFFIX), SUFFIX) != 0 ||
		    is_listed(list, entry->d_name))
			continue;
		r = asprintf(&path, "%s/%s", folder, entry->d_name) < 0
			    ? -ENOMEM
			    : list_add(list, path, false);
	}
	if (dir)
		closedir(dir);
	return r;
}

static int by_file(const void *a, const void *b)
{
	return strcmp(((const struct rule_file *)a)->file, ((const struct rule_file *)b)->file);
}

/* Names and times of all files; nothing is read. */
static int find_files(const struct rules *rules, struct list *list)
{
	int r = add_folder(list, rules->folders[0]);

	if (r == 0)
		r = add_folder(list, rules->folders[1]);
	if (list->n)
		qsort(list->rules, list->n, sizeof(*list->rules), by_file);
	for (size_t i = 0; i < list->n; i++)
		stat(list->rules[i].name, &list->rules[i].stat);
	return r;
}

static bool is_same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
	       a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

static bool is_same(const struct list *before, const struct list *now)
{
	size_t i = 0;

	for (; i < now->n; i++)
		if (i >= before->n || strcmp(before->rules[i].name, now->rules[i].name) != 0 ||
		    !is_same_file(&before->rules[i].stat, &now->rules[i].stat))
			return false;
	return i == before->n || before->rules[i].builtin;
}

static void refuse(struct rule_file *rule, const struct diag *diag)
{
	rule->error = diag_text(diag);
	layout_unref(TAKE(rule->layout));
}

static void say_no_match(const struct layout *layout, struct diag *diag)
{
	struct layout *whole = NULL;
	struct diag why = {0};
	const char *text;
	size_t n;

	diag_set(diag, -EINVAL, 0, 0, "no match: nothing says which regions it is for");
	if (!layout_awaits(layout))
		return;
	text = layout_text(layout, &n);
	if (layout_parse(text, n, &whole, &why) < 0)
		diag_set(diag, -EINVAL, why.line, why.column,
			 "%.200s (to be looked up in programs, it must stand behind a match)",
			 why.message);
	layout_unref(whole);
}

static void parse(struct rule_file *rule, const char *text, size_t n)
{
	struct diag diag = {0};

	if (layout_parse_ahead(text, n, &rule->layout, &diag) < 0) {
		refuse(rule, &diag);
	} else if (!layout_match(rule->layout)) {
		say_no_match(rule->layout, &diag);
		refuse(rule, &diag);
	}
}

static int read_text(const char *path, char *text, size_t size, size_t *n)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat stat;
	ssize_t got;

	*n = 0;
	if (fd < 0 || fstat(fd, &stat) < 0)
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -EINVAL;
	while (*n < size && (got = read(fd, text + *n, size - *n)) != 0) {
		if (got < 0)
			return -errno;
		*n += (size_t)got;
	}
	return 0;
}

static void read_rule(struct rule_file *rule)
{
	CLEANUP(free_ptr) char *text = malloc(LAYOUT_TEXT_MAX + 1);
	struct diag diag;
	size_t n;
	int r = text ? read_text(rule->name, text, LAYOUT_TEXT_MAX + 1, &n) : -ENOMEM;

	if (r == 0) {
		parse(rule, text, n);
		return;
	}
	diag_set(&diag, r, 0, 0, "%s", r == -EINVAL ? "it isn't a regular file" : strerror(-r));
	refuse(rule, &diag);
}

static int add_builtins(struct list *list)
{
	for (const struct builtin *builtin = builtins; builtin->name; builtin++) {
		int r = list_add(list, strdup(builtin->name), true);

		if (r < 0)
			return r;
		parse(&list->rules[list->n - 1], builtin->text, strlen(builtin->text));
	}
	return 0;
}

/* Looks at the files; *out is another list, or NULL when nothing has changed. Locked. */
static int look(const struct rules *rules, struct list **out)
{
	CLEANUP(list_unrefp) struct list *list = calloc(1, sizeof(*list));
	int r;

	if (!list)
		return -ENOMEM;
	list->refs = 1;
	r = find_files(rules, list);
	if (r == 0 && rules->list && is_same(rules->list, list))
		return 0;
	for (size_t i = 0; r == 0 && i < list->n; i++)
		read_rule(&list->rules[i]);
	if (r == 0)
		r = add_builtins(list);
	if (r == 0)
		*out = TAKE(list);
	return r;
}

/* The rules of now: a reference, or NULL without memory. */
static struct list *current(struct rules *rules)
{
	struct list *list = NULL, *before = NULL;
	uint64_t now = clock_ns();

	pthread_mutex_lock(&rules->lock);
	if (!rules->list || now - rules->looked_at >= LOOK_AFTER) {
		rules->looked_at = now;
		if (look(rules, &list) == 0 && list) {
			before = rules->list;
			rules->list = list;
		}
	}
	list = rules->list;
	if (list)
		atomic_fetch_add_explicit(&list->refs, 1, memory_order_relaxed);
	pthread_mutex_unlock(&rules->lock);
	list_unref(before);
	return list;
}

static char *user_folder(void)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	char *folder = NULL;
	int n = -1;

	if (config && *config == '/')
		n = asprintf(&folder, "%s/" FOLDER, config);
	else if (home && *home == '/')
		n = asprintf(&folder, "%s/.config/" FOLDER, home);
	return n < 0 ? NULL : folder;
}

int rules_new(const char *proc, struct rules **out)
{
	struct rules *rules = calloc(1, sizeof(*rules));

	if (!rules)
		return -ENOMEM;
	rules->proc = proc;
	rules->folders[0] = user_folder();
	rules->folders[1] = strdup("/etc/" FOLDER);
	pthread_mutex_init(&rules->lock, NULL);
	*out = rules;
	return 0;
}

void rules_free(struct rules *rules)
{
	if (!rules)
		return;
	list_unref(rules->list);
	free(rules->folders[0]);
	free(rules->folders[1]);
	pthread_mutex_destroy(&rules->lock);
	free(rules);
}

int rules_find(struct rules *rules, const struct region *region, struct memory *memory,
	       struct rule_found *out)
{
	CLEANUP(list_unrefp) struct list *list = current(rules);
	int r = list ? -ENOENT : -ENOMEM;

	for (size_t i = 0; list && i < list->n && r == -ENOENT; i++) {
		const struct rule_file *rule = &list->rules[i];
		char *name;

		if (!rule->layout ||
		    !matching(layout_match(rule->layout), region, memory, rules->proc))
			continue;
		name = strdup(rule->name);
		r = name ? 0 : -ENOMEM;
		if (r == 0)
			*out = (struct rule_found){layout_ref(rule->layout), name, rule->builtin};
	}
	return r;
}

void rules_status(struct rules *rules, struct buf *out)
{
	CLEANUP(list_unrefp) struct list *list = current(rules);
	size_t n = 0;

	for (size_t i = 0; list && i < list->n; i++)
		n += list->rules[i].layout && !list->rules[i].builtin;
	buf_printf(out, "Rules:\t%zu\n", n);
	for (size_t i = 0; list && i < list->n; i++) {
		const struct rule_file *rule = &list->rules[i];

		if (rule->error)
			buf_printf(out, "Rule-Error:\t%s: %s\n", rule->name, rule->error);
		else if (rule->layout && layout_awaits(rule->layout))
			buf_printf(out, "Rule-Debuginfo:\t%s: %s\n", rule->name,
				   layout_awaits(rule->layout));
	}
}
