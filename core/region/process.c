/* SPDX-License-Identifier: MIT */
/*
 * A scan wants to know of each process: is it the one of last time, has it a new name, are its
 * users others. By pidfd that is four short system calls and one read; the long text of `stat`, and
 * that of `status` where shorter ways don't tell, is read once in a process's life, and again when
 * its users or its name change.
 */
#include "region/process.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/proc.h"
#include "base/uapi.h"

const struct process *process_ref(const struct process *process)
{
	__atomic_add_fetch(&process_object(process)->refs, 1, __ATOMIC_RELAXED);
	return process;
}

void process_unref(const struct process *process)
{
	if (process && __atomic_sub_fetch(&process_object(process)->refs, 1, __ATOMIC_ACQ_REL) == 0)
		free(process_object(process));
}

static int open_pidfd(pid_t pid)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? -errno : fd;
}

static int ask_pidfd(int pidfd, struct process_ids *ids)
{
	struct uapi_pidfd_info info = {.mask = UAPI_PIDFD_INFO_CREDS};

	if (ioctl(pidfd, UAPI_PIDFD_GET_INFO, &info) < 0)
		return -errno;
	if (!(info.mask & UAPI_PIDFD_INFO_CREDS))
		return -ESRCH;
	*ids = (struct process_ids){
		.uid = {info.ruid, info.euid, info.suid, info.fsuid},
		.gid = {info.rgid, info.egid, info.sgid, info.fsgid},
	};
	return 0;
}

void process_probe(int proc, struct process_way *out)
{
	struct process_way way = {.proc = proc};
	struct process_ids ids;
	struct statfs fs;

	if (proc_is_own(proc)) {
		CLEANUP(close_fd) int pidfd = open_pidfd(getpid());

		if (proc_namespace(proc, getpid(), "ns/pid", &way.pidns) < 0)
			way.pidns = 0;
		way.pidfd_info = pidfd >= 0 && ask_pidfd(pidfd, &ids) == 0;
		way.pidfd_key =
			pidfd >= 0 && fstatfs(pidfd, &fs) == 0 && fs.f_type == UAPI_PIDFS_MAGIC;
	}
	*out = way;
}

/* What can be had of a process without reading long texts. */
struct glance {
	uint64_t key;
	struct process_ids ids;
};

static int glance_at(const struct process_way *way, pid_t pid, int maps, struct glance *out)
{
	struct glance glance = {0};
	struct stat st;
	int r;

	if (way->pidfd_info || way->pidfd_key) {
		CLEANUP(close_fd) int pidfd = open_pidfd(pid);

		if (pidfd < 0)
			return pidfd;
		r = way->pidfd_info ? ask_pidfd(pidfd, &glance.ids) : 0;
		if (r < 0)
			return r;
		if (way->pidfd_key && fstat(pidfd, &st) == 0)
			glance.key = st.st_ino;
	}
	if (!way->pidfd_info) {
		struct proc_status status;

		r = proc_read_status(way->proc, pid, &status);
		if (r < 0)
			return r;
		memcpy(glance.ids.uid, status.uid, sizeof(status.uid));
		memcpy(glance.ids.gid, status.gid, sizeof(status.gid));
	}
	if (!glance.key) {
		struct proc_stat stat;

		r = proc_read_stat(way->proc, pid, &stat);
		if (r < 0)
			return r;
		glance.key = stat.start_time;
	}
	if (fstat(maps, &st) < 0)
		return -errno;
	glance.ids.owner = st.st_uid;
	*out = glance;
	return 0;
}

static int read_comm(const struct process_way *way, pid_t pid, char out[static 16])
{
	char comm[64];
	ssize_t n = proc_read(way->proc, pid, "comm", comm, sizeof(comm));

	if (n < 0)
		return (int)n;
	if (n && comm[n - 1] == '\n')
		n--;
	memset(out, 0, 16);
	memcpy(out, comm, n < 16 ? (size_t)n : 15);
	return 0;
}

/*
 * Whether the user may do anything in the process's user namespace, although its capabilities count
 * there: user_namespaces(7), whoever made a namespace has all capabilities in it and below it. The
 * namespace just below ours decides.
 */
