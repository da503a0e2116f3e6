/* SPDX-License-Identifier: MIT */
/*
 * What -gsplit-dwarf leaves in .dwo files: a program then has a skeleton of each unit, with the
 * file's name and the unit's id (DWARF 5, 3.1.2 and 3.1.3; before, GNU's "DebugFission").
 *
 * Only libdw can join the two: addresses, ranges and lists of locations of one refer to tables of
 * the other, and it has no call to hand it the file. It opens the file itself, once, when it is
 * asked for the other half of a skeleton, by the name that stands in the program's strings. A name
 * that somebody wrote into a program is nothing that a daemon opens. But those strings are our
 * private copy. So the file is found and opened by whoever opens files, copied, as the program
 * was, and its id compared; and for the moment in which libdw asks, the name is "/proc/self/fd/N"
 * of that copy. Then what stood there is put back.
 */
#include <dwarf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "layout/dwarf_inside.h"

#define SPLITS_MAX 16384
#define PATH_BYTES 4096

void split_close(struct split *split)
{
	image_close(&split->image);
}

/* The id of a skeleton or of a split unit. */
static bool unit_id(Dwarf_CU *cu, uint8_t wanted, uint64_t *out)
{
	uint8_t type;

	/* no `subdie`, by which libdw would open the file */
	return dwarf_cu_info(cu, NULL, &type, NULL, NULL, out, NULL, NULL) == 0 && type == wanted;
}

/* Has the file the other half of that skeleton? */
static bool is_meant(const struct image *image, uint64_t id)
{
	Dwarf *dwarf = dwarf_begin_elf(image->copied, DWARF_C_READ, NULL);
	Dwarf_CU *cu = NULL;
	uint64_t other;
	bool found = false;

	while (dwarf && !found && dwarf_get_units(dwarf, cu, &cu, NULL, NULL, NULL, NULL) == 0)
		found = unit_id(cu, DW_UT_split_compile, &other) && other == id;
	if (dwarf)
		dwarf_end(dwarf);
	return found;
}

/* Copies the file at a path, or the unit that is in a package, if it is the one: 0, *image and
 * *copy, a descriptor of the copy. */
static int try_path(struct dwarf *dwarf, const char *path, bool packaged, uint64_t id,
		    struct image *out, int *copy)
{
	struct image image = {.fd = dwarf->files.open(dwarf->files.context, path)};
	size_t n;
	char *bytes;
	int own, r;

	if (image.fd < 0)
		return image.fd;
	dwarf->packaged.id = id;
	r = dwarf_image_open_split(image.fd, packaged ? &dwarf->packaged : NULL, &image.copy, &own,
				   NULL);
	close_fd(&image.fd);
	image.fd = -1;
	if (r < 0)
		return r;
	bytes = dwarf_image_bytes(image.copy, &n);
	image.copied = elf_memory(bytes, n);
	if (!image.copied || !is_meant(&image, id)) {
		close(own);
		image_close(&image);
		return -ENOENT;
	}
	*out = image;
	*copy = own;
	return 0;
}

static const char *string(Dwarf_Die *root, unsigned attribute, Dwarf_Attribute *value)
{
	return dwarf_formstring(dwarf_attr(root, attribute, value));
}

enum { PACKAGED = 3, PATHS = 5 };

/* The i-th path at which the file may be: where it was compiled; beside the program, as it is named
 * or without its folders; from PACKAGED on, that of a package of such files, beside the program or
 * its separate debug file. False: there is no such path. */
static bool path_of(const struct dwarf *dwarf, const char *folder, const char *name, unsigned i,
		    char *path)
{
	const char *program = dwarf->found_at ? dwarf->found_at : dwarf->files.program;
	const char *slash = program ? strrchr(program, '/') : NULL, *last = strrchr(name, '/');
	int n = PATH_BYTES;

	if (i == 0 && *name == '/')
		n = snprintf(path, PATH_BYTES, "%s", name);
	else if (i == 0 && folder && *folder == '/')
		n = snprintf(path, PATH_BYTES, "%s/%s", folder, name);
	else if (i == 1 && slash && *name != '/')
		n = snprintf(path, PATH_BYTES, "%.*s/%s", (int)(slash - program), program, name);
	else if (i == 2 && slash && last)
		n = snprintf(path, PATH_BYTES, "%.*s%s", (int)(slash - program), program, last);
	else if (i == PACKAGED && dwarf->files.program)
		n = snprintf(path, PATH_BYTES, "%s.dwp", dwarf->files.program);
	else if (i == PACKAGED + 1 && dwarf->found_at)
		n = snprintf(path, PATH_BYTES, "%s.dwp", dwarf->found_at);
	return n < PATH_BYTES;
}

static int find(struct dwarf *dwarf, Dwarf_Die *root, const char *name, uint64_t id,
		struct image *out, int *copy)
{
	Dwarf_Attribute value;
	const char *folder = string(root, DW_AT_comp_dir, &value);
	CLEANUP(free_ptr) char *path = malloc(PATH_BYTES);
	int r = -ENOENT;

