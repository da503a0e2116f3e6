/* SPDX-License-Identifier: MIT */
/* Who maps a region: a line for each mapping. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/proc.h"
#include "base/text.h"
#include "view/columns.h"
#include "view/facts.h"
#include "view/view.h"

static void put_hex(struct columns *columns, uint64_t value)
{
	char text[16];
	unsigned width = (67 - (unsigned)__builtin_clzll(value | 1)) / 4;

	number_hex(text, value, width);
	buf_put(&columns->text, text, width);
	columns_next(columns);
}

static void put_permissions(struct columns *columns, unsigned prot)
{
	const char text[] = {prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
			     prot & PROT_EXEC ? 'x' : '-', 's'};

	buf_put(&columns->text, text, sizeof(text));
	columns_next(columns);
}

/* args: the command line, already read. */
static void put_mapper(struct columns *columns, const struct mapper *mapper,
		       const struct caller *caller, const struct buf *args)
{
	const struct process *process = mapper->process;

	columns_number(columns, (uint64_t)process->pid);
	text_column(&columns->text, process->comm, strnlen(process->comm, sizeof(process->comm)));
	columns_next(columns);
	columns_number(columns, process->uid);
	put_permissions(columns, mapper->prot);
	if (facts_may_see(caller, process)) {
		put_hex(columns, mapper->start);
		put_hex(columns, mapper->end);
		put_hex(columns, mapper->offset);
	} else {
		columns_text(columns, "-");
		columns_text(columns, "-");
		columns_text(columns, "-");
	}
	columns_number(columns, (uint64_t)process->nspid);
	buf_put(&columns->text, args->data, args->len);
	columns_next(columns);
}

static int mappers_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	const struct env *env = node->binding->env;
	CLEANUP(close_fd) int proc = proc_open(env->proc);
	CLEANUP(columns_destroy) struct columns columns = {.n = 0};
	CLEANUP(buf_destroy) struct buf args = BUF_INIT;
	struct region *region;
	int r;

	if (proc < 0)
		return proc;
	region = facts_newest(node->binding->object, env);
	if (!region)
		return -EIO;
	columns_init(&columns, ">PID COMMAND >UID PERM >START >END >OFFSET >NSPID ARGS");
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];

		if (i == 0 || mapper->process != mapper[-1].process) {
			buf_reset(&args);
			facts_command_line(proc, mapper->process, &args);
		}
		put_mapper(&columns, mapper, caller, &args);
	}
	r = columns_print(&columns, out);
	region_unref(region);
	return r;
}

const struct view_ops view_mappers = {
	.name = "mappers",
	.flags = VIEW_PUBLIC | VIEW_SCANS,
	.render = mappers_render,
};
