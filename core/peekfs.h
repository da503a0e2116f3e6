/* SPDX-License-Identifier: MIT */
/*
 * libpeekfs: shared memory of one's own (region/create.h, created.h), who else maps it
 * (region/track.h), what other programs share (region/registry.h) and its bytes (region/memory.h),
 * C layouts (layout/layout.h, layout/type.h) and the text of values (view/value.h).
 *
 *	cc program.c $(pkg-config --cflags --libs peekfs)
 *
 * Errors are negative errno values; who owns and frees what, and which threads may share it, is
 * said at each function. Version 0: names may still change from one minor version to the next.
 */
#ifndef PEEKFS_H
#define PEEKFS_H

#include "base/buf.h"
#include "base/diag.h"
#include "layout/layout.h"
#include "layout/type.h"
#include "layout/walk.h"
#include "region/create.h"
#include "region/created.h"
#include "region/memory.h"
#include "region/region.h"
#include "region/registry.h"
#include "region/track.h"
#include "view/value.h"

#endif
