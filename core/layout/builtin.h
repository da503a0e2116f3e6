/* SPDX-License-Identifier: MIT */
/*
 * How builtin.c and word.c write down a type of C. Size, alignment and sign are those of the
 * compiler that builds them: it is the machine's.
 */
#ifndef PEEKFS_LAYOUT_BUILTIN_H
#define PEEKFS_LAYOUT_BUILTIN_H

#include "layout/ctype.h"

/* clang-format off */
#define TYPE(KIND, C, NAME) .type = { .kind = (KIND), .size = sizeof(C), .align = _Alignof(C), \
	.span = 1, .name = (NAME) }, .depth = 1, .hole = sizeof(NAME) - 1
#define INTEGER(C, NAME) { TYPE(TYPE_INTEGER, C, NAME), .type.is_signed = (C)-1 < (C)1 }
/* clang-format on */

/* The `bits` of type.h that a long double has. */
#ifdef __x86_64__
#define LONG_DOUBLE_BITS 80
#else
#define LONG_DOUBLE_BITS 0
#endif

#endif
