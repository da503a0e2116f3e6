/* SPDX-License-Identifier: MIT */
/* .json of a struct directory: the whole record, at one moment; an object that is written changes
 * the members it names, all or none. */
#include <errno.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "view/json.h"
#include "view/place.h"
#include "view/record.h"
#include "view/view.h"

static int json_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	CLEANUP(free_ptr) unsigned char *bytes = NULL;
	struct place place;
	struct spot spot;
	bool torn;
	int r = spot_find(node, &spot);

	(void)caller;
	if (r < 0)
		return r;
	place = *spot_place(&spot);
	if (place.size > JSON_RECORD_MAX)
		return -EFBIG;
	bytes = malloc(place.size + 1);
	if (!bytes)
		return -ENOMEM;
	r = record_watch(node_memory(node), place.offset, place.size, bytes, &torn);
	if (r == 0)
		r = json_format_spot(&spot, bytes, torn, out);
	buf_putc(out, '\n');
	return r < 0 ? r : buf_status(out);
}

/*
 * What is so already isn't stored, as of before the first store. Of a union all members are shown,
 * so an object that was read and edited has the old value in all but one, and that one counts. It
 * also keeps a hole a hole. Those that are left come first, *out of them.
 */
static int drop_what_is_so(struct memory *memory, uint64_t start, struct json_changes *changes,
			   size_t *out)
{
	size_t n = 0;

	for (size_t i = 0; i < changes->n; i++) {
		struct json_change change = changes->list[i];
		int r = json_change_is_so(&change, start, place_read, memory);

		if (r < 0)
			return r;
		if (r == 0) {
			changes->list[i] = changes->list[n];
			changes->list[n++] = change;
		}
	}
	*out = n;
	return 0;
}

static int store_change(struct memory *memory, uint64_t start, const struct json_change *change)
{
	if (type_is_run(change->type))
		return place_write_run(memory, start + change->offset, change->bytes, change->size);
	return place_write(memory, start + change->offset, change->bytes,
			   change->bytes + change->size, change->size);
}

static bool may_go_on(const char *text, size_t n, enum store_part part)
{
	return part == STORE_MORE ||
	       (part == STORE_FIRST && n && (text[n - 1] != '\n' || text_goes_on(text, n, "{[,")));
}

static int json_store(const struct node *node, const char *text, size_t n, enum store_part part,
		      struct diag *diag)
{
	struct json_changes changes;
	struct place place;
	size_t n_new = 0;
	struct spot spot;
	int r = spot_find(node, &spot);

	if (r < 0)
		return r;
	place = *spot_place(&spot);
	r = json_parse(&spot, place.type, text, n, !may_go_on(text, n, part), &changes, diag);
	if (r < 0)
		return r;
	r = drop_what_is_so(node_memory(node), place.offset, &changes, &n_new);
	for (size_t i = 0; i < n_new && r == 0; i++)
		r = store_change(node_memory(node), place.offset, &changes.list[i]);
	json_changes_destroy(&changes);
	return r;
}

const struct view_ops view_json = {
	.name = ".json",
	.flags = VIEW_EDITABLE,
	.render = json_render,
	.store = json_store,
};
