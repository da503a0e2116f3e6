/* SPDX-License-Identifier: MIT */
#include "region/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "region/visit.h"

static const struct source_ops *const sources[] = {
	&source_mapped,
	&source_shm,
	&source_sysv,
	&source_held,
};

static size_t hash_id(const struct region_id *id)
{
	uint64_t h = id->inode * 0x9e3779b97f4a7c15u;

	h ^= ((uint64_t)id->major << 32 | id->minor) * 0xc2b2ae3d27d4eb4fu;
	h ^= id->ipcns * 0x165667b19e3779f9u;
	return h ^ h >> 29;
}

/* The place of id in the table: taken by it, or free. */
static uint32_t *table_place(const struct scan *scan, const struct region_id *id)
{
	size_t mask = scan->table_size - 1;

	for (size_t i = hash_id(id);; i++) {
		uint32_t *place = &scan->table[i & mask];

		if (!*place || region_id_compare(&scan->drafts[*place - 1].facts.id, id) == 0)
			return place;
	}
}

static int grow(struct scan *scan)
{
	size_t cap = scan->cap_drafts ? scan->cap_drafts * 2 : 512;
	struct draft *drafts = reallocarray(scan->drafts, cap, sizeof(*drafts));
	uint32_t *table;

	if (!drafts)
		return -ENOMEM;
	scan->drafts = drafts;
	table = calloc(cap * 2, sizeof(*table));
	if (!table)
		return -ENOMEM;
	free(scan->table);
	scan->table = table;
	scan->table_size = cap * 2;
	scan->cap_drafts = cap;
	for (size_t i = 0; i < scan->n_drafts; i++)
		*table_place(scan, &drafts[i].facts.id) = (uint32_t)i + 1;
	return 0;
}

struct draft *scan_find(const struct scan *scan, const struct region_id *id)
{
	uint32_t *place = scan->table_size ? table_place(scan, id) : NULL;

	return place && *place ? &scan->drafts[*place - 1] : NULL;
}

struct draft *scan_draft(struct scan *scan, const struct region_id *id, bool *added)
{
	struct draft *draft = scan_find(scan, id);

	*added = !draft;
	if (draft)
		return draft;
	if (scan->n_drafts == scan->cap_drafts && grow(scan) < 0)
		return NULL;
	draft = &scan->drafts[scan->n_drafts++];
	*draft = (struct draft){
		.facts = {.id = *id, .path = (char *)""},
		.before = scan->before ? snapshot_by_id(scan->before, id) : NULL,
	};
	*table_place(scan, id) = (uint32_t)scan->n_drafts;
	return draft;
}

void draft_count_user(struct draft *draft, uid_t uid, bool one_user)
{
	if (!draft->has_user) {
		draft->facts.uid = uid;
		draft->one_user = one_user;
		draft->has_user = true;
	} else if (!one_user || uid != draft->facts.uid) {
		draft->one_user = false;
	}
}

char *scan_keep(struct scan *scan, const char *text, size_t n)
{
	char **kept = scan->kept;
	char *copy;

	if ((scan->n_kept & (scan->n_kept - 1)) == 0) {
		kept = reallocarray(kept, scan->n_kept ? scan->n_kept * 2 : 1, sizeof(*kept));
		if (!kept)
			return NULL;
		scan->kept = kept;
	}
	copy = strndup(text, n);
	if (copy)
		kept[scan->n_kept++] = copy;
	return copy;
}

static void scan_destroy(struct scan *scan)
{
	for (size_t i = 0; i < scan->n_kept; i++)
		free(scan->kept[i]);
	free(scan->kept);
	free(scan->names);
	free(scan->sorted);
	free(scan->links);
	visits_free(scan->visits);
	free(scan->table);
	free(scan->drafts);
}

/* By the procfs that is ours, whatever the one that is scanned. */
static uint64_t own_ipcns(void)
{
	struct stat st;

	return stat("/proc/self/ns/ipc", &st) == 0 ? st.st_ino : 0;
}

int scan_run(const struct registry_options *options, const struct process_way *way,
	     struct mounts *mounts, struct holders *holders, const struct snapshot *before,
	     struct snapshot **out)
{
	CLEANUP(scan_destroy)
	struct scan scan = {
		.options = options,
		.way = way,
		.mounts = mounts,
		.holders = holders,
		.before = before,
		.own_ipcns = own_ipcns(),
		.began = clock_ns(),
	};
	struct snapshot *snapshot;
	int r = mounts_refresh(mounts);

	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(sources); i++)
		r = sources[i]->scan(&scan);
	if (r == 0)
		r = scan_facts(&scan);
	if (r == 0)
		r = scan_names(&scan);
	if (r == 0)
		r = visits_holders(scan.visits, holders);
	if (r == 0)
		r = scan_snapshot(&scan, &snapshot);
	if (r < 0)
		return r;
	snapshot->scanned_at = scan.began;
	snapshot->scan_time = clock_ns() - scan.began;
	*out = snapshot;
	return 0;
}
