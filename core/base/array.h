/* SPDX-License-Identifier: MIT */
/* Arrays that grow. */
#ifndef PEEKFS_BASE_ARRAY_H
#define PEEKFS_BASE_ARRAY_H

#include <stddef.h>
#include <stdlib.h>

/*
 * Room for one more behind the n items of a malloc()ed array that has room for *cap: where it is
 * now, which replaces all. NULL: there is no memory, and all is still what it was. It begins as
 * NULL with *cap 0.
 *
 *	struct held *all = array_grow(helds->all, helds->n, &helds->cap, sizeof(*all));
 *
 *	if (!all)
 *		return -ENOMEM;
 *	helds->all = all;
 *	helds->all[helds->n++] = *held;
 */
static inline void *array_grow(void *all, size_t n, size_t *cap, size_t item)
{
	size_t more = *cap ? 2 * *cap : 16;

	if (n < *cap)
		return all;
	all = reallocarray(all, more, item);
	if (all)
		*cap = more;
	return all;
}

#endif
