/* SPDX-License-Identifier: MIT */
/*
 * Who may see what: nobody gets by owner and mode of a region what open(2) of its object would
 * refuse, and who would get it by open(2) gets it. Three users, two of them in a group.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/shm.h>
#include <sys/xattr.h>

#include "seen.h"

#define PAGE 4096

enum { ANN = 54401, BOB = 54402, CARL = 54403, CLUB = 54410 };

static const struct user {
	uid_t uid;
	gid_t gids[2];
	int n_gids;
} users[] = {
	{ANN, {ANN, CLUB}, 2},
	{BOB, {BOB, CLUB}, 2},
	{CARL, {CARL}, 1},
};

static bool in_group(const struct user *user, gid_t gid)
{
	for (int i = 0; i < user->n_gids; i++)
		if (user->gids[i] == gid)
			return true;
	return false;
}

/* What the kernel's default_permissions make of it. */
static bool allowed(const struct region *region, const struct user *user, int bit)
{
	int shift = user->uid == region->uid ? 6 : in_group(user, region->gid) ? 3 : 0;

	return (int)region->mode >> shift & bit;
}

/* Whether open(2) of the path lets the user. */
static bool opens(const char *path, const struct user *user, int flags)
{
	int status;
	pid_t child = fork();

	if (child == 0) {
		if (setgroups((size_t)user->n_gids, user->gids) < 0 ||
		    setresgid(user->gids[0], user->gids[0], user->gids[0]) < 0 ||
		    setresuid(user->uid, user->uid, user->uid) < 0)
			_exit(2);
		_exit(open(path, flags) < 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 2);
	return WEXITSTATUS(status) == 0;
}

/* acl(5) as the attribute system.posix_acl_access holds it: owner rw, user BOB as told, group and
 * others r, mask rw. */
static void set_acl(const char *path, uint16_t bob, bool directory)
{
	uint16_t x = directory ? 1 : 0;
	struct {
		uint32_t version;
		struct {
			uint16_t tag, perm;
			uint32_t id;
		} entries[5];
	} acl = {2,
		 {{0x01, 6 | x, ~0u},
		  {0x02, bob, BOB},
		  {0x04, 4 | x, ~0u},
		  {0x10, 6 | x, ~0u},
		  {0x20, 4 | x, ~0u}}};

	assert_int_equal(setxattr(path, "system.posix_acl_access", &acl, sizeof(acl), 0), 0);
}

static long start_as(struct target *target, uid_t uid, long wish)
{
	long address;

	target_start(target);
	address = target_call(target, child_share, wish); /* as root: it may open anything */
	assert_true(address);
	assert_int_equal(target_call(target, child_set_user, (long)uid), 0);
	return address;
}

struct place {
	const char *what;
	mode_t dir_mode;
	gid_t dir_gid;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	int acl; /* 1: of the file, 2: of the directory */
	uid_t mapper;
	bool unlink;
	bool by_path; /* the object's own bits are to hold */
	int prot;
};

static void try_place(const struct place *place)
{
	struct registry *registry = seen_registry(false);
	struct snapshot *snapshot;
	struct target target;
	struct region *region;
	char dir[128], path[256];
	long address;

	snprintf(dir, sizeof(dir), "%s/dir", folder);
	snprintf(path, sizeof(path), "%s/object", dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	wishes[0] = (struct share_wish){.way = WAY_FILE,
					.size = PAGE,
					.prot = place->prot ? place->prot : PROT_READ | PROT_WRITE,
					.mode = place->mode,
					.unlink = place->unlink};
	strcpy(wishes[0].path, path);
	address = start_as(&target, place->mapper, 0);
	if (!place->unlink)
		assert_int_equal(chown(path, place->uid, place->gid), 0);
	assert_int_equal(chown(dir, 0, place->dir_gid), 0);
	assert_int_equal(chmod(dir, place->dir_mode), 0);
	if (place->acl)
		set_acl(place->acl == 1 ? path : dir, place->acl == 1 ? 0 : 6, place->acl == 2);
	snapshot = seen_now(registry);
	region = seen_at(snapshot, target.pid, address);
	assert_non_null(region);
	if (place->by_path) {
		assert_int_equal(region->uid, place->uid);
		assert_int_equal(region->gid, place->gid);
		assert_int_equal(region->mode, place->mode & (region->writable ? 0666 : 0444));
	} else {
		assert_int_equal(region->uid, place->mapper);
		assert_int_equal(region->mode, region->writable ? 0600 : 0400);
	}
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		const struct user *user = &users[i];

		if (user->uid == place->mapper)
			continue; /* has it in its own memory */
		if (allowed(region, user, 4) && !opens(path, user, O_RDONLY))
			fail_msg("%s: user %u may read", place->what, user->uid);
		if (allowed(region, user, 2) && !opens(path, user, O_RDWR))
			fail_msg("%s: user %u may write", place->what, user->uid);
		if (place->by_path && !allowed(region, user, 4) && opens(path, user, O_RDONLY))
			fail_msg("%s: user %u may not read", place->what, user->uid);
	}
	snapshot_unref(snapshot);
	target_end(&target);
	registry_free(registry);
	unlink(path);
	rmdir(dir);
}

static void test_by_path(void **state)
{
	const struct place places[] = {
		{"plain", 0755, 0, 0644, ANN, CLUB, 0, ANN, false, true, 0},
		{"everybody", 0755, 0, 0666, ANN, CLUB, 0, ANN, false, true, 0},
		{"group", 0755, 0, 0640, ANN, CLUB, 0, CARL, false, true, 0},
		{"group writes", 0755, 0, 0660, ANN, CLUB, 0, 0, false, true, 0},
		{"not the group", 0755, 0, 0604, ANN, CLUB, 0, 0, false, true, 0},
		{"not the owner", 0755, 0, 0066, ANN, CLUB, 0, 0, false, true, 0},
		{"private", 0755, 0, 0600, ANN, ANN, 0, 0, false, true, 0},
		{"mapped read-only", 0755, 0, 0666, ANN, CLUB, 0, 0, false, true, PROT_READ},
		{"only passed", 0711, 0, 0644, ANN, CLUB, 0, 0, false, true, 0},
		{"closed directory", 0700, 0, 0666, ANN, CLUB, 0, CARL, false, false, 0},
		{"closed, read-only", 0700, 0, 0666, ANN, CLUB, 0, CARL, false, false, PROT_READ},
		{"closed directory, of root", 0700, 0, 0666, ANN, CLUB, 0, 0, false, false, 0},
		{"a group's directory", 0750, CLUB, 0666, ANN, CLUB, 0, 0, false, false, 0},
		{"not for a group", 0705, CLUB, 0666, ANN, CLUB, 0, 0, false, false, 0},
		{"acl", 0755, 0, 0644, ANN, CLUB, 1, 0, false, false, 0},
		{"acl of the directory", 0755, 0, 0644, ANN, CLUB, 2, 0, false, false, 0},
		{"unlinked", 0755, 0, 0666, ANN, CLUB, 0, CARL, true, false, 0},
	};

	(void)state;
	need_root();
	seen_begin();
	for (size_t i = 0; i < ARRAY_SIZE(places); i++)
		try_place(&places[i]);
	seen_end();
}

/* The rules change while the region is watched. */
static void test_changes(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target target;
	long address;

	(void)state;
	need_root();
	registry = seen_registry(false);
	seen_begin();
	wishes[0] =
		(struct share_wish){.way = WAY_FILE, .size = PAGE, .prot = PROT_READ, .mode = 0644};
	snprintf(wishes[0].path, sizeof(wishes[0].path), "%s/object", folder);
	address = start_as(&target, ANN, 0);
	for (int i = 0; i < 5; i++) {
		static const mode_t modes[] = {0444, 0400, 0440, 0400, 0444};
		static const uid_t uids[] = {0, 0, 0, ANN, CARL};
		const struct region *region;

		if (i == 1)
			set_acl(wishes[0].path, 0, false);
		if (i == 2) {
			assert_int_equal(removexattr(wishes[0].path, "system.posix_acl_access"), 0);
			assert_int_equal(chmod(wishes[0].path, 0640), 0);
		}
		if (i == 3)
			assert_int_equal(chmod(folder, 0700), 0);
		if (i == 4) {
			assert_int_equal(chmod(folder, 0755), 0);
			assert_int_equal(chmod(wishes[0].path, 0644), 0);
			assert_int_equal(chown(wishes[0].path, CARL, CARL), 0);
		}
		snapshot = seen_now(registry);
		region = seen_at(snapshot, target.pid, address);
		assert_int_equal(region->mode, modes[i]);
		assert_int_equal(region->uid, i == 1 ? ANN : uids[i]);
		snapshot_unref(snapshot);
	}
	target_end(&target);
	registry_free(registry);
	seen_end();
}

static long child_protect_from_user(long unused)
{
	(void)unused;
	return prctl(PR_SET_DUMPABLE, 0);
}

static long child_half_root(long unused)
{
	(void)unused;
	return setresuid(ANN, ANN, 0) < 0 ? -errno : prctl(PR_SET_DUMPABLE, 1);
}

static long child_other_group(long unused)
{
	(void)unused;
	if (setgroups(0, NULL) < 0 || setresgid(ANN, CLUB, ANN) < 0 || setresuid(ANN, ANN, ANN) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1);
}

static long child_keep_caps(long uid)
{
	if (prctl(PR_SET_KEEPCAPS, 1) < 0 || setresgid((gid_t)uid, (gid_t)uid, (gid_t)uid) < 0 ||
	    setresuid((uid_t)uid, (uid_t)uid, (uid_t)uid) < 0)
		return -errno;
	return prctl(PR_SET_DUMPABLE, 1);
}

/* What has no path belongs to the user whose every mapper agrees. */
static void test_by_mapper(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target ann, other;
	struct region *region;
	long address;

	(void)state;
	need_root();
	registry = seen_registry(false);
	seen_begin();
	for (int i = 0; i < 6; i++) {
		static const uid_t owners[] = {ANN, ANN, 0, 0, 0, 0};
		bool shared = i < 4;

		wishes[0] = (struct share_wish){
			.way = WAY_SYSV, .id = my_key(i), .size = PAGE, .mode = 0666};
		target_start(&ann);
		address = target_call(&ann, child_share, 0);
		if (shared)
			assert_int_equal(target_call(&ann, child_set_user, ANN), 0);
		else if (i == 4)
			assert_int_equal(target_call(&ann, child_keep_caps, ANN), 0);
		else
			assert_int_equal(target_call(&ann, child_half_root, 0), 0);
		if (i > 0 && shared) {
			target_start(&other);
			target_call(&other, child_share, 0);
		}
		if (i == 1)
			assert_int_equal(target_call(&other, child_set_user, ANN), 0);
		if (i == 2)
			assert_int_equal(target_call(&other, child_set_user, BOB), 0);
		if (i == 3) {
			assert_int_equal(target_call(&other, child_set_user, ANN), 0);
			assert_int_equal(target_call(&other, child_protect_from_user, 0), 0);
		}
		snapshot = seen_now(registry);
		region = seen_at(snapshot, ann.pid, address);
		assert_int_equal(region->n_mappers, i > 0 && shared ? 2 : 1);
		assert_int_equal(region->uid, owners[i]);
		assert_int_equal(region->mode, 0600);
		snapshot_unref(snapshot);
		shmctl((int)region->id.inode, IPC_RMID, NULL);
		target_end(&ann);
		if (i > 0 && shared)
			target_end(&other);
	}
	wishes[0] = (struct share_wish){.way = WAY_MEMFD, .size = PAGE, .prot = PROT_READ};
	target_start(&ann);
	address = target_call(&ann, child_share, 0);
	assert_int_equal(target_call(&ann, child_other_group, 0), 0);
	snapshot = seen_now(registry);
	assert_int_equal(seen_at(snapshot, ann.pid, address)->uid, 0);
	assert_int_equal(seen_at(snapshot, ann.pid, address)->mode, 0400);
	snapshot_unref(snapshot);
	target_end(&ann);
	registry_free(registry);
	seen_end();
}

static long child_user_namespace(long uid)
{
	long r = child_set_user(uid);
	char text[64];
	int fd;

	if (r < 0 || unshare(CLONE_NEWUSER) < 0)
		return r < 0 ? r : -errno;
	fd = open("/proc/self/setgroups", O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "deny", 4) != 4)
		return -errno;
	close(fd);
	for (int i = 0; i < 2; i++) {
		fd = open(i ? "/proc/self/gid_map" : "/proc/self/uid_map", O_WRONLY | O_CLOEXEC);
		snprintf(text, sizeof(text), "0 %ld 1", uid);
		if (fd < 0 || write(fd, text, strlen(text)) < 0)
			return -errno;
		close(fd);
	}
	return setresuid(0, 0, 0) < 0 ? -errno : prctl(PR_SET_DUMPABLE, 1);
}

/* Root of a container that a user made is that user, all capabilities notwithstanding. */
static void test_user_namespace(void **state)
{
	struct registry *registry;
	struct snapshot *snapshot;
	struct target target;
	long address, r;

	(void)state;
	need_root();
	registry = seen_registry(false);
	wishes[0] = (struct share_wish){.way = WAY_ANON, .size = PAGE, .prot = PROT_READ};
	target_start(&target);
	address = target_call(&target, child_share, 0);
	r = target_call(&target, child_user_namespace, ANN);
	if (r == 0) {
		snapshot = seen_now(registry);
		assert_int_equal(seen_at(snapshot, target.pid, address)->uid, ANN);
		assert_int_equal(snapshot_share(snapshot, target.pid)->process->uid, ANN);
		snapshot_unref(snapshot);
	}
	target_end(&target);
	registry_free(registry);
	if (r < 0)
		SKIP("no user namespaces: %s\n", strerror((int)-r));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_path),
		cmocka_unit_test(test_changes),
		cmocka_unit_test(test_by_mapper),
		cmocka_unit_test(test_user_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, folder_remove);
}
