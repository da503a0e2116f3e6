/* SPDX-License-Identifier: MIT */
#include "peekctl/options.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "peekctl/message.h"

/* A capital key other than J is no letter of the command line, only its long name is. */
static const struct choice {
	char key;
	const char *name;
	const char *argument; /* NULL: none */
	size_t field;
	const char *help;
} choices[] = {
#define FIELD(name) offsetof(struct wishes, name)
	{'a', "all", NULL, FIELD(all), "noise too: caches that half the machine maps, devices"},
	{'l', "layout", "FILE", FIELD(layout),
	 "C declarations; '-' reads them from standard input"},
	{'c', "clear", NULL, FIELD(clear), "take the layout away"},
	{'f', "force", NULL, FIELD(force), "although programs map it"},
	{'A', "async", NULL, FIELD(asynchronous), "don't wait for the disk (MS_ASYNC)"},
	{'I', "invalidate", NULL, FIELD(invalidate),
	 "others see what was written (MS_INVALIDATE; on Linux always)"},
	{'m', "mode", "OCTAL", FIELD(mode), "permission bits, less the umask; 600 if not given"},
	{'B', "allocate", NULL, FIELD(allocate),
	 "set its blocks aside now, so that they can't run out"},
	{'P', "populate", NULL, FIELD(populate), "bring all of it into memory now"},
	{'L', "locked", NULL, FIELD(locked), "keep it there, while it is held"},
	{'H', "hold", NULL, FIELD(hold), "stay, and map it until interrupted or terminated"},
	{'J', "json", NULL, FIELD(json), "print JSON"},
	{'r', "raw", NULL, FIELD(raw),
	 "columns with one blank between them; blanks in them are \\x20"},
	{'n', "noheadings", NULL, FIELD(no_headings), "no line of column names"},
	{'o', "output", "LIST", FIELD(output),
	 "these columns, with commas between them; +LIST: these too"},
#undef FIELD
};

static bool is_letter(char key)
{
	return (key >= 'a' && key <= 'z') || key == 'J';
}

static bool takes(const struct verb *verb, char key)
{
	return strchr(verb->options, key) != NULL;
}

static void help_columns(const struct verb *verb, FILE *to)
{
	if (verb->n_columns)
		fputs("\nColumns:\n", to);
	for (size_t i = 0; i < verb->n_columns; i++)
		fprintf(to, "  %-12s %s\n", verb->columns[i].name, verb->columns[i].help);
}

void options_help(const struct verb *verb, FILE *to)
{
	fprintf(to, "Usage: peekctl %s%s %s\n\n%s.\n", verb->name,
		*verb->options ? " [OPTION...]" : "", verb->arguments, verb->summary);
	if (verb->details)
		fprintf(to, "%s\n", verb->details);
	fputs("\nOptions:\n", to);
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *choice = &choices[i];
		char name[32];

		if (!takes(verb, choice->key))
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", choice->name, choice->argument ? " " : "",
			 choice->argument ? choice->argument : "");
		fprintf(to, "  %c%c%c %-15s %s\n", is_letter(choice->key) ? '-' : ' ',
			is_letter(choice->key) ? choice->key : ' ',
			is_letter(choice->key) ? ',' : ' ', name, choice->help);
	}
	fputs("  -h, --help          this\n  -V, --version       the version\n", to);
	help_columns(verb, to);
}

static void tables(const struct verb *verb, char *letters, struct option *longs)
{
	*letters++ = verb->values ? '+' : ':';
	if (verb->values)
		*letters++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		const struct choice *choice = &choices[i];

		if (!takes(verb, choice->key))
			continue;
		if (is_letter(choice->key)) {
			*letters++ = choice->key;
			if (choice->argument)
				*letters++ = ':';
		}
		*longs++ = (struct option){choice->name,
					   choice->argument ? required_argument : no_argument, NULL,
					   choice->key};
	}
	memcpy(letters, "hV", sizeof("hV"));
	*longs++ = (struct option){"help", no_argument, NULL, 'h'};
	*longs++ = (struct option){"version", no_argument, NULL, 'V'};
	*longs = (struct option){0};
}

static void take(struct wishes *wishes, int key)
{
	for (size_t i = 0; i < ARRAY_SIZE(choices); i++) {
		void *field = (char *)wishes + choices[i].field;

		if (choices[i].key != key)
			continue;
		if (choices[i].argument)
			*(const char **)field = optarg;
		else
			*(bool *)field = true;
	}
}

/* How many arguments are left is what the verb wants. */
static bool count(const struct verb *verb, int n, int *status)
{
	if (n >= verb->least && (verb->most < 0 || n <= verb->most))
		return true;
	*status = misused("%s: %s %s",
			  n < verb->least ? "something is missing" : "too many arguments",
			  verb->name, verb->arguments);
	return false;
}

bool options_parse(const struct verb *verb, int argc, char **argv, struct wishes *wishes, int *n,
		   char ***args, int *status)
{
	struct option longs[ARRAY_SIZE(choices) + 3];
	char letters[2 * ARRAY_SIZE(choices) + 5];
	int key;

	tables(verb, letters, longs);
	*wishes = (struct wishes){0};
	*status = STATUS_OK;
	optind = 0;
	opterr = 0;
	while ((key = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		switch (key) {
		case 'h':
			options_help(verb, stdout);
			return false;
		case 'V':
			printf("peekctl %s\n", PEEKFS_VERSION);
			return false;
		case '?':
		case ':':
			*status = misused(key == '?' ? "there is no option '%s'"
						     : "an argument is missing after '%s'",
					  argv[optind - 1]);
			return false;
		default:
			take(wishes, key);
		}
	}
	*n = argc - optind;
	*args = argv + optind;
	return count(verb, *n, status);
}

/* 0, -EINVAL, -ERANGE. */
static int parse_size(const char *text, uint64_t *out)
{
	static const char units[] = "KMGT";
	const char *unit = NULL;
	uint64_t value;
	char *end;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, strncmp(text, "0x", 2) == 0 ? 16 : 10);
	if (*end)
		unit = strchr(units, toupper((unsigned char)*end));
	if (*end && (!unit || (end[1] && strcmp(end + 1, "iB") != 0)))
		return -EINVAL;
	for (long i = unit ? unit - units + 1 : 0; i > 0; i--)
		if (__builtin_mul_overflow(value, 1024, &value))
			return -ERANGE;
	*out = value;
	return errno || value > INT64_MAX ? -ERANGE : 0;
}

int options_size(const char *text, uint64_t *out)
{
	uint64_t size;
	int r = parse_size(text, &size);

	if (r == -EINVAL)
		return misused("'%s' isn't a SIZE: bytes, or a number and K, M, G or T", text);
	if (r == -ERANGE)
		return misused("'%s' isn't a SIZE: 2^63 bytes and more can't be had", text);
	if (size == 0)
		return misused("'%s' isn't a SIZE: a region has at least one byte", text);
	*out = size;
	return STATUS_OK;
}
