/* SPDX-License-Identifier: MIT */
#include "layout/evaluate.h"

#include <errno.h>

#include "base/cleanup.h"

#define DEPTH 64
#define STEPS 1000 /* an expression may jump backwards */
#define BASES 2	   /* a frame base has no frame base */

/* DWARF 5, table 7.9. */
enum operation {
	OP_ADDR = 0x03,
	OP_DEREF = 0x06,
	OP_CONST1U = 0x08,
	OP_CONST1S,
	OP_CONST2U,
	OP_CONST2S,
	OP_CONST4U,
	OP_CONST4S,
	OP_CONST8U,
	OP_CONST8S,
	OP_CONSTU,
	OP_CONSTS,
	OP_DUP,
	OP_DROP,
	OP_OVER,
	OP_PICK,
	OP_SWAP,
	OP_ROT,
	OP_ABS = 0x19,
	OP_AND,
	OP_DIV,
	OP_MINUS,
	OP_MOD,
	OP_MUL,
	OP_NEG,
	OP_NOT,
	OP_OR,
	OP_PLUS,
	OP_PLUS_UCONST,
	OP_SHL,
	OP_SHR,
	OP_SHRA,
	OP_XOR,
	OP_BRA,
	OP_EQ,
	OP_GE,
	OP_GT,
	OP_LE,
	OP_LT,
	OP_NE,
	OP_SKIP,
	OP_LIT0 = 0x30,
	OP_REG0 = 0x50,
	OP_BREG0 = 0x70,
	OP_REGX = 0x90,
	OP_FBREG,
	OP_BREGX,
	OP_DEREF_SIZE = 0x94,
	OP_NOP = 0x96,
	OP_CALL_FRAME_CFA = 0x9c,
	OP_STACK_VALUE = 0x9f,
};

struct run {
	const struct machine *machine;
	const struct dwarf_operation *operations;
	size_t n;
	size_t at; /* the next operation */
	uint64_t stack[DEPTH];
	size_t depth;
	unsigned bases;
	bool is_value; /* what is on top is no address: the expression is over */
};

static int push(struct run *run, uint64_t value)
{
	if (run->depth == DEPTH)
		return -EINVAL;
	run->stack[run->depth++] = value;
	return 0;
}

/* The value that stands `down` below the top. */
static int peek(const struct run *run, uint64_t down, uint64_t *out)
{
	if (down >= run->depth)
		return -EINVAL;
	*out = run->stack[run->depth - 1 - down];
	return 0;
}

static int get_register(const struct run *run, uint64_t number, uint64_t *out)
{
	if (number >= MACHINE_REGISTERS || !(run->machine->known >> number & 1))
		return -ENODATA;
	*out = run->machine->value[number];
	return 0;
}

static int push_register(struct run *run, uint64_t number, uint64_t plus)
{
	uint64_t value;
	int r = get_register(run, number, &value);

	return r < 0 ? r : push(run, value + plus);
}

static int dereference(struct run *run, uint64_t size)
{
	const uint16_t one = 1;
	uint64_t address, value = 0;
	char *to = (char *)&value;
	int r = peek(run, 0, &address);

	if (r < 0 || size == 0 || size > sizeof(value))
		return -EINVAL;
	if (!*(const char *)&one)
		to += sizeof(value) - size;
	r = run->machine->read(run->machine->context, address, to, (size_t)size);
	if (r < 0)
		return -ENODATA;
	run->stack[run->depth - 1] = value;
	return 0;
}

static int run_all(struct run *run, struct location *out);

/* The frame base is an expression, too: its place is the value. */
static int push_base(struct run *run, uint64_t plus)
{
	struct run base = {
		.machine = run->machine,
		.operations = run->machine->base,
		.n = run->machine->n_base,
		.bases = run->bases + 1,
	};
	struct location place;
	int r;

	if (!base.operations || base.bases == BASES)
		return -ENODATA;
	r = run_all(&base, &place);
	return r < 0 ? r : push(run, place.value + plus);
}