static bool owns_namespace(const struct process_way *way, pid_t pid, uid_t uid)
{
	CLEANUP(close_fd) int fd = proc_open_file(way->proc, pid, "ns/user");
	struct stat own, st;
	uid_t owner;

	if (fd < 0 || stat("/proc/self/ns/user", &own) < 0 || fstat(fd, &st) < 0 ||
	    st.st_ino == own.st_ino)
		return false;
	for (;;) {
		CLEANUP(close_fd) int parent = ioctl(fd, NS_GET_PARENT);

		if (parent < 0 || fstat(parent, &st) < 0)
			return false;
		if (st.st_ino == own.st_ino)
			return ioctl(fd, NS_GET_OWNER_UID, &owner) == 0 && owner == uid;
		close(fd);
		fd = take_fd(&parent);
	}
}

/*
 * May the user look at its memory? The rules of ptrace(2) "Ptrace access mode checking": all three
 * uids and gids are the same, the process is dumpable (or else root owns its files), and it has no
 * capability that the user hasn't.
 */
static bool is_one_user(const struct process_way *way, pid_t pid, const struct process_ids *ids,
			uint64_t permitted)
{
	for (int i = 1; i < 3; i++)
		if (ids->uid[i] != ids->uid[0] || ids->gid[i] != ids->gid[0])
			return false;
	return ids->owner == ids->uid[0] &&
	       (permitted == 0 || ids->uid[0] == 0 || owns_namespace(way, pid, ids->uid[0]));
}

/* Its own number, and its capabilities: of a process in our own pid namespace both are had without
 * the text of `status`, at a quarter of the cost. */
static int read_standing(const struct process_way *way, pid_t pid, pid_t *nspid,
			 uint64_t *permitted)
{
	struct __user_cap_header_struct of = {_LINUX_CAPABILITY_VERSION_3, pid};
	struct __user_cap_data_struct caps[_LINUX_CAPABILITY_U32S_3];
	struct proc_status status;
	uint64_t pidns;
	int r;

	if (way->pidns && proc_namespace(way->proc, pid, "ns/pid", &pidns) == 0 &&
	    pidns == way->pidns && syscall(SYS_capget, &of, caps) == 0) {
		*nspid = pid;
		*permitted = (uint64_t)caps[1].permitted << 32 | caps[0].permitted;
		return 0;
	}
	r = proc_read_status(way->proc, pid, &status);
	if (r < 0)
		return r;
	*nspid = status.nspid;
	*permitted = status.permitted;
	return 0;
}

static int process_new(const struct process_way *way, pid_t pid, pid_t task,
		       const struct glance *glance, const struct process **out)
{
	struct process_object *object;
	struct proc_stat stat;
	uint64_t permitted;
	pid_t nspid;
	int r;

	r = proc_read_stat(way->proc, pid, &stat);
	if (r == 0)
		r = read_standing(way, pid, &nspid, &permitted);
	if (r < 0)
		return r;
	object = malloc(sizeof(*object));
	if (!object)
		return -ENOMEM;
	*object = (struct process_object){
		.refs = 1,
		.key = glance->key,
		.ids = glance->ids,
		.process =
			{
				.pid = pid,
				.nspid = nspid,
				.task = task,
				.start_time = stat.start_time,
				.uid = glance->ids.uid[0],
				.one_user = is_one_user(way, pid, &glance->ids, permitted),
			},
	};
	memcpy(object->process.comm, stat.comm, sizeof(stat.comm));
	*out = &object->process;
	return 0;
}

int process_see(const struct process_way *way, pid_t pid, pid_t task, int maps,
		const struct process *before, const struct process **out)
{
	struct glance glance;
	int r = glance_at(way, pid, maps, &glance);

	if (r < 0)
		return r;
	if (before && before->pid == pid && before->task == task) {
		const struct process_object *object = process_object(before);
		char comm[16];

		r = read_comm(way, pid, comm);
		if (r < 0)
			return r;
		if (object->key == glance.key &&
		    memcmp(&object->ids, &glance.ids, sizeof(glance.ids)) == 0 &&
		    memcmp(before->comm, comm, sizeof(comm)) == 0) {
			*out = process_ref(before);
			return 0;
		}
	}
	return process_new(way, pid, task, &glance, out);
}

bool process_user(const struct process_way *way, pid_t pid, pid_t task, uid_t *uid)
{
	CLEANUP(close_fd) int maps = proc_open_file(way->proc, task, "maps");
	struct glance glance;
	uint64_t permitted;
	pid_t nspid;

	if (maps < 0 || glance_at(way, pid, maps, &glance) < 0 ||
	    read_standing(way, pid, &nspid, &permitted) < 0 ||
	    !is_one_user(way, pid, &glance.ids, permitted))
		return false;
	*uid = glance.ids.uid[0];
	return true;
}
