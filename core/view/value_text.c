/* SPDX-License-Identifier: MIT */
/* A person's text: without the blanks around it, and as a message shows it. */
#include <string.h>

#include "base/text.h"
#include "view/value_inside.h"

struct text value_trim(struct text text)
{
	text.n = text_trim(&text.at, text.n);
	return text;
}

struct shown text_show(struct text text)
{
	struct shown shown = {.text = ""};
	struct buf escaped = BUF_INIT;
	size_t n;

	text_escape(&escaped, text.at, text.n < SHOWN ? text.n : SHOWN);
	n = escaped.len < SHOWN ? escaped.len : SHOWN;
	if (n)
		memcpy(shown.text, escaped.data, n);
	if (n < escaped.len || text.n > SHOWN)
		memcpy(shown.text + n, "...", 3);
	buf_destroy(&escaped);
	return shown;
}
