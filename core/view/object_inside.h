/* SPDX-License-Identifier: MIT */
/* What the files behind object.h share, and nobody else sees. */
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
	uint64_t looked_at;	     /* for the attribute; 0: never */
	struct inference *inference; /* where the layout is from, or NULL */
	atomic_uint sets;	     /* how often somebody set it */
	atomic_bool unasked;	     /* it was made as somebody looked: what is set goes before */
	bool kept;
	const char *why_not_kept; /* static; NULL */
	atomic_bool keep_later; /* the text isn't on the object yet: that would attach a segment */
	char *error;		/* why the last text was refused */
	char *rule;		/* which rule the layout is of; NULL: of none */
	struct layout *awaited; /* that rule's text, whose types programs know; NULL: it is whole */
	char *misfit;		/* why the layout doesn't fit the region as it is now */

	pthread_mutex_t inferring; /* held while somebody looks at variables; before lock */
	/* The last time that they were looked at; under facts. */
	uint64_t inferred_at; /* when it ended, ns; 0: never */
	uint64_t infer_took;  /* ns */
	uint64_t infer_key;   /* of the mappers there were */
};

/* A layout text, parsed and laid over the region: 0, *layout and *fields; errors of
 * object_set_layout(). reader: of types that the text doesn't declare; NULL: the programs that map
 * the region. */
int object_prepare(struct object *object, const char *text, size_t n, const struct reader *reader,
		   struct layout **layout, struct binding **fields, struct diag *diag);
/* object_set_layout() by that reader. */
int object_set_with(struct object *object, const char *text, size_t n, const struct reader *reader,
		    struct diag *diag);
/* Looks for a layout where it is kept, if the last look is too old. Locked. *old as
 * object_replace() does. */
void object_look(struct object *object, struct binding **old);
/* Replaces the layout by one that wasn't written; takes over layout and rule (NULL: none). *old is
 * the binding before, for object_drop_old(), unlocked. Locked. */
void object_replace(struct object *object, struct layout *layout, enum layout_origin origin,
		    char *rule, struct binding **old);
void object_drop_old(struct object *object, struct binding *old); /* takes NULL */
/* There is no layout on the object: takes what a rule says. Locked. *old as above. */
void object_take_rule(struct object *object, struct binding **old);
/* Makes the layout of a rule that awaits types, by asking the programs that map the region; why not
 * is told in `info`. May take seconds. Not locked, but under `inferring`. True: there is such a
 * rule, so nothing else is to be looked for. */
bool object_resolve_rule(struct object *object);
/* Why the layout that there should be isn't there. Locked. */
void object_set_misfit(struct object *object, const struct diag *diag);
/* Why the last text was refused. Locked. */
void object_set_error(struct object *object, const struct diag *diag);

/* A binding of object with bound, which it takes over when it succeeds: 0, -ENOMEM. */
int object_binding(struct object *object, struct bound *bound, struct binding **out);
/* One reference less, of a binding that has a layout. Takes NULL. */
void object_drop_binding(struct binding *binding);
/* Whether the object holds itself. True: a reference is to be given back, unlocked. Under facts. */
bool object_pin(struct object *object, bool pinned);
/* The same, not under facts, and only while there is a region. A true is never for stays. */
bool object_stay(struct object *object, bool stays);

#endif
