/* SPDX-License-Identifier: MIT */
/*
 * Who may reply to a request that came by io_uring.
 *
 * The reply to one request is also the fetch of the next, and the kernel ties a fetch to the thread
 * that submits it: the next request is handed over when that thread is in user space or can be
 * woken, and when it ends, its fetches are cancelled and the queue is shorter for good. So no
 * thread of a lane may reply: it can be stuck, and it ends when it is idle. One thread that does
 * nothing else and lives as long as the mount replies for all lanes (outside.c); what is answered
 * at once is replied to by the queue's own thread.
 *
 * libfuse doesn't quite expect that, up to 3.18.3: a queue's thread publishes its submission queue
 * in io_uring_submit_and_wait() without the lock under which others fill it, so that a half filled
 * entry is submitted now and then, and a program waits for its answer forever; and it may reuse the
 * memory of a request whose reply isn't quite over. Neither can happen if a queue's thread neither
 * publishes nor takes completions while a reply from outside is under way. So the linker puts our
 * io_uring_submit_and_wait() in place of liburing's, and our io_uring_queue_exit() in front of
 * liburing's, which keeps replies from queues that are being taken down (uring_wrap.c where libfuse
 * is linked statically, else uring_interpose.c).
 */
#include "fs/uring.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fs/outside.h"
#include "fs/uring_hooks.h"

/* A request that waits in a lane keeps its entry, and when all wait, others wait for them. The
 * kernel takes the entry that was free last first: of many, those are ever touched that are needed
 * at once. */
#define QUEUE_DEPTH 128

#define PARAMETER "/sys/module/fuse/parameters/enable_uring"

static atomic_bool used; /* a request came by it */

/* As io_uring_submit() begins: shows the kernel what was filled. How many it hasn't taken yet. */
static unsigned publish(struct io_uring_sq *queue)
{
	queue->sqe_head = queue->sqe_tail;
	__atomic_store_n(queue->ktail, queue->sqe_tail, __ATOMIC_RELEASE);
	return queue->sqe_tail - __atomic_load_n(queue->khead, __ATOMIC_RELAXED);
}

int uring_submit_and_wait(struct io_uring *ring, unsigned wait)
{
	unsigned submit;
	long n;

	/* libfuse cancels the thread in the end, wherever it is; it also wakes it, which does. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
	outside_lock();
	submit = publish(&ring->sq);
	outside_unlock();
	/* If a reply from outside took ours along, the kernel finds fewer than it is told and
	 * doesn't wait; libfuse comes again. */
	n = syscall(SYS_io_uring_enter, ring->enter_ring_fd, submit, wait, IORING_ENTER_GETEVENTS,
		    NULL, _NSIG / 8);
	n = n < 0 ? -errno : n;
	outside_lock();
	outside_unlock();
	return (int)n;
}

void uring_options(struct buf *mount)
{
	buf_printf(mount, ",io_uring,io_uring_q_depth=%d", QUEUE_DEPTH);
}

bool uring_offered(const struct fuse_conn_info *conn)
{
	return conn->capable_ext & FUSE_CAP_OVER_IO_URING;
}

bool uring_is(fuse_req_t req)
{
	if (!fuse_req_is_uring(req))
		return false;
	if (!atomic_load_explicit(&used, memory_order_relaxed))
		atomic_store(&used, true);
	return true;
}

char *uring_payload(fuse_req_t req, size_t size)
{
	char *payload;
	size_t room;

	if (!uring_is(req) || fuse_req_get_payload(req, &payload, &room, NULL) || room < size)
		return NULL;
	return payload;
}

/* The first byte of a setting, '?' if there is none. */
static char setting(const char *path)
{
	CLEANUP(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC);
	char value;

	return fd >= 0 && read(fd, &value, 1) == 1 ? value : '?';
}

static const char *why_not(bool wanted, bool offered)
{
	char disabled = setting("/proc/sys/kernel/io_uring_disabled");

	if (!wanted)
		return "switched off by -s or no_io_uring";
	if (offered && (disabled == '1' || disabled == '2'))
		return "switched off for all of the machine; as root: "
		       "sysctl kernel.io_uring_disabled=0, and mount again";
	if (offered)
		return "its queues couldn't be made; see the log";
	switch (setting(PARAMETER)) {
	case 'N':
		return "switched off in the kernel; as root: echo Y > " PARAMETER
		       ", and mount again";
	case 'Y':
		return "switched on after this was mounted; mount again";
	default:
		return "this kernel can't; Linux 6.14 can";
	}
}

void uring_status(bool wanted, bool offered, struct buf *out)
{
	if (atomic_load(&used))
		buf_puts(out, "io_uring");
	else
		buf_printf(out, "dev-fuse (io_uring: %s)", why_not(wanted, offered));
}
