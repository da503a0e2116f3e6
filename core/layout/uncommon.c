/* SPDX-License-Identifier: MIT */
/* Types that headers seldom hold: _BitInt, _Complex, and gcc's vectors. */
#include <stdio.h>
#include <string.h>

#include "layout/parse.h"

static void name_it(struct parser *p, struct ctype *type, const char *name)
{
	type->type.name = arena_copy(p->kept, name, strlen(name));
	type->hole = (unsigned short)strlen(name);
	if (!type->type.name)
		parse_no_memory(p);
}

/*
 * As clang has it (x86-64 psABI and AAPCS64, "_BitInt"): up to 64 bits the smallest integer that
 * holds them, above that words of 8 bytes on x86-64 and of 16 on AArch64. Those of more than 64 are
 * shown as their bytes.
 */
const struct ctype *ctype_bit_int(struct parser *p, uint64_t bits, bool is_unsigned,
				  const struct token *at)
{
	struct ctype *type;
	char name[48];
	uint64_t word = 8;

	if (bits < (is_unsigned ? 1 : 2) || bits > 1u << 16) {
		parse_error(p, at, "_BitInt of %lu bits: 2 to 65536 are known",
			    (unsigned long)bits);
		return &ctype_int;
	}
	type = ctype_new(p, bits <= 64 ? TYPE_INTEGER : TYPE_BYTES);
#ifdef __aarch64__
	if (bits > 64)
		word = 16;
#endif
	type->type.size = (bits + 7) / 8;
	while (bits <= 64 && type->type.size & (type->type.size - 1))
		type->type.size++;
	if (bits > 64)
		type->type.size = (type->type.size + word - 1) / word * word;
	type->type.align = (uint32_t)(bits > 64 ? word : type->type.size);
	type->type.is_signed = !is_unsigned;
	if (bits < 64 && bits != type->type.size * 8)
		type->type.bits = (uint8_t)bits;
	type->bit_int = true;
	snprintf(name, sizeof(name), "%s_BitInt(%lu)", is_unsigned ? "unsigned " : "",
		 (unsigned long)bits);
	name_it(p, type, name);
	return p->err ? &ctype_int : type;
}

const struct ctype *ctype_complex(struct parser *p, const struct ctype *part,
				  const struct token *at)
{
	struct ctype *type;
	struct member *members;
	const struct member **sorted;
	char name[80];

	if (part->type.kind != TYPE_FLOAT) {
		parse_error(p, at, "_Complex '%s' isn't supported", part->type.name);
		return &ctype_int;
	}
	type = ctype_new(p, TYPE_STRUCT);
	members = parse_keep(p, 2 * sizeof(*members));
	sorted = parse_keep(p, 2 * sizeof(struct member *));
	if (!members || !sorted)
		return &ctype_int;
	members[0] = (struct member){.name = "real", .type = &part->type, .ordinal = 1};
	members[1] = (struct member){.name = "imag", .type = &part->type, .ordinal = 2};
	members[1].offset = part->type.size;
	sorted[0] = &members[1];
	sorted[1] = &members[0];
	type->type.members = members;
	type->type.by_name = sorted;
	type->type.n_members = 2;
	type->type.span = 3;
	type->type.size = 2 * part->type.size;
	type->type.align = part->type.align;
	type->depth = 2;
	snprintf(name, sizeof(name), "%.60s _Complex", part->type.name);
	name_it(p, type, name);
	return p->err ? &ctype_int : type;
}

/* AAPCS64, "Short vectors": registers have 16 bytes, what is larger is gcc's own. */
#ifdef __aarch64__
#define VECTOR_ALIGN 16u
#else
#define VECTOR_ALIGN UINT32_MAX
#endif

const struct ctype *ctype_vector(struct parser *p, const struct ctype *element, uint32_t bytes,
				 const struct token *at)
{
	uint64_t size = element->type.size;
	struct ctype *vector;

	if (element->state != CTYPE_COMPLETE || element->type.kind > TYPE_WIDE || !size ||
	    bytes % size || bytes & (bytes - 1)) {
		parse_error(p, at, "a vector of %u bytes of '%s': there is none", bytes,
			    element->type.name);
		return element;
	}
	vector = ctype_copy(p, ctype_array(p, element, bytes / size, NULL, false, at));
	if (vector->type.kind == TYPE_STRING)
		vector->type.kind = TYPE_BYTES;
	vector->type.align = bytes < VECTOR_ALIGN ? bytes : VECTOR_ALIGN;
	return p->err ? element : vector;
}
