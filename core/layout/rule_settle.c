/* SPDX-License-Identifier: MIT */
/*
 * At the end of the text, what rule.c kept is read as the expressions it is.
 *
 * Before a constant or a placed variable, a name in one is a field: of `self` where the rule is
 * about an element, then of the struct that the rule stands in, then of those around it. A field is
 * reached from the rule's own place (enum expr_base), for the struct may be anywhere. A name that
 * is nothing so far, but a field of some struct, is left to be looked up around that place.
 */
#include "layout/fold.h"
#include "layout/parse.h"

static void read_deferred(struct parser *p, const struct deferred *deferred)
{
	const struct token *last = &deferred->tokens[deferred->n - 1];
	struct expr value;

	p->replay = deferred->tokens;
	p->replay_end = deferred->tokens + deferred->n;
	p->settling = deferred;
	p->has_ahead = false;
	token_next(p);
	parse_number(p, &value);
	if (!p->err && (p->token.line != last->line || p->token.column != last->column))
		token_unexpected(p, "the end of the expression");
	if (!p->err && deferred->itself && !expr_reads_memory(&value))
		parse_error(p, &deferred->tokens[0],
			    "this condition of 'until' is the same for every element: nothing in "
			    "it is read from memory");
	if (!p->err)
		*deferred->out = value;
}

void rules_settle(struct parser *p)
{
	for (const struct deferred *deferred = p->deferred; deferred && !p->err;
	     deferred = deferred->next)
		read_deferred(p, deferred);
	p->replay = p->replay_end = NULL;
	p->settling = NULL;
}

/* An object that is reached from the rule's own place. */
static void object(struct parser *p, struct expr *out, enum expr_base base, const struct type *type)
{
	expr_node(out, EXPR_PLACE, &p->token);
	out->depth = 1;
	out->base = base;
	out->type = type;
	out->name = parse_keep_name(p, p->token.symbol);
}

static const struct type *field_type(const struct ctype *record, const char *name, uint64_t *index)
{
	struct place place = {.type = record ? &record->type : NULL};

	if (!record || record->state != CTYPE_COMPLETE ||
	    type_lookup(&place, name, &place, index) < 0)
		return NULL;
	return place.type;
}

static bool own_field(struct parser *p, const struct type *record, struct expr *out)
{
	uint64_t index;
	const struct type *type =
		record && record->kind > TYPE_ARRAY
			? field_type(ctype_of(record), p->token.symbol->name, &index)
			: NULL;

	if (!type)
		return false;
	object(p, out, BASE_STRUCT, record);
	expr_step(p, out, p->token.symbol->name, index, type);
	return true;
}

static bool field_around(struct parser *p, const struct ctype *record, struct expr *out)
{
	uint64_t index;
	const struct type *type = field_type(record, p->token.symbol->name, &index);

	if (type)
		object(p, out, BASE_AROUND, type);
	return type;
}

bool rules_own_name(struct parser *p, struct expr *out)
{
	const struct deferred *deferred = p->settling;

	if (!deferred)
		return false;
	if (deferred->itself && token_is(&p->token, "self")) {
		object(p, out, BASE_ITSELF, deferred->itself);
		return true;
	}
	if (deferred->itself && own_field(p, deferred->itself, out))
		return true;
	if (deferred->itself && deferred->itself->kind > TYPE_ARRAY) {
		if (field_around(p, deferred->record, out))
			return true;
	} else if (deferred->record && own_field(p, &deferred->record->type, out)) {
		return true;
	}
	for (const struct scope *scope = deferred->outer; scope; scope = scope->outer) {
		if (field_around(p, scope->record, out))
			return true;
	}
	return false;
}

bool rules_outer_name(struct parser *p, struct expr *out)
{
	if (!p->settling || !p->token.symbol->is_field)
		return false;
	object(p, out, BASE_AROUND, NULL);
	return true;
}
