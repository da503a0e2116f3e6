/* SPDX-License-Identifier: MIT */
#include "created_case.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"

#define RW     (PROT_READ | PROT_WRITE)
#define LAYOUT "struct STU { int id; char name[20]; char sex; };"

/* ---- options that can't be ---- */

static void refused(struct create_options o, int want, const char *words)
{
	struct created *created = MAP_FAILED; /* any value that isn't NULL */
	struct diag diag = {0};
	int r = create_new(&o, &created, &diag);

	assert_said(r, diag.message, want, words);
	assert_ptr_equal(created, MAP_FAILED);
	assert_int_equal(create_new(&o, &created, NULL), want);
}

static void test_options(void **state)
{
	const char *path = new_name(REGION_FILE);
	struct create_options anon = {.kind = REGION_ANON, .size = 100, .prot = RW}, o;

	(void)state;
	refused((struct create_options){.kind = REGION_DEVICE, .size = 1}, -EINVAL, "kind: |memfd");
	refused((struct create_options){.kind = REGION_FILE, .size = 1}, -EINVAL, "name: ");
	refused((struct create_options){.kind = REGION_FILE, .name = "", .size = 1}, -EINVAL,
		"name: |path");
	refused((struct create_options){.kind = REGION_FILE, .name = "/tmp/", .size = 1}, -EINVAL,
		"name: |path");
	refused((struct create_options){.kind = REGION_SHM, .name = "/a/b", .size = 1}, -EINVAL,
		"name: |/NAME");
	refused((struct create_options){.kind = REGION_SHM, .name = "/..", .size = 1}, -EINVAL,
		"name: ");
	refused((struct create_options){.kind = REGION_ANON, .name = "x", .size = 1}, -EINVAL,
		"name: |NULL");
	refused((struct create_options){.kind = REGION_ANON}, -EINVAL, "size: |at least");
	refused((struct create_options){.kind = REGION_ANON, .size = UINT64_MAX}, -EOVERFLOW,
		"size: |2^63");
	refused((struct create_options){.kind = REGION_ANON, .size = 1, .key = 1}, -EINVAL, "key");
	refused((struct create_options){.kind = REGION_SYSV, .size = 1, .shmid = 1}, -EINVAL,
		"shmid");
	refused((struct create_options){.kind = REGION_HUGETLB, .size = 1, .huge_page = 3}, -EINVAL,
		"huge_page: |power");
	o = anon, o.prot = 64;
	refused(o, -EINVAL, "prot: ");
	o = anon, o.flags = 1u << 20;
	refused(o, -EINVAL, "flags: ");
	o = anon, o.flags = CREATE_OR_OPEN;
	refused(o, -EINVAL, "CREATE_OR_OPEN|name");
	o = anon, o.flags = CREATE_ALLOCATE;
	refused(o, -EINVAL, "CREATE_ALLOCATE|MAP_POPULATE");
	o = anon, o.flags = CREATE_PAST_END;
	refused(o, -EINVAL, "CREATE_PAST_END");
	o = anon, o.offset = 4096;
	refused(o, -EINVAL, "offset");
	o = anon, o.mode = 07777;
	refused(o, -EINVAL, "mode: ");
	o = anon, o.mode = 0400;
	refused(o, -EINVAL, "mode: |chmod");
	o = anon, o.map_flags = MAP_PRIVATE;
	refused(o, -EINVAL, "MAP_PRIVATE|shared");
	o.map_flags = MAP_ANONYMOUS;
	refused(o, -EINVAL, "MAP_ANONYMOUS|kind");
	o.map_flags = MAP_HUGETLB;
	refused(o, -EINVAL, "hugetlb");
	o.map_flags = MAP_DENYWRITE;
	refused(o, -EINVAL, "MAP_DENYWRITE|ignores|F_SEAL_WRITE");
	o.map_flags = MAP_GROWSDOWN;
	refused(o, -EINVAL, "map_flags: only");
	o.map_flags = MAP_SYNC;
	refused(o, -EINVAL, "MAP_SYNC|DAX");
	o.map_flags = MAP_FIXED;
	refused(o, -EINVAL, "address: |multiple");
	o.address = (void *)4097;
	refused(o, -EINVAL, "address: |multiple");
	o.map_flags = MAP_FIXED | MAP_FIXED_NOREPLACE;
	refused(o, -EINVAL, "one of them");
	o = anon, o.prot = PROT_NONE, o.map_flags = MAP_LOCKED;
	refused(o, -EINVAL, "MAP_LOCKED|PROT_NONE");
	o = (struct create_options){.kind = REGION_FILE, .name = path, .size = 100, .offset = 5};
	refused(o, -EINVAL, "offset: 5|multiple|from 0|first 5");
	o.offset = 4096;
	refused(o, -EINVAL, "behind the size");
	o.offset = 0, o.length = 8192;
	refused(o, -EINVAL, "behind the size");
	o.offset = 0, o.length = 1ull << 63;
	refused(o, -EOVERFLOW, "offset|length|2^63");
	assert_int_equal(access(path, F_OK), -1);
}

