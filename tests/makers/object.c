/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/bpf.h>
#include <linux/if_packet.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <net/ethernet.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "object.h"

struct kind {
	const char *name;
	int (*make)(const struct wish *wish, struct object *out);
	void *(*map)(struct object *object, int prot);
};

static int open_flags(const struct wish *wish)
{
	if (wish->existing)
		return O_CLOEXEC | (wish->readonly ? O_RDONLY : O_RDWR);
	return O_CLOEXEC | O_RDWR | O_CREAT | O_TRUNC;
}

/* The same object by a descriptor that can't write: mappings of it can't become writable. */
static int reopened_readonly(int fd)
{
	char path[64];
	int again;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY | O_CLOEXEC);
	close(fd);
	return again;
}

static int sized(int fd, const struct wish *wish, struct object *out)
{
	if (fd < 0)
		return -1;
	if (!wish->existing && ftruncate(fd, (off_t)wish->size) < 0)
		return -1;
	if (!wish->existing && wish->mode && fchmod(fd, wish->mode) < 0)
		return -1;
	out->fd = wish->readonly && !wish->existing ? reopened_readonly(fd) : fd;
	return out->fd < 0 ? -1 : 0;
}

static int make_file(const struct wish *wish, struct object *out)
{
	return sized(open(wish->name, open_flags(wish), 0600), wish, out);
}

static int make_shm(const struct wish *wish, struct object *out)
{
	return sized(shm_open(wish->name, open_flags(wish) & ~O_CLOEXEC, 0600), wish, out);
}

static int memfd(const struct wish *wish, struct object *out, unsigned flags)
{
	int fd = memfd_create(wish->name ? wish->name : "", flags | MFD_ALLOW_SEALING);

	if (sized(fd, wish, out) < 0)
		return -1;
	return wish->seals ? fcntl(fd, F_ADD_SEALS, wish->seals) : 0;
}

static int make_memfd(const struct wish *wish, struct object *out)
{
	return memfd(wish, out, MFD_CLOEXEC);
}

static int make_hugememfd(const struct wish *wish, struct object *out)
{
	return memfd(wish, out, MFD_CLOEXEC | MFD_HUGETLB);
}

static int make_sysv(const struct wish *wish, struct object *out)
{
	int mode = (int)(wish->mode ? wish->mode : 0600);

	out->shmid = shmget(wish->key, wish->size, mode | (wish->existing ? 0 : IPC_CREAT));
	return out->shmid < 0 ? -1 : 0;
}

static void *map_sysv(struct object *object, int prot)
{
	return shmat(object->shmid, NULL, prot & PROT_WRITE ? 0 : SHM_RDONLY);
}

static int mapped(void *memory, struct object *out)
{
	if (memory == MAP_FAILED)
		return -1;
	out->memory = memory;
	return 0;
}

static void *map_memory(struct object *object, int prot)
{
	if (mprotect(object->memory, object->size, prot) < 0)
		return MAP_FAILED;
	return object->memory;
}

static int make_anon(const struct wish *wish, struct object *out)
{
	return mapped(
		mmap(NULL, wish->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
		out);
}

static int make_hugetlb(const struct wish *wish, struct object *out)
{
	int flags = MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB;

	return mapped(mmap(NULL, wish->size, PROT_READ | PROT_WRITE, flags, -1, 0), out);
}

static int make_zero(const struct wish *wish, struct object *out)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);
	int r = mapped(mmap(NULL, wish->size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), out);

	close(fd);
	return r;
}

static int make_secret(const struct wish *wish, struct object *out)
{
	return sized((int)syscall(SYS_memfd_secret, O_CLOEXEC), wish, out);
}

static int make_perf(const struct wish *wish, struct object *out)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_SW_DUMMY,
		.disabled = 1,
	};

	(void)wish;
	out->size = 3 * (uint64_t)sysconf(_SC_PAGESIZE);
	out->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	return out->fd < 0 ? -1 : 0;
}

static int make_uring(const struct wish *wish, struct object *out)
{
	struct io_uring_params params = {0};

	(void)wish;
	out->size = (uint64_t)sysconf(_SC_PAGESIZE);
	out->fd = (int)syscall(SYS_io_uring_setup, 4, &params);
	return out->fd < 0 ? -1 : 0;
}

/* The completion ring of an AIO context is a mapping; the context's number is its address. */
static int make_aio(const struct wish *wish, struct object *out)
{
	aio_context_t context = 0;

	(void)wish;
	out->size = (uint64_t)sysconf(_SC_PAGESIZE);
	if (syscall(SYS_io_setup, 8, &context) < 0)
		return -1;
	out->memory = (void *)(uintptr_t)context;
	return 0;
}

static void *map_made(struct object *object, int prot)
{
	(void)prot;
	return object->memory;
}

static int make_bpf(const struct wish *wish, struct object *out)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4096,
		.max_entries = 1,
		.map_flags = BPF_F_MMAPABLE,
	};

	(void)wish;
	out->size = (uint64_t)sysconf(_SC_PAGESIZE);
	out->fd = (int)syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return out->fd < 0 ? -1 : 0;
}

static int make_packet(const struct wish *wish, struct object *out)
{
	struct tpacket_req ring = {
		.tp_block_size = 4096,
		.tp_block_nr = 2,
		.tp_frame_size = 2048,
		.tp_frame_nr = 4,
	};

	(void)wish;
	out->size = 8192;
	out->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (out->fd < 0)
		return -1;
	return setsockopt(out->fd, SOL_PACKET, PACKET_RX_RING, &ring, sizeof(ring));
}

static const struct kind kinds[] = {
	{"file", make_file, NULL},
	{"shm", make_shm, NULL},
	{"memfd", make_memfd, NULL},
	{"sysv", make_sysv, map_sysv},
	{"anon", make_anon, map_memory},
	{"zero", make_zero, map_memory},
	{"hugetlb", make_hugetlb, map_memory},
	{"hugememfd", make_hugememfd, NULL},
	{"secret", make_secret, NULL},
	{"perf", make_perf, NULL},
	{"uring", make_uring, NULL},
	{"aio", make_aio, map_made},
	{"bpf", make_bpf, NULL},
	{"packet", make_packet, NULL},
};

static const struct kind *kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

void object_list(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		puts(kinds[i].name);
}

int object_make(const char *name, const struct wish *wish, struct object *out)
{
	struct object made = {.kind = kind_find(name), .fd = -1, .shmid = -1, .size = wish->size};

	if (!made.kind) {
		errno = EINVAL;
		return -1;
	}
	if (made.kind->make(wish, &made) < 0) {
		if (errno == ENOSYS || errno == ENODEV || errno == EAFNOSUPPORT ||
		    (strncmp(name, "huge", 4) == 0 && errno == ENOMEM))
			errno = ENOTSUP;
		return -1;
	}
	*out = made;
	return 0;
}

void *object_map(struct object *object, uint64_t offset, size_t len, int prot, int flags)
{
	void *memory;

	if (object->kind->map)
		memory = object->kind->map(object, prot);
	else
		memory = mmap(NULL, len, prot, flags, object->fd, (off_t)offset);
	if (memory == MAP_FAILED && errno == ENOMEM && strncmp(object->kind->name, "huge", 4) == 0)
		errno = ENOTSUP;
	return memory == MAP_FAILED ? NULL : memory;
}
