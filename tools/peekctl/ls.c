/* SPDX-License-Identifier: MIT */
/* The regions, the largest resident one first, as in the mount's summary. */
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "peekctl/message.h"
#include "peekctl/session.h"
#include "peekctl/sheet.h"
#include "view/facts.h"
#include "view/overview.h"

enum {
	LS_NAME,
	LS_KIND,
	LS_SIZE,
	LS_RESIDENT,
	LS_MAPPERS,
	LS_LAYOUT,
	LS_PROGRAMS,
	LS_PROCESSES,
	LS_ID,
	LS_UID,
	LS_GID,
	LS_MODE,
	LS_WRITABLE,
	LS_DELETED,
	LS_LEFT,
	LS_PATH,
};

static const struct column columns[] = {
	[LS_NAME] = {"NAME", COLUMN_TEXT, "as in the mount's regions/"},
	[LS_KIND] = {"KIND", COLUMN_TEXT, "file, shm, memfd, sysv, anon, hugetlb, device, other"},
	[LS_SIZE] = {"SIZE", COLUMN_NUMBER, "bytes"},
	[LS_RESIDENT] = {"RESIDENT", COLUMN_NUMBER, "bytes of it in memory"},
	[LS_MAPPERS] = {"MAPPERS", COLUMN_NUMBER, "mappings of it"},
	[LS_LAYOUT] = {"LAYOUT", COLUMN_TEXT, "where its layout comes from"},
	[LS_PROGRAMS] = {"PROGRAMS", COLUMN_TEXT, "who maps it; LEFT: nobody"},
	[LS_PROCESSES] = {"PROCESSES", COLUMN_NUMBER, "how many processes map it"},
	[LS_ID] = {"ID", COLUMN_TEXT, "its stable name, as in by-id/"},
	[LS_UID] = {"UID", COLUMN_NUMBER, "whose it is, see peekfs(1)"},
	[LS_GID] = {"GID", COLUMN_NUMBER, "and which group's"},
	[LS_MODE] = {"MODE", COLUMN_TEXT, "permission bits"},
	[LS_WRITABLE] = {"WRITABLE", COLUMN_BOOL, "somebody maps it writable"},
	[LS_DELETED] = {"DELETED", COLUMN_BOOL, "no path leads to it"},
	[LS_LEFT] = {"LEFT", COLUMN_BOOL, "nobody maps it"},
	[LS_PATH] = {"PATH", COLUMN_TEXT, "as the kernel knows it"},
};

static void put_texts(struct sheet *sheet, const struct session *session,
		      const struct region *region)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	char mode[8];

	facts_programs(region, &text);
	if (!region_is_unsure(region))
		sheet_text(sheet, LS_PROGRAMS, buf_cstr(&text));
	buf_reset(&text);
	facts_id(session->env, &region->id, &text);
	sheet_text(sheet, LS_ID, buf_cstr(&text));
	snprintf(mode, sizeof(mode), "%04o", region->mode & 07777);
	sheet_text(sheet, LS_MODE, mode);
	if (!*region->path)
		return;
	buf_reset(&text);
	text_escape(&text, region->path, strlen(region->path));
	sheet_text(sheet, LS_PATH, buf_cstr(&text));
}

static void put_row(struct sheet *sheet, const struct session *session,
		    const struct overview_row *row)
{
	const struct region *region = row->region;

	sheet_row(sheet);
	sheet_text(sheet, LS_NAME, region->name);
	sheet_text(sheet, LS_KIND, region_kind_name(region->kind));
	sheet_number(sheet, LS_SIZE, region->size);
	if (row->known)
		sheet_number(sheet, LS_RESIDENT, row->resident);
	sheet_number(sheet, LS_MAPPERS, region->n_mappers);
	sheet_number(sheet, LS_PROCESSES, facts_processes(region));
	if (row->layout)
		sheet_text(sheet, LS_LAYOUT, row->layout);
	put_texts(sheet, session, region);
	sheet_number(sheet, LS_UID, region->uid);
	sheet_number(sheet, LS_GID, region->gid);
	sheet_bool(sheet, LS_WRITABLE, region->writable);
	sheet_bool(sheet, LS_DELETED, region->deleted);
	if (!region_is_unsure(region))
		sheet_bool(sheet, LS_LEFT, region->leftover);
}

static int look_at_all(struct session *session, bool noise, struct overview_row *rows, size_t *n)
{
	int r = overview_all(session->env, session->snapshot, noise, rows, n);

	return r < 0 ? failed("no memory") : STATUS_OK;
}

struct named {
	struct overview_row *rows;
	size_t n;
};

static int look(struct session *session, const struct target *target, void *context)
{
	struct named *named = context;
	struct region *newest = snapshot_by_id(session->snapshot, &target->region->id);

	if (overview_look(session->env, newest, &named->rows[named->n]) < 0)
		return failed("no memory");
	named->n++;
	return STATUS_OK;
}

static int look_at_some(struct session *session, int n_names, char **names,
			struct overview_row *rows, size_t *n)
{
	struct named named = {.rows = rows};
	int status = session_each(session, n_names, names, look, &named);

	*n = named.n;
	return status;
}

static int list(struct session *session, const struct wishes *wishes, int n_names, char **names,
		struct sheet *sheet)
{
	size_t n = 0, most = session->snapshot->n_regions + (size_t)n_names;
	struct overview_row *rows = calloc(most + 1, sizeof(*rows));
	int status, printed;

	if (!rows)
		return failed("no memory");
	status = n_names ? look_at_some(session, n_names, names, rows, &n)
			 : look_at_all(session, wishes->all, rows, &n);
	for (size_t i = 0; i < n; i++)
		put_row(sheet, session, &rows[i]);
	free(rows);
	printed = sheet_print(sheet);
	return status ? status : printed;
}

static int ls(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(sheet_freep) struct sheet *sheet = NULL;
	CLEANUP(session_close) struct session session = {0};
	int status = sheet_new(&verb_ls, wishes, "regions",
			       "NAME,KIND,SIZE,RESIDENT,MAPPERS,LAYOUT,PROGRAMS", &sheet);

	if (status == STATUS_OK)
		status = session_open(&session, false);
	if (status == STATUS_OK)
		status = list(&session, wishes, n, args, sheet);
	return status;
}

const struct verb verb_ls = {
	.name = "ls",
	.arguments = "[NAME...]",
	.summary = "Lists regions",
	.options = "aJrno",
	.most = -1,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.run = ls,
};
