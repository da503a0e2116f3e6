/* SPDX-License-Identifier: MIT */
/* Discovery: what real processes share, against what /proc/PID/maps says of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/shm.h>

#include "base/uapi.h"
#include "seen.h"

#define PAGE 4096

/* One region of each kind, and what is to be seen of it. */
static const struct kind {
	enum way way;
	enum region_kind kind;
	const char *path;
	const char *name;
	size_t size;
	size_t file_size;
} kinds[] = {
	{WAY_FILE, REGION_FILE, "%s/plain", "plain", PAGE, 28},
	{WAY_FILE, REGION_FILE, "%s/two words\n3", "two words\\x0a3", PAGE, 2 * PAGE},
	{WAY_FILE, REGION_FILE, "%s/back\\012slash", "back\\x5c012slash", PAGE, 0},
	{WAY_FILE, REGION_FILE, "%s/.hidden\xff", "\\x2ehidden\\xff", PAGE, 0},
	{WAY_FILE, REGION_FILE, "%s/it looks (deleted)", "it looks (deleted)", PAGE, 0},
	{WAY_FILE, REGION_SHM, "/dev/shm/peekfs-kinds%.0s-%d", "peekfs-kinds-%d", PAGE, 0},
	{WAY_MEMFD, REGION_MEMFD, "ring", "memfd-ring", PAGE, 100},
	{WAY_MEMFD, REGION_MEMFD, "", "memfd-", PAGE, 0},
	{WAY_MEMFD, REGION_MEMFD, "-x/y (deleted)", "memfd--x\\x2fy (deleted)", PAGE, 0},
	{WAY_ANON, REGION_ANON, "", NULL, 3 * PAGE, 0},
	{WAY_HUGE, REGION_HUGETLB, "", NULL, 2 << 20, 0},
	{WAY_SYSV, REGION_SYSV, "", "sysv-0x5f", PAGE, 0},
};

static void wish_kinds(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct share_wish *wish = &wishes[i];

		*wish = (struct share_wish){.way = kinds[i].way,
					    .size = kinds[i].size,
					    .file_size = kinds[i].file_size,
					    .id = my_key(15),
					    .prot = PROT_READ | PROT_WRITE};
		snprintf(wish->path, sizeof(wish->path), kinds[i].path, folder, getpid());
	}
}

static void check_kind(const struct snapshot *snapshot, struct region *region,
		       const struct kind *kind, const char *path)
{
	char name[64];

	assert_non_null(region);
	assert_int_equal(region->kind, kind->kind);
	snprintf(name, sizeof(name), "%s-%lu", region_kind_name(region->kind), region->id.inode);
	if (kind->name)
		snprintf(name, sizeof(name), kind->name, getpid());
	/* Others of this machine may have taken the bare name. */
	assert_int_equal(strncmp(region->name, name, strlen(name)), 0);
	if (region->kind != REGION_SYSV)
		assert_non_null(strchr("@", region->name[strlen(name)]));
	assert_ptr_equal(snapshot_by_name(snapshot, region->name), region);
	assert_ptr_equal(snapshot_by_id(snapshot, &region->id), region);
	assert_int_equal(region->n_mappers, 1);
	assert_true(region->writable && !region->noise && !region->leftover);
	if (geteuid() == 0)
		assert_int_equal(region->size, kind->file_size ? kind->file_size : kind->size);
	assert_true(region->approachable);
	if (kind->way == WAY_FILE) {
		assert_string_equal(region->path, path);
		assert_false(region->deleted);
	}
}

static bool kernel_answers_queries(void)
{
	struct uapi_procmap_query query = {.size = sizeof(query),
					   .query_flags = UAPI_PROCMAP_OR_NEXT};
	int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
	bool answers = ioctl(fd, UAPI_PROCMAP_QUERY, &query) == 0;

	close(fd);
	return answers;
}

static void test_kinds(void **state)
{
	const char *best = kernel_answers_queries() ? "PROCMAP_QUERY" : "maps";
	struct target target;
	long addresses[ARRAY_SIZE(kinds)];

	(void)state;
	seen_begin();
	wish_kinds();
	target_start(&target);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		addresses[i] = target_call(&target, child_share, (long)i);
	for (int text = 0; text < 2; text++) {
		struct registry *registry = seen_registry(text);
		struct snapshot *snapshot = seen_now(registry);

		assert_string_equal(snapshot->method, text ? "maps" : best);
		for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
			/* Not every kernel has huge pages. */
			if (kinds[i].way != WAY_HUGE || addresses[i])
				check_kind(snapshot, seen_at(snapshot, target.pid, addresses[i]),
					   &kinds[i], wishes[i].path);
		snapshot_unref(snapshot);
		registry_free(registry);
	}
	target_call(&target, child_remove_sysv, 0);
	target_end(&target);
	unlink(wishes[5].path);
	seen_end();
}

