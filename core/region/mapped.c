/* SPDX-License-Identifier: MIT */
/* The source of nearly all regions: what processes map. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "base/proc.h"
#include "region/visit.h"

/* The kernel names System V memory so, and only on devices where nobody else can name a file. */
static bool is_sysv(struct scan *scan, const struct visit *visit, const struct mapping *mapping)
{
	static const char begin[] = "/SYSV";
	const char *path = visit->harvest->mappings.text.data + mapping->path;
	enum mount_class class;

	if (strncmp(path, begin, strlen(begin)) != 0 ||
	    mapping->path_len != strlen("/SYSV00000000" PROC_DELETED))
		return false;
	class = mounts_of_device(scan->mounts, makedev(mapping->major, mapping->minor), 0);
	return class == MOUNT_SHMEM || class == MOUNT_HUGEMEM;
}

/* The kernel's handle of what is mapped, as a number that is the same for the same object; 0: it
 * doesn't tell. name_to_handle_at(2) */
static uint64_t handle_of(const struct scan *scan, pid_t task, const struct mapping *mapping)
{
	struct {
		struct file_handle head;
		unsigned char bytes[MAX_HANDLE_SZ];
	} handle = {.head.handle_bytes = MAX_HANDLE_SZ};
	char path[PROC_PATH_MAX];
	uint64_t hash = 14695981039346656037u;
	int mount;

	snprintf(path, sizeof(path), "%d/map_files/%" PRIx64 "-%" PRIx64, task, mapping->start,
		 mapping->end);
	if (name_to_handle_at(scan->way->proc, path, &handle.head, &mount, AT_SYMLINK_FOLLOW) < 0)
		return 0;
	for (unsigned i = 0; i < handle.head.handle_bytes; i++)
		hash = (hash ^ handle.bytes[i]) * 1099511628211u;
	return hash ? hash : 1;
}

/*
 * Which of the segments with this number it is. Usually its process tells, by the ipc namespace
 * that it is in. But a process may have left the one where it attached; then the kernel's handle
 * of the object differs from others' of the same number, and stands in for a namespace that nobody
 * can tell any more.
 */
static int find_sysv(struct scan *scan, const struct visit *visit, const struct mapping *mapping,
		     uint64_t *ipcns, struct region_id *id)
{
	pid_t task = visit->process->task;
	struct draft *draft;
	uint64_t handle;
	bool added;

	if (!*ipcns && proc_namespace(scan->way->proc, task, "ns/ipc", ipcns) < 0)
		*ipcns = scan->own_ipcns;
	id->ipcns = *ipcns;
	draft = scan_draft(scan, id, &added);
	if (!draft)
		return -ENOMEM;
	handle = handle_of(scan, task, mapping);
	if (!draft->handle)
		draft->handle = handle;
	else if (handle && handle != draft->handle)
		id->ipcns = handle | 1ull << 63;
	return 0;
}

/* The text of maps writes \\012 for a newline and for these very characters; a link doesn't. */
static int exact_path(struct scan *scan, struct draft *draft)
{
	char file[PROC_PATH_MAX], path[PATH_MAX];
	ssize_t n;

	snprintf(file, sizeof(file), "map_files/%" PRIx64 "-%" PRIx64, draft->start, draft->end);
	n = proc_link(scan->way->proc, draft->task, file, path, sizeof(path));
	if (n < 0)
		return 0;
	draft->facts.path = scan_keep(scan, path, (size_t)n);
	draft->text_len = (size_t)n;
	return draft->facts.path ? 0 : -ENOMEM;
}

/* What is known of a region from the first of its mappings that may be asked. */
static int describe(struct scan *scan, struct draft *draft, const struct visit *visit,
		    const struct mapping *mapping)
{
	int r = 0;

	draft->facts.path = visit->harvest->mappings.text.data + mapping->path;
	draft->text_len = mapping->path_len;
	draft->task = visit->process->task;
	draft->start = mapping->start;
	draft->end = mapping->end;
	if (visit->harvest->parsed && strstr(draft->facts.path, "\\012"))
		r = exact_path(scan, draft);
	if (r == 0)
		scan_classify(scan, draft);
	return r;
}

