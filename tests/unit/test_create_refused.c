/* SPDX-License-Identifier: MIT */
/* create.h: each failure, provoked for real, says its cause and its remedy. */
#include "created_case.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>

#include "base/cleanup.h"

/* ---- options that can't be, told before the kernel is asked ---- */

#define OF_ANON .kind = REGION_ANON, .size = 100

static const struct {
	struct create_options options;
	int want;
	const char *words;
} impossible[] = {
	{{.kind = REGION_DEVICE, .size = 1}, -EINVAL, "kind: |memfd"},
	{{.kind = REGION_FILE, .size = 1}, -EINVAL, "name: "},
	{{.kind = REGION_FILE, .name = "", .size = 1}, -EINVAL, "name: |path"},
	{{.kind = REGION_FILE, .name = "/tmp/", .size = 1}, -EINVAL, "name: |path"},
	{{.kind = REGION_SHM, .name = "/a/b", .size = 1}, -EINVAL, "name: |/NAME"},
	{{.kind = REGION_SHM, .name = "/..", .size = 1}, -EINVAL, "name: "},
	{{.kind = REGION_ANON, .name = "x", .size = 1}, -EINVAL, "name: |NULL"},
	{{.kind = REGION_ANON}, -EINVAL, "size: |at least"},
	{{.kind = REGION_ANON, .size = UINT64_MAX}, -EOVERFLOW, "size: |2^63"},
	{{.kind = REGION_ANON, .size = 1, .key = 1}, -EINVAL, "key"},
	{{.kind = REGION_SYSV, .size = 1, .shmid = 1}, -EINVAL, "shmid"},
	{{.kind = REGION_HUGETLB, .size = 1, .huge_page = 3}, -EINVAL, "huge_page: |power"},
	{{OF_ANON, .prot = 64}, -EINVAL, "prot: "},
	{{OF_ANON, .flags = 1u << 20}, -EINVAL, "flags: "},
	{{OF_ANON, .flags = CREATE_OR_OPEN}, -EINVAL, "CREATE_OR_OPEN|name"},
	{{OF_ANON, .flags = CREATE_ALLOCATE}, -EINVAL, "CREATE_ALLOCATE|MAP_POPULATE"},
	{{OF_ANON, .flags = CREATE_PAST_END}, -EINVAL, "CREATE_PAST_END"},
	{{OF_ANON, .offset = 4096}, -EINVAL, "offset"},
	{{OF_ANON, .mode = 07777}, -EINVAL, "mode: "},
	{{OF_ANON, .prot = RW, .mode = 0400}, -EINVAL, "mode: |chmod"},
	{{OF_ANON, .map_flags = MAP_PRIVATE}, -EINVAL, "MAP_PRIVATE|shared"},
	{{OF_ANON, .map_flags = MAP_ANONYMOUS}, -EINVAL, "MAP_ANONYMOUS|kind"},
	{{OF_ANON, .map_flags = MAP_HUGETLB}, -EINVAL, "hugetlb"},
	{{OF_ANON, .map_flags = MAP_DENYWRITE}, -EINVAL, "MAP_DENYWRITE|ignores|F_SEAL_WRITE"},
	{{OF_ANON, .map_flags = MAP_GROWSDOWN}, -EINVAL, "map_flags: only"},
	{{OF_ANON, .map_flags = MAP_SYNC}, -EINVAL, "MAP_SYNC|DAX"},
	{{OF_ANON, .map_flags = MAP_FIXED}, -EINVAL, "address: |multiple"},
	{{OF_ANON, .map_flags = MAP_FIXED, .address = (void *)4097}, -EINVAL, "address: |multiple"},
	{{OF_ANON, .map_flags = MAP_FIXED | MAP_FIXED_NOREPLACE, .address = (void *)4097},
	 -EINVAL,
	 "one of them"},
	{{OF_ANON, .prot = PROT_NONE, .map_flags = MAP_LOCKED}, -EINVAL, "MAP_LOCKED|PROT_NONE"},
};

static void test_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(impossible); i++)
		refused(impossible[i].options, impossible[i].want, impossible[i].words);
}

static void test_part_of_a_file(void **state)
{
	const char *path = new_name(REGION_FILE);
	struct create_options o = {.kind = REGION_FILE, .name = path, .size = 100, .offset = 5};

	(void)state;
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
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "create_adopt|fork");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .size = 1};
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "created_resize");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .layout = ""};
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "created_set_layout");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .flags = CREATE_OR_OPEN};
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "CREATE_PAST_END");
	o = (struct create_options){.kind = REGION_FILE, .name = "x", .flags = CREATE_PAST_END};
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "length");
	o = (struct create_options){.kind = REGION_SYSV, .key = 1, .shmid = 1};
	assert_said(create_open(&o, &created, &diag), &diag, -EINVAL, "one of them");
}

/* ---- the failures of mmap(2), each for real ---- */

static void adopt_fails(int fd, struct create_options o, int want, const char *words)
{
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_adopt(fd, &o, &created, &diag);

	created_free(created);
	assert_said(r, &diag, want, words);
}