static int jump(struct run *run, const struct dwarf_operation *operation)
{
	uint64_t to = operation->offset + 3 + (uint64_t)(int16_t)operation->a;

	for (size_t i = 0; i < run->n; i++)
		if (run->operations[i].offset == to) {
			run->at = i;
			return 0;
		}
	return -EINVAL;
}

static int branch(struct run *run, const struct dwarf_operation *operation)
{
	if (run->depth == 0)
		return -EINVAL;
	return run->stack[--run->depth] ? jump(run, operation) : 0;
}

/* Those that take one value and leave one. */
static int unary(struct run *run, const struct dwarf_operation *operation)
{
	uint64_t value;

	if (peek(run, 0, &value) < 0)
		return -EINVAL;
	switch (operation->code) {
	case OP_ABS:
		value = (int64_t)value < 0 ? -value : value;
		break;
	case OP_NEG:
		value = -value;
		break;
	case OP_NOT:
		value = ~value;
		break;
	default: /* OP_PLUS_UCONST */
		value += operation->a;
		break;
	}
	run->stack[run->depth - 1] = value;
	return 0;
}

static int divide(uint64_t a, uint64_t b, uint64_t *out)
{
	if (b == 0 || (b == UINT64_MAX && a == 1ull << 63))
		return -EINVAL;
	*out = (uint64_t)((int64_t)a / (int64_t)b);
	return 0;
}

