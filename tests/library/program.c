/* SPDX-License-Identifier: MIT */
/* Somebody else's program: makes a region, finds it among all of the machine's, reads it typed. */
#include <peekfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char text[] = "struct STU { int id; char name[20]; char sex; };";

static int fail(const char *what, int err, const struct diag *diag)
{
	printf("%s: %s\n", what, err && diag ? diag->message : strerror(-err));
	return 1;
}

/* The first record's members, one a line, as peekfs would show them. */
static int show(const struct place *root, const unsigned char *bytes)
{
	struct place array = type_child(root, 0), record = type_child(&array, 0);
	struct buf out = {0};

	for (uint64_t i = 0; i < type_children(record.type); i++) {
		struct place place = type_child(&record, i);

		buf_printf(&out, "%s ", record.type->members[i].name);
		value_format(place.type, bytes + place.offset, &out);
		buf_printf(&out, "\n");
	}
	printf("%.*s", (int)out.len, out.data);
	buf_destroy(&out);
	return 0;
}

int main(void)
{
	const struct create_options options = {.kind = REGION_MEMFD,
					       .name = "library",
					       .size = 28,
					       .prot = PROT_READ | PROT_WRITE,
					       .layout = text};
	struct registry_options all = {.self = 0};
	struct region_id id;
	struct created *created;
	struct registry *registry;
	struct snapshot *snapshot;
	struct layout *layout;
	struct bound *bound;
	struct place root;
	struct diag diag;
	int err;

	err = layout_parse(text, strlen(text), &layout, &diag);
	if (err)
		return fail("layout_parse", err, &diag);
	err = create_new(&options, &created, &diag);
	if (err)
		return fail("create_new", err, &diag);
	memcpy(created_address(created), "\7\0\0\0xiaoming", 12);
	err = layout_bind(layout, created_room(created), &bound, &diag);
	if (err)
		return fail("layout_bind", err, &diag);
	err = registry_new(&all, &registry);
	if (err)
		return fail("registry_new", err, NULL);
	err = registry_get(registry, 0, &snapshot);
	if (err || created_id(created, &id) || !snapshot_by_id(snapshot, &id))
		return fail("not found in the snapshot", err, NULL);
	root = bound_root(bound);
	err = show(&root, created_address(created));
	bound_unref(bound);
	layout_unref(layout);
	snapshot_unref(snapshot);
	registry_free(registry);
	created_free(created);
	return err;
}
