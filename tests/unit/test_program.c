/* SPDX-License-Identifier: MIT */
/* What a process runs, compared with what the dynamic linker says of this one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../folder.h"
#include "base/cleanup.h"
#include "base/proc.h"
#include "region/program.h"

static void *kept;
static struct {
	int before;
	void *inner[3];
} nest;
static char never_written[1 << 20];

struct seen {
	const struct programs *programs;
	unsigned found;
	unsigned wrong;
};

static int compare(struct dl_phdr_info *info, size_t size, void *context)
{
	struct seen *seen = context;

	(void)size;
	for (size_t i = 0; i < seen->programs->n; i++) {
		const struct program *program = &seen->programs->all[i];

		for (unsigned j = 0; j < info->dlpi_phnum; j++) {
			uint64_t start = info->dlpi_addr + info->dlpi_phdr[j].p_vaddr;

			if (info->dlpi_phdr[j].p_type != PT_LOAD || start < program->loaded.start ||
			    start >= program->loaded.end)
				continue;
			seen->found++;
			if (program->bias != info->dlpi_addr)
				seen->wrong++;
			if ((info->dlpi_phdr[j].p_flags & PF_W) &&
			    (start < program->data.start || start >= program->data.end))
				seen->wrong++;
		}
	}
	return 0;
}

static void test_own(void **state)
{
	int proc = proc_open(NULL);
	struct programs programs;
	const struct program *self;
	struct seen seen = {&programs, 0, 0};
	struct stat st;

	(void)state;
	assert_int_equal(programs_open(proc, getpid(), &programs), 0);
	assert_true(programs.n >= 3); /* ourselves, cmocka, libc */
	dl_iterate_phdr(compare, &seen);
	assert_true(seen.found > programs.n);
	assert_int_equal(seen.wrong, 0);
	self = programs_at(&programs, (uintptr_t)test_own);
	assert_non_null(self);
	assert_true(self->is_main);
	assert_int_equal(stat("/proc/self/exe", &st), 0);
	assert_int_equal(self->inode, st.st_ino);
	assert_true((uintptr_t)&kept >= self->data.start && (uintptr_t)&kept < self->data.end);
	assert_null(programs_at(&programs, 4096));
	assert_ptr_not_equal(programs_at(&programs, (uintptr_t)printf), self);
	programs_close(&programs);
	assert_int_equal(programs_open(proc, 999999999, &programs), -ENOENT);
	close(proc);
}

static bool has(const struct words *words, const void *address, const void *value)
{
	for (size_t i = 0; i < words->n; i++)
		if (words->all[i].address == (uintptr_t)address)
			return words->all[i].value == (uintptr_t)value;
	return false;
}

static void test_words(void **state)
{
	int proc = proc_open(NULL);
	char *region = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct span into = {(uintptr_t)region, (uintptr_t)region + 8192};
	struct words words = {0};
	struct programs programs;
	struct span data;

	(void)state;
	kept = region;
	nest.inner[0] = region - 1;
	nest.inner[1] = region + 8191;
	nest.inner[2] = region + 8192;
	assert_int_equal(programs_open(proc, getpid(), &programs), 0);
	data = programs_at(&programs, (uintptr_t)&kept)->data;
	assert_int_equal(words_find(proc, getpid(), data, &into, 1, &words), 0);
	assert_true(has(&words, &kept, region));
	assert_true(has(&words, &nest.inner[1], region + 8191));
	assert_false(has(&words, &nest.inner[0], region - 1));
	assert_false(has(&words, &nest.inner[2], region + 8192));
	words_destroy(&words);

	/* Only what was asked for, of the page that it is in. */
	data = (struct span){(uintptr_t)&kept, (uintptr_t)&kept + 8};
	assert_int_equal(words_find(proc, getpid(), data, &into, 1, &words), 0);
	assert_int_equal(words.n, 1);
	words_destroy(&words);
	programs_close(&programs);
	munmap(region, 8192);
	kept = NULL;
	close(proc);
}

