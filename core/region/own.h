/* SPDX-License-Identifier: MIT */
/* What create.h, created.h and track.h share behind their backs. */
#ifndef PEEKFS_REGION_OWN_H
#define PEEKFS_REGION_OWN_H

#include "region/created.h"

struct seen { /* a process that an earlier look found */
	pid_t pid;
	uint64_t start_time;
	uint64_t after;
	uint64_t since;
};

struct created {
	enum region_kind kind;
	bool opened;
	char *name; /* see struct created_facts */
	char *path; /* of what has one, to open and to remove it by */
	int fd;	    /* -1: anonymous and System V memory */
	int shmid;  /* -1: not System V */
	char *address;
	uint64_t asked;
	uint64_t offset;
	uint64_t mapped; /* 0: not mapped yet */
	uint64_t page;
	int prot;
	int map_flags; /* MAP_SHARED and what the caller asked for */
	uint64_t since;
	uint64_t looked_at; /* the last look of created_track(), 0: none yet */
	struct seen *seen;
	size_t n_seen;
};

/* ---- own_check.c: what the kernel needn't be asked. 0, -EINVAL, -EOVERFLOW. ---- */

int own_check_new(const struct create_options *options, struct diag *diag);
int own_check_open(const struct create_options *options, struct diag *diag);
int own_check_adopt(const struct create_options *options, struct diag *diag);

/* ---- own_object.c: objects with a descriptor ---- */

/* shm_overview(7); glibc and musl both have it here */
#define OWN_SHM_FOLDER "/dev/shm/"

/* Makes the object, complete, or (CREATE_OR_OPEN) opens it: fd, name, path, kind, opened. */
int own_make(struct created *created, const struct create_options *options, struct diag *diag);
int own_open(struct created *created, const struct create_options *options, struct diag *diag);
/* What fd is: page, and kind hugetlb, by its file system. 0; an error and *diag where it is
 * anything but a regular file. */
int own_inspect(struct created *created, struct diag *diag);
/* The page of huge, anonymous memory. */
int own_huge_page(struct created *created, const struct create_options *options, struct diag *diag);
/* 0 and the bytes; whatever the kind. */
int own_size(const struct created *created, uint64_t *size);
/* Makes it so long; beyond RLIMIT_FSIZE nobody dies: 0; -EFBIG and what ftruncate(2) says. */
int own_set_size(int fd, uint64_t size);
/* Whether path leads to the object of fd. */
bool own_is_at(int fd, const char *path);

/* ---- own_adopt.c ---- */

/* Takes a duplicate of fd: fd, name, path, kind, opened. */
int own_adopt(struct created *created, int fd, struct diag *diag);

/* ---- own_map.c ---- */

/* Maps what the options ask for: address, mapped, since. */
int own_map(struct created *created, const struct create_options *options, struct diag *diag);
/* Makes the mapping so long, whole pages: address and mapped, or -errno. */
int own_remap(struct created *created, uint64_t length);

/* ---- own_sysv.c ---- */

int own_sysv_get(struct created *created, const struct create_options *options, bool make,
		 struct diag *diag);
int own_sysv_attach(struct created *created, const struct create_options *options,
		    struct diag *diag);
int own_sysv_size(int shmid, uint64_t *size);
int own_sysv_remove(int shmid);

/* ---- own_self.c: what the kernel says of our mapping ---- */

struct own_mapping {
	uint64_t start;
	uint64_t end;
	uint64_t inode;
	uint32_t major;
	uint32_t minor;
};
/* The mapping that holds address: 0; -ENOENT. */
int own_mapping_at(const void *address, struct own_mapping *out);

/* ---- own_why.c: an error told to a person; all return err ---- */

enum { WHY_LABEL = 96 };
/* What to call the object in a message. Returns to. */
const char *own_why_label(const struct created *created, char to[static WHY_LABEL]);
int own_why_open(const char *path, bool writing, int err, struct diag *diag);
int own_why_make(const char *path, int err, struct diag *diag);
int own_why_size(const struct created *created, uint64_t size, int err, struct diag *diag);
int own_why_map(const struct created *created, uint64_t length, int err, struct diag *diag);
int own_why_lock(const struct created *created, uint64_t length, int err, struct diag *diag);
int own_why_layout(const struct created *created, size_t n, int err, struct diag *diag);
int own_why_remove(const struct created *created, int err, struct diag *diag);

static inline uint64_t own_round(uint64_t n, uint64_t unit)
{
	return (n + unit - 1) / unit * unit;
}

#endif
