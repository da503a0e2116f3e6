/* SPDX-License-Identifier: MIT */
#include "layout/dwarf_image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "layout/dwarf_package.h"
#include "layout/dwarf_section.h"

enum { STR = 3, STR_OFFSETS = 5 };

/* Those that are looked at here, and whether they are filled at once. */
static const struct {
	const char *name;
	bool at_once;
} wanted[] = {
	{".debug_info", false},	    {".debug_types", false},
	{".debug_abbrev", true},    [STR] = {".debug_str", true},
	{".debug_line_str", true},  [STR_OFFSETS] = {".debug_str_offsets", true},
	{".debug_addr", true},	    {".debug_loc", false},
	{".debug_loclists", false}, {".debug_ranges", false},
	{".debug_rnglists", false}, {".gnu_debugaltlink", true},
};

#define WANTED ARRAY_SIZE(wanted)

struct dwarf_image {
	int fd;
	const char *suffix; /* of the sections' names: "" or ".dwo" */
	int backing;	    /* the memfd that it is; -1: it is none */
	char *bytes;
	size_t size;
	struct dwarf_section sections[WANTED];
};

/* Is it that name with the suffix behind it? */
static bool is_name(const char *name, const char *wanted_name, const char *suffix)
{
	size_t n = strlen(wanted_name);

	return !strncmp(name, wanted_name, n) && !strcmp(name + n, suffix);
}

/* Which of the wanted it is; -1 none. *old: the name is .zdebug_..., packed GNU's older way. */
static int which(const struct reading *reading, const struct header *header, bool *old)
{
	const char *name = headers_name(reading, header);

	if (header->type == SHT_NOBITS || header->type == SHT_NULL)
		return -1;
	*old = !strncmp(name, ".zdebug_", 8);
	for (size_t i = 0; i < WANTED; i++)
		if (*old ? is_name(name + 2, wanted[i].name + 1, reading->suffix)
			 : is_name(name, wanted[i].name, reading->suffix))
			return (int)i;
	return -1;
}

static int take_section(struct dwarf_image *image, const struct reading *reading,
			const struct package *package, unsigned index)
{
	struct header header;
	bool old;
	int r = headers_read(reading, index, &header), at;

	if (r < 0)
		return r;
	at = which(reading, &header, &old);
	if (at < 0)
		return 0;
	if (!headers_is_inside(reading, &header))
		return diag_set(reading->diag, -EINVAL, 0, 0,
				"the section %s reaches beyond the file", wanted[at].name);
	r = package ? package_narrow(package, wanted[at].name, &header) : 0;
	if (r < 0)
		return r;
	return dwarf_section_take(&image->sections[at], reading, &header, old);
}

static uint64_t align(uint64_t offset)
{
	return (offset + 15) & ~(uint64_t)15;
}

/* Where the headers stand: the ELF header, one section header for each wanted one, an empty one and
 * that of the names, then the names. */
struct plan {
	uint64_t table, names, names_size, end;
};

static int lay_out(struct dwarf_image *image, struct plan *plan, struct diag *diag)
{
	uint64_t sum = 0;

	plan->table = align(sizeof(Elf64_Ehdr));
	plan->names = align(plan->table + (WANTED + 2) * sizeof(Elf64_Shdr));
	plan->names_size = 1 + sizeof(".shstrtab");
	for (size_t i = 0; i < WANTED; i++)
		plan->names_size += strlen(wanted[i].name) + strlen(image->suffix) + 1;
	plan->end = align(plan->names + plan->names_size);
	for (size_t i = 0; i < WANTED; i++) {
		struct dwarf_section *section = &image->sections[i];

		if (__builtin_add_overflow(sum, section->size, &sum) || sum > DWARF_SIZE_MAX)
			return diag_set(diag, -E2BIG, 0, 0,
					"it has more debug information than the %llu MiB that are "
					"read",
					DWARF_SIZE_MAX >> 20);
		section->offset = plan->end;
		plan->end = align(plan->end + section->size + 1);
	}
	plan->end += DWARF_IMAGE_SPARE;
	return 0;
}

static void put_header(const struct dwarf_image *image, const struct reading *reading,
		       const struct plan *plan, size_t index, const struct header *header)
{
	char *at = image->bytes + plan->table;

	if (reading->wide)
		((Elf64_Shdr *)(void *)at)[index] = (Elf64_Shdr){
			.sh_name = header->name,
			.sh_type = header->type,
			.sh_offset = header->offset,
			.sh_size = header->size,
			.sh_addralign = 1,
		};
	else
		((Elf32_Shdr *)(void *)at)[index] = (Elf32_Shdr){
			.sh_name = header->name,
			.sh_type = header->type,
			.sh_offset = (Elf32_Off)header->offset,
			.sh_size = (Elf32_Word)header->size,
			.sh_addralign = 1,
		};
}

static void put_elf_header(const struct dwarf_image *image, const struct reading *reading,
			   const struct plan *plan)
{
	if (reading->wide) {
		Elf64_Ehdr *header = (Elf64_Ehdr *)(void *)image->bytes;

		header->e_type = reading->type;
		header->e_machine = reading->machine;
		header->e_version = EV_CURRENT;
		header->e_ehsize = sizeof(*header);
		header->e_shoff = plan->table;
		header->e_shentsize = sizeof(Elf64_Shdr);
		header->e_shnum = WANTED + 2;
		header->e_shstrndx = WANTED + 1;
	} else {
		Elf32_Ehdr *header = (Elf32_Ehdr *)(void *)image->bytes;

		header->e_type = reading->type;
		header->e_machine = reading->machine;
		header->e_version = EV_CURRENT;
		header->e_ehsize = sizeof(*header);
		header->e_shoff = (Elf32_Off)plan->table;
		header->e_shentsize = sizeof(Elf32_Shdr);
		header->e_shnum = WANTED + 2;
		header->e_shstrndx = WANTED + 1;
	}
	memcpy(image->bytes, reading->ident, EI_NIDENT);
}

