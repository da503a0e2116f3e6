/* SPDX-License-Identifier: MIT */
#include "created_case.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/uapi.h"

#include "attributes.h"

/* Makes it with a name, if it needs one, and to be written. */
static struct created *make_any(struct create_options o)
{
	o.prot = RW;
	if (!o.name)
		o.name = name_for(o.kind);
	return make(&o);
}

static struct created_facts facts_of(const struct created *created)
{
	struct created_facts facts;

	assert_int_equal(created_facts(created, &facts), 0);
	return facts;
}

/* ---- size ---- */

static void test_resize(void **state)
{
	static const enum region_kind kinds[] = {REGION_FILE, REGION_SHM, REGION_MEMFD};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		CLEANUP(created_freep)
		struct created *created =
			make_any((struct create_options){.kind = kinds[i], .size = 100});
		struct stat st;
		char *at;

		put(created_address(created), "hello");
		assert_int_equal(created_resize(created, 1000000, NULL), 0);
		at = created_address(created);
		assert_string_equal(at, "hello");
		assert_int_equal(facts_of(created).size, 1000000);
		assert_int_equal(facts_of(created).asked, 1000000);
		assert_int_equal(facts_of(created).mapped, 245 * 4096);
		assert_int_equal(created_room(created), 1000000);
		memset(at + 10, 'x', 1000000 - 10);

		assert_int_equal(created_resize(created, 5000, NULL), 0);
		at = created_address(created);
		assert_string_equal(at, "hello");
		assert_int_equal(fstat(created_fd(created), &st), 0);
		assert_int_equal(st.st_size, 5000);
		assert_int_equal(facts_of(created).mapped, 8192);
		assert_int_equal(at[4999], 'x');
		assert_int_equal(at[5000], 0); /* cut off, and gone for good: */
		assert_int_equal(created_resize(created, 8192, NULL), 0);
		at = created_address(created);
		assert_int_equal(at[5000], 0);
		assert_int_equal(created_resize(created, 8192, NULL), 0);
		assert_ptr_equal(created_address(created), at);
		assert_int_equal(created_remove(created, NULL), 0);
	}
}

static void test_resize_of_a_window(void **state)
{
	struct create_options o = {.kind = REGION_FILE, .size = 12288, .offset = 4096};
	struct diag diag;

	(void)state;
	CLEANUP(created_freep) struct created *created = make_any(o);
	put(created_address(created), "hello");
	assert_int_equal(created_resize(created, 20000, NULL), 0);
	assert_string_equal(created_address(created), "hello");
	assert_int_equal(created_room(created), 20000 - 4096);
	assert_said(created_resize(created, 4096, &diag), &diag, -EINVAL,
		    "none would be mapped|4096");
	assert_int_equal(facts_of(created).size, 20000);
}

static void test_no_resize(void **state)
{
	struct create_options read_only = {.kind = REGION_SHM, .prot = PROT_READ};
	struct create_options adopted = {.prot = RW};
	struct diag diag;

	(void)state;
	CLEANUP(created_freep)
	struct created *anon = make_any((struct create_options){.kind = REGION_ANON, .size = 1});
	assert_said(created_resize(anon, 10000, &diag), &diag, -EOPNOTSUPP, "memfd");
	CLEANUP(created_freep)
	struct created *sysv = make_any((struct create_options){.kind = REGION_SYSV, .size = 1});
	assert_said(created_resize(sysv, 10000, &diag), &diag, -EOPNOTSUPP,
		    "System V segment|memfd");
	created_remove(sysv, NULL);

	CLEANUP(created_freep)
	struct created *shm = make_any((struct create_options){.kind = REGION_SHM, .size = 1});
	CLEANUP(created_freep) struct created *reader = NULL;
	read_only.name = facts_of(shm).name;
	assert_int_equal(create_open(&read_only, &reader, NULL), 0);
	assert_said(created_resize(reader, 2, &diag), &diag, -EACCES, "PROT_WRITE");
	assert_int_equal(facts_of(shm).size, 1);
	assert_said(created_resize(shm, 1ull << 63, &diag), &diag, -EFBIG, "more than");
	assert_said(created_resize(shm, 1ull << 62, &diag), &diag, -ENOMEM, "address space");
	assert_int_equal(facts_of(shm).size, 1);
	created_remove(shm, NULL);

	CLEANUP(close_fd) int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	CLEANUP(created_freep) struct created *sealed = NULL;
	assert_int_equal(ftruncate(fd, 10000), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW), 0);
	assert_int_equal(create_adopt(fd, &adopted, &sealed, NULL), 0);
	assert_said(created_resize(sealed, 1, &diag), &diag, -EPERM, "sealed");
	assert_int_equal(facts_of(sealed).mapped, 12288); /* all or nothing */
	assert_said(created_resize(sealed, 20000, &diag), &diag, -EPERM, "sealed");
	assert_int_equal(facts_of(sealed).mapped, 12288);
	put((char *)created_address(sealed) + 9000, "still there");
}

