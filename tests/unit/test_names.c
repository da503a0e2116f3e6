/* SPDX-License-Identifier: MIT */
/* Names of regions in the tree, above all when several would have the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/shm.h>

#include "base/proc.h"
#include "seen.h"

#define PAGE 4096

static void wish_file(int i, const char *format, const char *name)
{
	char path[400];

	snprintf(path, sizeof(path), format, name);
	wishes[i] = (struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = PROT_READ};
	snprintf(wishes[i].path, sizeof(wishes[i].path), "%s/%s", folder, path);
}

static void assert_name(const struct region *region, const char *bare, bool with_inode)
{
	char name[400];

	assert_non_null(region);
	snprintf(name, sizeof(name), with_inode ? "%s@%" PRIu64 : "%s", bare, region->id.inode);
	assert_string_equal(region->name, name);
}

static void make_dir(const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_int_equal(mkdir(path, 0755), 0);
}

static uint64_t started(const struct target *target)
{
	struct proc_stat stat;
	int proc = proc_open(NULL);

	assert_int_equal(proc_read_stat(proc, target->pid, &stat), 0);
	close(proc);
	return stat.start_time;
}

/* A child that is younger by a clock tick at least. */
static void start_later(struct target *young, const struct target *old)
{
	for (target_start(young); started(young) == started(old); target_start(young))
		target_end(young);
}

/* Who was there first keeps the bare name, whatever comes. */
static void test_first_keeps(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target young, old;
	long at[2];

	(void)state;
	seen_begin();
	make_dir("a");
	make_dir("b");
	wish_file(0, "a/%s", mine("peekfs-same"));
	wish_file(1, "b/%s", mine("peekfs-same"));
	target_start(&old);
	start_later(&young, &old);
	at[0] = target_call(&young, child_share, 0);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, young.pid, at[0]), mine("peekfs-same"), false);
	snapshot_unref(snapshot);
	at[1] = target_call(&old, child_share, 1);
	for (int i = 0; i < 2; i++) {
		snapshot = seen_now(registry);
		assert_name(seen_at(snapshot, young.pid, at[0]), mine("peekfs-same"), false);
		assert_name(seen_at(snapshot, old.pid, at[1]), mine("peekfs-same"), true);
		snapshot_unref(snapshot);
	}
	target_end(&young);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, old.pid, at[1]), mine("peekfs-same"), false);
	snapshot_unref(snapshot);
	target_end(&old);
	registry_free(registry);
	seen_end();
}

/* A new object at the path takes the bare name from the one that lost it. */
static void test_path_leads(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target old, young;
	long at[2];

	(void)state;
	seen_begin();
	wish_file(0, "%s", mine("peekfs-again"));
	target_start(&old);
	target_start(&young);
	at[0] = target_call(&old, child_share, 0);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, old.pid, at[0]), mine("peekfs-again"), false);
	assert_false(seen_at(snapshot, old.pid, at[0])->deleted);
	snapshot_unref(snapshot);
	assert_int_equal(unlink(wishes[0].path), 0);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, old.pid, at[0]), mine("peekfs-again"), false);
	assert_true(seen_at(snapshot, old.pid, at[0])->deleted);
	assert_string_equal(seen_at(snapshot, old.pid, at[0])->path, wishes[0].path);
	snapshot_unref(snapshot);
	at[1] = target_call(&young, child_share, 0);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, young.pid, at[1]), mine("peekfs-again"), false);
	assert_name(seen_at(snapshot, old.pid, at[0]), mine("peekfs-again"), true);
	snapshot_unref(snapshot);
	target_end(&old);
	target_end(&young);
	registry_free(registry);
	seen_end();
}

/* A file can be called what another would get. */
static void test_taken(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	char name[64], path[600];
	struct stat st;
	long at[3];

	(void)state;
	seen_begin();
	make_dir("a");
	make_dir("b");
	wish_file(0, "a/%s", mine("peekfs-taken"));
	wish_file(1, "b/%s", mine("peekfs-taken"));
	for (int i = 0; i < 2; i++)
		close(open(wishes[i].path, O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	assert_int_equal(stat(wishes[1].path, &st), 0);
	snprintf(name, sizeof(name), "%s@%lu", mine("peekfs-taken"), st.st_ino);
	wish_file(2, "a/%s", name);
	target_start(&target);
	at[0] = target_call(&target, child_share, 0);
	snapshot_unref(seen_now(registry));
	for (int i = 1; i < 3; i++)
		at[i] = target_call(&target, child_share, i);
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, target.pid, at[0]), mine("peekfs-taken"), false);
	assert_string_equal(seen_at(snapshot, target.pid, at[2])->name, name);
	region = seen_at(snapshot, target.pid, at[1]);
	snprintf(path, sizeof(path), "%s@%u:%u:%" PRIu64, mine("peekfs-taken"), region->id.major,
		 region->id.minor, region->id.inode);
	assert_string_equal(region->name, path);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
	seen_end();
}