static void put_headers(const struct dwarf_image *image, const struct reading *reading,
			const struct plan *plan)
{
	char *names = image->bytes + plan->names;
	struct header header = {.type = SHT_PROGBITS};
	uint32_t at = 1;

	put_elf_header(image, reading, plan);
	for (size_t i = 0; i < WANTED; i++) {
		header.name = at;
		header.offset = image->sections[i].offset;
		header.size = image->sections[i].size;
		/* libdw takes an empty section for a broken one */
		header.type = header.size ? SHT_PROGBITS : SHT_NOBITS;
		at = (uint32_t)(stpcpy(stpcpy(names + at, wanted[i].name), image->suffix) - names) +
		     1;
		if (!header.size)
			header.name = 0;
		put_header(image, reading, plan, i + 1, &header);
	}
	header = (struct header){at, SHT_STRTAB, 0, plan->names, plan->names_size};
	memcpy(names + at, ".shstrtab", sizeof(".shstrtab"));
	put_header(image, reading, plan, WANTED + 1, &header);
}

static int fill(struct dwarf_image *image, size_t i, uint64_t upto)
{
	struct dwarf_section *section = &image->sections[i];

	return dwarf_section_fill(section, image->fd, image->bytes + section->offset, upto);
}

int dwarf_image_fill(struct dwarf_image *image, const char *name, uint64_t upto)
{
	for (size_t i = 0; i < WANTED; i++)
		if (!strcmp(wanted[i].name, name))
			return fill(image, i, upto);
	return 0;
}

int dwarf_image_fill_all(struct dwarf_image *image, const char *prefix)
{
	int result = 0;

	for (size_t i = 0; i < WANTED; i++) {
		int r = 0;

		if (!strncmp(wanted[i].name, prefix, strlen(prefix)))
			r = fill(image, i, UINT64_MAX);
		if (r < 0)
			result = r;
	}
	return result;
}

/* The memory for the image. */
static int allocate(struct dwarf_image *image, size_t size)
{
	int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

	if (*image->suffix) {
		image->backing = memfd_create("dwo", MFD_CLOEXEC);
		if (image->backing < 0 || ftruncate(image->backing, (off_t)size) < 0)
			return -errno;
		flags = MAP_SHARED;
	}
	image->bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, image->backing, 0);
	if (image->bytes == MAP_FAILED) {
		image->bytes = NULL;
		return -ENOMEM;
	}
	image->size = size;
	return 0;
}

static int take_sections(struct dwarf_image *image, const struct reading *reading,
			 const struct package *package)
{
	int r = 0;

	for (unsigned i = 1; r == 0 && i < reading->n; i++)
		r = take_section(image, reading, package, i);
	return r;
}

static int make(struct dwarf_image *image, struct reading *reading, struct packaged *packaged)
{
	struct package package;
	struct plan plan = {0};
	int r = headers_begin(reading);

	if (r == 0 && packaged)
		r = package_find(reading, packaged->id, &package);
	if (r == 0)
		r = take_sections(image, reading, packaged ? &package : NULL);
	if (r == 0 && packaged)
		r = package_strings(&package, image->fd, &image->sections[STR_OFFSETS],
				    &image->sections[STR], &packaged->moves);
	if (r == 0)
		r = lay_out(image, &plan, reading->diag);
	if (r == 0)
		r = allocate(image, plan.end);
	if (r < 0)
		return r;
	put_headers(image, reading, &plan);
	for (size_t i = 0; r == 0 && i < WANTED; i++)
		if (wanted[i].at_once || *image->suffix)
			r = fill(image, i, UINT64_MAX);
	return r;
}

static int open_image(int fd, const char *suffix, struct packaged *packaged,
		      struct dwarf_image **out, struct diag *diag)
{
	struct dwarf_image *image = calloc(1, sizeof(*image));
	struct reading reading = {.suffix = suffix, .diag = diag};
	struct stat about;
	int r;

	if (!image)
		return -ENOMEM;
	diag_set(diag, -EINVAL, 0, 0, "its debug information is broken");
	image->suffix = suffix;
	image->backing = -1;
	image->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r = image->fd < 0 || fstat(image->fd, &about) < 0 ? -EIO : 0;
	if (r == 0) {
		reading.fd = image->fd;
		reading.file_size = (uint64_t)about.st_size;
		r = make(image, &reading, packaged);
	}
	free(reading.names);
	if (r < 0)
		dwarf_image_close(image);
	else
		*out = image;
	return r;
}

int dwarf_image_open(int fd, struct dwarf_image **out, struct diag *diag)
{
	return open_image(fd, "", NULL, out, diag);
}

int dwarf_image_open_split(int fd, struct packaged *packaged, struct dwarf_image **out, int *copy,
			   struct diag *diag)
{
	int r = open_image(fd, ".dwo", packaged, out, diag);

	if (r < 0)
		return r;
	*copy = (*out)->backing;
	(*out)->backing = -1;
	close_fd(&(*out)->fd); /* all is read; a program may have thousands of them */
	(*out)->fd = -1;
	return 0;
}

void dwarf_image_close(struct dwarf_image *image)
{
	if (!image)
		return;
	for (size_t i = 0; i < WANTED; i++)
		dwarf_section_close(&image->sections[i]);
	if (image->bytes)
		munmap(image->bytes, image->size);
	close_fd(&image->fd);
	close_fd(&image->backing);
	free(image);
}

char *dwarf_image_bytes(const struct dwarf_image *image, size_t *n)
{
	*n = image->size;
	return image->bytes;
}
