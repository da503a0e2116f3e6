/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "../folder.h"
#include "fs/mountinfo.h"

static const char text[] = "22 1 252:0 / / rw,relatime - ext4 /dev/vda rw\n"
			   "damaged\n"
			   "30 22 0:40 / /a\\040b\\134c\\012d rw - fuse.peekfs peekfs rw\n"
			   "31 22 0:41 / /mnt rw shared:5 master:1 - tmpfs tmpfs rw\n"
			   "32 31 0:42 / /mnt rw - fuse.peekfs peekfs rw\n"
			   "33 31 0:43 / /mnt/sub rw - fuse.peekfs peekfs rw\n";

static void places(void **state)
{
	char path[sizeof(folder) + 16];
	uint32_t major = 77;
	uint32_t minor = 77;
	FILE *file;

	(void)state;
	snprintf(path, sizeof(path), "%s/mountinfo", folder);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(mountinfo_device(path, "/mn", &major, &minor), -ENOENT);
	assert_int_equal(major, 77);
	assert_int_equal(mountinfo_device(path, "/a b\\c\nd", &major, &minor), 0);
	assert_int_equal(minor, 40);
	assert_int_equal(mountinfo_device(path, "/mnt", &major, &minor), 0);
	assert_int_equal(minor, 42); /* the upper one */
	assert_int_equal(mountinfo_device(path, "/", &major, &minor), 0);
	assert_int_equal(major, 252);
	unlink(path);
	assert_int_equal(mountinfo_device(path, "/", &major, &minor), -ENOENT);
}

static void own_list(void **state)
{
	struct stat stat;
	uint32_t major;
	uint32_t minor;

	(void)state;
	assert_int_equal(lstat("/proc", &stat), 0);
	assert_int_equal(mountinfo_device(NULL, "/proc", &major, &minor), 0);
	assert_int_equal(major, major(stat.st_dev));
	assert_int_equal(minor, minor(stat.st_dev));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places),
		cmocka_unit_test(own_list),
	};

	return cmocka_run_group_tests_name("mountinfo", tests, folder_make, folder_remove);
}
