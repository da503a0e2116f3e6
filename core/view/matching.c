/* SPDX-License-Identifier: MIT */
#include "view/matching.h"

#include <fnmatch.h>
#include <limits.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/proc.h"

/* What a condition is asked of. */
struct subject {
	const struct region *region;
	struct memory *memory;
	int proc;
};

static bool globs(const struct match_word *words, const char *text)
{
	for (; words; words = words->next)
		if (fnmatch(words->text, text, 0) == 0)
			return true;
	return false;
}

static bool is_kind(const struct match_word *words, enum region_kind kind)
{
	for (; words; words = words->next)
		if (strcmp(words->text, region_kind_name(kind)) == 0)
			return true;
	return false;
}

static bool has_magic(const struct subject *subject, const struct match_word *word)
{
	const struct region *region = subject->region;
	char bytes[MATCH_MAGIC_MAX];

	/* To read a segment that nobody has attached, be it since the scan, is to attach it. */
	if (region->leftover ? region->kind == REGION_SYSV : memory_attaches(subject->memory))
		return false;
	return memory_read(subject->memory, bytes, word->n, word->from) == (ssize_t)word->n &&
	       memcmp(bytes, word->text, word->n) == 0;
}

static bool is_program(const struct subject *subject, const struct process *process,
		       const struct match_word *words)
{
	char exe[PATH_MAX];
	const char *slash;

	if (globs(words, process->comm))
		return true;
	if (proc_link(subject->proc, process->task, "exe", exe, sizeof(exe)) < 0)
		return false;
	slash = strrchr(exe, '/');
	return globs(words, exe) || (slash && globs(words, slash + 1));
}

/* The last part of the control group's path that names a unit: systemd.unit(5). */
static bool is_in_unit(const struct subject *subject, const struct process *process,
		       const struct match_word *words)
{
	static const char *const endings[] = {".service", ".scope"};
	char text[PATH_MAX + 64];
	char *part, *state;

	if (proc_read(subject->proc, process->task, "cgroup", text, sizeof(text)) <= 0)
		return false;
	for (part = strtok_r(text, "/\n", &state); part; part = strtok_r(NULL, "/\n", &state)) {
		size_t n = strlen(part);

		for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
			size_t end = strlen(endings[i]);

			if (n > end && strcmp(part + n - end, endings[i]) == 0 &&
			    globs(words, part))
				return true;
		}
	}
	return false;
}

static bool has_program(const struct subject *subject, const struct match_word *words,
			bool (*is)(const struct subject *, const struct process *,
				   const struct match_word *))
{
	const struct process *last = NULL;

	for (size_t i = 0; i < subject->region->n_mappers; i++) {
		const struct process *process = subject->region->mappers[i].process;

		if (process != last && is(subject, process, words))
			return true;
		last = process;
	}
	return false;
}

static bool holds(const struct match_condition *condition, const struct subject *subject)
{
	const struct region *region = subject->region;
	const struct match_word *words = condition->words;

	switch (condition->key) {
	case MATCH_NAME:
		return globs(words, region->name);
	case MATCH_PATH:
		return globs(words, region->path);
	case MATCH_KIND:
		return is_kind(words, region->kind);
	case MATCH_SIZE:
		return words->from <= region->size && region->size <= words->to;
	case MATCH_MAGIC:
		return has_magic(subject, words);
	case MATCH_PROGRAM:
		return has_program(subject, words, is_program);
	case MATCH_UNIT:
		return has_program(subject, words, is_in_unit);
	}
	return false;
}

bool matching(const struct match *matches, const struct region *region, struct memory *memory,
	      const char *proc)
{
	CLEANUP(close_fd) int fd = proc_open(proc);
	const struct subject subject = {region, memory, fd};

	for (; matches; matches = matches->next) {
		const struct match_condition *condition = matches->conditions;

		while (condition && holds(condition, &subject))
			condition = condition->next;
		if (!condition)
			return true;
	}
	return false;
}
