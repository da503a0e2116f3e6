/* SPDX-License-Identifier: MIT */
/* What the tests of create.h, created.h and track.h share. */
#ifndef PEEKFS_TESTS_CREATED_CASE_H
#define PEEKFS_TESTS_CREATED_CASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../folder.h"
#include "region/created.h"

#define RW     (PROT_READ | PROT_WRITE)
#define LAYOUT "struct STU { int id; char name[20]; char sex; };"

enum { NOBODY = 65534, KINDS = 5 };

/* A name that no other run has: in /dev/shm, or below a folder of our own. */
static char names[16][sizeof(folder) + 16];
static unsigned n_names;

static inline int remove_all(void **state)
{
	for (unsigned i = 0; i < n_names; i++) { /* those of cases that failed */
		char name[64];

		snprintf(name, sizeof(name), "/peekfs-create-%d-%u", getpid(), i);
		shm_unlink(name);
	}
	return folder_remove(state);
}

static inline void put(void *at, const char *text)
{
	memcpy(at, text, strlen(text) + 1);
}

/* Many at once; "/..." of POSIX shared memory for kind shm, else a path. */
static inline const char *new_name(enum region_kind kind)
{
	unsigned n = n_names++;
	char *name = names[n % 16];

	if (kind == REGION_SHM)
		snprintf(name, sizeof(names[0]), "/peekfs-create-%d-%u", getpid(), n);
	else
		snprintf(name, sizeof(names[0]), "%s/%u", folder, n);
	return name;
}

static inline long locked_kib(void)
{
	FILE *status = fopen("/proc/self/status", "re");
	char line[256];
	long kib = -1;

	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmLck:", 6) == 0)
			kib = atol(line + 6);
	if (status)
		fclose(status);
	return kib;
}

/* The address and thread sanitizers make mlock(2) do nothing. */
static inline bool locking_works(void)
{
	static char page[8192];
	bool works;

	mlock(page, sizeof(page));
	works = locked_kib() > 0;
	munlock(page, sizeof(page));
	return works;
}

#define skip_unless_locking_works()                                                                \
	do {                                                                                       \
		if (!locking_works()) {                                                            \
			print_message("mlock() does nothing under this sanitizer\n");              \
			skip();                                                                    \
		}                                                                                  \
	} while (0)

/* What a call said: to be compared in the parent, as a failed assertion in a child goes nowhere. */
struct answer {
	int err;
	struct diag diag;
};

/* Runs call in a child of its own: as nobody when this is root and so asked. */
static inline struct answer in_child(void (*call)(void *context, struct answer *answer),
				     void *context, int unprivileged)
{
	struct answer answer = {-1000, {.message = "no answer"}};
	int ends[2], status;
	pid_t pid;

	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (unprivileged && geteuid() == 0 &&
		    (setgroups(0, NULL) || setresgid(NOBODY, NOBODY, NOBODY) ||
		     setresuid(NOBODY, NOBODY, NOBODY)))
			_exit(1);
		call(context, &answer);
		_exit(write(ends[1], &answer, sizeof(answer)) != sizeof(answer));
	}
	close(ends[1]);
	if (read(ends[0], &answer, sizeof(answer)) != sizeof(answer))
		answer = (struct answer){-1001, {.message = "the child died"}};
	close(ends[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return answer;
}

/* The error, and words that its message must have: cause and remedy, separated by '|'. */
static inline void assert_said(int err, const struct diag *diag, int want, const char *words)
{
	char copy[256], *at = copy, *word;

	snprintf(copy, sizeof(copy), "%s", words);
	if (err != want)
		fail_msg("got %d (%s), want %d", err, diag->message, want);
	while ((word = strsep(&at, "|")))
		if (!strstr(diag->message, word))
			fail_msg("no \"%s\" in: %s", word, diag->message);
	assert_true(strlen(diag->message) < sizeof(diag->message) - 1); /* not cut */
}

/* A name for the kinds that have one. */
static inline const char *name_for(enum region_kind kind)
{
	switch (kind) {
	case REGION_FILE:
	case REGION_SHM:
		return new_name(kind);
	case REGION_MEMFD:
		return "peekfs create";
	default:
		return NULL;
	}
}

/* Options that make a region of 5000 bytes. */
static inline struct create_options of_kind(enum region_kind kind)
{
	return (struct create_options){
		.kind = kind, .name = name_for(kind), .size = 5000, .prot = RW};
}

static inline struct created *make(const struct create_options *o)
{
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_new(o, &created, &diag);

	if (r)
		fail_msg("%d: %s", r, diag.message);
	return created;
}

/* The same failure with a diag and without, and nothing handed out. */
static inline void refused(struct create_options o, int want, const char *words)
{
	struct created *created = MAP_FAILED; /* any value that isn't NULL */
	struct diag diag = {0};
	int r = create_new(&o, &created, &diag);

	assert_said(r, &diag, want, words);
	assert_ptr_equal(created, MAP_FAILED);
	assert_int_equal(create_new(&o, &created, NULL), want);
}

#endif
