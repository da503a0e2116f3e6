/* SPDX-License-Identifier: MIT */
/* What variables of a process, which is a child of this program, say of what it maps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/proc.h"
#include "view/infer.h"

enum { SIZE = 8192 };

struct record {
	int id;
	char name[20];
};

struct holder {
	int before;
	struct record *inside;
};

struct head {
	uint64_t magic;
};

/* What the child's variables are is the test's to say: they are set after fork(). */
#define USED static __attribute__((used))
USED struct record *file_record;
struct record *everybodys_record;
uint32_t *everybodys_number;
USED struct holder holder;
USED struct record *several[4];
USED struct record (*table)[5];
USED struct head *head;
USED struct head *far_too_many[1000];
USED void *untyped;
USED char *text;
USED const volatile struct record *const *volatile indirect;

static uintptr_t map; /* no pointer, or it would be found */
static struct process process;
static struct mapper mapper;
static struct region region;

static void nothing(void)
{
}

/* In here the child waits. */
__attribute__((noinline)) static void wait_with(uintptr_t address, int ready)
{
	struct record *volatile local = (struct record *)address;

	if (write(ready, "", 1) != 1)
		_exit(1);
	while (local)
		pause();
}

__attribute__((noinline)) static void function_static(size_t offset)
{
	static struct record *hidden;

	hidden = (struct record *)(map + offset);
	__asm__ volatile("" : : "r"(&hidden) : "memory");
}

