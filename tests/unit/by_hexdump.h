/* SPDX-License-Identifier: MIT */
/* What hexdump itself prints. */
#ifndef PEEKFS_TESTS_BY_HEXDUMP_H
#define PEEKFS_TESTS_BY_HEXDUMP_H

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The text of `hexdump -vC` from skip to the end of the file behind fd, terminated, to be freed.
 * Skips the test when there is no hexdump. */
static char *by_hexdump(int fd, uint64_t skip_bytes)
{
	char *const environment[] = {"LC_ALL=C", NULL};
	char skip_text[24], *text;
	char *const argv[] = {"hexdump", "-vC", "-s", skip_text, "/dev/stdin", NULL};
	int out = memfd_create("hexdump", MFD_CLOEXEC), status;
	posix_spawn_file_actions_t actions;
	struct stat st;
	pid_t pid;
	int r;

	snprintf(skip_text, sizeof(skip_text), "%llu", (unsigned long long)skip_bytes);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	r = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	if (r == ENOENT) {
		print_message("there is no hexdump here\n");
		close(out);
		skip();
	}
	assert_int_equal(r, 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(fstat(out, &st), 0);
	text = calloc(1, (size_t)st.st_size + 1);
	assert_non_null(text);
	assert_int_equal(pread(out, text, (size_t)st.st_size, 0), st.st_size);
	close(out);
	return text;
}

#endif