static void resize_beyond_limit(void *context, struct answer *answer)
{
	struct create_options o = {.kind = REGION_MEMFD, .name = "", .size = 3 << 20, .prot = RW};
	struct rlimit limit = {1 << 20, 1 << 20};
	struct created *created;

	setrlimit(RLIMIT_FSIZE, &limit);
	answer->err = created_resize(context, 2 << 20, &answer->diag);
	if (answer->err == -EFBIG)
		answer->err = create_new(&o, &created, &answer->diag);
}

/* The kernel's answer to who passes ulimit -f is a signal that kills. */
static void test_file_size_limit(void **state)
{
	CLEANUP(created_freep)
	struct created *shm = make_any((struct create_options){.kind = REGION_SHM, .size = 1});
	struct answer answer = in_child(resize_beyond_limit, shm, 0);

	(void)state;
	created_remove(shm, NULL);
	assert_said(answer.err, &answer.diag, -EFBIG, "ulimit -f");
}

static void test_resize_nailed_down(void **state)
{
	/* three pages, the last stays somebody else's */
	char *place = mmap(NULL, 12288, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct create_options o = {.kind = REGION_MEMFD,
				   .size = 4096,
				   .address = place,
				   .map_flags = MAP_FIXED_NOREPLACE};
	struct diag diag;

	(void)state;
	assert_int_equal(munmap(place, 8192), 0);
	CLEANUP(created_freep) struct created *created = make_any(o);
	assert_int_equal(created_resize(created, 8192, NULL), 0);
	assert_ptr_equal(created_address(created), place);
	assert_said(created_resize(created, 8193, &diag), &diag, -ENOMEM,
		    "can't grow where it is|MAP_FIXED");
	assert_int_equal(facts_of(created).size, 8192);
	assert_int_equal(facts_of(created).mapped, 8192);
	munmap(place + 8192, 4096);
}

static void test_resize_locked(void **state)
{
	struct diag diag;

	(void)state;
	skip_unless_locking_works();
	CLEANUP(created_freep)
	struct created *created = make_any((struct create_options){
		.kind = REGION_MEMFD, .size = 8192, .map_flags = MAP_LOCKED});
	assert_int_equal(created_resize(created, 20000, NULL), 0);
	struct stat st;
	assert_int_equal(fstat(created_fd(created), &st), 0);
	assert_int_equal(st.st_blocks, 40); /* what came new is in memory too */

	CLEANUP(created_freep)
	struct created *part =
		make_any((struct create_options){.kind = REGION_MEMFD, .size = 20000});
	assert_int_equal(created_lock(part, 4096, 1, NULL), 0);
	assert_said(created_resize(part, 40000, &diag), &diag, -EBUSY, "locked|created_unlock()");
	assert_int_equal(facts_of(part).size, 20000);
	assert_int_equal(created_unlock(part, 4096, 1, NULL), 0);
	assert_int_equal(created_resize(part, 40000, NULL), 0);
}

static void test_refit(void **state)
{
	struct create_options open = {.kind = REGION_SHM, .prot = RW};
	CLEANUP(created_freep) struct created *other = NULL;
	struct diag diag;

	(void)state;
	CLEANUP(created_freep)
	struct created *created =
		make_any((struct create_options){.kind = REGION_SHM, .size = 100});
	open.name = facts_of(created).name;
	assert_int_equal(create_open(&open, &other, NULL), 0);
	assert_int_equal(created_resize(created, 100000, NULL), 0);
	put((char *)created_address(created) + 99990, "far");
	assert_int_equal(created_room(other), 4096);
	assert_int_equal(created_refit(other, NULL), 0);
	assert_int_equal(created_room(other), 100000);
	assert_string_equal((char *)created_address(other) + 99990, "far");
	assert_int_equal(created_resize(created, 10, NULL), 0);
	assert_int_equal(created_room(other), 10);
	assert_int_equal(created_refit(other, NULL), 0);
	assert_int_equal(facts_of(other).mapped, 4096);
	assert_int_equal(ftruncate(created_fd(created), 0), 0);
	assert_said(created_refit(other, &diag), &diag, -ENXIO, "none would be mapped");
	assert_int_equal(created_remove(created, NULL), 0);
}

/* ---- disk ---- */

static const enum region_kind kinds[] = {REGION_FILE, REGION_SHM, REGION_MEMFD, REGION_ANON,
					 REGION_SYSV};

static void test_sync(void **state)
{
	static const int good[] = {MS_SYNC, MS_ASYNC, MS_INVALIDATE, MS_SYNC | MS_INVALIDATE,
				   MS_ASYNC | MS_INVALIDATE};
	struct diag diag;

	(void)state;
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		CLEANUP(created_freep)
		struct created *created =
			make_any((struct create_options){.kind = kinds[k], .size = 10000});

		memset(created_address(created), 'x', 10000);
		for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
			assert_int_equal(created_sync(created, 0, 0, good[i], NULL), 0);
			assert_int_equal(created_sync(created, 5000, 100, good[i], NULL), 0);
			assert_int_equal(created_sync(created, 0, 12288, good[i], NULL), 0);
		}
		assert_said(created_sync(created, 0, 0, 0, &diag), &diag, -EINVAL, "MS_SYNC");
		assert_said(created_sync(created, 0, 0, MS_SYNC | MS_ASYNC, &diag), &diag, -EINVAL,
			    "MS_ASYNC");
		assert_said(created_sync(created, 12288, 0, MS_SYNC, &diag), &diag, -ENXIO,
			    "behind the mapping|12288");
		assert_said(created_sync(created, 1, UINT64_MAX, MS_SYNC, &diag), &diag, -ENXIO,
			    "behind the mapping");
		if (locking_works()) {
			assert_int_equal(created_lock(created, 0, 1, NULL), 0);
			assert_said(created_sync(created, 0, 0, MS_INVALIDATE, &diag), &diag,
				    -EBUSY, "locked|created_unlock()");
		}
		created_remove(created, NULL);
	}
}

