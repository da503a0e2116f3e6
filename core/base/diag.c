/* SPDX-License-Identifier: MIT */
#include "base/diag.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

/* The text, or what there is room for of it, as one line that a terminal can take. */
static void put_line(char *out, size_t room, const char *text)
{
	size_t n = strlen(text), end = 0;

	for (size_t i = 0; i < n;) {
		size_t len = text_printable(text + i, n - i);
		size_t takes = len ? len : strlen("\\xNN");

		if (end + takes >= room)
			break;
		if (len)
			memcpy(out + end, text + i, len);
		else
			snprintf(out + end, room - end, "\\x%02x", (unsigned char)text[i]);
		end += takes;
		i += len ? len : 1;
	}
	out[end] = '\0';
}

int diag_set(struct diag *diag, int err, unsigned line, unsigned column, const char *format, ...)
{
	char text[sizeof(diag->message)];
	va_list args;

	if (!diag)
		return err;
	diag->line = line;
	diag->column = column;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put_line(diag->message, sizeof(diag->message), text);
	return err;
}

int diag_no_memory(struct diag *diag)
{
	return diag_set(diag, -ENOMEM, 0, 0, "out of memory");
}

char *diag_text(const struct diag *diag)
{
	char *text;
	int n = diag->line ? asprintf(&text, "line %u, column %u: %s", diag->line, diag->column,
				      diag->message)
			   : asprintf(&text, "%s", diag->message);

	return n < 0 ? NULL : text;
}
