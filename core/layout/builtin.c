/* SPDX-License-Identifier: MIT */
/*
 * What is known without being declared: C's words and what they mean, and the types that system
 * headers would bring. Size, alignment and sign are those of the compiler that builds this file: it
 * is the machine's.
 */
#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <uchar.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "layout/parse.h"

/* clang-format off */
#define TYPE(KIND, C, NAME) .type = { .kind = (KIND), .size = sizeof(C), .align = _Alignof(C), \
	.span = 1, .name = (NAME) }, .depth = 1, .hole = sizeof(NAME) - 1
#define INTEGER(C, NAME) { TYPE(TYPE_INTEGER, C, NAME), .type.is_signed = (C)-1 < (C)1 }
#define LIBRARY(C) INTEGER(C, #C)
/* clang-format on */

const struct ctype ctype_int = INTEGER(int, "int");
const struct ctype ctype_char = {TYPE(TYPE_CHAR, char, "char"), .type.is_signed = (char)-1 < 1};
const struct ctype ctype_unsigned_char = INTEGER(unsigned char, "unsigned char");

static const struct ctype schar = INTEGER(signed char, "signed char");
static const struct ctype bool_word = {TYPE(TYPE_BOOL, _Bool, "_Bool")};
static const struct ctype float_word = {TYPE(TYPE_FLOAT, float, "float")};
static const struct ctype double_word = {TYPE(TYPE_FLOAT, double, "double")};
/* Wider than any number here: their bytes. */
static const struct ctype long_double = {TYPE(TYPE_BYTES, long double, "long double")};
static const struct ctype int128 = {TYPE(TYPE_BYTES, __int128, "__int128")};
static const struct ctype uint128 = {TYPE(TYPE_BYTES, unsigned __int128, "unsigned __int128")};
static const struct ctype void_word = {
	.type = {.kind = TYPE_STRUCT, .align = 1, .span = 1, .name = "void"},
	.depth = 1,
	.hole = 4,
	.state = CTYPE_VOID,
};

/* by [long words, or 3 for short][unsigned] */
static const struct ctype integers[4][2] = {
	{INTEGER(int, "int"), INTEGER(unsigned, "unsigned int")},
	{INTEGER(long, "long"), INTEGER(unsigned long, "unsigned long")},
	{INTEGER(long long, "long long"), INTEGER(unsigned long long, "unsigned long long")},
	{INTEGER(short, "short"), INTEGER(unsigned short, "unsigned short")},
};

