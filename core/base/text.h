/* SPDX-License-Identifier: MIT */
/* Bytes that a person, a shell or a terminal can take, and back. */
#ifndef PEEKFS_BASE_TEXT_H
#define PEEKFS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * A file name for any bytes: control bytes, '/', '\\', what isn't UTF-8, and a leading '-' or '.'
 * become \xNN. Cut at 200 bytes, never inside an escape or a character. Empty stays empty.
 */
void text_name(struct buf *out, const char *bytes, size_t n);

/* A word of a column: as is, but blanks, control bytes, '\\' and what isn't UTF-8 are \xNN. */
void text_column(struct buf *out, const char *bytes, size_t n);

/*
 * C escapes: \a \b \t \n \v \f \r \\ by letter, other bytes below 0x20, 0x7f and what isn't UTF-8
 * as \xNN (always two digits; a digit that follows is text). Printable UTF-8 stays.
 * text_unescape() takes these, \0, \', \", \? , octal \N \NN \NNN and \xN or \xNN.
 */
void text_escape(struct buf *out, const char *bytes, size_t n);
/* 0; -EINVAL for a bad escape (nothing said about what out holds then); -ENOMEM. */
int text_unescape(struct buf *out, const char *text, size_t n);

/* The length of the UTF-8 character at s (n >= 1 bytes are there), 0 if there is none. */
size_t text_utf8(const char *s, size_t n);
/* The same of one that a terminal shows; 0 for control characters, too. */
size_t text_printable(const char *s, size_t n);

/* White space of C, whatever the locale. */
bool text_is_blank(char c);
/* Takes that from both ends of a text: its length, and where it begins. */
size_t text_trim(const char **text, size_t n);

/*
 * bash's echo and printf write a text of several lines a line at a time, or all but the last line
 * first, and forget what close(2) says. Whether a text of n >= 1 bytes is several lines, or blank,
 * or ends in one of those bytes (blanks aside): that can't be a text's last line, so it is no text
 * that ends too early, either.
 */
bool text_goes_on(const char *text, size_t n, const char *bytes);

#endif
