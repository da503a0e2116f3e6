/* SPDX-License-Identifier: MIT */
/* How to use the tree, in one screen. */
#include "view/view.h"

static const char text[] =
	"This tree is the shared memory of this machine, live: a directory for each\n"
	"memory object that processes map MAP_SHARED. Reading changes nothing and stops\n"
	"nobody. Writing changes what the programs see, at once.\n"
	"\n"
	"  cat summary                      what there is, the largest first\n"
	"  ls by-pid/1234                   what one process shares\n"
	"  cd regions/NAME                  one region (also by way of by-pid, by-id)\n"
	"  cat info                         what it is\n"
	"  cat mappers                      who maps it, where, and how\n"
	"  less hex                         its bytes, as `hexdump -vC raw` prints them\n"
	"  dd if=raw bs=4096 skip=10        its bytes; where `info` says `Access:\n"
	"                                   passthrough`, mmap(2) of raw is the memory\n"
	"\n"
	"Say what the bytes mean, in C:\n"
	"\n"
	"  echo 'struct STU { int id; char name[20]; char sex; };' > layout\n"
	"  ls fields/records                as many of them as fit\n"
	"  cat fields/records/0/name        one value, one file\n"
	"  echo 1000 > fields/records/0/id  checked, then stored in one piece\n"
	"  jq . fields/records/0/.json      a whole record, of one moment; an object that\n"
	"                                   is written changes the fields it names\n"
	"  tail tables/records.txt          a line for each; also .csv and .jsonl\n"
	"  xxd fields/records/0/.raw        its bytes\n"
	"\n"
	"Variables can be placed, and a field can say how many there are:\n"
	"\n"
	"  struct header { uint32_t magic [[hex]]; uint32_t count; };\n"
	"  struct header hdr                 @ 0;\n"
	"  struct STU    students[hdr.count] @ 64;\n"
	"\n"
	"A program compiled with -g says by itself what its variables point to; with\n"
	"`echo auto > layout` those on its stacks, too: it is stopped for a moment.\n"
	"\n"
	"[[hex]], [[be]], [[time(ms)]], [[ip4]], [[uuid]], [[flags(ENUM)]] and others\n"
	"change how a field is shown: peekfs-layout(5). `cat layout` shows the layout,\n"
	"`: > layout` clears it; why one was refused stands in `info`.\n"
	"\n"
	"Errors: EINVAL it isn't a value of the type; ERANGE the type or the array is too\n"
	"small for it; EACCES the region is mapped read-only, or isn't yours; EIO it has\n"
	"shrunk, or nobody maps it any more. What half of all programs map (fonts,\n"
	"locales ...) is left out of listings and there by name all the same.\n";

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
