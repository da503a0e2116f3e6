/* SPDX-License-Identifier: MIT */
/* The hooks, found before liburing's: libfuse is a shared library, and the program comes first. */
#include <dlfcn.h>

#include "fs/outside.h"
#include "fs/uring_hooks.h"

int io_uring_submit_and_wait(struct io_uring *ring, unsigned wait)
{
	return uring_submit_and_wait(ring, wait);
}

void io_uring_queue_exit(struct io_uring *ring)
{
	void (*real)(struct io_uring * ring) =
		(void (*)(struct io_uring *))dlsym(RTLD_NEXT, "io_uring_queue_exit");

	outside_close();
	if (real)
		real(ring);
}
