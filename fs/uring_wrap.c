/* SPDX-License-Identifier: MIT */
/* The hooks, put in by ld --wrap: libfuse and liburing are linked statically. */
#include "fs/outside.h"
#include "fs/uring_hooks.h"

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned wait);
void __wrap_io_uring_queue_exit(struct io_uring *ring);
void __real_io_uring_queue_exit(struct io_uring *ring);

int __wrap_io_uring_submit_and_wait(struct io_uring *ring, unsigned wait)
{
	return uring_submit_and_wait(ring, wait);
}

void __wrap_io_uring_queue_exit(struct io_uring *ring)
{
	outside_close();
	__real_io_uring_queue_exit(ring);
}
