/* SPDX-License-Identifier: MIT */
#include "layout/debug.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "layout/debug_inside.h"

#define KNOWN_MAX   4096	 /* names that are remembered of one program */
#define RETRY_AFTER 10000000000u /* ns */

/* A name that was looked for, and what came of it. */
struct known {
	struct known *next;
	struct reader_name name;
	const struct type *type; /* NULL: err, and why */
	int err;
	struct diag why;
};

struct debug {
	atomic_uint refs;
	pthread_mutex_t lock;
	struct arena arena;
	struct maker maker; /* maker.dwarf is NULL while nothing is open */
	struct known *known;
	size_t n_known;
	int failed; /* why it can't be opened: that file isn't tried again at once */
	uint64_t failed_at;
	struct stat failed_of; /* another of the same build-id may not be stripped */
	struct diag why;
	atomic_uint_fast64_t used; /* CLOCK_MONOTONIC, ns */
};

const char *reader_word_text(enum reader_word word)
{
	static const char *const texts[] = {"", "struct ", "union ", "enum "};

	return texts[word];
}

int debug_new(struct debug **out)
{
	struct debug *debug = calloc(1, sizeof(*debug));

	if (!debug)
		return -ENOMEM;
	debug->refs = 1;
	debug->arena = ARENA_INIT(LAYOUT_ARENA_MAX);
	debug->maker.p.kept = &debug->arena;
	debug->maker.p.scratch = ARENA_INIT(LAYOUT_ARENA_MAX);
	pthread_mutex_init(&debug->lock, NULL);
	*out = debug;
	return 0;
}

struct debug *debug_ref(struct debug *debug)
{
	atomic_fetch_add_explicit(&debug->refs, 1, memory_order_relaxed);
	return debug;
}

/* Forgets which entries are which types: when they go, or when an error left some half made. */
static void forget(struct maker *m)
{
	maker_forget(m);
	m->p.fields.n = m->p.enumerators.n = 0;
	m->p.err = 0;
	m->depth = m->p.depth = 0;
}

static void close_dwarf(struct debug *debug)
{
	struct maker *m = &debug->maker;

	forget(m);
	free(m->targets.data);
	free(m->p.fields.data);
	free(m->p.enumerators.data);
	m->targets = m->p.fields = m->p.enumerators = (struct vector){0};
	arena_destroy(&m->p.scratch);
	dwarf_close(m->dwarf);
	m->dwarf = NULL;
}

void debug_unref(struct debug *debug)
{
	if (!debug || atomic_fetch_sub_explicit(&debug->refs, 1, memory_order_acq_rel) != 1)
		return;
	close_dwarf(debug);
	while (debug->known) {
		struct known *known = debug->known;

		debug->known = known->next;
		free(known);
	}
	arena_destroy(&debug->arena);
	pthread_mutex_destroy(&debug->lock);
	free(debug);
}

/* Has that very file failed a moment ago? */
static bool fails(const struct debug *debug, const struct stat *file)
{
	return debug->failed && clock_ns() - debug->failed_at <= RETRY_AFTER &&
	       debug->failed_of.st_dev == file->st_dev && debug->failed_of.st_ino == file->st_ino;
}

/* Opens what isn't open. Locked. */
static int open_dwarf(struct debug *debug, int fd, const struct dwarf_files *files,
		      struct diag *diag)
{
	struct diag why = {.message = "its debug information can't be read"};
	struct stat file;
	int r;

	if (fstat(fd, &file) < 0)
		return -EIO;
	if (!fails(debug, &file))
		debug->failed = 0; /* somebody may have installed it meanwhile */
	r = debug->failed;
	if (r == 0 && !debug->maker.dwarf)
		r = dwarf_open(fd, files, &debug->maker.dwarf, &why);
	else if (r == 0)
		dwarf_lend(debug->maker.dwarf, files);
	if (r < 0 && !debug->failed && r != -ENOMEM && r != -EIO) {
		debug->failed = r;
		debug->failed_at = clock_ns();
		debug->failed_of = file;
		debug->why = why;
	}
	if (r < 0 && diag)
		*diag = debug->failed ? debug->why : why;
	debug->used = clock_ns();
	return r;
}

