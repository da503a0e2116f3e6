/* SPDX-License-Identifier: MIT */
/*
 * What a scan costs: a registry that knows nothing yet, then the same one asked again and again.
 * Prints FIRST REPEATED (the median) in nanoseconds, and on stderr what was found.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "region/registry.h"

enum { REPEATS = 9 };

static uint64_t scan(struct registry *registry, bool tell)
{
	struct snapshot *snapshot;
	uint64_t start = clock_ns();
	int r = registry_get(registry, 0, &snapshot);
	uint64_t took = clock_ns() - start;

	if (r < 0) {
		fprintf(stderr, "scan: %s\n", strerror(-r));
		exit(1);
	}
	if (tell)
		fprintf(stderr, "# %zu regions, %zu mappings, %zu processes share, by %s\n",
			snapshot->n_regions, snapshot->n_mappers, snapshot->n_shares,
			snapshot->method);
	snapshot_unref(snapshot);
	return took;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

int main(void)
{
	const struct registry_options options = {.self = getpid()};
	uint64_t first, repeats[REPEATS];
	struct registry *registry;

	if (registry_new(&options, &registry) < 0) {
		fprintf(stderr, "scan: no registry\n");
		return 1;
	}
	first = scan(registry, true);
	for (int i = 0; i < REPEATS; i++)
		repeats[i] = scan(registry, false);
	qsort(repeats, REPEATS, sizeof(repeats[0]), compare);
	printf("%ju %ju\n", (uintmax_t)first, (uintmax_t)repeats[REPEATS / 2]);
	registry_free(registry);
	return 0;
}