/* Pages that wait to be written, as the kernel counts them; -1 where it doesn't. */
static long dirty_pages(int fd)
{
	struct uapi_cachestat_range range = {0};
	struct uapi_cachestat pages;

	if (syscall(UAPI_SYS_CACHESTAT, fd, &range, &pages, 0) < 0)
		return -1;
	return (long)(pages.dirty + pages.writeback);
}

/* What others wrote is on the disk too, though the mapping is one for reading. */
static void test_sync_opened_for_reading(void **state)
{
	struct create_options o = {.kind = REGION_FILE, .prot = PROT_READ};
	CLEANUP(created_freep) struct created *reader = NULL;

	(void)state;
	CLEANUP(created_freep)
	struct created *writer =
		make_any((struct create_options){.kind = REGION_FILE, .size = 10000});
	o.name = facts_of(writer).name;
	assert_int_equal(create_open(&o, &reader, NULL), 0);
	assert_int_equal(pwrite(created_fd(writer), "xyz", 3, 5000), 3);
	if (dirty_pages(created_fd(writer)) <= 0) {
		print_message("no disk here, or no cachestat(2)\n");
		skip();
	}
	assert_int_equal(created_sync(reader, 0, 0, MS_ASYNC, NULL), 0);
	assert_int_equal(created_sync(reader, 4096, 1, MS_SYNC, NULL), 0);
	assert_int_equal(dirty_pages(created_fd(writer)), 0);
	assert_int_equal(created_remove(writer, NULL), 0);
}