/* One object, mapped in several ways. */
static const struct {
	off_t offset;
	int prot;
	int flags;
} maps[] = {
	{0, PROT_READ | PROT_WRITE, MAP_SHARED},
	{PAGE, PROT_READ, MAP_SHARED},
	{PAGE, PROT_READ, MAP_SHARED},
	{2 * PAGE, PROT_NONE, MAP_SHARED},
	{0, PROT_READ, MAP_PRIVATE}, /* the last: no mapper */
};

static void wish_maps(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		struct share_wish *wish = &wishes[i];

		*wish = (struct share_wish){.way = WAY_FILE,
					    .size = 4 * PAGE,
					    .file_size = 100,
					    .offset = maps[i].offset,
					    .flags = maps[i].flags,
					    .prot = maps[i].prot};
		snprintf(wish->path, sizeof(wish->path), "%s/one", folder);
	}
}

static void test_mappings(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target, other;
	struct region *region;
	long addresses[ARRAY_SIZE(maps)], shared;

	(void)state;
	seen_begin();
	wish_maps();
	target_start(&target);
	target_start(&other);
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++) {
		addresses[i] = target_call(&target, child_share, (long)i);
		assert_true(addresses[i]);
	}
	shared = target_call(&other, child_share, 0);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, addresses[0]);
	assert_non_null(region);
	assert_int_equal(region->size, 100);
	assert_int_equal(region->n_mappers, 5);
	assert_int_equal(seen_mappers_of(region, target.pid), 4);
	assert_non_null(seen_mapper(region, other.pid, shared));
	for (size_t i = 0; i < 4; i++) {
		const struct mapper *mapper = seen_mapper(region, target.pid, addresses[i]);

		assert_non_null(mapper);
		assert_int_equal(mapper->offset, maps[i].offset);
		assert_int_equal(mapper->prot, maps[i].prot);
		assert_int_equal(mapper->end - mapper->start, 4 * PAGE);
	}
	assert_null(seen_at(snapshot, target.pid, addresses[4]));
	for (size_t i = 1; i < region->n_mappers; i++)
		assert_true(region->mappers[i - 1].process->pid < region->mappers[i].process->pid ||
			    region->mappers[i - 1].start < region->mappers[i].start);
	assert_int_equal(snapshot_share(snapshot, target.pid)->n_regions, 1);
	snapshot_unref(snapshot);
	target_end(&target);
	target_end(&other);
	registry_free(registry);
	seen_end();
}

static long child_rename(long unused)
{
	(void)unused;
	return prctl(PR_SET_NAME, "other) Z 1 (");
}

static long child_forbid(long address)
{
	return mprotect((void *)address, PAGE, PROT_NONE);
}

/* What hasn't changed is the same object; what has isn't. */
static void test_reuse(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *first, *second, *third, *fourth;
	struct target a, b;
	struct region *both, *own;
	long in_a, in_b, only_a;

	(void)state;
	seen_begin();
	wishes[0] = (struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = PROT_READ};
	snprintf(wishes[0].path, sizeof(wishes[0].path), "%s/%s", folder, mine("both"));
	wishes[1] = (struct share_wish){.way = WAY_ANON, .size = PAGE, .prot = PROT_READ};
	target_start(&a);
	target_start(&b);
	in_a = target_call(&a, child_share, 0);
	in_b = target_call(&b, child_share, 0);
	only_a = target_call(&a, child_share, 1);
	first = seen_now(registry);
	second = seen_now(registry);
	assert_true(first != second);
	both = seen_at(first, a.pid, in_a);
	own = seen_at(first, a.pid, only_a);
	assert_ptr_equal(both, seen_at(second, b.pid, in_b));
	assert_ptr_equal(own, seen_at(second, a.pid, only_a));
	assert_ptr_equal(snapshot_share(first, a.pid)->process,
			 snapshot_share(second, a.pid)->process);

	target_call(&b, child_rename, 0);
	third = seen_now(registry);
	assert_string_equal(snapshot_share(third, b.pid)->process->comm, "other) Z 1 (");
	assert_ptr_not_equal(both, seen_at(third, b.pid, in_b));
	assert_ptr_equal(own, seen_at(third, a.pid, only_a));
	assert_int_equal(snapshot_share(third, b.pid)->process->start_time,
			 snapshot_share(first, b.pid)->process->start_time);

	assert_int_equal(target_call(&a, child_forbid, only_a), 0);
	target_end(&b);
	fourth = seen_now(registry);
	assert_ptr_not_equal(own, seen_at(fourth, a.pid, only_a));
	assert_int_equal(seen_at(fourth, a.pid, only_a)->mappers[0].prot, PROT_NONE);
	assert_null(snapshot_share(fourth, b.pid));
	assert_int_equal(seen_at(fourth, a.pid, in_a)->n_mappers, 1);
	assert_int_equal(both->n_mappers, 2); /* old facts stay facts */
	snapshot_unref(first);
	snapshot_unref(second);
	snapshot_unref(third);
	snapshot_unref(fourth);
	target_end(&a);
	registry_free(registry);
	seen_end();
}

