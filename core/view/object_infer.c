/* SPDX-License-Identifier: MIT */
/*
 * The layout that variables tell, joined to an object: unasked, when somebody looks and there is
 * no other, and at request (`auto`).
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/text.h"
#include "view/infer.h"
#include "view/object_inside.h"

#define LEAST_PAUSE 1000000000u /* ns between two looks that found nothing */
#define PAUSE_SHARE 10		/* and this many times what the last one took */

/* Who maps it, and where: as long as this is equal, nothing new can be found but what programs
 * store. FNV-1a. */
static uint64_t key_of(const struct region *region)
{
	uint64_t key = 14695981039346656037u;

	for (size_t i = 0; i < region->n_mappers; i++) {
		const struct mapper *mapper = &region->mappers[i];
		const uint64_t facts[] = {(uint64_t)mapper->process->pid,
					  mapper->process->start_time, mapper->start, mapper->end,
					  mapper->offset};

		for (size_t j = 0; j < ARRAY_SIZE(facts); j++)
			key = (key ^ facts[j]) * 1099511628211u;
	}
	return key;
}

/* Whether variables may tell anything about a region. */
static bool is_askable(const struct region *region)
{
	return region->n_mappers > 0 && !region->noise;
}

/* Under facts. */
static bool is_due(const struct object *object, const struct region *region)
{
	uint64_t pause = LEAST_PAUSE + PAUSE_SHARE * object->infer_took;

	if (object->inferred_at && clock_ns() - object->inferred_at < pause)
		return false;
	return !object->layout || object->infer_key != key_of(region);
}

bool object_would_infer(struct object *object)
{
	bool would;

	pthread_mutex_lock(&object->facts);
	would = object->region && object->region->kind != REGION_DEVICE &&
		object->region->kind != REGION_OTHER && (!object->layout || object->unasked) &&
		is_due(object, object->region);
	pthread_mutex_unlock(&object->facts);
	return would;
}

static void remember(struct object *object, const struct region *region, uint64_t began)
{
	pthread_mutex_lock(&object->facts);
	object->inferred_at = clock_ns();
	object->infer_took = object->inferred_at - began;
	object->infer_key = key_of(region);
	pthread_mutex_unlock(&object->facts);
}

/* What was found is told even where no layout came of it. Locked. */
static void keep_inference(struct object *object, struct inference *inference)
{
	inference_unref(object->inference);
	object->inference = inference_ref(inference);
}

static void take_unasked(struct object *object, struct inference *inference, struct binding **old)
{
	const struct reader reader = {&candidates_reader, &inference->candidates};
	struct binding *fields = NULL;
	struct layout *layout = NULL;
	struct diag diag = {0};
	size_t n;
	const char *now = object->layout ? layout_text(object->layout, &n) : NULL;

	if (!object->layout)
		keep_inference(object, inference);
	/* What was found before stays, until something else is: the program may be gone. */
	if (inference->text.len == 0 ||
	    (now && n == inference->text.len && !memcmp(now, inference->text.data, n)))
		return;
	if (object_prepare(object, inference->text.data, inference->text.len, &reader, &layout,
			   &fields, &diag) < 0) {
		object_set_error(object, &diag);
		return;
	}
	object_replace(object, layout, LAYOUT_DEBUGINFO, NULL, old);
	object->fields = fields;
	object->unasked = true;
	keep_inference(object, inference);
}

/* What was looked for when there was no layout. One may have been set meanwhile. */
static void join(struct object *object, struct inference *inference)
{
	struct binding *before = NULL, *old = NULL;

	pthread_mutex_lock(&object->lock);
	object_look(object, &before);
	if (!object->layout || object->unasked)
		take_unasked(object, inference, &old);
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, before);
	object_drop_old(object, old);
}

static void infer_unasked(struct object *object, struct region *region)
{
	struct inference *inference;
	uint64_t size;

	if (memory_size(object->memory, &size) < 0)
		return;
	if (infer(object->env, region, size, NULL, &inference) == 0) {
		join(object, inference);
		inference_unref(inference);
	}
}

