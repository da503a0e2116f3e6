/* SPDX-License-Identifier: MIT */
/*
 * Makes one real shared memory object, says what it made, and answers commands about it until its
 * input ends. The tests and the person who tries something by hand use the same program.
 *
 *   make_region KIND [WORD...]
 *
 * Words: name=NAME (C escapes \xNN) size=N mode=OCTAL key=N seal=write,grow,shrink,future existing
 *   readonly   map=OFFSET:LEN:PROT[:private] (may be repeated; the whole, rw, when none is given)
 *   nomap      keep (the descriptor stays open)   unlink (the name goes once it is mapped)
 *   ns=pid,mnt,ipc   tmpfs=DIR   uid=N gid=N   nodump   sibling   leaderexit
 * Output: `object ...`, a `mapping ...` each, `sibling PID`, and `ready`; or `unsupported WHY` with
 *   status 77, as TAP and automake say "skip".
 * Commands: see held_serve(): put OFFSET HEX, get OFFSET LEN, fill OFFSET LEN BYTE,
 *   count|flip OFFSET WIDTH PAUSE, protect OFFSET LEN PROT, map ..., unmap, truncate N, seal WORDS,
 *   close, fork, exit. Each is answered by a line that ends in `ok`, or by `error NAME`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <unistd.h>

#include "held.h"
#include "object.h"
#include "place.h"

struct job {
	const char *kind;
	struct wish wish;
	struct place place;
	const char *maps[64];
	unsigned map_count;
	bool nomap, keep, unlink, sibling, leaderexit;
	struct held held;
};

static int fail(const char *what)
{
	if (errno == ENOTSUP) {
		printf("unsupported %s\n", what);
		return 77;
	}
	printf("failed %s: %s\n", what, strerror(errno));
	return 1;
}

static char *unescape(char *text)
{
	char *to = text;
	unsigned byte;

	for (char *from = text; *from; to++) {
		if (sscanf(from, "\\x%2x", &byte) == 1) {
			*to = (char)byte;
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return text;
}

static bool flag_word(struct job *job, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {
		{"nomap", &job->nomap},
		{"keep", &job->keep},
		{"unlink", &job->unlink},
		{"sibling", &job->sibling},
		{"leaderexit", &job->leaderexit},
		{"nodump", &job->place.nodump},
		{"existing", &job->wish.existing},
		{"readonly", &job->wish.readonly},
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (strcmp(flags[i].word, word) == 0)
			return *flags[i].flag = true;
	return false;
}

static bool value_of(char *word, const char *key, char **value)
{
	size_t n = strlen(key);

	if (strncmp(word, key, n) != 0 || word[n] != '=')
		return false;
	*value = word + n + 1;
	return true;
}

static bool parse_word(struct job *job, char *word)
{
	char *value;

	if (flag_word(job, word))
		return true;
	if (value_of(word, "name", &value))
		job->wish.name = unescape(value);
	else if (value_of(word, "size", &value))
		job->wish.size = held_number(value);
	else if (value_of(word, "mode", &value))
		job->wish.mode = (mode_t)strtoul(value, NULL, 8);
	else if (value_of(word, "key", &value))
		job->wish.key = (int)held_number(value);
	else if (value_of(word, "seal", &value))
		job->wish.seals = (strstr(value, "write") ? F_SEAL_WRITE : 0) |
				  (strstr(value, "grow") ? F_SEAL_GROW : 0) |
				  (strstr(value, "shrink") ? F_SEAL_SHRINK : 0) |
				  (strstr(value, "future") ? F_SEAL_FUTURE_WRITE : 0);
	else if (value_of(word, "map", &value) && job->map_count < 64)
		job->maps[job->map_count++] = value;
	else if (value_of(word, "ns", &value)) {
		job->place.pid = strstr(value, "pid");
		job->place.mnt = strstr(value, "mnt");
		job->place.ipc = strstr(value, "ipc");
	} else if (value_of(word, "tmpfs", &value))
		job->place.tmpfs = value;
	else if (value_of(word, "uid", &value)) {
		job->place.uid = (uid_t)held_number(value);
		job->place.as_user = true;
	} else if (value_of(word, "gid", &value))
		job->place.gid = (gid_t)held_number(value);
	else
		return false;
	return true;
}

static int map_all(struct job *job)
{
	char whole[64];

	if (job->nomap)
		return 0;
	snprintf(whole, sizeof(whole), "0:%ju:%s", (uintmax_t)job->held.object.size,
		 job->wish.readonly ? "r" : "rw");
	if (job->map_count == 0)
		job->maps[job->map_count++] = whole;
	for (unsigned i = 0; i < job->map_count; i++)
		if (held_map(&job->held, job->maps[i]) < 0)
			return -1;
	return 0;
}

static void serve(void *arg)
{
	struct job *job = arg;

	held_tell(&job->held, job->kind);
	if (job->sibling)
		printf("sibling %d\n", place_sibling());
	printf("ready\n");
	held_serve(&job->held);
}

/* What would outlive us goes with us, so that a test that dies leaves nothing. */
static void tidy(const struct job *job)
{
	if (job->wish.existing)
		return;
	if (strcmp(job->kind, "shm") == 0)
		shm_unlink(job->wish.name);
	if (strcmp(job->kind, "file") == 0)
		unlink(job->wish.name);
	if (job->held.object.shmid >= 0)
		shmctl(job->held.object.shmid, IPC_RMID, NULL);
}

int main(int argc, char **argv)
{
	static struct job job = {.wish = {.size = 65536, .key = IPC_PRIVATE}};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2) {
		object_list();
		return 2;
	}
	job.kind = argv[1];
	for (int i = 2; i < argc; i++) {
		if (!parse_word(&job, argv[i])) {
			printf("failed word: %s\n", argv[i]);
			return 2;
		}
	}
	if (place_enter(&job.place) < 0)
		return fail("place");
	if (object_make(job.kind, &job.wish, &job.held.object) < 0)
		return fail("object");
	if (map_all(&job) < 0)
		return fail("map");
	if (job.unlink)
		tidy(&job);
	if (!job.keep && !job.nomap && job.held.object.fd >= 0) {
		close(job.held.object.fd);
		job.held.object.fd = -1;
	}
	if (job.leaderexit)
		return place_leave_leader(serve, &job) < 0 ? fail("leader") : 0;
	serve(&job);
	tidy(&job);
	return 0;
}
