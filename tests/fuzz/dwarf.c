/* SPDX-License-Identifier: MIT */
/*
 * Any bytes as a program file with debug information, and as the files that it leads to (bundle.h):
 * types by name, the variables that stand at addresses, those in scope at others, what a layout
 * would be called by them, and the frames that call frame information tells of. What must hold: no
 * crash, no hang, no leak; a type that comes out of it is sound, however it was described; what is
 * refused says why.
 *
 * Only a program that says where its code and data are has any: the first segments of either kind.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "bundle.h"
#include "layout/debug.h"
#include "layout/layout.h"
#include "layout/unwind.h"
#include "layout/variable.h"
#include "view/candidate.h"

#define ADDRESSES 64
#define PLACES	  16  /* in the code, that are looked at */
#define NODES	  200 /* of a type, that are looked at */
#define REGION	  4096
#define STACK	  0x7fff0000
#define PATIENCE  500000000 /* ns */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* One input. */
struct trial {
	const uint8_t *data;
	struct bundle bundle;
	struct dwarf_files files;
	int fd;		      /* of the program */
	uint64_t code, words; /* where they begin */
	struct debug *debug;
	struct cfi *cfi;
	struct candidates candidates;
	unsigned left; /* variables that are told of */
};

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

static int make_file(const uint8_t *bytes, size_t n)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
		abort();
	return fd;
}

static int open_part(void *context, const char *path)
{
	const struct trial *trial = context;
	int found = bundle_find(&trial->bundle, path);

	if (found < 0)
		return -ENOENT;
	return make_file(trial->data + trial->bundle.parts[found].at,
			 trial->bundle.parts[found].size);
}

static void find_segments(struct trial *trial)
{
	const struct bundle_part *program = &trial->bundle.parts[0];
	const uint8_t *file = trial->data + program->at;
	Elf64_Ehdr header;
	Elf64_Phdr segment;

	if (program->size < sizeof(header))
		return;
	memcpy(&header, file, sizeof(header));
	for (unsigned i = header.e_phnum < 16 ? header.e_phnum : 16; i-- > 0;) {
		uint64_t at = header.e_phoff + i * sizeof(segment);

		if (at > program->size || sizeof(segment) > program->size - at)
			continue;
		memcpy(&segment, file + at, sizeof(segment));
		if (segment.p_type == PT_LOAD && segment.p_flags & PF_X)
			trial->code = header.e_entry ? header.e_entry : segment.p_vaddr;
		if (segment.p_type == PT_LOAD && segment.p_flags & PF_W)
			trial->words = segment.p_vaddr;
	}
}

/* What a pointer's target is called, and its type where a layout has to look that up. */
static int find_type(struct trial *trial, const struct variable *variable, struct candidate *out)
{
	int r = variable->typed ? spell(&variable->target, &out->spelled) : 0;

	if (r < 0 || !out->spelled.lookup.len)
		return r;
	r = debug_type(trial->debug, &out->spelled.found, &out->type, NULL);
	if (r < 0) {
		out->spelled.worth = SPELL_NOTHING;
		return r == -ENOMEM ? r : 0;
	}
	out->debug = debug_ref(trial->debug);
	if (!out->spelled.size)
		out->spelled.size = out->type->size;
	check(out->type, &(unsigned){NODES});
	return 0;
}

static bool tell(void *context, const struct variable *variable)
{
	struct trial *trial = context;
	struct candidate candidate = {
		.spelled.worth = SPELL_NOTHING,
		.kind = variable->kind,
		.offset = trial->left * 64 % REGION,
		.path = strdup(variable->path),
		.function = variable->function ? strdup(variable->function) : NULL,
		.program = strdup("/a/program"),
	};
	struct dwarf_entry bare;

	if (variable->typed)
		variable_bare_type(&variable->target, &bare);
	if (find_type(trial, variable, &candidate) < 0)
		candidate_free(&candidate);
	else
		candidates_add(&trial->candidates, &candidate);
	return --trial->left > 0;
}

/* A stack of return addresses and of small numbers, and what can't be read. */
static int read_stack(void *context, uint64_t address, void *to, size_t n)
{
	const struct trial *trial = context;
	uint64_t word = address % 16 ? address % 256 : trial->code + address / 16 % 128;

	if (address % 3 == 0 && address < STACK)
		return -EIO;
	memset(to, 0, n);
	memcpy(to, &word, n < sizeof(word) ? n : sizeof(word));
	return 0;
}

