/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a program file with debug information: types by name, the variables that stand at
 * addresses, those in scope at others, and the frames that call frame information tells of. What
 * must hold: no crash, no hang, no leak; a type that comes out of it is sound, however it was
 * described.
 *
 * Each file that it names is these bytes again: it is its own .dwo file, as what a compiler hands
 * to the assembler for -gsplit-dwarf is, with sections of either half.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "layout/cfi.h"
#include "layout/debug.h"
#include "layout/variable.h"

#define ADDRESSES 16
#define NODES	  200 /* of a type, that are looked at */
#define SECOND	  1000000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Members lie within their struct, elements in their array, spans add up. */
static void check(const struct type *type, unsigned *left)
{
	struct place place = {.type = type};

	if (!*left || !type_is_directory(type))
		return;
	for (uint64_t i = 0; i < type_children(type) && *left; i++) {
		struct place child = type_child(&place, i), again;

		--*left;
		if (child.offset > type->size || child.type->size > type->size - child.offset ||
		    child.ordinal == 0 || child.ordinal >= type->span)
			abort();
		if (type_find(&place, child.ordinal, NULL, NULL, &again) ||
		    again.type != child.type)
			abort();
		check(child.type, left);
	}
}

static bool tell(void *context, const struct variable *variable)
{
	unsigned *left = context;
	struct dwarf_entry bare;

	if (variable->typed)
		variable_bare_type(&variable->target, &bare);
	return --*left > 0;
}

static int read_nothing(void *context, uint64_t address, void *to, size_t n)
{
	(void)context;
	if (address % 3 == 0)
		return -EIO;
	memset(to, (int)address, n);
	return 0;
}

static int open_itself(void *context, const char *path)
{
	const int *fd = context;

	(void)path;
	return fcntl(*fd, F_DUPFD_CLOEXEC, 0);
}

static void frames(int fd)
{
	struct cfi *cfi;

	if (cfi_open(fd, &cfi))
		return;
	for (uint64_t at = 0x401000; at < 0x401000 + ADDRESSES * 8; at += 8) {
		struct dwarf_operation room[CFI_ROOM];
		const struct dwarf_operation *operations;
		struct cfi_frame *frame;
		enum cfi_rule rule;
		size_t n;

		if (cfi_frame_at(cfi, at, &frame))
			continue;
		cfi_frame_cfa(frame, &operations, &n);
		for (unsigned i = 0; i < 20; i++)
			cfi_frame_register(frame, i, room, &rule, &operations, &n);
		cfi_frame_free(frame);
	}
	cfi_close(cfi);
}

static void variables(struct debug *debug, int fd, const struct dwarf_files *files)
{
	struct machine machine = {.known = 0x3ffff, .read = read_nothing, .has_cfa = true};
	uint64_t addresses[ADDRESSES];
	unsigned left = 300;
	struct dwarf *dwarf;
	struct diag diag;

	if (debug_use(debug, fd, files, &dwarf, &diag))
		return;
	for (unsigned i = 0; i < ADDRESSES; i++)
		addresses[i] = 0x404000 + 8 * i;
	variables_at(dwarf, addresses, ADDRESSES, clock_ns() + SECOND, tell, &left);
	left = 300;
	for (uint64_t pc = 0x401000; pc < 0x401080; pc += 16)
		variables_in_scope(dwarf, pc, &machine, clock_ns() + SECOND, tell, &left);
	debug_done(debug);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct reader_name names[] = {
		{READER_STRUCT, "STU", 3}, {READER_STRUCT, "all", 3},  {READER_UNION, "any", 3},
		{READER_ENUM, "mood", 4},  {READER_NAME, "number", 6},
	};
	CLEANUP(close_fd) int fd = memfd_create("fuzz", MFD_CLOEXEC);
	struct dwarf_files files = {open_itself, &fd, "/a/program"};
	struct debug *debug;

	if (fd < 0 || write(fd, data, size) != (ssize_t)size || debug_new(&debug))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct type *type;
		struct diag diag = {0};
		unsigned left = NODES;
		int r = debug_find(debug, fd, &files, &names[i], &type, &diag);

		if (r == 0)
			check(type, &left);
		else if (r != -ENOMEM && !diag.message[0])
			abort();
	}
	variables(debug, fd, &files);
	frames(fd);
	debug_unref(debug);
	return 0;
}
