/* SPDX-License-Identifier: MIT */
/* Expressions: each operation against what DWARF 5, 2.5, says of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "layout/evaluate.h"

static const uint64_t stack[] = {0x1122334455667788, 0x1050, 7};

static int read_stack(void *context, uint64_t address, void *to, size_t n)
{
	(void)context;
	if (address < 0x1000 || address - 0x1000 > sizeof(stack) - n)
		return -EFAULT;
	memcpy(to, (const char *)stack + (address - 0x1000), n);
	return 0;
}

static struct machine machine = {
	.known = 1u << 3 | 1u << 6 | 1u << 7,
	.value = {[3] = 33, [6] = 0x1008, [7] = 0x1000},
	.has_cfa = true,
	.cfa = 0x1010,
	.bias = 0x400000,
	.read = read_stack,
};

/* OP(code), OP(code, a), OP(code, a, b), OP(code, a, b, offset) */
static struct dwarf_operation op(const uint64_t parts[4])
{
	return (struct dwarf_operation){(uint8_t)parts[0], parts[1], parts[2], parts[3]};
}

#define OP(...) op((uint64_t[4]){__VA_ARGS__})
#define EVALUATE(out, ...)                                                                         \
	({                                                                                         \
		const struct dwarf_operation all_[] = {__VA_ARGS__};                               \
		evaluate(&machine, all_, ARRAY_SIZE(all_), NULL, out);                             \
	})

static void expect(int line, int r, const struct location *got, bool in_memory, uint64_t value)
{
	if (r || got->in_memory != in_memory || got->value != value)
		fail_msg("line %d: %d, in memory %d, 0x%lx", line, r, got->in_memory,
			 (unsigned long)got->value);
}

#define IS(in_memory, value, ...)                                                                  \
	do {                                                                                       \
		struct location got_ = {0};                                                        \
		int r_ = EVALUATE(&got_, __VA_ARGS__);                                             \
		expect(__LINE__, r_, &got_, in_memory, value);                                     \
	} while (0)
#define FAILS(error, ...)                                                                          \
	do {                                                                                       \
		struct location got_ = {true, 99};                                                 \
		assert_int_equal(EVALUATE(&got_, __VA_ARGS__), error);                             \
		assert_int_equal(got_.value, 99);                                                  \
	} while (0)

static void test_places(void **state)
{
	const struct dwarf_operation nop = OP(0x96);
	const uint64_t five = 5;
	struct location got;

	(void)state;
	IS(true, 0x400123, OP(0x03, 0x123));		    /* addr */
	IS(false, 33, OP(0x53));			    /* reg3 */
	IS(false, 33, OP(0x90, 3));			    /* regx */
	IS(true, 0x1000, OP(0x76, (uint64_t)-8));	    /* breg6 -8 */
	IS(true, 0x1018, OP(0x92, 7, 0x18));		    /* bregx */
	IS(true, 0x1010, OP(0x9c));			    /* call_frame_cfa */
	IS(true, 0x1050, OP(0x77, 8), OP(0x06));	    /* breg7, deref */
	IS(true, 0x7788, OP(0x77, 0), OP(0x94, 2));	    /* deref_size */
	IS(false, 38, OP(0x73, 5), OP(0x9f));		    /* stack_value */
	IS(true, 40, OP(0x11, (uint64_t)-2), OP(0x23, 42)); /* consts, plus_uconst */
	FAILS(-ENODATA, OP(0x50));			    /* a register that isn't known */
	FAILS(-ENODATA, OP(0x90, 77));
	FAILS(-ENODATA, OP(0x08, 1), OP(0x06));	   /* memory that isn't */
	FAILS(-ENODATA, OP(0x91, 0));		   /* fbreg without a base */
	FAILS(-EOPNOTSUPP, OP(0x53), OP(0x93, 8)); /* pieces */
	FAILS(-EOPNOTSUPP, OP(0xa3), OP(0x9f));	   /* entry_value */
	FAILS(-EOPNOTSUPP, OP(0xe0));		   /* GNU_push_tls_address */
	assert_int_equal(evaluate(&machine, NULL, 0, NULL, &got), -ENODATA);
	assert_int_equal(evaluate(&machine, &nop, 1, &five, &got), 0);
	assert_int_equal(got.value, 5);
}

static void test_base(void **state)
{
	const struct dwarf_operation by_register = OP(0x56), by_cfa = OP(0x9c),
				     by_itself = OP(0x91, 0);

	(void)state;
	machine.base = &by_register; /* clang: rbp is the base itself */
	machine.n_base = 1;
	IS(true, 0x1000, OP(0x91, (uint64_t)-8));
	machine.base = &by_cfa; /* gcc */
	IS(true, 0x1008, OP(0x91, (uint64_t)-8));
	machine.base = &by_itself;
	FAILS(-ENODATA, OP(0x91, 0));
	machine.base = NULL;
}

