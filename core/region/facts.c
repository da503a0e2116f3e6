/* SPDX-License-Identifier: MIT */
/*
 * What the objects behind the drafts say of themselves, and who may see their bytes: nobody who
 * couldn't without us. Where an object's path leads to it, every directory on the way lets others
 * through and there is no ACL, its owner, group and mode are the region's. Any other is of mode
 * 0600, for the one user that all its mappers are of, or else for root: a file of mode 0644 in a
 * folder of mode 0700 isn't readable by others, so not through us either. Nobody may write what
 * no mapper may.
 *
 * Nothing is touched that could hang: what kind of file system an object is on is known from its
 * device number before anything is asked of it.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "region/crew.h"
#include "region/path_walk.h"
#include "region/scan.h"

/* Of its path, without what says that it is deleted. */
static size_t bare_length(const struct draft *draft)
{
	return proc_path_length(draft->facts.path, draft->text_len);
}

static bool is_below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return strncmp(path, dir, n) == 0 && path[n] == '/';
}

static bool begins(const char *path, const char *with)
{
	return strncmp(path, with, strlen(with)) == 0;
}

/* The kernel's own file systems: nobody else can give a file there its name. */
static enum region_kind internal_kind(const char *path)
{
	if (begins(path, "/memfd:"))
		return REGION_MEMFD;
	if (begins(path, "/SYSV"))
		return REGION_SYSV;
	if (begins(path, "/dev/zero") || begins(path, "[anon_shmem:"))
		return REGION_ANON;
	if (begins(path, "/anon_hugepage"))
		return REGION_HUGETLB;
	return REGION_OTHER;
}

void scan_classify(struct scan *scan, struct draft *draft)
{
	const char *path = draft->facts.path;

	/* What isn't called like a file is on no mount. */
	draft->mount = mounts_of_device(scan->mounts, region_id_dev(&draft->facts.id),
					*path == '/' ? draft->task : 0);
	switch (draft->mount) {
	case MOUNT_SHMEM:
	case MOUNT_HUGEMEM:
		draft->facts.kind = internal_kind(path);
		break;
	case MOUNT_HUGETLB:
		draft->facts.kind = REGION_HUGETLB;
		break;
	case MOUNT_TMPFS:
		draft->facts.kind = is_below(path, "/dev/shm") || is_below(path, scan->options->shm)
					    ? REGION_SHM
					    : REGION_FILE;
		break;
	case MOUNT_LOCAL:
	case MOUNT_STACKED:
	case MOUNT_FOREIGN:
		draft->facts.kind = REGION_FILE;
		break;
	case MOUNT_UNKNOWN: /* a block device's, at least, is a file's */
		draft->facts.kind =
			*path == '/' && draft->facts.id.major ? REGION_FILE : REGION_OTHER;
		break;
	case MOUNT_PSEUDO:
	case MOUNT_PEEKFS:
		draft->facts.kind = REGION_OTHER;
		break;
	}
}

/* stat() of what is mapped, whatever is at its path now. */
static bool stat_mapped(const struct scan *scan, const struct draft *draft, struct statx *stx)
{
	char path[PROC_PATH_MAX];

	if (!draft->task || !mount_is_safe(draft->mount))
		return false;
	snprintf(path, sizeof(path), "%d/map_files/%" PRIx64 "-%" PRIx64, draft->task, draft->start,
		 draft->end);
	return statx(scan->way->proc, path, AT_NO_AUTOMOUNT | AT_STATX_DONT_SYNC, STATX_BASIC_STATS,
		     stx) == 0;
}

/* Kind, links and size of what is mapped. */
static bool ask_mapped(const struct scan *scan, const struct draft *draft, struct statx *stx)
{
	if (!draft->told)
		return stat_mapped(scan, draft, stx);
	stx->stx_mode = S_IFREG;
	stx->stx_nlink = draft->told->links;
	stx->stx_size = draft->told->size;
	return true;
}

static bool same_device(const struct statx *stx, const struct region_id *id)
{
	return stx->stx_dev_major == id->major && stx->stx_dev_minor == id->minor;
}

/* Whether path leads to the very object; then *stx and *open are about it. */
static bool leads_to(const struct scan *scan, struct path_walk *walk, const struct draft *draft,
		     size_t n, struct statx *stx, bool *open)
{
	enum mount_class mount;
	struct statx mapped;

	if (!path_walk_to(walk, draft->facts.path, n, stx, &mount, open) || !mount_is_safe(mount))
		return false;
	if (draft->mount != MOUNT_STACKED)
		return stx->stx_ino == draft->facts.id.inode && same_device(stx, &draft->facts.id);
	return stat_mapped(scan, draft, &mapped) && mapped.stx_ino == stx->stx_ino &&
	       mapped.stx_dev_major == stx->stx_dev_major &&
	       mapped.stx_dev_minor == stx->stx_dev_minor;
}

