/* SPDX-License-Identifier: MIT */
/*
 * System calls one after another, and what each answered, one line a step: `open 0`, `write
 * EACCES`.
 *
 *   try STEP...   where a step is one of
 *     open FLAGS PATH    FLAGS: r w rw, with any of ,trunc ,append ,creat ,nonblock ,direct ,dir
 *                        (the descriptors are numbered from 0; the last one opened is in use)
 *     use N   close      read LEN   pread OFFSET LEN   (bytes in hex; "" is the end)
 *     write TEXT   pwrite OFFSET TEXT   (C escapes \xNN)    truncate LEN   fsync   dup-close
 *     watch TIMES        reads a line of text so often: which different ones there were
 *     slurp              reads to the end: bytes read, and how many reads it took
 *     seek data|hole|set|end OFFSET
 *     map OFFSET LEN PROT [an open descriptor, MAP_SHARED]   get OFFSET LEN   put OFFSET HEX
 *     stat PATH          size blocks mode uid gid dev:ino
 *     chmod MODE PATH   chown UID PATH   unlink PATH   size LEN PATH (truncate)
 *     wait               prints `wait` and goes on when a line comes in
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int fds[64];
static unsigned fd_count, current;
static char *memory;

static long long number(const char *text)
{
	return strtoll(text, NULL, 0);
}

static size_t unescape(const char *from, char *to)
{
	size_t n = 0;
	unsigned byte;

	while (*from) {
		if (sscanf(from, "\\x%2x", &byte) == 1) {
			to[n++] = (char)byte;
			from += 4;
		} else {
			to[n++] = *from++;
		}
	}
	return n;
}

static void hex(const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%02x", ((const unsigned char *)bytes)[i]);
	printf("\n");
}

/* Prints the number that a call returned, or the name of its error. */
static void tell(long long result)
{
	if (result < 0)
		printf("%s\n", strerrorname_np(errno));
	else
		printf("%lld\n", result);
}

static int open_flags(const char *words)
{
	static const struct {
		const char *word;
		int flag;
	} known[] = {
		{"trunc", O_TRUNC},	  {"append", O_APPEND}, {"creat", O_CREAT},
		{"nonblock", O_NONBLOCK}, {"direct", O_DIRECT}, {"dir", O_DIRECTORY},
		{"path", O_PATH},
	};
	int flags = strncmp(words, "rw", 2) == 0 ? O_RDWR : *words == 'w' ? O_WRONLY : O_RDONLY;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strstr(words, known[i].word))
			flags |= known[i].flag;
	return flags | O_CLOEXEC;
}

static void do_open(char **arg)
{
	int fd = open(arg[1], open_flags(arg[0]), 0600);

	if (fd >= 0) {
		fds[fd_count] = fd;
		current = fd_count++;
	}
	tell(fd < 0 ? -1 : (long long)current);
}

static void do_use(char **arg)
{
	current = (unsigned)number(arg[0]);
	tell(current);
}

static void do_close(char **arg)
{
	(void)arg;
	tell(close(fds[current]));
}

/* What a shell does after `echo >file`: a flush that isn't the last close. */
static void do_dup_close(char **arg)
{
	(void)arg;
	tell(close(dup(fds[current])));
}

static void show(ssize_t n, char *bytes)
{
	if (n < 0)
		tell(n);
	else
		hex(bytes, (size_t)n);
	free(bytes);
}

static void do_read(char **arg)
{
	char *bytes = malloc((size_t)number(arg[0]) + 1);

	show(read(fds[current], bytes, (size_t)number(arg[0])), bytes);
}

