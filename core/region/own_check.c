/* SPDX-License-Identifier: MIT */
/* What can be wrong with options before the kernel is asked for anything. */
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "region/own.h"

#define KNOWN_PROT (PROT_READ | PROT_WRITE | PROT_EXEC)
#define FIXED	   (MAP_FIXED | MAP_FIXED_NOREPLACE)
#define KNOWN_FLAGS                                                                                \
	(MAP_SHARED_VALIDATE | MAP_LOCKED | MAP_POPULATE | MAP_NORESERVE | MAP_SYNC | FIXED)
#define KNOWN_HOW  (CREATE_OR_OPEN | CREATE_ALLOCATE | CREATE_PAST_END | CREATE_DEV_ZERO)
#define MEMFD_NAME 249 /* bytes: NAME_MAX less the kernel's "memfd:" */

static int wrong(struct diag *diag, const char *message)
{
	return diag_set(diag, -EINVAL, 0, 0, "%s", message);
}

static bool has_path(const struct create_options *o)
{
	return o->kind == REGION_FILE || o->kind == REGION_SHM ||
	       (o->kind == REGION_HUGETLB && o->name && strchr(o->name, '/'));
}

static bool is_anonymous(const struct create_options *o)
{
	return o->kind == REGION_ANON || (o->kind == REGION_HUGETLB && !o->name);
}

static int check_kind(const struct create_options *o, struct diag *diag)
{
	switch (o->kind) {
	case REGION_FILE:
	case REGION_SHM:
	case REGION_MEMFD:
		if (!o->name)
			return wrong(diag, "name: a file, shm or memfd region needs one");
		break;
	case REGION_SYSV:
	case REGION_ANON:
		if (o->name)
			return wrong(diag,
				     "name: System V and anonymous memory have none; leave it "
				     "NULL (System V has key)");
		break;
	case REGION_HUGETLB:
		break;
	default:
		return wrong(diag, "kind: only file, shm, memfd, sysv, anon and hugetlb regions "
				   "can be made or opened");
	}
	if (o->kind != REGION_SYSV && (o->key || o->shmid))
		return wrong(diag, "key, shmid: for System V memory only");
	if (o->kind != REGION_HUGETLB && o->huge_page)
		return wrong(diag, "huge_page: for hugetlb regions only");
	if (o->huge_page & (o->huge_page - 1))
		return wrong(diag,
			     "huge_page: must be a power of two, see /sys/kernel/mm/hugepages");
	return 0;
}

static int check_name(const struct create_options *o, struct diag *diag)
{
	const char *name = o->name;
	bool memfd = o->kind == REGION_MEMFD || (o->kind == REGION_HUGETLB && !has_path(o));

	if (!name)
		return 0;
	if (memfd && strlen(name) > MEMFD_NAME)
		return wrong(diag, "name: that of a memfd has at most 249 bytes");
	if (o->kind == REGION_SHM) {
		name += *name == '/';
		if (!*name || strchr(name, '/') || strcmp(name, ".") == 0 ||
		    strcmp(name, "..") == 0 || strlen(name) > NAME_MAX)
			return wrong(diag,
				     "name: that of POSIX shared memory is \"/NAME\", without "
				     "another '/', at most 255 bytes");
	}
	if (has_path(o) && (!*name || name[strlen(name) - 1] == '/'))
		return wrong(diag, "name: must be the path of a file");
	return 0;
}

static int check_map_flags(const struct create_options *o, struct diag *diag)
{
	int flags = o->map_flags;

	if ((flags & MAP_TYPE) == MAP_PRIVATE)
		return wrong(diag, "map_flags: MAP_PRIVATE makes a copy that nobody else sees; a "
				   "region is shared");
	if (flags & MAP_ANONYMOUS)
		return wrong(diag, "map_flags: MAP_ANONYMOUS goes without saying for kind anon and "
				   "with no other");
	if (flags & MAP_HUGETLB)
		return wrong(diag,
			     "map_flags: huge pages are the kind hugetlb, of huge_page bytes");
	if (flags & MAP_DENYWRITE)
		return wrong(diag, "map_flags: Linux ignores MAP_DENYWRITE; a memfd can be sealed "
				   "against writing (F_SEAL_WRITE)");
	if (flags & ~KNOWN_FLAGS)
		return wrong(diag, "map_flags: only MAP_LOCKED, MAP_POPULATE, MAP_NORESERVE, "
				   "MAP_SYNC, MAP_FIXED and MAP_FIXED_NOREPLACE are taken");
	if ((flags & FIXED) == FIXED)
		return wrong(diag, "map_flags: MAP_FIXED replaces what is there, "
				   "MAP_FIXED_NOREPLACE doesn't: give one of them");
	if ((flags & MAP_SYNC) && o->kind != REGION_FILE)
		return wrong(diag, "map_flags: MAP_SYNC is for files on a DAX file system");
	if ((flags & MAP_LOCKED) && o->prot == PROT_NONE)
		return wrong(diag, "map_flags: MAP_LOCKED needs PROT_READ or PROT_WRITE; PROT_NONE "
				   "has no pages to lock");
	return 0;
}

