/* SPDX-License-Identifier: MIT */
/*
 * From drafts to a snapshot. A region of which no fact has changed is the very object of the
 * snapshot before: that costs no memory, and whoever compares two snapshots compares pointers.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "region/scan.h"
#include "region/visit.h"

struct snapshot_object {
	unsigned refs;
	struct snapshot snapshot;
	struct region **regions;
	struct region **by_id;
	struct share *shares;
	struct region **shared; /* all shares' regions, one behind the other */
};

static struct snapshot_object *snapshot_object(const struct snapshot *snapshot)
{
	return (struct snapshot_object *)((char *)snapshot -
					  offsetof(struct snapshot_object, snapshot));
}

struct snapshot *snapshot_ref(struct snapshot *snapshot)
{
	__atomic_add_fetch(&snapshot_object(snapshot)->refs, 1, __ATOMIC_RELAXED);
	return snapshot;
}

static void object_free(struct snapshot_object *object)
{
	if (!object)
		return;
	for (size_t i = 0; i < object->snapshot.n_regions; i++)
		region_unref(object->regions[i]);
	for (size_t i = 0; i < object->snapshot.n_shares; i++)
		process_unref(object->shares[i].process);
	free(object->regions);
	free(object->by_id);
	free(object->shares);
	free(object->shared);
	free(object);
}

void snapshot_unref(struct snapshot *snapshot)
{
	if (snapshot &&
	    __atomic_sub_fetch(&snapshot_object(snapshot)->refs, 1, __ATOMIC_ACQ_REL) == 0)
		object_free(snapshot_object(snapshot));
}

/* Binary search; compare(key, i-th) as in bsearch(). SIZE_MAX: not there. */
#define SEARCH(n, i, compare)                                                                      \
	({                                                                                         \
		size_t low_ = 0, high_ = (n), found_ = SIZE_MAX;                                   \
		while (low_ < high_) {                                                             \
			size_t i = low_ + (high_ - low_) / 2;                                      \
			int order_ = (compare);                                                    \
			if (order_ == 0) {                                                         \
				found_ = i;                                                        \
				break;                                                             \
			}                                                                          \
			if (order_ < 0)                                                            \
				high_ = i;                                                         \
			else                                                                       \
				low_ = i + 1;                                                      \
		}                                                                                  \
		found_;                                                                            \
	})

struct region *snapshot_by_name(const struct snapshot *snapshot, const char *name)
{
	size_t at = SEARCH(snapshot->n_regions, i, strcmp(name, snapshot->regions[i]->name));

	return at == SIZE_MAX ? NULL : snapshot->regions[at];
}

struct region *snapshot_by_id(const struct snapshot *snapshot, const struct region_id *id)
{
	size_t at = SEARCH(snapshot->n_regions, i, region_id_compare(id, &snapshot->by_id[i]->id));

	return at == SIZE_MAX ? NULL : snapshot->by_id[at];
}

const struct share *snapshot_share(const struct snapshot *snapshot, pid_t pid)
{
	size_t at = SEARCH(snapshot->n_shares, i,
			   (pid > snapshot->shares[i].process->pid) -
				   (pid < snapshot->shares[i].process->pid));

	return at == SIZE_MAX ? NULL : &snapshot->shares[at];
}

static bool same_facts(const struct region *a, const struct region *b)
{
	return a->kind == b->kind && a->deleted == b->deleted && a->writable == b->writable &&
	       a->noise == b->noise && a->leftover == b->leftover &&
	       a->approachable == b->approachable && a->size == b->size && a->uid == b->uid &&
	       a->gid == b->gid && a->mode == b->mode && a->creator == b->creator &&
	       a->holder == b->holder && a->holder_fd == b->holder_fd &&
	       strcmp(a->name, b->name) == 0 && strcmp(a->path, b->path) == 0;
}

static bool same_mappers(const struct draft *draft, const struct link *links,
			 const struct region *before)
{
	if (before->n_mappers != draft->n_links)
		return false;
	for (size_t i = 0; i < draft->n_links; i++) {
		const struct mapper *old = &before->mappers[i];
		const struct mapping *mapping = links[i].mapping;

		if (old->process != links[i].process || old->start != mapping->start ||
		    old->end != mapping->end || old->offset != mapping->offset ||
		    old->prot != mapping->prot || old->ours != links[i].ours)
			return false;
	}
	return true;
}

static struct region *make_region(const struct draft *draft, const struct link *links)
{
	size_t name = strlen(draft->facts.name) + 1, path = strlen(draft->facts.path) + 1;
	size_t mappers = draft->n_links * sizeof(struct mapper);
	struct region_object *object = malloc(sizeof(*object) + mappers + name + path);
	char *strings;

