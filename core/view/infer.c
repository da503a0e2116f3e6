/* SPDX-License-Identifier: MIT */
#include "view/infer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/proc.h"
#include "layout/unwind.h"
#include "region/program.h"
#include "view/facts.h"
#include "view/infer_files.h"

#define PROCESSES_MAX 64	   /* that are looked at */
#define SPANS_MAX     64	   /* mappings of the region in one process */
#define PATIENCE      5000000000u  /* ns, without a stop */
#define PATIENCE_AUTO 20000000000u /* ns, with it */

struct inferring {
	int proc;
	const struct region *region;
	const struct caller *caller;
	uint64_t deadline;
	struct inference *found;
	struct infer_files files;
	int err;

	/* of the process that is looked at */
	const struct process *process;
	struct programs programs;
	struct span spans[SPANS_MAX]; /* where it maps the region */
	uint64_t offsets[SPANS_MAX];
	size_t n_spans;
	const struct program *program; /* the file that is looked at */
	struct debug *debug;	       /* of it; in use */
	const struct words *words;     /* of static variables */
	const struct halted *halted;   /* the thread that is looked at */
};

/* ---- debug information ---- */

static int open_beside(void *context, const char *path)
{
	const struct inferring *inferring = context;

	return program_open_path(inferring->proc, inferring->process->task, path);
}

/* Whether what its debug information tells may be told to those who read the region. */
static bool may_tell(const struct inferring *inferring, const struct program *program)
{
	return inferring->caller || program->is_public || !(inferring->region->mode & 0044);
}

/* Keeps why the debug information of a process's own program is of no use. */
static void note_lack(struct inferring *inferring, const struct program *program,
		      const struct diag *why)
{
	const char *base = strrchr(program->path, '/');

	if (program->is_main && !*inferring->found->lacks)
		snprintf(inferring->found->lacks, sizeof(inferring->found->lacks), "%.40s: %.150s",
			 base ? base + 1 : program->path, why->message);
}

/* The debug information of a file, and *dwarf until debug_done(); or NULL. */
static struct debug *use_debug(struct inferring *inferring, const struct program *program,
			       struct dwarf **dwarf)
{
	struct dwarf_files files = {open_beside, inferring, program->path};
	struct debug *debug = NULL;
	struct diag why = {0};

	inferring->program = program;
	inferring->debug = NULL;
	if (may_tell(inferring, program) &&
	    infer_files_debug(&inferring->files, program, &debug) == -ENOMEM)
		inferring->err = -ENOMEM;
	if (!debug)
		return NULL;
	if (debug_use(debug, program->fd, &files, dwarf, &why) == 0)
		inferring->debug = debug;
	else
		note_lack(inferring, program, &why);
	return inferring->debug;
}

/* Gives it back after a search. */
static void done_debug(struct inferring *inferring, const struct program *program,
		       struct debug *debug, struct dwarf *dwarf)
{
	struct diag why;

	if (program->is_main && !inferring->found->candidates.n && debug_lacks(dwarf, &why))
		note_lack(inferring, program, &why);
	debug_done(debug);
}

static int find_cfi(void *context, uint64_t pc, struct cfi **cfi, uint64_t *bias)
{
	struct inferring *inferring = context;
	const struct program *program = programs_at(&inferring->programs, pc);
	int r = program ? infer_files_cfi(&inferring->files, program, cfi) : -ENODATA;

	if (r == 0)
		*bias = program->bias;
	if (r == -ENOMEM)
		inferring->err = r;
	return r;
}

/* ---- candidates ---- */

/* Where into the region an address of the process points. */
static bool points_into(const struct inferring *inferring, uint64_t value, uint64_t *offset)
{
	for (size_t i = 0; i < inferring->n_spans; i++)
		if (value >= inferring->spans[i].start && value < inferring->spans[i].end) {
			*offset = inferring->offsets[i] + (value - inferring->spans[i].start);
			return true;
		}
	return false;
}

/* What the pointer's target is called, and its type where the layout has to look it up. */
static int find_type(struct inferring *inferring, const struct variable *variable,
		     struct candidate *candidate)
{
	struct spelled *spelled = &candidate->spelled;
	int r = variable->typed ? spell(&variable->target, spelled) : 0;

