/* SPDX-License-Identifier: MIT */
/*
 * An order that the thread sanitizer doesn't see, as it is the kernel's: what one thread sends, and
 * another then gets back. Without that sanitizer these are nothing.
 */
#ifndef PEEKFS_BASE_SANITIZER_H
#define PEEKFS_BASE_SANITIZER_H

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SANITIZER_THREAD
#endif
#elif defined(__SANITIZE_THREAD__)
#define SANITIZER_THREAD
#endif

#ifdef SANITIZER_THREAD
#include <sanitizer/tsan_interface.h>
#endif

/* What this thread did before comes before what another does after sanitizer_received() of the same
 * object. Any thread. */
static inline void sanitizer_sends(void *object)
{
#ifdef SANITIZER_THREAD
	__tsan_release(object);
#else
	(void)object;
#endif
}

static inline void sanitizer_received(void *object)
{
#ifdef SANITIZER_THREAD
	__tsan_acquire(object);
#else
	(void)object;
#endif
}

#endif
