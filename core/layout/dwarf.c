/* SPDX-License-Identifier: MIT */
#include "layout/dwarf.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwelf.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "layout/dwarf_image.h"

#define PATH_BYTES 4096

/* An ELF file and, where it has any, its debug information. */
struct image {
	int fd;
	Elf *elf;		  /* the file */
	struct dwarf_image *copy; /* of its debug sections */
	Elf *copied;
	Dwarf *dwarf;
};

struct dwarf {
	struct image program;
	struct image apart;	/* the separate debug file, where there is one */
	struct image shared;	/* dwz's */
	struct image *parts[2]; /* those with debug information: itself, what it shares; or NULL */
	char *found_at;
};

/* Which file is meant. */
struct identity {
	unsigned char id[DWARF_BUILD_ID_MAX];
	size_t n;
	bool has_crc;
	uint32_t crc;
};

_Static_assert(sizeof(Dwarf_Die) <= sizeof(((struct dwarf_entry *)0)->inside),
	       "an entry holds libdw's");
_Static_assert(sizeof(Dwarf_Op) == sizeof(struct dwarf_operation) &&
		       offsetof(Dwarf_Op, number) == offsetof(struct dwarf_operation, a) &&
		       offsetof(Dwarf_Op, number2) == offsetof(struct dwarf_operation, b) &&
		       offsetof(Dwarf_Op, offset) == offsetof(struct dwarf_operation, offset),
	       "operations are libdw's");

static pthread_once_t begun = PTHREAD_ONCE_INIT;

static void begin(void)
{
	elf_version(EV_CURRENT);
}

static void image_close(struct image *image)
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

