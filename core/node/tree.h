/* SPDX-License-Identifier: MIT */
/*
 * The tree: names, inode numbers and nodes, without FUSE.
 *
 * An inode number is computed: slot, view and ordinal packed into 64 bits (inode.h). Nothing is
 * stored per node; a binding has a slot, and a slot is free again when the kernel has forgotten
 * every inode of it and no file of it is open. A later owner of the slot has another generation.
 *
 * Every function is thread-safe. Those that can wait say so; node_waits() tells beforehand.
 */
#ifndef PEEKFS_NODE_TREE_H
#define PEEKFS_NODE_TREE_H

#include "view/view.h"

struct tree;

struct tree_options {
	double scan_ttl;  /* seconds that a scan is good for; 0: scan at each question */
	bool all;	  /* list noise too */
	const char *proc; /* NULL: /proc */
	const char *shm;  /* NULL: /dev/shm */
	pid_t self;	  /* the process that isn't listed */
	/* The entry `name` of directory parent isn't what it was; called by whichever thread found
	 * out, maybe while it answers a request: to be queued, not acted upon. May be NULL. */
	void (*changed)(void *context, uint64_t parent, const char *name);
	/* Lines that the daemon adds to `status`. May be NULL. */
	void (*status)(void *context, struct buf *out);
	/* Whether fd, a descriptor of node_backing(), can be handed over as it is. May be NULL: no.
	 */
	bool (*passes)(void *context, int fd);
	void *context;
};

#define TREE_ROOT_INO 1

/* 0 and *out, for tree_free(); -ENOMEM; why /proc can't be read. */
int tree_new(const struct tree_options *options, struct tree **out);
void tree_free(struct tree *tree); /* takes NULL; no node or handle may be left */

/* The mount's own device, once it is known: mappings of its files are mappings of regions. */
void tree_set_device(struct tree *tree, uint32_t major, uint32_t minor);

/* The node of an inode number: 0, -ESTALE. The node holds a reference; node_put() gives it back. */
int tree_node(struct tree *tree, uint64_t ino, struct node *out);
void node_put(struct node *node);
#define CLEANUP_NODE CLEANUP(node_put)

/* Its number and generation. */
uint64_t node_ino(const struct node *node, uint32_t *generation);
/* The kernel was told of the node once more (each successful LOOKUP reply). */
void node_remember(const struct node *node);
/* The kernel forgot the inode count times. */
void tree_forget(struct tree *tree, uint64_t ino, uint64_t count);

/* 0 and a child to put; -ENOENT, -ENOTDIR; -ENFILE all slots are taken; -ESTALE when the layout
 * that dir is of was replaced, and the one in effect makes no such directory: the kernel then walks
 * the path again from its start. */
int node_lookup(const struct node *dir, const char *name, struct node *child);
int node_stat(const struct node *node, const struct caller *caller, struct attr *attr);
int node_link(const struct node *node, struct buf *out);
/* truncate(2) by path: 0 where the size is that already or is no property of the file (0 clears a
 * layout); else -EPERM, so that nobody cuts a file from under its mappers. -EACCES. */
int node_truncate(const struct node *node, uint64_t size);
/* For passthrough: a read-only descriptor of the object that the node is, which the caller closes
 * after use. *quiet: reading it moves no access time. -EOPNOTSUPP: the node isn't an object. */
int node_backing(const struct node *node, int *fd, bool *quiet);

/* Seconds that the kernel may keep a name, and attributes: 0 where values decide them. */
double node_name_ttl(const struct node *node);
double node_attr_ttl(const struct node *node);

/* Whether answering for this node may wait for a scan or for a process or file system that isn't
 * in our hands, or takes time that grows with a region (what is resident is counted by pages) or
 * with a record (its text is made of all of it). lane is equal for questions that would wait for
 * the same. */
bool node_waits(const struct node *node, uint64_t *lane);

/* Once or twice a second, from a thread of its own: closes what isn't needed any more. True:
 * something is open still; false: it may sleep until the next file is opened. */
bool tree_tidy(struct tree *tree);

#endif
