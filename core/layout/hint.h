/* SPDX-License-Identifier: MIT */
/*
 * Hints: how a value asks to be shown, as C23 attributes on fields, placed variables and typedefs.
 *
 * | hint | for | shows and takes |
 * | --- | --- | --- |
 * | hex | whole numbers, pointers | 0x and all digits of the type: `0x000000ff`; an enum's value
 * |     | | that has no name |
 * | oct | whole numbers | 0 and all digits: `00000000777`; else as hex |
 * | dec | whole numbers | decimal; undoes hex, char, enum, and makes numbers of bytes |
 * | char | numbers of 1 byte | the character, C's escapes |
 * | string | arrays of bytes | the text up to its NUL |
 * | bytes | arrays of bytes, structs, unions | hexadecimal digits, all in one file |
 * | uuid | 16 bytes | `123e4567-e89b-12d3-a456-426614174000`, in the order of RFC 9562; with le the
 * |      | | first three groups are little-endian, as in GPT and ACPI |
 * | ip4 | 4 bytes | `192.0.2.1`, in network order; with le a number in the order of the host |
 * | ip6 | 16 bytes | `2001:db8::1`, as inet_ntop(3) has it (RFC 5952) |
 * | mac | 6 bytes | `02:00:5e:10:00:00`; takes - and . too |
 * | time, time(s ms us ns) | whole numbers and floats, counted from 1970; a struct timespec or
 * |      | timeval | ISO 8601 in UTC with as many digits of a second as the unit has. A float is
 * |      | | seconds, unless a unit is said; what is no time within the years 0000 to 9999 stays a
 * |      | | number. A struct whose fraction is no fraction of a second is its two numbers. |
 * | enum(NAME) | whole numbers | the name that the enum has for it, else the number |
 * | flags(NAME) | whole numbers | `A|B|0x10`: the names of the enum whose bits are all set, in its
 * |      | | order, each bit once, and what is left; `0` when none is |
 * | percent | numbers | `42%`; of a float, which is a part of one, `12.5%` is 0.125 |
 * | units("ms") | numbers | the unit behind the number: `1500 ms` |
 * | be, le | numbers | the order of the bytes |
 * | hidden | all | is left out of listings, tables and .json; its name leads to it |
 * | doc("...") | all | a line of the struct's .doc |
 *
 * A value that is shown with a hint is taken in that form, and as a plain number too where it is
 * one: what is read can be written back and changes no bit. percent and units are for who looks at
 * one value: they are shown in `fields`, while rows of tables and JSON have the number alone, to be
 * counted with. In JSON the other forms are strings.
 *
 * A hint on an array is one on its elements, unless only the whole array is what it is for. Of the
 * forms (all but enum and hex, percent and units, be, le, hidden, doc, which mix with others) one
 * value has one; a typedef's or a type's own gives way to a field's.
 */
#ifndef PEEKFS_LAYOUT_HINT_H
#define PEEKFS_LAYOUT_HINT_H

#include "layout/type.h"

struct parser;
struct token;
struct ctype;

enum { HINTS = 19 }; /* in the table of hint.c */

/* What the hints of one declaration say, and where. Starts zeroed. */
struct said {
	unsigned set; /* bit i: the table's i-th */
	struct {
		unsigned line, column;
	} at[HINTS];
	struct hints hints;
	const struct ctype *list; /* the enum of enum() or flags() */
};

/* If the name is a hint's: takes its argument from p->token on, and true. An error for a bad
 * argument, and for two forms. */
bool hint_take(struct parser *p, struct said *said, const struct token *name);
/* The type with what the hints make of it; an error where they aren't for it. */
const struct ctype *hint_apply(struct parser *p, const struct said *said, const struct ctype *type);
/* Are there any hints? If so: an error that says they don't belong to what. */
void hint_refuse(struct parser *p, const struct said *said, const char *what);
/* An error: no hint has that name. */
void hint_unknown(struct parser *p, const struct token *name);
/* Do both ask for the same? Either may be NULL. */
bool hint_equal(const struct hints *a, const struct hints *b);

#endif
