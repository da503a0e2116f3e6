/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "layout/parse.h"

static unsigned hash_of(uint64_t seed, const char *name, size_t length)
{
	uint64_t hash = seed;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)name[i]) * UINT64_C(0x9e3779b97f4a7c15) + seed;
	return (unsigned)(hash >> 32);
}

static bool grow(struct parser *p, struct symbols *symbols)
{
	size_t n = symbols->n_buckets ? 2 * symbols->n_buckets : 512;
	struct symbol **buckets = parse_scratch(p, n * sizeof(struct symbol *));

	if (!buckets)
		return false;
	for (size_t i = 0; i < symbols->n_buckets; i++) {
		struct symbol *next;

		for (struct symbol *symbol = symbols->buckets[i]; symbol; symbol = next) {
			struct symbol **bucket = &buckets[symbol->hash & (n - 1)];

			next = symbol->next;
			symbol->next = *bucket;
			*bucket = symbol;
		}
	}
	symbols->buckets = buckets;
	symbols->n_buckets = n;
	return true;
}

struct symbol *symbol_intern(struct parser *p, const char *name, size_t length)
{
	struct symbols *symbols = &p->symbols;
	unsigned hash = hash_of(symbols->seed, name, length);
	struct symbol *symbol, **bucket;

	if (symbols->n >= symbols->n_buckets && !grow(p, symbols))
		return NULL;
	bucket = &symbols->buckets[hash & (symbols->n_buckets - 1)];
	for (symbol = *bucket; symbol; symbol = symbol->next) {
		if (symbol->hash == hash && symbol->length == length &&
		    !memcmp(symbol->name, name, length))
			return symbol;
	}
	symbol = parse_scratch(p, sizeof(*symbol) + length + 1);
	if (!symbol)
		return NULL;
	symbol->name = memcpy(symbol + 1, name, length);
	symbol->length = (unsigned short)length;
	symbol->hash = hash;
	symbol->next = *bucket;
	*bucket = symbol;
	symbols->n++;
	return symbol;
}

bool symbol_is_free(struct parser *p, const struct token *name)
{
	const struct symbol *symbol = name->symbol;

	if (symbol->kind == NAME_NONE || symbol->builtin)
		return !p->err;
	return parse_error(p, name, "'%s' is already the name of a %s", symbol->name,
			   symbol->kind == NAME_TYPE	   ? "type"
			   : symbol->kind == NAME_CONSTANT ? "constant"
							   : "placed variable");
}

#define NEAR_MAX 64 /* bytes of the names that are compared: the time is their product */

unsigned name_distance(const char *a, const char *b, unsigned limit)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned row[NEAR_MAX + 1];

	if (n > NEAR_MAX || m > NEAR_MAX || n > m + limit || m > n + limit)
		return limit + 1;
	for (unsigned j = 0; j <= m; j++)
		row[j] = j;
	for (unsigned i = 1; i <= n; i++) {
		unsigned diagonal = row[0];

		row[0] = i;
		for (unsigned j = 1; j <= m; j++) {
			unsigned above = row[j];
			unsigned cost = diagonal + (a[i - 1] != b[j - 1]);

			if (above + 1 < cost)
				cost = above + 1;
			if (row[j - 1] + 1 < cost)
				cost = row[j - 1] + 1;
			row[j] = cost;
			diagonal = above;
		}
	}
	return row[m];
}

/* Words of the language are types, too: those of which types are made. */
static bool is_of(const struct symbol *symbol, unsigned kinds)
{
	return symbol->kind & kinds || (kinds & NAME_TAG && symbol->tag) ||
	       (kinds & NAME_TYPE && symbol->keyword >= KEYWORD_VOID &&
		symbol->keyword < KEYWORD_END);
}

const char *symbol_near(struct parser *p, const struct symbol *symbol, unsigned kinds)
{
	unsigned best = symbol->length < 4 ? 1 : 2;
	const char *near = NULL;
	unsigned budget = 4096;
	for (size_t i = 0; i < p->symbols.n_buckets; i++) {
		for (const struct symbol *s = p->symbols.buckets[i]; s && budget; s = s->next) {
			unsigned d;

			if (s == symbol || !is_of(s, kinds))
				continue;
			budget--;
			d = name_distance(symbol->name, s->name, best);
			if (d < best || (d == best && (!near || strcmp(s->name, near) < 0))) {
				best = d;
				near = s->name;
			}
		}
	}
	return near;
}
