/* SPDX-License-Identifier: MIT */
/*
 * A piece is read when one of its names is met for the first time. That may be anywhere, so the
 * parser's place is put aside; macros of the text aren't seen by it, and what it declares may be
 * declared anew, as a header pasted whole will.
 */
#include "layout/library.h"

#include <string.h>

/* The word at *at, which moves behind it; false behind the last. */
static bool next_name(const char **at, struct input *name)
{
	*at += strspn(*at, " ");
	name->at = *at;
	*at += strcspn(*at, " ");
	name->end = *at;
	return name->at != name->end;
}

static struct symbol *intern(struct parser *p, struct input name)
{
	return symbol_intern(p, name.at, (size_t)(name.end - name.at));
}

void library_begin(struct parser *p)
{
	const struct library_piece *piece;

	for (size_t i = 0; (piece = library_piece(i)); i++) {
		const char *names = piece->names;
		struct input name;

		while (next_name(&names, &name)) {
			struct symbol *symbol = intern(p, name);

			if (symbol)
				symbol->piece = piece;
		}
	}
}

/* What is put aside while a piece is read. */
struct place_in_text {
	struct input input;
	struct token token, ahead;
	bool has_ahead, line_begins;
	unsigned line, depth;
	const char *line_start;
	size_t floor;
	uint32_t pack;
	const struct ctype *last_record;
};

static struct place_in_text put_aside(struct parser *p)
{
	return (struct place_in_text){
		.input = p->input,
		.token = p->token,
		.ahead = p->ahead,
		.has_ahead = p->has_ahead,
		.line_begins = p->line_begins,
		.line = p->line,
		.depth = p->depth,
		.line_start = p->line_start,
		.floor = p->floor,
		.pack = p->pack,
		.last_record = p->last_record,
	};
}

static void put_back(struct parser *p, const struct place_in_text *place)
{
	p->input = place->input;
	p->has_ahead = place->has_ahead;
	p->ahead = place->ahead;
	p->line_begins = place->line_begins;
	p->line = place->line;
	p->depth = place->depth;
	p->line_start = place->line_start;
	p->floor = place->floor;
	p->pack = place->pack;
	p->last_record = place->last_record;
	if (!p->err)
		p->token = place->token;
}

void library_load(struct parser *p, struct symbol *symbol)
{
	const struct library_piece *piece = symbol->piece;
	const char *names = piece->names;
	struct place_in_text place = put_aside(p);
	struct input name;

	while (next_name(&names, &name)) {
		struct symbol *brought = intern(p, name);

		if (brought)
			brought->piece = NULL;
	}
	p->input = (struct input){piece->text, piece->text + strlen(piece->text)};
	p->line_start = piece->text;
	p->has_ahead = p->line_begins = false;
	p->floor = p->expansions.n;
	p->depth = 0;
	p->pack = 0;
	p->in_library++;
	parse_declarations(p);
	p->in_library--;
	put_back(p, &place);
}
