/* SPDX-License-Identifier: MIT */
#include "peekctl/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "peekctl/verb.h"

static const char *from = "";

void message_from(const char *verb)
{
	from = verb;
}

__attribute__((format(printf, 1, 0), nonnull)) static void say(const char *format, va_list args,
							       const char *end)
{
	fflush(stdout);
	fprintf(stderr, "peekctl%s%s: ", *from ? " " : "", from);
	vfprintf(stderr, format, args);
	fputs(end, stderr);
}

void note(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, "\n");
	va_end(args);
}

int failed(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, "\n");
	va_end(args);
	return STATUS_FAILED;
}

int misused(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say(format, args, "");
	va_end(args);
	fprintf(stderr, "; see peekctl %s%s--help\n", from, *from ? " " : "");
	return STATUS_USAGE;
}
