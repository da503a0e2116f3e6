/* SPDX-License-Identifier: MIT */
/*
 * Regions of a program's own: memory that it shares on purpose.
 *
 * One description, struct create_options, makes or opens an object of any kind that processes
 * share and maps it. What doesn't fit together is refused before the kernel is asked; what the
 * kernel refuses comes back with its error number and, in the diag, the likely cause and what to
 * do about it. What can be done with a region afterwards is created.h.
 *
 * A region appears whole. Its size, its permissions and its layout are there before its name is,
 * so that a program that finds the name never meets a half-made object; and a call that fails
 * leaves no object behind. The exceptions are System V memory, and file systems without O_TMPFILE:
 * there the name comes first.
 *
 * The layout, declarations as in peekfs-layout(5), is kept as the attribute user.peekfs.layout of
 * the object itself and goes where the object goes: peekfs shows the region with its fields, with
 * no further step, to every user who may see it. It isn't parsed here; parse it first with
 * layout_parse() (layout/layout.h) if it could be wrong.
 *
 * All functions are thread-safe.
 */
#ifndef PEEKFS_REGION_CREATE_H
#define PEEKFS_REGION_CREATE_H

#include "base/diag.h"
#include "region/region.h"

struct created;

enum create_flags {
	/* create_new(): what has the name already is opened, all of it, if it is as large (-ENXIO);
	 * struct created_facts tells. */
	CREATE_OR_OPEN = 1 << 0,
	/* create_new(): its blocks are set aside now (-ENOSPC) instead of when they are touched,
	 * where a full file system is a bus error. */
	CREATE_ALLOCATE = 1 << 1,
	/* create_open(), create_adopt(): also maps what lies behind the last page of the object,
	 * a bus error until somebody makes the object longer. */
	CREATE_PAST_END = 1 << 2,
	/* REGION_ANON: by mapping /dev/zero, as programs did before MAP_ANONYMOUS; same memory. */
	CREATE_DEV_ZERO = 1 << 3,
};

/* Zeroed fields are defaults. Strings are copied. */
struct create_options {
	/*
	 * Which kind of object, and what name says:
	 *   REGION_FILE     path of a file
	 *   REGION_SHM      POSIX shared memory, "/NAME" or "NAME": shm_overview(7)
	 *   REGION_MEMFD    any text; it tells people which one it is: memfd_create(2)
	 *   REGION_SYSV     NULL; see key
	 *   REGION_ANON     NULL; shared with the children that fork() makes from now on
	 *   REGION_HUGETLB  a path on a hugetlbfs, any text without '/' (a memfd of huge pages), or
	 *                   NULL (as REGION_ANON)
	 */
	enum region_kind kind;
	const char *name;
	/* REGION_SYSV: a key_t, which plain C11 hasn't got; 0 is IPC_PRIVATE: a new one, or,
	 * opening, the one with shmid. */
	int key;
	int shmid; /* REGION_SYSV, create_open() with key 0 */

	/* Bytes of a new object; huge pages: rounded up to whole ones. Opening one: 0. */
	uint64_t size;
	/* What of it is mapped: offset is a multiple of the page, length 0 goes to the end. Mapped
	 * are whole pages. */
	uint64_t offset;
	uint64_t length;
	uint64_t huge_page; /* REGION_HUGETLB without a path: bytes, 0: the system's default */

	/*
	 * PROT_READ, PROT_WRITE, PROT_EXEC; none of them is PROT_NONE. create_open() opens the
	 * object for writing only with PROT_WRITE.
	 */
	int prot;
	/*
	 * MAP_LOCKED (all of it is in memory afterwards, or the call fails), MAP_POPULATE,
	 * MAP_NORESERVE, MAP_SYNC (REGION_FILE on DAX), and of MAP_FIXED, which replaces what is
	 * mapped at address, and MAP_FIXED_NOREPLACE (-EEXIST) one. MAP_SHARED goes without saying.
	 */
	int map_flags;
	void *address; /* a hint, or with MAP_FIXED* where it must be */
	unsigned flags;
	mode_t mode;	    /* permission bits of a new object, less the umask; 0: 0600 */
	const char *layout; /* of a new object; NULL: none */
};

/*
 * Makes an object and maps it: 0 and *out, for created_free(). The object of a region with a name
 * (and of System V memory) outlives the program until created_remove(). diag may be NULL.
 *
 * -EINVAL options that can't be: the message begins with the one that is meant
 * -EEXIST the name is taken; the addresses are (MAP_FIXED_NOREPLACE)
 * -ENOENT, -ENOTDIR, -EROFS, -ENAMETOOLONG, -EMFILE, -ENFILE as open(2); what memfd_create(2) and
 *   shmget(2) say
 * -ENOSPC, -EDQUOT, -EFBIG no room for the object, or a limit on System V memory; -ENOSPC also: the
 *   layout is longer than an attribute may be
 * -ENXIO the object that is there (CREATE_OR_OPEN) is smaller than size
 * -EOPNOTSUPP the layout can't be kept on such an object (where it may fail, set it later by
 *   created_set_layout()); MAP_SYNC without DAX
 *
 * and what mapping it can answer, as mmap(2) lists it and Linux means it today:
 *
 * -EACCES no permission; PROT_WRITE and a descriptor that isn't O_RDWR; O_WRONLY; append-only; a
 *   directory, device, pipe or socket
 * -EAGAIN MAP_LOCKED takes the process over RLIMIT_MEMLOCK
 * -EBADF not an open descriptor, or one opened O_PATH
 * -ENODEV the file system can't map it (procfs, sysfs ...); no huge pages of that size
 * -ENOMEM no such room in the address space (or RLIMIT_AS), more memory than the kernel promises,
 *   too many mappings, or no huge pages free
 * -EOVERFLOW offset and length reach 2^63
 * -EPERM PROT_EXEC on a noexec mount; a memfd sealed against writing; MAP_LOCKED and RLIMIT_MEMLOCK
 *   0; a layout for anonymous or System V memory, without root
 * -ETXTBSY PROT_WRITE of a program that runs, or of swap space in use. (MAP_DENYWRITE, which the
 *   manual names here, has been ignored since Linux 2.4; here it is -EINVAL.)
 */
int create_new(const struct create_options *options, struct created **out, struct diag *diag);

/*
 * Opens an object that is there, by name, key or shmid, and maps it. REGION_MEMFD and REGION_ANON
 * have no name to find them by: create_adopt(), fork(). Errors as above, without those of making;
 * -ENXIO: offset or length reach behind the last page of the object.
 */
int create_open(const struct create_options *options, struct created **out, struct diag *diag);

/*
 * Maps the object of a descriptor that came from elsewhere: inherited, received over a socket. fd
 * stays the caller's and may be closed afterwards. kind and name of the options are ignored: the
 * descriptor tells them. Errors as create_open().
 */
int create_adopt(int fd, const struct create_options *options, struct created **out,
		 struct diag *diag);

#endif
