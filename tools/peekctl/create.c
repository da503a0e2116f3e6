/* SPDX-License-Identifier: MIT */
/* Makes a region. One without a name lives as long as somebody holds it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/options.h"
#include "peekctl/session.h"
#include "peekctl/sheet.h"
#include "region/created.h"
#include "view/facts.h"

enum {
	CREATE_NAME,
	CREATE_KIND,
	CREATE_SIZE,
	CREATE_MAPPED,
	CREATE_ID,
	CREATE_PATH,
};

static const struct column columns[] = {
	[CREATE_NAME] = {"NAME", COLUMN_TEXT,
			 "what the mount and peekctl call it while it is mapped"},
	[CREATE_KIND] = {"KIND", COLUMN_TEXT, "as given"},
	[CREATE_SIZE] = {"SIZE", COLUMN_NUMBER, "bytes; of huge pages, whole ones"},
	[CREATE_MAPPED] = {"MAPPED", COLUMN_NUMBER,
			   "bytes that a mapping of it takes: whole pages"},
	[CREATE_ID] = {"ID", COLUMN_TEXT, "its stable name, as in by-id/; sysv:SHMID"},
	[CREATE_PATH] = {"PATH", COLUMN_TEXT, "what programs open it by"},
};

static const struct {
	const char *name;
	enum region_kind kind;
	bool named; /* it outlives us */
} kinds[] = {
	{"file", REGION_FILE, true},	     {"shm", REGION_SHM, true},
	{"sysv", REGION_SYSV, true},	     {"hugetlb", REGION_HUGETLB, true},
	{"hugetlbfs", REGION_HUGETLB, true}, {"memfd", REGION_MEMFD, false},
	{"anon", REGION_ANON, false},
};

static bool parse_key(const char *text, key_t *key)
{
	unsigned long value;
	char *end;

	if (strcmp(text, "private") == 0) {
		*key = IPC_PRIVATE;
		return true;
	}
	errno = 0;
	value = strtoul(text, &end, 0);
	if (errno || *end || *text < '0' || *text > '9' || value == 0 || value > UINT32_MAX)
		return false;
	*key = (key_t)value;
	return true;
}

static int parse_kind(const struct wishes *wishes, char **args, struct create_options *options)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		bool path = strchr(args[1], '/');

		if (strcmp(args[0], kinds[i].name) != 0)
			continue;
		options->kind = kinds[i].kind;
		if (options->kind == REGION_SYSV) {
			if (!parse_key(args[1], &options->key))
				return misused("'%s' is no System V key: a number other than 0, or "
					       "'private'",
					       args[1]);
		} else if (options->kind != REGION_ANON) {
			options->name = args[1];
		}
		if (!wishes->hold &&
		    (!kinds[i].named || (options->kind == REGION_HUGETLB && !path)))
			return misused("a region without a name or path lives as long as a program "
				       "holds it: --hold holds it, or make a file, shm, sysv or a "
				       "path on a hugetlbfs");
		return STATUS_OK;
	}
	return misused("'%s' is no kind that can be made: file, shm, sysv, hugetlb, memfd, anon",
		       args[0]);
}

static int parse_mode(const char *text, mode_t *mode)
{
	unsigned long value;
	char *end;

	if (!text)
		return STATUS_OK;
	value = strtoul(text, &end, 8);
	if (*end || *text < '0' || *text > '7' || value > 0777)
		return misused("'%s' isn't a MODE: octal, as 640", text);
	*mode = (mode_t)value;
	return STATUS_OK;
}

static int parse(const struct wishes *wishes, char **args, struct create_options *options)
{
	int status = parse_kind(wishes, args, options);

	if (status == STATUS_OK)
		status = parse_mode(wishes->mode, &options->mode);
	if (status == STATUS_OK)
		status = options_size(args[2], &options->size);
	if (status != STATUS_OK)
		return status;
	if (wishes->locked && !wishes->hold)
		return misused("--locked: pages are locked while somebody holds them; add --hold");
	options->prot = PROT_READ | PROT_WRITE;
	options->map_flags =
		(wishes->populate ? MAP_POPULATE : 0) | (wishes->locked ? MAP_LOCKED : 0);
	options->flags = wishes->allocate ? CREATE_ALLOCATE : 0;
	return STATUS_OK;
}

