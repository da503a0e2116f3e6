/* SPDX-License-Identifier: MIT */
/* From an address of a process to region, offset and field; and from a field to the address that
 * it has in each process. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "base/proc.h"
#include "peekctl/cells.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "peekctl/sheet.h"
#include "view/facts.h"
#include "view/locate.h"
#include "view/place.h"

enum {
	WHERE_NAME,
	WHERE_OFFSET,
	WHERE_PATH,
	WHERE_TYPE,
	WHERE_SIZE,
	WHERE_INTO,
	WHERE_PID,
	WHERE_COMMAND,
	WHERE_PERM,
	WHERE_ADDRESS,
	WHERE_ID,
};

static const struct column columns[] = {
	[WHERE_NAME] = {"NAME", COLUMN_TEXT, "the region"},
	[WHERE_OFFSET] = {"OFFSET", COLUMN_NUMBER,
			  "into the region, bytes; of a field: of its start"},
	[WHERE_PATH] = {"PATH", COLUMN_TEXT, "the field, as below the mount's fields/"},
	[WHERE_TYPE] = {"TYPE", COLUMN_TEXT, "its type in C"},
	[WHERE_SIZE] = {"SIZE", COLUMN_NUMBER, "its bytes; of a bit-field: of its unit"},
	[WHERE_INTO] = {"INTO", COLUMN_NUMBER, "which byte of it ADDRESS is, from 0"},
	[WHERE_PID] = {"PID", COLUMN_NUMBER, "a process that maps it"},
	[WHERE_COMMAND] = {"COMMAND", COLUMN_TEXT, "its name"},
	[WHERE_PERM] = {"PERM", COLUMN_TEXT, "what it may do there"},
	[WHERE_ADDRESS] = {"ADDRESS", COLUMN_HEX, "where it has it"},
	[WHERE_ID] = {"ID", COLUMN_TEXT, "the region's stable name, as in by-id/"},
};

/* ---- an address ---- */

struct search {
	const struct session *session;
	struct sheet *sheet;
	const struct region *region;
	const struct mapper *mapper;
	uint64_t address;
	uint64_t offset; /* of the address, into the region */
	struct buf path;
	bool spare;	   /* elements that aren't there now are their array's */
	struct trail last; /* of the places that were met; n = 0: none */
	unsigned found;
};

/* The row's cells that are about the region and the address. */
static void put_address(struct search *search)
{
	struct sheet *sheet = search->sheet;
	CLEANUP(buf_destroy) struct buf id = BUF_INIT;

	sheet_row(sheet);
	sheet_text(sheet, WHERE_NAME, search->region->name);
	sheet_number(sheet, WHERE_OFFSET, search->offset);
	sheet_number(sheet, WHERE_PID, (uint64_t)search->mapper->process->pid);
	put_command(sheet, WHERE_COMMAND, search->mapper->process);
	put_permissions(sheet, WHERE_PERM, search->mapper->prot);
	sheet_hex(sheet, WHERE_ADDRESS, search->address);
	facts_id(search->session->env, &search->region->id, &id);
	sheet_text(sheet, WHERE_ID, buf_cstr(&id));
}

/* The place met last holds the byte and nothing in it does. */
static void put_last(struct search *search)
{
	const struct place *place = trail_end(&search->last);

	if (place->ordinal == 0)
		return;
	buf_reset(&search->path);
	locate_path(&search->last, 0, &search->path);
	put_address(search);
	sheet_text(search->sheet, WHERE_PATH, buf_cstr(&search->path));
	sheet_text(search->sheet, WHERE_TYPE, place->type->name);
	sheet_number(search->sheet, WHERE_SIZE, place->size);
	sheet_number(search->sheet, WHERE_INTO, search->offset - place->offset);
	search->found++;
}

/* A locate_fn: a place that the next one isn't in is an answer. */
static bool meet(void *context, struct spot *spot)
{
	struct search *search = context;

	if (spot_place(spot)->type->kind == TYPE_ARRAY && !search->spare)
		return false;
	if (search->last.n && spot->trail.n <= search->last.n)
		put_last(search);
	search->last = spot->trail;
	return false;
}

