/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

int diag_set(struct diag *diag, int err, unsigned line, unsigned column, const char *format, ...)
{
	va_list args;

	if (!diag)
		return err;
	diag->line = line;
	diag->column = column;
	va_start(args, format);
	vsnprintf(diag->message, sizeof(diag->message), format, args);
	va_end(args);
	return err;
}

int diag_no_memory(struct diag *diag)
{
	return diag_set(diag, -ENOMEM, 0, 0, "out of memory");
}
