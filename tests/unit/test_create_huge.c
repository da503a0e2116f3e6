/* SPDX-License-Identifier: MIT */
/* create.h: huge pages. They are the machine's: the tests reserve some for a while. */
#include "created_case.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>

#include "base/cleanup.h"

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

	answer->err = 1;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", context, "hugetlbfs", 0, NULL) || chdir(context))
		return;
	answer->err = create_new(&o, &created, &answer->diag);
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
	assert_said(answer.err, &answer.diag, 0, "");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_huge, lock_huge_pages, unlock_huge_pages),
		cmocka_unit_test_setup_teardown(test_huge_nailed_down, lock_huge_pages,
						unlock_huge_pages),
	};

	return cmocka_run_group_tests_name("create_huge", tests, folder_make, remove_all);
}