static long child_exec(long unused)
{
	(void)unused;
	execl("/proc/self/exe", "share", NULL);
	return -errno;
}

/* What main() does in a process that child_exec() began anew. */
static int share_and_wait(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pause();
	return 0;
}

/* A program that becomes another is noticed, although its pid stays. */
static void test_exec(void **state)
{
	struct registry *registry = seen_registry(false);
	struct target_call call = {child_exec, 0};
	double deadline = seconds() + 20;
	struct snapshot *snapshot;
	const struct share *share;
	struct target target;

	(void)state;
	wishes[0] = (struct share_wish){.way = WAY_ANON, .size = 2 * PAGE, .prot = PROT_READ};
	target_start(&target);
	target_call(&target, child_share, 0);
	snapshot = seen_now(registry);
	assert_string_not_equal(snapshot_share(snapshot, target.pid)->process->comm, "exe");
	assert_int_equal(write(target.to, &call, sizeof(call)), sizeof(call));
	do { /* its new mapping comes after its new name */
		snapshot_unref(snapshot);
		snapshot = seen_now(registry);
		share = snapshot_share(snapshot, target.pid);
	} while ((!share || share->regions[0]->size != PAGE) && seconds() < deadline);
	assert_non_null(share);
	assert_int_equal(share->n_regions, 1);
	assert_string_equal(share->process->comm, "exe");
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
}

static void *sleep_on(void *unused)
{
	(void)unused;
	pause();
	return NULL;
}

static long child_exit_leader(long unused)
{
	pthread_t thread;

	(void)unused;
	pthread_create(&thread, NULL, sleep_on, NULL);
	return syscall(SYS_exit, 0);
}

/* The first thread has exited, another lives: maps of the process is empty, but it isn't dead. */
static void test_leader_exits(void **state)
{
	struct registry *registry = seen_registry(false);
	struct target_call call = {child_exit_leader, 0};
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	char text[256];
	long address;

	(void)state;
	wishes[0] = (struct share_wish){.way = WAY_ANON, .size = PAGE, .prot = PROT_READ};
	target_start(&target);
	address = target_call(&target, child_share, 0);
	assert_int_equal(write(target.to, &call, sizeof(call)), sizeof(call));
	for (char end = 0; end != 'Z';) { /* until the kernel says so */
		FILE *file;

		snprintf(text, sizeof(text), "/proc/%d/stat", target.pid);
		file = fopen(text, "re");
		assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &end), 1);
		fclose(file);
	}
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, address);
	assert_non_null(region);
	assert_int_equal(region->mappers[0].process->pid, target.pid);
	assert_int_not_equal(region->mappers[0].process->task, target.pid);
	assert_int_equal(region->size, PAGE);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
}

/* Every shared mapping of pid that its maps shows is in the snapshot, and the other way round. */
static void compare_with_maps(const struct snapshot *snapshot, pid_t pid)
{
	const struct share *share = snapshot_share(snapshot, pid);
	char path[64], line[1024];
	int n = 0, m = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file)) {
		struct target_line is;
		struct region *region;

		if (sscanf(line,
			   "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %511[^\n]",
			   &is.start, &is.end, is.perms, &is.offset, &is.major, &is.minor,
			   &is.inode, is.path) < 7 ||
		    is.perms[3] != 's')
			continue;
		n++;
		region = seen_at(snapshot, pid, (long)is.start);
		assert_non_null(region);
		assert_int_equal(region->id.inode, is.inode);
		assert_int_equal(region->id.major, is.major);
		assert_int_equal(region->id.minor, is.minor);
		assert_int_equal(seen_mapper(region, pid, (long)is.start)->end, is.end);
		assert_int_equal(seen_mapper(region, pid, (long)is.start)->offset, is.offset);
	}
	fclose(file);
	for (size_t i = 0; share && i < share->n_regions; i++)
		m += seen_mappers_of(share->regions[i], pid);
	assert_int_equal(n, m);
}

