/* SPDX-License-Identifier: MIT */
/*
 * Records as JSON (RFC 8259), and back.
 *
 * Names are C's. Integers and finite floats are numbers, exact (a float's -0 is -0.0); enums,
 * pointers, times, bytes and what isn't finite are strings, as `fields` shows them; an enum's value
 * without a name is a number.
 *
 * Strings must come back byte for byte, though a char array may hold anything and JSON only
 * characters. So a byte that isn't part of well-formed UTF-8 is the character of that number,
 * \u0080 to \u00ff; and characters that really are U+0080 to U+00FF are written as their two bytes,
 * each like that. Every other character is itself. Reading back, a character up to U+00FF is one
 * byte, any other its UTF-8; half a surrogate pair is no character and isn't taken.
 */
#ifndef PEEKFS_VIEW_JSON_H
#define PEEKFS_VIEW_JSON_H

#include "base/buf.h"
#include "base/diag.h"
#include "view/place.h"

/* Bytes of a record. JSON of more would be hundreds of megabytes in one piece, and nobody reads
 * that; tables are for such. */
#define JSON_RECORD_MAX (32u << 20)

/* Appends the value of type whose bytes are at bytes, on one line, without a newline. torn: the
 * object, if it is one, gets a first member "_torn": true. */
void json_format(const struct type *type, const unsigned char *bytes, bool torn, struct buf *out);

/*
 * The same of a spot, with the bytes that its place has: of what varies, only what is there. What
 * has no sensible place, or no sensible count, is null. What offsets lead to outside of the place
 * is read as it is met. 0; -E2BIG too much memory to be read, -EFBIG too much text; what reading
 * returned. The spot is used up.
 */
int json_format_spot(struct spot *spot, const unsigned char *bytes, bool torn, struct buf *out);

/* The same of a scalar. */
void json_scalar(const struct type *type, const unsigned char *bytes, struct buf *out);

/* -0: to many readers of JSON, a number without a point is an integer, and that has no such zero.
 */
static inline bool json_drops_sign(const struct type *type, const char *text, size_t n)
{
	return type->kind == TYPE_FLOAT && n == 2 && text[0] == '-' && text[1] == '0';
}

/* A member's name, with its colon and a blank. */
void json_name(const char *name, struct buf *out);

/* What a text asks to change, in its order: these bits, at that offset from the start of the
 * record. Of members that share bytes, as a union's do, the last one wins. */
struct json_change {
	const struct type *type; /* the scalar */
	uint64_t offset;
	size_t size;	      /* of bytes: type->size; of a run maybe less */
	unsigned char *bytes; /* the value, then as many bytes of mask unless the type is a run */
};

struct json_changes {
	struct json_change *list;
	size_t n, cap;
};

/* Whether these bits are there already, of the record that starts at that offset of what read()
 * reads: 1 or 0; -ENOMEM; what read() returned. */
int json_change_is_so(const struct json_change *change, uint64_t start, layout_read_fn *read,
		      void *context);

/*
 * Reads an object (or, for an array, an array that isn't longer) that names some or all of the
 * record's members. Trailing text that is no blank isn't taken. 0 and *out, for
 * json_changes_destroy(); -EINVAL (no JSON, an unknown name, not a value of the type), -ERANGE,
 * with *diag, which names the member; -EAGAIN, unless last: the text ends too early, but is a
 * proper beginning; -EFBIG, more text than any such record has; -ENOMEM.
 *
 * spot is where the record is; NULL will do for a type that doesn't vary. One that does is taken as
 * it will be once all of the text is stored, so that a kind and the member that it stands for can
 * be written at once (json_varying.c); offsets count to before the record too, and errors of
 * walk_down() and of reading may come.
 */
int json_parse(struct spot *spot, const struct type *type, const char *text, size_t n, bool last,
	       struct json_changes *out, struct diag *diag);
void json_changes_destroy(struct json_changes *changes);

#endif
