/* SPDX-License-Identifier: MIT */
#include "fs/log.h"

#include <fuse_log.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

static atomic_bool background;

static void from_libfuse(enum fuse_log_level level, const char *format, va_list args)
{
	if (atomic_load_explicit(&background, memory_order_relaxed))
		vsyslog((int)level, format, args); /* its levels are syslog's */
	else
		vfprintf(stderr, format, args);
}

void log_start(void)
{
	fuse_set_log_func(from_libfuse);
}

void log_to_syslog(void)
{
	openlog("peekfs", LOG_PID, LOG_DAEMON);
	atomic_store(&background, true);
}

void log_say(int level, const char *format, ...)
{
	char line[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	if (atomic_load_explicit(&background, memory_order_relaxed))
		syslog(level, "%s", line);
	else
		fprintf(stderr, "peekfs: %s\n", line);
}