/* All fields that the byte belongs to: of a union, of bit-fields and of variables that lie over
 * each other there are several. Bytes that are no field's belong to the record around them. */
static unsigned find(struct search *search, const struct node *fields)
{
	struct spot spot;

	search->last.n = 0;
	if (spot_find(fields, &spot) == 0)
		locate(&spot, search->offset, meet, search);
	if (search->last.n)
		put_last(search);
	return search->found;
}

/* An array whose length is read from memory may reach over everything behind it, so its spare room
 * is an answer only where there is no better one. */
static void find_fields(struct search *search, const struct node *fields)
{
	if (find(search, fields))
		return;
	search->spare = true;
	if (!find(search, fields))
		put_address(search);
}

static int find_address(struct search *search)
{
	CLEANUP_NODE struct node fields = {0};
	struct object *object;
	uint64_t size;

	if (search->session->env->object(search->session->env, (struct region *)search->region,
					 &object) < 0)
		return failed("no memory");
	if (search->region->approachable && memory_size(object_memory(object), &size) == 0 &&
	    search->offset >= size)
		note("the address is behind the end of %s, %" PRIu64 " bytes", search->region->name,
		     size);
	if (search->region->approachable && session_fields(object, &fields))
		find_fields(search, &fields);
	else
		put_address(search);
	object_unref(object);
	return buf_status(&search->path) < 0 ? failed("no memory") : STATUS_OK;
}

/* The mapping of a process that an address is in. */
static bool find_mapper(struct search *search, const struct share *share)
{
	for (size_t i = 0; i < share->n_regions; i++) {
		const struct region *region = share->regions[i];

		for (size_t k = 0; k < region->n_mappers; k++) {
			const struct mapper *mapper = &region->mappers[k];

			if (mapper->process->pid != share->process->pid ||
			    search->address < mapper->start || search->address >= mapper->end)
				continue;
			search->region = region;
			search->mapper = mapper;
			search->offset = mapper->offset + (search->address - mapper->start);
			return true;
		}
	}
	return false;
}

/* The process that a thread belongs to; pid itself if that can't be told. */
static pid_t process_of(pid_t pid)
{
	CLEANUP(close_fd) int proc = proc_open(NULL);
	char text[4096];
	const char *line;
	int group;

	if (proc < 0 || proc_read(proc, pid, "status", text, sizeof(text)) <= 0)
		return pid;
	line = strstr(text, "\nTgid:");
	return line && sscanf(line, "\nTgid: %d", &group) == 1 ? group : pid;
}

static int no_mapping(const struct search *search, pid_t pid, bool shares)
{
	if (kill(pid, 0) < 0 && errno == ESRCH)
		return failed("there is no process %d", (int)pid);
	if (!shares && search->session->snapshot->n_unreadable)
		return failed("process %d shares no memory, or you may not look at it", (int)pid);
	if (!shares)
		return failed("process %d shares no memory", (int)pid);
	return failed("process %d has no shared mapping at %" PRIx64, (int)pid, search->address);
}

static int where_address(struct session *session, struct sheet *sheet, pid_t pid, uint64_t address)
{
	struct search search = {.session = session, .sheet = sheet, .address = address};
	const struct share *share = snapshot_share(session->snapshot, process_of(pid));
	int status;

	if (!share || !find_mapper(&search, share))
		return no_mapping(&search, pid, share);
	status = find_address(&search);
	buf_destroy(&search.path);
	return status == STATUS_OK ? sheet_print(sheet) : status;
}

/* ---- a field ---- */

