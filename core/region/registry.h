/* SPDX-License-Identifier: MIT */
/*
 * All regions of the machine, as of one scan: an immutable snapshot that readers hold a reference
 * of, while the next scan makes another. Scans happen when somebody asks, never by themselves.
 */
#ifndef PEEKFS_REGION_REGISTRY_H
#define PEEKFS_REGION_REGISTRY_H

#include "region/region.h"

/* What one process shares, each region once. */
struct share {
	const struct process *process;
	struct region *const *regions; /* by name */
	size_t n_regions;
};

struct snapshot {
	struct region *const *regions; /* by name (strcmp); noise included */
	size_t n_regions;
	struct region *const *by_id; /* the same, by region_id_compare() */
	const struct share *shares;  /* by pid */
	size_t n_shares;
	size_t n_noise;
	size_t n_mappers;
	size_t n_unreadable;	/* processes that the daemon may not look at */
	uint64_t scanned_at;	/* CLOCK_MONOTONIC, ns: when the scan began */
	uint64_t scan_time;	/* ns it took */
	const char *method;	/* "PROCMAP_QUERY" or "maps": how mappings were read */
	const char *method_why; /* why not the better one; "" if it is */
};

struct snapshot *snapshot_ref(struct snapshot *snapshot);
void snapshot_unref(struct snapshot *snapshot); /* takes NULL */
static inline void snapshot_unrefp(struct snapshot **snapshot)
{
	snapshot_unref(*snapshot);
}
/* Borrowed from the snapshot; NULL if it isn't there. */
struct region *snapshot_by_name(const struct snapshot *snapshot, const char *name);
struct region *snapshot_by_id(const struct snapshot *snapshot, const struct region_id *id);
const struct share *snapshot_share(const struct snapshot *snapshot, pid_t pid);

struct registry_options {
	const char *proc; /* where procfs is; NULL: /proc */
	const char *shm;  /* where POSIX shared memory is; NULL: /dev/shm */
	pid_t self;	  /* this process isn't listed; 0: none is left out */
	bool maps_text;	  /* read the text of maps even where PROCMAP_QUERY works */
	/*
	 * A mapping of one of our own files (a passthrough `raw`) is a mapping of the region behind
	 * it. True and *id when device and inode are such a file's; decided from the numbers alone,
	 * nothing may be opened for it. May be NULL.
	 */
	bool (*is_ours)(void *context, uint32_t major, uint32_t minor, uint64_t inode,
			struct region_id *id);
	void *context;
};

struct registry;

/* 0 and *out, for registry_free(); -ENOMEM; why procfs can't be opened. Scans nothing yet.
 * The strings of options must outlive the registry. */
int registry_new(const struct registry_options *options, struct registry **out);
void registry_free(struct registry *registry); /* takes NULL */

/*
 * A snapshot no older than max_age (ns; 0: begun after the call). Scans if there is none: one scan
 * at a time, callers that come meanwhile wait for it and share it. 0 and a reference in *out;
 * -ENOMEM and what kept procfs itself from being read. Any thread.
 */
int registry_get(struct registry *registry, uint64_t max_age, struct snapshot **out);
/* The newest one there is, without scanning: a reference, or NULL before the first scan. */
struct snapshot *registry_peek(struct registry *registry);

/*
 * Called after each scan, in the thread that scanned, one call at a time, before any registry_get()
 * returns what was found: it must not wait for anybody who may be waiting there (a request of the
 * kernel's that is being served, say). before is NULL the first time. To be set before the first
 * scan.
 */
void registry_listen(struct registry *registry,
		     void (*scanned)(void *context, const struct snapshot *before,
				     const struct snapshot *now),
		     void *context);

#endif
