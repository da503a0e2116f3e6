/* SPDX-License-Identifier: MIT */
/*
 * What a generated program (make_records.c) tells of its records by the compiler's knowledge alone.
 * This and truth.c are compiled into it; nothing here knows of peekfs.
 *
 * One walk over a record's members serves four purposes, so that none can forget a member:
 *
 *   COUNT  how many values there are
 *   FIX    random bytes become what programs have: a bool is 0 or 1, many floats, texts and enums
 *          are special in some way
 *   MARK   every bit of every member becomes 1: the rest is padding
 *   PRINT  a line for each member, in order of declaration:
 *            `{ NAME` ... `}` a struct or union, `[ NAME` ... `]` an array, whose elements are
 *            named by their index; else a letter, the name and the value:
 *            i a decimal number; e an enum's name or number; b a bool's byte; p hex digits;
 *            x 0x and digits, as many as it has room for; t a time;
 *            f, d the bits of a float, a double in hex; c, s, B, w the bytes in hex of a char, a
 *            char[], a uint8_t[], and of what is wider than any register
 *            (l: a long double, w: an integer)
 */
#ifndef PEEKFS_TESTS_TRUTH_H
#define PEEKFS_TESTS_TRUTH_H

#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct name {
	const char *name;
	__int128 value;
};

struct kind {
	const char *name;
	size_t size, align;
	void (*show)(void *record);
};

enum pass { COUNT, FIX, MARK, PRINT };

/* What a generated program has. */
extern const struct kind kinds[];
extern const size_t n_kinds;

extern enum pass pass;

void begin(char bracket, const char *name);
void end(char bracket);
void number(char letter, const char *name, __int128 value);
/* A member that has an address. */
void bytes(char letter, const char *name, const volatile void *at, size_t n);
void enumeration(const char *name, const struct name *names, __int128 value);
__int128 some_name(const struct name *names);
void hex(const char *name, unsigned long value, size_t size);
void date(const char *name, long seconds);
void swap(void *to, const volatile void *from, size_t n);
const char *nth(size_t i);
/* Of an array. Of empty structs it can't be told: then the struct is left out. */
size_t length(size_t array, size_t element);

#define BEGIN(name) begin('{', name)
#define ARRAY(name, a, i)                                                                          \
	begin('[', name);                                                                          \
	for (size_t i = 0, n_ = length(sizeof(a), sizeof((a)[0])); i < n_; i++)
#define END() end(0)

#define NUMBER(name, x)                                                                            \
	do {                                                                                       \
		if (pass == PRINT)                                                                 \
			number('i', name, (x));                                                    \
		else                                                                               \
			bytes('i', name, &(x), sizeof(x));                                         \
	} while (0)
#define POINTER(name, x)                                                                           \
	do {                                                                                       \
		if (pass == PRINT)                                                                 \
			number('p', name, (size_t)(x));                                            \
		else                                                                               \
			bytes('p', name, &(x), sizeof(x));                                         \
	} while (0)
#define ENUM(name, x, names)                                                                       \
	do {                                                                                       \
		if (pass == PRINT) {                                                               \
			enumeration(name, names, (x));                                             \
		} else if (pass == FIX) {                                                          \
			__typeof__(x) t_ = some_name(names);                                       \
			memcpy((void *)&(x), (void *)&t_, sizeof(t_));                             \
		} else {                                                                           \
			bytes('e', name, &(x), sizeof(x));                                         \
		}                                                                                  \
	} while (0)
/* What asks to be shown in hex, as a time, or is of the other byte order. */
#define SHOWN(name, x, letter, print)                                                              \
	do {                                                                                       \
		if (pass == PRINT)                                                                 \
			print;                                                                     \
		else                                                                               \
			bytes(letter, name, &(x), sizeof(x));                                      \
	} while (0)
#define HEX(name, x)	 SHOWN(name, x, 'i', hex(name, (unsigned long)(x), sizeof(x)))
#define TIME(name, x)	 SHOWN(name, x, 'i', date(name, (x)))
#define SWAPPED(name, x) SHOWN(name, x, 'i', number('i', name, SWAP(x)))
#define SWAPPED_FLOAT(name, x)                                                                     \
	do {                                                                                       \
		__typeof__(x) t_ = SWAP(x);                                                        \
                                                                                                   \
		FLOAT(name, t_);                                                                   \
		if (pass != PRINT) {                                                               \
			t_ = SWAP(t_);                                                             \
			memcpy((void *)&(x), &t_, sizeof(t_));                                     \
		}                                                                                  \
	} while (0)
#define SWAP(x)                                                                                    \
	({                                                                                         \
		__typeof__(x) swapped_;                                                            \
		swap(&swapped_, &(x), sizeof(x));                                                  \
		swapped_;                                                                          \
	})
#define CHAR(name, x)	bytes('c', name, &(x), sizeof(x))
#define BOOL(name, x)	bytes('b', name, &(x), sizeof(x))
#define FLOAT(name, x)	bytes(sizeof(x) == 4 ? 'f' : 'd', name, &(x), sizeof(x))
#define WIDE(name, x)	bytes((__typeof__(x))0.5 ? 'l' : 'w', name, &(x), sizeof(x))
#define STRING(name, x) bytes('s', name, &(x), sizeof(x))
#define BYTES(name, x)	bytes('B', name, &(x), sizeof(x))

/* No address: the compiler loads and stores it. */
#define BITS_PASS(x, print)                                                                        \
	do {                                                                                       \
		if (pass == PRINT)                                                                 \
			print;                                                                     \
		else if (pass == MARK)                                                             \
			(x) = -1;                                                                  \
		else if (pass == COUNT)                                                            \
			bytes('i', "", NULL, 0);                                                   \
	} while (0)
#define BITS(name, x)		  BITS_PASS(x, number('i', name, (x)))
#define BOOL_BITS(name, x)	  BITS_PASS(x, number('b', name, (x)))
#define ENUM_BITS(name, x, names) BITS_PASS(x, enumeration(name, names, (x)))

/* By way of a copy that is aligned, which a member of a packed struct isn't. */
#define RECORD(name, x, show)                                                                      \
	do {                                                                                       \
		__typeof__(x) t_;                                                                  \
                                                                                                   \
		begin('{', name);                                                                  \
		memcpy((void *)&t_, (const void *)&(x), sizeof(t_));                               \
		show(&t_);                                                                         \
		if (pass == FIX || pass == MARK)                                                   \
			memcpy((void *)&(x), (void *)&t_, sizeof(t_));                             \
		end(0);                                                                            \
	} while (0)

#endif
