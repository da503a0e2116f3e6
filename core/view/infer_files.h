/* SPDX-License-Identifier: MIT */
/* The debug information of the files that programs map, each file opened once in one search. For
 * infer.c; belongs to one thread. */
#ifndef PEEKFS_VIEW_INFER_FILES_H
#define PEEKFS_VIEW_INFER_FILES_H

#include "layout/cfi.h"
#include "layout/debug.h"
#include "region/program.h"

struct infer_file;

/* Starts zeroed. */
struct infer_files {
	struct infer_file *all;
	size_t n;
};

/* Of that file, borrowed until infer_files_close(): 0 and *out; -ENODATA it has none; -ENOMEM. */
int infer_files_debug(struct infer_files *files, const struct program *program, struct debug **out);
/* What tells how its frames are unwound: the same. */
int infer_files_cfi(struct infer_files *files, const struct program *program, struct cfi **out);
void infer_files_close(struct infer_files *files);

#endif
