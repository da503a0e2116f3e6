/* SPDX-License-Identifier: MIT */
/* When scans happen, from many threads and while processes come and go; and texts of a /proc that
 * no kernel would write. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "region/mapping.h"
#include "seen.h"

#define PAGE 4096

static unsigned scans;

static void count_scan(void *context, const struct snapshot *before, const struct snapshot *now)
{
	const struct snapshot **last = context;

	assert_ptr_equal(before, *last);
	assert_non_null(now);
	*last = now;
	scans++;
}

static void test_ages(void **state)
{
	struct registry *registry = seen_registry(false);
	const struct snapshot *last = NULL;
	struct snapshot *first, *same, *newer;

	(void)state;
	scans = 0;
	registry_listen(registry, count_scan, &last);
	assert_null(registry_peek(registry));
	first = seen_now(registry);
	assert_int_equal(scans, 1);
	assert_int_equal(registry_get(registry, UINT64_MAX, &same), 0);
	assert_ptr_equal(first, same);
	snapshot_unref(same);
	assert_int_equal(registry_get(registry, 3600 * 1000000000ull, &same), 0);
	assert_ptr_equal(first, same);
	snapshot_unref(same);
	same = registry_peek(registry);
	assert_ptr_equal(first, same);
	assert_int_equal(scans, 1);
	newer = seen_now(registry);
	assert_int_equal(scans, 2);
	assert_ptr_not_equal(first, newer);
	assert_true(newer->scanned_at >= first->scanned_at + first->scan_time);
	snapshot_unref(first);
	snapshot_unref(same);
	snapshot_unref(newer);
	registry_free(registry);
}

struct hammer {
	struct registry *registry;
	uint64_t max_age;
	int rounds;
	unsigned bad;
};

/* Looks at everything there is in a snapshot; how much of it contradicts the rest. */
static unsigned check_snapshot(const struct snapshot *snapshot)
{
	unsigned bad = 0;
	size_t mappers = 0;

	for (size_t i = 0; i < snapshot->n_regions; i++) {
		struct region *region = snapshot->regions[i];

		mappers += region->n_mappers;
		bad += i && strcmp(snapshot->regions[i - 1]->name, region->name) >= 0;
		bad += i &&
		       region_id_compare(&snapshot->by_id[i - 1]->id, &snapshot->by_id[i]->id) >= 0;
		bad += snapshot_by_name(snapshot, region->name) != region;
		bad += snapshot_by_id(snapshot, &region->id) != region;
		bad += region->leftover != (region->n_mappers == 0);
		for (size_t j = 0; j < region->n_mappers; j++) {
			const struct process *process = region->mappers[j].process;
			const struct share *share = snapshot_share(snapshot, process->pid);
			size_t k = 0;

			while (share && k < share->n_regions && share->regions[k] != region)
				k++;
			bad += !share || k == share->n_regions || share->process != process;
		}
	}
	bad += mappers != snapshot->n_mappers;
	return bad;
}

static void *hammer(void *arg)
{
	struct hammer *job = arg;

	for (int i = 0; i < job->rounds; i++) {
		struct snapshot *snapshot;
		struct timespec begun;
		uint64_t now;

		clock_gettime(CLOCK_MONOTONIC, &begun);
		now = (uint64_t)begun.tv_sec * 1000000000u + (uint64_t)begun.tv_nsec;
		if (registry_get(job->registry, job->max_age, &snapshot) < 0) {
			job->bad++;
			continue;
		}
		job->bad += snapshot->scanned_at + job->max_age < now;
		job->bad += check_snapshot(snapshot);
		snapshot_unref(snapshot);
		snapshot = registry_peek(job->registry);
		job->bad += !snapshot;
		snapshot_unref(snapshot);
	}
	return NULL;
}

