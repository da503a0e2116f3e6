/* SPDX-License-Identifier: MIT */
/*
 * JSON for a record that varies: a text can change what says which members there are, a kind or a
 * count, and these members with it. So it is read as of the record that it makes.
 *
 * What that is nobody knows before it is read. So it is read several times: first as of the record
 * that is there, leaving out what has no place in it; then as of the record that this makes, and so
 * on until nothing changes any more. That takes two rounds, and one more for each kind that decides
 * whether another kind is there. Only then, once more, is what can't be taken an error.
 *
 * A member whose own bytes say whether it is there, as the type that begins each variant of a
 * union, would come and go for ever; such a text is read as of the record that is there.
 */
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/image.h"
#include "view/json_inside.h"

#define ROUNDS_MAX 8

struct json_varying {
	const struct spot *spot;
	const struct place *place; /* of the record, in spot */
	struct image now;	   /* the record that is there */
	struct image then;	   /* with the changes of the round before */
	unsigned char *room;	   /* for its bytes */
	unsigned steps;		   /* that may still be taken for all that is missing */
};

static bool same_change(const struct json_change *a, const struct json_change *b)
{
	if (a->type != b->type || a->offset != b->offset || a->size != b->size)
		return false;
	return memcmp(a->bytes, b->bytes, a->size) == 0;
}

static bool same_changes(const struct json_changes *a, const struct json_changes *b)
{
	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (!same_change(&a->list[i], &b->list[i]))
			return false;
	return true;
}

/* The record as it will be: what is so already isn't stored, which counts where members share
 * bytes. What lies outside of the record says nothing about what is in it. */
static int apply(struct json_varying *varying, const struct json_changes *changes)
{
	const uint64_t size = varying->now.size;

	memcpy(varying->room, varying->now.bytes, size);
	for (size_t i = 0; i < changes->n; i++) {
		const struct json_change *change = &changes->list[i];
		int r;

		if (change->offset > size || change->size > size - change->offset)
			continue;
		r = json_change_is_so(change, varying->place->offset, image_read, &varying->now);
		if (r < 0)
			return r;
		for (size_t k = 0; r == 0 && k < change->size; k++) {
			unsigned char *at = &varying->room[change->offset + k],
				      mask = json_change_mask(change, k);

			*at = (unsigned char)((*at & ~mask) | (change->bytes[k] & mask));
		}
	}
	return 0;
}

/* The trail to what a step is: false: there is no such thing. */
static bool follow(struct walk *walk, struct trail *trail, const struct json_step *step)
{
	uint64_t index;

	if (!step)
		return true;
	return follow(walk, trail, step->up) &&
	       walk_lookup(walk, trail, step->name, NULL, &index) == 0 &&
	       walk_down(walk, trail, index) == 0;
}

/* A walk from the record on that sees an image. Its steps are those of one request. */
static struct walk walk_in(const struct json_varying *varying, struct image *image)
{
	struct walk walk = varying->spot->walk;

	walk.read = image_read;
	walk.context = image;
	walk.remembers = false;
	return walk;
}

static bool is_as_it_was(struct json_varying *varying, const struct json_step *step,
			 struct json_object *json)
{
	struct walk walk = walk_in(varying, &varying->now);
	struct trail trail = varying->spot->trail;
	struct json_changes same = {0};
	struct json_reading reading = {
		.changes = &same,
		.walk = &walk,
		.trail = &trail,
		.start = varying->place->offset,
	};
	bool is_so;

	walk.steps = varying->steps;
	is_so = follow(&walk, &trail, step) &&
		json_read(&reading, step, trail_end(&trail), json) == 0;
	for (size_t i = 0; i < same.n && is_so; i++)
		is_so = json_change_is_so(&same.list[i], reading.start, image_read, &varying->now) >
			0;
	json_changes_destroy(&same);
	varying->steps = walk.steps;
	return is_so;
}

int json_missing(struct json_reading *reading, const struct json_step *step,
		 struct json_object *json, int err, const char *why)
{
	return reading->was && is_as_it_was(reading->was, step, json)
		       ? 0
		       : json_refuse(reading, step, err, why);
}

/* Reads the text as of `then`. */
static int read_round(struct json_varying *varying, struct json_object *json, bool tries,
		      struct json_changes *changes, struct diag *diag)
{
	struct walk walk = walk_in(varying, &varying->then);
	struct trail trail = varying->spot->trail;
	struct json_reading reading = {
		.changes = changes,
		.diag = diag,
		.walk = &walk,
		.trail = &trail,
		.start = varying->place->offset,
		.was = tries ? NULL : varying,
		.tries = tries,
	};

	return json_read(&reading, NULL, varying->place, json);
}

/* Until `then` is what the text makes of `now`; or it is `now`, if that never comes. */
static int settle(struct json_varying *varying, struct json_object *json, struct diag *diag)
{
	struct json_changes before = {0}, changes = {0};
	bool same = false;
	int r = 0;

	for (unsigned round = 0; r == 0 && !same && round < ROUNDS_MAX; round++) {
		r = apply(varying, &before);
		if (r == 0)
			r = read_round(varying, json, true, &changes, diag);
		same = r == 0 && round > 0 && same_changes(&before, &changes);
		json_changes_destroy(&before);
		before = changes;
		changes = (struct json_changes){0};
	}
	if (!same)
		varying->then = varying->now;
	json_changes_destroy(&before);
	return r;
}

int json_read_varying(const struct spot *spot, struct json_object *json,
		      struct json_changes *changes, struct diag *diag)
{
	const struct place *place = spot_place(spot);
	uint64_t size = place->size <= JSON_RECORD_MAX ? place->size : 0;
	CLEANUP(free_ptr) unsigned char *now = malloc(size + 1);
	CLEANUP(free_ptr) unsigned char *then = malloc(size + 1);
	struct json_varying varying = {
		.spot = spot,
		.place = place,
		.now = {place->offset, size, now, spot->walk.read, spot->walk.context},
		.room = then,
		.steps = spot->walk.steps,
	};
	int r;

	if (!now || !then)
		return -ENOMEM;
	if (spot->walk.read(spot->walk.context, place->offset, now, size) < 0)
		varying.now.size = 0; /* what is asked for may be readable all the same */
	varying.then = varying.now;
	varying.then.bytes = then;
	r = settle(&varying, json, diag);
	return r < 0 ? r : read_round(&varying, json, false, changes, diag);
}
