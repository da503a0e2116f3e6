/* SPDX-License-Identifier: MIT */
/*
 * What bytes mean: an immutable C type, and the tree of nodes it spans.
 *
 * A type is made once, by a reader (C text, debug information), lives in the arena of its layout
 * and never changes; any thread may read it. Two rules keep everything above it simple:
 *
 *  - A member of a struct is never special. A bit-field is a type of its own (the integer, plus
 *    which bits); a hint is a type of its own (the type, plus the hint); an anonymous struct or
 *    union has its members lifted into the one around it. So a place in memory is a type and an
 *    offset, and nothing else has to be carried along.
 *  - Text is not an array. `char[N]` is one TYPE_STRING and `uint8_t[N]` one TYPE_BYTES; an array
 *    is what gets a directory.
 *
 * The span of a type is how many nodes its tree has: 1 for a scalar, 1 + the sum of its members'
 * for a struct, 1 + length x the element's for an array. Number the tree in preorder and a path
 * gives its number by addition, a number its path by division and binary search: ten million
 * records need no table. type_child() and type_find() are those two walks.
 */
#ifndef PEEKFS_LAYOUT_TYPE_H
#define PEEKFS_LAYOUT_TYPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum type_kind {
	TYPE_INTEGER, /* 1, 2, 4 or 8 bytes; is_signed; maybe a bit-field */
	TYPE_CHAR,    /* one `char`: shown as the character */
	TYPE_BOOL,    /* maybe a bit-field */
	TYPE_FLOAT,   /* 2, 4, 8 or 16 bytes of IEEE 754, or x87's in 16: see bits */
	TYPE_POINTER, /* shown as an address */
	TYPE_ENUM,    /* maybe a bit-field */
	TYPE_WIDE,    /* a whole number of 16 bytes; is_signed */
	TYPE_STRING,  /* char[N] */
	TYPE_BYTES,   /* uint8_t[N] */
	TYPE_ARRAY,   /* the first kind that is a directory */
	TYPE_STRUCT,
	TYPE_UNION,
};

/* How a value is shown; hint.h says what each looks like. */
enum type_form {
	FORM_PLAIN, /* as its kind is */
	FORM_DEC,   /* the same, asked for */
	FORM_HEX,
	FORM_OCT,
	FORM_TIME, /* TYPE_INTEGER, TYPE_FLOAT; TYPE_BYTES: two numbers, seconds and a fraction */
	FORM_PERCENT, /* TYPE_FLOAT: a part of one */
	FORM_FLAGS,   /* TYPE_ENUM: its values are bits */
	FORM_IP4,     /* TYPE_INTEGER, as if it were big-endian in the network */
	FORM_IP6,     /* TYPE_BYTES, as the next two */
	FORM_MAC,
	FORM_UUID, /* big_endian: in the order of RFC 9562 */
};

/* What is asked for besides; zeroed where nothing is. */
struct hints {
	enum type_form form;
	bool hidden;	     /* left out where nobody asks for it by name */
	uint32_t per_second; /* FORM_TIME: how many units a second has, 1, 1000 ... 1000000000 */
	const char *units;   /* behind the number where it stands alone: "ms", "%"; or NULL */
	const char *doc;     /* what the field is for, in the words of its author; or NULL */
};

struct type;
struct expr;

/* What live memory decides about a member; walk.h says how. NULL: it doesn't. */
struct rule {
	const struct expr *when; /* it is there while this isn't 0 */
	const struct expr *at;	 /* where it stands, in place of its offset */
	bool absolute;		 /* at counts from the region's start, not the struct's */
};

struct member {
	const char *name;
	const struct type *type;
	uint64_t offset;  /* bytes from the start of the struct; of a bit-field: of its unit */
	uint64_t ordinal; /* what to add to the struct's ordinal: 1 + the spans before it */
	const struct rule *rule; /* NULL: it is always there, at its offset */
};

/* What live memory decides about a value. NULL: it doesn't. */
struct live {
	const struct expr *count; /* arrays, text, bytes: how many are used */
	const struct expr *until; /* arrays: the element for which it isn't 0 is behind the end */
	const struct expr *size;  /* structs: how many bytes this one has */
	uint64_t least;		  /* structs with a size: the bytes that their members need */
	const struct expr *base;  /* numbers: they lead to what is so many bytes behind it */
	bool from_self;		  /* they lead to what is so many bytes behind themselves */
};

struct enumerator {
	const char *name;
	uint64_t value; /* sign-extended when the enum is signed */
};