static void open_fails(const char *path, int prot, int want, const char *words)
{
	struct create_options o = {.kind = REGION_FILE, .name = path, .prot = prot};
	struct created *created = NULL;
	struct diag diag = {0};
	int r = create_open(&o, &created, &diag);

	created_free(created);
	assert_said(r, &diag, want, words);
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

	answer->err = create_open(&o, &created, &answer->diag);
}

static void open_sysv(void *context, struct answer *answer)
{
	struct create_options o = {.kind = REGION_SYSV, .shmid = *(int *)context, .prot = RW};
	struct created *created;

	answer->err = create_open(&o, &created, &answer->diag);
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
		assert_said(answer.err, &answer.diag, -EACCES, "permission bits|ipcs -m");
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
	assert_said(answer.err, &answer.diag, -EACCES, "writing|uid 0's, mode 0600|PROT_READ");
	assert_int_equal(chmod(folder, 0700), 0);
	answer = in_child(open_as_nobody, (void *)path, 1);
	assert_said(answer.err, &answer.diag, -EACCES, "directory on the way");
}

/*
 * The other flags stay as they are: without FS_EXTENT_FL ext4 would set what is asked, and then
 * fail to turn the file's extents into blocks.
 */
static void test_eacces_append_only(void **state)
{
	CLEANUP(close_fd) int fd = open(some_file(), O_RDWR | O_CLOEXEC);
	int flags, appending;

	(void)state;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		goto cannot;
	appending = flags | FS_APPEND_FL;
	if (ioctl(fd, FS_IOC_SETFLAGS, &appending) < 0)
		goto cannot;
	adopt_fails(fd, (struct create_options){.prot = RW}, -EACCES, "append-only|chattr");
	assert_int_equal(ioctl(fd, FS_IOC_SETFLAGS, &flags), 0);
	return;
cannot:
	print_message("the file system, or not being root, keeps us from chattr +a\n");
	skip();
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

	if (o.kind != REGION_MEMFD)
		o.name = NULL;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	answer->err = create_new(&o, &created, &answer->diag);
}

static void test_eagain(void **state)
{
	enum region_kind some[] = {REGION_ANON, REGION_MEMFD};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct answer answer = in_child(lock_too_much, &some[i], 1);

		assert_said(answer.err, &answer.diag, -EAGAIN,
			    "1048576 bytes|RLIMIT_MEMLOCK|65536|ulimit -l");
	}
}

static void take_too_much(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_MEMFD, .name = "large", .size = 1ull << 32, .prot = RW};
	struct rlimit limit = {1u << 30, 1u << 30};
	struct created *created;

	(void)context;
	setrlimit(RLIMIT_AS, &limit);
	answer->err = create_new(&o, &created, &answer->diag);
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
	assert_said(answer.err, &answer.diag, -ENOMEM, "address space|ulimit -v");
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

	answer->err = 1;
	if (unshare(CLONE_NEWNS) || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", context, "tmpfs", MS_NOEXEC, NULL) || chdir(context))
		return;
	answer->err = create_new(&o, &created, &answer->diag);
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
	assert_said(answer.err, &answer.diag, -EPERM, "noexec|PROT_EXEC");
}

static void lock_nothing(void *context, struct answer *answer)
{
	struct create_options o = {
		.kind = REGION_ANON, .size = 1, .prot = RW, .map_flags = MAP_LOCKED};
	struct rlimit limit = {0, 0};
	struct created *created;

	(void)context;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	answer->err = create_new(&o, &created, &answer->diag);
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
	assert_said(created_resize(created, 200, &diag), &diag, -EPERM, "sealed");
	created_free(created);
	answer = in_child(lock_nothing, NULL, 1);
	assert_said(answer.err, &answer.diag, -EPERM, "lock no memory|ulimit -l");
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
	assert_said(create_open(&o, &created, &diag), &diag, -EOPNOTSUPP, "MAP_SYNC|DAX");
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

/* ---- what else can't be made ---- */

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
	refused((struct create_options){.kind = REGION_FILE, .name = "/proc/x", .size = 1}, -ENOENT,
		"no files can be made in that directory");
	refused((struct create_options){.kind = REGION_FILE, .name = path, .size = 1}, -EEXIST,
		"create_open|CREATE_OR_OPEN");
	snprintf(link, sizeof(link), "%s.link", path);
	assert_int_equal(symlink(link, link), 0);
	open_fails(link, RW, -ELOOP, "symbolic link");
	open_fails(path, RW, 0, "");
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
		cmocka_unit_test(test_part_of_a_file),
		cmocka_unit_test(test_options_of_existing),
		cmocka_unit_test(test_ebadf),
		cmocka_unit_test(test_eacces_sysv),
		cmocka_unit_test(test_eacces),
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
		cmocka_unit_test(test_layout_too_long),
	};

	if (argc == 2 && strcmp(argv[1], sleeper) == 0) /* see test_etxtbsy() */
		return pause();
	return cmocka_run_group_tests_name("create_refused", tests, folder_make, remove_all);
}