static void test_options_of_existing(void **state)
{
	struct create_options o = {.kind = REGION_MEMFD, .name = "x"};
	struct created *created;
	struct diag diag;

	(void)state;
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "create_adopt|fork");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .size = 1};
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "created_resize");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .layout = ""};
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "created_set_layout");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .flags = CREATE_OR_OPEN};
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "CREATE_PAST_END");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .flags = CREATE_PAST_END};
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "length");
	o = (struct create_options){.kind = REGION_SYSV, .key = 1, .shmid = 1};
	assert_said(create_open(&o, &created, &diag), diag.message, -EINVAL, "one of them");
}

/* ---- each kind ---- */

static struct create_options of_kind(enum region_kind kind)
{
	struct create_options o = {.kind = kind, .size = 5000, .prot = RW};

	if (kind == REGION_FILE || kind == REGION_SHM || kind == REGION_MEMFD)
		o.name = kind == REGION_MEMFD ? "peekfs create" : new_name(kind);
	return o;
}

static struct created *make(const struct create_options *o)
{
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_new(o, &created, &diag);

	if (r)
		fail_msg("%d: %s", r, diag.message);
	return created;
}

/* The line of maps that has the address, which nobody but the kernel wrote. */
static void maps_line(const void *address, char *line, size_t size)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	uintmax_t start, end;

	*line = '\0';
	while (maps && fgets(line, (int)size, maps))
		if (sscanf(line, "%jx-%jx", &start, &end) == 2 && (uintptr_t)address >= start &&
		    (uintptr_t)address < end)
			break;
	if (maps)
		fclose(maps);
}

static const struct {
	enum region_kind kind;
	const char *maps; /* what its line has */
	uint64_t size;
} kinds[KINDS] = {
	{REGION_FILE, " rw-s 00000000 ", 5000},
	{REGION_SHM, "/dev/shm/peekfs-create-", 5000},
	{REGION_MEMFD, "/memfd:peekfs create (deleted)", 5000},
	{REGION_SYSV, "/SYSV00000000 (deleted)", 5000},
	{REGION_ANON, "/dev/zero (deleted)", 8192}, /* the kernel rounds it up */
};

static void test_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct create_options o = of_kind(kinds[i].kind);
		CLEANUP(created_freep) struct created *created = make(&o);
		struct created_facts facts;
		struct region_id id;
		char line[512];
		unsigned major, minor;
		uintmax_t inode;
		char *at = created_address(created);

		maps_line(at, line, sizeof(line));
		assert_non_null(strstr(line, kinds[i].maps));
		assert_non_null(strstr(line, " rw-s "));
		if (o.name && kinds[i].kind != REGION_SHM)
			assert_non_null(strstr(line, o.name));
		assert_int_equal(created_facts(created, &facts), 0);
		assert_int_equal(facts.kind, kinds[i].kind);
		assert_ptr_equal(facts.address, at);
		assert_int_equal(facts.asked, 5000);
		assert_int_equal(facts.size, kinds[i].size);
		assert_int_equal(facts.mapped, 8192);
		assert_int_equal(facts.page, 4096);
		assert_int_equal(facts.prot, RW);
		assert_int_equal(facts.opened, 0);
		assert_true(facts.since > 1600000000ull * 1000000000);
		assert_int_equal(facts.shmid >= 0, kinds[i].kind == REGION_SYSV);
		assert_int_equal(created_room(created), kinds[i].size);
		assert_int_equal(sscanf(line, "%*s %*s %*s %x:%x %ju", &major, &minor, &inode), 3);
		assert_int_equal(created_id(created, &id), 0);
		assert_int_equal(id.major, major);
		assert_int_equal(id.minor, minor);
		assert_int_equal(id.inode, inode);
		assert_int_equal(id.ipcns != 0, kinds[i].kind == REGION_SYSV);
		for (int byte = 0; byte < 5000; byte++)
			assert_int_equal(at[byte], 0);
		memset(at, 'x', 5000);
		assert_int_equal(created_remove(created, NULL), 0);
	}
}

/* Parent and child see each other's stores. */
static void child_stores(void *context, struct answer *answer)
{
	unsigned char *at = created_address(context);

	answer->err = at[0];
	at[1] = 'c';
	created_free(context);
}

static void test_shared(void **state)
{
	(void)state;
	for (size_t i = 0; i <= KINDS; i++) {
		struct create_options o = of_kind(kinds[i % KINDS].kind);
		struct answer answer;

		if (i == KINDS) {
			o = of_kind(REGION_ANON);
			o.flags = CREATE_DEV_ZERO;
		}
		CLEANUP(created_freep) struct created *created = make(&o);
		char *at = created_address(created);

		at[0] = 'p';
		answer = in_child(child_stores, created, 0);
		assert_int_equal(answer.err, 'p');
		assert_int_equal(at[1], 'c');
		assert_int_equal(created_remove(created, NULL), 0);
	}
}

