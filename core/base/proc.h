/* SPDX-License-Identifier: MIT */
/*
 * Reading procfs, wherever it is mounted: files of one process by number, relative to a descriptor
 * of the procfs root, so that no path is walked from "/" again and a test can offer a directory
 * of its own. Nothing here waits for the process that is looked at. Thread-safe.
 */
#ifndef PEEKFS_BASE_PROC_H
#define PEEKFS_BASE_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define PROC_PATH_MAX 64 /* "PID/task/TID/map_files/START-END" and its NUL fit */

/* A descriptor of procfs, to be closed by the caller, or why not. path NULL: /proc. */
int proc_open(const char *path);
/* True when pids in this procfs are those that our own system calls take. */
bool proc_is_own(int proc);

/* Opens PID/FILE read-only: a descriptor, -ENOENT or -ESRCH when the process is gone, -EACCES. */
int proc_open_file(int proc, pid_t pid, const char *file);
/* Reads PID/FILE, at most size - 1 bytes, and terminates it: the number of bytes, or -errno. For a
 * file that the kernel hands out in one read, as it does stat, status, comm and cmdline. */
ssize_t proc_read(int proc, pid_t pid, const char *file, char *to, size_t size);
/* Reads the link PID/FILE and terminates it: its length, -ENAMETOOLONG, or -errno. */
ssize_t proc_link(int proc, pid_t pid, const char *file, char *to, size_t size);
/* What the kernel says behind a path that is gone, in links and maps; a file may be called so, too.
 */
#define PROC_DELETED " (deleted)"
/* How much of the n bytes of a path is in front of that; n when it isn't there. */
size_t proc_path_length(const char *path, size_t n);
/* The number of a namespace, as in "ipc:[4026531839]"; name is "ns/ipc", "ns/mnt" ... */
int proc_namespace(int proc, pid_t pid, const char *name, uint64_t *out);

/* What /proc/PID/stat says, proc(5). */
struct proc_stat {
	char comm[16];
	char state;
	uint64_t start_time; /* field 22: clock ticks since boot */
};
/* 0, -ENOENT or -ESRCH when it is gone, -EINVAL when it isn't what proc(5) says. */
int proc_read_stat(int proc, pid_t pid, struct proc_stat *out);

/* What /proc/PID/status says, proc(5). */
struct proc_status {
	uid_t uid[4];	    /* real, effective, saved, file system */
	gid_t gid[4];	    /* the same */
	pid_t nspid;	    /* in the innermost pid namespace */
	uint64_t permitted; /* CapPrm */
};
/* 0, -ENOENT or -ESRCH when it is gone, -EINVAL when it isn't what proc(5) says, -ENOMEM. */
int proc_read_status(int proc, pid_t pid, struct proc_status *out);

#endif
