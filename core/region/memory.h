/* SPDX-License-Identifier: MIT */
/*
 * The bytes of a region, live.
 *
 * A struct memory opens nothing until bytes are wanted and nothing for writing until a write is.
 * What it opened it closes again in memory_trim(), which whoever keeps it calls twice a second;
 * so that no dead program's gigabytes live on through us. Looking changes nothing: holes stay
 * holes, access times stay, the object is opened with the target's own /proc/PID/map_files link
 * and never by a path that could lead elsewhere.
 *
 * All functions are thread-safe. One that waits (a stuck process, a file system that doesn't
 * answer) makes only callers of the same memory wait.
 */
#ifndef PEEKFS_REGION_MEMORY_H
#define PEEKFS_REGION_MEMORY_H

#include "base/buf.h"
#include "region/region.h"

struct memory;

enum memory_access {
	MEMORY_DESCRIPTOR, /* the object itself is open */
	MEMORY_PROCESS,	   /* through a mapper: process_vm_readv(), process_vm_writev() */
	MEMORY_NONE,	   /* no way; memory_access() says why */
};

/* 0 and *out, for memory_free(); -ENOMEM. Takes a reference of region, opens nothing.
 * proc: where procfs is, NULL: /proc; must outlive the memory. */
int memory_new(struct region *region, const char *proc, struct memory **out);
void memory_free(struct memory *memory); /* takes NULL */

/* Newer facts of the same region. NULL: a scan didn't find it any more; every access is -EIO from
 * now on, until newer facts come (a region can be found again). */
void memory_follow(struct memory *memory, struct region *region);

/*
 * Common errors of the calls below: -EIO the region has shrunk or its last mapper is gone; -ENXIO
 * it is listed only (a device, a socket's ring ...); -EACCES nobody lets us; -ENOMEM.
 */

/* Up to n bytes at offset: how many there were, 0 at or behind the end. Holes read as zeros and
 * stay holes. Where Access is `process`, what nobody maps and pages that no mapper has touched
 * (perhaps holes, which reading would fill: remote.c) are -EIO, and end what is read before them.
 */
ssize_t memory_read(struct memory *memory, void *to, size_t n, uint64_t offset);
/* All n bytes or none: n, or also -EACCES (not writable: no mapper has PROT_WRITE), -ENOSPC (behind
 * the end; a hole that nothing is left to fill with), -EROFS, -EPERM (sealed, immutable), -ETXTBSY.
 * Where Access is `process`, fewer, when not all of them are mapped writable. */
ssize_t memory_write(struct memory *memory, const void *from, size_t n, uint64_t offset);

/*
 * One machine load of size (1, 2, 4 or 8) bytes at an offset that is a multiple of it, so that
 * nobody sees half a value; a hole isn't filled by it. The value in the machine's byte order,
 * zero-extended. -EINVAL for another size or alignment.
 */
int memory_load(struct memory *memory, uint64_t offset, unsigned size, uint64_t *value);
/* One machine store of the bits that are set in mask; when that isn't all of them, by compare and
 * swap, so that a neighbour's concurrent write isn't lost. Errors of memory_write() too. */
int memory_store(struct memory *memory, uint64_t offset, unsigned size, uint64_t value,
		 uint64_t mask);
/*
 * All n bytes at offset, each read together with the word of 8 bytes that it is in, by one load, so
 * that no aligned scalar is seen by halves. Then they are looked at so many times more, about a
 * tenth of a microsecond apart, until all looks of a try see the same. 1: then they stood still for
 * as long; 0: in no try, and the words are of several moments; -EIO also when there are fewer
 * bytes. Where it isn't atomic, see below, one more look is made.
 */
int memory_still(struct memory *memory, void *to, size_t n, uint64_t offset, unsigned looks,
		 unsigned tries);
#define MEMORY_LOOKS 16 /* for a record: about two microseconds */
#define MEMORY_TRIES 64
/* As so many looks and tries, but what moves is watched for longer, so that they aren't the middle
 * of a change that is held up either: moment.c says how, and how sure that is. Takes a tenth of a
 * millisecond the first time and when they move, at most 40 milliseconds. */
int memory_moment(struct memory *memory, void *to, size_t n, uint64_t offset);
/* Whether memory_load(), memory_store() and each look of memory_still() and memory_moment() are
 * indeed one load, one store (Access `process` and huge pages: the kernel copies bytes). */
bool memory_atomic(struct memory *memory);

/* lseek(2) with SEEK_DATA or SEEK_HOLE; where the object can't tell, all of it is data. -ENXIO at
 * or behind the end, and no data behind offset. */
int memory_seek(struct memory *memory, uint64_t offset, int whence, uint64_t *out);

/*
 * What the object says now. None of these leaves anything open or attaches anything, so they may be
 * asked of thousands.
 */
/* Bytes; what the last scan knew where the object can't be asked. */
int memory_size(struct memory *memory, uint64_t *size);
/* 512-byte blocks that are allocated, as st_blocks; -ENODATA where the object can't be asked. */
int memory_blocks(struct memory *memory, uint64_t *blocks);
/* Bytes of it in memory; -ENODATA where the kernel doesn't tell. */
int memory_resident(struct memory *memory, uint64_t *bytes);

/*
 * A read-only descriptor of the object, for FUSE passthrough; the caller closes it. Reading it, or
 * what the kernel reopens from it, moves no access time where there is a way (*quiet tells).
 * -EOPNOTSUPP when Access isn't a descriptor.
 */
int memory_backing(struct memory *memory, int *fd, bool *quiet);
/* Opens the object for writing as memory_write() would and closes it again: 0, or why not; -EPERM
 * also for a sealed one, which opens but can't be written. */
int memory_writable(struct memory *memory);

/* How the bytes are reached, found out by trying; *why (a static string) says why it isn't a better
 * way, or "". A System V segment that nobody has attached isn't tried: that would attach it. */
enum memory_access memory_access(struct memory *memory, const char **why);
/* Whether reading bytes would attach a System V segment that nobody has attached. False while an
 * open file needs them: then they were asked for. */
bool memory_attaches(struct memory *memory);

/*
 * The attribute user.peekfs.layout of the object. get: 0 and the text appended, -ENODATA if there
 * is none, -EOPNOTSUPP. set: n = 0 removes it; 0, -ENOSPC (too long for the file system),
 * -EOPNOTSUPP, -EACCES, -EPERM, -EROFS. A System V segment that nobody has attached is -EOPNOTSUPP
 * too, unless it is held (below): then it is attached for a moment.
 */
int memory_get_layout(struct memory *memory, struct buf *text);
int memory_set_layout(struct memory *memory, const char *text, size_t n);

/* An open file that needs the memory; while there is one, descriptors may stay. */
void memory_hold(struct memory *memory);
void memory_release(struct memory *memory);
/* Closes what nobody has used for half a second and no open file holds; held or not, what writes,
 * and all of it once the region is gone. True: something is still open, call again. Never waits. */
bool memory_trim(struct memory *memory);

#endif