	if (!path)
		return -ENOMEM;
	for (unsigned i = 0; i < PATHS && dwarf->files.open && r < 0 && r != -ENOMEM; i++)
		if (path_of(dwarf, folder, name, i, path))
			r = try_path(dwarf, path, i >= PACKAGED, id, out, copy);
	if (r < 0 && !dwarf->missing)
		dwarf->missing = strdup(path_of(dwarf, folder, name, 0, path) ? path : name);
	return r;
}

/* Whether the n bytes at a string of the copy can be written to for a moment: not those of entries,
 * where a string may stand as well. */
static bool is_ours(const struct image *image, const char *text, size_t n)
{
	const unsigned char *entries;
	size_t size, n_entries;
	const char *bytes = dwarf_image_bytes(image->copy, &size);

	if (text < bytes || text + n > bytes + size)
		return false;
	if (strlen(text) >= n)
		return true;
	return image_section(image, ".debug_info", &entries, &n_entries) < 0 ||
	       text < (const char *)entries || text >= (const char *)entries + n_entries;
}

/* Lets libdw open the copy. NULL: it doesn't. */
static Dwarf *join(struct dwarf *dwarf, Dwarf_CU *skeleton, char *name, int copy)
{
	char path[32], before[sizeof(path)];
	size_t n = (size_t)snprintf(path, sizeof(path), "/proc/self/fd/%d", copy) + 1;
	Dwarf_Die root;
	bool done;

	if (!is_ours(dwarf->parts[0], name, n))
		return NULL;
	memcpy(before, name, n);
	memcpy(name, path, n);
	done = dwarf_cu_info(skeleton, NULL, NULL, NULL, &root, NULL, NULL, NULL) == 0;
	memcpy(name, before, n);
	return done && root.addr ? dwarf_cu_getdwarf(root.cu) : NULL;
}

/* One skeleton that wasn't looked at before. */
static int look(struct dwarf *dwarf, struct split *split, Dwarf_Die *root)
{
	Dwarf_Attribute value;
	const char *name = string(root, DW_AT_dwo_name, &value);
	uint64_t id;
	int copy, r;

	if (!name)
		name = string(root, DW_AT_GNU_dwo_name, &value);
	if (!name || !unit_id(split->skeleton, DW_UT_skeleton, &id))
		return 0;
	r = find(dwarf, root, name, id, &split->image, &copy);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	/* the string is in the image, which is ours; libdw gives it as nobody's */
	split->dwarf = join(dwarf, split->skeleton, (char *)(uintptr_t)name, copy);
	close(copy);
	return 0;
}

int split_join(struct dwarf *dwarf, Dwarf_CU *skeleton, Dwarf_Die *root, unsigned *part)
{
	struct split *splits;
	size_t i = 0;
	int r;

	while (i < dwarf->n_splits && dwarf->splits[i].skeleton != skeleton)
		i++;
	if (i == SPLITS_MAX)
		return 0;
	if (i == dwarf->n_splits) {
		splits = reallocarray(dwarf->splits, i + 1, sizeof(*splits));
		if (!splits)
			return -ENOMEM;
		dwarf->splits = splits;
		splits[i] = (struct split){.skeleton = skeleton, .image = {.fd = -1}};
		dwarf->n_splits++;
		r = look(dwarf, &splits[i], root);
		if (r < 0)
			return r;
	}
	if (!dwarf->splits[i].dwarf)
		return 0;
	*part = (unsigned)i + SPLIT_PARTS;
	return 1;
}

/* The .dwo file that an entry is of; NULL: none. */
static const struct split *split_of(const struct dwarf *dwarf, const Dwarf_Die *die)
{
	Dwarf *of = dwarf->n_splits ? dwarf_cu_getdwarf(die->cu) : NULL;

	for (size_t i = 0; of && i < dwarf->n_splits; i++)
		if (dwarf->splits[i].dwarf == of)
			return &dwarf->splits[i];
	return NULL;
}

void split_skeleton(const struct dwarf *dwarf, Dwarf_Die *die)
{
	const struct split *split;
	Dwarf_Die root;

	if (!dwarf->n_splits || !dwarf_diecu(die, &root, NULL, NULL) || root.addr != die->addr)
		return;
	split = split_of(dwarf, die);
	if (split && dwarf_cu_info(split->skeleton, NULL, NULL, &root, NULL, NULL, NULL, NULL) == 0)
		*die = root;
}

bool split_has_lists(const struct dwarf *dwarf, const Dwarf_Die *die)
{
	const struct split *split = split_of(dwarf, die);
	const unsigned char *bytes;
	Dwarf_Half version;
	size_t n;

	return !split ||
	       (dwarf_cu_info(die->cu, &version, NULL, NULL, NULL, NULL, NULL, NULL) == 0 &&
		image_section(&split->image, version < 5 ? ".debug_loc.dwo" : ".debug_loclists.dwo",
			      &bytes, &n) == 0);
}