static void test_again(void **state)
{
	static const enum region_kind named[] = {REGION_FILE, REGION_SHM, REGION_SYSV};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct create_options o = of_kind(named[i]), open;
		struct created *other = NULL;
		struct created_facts facts;
		struct diag diag;

		o.key = named[i] == REGION_SYSV ? 0x70656500 + getpid() % 256 : 0;
		open = o;
		open.size = 0;
		assert_int_equal(create_open(&open, &other, &diag), -ENOENT);
		assert_non_null(strstr(diag.message, "hasn't made it yet"));
		CLEANUP(created_freep) struct created *created = make(&o);
		assert_said(create_new(&o, &other, &diag), diag.message, -EEXIST,
			    "create_open()|remove");
		put(created_address(created), "hello");

		assert_int_equal(create_open(&open, &other, NULL), 0);
		assert_string_equal(created_address(other), "hello");
		assert_int_equal(created_facts(other, &facts), 0);
		assert_int_equal(facts.opened, 1);
		assert_int_equal(facts.asked, 0);
		assert_int_equal(facts.size, 5000);
		assert_int_equal(facts.mapped, 8192);
		created_free(other);

		o.flags = CREATE_OR_OPEN;
		assert_int_equal(create_new(&o, &other, NULL), 0);
		assert_string_equal(created_address(other), "hello");
		assert_int_equal(created_facts(other, &facts), 0);
		assert_int_equal(facts.opened, 1);
		created_free(other);

		o.size = 5001;
		assert_said(create_new(&o, &other, &diag), diag.message, -ENXIO,
			    "5000 bytes long instead of 5001|created_resize");
		o.size = 1;
		assert_int_equal(create_new(&o, &other, NULL), 0);
		assert_int_equal(created_room(other), 5000);
		created_free(other);

		open.prot = PROT_READ;
		assert_int_equal(create_open(&open, &other, NULL), 0);
		assert_string_equal(created_address(other), "hello");
		created_free(other);

		assert_int_equal(created_remove(created, NULL), 0);
		assert_int_equal(create_new(&o, &other, NULL), 0);
		assert_string_equal(created_address(other), "");
		assert_int_equal(created_remove(other, NULL), 0);
		created_free(other);
		assert_string_equal(created_address(created), "hello");
	}
}

static void test_sysv_by_shmid(void **state)
{
	struct create_options o = of_kind(REGION_SYSV), open = {.kind = REGION_SYSV, .prot = RW};
	CLEANUP(created_freep) struct created *created = make(&o);
	struct created *other;
	struct created_facts facts;
	struct diag diag;

	(void)state;
	assert_int_equal(created_facts(created, &facts), 0);
	open.shmid = facts.shmid;
	assert_int_equal(create_open(&open, &other, NULL), 0);
	put(created_address(other), "hello");
	assert_string_equal(created_address(created), "hello");
	created_free(other);
	assert_int_equal(created_remove(created, NULL), 0);
	open.shmid = 0x7ffffff0;
	assert_said(create_open(&open, &other, &diag), diag.message, -ENOENT, "shmid|ipcs");
}

static void test_adopt(void **state)
{
	CLEANUP(close_fd) int fd = memfd_create("a (deleted)", MFD_CLOEXEC);
	struct create_options o = {.prot = RW};
	struct created_facts facts;
	struct created *created;
	struct diag diag;

	(void)state;
	assert_said(create_adopt(fd, &o, &created, &diag), diag.message, -ENXIO, "no bytes yet");
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(create_adopt(fd, &o, &created, NULL), 0);
	assert_int_equal(created_facts(created, &facts), 0);
	assert_int_equal(facts.kind, REGION_MEMFD);
	assert_string_equal(facts.name, "a (deleted)");
	assert_int_not_equal(created_fd(created), fd);
	put(created_address(created), "hello");
	created_free(created);
	char bytes[6] = "";
	assert_int_equal(pread(fd, bytes, 5, 0), 5);
	assert_string_equal(bytes, "hello");
}

/* ---- what the mapping is asked to be ---- */

static void smaps_field(const void *address, const char *key, char *value, size_t size)
{
	FILE *smaps = fopen("/proc/self/smaps", "re");
	uintmax_t start, end;
	char line[512];
	int here = 0;

	*value = '\0';
	while (smaps && fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%jx-%jx", &start, &end) == 2)
			here = (uintptr_t)address >= start && (uintptr_t)address < end;
		else if (here && strncmp(line, key, strlen(key)) == 0)
			snprintf(value, size, "%s", line + strlen(key));
	}
	if (smaps)
		fclose(smaps);
}

static void test_flags(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		struct create_options o = of_kind(kinds[i].kind);
		char text[256];

		o.map_flags = MAP_LOCKED;
		CLEANUP(created_freep) struct created *locked = make(&o);
		if (locking_works()) {
			smaps_field(created_address(locked), "VmFlags:", text, sizeof(text));
			assert_non_null(strstr(text, " lo "));
			smaps_field(created_address(locked), "Rss:", text, sizeof(text));
			assert_int_equal(atoi(text), 8);
		}
		created_remove(locked, NULL);

		o = of_kind(kinds[i].kind), o.map_flags = MAP_POPULATE;
		CLEANUP(created_freep) struct created *filled = make(&o);
		smaps_field(created_address(filled), "Rss:", text, sizeof(text));
		assert_int_equal(atoi(text), 8);
		created_remove(filled, NULL);

		o = of_kind(kinds[i].kind), o.map_flags = MAP_NORESERVE;
		CLEANUP(created_freep) struct created *promised = make(&o);
		smaps_field(created_address(promised), "Rss:", text, sizeof(text));
		assert_int_equal(atoi(text), 0);
		created_remove(promised, NULL);
	}
}

