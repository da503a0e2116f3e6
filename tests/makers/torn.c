/* SPDX-License-Identifier: MIT */
/*
 * Reads what ticker changes and judges what it got: torn FILE FORM READS OBJECT
 *
 * FORM: json and jsonl, csv, txt, or value (the file of one 8-byte member). Every other read is of
 * a file newly opened, .txt always, as the kernel may keep its pages. Prints
 *
 *   reads N records N moved N torn N half N mixed N held N away N
 *
 * moved: how often a record, the hot one of a table, had another number than in the read before.
 * torn: records that say so. half: scalars whose parts say different numbers. mixed: records whose
 * members do, and that don't say that they are torn. held: as mixed, but the ticker's log says that
 * a change took long in just that time, as when its program was interrupted: then the memory was
 * in that state, and the record is one of one moment. away: as held, but for longer than anybody
 * watches, as when another program got its processor.
 */
#include "ticker.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { MEMBERS = 27, ROOM = 1 << 20, LONG = 100000 /* ns */ };

static const struct ticker_log *slow;
static unsigned long long reads, records, moved, torn, half, mixed, held, away;
static struct {
	uint64_t from, to;
} doubtful[TICKER_LOG];
static size_t n_doubtful;

static void die(const char *what)
{
	fprintf(stderr, "torn: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* ---- text to values, in order of declaration ---- */

struct line {
	const char *value[MEMBERS];
	size_t n;
	bool torn;
};

static const char *behind_quotes(const char *p)
{
	for (p++; *p != '"'; p++)
		p += *p == '\\';
	return p + 1;
}

/* One line of JSON: what stands before a colon is a name. Returns what is behind the line. */
static const char *parse_json(const char *p, struct line *line)
{
	bool index = false;

	for (; *p && *p != '\n'; p++) {
		const char *start = p;

		if (strchr("{}[], :", *p))
			continue;
		p = *p == '"' ? behind_quotes(p) : p + strcspn(p, ",]}\n");
		if (*p == ':') {
			index = !strncmp(start, "\"_index\"", 8);
			if (!strncmp(start, "\"_torn\": true", 13)) {
				line->torn = true;
				p = start + 12;
			}
			continue;
		}
		if (!index && ++line->n <= MEMBERS)
			line->value[line->n - 1] = start + (*start == '"');
		index = false;
		p--;
	}
	return *p ? p + 1 : p;
}

/* One line of a table: its first column is the index. */
static const char *parse_columns(const char *p, struct line *line)
{
	bool index = true;

	while (*p && *p != '\n') {
		size_t n = strcspn(p, " ,\n");

		if (n && !index && ++line->n <= MEMBERS)
			line->value[line->n - 1] = p;
		index = index && !n;
		p += n + (p[n] == ' ' || p[n] == ',');
	}
	return *p ? p + 1 : p;
}

/* ---- values to a verdict ---- */

/* A number whose halves of so many bits say the same thing: that; counts it if not. */
static uint32_t halves(const char *text, unsigned bits)
{
	uint64_t value = strtoull(text, NULL, 10), mask = ~0ull >> (64 - bits);

	half += (value & mask) != value >> bits;
	return (uint32_t)(value & mask);
}

static bool is_digits(const char *text, uint32_t n)
{
	char wanted[32];

	snprintf(wanted, sizeof(wanted), "%08x%08x", n, n);
	return !memcmp(text, wanted, 16);
}

/* Whether each member says what the first one does: *n. */
static bool is_one(const struct line *line, uint32_t *n)
{
	/* Bits of a half, of those that have halves, else of the number. */
	static const uint8_t bits[MEMBERS] = {32, 0, 0,	 8, 8,	16, 16, 8,  8,	16, 16, 16, 8, 8,
					      8,  8, 12, 4, 32, 32, 32, 32, 32, 32, 32, 32, 32};
	static const bool single[MEMBERS] = {[3] = true, [8] = true, [16] = true, [17] = true};
	bool same;

	*n = halves(line->value[0], 32);
	same = is_digits(line->value[1], *n) && strtod(line->value[2], NULL) == (double)*n;
	for (size_t i = 3; i < MEMBERS; i++) {
		uint32_t said = single[i] ? (uint32_t)strtoul(line->value[i], NULL, 10)
					  : halves(line->value[i], bits[i]);

		same &= said == (*n & ~0u >> (32 - bits[i]));
	}
	return same;
}

static void judge(const struct line *line, bool hot, uint64_t from, uint64_t to)
{
	static uint32_t before;
	uint32_t n;
	bool one = is_one(line, &n);

	records++;
	moved += hot && n != before;
	if (hot)
		before = n;
	torn += line->torn;
	if (one || line->torn)
		return;
	if (n_doubtful == TICKER_LOG)
		die("nearly all is mixed");
	doubtful[n_doubtful].from = from;
	doubtful[n_doubtful++].to = to;
}

static void judge_text(const char *text, const char *form, uint64_t from, uint64_t to)
{
	bool json = strncmp(form, "json", 4) == 0;
	const char *p = text;

	if (!strcmp(form, "value")) {
		uint32_t n = halves(text, 32);
		static uint32_t before;

		records++;
		moved += n != before;
		before = n;
		return;
	}
	if (!json)
		p += strcspn(p, "\n") + 1;
	for (size_t i = 0; *p; i++) {
		struct line line = {.n = 0};

		p = json ? parse_json(p, &line) : parse_columns(p, &line);
		errno = 0;
		if (line.n != MEMBERS)
			die("not a record");
		judge(&line, !strcmp(form, "json") || i == TICKER_HOT, from, to);
	}
}

/* How long the longest of the slow changes took that were under way between two times; 0: none. */
static uint64_t longest(uint64_t from, uint64_t to)
{
	uint64_t n = atomic_load(&slow->n), most = 0;

	for (uint64_t k = n > TICKER_LOG ? n - TICKER_LOG : 0; k < n; k++) {
		uint64_t begun = slow->slow[k % TICKER_LOG].from;
		uint64_t done = slow->slow[k % TICKER_LOG].to;

		if (begun <= to && done >= from && done - begun > most)
			most = done - begun;
	}
	return most;
}

/* Once the ticker has told of all that was slow till now; long before it tells of it no more. */
static void judge_doubtful(void)
{
	for (uint64_t n = slow->changes; slow->changes < n + 2;)
		usleep(1000); /* until the change that was under way is over, and in the log */
	for (size_t i = 0; i < n_doubtful; i++) {
		uint64_t time = longest(doubtful[i].from, doubtful[i].to);

		mixed += !time;
		held += time && time < LONG;
		away += time >= LONG;
	}
	n_doubtful = 0;
}

static void judge_in_time(void)
{
	static uint64_t judged;
	uint64_t n = atomic_load(&slow->n);

	if (n - judged > TICKER_LOG / 4 || n_doubtful > TICKER_LOG / 2) {
		judge_doubtful();
		judged = n;
	}
}

/* ---- reading ---- */

static void read_all(int fd, char *text)
{
	size_t n = 0;
	ssize_t got;

	while ((got = pread(fd, text + n, ROOM - 1 - n, (off_t)n)) > 0)
		n += (size_t)got;
	if (got < 0 || n == ROOM - 1)
		die("read");
	text[n] = '\0';
}

int main(int argc, char **argv)
{
	static char text[ROOM];
	bool anew;
	char name[256];
	int fd = -1;

	if (argc != 5)
		return 2;
	snprintf(name, sizeof(name), "/%s", argv[4]);
	fd = shm_open(name, O_RDONLY, 0);
	slow = mmap(NULL, sizeof(*slow), PROT_READ, MAP_SHARED, fd, TICKER_LOG_AT);
	if (slow == MAP_FAILED)
		die(name);
	anew = !strcmp(argv[2], "txt");
	for (; reads < strtoull(argv[3], NULL, 10); reads++) {
		uint64_t from = now();

		if (anew || reads % 2 == 0) {
			close(fd);
			fd = open(argv[1], O_RDONLY | O_CLOEXEC);
			if (fd < 0)
				die(argv[1]);
		}
		read_all(fd, text);
		judge_text(text, argv[2], from, now());
		judge_in_time();
	}
	judge_doubtful();
	printf("reads %llu records %llu moved %llu torn %llu half %llu mixed %llu held %llu away "
	       "%llu\n",
	       reads, records, moved, torn, half, mixed, held, away);
	return 0;
}
