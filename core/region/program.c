/* SPDX-License-Identifier: MIT */
/*
 * Where a file lies in a process follows from one of its mappings and its program headers: the
 * mapping tells which byte of the file stands at which address, the PT_LOAD that holds this byte
 * tells the address that the linker gave it (System V ABI, "Program Header"). The difference, the
 * bias, is one for the whole file.
 */
#include "region/program.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/proc.h"
#include "region/mounts.h"

#define HEADERS_MAX 128 /* program headers that are read of a file */

#define DATA_MAX                                                                                   \
	(64ull << 30) /* bytes: headers can lie, and their pages are asked for one by one */

#define READING (O_RDONLY | O_NOCTTY | O_NONBLOCK)

/* A line of maps that is of interest. */
struct code {
	uint64_t start;
	uint64_t end;
	uint64_t offset;
	unsigned major;
	unsigned minor;
	uint64_t inode;
	const char *path;
};

struct opening {
	int proc;
	pid_t task;
	struct mounts *mounts;
	struct programs programs;
};

static void free_mounts(struct mounts **mounts)
{
	mounts_free(*mounts);
}

static void close_program(struct program *program)
{
	if (program->fd >= 0)
		close(program->fd);
	free(program->path);
}

void programs_close(struct programs *programs)
{
	for (size_t i = 0; i < programs->n; i++)
		close_program(&programs->all[i]);
	free(programs->all);
	*programs = (struct programs){0};
}

/* All of maps, terminated. */
static int read_maps(int proc, pid_t task, struct buf *text)
{
	CLEANUP(close_fd) int fd = proc_open_file(proc, task, "maps");
	ssize_t n;

	if (fd < 0)
		return fd == -EPERM ? -EACCES : fd;
	do {
		char *room = buf_reserve(text, 32768);

		if (!room)
			return -ENOMEM;
		n = read(fd, room, 32768);
		if (n > 0)
			text->len += (size_t)n;
	} while (n > 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return errno == EPERM ? -EACCES : -errno;
	if (text->len == 0)
		return -ESRCH;
	return buf_cstr(text) ? 0 : -ENOMEM;
}

/* A private executable mapping of a file: proc(5), "maps". The line is terminated. */
static bool parse_code(char *line, struct code *out)
{
	char prot[5];
	int path = 0;

	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %x:%x %" SCNu64 " %n",
		   &out->start, &out->end, prot, &out->offset, &out->major, &out->minor,
		   &out->inode, &path) != 7 ||
	    path == 0)
		return false;
	out->path = line + path;
	return prot[2] == 'x' && prot[3] == 'p' && out->inode && *out->path == '/';
}

static int open_quietly(int proc, const char *path)
{
	int fd = openat(proc, path, READING | O_CLOEXEC | O_NOATIME);

	if (fd < 0 && errno == EPERM)
		fd = openat(proc, path, READING | O_CLOEXEC);
	return fd;
}

/* stat() before open(): opening a device can do anything. */
static int open_regular(int proc, const char *path, struct stat *st)
{
	if (fstatat(proc, path, st, 0) < 0 || !S_ISREG(st->st_mode))
		return -1;
	return open_quietly(proc, path);
}

static bool is_mapped(const struct code *code, const struct stat *st)
{
	return st->st_ino == code->inode && major(st->st_dev) == code->major &&
	       minor(st->st_dev) == code->minor;
}

/* The file behind a mapping, or -1. */
static int open_code(const struct opening *opening, const struct code *code, struct stat *st)
{
	char path[PATH_MAX + PROC_PATH_MAX];
	enum mount_class mount =
		mounts_of_device(opening->mounts, makedev(code->major, code->minor), opening->task);
	int fd;

	if (!mount_is_safe(mount))
		return -1;
	snprintf(path, sizeof(path), "%d/map_files/%" PRIx64 "-%" PRIx64, opening->task,
		 code->start, code->end);
	fd = open_regular(opening->proc, path, st);
	if (fd >= 0)
		return fd;
	snprintf(path, sizeof(path), "%d/exe", opening->task);
	fd = open_regular(opening->proc, path, st);
	if (fd >= 0 && is_mapped(code, st))
		return fd;
	close_fd(&fd);
	snprintf(path, sizeof(path), "%d/root%s", opening->task, code->path);
	fd = open_regular(opening->proc, path, st);
	if (fd >= 0 && is_mapped(code, st))
		return fd;
	close_fd(&fd);
	return -1;
}

/* openat2(2): links are followed as the process would. */
static int open_below(int root, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

	return fd < 0 ? -errno : (int)fd;
}

int program_open_path(int proc, pid_t task, const char *path)
{
	CLEANUP(close_fd) int root = -1;
	CLEANUP(close_fd) int found = -1;
	char name[PROC_PATH_MAX];
	struct stat st;
	int fd;

	snprintf(name, sizeof(name), "%d/root", task);
	root = openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	found = open_below(root, path, O_PATH);
	if (found < 0)
		return found;
	if (fstat(found, &st) < 0 || !S_ISREG(st.st_mode))
		return -ENOENT;
	fd = open_below(root, path, READING | O_NOATIME);
	return fd == -EPERM ? open_below(root, path, READING) : fd;
}

