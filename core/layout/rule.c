/* SPDX-License-Identifier: MIT */
#include "layout/rule.h"

#include <string.h>

#include "layout/parse.h"

/* ---- keeping ---- */

/* Does p->token end an expression? ends: the characters that do; '[' only before another. */
static bool is_end(struct parser *p, const char *ends)
{
	unsigned kind = p->token.kind;

	if (kind == TOKEN_END || p->err)
		return true;
	if (kind > 127 || !strchr(ends, (int)kind))
		return false;
	return kind != '[' || token_peek(p)->kind == '[';
}

static int nesting(unsigned kind)
{
	return kind == '(' || kind == '[' ? 1 : kind == ')' || kind == ']' ? -1 : 0;
}

/* Takes tokens up to one of ends, outside of brackets, and keeps them. */
static struct deferred *defer(struct parser *p, const char *ends)
{
	struct deferred *deferred = parse_scratch(p, sizeof(*deferred));
	struct expr *out = parse_keep(p, sizeof(*out));
	struct token *tokens;
	int depth = 0;

	p->kept_tokens.n = 0;
	while (!p->err && (depth > 0 || !is_end(p, ends))) {
		struct token *token = vector_push(p, &p->kept_tokens, struct token);

		if (token)
			*token = p->token;
		depth += nesting(p->token.kind);
		if (p->token.kind == TOKEN_END || p->kept_tokens.n > LAYOUT_RULE_MAX)
			break;
		token_next(p);
	}
	if (p->kept_tokens.n > LAYOUT_RULE_MAX)
		parse_limit(p, &p->token, "an expression of more than %u words", LAYOUT_RULE_MAX);
	tokens = p->err ? NULL : parse_scratch(p, (p->kept_tokens.n + 1) * sizeof(*tokens));
	if (!tokens || !out || !deferred)
		return NULL;
	if (p->kept_tokens.n)
		memcpy(tokens, p->kept_tokens.data, p->kept_tokens.n * sizeof(*tokens));
	tokens[p->kept_tokens.n] = p->token;
	tokens[p->kept_tokens.n].kind = ')'; /* ends any expression, as often as it is read */
	*deferred = (struct deferred){.out = out, .tokens = tokens, .n = p->kept_tokens.n + 1};
	if (p->scope) {
		deferred->record = p->scope->record;
		deferred->outer = p->scope->outer;
	}
	*p->deferred_end = deferred;
	p->deferred_end = &deferred->next;
	return deferred;
}

struct deferred *rule_placement(struct parser *p)
{
	token_next(p);
	return defer(p, ";,[");
}

/* ---- attributes ---- */

static const struct expr *both(struct parser *p, const struct expr *a, const struct expr *b)
{
	struct expr *all;

	if (!a || !b)
		return a ? a : b;
	if (a->depth >= LAYOUT_DEPTH_MAX || b->depth >= LAYOUT_DEPTH_MAX)
		parse_limit(p, &p->token, "more than 64 conditions of one field");
	all = parse_keep(p, sizeof(*all));
	if (!all)
		return a;
	*all = (struct expr){.kind = EXPR_BINARY, .op = TOKEN_AND, .bits = 32, .a = a, .b = b};
	all->depth = (unsigned short)((a->depth > b->depth ? a->depth : b->depth) + 1);
	return all;
}

static struct deferred *argument(struct parser *p)
{
	struct deferred *deferred = NULL;

	if (token_expect(p, '(', "'(' and an expression"))
		deferred = defer(p, ")");
	token_expect(p, ')', "')' after the expression");
	return deferred;
}

static void take_once(struct parser *p, const struct token *name, struct deferred **to)
{
	if (*to)
		parse_error(p, name, "there is a '%.*s' already", (int)name->length, name->text);
	*to = argument(p);
}

static void take_condition(struct parser *p, struct rules *rules)
{
	struct deferred *deferred = argument(p);

	if (deferred)
		rules->when = both(p, rules->when, deferred->out);
}

