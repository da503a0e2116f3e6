/* SPDX-License-Identifier: MIT */
#include "peekctl/cells.h"

#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/text.h"

void put_command(struct sheet *sheet, size_t column, const struct process *process)
{
	CLEANUP(buf_destroy) struct buf text = BUF_INIT;

	text_column(&text, process->comm, strnlen(process->comm, sizeof(process->comm)));
	sheet_text(sheet, column, buf_cstr(&text));
}

void put_permissions(struct sheet *sheet, size_t column, unsigned prot)
{
	const char text[] = {prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-',
			     prot & PROT_EXEC ? 'x' : '-', 's', '\0'};

	sheet_text(sheet, column, text);
}