static void test_numbers(void **state)
{
	(void)state;
	IS(true, 3, OP(0x33));
	IS(true, 0xff, OP(0x08, 0xff));
	IS(true, UINT64_MAX, OP(0x09, 0xff));
	IS(true, (uint64_t)-2, OP(0x0b, 0xfffe));
	IS(true, (uint64_t)-2, OP(0x0d, 0xfffffffe));
	IS(true, 7, OP(0x3a), OP(0x33), OP(0x1c));			     /* 10 3 minus */
	IS(true, (uint64_t)-3, OP(0x11, (uint64_t)-10), OP(0x33), OP(0x1b)); /* div, signed */
	IS(true, 1, OP(0x3a), OP(0x33), OP(0x1d));			     /* mod */
	IS(true, 30, OP(0x3a), OP(0x33), OP(0x1e));
	IS(true, 13, OP(0x3a), OP(0x33), OP(0x22));
	IS(true, 2, OP(0x3a), OP(0x33), OP(0x1a));
	IS(true, 11, OP(0x3a), OP(0x33), OP(0x21));
	IS(true, 9, OP(0x3a), OP(0x33), OP(0x27));
	IS(true, 80, OP(0x3a), OP(0x33), OP(0x24));
	IS(true, 1, OP(0x3a), OP(0x33), OP(0x25));
	IS(true, UINT64_MAX, OP(0x11, (uint64_t)-8), OP(0x08, 99), OP(0x26)); /* shra */
	IS(true, 0, OP(0x3a), OP(0x08, 64), OP(0x24));
	IS(true, 1, OP(0x11, (uint64_t)-1), OP(0x30), OP(0x2d)); /* lt, signed */
	IS(true, 10, OP(0x11, (uint64_t)-10), OP(0x19));	 /* abs */
	IS(true, 5, OP(0x11, (uint64_t)-5), OP(0x1f));
	IS(true, UINT64_MAX, OP(0x30), OP(0x20));
	FAILS(-EINVAL, OP(0x33), OP(0x30), OP(0x1b)); /* by zero */
	FAILS(-EINVAL, OP(0x33), OP(0x30), OP(0x1d));
	FAILS(-EINVAL, OP(0x10, 1ull << 63), OP(0x11, UINT64_MAX), OP(0x1b));
	FAILS(-EINVAL, OP(0x22)); /* nothing to add */
	FAILS(-EINVAL, OP(0x33), OP(0x22));
}

static void test_stack(void **state)
{
	(void)state;
	IS(true, 3, OP(0x33), OP(0x12));			/* dup */
	IS(true, 3, OP(0x33), OP(0x34), OP(0x13));		/* drop */
	IS(true, 3, OP(0x33), OP(0x34), OP(0x14));		/* over */
	IS(true, 3, OP(0x33), OP(0x34), OP(0x35), OP(0x15, 2)); /* pick */
	IS(true, 3, OP(0x33), OP(0x34), OP(0x16));		/* swap */
	IS(true, 4, OP(0x33), OP(0x34), OP(0x35), OP(0x17));	/* rot */
	FAILS(-EINVAL, OP(0x33), OP(0x16));
	FAILS(-EINVAL, OP(0x33), OP(0x15, 1));
	FAILS(-EINVAL, OP(0x33), OP(0x13)); /* nothing is left */
}

static void test_jumps(void **state)
{
	(void)state;
	/* lit1; bra +1 (over lit2's one byte); lit2; lit3 */
	IS(true, 3, OP(0x31, 0, 0, 0), OP(0x28, 1, 0, 1), OP(0x32, 0, 0, 4), OP(0x33, 0, 0, 5));
	FAILS(-EINVAL, OP(0x2f, 2, 0, 0), OP(0x32, 0, 0, 3), OP(0x33, 0, 0, 4)); /* to nowhere */
	FAILS(-EINVAL, OP(0x96, 0, 0, 0), OP(0x2f, (uint16_t)-4, 0, 1));	 /* for ever */
	FAILS(-EINVAL, OP(0x31, 0, 0, 0), OP(0x2f, (uint16_t)-4, 0, 1));	 /* and ever more */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),	cmocka_unit_test(test_base),
		cmocka_unit_test(test_numbers), cmocka_unit_test(test_stack),
		cmocka_unit_test(test_jumps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