/* offset_from(BASE), offset_from(BASE, TYPE); BASE may be self. */
static void take_base(struct parser *p, struct rules *rules, const struct token *name)
{
	if (rules->base || rules->from_self)
		parse_error(p, name, "there is an 'offset_from' already");
	if (!token_expect(p, '(', "'(' and what it counts from"))
		return;
	if (token_is(&p->token, "self") &&
	    (token_peek(p)->kind == ',' || token_peek(p)->kind == ')')) {
		rules->from_self = true;
		token_next(p);
	} else {
		rules->base = defer(p, ",)");
	}
	if (token_take(p, ','))
		rules->target = parse_type_name(p);
	token_expect(p, ')', "')' after what it counts from");
}

bool rule_attribute(struct parser *p, struct rules *rules, const struct token *name)
{
	if (token_is(name, "if") || token_is(name, "case"))
		take_condition(p, rules);
	else if (token_is(name, "count"))
		take_once(p, name, &rules->count);
	else if (token_is(name, "until"))
		take_once(p, name, &rules->until);
	else if (token_is(name, "size"))
		take_once(p, name, &rules->size);
	else if (token_is(name, "offset_from"))
		take_base(p, rules, name);
	else if (token_is(name, "absolute"))
		rules->absolute = true;
	else
		return false;
	rules->at = *name;
	return true;
}

/* ---- what they say ---- */

/* A copy of the type with what live memory says of it, to be changed. */
static struct ctype *living(struct parser *p, const struct ctype *type, struct live **out)
{
	struct ctype *copy = ctype_copy(p, type);
	struct live *live = parse_keep(p, sizeof(*live));

	if (!live)
		return NULL;
	if (type->type.live)
		*live = *type->type.live;
	copy->type.live = *out = live;
	return copy;
}

static const struct ctype *count(struct parser *p, const struct rules *rules,
				 const struct ctype *type)
{
	struct ctype *copy;
	struct live *live;

	if (type->type.kind != TYPE_ARRAY && !type_is_run(&type->type))
		parse_error(p, &rules->at, "'count' is for arrays; '%s' is none", type->type.name);
	else if (type->type.live && type->type.live->count)
		parse_error(p, &rules->at, "a field gives the bound of '%s' already",
			    type->type.name);
	copy = p->err ? NULL : living(p, type, &live);
	if (!copy)
		return type;
	live->count = rules->count->out;
	copy->type.varies = true;
	return copy;
}

static const struct ctype *until(struct parser *p, const struct rules *rules,
				 const struct ctype *type)
{
	struct deferred *deferred = rules->until;
	struct ctype *copy;
	struct live *live;

	if (type->type.kind != TYPE_ARRAY)
		parse_error(p, &rules->at, "'until' is for arrays of values; '%s' is none",
			    type->type.name);
	else if (deferred->itself && deferred->itself != type->type.element)
		parse_error(p, &rules->at, "'until' of two kinds of elements at once");
	copy = p->err ? NULL : living(p, type, &live);
	if (!copy)
		return type;
	deferred->itself = type->type.element;
	live->until = deferred->out;
	copy->type.varies = true;
	return copy;
}

/* Numbers, or arrays of them, that lead somewhere. */
static const struct ctype *leading(struct parser *p, const struct rules *rules,
				   const struct ctype *type)
{
	struct ctype *copy;
	struct live *live;

	if (type->type.kind == TYPE_ARRAY) {
		copy = ctype_copy(p, type);
		copy->type.element = &leading(p, rules, ctype_of(type->type.element))->type;
		return copy;
	}
	if (type->type.kind != TYPE_POINTER && type->type.kind != TYPE_INTEGER)
		parse_error(p, &rules->at,
			    "'offset_from' is for pointers and integers; '%s' is "
			    "none",
			    type->type.name);
	else if (type->type.kind == TYPE_INTEGER && !rules->target)
		parse_error(p, &rules->at, "what does '%s' lead to? write offset_from(.., TYPE)",
			    type->type.name);
	copy = p->err ? NULL : living(p, type, &live);
	if (!copy)
		return type;
	live->base = rules->base ? rules->base->out : NULL;
	live->from_self = rules->from_self;
	if (rules->target)
		ctype_lead(p, copy, rules->target);
	return copy;
}

