/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "held.h"
#include "place.h"

uint64_t held_number(const char *text)
{
	static const char units[] = "kmgt";
	char *end;
	uint64_t value = strtoull(text, &end, 0);
	const char *unit = *end ? strchr(units, *end) : NULL;

	return unit ? value << 10 * (unit - units + 1) : value;
}

static int parse_prot(const char *text)
{
	return (strchr(text, 'r') ? PROT_READ : 0) | (strchr(text, 'w') ? PROT_WRITE : 0) |
	       (strchr(text, 'x') ? PROT_EXEC : 0);
}

int held_map(struct held *held, const char *text)
{
	char offset[32], len[32], prot[8] = "rw", how[16] = "";
	struct mapping new = {0};

	if (sscanf(text, "%31[^:]:%31[^:]:%7[^:]:%15s", offset, len, prot, how) < 2) {
		errno = EINVAL;
		return -1;
	}
	new.offset = held_number(offset);
	new.len = held_number(len);
	new.prot = parse_prot(prot);
	new.at = object_map(&held->object, new.offset, new.len, new.prot,
			    strcmp(how, "private") == 0 ? MAP_PRIVATE : MAP_SHARED);
	if (!new.at)
		return -1;
	if (held->count < sizeof(held->mappings) / sizeof(held->mappings[0]))
		held->mappings[held->count++] = new;
	return 0;
}

/* What the kernel itself says about the mapping that holds this address. */
static bool line_at(const void *address, char *line, size_t size)
{
	FILE *maps = fopen("/proc/thread-self/maps", "re");
	bool found = false;

	while (maps && !found && fgets(line, (int)size, maps)) {
		uint64_t start, end;

		if (sscanf(line, "%" SCNx64 "-%" SCNx64, &start, &end) == 2)
			found = (uintptr_t)address >= start && (uintptr_t)address < end;
	}
	if (maps)
		fclose(maps);
	return found;
}

static void tell_identity(const struct held *held)
{
	char line[8192];
	unsigned major, minor;
	uint64_t inode;
	struct stat st;

	if (held->count && line_at(held->mappings[0].at, line, sizeof(line)) &&
	    sscanf(line, "%*s %*s %*s %x:%x %" SCNu64, &major, &minor, &inode) == 3)
		printf(" dev=%u:%u ino=%" PRIu64, major, minor, inode);
	else if (held->object.fd >= 0 && fstat(held->object.fd, &st) == 0)
		printf(" dev=%u:%u ino=%ju", major(st.st_dev), minor(st.st_dev),
		       (uintmax_t)st.st_ino);
}

void held_tell(const struct held *held, const char *kind)
{
	char line[8192], range[64], perm[8], offset[32];

	printf("object kind=%s pid=%d size=%" PRIu64, kind, place_pid(), held->object.size);
	tell_identity(held);
	if (held->object.shmid >= 0)
		printf(" shmid=%d", held->object.shmid);
	printf("\n");
	for (unsigned i = 0; i < held->count; i++)
		if (line_at(held->mappings[i].at, line, sizeof(line)) &&
		    sscanf(line, "%63s %7s %31s", range, perm, offset) == 3)
			printf("mapping range=%s perm=%s offset=%s\n", range, perm, offset);
}

static char *address_of(const struct held *held, uint64_t offset, size_t len)
{
	for (unsigned i = 0; i < held->count; i++) {
		const struct mapping *m = &held->mappings[i];

		if (offset >= m->offset && offset + len <= m->offset + m->len)
			return m->at + (offset - m->offset);
	}
	errno = ERANGE;
	return NULL;
}

static int put(struct held *held, const char *offset, const char *hex)
{
	size_t len = strlen(hex) / 2;
	char *to = address_of(held, held_number(offset), len);
	unsigned byte;

	for (size_t i = 0; to && i < len && sscanf(hex + 2 * i, "%2x", &byte) == 1; i++)
		to[i] = (char)byte;
	return to ? 0 : -1;
}

static int get(struct held *held, const char *offset, const char *count)
{
	size_t len = held_number(count);
	const char *from = address_of(held, held_number(offset), len);

	for (size_t i = 0; from && i < len; i++)
		printf("%02x", (unsigned char)from[i]);
	if (from)
		printf(" ");
	return from ? 0 : -1;
}

