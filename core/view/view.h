/* SPDX-License-Identifier: MIT */
/*
 * A view is one way to look at an object: a const table of operations, one file each in this
 * folder. A node is a value: which binding, which view, and which of the view's nodes.
 *
 * To add a view: write view_X.c with its table, declare the table below, add it to the list in
 * node/inode.c and the file to meson.build. Nothing else knows it.
 */
#ifndef PEEKFS_VIEW_VIEW_H
#define PEEKFS_VIEW_VIEW_H

#include "view/object.h"

struct view_ops;

struct node {
	struct binding *binding;
	const struct view_ops *view;
	uint64_t ordinal; /* what it counts is the view's business; below LAYOUT_SPAN_MAX */
};

/* Of the object that it is a node of; borrowed. */
static inline struct memory *node_memory(const struct node *node)
{
	return object_memory(node->binding->object);
}

/* Who asks. The kernel has checked the mode already; this is for what isn't said to everybody. */
struct caller {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

struct attr {
	mode_t mode; /* type and permission bits */
	uid_t uid;
	gid_t gid;
	uint64_t size;	 /* bytes */
	uint64_t blocks; /* of 512 bytes */
};

enum view_flags {
	VIEW_DIRECTORY = 1 << 0, /* else a file */
	VIEW_LINK = 1 << 1,	 /* a symbolic link */
	VIEW_PUBLIC = 1 << 2,	 /* everybody may read it; else who may read the region's bytes */
	VIEW_EDITABLE = 1 << 3,	 /* who may write the region's bytes may write it */
	VIEW_SCANS = 1 << 4,	 /* answering may take a scan */
	VIEW_BESIDE = 1 << 7,	 /* editing it leaves the region's bytes alone: a region that is
				  * mapped read-only doesn't forbid it */
	VIEW_MAPPED = 1 << 8,	 /* the kernel keeps pages of it while it is open, so that it can be
				  * mapped; each read(2) is of the moment all the same */
	VIEW_MOMENT = 1 << 9,	 /* what stands at its name may be another node with the next store,
				  * or the next layout: nobody may cache the name */
	VIEW_PASSES = 1 << 6,	 /* is the object itself: the kernel may be given the descriptor */
};

#define VIEW_PIECE (128u << 10) /* bytes: two make what cat(1) reads at once */

/*
 * Called for each entry of a directory, in order. cursor is where to go on after this entry.
 * False: stop, there is no room; the entry wasn't taken.
 */
typedef bool view_emit_fn(void *context, const char *name, const struct node *child,
			  uint64_t cursor);

/*
 * How much of a value has come. Shells drop what close(2) says, so a first piece of one line that
 * ends in a newline is taken for the whole: what is wrong with it must be told in its write.
 */
enum store_part {
	STORE_FIRST, /* in one write */
	STORE_LAST,  /* nothing follows: -EAGAIN isn't an answer */
	STORE_MORE,  /* in several, and maybe there will be others */
};

/*
 * Every operation: 0 or a negative errno, unless said otherwise; outputs untouched on failure; any
 * number of threads at once, also on one node. A child node that is handed out has its own
 * reference of its binding. core/node is the only caller; it has checked what stands in flags, so
 * an operation is never called on a node of the wrong kind.
 */
struct view_ops {
	const char *name; /* in its parent and in messages */
	unsigned flags;

	/* The child of that name: -ENOENT. NULL: a directory without children. */
	int (*lookup)(const struct node *dir, const char *name, struct node *child);

	/* Emits the entries from cursor on; 0 is the start. "." and ".." aren't its business.
	 * Emitted children are borrowed for the call. snapshot: for VIEW_SCANS the one that this
	 * listing is of from its start to its end, else NULL. NULL: empty. */
	int (*list)(const struct node *dir, const struct snapshot *snapshot, uint64_t cursor,
		    view_emit_fn *emit, void *context);

