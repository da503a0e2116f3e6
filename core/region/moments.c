/* SPDX-License-Identifier: MIT */
/* What is known of records that were read before: moment.h. */
#include "region/moment.h"

#define KNOWN 1000000000u /* ns for which a pace is believed */

static uint64_t hash_of(const char *bytes, size_t n)
{
	uint64_t hash = n;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return hash;
}

static bool is_of(const struct moment *moment, uint64_t offset, size_t n)
{
	return moment->offset == offset && moment->n == n;
}

bool moments_ask(const struct moments *moments, uint64_t offset, size_t n, uint64_t now,
		 uint64_t *pace)
{
	const struct moment *known = &moments->known[offset / 8 % MOMENTS];

	*pace = is_of(known, offset, n) && now - known->when < KNOWN ? known->pace : 0;
	return !is_of(known, offset, n) || known->when;
}

void moments_tell(struct moments *moments, uint64_t offset, const char *bytes, size_t n,
		  uint64_t now, uint64_t pace)
{
	struct moment *known = &moments->known[offset / 8 % MOMENTS];
	uint64_t hash = hash_of(bytes, n);

	if (!is_of(known, offset, n))
		*known = (struct moment){offset, n, hash, pace, pace ? now : 0};
	if (known->hash != hash)
		known->when = now;
	known->hash = hash;
	known->pace = pace;
}