static void test_protection(void **state)
{
	static const struct {
		int prot;
		const char *maps;
	} prots[] = {
		{PROT_NONE, " ---s "},
		{PROT_READ, " r--s "},
		{PROT_READ | PROT_EXEC, " r-xs "},
		{RW | PROT_EXEC, " rwxs "},
	};

	(void)state;
	for (size_t i = 0; i < KINDS; i++)
		for (size_t p = 0; p < ARRAY_SIZE(prots); p++) {
			struct create_options o = of_kind(kinds[i].kind);
			char line[512];

			o.prot = prots[p].prot;
			CLEANUP(created_freep) struct created *created = make(&o);
			maps_line(created_address(created), line, sizeof(line));
			assert_non_null(strstr(line, prots[p].maps));
			created_remove(created, NULL);
		}
}

static void test_fixed(void **state)
{
	(void)state;
	for (size_t i = 0; i < KINDS; i++) {
		/* two pages that are surely free: they were ours a moment ago */
		void *place = mmap(NULL, 8192, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		struct create_options o = of_kind(kinds[i].kind);
		struct created *none;
		struct diag diag;

		o.address = place;
		o.map_flags = MAP_FIXED_NOREPLACE;
		assert_said(create_new(&o, &none, &diag), diag.message, -EEXIST,
			    "is mapped at that address|MAP_FIXED");
		if (o.name && kinds[i].kind == REGION_FILE)
			assert_int_equal(access(o.name, F_OK), -1); /* nothing stays */
		o.map_flags = MAP_FIXED;
		CLEANUP(created_freep) struct created *created = make(&o);
		assert_ptr_equal(created_address(created), place);
		created_remove(created, NULL);
		created_free(TAKE(created));

		o.map_flags = MAP_FIXED_NOREPLACE;
		created = make(&o);
		assert_ptr_equal(created_address(created), place);
		created_remove(created, NULL);
	}
}

static void test_window(void **state)
{
	struct create_options o = of_kind(REGION_FILE), window;
	CLEANUP(created_freep) struct created *all = NULL;
	CLEANUP(created_freep) struct created *part = NULL;
	struct diag diag;

	(void)state;
	o.size = 10000;
	all = make(&o);
	window = (struct create_options){.kind = REGION_FILE, .name = o.name, .prot = PROT_READ};
	window.offset = 4096;
	window.length = 100;
	assert_int_equal(create_open(&window, &part, NULL), 0);
	put((char *)created_address(all) + 4096, "there");
	assert_string_equal(created_address(part), "there");
	assert_int_equal(created_room(part), 4096);
	created_free(TAKE(part));

	window.length = 0;
	assert_int_equal(create_open(&window, &part, NULL), 0);
	assert_int_equal(created_room(part), 10000 - 4096);
	created_free(TAKE(part));

	window.length = 8192; /* its end is in the object's last page */
	assert_int_equal(create_open(&window, &part, NULL), 0);
	created_free(TAKE(part));
	window.length = 8193;
	assert_said(create_open(&window, &part, &diag), diag.message, -ENXIO,
		    "10000 bytes|bus error|longer");
	window.offset = 12288;
	window.length = 0;
	assert_said(create_open(&window, &part, &diag), diag.message, -ENXIO, "bus error");
	window.flags = CREATE_PAST_END;
	window.length = 4096;
	assert_int_equal(create_open(&window, &part, NULL), 0);
	assert_int_equal(created_room(part), 0);
}

static void test_mode(void **state)
{
	struct create_options o = of_kind(REGION_SHM);
	mode_t mask = umask(022);
	struct stat st;

	(void)state;
	CLEANUP(created_freep) struct created *created = make(&o);
	assert_int_equal(fstat(created_fd(created), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	created_remove(created, NULL);
	created_free(TAKE(created));
	o.mode = 0666;
	created = make(&o);
	assert_int_equal(fstat(created_fd(created), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
	created_remove(created, NULL);
	umask(mask);
}

static void test_allocate(void **state)
{
	struct create_options o = of_kind(REGION_MEMFD);
	struct stat st;

	(void)state;
	o.flags = CREATE_ALLOCATE;
	CLEANUP(created_freep) struct created *created = make(&o);
	assert_int_equal(fstat(created_fd(created), &st), 0);
	assert_int_equal(st.st_blocks, 16);
}

/* The name changes its directory, the region doesn't. */
static void test_relative_path(void **state)
{
	struct create_options o = {.kind = REGION_FILE, .name = "relative", .size = 1};
	CLEANUP(close_fd) int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct created_facts facts;
	char want[64];

	(void)state;
	assert_int_equal(chdir(folder), 0);
	CLEANUP(created_freep) struct created *created = make(&o);
	assert_int_equal(fchdir(here), 0);
	snprintf(want, sizeof(want), "%s/relative", folder);
	assert_int_equal(created_facts(created, &facts), 0);
	assert_string_equal(facts.name, want);
	assert_int_equal(created_remove(created, NULL), 0);
	assert_int_equal(access(want, F_OK), -1);
}

/* Thirty-two processes make it at once: it is made once, and nobody sees a part of it. */
static void make_or_open(void *context, struct answer *answer)
{
	struct created *created;
	char layout[64] = "";

	answer->err = create_new(context, &created, NULL);
	if (answer->err)
		return;
	if (created_room(created) != 5000 ||
	    fgetxattr(created_fd(created), "user.peekfs.layout", layout, sizeof(layout)) < 1)
		answer->err = -1;
	else
		answer->err =
			__atomic_add_fetch((int *)created_address(created), 1, __ATOMIC_RELAXED) > 0
				? 0
				: -2;
}

static void test_race(void **state)
{
	struct create_options o = of_kind(REGION_SHM);
	CLEANUP(created_freep) struct created *created = NULL;
	enum { MAKERS = 32 };
	pid_t pids[MAKERS];
	int status, gate[2];

	(void)state;
	o.layout = LAYOUT;
	o.flags = CREATE_OR_OPEN;
	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < MAKERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			struct answer answer;
			char byte;

			close(gate[1]);
			if (read(gate[0], &byte, 1) != 0)
				_exit(2);
			make_or_open(&o, &answer);
			_exit(answer.err != 0);
		}
	}
	close(gate[0]);
	close(gate[1]); /* now */
	for (int i = 0; i < MAKERS; i++) {
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	created = make(&o);
	assert_int_equal(*(int *)created_address(created), MAKERS);
	assert_int_equal(created_remove(created, NULL), 0);
}

/* ---- the failures of mmap(2), each for real ---- */

static void adopt_fails(int fd, struct create_options o, int want, const char *words)
{
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_adopt(fd, &o, &created, &diag);

	created_free(created);
	assert_said(r, diag.message, want, words);
}

static void open_fails(const char *path, int prot, int want, const char *words)
{
	struct create_options o = {.kind = REGION_FILE, .name = path, .prot = prot};
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_open(&o, &created, &diag);

	created_free(created);
	assert_said(r, diag.message, want, words);
}

static const char *some_file(void)
{
	const char *path = new_name(REGION_FILE);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, "helloworld", 10), 10);
	close(fd);
	return path;
}

static void test_ebadf(void **state)
{
	CLEANUP(close_fd) int named = open(some_file(), O_PATH | O_CLOEXEC);

	(void)state;
	adopt_fails(-1, (struct create_options){.prot = PROT_READ}, -EBADF, "-1|isn't open");
	adopt_fails(9999, (struct create_options){.prot = PROT_READ}, -EBADF, "9999|isn't open");
	adopt_fails(named, (struct create_options){.prot = PROT_READ}, -EBADF, "O_PATH|O_RDWR");
}

static void open_as_nobody(void *context, struct answer *answer)
{
	struct create_options o = {.kind = REGION_FILE, .name = context, .prot = RW};
	struct created *created;
	struct diag diag = {0};

	answer->err = create_open(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
}

static void open_sysv(void *context, struct answer *answer)
{
	struct create_options o = {.kind = REGION_SYSV, .shmid = *(int *)context, .prot = RW};
	struct created *created;
	struct diag diag = {0};

	answer->err = create_open(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
}

static void test_eacces_sysv(void **state)
{
	struct create_options o = of_kind(REGION_SYSV);
	CLEANUP(created_freep) struct created *created = make(&o);
	struct created_facts facts;
	struct answer answer;

	(void)state;
	assert_int_equal(created_facts(created, &facts), 0);
	answer = in_child(open_sysv, &facts.shmid, 1);
	created_remove(created, NULL);
	if (geteuid() == 0)
		assert_said(answer.err, answer.message, -EACCES, "permission bits|ipcs -m");
	else
		assert_int_equal(answer.err, 0);
}

static void test_eacces(void **state)
{
	const char *path = some_file();
	CLEANUP(close_fd) int reading = open(path, O_RDONLY | O_CLOEXEC);
	CLEANUP(close_fd) int writing = open(path, O_WRONLY | O_CLOEXEC);
	struct answer answer;
	int ends[2];

	(void)state;
	adopt_fails(reading, (struct create_options){.prot = RW}, -EACCES, "O_RDONLY|O_RDWR");
	adopt_fails(writing, (struct create_options){.prot = PROT_READ}, -EACCES,
		    "O_WRONLY|O_RDWR");
	open_fails("/tmp", PROT_READ, -EACCES, "'/tmp'|directory");
	open_fails("/tmp", RW, -EACCES, "'/tmp'|directory");
	open_fails("/dev/null", RW, -EACCES, "a device");
	assert_int_equal(pipe(ends), 0);
	adopt_fails(ends[0], (struct create_options){.prot = PROT_READ}, -EACCES, "a pipe");
	close(ends[0]);
	close(ends[1]);
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(folder, 0755), 0);
	answer = in_child(open_as_nobody, (void *)path, 1);
	assert_said(answer.err, answer.message, -EACCES, "writing|uid 0's, mode 0600|PROT_READ");
	assert_int_equal(chmod(folder, 0700), 0);
	answer = in_child(open_as_nobody, (void *)path, 1);
	assert_said(answer.err, answer.message, -EACCES, "directory on the way");
}

static void test_eacces_append_only(void **state)
{
	CLEANUP(close_fd) int fd = open(some_file(), O_RDWR | O_CLOEXEC);
	int flags = FS_APPEND_FL;

	(void)state;
	if (ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0) {
		print_message("the file system, or not being root, keeps us from chattr +a\n");
		skip();
	}
	adopt_fails(fd, (struct create_options){.prot = RW}, -EACCES, "append-only|chattr");
	flags = 0;
	assert_int_equal(ioctl(fd, FS_IOC_SETFLAGS, &flags), 0);
}

static void lock_too_much(void *context, struct answer *answer)
{
	struct create_options o = {.kind = *(enum region_kind *)context,
				   .size = 1 << 20,
				   .prot = RW,
				   .map_flags = MAP_LOCKED,
				   .name = "locked"};
	struct rlimit limit = {65536, 65536};
	struct created *created;
	struct diag diag = {0};

	if (o.kind != REGION_MEMFD)
		o.name = NULL;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	answer->err = create_new(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
}

static void test_eagain(void **state)
{
	enum region_kind some[] = {REGION_ANON, REGION_MEMFD};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct answer answer = in_child(lock_too_much, &some[i], 1);

		assert_said(answer.err, answer.message, -EAGAIN,
			    "1048576 bytes|RLIMIT_MEMLOCK|65536|ulimit -l");
	}
}

static void take_too_much(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_MEMFD, .name = "large", .size = 1ull << 32, .prot = RW};
	struct rlimit limit = {1u << 30, 1u << 30};
	struct created *created;
	struct diag diag = {0};

	(void)context;
	setrlimit(RLIMIT_AS, &limit);
	answer->err = create_new(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
}

static void test_enomem(void **state)
{
	struct create_options o = {
		.kind = REGION_MEMFD, .name = "vast", .size = 1ull << 47, .prot = PROT_READ};
	struct answer answer;
	char path[64] = "";
	FILE *overcommit = fopen("/proc/sys/vm/overcommit_memory", "re");

	(void)state;
	refused(o, -ENOMEM, "address space|map a part");
	if (overcommit && fgets(path, sizeof(path), overcommit) && path[0] != '1')
		refused((struct create_options){.kind = REGION_ANON,
						.size = 1ull << 45,
						.prot = RW},
			-ENOMEM, "won't promise|overcommit_memory|MAP_NORESERVE");
	if (overcommit)
		fclose(overcommit);
	answer = in_child(take_too_much, NULL, 0);
	if (answer.err == 0) /* a sanitizer's own mappings make it set another limit */
		skip();
	assert_said(answer.err, answer.message, -ENOMEM, "address space|ulimit -v");
}

static void test_enodev(void **state)
{
	(void)state;
	open_fails("/proc/self/maps", PROT_READ, -ENODEV, "'/proc/|read(2)");
	open_fails("/proc/version", PROT_READ, -ENODEV, "procfs|read(2)");
	open_fails("/sys/kernel/uevent_seqnum", PROT_READ, -ENODEV, "sysfs|read(2)");
}

/*
 * On 64 bits no sum of pages overflows any more, but a file has less than 2^63 bytes, and Linux
 * says EOVERFLOW of a mapping that would reach there.
 */
static void test_eoverflow(void **state)
{
	CLEANUP(close_fd) int fd = memfd_create("long", MFD_CLOEXEC);
	struct create_options o = {.prot = RW, .length = 4096, .flags = CREATE_PAST_END};

	(void)state;
	assert_int_equal(ftruncate(fd, 4096), 0);
	o.offset = 0x7ffffffffffff000 - 4096;
	adopt_fails(fd, o, 0, "");
	o.offset = 0x7ffffffffffff000;
	adopt_fails(fd, o, -EOVERFLOW, "offset|length|map less");
	o.offset = 1ull << 63;
	adopt_fails(fd, o, -EOVERFLOW, "offset|2^63");
}

static void map_noexec(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_FILE, .name = "code", .size = 1, .prot = PROT_READ | PROT_EXEC};
	struct created *created;
	struct diag diag = {0};

	answer->err = 1;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", context, "tmpfs", MS_NOEXEC, NULL) || chdir(context))
		return;
	answer->err = create_new(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
	if (access("code", F_OK) == 0)
		answer->err = 2;
}

static void test_eperm_noexec(void **state)
{
	struct answer answer = in_child(map_noexec, folder, 0);

	(void)state;
	if (answer.err == 1) {
		print_message("mounting a tmpfs needs root\n");
		skip();
	}
	assert_said(answer.err, answer.message, -EPERM, "noexec|PROT_EXEC");
}

static void lock_nothing(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_ANON, .size = 1, .prot = RW, .map_flags = MAP_LOCKED};
	struct rlimit limit = {0, 0};
	struct created *created;
	struct diag diag = {0};

	(void)context;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	answer->err = create_new(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
}

static void test_eperm(void **state)
{
	CLEANUP(close_fd) int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct create_options o = {.prot = RW};
	struct created *created;
	struct diag diag;
	struct answer answer;

	(void)state;
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW), 0);
	adopt_fails(fd, o, -EPERM, "sealed|F_SEAL_WRITE|PROT_READ");
	o.prot = PROT_READ;
	assert_int_equal(create_adopt(fd, &o, &created, NULL), 0);
	assert_said(created_resize(created, 200, &diag), diag.message, -EPERM, "sealed");
	created_free(created);
	answer = in_child(lock_nothing, NULL, 1);
	assert_said(answer.err, answer.message, -EPERM, "lock no memory|ulimit -l");
}

static const char sleeper[] = "sleep";

static void copy(const char *from, const char *to)
{
	CLEANUP(close_fd) int in = open(from, O_RDONLY | O_CLOEXEC);
	CLEANUP(close_fd) int out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0700);
	struct stat st;

	assert_int_equal(fstat(in, &st), 0);
	for (off_t left = st.st_size; left > 0;) {
		ssize_t n = sendfile(out, in, NULL, (size_t)left);

		assert_true(n > 0);
		left -= n;
	}
}