/* ---- memory ---- */

static void test_lock(void **state)
{
	struct create_options gap = {
		.kind = REGION_FILE, .prot = RW, .length = 8192, .flags = CREATE_PAST_END};
	CLEANUP(created_freep) struct created *beyond = NULL;
	struct diag diag;

	(void)state;
	skip_unless_locking_works();
	CLEANUP(created_freep)
	struct created *created =
		make_any((struct create_options){.kind = REGION_FILE, .size = 100000});
	assert_int_equal(locked_kib(), 0);
	assert_int_equal(created_lock(created, 5000, 1, NULL), 0);
	assert_int_equal(locked_kib(), 4);
	assert_int_equal(created_lock(created, 0, 0, NULL), 0);
	assert_int_equal(locked_kib(), 100);
	assert_int_equal(created_unlock(created, 4095, 2, NULL), 0);
	assert_int_equal(locked_kib(), 92);
	assert_int_equal(created_unlock(created, 0, 0, NULL), 0);
	assert_int_equal(locked_kib(), 0);
	assert_said(created_lock(created, 102400, 1, &diag), &diag, -ENXIO, "behind the mapping");

	assert_int_equal(created_resize(created, 100, NULL), 0);
	gap.name = facts_of(created).name;
	assert_int_equal(create_open(&gap, &beyond, NULL), 0);
	assert_said(created_lock(beyond, 0, 0, &diag), &diag, -ENOMEM,
		    "not every page|ends before");
	assert_int_equal(locked_kib(), 0);
}

static void lock_some(void *context, struct answer *answer)
{
	struct rlimit limit = {65536, 65536};

	setrlimit(RLIMIT_MEMLOCK, &limit);
	answer->err = created_lock(context, 0, 65536, NULL);
	if (!answer->err)
		answer->err = created_lock(context, 0, 0, &answer->diag);
}

static void test_lock_limit(void **state)
{
	struct answer answer;

	(void)state;
	skip_unless_locking_works();
	CLEANUP(created_freep)
	struct created *created =
		make_any((struct create_options){.kind = REGION_ANON, .size = 1 << 20});
	answer = in_child(lock_some, created, 1);
	assert_said(answer.err, &answer.diag, -ENOMEM, "RLIMIT_MEMLOCK|65536|ulimit -l");
}

/* ---- layout ---- */

static void set_as_other(void *context, struct answer *answer)
{

	answer->err = created_set_layout(context, LAYOUT, &answer->diag);
}