static void test_long(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	char name[256];
	long at[2];

	(void)state;
	seen_begin();
	memset(name, 'n', 255);
	memcpy(name, mine(""), strlen(mine("")));
	name[0] = 'n';
	for (int i = 0; i < 2; i++) {
		name[254] = (char)('0' + i);
		name[255] = '\0';
		wish_file(i, "%s", name);
	}
	name[200] = '\0';
	target_start(&target);
	for (int i = 0; i < 2; i++) {
		at[i] = target_call(&target, child_share, i);
		assert_true(at[i]);
		snapshot_unref(seen_now(registry));
	}
	snapshot = seen_now(registry);
	assert_name(seen_at(snapshot, target.pid, at[0]), name, false);
	assert_name(seen_at(snapshot, target.pid, at[1]), name, true);
	for (size_t i = 1; i < snapshot->n_regions; i++)
		assert_true(strcmp(snapshot->regions[i - 1]->name, snapshot->regions[i]->name) < 0);
	for (size_t i = 0; i < snapshot->n_regions; i++) {
		assert_true(strlen(snapshot->regions[i]->name) < 256);
		assert_null(strchr(snapshot->regions[i]->name, '/'));
	}
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
	seen_end();
}

static void test_private_sysv(void **state)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	char name[64];
	long at;

	(void)state;
	wishes[0] = (struct share_wish){.way = WAY_SYSV, .id = IPC_PRIVATE, .size = PAGE};
	target_start(&target);
	at = target_call(&target, child_share, 0);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, at);
	snprintf(name, sizeof(name), "sysv-%ld", target_call(&target, child_shmid, 0));
	assert_string_equal(region->name, name);
	snapshot_unref(snapshot);
	target_call(&target, child_remove_sysv, 0);
	target_end(&target);
	registry_free(registry);
}

/* In a mount namespace of its own, so that nothing is written where it matters. */
static long child_own_system(long unused)
{
	static const char *const dirs[] = {"/usr", "/etc", "/var"};

	(void)unused;
	if (child_unshare(CLONE_NEWNS) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (mount("none", dirs[i], "tmpfs", 0, NULL) < 0)
			return -errno;
	return mkdir("/var/cache", 0755) < 0 || mkdir("/var/cached", 0755) < 0 ||
			       mkdir("/var/.cache", 0755) < 0
		       ? -errno
		       : 0;
}

/* Caches that everybody maps and nobody writes. */
static void test_noise(void **state)
{
	static const struct {
		const char *path;
		int prot;
		bool noise;
	} files[] = {
		{"/usr/peekfs-1", PROT_READ, true},
		{"/etc/peekfs-2", PROT_READ, true},
		{"/var/peekfs-3", PROT_READ, false},
		{"/var/cache/peekfs-4", PROT_READ, true},
		{"/var/cache/peekfs-5", PROT_READ | PROT_WRITE, false},
		{"/var/cached/peekfs-6", PROT_READ, false},
		{"/var/.cache/peekfs-7", PROT_READ, true},
		{"/var/.cache/peekfs-8", PROT_READ | PROT_WRITE, false},
	};
	struct registry *registry = seen_registry(false);
	long at[ARRAY_SIZE(files)];
	struct snapshot *snapshot;
	struct target target;

	(void)state;
	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		wishes[i] =
			(struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = files[i].prot};
		strcpy(wishes[i].path, files[i].path);
	}
	target_start(&target);
	assert_int_equal(target_call(&target, child_own_system, 0), 0);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		at[i] = target_call(&target, child_share, (long)i);
	snapshot = seen_now(registry);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		const struct region *region = seen_at(snapshot, target.pid, at[i]);

		assert_non_null(region);
		assert_string_equal(region->path, files[i].path);
		assert_int_equal(region->noise, files[i].noise);
	}
	assert_true(snapshot->n_noise >= 4);
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_first_keeps),  cmocka_unit_test(test_path_leads),
		cmocka_unit_test(test_taken),	     cmocka_unit_test(test_long),
		cmocka_unit_test(test_private_sysv), cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, folder_remove);
}