static int check_place(const struct create_options *o, struct diag *diag)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	if ((o->map_flags & FIXED) && (!o->address || (uintptr_t)o->address % page))
		return diag_set(diag, -EINVAL, 0, 0,
				"address: MAP_FIXED and MAP_FIXED_NOREPLACE need one, a multiple "
				"of %ju",
				(uintmax_t)page);
	if (o->offset % page)
		return diag_set(diag, -EINVAL, 0, 0,
				"offset: %ju isn't a multiple of the page, %ju; map from %ju and "
				"skip the first %ju bytes",
				(uintmax_t)o->offset, (uintmax_t)page,
				(uintmax_t)(o->offset - o->offset % page),
				(uintmax_t)(o->offset % page));
	if (o->offset > INT64_MAX || o->length > INT64_MAX - page) /* the kernel checks the sum */
		return diag_set(diag, -EOVERFLOW, 0, 0,
				"offset %ju, length %ju: an object has less than 2^63 bytes",
				(uintmax_t)o->offset, (uintmax_t)o->length);
	if ((is_anonymous(o) || o->kind == REGION_SYSV) && (o->offset || o->length))
		return wrong(diag, "offset, length: anonymous and System V memory is mapped as a "
				   "whole; leave them 0");
	return 0;
}

static int check_common(const struct create_options *o, struct diag *diag)
{
	int r = 0;

	if (o->prot & ~KNOWN_PROT)
		return wrong(diag, "prot: only PROT_READ, PROT_WRITE and PROT_EXEC are taken");
	if (o->flags & ~(unsigned)KNOWN_HOW)
		return wrong(diag, "flags: only those of enum create_flags are taken");
	r = check_map_flags(o, diag);
	return r ? r : check_place(o, diag);
}

static int check_new_flags(const struct create_options *o, struct diag *diag)
{
	if ((o->flags & CREATE_OR_OPEN) && !has_path(o) && !(o->kind == REGION_SYSV && o->key))
		return wrong(diag,
			     "flags: CREATE_OR_OPEN needs a name or key to find the object by");
	if ((o->flags & CREATE_ALLOCATE) && (is_anonymous(o) || o->kind == REGION_SYSV))
		return wrong(diag, "flags: CREATE_ALLOCATE needs an object with a descriptor; "
				   "MAP_POPULATE fills anonymous and System V memory");
	if ((o->flags & CREATE_DEV_ZERO) && o->kind != REGION_ANON)
		return wrong(diag, "flags: CREATE_DEV_ZERO is for the kind anon");
	if (o->flags & CREATE_PAST_END)
		return wrong(diag, "flags: CREATE_PAST_END is for objects that are there; give a "
				   "new one the size that it needs");
	return 0;
}

int own_check_new(const struct create_options *o, struct diag *diag)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	int r = check_kind(o, diag);

	r = r ? r : check_name(o, diag);
	r = r ? r : check_common(o, diag);
	r = r ? r : check_new_flags(o, diag);
	if (r)
		return r;
	if (o->shmid)
		return wrong(diag, "shmid: the kernel chooses that of a new segment");
	if (!o->size)
		return wrong(diag, "size: a region has at least one byte");
	if (o->size > INT64_MAX - page)
		return diag_set(diag, -EOVERFLOW, 0, 0,
				"size: %ju bytes are more than an object can have (2^63)",
				(uintmax_t)o->size);
	if (o->offset >= o->size || o->offset + o->length > own_round(o->size, page))
		return diag_set(diag, -EINVAL, 0, 0,
				"offset, length: %ju and %ju reach behind the size, %ju",
				(uintmax_t)o->offset, (uintmax_t)o->length, (uintmax_t)o->size);
	if (o->mode & ~(mode_t)0777)
		return wrong(diag, "mode: only permission bits are taken");
	if (o->mode && (o->mode & 0600) != 0600)
		return wrong(diag, "mode: without its owner's read and write bits nobody could map "
				   "it; take them away afterwards, chmod(2)");
	return 0;
}

static int check_existing(const struct create_options *o, struct diag *diag)
{
	int r = check_common(o, diag);

	if (r)
		return r;
	if (o->size)
		return wrong(diag, "size: an object that is there has one; leave it 0, and see "
				   "created_resize()");
	if (o->layout)
		return wrong(diag, "layout: of a new object only; see created_set_layout()");
	if (o->flags & ~(unsigned)CREATE_PAST_END)
		return wrong(diag, "flags: of these only CREATE_PAST_END is for an object that is "
				   "there");
	if ((o->flags & CREATE_PAST_END) && !o->length)
		return wrong(diag, "flags: CREATE_PAST_END needs a length");
	return 0;
}

int own_check_open(const struct create_options *o, struct diag *diag)
{
	int r = check_kind(o, diag);

	if (r)
		return r;
	if (o->kind != REGION_SYSV && !has_path(o))
		return wrong(diag, "kind: a memfd and anonymous memory have no name to open them "
				   "by; pass the descriptor (create_adopt()), or fork()");
	if (o->kind == REGION_SYSV && o->key && o->shmid)
		return wrong(diag, "key, shmid: give one of them");
	r = check_name(o, diag);
	return r ? r : check_existing(o, diag);
}

int own_check_adopt(const struct create_options *o, struct diag *diag)
{
	struct create_options adopted = *o;

	adopted.kind = REGION_FILE; /* the least restricted; the descriptor tells */
	return check_existing(&adopted, diag);
}
