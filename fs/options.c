/* SPDX-License-Identifier: MIT */
#include "fs/options.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>

#include "base/cleanup.h"

const char options_help[] =
	"usage: peekfs [SOURCE] MOUNTPOINT [OPTION]...\n"
	"Mounts every live shared mapping of this machine as a directory of ordinary files.\n"
	"SOURCE is any word; it is there for mount(8).\n"
	"\n"
	"  -f               stay in the foreground, messages on stderr\n"
	"  -d               the same, and log every request\n"
	"  -s               answer with one thread\n"
	"  -o WORD[,...]    mount options\n"
	"  -h, --help       this text\n"
	"  -V, --version    the versions of peekfs and of libfuse\n"
	"\n"
	"mount options, beside the usual ones (ro, noexec ...):\n"
	"  allow_other      let other users in; modes and owners then say who may see what\n"
	"  allow_root       let root in\n"
	"  scan_ttl=SECONDS how long a look at the processes is good for (1; 0: look each time)\n"
	"  timeout=SECONDS  how long to wait for a process or file system that doesn't answer\n"
	"                   (60; 0: for ever)\n"
	"  all              list caches, fonts and devices too\n"
	"  no_io_uring      requests by /dev/fuse, even where the kernel offers io_uring\n"
	"  no_passthrough   every byte of raw through the daemon\n";

enum word {
	WORD_IGNORED, /* for mount(8), or what peekfs does anyway */
	WORD_PASSED,  /* libfuse, fusermount3 and the kernel know it */
	WORD_ALLOW,
	WORD_ALL,
	WORD_NO_URING,
	WORD_NO_PASSTHROUGH,
	WORD_SCAN_TTL,
	WORD_TIMEOUT,
	WORD_UNKNOWN,
};

/* A name that ends in '=' takes a value, one in '*' goes on at will. */
static const struct {
	const char *name;
	enum word word;
} words[] = {
	{"all", WORD_ALL},
	{"scan_ttl=", WORD_SCAN_TTL},
	{"timeout=", WORD_TIMEOUT},
	{"no_io_uring", WORD_NO_URING},
	{"no_passthrough", WORD_NO_PASSTHROUGH},
	{"allow_other", WORD_ALLOW},
	{"allow_root", WORD_ALLOW},
	{"ro", WORD_PASSED},
	{"rw", WORD_PASSED},
	{"exec", WORD_PASSED},
	{"noexec", WORD_PASSED},
	{"sync", WORD_PASSED},
	{"async", WORD_PASSED},
	{"dirsync", WORD_PASSED},
	{"noatime", WORD_PASSED},
	{"nodiratime", WORD_PASSED},
	{"auto_unmount", WORD_PASSED},
	{"context=", WORD_PASSED},
	{"fscontext=", WORD_PASSED},
	{"defcontext=", WORD_PASSED},
	{"rootcontext=", WORD_PASSED},
	{"", WORD_IGNORED},
	{"io_uring", WORD_IGNORED},
	{"default_permissions", WORD_IGNORED},
	{"nodev", WORD_IGNORED},
	{"nosuid", WORD_IGNORED},
	{"dev", WORD_IGNORED},	/* mount.fuse3 adds these two unasked; no node of ours is a */
	{"suid", WORD_IGNORED}, /* device or runs as its owner, so they say nothing */
	{"defaults", WORD_IGNORED},
	{"auto", WORD_IGNORED},
	{"noauto", WORD_IGNORED},
	{"user", WORD_IGNORED},
	{"user=", WORD_IGNORED},
	{"users", WORD_IGNORED},
	{"nouser", WORD_IGNORED},
	{"owner", WORD_IGNORED},
	{"group", WORD_IGNORED},
	{"nofail", WORD_IGNORED},
	{"_netdev", WORD_IGNORED},
	{"relatime", WORD_IGNORED},
	{"norelatime", WORD_IGNORED},
	{"strictatime", WORD_IGNORED},
	{"nostrictatime", WORD_IGNORED},
	{"lazytime", WORD_IGNORED},
	{"nolazytime", WORD_IGNORED},
	{"diratime", WORD_IGNORED},
	{"atime", WORD_IGNORED},
	{"silent", WORD_IGNORED},
	{"loud", WORD_IGNORED},
	{"comment=", WORD_IGNORED},
	{"x-*", WORD_IGNORED},
	{"X-*", WORD_IGNORED},
};

static bool word_is(const char *text, size_t n, const char *name)
{
	size_t length = strlen(name);

	if (length && name[length - 1] == '*')
		return n >= length && !memcmp(text, name, length - 1);
	if (length && name[length - 1] == '=')
		return n >= length && !memcmp(text, name, length);
	return n == length && !memcmp(text, name, n);
}

