/* SPDX-License-Identifier: MIT */
/* What a person is told: one line on standard error. */
#ifndef PEEKFS_PEEKCTL_MESSAGE_H
#define PEEKFS_PEEKCTL_MESSAGE_H

/* Which verb speaks; "" before there is one. */
void message_from(const char *verb);

/* "peekctl VERB: ..." and nothing else. */
__attribute__((format(printf, 1, 2))) void note(const char *format, ...);
/* The same; returns STATUS_FAILED. */
__attribute__((format(printf, 1, 2))) int failed(const char *format, ...);
/* The same, with a hint at --help; returns STATUS_USAGE. */
__attribute__((format(printf, 1, 2))) int misused(const char *format, ...);

#endif