/*
 * MAP_DENYWRITE, which the manual names here, is ignored since Linux 2.4. What says ETXTBSY today
 * is open(2) for writing of a program that runs; mmap(2) itself says it only of swap space in use.
 */
static void test_etxtbsy(void **state)
{
	const char *path = new_name(REGION_FILE);
	int ends[2];
	char byte;
	pid_t pid;

	(void)state;
	copy("/proc/self/exe", path);
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		execl(path, path, sleeper, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	assert_int_equal(read(ends[0], &byte, 1), 0); /* it runs */
	close(ends[0]);
	open_fails(path, RW, -ETXTBSY, "program that runs|PROT_READ");
	open_fails(path, PROT_READ, 0, "");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void test_einval_of_the_kernel(void **state)
{
	const char *path = some_file();
	struct create_options o = {
		.kind = REGION_FILE, .name = path, .prot = RW, .map_flags = MAP_SYNC};
	struct created *created;
	struct diag diag;

	(void)state;
	assert_said(create_open(&o, &created, &diag), diag.message, -EOPNOTSUPP, "MAP_SYNC|DAX");
	o = (struct create_options){.kind = REGION_HUGETLB,
				    .name = path,
				    .size = 1,
				    .prot = RW,
				    .flags = CREATE_OR_OPEN};
	refused(o, -EINVAL, "hugetlbfs|/proc/mounts");
	o = (struct create_options){
		.kind = REGION_HUGETLB, .name = "odd", .size = 1, .huge_page = 1 << 15};
	refused(o, -ENODEV, "huge pages of that size|/sys/kernel/mm/hugepages");
}

static void test_names_that_fail(void **state)
{
	const char *path = some_file();
	char link[96], below[96];

	(void)state;
	snprintf(below, sizeof(below), "%s/x", path);
	open_fails(below, RW, -ENOTDIR, "no directory");
	refused((struct create_options){.kind = REGION_FILE, .name = below, .size = 1}, -ENOTDIR,
		"no directory");
	refused((struct create_options){.kind = REGION_FILE, .name = "/nowhere/x", .size = 1},
		-ENOENT, "'/nowhere/x': the directory that it should be in isn't there");
	refused((struct create_options){.kind = REGION_FILE, .name = path, .size = 1}, -EEXIST,
		"create_open|CREATE_OR_OPEN");
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(link, link), 0);
	open_fails(link, RW, -ELOOP, "symbolic link");
	open_fails(path, RW, 0, "");
}

#define NR_HUGE "/proc/sys/vm/nr_hugepages"

static long huge_pages(void)
{
	char text[32] = "";
	CLEANUP(close_fd) int fd = open(NR_HUGE, O_RDONLY | O_CLOEXEC);

	return read(fd, text, sizeof(text) - 1) > 0 ? strtol(text, NULL, 10) : -1;
}

static bool set_huge_pages(long number)
{
	CLEANUP(close_fd) int fd = open(NR_HUGE, O_WRONLY | O_CLOEXEC);

	return dprintf(fd, "%ld", number) > 0 && huge_pages() == number;
}

static void use_huge(struct create_options o)
{
	CLEANUP(created_freep) struct created *created = make(&o);
	struct created_facts facts;
	unsigned char *at = created_address(created);

	assert_int_equal(created_facts(created, &facts), 0);
	assert_int_equal(facts.kind, REGION_HUGETLB);
	assert_true(facts.page > 4096);
	assert_int_equal(facts.asked, 100);
	assert_int_equal(facts.size, facts.page);
	assert_int_equal(facts.mapped, facts.page);
	memset(at, 7, facts.mapped);
	assert_int_equal(created_lock(created, 0, 0, NULL), 0);
	assert_int_equal(created_unlock(created, 0, 0, NULL), 0);
	if (o.name) {
		assert_int_equal(created_resize(created, facts.page + 1, NULL), 0);
		at = created_address(created);
		assert_int_equal(at[facts.page - 1], 7);
		at[facts.page] = 8;
		assert_int_equal(created_room(created), 2 * facts.page);
		assert_int_equal(created_resize(created, 1, NULL), 0);
		assert_int_equal(created_room(created), facts.page);
	}
	assert_int_equal(created_remove(created, NULL), 0);
}

static void use_hugetlbfs(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_HUGETLB, .name = "./file", .size = 100, .prot = RW};
	struct created *created;
	struct created_facts facts;
	struct diag diag = {0};

	answer->err = 1;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", context, "hugetlbfs", 0, NULL) || chdir(context))
		return;
	answer->err = create_new(&o, &created, &diag);
	memcpy(answer->message, diag.message, sizeof(answer->message));
	if (answer->err)
		return;
	*(char *)created_address(created) = 1;
	if (created_facts(created, &facts) || facts.mapped <= 4096 || access("file", F_OK) ||
	    created_remove(created, NULL) || access("file", F_OK) == 0)
		answer->err = 2;
	created_free(created);
}