static int add_mapping(struct scan *scan, uint32_t visit_index, const struct mapping *mapping,
		       uint64_t *ipcns)
{
	const struct registry_options *options = scan->options;
	const struct visit *visit = &scan->visits->all[visit_index];
	struct region_id id = {mapping->major, mapping->minor, mapping->inode, 0};
	uint64_t end = mapping->offset + (mapping->end - mapping->start);
	struct draft *draft;
	bool ours, added;
	int r = 0;

	ours = options->is_ours &&
	       options->is_ours(options->context, id.major, id.minor, id.inode, &id);
	if (!ours && is_sysv(scan, visit, mapping))
		r = find_sysv(scan, visit, mapping, ipcns, &id);
	draft = r == 0 ? scan_draft(scan, &id, &added) : NULL;
	if (!draft)
		return -ENOMEM;
	if (!ours && !draft->task && describe(scan, draft, visit, mapping) < 0)
		return -ENOMEM;
	if (!ours)
		draft_count_user(draft, visit->process->uid, visit->process->one_user);
	if (mapping->prot & PROT_WRITE)
		draft->facts.writable = true;
	if (draft->reach < end)
		draft->reach = end;
	draft->n_links++;
	scan->links[scan->n_links++] = (struct link){
		.mapping = mapping,
		.process = visit->process,
		.draft = (uint32_t)(draft - scan->drafts),
		.visit = visit_index,
		.ours = ours,
	};
	return 0;
}

/* Of a region that is mapped only through peekfs we know what the scan before knew. */
static int remember(struct scan *scan, struct draft *draft)
{
	const struct region *before = draft->before;
	struct buf text = BUF_INIT;

	draft->facts.kind = REGION_OTHER;
	draft->settled = !before;
	if (!before)
		return 0;
	buf_printf(&text, "%s%s", before->path, before->deleted ? PROC_DELETED : "");
	draft->text_len = text.len;
	draft->facts.path = buf_status(&text) == 0 ? scan_keep(scan, text.data, text.len) : NULL;
	buf_destroy(&text);
	if (!draft->facts.path)
		return -ENOMEM;
	scan_classify(scan, draft);
	if (draft->reach < before->size)
		draft->reach = before->size;
	return 0;
}

/* links in the order of drafts, each draft's in the order they came: by process, then address. */
static int sort_links(struct scan *scan)
{
	size_t at = 0;

	scan->sorted = reallocarray(NULL, scan->n_links + 1, sizeof(*scan->sorted));
	if (!scan->sorted)
		return -ENOMEM;
	for (size_t i = 0; i < scan->n_drafts; i++) {
		scan->drafts[i].first_link = at;
		at += scan->drafts[i].n_links;
		scan->drafts[i].n_links = 0;
	}
	for (size_t i = 0; i < scan->n_links; i++) {
		struct draft *draft = &scan->drafts[scan->links[i].draft];

		scan->sorted[draft->first_link + draft->n_links++] = scan->links[i];
	}
	return 0;
}

static int scan_mapped(struct scan *scan)
{
	size_t n = 0;
	int r = visits_make(scan, &scan->visits);

	if (r < 0)
		return r;
	for (size_t i = 0; i < scan->visits->n; i++) {
		n += scan->visits->all[i].n;
		scan->n_unreadable += scan->visits->all[i].unreadable;
	}
	scan->links = reallocarray(NULL, n + 1, sizeof(*scan->links));
	if (!scan->links)
		return -ENOMEM;
	for (size_t i = 0; i < scan->visits->n; i++) {
		const struct visit *visit = &scan->visits->all[i];
		uint64_t ipcns = 0;

		for (size_t j = 0; j < visit->n; j++) {
			r = add_mapping(scan, (uint32_t)i,
					&visit->harvest->mappings.all[visit->first + j], &ipcns);
			if (r < 0)
				return r;
		}
	}
	for (size_t i = 0; i < scan->n_drafts; i++) {
		r = scan->drafts[i].task ? 0 : remember(scan, &scan->drafts[i]);
		if (r < 0)
			return r;
	}
	for (size_t i = 0; i < scan->visits->n_harvests; i++)
		if (scan->visits->harvests[i].parsed)
			scan->parsed = true;
	return sort_links(scan);
}

const struct source_ops source_mapped = {.name = "mapped", .scan = scan_mapped};
