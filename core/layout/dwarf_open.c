/* SPDX-License-Identifier: MIT */
/* Which files the debug information of a program is in, and opening them. */
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "layout/dwarf_inside.h"

#define PATH_BYTES 4096
#define SUM_MAX	   (2 * DWARF_SIZE_MAX) /* bytes of a file whose CRC is taken */

/* Which file is meant. */
struct identity {
	unsigned char id[DWARF_BUILD_ID_MAX];
	size_t n;
	bool has_crc;
	uint32_t crc;
};

/* The CRC that .gnu_debuglink has: that of IEEE 802.3, as gdb's manual says ("Separate Debug
 * Files"). */
static int crc_of(int fd, uint32_t *out)
{
	static const uint32_t polynomial = 0xedb88320;
	uint32_t table[256], crc = 0xffffffff;
	unsigned char bytes[65536];
	off_t at = 0;
	struct stat about;
	ssize_t n;

	if (fstat(fd, &about) < 0 || (uint64_t)about.st_size > SUM_MAX)
		return -EIO; /* its debug information would be too large as well */
	for (uint32_t i = 0; i < 256; i++) {
		table[i] = i;
		for (int bit = 0; bit < 8; bit++)
			table[i] = table[i] >> 1 ^ (table[i] & 1 ? polynomial : 0);
	}
	while ((n = pread(fd, bytes, sizeof(bytes), at)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			crc = crc >> 8 ^ table[(crc ^ bytes[i]) & 0xff];
		at += n;
	}
	*out = ~crc;
	return n < 0 ? -EIO : 0;
}

/* Is the file the one that is meant? */
static bool is_meant(const struct image *image, const struct identity *meant)
{
	unsigned char id[DWARF_BUILD_ID_MAX];
	size_t n = image_build_id(image, id);
	uint32_t crc;

	if (meant->n)
		return n == meant->n && !memcmp(id, meant->id, n);
	return meant->has_crc && crc_of(image->fd, &crc) == 0 && crc == meant->crc;
}

/* Opens one path: 0 when the file is the one that is meant and has debug information. */
static int try_path(const struct dwarf_files *files, const char *path, const struct identity *meant,
		    struct image *out)
{
	struct image image;
	int fd = files->open(files->context, path);
	int r;

	if (fd < 0)
		return fd;
	r = image_begin(&image, fd);
	if (r == 0 && (!image_has_debug(&image) || !is_meant(&image, meant)))
		r = -ENOENT;
	if (r < 0)
		image_close(&image);
	else
		*out = image;
	return r;
}

static bool id_path(const struct identity *meant, char *path)
{
	size_t at;

	if (meant->n < 2)
		return false;
	at = (size_t)snprintf(path, PATH_BYTES, "/usr/lib/debug/.build-id/%02x/", meant->id[0]);
	for (size_t i = 1; i < meant->n; i++)
		at += (size_t)snprintf(path + at, PATH_BYTES - at, "%02x", meant->id[i]);
	snprintf(path + at, PATH_BYTES - at, ".debug");
	return true;
}

/* Where gdb looks for the file that a debuglink names. */
static int try_link(const struct dwarf_files *files, const char *name, const struct identity *meant,
		    struct image *out, char *path)
{
	const char *slash = files->program ? strrchr(files->program, '/') : NULL;

	if (!slash || strchr(name, '/'))
		return -ENOENT;
	for (int i = 0; i < 3; i++) {
		int n = snprintf(path, PATH_BYTES, "%s%.*s/%s%s", i == 2 ? "/usr/lib/debug" : "",
				 (int)(slash - files->program), files->program,
				 i == 1 ? ".debug/" : "", name);

		if (n < PATH_BYTES && try_path(files, path, meant, out) == 0)
			return 0;
	}
	return -ENOENT;
}

/* The separate debug file of the program: 0, -ENOENT. */
static int find_apart(struct dwarf *dwarf, const struct dwarf_files *files)
{
	struct identity meant = {.n = image_build_id(&dwarf->program, meant.id)};
	CLEANUP(free_ptr) char *path = malloc(PATH_BYTES);
	const char *name;
	GElf_Word crc;

	if (!path)
		return -ENOMEM;
	if (!id_path(&meant, path) || try_path(files, path, &meant, &dwarf->apart) < 0) {
		name = dwelf_elf_gnu_debuglink(dwarf->program.elf, &crc);
		meant.has_crc = true;
		meant.crc = crc;
		if (!name || try_link(files, name, &meant, &dwarf->apart, path) < 0)
			return -ENOENT;
	}
	dwarf->found_at = TAKE(path);
	return 0;
}

/* The file where dwz put what several programs share; its name is relative to `beside`. */
static int find_shared(struct dwarf *dwarf, Dwarf *from, const struct dwarf_files *files,
		       const char *beside, struct diag *diag)
{
	struct identity meant = {.n = 0};
	CLEANUP(free_ptr) char *path = malloc(PATH_BYTES);
	const char *name, *slash;
	const void *id;
	ssize_t n = dwelf_dwarf_gnu_debugaltlink(from, &name, &id);
	int r = -ENOENT;

	if (!path)
		return -ENOMEM;
	if (n == 0)
		return 0;
	if (n < 0)
		return diag_set(diag, -EINVAL, 0, 0, "the section .gnu_debugaltlink is broken");
	meant.n = n > DWARF_BUILD_ID_MAX ? DWARF_BUILD_ID_MAX : (size_t)n;
	memcpy(meant.id, id, meant.n);
	slash = beside ? strrchr(beside, '/') : NULL;
	if (files && id_path(&meant, path))
		r = try_path(files, path, &meant, &dwarf->shared);
	if (files && r < 0 && *name == '/')
		r = try_path(files, name, &meant, &dwarf->shared);
	if (files && r < 0 && *name != '/' && slash &&
	    snprintf(path, PATH_BYTES, "%.*s/%s", (int)(slash - beside), beside, name) < PATH_BYTES)
		r = try_path(files, path, &meant, &dwarf->shared);
	if (r < 0)
		return diag_set(
			diag, -ENODATA, 0, 0,
			"the file that dwz made of its shared debug information is missing: "
			"%.150s",
			name);
	r = image_load(&dwarf->shared, diag);
	if (r < 0)
		return r;
	dwarf_setalt(from, dwarf->shared.dwarf);
	dwarf->parts[1] = &dwarf->shared;
	return 0;
}

static int load(struct dwarf *dwarf, const struct dwarf_files *files, struct diag *diag)
{
	struct image *image = &dwarf->program;
	const char *beside = files ? files->program : NULL;
	int r;

	if (!image_has_debug(image)) {
		r = files ? find_apart(dwarf, files) : -ENOENT;
		if (r < 0)
			return r == -ENOMEM
				       ? r
				       : diag_set(diag, -ENODATA, 0, 0,
						  "there is no debug information of it (compile it "
						  "with -g, or install its -dbgsym package)");
		image = &dwarf->apart;
		beside = dwarf->found_at;
	}
	r = image_load(image, diag);
	if (r < 0)
		return r;
	dwarf->parts[0] = image;
	return find_shared(dwarf, image->dwarf, files, beside, diag);
}

int dwarf_open(int fd, const struct dwarf_files *files, struct dwarf **out, struct diag *diag)
{
	struct dwarf *dwarf = calloc(1, sizeof(*dwarf));
	int own, r;

	if (!dwarf)
		return -ENOMEM;
	dwarf->program.fd = dwarf->apart.fd = dwarf->shared.fd = -1;
	dwarf_lend(dwarf, files);
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r = own < 0 ? -errno : image_begin(&dwarf->program, own);
	if (r == -EINVAL)
		diag_set(diag, r, 0, 0,
			 "it isn't an ELF file of this machine's byte order, or its headers are no "
			 "program's");
	if (r == 0)
		r = load(dwarf, files, diag);
	if (r < 0) {
		dwarf_close(dwarf);
		return r;
	}
	*out = dwarf;
	return 0;
}

void dwarf_close(struct dwarf *dwarf)
{
	if (!dwarf)
		return;
	image_close(&dwarf->program);
	image_close(&dwarf->apart);
	image_close(&dwarf->shared);
	for (size_t i = 0; i < dwarf->n_splits; i++)
		split_close(&dwarf->splits[i]);
	free(dwarf->splits);
	free(dwarf->missing);
	free(dwarf->found_at);
	free(dwarf);
}

void dwarf_lend(struct dwarf *dwarf, const struct dwarf_files *files)
{
	dwarf->files = files ? *files : (struct dwarf_files){0};
}

const char *dwarf_missing(const struct dwarf *dwarf)
{
	return dwarf->missing;
}

const char *dwarf_found_at(const struct dwarf *dwarf)
{
	return dwarf->found_at ? dwarf->found_at : "";
}
