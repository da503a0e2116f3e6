/* SPDX-License-Identifier: MIT */
/* The options of all verbs, and the help that is made of them. */
#ifndef PEEKFS_PEEKCTL_OPTIONS_H
#define PEEKFS_PEEKCTL_OPTIONS_H

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

/* A number of bytes: digits, or 0x and hex digits, and then maybe K, M, G or T (of 1024). False:
 * it is none, or 2^63 or more. */
bool options_size(const char *text, unsigned long long *out);

#endif