/* Looks where layouts are kept: there may be one that nobody has seen yet. */
static void look(struct object *object)
{
	struct binding *old = NULL;

	pthread_mutex_lock(&object->lock);
	object_look(object, &old);
	pthread_mutex_unlock(&object->lock);
	object_drop_old(object, old);
}

bool object_ask(struct object *object)
{
	bool known;

	pthread_mutex_lock(&object->lock);
	known = object->layout && object->origin != LAYOUT_RULE && object->origin != LAYOUT_BUILTIN;
	if (!known)
		object->looked_at = 0;
	pthread_mutex_unlock(&object->lock);
	if (known || !memory_attaches(object->memory))
		return false;
	memory_hold(object->memory);
	object_keep_late(object);
	look(object);
	memory_release(object->memory);
	return true;
}

void object_infer(struct object *object)
{
	struct region *region;
	uint64_t began;

	if (!object_would_infer(object))
		return;
	pthread_mutex_lock(&object->inferring);
	look(object);
	region = object_would_infer(object) ? object_region(object) : NULL;
	if (region) {
		began = clock_ns();
		if (!object_resolve_rule(object) && is_askable(region))
			infer_unasked(object, region);
		remember(object, region, began);
	}
	region_unref(region);
	pthread_mutex_unlock(&object->inferring);
}

/* Why there is nothing. */
static int tell_nothing(const struct inference *inference, struct diag *diag)
{
	const struct halt_report *report = &inference->report;

	if (inference->processes == 0 && inference->forbidden)
		return diag_set(diag, -EACCES, 0, 0,
				"none of the programs that map it is yours: only root may stop "
				"those of others");
	if (inference->candidates.n)
		return diag_set(diag, -EINVAL, 0, 0,
				"%zu variables point into it, but none says what is there",
				inference->candidates.n);
	return diag_set(diag, -EINVAL, 0, 0,
			"no variable with debug information points into it: %u processes, %u "
			"threads were looked at, %u were left alone; %s",
			inference->processes, report->copied,
			report->stopped + report->traced + report->busy + report->refused +
				report->left,
			*inference->lacks ? inference->lacks
					  : "if the compiler has dropped it, say what is "
					    "there: debuginfo struct NAME");
}

static int set_inferred(struct object *object, struct inference *inference, struct diag *diag)
{
	const struct reader reader = {&candidates_reader, &inference->candidates};
	const struct buf *text = &inference->text;
	const char *now;
	size_t n;
	int r = object_set_with(object, text->data, text->len, &reader, diag);

	pthread_mutex_lock(&object->lock);
	now = object->layout ? layout_text(object->layout, &n) : NULL;
	if (!now)
		keep_inference(object, inference);
	else if (r == 0 && n == text->len && !memcmp(now, text->data, n)) {
		object->origin = LAYOUT_DEBUGINFO;
		keep_inference(object, inference);
		object_stay(object, true);
	}
	pthread_mutex_unlock(&object->lock);
	return r;
}

bool object_auto_asked(const char *text, size_t n)
{
	static const char word[] = "auto";

	n = text_trim(&text, n);
	return n == sizeof(word) - 1 && memcmp(text, word, n) == 0;
}

int object_auto(struct object *object, const struct caller *caller, struct diag *diag)
{
	struct inference *inference = NULL;
	struct region *region = object_region(object);
	struct diag local = {0};
	uint64_t size;
	int r = region ? memory_size(object->memory, &size) : -EIO;

	if (r == 0)
		r = infer(object->env, region, size, caller, &inference);
	if (r < 0)
		diag_set(&local, r, 0, 0, "the programs that map it can't be looked at");
	else if (inference->text.len == 0)
		r = tell_nothing(inference, &local);
	if (r < 0) {
		pthread_mutex_lock(&object->lock);
		object_set_error(object, &local);
		if (inference && !object->layout)
			keep_inference(object, inference);
		object_stay(object, true);
		pthread_mutex_unlock(&object->lock);
	} else {
		r = set_inferred(object, inference, &local);
	}
	inference_unref(inference);
	region_unref(region);
	if (r < 0 && diag)
		*diag = local;
	return r;
}
