/* SPDX-License-Identifier: MIT */
/*
 * One scan in the making. Sources put drafts of regions into it, one for each identity; then
 * facts, owners and names are found for the drafts; then a snapshot is made of them, that shares
 * with the one before every region of which nothing has changed.
 */
#ifndef PEEKFS_REGION_SCAN_H
#define PEEKFS_REGION_SCAN_H

#include "region/held.h"
#include "region/mapping.h"
#include "region/mounts.h"
#include "region/object.h"
#include "region/process.h"
#include "region/registry.h"

struct draft {
	struct region facts;	     /* name, path and mappers aren't owned */
	const struct region *before; /* the same identity in the snapshot before, or NULL */
	size_t text_len; /* of facts.path as the kernel says it, " (deleted)" included */
	enum mount_class mount;
	bool named;   /* has its bare name */
	bool settled; /* its source knew all facts but the name */
	bool leads;   /* the path leads to this very object */
	bool has_acl;
	uint64_t changed; /* ctime of the object, ns; 0: unknown */
	/* A mapping through which the object may be asked: none of our own files. task 0: none. */
	pid_t task;
	uint64_t start;
	uint64_t end;
	const struct held *told; /* what a descriptor of the object told in this scan, or NULL */
	uint64_t reach;		 /* the furthest byte mapped */
	uint64_t handle; /* of System V memory: tells it from another of the same shmid; or 0 */
	bool has_user;	 /* somebody's process has it, who counts for the owner */
	bool one_user;	 /* all who count are facts.uid */
	size_t n_links;
	size_t first_link; /* in scan.sorted */
};

/* A mapping and what it is a mapping of. */
struct link {
	const struct mapping *mapping;
	const struct process *process;
	uint32_t draft;
	uint32_t visit;
	bool ours; /* a mapping of one of our own files */
};

struct scan {
	const struct registry_options *options;
	const struct snapshot *before; /* may be NULL */
	const struct process_way *way;
	struct mounts *mounts;
	struct holders *holders; /* in: what the scan before knew, out: what this one knows */
	uint64_t own_ipcns;
	uint64_t began; /* CLOCK_MONOTONIC, ns */

	struct draft *drafts;
	size_t n_drafts;
	size_t cap_drafts;
	uint32_t *table; /* open addressing: index into drafts, plus one */
	size_t table_size;

	struct visits *visits; /* the processes, by pid */
	struct link *links;    /* in the order of processes and addresses */
	struct link *sorted;   /* by draft first */
	size_t n_links;

	char **kept; /* strings for drafts, freed with the scan */
	size_t n_kept;
	char *names; /* the drafts' */
	size_t n_unreadable;
	bool parsed; /* the text of some process's maps, for want of PROCMAP_QUERY */
};

/*
 * A source of regions: processes' mappings, System V memory, files in /dev/shm ... scan() adds
 * drafts of what it knows and leaves alone those that an earlier source has added. 0; -ENOMEM; an
 * error only where nothing at all can be known. A thing that vanishes meanwhile is none.
 */
struct source_ops {
	const char *name;
	int (*scan)(struct scan *scan);
};

extern const struct source_ops source_mapped; /* must be the first: the others are leftovers */
extern const struct source_ops source_sysv;
extern const struct source_ops source_shm;
extern const struct source_ops source_held;

/* The draft of an identity; *added when it is new and empty. NULL: no memory. What it returned
 * before is invalid then. */
struct draft *scan_draft(struct scan *scan, const struct region_id *id, bool *added);
/* The same, without adding one. */
struct draft *scan_find(const struct scan *scan, const struct region_id *id);
/* Another process has the object, of a user who may look into the process or (not one_user) of
 * several. Those who map one of our own files don't count. */
void draft_count_user(struct draft *draft, uid_t uid, bool one_user);
/* A copy of a string that lives as long as the scan; NULL: no memory. */
char *scan_keep(struct scan *scan, const char *text, size_t n);

/* facts.kind and draft.mount, of the path and the device alone. */
void scan_classify(struct scan *scan, struct draft *draft);
/* A snapshot of the finished drafts: 0 and *out, or -ENOMEM. */
int scan_snapshot(struct scan *scan, struct snapshot **out);
/* What stat() says, where it may be asked; facts.deleted, size, approachable, noise and who may
 * see it. 0 or -ENOMEM. */
int scan_facts(struct scan *scan);
/* facts.name. 0 or -ENOMEM. */
int scan_names(struct scan *scan);

/* One whole scan: 0 and *out, a reference; -ENOMEM, or why procfs can't be read. */
int scan_run(const struct registry_options *options, const struct process_way *way,
	     struct mounts *mounts, struct holders *holders, const struct snapshot *before,
	     struct snapshot **out);

#endif