	if (r < 0 || !spelled->lookup.len)
		return r;
	r = debug_type(inferring->debug, &spelled->found, &candidate->type, NULL);
	if (r == 0) {
		candidate->debug = debug_ref(inferring->debug);
		if (!spelled->size) /* it is only declared where the variable is */
			spelled->size = candidate->type->size;
	} else {
		spelled->worth = SPELL_NOTHING;
	}
	return r == -ENOMEM ? r : 0;
}

static int add_candidate(struct inferring *inferring, const struct variable *variable,
			 uint64_t offset)
{
	struct candidate candidate = {
		.spelled.worth = SPELL_NOTHING,
		.kind = variable->kind,
		.offset = offset,
		.path = strndup(variable->path, VARIABLE_PATH),
		.function = variable->function ? strndup(variable->function, VARIABLE_PATH) : NULL,
		.program = strdup(inferring->program->path),
		.process = *inferring->process,
	};

	if (inferring->halted) {
		candidate.tid = inferring->halted->tid;
		memcpy(candidate.comm, inferring->halted->comm, sizeof(candidate.comm));
	}
	if (!candidate.path || !candidate.program || (variable->function && !candidate.function) ||
	    find_type(inferring, variable, &candidate) < 0) {
		candidate_free(&candidate);
		return -ENOMEM;
	}
	return candidates_add(&inferring->found->candidates, &candidate);
}

static bool take(struct inferring *inferring, const struct variable *variable, uint64_t value)
{
	uint64_t offset;
	int r = 0;

	if (points_into(inferring, value, &offset))
		r = add_candidate(inferring, variable, offset);
	if (r < 0)
		inferring->err = r;
	return r == 0;
}

static bool take_static(void *context, const struct variable *variable)
{
	struct inferring *inferring = context;
	const struct words *words = inferring->words;

	for (size_t i = 0; i < words->n; i++)
		if (words->all[i].address - inferring->program->bias == variable->address)
			return take(inferring, variable, words->all[i].value);
	return true;
}

static bool take_local(void *context, const struct variable *variable)
{
	return take(context, variable, variable->value);
}

/* ---- static variables ---- */

static int tell_data(struct inferring *inferring, struct dwarf *dwarf, const struct words *words)
{
	CLEANUP(free_ptr)
	uint64_t *addresses = reallocarray(NULL, words->n, sizeof(*addresses));

	if (!addresses)
		return -ENOMEM;
	for (size_t i = 0; i < words->n; i++) /* they come by address */
		addresses[i] = words->all[i].address - inferring->program->bias;
	inferring->words = words;
	return variables_at(dwarf, addresses, words->n, inferring->deadline, take_static,
			    inferring);
}

static void look_at_data(struct inferring *inferring, const struct program *program)
{
	CLEANUP(words_destroy) struct words words = {0};
	struct debug *debug;
	struct dwarf *dwarf;
	int r = words_find(inferring->proc, inferring->process->task, program->data,
			   inferring->spans, inferring->n_spans, &words);

	debug = r == 0 && words.n ? use_debug(inferring, program, &dwarf) : NULL;
	if (debug) {
		r = tell_data(inferring, dwarf, &words);
		done_debug(inferring, program, debug, dwarf);
	}
	if (r == -ENOMEM)
		inferring->err = r;
	if (r == -ETIMEDOUT)
		inferring->found->late = true;
}

/* ---- local variables ---- */

static int read_stack(void *context, uint64_t address, void *to, size_t n)
{
	const struct halted *halted = context;
	uint64_t at = address - halted->stack;

	if (at > halted->n || n > halted->n - at)
		return -EFAULT;
	memcpy(to, halted->bytes + at, n);
	return 0;
}

static bool look_at_frame(void *context, const struct machine *machine, uint64_t pc, unsigned depth)
{
	struct inferring *inferring = context;
	struct machine frame = *machine;
	const struct program *program = programs_at(&inferring->programs, pc);
	struct dwarf *dwarf;
	struct debug *debug = program ? use_debug(inferring, program, &dwarf) : NULL;

	(void)depth;
	if (debug) {
		variables_in_scope(dwarf, pc - machine->bias, &frame, inferring->deadline,
				   take_local, inferring);
		done_debug(inferring, program, debug, dwarf);
	}
	if (clock_ns() > inferring->deadline)
		inferring->found->late = true;
	return inferring->err == 0 && !inferring->found->late;
}

