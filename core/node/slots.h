/* SPDX-License-Identifier: MIT */
/*
 * Two tables without references of their own: slot to binding, and region identity to object. What
 * is in them may be dying, so both hand out a reference or nothing. One lock for both; it is never
 * held over anything that waits. All functions are thread-safe.
 */
#ifndef PEEKFS_NODE_SLOTS_H
#define PEEKFS_NODE_SLOTS_H

#include "view/object.h"

struct slots;

int slots_new(struct slots **out); /* 0, -ENOMEM */
void slots_free(struct slots *slots);

/* The binding's slot; it gets one when it has none. 0 and *slot; -ENFILE all are taken. */
int slots_assign(struct slots *slots, struct binding *binding, uint32_t *slot,
		 uint32_t *generation);
/* A reference for binding_unref(), or NULL. */
struct binding *slots_binding(struct slots *slots, uint32_t slot);
/* The kernel learnt of, or forgot, that many inodes of the slot; while there are any, the binding
 * is referenced. */
void slots_remember(struct slots *slots, struct binding *binding);
void slots_forget(struct slots *slots, uint32_t slot, uint64_t count);
/* At the end, when the kernel is past telling. */
void slots_forget_all(struct slots *slots);

/* The object of that identity: a reference, or NULL. */
struct object *slots_object(struct slots *slots, const struct region_id *id);
/* Enters the object, unless one of its identity came first: that one then, as a reference, and
 * object is given back. */
struct object *slots_enter(struct slots *slots, struct object *object);
/* Its region is gone; another of the same identity would be another object. */
void slots_remove(struct slots *slots, struct object *object);
/* References of all objects, for object_unref() and free(); NULL and 0 without memory. */
struct object **slots_objects(struct slots *slots, size_t *n);

/* The binding is being freed. */
void slots_drop(struct slots *slots, struct binding *binding);

#endif
