/* SPDX-License-Identifier: MIT */
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "layout/dwarf_headers.h"
#include "layout/dwarf_inside.h"

static pthread_once_t begun = PTHREAD_ONCE_INIT;

static void begin(void)
{
	elf_version(EV_CURRENT);
}

void image_close(struct image *image)
{
	if (image->dwarf)
		dwarf_end(image->dwarf);
	if (image->copied)
		elf_end(image->copied);
	dwarf_image_close(image->copy);
	if (image->elf)
		elf_end(image->elf);
	if (image->fd >= 0)
		close(image->fd);
	*image = (struct image){.fd = -1};
}

int image_begin(struct image *image, int fd)
{
	GElf_Ehdr header;
	int r;

	pthread_once(&begun, begin);
	*image = (struct image){.fd = fd};
	r = headers_modest(fd);
	if (r < 0)
		return r;
	image->elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!image->elf || elf_kind(image->elf) != ELF_K_ELF || !gelf_getehdr(image->elf, &header))
		return -EINVAL;
	if (header.e_ident[EI_DATA] !=
	    (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB))
		return -EINVAL;
	return 0;
}

static const char *section_name(Elf *elf, const GElf_Shdr *header)
{
	size_t strings;

	if (elf_getshdrstrndx(elf, &strings) < 0)
		return NULL;
	return elf_strptr(elf, strings, header->sh_name);
}

static Elf_Scn *find_section(Elf *elf, const char *wanted, GElf_Shdr *header)
{
	Elf_Scn *section = NULL;

	while ((section = elf_nextscn(elf, section))) {
		const char *name;

		if (!gelf_getshdr(section, header))
			continue;
		name = section_name(elf, header);
		if (name && !strcmp(name, wanted))
			return section;
	}
	return NULL;
}

bool image_has_debug(const struct image *image)
{
	static const char *const names[] = {".debug_info", ".zdebug_info", ".debug_types"};
	GElf_Shdr header;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (find_section(image->elf, names[i], &header) && header.sh_type != SHT_NOBITS)
			return true;
	return false;
}

int image_load(struct image *image, struct diag *diag)
{
	int r = dwarf_image_open(image->fd, &image->copy, diag);
	char *bytes;
	size_t n;

	if (r < 0)
		return r;
	bytes = dwarf_image_bytes(image->copy, &n);
	image->copied = elf_memory(bytes, n);
	image->dwarf = image->copied ? dwarf_begin_elf(image->copied, DWARF_C_READ, NULL) : NULL;
	if (image->dwarf)
		return 0;
	return diag_set(diag, -EINVAL, 0, 0, "the debug information can't be read: %s",
			image->copied ? dwarf_errmsg(dwarf_errno()) : elf_errmsg(elf_errno()));
}

size_t image_build_id(const struct image *image, unsigned char *id)
{
	const void *bytes;
	ssize_t n = dwelf_elf_gnu_build_id(image->elf, &bytes);

	if (n <= 0)
		return 0;
	if (n > DWARF_BUILD_ID_MAX)
		n = DWARF_BUILD_ID_MAX;
	memcpy(id, bytes, (size_t)n);
	return (size_t)n;
}

int dwarf_build_id(int fd, unsigned char *id)
{
	struct image image;
	int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	int r;

	if (own < 0)
		return -errno;
	r = image_begin(&image, own);
	if (r == 0)
		r = (int)image_build_id(&image, id);
	image_close(&image);
	return r;
}

int image_section(const struct image *image, const char *name, const unsigned char **bytes,
		  size_t *n)
{
	GElf_Shdr header;
	Elf_Scn *section = find_section(image->copied, name, &header);
	Elf_Data *data;

	if (!section || header.sh_type == SHT_NOBITS)
		return -ENOENT;
	data = elf_getdata(section, NULL);
	if (!data || !data->d_buf)
		return -ENOENT;
	*bytes = data->d_buf;
	*n = data->d_size;
	return 0;
}
