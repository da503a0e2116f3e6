/* SPDX-License-Identifier: MIT */
/* What object.c and object_layout.c share, and nobody else sees. */
#ifndef PEEKFS_VIEW_OBJECT_INSIDE_H
#define PEEKFS_VIEW_OBJECT_INSIDE_H

#include "view/object.h"

struct object {
	atomic_uint refs;
	struct env *env;
	struct region_id id;
	struct memory *memory;
	struct binding plain;

	pthread_mutex_t facts; /* held for moments only: scans and the kernel's threads take it */
	struct region *region;
	bool pinned;
	struct layout *layout; /* to be changed under both locks */

	pthread_mutex_t lock;	/* what follows; may be held while the object is asked something */
	struct binding *fields; /* layout over the size the region had then */
	enum layout_origin origin;
	uint64_t looked_at; /* for the attribute; 0: never */
	bool kept;
	char *why_not_kept;
	char *error;  /* why the last text was refused */
	char *rule;   /* which rule the layout is of; NULL: of none */
	char *misfit; /* why the layout doesn't fit the region as it is now */
};

/* A binding of object with bound, which it takes over when it succeeds: 0, -ENOMEM. */
int object_binding(struct object *object, struct bound *bound, struct binding **out);
/* One reference less, of a binding that has a layout. Takes NULL. */
void object_drop_binding(struct binding *binding);
/* Whether the object holds itself. True: a reference is to be given back, unlocked. Under facts. */
bool object_pin(struct object *object, bool pinned);

#endif
