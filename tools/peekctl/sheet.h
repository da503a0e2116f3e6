/* SPDX-License-Identifier: MIT */
/* Column output, as util-linux's tools have it: aligned, raw or JSON, by libsmartcols. */
#ifndef PEEKFS_PEEKCTL_SHEET_H
#define PEEKFS_PEEKCTL_SHEET_H

#include <stdint.h>

#include "peekctl/verb.h"

struct sheet;

/*
 * A sheet with those columns of the verb's that -o chose, or else shown, names with commas between
 * them. title is the name of the list in JSON. STATUS_OK and *out, for sheet_free(); else it was
 * told.
 */
int sheet_new(const struct verb *verb, const struct wishes *wishes, const char *title,
	      const char *shown, struct sheet **out);
void sheet_free(struct sheet *sheet); /* takes NULL */
static inline void sheet_freep(struct sheet **sheet)
{
	sheet_free(*sheet);
}

/* Whether the column (an index of verb->columns) is printed at all. */
bool sheet_wants(const struct sheet *sheet, size_t column);

/* Begins a row. Cells of it that nobody fills are null in JSON and "-" else. */
void sheet_row(struct sheet *sheet);
void sheet_text(struct sheet *sheet, size_t column, const char *text);
void sheet_number(struct sheet *sheet, size_t column, uint64_t value);
void sheet_hex(struct sheet *sheet, size_t column, uint64_t value); /* without 0x, as in maps */
void sheet_bool(struct sheet *sheet, size_t column, bool value);

/* Prints it: an enum status. */
int sheet_print(struct sheet *sheet);

#endif
