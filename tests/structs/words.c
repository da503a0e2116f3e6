/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static const struct word basic[] = {
	{"char", 8, true, false, 0, CHAR, 0},
	{"signed char", 8, true, false, 0, NUMBER, 0},
	{"unsigned char", 8, true, false, 0, UCHAR, 0},
	{"short", 16, true, false, 0, NUMBER, 0},
	{"short unsigned int", 16, true, false, 0, NUMBER, 0},
	{"int", 32, true, false, 0, NUMBER, 0},
	{"int", 32, true, false, 0, NUMBER, 0},
	{"unsigned", 32, true, false, 0, NUMBER, 0},
	{"signed", 32, true, false, 0, NUMBER, 0},
	{"long", 64, true, false, 0, NUMBER, 0},
	{"long unsigned int", 64, true, false, 0, NUMBER, 0},
	{"unsigned long long", 64, true, false, 0, NUMBER, 0},
	{"int long signed long", 64, true, false, 0, NUMBER, 0},
	{"_Bool", 1, true, false, 0, BOOL, 0},
	{"bool", 1, true, false, 0, BOOL, 0},
	{"uint8_t", 8, true, false, 0, UCHAR, 0},
	{"int16_t", 16, true, false, 0, NUMBER, 0},
	{"uint32_t", 32, true, false, 0, NUMBER, 0},
	{"int64_t", 64, true, false, 0, NUMBER, 0},
	{"u_int16_t", 16, true, false, 0, NUMBER, 0},
	{"size_t", 64, true, false, 0, NUMBER, 0},
	{"off_t", 64, true, false, 0, NUMBER, 0},
	{"uintptr_t", 64, true, false, 0, NUMBER, 0},
	{"float", 0, false, false, 0, FLOAT, 0},
	{"double", 0, false, false, 0, FLOAT, 0},
	{"long double", 0, false, false, 0, WIDE, 0},
	{"unsigned __int128", 0, false, false, 0, WIDE, 0},
};

void *must(void *memory)
{
	if (!memory)
		abort();
	return memory;
}

static uint64_t draw(struct structs *s)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

unsigned below(struct structs *s, unsigned n)
{
	return (unsigned)(draw(s) % n);
}

bool one_in(struct structs *s, unsigned n)
{
	return !below(s, n);
}

unsigned power(struct structs *s, unsigned most)
{
	return 1u << below(s, most + 1);
}

static void add_word(struct structs *s, const char *text, struct word word)
{
	word.text = must(strdup(text));
	s->words = must(reallocarray(s->words, s->n_words + 1, sizeof(*s->words)));
	s->words[s->n_words++] = word;
}

const struct word *some_word(struct structs *s)
{
	if (s->n_words && one_in(s, 3))
		return &s->words[below(s, (unsigned)s->n_words)];
	return &basic[below(s, ARRAY_SIZE(basic))];
}

void put_bound(struct structs *s)
{
	static const char *const bounds[] = {"2",
					     "3",
					     "0x5",
					     "1 + 1",
					     "(7 & ~1) / 2",
					     "sizeof(int)",
					     "sizeof(struct { char a; long b; }) / 4",
					     "'\\4'",
					     "THREE",
					     "1 ? 2 : 9",
					     "010 - 3 * 2",
					     "(int)(1ul << 1)",
					     "!0 << 2 >> 1"};

	buf_printf(&s->text, "[%s]", bounds[below(s, ARRAY_SIZE(bounds))]);
}

void put_enum(struct structs *s)
{
	static const char *const values[] = {" = 1 << 4",      " = -1",		" = 0x7f",
					     " = 200u",	       " = -129",	" = 65535",
					     " = 3 * THREE",   " = 'x'",	" = sizeof(long)",
					     " = 0x7fffffff",  " = 0x80000000", " = 1ull << 40",
					     " = -5000000000", " = 0xffffffff", " = 1l << 62"};
	unsigned number = s->names++, n = 1 + below(s, 5), packed = below(s, 3);
	bool large = false;
	char name[32];

	buf_printf(&s->show, "static const struct name names_%u[] = {", number);
	buf_printf(&s->text, "enum %sE%u {", packed == 1 ? "__attribute__((packed)) " : "", number);
	for (unsigned i = 0; i < n; i++) {
		unsigned pick = below(s, one_in(s, 8) ? ARRAY_SIZE(values) : 9);
		const char *value = !large && one_in(s, 3) ? "" : values[pick];

		large = *value && pick >= 9; /* one more could be too much for gcc */
		snprintf(name, sizeof(name), "E%u_%u", number, i);
		buf_printf(&s->text, " %s%s,", name, value);
		buf_printf(&s->show, "{\"%s\", %s}, ", name, name);
		add_leaf(s, LEAF_CONSTANT, name);
	}
	buf_printf(&s->text, " }%s;\n", packed == 2 ? " __attribute__((packed))" : "");
	buf_puts(&s->show, "{0}};\n");
	snprintf(name, sizeof(name), "enum E%u", number);
	/* as many bits as any such enum has at least */
	add_word(s, name,
		 (struct word){
			 .bits = packed ? 8 : 32, .number = true, .sort = ENUM, .which = number});
}

void put_typedef(struct structs *s)
{
	const struct word *word = some_word(s);
	struct word made = *word;
	unsigned number = s->names++, dimensions = 0, align;
	char name[16];

	snprintf(name, sizeof(name), "t%u", number);
	buf_printf(&s->text, "typedef %s %s", word->text, name);
	if (one_in(s, 3) && !word->no_array)
		dimensions = 1 + below(s, 2);
	for (unsigned i = 0; i < dimensions; i++)
		put_bound(s);
	if (!dimensions && !word->dimensions && one_in(s, 4) && s->quirks) {
		align = power(s, 4);
		buf_printf(&s->text, " __attribute__((aligned(%u)))", align);
		made.no_array = true;
	}
	buf_puts(&s->text, ";\n");
	made.dimensions = (unsigned char)(dimensions + word->dimensions);
	made.bits = made.dimensions ? 0 : word->bits;
	add_word(s, name, made);
}
