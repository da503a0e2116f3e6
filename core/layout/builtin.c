/* SPDX-License-Identifier: MIT */
/*
 * What is known without being declared: C's words and what they mean, and the types that system
 * headers would bring. Size, alignment and sign are those of the compiler that builds this file: it
 * is the machine's.
 */
#include <arpa/inet.h>
#include <linux/types.h>
#include <mqueue.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <termios.h>
#include <uchar.h>
#include <wchar.h>
#include <wctype.h>

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
#ifdef __x86_64__
#define LONG_DOUBLE_BITS 80
#else
#define LONG_DOUBLE_BITS 0
#endif
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
	LIBRARY(fsblkcnt_t),
	LIBRARY(fsfilcnt_t),
	LIBRARY(rlim_t),
	LIBRARY(socklen_t),
	LIBRARY(sa_family_t),
	LIBRARY(in_port_t),
	LIBRARY(in_addr_t),
	LIBRARY(shmatt_t),
	LIBRARY(msgqnum_t),
	LIBRARY(msglen_t),
	LIBRARY(mqd_t),
	LIBRARY(nfds_t),
	LIBRARY(cc_t),
	LIBRARY(speed_t),
	LIBRARY(tcflag_t),
	LIBRARY(register_t),
	LIBRARY(daddr_t),
	LIBRARY(wctype_t),
	{TYPE(TYPE_POINTER, void *, "caddr_t")},
	{TYPE(TYPE_POINTER, void *, "timer_t")},
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
	{TYPE(TYPE_FLOAT, long double, "_Float64x"), .type.bits = LONG_DOUBLE_BITS},
	{TYPE(TYPE_FLOAT, long double, "__float80"), .type.bits = LONG_DOUBLE_BITS},
	{TYPE(TYPE_FLOAT, uint16_t, "_Float16")},
	{TYPE(TYPE_FLOAT, uint16_t, "__fp16")},
	{TYPE(TYPE_BYTES, uint16_t, "__bf16")},
	{TYPE(TYPE_FLOAT, __int128, "_Float128")},
	{TYPE(TYPE_FLOAT, __int128, "__float128")},
	/* decimal floating point: their bytes */
	{TYPE(TYPE_BYTES, uint32_t, "_Decimal32")},
	{TYPE(TYPE_BYTES, uint64_t, "_Decimal64")},
	{TYPE(TYPE_BYTES, __int128, "_Decimal128")},
	{TYPE(TYPE_BYTES, __builtin_va_list, "__builtin_va_list")},
	{TYPE(TYPE_WIDE, __int128, "__int128_t"), .type.is_signed = true},
	{TYPE(TYPE_WIDE, unsigned __int128, "__uint128_t")},
	{TYPE(TYPE_WIDE, unsigned __int128, "__u128")},
	{TYPE(TYPE_WIDE, __int128, "__s128"), .type.is_signed = true},
	{TYPE(TYPE_BOOL, _Bool, "atomic_bool")},
	INTEGER(char, "atomic_char"),
	INTEGER(signed char, "atomic_schar"),
	INTEGER(unsigned char, "atomic_uchar"),
	INTEGER(short, "atomic_short"),
	INTEGER(unsigned short, "atomic_ushort"),
	INTEGER(int, "atomic_int"),
	INTEGER(unsigned, "atomic_uint"),
	INTEGER(long, "atomic_long"),
	INTEGER(unsigned long, "atomic_ulong"),
	INTEGER(long long, "atomic_llong"),
	INTEGER(unsigned long long, "atomic_ullong"),
	INTEGER(char16_t, "atomic_char16_t"),
	INTEGER(char32_t, "atomic_char32_t"),
	INTEGER(wchar_t, "atomic_wchar_t"),
	INTEGER(int_least8_t, "atomic_int_least8_t"),
	INTEGER(uint_least8_t, "atomic_uint_least8_t"),
	INTEGER(int_least16_t, "atomic_int_least16_t"),
	INTEGER(uint_least16_t, "atomic_uint_least16_t"),
	INTEGER(int_least32_t, "atomic_int_least32_t"),
	INTEGER(uint_least32_t, "atomic_uint_least32_t"),
	INTEGER(int_least64_t, "atomic_int_least64_t"),
	INTEGER(uint_least64_t, "atomic_uint_least64_t"),
	INTEGER(int_fast8_t, "atomic_int_fast8_t"),
	INTEGER(uint_fast8_t, "atomic_uint_fast8_t"),
	INTEGER(int_fast16_t, "atomic_int_fast16_t"),
	INTEGER(uint_fast16_t, "atomic_uint_fast16_t"),
	INTEGER(int_fast32_t, "atomic_int_fast32_t"),
	INTEGER(uint_fast32_t, "atomic_uint_fast32_t"),
	INTEGER(int_fast64_t, "atomic_int_fast64_t"),
	INTEGER(uint_fast64_t, "atomic_uint_fast64_t"),
	INTEGER(intptr_t, "atomic_intptr_t"),
	INTEGER(uintptr_t, "atomic_uintptr_t"),
	INTEGER(size_t, "atomic_size_t"),
	INTEGER(ptrdiff_t, "atomic_ptrdiff_t"),
	INTEGER(intmax_t, "atomic_intmax_t"),
	INTEGER(uintmax_t, "atomic_uintmax_t"),
	{TYPE(TYPE_INTEGER, __be16, "__be16"), .type.big_endian = true},
	{TYPE(TYPE_INTEGER, __be32, "__be32"), .type.big_endian = true},
	{TYPE(TYPE_INTEGER, __be64, "__be64"), .type.big_endian = true},
	INTEGER(uint16_t, "__sum16"),
	INTEGER(uint32_t, "__wsum"),
	INTEGER(unsigned, "__poll_t"),
	INTEGER(long, "__kernel_long_t"),
	INTEGER(unsigned long, "__kernel_ulong_t"),
	INTEGER(unsigned long, "__kernel_size_t"),
	INTEGER(long, "__kernel_ssize_t"),
	INTEGER(long, "__kernel_ptrdiff_t"),
	INTEGER(long, "__kernel_off_t"),
	INTEGER(long long, "__kernel_loff_t"),
	INTEGER(long, "__kernel_time_t"),
	INTEGER(long, "__kernel_old_time_t"),
	INTEGER(long long, "__kernel_time64_t"),
	INTEGER(long, "__kernel_clock_t"),
	INTEGER(int, "__kernel_timer_t"),
	INTEGER(int, "__kernel_clockid_t"),
	INTEGER(int, "__kernel_pid_t"),
	INTEGER(int, "__kernel_key_t"),
	INTEGER(int, "__kernel_mqd_t"),
	INTEGER(int, "__kernel_daddr_t"),
	INTEGER(unsigned, "__kernel_uid_t"),
	INTEGER(unsigned, "__kernel_gid_t"),
	INTEGER(unsigned, "__kernel_uid32_t"),
	INTEGER(unsigned, "__kernel_gid32_t"),
	INTEGER(unsigned, "__kernel_mode_t"),
	INTEGER(unsigned long, "__kernel_ino_t"),
	INTEGER(int, "__kernel_ipc_pid_t"),
	INTEGER(long, "__kernel_suseconds_t"),
	INTEGER(unsigned short, "__kernel_sa_family_t"),
	INTEGER(int, "__kernel_rwf_t"),
	INTEGER(unsigned short, "__kernel_old_uid_t"),
	INTEGER(unsigned short, "__kernel_old_gid_t"),
	INTEGER(unsigned long, "__kernel_old_dev_t"),
	INTEGER(uint16_t, "__virtio16"),
	INTEGER(uint32_t, "__virtio32"),
	INTEGER(uint64_t, "__virtio64"),
	INTEGER(int, "sig_atomic_t"),
	INTEGER(signed char, "__int8_t"),
	INTEGER(short, "__int16_t"),
	INTEGER(unsigned short, "__uint16_t"),
	LIBRARY(__pid_t),
	LIBRARY(__uid_t),
	LIBRARY(__gid_t),
	LIBRARY(__id_t),
	LIBRARY(__mode_t),
	LIBRARY(__dev_t),
	LIBRARY(__ino_t),
	LIBRARY(__ino64_t),
	LIBRARY(__nlink_t),
	LIBRARY(__off_t),
	LIBRARY(__off64_t),
	LIBRARY(__loff_t),
	LIBRARY(__blksize_t),
	LIBRARY(__blkcnt_t),
	LIBRARY(__blkcnt64_t),
	LIBRARY(__fsblkcnt_t),
	LIBRARY(__fsblkcnt64_t),
	LIBRARY(__fsfilcnt_t),
	LIBRARY(__fsfilcnt64_t),
	LIBRARY(__fsword_t),
	LIBRARY(__time_t),
	LIBRARY(__suseconds_t),
	LIBRARY(__suseconds64_t),
	LIBRARY(__useconds_t),
	LIBRARY(__clock_t),
	LIBRARY(__clockid_t),
	LIBRARY(__key_t),
	LIBRARY(__rlim_t),
	LIBRARY(__rlim64_t),
	LIBRARY(__ssize_t),
	LIBRARY(__syscall_slong_t),
	LIBRARY(__syscall_ulong_t),
	LIBRARY(__socklen_t),
	LIBRARY(__intptr_t),
	LIBRARY(__intmax_t),
	LIBRARY(__uintmax_t),
	LIBRARY(__quad_t),
	LIBRARY(__u_quad_t),
	LIBRARY(__daddr_t),
	LIBRARY(__sig_atomic_t),
	LIBRARY(__u_char),
	LIBRARY(__u_short),
	LIBRARY(__u_int),
	LIBRARY(__u_long),
	{TYPE(TYPE_POINTER, void *, "__caddr_t")},
	{TYPE(TYPE_POINTER, void *, "__timer_t")},
	INTEGER(int32_t, "__int32_t"),
	INTEGER(int64_t, "__int64_t"),
	INTEGER(uint8_t, "__uint8_t"),
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

const struct ctype *ctype_of_number(unsigned bits, bool is_unsigned)
{
	return &integers[bits == 64][is_unsigned];
}

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