/* Threads ask, while processes that share memory are born and die. */
static void test_hammer(void **state)
{
	struct registry *registry = seen_registry(false);
	const struct snapshot *last = NULL;
	struct hammer jobs[4];
	pthread_t threads[4];
	struct target stays;
	struct snapshot *snapshot;
	pid_t churn;
	long at;

	(void)state;
	scans = 0;
	registry_listen(registry, count_scan, &last);
	wishes[0] = (struct share_wish){.way = WAY_MEMFD, .size = PAGE, .prot = PROT_READ};
	wishes[1] = (struct share_wish){.way = WAY_ANON, .size = PAGE, .prot = PROT_READ};
	target_start(&stays);
	at = target_call(&stays, child_share, 0);
	churn = fork();
	if (churn == 0) { /* before there are threads, so that a child may do anything */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (unsigned i = 0;; i++) {
			pid_t child = fork();

			if (child == 0) {
				child_share(i & 1);
				_exit(0);
			}
			waitpid(child, NULL, 0);
		}
	}
	for (int i = 0; i < 4; i++) {
		jobs[i] = (struct hammer){registry, i & 1 ? 20000000 : 0, 60, 0};
		assert_int_equal(pthread_create(&threads[i], NULL, hammer, &jobs[i]), 0);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(jobs[i].bad, 0);
	}
	kill(churn, SIGKILL);
	waitpid(churn, NULL, 0);
	snapshot = seen_now(registry);
	assert_non_null(seen_at(snapshot, stays.pid, at));
	snapshot_unref(snapshot);
	assert_true(scans > 60 && scans <= 241);
	target_end(&stays);
	registry_free(registry);
}

/* A /proc of the test's own making. */
static void put(const char *file, const char *text)
{
	char path[200];
	FILE *out;

	snprintf(path, sizeof(path), "%s/%s", folder, file);
	out = fopen(path, "we");
	assert_non_null(out);
	assert_true(fputs(text, out) >= 0);
	fclose(out);
}

static void put_process(int pid, const char *maps)
{
	char dir[200], file[64], text[400];

	snprintf(dir, sizeof(dir), "%s/%d", folder, pid);
	assert_int_equal(mkdir(dir, 0755), 0);
	snprintf(file, sizeof(file), "%d/maps", pid);
	put(file, maps);
	snprintf(file, sizeof(file), "%d/stat", pid);
	snprintf(text, sizeof(text),
		 "%d (a) b) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 %d 20\n", pid,
		 pid * 100);
	put(file, text);
	snprintf(file, sizeof(file), "%d/status", pid);
	snprintf(text, sizeof(text),
		 "Name:\ta) b\nUmask:\t0022\nUid:\t7\t7\t7\t7\nGid:\t7\t7\t7\t7\nNSpid:\t%d\t3\n"
		 "CapPrm:\t0000000000000000\n",
		 pid);
	put(file, text);
	snprintf(file, sizeof(file), "%d/comm", pid);
	put(file, "a) b\n");
}

/* maps, with what no kernel writes; bad: not one line of it is a mapping. */
static const char good_maps[] =
	"00400000-00401000 r-xp 00000000 fe:00 12 /bin/x\n"
	"7f0000000000-7f0000002000 rw-s 00003000 fe:fe 4321                   /a b\\012c\n"
	"7f0000004000-7f0000005000 ---s 00000000 fff:fffff 18446744073709551615 \n"
	"7f0000006000-7f0000007000 r--s 00000000 00:5f 9\n"
	"7f0000008000-7f0000009000 rw-s 00000000 00:5f 10 anon_inode:[x (deleted)\n"
	"7f000000a000-7f000000b000 rw-s 00000000 00:5f 11 /no newline";
static const char *const bad_maps[] = {
	"",
	"\n\n\n",
	"garbage\n",
	"7f00-7e00 rw-s 0 0:1 5 /backwards\n",
	"7f00-7f00 rw-s 0 0:1 5 /empty\n",
	"zzzz-7f00 rw-s 0 0:1 5 /x\n",
	"10000000000000000-20000000000000000 rw-s 0 0:1 5 /too far\n",
	"1000-2000 rw-s 0 100000000:1 5 /x\n",
	"1000-2000 rw-s 0 0:1 -5 /x\n",
	"1000-2000 rw-s 0 0:1 99999999999999999999 /x\n",
	"1000-2000 rw-s\n",
	"1000-2000 rwxsx 0 0:1 5 /x\n",
	"1000-2000",
	"1000-2000 r",
};