static void do_pread(char **arg)
{
	char *bytes = malloc((size_t)number(arg[1]) + 1);

	show(pread(fds[current], bytes, (size_t)number(arg[1]), number(arg[0])), bytes);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The same bytes again and again: each of the different texts that were seen, up to eight. */
static void do_watch(char **arg)
{
	char *seen[8], text[256];
	size_t n = 0;

	for (long long i = number(arg[0]); i > 0; i--) {
		ssize_t got = pread(fds[current], text, sizeof(text) - 1, 0);
		size_t k = 0;

		text[got > 0 ? got : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		while (k < n && strcmp(seen[k], text) != 0)
			k++;
		if (k == n && n < sizeof(seen) / sizeof(seen[0]))
			seen[n++] = strdup(text);
	}
	qsort(seen, n, sizeof(seen[0]), compare_text);
	for (size_t k = 0; k < n; k++)
		printf("%s%s", seen[k], k + 1 < n ? " " : "\n");
}

static void do_slurp(char **arg)
{
	static char bytes[1 << 20];
	long long total = 0, reads = 0;
	ssize_t n;

	(void)arg;
	while ((n = read(fds[current], bytes, sizeof(bytes))) > 0) {
		total += n;
		reads++;
	}
	if (n < 0)
		tell(-1);
	else
		printf("%lld %lld\n", total, reads);
}

static void do_write(char **arg)
{
	char *bytes = malloc(strlen(arg[0]) + 1);

	tell(write(fds[current], bytes, unescape(arg[0], bytes)));
	free(bytes);
}

static void do_pwrite(char **arg)
{
	char *bytes = malloc(strlen(arg[1]) + 1);

	tell(pwrite(fds[current], bytes, unescape(arg[1], bytes), number(arg[0])));
	free(bytes);
}

static void do_truncate(char **arg)
{
	tell(ftruncate(fds[current], number(arg[0])));
}

static void do_fsync(char **arg)
{
	(void)arg;
	tell(fsync(fds[current]));
}

static void do_seek(char **arg)
{
	int whence = strcmp(arg[0], "data") == 0   ? SEEK_DATA
		     : strcmp(arg[0], "hole") == 0 ? SEEK_HOLE
		     : strcmp(arg[0], "end") == 0  ? SEEK_END
						   : SEEK_SET;

	tell(lseek(fds[current], number(arg[1]), whence));
}

static void do_map(char **arg)
{
	int prot = (strchr(arg[2], 'r') ? PROT_READ : 0) | (strchr(arg[2], 'w') ? PROT_WRITE : 0);

	memory = mmap(NULL, (size_t)number(arg[1]), prot, MAP_SHARED, fds[current], number(arg[0]));
	tell(memory == MAP_FAILED ? -1 : 0);
}

static void do_get(char **arg)
{
	hex(memory + number(arg[0]), (size_t)number(arg[1]));
}

static void do_put(char **arg)
{
	size_t n = strlen(arg[1]) / 2;
	unsigned byte;

	for (size_t i = 0; i < n && sscanf(arg[1] + 2 * i, "%2x", &byte) == 1; i++)
		memory[number(arg[0]) + (long long)i] = (char)byte;
	tell((long long)n);
}

static void do_stat(char **arg)
{
	struct stat st;

	if (lstat(arg[0], &st) < 0)
		tell(-1);
	else
		printf("%jd %jd %o %u %u %u:%u:%ju\n", (intmax_t)st.st_size, (intmax_t)st.st_blocks,
		       st.st_mode, st.st_uid, st.st_gid, major(st.st_dev), minor(st.st_dev),
		       (uintmax_t)st.st_ino);
}

static void do_chmod(char **arg)
{
	tell(chmod(arg[1], (mode_t)strtoul(arg[0], NULL, 8)));
}

static void do_chown(char **arg)
{
	tell(chown(arg[1], (uid_t)number(arg[0]), (gid_t)-1));
}

static void do_unlink(char **arg)
{
	tell(unlink(arg[0]));
}

static void do_size(char **arg)
{
	tell(truncate(arg[1], number(arg[0])));
}

static void do_wait(char **arg)
{
	(void)arg;
	printf("wait\n");
	for (int c; (c = getchar()) != EOF && c != '\n';)
		;
}

static const struct step {
	const char *name;
	int args;
	void (*run)(char **arg);
} steps[] = {
	{"open", 2, do_open},	      {"use", 1, do_use},
	{"close", 0, do_close},	      {"read", 1, do_read},
	{"pread", 2, do_pread},	      {"slurp", 0, do_slurp},
	{"write", 1, do_write},	      {"pwrite", 2, do_pwrite},
	{"truncate", 1, do_truncate}, {"fsync", 0, do_fsync},
	{"seek", 2, do_seek},	      {"map", 3, do_map},
	{"get", 2, do_get},	      {"put", 2, do_put},
	{"stat", 1, do_stat},	      {"chmod", 2, do_chmod},
	{"chown", 2, do_chown},	      {"unlink", 1, do_unlink},
	{"watch", 1, do_watch},	      {"size", 2, do_size},
	{"wait", 0, do_wait},	      {"dup-close", 0, do_dup_close},
};

static const struct step *step_find(const char *name)
{
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (strcmp(steps[i].name, name) == 0)
			return &steps[i];
	return NULL;
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1; i < argc;) {
		const struct step *step = step_find(argv[i]);

		if (!step || i + step->args >= argc) {
			fprintf(stderr, "try: bad step: %s\n", argv[i]);
			return 2;
		}
		if (step->run != do_wait)
			printf("%s ", step->name);
		step->run(&argv[i + 1]);
		i += 1 + step->args;
	}
	return 0;
}
