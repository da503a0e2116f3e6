/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fs/options.h"

#define WORDS_MAX 8

/* The options of a command line that ends with NULL; the message if it is refused. */
static int parse(struct options *out, struct diag *diag, ...)
{
	char *argv[WORDS_MAX + 2] = {(char *)"peekfs"};
	int argc = 1;
	va_list words;

	va_start(words, diag);
	while (argc <= WORDS_MAX && (argv[argc] = va_arg(words, char *)))
		argc++;
	va_end(words);
	return options_parse(argc, argv, out, diag);
}

#define ALWAYS "fsname=peekfs,subtype=peekfs,default_permissions,nodev,nosuid"

static void defaults(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "/mnt", NULL), 0);
	assert_int_equal(options.action, OPTIONS_MOUNT);
	assert_string_equal(options.mountpoint, "/mnt");
	assert_string_equal(buf_cstr(&options.mount), ALWAYS);
	assert_true(options.scan_ttl == 1 && options.timeout == 60);
	assert_false(options.foreground || options.debug || options.single || options.all);
	options_destroy(&options);
}

/* What mount(8) makes of a line of fstab, by way of mount.fuse3. */
static void mount_line(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "none", "/mnt", "-o",
			       "rw,noexec,nofail,_netdev,x-systemd.automount,user=joe,dev,suid",
			       NULL),
			 0);
	assert_string_equal(options.mountpoint, "/mnt");
	assert_string_equal(buf_cstr(&options.mount), ALWAYS ",rw,noexec");
	options_destroy(&options);
}

static void own_words(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "-fs", "-o", "scan_ttl=.25,timeout=3,all", "/mnt",
			       "-oallow_other,no_io_uring,no_passthrough,ro", NULL),
			 0);
	assert_true(options.scan_ttl == 0.25 && options.timeout == 3);
	assert_true(options.all && options.allow_other && options.no_uring &&
		    options.no_passthrough && options.foreground && options.single);
	assert_string_equal(buf_cstr(&options.mount), ALWAYS ",allow_other,ro");
	options_destroy(&options);
}

static void debug_stays(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "-d", "/mnt", NULL), 0);
	assert_true(options.debug && options.foreground);
	options_destroy(&options);
}

static void commas_in_values(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "/mnt", "-o",
			       "context=\"a:b:s0:c1,c2\",fscontext=a\\,b,ro", NULL),
			 0);
	assert_string_equal(buf_cstr(&options.mount),
			    ALWAYS ",context=\"a:b:s0:c1,c2\",fscontext=a\\,b,ro");
	options_destroy(&options);
}

static void help_and_version(void **state)
{
	struct options options;

	(void)state;
	assert_int_equal(parse(&options, NULL, "--help", NULL), 0);
	assert_int_equal(options.action, OPTIONS_HELP);
	options_destroy(&options);
	assert_int_equal(parse(&options, NULL, "-V", NULL), 0);
	assert_int_equal(options.action, OPTIONS_VERSION);
	options_destroy(&options);
}

static void refuses(const char *word, const char *message)
{
	struct options options;
	struct diag diag = {0};

	assert_int_equal(parse(&options, &diag, "/mnt", word, NULL), -EINVAL);
	if (!strstr(diag.message, message))
		fail_msg("%s: %s", word, diag.message);
}

static void refusals(void **state)
{
	struct options options;
	struct diag diag = {0};

	(void)state;
	refuses("-ono_such_word", "'no_such_word'");
	refuses("-oro,allow_othe", "'allow_othe'");
	refuses("-oscan_ttl", "'scan_ttl'");
	refuses("-oscan_ttl=", "scan_ttl=");
	refuses("-oscan_ttl=-1", "scan_ttl=-1");
	refuses("-oscan_ttl=1s", "scan_ttl=1s");
	refuses("-oscan_ttl=nan", "scan_ttl=nan");
	refuses("-oscan_ttl=1e999", "scan_ttl=1e999");
	refuses("-oscan_ttl=0x", "scan_ttl=0x");
	refuses("-otimeout=for-ever", "timeout=for-ever");
	refuses("-oscan_ttl=11111111111111111111111111111111111", "scan_ttl=1");
	refuses("-oallx", "'allx'");
	refuses("-x", "'-x'");
	refuses("--foreground", "'--foreground'");
	refuses("-o", "argument is missing");
	assert_int_equal(parse(&options, &diag, NULL), -EINVAL);
	assert_non_null(strstr(diag.message, "where to mount"));
	assert_int_equal(parse(&options, &diag, "a", "b", "c", NULL), -EINVAL);
	assert_non_null(strstr(diag.message, "too many"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),	    cmocka_unit_test(mount_line),
		cmocka_unit_test(own_words),	    cmocka_unit_test(debug_stays),
		cmocka_unit_test(commas_in_values), cmocka_unit_test(help_and_version),
		cmocka_unit_test(refusals),
	};

	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
