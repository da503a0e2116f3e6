/* SPDX-License-Identifier: MIT */
/* Which entries of debug information have become which types: a table by the entries' keys. */
#include <stdlib.h>

#include "layout/debug_inside.h"

static size_t slot_of(const struct maker *m, const void *key)
{
	size_t at = ((uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15)) >> 20;

	for (at &= m->n_slots - 1; m->memos[at].key && m->memos[at].key != key;)
		at = (at + 1) & (m->n_slots - 1);
	return at;
}

const struct ctype *maker_recall(const struct maker *m, const void *key)
{
	return m->n_slots ? m->memos[slot_of(m, key)].type : NULL;
}

static bool make_room(struct maker *m)
{
	struct memo *old = m->memos;
	size_t n = m->n_slots;
	struct memo *memos = calloc(n ? 2 * n : 256, sizeof(*memos));

	if (!memos) {
		parse_no_memory(&m->p);
		return false;
	}
	m->memos = memos;
	m->n_slots = n ? 2 * n : 256;
	for (size_t i = 0; i < n; i++)
		if (old[i].key)
			memos[slot_of(m, old[i].key)] = old[i];
	free(old);
	return true;
}

void maker_memorize(struct maker *m, const void *key, const struct ctype *type)
{
	struct memo *memo;

	if (2 * m->n_memos >= m->n_slots && !make_room(m))
		return;
	memo = &m->memos[slot_of(m, key)];
	m->n_memos += !memo->key;
	*memo = (struct memo){key, type};
}

void maker_forget(struct maker *m)
{
	free(m->memos);
	m->memos = NULL;
	m->n_memos = m->n_slots = 0;
	m->targets.n = 0;
	m->left_out = m->in_targets = false;
}
