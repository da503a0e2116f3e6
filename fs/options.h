/* SPDX-License-Identifier: MIT */
/* The command line of peekfs, in the habits of mount(8) and of FUSE. */
#ifndef PEEKFS_FS_OPTIONS_H
#define PEEKFS_FS_OPTIONS_H

#include "base/buf.h"
#include "base/diag.h"

enum options_action {
	OPTIONS_MOUNT,
	OPTIONS_HELP,
	OPTIONS_VERSION,
};

struct options {
	enum options_action action;
	const char *mountpoint; /* argv's */
	bool foreground;
	bool debug; /* every request is logged; implies foreground */
	bool single;
	bool all;
	bool allow_other; /* or allow_root */
	bool no_uring;
	bool no_passthrough;
	double scan_ttl; /* seconds */
	double timeout;	 /* seconds that a request may wait for what does not answer; 0: for ever */
	struct buf mount; /* what libfuse is to be told, separated by commas */
};

/* 0 and *out, for options_destroy(); -EINVAL with *diag. Not thread-safe (getopt). */
int options_parse(int argc, char **argv, struct options *out, struct diag *diag);
void options_destroy(struct options *options);

extern const char options_help[];

#endif
