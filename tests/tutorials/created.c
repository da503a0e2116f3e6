/* SPDX-License-Identifier: MIT */
/*
 * created KIND [NAME]: a student in a region made through libpeekfs, of the kind file, shm, memfd,
 * sysv, anon, zero or hugetlb. Each line is an order: see main().
 */
#include "tutorial.h"

#include <sys/stat.h>

#include "region/created.h"

static const char layout[] = "struct STU { int id; char name[20]; char sex; };";

static struct create_options options_of(const char *kind, const char *name)
{
	static const char *const names[] = {"file", "shm", "memfd", "sysv", "anon", "hugetlb"};
	static const enum region_kind kinds[] = {REGION_FILE, REGION_SHM,  REGION_MEMFD,
						 REGION_SYSV, REGION_ANON, REGION_HUGETLB};
	struct create_options o = {
		.kind = REGION_ANON,
		.name = name,
		.size = 10 * sizeof(struct STU),
		.prot = PROT_READ | PROT_WRITE,
		.mode = 0664,
		.layout = layout,
	};

	if (strcmp(kind, "zero") == 0)
		o.flags = CREATE_DEV_ZERO;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kind, names[i]) == 0)
			o.kind = kinds[i];
	if (o.kind == REGION_HUGETLB)
		o.layout = NULL; /* hugetlbfs keeps no attributes */
	return o;
}

static int obey(struct created *created, const char *line, struct diag *diag)
{
	struct STU *student = created_address(created);
	unsigned long number = strtoul(line + strcspn(line, " "), NULL, 0);

	if (strncmp(line, "resize", 6) == 0)
		return created_resize(created, number * sizeof(*student), diag);
	if (strcmp(line, "sync") == 0)
		return created_sync(created, 0, 0, MS_SYNC, diag);
	if (strcmp(line, "lock") == 0)
		return created_lock(created, 0, 0, diag);
	if (strcmp(line, "unlock") == 0)
		return created_unlock(created, 0, 0, diag);
	if (strcmp(line, "remove") == 0)
		return created_remove(created, diag);
	if (strncmp(line, "layout ", 7) == 0)
		return created_set_layout(created, line + 7, diag);
	if (strncmp(line, "count", 5) == 0) /* in that record */
		student[number].id++;
	return 0;
}

int main(int argc, char **argv)
{
	struct create_options o =
		options_of(argument(argc, argv, 1, "KIND [NAME]"), argc > 2 ? argv[2] : NULL);
	struct created *created;
	struct created_facts facts;
	struct diag diag = {0};
	char line[LINE];

	umask(0);
	if (create_new(&o, &created, &diag) || created_facts(created, &facts)) {
		tell("no: %s", diag.message);
		return 1;
	}
	fill(created_address(created));
	if (facts.shmid >= 0)
		tell("ready shmid=%d", facts.shmid);
	else
		tell("ready");
	while (next(line))
		if (obey(created, line, &diag))
			tell("no: %s", diag.message);
		else
			tell_student("", created_address(created));
	created_remove(created, NULL);
	created_free(created);
	return 0;
}