static const struct ctype library[] = {
	LIBRARY(int8_t),
	LIBRARY(int16_t),
	LIBRARY(int32_t),
	LIBRARY(int64_t),
	LIBRARY(uint8_t),
	LIBRARY(uint16_t),
	LIBRARY(uint32_t),
	LIBRARY(uint64_t),
	LIBRARY(int_least8_t),
	LIBRARY(int_least16_t),
	LIBRARY(int_least32_t),
	LIBRARY(int_least64_t),
	LIBRARY(uint_least8_t),
	LIBRARY(uint_least16_t),
	LIBRARY(uint_least32_t),
	LIBRARY(uint_least64_t),
	LIBRARY(int_fast8_t),
	LIBRARY(int_fast16_t),
	LIBRARY(int_fast32_t),
	LIBRARY(int_fast64_t),
	LIBRARY(uint_fast8_t),
	LIBRARY(uint_fast16_t),
	LIBRARY(uint_fast32_t),
	LIBRARY(uint_fast64_t),
	LIBRARY(intmax_t),
	LIBRARY(uintmax_t),
	LIBRARY(intptr_t),
	LIBRARY(uintptr_t),
	LIBRARY(ptrdiff_t),
	LIBRARY(size_t),
	LIBRARY(ssize_t),
	LIBRARY(wchar_t),
	LIBRARY(wint_t),
	LIBRARY(char16_t),
	LIBRARY(char32_t),
	LIBRARY(u_int8_t),
	LIBRARY(u_int16_t),
	LIBRARY(u_int32_t),
	LIBRARY(u_int64_t),
	LIBRARY(u_char),
	LIBRARY(u_short),
	LIBRARY(u_int),
	LIBRARY(u_long),
	LIBRARY(ushort),
	LIBRARY(uint),
	LIBRARY(ulong),
	LIBRARY(quad_t),
	LIBRARY(u_quad_t),
	LIBRARY(off_t),
	LIBRARY(loff_t),
	LIBRARY(off64_t),
	LIBRARY(pid_t),
	LIBRARY(uid_t),
	LIBRARY(gid_t),
	LIBRARY(id_t),
	LIBRARY(dev_t),
	LIBRARY(ino_t),
	LIBRARY(ino64_t),
	LIBRARY(mode_t),
	LIBRARY(nlink_t),
	LIBRARY(blksize_t),
	LIBRARY(blkcnt_t),
	LIBRARY(time_t),
	LIBRARY(suseconds_t),
	LIBRARY(useconds_t),
	LIBRARY(clock_t),
	LIBRARY(clockid_t),
	LIBRARY(key_t),
	LIBRARY(__u8),
	LIBRARY(__u16),
	LIBRARY(__u32),
	LIBRARY(__u64),
	LIBRARY(__s8),
	LIBRARY(__s16),
	LIBRARY(__s32),
	LIBRARY(__s64),
	LIBRARY(__le16),
	LIBRARY(__le32),
	LIBRARY(__le64),
	INTEGER(uint8_t, "u8"),
	INTEGER(uint16_t, "u16"),
	INTEGER(uint32_t, "u32"),
	INTEGER(uint64_t, "u64"),
	INTEGER(int8_t, "s8"),
	INTEGER(int16_t, "s16"),
	INTEGER(int32_t, "s32"),
	INTEGER(int64_t, "s64"),
	{TYPE(TYPE_BOOL, _Bool, "bool")},
	{TYPE(TYPE_FLOAT, float, "_Float32")},
	{TYPE(TYPE_FLOAT, double, "_Float64")},
	{TYPE(TYPE_FLOAT, double, "_Float32x")},
	{TYPE(TYPE_BYTES, long double, "_Float64x")},
	{TYPE(TYPE_BYTES, __int128, "_Float128")},
	{TYPE(TYPE_BYTES, __int128, "__float128")},
	{TYPE(TYPE_BYTES, __builtin_va_list, "__builtin_va_list")},
	{TYPE(TYPE_INTEGER, __be16, "__be16"), .type.big_endian = true},
	{TYPE(TYPE_INTEGER, __be32, "__be32"), .type.big_endian = true},
	{TYPE(TYPE_INTEGER, __be64, "__be64"), .type.big_endian = true},
	INTEGER(int, "sig_atomic_t"),
	INTEGER(int32_t, "__int32_t"),
	INTEGER(int64_t, "__int64_t"),
	INTEGER(uint8_t, "__uint8_t"),
	INTEGER(uint16_t, "__uint16_t"),
	INTEGER(uint32_t, "__uint32_t"),
	INTEGER(uint64_t, "__uint64_t"),
};

