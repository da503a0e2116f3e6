/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "peekctl/message.h"
#include "peekctl/options.h"

static const struct verb *const verbs[] = {
	&verb_ls,     &verb_mappers, &verb_where,  &verb_show, &verb_set,
	&verb_layout, &verb_create,  &verb_resize, &verb_sync, &verb_rm,
};

static int help(void)
{
	fputs("Usage: peekctl VERB [OPTION...] [ARGUMENT...]\n\n"
	      "The shared memory of live programs, without a mount.\n\n",
	      stdout);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-8s %-26s %s\n", verbs[i]->name, verbs[i]->arguments, verbs[i]->summary);
	fputs("\nNAME is a region's, as `peekctl ls` and the mount show it, or its number as in\n"
	      "by-id (0:1:1234, sysv:5), or the path of its object (/dev/shm/x). PATH leads to a\n"
	      "field: records/0/id, or as C writes it, records[0].id. `peekctl VERB --help` tells\n"
	      "more.\n",
	      stdout);
	return STATUS_OK;
}

static int run(int argc, char **argv)
{
	if (argc < 2)
		return misused("what shall be done? A verb is missing");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return help();
	if (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V")) {
		printf("peekctl %s\n", PEEKFS_VERSION);
		return STATUS_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		struct wishes wishes;
		char **args;
		int n, status;

		if (strcmp(argv[1], verbs[i]->name) != 0)
			continue;
		message_from(verbs[i]->name);
		if (!options_parse(verbs[i], argc - 1, argv + 1, &wishes, &n, &args, &status))
			return status;
		return verbs[i]->run(&wishes, n, args);
	}
	return misused("there is no verb '%s'", argv[1]);
}

int main(int argc, char **argv)
{
	int status;

	setlocale(LC_CTYPE, "");
	status = run(argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == STATUS_OK)
		return failed("standard output: %s", strerror(errno));
	return status;
}