int debug_use(struct debug *debug, int fd, const struct dwarf_files *files, struct dwarf **dwarf,
	      struct diag *diag)
{
	int r;

	pthread_mutex_lock(&debug->lock);
	r = open_dwarf(debug, fd, files, diag);
	if (r < 0)
		pthread_mutex_unlock(&debug->lock);
	else
		*dwarf = debug->maker.dwarf;
	return r;
}

void debug_done(struct debug *debug)
{
	debug->used = clock_ns();
	pthread_mutex_unlock(&debug->lock);
}

int debug_type(struct debug *debug, const struct dwarf_entry *entry, const struct type **out,
	       struct diag *diag)
{
	struct maker *m = &debug->maker;
	struct diag unheard;
	const struct ctype *type;
	int err;

	m->p.diag = diag ? diag : &unheard;
	type = maker_finish(m, entry);
	err = m->p.err;
	m->p.diag = NULL;
	if (err) {
		forget(m);
		return err;
	}
	if (type->state != CTYPE_COMPLETE)
		return diag_set(diag, -EINVAL, 0, 0, "'%.100s' is only declared, not defined",
				type->type.name);
	*out = &type->type;
	return 0;
}

/* Looks a name up in what is open, and makes its type. Locked. */
static int look_up(struct debug *debug, const struct reader_name *name, const struct type **out,
		   struct diag *diag)
{
	struct dwarf_entry entry;
	int r = debug_lookup(debug->maker.dwarf, name, &entry);

	if (r < 0)
		return diag_set(diag, r, 0, 0, "its debug information can't be read");
	if (r == 1)
		return debug_type(debug, &entry, out, diag);
	if (debug_lacks(debug->maker.dwarf, diag))
		return -ENOENT;
	return diag_set(diag, -ENOENT, 0, 0, "it has no type of that name");
}

static struct known *recall(struct debug *debug, const struct reader_name *name)
{
	struct known *known = debug->known;

	while (known && (known->name.word != name->word || known->name.length != name->length ||
			 memcmp(known->name.name, name->name, name->length) != 0))
		known = known->next;
	return known;
}

/* Remembers what came of a name, errors that will come again too. */
static struct known *remember(struct debug *debug, const struct reader_name *name)
{
	struct known *known;

	if (debug->n_known == KNOWN_MAX)
		return NULL;
	known = calloc(1, sizeof(*known) + name->length);
	if (!known)
		return NULL;
	known->name = *name;
	known->name.name = memcpy(known + 1, name->name, name->length);
	known->next = debug->known;
	debug->known = known;
	debug->n_known++;
	return known;
}

static int find(struct debug *debug, int fd, const struct dwarf_files *files,
		const struct reader_name *name, const struct type **out, struct diag *diag)
{
	struct known *known = recall(debug, name);
	const struct type *type = NULL;
	struct diag why = {0};
	int r;

	if (!known) {
		r = open_dwarf(debug, fd, files, diag);
		if (r < 0)
			return r;
		r = look_up(debug, name, &type, &why);
		known = r == -ENOMEM || r == -EIO ? NULL : remember(debug, name);
		if (known) {
			known->type = type;
			known->err = r;
			known->why = why;
		}
	} else {
		r = known->err;
		type = known->type;
		why = known->why;
	}
	if (r < 0 && diag)
		*diag = why;
	if (r == 0)
		*out = type;
	return r;
}

int debug_find(struct debug *debug, int fd, const struct dwarf_files *files,
	       const struct reader_name *name, const struct type **out, struct diag *diag)
{
	int r;

	pthread_mutex_lock(&debug->lock);
	r = find(debug, fd, files, name, out, diag);
	pthread_mutex_unlock(&debug->lock);
	return r;
}

bool debug_rest(struct debug *debug, uint64_t before)
{
	bool closed;

	if (pthread_mutex_trylock(&debug->lock) != 0)
		return false;
	closed = !debug->maker.dwarf;
	if (!closed && debug->used < before) {
		close_dwarf(debug);
		malloc_trim(0); /* what was freed of libdw's many small pieces */
		closed = true;
	}
	pthread_mutex_unlock(&debug->lock);
	return closed;
}