const struct ctype *rules_apply(struct parser *p, const struct rules *rules,
				const struct ctype *type)
{
	if (rules->size)
		parse_error(p, &rules->at,
			    "'size' belongs to a struct: write it behind the word "
			    "struct, or behind the '}'");
	if (!p->err && rules->count)
		type = count(p, rules, type);
	if (!p->err && rules->until)
		type = until(p, rules, type);
	if (!p->err && (rules->base || rules->from_self))
		type = leading(p, rules, type);
	return type;
}

const struct rule *rules_member(struct parser *p, const struct rules *rules, const struct expr *at)
{
	struct rule *rule;

	if (rules->absolute && !at)
		parse_error(p, &rules->at, "'absolute' is for a field that '@' places");
	if (!rules->when && !at)
		return NULL;
	rule = parse_keep(p, sizeof(*rule));
	if (rule)
		*rule = (struct rule){rules->when, at, rules->absolute};
	return rule;
}

void rules_record(struct parser *p, const struct rules *rules, struct ctype *record)
{
	struct live *live;

	if (p->err || !rules->at.kind)
		return;
	if (rules->when || rules->count || rules->until || rules->base || rules->from_self ||
	    rules->absolute) {
		parse_error(p, &rules->at,
			    "'%.*s' belongs to a field, not to a struct: write it "
			    "before the struct or behind the field's name",
			    (int)rules->at.length, rules->at.text);
		return;
	}
	live = parse_keep(p, sizeof(*live));
	if (!live)
		return;
	rules->size->record = record;
	rules->size->outer = p->scope;
	live->size = rules->size->out;
	record->type.live = live;
	record->type.varies = true;
}

void rules_least(struct parser *p, struct ctype *record)
{
	const struct type *type = &record->type;
	struct live *live;

	if (p->err || !type->live)
		return;
	live = parse_keep(p, sizeof(*live));
	if (!live)
		return;
	*live = *type->live;
	live->least = 1; /* none of nothing: a walk would never end */
	for (size_t i = 0; i < type->n_members; i++) {
		const struct member *member = &type->members[i];
		uint64_t end = member->offset + type_least(member->type);

		if (!(member->rule && member->rule->at) && end > live->least)
			live->least = end;
	}
	record->type.live = live;
}

const struct ctype *rules_open(struct parser *p, const struct ctype *type, const struct token *at)
{
	struct ctype *copy = ctype_copy(p, type);
	uint64_t span;

	if (p->err)
		return type;
	copy->open = false;
	copy->type.open = copy->type.varies = true;
	copy->type.size = 0;
	if (type->type.kind != TYPE_ARRAY || !type->open)
		return copy;
	copy->type.length = LAYOUT_OPEN_MAX;
	if (__builtin_mul_overflow(copy->type.length, type->type.element->span, &span) ||
	    span >= LAYOUT_SPAN_MAX)
		parse_error(p, at, "%u times '%s' are more files than the %llu of a layout",
			    LAYOUT_OPEN_MAX, type->type.element->name, LAYOUT_SPAN_MAX);
	copy->type.span = span + 1;
	return copy;
}

void rules_lift(struct deferred *from, const struct ctype *inner, const struct scope *outer)
{
	for (struct deferred *deferred = from; deferred; deferred = deferred->next) {
		if (deferred->record != inner)
			continue;
		deferred->record = outer->record;
		deferred->outer = outer->outer;
	}
}

const struct rule *rules_both(struct parser *p, const struct rule *inner, const struct rule *outer)
{
	struct rule *rule;

	if (!inner || !outer)
		return inner ? inner : outer;
	rule = parse_keep(p, sizeof(*rule));
	if (!rule)
		return inner;
	*rule = *inner;
	rule->when = both(p, inner->when, outer->when);
	return rule;
}
