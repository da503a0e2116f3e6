/* SPDX-License-Identifier: MIT */
#include "fs/log.h"

#include <fuse_log.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define LINES_A_SECOND 10

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

/* Ten lines a second. *dropped: how many went missing before this one. */
static bool may_say(unsigned *dropped)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static time_t second;
	static unsigned said;
	static unsigned missing;
	struct timespec now;
	bool may;

	clock_gettime(CLOCK_MONOTONIC, &now);
	pthread_mutex_lock(&lock);
	if (now.tv_sec != second) {
		second = now.tv_sec;
		said = 0;
	}
	may = said++ < LINES_A_SECOND;
	*dropped = missing;
	missing = may ? 0 : missing + 1;
	pthread_mutex_unlock(&lock);
	return may;
}

static void put_line(int level, const char *line)
{
	if (atomic_load_explicit(&background, memory_order_relaxed))
		syslog(level, "%s", line);
	else
		fprintf(stderr, "peekfs: %s\n", line);
}

void log_say(int level, const char *format, ...)
{
	char line[1024];
	unsigned dropped;
	va_list args;

	if (!may_say(&dropped))
		return;
	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	put_line(level, line);
	if (dropped) {
		snprintf(line, sizeof(line), "%u messages before this one are left out", dropped);
		put_line(level, line);
	}
}
