/* SPDX-License-Identifier: MIT */
#include "region/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "region/own.h"

/* NULL without memory. */
static struct created *begin(const struct create_options *o)
{
	struct created *created = calloc(1, sizeof(*created));

	if (!created)
		return NULL;
	created->kind = o->kind;
	created->fd = -1;
	created->shmid = -1;
	created->page = (uint64_t)sysconf(_SC_PAGESIZE);
	created->asked = o->size ? o->size : o->length;
	created->offset = o->offset;
	created->prot = o->prot;
	created->map_flags = o->map_flags;
	return created;
}

void created_free(struct created *created)
{
	if (!created)
		return;
	if (created->mapped && created->shmid >= 0)
		shmdt(created->address);
	else if (created->mapped)
		munmap(created->address, created->mapped);
	if (created->fd >= 0)
		close(created->fd);
	free(created->seen);
	free(created->name);
	free(created->path);
	free(created);
}

static int make(struct created *created, const struct create_options *o, struct diag *diag)
{
	if (o->kind == REGION_SYSV)
		return own_sysv_get(created, o, true, diag);
	if (o->kind == REGION_ANON)
		return 0;
	if (!o->name)
		return own_huge_page(created, o, diag);
	return own_make(created, o, diag);
}

/* What has a descriptor got its layout before it got its name. */
static int describe(struct created *created, const struct create_options *o, struct diag *diag)
{
	if (created->fd >= 0 || created->opened || !o->layout || !*o->layout)
		return 0;
	return created_set_layout(created, o->layout, diag);
}

int create_new(const struct create_options *options, struct created **out, struct diag *diag)
{
	CLEANUP(created_freep) struct created *created = NULL;
	int r = own_check_new(options, diag);

	if (r)
		return r;
	created = begin(options);
	r = created ? make(created, options, diag) : diag_no_memory(diag);
	if (r)
		return r;
	r = own_map(created, options, diag);
	r = r ? r : describe(created, options, diag);
	if (r) {
		if (!created->opened)
			created_remove(created, NULL);
		return r;
	}
	*out = TAKE(created);
	return 0;
}

int create_open(const struct create_options *options, struct created **out, struct diag *diag)
{
	CLEANUP(created_freep) struct created *created = NULL;
	int r = own_check_open(options, diag);

	if (r)
		return r;
	created = begin(options);
	if (!created)
		return diag_no_memory(diag);
	r = options->kind == REGION_SYSV ? own_sysv_get(created, options, false, diag)
					 : own_open(created, options, diag);
	r = r ? r : own_map(created, options, diag);
	if (r)
		return r;
	*out = TAKE(created);
	return 0;
}

int create_adopt(int fd, const struct create_options *options, struct created **out,
		 struct diag *diag)
{
	CLEANUP(created_freep) struct created *created = NULL;
	int r = own_check_adopt(options, diag);

	if (r)
		return r;
	created = begin(options);
	r = created ? own_adopt(created, fd, diag) : diag_no_memory(diag);
	r = r ? r : own_map(created, options, diag);
	if (r)
		return r;
	*out = TAKE(created);
	return 0;
}
