/* SPDX-License-Identifier: MIT */
/*
 * Types of the programs that map a region, by name: what `debuginfo struct STU` asks for.
 *
 * Programs that disagree: the one that started last is taken, for it is what an upgrade leads to;
 * a layout stays what it was when it was set, whoever starts later. `info` asks all of them anew,
 * and tells which have the type as the layout has it and which have another.
 *
 * A program file that not everybody may read is asked only where nobody but its user (or root) may
 * read the region: who reads the region's fields reads the type.
 */
#ifndef PEEKFS_VIEW_DEBUGINFO_H
#define PEEKFS_VIEW_DEBUGINFO_H

#include "layout/reader.h"
#include "region/region.h"
#include "view/view.h"

/* Which programs are asked; borrowed while a text is parsed. */
struct debuginfo {
	const struct env *env;
	const struct region *region; /* NULL: gone */
};

/* A reader of these programs: valid as long as *debuginfo. */
struct reader debuginfo_reader(struct debuginfo *debuginfo);

/*
 * Lines for `info`, of the types that the layout took from programs: "Debuginfo:" for each that has
 * it as the layout has, "Debuginfo-Differs:" for each that has another, with the sizes and the
 * member that differs first. Paths only for who may look into the process.
 */
void debuginfo_tell(const struct debuginfo *debuginfo, const struct layout *layout,
		    const struct caller *caller, struct buf *out);

#endif
