/* SPDX-License-Identifier: MIT */
#include "node/draft.h"

#include <errno.h>

#include "view/object.h"

#define VALUE_MAX (16u << 20) /* bytes of text that one value may gather */

void draft_init(struct draft *draft, const struct node *node, const struct caller *caller,
		bool appends)
{
	*draft = (struct draft){.node = node, .caller = caller, .appends = appends};
}

void draft_empty(struct draft *draft)
{
	draft->truncated = draft->emptied = true;
	draft->written = draft->pending = false;
	buf_reset(&draft->value);
	if (draft->node->view->clear)
		draft->sets = object_layouts_set(draft->node->binding->object);
}

/*
 * A text that can be cleared, a layout, is one thing, however many pieces it came in: if a later
 * one makes it wrong, what there was before the first is put back. Then the refused text is shown
 * again, so that the reason is the last that is known.
 */
static void put_back(struct draft *draft)
{
	const struct view_ops *view = draft->node->view;

	if (draft->before.len)
		view->store(draft->node, draft->before.data, draft->before.len, STORE_LAST, NULL);
	else
		view->clear(draft->node);
	view->store(draft->node, draft->value.data, draft->value.len, STORE_LAST, NULL);
	draft->stored = false;
}

static int keep_before(struct draft *draft)
{
	if (!draft->node->view->clear || draft->stored)
		return 0;
	buf_reset(&draft->before);
	return draft->node->view->render(draft->node, draft->caller, &draft->before);
}

static int obey_or_store(struct draft *draft, enum store_part part, struct diag *diag)
{
	const struct view_ops *view = draft->node->view;
	const struct buf *value = &draft->value;
	int r = -ENOENT;

	if (view->request)
		r = view->request(draft->node, draft->caller, value->data, value->len, part, diag);
	return r == -ENOENT ? view->store(draft->node, value->data, value->len, part, diag) : r;
}

static int store(struct draft *draft, enum store_part part, struct diag *diag)
{
	int r = keep_before(draft);

	if (r == 0)
		r = obey_or_store(draft, part, diag);
	draft->pending = r == -EAGAIN;
	if (r == 0 && draft->node->view->clear)
		draft->stored = true;
	else if (r < 0 && r != -EAGAIN && draft->stored)
		put_back(draft);
	return r == -EAGAIN && part != STORE_LAST ? 0 : r;
}

/* What a write at offset goes on with. What is appended starts with the value there is, unless that
 * was truncated. */
static int begin(struct draft *draft, uint64_t offset, struct diag *diag)
{
	int r;

	if (draft->appends) {
		if (draft->written)
			return 0;
		buf_reset(&draft->value);
		return draft->emptied ? 0
				      : draft->node->view->render(draft->node, draft->caller,
								  &draft->value);
	}
	if (offset == 0) {
		buf_reset(&draft->value);
		draft->stored = false;
		return 0;
	}
	r = draft_ends_at(draft, offset) ? 0 : -EINVAL;
	if (r < 0)
		diag_set(diag, r, 0, 0, "a value is written whole, from its first byte on");
	return r;
}

int draft_write(struct draft *draft, const void *from, size_t n, uint64_t offset, struct diag *diag)
{
	int r;

	draft->truncated = false; /* even if it is refused: then nothing changes */
	r = begin(draft, offset, diag);
	if (r < 0)
		return r;
	if (draft->value.len + n > VALUE_MAX)
		return diag_set(diag, -EFBIG, 0, 0, "more text than any value has");
	buf_put(&draft->value, from, n);
	r = buf_status(&draft->value);
	if (r < 0)
		return r;
	draft->written = true;
	return store(draft, draft->value.len == n ? STORE_FIRST : STORE_MORE, diag);
}

bool draft_ends_at(const struct draft *draft, uint64_t size)
{
	return draft->written && size == draft->value.len;
}

int draft_flush(struct draft *draft, struct diag *diag)
{
	int r = draft->pending ? store(draft, STORE_LAST, diag) : 0;

	draft->pending = false;
	return r;
}

/* The kernel tells of the last close(2) some time after it: meanwhile somebody may have set the
 * layout that they want. */
static bool is_to_be_cleared(const struct draft *draft)
{
	return draft->truncated && draft->node->view->clear &&
	       draft->sets == object_layouts_set(draft->node->binding->object);
}

int draft_end(struct draft *draft)
{
	int r = draft_flush(draft, NULL);

	if (is_to_be_cleared(draft))
		r = draft->node->view->clear(draft->node);
	buf_destroy(&draft->value);
	buf_destroy(&draft->before);
	return r;
}