	/* Corrects *attr, which holds type, owner and mode as flags say, size 0.
	 * NULL: right as it is, but the size of a file with render() is the length it renders. */
	int (*stat)(const struct node *node, const struct caller *caller, struct attr *attr);

	/* The target of a link, appended to out. */
	int (*link)(const struct node *node, struct buf *out);

	/* The whole text of a small file, at one moment, appended to out. */
	int (*render)(const struct node *node, const struct caller *caller, struct buf *out);

	/* A file that is too large for render(): up to n bytes at offset; how many there were. */
	ssize_t (*read)(const struct node *node, void *to, size_t n, uint64_t offset);
	/* Of such a file that has lines, all of one length: *line bytes, from the file's start on.
	 * Whoever reads it in order gets each line of one moment. NULL: it has none. */
	int (*line)(const struct node *node, size_t *line);

	/* A stream: a file of a length that nobody knows (its size is 0) and that is read in order.
	 * begin: *stream is the state of one reading from the start, for end(); node outlives it.
	 * next: appends the next piece, of about VIEW_PIECE, to out; nothing is the end. It may be
	 * called again after an error. One stream belongs to one thread at a time. */
	int (*begin)(const struct node *node, void **stream);
	int (*next)(void *stream, struct buf *out);
	void (*end)(void *stream);

	/* A whole value to parse and store: all or nothing. -EINVAL, -ERANGE and the like come with
	 * *diag. -EAGAIN: it is a proper beginning, more must follow; nothing was stored. */
	int (*store)(const struct node *node, const char *text, size_t n, enum store_part part,
		     struct diag *diag);

	/* Asked before store(): does what a text asks for that is no value, for the caller who
	 * opened the file. -ENOENT: it is no request; else as store(). NULL: none is. */
	int (*request)(const struct node *node, const struct caller *caller, const char *text,
		       size_t n, enum store_part part, struct diag *diag);

	/* Bytes in place of store(): how many were written. */
	ssize_t (*write)(const struct node *node, const void *from, size_t n, uint64_t offset);

	/* The file was truncated, nothing was written, and it is closed now. NULL: nothing. */
	int (*clear)(const struct node *node);

	/* lseek(2), SEEK_DATA and SEEK_HOLE. NULL: all is data. */
	int (*seek)(const struct node *node, uint64_t offset, int whence, uint64_t *out);
};

/* In the root (ordinal 0, the tree's own binding). */
extern const struct view_ops view_readme;
extern const struct view_ops view_summary;
extern const struct view_ops view_status;

/* In regions/NAME (ordinal 0, an object's plain binding). */
extern const struct view_ops view_info;
extern const struct view_ops view_mappers;
extern const struct view_ops view_layout;
extern const struct view_ops view_raw;
extern const struct view_ops view_hex;

/*
 * fields/ and all below (a binding with bound; ordinal: the place's). view_record is every
 * directory, `fields` itself (ordinal 0) included, view_field every other scalar, but view_digits
 * large TYPE_BYTES.
 */
extern const struct view_ops view_record;
extern const struct view_ops view_field;
extern const struct view_ops view_digits;
/* What can lead to a record of the region: a file while it doesn't, a link while it does. */
extern const struct view_ops view_pointer;
extern const struct view_ops view_link;
/* Which of them shows a place of that type; view_pointer may turn out to be view_link. */
const struct view_ops *view_of_type(const struct type *type);
/* What is in tables/ (ordinal 0) and, with the ordinal of an array, its files. */
extern const struct view_ops view_tables;
extern const struct view_ops view_table_text;
extern const struct view_ops view_table_csv;
extern const struct view_ops view_table_json;
/* .json and .raw of the struct directory with that ordinal. */
extern const struct view_ops view_json;
extern const struct view_ops view_bytes;
/* .doc of one whose members have any: what their authors say of them. */
extern const struct view_ops view_doc;
bool type_has_doc(const struct type *type);

#endif
