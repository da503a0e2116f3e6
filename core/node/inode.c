/* SPDX-License-Identifier: MIT */
#include "node/inode.h"

#include "base/cleanup.h"
#include "node/top.h"

/* The place in this list is a view's number. The root has to be the first. */
static const struct view_ops *const views[] = {
	&view_root,	  &view_regions, &view_region,	&view_pids,	  &view_pid,
	&view_pid_link,	  &view_ids,	 &view_id_link, &view_readme,	  &view_summary,
	&view_status,	  &view_info,	 &view_mappers, &view_layout,	  &view_raw,
	&view_hex,	  &view_laid,	 &view_record,	&view_field,	  &view_bytes,
	&view_digits,	  &view_json,	 &view_tables,	&view_table_text, &view_table_csv,
	&view_table_json, &view_doc,	 &view_pointer, &view_link,
};

_Static_assert(ARRAY_SIZE(views) <= 1 << INODE_VIEW_BITS, "a view's number fits its bits");

static uint64_t number_of(const struct view_ops *view)
{
	uint64_t i = 0;

	while (views[i] != view)
		i++;
	return i;
}

uint64_t inode_pack(uint32_t slot, const struct view_ops *view, uint64_t ordinal)
{
	return (uint64_t)slot << (INODE_VIEW_BITS + INODE_ORDINAL_BITS) |
	       number_of(view) << INODE_ORDINAL_BITS | ordinal;
}

uint32_t inode_slot(uint64_t ino)
{
	return (uint32_t)(ino >> (INODE_VIEW_BITS + INODE_ORDINAL_BITS));
}

const struct view_ops *inode_view(uint64_t ino)
{
	uint64_t number = ino >> INODE_ORDINAL_BITS & ((1 << INODE_VIEW_BITS) - 1);

	return number < ARRAY_SIZE(views) ? views[number] : NULL;
}

uint64_t inode_ordinal(uint64_t ino)
{
	return ino & (LAYOUT_SPAN_MAX - 1);
}
