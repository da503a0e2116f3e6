/* SPDX-License-Identifier: MIT */
#include "view/infer_files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "layout/debug_cache.h"

struct infer_file {
	dev_t device;
	ino_t inode;
	struct debug *debug;
	struct cfi *cfi; /* NULL: none, once it was tried */
	bool cfi_tried;
	int fd; /* for cfi, which reads on */
};

static int find(struct infer_files *files, const struct program *program, struct infer_file **out)
{
	struct infer_file *all;

	for (size_t i = 0; i < files->n; i++)
		if (files->all[i].device == program->device &&
		    files->all[i].inode == program->inode) {
			*out = &files->all[i];
			return 0;
		}
	all = reallocarray(files->all, files->n + 1, sizeof(*all));
	if (!all)
		return -ENOMEM;
	files->all = all;
	all[files->n] =
		(struct infer_file){.device = program->device, .inode = program->inode, .fd = -1};
	if (debug_cache_get(program->fd, &all[files->n].debug) < 0)
		return -ENODATA;
	*out = &all[files->n++];
	return 0;
}

int infer_files_debug(struct infer_files *files, const struct program *program, struct debug **out)
{
	struct infer_file *file;
	int r = find(files, program, &file);

	if (r == 0)
		*out = file->debug;
	return r;
}

int infer_files_cfi(struct infer_files *files, const struct program *program, struct cfi **out)
{
	struct infer_file *file;
	int r = find(files, program, &file);

	if (r < 0)
		return r;
	if (!file->cfi_tried) {
		file->cfi_tried = true;
		file->fd = fcntl(program->fd, F_DUPFD_CLOEXEC, 0);
		if (file->fd >= 0)
			cfi_open(file->fd, &file->cfi);
	}
	if (!file->cfi)
		return -ENODATA;
	*out = file->cfi;
	return 0;
}

void infer_files_close(struct infer_files *files)
{
	for (size_t i = 0; i < files->n; i++) {
		debug_unref(files->all[i].debug);
		cfi_close(files->all[i].cfi);
		close_fd(&files->all[i].fd);
	}
	free(files->all);
}