static void test_layout(void **state)
{
	(void)state;
	skip_unless_shm_keeps_attributes();
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		struct create_options o = {
			.kind = kinds[k], .size = 280, .prot = RW, .layout = LAYOUT};
		CLEANUP(created_freep) struct created *created = NULL;
		CLEANUP(buf_destroy) struct buf text = BUF_INIT;
		struct answer answer;
		struct diag diag = {0};
		int r;

		o.name = k < 2 ? new_name(o.kind) : k == 2 ? "typed" : NULL;
		r = create_new(&o, &created, &diag);
		if (r && k >= 3 && geteuid() != 0) {
			assert_said(r, &diag, -EPERM, "only root|memfd");
			continue;
		}
		if (r)
			fail_msg("%d %s", r, diag.message);
		assert_int_equal(created_get_layout(created, &text, NULL), 0);
		assert_string_equal(buf_cstr(&text), LAYOUT);
		buf_reset(&text);
		assert_int_equal(created_set_layout(created, "int a;", NULL), 0);
		assert_int_equal(created_get_layout(created, &text, NULL), 0);
		assert_string_equal(buf_cstr(&text), "int a;");
		buf_reset(&text);
		if (geteuid() == 0 && k != 2) { /* a memfd is everybody's who has the descriptor */
			answer = in_child(set_as_other, created, 1);
			assert_said(answer.err, &answer.diag, k < 2 ? -EACCES : -EPERM,
				    k < 2 ? "who may write" : "only root");
		}
		assert_int_equal(created_set_layout(created, "", NULL), 0);
		assert_int_equal(created_set_layout(created, "", NULL), 0);
		assert_said(created_get_layout(created, &text, &diag), &diag, -ENODATA, "none");
		assert_int_equal(created_remove(created, NULL), 0);
	}
}

/* ---- end ---- */

static void test_remove(void **state)
{
	const char *path = new_name(REGION_FILE);
	struct create_options o = {.kind = REGION_FILE, .name = path, .size = 10};
	struct diag diag;

	(void)state;
	CLEANUP(created_freep) struct created *first = make_any(o);
	assert_int_equal(created_remove(first, NULL), 0);
	assert_int_equal(access(path, F_OK), -1);
	assert_said(created_remove(first, &diag), &diag, -ENOENT, "no name");
	CLEANUP(created_freep) struct created *second = make_any(o);
	assert_said(created_remove(first, &diag), &diag, -ESTALE, "another object");
	assert_int_equal(access(path, F_OK), 0);
	put(created_address(first), "alive");
	assert_string_equal(created_address(second), "");
	assert_int_equal(created_remove(second, NULL), 0);

	CLEANUP(created_freep)
	struct created *anon = make_any((struct create_options){.kind = REGION_ANON, .size = 1});
	assert_int_equal(created_remove(anon, NULL), 0);
	created_free(NULL);
}

/* The mapping outlives names, and everything goes at the end. */
static void test_end(void **state)
{
	bool keeps = shm_keeps_attributes();
	int lowest = dup(0), after;

	(void)state;
	close(lowest);
	for (size_t k = 0; k < ARRAY_SIZE(kinds); k++) {
		const char *layout = keeps && (k < 3 || geteuid() == 0) ? "int a;" : NULL;
		struct created *created = make_any(
			(struct create_options){.kind = kinds[k], .size = 1, .layout = layout});
		void *at = created_address(created);
		int shmid = facts_of(created).shmid;
		struct shmid_ds ds;
		unsigned char page;

		assert_int_equal(created_remove(created, NULL), 0);
		assert_int_equal(*(char *)at, 0);
		created_free(created);
		assert_int_equal(mincore(at, 4096, &page), -1);
		assert_int_equal(errno, ENOMEM);
		if (shmid >= 0)
			assert_int_equal(shmctl(shmid, IPC_STAT, &ds), -1);
	}
	after = dup(0);
	assert_int_equal(after, lowest); /* no descriptor is left */
	close(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_resize),
		cmocka_unit_test(test_resize_of_a_window),
		cmocka_unit_test(test_no_resize),
		cmocka_unit_test(test_file_size_limit),
		cmocka_unit_test(test_resize_nailed_down),
		cmocka_unit_test(test_resize_locked),
		cmocka_unit_test(test_refit),
		cmocka_unit_test(test_sync),
		cmocka_unit_test(test_sync_opened_for_reading),
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_lock_limit),
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_remove),
		cmocka_unit_test(test_end),
	};

	return cmocka_run_group_tests_name("created", tests, folder_make, remove_all);
}
