/* SPDX-License-Identifier: MIT */
#include "region/region.h"

#include <stdlib.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "region/object.h"

const char *region_kind_name(enum region_kind kind)
{
	static const char *const names[] = {
		[REGION_FILE] = "file",	    [REGION_SHM] = "shm",     [REGION_MEMFD] = "memfd",
		[REGION_SYSV] = "sysv",	    [REGION_ANON] = "anon",   [REGION_HUGETLB] = "hugetlb",
		[REGION_DEVICE] = "device", [REGION_OTHER] = "other",
	};

	return (size_t)kind < ARRAY_SIZE(names) ? names[kind] : "other";
}

#define COMPARE(a, b) (((a) > (b)) - ((a) < (b)))

int region_id_compare(const struct region_id *a, const struct region_id *b)
{
	if (a->major != b->major)
		return COMPARE(a->major, b->major);
	if (a->minor != b->minor)
		return COMPARE(a->minor, b->minor);
	if (a->inode != b->inode)
		return COMPARE(a->inode, b->inode);
	return COMPARE(a->ipcns, b->ipcns);
}

dev_t region_id_dev(const struct region_id *id)
{
	return makedev(id->major, id->minor);
}

struct region *region_ref(struct region *region)
{
	struct region_object *object = region_object(region);

	__atomic_add_fetch(&object->refs, 1, __ATOMIC_RELAXED);
	return region;
}

void region_unref(struct region *region)
{
	struct region_object *object;

	if (!region)
		return;
	object = region_object(region);
	if (__atomic_sub_fetch(&object->refs, 1, __ATOMIC_ACQ_REL) != 0)
		return;
	for (size_t i = 0; i < region->n_mappers; i++)
		process_unref(region->mappers[i].process);
	free(object);
}
