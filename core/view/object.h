/* SPDX-License-Identifier: MIT */
/*
 * An object is a region that somebody looks at: the newest facts of it, its live memory, and the
 * layout that is laid over it. It outlives scans, and lives while the kernel or an open file knows
 * a node of it.
 *
 * A binding is what nodes point to, and owns a slot of the inode space. An object has one for its
 * plain files (raw, hex, info ...), whose numbers never change, and one more for each layout it has
 * had, whose `bound` numbers the fields. A new layout is a new binding: open files keep the old
 * one, the path leads to the new one, and no inode ever changes its meaning.
 */
#ifndef PEEKFS_VIEW_OBJECT_H
#define PEEKFS_VIEW_OBJECT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/diag.h"
#include "layout/layout.h"
#include "region/memory.h"
#include "region/registry.h"
#include "view/rules.h"

struct object;
struct binding;
struct caller;
struct inference;

/* What the views share, and what they may ask of whoever serves them. */
struct env {
	struct registry *registry;
	uint64_t ttl;	     /* ns that a scan is good for */
	bool all;	     /* list noise too */
	const char *proc;    /* NULL: /proc */
	uint64_t ipcns;	     /* inode of our own ipc namespace */
	struct rules *rules; /* NULL: none */
	/* The object of a region: a reference for object_unref(). */
	int (*object)(struct env *env, struct region *region, struct object **out);
	/* Lines that the daemon adds to `status`. May be NULL. */
	void (*status)(void *context, struct buf *out);
	/* Whether whoever serves `raw` can hand over fd, a descriptor of the object, so that it is
	 * the object itself to who opens it. May be NULL: no. */
	bool (*passes)(void *context, int fd);
	void *serving; /* their context */
	/* What the binding numbers isn't in effect any more: its variables aren't those of
	 * `fields`. May be NULL. */
	void (*relaid)(void *context, const struct binding *old);
	/* The binding's last reference is gone; it is freed when this returns. May be NULL. */
	void (*unbind)(void *context, struct binding *binding);
	void *context;
};

struct binding {
	atomic_uint refs;
	uint32_t slot; /* the node storey's; 0 until it has one */
	uint32_t generation;
	uint64_t lookups; /* the kernel's, over all its nodes; the node storey's too */
	struct env *env;
	struct object *object; /* NULL for the binding of the tree's own directories */
	struct bound *bound;   /* NULL for an object's plain files */
};

enum layout_origin {
	LAYOUT_NONE,
	LAYOUT_WRITTEN,
	LAYOUT_ATTRIBUTE,
	LAYOUT_RULE,
	LAYOUT_BUILTIN,
	LAYOUT_DEBUGINFO,
};

/* 0 and *out, a reference; -ENOMEM. */
int object_new(struct env *env, struct region *region, struct object **out);
struct object *object_ref(struct object *object);
void object_unref(struct object *object); /* takes NULL */
/* Which region it is of. */
const struct region_id *object_id(const struct object *object);
/* The plain binding: borrowed, lives as long as the object. */
struct binding *object_plain(struct object *object);
struct memory *object_memory(struct object *object); /* borrowed */
/* The newest facts: a reference for region_unref(), or NULL: the region is gone. */
struct region *object_region(struct object *object);
/* After a scan: newer facts, NULL when the region wasn't found. */
void object_follow(struct object *object, struct region *region);

/*
 * The binding of the layout in effect, laid over the size that the region has now: a reference for
 * binding_unref(). The first call looks for the object's attribute.
 * 0; -ENOENT there is no layout; -EINVAL it doesn't fit the region (the reason is in `info`); -EIO.
 */
int object_fields(struct object *object, struct binding **out);

/* Whether what binding numbers is still what the path leads to: true for a plain binding, false for
 * one whose layout was replaced or cleared. */
bool object_is_current(const struct binding *binding);

/*
 * Sets the layout, keeps it on the object where that works. n = 0 clears it.
 * 0; -EINVAL, -E2BIG with *diag and the old layout still in effect; -ENOMEM.
 */
int object_set_layout(struct object *object, const char *text, size_t n, struct diag *diag);
/* How often that was done: tells whether it was since. */
unsigned object_layouts_set(const struct object *object);

/*
 * Where the region has no layout otherwise: that of a rule which names types of the programs that
 * map it; where no rule does, one out of what their static and global variables point to (infer.h).
 * Called when somebody looks at what a layout makes; takes
 * seconds at worst, and nothing when it was tried a moment ago or found something, until others map
 * the region. Nobody is stopped. What isn't found is no error; `info` tells it.
 */
void object_infer(struct object *object);
/*
 * Looks for a layout on a System V segment that nobody has attached, where none is known: that
 * attaches it for a moment, so it is for who asks for this segment by a name below it, and not for
 * listings. True: it looked. Of all else it does nothing.
 */
bool object_ask(struct object *object);
/*
 * A layout that is written for such a segment, or taken away, isn't put on it at once: that
 * attaches it too. This does so if it is still to be done, for who is about to read the segment's
 * bytes.
 */
void object_keep_late(struct object *object);
/* Whether object_infer() would go and look. Waits for nobody. */
bool object_would_infer(struct object *object);
/* Whether that or object_fields() would look for a layout, or wait for somebody who does, which may
 * be reading types for seconds. Waits for nobody. */
bool object_would_look(struct object *object);

/*
 * Sets the layout that variables tell, those in the frames of threads included: each thread of the
 * programs that map the region is stopped while its registers and its stack are copied. Only those
 * that belong to caller and to nobody else; root's are all. Errors of object_set_layout(); -EINVAL
 * with *diag also when there is no such variable; -EACCES none of the programs is the caller's.
 */
int object_auto(struct object *object, const struct caller *caller, struct diag *diag);
/* Whether a text that is written as a layout asks for that: the word `auto` and nothing else. */
bool object_auto_asked(const char *text, size_t n);

/*
 * Parses a text, with types of the programs that map the region for what it doesn't declare; sets
 * nothing. Errors of layout_parse_with().
 */
int object_parse(struct object *object, const char *text, size_t n, struct layout **out,
		 struct diag *diag);

/* Lays a layout over it for who holds this object alone: nothing is set on the region. Errors as
 * above, for an empty text too. */
int object_lay(struct object *object, const char *text, size_t n, struct diag *diag);

/* What info says of the layout. text and error are copies the caller frees (NULL: none). */
struct layout_state {
	enum layout_origin origin;
	char *text;
	struct layout *layout;	     /* a reference; NULL: none */
	char *error;		     /* why the last one was refused */
	bool kept;		     /* on the object: it is there after a remount */
	const char *why_not_kept;    /* static; NULL */
	struct inference *inference; /* what variables told of it; NULL: it isn't from there */
	char *rule;		     /* the file, or the name of the built-in one, that it is of */
};
int object_layout_state(struct object *object, struct layout_state *out);
void layout_state_destroy(struct layout_state *state);
const char *layout_origin_name(enum layout_origin origin);

struct binding *binding_ref(struct binding *binding);
/* For tables that hold no reference: NULL when the last one is gone already. */
struct binding *binding_try_ref(struct binding *binding);
/* Takes NULL. A plain binding's references are its object's. */
void binding_unref(struct binding *binding);

#endif
