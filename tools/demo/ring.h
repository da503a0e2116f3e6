/* SPDX-License-Identifier: MIT */
/*
 * A ring buffer of messages that programs share: ring-make makes it, ring-write writes into it, any
 * number of ring-read read.
 *
 * The declarations below are there twice: for the compiler, and as the text of ring_layout, which
 * ring-make gives the region to carry. Whoever looks at it, peekfs first of all, finds the very
 * declarations that the programs were built with.
 */
#ifndef PEEKFS_DEMO_RING_H
#define PEEKFS_DEMO_RING_H

#include <err.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "region/created.h"

/* C, and a string of it followed by more text. */
#define DECLARE(string, more, ...)                                                                 \
	__VA_ARGS__                                                                                \
	__attribute__((unused)) static const char string[] = #__VA_ARGS__ more

/*
 * written    how many messages were written, and the number of the next. The writer stores it after
 *            the message, so that a reader who sees the number sees the message.
 * interval   milliseconds between two messages: the writer keeps to what stands here;
 * threshold  readers print what is at least so bad. These two are there to be edited.
 * slots      message n stands in slot n % 16 until message n + 16 takes its place.
 */
/* clang-format off */
DECLARE(ring_layout, " struct ring ring @ 0;",
	enum level { DEBUG, INFO, WARNING, ERROR };
	struct message {
		uint64_t number;
		double at;
		enum level level;
		char text[44];
	};
	struct ring {
		uint64_t written;
		uint32_t interval;
		enum level threshold;
		struct message slots[16];
	};
);
/* clang-format on */

#define SLOTS ARRAY_SIZE(((struct ring *)0)->slots)

/* What ring-make made, or the end with the reason that there is none. */
static inline struct created *ring_open(const char *name, int prot)
{
	struct create_options options = {.kind = REGION_SHM, .name = name, .prot = prot};
	struct created *created;
	struct diag diag;

	if (create_open(&options, &created, &diag))
		errx(1, "%s", diag.message);
	if (created_room(created) < sizeof(struct ring))
		errx(1, "%s is too small for a ring", name);
	return created;
}

#endif
