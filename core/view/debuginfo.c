/* SPDX-License-Identifier: MIT */
#include "view/debuginfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "base/text.h"
#include "layout/debug_cache.h"
#include "region/program.h"
#include "view/facts.h"

#define PROCESSES_MAX 64	  /* that are asked, the youngest */
#define FILES_MAX     1024	  /* of all of them together */
#define PATIENCE      5000000000u /* ns; the process that was begun is asked to its end */

/* A program file that was asked, and what it said. */
struct answer {
	dev_t device;
	ino_t inode;
	struct debug *debug;
	const struct type *type; /* NULL: it has none */
};

/* One search for one name. */
struct asking {
	const struct debuginfo *debuginfo;
	const struct reader_name *name;
	int proc;
	const struct process *process; /* that is asked now */
	struct answer *answers;
	size_t n_answers;
	int err;
	struct diag *diag; /* why there is nothing: the first program's word */
	bool said;
	/* Called for each program file that has the type, once; true ends the search. */
	bool (*found)(void *context, const struct process *process, const struct program *program,
		      const struct answer *answer);
	void *context;
};

static int open_beside(void *context, const char *path)
{
	const struct asking *asking = context;

	return program_open_path(asking->proc, asking->process->task, path);
}

static bool may_ask(const struct asking *asking, const struct program *program)
{
	const struct region *region = asking->debuginfo->region;
	const struct process *process = asking->process;

	if (program->is_public)
		return true;
	return !(region->mode & 0044) &&
	       (region->uid == 0 || (process->one_user && process->uid == region->uid));
}

/* The first reason that a program itself gave is told, not those of its libraries. */
static void say_why(struct asking *asking, const struct program *program, const char *why)
{
	if (asking->said || !asking->diag || !program->is_main)
		return;
	asking->said = true;
	diag_set(asking->diag, -ENOENT, 0, 0,
		 "%s (pid %d), which maps the region, doesn't tell: %s", asking->process->comm,
		 (int)asking->process->pid, why);
}

static void ask_file(struct asking *asking, const struct program *program, struct answer *answer)
{
	const struct dwarf_files files = {open_beside, asking, program->path};
	struct diag why = {.message = "it can't be read"};
	int r = -EACCES;

	if (may_ask(asking, program))
		r = debug_cache_get(program->fd, &answer->debug);
	else
		diag_set(&why, r, 0, 0, "its file is private");
	if (r == 0)
		r = debug_find(answer->debug, program->fd, &files, asking->name, &answer->type,
			       &why);
	if (r == -ENOMEM)
		asking->err = r;
	if (r < 0)
		say_why(asking, program, why.message);
}

/* What the file says; *is_new: it is asked for the first time. NULL when there is no room. */
static const struct answer *ask(struct asking *asking, const struct program *program, bool *is_new)
{
	struct answer *answers, *answer;

	*is_new = false;
	for (size_t i = 0; i < asking->n_answers; i++)
		if (asking->answers[i].device == program->device &&
		    asking->answers[i].inode == program->inode)
			return &asking->answers[i];
	if (asking->n_answers == FILES_MAX)
		return NULL;
	answers = reallocarray(asking->answers, asking->n_answers + 1, sizeof(*answers));
	if (!answers) {
		asking->err = -ENOMEM;
		return NULL;
	}
	asking->answers = answers;
	answer = &answers[asking->n_answers++];
	*answer = (struct answer){.device = program->device, .inode = program->inode};
	*is_new = true;
	ask_file(asking, program, answer);
	return answer;
}

/* One of its files, if it is a main program or not as asked: true ends the process. */
static bool ask_one(struct asking *asking, const struct program *program, bool *end)
{
	bool is_new;
	const struct answer *answer = ask(asking, program, &is_new);

	if (!answer || !answer->type || asking->err)
		return asking->err;
	if (is_new)
		*end = asking->found(asking->context, asking->process, program, answer);
	return true;
}

/* The program itself before its libraries; the first of them that has the type: true ends all. */
static bool ask_process(struct asking *asking)
{
	struct programs programs = {0};
	bool end = false, done = false;

	if (programs_open(asking->proc, asking->process->task, &programs) < 0) {
		say_why(asking, &(struct program){.is_main = true}, "it can't be looked at");
		return false;
	}
	for (int libraries = 0; libraries < 2 && !done; libraries++)
		for (size_t i = 0; i < programs.n && !done; i++)
			if (programs.all[i].is_main != libraries)
				done = ask_one(asking, &programs.all[i], &end);
	programs_close(&programs);
	return end;
}

