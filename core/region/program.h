/* SPDX-License-Identifier: MIT */
/*
 * What a process runs: the ELF files that it maps executable, where each lies in its memory, and
 * which of its words point into a region. Nobody is stopped, and nothing but a read-only descriptor
 * of each file is opened. Thread-safe, as far as each struct belongs to one thread.
 */
#ifndef PEEKFS_REGION_PROGRAM_H
#define PEEKFS_REGION_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROGRAMS_MAX 512 /* files of one process; more are not looked at */

/* Addresses: start ... end-1. */
struct span {
	uint64_t start;
	uint64_t end;
};

struct program {
	dev_t device; /* fstat() of fd */
	ino_t inode;
	int fd;		    /* read-only, at no position; the struct's */
	bool is_public;	    /* everybody may read the file itself; its directories aren't asked */
	bool is_main;	    /* it is /proc/PID/exe */
	uint64_t bias;	    /* of an address in the process over the one in the file */
	struct span loaded; /* in the process, from its first to its last PT_LOAD */
	/* in the process: from its first PT_LOAD with PF_W to its last, .bss included; else empty,
	 * also where that is more than 64 GiB */
	struct span data;
	char *path; /* as the process sees it, without " (deleted)" */
};

struct programs {
	struct program *all; /* by address */
	size_t n;
};

/*
 * The files of the process of thread task; proc is a descriptor of procfs. A file is left out that
 * can't be opened, may hang (a file system that somebody else serves), isn't a regular file or no
 * ELF file of this machine's class. 0; -ENOENT or -ESRCH when the process is gone; -EACCES;
 * -ENOMEM.
 *
 * A file is opened through /proc/PID/map_files, which needs privilege and leads to what is mapped
 * whatever became of its path; else through /proc/PID/exe and /proc/PID/root, where device and
 * inode must be those of the mapping. Its access time stays where O_NOATIME is permitted.
 */
int programs_open(int proc, pid_t task, struct programs *out);
void programs_close(struct programs *programs); /* takes a zeroed one */

/* The file that address is in, or NULL. */
const struct program *programs_at(const struct programs *programs, uint64_t address);

/*
 * Opens the regular file at an absolute path as the process of thread task sees it, links on the
 * way included: a descriptor for reading, -ENOENT, -EACCES ... Never a device, a pipe or what isn't
 * below the root that the process has.
 */
int program_open_path(int proc, pid_t task, const char *path);

/* A word of a process, aligned, in the machine's byte order. */
struct word {
	uint64_t address;
	uint64_t value;
};

#define WORDS_MAX 4096 /* that one search finds */

struct words {
	struct word *all;
	size_t n;
	size_t cap;
};

/*
 * Appends the words of `in` in the process of thread task whose value lies in one of `into`. Only
 * pages are read that are the process's own: what it never wrote can't hold an address that mmap(2)
 * gave it, so no page is faulted in, and nothing waits. At most WORDS_MAX in all.
 * 0; -EACCES, -ESRCH; -ENOMEM.
 */
int words_find(int proc, pid_t task, struct span in, const struct span *into, size_t n_into,
	       struct words *out);
void words_destroy(struct words *words); /* takes a zeroed one */

/* n bytes at address of the process: 0; -EIO when they aren't all there. May fault pages in. */
int process_copy(pid_t task, uint64_t address, void *to, size_t n);

#endif
