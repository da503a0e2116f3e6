/* SPDX-License-Identifier: MIT */
/* C's words, and the types that are made of them. */
#include <string.h>

#include "base/cleanup.h"
#include "layout/builtin.h"
#include "layout/parse.h"

const struct ctype ctype_int = INTEGER(int, "int");
const struct ctype ctype_char = {TYPE(TYPE_CHAR, char, "char"), .type.is_signed = (char)-1 < 1};
const struct ctype ctype_unsigned_char = INTEGER(unsigned char, "unsigned char");

static const struct ctype schar = INTEGER(signed char, "signed char");
static const struct ctype bool_word = {TYPE(TYPE_BOOL, _Bool, "_Bool")};
static const struct ctype float_word = {TYPE(TYPE_FLOAT, float, "float")};
static const struct ctype double_word = {TYPE(TYPE_FLOAT, double, "double")};
static const struct ctype long_double = {TYPE(TYPE_FLOAT, long double, "long double"),
					 .type.bits = LONG_DOUBLE_BITS};
static const struct ctype int128 = {TYPE(TYPE_WIDE, __int128, "__int128"), .type.is_signed = true};
static const struct ctype uint128 = {TYPE(TYPE_WIDE, unsigned __int128, "unsigned __int128")};
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
	{"thread_local", KEYWORD_STORAGE},
	{"noreturn", KEYWORD_STORAGE},
	{"auto", KEYWORD_STORAGE},
	{"constexpr", KEYWORD_STORAGE},
	{"__extension__", KEYWORD_QUALIFIER},
	{"const", KEYWORD_QUALIFIER},
	{"__const", KEYWORD_QUALIFIER},
	{"volatile", KEYWORD_QUALIFIER},
	{"__volatile__", KEYWORD_QUALIFIER},
	{"__volatile", KEYWORD_QUALIFIER},
	{"__const__", KEYWORD_QUALIFIER},
	{"_Nonnull", KEYWORD_QUALIFIER},
	{"_Nullable", KEYWORD_QUALIFIER},
	{"restrict", KEYWORD_QUALIFIER},
	{"__restrict", KEYWORD_QUALIFIER},
	{"__restrict__", KEYWORD_QUALIFIER},
	{"_Atomic", KEYWORD_ATOMIC},
	{"sizeof", KEYWORD_SIZEOF},
	{"_Alignof", KEYWORD_ALIGNOF},
	{"alignof", KEYWORD_ALIGNOF},
	{"__alignof__", KEYWORD_ALIGNOF},
	{"__alignof", KEYWORD_ALIGNOF},
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
	{"typeof_unqual", KEYWORD_TYPEOF},
	{"__typeof", KEYWORD_TYPEOF},
	{"_Pragma", KEYWORD_PRAGMA},
	{"_Complex", KEYWORD_COMPLEX},
	{"__complex__", KEYWORD_COMPLEX},
	{"__complex", KEYWORD_COMPLEX},
	{"_BitInt", KEYWORD_BITINT},
	{"_ExtInt", KEYWORD_BITINT},
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

bool symbol_is_keyword(const char *word, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++)
		if (strlen(keywords[i].word) == n && !memcmp(keywords[i].word, word, n))
			return true;
	return false;
}

void symbol_declare_words(struct parser *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(keywords); i++) {
		struct symbol *symbol =
			symbol_intern(p, keywords[i].word, strlen(keywords[i].word));

		if (symbol)
			symbol->keyword = keywords[i].keyword;
	}
}

const struct ctype *ctype_of_number(unsigned bits, bool is_unsigned)
{
	return &integers[bits == 64][is_unsigned];
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
