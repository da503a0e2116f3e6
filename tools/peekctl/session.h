/* SPDX-License-Identifier: MIT */
/*
 * One call's look at the machine: the same tree as the mount's, asked without one. There is one
 * scan a session; all that a call prints is of that moment.
 */
#ifndef PEEKFS_PEEKCTL_SESSION_H
#define PEEKFS_PEEKCTL_SESSION_H

#include "node/tree.h"
#include "peekctl/verb.h"

struct session {
	struct tree *tree;
	struct env *env;	   /* borrowed from the tree */
	struct snapshot *snapshot; /* the scan */
	struct caller caller;	   /* who we are */
	struct buf layout;	   /* of --layout, once it was read */
};

/* An enum status, as of all functions below; what went wrong was told. own: list what this process
 * maps too. */
int session_open(struct session *session, bool own);
void session_close(struct session *session); /* takes a zeroed one */

/* What an argument NAME[/PATH] leads to. */
struct target {
	struct object *object;
	struct region *region;
	struct buf path;  /* with '/' between its names; empty: the region itself */
	struct node node; /* of the field; node.binding is NULL without a layout that fits */
};
void target_close(struct target *target); /* takes a zeroed one */

/* The region that NAME[/PATH] begins with, and at *path what stands behind the name: "", or its
 * slash and what follows. A NAME that begins with '/' is the path of an object. */
int session_start(struct session *session, const char *argument, const char **path,
		  struct target *out);
/* The region alone; a PATH is an error. */
int session_region(struct session *session, const char *name, struct target *out);
/* Calls use for each region that is named. One that isn't there, or that use fails for, keeps no
 * other from its turn: the last status that wasn't STATUS_OK. */
typedef int session_use_fn(struct session *session, const struct target *target, void *context);
int session_each(struct session *session, int n, char **names, session_use_fn *use, void *context);
/* The region and the field in it. layout: a file of C that is laid over it for this call, or NULL.
 * A region without a layout is an error, unless optional and there is no PATH. */
int session_field(struct session *session, const char *argument, const char *layout, bool optional,
		  struct target *out);
/* The same for a region that a scan found. False: there is no layout, none that programs tell, or
 * it doesn't fit. */
bool session_fields(struct object *object, struct node *out);

/* All that a file holds; "-" is standard input. */
int read_file(const char *path, struct buf *out);
/* Tells what is wrong with a layout, as compilers do; returns STATUS_FAILED. */
int bad_layout(const char *file, const struct diag *diag, int err);

/* Why the bytes of a region could not be read or written, and what to do; for failed(). */
const char *why(int err);

#endif