struct type {
	enum type_kind kind;
	bool is_signed;	   /* integers, enums, times of two; of a char, what the ABI says */
	bool big_endian;   /* [[be]] */
	uint8_t bits;	   /* of a bit-field or a _BitInt; 80 of a TYPE_FLOAT of x87; else 0 */
	uint8_t first_bit; /* a bit-field's lowest bit, counted from the unit's least significant */
	const struct hints *hints; /* NULL: none */
	uint32_t align;		   /* bytes */
	uint64_t size;		 /* bytes; of a bit-field, its storage unit's: see type_decode() */
	uint64_t span;		 /* nodes, itself included */
	const char *name;	 /* as C writes it: "struct STU", "unsigned int", "char[20]" */
	bool open;		 /* an array, text or bytes that take what room there is */
	bool varies;		 /* live memory decides what of it is there, or where */
	const struct live *live; /* NULL: nothing */
	union {
		struct { /* TYPE_STRUCT, TYPE_UNION; members in order of declaration */
			const struct member *members;
			size_t n_members;
			const struct member *const *by_name; /* the same, sorted by name */
		};
		struct { /* TYPE_ARRAY */
			const struct type *element;
			uint64_t length; /* the constant bound, or how many there can be at most */
			/* 0: each stands behind the one before. Else they overlap, from one to the
			 * next it is as many bytes, and their names are their offsets
			 * (by_offset.h).
			 */
			uint64_t stride;
		};
		struct { /* TYPE_ENUM; in order of declaration */
			const struct enumerator *enumerators;
			size_t n_enumerators;
		};
		/* TYPE_POINTER, and TYPE_INTEGER that leads somewhere; NULL for void and the like
		 */
		const struct type *target;
	};
};

/* A typed place: what stands at offset (bytes from the start of the region). */
struct place {
	const struct type *type;
	uint64_t offset;
	uint64_t ordinal; /* in the preorder of the tree that was walked */
	uint64_t size; /* bytes; type->size, unless the type varies: then it is walk.h's to say */
};

static inline bool type_is_directory(const struct type *type)
{
	return type->kind >= TYPE_ARRAY;
}

static inline bool type_is_record(const struct type *type)
{
	return type->kind == TYPE_STRUCT || type->kind == TYPE_UNION;
}

/* Can a value of the type lead somewhere in its region? A pointer, an offset that says from where.
 */
bool type_leads(const struct type *type);

/* Text or bytes: what is stored as a run of bytes, and may be large. */
static inline bool type_is_run(const struct type *type)
{
	return type->kind == TYPE_STRING || type->kind == TYPE_BYTES;
}

static inline enum type_form type_form(const struct type *type)
{
	return type->hints ? type->hints->form : FORM_PLAIN;
}

/* Is the index-th child of a directory left out where nobody asks for it by name? */
static inline bool type_hides(const struct type *parent, uint64_t index)
{
	const struct hints *hints =
		parent->kind == TYPE_ARRAY ? NULL : parent->members[index].type->hints;

	return hints && hints->hidden;
}

/*
 * The walks below know types only: what can be there, where it would be if no memory were asked.
 * They are right for all that doesn't vary, and for numbers and names of all; walk.h is for the
 * rest.
 */

/* Are both records the same? Copies of a type share its members; two readings of one have its name
 * and shape. */
bool type_same_record(const struct type *a, const struct type *b);

/* The bytes that one has at least: of a struct that says its own length, those that its members
 * need, without what C pads it with for arrays; else its size. */
uint64_t type_least(const struct type *type);

/* The number of children: members, or an array's length; 0 for a scalar. */
uint64_t type_children(const struct type *type);

/* The index-th child of a directory; index must be below type_children(). */
struct place type_child(const struct place *parent, uint64_t index);

/* Appends the name of that child: the member's, or the element's decimal index. */
void type_child_name(const struct type *parent, uint64_t index, struct buf *out);

/* The member of that name, or the element whose decimal index (of one with a stride, offset) is
 * name ("0", "17": no sign, no leading zero). Returns 0 and fills *out and *index (either may be
 * NULL), or -ENOENT. */
int type_lookup(const struct place *parent, const char *name, struct place *out, uint64_t *index);

/* Which child's tree holds the node that many after its parent; the parent's span has it. */
uint64_t type_child_holding(const struct type *type, uint64_t distance);

/*
 * The place whose ordinal it is, below root (whose own ordinal may be any). If trail isn't NULL it
 * is called for every directory on the way down, from the root, with the index that was taken.
 * Returns 0, -ENOENT when ordinal is outside root's span.
 */
int type_find(const struct place *root, uint64_t ordinal,
	      void (*trail)(void *context, const struct place *parent, uint64_t index),
	      void *context, struct place *out);

/*
 * The number in the size bytes of an integer, char, bool, enum or pointer: byte order, bit-field
 * and sign are undone; a signed value is sign-extended. type_encode() stores one and leaves the
 * bits of a bit-field's neighbours as they were; higher bits of value are cut off.
 *
 * A bit-field's unit is 1, 2, 4 or 8 bytes, aligned when the struct is. Only in a packed struct it
 * can stand at any offset, and have 3, 5, 6, 7 or 9 bytes where the struct has no more room.
 */
uint64_t type_decode(const struct type *type, const void *bytes);
void type_encode(const struct type *type, uint64_t value, void *bytes);

/* The enumerator's name for a value, NULL if none has it (the first declared wins). */
const char *type_enum_name(const struct type *type, uint64_t value);
/* 0 and the value of the name, or -ENOENT. */
int type_enum_value(const struct type *type, const char *name, size_t n, uint64_t *value);

#endif
