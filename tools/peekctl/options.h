/* SPDX-License-Identifier: MIT */
/* The options of all verbs, and the help that is made of them. */
#ifndef PEEKFS_PEEKCTL_OPTIONS_H
#define PEEKFS_PEEKCTL_OPTIONS_H

#include <stdint.h>
#include <stdio.h>

#include "peekctl/verb.h"

/*
 * Reads the options of a verb; argv[0] is the verb. True: wishes, *n and *args (behind the options)
 * are filled. False: nothing is left to do but to return *status; --help and --version are
 * answered, mistakes are told.
 */
bool options_parse(const struct verb *verb, int argc, char **argv, struct wishes *wishes, int *n,
		   char ***args, int *status);

/* What --help of a verb prints. */
void options_help(const struct verb *verb, FILE *to);

/* A number of bytes: digits, or 0x and hex digits, and then maybe K, M, G or T (of 1024; k, KiB ...
 * too). An enum status: it is none, 0, or 2^63 or more, and that was told. */
int options_size(const char *text, uint64_t *out);

#endif
