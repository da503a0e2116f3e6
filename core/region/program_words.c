/* SPDX-License-Identifier: MIT */
/*
 * Which words of a process point into a region. /proc/PID/pagemap (Documentation/admin-guide/mm/
 * pagemap.rst) tells of each page whether the process has it, and whether it is still the file's:
 * a page that was never written holds what the linker put there, and no address of a mapping.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/proc.h"
#include "region/program.h"

#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_SWAPPED (1ull << 62)
#define PAGEMAP_FILE	(1ull << 61)

#define RUN 16 /* pages that are read at once */

int process_copy(pid_t task, uint64_t address, void *to, size_t n)
{
	struct iovec mine = {to, n};
	struct iovec theirs = {(void *)(uintptr_t)address, n};

	return process_vm_readv(task, &mine, 1, &theirs, 1, 0) == (ssize_t)n ? 0 : -EIO;
}

void words_destroy(struct words *words)
{
	free(words->all);
	*words = (struct words){0};
}

static int add_word(struct words *words, struct word word)
{
	struct word *all = array_grow(words->all, words->n, &words->cap, sizeof(*all));

	if (!all)
		return -ENOMEM;
	words->all = all;
	words->all[words->n++] = word;
	return 0;
}

static bool is_into(uint64_t value, const struct span *into, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (value >= into[i].start && value < into[i].end)
			return true;
	return false;
}

/* The words of `in` among n bytes that stand at address. */
static int look_through(const uint64_t *bytes, size_t n, uint64_t address, struct span in,
			const struct span *into, size_t n_into, struct words *out)
{
	for (size_t i = 0; i < n / sizeof(*bytes) && out->n < WORDS_MAX; i++) {
		struct word word = {address + i * sizeof(*bytes), bytes[i]};
		int r = 0;

		if (word.address >= in.start && word.address < in.end &&
		    is_into(word.value, into, n_into))
			r = add_word(out, word);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_own_page(uint64_t entry)
{
	return (entry & PAGEMAP_SWAPPED) || ((entry & PAGEMAP_PRESENT) && !(entry & PAGEMAP_FILE));
}

/* Up to RUN pages from the first; *n is how many bytes there are to read, *skip what stands before
 * them. */
static int find_run(int pagemap, uint64_t first, uint64_t count, size_t page, size_t *skip,
		    size_t *n)
{
	uint64_t entries[RUN];
	size_t want = count < RUN ? (size_t)count : RUN, from = 0, to;
	ssize_t got =
		pread(pagemap, entries, want * sizeof(*entries), (off_t)(first * sizeof(*entries)));

	if (got < 0)
		return errno == EPERM ? -EACCES : -errno;
	want = (size_t)got / sizeof(*entries);
	if (want == 0)
		return -ESRCH; /* no memory any more */
	while (from < want && !is_own_page(entries[from]))
		from++;
	for (to = from; to < want && is_own_page(entries[to]); to++)
		;
	*skip = from * page;
	*n = (to - from) * page;
	return 0;
}

int words_find(int proc, pid_t task, struct span in, const struct span *into, size_t n_into,
	       struct words *out)
{
	CLEANUP(close_fd) int pagemap = proc_open_file(proc, task, "pagemap");
	CLEANUP(free_ptr) uint64_t *bytes = NULL;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint64_t at = in.start & ~(uint64_t)(page - 1);

	if (pagemap < 0)
		return pagemap == -EPERM ? -EACCES : pagemap;
	bytes = malloc(RUN * page);
	if (!bytes)
		return -ENOMEM;
	while (at < in.end && out->n < WORDS_MAX) {
		size_t skip = 0, n = 0;
		int r = find_run(pagemap, at / page, (in.end - at + page - 1) / page, page, &skip,
				 &n);

		if (r < 0)
			return r;
		at += skip;
		/* What has gone meanwhile holds no pointer any more. */
		if (n && process_copy(task, at, bytes, n) == 0)
			r = look_through(bytes, n, at, in, into, n_into, out);
		if (r < 0)
			return r;
		at += n;
	}
	return 0;
}