static const struct {
	const char *word;
	unsigned short keyword;
} keywords[] = {
	{"struct", KEYWORD_STRUCT},
	{"union", KEYWORD_UNION},
	{"enum", KEYWORD_ENUM},
	{"typedef", KEYWORD_TYPEDEF},
	{"extern", KEYWORD_EXTERN},
	{"static", KEYWORD_STORAGE},
	{"inline", KEYWORD_STORAGE},
	{"__inline", KEYWORD_STORAGE},
	{"__inline__", KEYWORD_STORAGE},
	{"register", KEYWORD_STORAGE},
	{"_Noreturn", KEYWORD_STORAGE},
	{"_Thread_local", KEYWORD_STORAGE},
	{"__thread", KEYWORD_STORAGE},
	{"constexpr", KEYWORD_STORAGE},
	{"__extension__", KEYWORD_QUALIFIER},
	{"const", KEYWORD_QUALIFIER},
	{"__const", KEYWORD_QUALIFIER},
	{"volatile", KEYWORD_QUALIFIER},
	{"__volatile__", KEYWORD_QUALIFIER},
	{"restrict", KEYWORD_QUALIFIER},
	{"__restrict", KEYWORD_QUALIFIER},
	{"__restrict__", KEYWORD_QUALIFIER},
	{"_Atomic", KEYWORD_ATOMIC},
	{"sizeof", KEYWORD_SIZEOF},
	{"_Alignof", KEYWORD_ALIGNOF},
	{"alignof", KEYWORD_ALIGNOF},
	{"__alignof__", KEYWORD_ALIGNOF},
	{"offsetof", KEYWORD_OFFSETOF},
	{"__builtin_offsetof", KEYWORD_OFFSETOF},
	{"__attribute__", KEYWORD_ATTRIBUTE},
	{"__attribute", KEYWORD_ATTRIBUTE},
	{"_Alignas", KEYWORD_ALIGNAS},
	{"alignas", KEYWORD_ALIGNAS},
	{"__aligned", KEYWORD_ALIGNED},
	{"__packed", KEYWORD_PACKED},
	{"asm", KEYWORD_ASM},
	{"__asm__", KEYWORD_ASM},
	{"__asm", KEYWORD_ASM},
	{"_Static_assert", KEYWORD_STATIC_ASSERT},
	{"static_assert", KEYWORD_STATIC_ASSERT},
	{"typeof", KEYWORD_TYPEOF},
	{"__typeof__", KEYWORD_TYPEOF},
	{"_Complex", KEYWORD_UNSUPPORTED},
	{"__complex__", KEYWORD_UNSUPPORTED},
	{"_Float16", KEYWORD_UNSUPPORTED},
	{"_Decimal32", KEYWORD_UNSUPPORTED},
	{"_Decimal64", KEYWORD_UNSUPPORTED},
	{"_Decimal128", KEYWORD_UNSUPPORTED},
	{"_BitInt", KEYWORD_UNSUPPORTED},
	{"_Generic", KEYWORD_UNSUPPORTED},
	{"void", KEYWORD_VOID},
	{"char", KEYWORD_CHAR},
	{"short", KEYWORD_SHORT},
	{"int", KEYWORD_INT},
	{"long", KEYWORD_LONG},
	{"float", KEYWORD_FLOAT},
	{"double", KEYWORD_DOUBLE},
	{"signed", KEYWORD_SIGNED},
	{"__signed__", KEYWORD_SIGNED},
	{"__signed", KEYWORD_SIGNED},
	{"unsigned", KEYWORD_UNSIGNED},
	{"_Bool", KEYWORD_BOOL},
	{"__int128", KEYWORD_INT128},
};

void symbol_declare_builtins(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		struct symbol *symbol =
			symbol_intern(p, keywords[i].word, strlen(keywords[i].word));

		if (symbol)
			symbol->keyword = keywords[i].keyword;
	}
	for (size_t i = 0; i < ARRAY_SIZE(library) && !p->err; i++) {
		const char *name = library[i].type.name;
		struct symbol *symbol = symbol_intern(p, name, strlen(name));

		if (!symbol)
			return;
		symbol->kind = NAME_TYPE;
		symbol->type = &library[i];
		symbol->builtin = true;
	}
}

/* How often each word stands there, in the order of the keywords. */
struct words {
	unsigned char n_void, n_char, n_short, n_int, n_long, n_float, n_double, n_signed,
		n_unsigned, n_bool, n_int128;
};

_Static_assert(sizeof(struct words) == KEYWORD_WORDS, "a count for each word");

const struct ctype *ctype_of_words(const unsigned char counts[KEYWORD_WORDS])
{
	struct words n;
	unsigned total = 0, sign;

	memcpy(&n, counts, sizeof(n));
	for (size_t i = 0; i < KEYWORD_WORDS; i++) {
		if (counts[i] > (i == KEYWORD_LONG - KEYWORD_VOID ? 2 : 1))
			return NULL;
		total += counts[i];
	}
	sign = n.n_signed + n.n_unsigned;
	if (sign > 1)
		return NULL;
	if (n.n_void)
		return total == 1 ? &void_word : NULL;
	if (n.n_bool)
		return total == 1 ? &bool_word : NULL;
	if (n.n_float)
		return total == 1 ? &float_word : NULL;
	if (n.n_double && total == 1)
		return &double_word;
	if (n.n_double)
		return total == 2 && n.n_long == 1 ? &long_double : NULL;
	if (n.n_int128)
		return total != 1 + sign ? NULL : n.n_unsigned ? &uint128 : &int128;
	if (n.n_char && total == 1)
		return &ctype_char;
	if (n.n_char)
		return total != 1 + sign ? NULL : n.n_unsigned ? &ctype_unsigned_char : &schar;
	if (n.n_short && n.n_long)
		return NULL;
	return &integers[n.n_short ? 3 : n.n_long][n.n_unsigned];
}
