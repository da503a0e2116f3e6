/* SPDX-License-Identifier: MIT */
/*
 * What a program does with a region that it has made or opened by create.h.
 *
 * Calls on one struct created need one thread at a time: created_resize() and created_refit() move
 * the mapping under everybody who has a pointer into it, so a lock in here would protect nobody.
 * Calls on different ones may run at once. After fork() the child has the mapping and a struct
 * created of its own, and frees it as the parent does.
 *
 * diag may be NULL everywhere; a failing call fills it with the cause and what to do.
 */
#ifndef PEEKFS_REGION_CREATED_H
#define PEEKFS_REGION_CREATED_H

#include "base/buf.h"
#include "region/create.h"

struct created_facts {
	enum region_kind kind;
	const char *name; /* absolute path, "/NAME", or as given; NULL. Borrowed */
	bool opened;	  /* it was there already */
	void *address;	  /* where offset of the object is mapped */
	uint64_t asked;	  /* bytes: length, or size, as the caller gave them (0: all there is) */
	uint64_t size;	  /* of the object now; anonymous memory: whole pages */
	uint64_t offset;
	uint64_t mapped; /* bytes of address space, whole pages. See created_room() */
	uint64_t page;	 /* bytes of one */
	int prot;
	int shmid;	/* System V memory, else -1 */
	uint64_t since; /* CLOCK_REALTIME, ns: when it was mapped */
};

/* 0; -errno when the object can't be asked for its size any more. */
int created_facts(const struct created *created, struct created_facts *out);

/* The first mapped byte: at offset of the object. Until the next resize, refit or free. */
void *created_address(const struct created *created);
/*
 * How many bytes from created_address() belong to the object now. Behind them up to the end of the
 * page lie bytes that read as zeros, aren't kept and reach nobody reliably; behind that page, where
 * the object was cut or CREATE_PAST_END mapped it, a bus error. 0 when it can't be asked.
 */
uint64_t created_room(const struct created *created);
/* The descriptor, to hand on (unix(7), SCM_RIGHTS); stays the region's. -1 if it has none. */
int created_fd(const struct created *created);
/* What the kernel calls the object; -ENOENT when procfs doesn't tell. */
int created_id(const struct created *created, struct region_id *out);

/*
 * Makes the object size bytes long (huge pages: rounded up) and the mapping reach from its offset
 * to there; the mapping may move, created_address() tells, unless MAP_FIXED* nailed it down. What
 * comes new reads as zeros. All or nothing.
 * What a smaller size cuts off is gone for everybody, and whoever else maps it and touches it dies
 * of SIGBUS: created_track() (track.h) tells who that would be.
 * -EOPNOTSUPP anonymous and System V memory keep the size they were made with; -EINVAL no byte of
 * it would be mapped; -EACCES opened for reading; -EPERM sealed; -ETXTBSY; -EFBIG, -ENOSPC;
 * -ENOMEM no such room in the address space; -EAGAIN locked, and more than may be; -EBUSY part of
 * it is locked.
 */
int created_resize(struct created *created, uint64_t size, struct diag *diag);
/* Another program has changed the object's size: maps it from offset to its end as it is now.
 * Errors as above; -ENXIO it ends before offset. */
int created_refit(struct created *created, struct diag *diag);

/*
 * msync(2) of the pages that hold length bytes (0: to the end) from offset on, counted from
 * created_address(). MS_SYNC: they are on the disk when it returns; what was opened for reading is
 * synced whole, whoever wrote it, as msync(2) would do nothing. MS_ASYNC: nothing is waited
 * for; Linux writes by itself and does nothing more. MS_INVALIDATE, alone or with one of them:
 * other mappings see what was written; on Linux they always do, so that it only tells whether
 * something is locked. What has no disk (all but REGION_FILE) is in sync at once.
 * -EINVAL other flags; -ENXIO behind the mapping; -EBUSY MS_INVALIDATE and locked; -EIO, -ENOSPC
 * what the disk said.
 */
int created_sync(struct created *created, uint64_t offset, uint64_t length, int flags,
		 struct diag *diag);

/*
 * mlock(2) and munlock(2) of the same. Locked pages are in memory when it returns and stay there.
 * -EAGAIN, -ENOMEM, -EPERM more than RLIMIT_MEMLOCK lets; -ENOMEM also where there is no page (the
 * object ends before, PROT_NONE); -ENXIO behind the mapping.
 */
int created_lock(struct created *created, uint64_t offset, uint64_t length, struct diag *diag);
int created_unlock(struct created *created, uint64_t offset, uint64_t length, struct diag *diag);

/*
 * The layout that travels with the object. set: "" removes it; get: appends it to text.
 * -ENODATA (get) there is none; -EOPNOTSUPP no attributes there; -ENOSPC too long for the file
 * system; -EACCES, -EPERM may not be written, or only root reaches an object without a descriptor
 * (anonymous and System V memory); -EROFS.
 */
int created_set_layout(struct created *created, const char *text, struct diag *diag);
int created_get_layout(const struct created *created, struct buf *text, struct diag *diag);

/*
 * Takes the name away, so that nobody opens it any more; the memory lives until its last user has
 * gone, this one included. What has no name: 0, nothing to do. -ESTALE another object has that name
 * by now (nothing is removed); -ENOENT; -EACCES, -EPERM, -EROFS.
 */
int created_remove(struct created *created, struct diag *diag);

/* Unmaps and closes. A name stays. Takes NULL. */
void created_free(struct created *created);
static inline void created_freep(struct created **created)
{
	created_free(*created);
}

#endif
