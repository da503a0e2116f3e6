/* SPDX-License-Identifier: MIT */
/* A text as one value of JSON (RFC 8259), whose numbers are what was written. For json_parse.c. */
#ifndef PEEKFS_VIEW_JSON_TEXT_H
#define PEEKFS_VIEW_JSON_TEXT_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/diag.h"

struct json_object; /* json-c's */

/* Reads n bytes and a NUL behind them: 0 and *out, for json_object_put() (NULL is null); -EINVAL
 * and *diag, with line and column; the same as -EAGAIN, unless last, where the text ends within the
 * value; -ENOMEM. */
int json_text_read(const char *text, size_t n, bool last, struct json_object **out,
		   struct diag *diag);
/* Appends the text of a number, true or false, as it was written. No memory shows in out. */
void json_text_number(struct json_object *json, struct buf *out);

#endif
