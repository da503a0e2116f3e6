/* SPDX-License-Identifier: MIT */
#include "view/facts.h"

#include <errno.h>
#include <string.h>

#include "base/proc.h"
#include "base/text.h"

#define PROGRAMS_SHOWN	   8
#define COMMAND_LINE_SHOWN 4096 /* bytes of it; what is longer ends in "..." */

int facts_size(struct object *object, uint64_t *size)
{
	struct region *region;
	int r = memory_size(object_memory(object), size);

	if (r == 0 || r == -EIO)
		return r;
	region = object_region(object);
	if (!region)
		return -EIO;
	*size = region->size;
	region_unref(region);
	return 0;
}

struct region *facts_newest(struct object *object, const struct env *env)
{
	struct snapshot *snapshot;

	if (registry_get(env->registry, env->ttl, &snapshot) == 0)
		snapshot_unref(snapshot);
	return object_region(object);
}

bool facts_may_see(const struct caller *caller, const struct process *process)
{
	return caller->uid == 0 || (process->one_user && process->uid == caller->uid);
}

void facts_id(const struct env *env, const struct region_id *id, struct buf *out)
{
	if (!id->ipcns)
		buf_printf(out, "%u:%u:%llu", id->major, id->minor, (unsigned long long)id->inode);
	else if (id->ipcns == env->ipcns)
		buf_printf(out, "sysv:%llu", (unsigned long long)id->inode);
	else
		buf_printf(out, "sysv:%llu.%llu", (unsigned long long)id->ipcns,
			   (unsigned long long)id->inode);
}

static size_t comm_length(const struct process *process)
{
	return strnlen(process->comm, sizeof(process->comm));
}

static bool same_comm(const struct process *a, const struct process *b)
{
	return strncmp(a->comm, b->comm, sizeof(a->comm)) == 0;
}

static bool is_listed(const struct process *const *list, size_t n, const struct process *process)
{
	for (size_t i = 0; i < n; i++)
		if (same_comm(list[i], process))
			return true;
	return false;
}

void facts_programs(const struct region *region, struct buf *out)
{
	const struct process *programs[PROGRAMS_SHOWN];
	bool more = false;
	size_t n = 0;

	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct process *process = region->mappers[i].process;

		if (is_listed(programs, n, process))
			continue;
		if (n == PROGRAMS_SHOWN) {
			more = true;
			break;
		}
		programs[n++] = process;
	}
	for (size_t i = 0; i < n; i++) {
		if (i)
			buf_putc(out, ',');
		text_column(out, programs[i]->comm, comm_length(programs[i]));
	}
	if (more)
		buf_puts(out, ",...");
	if (region->n_mappers == 0)
		buf_puts(out, region_is_unsure(region) ? "-" : "LEFT");
}

size_t facts_processes(const struct region *region)
{
	size_t n = 0;

	for (size_t i = 0; i < region->n_mappers; i++)
		n += i == 0 || region->mappers[i].process != region->mappers[i - 1].process;
	return n;
}

static bool is_alive(int proc, const struct process *process)
{
	struct proc_stat stat;

	return proc_read_stat(proc, process->pid, &stat) == 0 &&
	       stat.start_time == process->start_time;
}

/* Arguments are terminated by NULs; blanks in them stay, for the command line comes last. */
static void put_arguments(const char *text, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n;) {
		size_t word = i;

		while (word < n && text[word] && text[word] != ' ')
			word++;
		text_column(out, text + i, word - i);
		i = word;
		if (i < n) {
			buf_putc(out, ' ');
			i++;
		}
	}
}

void facts_command_line(int proc, const struct process *process, struct buf *out)
{
	char text[COMMAND_LINE_SHOWN + 1];
	ssize_t got = proc_read(proc, process->pid, "cmdline", text, sizeof(text));
	size_t n = got > 0 ? (size_t)got : 0;
	bool whole = n < COMMAND_LINE_SHOWN;

	while (whole && n && (text[n - 1] == '\0' || text[n - 1] == ' '))
		n--;
	if (n == 0 || !is_alive(proc, process)) {
		buf_putc(out, '-');
		return;
	}
	put_arguments(text, n, out);
	if (!whole)
		buf_puts(out, "...");
}