/* Other tests set the number for a while as well, and hold this lock meanwhile. */
static int huge_lock = -1;
static long huge_before = -1;

static int lock_huge_pages(void **state)
{
	(void)state;
	huge_lock = open(NR_HUGE, O_RDONLY | O_CLOEXEC);
	if (huge_lock >= 0)
		flock(huge_lock, LOCK_EX);
	huge_before = huge_pages();
	return 0;
}

static int unlock_huge_pages(void **state)
{
	(void)state;
	if (huge_before >= 0 && huge_pages() != huge_before)
		set_huge_pages(huge_before);
	close_fd(&huge_lock);
	return 0;
}

static void test_huge(void **state)
{
	struct create_options o = {.kind = REGION_HUGETLB, .name = "huge", .size = 100, .prot = RW};
	struct answer answer;

	(void)state;
	if (huge_before == 0) {
		refused(o, -ENOMEM, "huge pages are free|vm.nr_hugepages");
		o.name = NULL;
		refused(o, -ENOMEM, "huge pages are free|vm.nr_hugepages");
	}
	if (huge_before < 0 || !set_huge_pages(huge_before + 3)) {
		print_message(
			"no huge pages: no such kernel, not root, or no memory in one piece\n");
		skip();
	}
	o.name = "huge";
	use_huge(o);
	o.name = NULL;
	use_huge(o);
	answer = in_child(use_hugetlbfs, folder, 0);
	assert_said(answer.err, answer.message, 0, "");
}