/* Takes over fd, whatever comes of it. */
static int image_begin(struct image *image, int fd)
{
	GElf_Ehdr header;

	pthread_once(&begun, begin);
	*image = (struct image){.fd = fd};
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

/* Has it debug information of its own? Not what objcopy --only-keep-debug left of sections. */
static bool has_debug(Elf *elf)
{
	static const char *const names[] = {".debug_info", ".zdebug_info", ".debug_types"};
	GElf_Shdr header;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (find_section(elf, names[i], &header) && header.sh_type != SHT_NOBITS)
			return true;
	return false;
}

static int image_load(struct image *image, struct diag *diag)
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

static size_t build_id(Elf *elf, unsigned char *id)
{
	const void *bytes;
	ssize_t n = dwelf_elf_gnu_build_id(elf, &bytes);

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
		r = (int)build_id(image.elf, id);
	image_close(&image);
	return r;
}

/* The CRC that .gnu_debuglink has: that of IEEE 802.3, as gdb's manual says ("Separate Debug
 * Files"). */
static int crc_of(int fd, uint32_t *out)
{
	static const uint32_t polynomial = 0xedb88320;
	uint32_t table[256], crc = 0xffffffff;
	unsigned char bytes[65536];
	off_t at = 0;
	ssize_t n;

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
	size_t n = build_id(image->elf, id);
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
	if (r == 0 && (!has_debug(image.elf) || !is_meant(&image, meant)))
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
	Elf *elf = dwarf->program.elf;
	struct identity meant = {.n = build_id(elf, meant.id)};
	CLEANUP(free_ptr) char *path = malloc(PATH_BYTES);
	const char *name;
	GElf_Word crc;

	if (!path)
		return -ENOMEM;
	if (!id_path(&meant, path) || try_path(files, path, &meant, &dwarf->apart) < 0) {
		name = dwelf_elf_gnu_debuglink(elf, &crc);
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

	if (!has_debug(image->elf)) {
		r = files ? find_apart(dwarf, files) : -ENOENT;
		if (r < 0)
			return r == -ENOMEM ? r
					    : diag_set(diag, -ENODATA, 0, 0,
						       "there is no debug information of it");
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
	own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	r = own < 0 ? -errno : image_begin(&dwarf->program, own);
	if (r == -EINVAL)
		diag_set(diag, r, 0, 0, "it isn't an ELF file of this machine's byte order");
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
	free(dwarf->found_at);
	free(dwarf);
}

const char *dwarf_found_at(const struct dwarf *dwarf)
{
	return dwarf->found_at ? dwarf->found_at : "";
}

static const char *units_of(bool in_types)
{
	return in_types ? ".debug_types" : ".debug_info";
}

int dwarf_section(const struct dwarf *dwarf, unsigned part, const char *name,
		  const unsigned char **bytes, size_t *n)
{
	GElf_Shdr header;
	Elf_Scn *section;
	Elf_Data *data;

	if (part > 1 || !dwarf->parts[part])
		return -ENOENT;
	if (strcmp(name, units_of(false)) != 0 && strcmp(name, units_of(true)) != 0 &&
	    dwarf_image_fill(dwarf->parts[part]->copy, name, SIZE_MAX) < 0)
		return -ENOENT;
	section = find_section(dwarf->parts[part]->copied, name, &header);
	if (!section || header.sh_type == SHT_NOBITS)
		return -ENOENT;
	data = elf_getdata(section, NULL);
	if (!data || !data->d_buf)
		return -ENOENT;
	*bytes = data->d_buf;
	*n = data->d_size;
	return 0;
}

int dwarf_segment(const struct dwarf *dwarf, unsigned i, struct dwarf_segment *out)
{
	GElf_Phdr header;
	size_t n;

	if (elf_getphdrnum(dwarf->program.elf, &n) < 0)
		return -ENOENT;
	for (size_t at = 0; at < n && at < INT32_MAX; at++) {
		if (!gelf_getphdr(dwarf->program.elf, (int)at, &header) ||
		    header.p_type != PT_LOAD || i-- > 0)
			continue;
		*out = (struct dwarf_segment){header.p_offset, header.p_vaddr, header.p_memsz};
		return 0;
	}
	return -ENOENT;
}

static Dwarf_Die *die_of(const struct dwarf_entry *entry)
{
	return (Dwarf_Die *)(uintptr_t)entry->inside;
}

static void put(struct dwarf_entry *entry, const Dwarf_Die *die, struct dwarf *dwarf)
{
	memcpy(entry->inside, die, sizeof(*die));
	entry->of = dwarf;
}

/* Makes all sections readable whose name begins so, for what may be anywhere in them. */
static int fill_all(const struct dwarf_entry *entry, const char *prefix)
{
	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(entry->of->parts) && entry->of->parts[i]; i++) {
		int r = dwarf_image_fill_all(entry->of->parts[i]->copy, prefix);

		if (r < 0)
			result = -EINVAL;
	}
	return result;
}

static enum dwarf_unit_kind kind_of(uint8_t type)
{
	switch (type) {
	case DW_UT_partial:
		return DWARF_UNIT_PARTIAL;
	case DW_UT_type:
		return DWARF_UNIT_TYPE;
	case DW_UT_skeleton:
		return DWARF_UNIT_SPLIT;
	default:
		return DWARF_UNIT_COMPILE;
	}
}

/* Makes the unit that begins at offset readable, the one that libdw will look at next. */
static int fill_unit(struct dwarf *dwarf, unsigned part, bool in_types, uint64_t offset)
{
	struct dwarf_image *copy = dwarf->parts[part]->copy;
	const char *section = units_of(in_types);
	const unsigned char *bytes;
	uint64_t length = 0;
	uint32_t word;
	size_t n;

	if (dwarf_section(dwarf, part, section, &bytes, &n) < 0 || offset >= n)
		return in_types ? 0 : fill_unit(dwarf, part, true, 0);
	if (n - offset < 12)
		return 0;
	if (dwarf_image_fill(copy, section, offset + 12) < 0)
		return -EINVAL;
	memcpy(&word, bytes + offset, sizeof(word)); /* DWARF 5, 7.4 */
	length = word;
	if (word == 0xffffffff)
		memcpy(&length, bytes + offset + 4, sizeof(length));
	if (length > n - offset)
		length = n - offset;
	return dwarf_image_fill(copy, section, offset + 12 + length) < 0 ? -EINVAL : 0;
}

int dwarf_unit_next(struct dwarf *dwarf, struct dwarf_unit *unit)
{
	Dwarf_CU *cu = unit->next;
	unsigned part = unit->part;
	uint8_t type, address_size;
	uint64_t signature;
	Dwarf_Off offset, end;
	Dwarf_Half version;
	Dwarf_Die root;
	bool in_types;
	int r;

	for (;;) {
		if (part > 1 || !dwarf->parts[part])
			return 0;
		if (fill_unit(dwarf, part, cu && unit->in_types, cu ? unit->end : 0) < 0)
			return -EINVAL;
		/* no `subdie`: asking for it makes libdw open what the file names */
		r = dwarf_get_units(dwarf->parts[part]->dwarf, cu, &cu, &version, &type, &root,
				    NULL);
		if (r < 0)
			return -EINVAL;
		if (r == 0)
			break;
		part++;
		cu = NULL;
	}
	in_types = version < 5 && type == DW_UT_type;
	/* dwarf_cuoffset() is the root's in its unit: the size of the unit's header. */
	offset = dwarf_dieoffset(&root) - dwarf_cuoffset(&root);
	if (dwarf_tag(&root) == DW_TAG_invalid ||
	    dwarf_next_unit(dwarf->parts[part]->dwarf, offset, &end, NULL, NULL, NULL,
			    &address_size, NULL, in_types ? &signature : NULL, NULL) != 0)
		return -EINVAL;
	*unit = (struct dwarf_unit){
		.kind = kind_of(type),
		.version = version,
		.address_size = address_size,
		.part = part,
		.offset = offset,
		.end = end,
		.in_types = in_types,
		.next = cu,
	};
	put(&unit->root, &root, dwarf);
	return 1;
}

int dwarf_unit_root(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die root;

	if (!dwarf_diecu(die_of(entry), &root, NULL, NULL))
		return -EINVAL;
	put(out, &root, entry->of);
	return 0;
}

int dwarf_entry_guess(const struct dwarf_unit *unit, uint64_t offset, struct dwarf_entry *out)
{
	const struct dwarf *dwarf = unit->root.of;
	Dwarf *main = dwarf->parts[unit->part]->dwarf;
	Dwarf_Die die;

	if (offset < unit->offset || offset >= unit->end ||
	    !(unit->in_types ? dwarf_offdie_types(main, offset, &die)
			     : dwarf_offdie(main, offset, &die)))
		return -EINVAL;
	put(out, &die, unit->root.of);
	return 0;
}

unsigned dwarf_entry_tag(const struct dwarf_entry *entry)
{
	int tag = dwarf_tag(die_of(entry));

	return tag == DW_TAG_invalid ? 0 : (unsigned)tag;
}

const void *dwarf_entry_key(const struct dwarf_entry *entry)
{
	return die_of(entry)->addr;
}

uint64_t dwarf_entry_offset(const struct dwarf_entry *entry)
{
	return dwarf_dieoffset(die_of(entry));
}

/* What libdw's walkers return: 0 there it is, 1 there is none. */
static int step(int r, const struct dwarf_entry *from, const Dwarf_Die *die,
		struct dwarf_entry *out)
{
	if (r != 0)
		return r < 0 ? -EINVAL : 0;
	put(out, die, from->of);
	return 1;
}

int dwarf_entry_child(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;

	return step(dwarf_child(die_of(entry), &die), entry, &die, out);
}

int dwarf_entry_sibling(const struct dwarf_entry *entry, struct dwarf_entry *out)
{
	Dwarf_Die die;
	int r = dwarf_siblingof(die_of(entry), &die);

	/* DW_AT_sibling may say anything; led back, a walk would never end. */
	if (r == 0 && (const char *)die.addr <= (const char *)die_of(entry)->addr)
		return -EINVAL;
	return step(r, entry, &die, out);
}

bool dwarf_entry_has(const struct dwarf_entry *entry, unsigned attribute)
{
	return dwarf_hasattr(die_of(entry), attribute);
}

const char *dwarf_entry_name(const struct dwarf_entry *entry)
{
	Dwarf_Attribute value;

	return dwarf_formstring(dwarf_attr(die_of(entry), DW_AT_name, &value));
}

int dwarf_entry_number(const struct dwarf_entry *entry, unsigned attribute, uint64_t *out)
{
	Dwarf_Attribute value;
	Dwarf_Word number;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (dwarf_formudata(&value, &number) < 0)
		return -EINVAL;
	*out = number;
	return 0;
}

int dwarf_entry_signed(const struct dwarf_entry *entry, unsigned attribute, int64_t *out)
{
	Dwarf_Attribute value;
	Dwarf_Sword number;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (dwarf_formsdata(&value, &number) < 0)
		return -EINVAL;
	*out = number;
	return 0;
}

bool dwarf_entry_flag(const struct dwarf_entry *entry, unsigned attribute)
{
	Dwarf_Attribute value;
	bool flag;

	return dwarf_attr(die_of(entry), attribute, &value) && dwarf_formflag(&value, &flag) == 0 &&
	       flag;
}

/* Does the reference lead out of its unit? DWARF 5, 7.5.5, and dwz's. */
static bool leaves_unit(Dwarf_Attribute *value)
{
	switch (dwarf_whatform(value)) {
	case DW_FORM_ref_addr:
	case DW_FORM_ref_sig8:
	case DW_FORM_ref_sup4:
	case DW_FORM_ref_sup8:
	case DW_FORM_GNU_ref_alt:
		return true;
	default:
		return false;
	}
}

int dwarf_entry_reference(const struct dwarf_entry *entry, unsigned attribute,
			  struct dwarf_entry *out)
{
	Dwarf_Attribute value;
	Dwarf_Die die;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (leaves_unit(&value) && fill_all(entry, ".debug_") < 0)
		return -EINVAL;
	if (!dwarf_formref_die(&value, &die))
		return -EINVAL;
	put(out, &die, entry->of);
	return 0;
}

int dwarf_entry_address(const struct dwarf_entry *entry, unsigned attribute, uint64_t *out)
{
	Dwarf_Attribute value;
	Dwarf_Addr address;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (dwarf_formaddr(&value, &address) < 0)
		return -EINVAL;
	*out = address;
	return 0;
}

bool dwarf_entry_covers(const struct dwarf_entry *entry, uint64_t pc)
{
	if (dwarf_hasattr(die_of(entry), DW_AT_ranges) && fill_all(entry, ".debug_r") < 0)
		return false;
	return dwarf_haspc(die_of(entry), pc) > 0;
}

/* Addresses that stand in a table (DW_OP_addrx) as if they stood here. libdw keeps the expression
 * and gives it again, so that is done once. */
static int resolve(Dwarf_Attribute *value, Dwarf_Op *expression, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		Dwarf_Attribute entry;
		Dwarf_Addr address;

		if (expression[i].atom != DW_OP_addrx && expression[i].atom != DW_OP_GNU_addr_index)
			continue;
		if (dwarf_getlocation_attr(value, &expression[i], &entry) != 0 ||
		    dwarf_formaddr(&entry, &address) != 0)
			return -EINVAL;
		expression[i].atom = DW_OP_addr;
		expression[i].number = address;
	}
	return 0;
}

/* Is it one expression, and no list of them? */
static bool is_expression(Dwarf_Attribute *value)
{
	Dwarf_Block block;

	return dwarf_formblock(value, &block) == 0;
}

int dwarf_entry_location(const struct dwarf_entry *entry, unsigned attribute, uint64_t pc,
			 const struct dwarf_operation **out, size_t *n)
{
	Dwarf_Attribute value;
	Dwarf_Op *expression = NULL;
	size_t length = 0;
	int r;

	if (!dwarf_attr(die_of(entry), attribute, &value))
		return -ENOENT;
	if (!is_expression(&value) && fill_all(entry, ".debug_loc") < 0)
		return -EINVAL;
	r = dwarf_getlocation_addr(&value, pc, &expression, &length, 1);
	if (r < 0 || resolve(&value, expression, r ? length : 0) < 0)
		return -EINVAL;
	*out = (const struct dwarf_operation *)(const void *)expression;
	*n = r ? length : 0;
	return 0;
}
