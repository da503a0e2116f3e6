/* SPDX-License-Identifier: MIT */
#include "view/lead.h"

#include <errno.h>

#include "layout/by_offset.h"
#include "view/locate.h"

#define OFFSETS_MAX 8 /* different ones of one address that are looked at */

struct wanted {
	const struct type *type; /* NULL: any struct */
	uint64_t offset;
};

/* Are both the same type? */
static bool is_same(const struct type *wanted, const struct type *type)
{
	if (type_is_record(wanted))
		return type_same_record(wanted, type);
	if (wanted->kind == TYPE_CHAR && type->kind == TYPE_STRING)
		return true;
	if (wanted->kind == TYPE_INTEGER && wanted->size == 1 && type->kind == TYPE_BYTES)
		return true;
	if (wanted->kind == TYPE_ARRAY)
		return type->kind == TYPE_ARRAY && is_same(wanted->element, type->element);
	return type->kind == wanted->kind && type->size == wanted->size &&
	       type->is_signed == wanted->is_signed;
}

static bool is_wanted(void *context, struct spot *spot)
{
	const struct wanted *wanted = context;
	const struct place *place = spot_place(spot);

	if (place->offset != wanted->offset || place->ordinal == 0)
		return false;
	return wanted->type ? is_same(wanted->type, place->type) : type_is_record(place->type);
}

/* What of the wanted type begins at an offset. */
static int find_at(struct spot *from, uint64_t offset, struct trail *out)
{
	struct wanted wanted = {spot_place(from)->type->target, offset};
	unsigned reads = from->walk.steps < LEAD_READS_MAX ? from->walk.steps : LEAD_READS_MAX;
	struct spot spot;
	int r;

	spot.walk = from->walk;
	spot.walk.diag = NULL;
	spot.walk.steps = reads;
	trail_begin(&spot.walk, &spot.trail);
	r = locate(&spot, offset, is_wanted, &wanted);
	from->walk.steps -= reads - spot.walk.steps;
	if (r == 1)
		*out = spot.trail;
	return r < 0 ? r : r ? 0 : -ENOENT;
}

/* Where nothing is placed: the record that stands there if the pointer is right. */
static int find_unplaced(struct spot *from, uint64_t offset, struct trail *out)
{
	const struct type *wanted = spot_place(from)->type->target;
	uint64_t ordinal = 0;
	struct trail found;
	int r;

	if (wanted && type_is_record(wanted))
		ordinal = by_offset_ordinal(from->trail.at[0].type, wanted, offset);
	if (!ordinal)
		return -ENOENT;
	r = walk_find(&from->walk, ordinal, &found);
	if (r == 0)
		*out = found;
	return r == -ERANGE || r == -ELOOP ? -ENOENT : r;
}

/* The offsets that the region's mappings make of an address. */
static unsigned offsets_of(const struct region *region, uint64_t address, uint64_t *offsets)
{
	unsigned n = 0;

	for (size_t i = 0; i < region->n_mappers && n < OFFSETS_MAX; i++) {
		const struct mapper *mapper = &region->mappers[i];
		bool known = false;

		if (address < mapper->start || address >= mapper->end)
			continue;
		offsets[n] = mapper->offset + (address - mapper->start);
		for (unsigned k = 0; k < n; k++)
			known |= offsets[k] == offsets[n];
		n += !known;
	}
	return n;
}

static int find_address(const struct node *node, struct spot *spot, uint64_t address,
			struct trail *out)
{
	struct region *region = object_region(node->binding->object);
	uint64_t offsets[OFFSETS_MAX + 1];
	unsigned n = region && address ? offsets_of(region, address, offsets) : 0;
	bool found = false;

	region_unref(region);
	for (unsigned i = 0; i < n; i++) {
		struct trail trail;
		int r = find_at(spot, offsets[i], &trail);

		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		if (found && trail_end(&trail)->ordinal != trail_end(out)->ordinal)
			return -ENOENT;
		*out = trail;
		found = true;
	}
	if (!found && n == 1)
		return find_unplaced(spot, offsets[0], out);
	return found ? 0 : -ENOENT;
}

int lead_find(const struct node *node, struct spot *spot, struct trail *out)
{
	const struct place *place = spot_place(spot);
	const struct live *live = place->type->live;
	unsigned char bytes[8];
	uint64_t value, base = 0;
	int r = spot->walk.read(spot->walk.context, place->offset, bytes, place->type->size);

	if (r < 0)
		return r;
	value = type_decode(place->type, bytes);
	if (!live || (!live->base && !live->from_self))
		return find_address(node, spot, value, out);
	if (value == live->from_self)
		return -ENOENT;
	if (live->base)
		r = walk_number(&spot->walk, &spot->trail, live->base, &base);
	else
		base = place->offset;
	if (r < 0)
		return r == -ERANGE || r == -ELOOP ? -ENOENT : r;
	r = find_at(spot, base + value, out);
	return r == -ENOENT ? find_unplaced(spot, base + value, out) : r;
}

int lead_follow(const struct node *node, struct node *out, struct buf *path)
{
	const struct place *place;
	struct trail target;
	struct spot spot;
	int r = spot_find(node, &spot);

	if (r == 0)
		r = type_leads(spot_place(&spot)->type) ? lead_find(node, &spot, &target) : -ENOENT;
	if (r < 0)
		return r;
	place = trail_end(&target);
	buf_reset(path);
	locate_path(&target, 0, path);
	*out = (struct node){binding_ref(node->binding), view_of_type(place->type), place->ordinal};
	return 0;
}
