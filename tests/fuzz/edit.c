/* SPDX-License-Identifier: MIT */
/*
 * Any text as what somebody writes into a field, of each kind that there is, and into the .json of
 * a record, of one that doesn't vary and of one that does. What must hold: no crash, no hang, no
 * leak; a refusal says why; what was taken is shown as a text that means the same bits; no change
 * reaches beyond its record.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "layout/layout.h"
#include "view/json.h"
#include "view/value.h"

#define REGION 4096 /* bytes */
#define BYTES  64   /* of a scalar */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char fixed[] =
	"enum mode { R = 1, W = 2, RW = 3, X = 4, TOP = 0x80000000 };\n"
	"enum mood { CALM, CROSS = 7, WILD = -3, HUGE_ONE = 300 };\n"
	"struct all { int8_t i8; uint8_t u8; int16_t i16; uint32_t u32; int64_t i64;\n"
	" uint64_t u64; float f; double d; long double ld; _Float128 quad; _Float16 half;\n"
	" __int128 huge; unsigned __int128 uhuge; _BitInt(37) odd; char c; bool yes;\n"
	" char name[20]; uint8_t digest[4]; enum mood mood; void *where;\n"
	" unsigned low : 3, high : 5; signed int below : 4; uint64_t wide : 63; _Bool bit : 1;\n"
	" [[be]] uint32_t wire; [[be]] double bd; [[be]] __int128 bh;\n"
	" [[hex]] uint32_t mask; [[hex]] char hc; [[oct]] uint16_t oct; [[dec]] signed char dec;\n"
	" [[char]] uint8_t cc; [[string]] int8_t s[4]; [[bytes]] char b[4];\n"
	" [[uuid]] uint8_t uuid[16]; [[uuid, le]] uint8_t gpt[16]; [[ip4]] uint32_t ip;\n"
	" [[ip6]] uint8_t ip6[16]; [[mac]] uint8_t mac[6]; [[time]] int32_t t32;\n"
	" [[time(ms)]] int64_t tms; [[time(us)]] uint64_t tus; [[time(ns)]] int64_t tns;\n"
	" [[time]] struct { int64_t tv_sec, tv_nsec; } ts; [[time]] double td;\n"
	" [[time(ms)]] float tf; [[be]] [[time]] int64_t bt; [[enum(mood)]] int8_t m8;\n"
	" [[enum(mood), hex]] int16_t mh; [[flags(mode)]] uint32_t flags;\n"
	" [[percent]] uint8_t p8; [[percent]] double pd; [[units(\"ms\")]] int ms;\n"
	" [[units(\"\\xc2\\xb5s\"), hex]] uint8_t us; [[units(\"%\")]] int pc;\n"
	" union { uint32_t word; uint8_t bytes[4]; float real; } u;\n"
	" struct { int x, y; } __attribute__((packed)) p[3]; int grid[2][3]; int none[0];\n"
	"};\n"
	"struct all v @ 0;\n";

static const char varying[] =
	"struct item { uint8_t n; uint8_t off; [[count(n)]] int v[6];\n"
	" [[if(n > 3)]] uint16_t more; [[until(self == 0)]] int16_t list[6]; char text[] @ off;\n"
	" [[offset_from(self)]] struct item *next;\n"
	" [[count(n)]] struct { uint8_t k; [[count(k)]] char s[8]; } in[3]; };\n"
	"struct { struct item one; struct item some[3]; } v @ 64;\n";

static struct bound *bind(const char *text)
{
	struct layout *layout;
	struct bound *bound;
	struct diag diag;

	if (layout_parse(text, strlen(text), &layout, &diag) < 0 ||
	    layout_bind(layout, REGION, &bound, &diag) < 0) {
		fprintf(stderr, "%u:%u: %s\n", diag.line, diag.column, diag.message);
		abort();
	}
	layout_unref(layout);
	return bound;
}

/* Small numbers mostly, as counts and offsets are. */
static void memory_bytes(uint64_t offset, unsigned char *to, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t word = (offset + i) * UINT64_C(0x9e3779b97f4a7c15);

		to[i] = (unsigned char)((word >> 60) ? (word >> 56) % 8 : word >> 32);
	}
}

static int read_memory(void *context, uint64_t offset, void *to, size_t n)
{
	(void)context;
	if (offset > REGION || n > REGION - offset)
		abort();
	memory_bytes(offset, to, n);
	return 0;
}