static void put_field(struct sheet *sheet, const struct session *session,
		      const struct target *target, const struct place *place,
		      const struct mapper *mapper)
{
	CLEANUP(buf_destroy) struct buf id = BUF_INIT;

	sheet_row(sheet);
	sheet_text(sheet, WHERE_NAME, target->region->name);
	facts_id(session->env, &target->region->id, &id);
	sheet_text(sheet, WHERE_ID, buf_cstr(&id));
	sheet_number(sheet, WHERE_OFFSET, place->offset);
	sheet_number(sheet, WHERE_SIZE, place->type ? place->size : target->region->size);
	if (place->type && place->ordinal) {
		sheet_text(sheet, WHERE_PATH, target->path.data);
		sheet_text(sheet, WHERE_TYPE, place->type->name);
	}
	if (!mapper)
		return;
	sheet_number(sheet, WHERE_PID, (uint64_t)mapper->process->pid);
	put_command(sheet, WHERE_COMMAND, mapper->process);
	put_permissions(sheet, WHERE_PERM, mapper->prot);
	sheet_hex(sheet, WHERE_ADDRESS, mapper->start + (place->offset - mapper->offset));
}

static int where_field(struct session *session, struct sheet *sheet, const char *argument,
		       const char *layout)
{
	CLEANUP(target_close) struct target target = {0};
	struct place place = {0};
	bool mapped = false;
	int status = session_field(session, argument, layout, true, &target);

	if (status != STATUS_OK)
		return status;
	if (target.node.binding && place_find(&target.node, &place) < 0)
		return failed("%s: %s", argument, why(-ESTALE));
	for (size_t i = 0; i < target.region->n_mappers; i++) {
		const struct mapper *mapper = &target.region->mappers[i];

		if (place.offset < mapper->offset ||
		    place.offset - mapper->offset >= mapper->end - mapper->start)
			continue;
		put_field(sheet, session, &target, &place, mapper);
		mapped = true;
	}
	if (!mapped)
		put_field(sheet, session, &target, &place, NULL);
	return sheet_print(sheet);
}

/* ---- which of them ---- */

static bool parse(const char *pid, const char *address, pid_t *to_pid, uint64_t *to_address)
{
	bool prefix = !strncmp(address, "0x", 2) || !strncmp(address, "0X", 2);
	unsigned long long value;
	char *end;
	long number;

	errno = 0;
	number = strtol(pid, &end, 10);
	if (errno || *end || *pid == '-' || number <= 0 || number > INT32_MAX)
		return false;
	address += prefix ? 2 : 0;
	if (!strchr("0123456789abcdefABCDEF", *address) || !*address)
		return false;
	value = strtoull(address, &end, 16);
	if (errno || *end)
		return false;
	*to_pid = (pid_t)number;
	*to_address = value;
	return true;
}

static int where(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(sheet_freep) struct sheet *sheet = NULL;
	CLEANUP(session_close) struct session session = {0};
	uint64_t address = 0;
	pid_t pid = 0;
	int status;

	if (n == 2 && !parse(args[0], args[1], &pid, &address))
		return misused("'%s %s' isn't a PID and an ADDRESS in hex digits, as in maps",
			       args[0], args[1]);
	if (n == 2 && wishes->layout)
		return misused("--layout is for NAME/PATH");
	status = sheet_new(&verb_where, wishes, "places",
			   n == 2 ? "NAME,OFFSET,PATH,TYPE,SIZE,INTO"
				  : "OFFSET,SIZE,TYPE,PID,COMMAND,PERM,ADDRESS",
			   &sheet);
	if (status == STATUS_OK)
		status = session_open(&session, false);
	if (status != STATUS_OK)
		return status;
	return n == 2 ? where_address(&session, sheet, pid, address)
		      : where_field(&session, sheet, args[0], wishes->layout);
}

const struct verb verb_where = {
	.name = "where",
	.arguments = "PID ADDRESS | NAME[/PATH]",
	.summary = "Finds the field at an address, or a field's addresses",
	.options = "lJrno",
	.details =
		"ADDRESS is hex, with or without 0x, as debuggers and /proc/PID/maps show it; "
		"there is\na line for each field that the byte belongs to. Of a field there is a "
		"line for each\nmapping that its first byte is in.",
	.least = 1,
	.most = 2,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.run = where,
};