/* Whether anything in a thread points into the region: most have nothing to do with it. */
static bool has_pointer(const struct inferring *inferring, const struct halted *halted)
{
	uint64_t offset, value;

	for (unsigned i = 0; i < halted->registers.n; i++)
		if (points_into(inferring, halted->registers.value[i], &offset))
			return true;
	for (size_t at = 0; at + sizeof(value) <= halted->n; at += sizeof(value)) {
		memcpy(&value, halted->bytes + at, sizeof(value));
		if (points_into(inferring, value, &offset))
			return true;
	}
	return false;
}

static void look_at_thread(void *context, const struct halted *halted)
{
	struct inferring *inferring = context;
	struct machine machine = {
		.known = (uint32_t)((1ull << halted->registers.n) - 1),
		.pc = halted->registers.pc,
		.read = read_stack,
		.context = (void *)(uintptr_t)halted,
	};
	struct unwind_ops ops = {find_cfi, look_at_frame, inferring};

	if (!has_pointer(inferring, halted))
		return;
	memcpy(machine.value, halted->registers.value, sizeof(halted->registers.value));
	inferring->halted = halted;
	unwind(&machine, &ops);
	inferring->halted = NULL;
}

/* ---- processes ---- */

static bool may_look(const struct inferring *inferring, const struct process *process)
{
	const struct region *region = inferring->region;
	const struct caller *caller = inferring->caller;

	if (caller)
		return facts_may_see(caller, process);
	return (process->one_user && process->uid == region->uid) ||
	       (region->uid == 0 && !(region->mode & 0077));
}

/* Where the process that begins with the mapper maps the region. */
static void find_spans(struct inferring *inferring, const struct mapper *mapper)
{
	const struct mapper *end = inferring->region->mappers + inferring->region->n_mappers;

	inferring->n_spans = 0;
	for (; mapper < end && mapper->process == inferring->process &&
	       inferring->n_spans < SPANS_MAX;
	     mapper++) {
		inferring->spans[inferring->n_spans] = (struct span){mapper->start, mapper->end};
		inferring->offsets[inferring->n_spans++] = mapper->offset;
	}
}

static void look_at_process(struct inferring *inferring, const struct mapper *mapper)
{
	int r;

	inferring->process = mapper->process;
	find_spans(inferring, mapper);
	if (programs_open(inferring->proc, mapper->process->task, &inferring->programs) < 0)
		return;
	inferring->found->processes++;
	for (size_t i = 0; i < inferring->programs.n && !inferring->err; i++)
		look_at_data(inferring, &inferring->programs.all[i]);
	if (inferring->caller && !inferring->err) {
		r = halt_each(inferring->proc, mapper->process, inferring->caller->pid,
			      inferring->deadline, look_at_thread, inferring,
			      &inferring->found->report);
		if (r == -ENOMEM)
			inferring->err = r;
	}
	programs_close(&inferring->programs);
}

static void look_at_all(struct inferring *inferring)
{
	const struct region *region = inferring->region;

	for (size_t i = 0; i < region->n_mappers && !inferring->err; i++) {
		const struct mapper *mapper = &region->mappers[i];

		if (i > 0 && mapper->process == mapper[-1].process)
			continue;
		if (!may_look(inferring, mapper->process)) {
			inferring->found->forbidden++;
			continue;
		}
		if (inferring->found->processes == PROCESSES_MAX ||
		    clock_ns() > inferring->deadline) {
			inferring->found->late = true;
			break;
		}
		look_at_process(inferring, mapper);
	}
}

int infer(const struct env *env, const struct region *region, uint64_t size,
	  const struct caller *caller, struct inference **out)
{
	CLEANUP(close_fd) int proc = proc_open(env->proc);
	struct inferring inferring = {
		.proc = proc,
		.region = region,
		.caller = caller,
		.found = proc < 0 ? NULL : inference_new(),
		.deadline = clock_ns() + (caller ? PATIENCE_AUTO : PATIENCE),
	};

	if (!inferring.found)
		return proc < 0 ? proc : -ENOMEM;
	inferring.found->stopped = caller;
	look_at_all(&inferring);
	infer_files_close(&inferring.files);
	candidates_place(&inferring.found->candidates, size, &inferring.found->text);
	if (buf_status(&inferring.found->text) < 0)
		inferring.err = -ENOMEM;
	if (inferring.err < 0)
		inference_unref(inferring.found);
	else
		*out = inferring.found;
	return inferring.err;
}
