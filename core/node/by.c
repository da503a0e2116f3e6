/* SPDX-License-Identifier: MIT */
/* by-pid and by-id: other ways to the same regions, as symbolic links. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/number.h"
#include "node/top.h"
#include "view/facts.h"

/* A decimal number without sign or leading zero; -1 if it is none or too large. */
static int64_t parse_number(const char *text, const char **end)
{
	int64_t value = 0;

	if (text[0] < '0' || text[0] > '9' || (text[0] == '0' && text[1] >= '0' && text[1] <= '9'))
		return -1;
	for (; *text >= '0' && *text <= '9'; text++)
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, *text - '0', &value))
			return -1;
	*end = text;
	return value;
}

static int pids_lookup(const struct node *dir, const char *name, struct node *child)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct env *env = dir->binding->env;
	const char *end;
	int64_t pid = parse_number(name, &end);
	int r;

	if (pid <= 0 || pid > INT_MAX || *end)
		return -ENOENT;
	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	if (!snapshot_share(snapshot, (pid_t)pid))
		return -ENOENT;
	*child = (struct node){binding_ref(dir->binding), &view_pid, (uint64_t)pid};
	return 0;
}

static int pids_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		     view_emit_fn *emit, void *context)
{
	for (; cursor < snapshot->n_shares; cursor++) {
		pid_t pid = snapshot->shares[cursor].process->pid;
		struct node child = {dir->binding, &view_pid, (uint64_t)pid};
		char name[NUMBER_MAX + 1];

		name[number_i64(name, pid)] = '\0';
		if (!emit(context, name, &child, cursor + 1))
			break;
	}
	return 0;
}

const struct view_ops view_pids = {
	.name = "by-pid",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC | VIEW_SCANS,
	.lookup = pids_lookup,
	.list = pids_list,
};

static int pid_lookup(const struct node *dir, const char *name, struct node *child)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct env *env = dir->binding->env;
	const struct share *share;
	int r;

	r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	share = snapshot_share(snapshot, (pid_t)dir->ordinal);
	for (size_t i = 0; share && i < share->n_regions; i++)
		if (strcmp(share->regions[i]->name, name) == 0)
			return top_region(env, share->regions[i], &view_pid_link, dir->ordinal,
					  child);
	return -ENOENT;
}

static int pid_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		    view_emit_fn *emit, void *context)
{
	const struct share *share = snapshot_share(snapshot, (pid_t)dir->ordinal);

	for (; share && cursor < share->n_regions; cursor++) {
		struct node child = {NULL, &view_pid_link, dir->ordinal};

		if (!emit(context, share->regions[cursor]->name, &child, cursor + 1))
			break;
	}
	return 0;
}

const struct view_ops view_pid = {
	.name = "by-pid/PID",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC | VIEW_SCANS,
	.lookup = pid_lookup,
	.list = pid_list,
};

static int link_to(const struct node *node, const char *up, struct buf *out)
{
	struct region *region = object_region(node->binding->object);

	if (!region)
		return -ENOENT;
	buf_puts(out, up);
	buf_puts(out, region->name);
	region_unref(region);
	return buf_status(out);
}

static int pid_link(const struct node *node, struct buf *out)
{
	return link_to(node, "../../regions/", out);
}

const struct view_ops view_pid_link = {
	.name = "by-pid/PID/NAME",
	.flags = VIEW_LINK | VIEW_PUBLIC,
	.link = pid_link,
};

/* What facts_id() would have written so; -ENOENT if it never writes that. */
static int id_parse(const struct env *env, const char *name, struct region_id *out)
{
	CLEANUP(buf_destroy) struct buf again = BUF_INIT;
	struct region_id id = {0};
	unsigned long long inode = 0, ipcns = env->ipcns;

	if (sscanf(name, "%u:%u:%llu", &id.major, &id.minor, &inode) == 3) {
		ipcns = 0;
	} else if (sscanf(name, "sysv:%llu.%llu", &ipcns, &inode) != 2) {
		ipcns = env->ipcns;
		if (sscanf(name, "sysv:%llu", &inode) != 1)
			return -ENOENT;
		id.minor = 1;
	} else {
		id.minor = 1;
	}
	id.inode = inode;
	id.ipcns = ipcns;
	facts_id(env, &id, &again);
	if (again.len != strlen(name) || memcmp(again.data, name, again.len) != 0)
		return -ENOENT;
	*out = id;
	return 0;
}

static int ids_lookup(const struct node *dir, const char *name, struct node *child)
{
	CLEANUP(snapshot_unrefp) struct snapshot *snapshot = NULL;
	struct env *env = dir->binding->env;
	struct region_id id;
	struct region *region;
	int r;

	r = id_parse(env, name, &id);
	if (r == 0)
		r = registry_get(env->registry, env->ttl, &snapshot);
	if (r < 0)
		return r;
	region = snapshot_by_id(snapshot, &id);
	return region ? top_region(env, region, &view_id_link, 0, child) : -ENOENT;
}

static int ids_list(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		    view_emit_fn *emit, void *context)
{
	CLEANUP(buf_destroy) struct buf name = BUF_INIT;

	for (; cursor < snapshot->n_regions; cursor++) {
		struct node child = {NULL, &view_id_link, 0};

		buf_reset(&name);
		facts_id(dir->binding->env, &snapshot->by_id[cursor]->id, &name);
		if (!buf_cstr(&name))
			return -ENOMEM;
		if (!emit(context, name.data, &child, cursor + 1))
			break;
	}
	return 0;
}

const struct view_ops view_ids = {
	.name = "by-id",
	.flags = VIEW_DIRECTORY | VIEW_PUBLIC | VIEW_SCANS,
	.lookup = ids_lookup,
	.list = ids_list,
};

static int id_link(const struct node *node, struct buf *out)
{
	return link_to(node, "../regions/", out);
}

const struct view_ops view_id_link = {
	.name = "by-id/ID",
	.flags = VIEW_LINK | VIEW_PUBLIC,
	.link = id_link,
};
