/* SPDX-License-Identifier: MIT */
/*
 * The life of what a memory has open. Its lock covers which facts and which grip it has. It is
 * held while the object is opened and while liveness is checked, never while bytes are moved: those
 * who move bytes have a reference of the grip, so letting go is dropping the memory's own.
 */
#include "region/memory.h"

#include <errno.h>
#include <stdlib.h>

#include "region/access.h"

#define IDLE	  500000000u /* ns after which what nobody uses is closed */
#define ALIVE	  100000000u /* ns that a region is believed to be mapped still */
#define GRIPS_MAX 128	     /* more than these aren't kept for the next access */

static const char gone[] = "nobody maps it any more";

struct memory {
	pthread_mutex_t lock;
	const char *proc;
	struct region *region; /* NULL: gone */
	struct grip *grip;     /* NULL: nothing is open */
	unsigned holds;
	uint64_t used;	  /* grip_now() of the last access */
	uint64_t checked; /* and of the last time the region was seen alive; 0: not yet */
};

int memory_new(struct region *region, const char *proc, struct memory **out)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return -ENOMEM;
	pthread_mutex_init(&memory->lock, NULL);
	memory->proc = proc ? proc : "/proc";
	memory->region = region_ref(region);
	*out = memory;
	return 0;
}

static void let_go(struct memory *memory)
{
	grip_unref(memory->grip);
	memory->grip = NULL;
}

void memory_free(struct memory *memory)
{
	if (!memory)
		return;
	let_go(memory);
	region_unref(memory->region);
	pthread_mutex_destroy(&memory->lock);
	free(memory);
}

void memory_follow(struct memory *memory, struct region *region)
{
	struct region *before;

	pthread_mutex_lock(&memory->lock);
	before = memory->region;
	memory->region = region ? region_ref(region) : NULL;
	memory->checked = 0;
	/* Another process may let us nearer than those did. */
	if (!region || !region->approachable ||
	    (memory->grip && memory->grip->reach.access != MEMORY_DESCRIPTOR))
		let_go(memory);
	pthread_mutex_unlock(&memory->lock);
	region_unref(before);
}

/* With the lock held: lets go if the region is gone. */
static void check_alive(struct memory *memory, uint64_t now)
{
	if (!memory->grip || (memory->checked && now - memory->checked < ALIVE))
		return;
	if (reach_alive(&memory->grip->reach, memory->region, memory->proc))
		memory->checked = now;
	else
		let_go(memory);
}

/* With the lock held: the object is open, by what was open or anew. */
static int open_kept(struct memory *memory, uint64_t now, const char **why)
{
	int r;

	if (memory->grip)
		return 0;
	r = grip_open(memory->region, memory->proc, &memory->grip, why);
	if (r == 0)
		memory->checked = now;
	return r;
}

int access_begin(struct memory *memory, enum access_purpose purpose, struct access *access,
		 const char **why)
{
	struct access begun = {.proc = memory->proc};
	const char *reason = gone;
	uint64_t now = grip_now();
	int r = -EIO;

	pthread_mutex_lock(&memory->lock);
	if (memory->region) {
		begun.region = region_ref(memory->region);
		check_alive(memory, now);
		r = purpose == ACCESS_BYTES ? open_kept(memory, now, &reason) : 0;
		if (r == 0 && memory->grip) {
			memory->used = now;
			begun.grip = grip_ref(memory->grip);
		}
	}
	pthread_mutex_unlock(&memory->lock);
	if (r == 0 && !begun.grip && purpose != ACCESS_FACTS)
		r = grip_open(begun.region, begun.proc, &begun.grip, &reason);
	if (r < 0) {
		region_unref(begun.region);
		if (why)
			*why = reason;
		return r;
	}
	*access = begun;
	return 0;
}

void access_end(struct memory *memory, struct access *access)
{
	if (access->grip && grip_count() > GRIPS_MAX) {
		pthread_mutex_lock(&memory->lock);
		if (memory->grip == access->grip && memory->holds == 0)
			let_go(memory);
		pthread_mutex_unlock(&memory->lock);
	}
	grip_unref(access->grip);
	region_unref(access->region);
}

bool memory_attaches(struct memory *memory)
{
	struct access access;
	bool held, attaches;

	if (access_begin(memory, ACCESS_FACTS, &access, NULL) < 0)
		return false;
	attaches = access_attaches(&access);
	access_end(memory, &access);
	pthread_mutex_lock(&memory->lock);
	held = memory->holds > 0;
	pthread_mutex_unlock(&memory->lock);
	return attaches && !held;
}

void memory_hold(struct memory *memory)
{
	pthread_mutex_lock(&memory->lock);
	memory->holds++;
	memory->used = grip_now();
	pthread_mutex_unlock(&memory->lock);
}

void memory_release(struct memory *memory)
{
	pthread_mutex_lock(&memory->lock);
	memory->holds--;
	memory->used = grip_now();
	if (memory->holds == 0 && grip_count() > GRIPS_MAX)
		let_go(memory);
	pthread_mutex_unlock(&memory->lock);
}

bool memory_trim(struct memory *memory)
{
	uint64_t now = grip_now();
	bool idle;
	bool open;

	if (pthread_mutex_trylock(&memory->lock) != 0)
		return true;
	idle = now - memory->used >= IDLE;
	if (idle && memory->holds == 0)
		let_go(memory);
	else if (memory->region)
		check_alive(memory, now);
	if (memory->grip)
		grip_trim(memory->grip, idle, now - IDLE);
	open = memory->grip;
	pthread_mutex_unlock(&memory->lock);
	return open;
}