/* The owner and the modes, for an object that everybody could open by its path. */
static void own_by_path(struct draft *draft, const struct statx *stx, struct path_walk *walk)
{
	uint64_t changed = (uint64_t)stx->stx_ctime.tv_sec * 1000000000u + stx->stx_ctime.tv_nsec;
	const struct region_object *before = draft->before ? region_object(draft->before) : NULL;

	/* Setting an ACL sets the ctime. */
	if (before && before->changed == changed)
		draft->has_acl = before->has_acl;
	else
		draft->has_acl = path_walk_has_acl(walk);
	draft->changed = changed;
	if (draft->has_acl)
		return;
	draft->facts.uid = stx->stx_uid;
	draft->facts.gid = stx->stx_gid;
	draft->facts.mode = stx->stx_mode & 0666;
}

/* What half the machine maps and hardly anybody looks for: devices, and files that nobody writes in
 * the system's folders and caches. */
static bool is_noise(const struct region *region)
{
	static const char *const dirs[] = {"/usr", "/lib", "/etc", "/var/cache"};

	if (region->kind == REGION_DEVICE || region->kind == REGION_OTHER)
		return true;
	if (region->kind != REGION_FILE || region->writable)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (is_below(region->path, dirs[i]))
			return true;
	return strstr(region->path, "/.cache/") != NULL;
}

/* Whether its path leads to it; then *at_path and *open are about what is there. *deleted: as its
 * text says, and then as it is. */
static bool find_path(const struct scan *scan, struct path_walk *walk, const struct draft *draft,
		      struct statx *at_path, bool *open, bool *deleted)
{
	if (leads_to(scan, walk, draft, draft->text_len, at_path, open)) {
		*deleted = false; /* it is called so */
		return true;
	}
	/* Or it was linked again. */
	return *deleted && leads_to(scan, walk, draft, bare_length(draft), at_path, open);
}

/* Whether it is on a file system where a path may lead to it. */
static bool has_path(const struct draft *draft)
{
	return mount_is_safe(draft->mount) && draft->mount != MOUNT_SHMEM &&
	       draft->mount != MOUNT_HUGEMEM;
}

static void find_facts(const struct scan *scan, struct path_walk *walk, struct draft *draft)
{
	struct region *facts = &draft->facts;
	bool deleted = bare_length(draft) < draft->text_len, open = false, known;
	struct statx stx, at_path;

	facts->uid = draft->one_user ? facts->uid : 0;
	facts->mode = 0600;
	known = deleted && ask_mapped(scan, draft, &stx);
	if (has_path(draft) && !(known && stx.stx_nlink == 0))
		draft->leads = find_path(scan, walk, draft, &at_path, &open, &deleted);
	if (draft->leads)
		stx = at_path;
	known = draft->leads || known || ask_mapped(scan, draft, &stx);
	if (known && (S_ISCHR(stx.stx_mode) || S_ISBLK(stx.stx_mode)))
		facts->kind = REGION_DEVICE;
	else if (known && !S_ISREG(stx.stx_mode))
		facts->kind = REGION_OTHER;
	facts->approachable = mount_is_safe(draft->mount) && (!known || S_ISREG(stx.stx_mode));
	facts->size = known && S_ISREG(stx.stx_mode) ? stx.stx_size : draft->reach;
	if (draft->leads && open)
		own_by_path(draft, &stx, walk);
	facts->deleted = deleted && !draft->leads;
	if (deleted)
		facts->path[bare_length(draft)] = '\0';
	if (!facts->writable)
		facts->mode &= (mode_t)~0222;
	facts->noise = is_noise(facts);
}

static int by_path(const void *a, const void *b)
{
	const struct draft *x = *(struct draft *const *)a, *y = *(struct draft *const *)b;

	return strcmp(x->facts.path, y->facts.path);
}

struct asking {
	const struct scan *scan;
	struct draft **order;
	struct path_walk *walks[CREW_MAX];
};

static int ask_next(void *context, size_t worker, size_t i)
{
	const struct asking *asking = context;

	find_facts(asking->scan, asking->walks[worker], asking->order[i]);
	return 0;
}

int scan_facts(struct scan *scan)
{
	struct asking asking = {.scan = scan};
	size_t n = 0, walks, workers = crew_size(scan->n_drafts);
	int r = 0;

	asking.order = reallocarray(NULL, scan->n_drafts + 1, sizeof(struct draft *));
	if (!asking.order)
		return -ENOMEM;
	for (size_t i = 0; i < scan->n_drafts; i++)
		if (!scan->drafts[i].settled && has_path(&scan->drafts[i]))
			asking.order[n++] = &scan->drafts[i];
	walks = n;
	for (size_t i = 0; i < scan->n_drafts; i++)
		if (!scan->drafts[i].settled && !has_path(&scan->drafts[i]))
			asking.order[n++] = &scan->drafts[i];
	qsort(asking.order, walks, sizeof(struct draft *), by_path);
	for (size_t i = 0; r == 0 && i < workers; i++)
		r = path_walk_new(scan->mounts, &asking.walks[i]);
	if (r == 0)
		r = crew_run(workers, n, ask_next, &asking);
	for (size_t i = 0; i < workers; i++)
		path_walk_free(asking.walks[i]);
	free(asking.order);
	return r;
}
