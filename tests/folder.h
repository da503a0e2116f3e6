/* SPDX-License-Identifier: MIT */
/*
 * A folder of a test program's own, below TMPDIR, where tools/check looks for what is left. Named
 * as a group's tear-down, folder_remove() runs when cases fail as well.
 */
#ifndef PEEKFS_TESTS_FOLDER_H
#define PEEKFS_TESTS_FOLDER_H

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

static char folder[100]; /* empty: there is none */

static inline int folder_remove_one(const char *path, const struct stat *st, int type,
				    struct FTW *ftw)
{
	(void)st, (void)type, (void)ftw;
	if (remove(path) == 0)
		return 0;
	fprintf(stderr, "%s stays: %s\n", path, strerror(errno));
	return -1;
}

/* Takes it away with all that is in it, and what a failed case left mounted on it. 0; -1, with what
 * stays and why on stderr. Nothing when there is none. */
static inline int folder_remove(void **state)
{
	char path[sizeof(folder)];

	(void)state;
	if (!folder[0])
		return 0;
	while (umount2(folder, MNT_DETACH) == 0)
		;
	strcpy(path, folder);
	folder[0] = 0;
	return nftw(path, folder_remove_one, 8, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* Makes it, of mode 0700, and removes the one of a case before that failed. 0; -1, with why on
 * stderr. */
static inline int folder_make(void **state)
{
	const char *tmp = getenv("TMPDIR");
	char *real = realpath(tmp ? tmp : "/tmp", NULL);
	int n = 0;

	folder_remove(state);
	if (real)
		n = snprintf(folder, sizeof(folder), "%s/peekfs-test.XXXXXX", real);
	free(real);
	if (n > 0 && n < (int)sizeof(folder) && mkdtemp(folder))
		return 0;
	fprintf(stderr, "no folder in TMPDIR: %s\n",
		n < (int)sizeof(folder) ? strerror(errno) : "its path is too long");
	folder[0] = 0;
	return -1;
}

#endif
