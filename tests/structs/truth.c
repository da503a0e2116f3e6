/* SPDX-License-Identifier: MIT */
/*
 * The program's main: an object /dev/shm/TAG-N for the N-th struct, with an array `v` of it, at an
 * odd offset in some, and behind that a single `one`, mapped until its input ends.
 *
 *   records TAG SEED MOST FOLDER   of structs that have at most MOST values. Below FOLDER, for
 * each: N.place   the placed variables; N.mask: a 1 for each bit of the object that a member has
 *   list: a line for each, `N SIZE OFFSET EACH ELEMENTS ONE`; sizes and offsets are bytes
 *   Output: `ready COUNT`
 *   Commands: `print SUFFIX` writes FOLDER/N.SUFFIX, see truth.h, and answers `ok`
 */
#include "truth.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct place {
	size_t offset, elements, one, size;
	unsigned char *memory; /* NULL: the struct is left out */
};

enum pass pass;
static FILE *out, *list;
static size_t count;
static bool is_untold;
static uint64_t seed;

static uint64_t draw(void)
{
	uint64_t z = seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static void need(bool holds, const char *what)
{
	if (holds)
		return;
	perror(what);
	exit(1);
}

/* Values. */

static char open_brackets[4096];
static size_t depth;

void begin(char bracket, const char *name)
{
	if (pass != PRINT)
		return;
	fprintf(out, "%c %s\n", bracket, name);
	open_brackets[depth++] = bracket;
}

void end(char bracket)
{
	(void)bracket;
	if (pass == PRINT)
		fprintf(out, "%c\n", open_brackets[--depth] == '{' ? '}' : ']');
}

size_t length(size_t array, size_t element)
{
	is_untold |= !element;
	return element ? array / element : 0;
}

const char *nth(size_t i)
{
	static char text[24];

	snprintf(text, sizeof(text), "%zu", i);
	return text;
}

void number(char letter, const char *name, __int128 value)
{
	fprintf(out, "%c %s ", letter, name);
	if (letter == 'p')
		fprintf(out, "%" PRIx64 "\n", (uint64_t)value);
	else if (value < 0)
		fprintf(out, "%" PRId64 "\n", (int64_t)value);
	else
		fprintf(out, "%" PRIu64 "\n", (uint64_t)value);
}

void hex(const char *name, unsigned long value, size_t size)
{
	value &= ULONG_MAX >> (64 - 8 * size);
	fprintf(out, "x %s 0x%0*lx\n", name, (int)(2 * size), value);
}

void date(const char *name, long seconds)
{
	char text[64];
	struct tm tm;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	fprintf(out, "t %s %s\n", name, text);
}

void swap(void *to, const volatile void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((unsigned char *)to)[i] = ((const volatile unsigned char *)from)[n - 1 - i];
}

void enumeration(const char *name, const struct name *names, __int128 value)
{
	for (; names->name; names++) {
		if (names->value == value) {
			fprintf(out, "e %s %s\n", name, names->name);
			return;
		}
	}
	number('e', name, value);
}

__int128 some_name(const struct name *names)
{
	size_t n = 0;

	while (names[n].name)
		n++;
	return n && draw() % 8 ? names[draw() % n].value : (int)draw();
}

static void some_text(char *to, size_t n)
{
	static const char *const words[] = {
		"",
		"li",
		"a,b",
		"\"q\"",
		"say \"hi\", he said",
		"\n",
		"\t\r\n",
		"back\\slash",
		"\xc3\xa4",
		"\xe5\xb0\x8f\xe6\x98\x8e",
		"\xff",
		"\xc3",
		"\xc2\x80",
		"\x7f",
		"\x1b[31mred\x1b[0m",
		" ",
		"  two  ",
		"\xf0\x9f\x98\x80",
		"null",
		"'",
		"-1",
		"\\n",
		"\xed\xa0\x80",
		"\xc2\xad",
		"\xe2\x80\xa8",
	};
	size_t at = 0;

	do {
		const char *word = words[draw() % (sizeof(words) / sizeof(words[0]))];

		for (; *word && at < n; at++)
			to[at] = *word++;
	} while (at < n && draw() % 4);
	if (at < n)
		to[at] = '\0';
}

static uint64_t some_float(size_t n)
{
	static const double values[] = {0.1,  -0.0,   1,    -1.5,  1e15,      1e16,    123456789,
					1e-4, 1e-5,   0.3,  1e300, 5e-324,    1e23,    1.0 / 3,
					1e6,  999999, 1e38, 1e-45, 100000000, 16777217};
	static const uint64_t nans[] = {0x7ff0000000000000, 0xfff0000000000000, 0x7ff8000000000000,
					0xfff8000000000000, 0x7ff0000000000001, 0xfff8000012345678,
					0x000fffffffffffff, 0x0010000000000000, 0x7fefffffffffffff};
	static const uint32_t odd[] = {0x7f800000, 0xff800000, 0x7fc00000, 0xffc00000, 0x7f800001,
				       0xffc12345, 0x007fffff, 0x00800000, 0x7f7fffff, 0x80000001};
	double d = values[draw() % (sizeof(values) / sizeof(values[0]))];
	float f = (float)d;
	uint64_t bits = 0;

	if (draw() % 2 == 0)
		return n == 4 ? odd[draw() % (sizeof(odd) / sizeof(odd[0]))]
			      : nans[draw() % (sizeof(nans) / sizeof(nans[0]))];
	memcpy(&bits, n == 4 ? (void *)&f : (void *)&d, n);
	return bits;
}

static void fix(char letter, unsigned char *at, size_t n)
{
	static const uint64_t edges[] = {0, 1, UINT64_MAX, UINT64_C(1) << 63, INT64_MAX, 99, 100};
	uint64_t bits = edges[draw() % (sizeof(edges) / sizeof(edges[0]))];
	long double wide;

	if (letter == 'b') {
		*at &= 1;
	} else if (letter == 's' && draw() % 8) {
		some_text((char *)at, n);
	} else if (letter == 'c' && draw() % 2) {
		*at = (unsigned char)"a,\"\\\0\n\x80 z"[draw() % 9];
	} else if ((letter == 'f' || letter == 'd') && draw() % 2) {
		bits = some_float(n);
		memcpy(at, &bits, n);
	} else if (letter == 'l' && draw() % 2) {
		wide = 1.0L / (long double)(draw() % 1000);
		memcpy(at, &wide, 10); /* the rest is padding */
	} else if ((letter == 'i' || letter == 'p') && draw() % 4 == 0) {
		memcpy(at, &bits, n); /* the least byte of bits is their first */
	}
}

void bytes(char letter, const char *name, const volatile void *member, size_t n)
{
	unsigned char *at = (unsigned char *)member;
	uint64_t bits = 0;

	count++;
	if (pass == MARK)
		memset(at, 0xff, n);
	else if (pass == FIX)
		fix(letter, at, n);
	if (pass != PRINT)
		return;
	fprintf(out, "%c %s ", letter, name);
	if (letter == 'f' || letter == 'd') {
		memcpy(&bits, at, n);
		fprintf(out, "%" PRIx64, bits);
	}
	for (size_t i = 0; i < n && letter != 'f' && letter != 'd'; i++)
		fprintf(out, letter == 'b' ? "%u" : "%02x", at[i]);
	fputc('\n', out);
}

/* Records. */

static void show(const struct kind *kind, const char *name, unsigned char *memory)
{
	static _Alignas(4096) unsigned char room[1 << 22];

	memcpy(room, memory, kind->size);
	begin('{', name);
	kind->show(room);
	end('}');
	if (pass == FIX || pass == MARK)
		memcpy(memory, room, kind->size);
}

static void show_all(const struct kind *kind, const struct place *place, unsigned char *memory)
{
	begin('[', "v");
	for (size_t i = 0; i < place->elements; i++)
		show(kind, nth(i), memory + place->offset + i * kind->size);
	end(']');
	show(kind, "one", memory + place->one);
}

static FILE *file_of(const char *folder, size_t n, const char *suffix)
{
	char path[4096];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%zu.%s", folder, n, suffix);
	file = fopen(path, "w");
	need(file, path);
	return file;
}

static void make(const char *tag, const char *folder, size_t n, struct place *place)
{
	const struct kind *kind = &kinds[n];
	unsigned char *mask;
	char name[256];
	FILE *file;
	int fd;

	place->elements = count < 60 ? 12 : 4;
	place->offset = n % 5 == 4 ? 64 + draw() % 64 : 64 * (n % 3);
	place->one = place->offset + place->elements * kind->size + draw() % 3 * 64;
	place->one = (place->one / 64 + 1) * 64 + (n % 7 == 6 ? draw() % 8 : 0);
	place->size = place->one + kind->size + draw() % 100;
	snprintf(name, sizeof(name), "/%s-%zu", tag, n);
	fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	need(fd >= 0 && ftruncate(fd, (off_t)place->size) == 0, name);
	place->memory = mmap(NULL, place->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	mask = calloc(1, place->size);
	need(place->memory != MAP_FAILED && mask, name);
	close(fd);
	for (size_t i = 0; i < place->size; i++)
		place->memory[i] = (unsigned char)draw();
	pass = FIX;
	show_all(kind, place, place->memory);
	pass = MARK;
	show_all(kind, place, mask);
	file = file_of(folder, n, "mask");
	fwrite(mask, 1, place->size, file);
	need(fclose(file) == 0, "mask");
	free(mask);
	file = file_of(folder, n, "place");
	fprintf(file, "%s v[%zu] @ %zu;\n%s one @ %zu;\n", kind->name, place->elements,
		place->offset, kind->name, place->one);
	need(fclose(file) == 0, "place");
	fprintf(list, "%zu %zu %zu %zu %zu %zu\n", n, place->size, place->offset, kind->size,
		place->elements, place->one);
}

static void serve(const char *folder, const struct place *places)
{
	char line[256], suffix[200];

	while (fgets(line, sizeof(line), stdin) && sscanf(line, "print %199s", suffix) == 1) {
		pass = PRINT;
		for (size_t i = 0; i < n_kinds; i++) {
			if (!places[i].memory)
				continue;
			out = file_of(folder, i, suffix);
			show_all(&kinds[i], &places[i], places[i].memory);
			need(fclose(out) == 0, "print");
		}
		puts("ok");
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	struct place *places = calloc(n_kinds, sizeof(*places));
	size_t n = 0, most;
	char name[256];

	need(argc == 5 && places, "records TAG SEED MOST FOLDER");
	seed = strtoull(argv[2], NULL, 0);
	most = strtoull(argv[3], NULL, 0);
	snprintf(name, sizeof(name), "%s/list", argv[4]);
	list = fopen(name, "w");
	need(list, name);
	for (size_t i = 0; i < n_kinds; i++) {
		static _Alignas(4096) unsigned char room[1 << 22];

		pass = COUNT;
		count = 0;
		is_untold = false;
		if (!kinds[i].size || kinds[i].size > sizeof(room))
			continue;
		kinds[i].show(room);
		if (!count || count > most || is_untold)
			continue;
		make(argv[1], argv[4], i, &places[i]);
		n++;
	}
	need(fclose(list) == 0, "list");
	printf("ready %zu\n", n);
	fflush(stdout);
	serve(argv[4], places);
	for (size_t i = 0; i < n_kinds; i++) {
		snprintf(name, sizeof(name), "/%s-%zu", argv[1], i);
		if (places[i].memory)
			shm_unlink(name);
	}
	return 0;
}