/* The layout must be one, and fit, before anything is made. */
static int check_layout(const char *file, const struct buf *text, uint64_t size)
{
	struct layout *layout = NULL;
	struct bound *bound = NULL;
	struct diag diag = {0};
	int r = layout_parse(text->data ? text->data : "", text->len, &layout, &diag);

	if (r == 0)
		r = layout_bind(layout, size, &bound, &diag);
	bound_unref(bound);
	layout_unref(layout);
	return r < 0 ? bad_layout(file, &diag, r) : STATUS_OK;
}

/* What became of it, as a scan finds it. */
static int print(char **args, const struct created *created, struct sheet *sheet)
{
	CLEANUP(session_close) struct session session = {0};
	CLEANUP(buf_destroy) struct buf id_text = BUF_INIT;
	struct created_facts facts;
	struct region_id id;
	int r = created_facts(created, &facts);

	if (r < 0)
		return failed("%s: it is made, but gone: %s", args[1], why(r));
	sheet_row(sheet);
	sheet_text(sheet, CREATE_KIND, args[0]);
	sheet_number(sheet, CREATE_SIZE, facts.size);
	sheet_number(sheet, CREATE_MAPPED, facts.mapped);
	if (facts.name && facts.kind != REGION_MEMFD)
		sheet_text(sheet, CREATE_PATH, facts.name);
	if (created_id(created, &id) == 0 && session_open(&session, true) == STATUS_OK) {
		const struct region *region = snapshot_by_id(session.snapshot, &id);

		if (region)
			sheet_text(sheet, CREATE_NAME, region->name);
		facts_id(session.env, &id, &id_text);
		sheet_text(sheet, CREATE_ID, buf_cstr(&id_text));
	}
	return sheet_print(sheet);
}

/* Until somebody ends us. */
static void hold(void)
{
	sigset_t ends;
	int which;

	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	sigaddset(&ends, SIGHUP);
	sigprocmask(SIG_BLOCK, &ends, NULL);
	fflush(stdout);
	sigwait(&ends, &which);
}

static int create(const struct wishes *wishes, int n, char **args)
{
	CLEANUP(sheet_freep) struct sheet *sheet = NULL;
	CLEANUP(created_freep) struct created *created = NULL;
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct create_options options = {0};
	struct diag diag = {0};
	int status = parse(wishes, args, &options);
	int r;

	(void)n;
	if (status == STATUS_OK)
		status = sheet_new(&verb_create, wishes, "regions", "NAME,KIND,SIZE,MAPPED,ID,PATH",
				   &sheet);
	if (status == STATUS_OK && wishes->layout)
		status = read_file(wishes->layout, &text);
	if (status == STATUS_OK && wishes->layout)
		status = check_layout(wishes->layout, &text, options.size);
	if (status != STATUS_OK)
		return status;
	options.layout = wishes->layout ? buf_cstr(&text) : NULL;
	r = create_new(&options, &created, &diag);
	if (r == -EEXIST)
		return failed("%s: there is one already: %sset its layout, or remove it first",
			      args[1], options.kind == REGION_SYSV ? "" : "resize it, ");
	if (r < 0 && *diag.message) /* which names what it is about */
		return failed("%s", diag.message);
	if (r < 0)
		return failed("%s: %s", args[1], why(r));
	status = print(args, created, sheet);
	if (status == STATUS_OK && wishes->hold)
		hold();
	return status;
}

const struct verb verb_create = {
	.name = "create",
	.arguments = "KIND NAME SIZE",
	.summary = "Makes a region",
	.options = "lmBPLHJrno",
	.details =
		"KIND and what NAME says: file, a path; shm, the NAME of shm_open(3); sysv, a key "
		"or\n'private'; hugetlb, a path on a hugetlbfs. They stay until `peekctl rm` or "
		"rm(1), ipcrm(1).\nmemfd and anon have no such name and live while peekctl --hold "
		"runs.\nSIZE is bytes, or a number and K, M, G or T (of 1024).\nWith --layout the "
		"region shows typed in the mount with no further step.",
	.least = 3,
	.most = 3,
	.columns = columns,
	.n_columns = ARRAY_SIZE(columns),
	.run = create,
};