static enum word word_find(const char *text, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (word_is(text, n, words[i].name))
			return words[i].word;
	return WORD_UNKNOWN;
}

/* What stands behind the '=': a C number without a sign. */
static int parse_seconds(const char *word, size_t n, double *out, struct diag *diag)
{
	const char *text = (const char *)memchr(word, '=', n) + 1;
	size_t length = n - (size_t)(text - word);
	char copy[32] = "";
	char *end;
	double value;

	if (length < sizeof(copy))
		memcpy(copy, text, length);
	value = strtod(copy, &end);
	if (!copy[0] || !strchr(".0123456789", copy[0]) || *end || !(value <= 1e6))
		return diag_set(diag, -EINVAL, 0, 0,
				"'%.*s': seconds are a number such as 1 or 0.5", (int)n, word);
	*out = value;
	return 0;
}

static int take_word(struct options *options, const char *text, size_t n, struct diag *diag)
{
	switch (word_find(text, n)) {
	case WORD_IGNORED:
		return 0;
	case WORD_ALLOW:
		options->allow_other = true;
		break;
	case WORD_PASSED:
		break;
	case WORD_ALL:
		options->all = true;
		return 0;
	case WORD_NO_URING:
		options->no_uring = true;
		return 0;
	case WORD_NO_PASSTHROUGH:
		options->no_passthrough = true;
		return 0;
	case WORD_SCAN_TTL:
		return parse_seconds(text, n, &options->scan_ttl, diag);
	case WORD_TIMEOUT:
		return parse_seconds(text, n, &options->timeout, diag);
	case WORD_UNKNOWN:
		return diag_set(diag, -EINVAL, 0, 0,
				"there is no mount option '%.*s'; see peekfs --help", (int)n, text);
	}
	buf_putc(&options->mount, ',');
	buf_put(&options->mount, text, n);
	return 0;
}

/* Words are separated by commas, unless a backslash stands before them or quotes around. */
static int take_words(struct options *options, const char *text, struct diag *diag)
{
	for (const char *start = text;;) {
		const char *end = start;
		bool quoted = false;
		int err;

		for (; *end && (quoted || *end != ','); end++) {
			if (*end == '"')
				quoted = !quoted;
			else if (*end == '\\' && end[1])
				end++;
		}
		err = take_word(options, start, (size_t)(end - start), diag);
		if (err || !*end)
			return err;
		start = end + 1;
	}
}

static int take_flags(struct options *options, int argc, char **argv, struct diag *diag)
{
	static const struct option longs[] = {
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'V'},
		{0},
	};
	int flag;
	int err;

	optind = 0;
	opterr = 0;
	while ((flag = getopt_long(argc, argv, ":fdso:hV", longs, NULL)) != -1) {
		switch (flag) {
		case 'd':
			options->debug = true;
			/* fall through */
		case 'f':
			options->foreground = true;
			break;
		case 's':
			options->single = true;
			break;
		case 'o':
			err = take_words(options, optarg, diag);
			if (err)
				return err;
			break;
		case 'h':
			options->action = OPTIONS_HELP;
			return 0;
		case 'V':
			options->action = OPTIONS_VERSION;
			return 0;
		default:
			return diag_set(diag, -EINVAL, 0, 0, "%s '%s'; see peekfs --help",
					flag == ':' ? "an argument is missing after"
						    : "there is no option",
					argv[optind - 1]);
		}
	}
	return 0;
}

int options_parse(int argc, char **argv, struct options *out, struct diag *diag)
{
	CLEANUP(options_destroy) struct options options = {.scan_ttl = 1, .timeout = 60};
	int err;

	buf_puts(&options.mount, "fsname=peekfs,subtype=peekfs,default_permissions,nodev,nosuid");
	err = take_flags(&options, argc, argv, diag);
	if (err)
		return err;
	if (options.action == OPTIONS_MOUNT) {
		int rest = argc - optind;

		if (rest < 1 || rest > 2)
			return diag_set(diag, -EINVAL, 0, 0, "%s; see peekfs --help",
					rest < 1 ? "where to mount isn't said"
						 : "there are too many arguments");
		options.mountpoint = argv[argc - 1];
	}
	err = buf_status(&options.mount);
	if (err)
		return diag_set(diag, err, 0, 0, "no memory");
	*out = options;
	options.mount = BUF_INIT;
	return 0;
}

void options_destroy(struct options *options)
{
	buf_destroy(&options->mount);
}