/* Hundreds of processes, so that several threads scan; both ways see what is there. */
static void test_many(void **state)
{
	enum { N = 300 };
	static struct target targets[N];

	(void)state;
	seen_begin();
	for (int i = 0; i < 8; i++) {
		wishes[i] = (struct share_wish){
			.way = i % 3, .size = PAGE, .offset = i * PAGE, .prot = PROT_READ};
		snprintf(wishes[i].path, sizeof(wishes[i].path), "%s/%d", folder, i);
	}
	for (int i = 0; i < N; i++) {
		target_start(&targets[i]);
		for (int j = 0; j < 4; j++)
			assert_true(target_call(&targets[i], child_share, (i + j) % 8));
	}
	for (int text = 0; text < 2; text++) {
		struct registry *registry = seen_registry(text);
		struct snapshot *snapshot;

		for (int again = 0; again < 2; again++) {
			snapshot = seen_now(registry);
			for (int i = 0; i < N; i++)
				compare_with_maps(snapshot, targets[i].pid);
			snapshot_unref(snapshot);
		}
		registry_free(registry);
	}
	for (int i = 0; i < N; i++)
		target_end(&targets[i]);
	seen_end();
}

static bool is_ours(void *context, uint32_t major, uint32_t minor, uint64_t inode,
		    struct region_id *id)
{
	const struct region_id *pair = context;

	if (pair[0].major != major || pair[0].minor != minor || pair[0].inode != inode)
		return false;
	*id = pair[1];
	return true;
}

/* A mapping of one of our own files is a mapping of what is behind it. */
static void test_ours(void **state)
{
	struct region_id pair[2] = {{.major = UINT32_MAX}};
	struct registry_options options = {.self = getpid(), .is_ours = is_ours, .context = pair};
	struct registry *registry;
	struct snapshot *snapshot;
	struct target writer, looker;
	struct region *region;
	long real, raw;

	(void)state;
	assert_int_equal(registry_new(&options, &registry), 0);
	wishes[0] = (struct share_wish){
		.way = WAY_MEMFD, .path = "real", .size = PAGE, .prot = PROT_READ};
	wishes[1] = (struct share_wish){
		.way = WAY_MEMFD, .path = "raw", .size = PAGE, .prot = PROT_READ};
	target_start(&writer);
	target_start(&looker);
	real = target_call(&writer, child_share, 0);
	raw = target_call(&looker, child_share, 1);
	snapshot = seen_now(registry);
	pair[0] = seen_at(snapshot, looker.pid, raw)->id;
	pair[1] = seen_at(snapshot, writer.pid, real)->id;
	snapshot_unref(snapshot);

	snapshot = seen_now(registry);
	region = seen_at(snapshot, looker.pid, raw);
	assert_ptr_equal(region, seen_at(snapshot, writer.pid, real));
	assert_string_equal(region->path, "/memfd:real");
	assert_int_equal(region->n_mappers, 2);
	assert_true(seen_mapper(region, looker.pid, raw)->ours);
	assert_false(seen_mapper(region, writer.pid, real)->ours);
	snapshot_unref(snapshot);

	target_end(&writer); /* what is left of it is known from before */
	snapshot = seen_now(registry);
	region = seen_at(snapshot, looker.pid, raw);
	assert_string_equal(region->path, "/memfd:real");
	assert_int_equal(region->kind, REGION_MEMFD);
	assert_int_equal(region->n_mappers, 1);
	assert_int_equal(region->size, PAGE);
	snapshot_unref(snapshot);
	target_end(&looker);
	registry_free(registry);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),	     cmocka_unit_test(test_mappings),
		cmocka_unit_test(test_reuse),	     cmocka_unit_test(test_exec),
		cmocka_unit_test(test_leader_exits), cmocka_unit_test(test_many),
		cmocka_unit_test(test_ours),
	};

	(void)argc;
	if (strcmp(argv[0], "share") == 0)
		return share_and_wait();
	return cmocka_run_group_tests(tests, NULL, folder_remove);
}
