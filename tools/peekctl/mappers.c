/* SPDX-License-Identifier: MIT */
/* Who maps a region: a line for each mapping. */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "base/text.h"
#include "peekctl/cells.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "peekctl/sheet.h"
#include "view/facts.h"

enum {
	MAPPERS_PID,
	MAPPERS_COMMAND,
	MAPPERS_UID,
	MAPPERS_PERM,
	MAPPERS_START,
	MAPPERS_END,
	MAPPERS_OFFSET,
	MAPPERS_NSPID,
	MAPPERS_ARGS,
	MAPPERS_NAME,
};

static const struct column columns[] = {
	[MAPPERS_PID] = {"PID", COLUMN_NUMBER, "process"},
	[MAPPERS_COMMAND] = {"COMMAND", COLUMN_TEXT, "its name"},
	[MAPPERS_UID] = {"UID", COLUMN_NUMBER, "its user"},
	[MAPPERS_PERM] = {"PERM", COLUMN_TEXT, "what it may do with the mapping"},
	[MAPPERS_START] = {"START", COLUMN_HEX, "first address"},
	[MAPPERS_END] = {"END", COLUMN_HEX, "address behind the last one"},
	[MAPPERS_OFFSET] = {"OFFSET", COLUMN_HEX, "of START, into the region"},
	[MAPPERS_NSPID] = {"NSPID", COLUMN_NUMBER, "its number in its own pid namespace"},
	[MAPPERS_ARGS] = {"ARGS", COLUMN_TEXT, "its command line"},
	[MAPPERS_NAME] = {"NAME", COLUMN_TEXT, "the region"},
};

static void put_mapper(struct sheet *sheet, const struct target *target,
		       const struct mapper *mapper, const char *args)
{
	const struct process *process = mapper->process;

	sheet_row(sheet);
	sheet_number(sheet, MAPPERS_PID, (uint64_t)process->pid);
	put_command(sheet, MAPPERS_COMMAND, process);
	sheet_number(sheet, MAPPERS_UID, process->uid);
	put_permissions(sheet, MAPPERS_PERM, mapper->prot);
	sheet_hex(sheet, MAPPERS_START, mapper->start);
	sheet_hex(sheet, MAPPERS_END, mapper->end);
	sheet_hex(sheet, MAPPERS_OFFSET, mapper->offset);
	sheet_number(sheet, MAPPERS_NSPID, (uint64_t)process->nspid);
	sheet_text(sheet, MAPPERS_ARGS, args);
	sheet_text(sheet, MAPPERS_NAME, target->region->name);
}

static int put_all(struct session *session, const struct target *target, void *context)
{
	struct sheet *sheet = context;
	CLEANUP(close_fd) int proc = proc_open(NULL);
	CLEANUP(buf_destroy) struct buf args = BUF_INIT;
	const struct region *region = target->region;

	(void)session;
	if (proc < 0)
		return failed("/proc: %s", strerror(-proc));
	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];

		if (sheet_wants(sheet, MAPPERS_ARGS) &&
		    (i == 0 || mapper->process != mapper[-1].process)) {
			buf_reset(&args);
			facts_command_line(proc, mapper->process, &args);
		}
		put_mapper(sheet, target, mapper, buf_cstr(&args));
	}
	return STATUS_OK;
}

static int mappers(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(sheet_freep) struct sheet *sheet = NULL;
	CLEANUP(session_close) struct session session = {0};
	int status = sheet_new(&verb_mappers, wishes, "mappers",
			       "PID,COMMAND,UID,PERM,START,END,OFFSET,NSPID,ARGS", &sheet);

	int printed;

	if (status == STATUS_OK)
		status = session_open(&session, false);
	if (status != STATUS_OK)
		return status;
	status = session_each(&session, n, args, put_all, sheet);
	printed = sheet_print(sheet);
	return status ? status : printed;
}

const struct verb verb_mappers = {
	.name = "mappers",
	.arguments = "NAME...",
	.summary = "Lists who maps a region",
	.options = "Jrno",
	.least = 1,
	.most = -1,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.run = mappers,
};