static int compute(uint8_t code, uint64_t a, uint64_t b, uint64_t *out)
{
	int64_t x = (int64_t)a, y = (int64_t)b;

	switch (code) {
	case OP_AND:
		*out = a & b;
		return 0;
	case OP_DIV:
		return divide(a, b, out);
	case OP_MINUS:
		*out = a - b;
		return 0;
	case OP_MOD:
		*out = b ? a % b : 0;
		return b ? 0 : -EINVAL;
	case OP_MUL:
		*out = a * b;
		return 0;
	case OP_OR:
		*out = a | b;
		return 0;
	case OP_PLUS:
		*out = a + b;
		return 0;
	case OP_SHL:
		*out = b < 64 ? a << b : 0;
		return 0;
	case OP_SHR:
		*out = b < 64 ? a >> b : 0;
		return 0;
	case OP_SHRA:
		*out = (uint64_t)(x >> (b < 64 ? b : 63));
		return 0;
	case OP_XOR:
		*out = a ^ b;
		return 0;
	case OP_EQ:
		*out = x == y;
		return 0;
	case OP_GE:
		*out = x >= y;
		return 0;
	case OP_GT:
		*out = x > y;
		return 0;
	case OP_LE:
		*out = x <= y;
		return 0;
	case OP_LT:
		*out = x < y;
		return 0;
	case OP_NE:
		*out = x != y;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

/* Those that take two values and leave one. */
static int binary(struct run *run, const struct dwarf_operation *operation)
{
	uint64_t a, b, value;
	int r;

	if (peek(run, 1, &a) < 0 || peek(run, 0, &b) < 0)
		return -EINVAL;
	r = compute(operation->code, a, b, &value);
	if (r < 0)
		return r;
	run->stack[--run->depth - 1] = value;
	return 0;
}

/* Those that move values about. */
static int shuffle(struct run *run, const struct dwarf_operation *operation)
{
	uint64_t *top = run->stack + run->depth, value;

	switch (operation->code) {
	case OP_DROP:
		run->depth -= run->depth > 0;
		return 0;
	case OP_SWAP:
		if (run->depth < 2)
			return -EINVAL;
		value = top[-1];
		top[-1] = top[-2];
		top[-2] = value;
		return 0;
	case OP_ROT:
		if (run->depth < 3)
			return -EINVAL;
		value = top[-1];
		top[-1] = top[-2];
		top[-2] = top[-3];
		top[-3] = value;
		return 0;
	default:
		if (peek(run,
			 operation->code == OP_DUP    ? 0
			 : operation->code == OP_OVER ? 1
						      : operation->a,
			 &value) < 0)
			return -EINVAL;
		return push(run, value);
	}
}

static int constant(struct run *run, const struct dwarf_operation *operation)
{
	uint64_t a = operation->a;

	switch (operation->code) {
	case OP_CONST1U:
		return push(run, (uint8_t)a);
	case OP_CONST1S:
		return push(run, (uint64_t)(int8_t)a);
	case OP_CONST2U:
		return push(run, (uint16_t)a);
	case OP_CONST2S:
		return push(run, (uint64_t)(int16_t)a);
	case OP_CONST4U:
		return push(run, (uint32_t)a);
	case OP_CONST4S:
		return push(run, (uint64_t)(int32_t)a);
	default:
		return push(run, a);
	}
}

/* A register that is the place itself: nothing may follow. */
static int is_register(struct run *run, uint64_t number)
{
	uint64_t value;
	int r = get_register(run, number, &value);

	if (r < 0)
		return r;
	if (run->n != 1)
		return -EOPNOTSUPP;
	run->is_value = true;
	return push(run, value);
}

/* Registers, memory and frames. */
static int machine_step(struct run *run, const struct dwarf_operation *operation)
{
	unsigned code = operation->code;

	if (code >= OP_REG0 && code < OP_REG0 + 32)
		return is_register(run, code - OP_REG0);
	if (code >= OP_BREG0 && code < OP_BREG0 + 32)
		return push_register(run, code - OP_BREG0, operation->a);
	switch (code) {
	case OP_ADDR:
		return push(run, operation->a + run->machine->bias);
	case OP_DEREF:
		return dereference(run, sizeof(uint64_t));
	case OP_DEREF_SIZE:
		return dereference(run, operation->a);
	case OP_REGX:
		return is_register(run, operation->a);
	case OP_BREGX:
		return push_register(run, operation->a, operation->b);
	case OP_FBREG:
		return push_base(run, operation->a);
	case OP_CALL_FRAME_CFA:
		return run->machine->has_cfa ? push(run, run->machine->cfa) : -ENODATA;
	case OP_STACK_VALUE:
		if (run->at != run->n)
			return -EOPNOTSUPP;
		run->is_value = true;
		return 0;
	case OP_NOP:
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

static int step(struct run *run, const struct dwarf_operation *operation)
{
	unsigned code = operation->code;

	if (code >= OP_LIT0 && code < OP_LIT0 + 32)
		return push(run, code - OP_LIT0);
	if (code >= OP_CONST1U && code <= OP_CONSTS)
		return constant(run, operation);
	if (code >= OP_DUP && code <= OP_ROT)
		return shuffle(run, operation);
	switch (code) {
	case OP_SKIP:
		return jump(run, operation);
	case OP_BRA:
		return branch(run, operation);
	case OP_ABS:
	case OP_NEG:
	case OP_NOT:
	case OP_PLUS_UCONST:
		return unary(run, operation);
	default:
		break;
	}
	if (code >= OP_AND && code <= OP_NE)
		return binary(run, operation);
	return machine_step(run, operation);
}

static int run_all(struct run *run, struct location *out)
{
	if (run->n == 0)
		return -ENODATA;
	for (unsigned steps = 0; run->at < run->n; steps++) {
		const struct dwarf_operation *operation = &run->operations[run->at++];
		int r = steps == STEPS ? -EINVAL : step(run, operation);

		if (r < 0)
			return r;
	}
	if (run->depth == 0)
		return -EINVAL;
	*out = (struct location){!run->is_value, run->stack[run->depth - 1]};
	return 0;
}

int evaluate(const struct machine *machine, const struct dwarf_operation *operations, size_t n,
	     const uint64_t *start, struct location *out)
{
	struct run run = {.machine = machine, .operations = operations, .n = n};

	if (start)
		push(&run, *start);
	return run_all(&run, out);
}