static void test_huge_nailed_down(void **state)
{
	struct create_options o = {.kind = REGION_HUGETLB,
				   .name = "huge",
				   .size = 1,
				   .prot = RW,
				   .map_flags = MAP_FIXED_NOREPLACE};
	uintptr_t huge = 2 << 20;
	char *place;

	(void)state;
	if (huge_before < 0 || !set_huge_pages(huge_before + 3)) {
		print_message(
			"no huge pages: no such kernel, not root, or no memory in one piece\n");
		skip();
	}
	place = mmap(NULL, 4 * huge, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(place, 4 * huge);
	o.address = place + (huge - (uintptr_t)place % huge);
	CLEANUP(created_freep) struct created *created = make(&o);
	if (created_room(created) != huge) {
		print_message("huge pages of another size than 2 MiB\n");
		skip();
	}
	*(char *)o.address = 7;
	assert_int_equal(created_resize(created, huge + 1, NULL), 0);
	assert_ptr_equal(created_address(created), o.address);
	*((char *)o.address + huge) = 8;
	assert_int_equal(*(char *)o.address, 7);
	assert_int_equal(created_resize(created, 1, NULL), 0);
	assert_int_equal(created_room(created), huge);
}

/* A layout that can't be kept: the object isn't made. */
static void test_layout_too_long(void **state)
{
	struct create_options o = of_kind(REGION_SHM);
	CLEANUP(free_ptr) char *text = malloc(100001);
	char path[96];

	(void)state;
	memset(text, ' ', 100000);
	text[100000] = '\0';
	o.layout = text;
	refused(o, -ENOSPC, "layout|100000 bytes|longer");
	snprintf(path, sizeof(path), "/dev/shm%s", o.name);
	assert_int_equal(access(path, F_OK), -1);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_options_of_existing),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_sysv_by_shmid),
		cmocka_unit_test(test_adopt),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_protection),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_allocate),
		cmocka_unit_test(test_relative_path),
		cmocka_unit_test(test_race),
		cmocka_unit_test(test_ebadf),
		cmocka_unit_test(test_eacces),
		cmocka_unit_test(test_eacces_sysv),
		cmocka_unit_test(test_eacces_append_only),
		cmocka_unit_test(test_eagain),
		cmocka_unit_test(test_enomem),
		cmocka_unit_test(test_enodev),
		cmocka_unit_test(test_eoverflow),
		cmocka_unit_test(test_eperm_noexec),
		cmocka_unit_test(test_eperm),
		cmocka_unit_test(test_etxtbsy),
		cmocka_unit_test(test_einval_of_the_kernel),
		cmocka_unit_test(test_names_that_fail),
		cmocka_unit_test_setup_teardown(test_huge, lock_huge_pages, unlock_huge_pages),
		cmocka_unit_test_setup_teardown(test_huge_nailed_down, lock_huge_pages,
						unlock_huge_pages),
		cmocka_unit_test(test_layout_too_long),
	};

	if (argc == 2 && strcmp(argv[1], sleeper) == 0) /* see test_etxtbsy() */
		return pause();
	return cmocka_run_group_tests_name("create", tests, make_folder, remove_folder);
}
