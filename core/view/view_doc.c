/* SPDX-License-Identifier: MIT */
/* .doc of a struct directory: a line for each member that has a text, `NAME:\tTEXT`. */
#include <string.h>

#include "base/text.h"
#include "view/place.h"
#include "view/view.h"

static const char *doc_of(const struct member *member)
{
	return member->type->hints ? member->type->hints->doc : NULL;
}

bool type_has_doc(const struct type *type)
{
	for (size_t i = 0; i < type->n_members; i++) {
		if (doc_of(&type->members[i]))
			return true;
	}
	return false;
}

static int doc_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	struct place place;
	int r = place_find(node, &place);

	(void)caller;
	if (r < 0)
		return r;
	for (size_t i = 0; i < place.type->n_members; i++) {
		const struct member *member = &place.type->members[i];
		const char *doc = doc_of(member);

		if (!doc)
			continue;
		buf_puts(out, member->name);
		buf_puts(out, ":\t");
		text_escape(out, doc, strlen(doc));
		buf_putc(out, '\n');
	}
	return buf_status(out);
}

const struct view_ops view_doc = {
	.name = ".doc",
	.render = doc_render,
};
