/* SPDX-License-Identifier: MIT */
/*
 * Memory that is mapped from a file belongs to whoever may cut the file. Between any check and the
 * access the pages can go, and then the access raises SIGBUS. No check in advance can help; what
 * helps is to survive the fault.
 *
 * Each guarded access sets a recovery point, a thread-local jump buffer, says so in a thread-local
 * pointer, touches the memory, and takes the pointer away. The handler of SIGBUS jumps back to the
 * point if the thread that faulted has one, and the access returns -EFAULT. The fault is
 * synchronous: it comes in the thread that touched, in the instruction that touched, so nothing is
 * half done except the access, and no lock of anybody's is involved. Between setting the point and
 * taking it away nothing is called that could hold a lock of libc.
 *
 * A SIGBUS without a recovery point isn't ours: the handler that was there before us gets it, and
 * if there was none, the default action is put back and the instruction faults again, so that the
 * core file shows the true place.
 *
 * Setting the point doesn't ask for the signal mask (that would cost a system call per access);
 * the handler puts back the mask that it interrupted before it jumps. A thread that blocks SIGBUS
 * would be killed by the fault, so each thread unblocks it at its first access.
 */
#include "region/guard.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <ucontext.h>

static _Thread_local sigjmp_buf *volatile recovery;
static _Thread_local bool unblocked;
static pthread_once_t installed = PTHREAD_ONCE_INIT;
static struct sigaction before;

static void pass_on(int signal, siginfo_t *info, void *context)
{
	if (before.sa_flags & SA_SIGINFO) {
		before.sa_sigaction(signal, info, context);
	} else if (before.sa_handler == SIG_DFL || before.sa_handler == SIG_IGN) {
		struct sigaction fallback = {.sa_handler = SIG_DFL};

		sigaction(signal, &fallback, NULL);
		if (info->si_code <= 0) /* sent by a process: no instruction will fault again */
			raise(signal);
	} else {
		before.sa_handler(signal);
	}
}

static void on_sigbus(int signal, siginfo_t *info, void *context)
{
	sigjmp_buf *point = recovery;

	/* A SIGBUS that a process sent (si_code <= 0) says nothing about our access. */
	if (!point || info->si_code <= 0) {
		pass_on(signal, info, context);
		return;
	}
	recovery = NULL;
	pthread_sigmask(SIG_SETMASK, &((ucontext_t *)context)->uc_sigmask, NULL);
	siglongjmp(*point, 1);
}

void guard_install(void)
{
	struct sigaction action = {
		.sa_sigaction = on_sigbus,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};
	struct sigaction now;

	sigemptyset(&action.sa_mask);
	if (sigaction(SIGBUS, NULL, &now) < 0 || now.sa_sigaction == on_sigbus)
		return;
	before = now;
	sigaction(SIGBUS, &action, NULL);
}

static void prepare(void)
{
	sigset_t set;

	pthread_once(&installed, guard_install);
	sigemptyset(&set);
	sigaddset(&set, SIGBUS);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	unblocked = true;
}

/* Runs the statement with a recovery point: 0, or -EFAULT. */
#define GUARDED(statement)                                                                         \
	({                                                                                         \
		sigjmp_buf point_;                                                                 \
		int result_ = -EFAULT;                                                             \
                                                                                                   \
		if (!unblocked)                                                                    \
			prepare();                                                                 \
		if (sigsetjmp(point_, 0) == 0) {                                                   \
			recovery = &point_;                                                        \
			statement;                                                                 \
			recovery = NULL;                                                           \
			result_ = 0;                                                               \
		}                                                                                  \
		result_;                                                                           \
	})

static uint64_t load(const void *p, unsigned size)
{
	switch (size) {
	case 1:
		return __atomic_load_n((const uint8_t *)p, __ATOMIC_RELAXED);
	case 2:
		return __atomic_load_n((const uint16_t *)p, __ATOMIC_RELAXED);
	case 4:
		return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED);
	}
}

#define STORE(type, p, value, mask)                                                                \
	do {                                                                                       \
		type *at_ = (p);                                                                   \
		type mask_ = (type)(mask), bits_ = (type)(value)&mask_, old_;                      \
                                                                                                   \
		if (mask_ == (type) ~(type)0) {                                                    \
			__atomic_store_n(at_, bits_, __ATOMIC_RELAXED);                            \
			break;                                                                     \
		}                                                                                  \
		old_ = __atomic_load_n(at_, __ATOMIC_RELAXED);                                     \
		while (!__atomic_compare_exchange_n(at_, &old_, (type)((old_ & ~mask_) | bits_),   \
						    false, __ATOMIC_RELAXED, __ATOMIC_RELAXED))    \
			;                                                                          \
	} while (0)

static void store(void *p, unsigned size, uint64_t value, uint64_t mask)
{
	switch (size) {
	case 1:
		STORE(uint8_t, p, value, mask);
		break;
	case 2:
		STORE(uint16_t, p, value, mask);
		break;
	case 4:
		STORE(uint32_t, p, value, mask);
		break;
	default:
		STORE(uint64_t, p, value, mask);
	}
}

int guard_load(const void *p, unsigned size, uint64_t *value)
{
	volatile uint64_t got = 0;
	int r = GUARDED(got = load(p, size));

	if (r == 0)
		*value = got;
	return r;
}

int guard_store(void *p, unsigned size, uint64_t value, uint64_t mask)
{
	return GUARDED(store(p, size, value, mask));
}

int guard_copy(void *to, const void *from, size_t n)
{
	return GUARDED(memcpy(to, from, n));
}

static uint64_t load_word(const char *p)
{
	return __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_RELAXED);
}

/* Not inline, so that no variable of it is one of setjmp()'s. The words that hold the first and the
 * last byte are on pages that have to be there anyway. */
__attribute__((noinline)) static void copy_words(char *to, const char *from, size_t n)
{
	size_t into = (uintptr_t)from % sizeof(uint64_t);
	uint64_t word;

	if (into && n) {
		size_t now = sizeof(word) - into < n ? sizeof(word) - into : n;

		word = load_word(from - into);
		memcpy(to, (char *)&word + into, now);
		to += now;
		from += now;
		n -= now;
	}
	for (; n >= sizeof(word); n -= sizeof(word)) {
		word = load_word(from);
		memcpy(to, &word, sizeof(word));
		to += sizeof(word);
		from += sizeof(word);
	}
	if (n) {
		word = load_word(from);
		memcpy(to, &word, n);
	}
}

int guard_copy_words(void *to, const void *from, size_t n)
{
	return GUARDED(copy_words(to, from, n));
}