static void test_texts(void **state)
{
	struct registry_options options = {.proc = folder, .shm = "/nonexistent"};
	struct registry *registry;
	struct snapshot *snapshot;
	const struct share *share;
	struct region *region;

	(void)state;
	seen_begin();
	put_process(4, good_maps);
	for (size_t i = 0; i < ARRAY_SIZE(bad_maps); i++)
		put_process((int)i + 100, bad_maps[i]);
	put("not a process", "");
	assert_int_equal(registry_new(&options, &registry), 0);
	snapshot = seen_now(registry);
	assert_string_equal(snapshot->method, "maps");
	assert_int_equal(snapshot->n_shares, 1);
	assert_int_equal(check_snapshot(snapshot), 0);
	share = snapshot_share(snapshot, 4);
	assert_int_equal(share->n_regions, 4);
	assert_int_equal(share->process->nspid, 3);
	assert_int_equal(share->process->uid, 7);
	assert_int_equal(share->process->start_time, 400);
	assert_string_equal(share->process->comm, "a) b");
	region = seen_at(snapshot, 4, 0x7f0000000000);
	assert_non_null(region);
	assert_int_equal(region->id.major, 0xfe);
	assert_int_equal(region->id.minor, 0xfe);
	assert_int_equal(region->id.inode, 4321);
	assert_int_equal(region->size, 0x5000);
	assert_int_equal(region->mappers[0].offset, 0x3000);
	assert_false(region->approachable); /* nobody knows the device */
	assert_string_equal(region->path, "/a b\\012c");
	assert_string_equal(region->name, "a b\\x5c012c");
	region = seen_at(snapshot, 4, 0x7f0000004000);
	assert_int_equal(region->id.inode, UINT64_MAX);
	assert_int_equal(region->mappers[0].prot, PROT_NONE);
	assert_string_equal(region->path, "");
	assert_string_equal(region->name, "other-18446744073709551615");
	region = seen_at(snapshot, 4, 0x7f0000006000);
	assert_string_equal(region->name, "other-9");
	snapshot_unref(snapshot);
	registry_free(registry);
	seen_end();
	assert_int_equal(registry_new(&options, &registry), -ENOENT);
}

/* Mutations of a good text: whatever comes of them, it is a mapping. */
static void test_mutations(void **state)
{
	static const char good[] =
		"7f0000000000-7f0000002000 rw-s 00003000 fe:fe 4321                   /a\n"
		"7f0000006000-7f0000007000 r--s 00000000 00:5f 9\n"
		"7f0000008000-7f0000009000 ---s 00000000 00:01 10 /dev/zero (deleted)\n";
	int fd = memfd_create("maps", MFD_CLOEXEC);
	uint32_t seed = 12345;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct mappings mappings = {0};
		char text[sizeof(good)];
		size_t n = sizeof(good) - 1;
		int r;

		memcpy(text, good, sizeof(good));
		for (int j = 0; j <= i % 4; j++) {
			seed = seed * 1664525 + 1013904223;
			text[(seed >> 8) % n] = i & 4 ? (char)seed : good[(seed >> 16) % n];
			if (i & 8)
				n -= seed % 7;
		}
		assert_int_equal(ftruncate(fd, 0), 0);
		assert_int_equal(pwrite(fd, text, n, 0), n);
		assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
		r = mappings_parse(fd, &mappings);
		assert_int_equal(r, 0);
		for (size_t j = 0; j < mappings.n; j++) {
			const struct mapping *mapping = &mappings.all[j];

			assert_true(mapping->end > mapping->start);
			assert_true(mapping->path + mapping->path_len < mappings.text.len);
			assert_int_equal(mappings.text.data[mapping->path + mapping->path_len], 0);
		}
		mappings_destroy(&mappings);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ages),
		cmocka_unit_test(test_hammer),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_mutations),
	};

	return cmocka_run_group_tests(tests, NULL, folder_remove);
}
