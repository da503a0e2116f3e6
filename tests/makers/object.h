/* SPDX-License-Identifier: MIT */
/* Memory objects of every kind that a machine can have, made on request for the tests. */
#ifndef PEEKFS_TESTS_OBJECT_H
#define PEEKFS_TESTS_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What the command line asks for. Zero means: not asked. */
struct wish {
	const char *name; /* path of a file, name of a shm object or memfd */
	uint64_t size;
	mode_t mode;
	int key;	/* SysV; IPC_PRIVATE when not asked */
	unsigned seals; /* F_SEAL_* */
	bool existing;	/* open it, don't create or truncate it */
	bool readonly;	/* open it without the right to write */
};

/* What was made. fd is -1 where the kind has no descriptor, shmid -1 where it has none. */
struct object {
	const struct kind *kind;
	int fd;
	int shmid;
	uint64_t size;
	void *memory; /* the kind's one and only mapping, where making it is mapping it */
};

/*
 * Makes an object of the kind that is called so. 0, or -1 with errno; ENOTSUP says that this
 * machine's kernel or its settings don't offer the kind.
 */
int object_make(const char *kind, const struct wish *wish, struct object *out);

/* Maps len bytes from offset. NULL with errno. A kind that can only be mapped whole ignores both.
 */
void *object_map(struct object *object, uint64_t offset, size_t len, int prot, int flags);

/* One name a line of what object_make() knows. */
void object_list(void);

#endif