static void begin(void (*set)(void), long local)
{
	struct proc_stat stat;
	int ready[2], proc = proc_open(NULL);
	char byte;

	assert_int_equal(pipe(ready), 0);
	process = (struct process){.uid = getuid(), .one_user = true};
	process.pid = process.task = fork();
	if (process.pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		set();
		__asm__ volatile("" : : : "memory");
		wait_with(local < 0 ? 1 : map + (uintptr_t)local, ready[1]);
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(proc_read_stat(proc, process.pid, &stat), 0);
	process.start_time = stat.start_time;
	close(proc);
	mapper = (struct mapper){
		.process = &process,
		.start = map,
		.end = map + SIZE,
	};
	region = (struct region){.uid = getuid(), .mode = 0600, .mappers = &mapper, .n_mappers = 1};
}

static void end(void)
{
	kill(process.pid, SIGKILL);
	waitpid(process.pid, NULL, 0);
}

static struct inference *inference;

/* The text, without its comments. */
static const char *found(const struct caller *caller)
{
	static char plain[4096];
	struct env env = {0};
	const char *line, *next;

	inference_unref(inference);
	inference = NULL;
	assert_int_equal(infer(&env, &region, SIZE, caller, &inference), 0);
	*plain = '\0';
	for (line = buf_cstr(&inference->text); *line; line = next) {
		next = strchr(line, '\n') + 1;
		if (*line != '/')
			strncat(plain, line, (size_t)(next - line));
	}
	return plain;
}

/* ---- static variables ---- */

static void set_static(void)
{
	file_record = (struct record *)map;
}

static void set_global(void)
{
	set_static();
	everybodys_record = (struct record *)(map + 24);
	everybodys_number = (uint32_t *)(map + 4096);
}

static void set_parts(void)
{
	holder.inside = (struct record *)(map + 64);
	head = (struct head *)map;
	several[2] = (struct record *)(map + 4096);
}

static void set_far(void)
{
	far_too_many[999] = (struct head *)(map + 8);
}

static void set_table(void)
{
	table = (struct record(*)[5])(map + 128);
}

static void set_weak(void)
{
	untyped = (void *)map;
	text = (char *)map + 100;
}

static void set_hidden(void)
{
	function_static(48);
}

static void set_indirect(void)
{
	indirect = (void *)(map + 8);
}

static bool has_debug_information(void)
{
	begin(set_static, -1);
	found(NULL);
	end();
	return inference->candidates.n > 0;
}

static void test_static(void **state)
{
	(void)state;
	begin(nothing, -1);
	assert_string_equal(found(NULL), "");
	end();
	begin(set_static, -1);
	assert_string_equal(found(NULL), "debuginfo struct record;\n"
					 "struct record file_record[] @ 0;\n");
	assert_false(inference->stopped);
	end();
	/* A global one is better than a static one; but here it runs over what that one begins. */
	begin(set_global, -1);
	assert_string_equal(found(NULL), "debuginfo struct record;\n"
					 "struct record file_record[] @ 0;\n");
	assert_int_equal(inference->candidates.n, 3);
	assert_int_equal(inference->candidates.all[0].kind, VARIABLE_GLOBAL);
	assert_false(inference->candidates.all[0].placed);
	assert_int_equal(inference->candidates.all[1].kind, VARIABLE_STATIC);
	assert_true(inference->candidates.all[1].placed);
	end();
}

static void test_parts(void **state)
{
	(void)state;
	begin(set_parts, -1);
	assert_string_equal(found(NULL), "debuginfo struct head;\n"
					 "debuginfo struct record;\n"
					 "struct head head @ 0;\n"
					 "struct record holder_inside[] @ 64;\n");
	assert_int_equal(inference->candidates.n, 3);
	end();
	begin(set_table, -1);
	assert_string_equal(found(NULL), "debuginfo struct record;\n"
					 "struct record table[5] @ 128;\n");
	end();
	begin(set_far, -1);
	assert_string_equal(found(NULL), "debuginfo struct head;\n"
					 "struct head far_too_many_999[] @ 8;\n");
	end();
	begin(set_hidden, -1);
	assert_string_equal(found(NULL), "debuginfo struct record;\n"
					 "struct record hidden[] @ 48;\n");
	end();
	begin(set_indirect, -1);
	assert_string_equal(found(NULL), "void *indirect[] @ 8;\n");
	end();
	begin(set_weak, -1);
	assert_string_equal(found(NULL), "char text[] @ 100;\n");
	assert_int_equal(inference->candidates.n, 2);
	assert_int_equal(inference->candidates.all[1].spelled.worth, SPELL_NOTHING);
	end();
}

/* ---- local variables ---- */

static void test_local(void **state)
{
	const struct caller caller = {getuid(), getgid(), 0};

	(void)state;
#ifdef __SANITIZE_ADDRESS__
	print_message("gcc doesn't say where locals are that its sanitizer moves\n");
	skip();
#endif
	begin(nothing, 240);
	assert_string_equal(found(NULL), "");
	assert_string_equal(found(&caller), "debuginfo struct record;\n"
					    "struct record local[] @ 240;\n");
	assert_true(inference->stopped);
	assert_true(inference->report.longest > 0);
	assert_int_equal(inference->report.copied, 1);
	assert_int_equal(inference->candidates.all[0].kind, VARIABLE_LOCAL);
	assert_string_equal(inference->candidates.all[0].function, "wait_with");
	assert_int_equal(inference->candidates.all[0].tid, process.pid);
	end();
	begin(set_static, 240);
	assert_string_equal(found(&caller), "debuginfo struct record;\n"
					    "struct record file_record[] @ 0;\n");
	end();
}

/* ---- who may ---- */

static void test_who(void **state)
{
	const struct caller caller = {getuid(), getgid(), 0}, other = {12345, 12345, 0};

	(void)state;
	begin(set_static, 0);
	process.one_user = false;
	if (getuid() != 0) {
		assert_string_equal(found(NULL), "");
		assert_string_equal(found(&caller), "");
	}
	process.one_user = true;
	process.uid = 12346;
	region.uid = 12345;
	assert_string_equal(found(NULL), "");
	assert_int_equal(inference->forbidden, 1);
	assert_string_equal(found(&other), "");
	assert_int_equal(inference->forbidden, 1);
	assert_int_equal(inference->report.copied, 0);
	process.uid = 12345;
	assert_string_not_equal(found(NULL), "");
	/* Root's private regions are for root alone. */
	process.uid = 12346;
	region.uid = 0;
	assert_string_not_equal(found(NULL), "");
	region.mode = 0644;
	assert_string_equal(found(NULL), "");
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_local),
		cmocka_unit_test(test_who),
	};
	int failed;

	map = (uintptr_t)mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			      0);
	if (!has_debug_information()) {
		print_message("this program was built without debug information\n");
		return 0;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	inference_unref(inference);
	return failed;
}
