/* SPDX-License-Identifier: MIT */
/* What the files that read JSON share; nobody else includes it. */
#ifndef PEEKFS_VIEW_JSON_INSIDE_H
#define PEEKFS_VIEW_JSON_INSIDE_H

#include <json-c/json.h>

#include "view/json.h"

/* Which bits of its i-th byte a change is of. */
static inline unsigned char json_change_mask(const struct json_change *change, size_t i)
{
	return type_is_run(change->type) ? 0xff : change->bytes[change->size + i];
}

/* A member or an element on the way down from the record, whose step is NULL. */
struct json_step {
	const struct json_step *up;
	const char *name; /* of an element: its number */
};

struct json_reading {
	struct json_changes *changes;
	struct diag *diag;
	/* Of a record that varies; NULL: a type tells all. */
	struct walk *walk;
	struct trail *trail;
	uint64_t start;		  /* the record's offset */
	struct json_varying *was; /* for json_missing(): what was there; NULL: nothing */
	bool tries;		  /* what can't be taken is left out, and is no error */
};

/* Reads a value of that place into reading->changes: 0; errors of json_parse(). */
int json_read(struct json_reading *reading, const struct json_step *step, const struct place *place,
	      struct json_object *json);

/* Why a value isn't taken: err and its diag; 0 when reading only tries. */
int json_refuse(struct json_reading *reading, const struct json_step *step, int err,
		const char *why);

/* A record that varies, as a whole: 0 and *changes. */
int json_read_varying(const struct spot *spot, struct json_object *json,
		      struct json_changes *changes, struct diag *diag);
/* A member that won't be there, or an element. Whoever edits an object that was read leaves them in
 * it: 0 if it is there now and as the text says, else refused for that reason. */
int json_missing(struct json_reading *reading, const struct json_step *step,
		 struct json_object *json, int err, const char *why);

#endif