static bool is_there(const void *address)
{
	uint64_t entry = 0;
	CLEANUP(close_fd) int fd = open("/proc/self/pagemap", O_RDONLY);

	assert_int_equal(pread(fd, &entry, 8, (off_t)((uintptr_t)address / 4096 * 8)), 8);
	return entry >> 63;
}

static void test_nothing_is_faulted_in(void **state)
{
	int proc = proc_open(NULL);
	struct span in = {(uintptr_t)never_written,
			  (uintptr_t)never_written + sizeof(never_written)};
	struct span into = {0, UINT64_MAX};
	char *middle = never_written + sizeof(never_written) / 2;
	struct words words = {0};

	(void)state;
	assert_false(is_there(middle));
	in.start = ((uintptr_t)in.start + 4095) & ~4095ul; /* others share the first page */
	in.end &= ~4095ul;
	assert_int_equal(words_find(proc, getpid(), in, &into, 1, &words), 0);
	assert_int_equal(words.n, 0);
	assert_false(is_there(middle));
	*middle = 1;
	assert_int_equal(words_find(proc, getpid(), in, &into, 1, &words), 0);
	assert_int_equal(words.n, 4096 / 8);
	/* No more than there is room for. */
	memset(never_written, 1, sizeof(never_written));
	assert_int_equal(words_find(proc, getpid(), in, &into, 1, &words), 0);
	assert_int_equal(words.n, WORDS_MAX);
	words_destroy(&words);
	close(proc);
}

static void copy_file(const char *from, const char *to)
{
	CLEANUP(close_fd) int in = open(from, O_RDONLY);
	CLEANUP(close_fd) int out = open(to, O_WRONLY | O_CREAT | O_EXCL, 0755);
	struct stat st;

	assert_true(in >= 0 && out >= 0 && fstat(in, &st) == 0);
	while (sendfile(out, in, NULL, (size_t)st.st_size) > 0)
		;
}

/* A program whose file is gone, with another one at its path. */
static void test_replaced(void **state)
{
	char path[sizeof(folder) + 16], was[64];
	int proc = proc_open(NULL), ends[2];
	struct programs programs;
	struct stat before;
	pid_t pid;

	(void)state;
	snprintf(path, sizeof(path), "%s/sleeper", folder);
	snprintf(was, sizeof(was), "/bin/sleep");
	copy_file(was, path);
	assert_int_equal(stat(path, &before), 0);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		execl(path, "sleeper", "600", (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], was, 1), 0); /* it has executed */
	close(ends[0]);
	unlink(path);
	copy_file("/bin/true", path);

	/* The dynamic linker may still be at work: the program itself is there from the start. */
	assert_int_equal(programs_open(proc, pid, &programs), 0);
	if (geteuid() == 0) {
		const struct program *main_file = NULL;

		for (size_t i = 0; i < programs.n; i++)
			if (programs.all[i].is_main)
				main_file = &programs.all[i];
		assert_non_null(main_file);
		assert_int_equal(main_file->inode, before.st_ino);
		assert_string_equal(main_file->path, path);
	}
	programs_close(&programs);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_int_equal(programs_open(proc, pid, &programs), -ENOENT);
	close(proc);
}

/* Files as a process sees them. */
static void test_paths(void **state)
{
	char path[sizeof(folder) + 16];
	int proc = proc_open(NULL), fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/file", folder);
	copy_file("/bin/true", path);
	fd = program_open_path(proc, getpid(), path);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(program_open_path(proc, getpid(), folder), -ENOENT);
	assert_int_equal(program_open_path(proc, getpid(), "/dev/zero"), -ENOENT);
	assert_int_equal(program_open_path(proc, getpid(), "/nowhere/at/all"), -ENOENT);
	unlink(path);
	assert_int_equal(symlink("/bin/true", path), 0);
	fd = program_open_path(proc, getpid(), path);
	assert_true(fd >= 0);
	close(fd);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0); /* and doesn't wait for a writer */
	assert_int_equal(program_open_path(proc, getpid(), path), -ENOENT);
	close(proc);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_nothing_is_faulted_in),
		cmocka_unit_test(test_replaced),
		cmocka_unit_test(test_paths),
	};

	return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