	if (!object)
		return NULL;
	strings = (char *)object->mappers + mappers;
	object->refs = 1;
	object->has_acl = draft->has_acl;
	object->changed = draft->changed;
	object->region = draft->facts;
	object->region.name = memcpy(strings, draft->facts.name, name);
	object->region.path = memcpy(strings + name, draft->facts.path, path);
	object->region.mappers = object->mappers;
	object->region.n_mappers = draft->n_links;
	for (size_t i = 0; i < draft->n_links; i++) {
		const struct mapping *mapping = links[i].mapping;

		object->mappers[i] = (struct mapper){
			.process = process_ref(links[i].process),
			.start = mapping->start,
			.end = mapping->end,
			.offset = mapping->offset,
			.prot = mapping->prot,
			.ours = links[i].ours,
		};
	}
	return &object->region;
}

static struct region *take_region(const struct draft *draft, const struct link *links)
{
	struct region *before = (struct region *)draft->before;

	if (before && region_object(before)->changed == draft->changed &&
	    region_object(before)->has_acl == draft->has_acl && same_facts(&draft->facts, before) &&
	    same_mappers(draft, links, before))
		return region_ref(before);
	return make_region(draft, links);
}

struct named {
	struct region *region;
	uint32_t draft;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->region->name,
		      ((const struct named *)b)->region->name);
}

static int by_id(const void *a, const void *b)
{
	return region_id_compare(&(*(struct region *const *)a)->id,
				 &(*(struct region *const *)b)->id);
}

/* The shares without their regions, in the order of visits; index: visit to share. */
static void make_shares(const struct scan *scan, struct snapshot_object *object, uint32_t *index)
{
	struct region **at = object->shared;

	for (size_t i = 0; i < scan->visits->n; i++) {
		const struct visit *visit = &scan->visits->all[i];

		if (!visit->process)
			continue;
		index[i] = (uint32_t)object->snapshot.n_shares;
		object->shares[object->snapshot.n_shares++] = (struct share){
			.process = process_ref(visit->process),
			.regions = at,
		};
		at += visit->n;
	}
}

/* Region by region in the order of names, each share gets its own in that order too. */
static void fill_shares(const struct scan *scan, struct snapshot_object *object,
			const struct named *named, const uint32_t *index)
{
	for (size_t i = 0; i < scan->n_drafts; i++) {
		const struct draft *draft = &scan->drafts[named[i].draft];
		const struct link *links = scan->sorted + draft->first_link;

		for (size_t j = 0; j < draft->n_links; j++) {
			struct share *share = &object->shares[index[links[j].visit]];

			if (j == 0 || links[j].visit != links[j - 1].visit)
				((struct region **)share->regions)[share->n_regions++] =
					named[i].region;
		}
	}
}

static int fill(struct scan *scan, struct snapshot_object *object, struct named *named,
		uint32_t *index)
{
	struct snapshot *snapshot = &object->snapshot;

	for (size_t i = 0; i < scan->n_drafts; i++) {
		const struct draft *draft = &scan->drafts[i];
		struct region *region = take_region(draft, scan->sorted + draft->first_link);

		if (!region)
			return -ENOMEM;
		object->regions[snapshot->n_regions++] = region;
		object->by_id[i] = region;
		named[i] = (struct named){region, (uint32_t)i};
		snapshot->n_noise += region->noise;
	}
	qsort(named, scan->n_drafts, sizeof(*named), by_name);
	qsort(object->by_id, scan->n_drafts, sizeof(*object->by_id), by_id);
	for (size_t i = 0; i < scan->n_drafts; i++)
		object->regions[i] = named[i].region;
	make_shares(scan, object, index);
	fill_shares(scan, object, named, index);
	return 0;
}

int scan_snapshot(struct scan *scan, struct snapshot **out)
{
	struct snapshot_object *object = calloc(1, sizeof(*object));
	struct named *named = calloc(scan->n_drafts + 1, sizeof(*named));
	uint32_t *index = calloc(scan->visits->n + 1, sizeof(*index));
	int r = -ENOMEM;

	if (!object || !named || !index)
		goto done;
	object->refs = 1;
	object->regions = calloc(scan->n_drafts + 1, sizeof(*object->regions));
	object->by_id = calloc(scan->n_drafts + 1, sizeof(*object->by_id));
	object->shares = calloc(scan->visits->n + 1, sizeof(*object->shares));
	object->shared = calloc(scan->n_links + 1, sizeof(*object->shared));
	if (!object->regions || !object->by_id || !object->shares || !object->shared)
		goto done;
	r = fill(scan, object, named, index);
	if (r < 0)
		goto done;
	object->snapshot.regions = object->regions;
	object->snapshot.by_id = object->by_id;
	object->snapshot.shares = object->shares;
	object->snapshot.n_mappers = scan->n_links;
	object->snapshot.n_unreadable = scan->n_unreadable;
	object->snapshot.method = scan->parsed ? "maps" : "PROCMAP_QUERY";
	object->snapshot.method_why = !scan->parsed ? ""
				      : scan->options->maps_text
					      ? "asked for"
					      : "the kernel has no PROCMAP_QUERY";
	*out = &object->snapshot;
	object = NULL;
done:
	object_free(object);
	free(named);
	free(index);
	return r;
}
