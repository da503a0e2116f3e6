/* SPDX-License-Identifier: MIT */
/* create.h: what is made and opened is what was asked for. */
#include "created_case.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"

#include "attributes.h"

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
		assert_said(create_new(&o, &other, &diag), &diag, -EEXIST, "create_open()|remove");
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
		assert_said(create_new(&o, &other, &diag), &diag, -ENXIO,
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
	assert_said(create_open(&open, &other, &diag), &diag, -ENOENT, "shmid|ipcs");
}

static void test_adopt(void **state)
{
	CLEANUP(close_fd) int fd = memfd_create("a (deleted)", MFD_CLOEXEC);
	struct create_options o = {.prot = RW};
	struct created_facts facts;
	struct created *created;
	struct diag diag;

	(void)state;
	assert_said(create_adopt(fd, &o, &created, &diag), &diag, -ENXIO, "no bytes yet");
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

/* A memfd's name is any text, and no path, whatever it looks like. */
static void test_memfd_like_a_path(void **state)
{
	struct create_options o = of_kind(REGION_MEMFD), adopted = {.prot = RW};
	struct created_facts facts;

	(void)state;
	o.name = new_name(REGION_FILE);
	CLEANUP(created_freep) struct created *created = make(&o);
	assert_int_equal(access(o.name, F_OK), -1);
	assert_true(fcntl(created_fd(created), F_GET_SEALS) >= 0); /* files have none */
	CLEANUP(created_freep) struct created *again = NULL;
	assert_int_equal(create_adopt(created_fd(created), &adopted, &again, NULL), 0);
	assert_int_equal(created_facts(again, &facts), 0);
	assert_int_equal(facts.kind, REGION_MEMFD);
	assert_string_equal(facts.name, o.name);
}

/* And a file may be called what the kernel calls a memfd. */
static void test_file_like_a_memfd(void **state)
{
	static const char *const paths[] = {"/memfd:", "/memfd:peekfs create (deleted)"};
	struct create_options o = {.prot = RW};
	struct created_facts facts;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		CLEANUP(close_fd)
		int fd = open(paths[i], O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		CLEANUP(created_freep) struct created *created = NULL;
		int r;

		if (fd < 0) {
			print_message("no file can be made in /\n");
			skip();
		}
		r = ftruncate(fd, 100) ? -errno : create_adopt(fd, &o, &created, NULL);
		unlink(paths[i]);
		assert_int_equal(r, 0);
		assert_int_equal(created_facts(created, &facts), 0);
		assert_int_equal(facts.kind, REGION_FILE);
		assert_string_equal(facts.name, paths[i]);
	}
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
		assert_said(create_new(&o, &none, &diag), &diag, -EEXIST,
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
	assert_said(create_open(&window, &part, &diag), &diag, -ENXIO,
		    "10000 bytes|bus error|longer");
	window.offset = 12288;
	window.length = 0;
	assert_said(create_open(&window, &part, &diag), &diag, -ENXIO, "bus error");
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
	char want[sizeof(folder) + 16];

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
	const struct create_options *o = context;
	struct created *created;
	char layout[64] = "";

	answer->err = create_new(o, &created, NULL);
	if (answer->err)
		return;
	if (created_room(created) != 5000 ||
	    (o->layout &&
	     fgetxattr(created_fd(created), "user.peekfs.layout", layout, sizeof(layout)) < 1))
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
	o.layout = shm_keeps_attributes() ? LAYOUT : NULL;
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_shared),
		cmocka_unit_test(test_again),
		cmocka_unit_test(test_sysv_by_shmid),
		cmocka_unit_test(test_adopt),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_memfd_like_a_path),
		cmocka_unit_test(test_file_like_a_memfd),
		cmocka_unit_test(test_protection),
		cmocka_unit_test(test_fixed),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_mode),
		cmocka_unit_test(test_allocate),
		cmocka_unit_test(test_relative_path),
		cmocka_unit_test(test_race),
	};

	return cmocka_run_group_tests_name("create", tests, folder_make, remove_all);
}
