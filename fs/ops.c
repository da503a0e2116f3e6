/* SPDX-License-Identifier: MIT */
#include "fs/ops.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/sanitizer.h"
#include "fs/kinds.h"

/* The kernel has it from open_send(). */
static struct file *file_of(const struct fuse_file_info *info)
{
	struct file *file = info ? (struct file *)(uintptr_t)info->fh : NULL;

	if (file)
		sanitizer_received(file);
	return file;
}

static void op_init(void *userdata, struct fuse_conn_info *conn)
{
	struct server *server = userdata;

	/* A slow look-up in a directory keeps nobody else out of it. */
	conn->want |= conn->capable & FUSE_CAP_PARALLEL_DIROPS;
	conn->max_write = REQUEST_MAX;
	passthrough_init(server->passthrough, conn);
	atomic_store(&server->uring_offered, uring_offered(conn));
	server->ready(server->context);
}

static void op_lookup(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	struct request request = {
		.kind = &kind_lookup, .req = req, .data = name, .length = strlen(name)};

	request_run(&request, parent);
}

static void op_forget(fuse_req_t req, fuse_ino_t ino, uint64_t count)
{
	struct server *server = fuse_req_userdata(req);

	tree_forget(server->tree, ino, count);
	fuse_reply_none(req);
}

static void op_forget_multi(fuse_req_t req, size_t n, struct fuse_forget_data *list)
{
	struct server *server = fuse_req_userdata(req);

	for (size_t i = 0; i < n; i++)
		tree_forget(server->tree, list[i].ino, list[i].nlookup);
	fuse_reply_none(req);
}

static void op_getattr(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_getattr, .req = req};

	(void)info;
	request_run(&request, ino);
}

/* Owners, modes and times follow from the region; only a size can be asked for. */
static void op_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *attr, int which,
		       struct fuse_file_info *info)
{
	const int fixed = FUSE_SET_ATTR_MODE | FUSE_SET_ATTR_UID | FUSE_SET_ATTR_GID |
			  FUSE_SET_ATTR_ATIME | FUSE_SET_ATTR_ATIME_NOW | FUSE_SET_ATTR_MTIME |
			  FUSE_SET_ATTR_MTIME_NOW;
	struct request request = {
		.kind = which & FUSE_SET_ATTR_SIZE ? &kind_truncate : &kind_getattr,
		.req = req,
		.file = which & FUSE_SET_ATTR_SIZE ? file_of(info) : NULL,
		.offset = (uint64_t)attr->st_size,
	};

	if (which & fixed)
		fuse_reply_err(req, EPERM);
	else
		request_run(&request, ino);
}

static void op_readlink(fuse_req_t req, fuse_ino_t ino)
{
	struct request request = {.kind = &kind_readlink, .req = req};

	request_run(&request, ino);
}

static void op_open(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_open, .req = req, .flags = info->flags};

	request_run(&request, ino);
}

static void op_opendir(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct request request = {
		.kind = &kind_open, .req = req, .flags = info->flags | O_DIRECTORY};

	request_run(&request, ino);
}

static void op_readdir(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		       struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_readdir,
				  .req = req,
				  .file = file_of(info),
				  .size = size,
				  .offset = (uint64_t)offset};

	request_run(&request, ino);
}

static void op_read(fuse_req_t req, fuse_ino_t ino, size_t size, off_t offset,
		    struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_read,
				  .req = req,
				  .file = file_of(info),
				  .size = size,
				  .offset = (uint64_t)offset};

	request_run(&request, ino);
}

static void op_write(fuse_req_t req, fuse_ino_t ino, const char *data, size_t size, off_t offset,
		     struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_write,
				  .req = req,
				  .file = file_of(info),
				  .data = data,
				  .length = size,
				  .offset = (uint64_t)offset};

	request_run(&request, ino);
}

static void op_flush(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_flush, .req = req, .file = file_of(info)};

	request_run(&request, ino);
}

static void op_fsync(fuse_req_t req, fuse_ino_t ino, int datasync, struct fuse_file_info *info)
{
	(void)datasync;
	op_flush(req, ino, info);
}

static void op_lseek(fuse_req_t req, fuse_ino_t ino, off_t offset, int whence,
		     struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_lseek,
				  .req = req,
				  .file = file_of(info),
				  .flags = whence,
				  .offset = (uint64_t)offset};

	request_run(&request, ino);
}

static void op_release(fuse_req_t req, fuse_ino_t ino, struct fuse_file_info *info)
{
	struct request request = {.kind = &kind_release, .req = req, .file = file_of(info)};

	request_run(&request, ino);
}

static void refuse(fuse_req_t req)
{
	fuse_reply_err(req, EPERM);
}

static void op_mknod(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode, dev_t device)
{
	(void)parent, (void)name, (void)mode, (void)device;
	refuse(req);
}

static void op_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name, mode_t mode)
{
	(void)parent, (void)name, (void)mode;
	refuse(req);
}

static void op_unlink(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent, (void)name;
	refuse(req);
}

static void op_symlink(fuse_req_t req, const char *link, fuse_ino_t parent, const char *name)
{
	(void)link, (void)parent, (void)name;
	refuse(req);
}

static void op_rename(fuse_req_t req, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
		      const char *new_name, unsigned flags)
{
	(void)parent, (void)name, (void)new_parent, (void)new_name, (void)flags;
	refuse(req);
}

static void op_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent, const char *name)
{
	(void)ino, (void)parent, (void)name;
	refuse(req);
}

/* What isn't here, the kernel is told once and asks no more: extended attributes, locks that others
 * see, poll, fallocate. It checks access by itself. */
const struct fuse_lowlevel_ops ops_table = {
	.init = op_init,
	.lookup = op_lookup,
	.forget = op_forget,
	.forget_multi = op_forget_multi,
	.getattr = op_getattr,
	.setattr = op_setattr,
	.readlink = op_readlink,
	.open = op_open,
	.opendir = op_opendir,
	.readdir = op_readdir,
	.read = op_read,
	.write = op_write,
	.flush = op_flush,
	.fsync = op_fsync,
	.lseek = op_lseek,
	.release = op_release,
	.releasedir = op_release,
	.mknod = op_mknod,
	.mkdir = op_mkdir,
	.unlink = op_unlink,
	.rmdir = op_unlink,
	.symlink = op_symlink,
	.rename = op_rename,
	.link = op_link,
};
