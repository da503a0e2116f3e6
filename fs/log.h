/* SPDX-License-Identifier: MIT */
/* Messages for people: on stderr, and in the system's log once the daemon is in the background. */
#ifndef PEEKFS_FS_LOG_H
#define PEEKFS_FS_LOG_H

#include <syslog.h>

/* libfuse's messages come here too from now on. */
void log_start(void);
/* From now on to syslog. */
void log_to_syslog(void);
/* level: syslog's. One line, without a newline. Of what programs cause at will only so many lines a
 * second get through, and how many didn't is said with the next one. Thread-safe. */
__attribute__((format(printf, 2, 3))) void log_say(int level, const char *format, ...);

#endif