static int use_cfi(void *context, uint64_t pc, struct cfi **cfi, uint64_t *bias)
{
	const struct trial *trial = context;

	(void)pc;
	*cfi = trial->cfi;
	*bias = 0;
	return 0;
}

static bool look_at_frame(void *context, const struct machine *machine, uint64_t pc, unsigned depth)
{
	struct trial *trial = context;
	struct machine frame = *machine;
	struct dwarf *dwarf;
	struct diag diag;

	if (debug_use(trial->debug, trial->fd, &trial->files, &dwarf, &diag))
		return false;
	trial->left = 20;
	variables_in_scope(dwarf, pc, &frame, clock_ns() + PATIENCE, tell, trial);
	debug_done(trial->debug);
	return depth < 8;
}

/* Frames, from some places in the code outwards. */
static void try_frames(struct trial *trial)
{
	if (cfi_open(trial->fd, &trial->cfi))
		return;
	for (unsigned i = 0; i < PLACES; i++) {
		struct machine machine = {
			.known = 0x3ffff,
			.pc = trial->code + 9ull * i,
			.read = read_stack,
			.context = trial,
		};
		struct unwind_ops ops = {use_cfi, look_at_frame, trial};

		for (unsigned r = 0; r < MACHINE_REGISTERS; r++)
			machine.value[r] = STACK + 16ull * r;
		unwind(&machine, &ops);
	}
	cfi_close(trial->cfi);
}

static void try_variables(struct trial *trial)
{
	struct machine machine = {
		.known = 0x3ffff, .read = read_stack, .context = trial, .has_cfa = true};
	uint64_t addresses[ADDRESSES];
	struct dwarf *dwarf;
	struct diag diag;

	if (debug_use(trial->debug, trial->fd, &trial->files, &dwarf, &diag))
		return;
	for (unsigned i = 0; i < ADDRESSES; i++)
		addresses[i] = trial->words + 8ull * i;
	trial->left = 300;
	variables_at(dwarf, addresses, ADDRESSES, clock_ns() + PATIENCE, tell, trial);
	for (unsigned i = 0; i < PLACES; i++) {
		trial->left = 20;
		variables_in_scope(dwarf, trial->code + 9ull * i, &machine, clock_ns() + PATIENCE,
				   tell, trial);
	}
	debug_lacks(dwarf, &diag);
	debug_done(trial->debug);
}

/* The layout that follows from the variables. */
static void try_layout(struct trial *trial)
{
	const struct reader reader = {&candidates_reader, &trial->candidates};
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	struct layout *layout;
	struct bound *bound;
	struct diag diag = {.message = ""};

	candidates_place(&trial->candidates, REGION, &text);
	if (!text.len)
		return;
	if (layout_parse_with(text.data, text.len, &reader, &layout, &diag)) {
		if (!*diag.message)
			abort();
		return; /* names that only another language has */
	}
	if (layout_bind(layout, REGION, &bound, &diag) == 0)
		bound_unref(bound);
	layout_unref(layout);
}

static void try_names(struct trial *trial)
{
	static const struct reader_name names[] = {
		{READER_STRUCT, "STU", 3}, {READER_STRUCT, "all", 3},  {READER_UNION, "any", 3},
		{READER_ENUM, "mood", 4},  {READER_NAME, "number", 6}, {READER_NAME, "a::Kind", 7},
	};
	const struct type *before = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct type *type;
		struct diag diag = {0};
		char difference[200];
		int r = debug_find(trial->debug, trial->fd, &trial->files, &names[i], &type, &diag);

		if (r == 0) {
			check(type, &(unsigned){NODES});
			if (before)
				debug_differ(before, type, difference, sizeof(difference));
			if (debug_differ(type, type, difference, sizeof(difference)))
				abort();
			before = type;
		} else if (r != -ENOMEM && !diag.message[0]) {
			abort();
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trial trial = {.data = data};

	bundle_read(data, size, &trial.bundle);
	trial.files = (struct dwarf_files){open_part, &trial, "/a/program"};
	if (debug_new(&trial.debug))
		return 0;
	trial.fd = make_file(data + trial.bundle.parts[0].at, trial.bundle.parts[0].size);
	find_segments(&trial);
	try_names(&trial);
	try_variables(&trial);
	try_frames(&trial);
	try_layout(&trial);
	candidates_destroy(&trial.candidates);
	debug_unref(trial.debug);
	close(trial.fd);
	return 0;
}
