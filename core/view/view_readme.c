/* SPDX-License-Identifier: MIT */
/* How to use the tree, in one screen. */
#include "view/view.h"

static const char text[] =
	"This tree is the shared memory of this machine, live: a directory for each memory object\n"
	"that processes map MAP_SHARED. Reading changes nothing and stops nobody; writing changes\n"
	"what the programs see, at once.\n"
	"\n"
	"  cat summary                      what there is, the largest first\n"
	"  ls by-pid/1234                   what one process shares\n"
	"\n"
	"  cd regions/NAME                  one region; it may also be reached through by-pid, "
	"by-id\n"
	"  cat info                         what it is\n"
	"  cat mappers                      who maps it, where, and how\n"
	"  less hex                         its bytes, as `hexdump -vC raw` prints them\n"
	"  dd if=raw bs=4096 skip=10        its bytes; mmap(2) works too where `info` says\n"
	"                                   `Access: passthrough`\n"
	"\n"
	"Tell it what the bytes mean, in C:\n"
	"\n"
	"  echo 'struct STU { int id; char name[20]; char sex; };' > layout\n"
	"  ls fields/records                that many of them fit\n"
	"  cat fields/records/0/name        one value, one file\n"
	"  echo 1000 > fields/records/0/id  checked first, then stored by one machine store\n"
	"  grep -r . fields/records/0       a whole record\n"
	"\n"
	"A struct that stands somewhere is placed: `struct header hdr @ 0;`, and so is an array "
	"that\n"
	"says itself how long it is: `struct STU students[hdr.count] @ 64;`. [[hex]], [[be]], "
	"[[time]]\n"
	"behind a member's name change how it is shown. `cat layout` shows the layout, `: > "
	"layout`\n"
	"clears it; what was wrong with a refused one stands in `info`.\n"
	"\n"
	"Errors: EINVAL isn't a value of the type, ERANGE doesn't fit into it, EACCES the region "
	"is\n"
	"mapped read-only or isn't yours, EIO it has shrunk or is gone. Files that the system "
	"maps\n"
	"(fonts, locales ...) are left out of listings and still there by name.\n";

static int readme_render(const struct node *node, const struct caller *caller, struct buf *out)
{
	(void)node;
	(void)caller;
	buf_put(out, text, sizeof(text) - 1);
	return buf_status(out);
}

const struct view_ops view_readme = {
	.name = "README",
	.flags = VIEW_PUBLIC,
	.render = readme_render,
};