static bool is_ours(const Elf64_Ehdr *header)
{
	const uint16_t one = 1;
	unsigned char order = *(const unsigned char *)&one ? ELFDATA2LSB : ELFDATA2MSB;

	return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 &&
	       header->e_ident[EI_CLASS] == ELFCLASS64 && header->e_ident[EI_DATA] == order &&
	       header->e_phentsize == sizeof(Elf64_Phdr);
}

static void widen(struct span *span, uint64_t start, uint64_t end)
{
	if (start < span->start)
		span->start = start;
	if (end > span->end)
		span->end = end;
}

/* Fills bias, loaded and data from the program headers of program->fd. */
static bool find_place(struct program *program, const struct code *code)
{
	Elf64_Phdr segments[HEADERS_MAX];
	struct span loaded = {UINT64_MAX, 0}, data = {UINT64_MAX, 0};
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	Elf64_Ehdr header;
	bool found = false;
	size_t bytes;

	if (pread(program->fd, &header, sizeof(header), 0) != sizeof(header) || !is_ours(&header) ||
	    header.e_phnum > HEADERS_MAX)
		return false;
	bytes = header.e_phnum * sizeof(*segments);
	if (pread(program->fd, segments, bytes, (off_t)header.e_phoff) != (ssize_t)bytes)
		return false;
	for (unsigned i = 0; i < header.e_phnum; i++) {
		const Elf64_Phdr *segment = &segments[i];
		uint64_t first = segment->p_offset & ~(page - 1), end;

		if (segment->p_type != PT_LOAD ||
		    __builtin_add_overflow(segment->p_vaddr, segment->p_memsz, &end))
			continue;
		widen(&loaded, segment->p_vaddr, end);
		if (segment->p_flags & PF_W) /* lld makes two, of which one becomes read-only */
			widen(&data, segment->p_vaddr, end);
		if (!found && (segment->p_flags & PF_X) && code->offset >= first &&
		    code->offset < segment->p_offset + segment->p_filesz) {
			program->bias =
				code->start - (segment->p_vaddr - segment->p_offset + code->offset);
			found = true;
		}
	}
	program->loaded = (struct span){loaded.start + program->bias, loaded.end + program->bias};
	if (data.end > data.start && data.end - data.start <= DATA_MAX)
		program->data = (struct span){data.start + program->bias, data.end + program->bias};
	return found;
}

static bool is_exe(const struct opening *opening, const struct program *program)
{
	char path[PROC_PATH_MAX];
	struct stat st;

	snprintf(path, sizeof(path), "%d/exe", opening->task);
	return fstatat(opening->proc, path, &st, 0) == 0 && st.st_ino == program->inode &&
	       st.st_dev == program->device;
}

/* 0, also when there is nothing to add; -ENOMEM. */
static int add_program(struct opening *opening, const struct code *code)
{
	struct programs *programs = &opening->programs;
	struct program program = {.fd = -1}, *all;
	struct stat st;

	if (programs->n == PROGRAMS_MAX || programs_at(programs, code->start))
		return 0;
	program.fd = open_code(opening, code, &st);
	if (program.fd < 0)
		return 0;
	program.device = st.st_dev;
	program.inode = st.st_ino;
	program.is_public = st.st_mode & S_IROTH;
	all = find_place(&program, code)
		      ? reallocarray(programs->all, programs->n + 1, sizeof(*all))
		      : NULL;
	program.path =
		all ? strndup(code->path, proc_path_length(code->path, strlen(code->path))) : NULL;
	if (all)
		programs->all = all;
	if (!program.path) {
		close_program(&program);
		return 0;
	}
	program.is_main = is_exe(opening, &program);
	programs->all[programs->n++] = program;
	return 0;
}

int programs_open(int proc, pid_t task, struct programs *out)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;
	CLEANUP(free_mounts) struct mounts *mounts = NULL;
	struct opening opening = {.proc = proc, .task = task};
	char *line, *rest;
	int r = mounts_new(proc, &mounts);

	if (r == 0)
		r = read_maps(proc, task, &text);
	if (r == 0)
		r = mounts_refresh(mounts);
	if (r < 0)
		return r;
	opening.mounts = mounts;
	for (rest = text.data; (line = strsep(&rest, "\n"));) {
		struct code code;

		if (!parse_code(line, &code))
			continue;
		add_program(&opening, &code);
	}
	*out = opening.programs;
	return 0;
}

const struct program *programs_at(const struct programs *programs, uint64_t address)
{
	for (size_t i = 0; i < programs->n; i++)
		if (address >= programs->all[i].loaded.start &&
		    address < programs->all[i].loaded.end)
			return &programs->all[i];
	return NULL;
}
