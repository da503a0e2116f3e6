/* SPDX-License-Identifier: MIT */
#include "view/inference.h"

#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

struct counted {
	atomic_uint refs;
	struct inference inference;
};

static struct counted *counted_of(struct inference *inference)
{
	return (struct counted *)((char *)inference - offsetof(struct counted, inference));
}

struct inference *inference_new(void)
{
	struct counted *counted = calloc(1, sizeof(*counted));

	if (!counted)
		return NULL;
	counted->refs = 1;
	return &counted->inference;
}

struct inference *inference_ref(struct inference *inference)
{
	atomic_fetch_add_explicit(&counted_of(inference)->refs, 1, memory_order_relaxed);
	return inference;
}

void inference_unref(struct inference *inference)
{
	struct counted *counted = inference ? counted_of(inference) : NULL;

	if (!counted || atomic_fetch_sub_explicit(&counted->refs, 1, memory_order_acq_rel) != 1)
		return;
	candidates_destroy(&inference->candidates);
	buf_destroy(&inference->text);
	free(counted);
}