/* The text into one scalar, and what is shown then. */
static void try_value(const struct type *type, const char *text, size_t n)
{
	unsigned char bytes[BYTES] = {0}, mask[BYTES], back[BYTES] = {0}, again[BYTES];
	CLEANUP(buf_destroy) struct buf shown = BUF_INIT;
	struct diag diag = {.message = ""};
	int r = value_parse(type, text, n, bytes, mask, &diag);

	if (r < 0) {
		if ((r != -EINVAL && r != -ERANGE) || !*diag.message)
			abort();
		return;
	}
	for (size_t i = 0; i < type->size; i++)
		bytes[i] &= mask[i];
	value_format(type, bytes, &shown);
	if (shown.failed || value_parse(type, shown.data, shown.len, back, again, &diag) < 0)
		abort();
	for (size_t i = 0; i < type->size; i++)
		if ((bytes[i] ^ back[i]) & again[i] & mask[i])
			abort();
}

/* Into all scalars below. */
static void try_values(const struct place *place, const char *text, size_t n)
{
	if (!type_is_directory(place->type)) {
		if (place->type->size > 0 && place->type->size <= BYTES)
			try_value(place->type, text, n);
		return;
	}
	for (uint64_t i = 0; i < type_children(place->type) && i < 100; i++) {
		struct place child = type_child(place, i);

		if (i == 0 || child.type->kind != TYPE_ARRAY || place->type->kind != TYPE_ARRAY)
			try_values(&child, text, n);
	}
}

static void apply(const struct json_changes *changes, unsigned char *bytes, size_t size)
{
	for (size_t i = 0; i < changes->n; i++) {
		const struct json_change *change = &changes->list[i];
		const unsigned char *mask = change->bytes + change->size;
		bool run = type_is_run(change->type);

		if (change->offset > size || change->size > size - change->offset)
			abort();
		for (size_t j = 0; j < change->size; j++) {
			unsigned char *to = bytes + change->offset + j, bits = run ? 0xff : mask[j];

			*to = (unsigned char)((*to & ~bits) | (change->bytes[j] & bits));
		}
	}
}

/* What is taken of a text that may go on is what is taken of it at its end. */
static int parse(struct spot *spot, const struct type *type, const char *text, size_t n, bool last,
		 struct json_changes *out)
{
	struct diag diag = {.message = ""};
	int r = json_parse(spot, type, text, n, last, out, &diag);

	if (r < 0 && r != -ENOMEM && !*diag.message)
		abort();
	return r;
}

/* Into a record that doesn't vary; what it is then, as JSON, changes nothing. */
static void try_json(const struct type *type, const char *text, size_t n)
{
	CLEANUP(free_ptr)
	unsigned char *bytes = calloc(1, type->size), *same = calloc(1, type->size);
	CLEANUP(json_changes_destroy) struct json_changes changes = {0}, early = {0}, again = {0};
	CLEANUP(buf_destroy) struct buf shown = BUF_INIT;
	int r = parse(NULL, type, text, n, true, &changes);
	int at_first = parse(NULL, type, text, n, false, &early);

	if (at_first != r && (at_first != -EAGAIN || r != -EINVAL))
		abort();
	if (r < 0)
		return;
	memory_bytes(n, bytes, type->size);
	apply(&changes, bytes, type->size);
	memcpy(same, bytes, type->size);
	json_format(type, bytes, false, &shown);
	if (shown.failed || parse(NULL, type, shown.data, shown.len, true, &again) < 0)
		abort();
	apply(&again, same, type->size);
	if (memcmp(bytes, same, type->size) != 0)
		abort();
}

static void try_varying(const struct bound *bound, const char *text, size_t n)
{
	CLEANUP(json_changes_destroy) struct json_changes changes = {0};
	struct spot spot = {.diag = {.message = ""}};

	walk_begin(&spot.walk, bound, read_memory, NULL, &spot.diag);
	trail_begin(&spot.walk, &spot.trail);
	if (walk_down(&spot.walk, &spot.trail, 0) < 0)
		abort();
	json_parse(&spot, spot_place(&spot)->type, text, n, true, &changes, &spot.diag);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct bound *all, *some;
	const char *text = (const char *)data;
	struct place root, place;

	if (!all)
		all = bind(fixed);
	if (!some)
		some = bind(varying);
	root = bound_root(all);
	place = type_child(&root, 0);
	try_values(&place, text, size);
	try_json(place.type, text, size);
	try_varying(some, text, size);
	return 0;
}
