/* SPDX-License-Identifier: MIT */
/* `match` declarations: see match.h for what they say. */
#include "layout/match.h"

#include <string.h>

#include "base/cleanup.h"

#include "layout/parse.h"

static const char *const keys[] = {
	[MATCH_NAME] = "name", [MATCH_PATH] = "path",	[MATCH_KIND] = "kind",
	[MATCH_SIZE] = "size", [MATCH_MAGIC] = "magic", [MATCH_PROGRAM] = "program",
	[MATCH_UNIT] = "unit",
};

static const char *const kinds[] = {"file", "shm", "memfd", "sysv", "anon", "hugetlb"};

bool parse_begins_match(struct parser *p)
{
	return p->token.kind == TOKEN_NAME && token_is(&p->token, "match") &&
	       p->token.symbol->kind == NAME_NONE && token_peek(p)->kind == TOKEN_NAME;
}

static void kind(struct parser *p, struct match_word *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (p->token.kind == TOKEN_NAME && token_is(&p->token, kinds[i]))
			word->text = kinds[i];
	if (!word->text)
		token_unexpected(p, "one of file, shm, memfd, sysv, anon, hugetlb");
	token_next(p);
}

static uint64_t number(struct parser *p)
{
	struct token at = p->token;
	struct expr value;

	if (!parse_constant(p, &value))
		return 0;
	if (!value.is_unsigned && (int64_t)value.value < 0)
		parse_error(p, &at, "this can't be below zero");
	return value.value;
}

static void size(struct parser *p, struct match_word *word)
{
	struct token at = p->token;

	word->from = word->to = number(p);
	if (token_take(p, ','))
		word->to = number(p);
	if (word->to < word->from)
		parse_error(p, &at, "no size is from %lu to %lu", (unsigned long)word->from,
			    (unsigned long)word->to);
}

static void magic(struct parser *p, struct match_word *word)
{
	struct token at;

	word->from = number(p);
	token_expect(p, ',', "',' and the bytes that stand there");
	at = p->token;
	word->text = parse_text(p, &word->n);
	if (!word->n || word->n > MATCH_MAGIC_MAX)
		parse_error(p, &at, "magic bytes are 1 to %d, not %zu", MATCH_MAGIC_MAX, word->n);
}

static struct match_word *words(struct parser *p, enum match_key key)
{
	struct match_word *word = parse_keep(p, sizeof(*word));

	if (!word || !parse_enter(p))
		return word;
	if (key == MATCH_SIZE)
		size(p, word);
	else if (key == MATCH_MAGIC)
		magic(p, word);
	else if (key == MATCH_KIND)
		kind(p, word);
	else
		word->text = parse_text(p, &word->n);
	if (key != MATCH_SIZE && key != MATCH_MAGIC && token_take(p, ','))
		word->next = words(p, key);
	parse_leave(p);
	return word;
}

/* KEY(WORDS), put among the others where it is cheapest to ask: what reads the region last. *end is
 * that of the list. */
static void condition(struct parser *p, struct match *match, struct match_condition ***end)
{
	struct match_condition *made = parse_keep(p, sizeof(*made)), **to;
	size_t key = 0;

	if (!made)
		return;
	while (key < ARRAY_SIZE(keys) && !token_is(&p->token, keys[key]))
		key++;
	if (key == ARRAY_SIZE(keys)) {
		token_unexpected(p, "one of name, path, kind, size, magic, program, unit");
		return;
	}
	token_next(p);
	token_expect(p, '(', "'(' after the condition");
	made->key = (enum match_key)key;
	made->words = words(p, made->key);
	token_expect(p, ')', "')' after the condition");
	if (p->err)
		return;
	to = made->key == MATCH_MAGIC ? *end : &match->conditions;
	made->next = *to;
	*to = made;
	if (!made->next)
		*end = &made->next;
}

void parse_match(struct parser *p)
{
	struct match *match = parse_keep(p, sizeof(*match));
	struct match_condition **end;

	token_next(p);
	if (!match)
		return;
	end = &match->conditions;
	do {
		condition(p, match, &end);
	} while (!p->err && p->token.kind != ';');
	token_expect(p, ';', "';'");
	if (p->err)
		return;
	*p->matches_end = match;
	p->matches_end = &match->next;
}