static int fill(struct held *held, const char *offset, const char *count, const char *byte)
{
	size_t len = held_number(count);
	char *to = address_of(held, held_number(offset), len);

	if (to)
		memset(to, (int)strtoul(byte, NULL, 16), len);
	return to ? 0 : -1;
}

/*
 * A thread that keeps changing one aligned word: counting up, or between all zeros and all ones,
 * so that a reader who sees anything else has seen half a store.
 */
struct changer {
	void *at;
	unsigned width;
	useconds_t pause;
	bool flips;
};

static void store(const struct changer *c, uint64_t value)
{
	switch (c->width) {
	case 1:
		__atomic_store_n((uint8_t *)c->at, (uint8_t)value, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((uint16_t *)c->at, (uint16_t)value, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((uint32_t *)c->at, (uint32_t)value, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((uint64_t *)c->at, value, __ATOMIC_RELAXED);
	}
}

static void *change(void *arg)
{
	struct changer *c = arg;

	for (uint64_t i = 1;; i++) {
		store(c, c->flips ? -(i & 1) : i);
		if (c->pause)
			usleep(c->pause);
	}
	return NULL;
}

static int start_changer(struct held *held, bool flips, const char *offset, const char *width,
			 const char *pause)
{
	struct changer *c = malloc(sizeof(*c));
	pthread_t thread;

	if (!c)
		return -1;
	c->width = *width ? (unsigned)held_number(width) : 8;
	c->pause = (useconds_t)held_number(*pause ? pause : "0");
	c->flips = flips;
	c->at = address_of(held, held_number(offset), c->width);
	errno = c->at ? pthread_create(&thread, NULL, change, c) : errno;
	if (errno)
		free(c);
	return errno ? -1 : 0;
}

static int protect(struct held *held, const char *offset, const char *count, const char *prot)
{
	size_t len = held_number(count);
	char *at = address_of(held, held_number(offset), len);

	return at ? mprotect(at, len, parse_prot(prot)) : -1;
}

static int unmap(struct held *held)
{
	for (; held->count; held->count--) {
		struct mapping *m = &held->mappings[held->count - 1];
		int r = held->object.shmid >= 0 ? shmdt(m->at) : munmap(m->at, m->len);

		if (r < 0)
			return -1;
	}
	return 0;
}

static unsigned parse_seals(const char *text)
{
	return (strstr(text, "grow") ? F_SEAL_GROW : 0) |
	       (strstr(text, "shrink") ? F_SEAL_SHRINK : 0) |
	       (strstr(text, "future") ? F_SEAL_FUTURE_WRITE
				       : (strstr(text, "write") ? F_SEAL_WRITE : 0));
}

static int tell_pid(pid_t pid)
{
	if (pid < 0)
		return -1;
	printf("%d ", pid);
	return 0;
}

static int answer(struct held *held, const char *line)
{
	char verb[16] = "", a[64] = "", b[4096] = "", c[64] = "";

	sscanf(line, "%15s %63s %4095s %63s", verb, a, b, c);
	errno = 0;
	if (strcmp(verb, "put") == 0)
		return put(held, a, b);
	if (strcmp(verb, "get") == 0)
		return get(held, a, b);
	if (strcmp(verb, "fill") == 0)
		return fill(held, a, b, c);
	if (strcmp(verb, "count") == 0 || strcmp(verb, "flip") == 0)
		return start_changer(held, verb[0] == 'f', a, b, c);
	if (strcmp(verb, "protect") == 0)
		return protect(held, a, b, c);
	if (strcmp(verb, "map") == 0)
		return held_map(held, a);
	if (strcmp(verb, "unmap") == 0)
		return unmap(held);
	if (strcmp(verb, "truncate") == 0)
		return ftruncate(held->object.fd, (off_t)held_number(a));
	if (strcmp(verb, "seal") == 0)
		return fcntl(held->object.fd, F_ADD_SEALS, parse_seals(a));
	if (strcmp(verb, "close") == 0)
		return close(held->object.fd);
	if (strcmp(verb, "fork") == 0)
		return tell_pid(place_fork());
	errno = EINVAL;
	return -1;
}

void held_serve(struct held *held)
{
	char line[8192];

	while (fgets(line, sizeof(line), stdin) && strncmp(line, "exit", 4) != 0) {
		if (answer(held, line) == 0)
			printf("ok\n");
		else
			printf("error %s\n", strerrorname_np(errno));
	}
}