/* The youngest first. */
static int by_start(const void *a, const void *b)
{
	const struct process *x = *(const struct process *const *)a;
	const struct process *y = *(const struct process *const *)b;

	if (x->start_time != y->start_time)
		return x->start_time < y->start_time ? 1 : -1;
	return (x->pid < y->pid) - (x->pid > y->pid);
}

static int ask_all(struct asking *asking)
{
	const struct region *region = asking->debuginfo->region;
	CLEANUP(free_ptr) const struct process **processes = NULL;
	CLEANUP(close_fd) int proc = proc_open(asking->debuginfo->env->proc);
	uint64_t deadline = clock_ns() + PATIENCE;
	size_t n = 0;

	processes = calloc(region->n_mappers + 1, sizeof(*processes));
	if (proc < 0 || !processes)
		return proc < 0 ? proc : -ENOMEM;
	asking->proc = proc;
	for (size_t i = 0; i < region->n_mappers; i++)
		if (i == 0 || region->mappers[i].process != processes[n - 1])
			processes[n++] = region->mappers[i].process;
	qsort(processes, n, sizeof(*processes), by_start);
	for (size_t i = 0; i < n && i < PROCESSES_MAX && !asking->err && clock_ns() < deadline;
	     i++) {
		asking->process = processes[i];
		if (ask_process(asking))
			break;
	}
	return asking->err;
}

static void asking_end(struct asking *asking)
{
	for (size_t i = 0; i < asking->n_answers; i++)
		debug_unref(asking->answers[i].debug);
	free(asking->answers);
}

static bool take(void *context, const struct process *process, const struct program *program,
		 const struct answer *answer)
{
	struct reader_found *found = context;

	(void)process;
	(void)program;
	found->type = answer->type;
	found->owner = debug_ref(answer->debug);
	return true;
}

static void release(void *owner)
{
	debug_unref(owner);
}

static int find(void *context, const struct reader_name *name, struct reader_found *out,
		struct diag *diag)
{
	const struct debuginfo *debuginfo = context;
	struct reader_found found = {.release = release};
	struct asking asking = {
		.debuginfo = debuginfo,
		.name = name,
		.diag = diag,
		.found = take,
		.context = &found,
	};
	int r;

	if (!debuginfo->region || !debuginfo->region->n_mappers)
		return diag_set(diag, -ENOENT, 0, 0, "no program maps the region");
	r = ask_all(&asking);
	asking_end(&asking);
	if (r < 0)
		return r == -ENOMEM ? r
				    : diag_set(diag, r, 0, 0, "the programs can't be looked at");
	if (!found.type)
		return asking.said ? -ENOENT
				   : diag_set(diag, -ENOENT, 0, 0, "no program tells what it is");
	*out = found;
	return 0;
}

static const struct reader_ops reader_ops = {.find = find};

struct reader debuginfo_reader(struct debuginfo *debuginfo)
{
	return (struct reader){&reader_ops, debuginfo};
}

/* One name, and who is told of it. */
struct telling {
	const struct layout_lookup *lookup;
	const struct caller *caller;
	struct buf *out;
};

static bool tell(void *context, const struct process *process, const struct program *program,
		 const struct answer *answer)
{
	const struct telling *telling = context;
	const struct layout_lookup *lookup = telling->lookup;
	struct buf *out = telling->out;
	char difference[600] = "";
	bool differs = debug_differ(lookup->type, answer->type, difference, sizeof(difference));

	buf_puts(out, differs ? "Debuginfo-Differs:\t" : "Debuginfo:\t");
	buf_puts(out, reader_word_text(lookup->name.word));
	text_escape(out, lookup->name.name, lookup->name.length);
	buf_printf(out, ": %lu bytes, pid %d ", (unsigned long)answer->type->size,
		   (int)process->pid);
	text_escape(out, process->comm, strlen(process->comm));
	if (facts_may_see(telling->caller, process)) {
		buf_puts(out, ", ");
		text_escape(out, program->path, strlen(program->path));
	}
	if (differs) {
		buf_puts(out, "; ");
		text_escape(out, difference, strlen(difference));
	}
	buf_putc(out, '\n');
	return false;
}

void debuginfo_tell(const struct debuginfo *debuginfo, const struct layout *layout,
		    const struct caller *caller, struct buf *out)
{
	const struct layout_lookup *lookup = layout_lookups(layout);

	for (; lookup && debuginfo->region && debuginfo->region->n_mappers; lookup = lookup->next) {
		struct telling telling = {lookup, caller, out};
		struct asking asking = {
			.debuginfo = debuginfo,
			.name = &lookup->name,
			.found = tell,
			.context = &telling,
		};

		ask_all(&asking);
		asking_end(&asking);
	}
}
