/* SPDX-License-Identifier: MIT */
/* The source of nearly all regions: what processes map. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "base/proc.h"
#include "region/visit.h"

static const char no_deleted[] = " (deleted)";

/* The kernel names System V memory so, and only on devices where nobody else can name a file. */
static bool is_sysv(struct scan *scan, const struct mapping *mapping, const char *path)
{
	enum mount_class class;

	if (memcmp(path, "/SYSV", mapping->path_len < 5 ? mapping->path_len : 5) != 0 ||
	    mapping->path_len != strlen("/SYSV00000000") + strlen(no_deleted))
		return false;
	class = mounts_of_device(scan->mounts, makedev(mapping->major, mapping->minor), 0);
	return class == MOUNT_SHMEM || class == MOUNT_HUGEMEM;
}

/* Who may see it depends on everyone who maps it, but for those who do so through peekfs. */
static void count_user(struct draft *draft, const struct process *process)
{
	if (draft->first_user) {
		draft->facts.uid = process->uid;
		draft->one_user = process->one_user;
		draft->first_user = false;
	} else if (!process->one_user || process->uid != draft->facts.uid) {
		draft->one_user = false;
	}
}

static int add_mapping(struct scan *scan, uint32_t visit_index, const struct mapping *mapping,
		       uint64_t *ipcns)
{
	const struct registry_options *options = scan->options;
	const struct visit *visit = &scan->visits->all[visit_index];
	const char *path = visit->harvest->mappings.text.data + mapping->path;
	struct region_id id = {mapping->major, mapping->minor, mapping->inode, 0};
	struct draft *draft;
	bool ours, added;

	ours = options->is_ours &&
	       options->is_ours(options->context, id.major, id.minor, id.inode, &id);
	if (!ours && is_sysv(scan, mapping, path)) {
		if (!*ipcns &&
		    proc_namespace(scan->way->proc, visit->process->task, "ns/ipc", ipcns) < 0)
			*ipcns = scan->own_ipcns;
		id.ipcns = *ipcns;
	}
	draft = scan_draft(scan, &id, &added);
	if (!draft)
		return -ENOMEM;
	if (!ours && !draft->task) {
		draft->facts.path = (char *)path;
		draft->text_len = mapping->path_len;
		draft->task = visit->process->task;
		draft->start = mapping->start;
		draft->end = mapping->end;
		scan_classify(scan, draft);
	}
	if (!ours)
		count_user(draft, visit->process);
	if (mapping->prot & PROT_WRITE)
		draft->facts.writable = true;
	if (draft->reach < mapping->offset + (mapping->end - mapping->start))
		draft->reach = mapping->offset + (mapping->end - mapping->start);
	draft->n_links++;
	scan->links[scan->n_links++] = (struct link){mapping, visit->process,
						     (uint32_t)(draft - scan->drafts), visit_index};
	return 0;
}

/* Of a region that is mapped only through peekfs we know what the scan before knew. */
static void remember(struct scan *scan, struct draft *draft)
{
	draft->facts.kind = REGION_OTHER;
	if (!draft->before)
		return;
	draft->facts.kind = draft->before->kind;
	draft->facts.path = draft->before->path;
	draft->text_len = strlen(draft->before->path);
	draft->mount = mounts_of_device(scan->mounts, region_id_dev(&draft->facts.id), 0);
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
	for (size_t i = 0; i < scan->n_drafts; i++)
		if (!scan->drafts[i].task)
			remember(scan, &scan->drafts[i]);
	for (size_t i = 0; i < scan->visits->n_harvests; i++)
		if (scan->visits->harvests[i].parsed)
			scan->parsed = true;
	return sort_links(scan);
}

const struct source_ops source_mapped = {.name = "mapped", .scan = scan_mapped};
