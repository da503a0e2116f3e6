/* SPDX-License-Identifier: MIT */
#include "region/mapping.h"

#include <errno.h>
#include <stdlib.h>

#include "base/array.h"

void mappings_destroy(struct mappings *mappings)
{
	free(mappings->all);
	buf_destroy(&mappings->text);
	*mappings = (struct mappings){0};
}

int mappings_add(struct mappings *mappings, const struct mapping *mapping, const char *path,
		 size_t path_len)
{
	struct mapping *all = array_grow(mappings->all, mappings->n, &mappings->cap, sizeof(*all));
	struct mapping *added;

	if (!all)
		return -ENOMEM;
	mappings->all = all;
	added = &mappings->all[mappings->n];
	*added = *mapping;
	added->path = mappings->text.len;
	added->path_len = (uint32_t)path_len;
	buf_put(&mappings->text, path, path_len);
	buf_putc(&mappings->text, '\0');
	if (buf_status(&mappings->text) < 0)
		return -ENOMEM;
	mappings->n++;
	return 0;
}
